"""``gis check --network``: what the sites change in the corridor network, put into the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.cli.corridors.effect import name_sites
from gis.cli.corridors.study_options import prepare_ground, tell_stages

if TYPE_CHECKING:
    from gis.model import CheckResult, SiteSet
    from gis.workspace import Workspace


def check_network(result: CheckResult, sites: SiteSet, workspace: Workspace) -> CheckResult:
    """Return the result with what its sites change in the default study of the workspace.

    Raises
    ------
    CorridorError
        If the study cannot be made.
    """
    from gis.connectivity.effect import measure_effects
    from gis.connectivity.result import add_network
    from gis.connectivity.study import choose_options, run_study

    ground = prepare_ground(workspace, table=None, cell=None, dem=None)
    with tell_stages() as tell:
        before = run_study(
            ground,
            choose_options(ground, runs=0),
            tell=tell,
            spread_out=lambda items, work: map(work, items),
            with_barriers=False,
        )
        found = measure_effects(
            before,
            name_sites(sites),
            site_resistance=ground.surface.table.study.site_resistance,
            tell=tell,
        )
    return add_network(result, found)
