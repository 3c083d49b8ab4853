"""A stored check (site-check/1) read back: the part of it that a sheet shows, every field verified."""

from __future__ import annotations

import json
from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from typing import Annotated, Any, Literal

import shapely
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from shapely.geometry.base import BaseGeometry

from gis.errors import SheetError
from gis.model import Certainty, Level, Relation, Verdict  # noqa: TC001 - pydantic reads them


def read_geometry(value: Any) -> BaseGeometry | None:
    """Return a GeoJSON geometry, degrees.

    Raises
    ------
    ValueError
        If it is none, or lies off the earth.
    """
    if value is None:
        return None
    try:
        geometry = shapely.from_geojson(json.dumps(value))
    except shapely.errors.GEOSException as error:
        raise ValueError("not a GeoJSON geometry / 不是 GeoJSON 几何") from error
    west, south, east, north = geometry.bounds if not geometry.is_empty else (0.0, 0.0, 0.0, 0.0)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("coordinates are not degrees / 坐标不是经纬度")
    return geometry


Geometry = Annotated[BaseGeometry | None, BeforeValidator(read_geometry)]


class Stored(BaseModel):
    """A record of the file; fields a sheet does not show are left aside."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)


class StoredText(Stored):
    """A wording in Chinese and in English."""

    zh: str
    en: str


class StoredProvision(Stored):
    """The article of law a finding rests on."""

    instrument: str
    article: str
    verified: bool


class StoredFinding(Stored):
    """One site × one rule."""

    finding_id: str
    rule_id: str
    layer_id: str
    feature_ids: tuple[str, ...]
    title: StoredText
    level: Level
    relation: Relation
    certainty: Certainty
    distance_m: float
    provisions: tuple[StoredProvision, ...]
    pending: bool = False
    geometry: Geometry = None


class StoredGap(Stored):
    """A layer that could not answer for a site."""

    layer_id: str
    title: StoredText
    reason: str


class StoredSite(Stored):
    """The answer for one site."""

    site_id: str
    name: str | None
    geometry: Geometry
    verdict: Verdict
    findings: tuple[StoredFinding, ...]
    unassessed: tuple[StoredGap, ...]


class StoredFile(Stored):
    """A file that was checked."""

    name: str


class StoredInput(Stored):
    """What was checked."""

    files: tuple[StoredFile, ...]


class StoredCheck(Stored):
    """A check as it was stored."""

    form: Literal["site-check/1"] = Field(alias="schema")
    check_id: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    on: date
    input: StoredInput
    sites: tuple[StoredSite, ...]
    rejected: tuple[dict[str, Any], ...]


def read_check(content: bytes | str, *, where: str = "RESULT.json") -> StoredCheck:
    """Read a stored check.

    Parameters
    ----------
    content : bytes or str
        The site-check/1 object, as ``gis check --json`` writes it.
    where : str
        Name of the file, for messages.

    Raises
    ------
    SheetError
        If it is not a site-check/1 object; the message names the first field that is wrong.
    """
    try:
        return StoredCheck.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise SheetError(
            f"{where} 不是有效的检查结果（site-check/1）：{field}：{first['msg']}",
            f"{where} is not a check result (site-check/1): {field}: {first['msg']}",
            where=f"{where}: {field}",
            hint_zh="请给 gis check --json 或 -o 写出的 JSON",
            hint_en="give the JSON that gis check --json or -o writes",
            code="sheets.check",
        ) from error
