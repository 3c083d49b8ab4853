"""The error families: one a stage, all under :class:`GisError`, every message in two languages."""

from __future__ import annotations

from typing import Any, ClassVar


class GisError(Exception):
    """What went wrong, where, what was expected and what to do.

    Parameters
    ----------
    zh, en : str
        The message: what is wrong and what was expected, in Chinese and in English.
    where : str, optional
        File, layer, feature, line or field concerned.
    hint_zh, hint_en : str, optional
        What the user can do about it.
    code : str, optional
        Machine-readable code; the family's own code when left out.
    """

    family: ClassVar[str] = "gis"

    def __init__(
        self,
        zh: str,
        en: str,
        *,
        where: str | None = None,
        hint_zh: str = "",
        hint_en: str = "",
        code: str | None = None,
    ) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en, self.where = zh, en, where
        self.hint_zh, self.hint_en = hint_zh, hint_en
        self.code = code or self.family

    def __reduce__(self) -> tuple[Any, ...]:
        """Pass between processes with every field."""
        fields = {name: getattr(self, name) for name in ("where", "hint_zh", "hint_en", "code")}
        return _remake, (type(self), self.zh, self.en, fields)

    def as_dict(self) -> dict[str, Any]:
        """Return the one JSON error shape: ``code``, ``message`` {zh, en}, ``where``, ``hint``."""
        hint = " / ".join(part for part in (self.hint_zh, self.hint_en) if part)
        return {
            "code": self.code,
            "message": {"zh": self.zh, "en": self.en},
            "where": self.where,
            "hint": hint or None,
        }


def _remake(family: type[GisError], zh: str, en: str, fields: dict[str, Any]) -> GisError:
    """Return an error as it was before it was passed to another process."""
    return family(zh, en, **fields)


class SettingsError(GisError, ValueError):
    """A setting or a command-line option has no usable value."""

    family = "settings"


class CatalogueError(GisError, ValueError):
    """``layers/catalogue.toml`` or a map definition is broken."""

    family = "catalogue"


class RuleError(GisError, ValueError):
    """``layers/rules.toml`` is broken."""

    family = "rules"


class LayerError(GisError):
    """A layer's file is missing, changed, or not what the catalogue says."""

    family = "layers"


class CrsError(GisError, ValueError):
    """Coordinates cannot be placed, or two coordinate systems were mixed."""

    family = "crs"


class SiteError(GisError, ValueError):
    """A site file cannot be read as project sites."""

    family = "sites"


class SiteFormatError(SiteError):
    """The file is of no supported format, or its content contradicts its name."""

    family = "sites.format"


class SiteArchiveError(SiteError):
    """An archive is broken, or holds what no honest one holds: paths out of it, links, further archives."""

    family = "sites.archive"


class SiteTooLargeError(SiteError):
    """The file is larger than the limits allow."""

    family = "sites.too_large"


class GeometryError(GisError, ValueError):
    """A geometry cannot be used for the operation asked for."""

    family = "geometry"


class CorridorError(GisError, ValueError):
    """A corridor study cannot be made from these grids, sources or figures."""

    family = "corridors"


class MapError(GisError):
    """A web map cannot be made."""

    family = "maps"


class SheetError(GisError, ValueError):
    """A map sheet cannot be made, or its number is impossible."""

    family = "sheets"


class OutputError(GisError):
    """A result cannot be written where it was asked for."""

    family = "outputs"


class StoreError(GisError):
    """The records cannot be read or written."""

    family = "records"


class NotFoundError(GisError, LookupError):
    """No layer, map, rule, sheet or check of that id."""

    family = "not_found"
