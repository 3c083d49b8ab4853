"""The verdict of a site: the first case of the list that applies. Pure logic.

The order is prohibited, restricted, approval_needed (each from a certain finding of a verified rule),
attention, undetermined, clear. Missing data never looks clear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.model import Certainty, Level, Relation, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model import Finding, Note, Unassessed

MEETING = frozenset({Relation.INSIDE, Relation.OVERLAP, Relation.CROSS})
NEEDS_CONFIRMATION = "repaired_needs_confirmation"
"""Code of a repair that changed more than 1 m² and 0.1 % of a site."""

DECIDING = (
    (Level.PROHIBITED, Verdict.PROHIBITED),
    (Level.RESTRICTED, Verdict.RESTRICTED),
    (Level.APPROVAL_NEEDED, Verdict.APPROVAL_NEEDED),
)


def decide(
    findings: Sequence[Finding],
    unassessed: Sequence[Unassessed],
    repairs: Sequence[Note] = (),
    *,
    accept_repairs: bool = False,
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict and the ids that decided it.

    Parameters
    ----------
    findings : sequence of Finding
        Of one site; pending ones (not yet in force) take no part.
    unassessed : sequence of Unassessed
        Layers that could not answer.
    repairs : sequence of Note
        Repairs of the site's geometry.
    accept_repairs : bool
        Whether the planner has confirmed them.

    Returns
    -------
    Verdict
    tuple of str
        Finding ids, layer ids or repair codes.
    """
    current = [finding for finding in findings if not finding.pending]
    for level, verdict in DECIDING:
        reasons = tuple(f.finding_id for f in current if f.level is level and is_decisive(f))
        if reasons:
            return verdict, reasons
    reasons = tuple(f.finding_id for f in current if calls_attention(f))
    if reasons:
        return Verdict.ATTENTION, reasons
    reasons = tuple(gap.layer_id for gap in unassessed if gap.required and gap.share_of_site > 0)
    if not accept_repairs:
        reasons += tuple(note.code for note in repairs if note.code == NEEDS_CONFIRMATION)
    if reasons:
        return Verdict.UNDETERMINED, reasons
    return Verdict.CLEAR, ()


def is_certain_meeting(finding: Finding) -> bool:
    """Return whether the site certainly lies in the zone, wholly or in part."""
    return finding.certainty is Certainty.CERTAIN and finding.relation in MEETING


def is_decisive(finding: Finding) -> bool:
    """Return whether a finding decides by its level: certain, and of a rule whose text was seen."""
    return finding.verified and is_certain_meeting(finding)


def calls_attention(finding: Finding) -> bool:
    """Return whether a finding asks for a look: possible, a notice, near enough, or of an unverified rule."""
    if finding.certainty is Certainty.POSSIBLE or is_certain_meeting(finding):
        return True
    close = finding.relation in {Relation.NEAR, Relation.TOUCH, Relation.SLIVER}
    return close and finding.distance_m <= finding.attention_m
