"""A small workspace round 杭州 drawn by hand: enough of everything a sheet shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from gis.catalogue import Catalogue
from gis.model import Layer, LayerEntry, LayerStatus, RuleSet, Text
from gis.settings import Settings
from gis.styles import read_styles
from gis.workspace import Workspace, ZoneStore

ROOT = Path(__file__).resolve().parents[2]

RIVER = [(119.95, 30.05), (120.02, 30.10), (120.08, 30.13), (120.11, 30.19), (120.16, 30.21), (120.21, 30.23),
         (120.24, 30.27), (120.29, 30.30), (120.40, 30.32)]  # fmt: skip
WEST_LAKE = [(120.125, 30.23), (120.135, 30.255), (120.15, 30.262), (120.158, 30.25), (120.152, 30.232)]
XIXI = [(120.045, 30.255), (120.05, 30.275), (120.085, 30.28), (120.09, 30.262), (120.07, 30.25)]
HERITAGE = [
    (120.09, 30.19),
    (120.10, 30.25),
    (120.13, 30.27),
    (120.165, 30.26),
    (120.16, 30.22),
    (120.12, 30.195),
]
PLACES = [("杭州", 120.17, 30.26, 1), ("萧山", 120.26, 30.17, 3), ("滨江", 120.20, 30.21, 3),
          ("余杭", 120.00, 30.28, 3), ("三墩", 120.08, 30.32, 4), ("留下", 120.05, 30.24, 4),
          ("笕桥", 120.23, 30.31, 4), ("转塘", 120.07, 30.17, 4)]  # fmt: skip


def make_layer(
    layer_id: str, title: str, theme: str, rows: list[dict[str, Any]], *, sensitive: bool = False
) -> Layer:
    entry = LayerEntry(
        id=layer_id,
        title=Text(title, layer_id),
        theme=theme,
        path=f"{theme}/{layer_id}.geojson",
        geometry_type="Mixed",
        rows=len(rows),
        sha256=None,
        provenance="digitised",
        accuracy_m=50.0,
        coverage=None,
        data_date="2025-06-30",
        source=f"测试资料（{title}）",
        licence="CC BY 4.0",
        attribution="测试署名",
        required=False,
        sensitive=sensitive,
        style=theme,
    )
    for row in rows:
        row.setdefault("accuracy_m", 50.0)
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4490")
    return Layer(entry=entry, status=LayerStatus.OK, frame=frame, sha256=None)


def feature(feature_id: str, name: str, kind: str, geometry: Any, **more: Any) -> dict[str, Any]:
    return {"id": feature_id, "name_zh": name, "name_en": "", "kind": kind, "geometry": geometry, **more}


def make_layers() -> list[Layer]:
    axis = shapely.LineString(RIVER)
    return [
        make_layer(
            "coast",
            "海域",
            "context",
            [feature("sea", "", "sea", shapely.Polygon([(120.35, 30.25), (122.6, 30.1), (122.6, 31.3)]))],
        ),
        make_layer(
            "boundaries_prefecture",
            "地级市界",
            "context",
            [
                feature("330100", "杭州市", "boundary_prefecture", shapely.box(118.4, 29.2, 120.22, 30.5)),
                feature("330600", "绍兴市", "boundary_prefecture", shapely.box(120.22, 29.2, 121.2, 30.25)),
            ],
        ),
        make_layer(
            "places",
            "居民地",
            "context",
            [
                feature(f"p{i}", name, "place", shapely.Point(x, y), rank=rank)
                for i, (name, x, y, rank) in enumerate(PLACES)
            ],
        ),
        make_layer(
            "river_water", "河流水面", "water", [feature("q", "钱塘江", "river_water", axis.buffer(0.006))]
        ),
        make_layer("river_axis", "河流中心线", "water", [feature("qa", "钱塘江", "river_axis", axis)]),
        make_layer("lakes", "湖泊", "water", [feature("xh", "西湖", "lake", shapely.Polygon(WEST_LAKE))]),
        make_layer(
            "wetlands",
            "湿地",
            "ecology",
            [feature("xx", "西溪国家湿地公园", "xixi_national_wetland_park", shapely.Polygon(XIXI))],
        ),
        make_layer(
            "heritage",
            "世界遗产",
            "ecology",
            [
                feature(
                    "xhp",
                    "杭州西湖文化景观",
                    "west_lake_heritage_property",
                    shapely.Polygon(HERITAGE),
                    accuracy_m=300.0,
                )
            ],
        ),
        make_layer(
            "ecological_corridors",
            "生态廊道",
            "ecology",
            [feature("ec", "钱塘江生态廊道", "ecological_corridor", axis.buffer(0.012))],
        ),
        make_layer(
            "energy_sites",
            "油气设施",
            "energy",
            [feature("oil", "秘密油库甲", "oil_depot", shapely.Point(120.19, 30.29), capacity="70万立方米")],
            sensitive=True,
        ),
    ]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    layers = {layer.entry.id: layer for layer in make_layers()}
    settings = Settings(workspace=ROOT, home=tmp_path_factory.mktemp("home"), office="某某规划设计研究院")
    return Workspace(
        settings=settings,
        catalogue=Catalogue(tuple(layer.entry for layer in layers.values()), {}, ROOT / "layers"),
        rules=RuleSet((), "0" * 64),
        styles=read_styles(ROOT / "maps" / "styles.toml"),
        layers=layers,
        zones=ZoneStore(layers, RuleSet((), "0" * 64)),
    )
