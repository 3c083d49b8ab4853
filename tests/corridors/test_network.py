"""What makes no network, and what is said about it."""

from __future__ import annotations

import numpy as np
import pytest

from gis.corridors import network as module
from gis.corridors.network import (
    Dispersal,
    Network,
    require_dispersal,
    require_landscape,
    require_network,
)
from gis.errors import CorridorError


def make_network(
    areas: list[float], links: list[tuple[int, int, float]], ids: tuple[str, ...] = ("甲", "乙", "丙")
) -> Network:
    return Network(
        ids[: len(areas)],
        np.array(areas, dtype=float),
        np.array([link[0] for link in links], dtype=np.intp),
        np.array([link[1] for link in links], dtype=np.intp),
        np.array([link[2] for link in links], dtype=float),
    )


@pytest.mark.parametrize(
    ("network", "code", "says"),
    [
        (make_network([], []), "corridors.patches", "没有源斑块"),
        (make_network([1.0, 1.0], [], ids=("甲", "甲")), "corridors.ids", "甲 出现多次"),
        (make_network([1.0, -1.0], []), "corridors.area", "乙 的面积"),
        (make_network([1.0, np.nan], []), "corridors.area", "乙 的面积"),
        (make_network([0.0, 0.0], []), "corridors.area", "没有一个斑块有面积"),
        (make_network([1.0, 1.0], [(0, 1, -3.0)]), "corridors.link", "甲—乙（成本 -3）"),
        (make_network([1.0, 1.0], [(0, 1, np.inf)]), "corridors.link", "不小于 0"),
        (make_network([1.0, 1.0], [(1, 1, 3.0)]), "corridors.link", "同一个斑块"),
        (make_network([1.0, 1.0], [(0, 1, 3.0), (1, 0, 4.0)]), "corridors.link", "出现多次"),
    ],
)
def test_what_makes_no_network_is_refused_by_name(network: Network, code: str, says: str) -> None:
    with pytest.raises(CorridorError, match=says) as caught:
        require_network(network)
    assert caught.value.code == code


def test_a_network_too_large_for_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PATCHES", 1)
    with pytest.raises(CorridorError) as caught:
        require_network(make_network([1.0, 1.0], []))
    assert caught.value.code == "corridors.too_large"


@pytest.mark.parametrize(
    "dispersal",
    [
        Dispersal(0.0),
        Dispersal(float("nan")),
        Dispersal(float("inf")),
        Dispersal(1.0, 0.0),
        Dispersal(1.0, 1.0),
        Dispersal(1.0, 0.5, threshold_m=0.0),
    ],
)
def test_dispersal_that_makes_no_sense_is_refused(dispersal: Dispersal) -> None:
    with pytest.raises(CorridorError) as caught:
        require_dispersal(dispersal)
    assert caught.value.code == "corridors.dispersal"


def test_alpha_carries_the_probability_to_the_distance() -> None:
    assert np.exp(-Dispersal(300.0, 0.2).alpha * 300.0) == pytest.approx(0.2)


def test_landscape_smaller_than_its_patches_is_refused() -> None:
    network = make_network([1.0, 1.0], [])
    require_landscape(network, 2.0)
    with pytest.raises(CorridorError, match="小于斑块面积之和 2") as caught:
        require_landscape(network, 1.9)
    assert caught.value.where == "--landscape-area"
