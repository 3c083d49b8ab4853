"""What a bulk check did, counted part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gis.errors import OutputError
from gis.model import Verdict
from gis.scale.columns import REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class BulkSummary:
    """What a bulk check did.

    Parameters
    ----------
    findings_path, sites_path : Path
        The two files written.
    features_in, rejected, findings : int
        Features read, those that could not become sites, and findings: ``features_in`` is the sum of
        `by_verdict` and `rejected`.
    by_verdict : mapping of str to int
    resumed : int
        Features whose answers were there from a run that had been stopped.
    crs_read : tuple of str
        Coordinate systems the sites were read in.
    """

    findings_path: Path
    sites_path: Path
    features_in: int
    rejected: int
    findings: int
    by_verdict: dict[str, int]
    resumed: int = 0
    crs_read: tuple[str, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether every feature is a site and every site is clear."""
        return self.features_in == self.by_verdict.get(Verdict.CLEAR.value, 0)


@dataclass(slots=True)
class Tally:
    """Counts as parts are done."""

    counts: dict[str, int] = field(default_factory=dict)
    labels: dict[str, None] = field(default_factory=dict)
    resumed: int = 0

    def add(self, counts: dict[str, int], labels: Iterable[str]) -> None:
        """Add what is known of a part."""
        for name, value in counts.items():
            self.counts[name] = self.counts.get(name, 0) + value
        self.labels |= dict.fromkeys(labels)


def name_sites_file(findings: Path) -> Path:
    """Return where the table of the sites goes: beside the findings, ``x.parquet`` → ``x.sites.parquet``."""
    return findings.with_name(f"{findings.stem}.sites.parquet")


def summarise(target: Path, tally: Tally) -> BulkSummary:
    """Return what was done; a feature read is a site or rejected.

    Raises
    ------
    OutputError
        If one were neither.
    """
    counts = tally.counts
    features, rejected = counts.get("features", 0), counts.get(REJECTED, 0)
    by_verdict = {verdict.value: counts.get(verdict.value, 0) for verdict in Verdict}
    if features != sum(by_verdict.values()) + rejected:
        raise OutputError(
            f"读入 {features} 个要素，只交代了 {sum(by_verdict.values()) + rejected} 个",
            f"{features} features were read but {sum(by_verdict.values()) + rejected} accounted for",
            code="outputs.miscount",
        )
    return BulkSummary(
        findings_path=target,
        sites_path=name_sites_file(target),
        features_in=features,
        rejected=rejected,
        findings=counts.get("findings", 0),
        by_verdict=by_verdict,
        resumed=tally.resumed,
        crs_read=tuple(tally.labels),
    )
