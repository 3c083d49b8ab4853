"""The pages: a web map in folium, the start page and the reference of the interface."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from gis.errors import GisError
from gis.model import LayerStatus
from gis.webmap.assets import STATIC, make_environment, static_url
from gis.webmap.config import make_config
from gis.webmap.definitions import find_map, read_ground, read_maps
from gis.webmap.escape import put_nonce, script_json
from gis.webmap.preview import draw_preview
from gis.webmap.words import HTML_LANG, choose_language, read_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.model import Text
    from gis.webmap.definitions import MapDefinition
    from gis.workspace import Workspace


def render_map(
    workspace: Workspace, map_id: str, *, nonce: str, language: str = "zh", check_id: str = ""
) -> str:
    """Return the page of one web map.

    The features are not in the page: its scripts fetch each layer from ``/api/layers/{id}.geojson``.

    Parameters
    ----------
    workspace : Workspace
    map_id : str
        Name of a file in ``maps/`` without ``.toml``.
    nonce : str
        The one of the page's Content-Security-Policy.
    language : str
        ``zh`` or ``en``; the page holds both and can switch.
    check_id : str
        A stored result that the map shows; empty for none.

    Raises
    ------
    NotFoundError
        If there is no such map.
    CatalogueError
        If a definition is broken.
    """
    folder = workspace.settings.workspace / "maps"
    maps = read_maps(folder)
    definition = find_map(maps, map_id)
    ground = read_ground(folder / "basemaps.toml", key=workspace.settings.tianditu_key)
    chosen = choose_language(language)
    config = make_config(workspace, definition, ground, language=chosen)
    from gis.webmap.offline import OfflineMap, PageFigure, TilePainter

    figure = PageFigure(
        "map.html",
        **page_words(workspace, maps, chosen, current=map_id),
        title=definition.title,
        land=ground.land,
        check=definition.check,
        config=script_json(config | {"result": check_id}),
        modules=script_json({"imports": module_urls()}),
    )
    folium_map = OfflineMap(map_id, view=definition.view, frame=ground.frame).add_to(figure)
    if any(table["tiles"] for table in config["layers"].values()):
        folium_map.add_child(TilePainter())  # type: ignore[no-untyped-call]
    return put_nonce(figure.render(), nonce)


def render_start(
    workspace: Workspace, *, nonce: str, language: str = "zh", address: str = "http://127.0.0.1:8000"
) -> str:
    """Return the start page: what the product does, its maps, and the state of its data.

    Parameters
    ----------
    address : str
        Where the service was asked, for the example of a request.
    """
    folder = workspace.settings.workspace / "maps"
    maps = read_maps(folder)
    ground = read_ground(folder / "basemaps.toml") if maps else None
    previews = {item.id: draw_preview(workspace, item, ground) for item in maps if ground}
    layers = list(workspace.layers.values())
    usable = [layer for layer in layers if layer.status is LayerStatus.OK and layer.frame is not None]
    facts = {
        "ok": len(usable),
        "rows": sum(len(layer.frame) for layer in usable if layer.frame is not None),
        "none": sum(layer.status is LayerStatus.NO_DATA for layer in layers),
        "failed": sum(layer.status is LayerStatus.FAILED for layer in layers),
        "rules": len(workspace.rules.rules),
        "unverified": sum(not rule.verified for rule in workspace.rules.rules),
    }
    words = page_words(workspace, maps, choose_language(language), current="")
    page = (
        make_environment()
        .get_template("start.html")
        .render(**words, facts=facts, previews=previews, address=address)
    )
    return put_nonce(page, nonce)


def render_docs(workspace: Workspace, *, nonce: str, language: str = "zh") -> str:
    """Return the reference of the HTTP interface, drawn by our own copy of Swagger UI."""
    maps = read_maps(workspace.settings.workspace / "maps")
    words = page_words(workspace, maps, choose_language(language), current="docs")
    return put_nonce(make_environment().get_template("docs.html").render(**words), nonce)


def render_problem(
    workspace: Workspace, problem: Mapping[str, Any], status: int, *, nonce: str, language: str = "zh"
) -> str:
    """Return the page for a request that cannot be met.

    Parameters
    ----------
    problem : mapping
        The one error shape: ``code``, ``message`` {zh, en}, ``where``, ``hint``.
    status : int
        HTTP status.
    """
    chosen = choose_language(language)
    try:
        maps = read_maps(workspace.settings.workspace / "maps")
    except GisError:
        maps = ()
    words = page_words(workspace, maps, chosen, current="")
    hint = (problem["hint"] or "").split(" / ", 1)[0 if chosen == "zh" else -1]
    page = (
        make_environment()
        .get_template("problem.html")
        .render(**words, message=problem["message"][chosen], where=problem["where"], hint=hint, status=status)
    )
    return put_nonce(page, nonce)


def page_words(
    workspace: Workspace, maps: tuple[MapDefinition, ...], language: str, *, current: str
) -> dict[str, Any]:
    """Return what every page's template is given."""
    words = read_words(workspace.settings.title)

    def say(key: str | Text, **values: object) -> str:
        """Return a wording, or one looked up by its key, in the language of the page."""
        text = words[key] if isinstance(key, str) else key
        chosen = text.zh if language == "zh" else text.en
        return chosen.format(**values) if values else chosen

    return {
        "language": language,
        "other": "en" if language == "zh" else "zh",
        "html_lang": HTML_LANG[language],
        "say": say,
        "maps": maps,
        "current": current,
        "office": workspace.settings.office,
        "asset": asset_url,
        "stylesheet": link_stylesheet,
        "policy": "",
    }


def asset_url(path: str) -> str:
    """Return the address of one of our own static files; it changes when the file does."""
    return f"{static_url(path)}?v={file_digest(path)}"


def link_stylesheet(path: str) -> Markup:
    """Return the tag that links one of our own style sheets."""
    return Markup('<link rel="stylesheet" href="{}">').format(asset_url(path))


def file_digest(path: str) -> str:
    """Return a short hash of a static file."""
    return sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def module_urls() -> dict[str, str]:
    """Return the import map of our scripts: ``gis/<name>.js`` → address."""
    names = sorted(path.name for path in (STATIC / "app").glob("*.js"))
    return {f"gis/{name}": asset_url(f"app/{name}") for name in names}
