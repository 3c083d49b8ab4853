"""Sites on borders are told together; where an overlay fails, one after the other, with the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis.scale.batch import BatchChecker
from gis.scale.columns import make_findings

from .conftest import OPTIONS, strew_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    import pytest

    from gis.model import Site
    from gis.workspace import Workspace


def test_an_overlay_that_fails_is_made_singly(
    dense_workspace: Workspace, make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = [make_site(shape, index=index) for index, shape in enumerate(strew_sites(60, seed=11))]
    together = make_findings(BatchChecker(dense_workspace, OPTIONS).answer(sites))

    def fail(*_: object, **__: object) -> None:
        raise shapely.errors.GEOSException

    monkeypatch.setattr("gis.scale.finds.judge_borders", fail)
    singly = make_findings(BatchChecker(dense_workspace, OPTIONS).answer(sites))
    assert told(together) == told(singly)


def told(table: pa.Table) -> list[tuple[object, ...]]:
    """Return what each finding says, figures to a millimetre."""
    names = (
        "site_id",
        "rule_id",
        "relation",
        "certainty",
        "overlap_area_m2",
        "overlap_area_max_m2",
        "distance_m",
    )
    return [
        tuple(round(value, 3) if isinstance(value, float) else value for value in row)
        for row in zip(*(table.column(name).to_pylist() for name in names), strict=True)
    ] + [tuple(ids) for ids in table.column("feature_ids").to_pylist()]
