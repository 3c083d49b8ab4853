"""The rule file is read strictly: what is wrong is refused with rule and field named."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gis.errors import RuleError
from gis.model import Level, Recipe, Text
from gis.rules import OfficeSetting, read_office_settings, read_rules

if TYPE_CHECKING:
    from pathlib import Path

RULE = """\
[settings.belt_m]
title_zh = "外围带宽度"
title_en = "Width of the belt"
unit = "m"

[[rule]]
id = "pond"
title_zh = "水塘"
title_en = "Pond"
level = "restricted"
applies_to = { layer = "ponds", kinds = ["pond"], possible_kinds = ["marsh"] }
recipe = { type = "buffer", distance_m = 5, from = "shore" }
requirement_zh = "不得填埋。"
requirement_en = "Do not fill."
note_zh = "注。"
note_en = "A note."
attention_m = 20
near_m = 300
verified = true
[[rule.provisions]]
instrument = "某条例"
instrument_en = "Some rules"
article = "第一条"
version = "2020"
in_force_from = 2020-05-01
in_force_until = 2022-04-30
source = "gazette"
verified = true
"""
SURFACE = 'type = "obstacle_surface", radius_m = 4000, height_m = 45, slope = 0.05, outer_m = 6000'
RECIPE = '{ type = "buffer", distance_m = 5, from = "shore" }'


def write(folder: Path, text: str) -> Path:
    """Write a rule file and return its path."""
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refuse(folder: Path, text: str) -> RuleError:
    """Return the error with which a rule file is refused."""
    with pytest.raises(RuleError) as caught:
        read_rules(write(folder, text))
    return caught.value


def test_a_rule_is_read_with_every_field(tmp_path: Path) -> None:
    (rule,) = read_rules(write(tmp_path, RULE)).rules
    assert (rule.id, rule.title, rule.level) == ("pond", Text("水塘", "Pond"), Level.RESTRICTED)
    assert (rule.layer_id, rule.kinds, rule.possible_kinds) == ("ponds", ("pond",), ("marsh",))
    assert rule.recipe == Recipe("buffer", {"distance_m": 5.0, "from": "shore"})
    assert rule.requirement == Text("不得填埋。", "Do not fill.")
    assert rule.note == Text("注。", "A note.")
    assert (rule.attention_m, rule.near_m, rule.verified) == (20.0, 300.0, True)
    (provision,) = rule.provisions
    assert (provision.instrument, provision.instrument_en) == ("某条例", "Some rules")
    assert (provision.article, provision.version, provision.source) == ("第一条", "2020", "gazette")
    assert (provision.in_force_from, provision.in_force_until) == (date(2020, 5, 1), date(2022, 4, 30))
    assert provision.verified


def test_what_may_be_left_out_has_its_default(tmp_path: Path) -> None:
    lines = ("note_", "attention_m", "near_m", "in_force")
    text = "\n".join(line for line in RULE.splitlines() if not line.startswith(lines))
    (rule,) = read_rules(write(tmp_path, text)).rules
    assert (rule.note, rule.attention_m, rule.near_m) == (None, 0.0, None)
    assert (rule.provisions[0].in_force_from, rule.provisions[0].in_force_until) == (None, None)


def test_a_rule_without_a_title_is_titled_by_its_requirement(tmp_path: Path) -> None:
    text = RULE.replace('title_zh = "水塘"\n', "").replace('title_en = "Pond"\n', "")
    (rule,) = read_rules(write(tmp_path, text)).rules
    assert rule.title == rule.requirement


def test_a_date_may_be_iso_text(tmp_path: Path) -> None:
    (rule,) = read_rules(write(tmp_path, RULE.replace("2020-05-01", '"2020-05-01"'))).rules
    assert rule.provisions[0].in_force_from == date(2020, 5, 1)


@pytest.mark.parametrize("verified", [True, False])
def test_a_provision_that_does_not_say_is_verified_like_its_rule(tmp_path: Path, *, verified: bool) -> None:
    text = RULE.replace('source = "gazette"\nverified = true', "")
    text = text.replace("verified = true", f"verified = {str(verified).lower()}")
    text = text.replace('version = "2020"', "").replace('instrument_en = "Some rules"', "")
    (provision,) = read_rules(write(tmp_path, text)).rules[0].provisions
    assert provision.verified is verified
    assert (provision.version, provision.source, provision.instrument_en) == ("", "", "")


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, RULE)
    assert read_rules(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_setting_has_a_value_once_the_office_gave_one(tmp_path: Path) -> None:
    path = write(tmp_path, RULE)
    assert read_office_settings(path) == (
        OfficeSetting("belt_m", Text("外围带宽度", "Width of the belt"), "m", None),
    )
    assert read_rules(path).settings == {}
    path = write(tmp_path, RULE.replace('unit = "m"', 'unit = "m"\nvalue = 40'))
    assert read_rules(path).settings == {"belt_m": 40.0}


def test_an_empty_file_has_no_rules(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    assert read_rules(path).rules == ()
    assert read_office_settings(path) == ()


@pytest.mark.parametrize(
    ("recipe", "parameters"),
    [
        ('{ type = "inside" }', {}),
        ('{ type = "outside" }', {}),
        ('{ type = "buffer", setting = "belt_m" }', {"setting": "belt_m"}),
        ('{ type = "ring", inner_m = 5, outer_m = 50 }', {"inner_m": 5.0, "outer_m": 50.0}),
        (
            '{ type = "along_river", up_m = 1000, down_m = 100, lateral_m = 0 }',
            {"up_m": 1000.0, "down_m": 100.0, "lateral_m": 0.0},
        ),
        (
            '{ type = "airport_rectangle", side_m = 10000, end_m = 20000 }',
            {"side_m": 10000.0, "end_m": 20000.0},
        ),
        (
            f"{{ {SURFACE}, transitional = {{ slope = 0.143 }} }}",
            {
                "radius_m": 4000.0,
                "height_m": 45.0,
                "slope": 0.05,
                "outer_m": 6000.0,
                "transitional": {"slope": 0.143},
            },
        ),
    ],
)
def test_a_recipe_of_each_type_is_read(tmp_path: Path, recipe: str, parameters: dict[str, object]) -> None:
    (rule,) = read_rules(write(tmp_path, RULE.replace(RECIPE, recipe))).rules
    assert rule.recipe.parameters == parameters
    assert f'"{rule.recipe.type}"' in recipe


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        ('{ type = "circle" }', "recipe.type"),
        ("{ distance_m = 5 }", "type"),
        ('{ type = "inside", distance_m = 5 }', "distance_m"),
        ('{ type = "outside", setting = "belt_m" }', "setting"),
        ('{ type = "buffer" }', "distance_m"),
        ('{ type = "buffer", distance_m = 0 }', "distance_m"),
        ('{ type = "buffer", distance_m = -1 }', "distance_m"),
        ('{ type = "buffer", distance_m = inf }', "distance_m"),
        ('{ type = "buffer", distance_m = nan }', "distance_m"),
        ('{ type = "buffer", distance_m = "5" }', "distance_m"),
        ('{ type = "buffer", distance_m = true }', "distance_m"),
        ('{ type = "buffer", distance_m = 5, from = "fence" }', "from"),
        ('{ type = "buffer", setting = "width_m" }', "setting"),
        ('{ type = "buffer", setting = "belt_m", distance_m = 5 }', "setting"),
        ('{ type = "buffer", distance_m = 5, width_m = 5 }', "width_m"),
        ('{ type = "ring", inner_m = 5 }', "outer_m"),
        ('{ type = "ring", outer_m = 5 }', "inner_m"),
        ('{ type = "ring", inner_m = 50, outer_m = 50 }', "outer_m"),
        ('{ type = "along_river", up_m = 1000, down_m = 100 }', "lateral_m"),
        ('{ type = "airport_rectangle", side_m = 1 }', "end_m"),
        ('{ type = "obstacle_surface", radius_m = 4000, height_m = 45, slope = 0.05 }', "outer_m"),
        (
            '{ type = "obstacle_surface", radius_m = 6000, height_m = 45, slope = 0.05, outer_m = 6000 }',
            "outer_m",
        ),
        (
            '{ type = "obstacle_surface", radius_m = 1, height_m = 1, slope = 1, outer_m = 2, approach = 3 }',
            "approach",
        ),
        (
            f'{{ {SURFACE}, approach = {{ slope = "steep" }} }}',
            "slope",
        ),
        ('"inside"', "recipe"),
    ],
)
def test_a_recipe_with_a_wrong_parameter_is_refused(tmp_path: Path, recipe: str, field: str) -> None:
    error = refuse(tmp_path, RULE.replace(RECIPE, recipe))
    assert error.where == f"rules.toml: pond · {field}"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('id = "pond"', 'id = "Pond 1"', "id"),
        ('level = "restricted"', 'level = "forbidden"', "level"),
        ('layer = "ponds"', 'layer = ""', "layer"),
        ('kinds = ["pond"], possible_kinds = ["marsh"]', "kinds = []", "kinds"),
        ('kinds = ["pond"]', 'kinds = ["pond", "pond"]', "kinds"),
        ('kinds = ["pond"]', 'kinds = "pond"', "kinds"),
        ('kinds = ["pond"]', "kinds = [3]", "kinds"),
        ('kinds = ["pond"]', 'kinds = ["池塘"]', "kinds"),
        ('possible_kinds = ["marsh"]', 'possible_kinds = ["pond"]', "possible_kinds"),
        ('possible_kinds = ["marsh"]', 'colour = "blue"', "colour"),
        ('applies_to = { layer = "ponds", kinds = ["pond"], possible_kinds = ["marsh"] }', "", "applies_to"),
        ('title_zh = "水塘"', "", "title_zh"),
        ('title_en = "Pond"', "", "title_en"),
        ('title_en = "Pond"', 'title_en = " "', "title_en"),
        ('requirement_zh = "不得填埋。"', "requirement_zh = 3", "requirement_zh"),
        ('requirement_en = "Do not fill."', "", "requirement_en"),
        ('note_en = "A note."', "", "note_en"),
        ('note_zh = "注。"', "", "note_zh"),
        ("attention_m = 20", "attention_m = -1", "attention_m"),
        ("near_m = 300", 'near_m = "far"', "near_m"),
        ("near_m = 300", "far_m = 300", "far_m"),
        ("verified = true\n[[", 'verified = "yes"\n[[', "verified"),
        ("verified = true\n[[", "[[", "verified"),
        ('source = "gazette"\nverified = true', 'source = "gazette"\nverified = false', "verified"),
        ('source = "gazette"\nverified = true', 'source = "gazette"\nverified = 1', "verified"),
        ('source = "gazette"', 'source = ""', "source"),
        ('article = "第一条"', 'article = ""', "article"),
        ('version = "2020"', "version = 2020", "version"),
        ('instrument = "某条例"', "", "instrument"),
        ('instrument_en = "Some rules"', 'instrument_en = ""', "instrument_en"),
        ("in_force_from = 2020-05-01", 'in_force_from = "1 May 2020"', "in_force_from"),
        ("in_force_from = 2020-05-01", 'in_force_from = "20200501"', "in_force_from"),
        ("in_force_from = 2020-05-01", 'in_force_from = "2020-02-30"', "in_force_from"),
        ('instrument_en = "Some rules"', 'instrument_en = "Some rules"\npage = 3', "page"),
        ("in_force_from = 2020-05-01", "in_force_from = 2020-05-01T00:00:00", "in_force_from"),
        ("in_force_until = 2022-04-30", "in_force_until = 2020-04-30", "in_force_until"),
        (RULE[RULE.index("[[rule.provisions]]") :], "", "provisions"),
        (RULE[RULE.index("[[rule.provisions]]") :], "provisions = []", "provisions"),
        (RULE[RULE.index("[[rule.provisions]]") :], 'provisions = "第一条"', "provisions"),
    ],
)
def test_a_rule_with_a_wrong_field_is_refused(tmp_path: Path, old: str, new: str, field: str) -> None:
    assert RULE.count(old) == 1
    error = refuse(tmp_path, RULE.replace(old, new))
    owner = "Pond 1" if field == "id" else "pond"
    assert error.where == f"rules.toml: {owner} · {field}"
    assert field in error.zh
    assert field in error.en
    assert error.code == "rules.field"


def test_a_rule_without_an_id_is_named_by_its_place(tmp_path: Path) -> None:
    error = refuse(tmp_path, RULE.replace('id = "pond"\n', ""))
    assert error.where == "rules.toml: #1 · id"


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    error = refuse(tmp_path, RULE + RULE[RULE.index("[[rule]]") :])
    assert error.where == "rules.toml: pond · id"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('unit = "m"', 'unit = "km"', "unit"),
        ('unit = "m"', "", "unit"),
        ('title_en = "Width of the belt"', "", "title_en"),
        ('unit = "m"', 'unit = "m"\nvalue = -5', "value"),
        ('unit = "m"', 'unit = "m"\nvalue = "wide"', "value"),
        ('unit = "m"', 'unit = "m"\nwidth = 5', "width"),
    ],
)
def test_a_broken_setting_is_refused(tmp_path: Path, old: str, new: str, field: str) -> None:
    error = refuse(tmp_path, RULE.replace(old, new))
    assert error.where == f"rules.toml: settings.belt_m · {field}"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("settings = 3", "settings"),
        ("settings = { belt_m = 3 }", "belt_m"),
        ("rule = 3", "rule"),
        ("rule = [3]", "rule"),
        ("rules = []", "rules"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, field: str) -> None:
    error = refuse(tmp_path, text)
    assert error.where == f"rules.toml: - · {field}"


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    assert refuse(tmp_path, "[[rule]\n").code == "rules.toml"


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(RULE.encode("gb18030"))
    with pytest.raises(RuleError) as caught:
        read_rules(path)
    assert caught.value.code == "rules.toml"


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        read_rules(tmp_path / "rules.toml")
    assert caught.value.code == "rules.missing"
    assert str(tmp_path) in str(caught.value.where)
