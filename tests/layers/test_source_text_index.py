"""Every spatial thing of the planning text ends somewhere, and what the index points at is there."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gis.catalogue import read_catalogue
from gis.layers.build.build import ensure_cache
from gis.layers.load import locate_layer

LAYERS = Path(__file__).resolve().parents[2] / "layers"
ENTRIES: list[dict[str, Any]] = tomllib.loads(
    (LAYERS / "source_text_index.toml").read_text(encoding="utf-8")
)["entry"]
TARGETS = ("features", "layer", "not_spatial")


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return the properties of every feature of every layer by ``layer/feature``."""
    cache_dir = tmp_path_factory.mktemp("cache")
    ensure_cache(LAYERS.parent, cache_dir)
    found = {}
    for entry in read_catalogue(LAYERS / "catalogue.toml").entries:
        path = locate_layer(entry, layers_dir=LAYERS, cache_dir=cache_dir)
        if path is not None:
            for feature in json.loads(path.read_bytes())["features"]:
                found[f"{entry.id}/{feature['properties']['id']}"] = feature["properties"]
    return found


def test_the_162_entries_stand_in_the_order_of_the_text() -> None:
    assert [entry["order"] for entry in ENTRIES] == list(range(1, 163))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["order"]))
def test_an_entry_has_a_name_a_quote_and_exactly_one_target(entry: dict[str, Any]) -> None:
    assert entry["name_zh"].strip()
    assert entry["quote"].strip()
    assert len([name for name in TARGETS if entry.get(name)]) == 1
    assert set(entry) <= {"order", "name_zh", "quote", *TARGETS}


def test_every_feature_named_is_in_its_layer(features: dict[str, dict[str, Any]]) -> None:
    named = [name for entry in ENTRIES for name in entry.get("features", [])]
    assert [name for name in named if name not in features] == []


def test_every_layer_named_is_in_the_catalogue() -> None:
    known = {entry.id for entry in read_catalogue(LAYERS / "catalogue.toml").entries}
    assert [entry["layer"] for entry in ENTRIES if "layer" in entry and entry["layer"] not in known] == []


def test_every_feature_with_a_number_of_the_text_stands_under_that_number(
    features: dict[str, dict[str, Any]],
) -> None:
    under = {entry["order"]: {*entry.get("features", []), entry.get("layer")} for entry in ENTRIES}
    astray = [
        (name, properties["text_order"])
        for name, properties in features.items()
        if properties.get("text_order")
        and not {name, name.partition("/")[0]} & under[properties["text_order"]]
    ]
    assert astray == []


def test_a_reason_is_given_in_both_languages() -> None:
    reasons = [entry["not_spatial"] for entry in ENTRIES if "not_spatial" in entry]
    assert reasons
    assert all(len(reason.split(" / ")) == 2 and reason.isascii() is False for reason in reasons)


def test_names_nobody_can_locate_have_no_geometry_and_say_so(features: dict[str, dict[str, Any]]) -> None:
    lost = [
        properties
        for name, properties in features.items()
        if name.startswith(("industry_bases/", "service_centres/")) and properties["accuracy_m"] is None
    ]
    assert len(lost) == 16
    assert all(properties["status"].startswith("未定位") for properties in lost)
