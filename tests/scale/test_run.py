"""A run from file to file: the same bytes however it was done, nothing lost, refused where it must be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from gis import crs
from gis.errors import CrsError, OutputError, SettingsError, SiteError, SiteTooLargeError
from gis.scale import plain, result, run
from gis.scale.run import check_bulk
from gis.scale.summary import name_sites_file
from gis.sites import sort
from gis.sites.read import SiteSource, read_sites
from gis.study import check_sites

from .conftest import OPTIONS, strew_sites

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gis.scale.summary import BulkSummary
    from gis.workspace import Workspace

BOW_TIE = shapely.Polygon([(0, 0), (50, 50), (50, 0), (0, 50)])


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make runs small, so that few sites are many parts."""
    monkeypatch.setattr(run, "FEWEST", 40)
    monkeypatch.setattr(run, "MOST", 40)
    monkeypatch.setattr(result, "ROWS_A_GROUP", 50)


@pytest.fixture
def source(write_sites: Callable[..., Path]) -> Path:
    """Return a file of 130 sites, one of them null, one to be repaired."""
    return write_sites([*strew_sites(100, seed=4), None, BOW_TIE, *strew_sites(28, seed=5)])


def read_both(target: Path) -> tuple[bytes, bytes]:
    return target.read_bytes(), name_sites_file(target).read_bytes()


def test_the_answers_are_those_of_the_check(
    dense_workspace: Workspace, write_sites: Callable[..., Path], tmp_path: Path
) -> None:
    shapes = [*strew_sites(60, seed=6), BOW_TIE, None]
    path = write_sites(shapes, "sites.geojson")
    summary = check_bulk(path, tmp_path / "f.parquet", workspace=dense_workspace, options=OPTIONS, workers=1)
    exact = check_sites(dense_workspace, read_sites([SiteSource(path.name, path.read_bytes())]), OPTIONS)
    sites = gpd.read_parquet(summary.sites_path)
    assert sites.crs == crs.GEOGRAPHIC
    assert sites["site_index"].tolist() == list(range(62))
    checked = sites[sites["status"] == "checked"]
    assert checked["site_id"].tolist() == [result.site.site_id for result in exact.sites]
    assert checked["verdict"].tolist() == [result.verdict.value for result in exact.sites]
    assert [list(reasons) for reasons in checked["reasons"]] == [list(r.reasons) for r in exact.sites]
    assert exact.by_verdict == summary.by_verdict
    findings = gpd.read_parquet(summary.findings_path)
    assert findings.crs == crs.GEOGRAPHIC
    assert [f"{s}:{r}" for s, r in zip(findings["site_id"], findings["rule_id"], strict=True)] == [
        finding.finding_id for result in exact.sites for finding in result.findings
    ]
    assert summary.findings == len(findings)
    (rejected,) = sites[sites["status"] == "rejected"].to_dict("records")
    assert rejected["rejected_code"] == "geometry_null"
    assert "没有几何" in rejected["rejected_zh"]
    raw = pq.read_table(summary.sites_path, columns=["verdict", "geometry"]).to_pylist()[61]
    assert raw == {"verdict": None, "geometry": None}
    assert summary.rejected == 1
    assert not summary.is_clear


def test_the_bytes_depend_on_no_worker_and_no_run(
    dense_workspace: Workspace, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "a.parquet"
    check_bulk(source, first, workspace=dense_workspace, options=OPTIONS, workers=1)
    for workers, most, name in ((2, 40, "b.parquet"), (1, 7, "c.parquet"), (3, 200, "d.parquet")):
        monkeypatch.setattr(run, "FEWEST", most)
        monkeypatch.setattr(run, "MOST", most)
        check_bulk(source, tmp_path / name, workspace=dense_workspace, options=OPTIONS, workers=workers)
        assert read_both(tmp_path / name) == read_both(first), name
    assert not list(tmp_path.glob("*.parts"))
    sizes = pq.ParquetFile(name_sites_file(first)).metadata
    assert [sizes.row_group(k).num_rows for k in range(sizes.num_row_groups)] == [50, 50, 30]


def stop_after(count: int, source: Path, target: Path, workspace: Workspace) -> None:
    """Run until some parts are kept, then be interrupted."""

    def interrupt(done: int, total: int | None) -> None:
        assert total == 130
        if done >= count:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_bulk(source, target, workspace=workspace, options=OPTIONS, workers=1, progress=interrupt)


def test_a_stopped_run_goes_on_to_the_same_bytes(
    dense_workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    whole, stopped = tmp_path / "whole.parquet", tmp_path / "stopped.parquet"
    check_bulk(source, whole, workspace=dense_workspace, options=OPTIONS, workers=1)
    stop_after(80, source, stopped, dense_workspace)
    assert not stopped.exists()
    assert not list(tmp_path.glob("*/*.aside"))
    (tmp_path / "stopped.parquet.parts" / "00000001.part").unlink()  # as if killed before the part was whole
    told: list[int] = []
    summary = check_bulk(
        source,
        stopped,
        workspace=dense_workspace,
        options=OPTIONS,
        workers=2,
        resume=True,
        progress=lambda done, _: told.append(done),
    )
    assert read_both(stopped) == read_both(whole)
    assert (summary.resumed, summary.features_in) == (40, 130)
    assert told == [0, 40, 80, 120, 130]


def test_another_run_is_not_resumed(dense_workspace: Workspace, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "f.parquet"
    stop_after(40, source, target, dense_workspace)
    with pytest.raises(OutputError, match="options") as caught:
        check_bulk(
            source, target, workspace=dense_workspace, options=replace(OPTIONS, near_m=5.0), resume=True
        )
    assert caught.value.code == "outputs.resume"
    frame = gpd.read_parquet(source)
    frame.loc[3, "name"] = "另一个"
    frame.to_parquet(source)
    with pytest.raises(OutputError, match="input"):
        check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, resume=True)
    summary = check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, workers=1)
    assert summary.resumed == 0  # without --resume it starts anew
    assert target.exists()


def test_a_changed_layer_stops_a_resumed_run(
    dense_workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    from gis.workspace import open_workspace

    target = tmp_path / "f.parquet"
    stop_after(40, source, target, dense_workspace)
    folder = dense_workspace.settings.workspace
    catalogue = folder / "layers" / "catalogue.toml"
    catalogue.write_text(
        catalogue.read_text(encoding="utf-8").replace("accuracy_m = 30.0", "accuracy_m = 31.0")
    )
    path = folder / "layers" / "ecology" / "parks.geojson"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(OutputError, match="layers"):
        check_bulk(source, target, workspace=open_workspace(folder), options=OPTIONS, resume=True)


def test_two_runs_do_not_write_one_result(dense_workspace: Workspace, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "f.parquet"

    def start_another(done: int, total: int | None) -> None:
        del done, total
        with pytest.raises(OutputError, match="another run"):
            check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, workers=1)

    check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, workers=1, progress=start_another)


def test_a_damaged_layer_never_makes_a_site_clear(
    make_workspace: Callable[..., Workspace],
    rule_text: Callable[..., str],
    write_sites: Callable[..., Path],
    tmp_path: Path,
) -> None:
    from gis.workspace import open_workspace

    reserve = {"id": "a", "kind": "reserve", "geometry": shapely.box(0, 0, 100, 100)}
    workspace = make_workspace({"reserves": ([reserve], {})}, rule_text("r"))
    far = write_sites([shapely.box(9000, 9000, 9100, 9100)])

    def check(opened: Workspace) -> BulkSummary:
        return check_bulk(far, tmp_path / "f.parquet", workspace=opened, options=OPTIONS, workers=1)

    assert check(workspace).is_clear
    path = workspace.settings.workspace / "layers" / "ecology" / "reserves.geojson"
    path.write_bytes(path.read_bytes() + b"\n")
    summary = check(open_workspace(workspace.settings.workspace))
    assert summary.by_verdict["undetermined"] == 1
    (row,) = pq.read_table(summary.sites_path).to_pylist()
    assert row["reasons"] == row["unassessed"] == ["reserves"]


def test_metres_without_a_zone_are_refused_or_rejected_never_guessed(
    dense_workspace: Workspace, tmp_path: Path
) -> None:
    metres = "".join(f"{k},{500_000 + k},{3_350_000 + k}\n" for k in range(60))
    (tmp_path / "m.csv").write_text("name,x,y\n" + metres, encoding="utf-8")
    with pytest.raises(CrsError) as caught:
        check_bulk(tmp_path / "m.csv", tmp_path / "f.parquet", workspace=dense_workspace, options=OPTIONS)
    assert caught.value.code == "crs.zone_missing"
    degrees = "".join(f"{k},120.0,30.2\n" for k in range(45))
    (tmp_path / "d.csv").write_text("name,x,y\n" + degrees + metres, encoding="utf-8")
    summary = check_bulk(
        tmp_path / "d.csv", tmp_path / "f.parquet", workspace=dense_workspace, options=OPTIONS, workers=1
    )
    assert (summary.features_in, summary.rejected) == (105, 60)
    given = replace(OPTIONS, crs="EPSG:4549")
    summary = check_bulk(
        tmp_path / "m.csv", tmp_path / "f.parquet", workspace=dense_workspace, options=given, workers=1
    )
    assert summary.rejected == 0
    assert summary.crs_read == ("EPSG:4549",)


def test_long_edges_are_checked_in_smaller_runs(
    dense_workspace: Workspace,
    write_sites: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = [shapely.LineString([(0, y), (20_000, y + 9)]) for y in range(8)]
    source, target = write_sites(long), tmp_path / "f.parquet"
    monkeypatch.setattr(plain, "MOST_DENSE", 0)
    check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, workers=1)
    whole = read_both(target)
    monkeypatch.setattr(sort, "LIMITS", replace(sort.LIMITS, dense_vertices=500))
    check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, workers=1)
    assert read_both(target) == whole
    monkeypatch.setattr(sort, "LIMITS", replace(sort.LIMITS, dense_vertices=100))
    with pytest.raises(SiteTooLargeError):
        check_bulk(source, target, workspace=dense_workspace, options=OPTIONS, workers=1)


def test_the_first_text_that_is_no_json_is_said_whoever_meets_it(
    dense_workspace: Workspace, write_sites: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_sites(strew_sites(130, seed=4), "s.geojsonl")
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[47] = lines[90] = "{nothing"
    path.write_text("\n".join(lines), encoding="utf-8")
    for workers in (1, 3):
        with pytest.raises(SiteError, match="feature 47 is not valid JSON"):
            check_bulk(
                path, tmp_path / "f.parquet", workspace=dense_workspace, options=OPTIONS, workers=workers
            )


def test_what_bulk_does_not_do_is_refused(dense_workspace: Workspace, source: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="parquet"):
        check_bulk(source, tmp_path / "f.csv", workspace=dense_workspace, options=OPTIONS)
    with pytest.raises(SettingsError, match="what-if"):
        check_bulk(
            source, tmp_path / "f.parquet", workspace=dense_workspace, options=replace(OPTIONS, what_if=True)
        )
    with pytest.raises(OutputError, match="no folder"):
        check_bulk(source, tmp_path / "none" / "f.parquet", workspace=dense_workspace, options=OPTIONS)
    gpd.GeoDataFrame(geometry=[], crs=4326).to_parquet(tmp_path / "empty.parquet")
    with pytest.raises(SiteError, match="no features"):
        check_bulk(tmp_path / "empty.parquet", tmp_path / "f.parquet", workspace=dense_workspace)


def test_few_sites_are_cut_small_and_many_never_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "FEWEST", 1_000)
    monkeypatch.setattr(run, "MOST", 4_000)
    sizes = [run.size_runs(total) for total in (1, 5_000, 64_000, 10**9, None)]
    assert sizes == [1_000, 1_000, 2_000, 4_000, 4_000]


def test_the_tables_are_geoparquet(dense_workspace: Workspace, source: Path, tmp_path: Path) -> None:
    summary = check_bulk(
        source, tmp_path / "f.parquet", workspace=dense_workspace, options=OPTIONS, workers=1
    )
    for path in (summary.findings_path, summary.sites_path):
        geo = json.loads(pq.read_schema(path).metadata[b"geo"])
        column = geo["columns"]["geometry"]
        assert geo["version"] == "1.1.0"
        assert column["crs"]["id"] == {"authority": "EPSG", "code": 4490}
        assert column["encoding"] == "WKB"
        frame = gpd.read_parquet(path)
        assert np.allclose(frame.total_bounds, column["bbox"])
        assert set(frame.geometry.dropna().geom_type) == set(column["geometry_types"])


def test_a_folder_in_place_of_the_result_is_told_before_anything_is_checked(
    dense_workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "f.sites.parquet").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check_bulk(source, tmp_path / "f.parquet", workspace=dense_workspace, options=OPTIONS)
    assert not (tmp_path / "f.parquet.parts").exists()
