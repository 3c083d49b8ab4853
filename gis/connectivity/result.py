"""The result of a check with what its sites change in the corridor network."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from gis.model import LinkTouch, NetworkChange

if TYPE_CHECKING:
    from gis.connectivity.effect import EffectStudy, NetworkEffect
    from gis.model import CheckResult


def add_network(result: CheckResult, found: EffectStudy) -> CheckResult:
    """Return the result of a check with what its sites change in the network, and an id of its own.

    Parameters
    ----------
    result : CheckResult
        Of the same sites in the same order.
    found : EffectStudy
    """
    sites = tuple(
        replace(site, links=merge_links(site.links, effect))
        for site, effect in zip(result.sites, found.each, strict=True)
    )
    before = found.before.network.pc
    change = NetworkChange(
        ec_before_m2=before.equivalent_area_m2,
        ec_after_m2=found.together.ec_m2,
        pc_change=found.together.pc_num_m4 / before.numerator - 1.0,
        links_lost=sum(link.status == "lost" for link in found.together.links),
        study_id=found.before.study_id,
    )
    text = f"{result.check_id} {change.study_id} {found.site_resistance}"
    check_id = hashlib.sha256(text.encode()).hexdigest()
    return replace(result, check_id=check_id, sites=sites, network=change)


def merge_links(touches: tuple[LinkTouch, ...], effect: NetworkEffect) -> tuple[LinkTouch, ...]:
    """Return the links a site meets or changes, with what becomes of them, in the order of their ids."""
    met = {touch.link_id: touch for touch in touches}
    merged = []
    for link in sorted(effect.links, key=lambda item: item.before.id):
        touch = met.get(link.before.id)
        if touch is None and link.status == "unchanged":
            continue
        bare = LinkTouch(
            link_id=link.before.id,
            title=link.before.title,
            on_path=False,
            band_m2=0.0,
            pinch_m2=0.0,
            agreement_share=None,
            agreement_m2=0.0,
        )
        merged.append(
            replace(
                touch or bare,
                status=link.status,
                cost_before_km=link.before.cost_km,
                cost_after_km=link.cost_km if math.isfinite(link.cost_km) else None,
            )
        )
    return tuple(merged)
