"""The shapes of the answers, for the OpenAPI document: routes answer plain tables, tests compare the two."""

from __future__ import annotations

import json
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from gis.service.errors import HTTP_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

RESULT = "SiteCheck"
"""Name of the site-check/1 object among the schemas."""

FRAMEWORK_SCHEMAS = frozenset({"HTTPValidationError", "ValidationError"})
RESULT_CONTENT = {"application/json": {"schema": {"$ref": f"#/components/schemas/{RESULT}"}}}
Degrees4 = tuple[float, float, float, float]


class Shape(BaseModel):
    """An object with the fields named and no others."""

    model_config = ConfigDict(extra="forbid")


class Words(Shape):
    """中文与英文 / a wording in both languages."""

    zh: str
    en: str


class Problem(Shape):
    """每个错误的形式 / the one shape of every error."""

    code: str = Field(description="机器可读，如 layers.unknown / for programs")
    message: Words
    where: str | None = Field(description="哪个字段、文件或要素 / which field, file or feature")
    hint: str | None = Field(description="该怎么办 / what to do")


class Preparing(Problem):
    """正在制作 / being made."""

    progress: float = Field(ge=0, le=1)


class LayerFacts(Shape):
    """一个图层 / one layer."""

    id: str
    title: Words
    theme: str
    status: Literal["ok", "no_data", "failed"]
    geometry_type: str
    rows: int = Field(ge=0, description="要素数 / number of features")
    provenance: str
    accuracy_m: float | None = Field(description="95 % 位置精度，米 / positional accuracy, metres")
    data_date: str | None
    source: str | None
    licence: str | None
    attribution: str | None
    required: bool = Field(description="无此图层则不能得出“未发现” / no clear verdict without it")
    assessed: bool = Field(description="检查用到此图层 / site checks read it")
    sensitive: bool = Field(description="不对其他程序发布 / not published to other programs")
    sha256: str | None = Field(description="文件字节的散列 / of the file's bytes")
    note: Words | None
    problem: Words | None
    bounds: Degrees4 | None = Field(description="西,南,东,北 / west, south, east, north")


class Layers(Shape):
    """图层目录 / the catalogue."""

    layers: list[LayerFacts]


class Article(Shape):
    """一条依据 / one article of an instrument."""

    instrument: str
    article: str
    version: str | None
    in_force_from: str | None
    in_force_until: str | None
    source: str | None
    verified: bool = Field(description="原文已核对 / its text was seen")


class RuleFacts(Shape):
    """一条管控规则 / one control rule."""

    id: str
    title: Words
    level: Literal["prohibited", "restricted", "approval_needed", "notice"]
    layer_id: str
    kinds: list[str]
    possible_kinds: list[str]
    recipe: dict[str, Any] = Field(description="如何由要素得出管控区 / how a zone is made from a feature")
    requirement: Words
    provisions: list[Article]
    verified: bool
    attention_m: float | None
    near_m: float | None
    note: Words | None


class Rules(Shape):
    """管控规则 / the control rules."""

    sha256: str
    rules: list[RuleFacts]


class GivenFile(Shape):
    """提交的文件 / a file that was given."""

    name: str
    sha256: str


class RegisterLine(Shape):
    """登记簿的一行 / one line of the register."""

    id: str = Field(description="check_id")
    record: int = Field(description="序号 / number of the asking")
    created: str
    name: str = Field(description="经办人，可为空 / who asked, may be empty")
    files: list[GivenFile]
    sites: int
    by_verdict: dict[str, int]
    links: dict[str, str]


class RegisterPage(Shape):
    """登记簿的一页 / a page of the register."""

    items: list[RegisterLine]
    total: int
    limit: int
    offset: int
    links: dict[str, str] = Field(description="next、prev")


class JobFacts(Shape):
    """较久的检查 / a longer check."""

    job_id: str
    status: Literal["running", "done", "failed"]
    progress: float | None = Field(ge=0, le=1, description="已完成地块的比例 / share of sites done")
    links: dict[str, str]
    check_id: str | None = None
    error: Problem | None = None


class SheetFacts(Shape):
    """一幅图 / one sheet."""

    number: str = Field(description="GB/T 13989-2012")
    scale: int
    bbox: Degrees4
    zone_cm: int = Field(description="中央经线 / central meridian")
    epsg: int
    neighbours: dict[str, str | None]
    pdf: str


class Sheets(Shape):
    """范围内的图幅 / the sheets of a box."""

    scale: int
    sheets: list[SheetFacts]


class FeatureCollection(BaseModel):
    """GeoJSON (RFC 7946)，CGCS2000 经纬度 / longitude, latitude."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class FailedLayer(Shape):
    """不能使用的图层 / a layer that cannot be used."""

    layer: str
    problem: Words | None


class PartHealth(Shape):
    """一部分的状况 / how one part is."""

    status: Literal["ok", "failed"]
    problem: Words | None = None


class Health(Shape):
    """运行状况 / health."""

    status: Literal["ok", "degraded"]
    version: str
    layers: int
    rules: int
    failed_layers: list[FailedLayer]
    records: PartHealth


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the error answers of a route for its OpenAPI entry."""
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        words = HTTP_WORDS.get(status, (None, None))[1]
        phrase = HTTPStatus(status).phrase
        found[status] = {"model": Problem, "description": f"{words.zh} / {words.en}" if words else phrase}
    return found


def answers(
    model: type[BaseModel], description: str, *, content_type: str = "application/json"
) -> dict[int | str, dict[str, Any]]:
    """Return the answer 200 of a route for its OpenAPI entry."""
    if content_type == "application/json":
        return {200: {"model": model, "description": description}}
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {200: {"description": description, "content": {content_type: {"schema": reference}}}}


@cache
def result_schemas() -> Mapping[str, Any]:
    """Return the schema of site-check/1 and of its parts as the OpenAPI document names them."""
    schema = json.loads((files("gis") / "check-result.schema.json").read_text(encoding="utf-8"))
    parts = schema.pop("$defs", {})
    schema.pop("$schema", None)
    named = {RESULT: schema} | {f"{RESULT}.{name}": part for name, part in parts.items()}
    text = json.dumps(named).replace('"#/$defs/', f'"#/components/schemas/{RESULT}.')
    table: dict[str, Any] = json.loads(text)
    return table


def drop_framework_errors(responses: dict[str, Any]) -> None:
    """Take out the answer 422 that the framework adds where a route names none: texts are never invalid."""
    schema = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if str(schema.get("$ref", "")).rpartition("/")[2] in FRAMEWORK_SCHEMAS:
        del responses["422"]


class DocumentedApp(FastAPI):
    """The application with the schemas that no model of ours stands for."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        made = self.openapi_schema is not None
        document = super().openapi()
        if not made:
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update(result_schemas())
            schemas["FeatureCollection"] = FeatureCollection.model_json_schema()
            for unused in FRAMEWORK_SCHEMAS:
                schemas.pop(unused, None)
            for item in document["paths"].values():
                for operation in item.values():
                    drop_framework_errors(operation["responses"])
        return document
