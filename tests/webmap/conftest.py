"""A small workspace with the shipped maps over it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(make_workspace: Callable[..., Workspace], rule_text: Callable[..., str]) -> Workspace:
    """Return a workspace with a layer of mixed kinds, one declared without data, and the shipped maps."""
    made = make_workspace(
        {
            "nature_reserves": (
                [
                    {
                        "id": "r1",
                        "kind": "reserve",
                        "geometry": shapely.box(0, 0, 1000, 1000),
                        "accuracy_m": 500,
                    },
                    {"id": "r2", "kind": "gate", "geometry": shapely.Point(1500, 500), "accuracy_m": None},
                ],
                {},
            ),
            "extra": ([{"id": "e1", "kind": "other", "geometry": shapely.box(0, 0, 10, 10)}], {}),
            "redline": ([], {}),
        },
        rule_text("no_building", layer="nature_reserves"),
    )
    for name in ("framework", "hubs", "control", "check", "basemaps"):
        shutil.copy(ROOT / "maps" / f"{name}.toml", made.settings.workspace / "maps")
    return made
