"""The shipped rule file keeps its contract, rule by rule."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.model import Level, Rule
from gis.rules import (
    effective_rule,
    effective_rules,
    open_setting,
    provisions_in_force,
    read_office_settings,
    read_rules,
    rules_in_force,
    rules_pending,
)

PATH = Path(__file__).resolve().parents[2] / "layers" / "rules.toml"
SHIPPED = read_rules(PATH)
BY_ID = {rule.id: rule for rule in SHIPPED.rules}
CJK = re.compile(r"[\u4e00-\u9fff]")
PROVISIONAL = "_provisional"
DAY = timedelta(days=1)
RESERVE_LAYERS = ("nature_reserves", "local_nature_reserves")

REFERENCE_IDS = (
    "nr_core_2026",
    "nr_general_2026",
    "nr_core_2017",
    "nr_buffer_2017",
    "nr_experimental_2017",
    "nr_unzoned_2017",
    "nr_outer_belt_2017",
    "nr_prohibited_acts_2017",
    "national_nature_park",
    "forest_park_zj",
    "scenic_area_acts",
    "scenic_area_core",
    "scenic_area_build",
    "wetland_national_important",
    "wetland_avoid",
    "wetland_acts",
    "wetland_temp",
    "wetland_zj_2012",
    "xixi_park",
    "xixi_park_big",
    "xixi_outer_belt",
    "westlake_property",
    "westlake_property_build",
    "westlake_buffer",
    "grand_canal_property",
    "relic_protection_scope",
    "relic_control_belt",
    "dw_no_outfall",
    "dw_level1",
    "dw_level2",
    "dw_quasi",
    "dw_zj_level1",
    "dw_zj_level2",
    "dw_zj_quasi",
    "dw_hz_level2",
    "dw_hz_level1",
    "dw_delimit_river_l1",
    "dw_delimit_river_l2",
    "dw_delimit_tidal_l1",
    "dw_delimit_lake_small",
    "dw_delimit_lake_large",
    "dw_hangzhou_extent",
    "qiandao_works_intake",
    "qiandao_works_pipe",
    "qiandao_works_protect",
    "river_mgmt_national",
    "river_prohibit",
    "river_crossing_approval",
    "river_zj_plain_county",
    "river_zj_plain_township",
    "river_zj_works",
    "qiantang_bore",
    "qiantang_shoreline",
    "seawall_1_3",
    "seawall_4_5",
    "seawall_protect",
    "sluice",
    "yangtze_chem_1km",
    "yangtze_tailings",
    "taihu_basin",
    "ecological_redline",
    "permanent_farmland",
    "permanent_farmland_acts",
    "farmland_zj",
    "waste_in_redline",
    "urban_growth_boundary",
    "power_overhead_1_10kv",
    "power_overhead_35_110kv",
    "power_overhead_154_330kv",
    "power_overhead_500kv",
    "power_overhead_750_1000",
    "power_cable",
    "power_cable_river",
    "power_cable_sea",
    "power_works_approval",
    "power_kite",
    "power_hydro_reservoir",
    "power_over_store",
    "pipe_5m",
    "pipe_sensitive",
    "pipe_river_500",
    "pipe_tunnel_1000",
    "pipe_cross",
    "pipe_5_50",
    "pipe_station_100",
    "pipe_200",
    "pipe_station_500",
    "pipe_zj",
    "pipe_scope_note",
    "road_ctrl_expressway",
    "road_ctrl_national",
    "road_ctrl_provincial",
    "road_ctrl_county",
    "road_ctrl_township",
    "road_village_zj",
    "road_public_places",
    "road_public_places_county",
    "road_mining",
    "road_bridge_200",
    "road_hazmat_100",
    "road_bridge_sand",
    "rail_zone_hsr",
    "rail_zone_other",
    "rail_mining_1000",
    "rail_groundwater",
    "rail_bridge_1000",
    "airport_clearance_acts",
    "airport_clearance_consult",
    "airport_220kv_pylon",
    "airport_patrol_rect",
    "airport_55km",
    "airport_ols",
    "airport_em",
    "airport_noise",
    "incinerator_300",
    "landfill_500",
    "sewage_works",
    "health_distance_method",
    "medical_waste",
    "hazchem_major",
    "port_hazmat",
    "oil_depot_gb50074",
    "lng_terminal_gb51156",
    "industrial_siting_gb50187",
    "waterway_assessment",
)
"""The 125 rules the file is made from; a rule with several distances is split into ids that begin alike."""

OPEN_IDS = {
    "nr_outer_belt_2017",
    "nr_outer_belt_2017_local",
    "xixi_outer_belt_width",
    "pipe_sensitive_pipeline",
    "pipe_sensitive_station",
    "health_distance_method",
    "hazchem_major",
    "port_hazmat",
    "lng_terminal_gb51156",
}
"""Rules whose distance the law leaves open."""

REPLACED = {
    "自然保护区条例": date(2026, 3, 15),
    "浙江省湿地保护条例": date(2026, 2, 2),
    "杭州西溪国家湿地公园保护管理条例": date(2022, 6, 1),
    "浙江省海塘建设管理条例": date(2022, 9, 1),
    "浙江省河道管理条例": date(2026, 3, 1),
    "水污染防治法": date(2026, 8, 15),
    "固体废物污染环境防治法": date(2026, 8, 15),
}
"""Instruments that were replaced, and the first day of what replaced them."""

DISTANCES = {
    "pipe_5m": {"distance_m": 5},
    "pipe_5_50": {"inner_m": 5, "outer_m": 50},
    "pipe_200": {"distance_m": 200},
    "pipe_station_100": {"distance_m": 100},
    "pipe_station_500": {"distance_m": 500},
    "pipe_river_500": {"distance_m": 500},
    "pipe_tunnel_1000": {"distance_m": 1000},
    "power_overhead_1_10kv": {"distance_m": 5},
    "power_overhead_35_110kv": {"distance_m": 10},
    "power_overhead_154_330kv": {"distance_m": 15},
    "power_overhead_500kv": {"distance_m": 20},
    "power_cable": {"distance_m": 0.75},
    "power_cable_sea_open": {"distance_m": 2 * 1852},
    "road_ctrl_expressway": {"distance_m": 30},
    "road_ctrl_national": {"distance_m": 20},
    "road_ctrl_provincial": {"distance_m": 15},
    "road_ctrl_county": {"distance_m": 10},
    "road_ctrl_township": {"distance_m": 5},
    "road_public_places_national": {"distance_m": 20 + 50},
    "road_public_places_provincial": {"distance_m": 15 + 50},
    "road_public_places_county_county": {"distance_m": 10 + 20},
    "road_public_places_county_township": {"distance_m": 5 + 20},
    "rail_zone_hsr_urban": {"distance_m": 10},
    "rail_zone_hsr_suburb": {"distance_m": 12},
    "rail_zone_hsr_village": {"distance_m": 15},
    "rail_zone_hsr_other": {"distance_m": 20},
    "rail_zone_other_urban": {"distance_m": 8},
    "rail_zone_other_other": {"distance_m": 15},
    "seawall_1_3_front": {"distance_m": 70},
    "seawall_1_3_back": {"distance_m": 30},
    "seawall_protect_1_3": {"inner_m": 30, "outer_m": 30 + 20},
    "sluice_large": {"up_m": 400, "down_m": 400, "lateral_m": 100},
    "taihu_basin_shore": {"distance_m": 5000},
    "taihu_basin_inflow": {"up_m": 10000, "down_m": 0, "lateral_m": 1000},
    "dw_delimit_river_l2": {"up_m": 1000 + 2000, "down_m": 100 + 200, "lateral_m": 1000},
    "airport_patrol_rect": {"side_m": 10000, "end_m": 20000},
    "airport_55km": {"distance_m": 55000},
    "incinerator_300": {"distance_m": 300},
}
"""Distances of the articles, written down a second time."""


def rule_id(rule: Rule) -> str:
    """Return the name a rule has in the test report."""
    return rule.id


def ids_on(day: date) -> set[str]:
    """Return the ids of the rules in force on a day."""
    return {rule.id for rule in rules_in_force(SHIPPED.rules, day)}


@pytest.mark.parametrize("reference", REFERENCE_IDS)
def test_every_reference_rule_is_in_the_file(reference: str) -> None:
    assert any(name == reference or name.startswith(f"{reference}_") for name in BY_ID)


def test_every_rule_comes_from_a_reference_rule() -> None:
    assert len(set(REFERENCE_IDS)) == 125
    strays = {name for name in BY_ID if not any(f"{name}_".startswith(f"{ref}_") for ref in REFERENCE_IDS)}
    assert strays == set()


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=rule_id)
def test_a_rule_speaks_both_languages(rule: Rule) -> None:
    texts = [rule.title, rule.requirement, *([rule.note] if rule.note else [])]
    assert all(CJK.search(text.zh) for text in texts)
    assert not any(CJK.search(text.en) for text in texts)
    assert all(
        provision.instrument_en and provision.version and provision.source for provision in rule.provisions
    )
    assert all(CJK.search(provision.instrument) for provision in rule.provisions)
    assert not any(CJK.search(provision.instrument_en) for provision in rule.provisions)


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=rule_id)
def test_a_title_is_short_enough_for_a_heading(rule: Rule) -> None:
    assert len(rule.title.zh) <= 34
    assert len(rule.title.en) <= 80


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=rule_id)
def test_a_verified_rule_names_an_article_and_where_it_was_read(rule: Rule) -> None:
    if rule.verified:
        for provision in rule.provisions:
            assert provision.verified
            assert re.search(r"第.+条|一（一）", provision.article)
            assert "未见" not in provision.source


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=rule_id)
def test_a_source_names_no_path_of_a_machine(rule: Rule) -> None:
    assert not any(re.search(r"(^|\s)/\w|[A-Z]:|file:", provision.source) for provision in rule.provisions)


def test_titles_tell_the_rules_apart() -> None:
    titles = [rule.title.zh for rule in SHIPPED.rules]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", sorted(DISTANCES))
def test_a_distance_is_what_the_article_says(name: str) -> None:
    parameters = {key: value for key, value in BY_ID[name].recipe.parameters.items() if key != "from"}
    assert parameters == DISTANCES[name]


def test_the_obstacle_surface_is_that_of_code_4_runways() -> None:
    recipe = BY_ID["airport_ols"].recipe
    values = recipe.parameters
    rise_m = values["slope"] * (values["outer_m"] - values["radius_m"])
    assert (values["radius_m"], values["height_m"], rise_m) == (4000, 45, 100)
    approach = values["approach"]
    lengths = (approach["first_length_m"], approach["second_length_m"], approach["horizontal_length_m"])
    assert sum(lengths) == 15000
    top_m = lengths[0] * approach["first_slope"] + lengths[1] * approach["second_slope"]
    assert top_m == pytest.approx(150)


def test_the_reserve_follows_the_text_of_2017_to_its_last_day_and_that_of_2026_after_it() -> None:
    old, new = ids_on(date(2026, 3, 14)), ids_on(date(2026, 3, 15))
    assert "nr_unzoned_2017" in old
    assert not {"nr_core_2026", "nr_general_2026"} & old
    assert {"nr_core_2026", "nr_general_2026"} <= new
    assert not {name for name in new if name.startswith("nr_") and name.endswith("_2017")}
    pending = {rule.id for rule in rules_pending(SHIPPED.rules, date(2026, 3, 14))}
    assert {"nr_core_2026", "nr_general_2026"} <= pending


def test_an_unzoned_reserve_is_at_least_a_general_control_zone_and_possibly_a_core_zone() -> None:
    core, general, old = BY_ID["nr_core_2026"], BY_ID["nr_general_2026"], BY_ID["nr_unzoned_2017"]
    assert (core.level, general.level, old.level) == (Level.PROHIBITED, Level.RESTRICTED, Level.PROHIBITED)
    assert "nature_reserve_unzoned" in general.kinds
    assert "nature_reserve_unzoned" in core.possible_kinds
    assert "nature_reserve_unzoned" in old.kinds
    assert core.kinds == ("nature_reserve_core_protection_zone",)


@pytest.mark.parametrize("layer_id", RESERVE_LAYERS)
@given(day=st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 1, 1)))
def test_every_kind_of_reserve_is_under_a_rule_on_every_day(layer_id: str, day: date) -> None:
    kinds = {kind for rule in SHIPPED.rules if rule.layer_id == layer_id for kind in rule.kinds}
    ruled = {
        kind
        for rule in rules_in_force(SHIPPED.rules, day)
        if rule.layer_id == layer_id and open_setting(rule) is None
        for kind in (*rule.kinds, *rule.possible_kinds)
    }
    assert "nature_reserve_unzoned" in kinds
    assert ruled == kinds


@pytest.mark.parametrize("name", ["wetland_avoid", "wetland_acts", "nr_general_2026", "nr_unzoned_2017"])
def test_a_rule_that_stands_twice_differs_in_the_layer_only(name: str) -> None:
    first = BY_ID[name]
    second = BY_ID[f"{name}_{'inventory' if name.startswith('wetland') else 'local'}"]
    assert first.layer_id != second.layer_id
    same = replace(second, id=first.id, title=first.title, layer_id=first.layer_id)
    assert same == first


@pytest.mark.parametrize("name", sorted(name for name in BY_ID if name.endswith(PROVISIONAL)))
def test_a_provisional_rule_goes_on_where_the_old_one_ends(name: str) -> None:
    new, old = BY_ID[name], BY_ID[name.removesuffix(PROVISIONAL)]
    (start,) = (provision.in_force_from for provision in new.provisions)
    (end,) = (provision.in_force_until for provision in old.provisions)
    assert start is not None
    assert end is not None
    assert start == end + DAY
    assert not new.verified
    assert new.note is not None
    assert "待核" in new.note.zh
    assert (new.level, new.recipe, new.layer_id) == (old.level, old.recipe, old.layer_id)
    assert (new.kinds, new.possible_kinds) == (old.kinds, old.possible_kinds)


@pytest.mark.parametrize("rule", SHIPPED.rules, ids=rule_id)
def test_a_rule_of_a_replaced_instrument_ends_and_is_followed(rule: Rule) -> None:
    for provision in rule.provisions:
        start = next((day for name, day in REPLACED.items() if provision.instrument.endswith(name)), None)
        if start is None or provision.in_force_from == start:
            continue
        assert provision.in_force_until == start - DAY
        zones_of_2017 = rule.layer_id in RESERVE_LAYERS and open_setting(rule) is None
        assert f"{rule.id}{PROVISIONAL}" in BY_ID or zones_of_2017


@given(day=st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 1, 1)))
def test_no_control_is_lost_or_doubled_by_a_replacement(day: date) -> None:
    now = ids_on(day)
    for name in BY_ID:
        if name.endswith(PROVISIONAL):
            old = name.removesuffix(PROVISIONAL)
            begins = BY_ID[old].provisions[0].in_force_from
            if begins is None or begins <= day:
                assert (name in now) != (old in now)


def test_a_distance_left_open_is_a_notice_until_the_office_fills_it_in() -> None:
    open_rules = [rule for rule in SHIPPED.rules if open_setting(rule) is not None]
    assert {rule.id.removesuffix(PROVISIONAL) for rule in open_rules} == OPEN_IDS
    assert SHIPPED.settings == {}
    for rule in open_rules:
        notice = effective_rule(rule, {})
        assert (notice.level, notice.recipe.type) == (Level.NOTICE, "inside")


def test_every_setting_is_used_and_every_open_rule_has_one() -> None:
    names = {setting.id for setting in read_office_settings(PATH)}
    assert names == {name for rule in SHIPPED.rules if (name := open_setting(rule)) is not None}


def test_no_rule_of_a_day_needs_a_setting() -> None:
    assert all(open_setting(rule) is None for rule in effective_rules(SHIPPED, date(2026, 11, 22)))


def test_the_article_not_seen_is_not_verified() -> None:
    assert not BY_ID["nr_general_2026"].verified
    assert not BY_ID["urban_growth_boundary"].verified
    assert BY_ID["nr_unzoned_2017"].verified
    assert BY_ID["permanent_farmland"].verified


def test_water_of_the_river_is_management_area_and_waterway() -> None:
    for name in ("river_mgmt_national", "river_prohibit", "river_crossing_approval", "waterway_assessment"):
        assert BY_ID[name].layer_id == "river_water"
        assert {"river_with_dyke", "qiantang_estuary"} <= set(BY_ID[name].kinds)


def test_xixi_is_a_wetland() -> None:
    for name in ("wetland_avoid", "wetland_acts", "wetland_temp", "wetland_zj_2012_provisional"):
        assert "xixi_national_wetland_park" in BY_ID[name].kinds


def test_a_rule_handed_out_cites_only_provisions_in_force() -> None:
    day = date(2026, 11, 22)
    for rule in rules_in_force(SHIPPED.rules, day):
        assert rule.provisions == provisions_in_force(rule, day)
