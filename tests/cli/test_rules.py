"""``gis rules`` lists the rules: what they rest on, what feeds them, which are in force."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner, Result

from gis.cli.rules import describe_recipe, rules
from gis.errors import NotFoundError, SettingsError
from gis.model import Recipe

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """\
[[layer]]
id = "ponds"
title_zh = "水塘"
title_en = "Ponds"
theme = "water"
path = "water/ponds.geojson"
geometry_type = "Polygon"
rows = 1
provenance = "digitised"
source = "sketch"
licence = "CC0"

[[layer]]
id = "springs"
title_zh = "泉"
title_en = "Springs"
theme = "water"
geometry_type = "Point"
provenance = "none"
source = "-"
licence = "-"
"""


def write_rule(name: str, layer: str, kind: str, dates: str, *, verified: bool = True) -> str:
    """Return one rule as TOML."""
    truth = str(verified).lower()
    return (
        f'[[rule]]\nid = "{name}"\ntitle_zh = "规则{name}"\ntitle_en = "Rule {name}"\nlevel = "prohibited"\n'
        f'applies_to = {{ layer = "{layer}", kinds = ["{kind}"] }}\n'
        'recipe = { type = "buffer", distance_m = 5, from = "shore" }\n'
        f'requirement_zh = "不得填埋。"\nrequirement_en = "Do not fill."\nverified = {truth}\n'
        '[[rule.provisions]]\ninstrument = "某条例"\ninstrument_en = "Some rules"\narticle = "第一条"\n'
        f'version = "2020"\n{dates}\nsource = "gazette"\nverified = {truth}\n'
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace of one layer with data, one without, and three rules."""
    (tmp_path / "maps").mkdir()
    (tmp_path / "layers" / "water").mkdir(parents=True)
    (tmp_path / "layers" / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    feature = {"type": "Feature", "properties": {"id": "p1", "kind": "pond"}, "geometry": None}
    collection = {"type": "FeatureCollection", "features": [feature]}
    (tmp_path / "layers" / "water" / "ponds.geojson").write_text(json.dumps(collection), encoding="utf-8")
    parts = (
        write_rule("fed", "ponds", "pond", "in_force_from = 2020-05-01"),
        write_rule("unfed", "ponds", "lake", "in_force_until = 2020-04-30"),
        write_rule("declared", "springs", "spring", "in_force_from = 2099-01-01", verified=False),
    )
    (tmp_path / "layers" / "rules.toml").write_text("\n".join(parts), encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    """Run the command in a workspace."""
    app = typer.Typer()
    app.command()(rules)
    return CliRunner().invoke(app, [*arguments, "--workspace", str(folder)])


def list_rules(folder: Path, *arguments: str) -> dict[str, dict[str, object]]:
    """Return the rules the command prints as JSON, by id."""
    result = run(folder, "--json", *arguments)
    assert result.exit_code == 0
    return {rule["id"]: rule for rule in json.loads(result.stdout)["rules"]}


def test_all_rules_are_listed_with_their_state_and_whether_a_feature_feeds_them(folder: Path) -> None:
    listed = list_rules(folder)
    found = {name: (rule["state"], rule["used"]) for name, rule in listed.items()}
    assert found == {"fed": ("in_force", True), "unfed": ("ended", False), "declared": ("pending", False)}


def test_json_has_every_field(folder: Path) -> None:
    rule = list_rules(folder)["fed"]
    assert rule["title"] == {"zh": "规则fed", "en": "Rule fed"}
    assert rule["level"] == "prohibited"
    assert rule["recipe"] == {"type": "buffer", "distance_m": 5.0, "from": "shore"}
    assert rule["requirement"] == {"zh": "不得填埋。", "en": "Do not fill."}
    assert rule["provisions"] == [
        {
            "instrument": "某条例",
            "article": "第一条",
            "version": "2020",
            "in_force_from": "2020-05-01",
            "in_force_until": None,
            "source": "gazette",
            "verified": True,
            "instrument_en": "Some rules",
        }
    ]


def test_a_rule_whose_distance_is_open_shows_as_the_notice_it_is(folder: Path) -> None:
    path = folder / "layers" / "rules.toml"
    text = path.read_text(encoding="utf-8").replace("distance_m = 5", 'setting = "belt_m"', 1)
    setting = '[settings.belt_m]\ntitle_zh = "带宽"\ntitle_en = "Width"\nunit = "m"\n'
    path.write_text(setting + text, encoding="utf-8")
    rule = list_rules(folder)["fed"]
    assert (rule["level"], rule["effective_level"]) == ("prohibited", "notice")
    (line,) = (line for line in run(folder).stdout.splitlines() if "规则fed" in line)
    assert line.strip().startswith("提示")
    path.write_text(setting + "value = 40\n" + text, encoding="utf-8")
    assert list_rules(folder)["fed"]["effective_level"] == "prohibited"


def test_unused_lists_the_rules_that_no_feature_feeds(folder: Path) -> None:
    assert set(list_rules(folder, "--unused")) == {"unfed", "declared"}


def test_a_day_leaves_the_rules_in_force_on_it(folder: Path) -> None:
    assert set(list_rules(folder, "--on", "2020-04-30")) == {"unfed"}
    assert set(list_rules(folder, "--on", "2020-05-01")) == {"fed"}


def test_a_layer_leaves_its_rules(folder: Path) -> None:
    assert set(list_rules(folder, "--layer", "springs")) == {"declared"}


def test_an_unknown_layer_is_refused(folder: Path) -> None:
    assert isinstance(run(folder, "--layer", "lakes").exception, NotFoundError)


def test_a_day_that_is_none_is_refused(folder: Path) -> None:
    assert isinstance(run(folder, "--on", "yesterday").exception, SettingsError)


def test_a_broken_layer_file_feeds_nothing(folder: Path) -> None:
    (folder / "layers" / "water" / "ponds.geojson").write_text("[", encoding="utf-8")
    assert "fed" in list_rules(folder, "--unused")


def test_the_table_marks_what_is_not_verified_and_what_is_not_fed(folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    (fed,) = (line for line in lines if "规则fed" in line)
    (declared,) = (line for line in lines if "规则declared" in line)
    assert "?" not in fed
    assert "○" not in fed
    assert "?" in declared
    assert "○" in declared
    assert "缓冲 buffer 5 m" in fed
    assert "第一条" in fed
    assert "3 条规则" in result.stderr


@pytest.mark.parametrize(
    ("recipe", "text"),
    [
        (Recipe("inside"), "范围内 inside"),
        (Recipe("outside"), "范围外 outside"),
        (Recipe("buffer", {"distance_m": 0.75}), "缓冲 buffer 0.75 m"),
        (Recipe("buffer", {"setting": "belt_m"}), "缓冲 buffer [belt_m]"),
        (Recipe("ring", {"inner_m": 5.0, "outer_m": 50.0}), "环带 ring 5–50 m"),
        (
            Recipe("along_river", {"up_m": 1000.0, "down_m": 100.0, "lateral_m": 50.0}),
            "沿河 along river ↑1000 ↓100 ↔50 m",
        ),
        (
            Recipe("airport_rectangle", {"side_m": 10000.0, "end_m": 20000.0}),
            "跑道矩形 runway ±10000, +20000 m",
        ),
        (
            Recipe("obstacle_surface", {"height_m": 45.0, "outer_m": 6000.0}),
            "限制面 surface 45 m → 6000 m",
        ),
    ],
)
def test_a_recipe_is_described_in_a_few_words(recipe: Recipe, text: str) -> None:
    assert describe_recipe(recipe) == text
