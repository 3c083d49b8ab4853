"""What an official file becomes, in every format; and the broken ones, refused before anything changes."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.datum import wgs84_to_gcj02
from gis.errors import CrsError, GisError, LayerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gis.intake.proposal import Proposal

    Propose = Callable[..., Proposal]
    Write = Callable[..., Path]


def pack(path: Path) -> Path:
    """Return a zip of a shapefile's parts."""
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            if part != target:
                archive.write(part, part.name)
    return target


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "shp", "zip", "parquet", "fgb"])
def test_every_format_gives_the_same_features(
    ending: str,
    squares: gpd.GeoDataFrame,
    write: Write,
    propose: Propose,
    to_degrees: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame],
) -> None:
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    frame = to_degrees(squares) if ending == "geojson" else squares
    path = write(frame, f"STBHHX.{'shp' if ending == 'zip' else ending}")
    found = propose("ecological_redline", pack(path) if ending == "zip" else path).replacement.frame
    assert found["id"].tolist() == ["001", "002", "003"]
    assert found["name_zh"].tolist() == ["清凉峰", "千岛湖", "天目山"]
    assert set(found["kind"]) == {"ecological_protection_redline"}
    assert set(found["accuracy_m"]) == {5.0}
    assert set(found["source"]) == {"自然资源局"}
    assert found["BSM"].tolist() == ["001", "002", "003"]


def test_areas_and_counts_are_those_of_the_squares(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    change = propose("ecological_redline", write(squares, "STBHHX.gpkg")).replacement.difference
    assert (change.added, change.lost, change.moved, change.rows_after) == (3, 0, 0, 3)
    assert change.area_after_ha == pytest.approx(3.0, rel=2e-3)  # corners on a grid of 0.1 m


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("parts", ["with cpg", "without cpg"])
def test_chinese_text_of_a_shapefile_is_read_with_and_without_cpg(
    encoding: str, parts: str, squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    path = write(squares, "STBHHX.shp", encoding=encoding)
    if parts == "without cpg":
        path.with_suffix(".cpg").unlink()
    proposal = propose("ecological_redline", path)
    assert proposal.replacement.frame["name_zh"].tolist() == ["清凉峰", "千岛湖", "天目山"]
    assert ("GB18030" if encoding == "GBK" else "UTF-8") in proposal.notes[0].zh


@pytest.mark.parametrize("code", ["EPSG:4549", "EPSG:4528", "EPSG:4490", "EPSG:4326"])
def test_every_accepted_system_lands_in_the_same_place(
    code: str, squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    found = propose("ecological_redline", write(squares.to_crs(code), "STBHHX.gpkg")).replacement.frame
    expected = squares.to_crs("EPSG:4490").sort_values("BSM").geometry.to_numpy()
    gap = shapely.hausdorff_distance(found.geometry.to_numpy(), expected)
    assert np.max(gap) < 1e-6


def test_metres_without_a_zone_are_refused_with_the_readings(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    path = write(squares, "STBHHX.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="EPSG:4549") as caught:
        propose("ecological_redline", path)
    assert caught.value.code == "crs.zone_missing"


def test_metres_without_a_zone_are_taken_when_the_zone_is_said(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    path = write(squares, "STBHHX.shp")
    path.with_suffix(".prj").unlink()
    assert len(propose("ecological_redline", path, crs="EPSG:4549").replacement.frame) == 3


def test_an_older_datum_is_refused(squares: gpd.GeoDataFrame, write: Write, propose: Propose) -> None:
    path = write(squares.set_crs("EPSG:2385", allow_override=True), "STBHHX.gpkg")
    with pytest.raises(CrsError) as caught:
        propose("ecological_redline", path)
    assert caught.value.code == "crs.old_datum"


def test_a_wrong_system_that_lands_elsewhere_is_refused_with_the_coordinates(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    frame = squares.to_crs("EPSG:4490")
    away = frame.set_geometry(frame.translate(xoff=-20), crs=frame.crs)
    with pytest.raises(CrsError, match="100") as caught:
        propose("ecological_redline", write(away, "STBHHX.gpkg"))
    assert caught.value.code == "crs.outside_region"


def shifted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame in degrees with its coordinates in GCJ-02."""
    moved = shapely.transform(frame.geometry.to_numpy(), wgs84_to_gcj02)
    return frame.set_geometry(moved, crs=frame.crs)


@pytest.fixture
def reserves(workspace_dir: Path) -> gpd.GeoDataFrame:
    """Return the present features of ``reserves`` as a file could bring them again."""
    frame = gpd.read_file(workspace_dir / "layers" / "ecology" / "reserves.geojson")
    return frame[["id", "name_zh", "kind", "geometry"]].set_crs("EPSG:4490", allow_override=True)


@pytest.mark.parametrize("fit", ["by name", "by outline"])
def test_a_gcj02_shift_against_the_old_layer_is_refused_with_what_to_do(
    fit: str, reserves: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    frame = shifted(reserves)
    if fit == "by outline":  # only the outlines can tell
        frame = frame.assign(id=["x", "y", "z"], name_zh=["甲", "乙", "丙"])
    with pytest.raises(LayerError, match="GCJ-02") as caught:
        propose("reserves", write(frame, "new.gpkg"))
    assert caught.value.code == "layers.shifted"
    assert "--datum gcj02" in caught.value.hint_zh


def test_a_gcj02_shift_is_undone_when_it_is_said(
    reserves: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    change = propose("reserves", write(shifted(reserves), "new.gpkg"), datum="gcj02").replacement.difference
    assert (change.added, change.lost) == (0, 0)
    assert change.farthest_move_m < 0.2


def test_data_stated_to_have_no_shift_are_taken_with_a_warning(
    reserves: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    proposal = propose("reserves", write(shifted(reserves), "new.gpkg"), datum="cgcs2000")
    assert any("GCJ-02" in note.zh for note in proposal.notes)
    assert proposal.replacement.difference.moved == 3


def test_a_layer_that_only_lies_elsewhere_is_not_suspected(
    reserves: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    moved = reserves.set_geometry(reserves.translate(xoff=-0.005, yoff=0.003), crs=reserves.crs)
    change = propose("reserves", write(moved, "new.gpkg")).replacement.difference
    assert (change.moved, change.added) == (3, 0)


def test_a_bow_tie_is_repaired_and_said(squares: gpd.GeoDataFrame, write: Write, propose: Propose) -> None:
    x, y = squares.geometry.iloc[0].bounds[:2]
    tie = shapely.Polygon([(x, y), (x + 100, y + 100), (x + 100, y), (x, y + 100)])
    frame = squares.set_geometry([tie, *squares.geometry[1:]], crs=squares.crs)
    proposal = propose("ecological_redline", write(frame, "STBHHX.gpkg"))
    assert any("1 个要素几何无效" in note.zh for note in proposal.notes)
    assert proposal.replacement.frame.geometry.is_valid.all()
    assert proposal.replacement.difference.area_after_ha == pytest.approx(2.5, rel=3e-3)


def test_features_without_geometry_are_left_out_and_counted(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    frame = squares.set_geometry([None, *squares.geometry[1:]], crs=squares.crs)
    proposal = propose("ecological_redline", write(frame, "STBHHX.gpkg"))
    assert (proposal.features_in, len(proposal.replacement.frame)) == (3, 2)
    assert any("1 个要素没有几何" in note.zh for note in proposal.notes)


def test_an_endless_coordinate_is_refused(write: Write, propose: Propose) -> None:
    ring = [(120.0, 30.0), (120.1, 30.0), (np.inf, 30.1)]
    frame = gpd.GeoDataFrame({"BSM": ["1"]}, geometry=[shapely.Polygon(ring)], crs="EPSG:4490")
    with pytest.raises(LayerError) as caught:
        propose("ecological_redline", write(frame, "STBHHX.gpkg"))
    assert caught.value.code == "layers.coordinates"


def test_lines_are_refused_in_a_layer_of_polygons(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    frame = squares.set_geometry(squares.boundary, crs=squares.crs)
    with pytest.raises(LayerError) as caught:
        propose("ecological_redline", write(frame, "STBHHX.gpkg"))
    assert caught.value.code == "layers.geometry_type"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("STBHHX.geojson", b"", "layers.empty"),
        ("STBHHX.geojson", b'{"type":"FeatureCollection","features":[]}', "layers.empty"),
        ("STBHHX.geojson", b'{"type":"FeatureCollection","features":[', "layers.broken_file"),
        ("STBHHX.gpkg", b"not a database", "layers.broken_file"),
        ("STBHHX.zip", b"PK\x03\x04broken", "layers.broken_file"),
        ("STBHHX.docx", b"something", "layers.format"),
    ],
)
def test_broken_and_empty_files_are_refused(
    name: str, content: bytes, code: str, tmp_path: Path, propose: Propose
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(GisError) as caught:
        propose("ecological_redline", path)
    assert caught.value.code == code


def test_a_missing_file_is_refused(tmp_path: Path, propose: Propose) -> None:
    with pytest.raises(LayerError) as caught:
        propose("ecological_redline", tmp_path / "nothing.gpkg")
    assert caught.value.code == "layers.file"


def test_a_file_of_another_layer_code_is_refused(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    with pytest.raises(LayerError, match="ecological_redline") as caught:
        propose("reserves", write(squares, "STBHHX.gpkg"))
    assert caught.value.code == "layers.wrong_layer"


def test_a_kind_no_rule_knows_is_refused(squares: gpd.GeoDataFrame, write: Write, propose: Propose) -> None:
    with pytest.raises(LayerError, match="ecological_protection_redline") as caught:
        propose("ecological_redline", write(squares, "STBHHX.gpkg"), kind="redline")
    assert caught.value.code == "layers.kind"


def test_fields_are_mapped_as_the_office_says(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    frame = squares.rename(columns={"HXMC": "俗称", "BSM": "编号"})
    found = propose(
        "ecological_redline", write(frame, "a.gpkg"), field_map={"俗称": "name_zh", "编号": "id"}
    ).replacement.frame
    assert found["name_zh"].tolist() == ["清凉峰", "千岛湖", "天目山"]
    assert found["id"].tolist() == ["001", "002", "003"]


def test_a_mapped_field_that_is_not_there_is_refused(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    with pytest.raises(LayerError, match="HXMC") as caught:
        propose("ecological_redline", write(squares, "a.gpkg"), field_map={"XX": "name_zh"})
    assert caught.value.code == "layers.field"


def test_repeated_ids_are_replaced_by_numbers_and_said(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    proposal = propose("ecological_redline", write(squares.assign(BSM="7"), "STBHHX.gpkg"))
    assert proposal.replacement.frame["id"].tolist() == [f"ecological_redline_{n}" for n in (1, 2, 3)]
    assert any("重复" in note.zh for note in proposal.notes)


def test_several_files_become_one_layer(squares: gpd.GeoDataFrame, write: Write, propose: Propose) -> None:
    first, second = write(squares[:1], "STBHHX_1.gpkg"), write(squares[1:], "STBHHX_2.gpkg")
    proposal = propose("ecological_redline", first, second)
    assert proposal.replacement.frame["id"].tolist() == ["001", "002", "003"]
    assert [name for name, _ in proposal.replacement.files] == ["STBHHX_1.gpkg", "STBHHX_2.gpkg"]


def test_of_several_tables_the_one_of_the_layer_is_taken(
    squares: gpd.GeoDataFrame, tmp_path: Path, propose: Propose
) -> None:
    path = tmp_path / "330100.gpkg"
    squares.to_file(path, layer="STBHHX")
    squares[:1].to_file(path, layer="OTHER")
    assert len(propose("ecological_redline", path).replacement.frame) == 3


def test_of_several_unknown_tables_none_is_guessed(
    squares: gpd.GeoDataFrame, tmp_path: Path, propose: Propose
) -> None:
    path = tmp_path / "330100.gpkg"
    squares.to_file(path, layer="A")
    squares[:1].to_file(path, layer="B")
    with pytest.raises(LayerError, match="several tables") as caught:
        propose("ecological_redline", path)
    assert caught.value.code == "layers.table"
    assert len(propose("ecological_redline", path, table="B").replacement.frame) == 1


def test_coverage_without_a_word_is_the_hull_of_the_features_and_said(
    squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    proposal = propose("ecological_redline", write(squares, "STBHHX.gpkg"))
    hull = shapely.Polygon(proposal.replacement.fields["coverage"])
    assert shapely.covers(hull.buffer(2e-4), shapely.union_all(proposal.replacement.frame.geometry))
    assert "--coverage" in proposal.notes[-1].zh


@pytest.mark.parametrize(
    ("stated", "value"),
    [("119,29,121,31", [119.0, 29.0, 121.0, 31.0]), ("features:50", {"features_m": 50.0}), ("none", "none")],
)
def test_coverage_is_taken_as_stated(
    stated: str, value: Any, squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    proposal = propose("ecological_redline", write(squares, "STBHHX.gpkg"), coverage=stated)
    assert proposal.replacement.fields["coverage"] == value


@pytest.mark.parametrize("stated", ["nowhere", "1,2,3", "121,31,119,29,5", "missing.geojson"])
def test_a_coverage_that_says_nothing_is_refused(
    stated: str, squares: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    with pytest.raises(GisError) as caught:
        propose("ecological_redline", write(squares, "STBHHX.gpkg"), coverage=stated)
    assert caught.value.where == "--coverage"


def test_the_note_on_the_old_data_goes_with_them(
    reserves: gpd.GeoDataFrame, write: Write, propose: Propose
) -> None:
    fields = propose("reserves", write(reserves, "new.gpkg")).replacement.fields
    assert fields["note_zh"] is None
    assert fields["provenance"] == "official"


def test_the_file_of_a_layer_can_be_put_back_as_it_is(workspace_dir: Path, propose: Propose) -> None:
    change = propose(
        "reserves", workspace_dir / "layers" / "ecology" / "reserves.geojson"
    ).replacement.difference
    assert (change.kept, change.moved, change.added, change.lost) == (3, 0, 0, 0)
