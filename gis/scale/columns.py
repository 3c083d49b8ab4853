"""The two tables of a bulk check, one row a finding and one a site, as GeoParquet with their system."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gis import crs
from gis.scale.rows import CERTAINTIES, LEVELS, MEASURES, RELATIONS, VERDICTS, WHOLE
from gis.scale.siterows import DIMENSIONS, KIND_NAMES, write_wkb

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from gis.model import Rejected
    from gis.scale.batch import Answers

GEOMETRY = "geometry"
CHECKED, REJECTED = "checked", "rejected"


@cache
def findings_schema() -> pa.Schema:
    """Return the columns of the findings; ``docs/scale.md`` describes each."""
    import pyarrow as pa

    texts = ("rule_id", "layer_id", "title_zh", "title_en", "level", "relation", "certainty")
    return pa.schema(
        [
            ("site_index", pa.int64()),
            ("site_id", pa.string()),
            *((name, pa.string()) for name in texts),
            ("feature_ids", pa.list_(pa.string())),
            *((name, pa.float64()) for name in MEASURES),
            ("attention_m", pa.float64()),
            ("pending", pa.bool_()),
            ("verified", pa.bool_()),
            ("provisions", pa.list_(pa.string())),
            (GEOMETRY, pa.binary()),
        ]
    )


@cache
def sites_schema() -> pa.Schema:
    """Return the columns of the sites; ``docs/scale.md`` describes each."""
    import pyarrow as pa

    return pa.schema(
        [
            ("site_index", pa.int64()),
            ("site_id", pa.string()),
            ("name", pa.string()),
            ("status", pa.string()),
            ("verdict", pa.string()),
            ("reasons", pa.list_(pa.string())),
            ("findings", pa.int32()),
            ("kind", pa.string()),
            ("area_m2", pa.float64()),
            ("length_m", pa.float64()),
            ("accuracy_m", pa.float64()),
            ("coverage", pa.float64()),
            ("unassessed", pa.list_(pa.string())),
            ("notes", pa.list_(pa.string())),
            ("rejected_code", pa.string()),
            ("rejected_zh", pa.string()),
            ("rejected_en", pa.string()),
            (GEOMETRY, pa.binary()),
        ]
    )


def make_findings(answers: Answers) -> pa.Table:
    """Return the findings of a batch, ordered by site, then as findings are ranked."""
    import pyarrow as pa

    found, table = answers.found, answers.table
    rules = [rule for rule, _ in table.rules]
    index = answers.sites.positions
    ids = pa.array(answers.sites.ids, pa.string())
    provisions = [[f"{p.instrument} {p.article}".strip() for p in rule.provisions] for rule in rules]

    def of_rule(values: list[Any], kind: pa.DataType) -> pa.Array:
        return pa.array(values, kind).take(pa.array(found.rule))

    def of_words(words: Sequence[str], codes: NDArray[np.intp]) -> pa.Array:
        return pa.array([str(word) for word in words], pa.string()).take(pa.array(codes))

    columns: dict[str, Any] = {
        "site_index": pa.array(index[found.site]),
        "site_id": ids.take(pa.array(found.site)),
        "rule_id": of_rule([rule.id for rule in rules], pa.string()),
        "layer_id": of_rule([rule.layer_id for rule in rules], pa.string()),
        "title_zh": of_rule([rule.title.zh for rule in rules], pa.string()),
        "title_en": of_rule([rule.title.en for rule in rules], pa.string()),
        "level": of_words(LEVELS, table.level[found.rule]),
        "relation": of_words(RELATIONS, found.relation),
        "certainty": of_words(CERTAINTIES, found.certainty),
        "feature_ids": pa.array([list(parts) for parts in answers.base.parts], pa.list_(pa.string())).take(
            pa.array(found.base)
        ),
        **{
            name: pa.array(np.ascontiguousarray(found.figures[:, number]), from_pandas=True)
            for number, name in enumerate(MEASURES)
        },
        "attention_m": pa.array(table.attention_m[found.rule]),
        "pending": pa.array(table.pending[found.rule]),
        "verified": pa.array(table.verified[found.rule]),
        "provisions": of_rule(provisions, pa.list_(pa.string())),
        GEOMETRY: list_overlaps(answers).take(pa.array(found.base)),
    }
    return pa.table(columns, schema=findings_schema())


def list_overlaps(answers: Answers) -> pa.Array:
    """Return the WKB of the overlap of each base row: its own, or that of the site where it is all of it."""
    import pyarrow as pa

    base = answers.base
    shapes = np.array([*base.geometry, None], dtype=object)[:-1]
    whole = np.array([shape is WHOLE for shape in base.geometry], dtype=bool)
    shapes[whole] = None
    place = np.arange(len(shapes))
    place[whole] = len(shapes) + np.concatenate([place[:0], *base.site])[whole]
    return pa.concat_arrays([write_wkb(shapes), answers.sites.wkb]).take(pa.array(place))


def make_sites(answers: Answers, rejected: Sequence[Rejected], *, stem: str) -> pa.Table:
    """Return one row a feature of a batch in the order of the file, rejected ones with their reason."""
    import pyarrow as pa

    sites, gaps = answers.sites, answers.gaps
    count, schema = len(sites), sites_schema()
    polygon = sites.dimension == DIMENSIONS["polygon"]
    words = pa.array([word.value for word in VERDICTS], pa.string())
    kinds = pa.array(KIND_NAMES, pa.string())
    unassessed = pa.array([[layer for layer, _ in p] for p in gaps.patterns], pa.list_(pa.string()))
    codes = {row: [note.code for note in (*said[0], *said[1])] for row, said in sites.notes.items()}
    nothing: list[str] = []
    columns: dict[str, Any] = {
        "site_index": sites.positions,
        "site_id": sites.ids,
        "name": sites.names,
        "status": pa.repeat(CHECKED, count),
        "verdict": words.take(pa.array(answers.verdict)),
        "reasons": answers.reasons,
        "findings": np.bincount(answers.found.site, minlength=count).astype(np.int32),
        "kind": kinds.take(pa.array(sites.dimension)),
        "area_m2": np.where(polygon, sites.sizes.area_m2, 0.0),
        "length_m": sites.sizes.length_m,
        "accuracy_m": np.full(count, answers.accuracy_m),
        "coverage": gaps.coverage,
        "unassessed": unassessed.take(pa.array(gaps.pattern)),
        "notes": [codes.get(row, nothing) for row in range(count)],
        GEOMETRY: sites.wkb,
    }
    arrays = {name: _as_column(values, schema.field(name).type) for name, values in columns.items()}
    table = pa.table({f.name: arrays.get(f.name, pa.nulls(count, f.type)) for f in schema}, schema=schema)
    if not rejected:
        return table
    table = pa.concat_tables([table, list_rejected(rejected, stem=stem)])
    return table.take(pa.array(np.argsort(table["site_index"].to_numpy(), kind="stable")))


def _as_column(values: Any, kind: pa.DataType) -> pa.Array:
    """Return values as a column of the type a table wants."""
    import pyarrow as pa

    return values if isinstance(values, pa.Array) else pa.array(values, kind)


def list_rejected(rejected: Sequence[Rejected], *, stem: str) -> pa.Table:
    """Return one row a feature that could not become a site."""
    import pyarrow as pa

    columns: dict[str, list[Any]] = {
        "site_index": [item.index for item in rejected],
        "site_id": [f"{stem}-{item.index}" for item in rejected],
        "name": [item.name for item in rejected],
        "status": [REJECTED] * len(rejected),
        "rejected_code": [item.code for item in rejected],
        "rejected_zh": [item.message.zh for item in rejected],
        "rejected_en": [item.message.en for item in rejected],
    }
    nothing = [None] * len(rejected)
    return pa.table(
        {f.name: pa.array(columns.get(f.name, nothing), f.type) for f in sites_schema()},
        schema=sites_schema(),
    )


def describe_geometry(bounds: tuple[float, float, float, float] | None, types: Sequence[str]) -> bytes:
    """Return the ``geo`` metadata of GeoParquet 1.1 for a table in CGCS2000 degrees (EPSG:4490)."""
    from pyproj import CRS

    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(types),
        "crs": CRS.from_user_input(crs.GEOGRAPHIC).to_json_dict(),
        "edges": "planar",
    }
    if bounds is not None:
        column["bbox"] = list(bounds)
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return json.dumps(geo, sort_keys=True).encode()
