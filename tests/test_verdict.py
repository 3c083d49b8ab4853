"""The verdict: the first case of the list that applies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.model import Certainty, Finding, Level, Note, Relation, Text, Unassessed, Verdict
from gis.verdict import decide

GAP = Unassessed("redline", Text("红线", "redline"), "no_data", 1.0, required=True)
BASE = Finding(
    finding_id="s:r",
    rule_id="r",
    layer_id="l",
    feature_ids=("f",),
    title=Text("规则", "rule"),
    level=Level.PROHIBITED,
    relation=Relation.OVERLAP,
    certainty=Certainty.CERTAIN,
    overlap_area_m2=None,
    share_of_site=None,
    overlap_length_m=None,
    distance_m=0.0,
    bearing_deg=None,
    accuracy_m=1.0,
    height_limit_m=None,
    pending=False,
    requirement=Text("要求", "requirement"),
    provisions=(),
    verified=True,
    attention_m=0.0,
    geometry=None,
)


def finding(**changes: Any) -> Finding:
    """Return a certain overlap with a verified prohibition, changed as asked."""
    return replace(BASE, **changes)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.PROHIBITED),
        ({"level": Level.RESTRICTED}, Verdict.RESTRICTED),
        ({"level": Level.APPROVAL_NEEDED}, Verdict.APPROVAL_NEEDED),
        ({"level": Level.NOTICE}, Verdict.ATTENTION),
        ({"certainty": Certainty.POSSIBLE}, Verdict.ATTENTION),
        ({"verified": False}, Verdict.ATTENTION),
        ({"pending": True}, Verdict.CLEAR),
        ({"relation": Relation.NEAR, "certainty": Certainty.NONE, "distance_m": 500.0}, Verdict.CLEAR),
        (
            {
                "relation": Relation.NEAR,
                "certainty": Certainty.NONE,
                "distance_m": 500.0,
                "attention_m": 600.0,
            },
            Verdict.ATTENTION,
        ),
    ],
)
def test_verdict_of_one_finding(changes: dict[str, Any], verdict: Verdict) -> None:
    assert decide([finding(**changes)], [])[0] is verdict


def test_no_finding_and_no_gap_is_clear() -> None:
    assert decide([], []) == (Verdict.CLEAR, ())


def test_missing_required_data_is_never_clear_and_names_the_layer() -> None:
    assert decide([], [GAP]) == (Verdict.UNDETERMINED, ("redline",))


def test_missing_data_that_is_not_required_leaves_it_clear() -> None:
    assert decide([], [replace(GAP, required=False)])[0] is Verdict.CLEAR


def test_a_repair_to_confirm_leaves_it_undetermined_until_confirmed() -> None:
    repair = Note("repaired_needs_confirmation", Text("修复", "repaired"), 5.0)
    assert decide([], [], [repair])[0] is Verdict.UNDETERMINED
    assert decide([], [], [repair], accept_repairs=True)[0] is Verdict.CLEAR


def test_the_strictest_certain_finding_decides_and_gives_the_reason() -> None:
    findings = [
        finding(finding_id="s:a", level=Level.APPROVAL_NEEDED),
        finding(finding_id="s:p", certainty=Certainty.POSSIBLE),
        finding(finding_id="s:r", level=Level.RESTRICTED),
    ]
    assert decide(findings, [GAP]) == (Verdict.RESTRICTED, ("s:r",))


any_finding = st.builds(
    finding,
    level=st.sampled_from(Level),
    relation=st.sampled_from(Relation),
    certainty=st.sampled_from(Certainty),
    pending=st.booleans(),
    verified=st.booleans(),
)


@given(st.lists(any_finding, max_size=5), any_finding)
def test_one_more_finding_never_makes_the_verdict_milder(findings: list[Finding], extra: Finding) -> None:
    order = list(Verdict)
    assert order.index(decide([*findings, extra], [])[0]) <= order.index(decide(findings, [])[0])


@given(st.permutations([finding(level=level, finding_id=level.value) for level in Level]))
def test_the_order_of_findings_changes_nothing(findings: list[Finding]) -> None:
    assert decide(findings, [GAP]) == (Verdict.PROHIBITED, ("prohibited",))
