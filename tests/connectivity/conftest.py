"""A small country: two woods on a plain, a town on the straight way between them, a river to the south."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.workspace import Workspace

TABLE = """
[study]
title_zh = "小研究"
title_en = "small study"
bbox = [119.955, 30.262, 120.045, 30.298]
cell_m = 100.0
site_resistance = 100.0
distance_km = 100.0
probability = 0.5
least_probability = 0.01
band_share = 0.05
barrier_radius_m = 300.0
runs = 6
seed = 11

[reference.none]
text = "made for a test"

[[source]]
id = "west"
title_zh = "西林"
title_en = "West wood"
layer = "woods"
ids = ["west"]

[[source]]
id = "east"
title_zh = "东林"
title_en = "East wood"
layer = "woods"
ids = ["east"]

[[class]]
id = "land"
title_zh = "田地"
title_en = "land"
base = true
resistance = 10.0
range = [5.0, 20.0]
confidence = "guess"
source = "made for a test"

[[class]]
id = "town"
title_zh = "城镇"
title_en = "town"
layer = "towns"
resistance = 100.0
range = [60.0, 200.0]
confidence = "guess"
source = "made for a test"

[[class]]
id = "river"
title_zh = "河岸"
title_en = "river"
layer = "rivers"
buffer_m = 120.0
linear = true
resistance = 2.0
range = [1.0, 4.0]
confidence = "guess"
source = "made for a test"

[[class]]
id = "wood"
title_zh = "林"
title_en = "wood"
layer = "woods"
resistance = 1.0
range = [1.0, 1.0]
confidence = "known"
source = "made for a test"

[[class]]
id = "road"
title_zh = "公路"
title_en = "road"
layer = "roads"
resistance = 90.0
range = [40.0, 200.0]
confidence = "guess"
source = "made for a test"

[[class]]
id = "line"
title_zh = "线路"
title_en = "line"
layer = "lines"
max_accuracy_m = 500.0
resistance = 90.0
range = [40.0, 200.0]
confidence = "guess"
source = "made for a test"
"""


@pytest.fixture
def country(make_workspace: Callable[..., Workspace]) -> Workspace:
    """Return the workspace; the plane's origin of the tests is 120°E, about 30.27°N."""
    features = {
        "woods": [
            {"id": "west", "kind": "wood", "geometry": shapely.box(-3500, 500, -2500, 1500)},
            {"id": "east", "kind": "wood", "geometry": shapely.box(2500, 500, 3500, 1500)},
        ],
        "towns": [{"id": "town", "kind": "town", "geometry": shapely.box(-800, 300, 800, 2400)}],
        "rivers": [
            {"id": "river", "kind": "river", "geometry": shapely.LineString([(-3000, 100), (3000, 100)])}
        ],
        "lines": [
            {"id": "line", "kind": "line", "geometry": shapely.box(0, 0, 900, 900), "accuracy_m": 9000.0}
        ],
    }
    made = {
        layer_id: ([{"accuracy_m": 50.0, **table} for table in rows], {"accuracy_m": 9000.0})
        for layer_id, rows in features.items()
    }
    workspace = make_workspace({**made, "roads": ([], {})}, "")
    folder = Path(workspace.settings.workspace) / "layers"
    (folder / "resistance.toml").write_text(TABLE, encoding="utf-8")
    return workspace
