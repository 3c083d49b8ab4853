"""folium without the network: a map whose scripts and styles are our own files, in a page of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, Figure
from folium.elements import JSCSSMixin
from folium.template import Template

from gis.webmap.assets import make_environment, static_url

if TYPE_CHECKING:
    from gis.webmap.definitions import Bounds


class OfflineMap(folium.Map):
    """A folium map that loads Leaflet from our own server and nothing else.

    Leaflet is the only asset a map of ours needs: popups, icons and controls are our own scripts. The map is
    a global variable of the page named ``map_<id>``.

    Parameters
    ----------
    map_id : str
        Letters, digits and ``_``.
    view, frame : tuple of float
        (west, south, east, north) degrees: what is shown first, and where the map can be moved.
    """

    default_js = [("leaflet", static_url("vendor/leaflet/leaflet.js"))]  # noqa: RUF012 - as folium has it
    default_css = [("leaflet_css", static_url("vendor/leaflet/leaflet.css"))]  # noqa: RUF012

    _template = Template(
        """
        {% macro header(this, kwargs) %}{% endmacro %}
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }},
                crs: L.CRS.{{ this.crs }},
                ...{{ this.options|tojavascript }}
            });
        {% endmacro %}
        """
    )

    def __init__(self, map_id: str, *, view: Bounds, frame: Bounds) -> None:
        west, south, east, north = view
        super().__init__(
            location=((south + north) / 2, (west + east) / 2),
            tiles=None,
            zoom_start=8,
            zoom_control=False,
            max_bounds=True,
            min_lon=frame[0],
            min_lat=frame[1],
            max_lon=frame[2],
            max_lat=frame[3],
            attribution_control=False,
            zoom_snap=0.25,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=90,
            max_bounds_viscosity=1.0,
        )
        self._id = map_id


class TilePainter(JSCSSMixin):
    """The folium element of layers drawn from vector tiles: it brings protomaps-leaflet into the page.

    What it paints, and where, the page's own scripts say.
    """

    default_js = [  # noqa: RUF012 - as folium has it
        ("protomaps_leaflet", static_url("vendor/protomaps-leaflet/protomaps-leaflet.js"))
    ]
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - as folium has it

    _template = Template("")


class PageFigure(Figure):
    """The page around a folium map: a template of ours instead of folium's bare one.

    Parameters
    ----------
    template : str
        File below ``templates``; it places ``header``, ``html`` and ``script``, which folium has rendered.
    words : object
        Passed to the template as they are.
    """

    def __init__(self, template: str, **words: Any) -> None:
        super().__init__()
        self._page = make_environment().get_template(template)
        self._words = words

    def render(self, **kwargs: Any) -> str:
        """Return the whole page."""
        for child in self._children.values():
            child.render(**kwargs)
        return self._page.render(
            header=_join(self.header),
            html=_join(self.html),
            script=_join(self.script),
            **self._words,
        )


def _join(element: Element) -> str:
    """Return what folium's elements rendered into one part of the page."""
    return "\n".join(str(child.render()) for child in element._children.values())  # noqa: SLF001
