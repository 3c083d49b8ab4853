"""How a sheet is printed: what the one who asks can choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.errors import SheetError

if TYPE_CHECKING:
    from datetime import date

PROFILES = ("internal", "public")
FORMATS = ("pdf", "png")


@dataclass(frozen=True, slots=True)
class SheetOptions:
    """How a sheet is printed.

    Parameters
    ----------
    on : date
        Printed as the sheet's date, and the only time in the file.
    paper : str or None
        ``A0``–``A4``; None: the smallest that takes the frame.
    landscape : bool or None
        How the paper lies; None: as the frame fits.
    profile : str
        ``internal`` or ``public``: the public profile leaves sensitive layers out altogether.
    title : str
        Title in place of the theme's own.
    author, reviewer : str
        制图, 审核; empty leaves room to sign.
    review_number : str
        审图号; empty prints 待审.
    formats : tuple of str
        ``pdf``, ``png`` or both.
    dpi : int
        Resolution of PNG.
    """

    on: date
    theme: str = "framework"
    paper: str | None = None
    landscape: bool | None = None
    profile: str = "internal"
    title: str = ""
    author: str = ""
    reviewer: str = ""
    review_number: str = ""
    formats: tuple[str, ...] = ("pdf",)
    dpi: int = 200


def check_options(options: SheetOptions) -> None:
    """Refuse options that have no meaning.

    Raises
    ------
    SheetError
        If the profile or a format is unknown.
    """
    unknown = [name for name in options.formats if name not in FORMATS]
    if unknown or not options.formats:
        raise SheetError(
            f"没有格式 {'、'.join(unknown)!r}；可选 pdf、png",
            f"there is no format {', '.join(unknown)!r}; choose pdf, png or both",
            where="format",
            code="sheets.format",
        )
    if options.profile not in PROFILES:
        raise SheetError(
            f"没有版本 {options.profile!r}；可选 internal（内部）、public（公开）",
            f"there is no profile {options.profile!r}; choose internal or public",
            where=f"profile {options.profile}",
            code="sheets.profile",
        )
