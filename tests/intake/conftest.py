"""Official files as offices hand them over, and a small workspace to put them into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from gis import crs
from gis.intake.options import IntakeOptions
from gis.intake.proposal import Proposal, prepare_replacement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

X0, Y0 = 500_000.0, 3_350_000.0
REDLINE = {"kind": "ecological_protection_redline"}


def square(x_m: float, y_m: float, side_m: float = 100.0) -> shapely.Polygon:
    """Return a square, metres about the place of the tests (EPSG:4549)."""
    return shapely.box(X0 + x_m, Y0 + y_m, X0 + x_m + side_m, Y0 + y_m + side_m)


@pytest.fixture
def squares() -> gpd.GeoDataFrame:
    """Return three squares of a hectare with the fields of a planning database, EPSG:4549."""
    return gpd.GeoDataFrame(
        {"BSM": ["003", "001", "002"], "HXMC": ["天目山", "清凉峰", "千岛湖"], "MJ": [1.0, 1.0, 1.0]},
        geometry=[square(0, 0), square(500, 0), square(1000, 0)],
        crs="EPSG:4549",
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a frame to a file of that name."""

    def save(frame: gpd.GeoDataFrame, name: str, **options: Any) -> Path:
        path = tmp_path / name
        if name.endswith(".parquet"):
            frame.to_parquet(path)
        else:
            frame.to_file(path, **options)
        return path

    return save


@pytest.fixture
def workspace_dir(make_workspace: Callable[..., Any], rule_text: Callable[..., str]) -> Path:
    """Return a workspace with an empty redline layer and a layer ``reserves`` of three squares of 1 km."""
    corners = [(0, 0), (6000, 0), (0, 7000)]
    reserves = [
        {
            "id": f"r{n}",
            "name_zh": f"保护区{n}",
            "kind": "reserve",
            "geometry": shapely.box(x, y, x + 1000, y + 1000),
        }
        for n, (x, y) in enumerate(corners)
    ]
    rules = rule_text("inside_redline", layer="ecological_redline", kind=REDLINE["kind"]) + rule_text(
        "inside"
    )
    opened = make_workspace(
        {
            "ecological_redline": ([], {"geometry_type": "Polygon"}),
            "reserves": (reserves, {"note_zh": "旧数据的说明", "note_en": "about the old data"}),
        },
        rules,
    )
    folder: Path = opened.settings.workspace
    codes = (
        '[common.fields]\nid = ["BSM"]\nname_zh = ["MC"]\n\n'
        '[[code]]\ncode = "STBHHX"\ntitle_zh = "生态保护红线"\n'
        'layer = "ecological_redline"\nkind = "ecological_protection_redline"\nfields.name_zh = ["HXMC"]\n'
    )
    (folder / "layers" / "database_codes.toml").write_text(codes, encoding="utf-8")
    return folder


@pytest.fixture
def propose(workspace_dir: Path) -> Callable[..., Proposal]:
    """Return a function that prepares a replacement in that workspace."""

    def prepare(layer_id: str, *files: Path, **options: Any) -> Proposal:
        said = {"accuracy_m": 5.0, "source": "自然资源局", "data_date": "2026-01-01"} | options
        return prepare_replacement(
            workspace_dir, workspace_dir / "cache", layer_id, files, IntakeOptions(**said)
        )

    return prepare


def in_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame in EPSG:4490."""
    return frame.to_crs(crs.GEOGRAPHIC)


@pytest.fixture
def to_degrees() -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """Return :func:`in_degrees`."""
    return in_degrees
