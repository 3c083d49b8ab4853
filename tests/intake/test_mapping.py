"""Fields found by code, by the office's word, or by asking; ids and kinds that never guess."""

from __future__ import annotations

import numpy as np
import pytest

from gis.errors import LayerError, SettingsError
from gis.intake.mapping import as_text, check_kinds, choose_kinds, find_fields, make_ids, parse_map
from gis.intake.table import SourceTable

CANDIDATES = {"id": ("BSM",), "name_zh": ("HXMC", "MC")}


def make_table(**columns: list[object]) -> SourceTable:
    return SourceTable("a.gpkg", "a", np.array([None], dtype=object), columns, None)


def test_the_first_field_with_values_is_taken_whatever_its_case() -> None:
    found = find_fields(make_table(bsm=["1"], HXMC=[None], mc=["甲"]), CANDIDATES, {})
    assert found.sources == {"id": "bsm", "name_zh": "mc"}


def test_what_the_office_says_wins_over_the_code() -> None:
    found = find_fields(make_table(HXMC=["甲"], 别名=["乙"]), CANDIDATES, {"别名": "name_zh"})
    assert found.sources["name_zh"] == "别名"


def test_a_person_is_asked_for_the_name_only_when_no_field_is_known() -> None:
    asked = []

    def ask(name: str, fields: object) -> str | None:
        asked.append((name, fields))
        return "俗称"

    assert find_fields(make_table(俗称=["甲"], X=[1]), CANDIDATES, {}, ask=ask).sources["name_zh"] == "俗称"
    assert asked == [("name_zh", ["俗称", "X"])]
    find_fields(make_table(MC=["甲"]), CANDIDATES, {}, ask=ask)
    assert len(asked) == 1


def test_further_fields_are_kept_and_measures_of_the_gis_are_not() -> None:
    found = find_fields(make_table(BSM=["1"], XZQMC=["临安"], Shape_Area=[1.0], OBJECTID=[1]), CANDIDATES, {})
    assert found.kept == ("BSM", "XZQMC")


@pytest.mark.parametrize("item", ["x", "=a", "a=", ""])
def test_a_map_option_that_is_no_pair_is_refused(item: str) -> None:
    with pytest.raises(SettingsError):
        parse_map([item])


def test_one_property_cannot_come_from_two_fields() -> None:
    with pytest.raises(SettingsError, match="twice"):
        parse_map(["a=name_zh", "b=name_zh"])


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (2.5, "2.5"), ("  甲 ", "甲"), ("", None), (None, None)]
)
def test_values_become_text_as_a_person_would_write_them(value: object, text: str | None) -> None:
    assert as_text(value) == text


def test_ids_are_those_of_the_file_only_when_all_are_there_and_unique() -> None:
    assert make_ids(["b", "a"], 2, "x") == (["b", "a"], None)
    for values in (["a", "a"], ["a", None], None):
        ids, why = make_ids(values, 2, "x")
        assert ids == ["x_1", "x_2"]
        assert why is not None


def test_the_kind_is_said_read_known_by_code_or_the_only_one() -> None:
    assert choose_kinds(["a"], given="g", code_kind="c", ruled={"r"}) == "g"
    assert choose_kinds(["a"], given=None, code_kind="c", ruled={"r"}) == ("a",)
    assert choose_kinds([None], given=None, code_kind="c", ruled={"r"}) == "c"
    assert choose_kinds(None, given=None, code_kind=None, ruled={"r"}) == "r"
    with pytest.raises(LayerError) as caught:
        choose_kinds(None, given=None, code_kind=None, ruled={"r", "s"})
    assert caught.value.code == "layers.kind"


def test_kinds_are_free_only_in_a_layer_without_rules() -> None:
    check_kinds({"anything"}, set(), has_rules=False, layer_id="x")
    check_kinds({"r"}, {"r"}, has_rules=True, layer_id="x")
    with pytest.raises(LayerError, match="anything"):
        check_kinds({"anything"}, {"r"}, has_rules=True, layer_id="x")
