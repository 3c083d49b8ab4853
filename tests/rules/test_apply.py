"""Which rules apply on a day, and how a distance left open becomes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.model import Level, Provision, Recipe, Rule, RuleSet, Text
from gis.rules import (
    effective_rule,
    effective_rules,
    open_setting,
    provisions_in_force,
    rules_in_force,
    rules_pending,
    unused_rules,
)

START, END = date(2020, 5, 1), date(2022, 4, 30)
DAY = timedelta(days=1)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2050, 1, 1))


def make_provision(start: date | None, end: date | None, article: str = "第一条") -> Provision:
    """Return a provision in force between two days."""
    return Provision(
        "某条例", article, "2020", start, end, "gazette", verified=True, instrument_en="Some rules"
    )


def make_rule(*provisions: Provision, recipe: Recipe | None = None, note: Text | None = None) -> Rule:
    """Return a rule that rests on `provisions`."""
    return Rule(
        id="some_rule",
        title=Text("某规则", "Some rule"),
        level=Level.RESTRICTED,
        layer_id="ponds",
        kinds=("pond",),
        possible_kinds=("marsh",),
        recipe=recipe or Recipe("inside"),
        requirement=Text("不得填埋。", "Do not fill."),
        provisions=provisions or (make_provision(None, None),),
        verified=True,
        note=note,
    )


@st.composite
def periods(draw: st.DrawFn) -> tuple[date | None, date | None]:
    """Return a time in force, open at either end or not."""
    first, second = sorted((draw(DAYS), draw(DAYS)))
    return draw(st.sampled_from([first, None])), draw(st.sampled_from([second, None]))


RULES = st.lists(
    st.lists(periods(), min_size=1, max_size=3).map(
        lambda spans: make_rule(*(make_provision(*s) for s in spans))
    ),
    max_size=4,
)


@pytest.mark.parametrize(
    ("day", "in_force"),
    [(START - DAY, False), (START, True), (START + DAY, True), (END, True), (END + DAY, False)],
)
def test_the_first_and_the_last_day_are_in_force(day: date, in_force: bool) -> None:  # noqa: FBT001
    rule = make_rule(make_provision(START, END))
    assert bool(rules_in_force([rule], day)) is in_force
    assert bool(rules_pending([rule], day)) is (day < START)


def test_a_date_not_known_does_not_hide_a_rule() -> None:
    assert rules_in_force([make_rule(make_provision(None, None))], date(1990, 1, 1))
    assert rules_in_force([make_rule(make_provision(None, END))], date(1990, 1, 1))
    assert rules_in_force([make_rule(make_provision(START, None))], date(2049, 1, 1))


def test_a_rule_is_in_force_when_any_provision_is_and_cites_only_that_one() -> None:
    early = make_provision(None, START - DAY, "第三条")
    late = make_provision(START, None, "第九条")
    rule = make_rule(early, late)
    assert [p.article for p in rules_in_force([rule], START - DAY)[0].provisions] == ["第三条"]
    assert [p.article for p in rules_in_force([rule], START)[0].provisions] == ["第九条"]


def test_a_rule_in_force_is_not_pending_for_a_later_provision() -> None:
    rule = make_rule(make_provision(None, END), make_provision(END + DAY, None))
    assert rules_pending([rule], END) == ()


def test_a_rule_that_ended_is_neither_in_force_nor_pending() -> None:
    rule = make_rule(make_provision(START, END))
    assert rules_in_force([rule], END + DAY) == ()
    assert rules_pending([rule], END + DAY) == ()


@given(rules=RULES, day=DAYS)
def test_in_force_and_pending_never_overlap_and_keep_the_order(rules: list[Rule], day: date) -> None:
    named = [replace(rule, id=f"rule_{index}") for index, rule in enumerate(rules)]
    in_force = [rule.id for rule in rules_in_force(named, day)]
    pending = [rule.id for rule in rules_pending(named, day)]
    assert not set(in_force) & set(pending)
    assert in_force == sorted(in_force)
    assert pending == sorted(pending)


@given(rules=RULES, day=DAYS)
def test_taking_the_rules_of_a_day_twice_changes_nothing(rules: list[Rule], day: date) -> None:
    once = rules_in_force(rules, day)
    assert rules_in_force(once, day) == once


@given(span=periods(), day=DAYS)
def test_a_provision_is_in_force_exactly_between_its_days(
    span: tuple[date | None, date | None], day: date
) -> None:
    start, end = span
    rule = make_rule(make_provision(start, end))
    begun = start is None or day >= start
    ended = end is not None and day > end
    assert bool(provisions_in_force(rule, day)) is (begun and not ended)


@given(rules=RULES, day=DAYS)
def test_a_pending_rule_comes_into_force_on_a_later_day(rules: list[Rule], day: date) -> None:
    for rule in rules_pending(rules, day):
        starts = [
            p.in_force_from for p in rule.provisions if p.in_force_from is not None and p.in_force_from > day
        ]
        assert rules_in_force([rule], min(starts))


def test_a_rule_with_a_distance_stays_as_it_is() -> None:
    rule = make_rule(recipe=Recipe("buffer", {"distance_m": 5.0, "from": "edge"}))
    assert effective_rule(rule, {"belt_m": 40.0}) is rule
    assert open_setting(rule) is None


def test_a_setting_without_a_value_makes_a_notice_that_says_what_to_fill_in() -> None:
    rule = make_rule(recipe=Recipe("buffer", {"setting": "belt_m", "from": "edge"}))
    notice = effective_rule(rule, {"other_m": 5.0})
    assert open_setting(rule) == "belt_m"
    assert notice.level is Level.NOTICE
    assert notice.recipe == Recipe("inside")
    assert notice.note is not None
    assert "[settings]" in notice.note.zh
    assert "[settings]" in notice.note.en
    assert rule.level is Level.RESTRICTED


def test_the_note_of_an_open_rule_is_kept() -> None:
    note = Text("原注。", "Its own note.")
    rule = make_rule(recipe=Recipe("buffer", {"setting": "belt_m"}), note=note)
    notice = effective_rule(rule, {})
    assert notice.note is not None
    assert notice.note.zh.startswith(note.zh)
    assert notice.note.en.startswith(note.en)


@given(distance_m=st.floats(min_value=0.1, max_value=1e5))
def test_a_setting_with_a_value_makes_the_buffer_at_the_level_of_the_rule(distance_m: float) -> None:
    rule = make_rule(recipe=Recipe("buffer", {"setting": "belt_m", "from": "edge"}))
    filled = effective_rule(rule, {"belt_m": distance_m})
    assert filled == replace(rule, recipe=Recipe("buffer", {"distance_m": distance_m, "from": "edge"}))


def test_the_rules_of_a_day_take_the_settings_of_the_set() -> None:
    rule = make_rule(make_provision(START, None), recipe=Recipe("buffer", {"setting": "belt_m"}))
    rules = RuleSet(rules=(rule,), sha256="0" * 64, settings={"belt_m": 40.0})
    assert effective_rules(rules, START - DAY) == ()
    assert effective_rules(rules, START)[0].recipe == Recipe("buffer", {"distance_m": 40.0})


@pytest.mark.parametrize(
    ("kinds_by_layer", "unused"),
    [
        ({}, True),
        ({"ponds": ()}, True),
        ({"ponds": ("lake",)}, True),
        ({"lakes": ("pond",)}, True),
        ({"ponds": ("pond", "lake")}, False),
        ({"ponds": ("marsh",)}, False),
    ],
)
def test_a_rule_is_unused_unless_its_layer_has_one_of_its_kinds(
    kinds_by_layer: dict[str, tuple[str, ...]],
    unused: bool,  # noqa: FBT001
) -> None:
    assert bool(unused_rules([make_rule()], kinds_by_layer)) is unused
