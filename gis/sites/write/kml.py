"""Sites as KML and KMZ: a placemark each, attributes as ExtendedData."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gis.sites.system import System
    from gis.sites.write.outline import Outline

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
_TAIL = "</Document>\n</kml>\n"


def write_kml(outlines: Sequence[Outline], _: System) -> bytes:
    """Return a KML document; 9 decimals of a degree."""
    return (_HEAD + "".join(_write_placemark(outline) for outline in outlines) + _TAIL).encode()


def write_kmz(outlines: Sequence[Outline], system: System) -> bytes:
    """Return the same document zipped as ``doc.kml``."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", write_kml(outlines, system))
    return buffer.getvalue()


def _write_placemark(outline: Outline) -> str:
    data = "".join(
        f"<Data name={quoteattr(_clean(name))}><value>{escape(_clean(value))}</value></Data>"
        for name, value in outline.properties.items()
        if value is not None and name != "name"
    )
    parts = [_write_part(outline.kind, rings) for rings in outline.list_parts()]
    geometry = parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"
    extended = f"<ExtendedData>{data}</ExtendedData>" if data else ""
    return f"<Placemark><name>{escape(_clean(outline.label))}</name>{extended}{geometry}</Placemark>\n"


def _write_part(kind: str, rings: list[NDArray[np.float64]]) -> str:
    texts = [
        "<coordinates>" + " ".join(f"{lon:.9f},{lat:.9f}" for lon, lat in ring.tolist()) + "</coordinates>"
        for ring in rings
    ]
    if kind == "point":
        return f"<Point>{texts[0]}</Point>"
    if kind == "line":
        return f"<LineString>{texts[0]}</LineString>"
    shell, *holes = (f"<LinearRing>{text}</LinearRing>" for text in texts)
    inner = "".join(f"<innerBoundaryIs>{hole}</innerBoundaryIs>" for hole in holes)
    return f"<Polygon><outerBoundaryIs>{shell}</outerBoundaryIs>{inner}</Polygon>"


def _clean(value: Any) -> str:
    """Return a value as text without characters XML cannot hold."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(value))
