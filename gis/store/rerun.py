"""A kept check made again under today's layers and rules: which verdicts change, and what makes them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gis.errors import GisError
from gis.model import Text, Verdict
from gis.sites.read import read_sites
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from gis.model import CheckResult, SiteResult
    from gis.store.records import Record
    from gis.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SiteChange:
    """A site whose verdict or findings are not what they were.

    Parameters
    ----------
    before, after : Verdict or None
        None where the site was not there: a reader of files may have learnt to read it, or refuses it now.
    gone, new : tuple of str
        Rules with a finding then and not now, and now and not then.
    """

    site_id: str
    name: str | None
    before: Verdict | None
    after: Verdict | None
    gone: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def verdict_changed(self) -> bool:
        """Whether the answer itself is another."""
        return self.before is not self.after


@dataclass(frozen=True, slots=True)
class Rerun:
    """A record against the same check today.

    Parameters
    ----------
    check_id_after : str or None
        None where the input cannot be read today.
    changes : tuple of SiteChange
        In the order of the sites; empty when every site has its verdict and its findings still.
    layers_changed : tuple of str
        Layers whose data are not what they were.
    rules_changed, program_changed : bool
        Whether the rules' file, or the program, is another.
    problem : Text or None
        Why the input cannot be read today.
    """

    record_id: int
    check_id: str
    check_id_after: str | None
    changes: tuple[SiteChange, ...]
    layers_changed: tuple[str, ...]
    rules_changed: bool
    program_changed: bool
    problem: Text | None = None

    @property
    def verdict_changed(self) -> bool:
        """Whether any site's answer is another, or none can be given."""
        return self.problem is not None or any(change.verdict_changed for change in self.changes)


def rerun_record(workspace: Workspace, record: Record, *, on: date | None = None) -> Rerun:
    """Check a record's files again with its options under the layers and rules of a workspace.

    Parameters
    ----------
    record : Record
        As kept; its files are read anew.
    on : date, optional
        The date the law is taken at; the record's own when left out, so that only data and rules differ.

    Returns
    -------
    Rerun
        Nothing is written: asking what would change is no check.
    """
    kept = json.loads(record.body)
    options = record.options if on is None else replace(record.options, on=on)
    try:
        sites = read_sites(record.sources, crs=options.crs, datum=options.datum)
        result = check_sites(workspace, sites, options)
    except GisError as error:
        return Rerun(record.record_id, record.check_id, None, (), (), False, False, Text(error.zh, error.en))  # noqa: FBT003
    then = {item["layer_id"]: (item["status"], item["sha256"]) for item in kept["layers"]}
    now = {used.entry.id: (used.status.value, used.sha256) for used in result.layers}
    changed = [name for name in dict.fromkeys((*then, *now)) if then.get(name) != now.get(name)]
    return Rerun(
        record_id=record.record_id,
        check_id=record.check_id,
        check_id_after=result.check_id,
        changes=tuple(compare_sites(kept["sites"], result)),
        layers_changed=tuple(changed),
        rules_changed=kept["rules"]["sha256"] != result.rules_sha256,
        program_changed=kept["program"]["version"] != result.program_version,
    )


def compare_sites(kept: list[dict[str, Any]], result: CheckResult) -> Iterable[SiteChange]:
    """Return the sites that differ, those of the record first."""
    then = {site["site_id"]: site for site in kept}
    now = {site.site.site_id: site for site in result.sites}
    for site_id in dict.fromkeys((*then, *now)):
        change = _compare_site(site_id, then.get(site_id), now.get(site_id))
        if change.verdict_changed or change.gone or change.new:
            yield change


def _compare_site(site_id: str, then: Mapping[str, Any] | None, now: SiteResult | None) -> SiteChange:
    """Return one site before and after; findings of law not yet in force count too."""
    before = dict.fromkeys(finding["rule_id"] for finding in then["findings"]) if then else {}
    after = dict.fromkeys(finding.rule_id for finding in now.findings) if now else {}
    return SiteChange(
        site_id=site_id,
        name=then["name"] if then else now.site.name if now else None,
        before=Verdict(then["verdict"]) if then else None,
        after=now.verdict if now else None,
        gone=tuple(rule for rule in before if rule not in after),
        new=tuple(rule for rule in after if rule not in before),
    )
