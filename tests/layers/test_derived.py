"""Derived layers follow what they are made from, and never claim more than it allows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis.catalogue import read_catalogue
from gis.crs import geod, to_plane
from gis.layers.build.build import build_layers
from gis.layers.build.drinking import bound_stretch, join_axis
from gis.layers.build.inputs import read_built
from gis.layers.build.sections import BANKS, find_runs, read_ground
from gis.layers.load import locate_layer
from gis.rules import read_rules

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ROOT / "layers"
BANK_SLACK_M = 2.0
"""Coordinates are rounded to 0.1 m and outlines thinned to a metre where they follow another layer."""


def read_layer(layer_id: str) -> dict[str, tuple[shapely.Geometry, dict[str, Any]]]:
    return {
        name: (feature.geometry, dict(feature.properties))
        for name, feature in read_built(ROOT, layer_id).items()
        if feature.geometry is not None
    }


WATER = read_layer("river_water")
AXIS = read_layer("river_axis")
BELTS = read_layer("shelterbelts")
SECTIONS = read_layer("monitoring_sections")
SOURCES = read_layer("drinking_water")
CLEARANCE = read_layer("airport_clearance")
BOUNDARY_SECTIONS = sorted(name for name, (_, table) in SECTIONS.items() if "banks" in table)
DERIVED = ("shelterbelts", "drinking_water", "monitoring_sections", "airport_clearance", "airports")


def test_derived_layers_are_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    work = tmp_path / "work"
    catalogue = read_catalogue(LAYERS / "catalogue.toml")
    for entry in catalogue.entries:
        path = locate_layer(entry, layers_dir=LAYERS, cache_dir=tmp_path / "cache")
        if path is not None and path.is_relative_to(LAYERS):
            target = work / "layers" / path.relative_to(LAYERS)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    sources = [*(LAYERS / "sources").glob("*.toml"), LAYERS / "catalogue.toml", LAYERS / "rules.toml"]
    for path in [*sources, LAYERS / "odbl" / "geo_maps_seas_crop.json"]:
        target = work / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    built = build_layers(work, tmp_path / "cache", only=DERIVED)
    assert {layer.layer_id for layer in built} == set(DERIVED)
    assert [layer.layer_id for layer in built if layer.file.changed] == []


# ---- shelterbelts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("reach", sorted(WATER))
def test_a_belt_has_its_width_on_the_banks_and_none_of_the_water(reach: str) -> None:
    belt, properties = BELTS[f"{reach}_belt"]
    plane, water = to_plane(belt), to_plane(WATER[reach][0])
    assert shapely.area(shapely.intersection(plane, water)) < BANK_SLACK_M * shapely.length(plane)
    assert water.buffer(properties["width_m"] * 1.01 + 10).covers(plane)
    assert properties["accuracy_m"] >= WATER[reach][1]["accuracy_m"]
    assert "本项目取值" in properties["width_source"]


def test_the_banks_of_the_river_lie_along_the_belts() -> None:
    river = shapely.union_all([to_plane(water) for water, _ in WATER.values()])
    banks = shapely.boundary(river.buffer(1.0).buffer(-1.0))
    sea = shapely.union_all([to_plane(shape) for shape, _ in read_layer("coast").values()])
    lake = to_plane(read_layer("lakes")["qiandao_lake"][0])
    dry = shapely.difference(banks, shapely.union(sea, lake).buffer(200.0))
    belts = shapely.union_all([to_plane(belt) for belt, _ in BELTS.values()]).buffer(BANK_SLACK_M)
    assert shapely.length(shapely.intersection(dry, belts)) > 0.99 * shapely.length(dry)


def test_belts_keep_out_of_all_water() -> None:
    belts = shapely.union_all([to_plane(belt) for belt, _ in BELTS.values()])
    for layer_id in ("river_water", "lakes"):
        for name, (shape, _) in read_layer(layer_id).items():
            assert shapely.area(shapely.intersection(belts, to_plane(shape))) < 10_000, name


# ---- boundary sections ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_a_section_lies_on_the_centreline(name: str) -> None:
    point, properties = SECTIONS[name]
    assert shapely.distance(to_plane(point), to_plane(AXIS[properties["reach"]][0])) < 1.0


@pytest.mark.parametrize("name", BOUNDARY_SECTIONS)
def test_a_section_lies_on_the_boundary_of_a_unit_it_names(name: str) -> None:
    point, properties = SECTIONS[name]
    level = "city" if properties["kind"].endswith("prefecture") else "district"
    ground = read_ground(level)
    named = {bank[side] for bank in properties["banks"] for side in ("above", "below")}
    borders = [
        shapely.boundary(shape)
        for unit, shape in zip(ground.units, ground.shapes, strict=True)
        if unit.name_zh in named
    ]
    assert min(shapely.distance(to_plane(point), border) for border in borders) < 1.0
    for bank in properties["banks"]:
        assert bank["bank"] in BANKS
        assert bank["above"] != bank["below"]
        assert bank["above"] in properties["name_zh"]
        assert bank["below"] in properties["name_zh"]


def test_sections_stand_in_their_order_down_the_river() -> None:
    axis = join_axis(read_built(ROOT, "river_axis"))
    for point, properties in SECTIONS.values():
        station_km = axis.project(shapely.Point(shapely.get_coordinates(to_plane(point))[0])) / 1000
        assert station_km == pytest.approx(properties["station_km"], abs=0.1)


def test_the_prefectures_follow_each_other_on_the_estuary() -> None:
    found = sorted(
        (properties["station_km"], bank["bank"], bank["above"], bank["below"])
        for _, properties in SECTIONS.values()
        if properties["kind"] == "boundary_section_prefecture"
        for bank in properties["banks"]
    )
    assert [row[1:] for row in found] == [
        ("left", "杭州市", "嘉兴市"),
        ("right", "杭州市", "绍兴市"),
        ("right", "绍兴市", "宁波市"),
    ]


def test_each_bank_passes_from_county_to_county_without_a_gap() -> None:
    for bank in BANKS:
        rows = sorted(
            (properties["station_km"], item["above"], item["below"])
            for _, properties in SECTIONS.values()
            if properties["kind"] == "boundary_section_county"
            for item in properties["banks"]
            if item["bank"] == bank
        )
        hangzhou = [row for row in rows if row[0] < 180]
        assert all(first[2] == second[1] for first, second in pairwise(hangzhou)), bank
        assert hangzhou[0][1] == "建德市"


def test_ganpu_closes_the_river_and_the_province_boundary_is_not_reached() -> None:
    point, properties = SECTIONS["ganpu"]
    assert properties["station_km"] == max(table["station_km"] for _, table in SECTIONS.values())
    assert point.x > 120.9
    assert not any("街口" in table["name_zh"] for _, table in SECTIONS.values())
    assert "街口" in str(read_catalogue(LAYERS / "catalogue.toml").entry("monitoring_sections").note)


def test_short_runs_are_given_up_shortest_first() -> None:
    import numpy as np

    units = read_ground("city").units
    first, second = units[0], units[1]
    names = [first] * 5 + [second] * 2 + [first] * 5 + [second] * 8
    runs = find_runs(names, np.arange(20.0) * 1000, 3000.0)
    assert [(run[0], run[1], run[2]) for run in runs] == [
        (first, 0.0, 11_000.0),
        (second, 12_000.0, 19_000.0),
    ]


# ---- drinking water -------------------------------------------------------------------------------------


def test_no_zone_of_drinking_water_is_ever_certain() -> None:
    kinds = {properties["kind"] for _, properties in SOURCES.values()}
    rules = [rule for rule in read_rules(LAYERS / "rules.toml").rules if rule.layer_id == "drinking_water"]
    settled = {kind for rule in rules for kind in rule.kinds}
    possible = {kind for rule in rules for kind in rule.possible_kinds}
    assert kinds & settled == set()
    assert kinds <= possible


@pytest.mark.parametrize("level", ["dw_zj_level1", "dw_zj_level2", "dw_zj_quasi", "dw_no_outfall"])
def test_every_level_of_protection_is_possible_in_a_source(level: str) -> None:
    rule = next(rule for rule in read_rules(LAYERS / "rules.toml").rules if rule.id == level)
    assert {properties["kind"] for _, properties in SOURCES.values()} <= set(rule.possible_kinds)


def test_a_stretch_of_known_length_is_bounded_by_the_places_it_holds() -> None:
    axis = shapely.LineString([(0, 0), (100_000, 0)])
    held = [shapely.Point(40_000, 500), shapely.Point(50_000, -500)]
    stretch = bound_stretch(axis, held, 30_000, 1_000)
    assert list(stretch.coords) == [(19_000, 0), (71_000, 0)]


def test_the_source_on_the_river_holds_its_places_and_covers_any_lie_of_its_stretch() -> None:
    area, properties = SOURCES["qiantang_hangzhou"]
    assert area.covers(shapely.MultiPoint([(120.1235, 30.1855), (120.151, 30.0955)]))
    axis = shapely.union_all([to_plane(shape) for shape, _ in AXIS.values()])
    inside_m = shapely.length(shapely.intersection(axis, to_plane(area)))
    assert inside_m > properties["length_km"] * 1000
    assert properties["level1_km"] + properties["level2_km"] == pytest.approx(properties["length_km"])


def test_the_lake_source_is_the_lake() -> None:
    assert SOURCES["xinanjiang_reservoir"][0].equals(read_layer("lakes")["qiandao_lake"][0])


# ---- airport clearance ----------------------------------------------------------------------------------


def test_the_outer_limits_are_circles_of_55_km_cut_to_the_study_area() -> None:
    study = shapely.box(118.0, 28.5, 122.6, 31.5)
    airports, hub = read_layer("airports"), read_layer("transport_hubs")["hgh_arp"]
    limits = {name: item for name, item in CLEARANCE.items() if name.endswith("_55km")}
    assert len(limits) == 5
    for name, (area, properties) in limits.items():
        centre = airports.get(properties["icao"], hub)[0]
        rim = [xy for xy in shapely.get_coordinates(area) if study.buffer(-0.001).contains(shapely.Point(xy))]
        distances = [geod().inv(centre.x, centre.y, lon, lat)[2] for lon, lat in rim]
        assert distances == pytest.approx([55_000.0] * len(rim), rel=2e-3), name


def test_the_limits_are_possible_only_and_the_surfaces_free_of_rules() -> None:
    rules = [rule for rule in read_rules(LAYERS / "rules.toml").rules if rule.layer_id == "airport_clearance"]
    assert {rule.id for rule in rules} == {
        "airport_clearance_acts", "airport_clearance_consult", "airport_220kv_pylon",
    }  # fmt: skip
    for rule in rules:
        assert "airport_clearance_unpublished" in rule.possible_kinds
        assert not any(kind.startswith("obstacle_") for kind in (*rule.kinds, *rule.possible_kinds))


@pytest.mark.parametrize("runway", ["06_24", "07_25"])
def test_the_surfaces_of_a_runway_fit_each_other(runway: str) -> None:
    surface = {
        name.removeprefix(f"hgh_{runway}_"): to_plane(area)
        for name, (area, _) in CLEARANCE.items()
        if name.startswith(f"hgh_{runway}_")
    }
    assert set(surface) == {"inner_horizontal", "conical", "approach", "take_off_climb", "transitional"}
    strip = to_plane(read_layer("transport_hubs")[f"hgh_runway_{runway}"][0])
    assert surface["inner_horizontal"].contains(strip.buffer(3990))
    assert shapely.area(shapely.intersection(surface["inner_horizontal"], surface["conical"])) < 1000
    assert surface["inner_horizontal"].contains(surface["transitional"])
    assert shapely.length(surface["approach"].envelope.exterior) > 4 * 15_000
    assert len(shapely.get_parts(surface["approach"])) == 2


def test_a_surface_states_the_figures_of_its_rule() -> None:
    formula = CLEARANCE["hgh_07_25_conical"][1]["height_formula_zh"]
    assert formula == "h = 45 + 0.05 × (d − 4000) m，d 为至跑道距离，4000–6000 m"


# ---- schematic lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer_id", ["power_lines", "gas_pipelines"])
def test_schematic_lines_are_straight_sensitive_and_wider_in_doubt_than_any_zone(layer_id: str) -> None:
    entry = read_catalogue(LAYERS / "catalogue.toml").entry(layer_id)
    assert entry.sensitive
    widest_m = max(
        float(rule.recipe.parameters.get("distance_m", 0.0))
        for rule in read_rules(LAYERS / "rules.toml").rules
        if rule.layer_id == layer_id
    )
    for shape, properties in read_layer(layer_id).values():
        assert len(shape.coords) == 2
        assert properties["accuracy_m"] > 4 * widest_m
        assert properties["confidence"] == "guess"


def test_there_are_six_circuits_of_220_kv_as_the_text_says() -> None:
    (line,) = read_layer("power_lines").values()
    assert (line[1]["circuits"], line[1]["voltage_kv"], line[1]["text_order"]) == (6, 220, 36)
