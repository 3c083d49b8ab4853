"""The table of resistances: the shipped one keeps its contract, a broken one is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.catalogue import read_catalogue
from gis.corridors.resistance import read_resistances
from gis.errors import CorridorError

LAYERS = Path(__file__).resolve().parents[2] / "layers"
TABLE = read_resistances(LAYERS / "resistance.toml")
CATALOGUE = read_catalogue(LAYERS / "catalogue.toml")

SMALL = """
[study]
title_zh = "小"
title_en = "small"
bbox = [119.9, 30.2, 120.1, 30.4]
cell_m = 100.0
site_resistance = 50.0
distance_km = 10.0
probability = 0.5
least_probability = 0.01
band_share = 0.05
barrier_radius_m = 300.0
runs = 4
seed = 1

[[source]]
id = "a"
title_zh = "甲"
title_en = "A"
layer = "woods"

[[class]]
id = "land"
title_zh = "地"
title_en = "land"
base = true
resistance = 5.0
range = [2.0, 10.0]
confidence = "guess"
source = "made for a test"
"""


@pytest.mark.parametrize("item", TABLE.classes, ids=lambda item: item.id)
def test_every_shipped_class_says_its_range_its_source_and_a_layer_that_there_is(item: object) -> None:
    assert 0 < item.low <= item.resistance <= item.high  # type: ignore[attr-defined]
    assert len(item.source) > 20  # type: ignore[attr-defined]
    selection = item.selection  # type: ignore[attr-defined]
    assert selection is None or CATALOGUE.entry(selection.layer_id)


@pytest.mark.parametrize("rule", TABLE.sources, ids=lambda rule: rule.id)
def test_every_shipped_source_is_made_of_a_layer_with_data(rule: object) -> None:
    assert CATALOGUE.entry(rule.selection.layer_id).path  # type: ignore[attr-defined]
    assert rule.title.zh  # type: ignore[attr-defined]
    assert rule.title.en  # type: ignore[attr-defined]


def test_the_shipped_table_claims_no_value_was_read_that_was_not() -> None:
    assert {item.confidence for item in TABLE.classes} <= {"guess", "known"}
    assert all("doi" in text or "生态学报" in text or "环境科学学报" in text for text in TABLE.references)


def test_the_base_comes_first_whatever_its_place_in_the_file(tmp_path: Path) -> None:
    later = (
        '[[class]]\nid="wood"\ntitle_zh="林"\ntitle_en="wood"\nlayer="woods"\nresistance=1\nrange=[1, 2]\n'
    )
    later += 'confidence="guess"\nsource="made for a test"\n'
    head, base = SMALL.split("[[class]]")
    path = tmp_path / "table.toml"
    path.write_text(f"{head}\n{later}\n[[class]]{base}", encoding="utf-8")
    assert [item.id for item in read_resistances(path).classes] == ["land", "wood"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("resistance = 5.0", "resistance = 50.0", "does not hold"),
        ("range = [2.0, 10.0]", "range = [0.0, 10.0]", "does not hold"),
        ("base = true", 'layer = "woods"', "base = true"),
        ('confidence = "guess"', 'confidence = "sure"', "confidence"),
        ("cell_m = 100.0", "cell_m = 0.0", "cell_m"),
        ('id = "land"', 'id = "a"', "twice"),
        ("[study]", "[studies]", "study"),
        ("runs = 4", "runs = [", "cannot be used"),
    ],
)
def test_a_broken_table_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "table.toml"
    path.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(CorridorError, match=reason) as caught:
        read_resistances(path)
    assert caught.value.code == "corridors.table"
