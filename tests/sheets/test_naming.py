"""Names of sheets: the most important place, and no name twice in a series."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.settings import read_settings
from gis.sheets.collect import collect_content
from gis.sheets.content import weight_of
from gis.sheets.frame import area_of_sheet, lay_frame
from gis.sheets.naming import find_place
from gis.sheets.numbering import parse_number
from gis.sheets.options import SheetOptions
from gis.sheets.selection import sheets_of_area
from gis.sheets.sheet import sheet_definition
from gis.workspace import Workspace, open_workspace

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = SheetOptions(on=date(2026, 3, 15))


def name_of(workspace: Workspace, number: str) -> str:
    definition = sheet_definition(workspace, OPTIONS)
    paper = lay_frame(area_of_sheet(parse_number(number)), definition.paper)
    return collect_content(workspace, definition, paper, options=OPTIONS, subject=None).name


def with_units(workspace: Workspace, *units: tuple[str, shapely.Polygon]) -> Workspace:
    """Return the workspace with these counties and nothing else."""
    layer = workspace.layers["boundaries_prefecture"]
    rows = [
        {"id": name, "name_zh": name, "kind": "boundary_county", "accuracy_m": 500.0, "geometry": ground}
        for name, ground in units
    ]
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4490")
    return replace(workspace, layers={"boundaries_prefecture": replace(layer, frame=frame)})


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    home = str(tmp_path_factory.mktemp("home"))
    return open_workspace(settings=read_settings({"GIS_HOME": home}, workspace=ROOT))


def test_a_sheet_is_called_after_its_place_of_the_first_rank(workspace: Workspace) -> None:
    assert name_of(workspace, "H51E011001") == "杭州"  # 滨江, 留下 and others lie on it too
    assert name_of(workspace, "H51E011002") == "萧山"


def test_rank_one_weighs_most_and_an_unknown_rank_nothing() -> None:
    assert weight_of(1) > weight_of(2) > weight_of(4) > weight_of(None) == weight_of(0) == weight_of("x") == 0


def test_a_sheet_without_a_place_is_called_by_its_side_of_the_next_sheets_place(workspace: Workspace) -> None:
    assert find_place(workspace.layers.values(), parse_number("H51E010002")) is None
    assert name_of(workspace, "H51E010002") == "萧山北"  # straight across comes before 杭州 at the corner


def test_the_parts_of_a_unit_of_up_to_nine_sheets_are_named_by_direction(workspace: Workspace) -> None:
    county = shapely.box(117.01, 27.01, 117.74, 27.49)  # 3 columns of 15′, 3 rows of 10′
    alone = with_units(workspace, ("某县", county))
    names = [name_of(alone, f"G50E{row:03d}{column:03d}") for row in (4, 5, 6) for column in (13, 14, 15)]
    assert names == [
        "某县西北部", "某县北部", "某县东北部",
        "某县西部", "某县中部", "某县东部",
        "某县西南部", "某县南部", "某县东南部",
    ]  # fmt: skip


def test_the_parts_of_a_larger_unit_are_counted_from_the_north_west(workspace: Workspace) -> None:
    county = shapely.box(117.01, 27.01, 117.99, 27.49)  # 4 columns
    assert name_of(with_units(workspace, ("某县", county)), "G50E006014") == "某县（3-2）"


def test_a_unit_that_takes_one_sheet_gives_it_its_name(workspace: Workspace) -> None:
    county = shapely.box(117.02, 27.02, 117.1, 27.1)
    assert name_of(with_units(workspace, ("某县", county)), "G50E006013") == "某县"


@pytest.mark.parametrize("scale", [250_000, 100_000, 50_000])
def test_no_two_sheets_of_hangzhou_have_one_name(shipped: Workspace, scale: int) -> None:
    names = [name_of(shipped, frame.number) for frame in sheets_of_area(shipped, "hangzhou", scale)]
    assert all(names)
    assert sorted(names) == sorted(set(names))
    assert "杭州" in names
