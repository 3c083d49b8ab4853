"""A printed page as a picture: the PDF rendered to PNG, with a world file that places it in its plane."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

from gis.errors import SheetError

if TYPE_CHECKING:
    from gis.sheets.frame import PaperFrame

MIN_DPI, MAX_DPI = 36, 1200
MAX_PIXELS = 250_000_000
"""A0 at 350 dpi; larger pictures take more memory than most machines have to spare."""

MM_PER_INCH = 25.4


def check_dpi(dpi: int, width_mm: float = 0.0, height_mm: float = 0.0) -> None:
    """Refuse a resolution that cannot be rendered on a page of a size.

    Raises
    ------
    SheetError
        If it is out of range, or the picture would be too large.
    """
    pixels = width_mm * height_mm * (dpi / MM_PER_INCH) ** 2
    if MIN_DPI <= dpi <= MAX_DPI and pixels <= MAX_PIXELS:
        return
    raise SheetError(
        f"分辨率 {dpi} dpi 不可用：应为 {MIN_DPI}～{MAX_DPI}，图像不超过 {MAX_PIXELS // 10**6} 百万像素",
        f"{dpi} dpi cannot be used: {MIN_DPI} to {MAX_DPI}, and at most {MAX_PIXELS // 10**6} megapixels",
        where="--dpi",
        hint_zh="打印用 300，屏幕用 150",
        hint_en="300 is for print, 150 for the screen",
        code="sheets.dpi",
    )


def render_png(pdf: bytes, *, dpi: int, page: int = 0) -> bytes:
    """Return a page of a PDF as PNG of the page's size at `dpi`.

    Raises
    ------
    SheetError
        If the resolution cannot be used for this page.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        sheet = document[page]
        width_mm, height_mm = (value / 72 * MM_PER_INCH for value in sheet.get_size())
        check_dpi(dpi, width_mm, height_mm)
        picture = sheet.render(scale=dpi / 72, rev_byteorder=True).to_pil()
    finally:
        document.close()
    stream = BytesIO()
    picture.convert("RGB").save(stream, format="PNG", dpi=(dpi, dpi), optimize=False)
    return stream.getvalue()


def make_world_file(paper: PaperFrame, png: bytes) -> bytes:
    """Return the six numbers that place the picture of a page in its 3-degree zone: size, turn, origin.

    The plane is straight on paper, so the placement is exact; the origin is the middle of the first pixel.
    """
    columns, rows = struct.unpack(">II", png[16:24])
    pixel_mm = paper.width_mm / columns, paper.height_mm / rows
    metres_per_mm = paper.area.scale / 1000
    left, bottom, _, _ = paper.bounds
    low = paper.area.outline_plane.min(axis=0)
    east = float(low[0]) + (pixel_mm[0] / 2 - left) * metres_per_mm
    north = float(low[1]) + (paper.height_mm - pixel_mm[1] / 2 - bottom) * metres_per_mm
    size = pixel_mm[0] * metres_per_mm, -pixel_mm[1] * metres_per_mm
    values = (size[0], 0.0, 0.0, size[1], east, north)
    return "".join(f"{value:.9f}\n" for value in values).encode("ascii")
