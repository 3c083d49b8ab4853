"""Pages → one PDF file: embedded subset fonts, switchable layers, a geospatial viewport on every page.

ISO 32000-2:2020, 12.9 (viewports and geospatial features), 8.11 (optional content), 9.7 (composite fonts).
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from gis.sheets.canvas import PT_PER_MM, Resources
from gis.sheets.operators import outline_ops
from gis.sheets.typeface import POSTSCRIPT, Typeface, make_subset, open_face

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    import pikepdf

    from gis.sheets.canvas import Canvas

Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Viewport:
    """Where a page's map lies on the earth.

    Parameters
    ----------
    name : str
        Shown by viewers: the sheet's number.
    corners_mm : tuple
        The four corners of the frame on paper, south-west first, clockwise: (x, y) millimetres.
    corners_lonlat : tuple
        The same corners in CGCS2000 degrees: (lon, lat).
    epsg : int
        The plane the map is drawn in.
    """

    name: str
    corners_mm: tuple[Corner, ...]
    corners_lonlat: tuple[Corner, ...]
    epsg: int


@dataclass(frozen=True, slots=True)
class Page:
    """One drawn page; an index page has no viewport."""

    canvas: Canvas
    viewport: Viewport | None
    label: str


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """Metadata of the file; the date is the only time it carries."""

    title: str
    subject: str
    author: str
    on: date
    keywords: str = ""


def render_pdf(pages: Sequence[Page], resources: Resources, info: DocumentInfo) -> bytes:
    """Return pages that share `resources` as one PDF: compressed, the same bytes for the same content."""
    import pikepdf

    stream = BytesIO()
    build_document(pages, resources, info).save(
        stream,
        compress_streams=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return stream.getvalue()


def build_document(pages: Sequence[Page], resources: Resources, info: DocumentInfo) -> pikepdf.Pdf:
    """Return the PDF of drawn pages."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name

    document = pikepdf.new()
    shared = document.make_indirect(_make_resources(document, resources))
    for page in pages:
        size = [page.canvas.width_mm * PT_PER_MM, page.canvas.height_mm * PT_PER_MM]
        entry = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, round(size[0], 4), round(size[1], 4)]),
            Resources=shared,
            Contents=document.make_stream(page.canvas.content()),
        )
        if page.viewport is not None:
            entry.VP = Array([make_viewport(page.viewport)])
        document.pages.append(pikepdf.Page(document.make_indirect(entry)))
    _add_layers(document, shared, resources)
    _add_outline(document, pages)
    _add_metadata(document, info)
    return document


def make_viewport(viewport: Viewport) -> pikepdf.Object:
    """Return the ``/Viewport`` with its ``/Measure /GEO``: the frame's corners on paper and earth."""
    from pikepdf import Array, Dictionary, Name, String
    from pyproj import CRS

    xs = [x * PT_PER_MM for x, _ in viewport.corners_mm]
    ys = [y * PT_PER_MM for _, y in viewport.corners_mm]
    left, bottom, right, top = (round(value, 6) for value in (min(xs), min(ys), max(xs), max(ys)))
    local = [
        f"{value:.10f}"
        for x, y in zip(xs, ys, strict=True)
        for value in ((x - left) / (right - left), (y - bottom) / (top - bottom))
    ]
    ground = [f"{value:.11f}" for lon, lat in viewport.corners_lonlat for value in (lat, lon)]
    wkt = CRS.from_epsg(viewport.epsg).to_wkt("WKT1_ESRI")
    return Dictionary(
        Type=Name.Viewport,
        Name=String(viewport.name),
        BBox=_reals([f"{value:.6f}" for value in (left, bottom, right, top)]),
        Measure=Dictionary(
            Type=Name.Measure,
            Subtype=Name.GEO,
            Bounds=_reals(local),
            LPTS=_reals(local),
            GPTS=_reals(ground),
            GCS=Dictionary(Type=Name.PROJCS, EPSG=viewport.epsg, WKT=String(wkt)),
            PDU=Array([Name.M, Name.SQM, Name.DEG]),
        ),
    )


def _reals(values: list[str]) -> pikepdf.Object:
    """Return an array of numbers written as given."""
    from pikepdf import Object

    return Object.parse(f"[{' '.join(values)}]".encode("ascii"))


def _make_resources(document: pikepdf.Pdf, resources: Resources) -> pikepdf.Object:
    """Return the resource dictionary all pages share."""
    from pikepdf import Array, Dictionary, Name

    made = Dictionary(ProcSet=Array([Name.PDF, Name.Text]))
    fonts, forms, states = Dictionary(), Dictionary(), Dictionary()
    for name, used in sorted(resources.characters.items()):
        fonts[f"/{name}"] = _make_font(document, open_face(name), used)
    for (name, char, paint), form in sorted(resources.outlines.items()):
        forms[f"/{form}"] = _make_form(document, open_face(name), char, paint)
    for name, drawing in sorted(resources.drawings.items()):
        box = Array([0, 0, round(drawing.width, 2), round(drawing.height, 2)])
        forms[f"/{name}"] = document.make_stream(
            drawing.content, Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=box)
        )
    for opacity, name in sorted(resources.opacities.items()):
        states[f"/{name}"] = Dictionary(Type=Name.ExtGState, ca=opacity, CA=opacity)
    made.Font, made.XObject, made.ExtGState = fonts, forms, states
    return made


def _make_form(document: pikepdf.Pdf, face: Typeface, char: str, paint: str) -> pikepdf.Object:
    """Return the form XObject of one glyph's outline."""
    from pikepdf import Array, Dictionary, Name

    x0, y0, x1, y1 = face.bounds
    return document.make_stream(
        outline_ops(face.contours(face.glyph(char)), paint),
        Dictionary(
            Type=Name.XObject, Subtype=Name.Form, BBox=Array([x0 - 500, y0 - 500, x1 + 500, y1 + 500])
        ),
    )


def _make_font(document: pikepdf.Pdf, face: Typeface, used: set[str]) -> pikepdf.Object:
    """Return a composite font: a TrueType subset (type 42), each character under its own code."""
    from pikepdf import Array, Dictionary, Name, String

    codes = {face.code(char): char for char in sorted(used)}
    content, new = make_subset(face, [face.glyph(char) for char in codes.values()])
    name = Name(f"/{subset_tag(codes.values())}+{POSTSCRIPT[face.name]}")
    em = face.units_per_em
    widths = Array()
    glyphs = bytearray(2 * max(codes) + 2)
    for code, char in codes.items():
        glyph = face.glyph(char)
        glyphs[2 * code : 2 * code + 2] = new[glyph].to_bytes(2, "big")
        width = round(face.advance(glyph) * 1000 / em)
        if width != 1000:
            widths.append(code)
            widths.append(Array([width]))
    ascent, descent = (round(value * 1000 / em) for value in face.vertical)
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=4,
        FontBBox=Array([round(value * 1000 / em) for value in face.bounds]),
        ItalicAngle=0,
        Ascent=ascent,
        Descent=descent,
        CapHeight=733,
        StemV=120 if face.name == "bold" else 80,
        FontFile2=document.make_stream(content, Dictionary(Length1=len(content))),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=document.make_indirect(descriptor),
        DW=1000,
        W=widths,
        CIDToGIDMap=document.make_stream(bytes(glyphs)),
    )
    return document.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([document.make_indirect(descendant)]),
            ToUnicode=document.make_stream(make_unicode_map(codes)),
        )
    )


def subset_tag(used: Iterable[str]) -> str:
    """Return the six capitals that mark a subset, made from the characters in it."""
    import hashlib

    digest = hashlib.sha256("".join(used).encode()).digest()
    return "".join(chr(65 + byte % 26) for byte in digest[:6])


def make_unicode_map(codes: Mapping[int, str]) -> bytes:
    """Return the ``ToUnicode`` map: each code to exactly the character that was asked for."""
    rows = [f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for code, char in codes.items()]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode("ascii")


def _add_layers(document: pikepdf.Pdf, shared: pikepdf.Object, resources: Resources) -> None:
    """Declare the optional content groups, all on, in drawing order reversed as viewers list them."""
    from pikepdf import Array, Dictionary, Name, String

    groups = []
    properties = Dictionary()
    for title, name in resources.layers.items():
        group = document.make_indirect(Dictionary(Type=Name.OCG, Name=String(title)))
        properties[f"/{name}"] = group
        groups.append(group)
    if not groups:
        return
    shared.Properties = properties
    document.Root.OCProperties = Dictionary(
        OCGs=Array(groups),
        D=Dictionary(
            Name=String("图层"), Order=Array(groups[::-1]), ON=Array(groups), ListMode=Name.AllPages
        ),
    )


def _add_outline(document: pikepdf.Pdf, pages: Sequence[Page]) -> None:
    """Give a file of several pages bookmarks by sheet number."""
    from pikepdf import OutlineItem

    if len(pages) < 2:
        return
    with document.open_outline() as outline:
        outline.root.extend(OutlineItem(page.label, index) for index, page in enumerate(pages))


def _add_metadata(document: pikepdf.Pdf, info: DocumentInfo) -> None:
    """Write the document information, XMP and language."""
    from pikepdf import Dictionary, String

    stamp = f"{info.on:%Y-%m-%d}T00:00:00+00:00"
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
        meta["dc:title"] = info.title
        meta["dc:description"] = info.subject
        meta["dc:creator"] = [info.author] if info.author else ["hangzhou-gis"]
        meta["pdf:Keywords"] = info.keywords
        meta["pdf:Producer"] = "hangzhou-gis"
        meta["xmp:CreatorTool"] = "hangzhou-gis"
        meta["xmp:CreateDate"] = stamp
        meta["xmp:ModifyDate"] = stamp
    day = f"D:{info.on:%Y%m%d}000000Z"
    document.docinfo["/Title"] = String(info.title)
    document.docinfo["/Subject"] = String(info.subject)
    document.docinfo["/Author"] = String(info.author or "hangzhou-gis")
    document.docinfo["/Keywords"] = String(info.keywords)
    document.docinfo["/Creator"] = String("hangzhou-gis")
    document.docinfo["/Producer"] = String("hangzhou-gis")
    document.docinfo["/CreationDate"] = String(day)
    document.docinfo["/ModDate"] = String(day)
    document.Root.Lang = String("zh-CN")
    document.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
