"""Compare bulk answers with those of single sites on generated files: findings, certainty, figures, verdicts.

python benchmarks/agree.py SITES.parquet --zones ZONES.parquet [--count 2000] [--near 200] [--accuracy 5]

Takes every n-th site of the file. Prints one line with the greatest differences; exits with 1 where anything
but the last digits of a figure differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyarrow.parquet as pq
from bulk import make_workspace

import gis
from gis.model import CheckOptions
from gis.sites.raw import SiteSource
from gis.sites.read import read_sites
from gis.study import check_sites

if TYPE_CHECKING:
    from gis.model import Finding, SiteResult

Row = dict[str, Any]
RANGES = ("overlap_area", "overlap_length")
AREA_SHARE, DISTANCE_M, BEARING_DEG = 1e-6, 1e-6, 1e-3


def read_figures(finding: Finding) -> Row:
    """Return what a finding says as the columns of the bulk table."""
    row: Row = {
        "relation": str(finding.relation),
        "certainty": str(finding.certainty),
        "feature_ids": list(finding.feature_ids),
        "distance_m": finding.distance_m,
        "bearing_deg": finding.bearing_deg,
        "accuracy_m": finding.accuracy_m,
    }
    for name, unit, value in (
        ("overlap_area", "_m2", finding.overlap_area_m2),
        ("overlap_length", "_m", finding.overlap_length_m),
    ):
        for part in ("as_drawn", "min", "max"):
            middle = "" if part == "as_drawn" else f"_{part}"
            row[f"{name}{middle}{unit}"] = None if value is None else getattr(value, part)
    return row


class Differences:
    """What differs between two sets of answers, and by how much at most."""

    def __init__(self) -> None:
        self.sites, self.findings = 0, 0
        self.said: list[str] = []
        self.greatest: dict[str, float] = defaultdict(float)

    def compare(self, site_id: str, one: Row, other: Row) -> None:
        """Compare one finding with its row."""
        for name, value in one.items():
            if not isinstance(value, float):
                if value != other[name]:
                    self.said.append(f"{site_id} {name}: {value} / {other[name]}")
                continue
            if other[name] is None:
                self.said.append(f"{site_id} {name}: {value} / none")
                continue
            gap = abs(value - other[name])
            share = gap / max(abs(value), 1.0)
            limit = BEARING_DEG if name == "bearing_deg" else DISTANCE_M
            if (share if name.startswith(RANGES) else gap) > (
                AREA_SHARE if name.startswith(RANGES) else limit
            ):
                self.said.append(f"{site_id} {name}: {value} / {other[name]}")
            self.greatest[name] = max(self.greatest[name], gap)

    def compare_site(self, result: SiteResult, site: Row, found: list[Row]) -> None:
        """Compare the verdict and the findings of a site."""
        self.sites, self.findings = self.sites + 1, self.findings + len(found)
        one = {finding.rule_id: read_figures(finding) for finding in result.findings}
        other = {row["rule_id"]: row for row in found}
        said = str(result.verdict), sorted(one), list(result.reasons)
        if said != (site["verdict"], sorted(other), site["reasons"]):
            self.said.append(
                f"{site['site_id']}: {said} / {site['verdict']} {sorted(other)} {site['reasons']}"
            )
            return
        for rule_id, figures in one.items():
            self.compare(site["site_id"], figures, other[rule_id])


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sites", type=Path)
    parser.add_argument("--zones", type=Path, required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--near", type=float, default=200.0)
    parser.add_argument("--accuracy", type=float, default=5.0)
    asked = parser.parse_args()
    options = CheckOptions(on=date(2026, 6, 1), near_m=asked.near)
    with tempfile.TemporaryDirectory() as name:
        found = compare_answers(asked, options, Path(name))
    gaps = ", ".join(f"{name} {gap:.1e}" for name, gap in sorted(found.greatest.items()) if gap > 0)
    print(f"{found.sites:,} sites, {found.findings:,} findings; greatest differences: {gaps or 'none'}")
    if found.said:
        sys.exit("\n".join([f"{len(found.said)} 处不同 / differences", *found.said[:20]]))


def compare_answers(asked: argparse.Namespace, options: CheckOptions, folder: Path) -> Differences:
    """Return how the answers of a bulk check and of single checks differ."""
    workspace = gis.open_workspace(make_workspace(folder / "w", asked.zones, asked.accuracy))
    frame = gpd.read_parquet(asked.sites)
    some = folder / "some.gpkg"
    frame.iloc[:: max(1, len(frame) // asked.count)].to_file(some)
    gis.check_bulk(some, folder / "f.parquet", workspace=workspace, options=options)
    singly = check_sites(workspace, read_sites([SiteSource(some.name, some.read_bytes())]), options)
    findings: dict[int, list[Row]] = defaultdict(list)
    for row in pq.read_table(folder / "f.parquet").to_pylist():
        findings[row["site_index"]].append(row)
    found = Differences()
    for result, site in zip(singly.sites, pq.read_table(folder / "f.sites.parquet").to_pylist(), strict=True):
        found.compare_site(result, site, findings[site["site_index"]])
    return found


if __name__ == "__main__":
    main()
