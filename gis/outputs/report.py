"""What a report says, as records in its order: the HTML and the PDF set the same records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.model import Text

if TYPE_CHECKING:
    from gis.model import Certainty, Level, Provision, Verdict
    from gis.outputs.figure import Figure

TITLE = Text("项目用地检查报告", "Site check report")
SECTIONS = (
    Text("项目用地", "Project sites"),
    Text("检查结论", "Conclusions"),
    Text("逐条依据", "Findings and articles"),
    Text("未评估图层", "Layers not assessed"),
    Text("走廊影响", "Effect on ecological corridors"),
    Text("图", "Figures"),
    Text("数据来源", "Data sources"),
    Text("复现信息", "Reproduction"),
)
WITHIN = Text(
    "按图未触及，但在精度带内不能排除的用地",
    "not met as drawn, but not ruled out within the accuracy (distance, direction, greatest overlap)",
)
CAVEAT = Text(
    "本报告只对所列图层、法规和日期作出判断，不替代主管部门的审查。没有数据的图层不等于没有管控；“可能”表示在数据精度内不能排除。",
    "This report speaks only of the layers, rules and date it names and replaces no review by the authority. "
    "A layer without data does not mean there is no control; “possible” means that the accuracy of the data "
    "does not rule it out.",
)


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site in the list of sites."""

    number: int
    name: str
    file: str
    kind: Text
    size: tuple[str, str, str]
    verdict: Verdict
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One verdict with the sites it holds for and what decided it."""

    verdict: Verdict
    sites: str
    names: str
    count: int
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class AlternativeRow:
    """What one site could be instead: moved, or cut down."""

    number: int
    name: str
    shift: Text
    part: Text


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One site that meets a rule's zone: relation, certainty, and the measure's least, drawn, greatest."""

    number: int
    name: str
    relation: Text
    certainty: Certainty
    least: tuple[str, ...]
    drawn: tuple[str, ...]
    greatest: tuple[str, ...]
    share: str
    remark: tuple[Text, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class RuleBlock:
    """One rule that sites meet, with its articles and its rows."""

    number: int
    rule_id: str
    level: Level
    title: Text
    requirement: Text
    note: Text | None
    provisions: tuple[Provision, ...]
    verified: bool
    pending: bool
    layer: Text
    accuracy: str
    rows: tuple[MeetingRow, ...]
    within: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules of one level whose rows are the same, so that one table serves them all."""

    rules: tuple[RuleBlock, ...]

    @property
    def rows(self) -> tuple[MeetingRow, ...]:
        """The rows all of them have."""
        return self.rules[0].rows

    @property
    def within(self) -> tuple[str, ...]:
        """Sites that the zones may reach within the accuracy, though not as drawn."""
        return self.rules[0].within


@dataclass(frozen=True, slots=True)
class NearRow:
    """The zones near one site that it does not meet."""

    number: int
    name: str
    near: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class GapRow:
    """One layer that could not answer."""

    layer: Text
    reason: Text
    required: bool
    sites: str
    share: str


@dataclass(frozen=True, slots=True)
class CorridorRow:
    """What one site, or all together, take from one corridor."""

    who: Text
    corridor: Text
    severed: bool
    lost: str
    before: str
    after: str
    required: str
    holds: Text
    together: bool


@dataclass(frozen=True, slots=True)
class LinkRow:
    """What one site takes of one link of the corridor network as computed."""

    who: Text
    link: Text
    path: Text
    band: str
    pinch: str
    sure: Text
    change: Text
    lost: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One layer with its source."""

    layer: Text
    status: Text
    provenance: Text
    date: str
    accuracy: str
    source: str
    licence: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One feature that could not be checked."""

    file: str
    index: int
    name: str
    message: Text


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report says."""

    title: Text
    office: str
    check_id: str
    created: str
    on: str
    counts: tuple[tuple[Verdict, int], ...]
    sites: tuple[SiteRow, ...]
    sites_in_all: int
    rejected: tuple[RejectedRow, ...]
    rejected_in_all: int
    conclusions: tuple[Conclusion, ...]
    alternatives: tuple[AlternativeRow, ...]
    rules: tuple[RuleGroup, ...]
    near: tuple[NearRow, ...]
    gaps: tuple[GapRow, ...]
    corridors: tuple[CorridorRow, ...]
    links: tuple[LinkRow, ...]
    network: Text | None
    figures: tuple[Figure, ...]
    figures_left_out: int
    sources: tuple[SourceRow, ...]
    no_data: tuple[Text, ...]
    facts: tuple[tuple[Text, str], ...]


def say_more(count: int) -> Text:
    """Return where the rows are that a report does not print."""
    return Text(f"另有 {count} 行未列出，见 result.xlsx。", f"{count} further rows are in result.xlsx.")
