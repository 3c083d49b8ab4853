"""Parts kept and put together: the same file however many there were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gis.scale.answered import AnsweredRun, encode_table
from gis.scale.columns import findings_schema, sites_schema
from gis.scale.parts import PartFolder

if TYPE_CHECKING:
    from pathlib import Path


def answer(first: int, count: int) -> AnsweredRun:
    """Return an answer of sites that differ, without findings."""
    columns = {
        "site_index": range(first, first + count),
        "geometry": [b"%d" % k * 40 for k in range(first, first + count)],
    }
    rows = [columns.get(field.name, [None] * count) for field in sites_schema()]
    arrays = [pa.array(values, field.type) for values, field in zip(rows, sites_schema(), strict=True)]
    sites = encode_table(pa.table(arrays, schema=sites_schema()))
    nothing = {"bounds": None, "types": []}
    return AnsweredRun(
        encode_table(findings_schema().empty_table()),
        sites,
        {"features": count},
        {"findings": nothing, "sites": nothing},
        ("CGCS2000",),
    )


@pytest.mark.parametrize("size", [700, 1_000, 3_000, 9_000])
def test_the_bytes_do_not_tell_where_the_parts_ended(tmp_path: Path, size: int) -> None:
    def write(name: str, each: int) -> Path:
        folder = PartFolder(tmp_path / f"{name}.parts", {})
        whole = tmp_path / f"{name}.parquet"
        with folder.open(resume=False):
            starts = range(0, 9_000, each)
            for number, first in enumerate(starts):
                folder.keep(number, answer(first, min(each, 9_000 - first)))
            folder.end()
            folder.finish(tmp_path / f"{name}.findings.parquet", whole)
        return whole

    assert write("some", size).read_bytes() == write("other", 4_000).read_bytes()
    assert pq.read_table(tmp_path / "some.parquet")["site_index"].to_pylist() == list(range(9_000))
    assert not list(tmp_path.glob("*.parts"))


def test_a_part_is_noted_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = PartFolder(tmp_path / "x.parts", {})
    with folder.open(resume=False):
        assert folder.done(0) is None
        folder.keep(0, answer(0, 3))
        note = folder.done(0)
        assert note is not None
        assert (note["counts"], note["labels"]) == ({"features": 3}, ["CGCS2000"])
    assert (tmp_path / "x.parts").is_dir()


def test_a_folder_without_parts_is_not_left_behind(tmp_path: Path) -> None:
    folder = PartFolder(tmp_path / "x.parts", {})
    with folder.open(resume=False):
        assert (tmp_path / "x.parts" / "manifest.json").is_file()
    assert not (tmp_path / "x.parts").exists()
