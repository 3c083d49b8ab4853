"""A result with every kind of row, and one in which every text is hostile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from gis.model import CheckOptions, InputFile, Rejected, SiteSet, Text
from gis.study import check_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import CheckResult
    from gis.workspace import Workspace

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "<img src=x onerror=alert(1)>",
    "`${alert(1)}`",
    "</script><script>alert(1)</script>",
    "]]></svg><svg onload=alert(1)>",
    "\u202eevil\u2066\x00\x1b[31m\x07",
    "javascript:alert(1)",
    "https://example.invalid/",
    "字" * 5000,
    "emoji 🏗 and 𠮷 and שלום",
)
SHAPES = {
    "overlap": shapely.box(900, 400, 1100, 500),
    "inside": shapely.box(300, 300, 400, 400),
    "line": shapely.LineString([(-500, 500), (1500, 500)]),
    "point": shapely.Point(500, 500),
    "near": shapely.box(1500, 0, 1600, 100),
    "far": shapely.box(9000, 0, 9100, 100),
}


@dataclass(frozen=True)
class Case:
    """A result and the workspace it comes from."""

    result: CheckResult
    workspace: Workspace


@pytest.fixture
def make_case(
    make_workspace: Callable[..., Any], make_site: Callable[..., Any], rule_text: Callable[..., str]
) -> Callable[..., Case]:
    """Return a maker of cases: a reserve, a layer without data, sites by shape, an optional renaming."""

    def make(
        rename: Callable[[int, Any], Any] | None = None,
        *,
        file: str = "sites.geojson",
        shapes: dict[str, Any] | None = None,
    ) -> Case:
        reserve = {
            "id": "reserve",
            "kind": "reserve",
            "geometry": shapely.box(0, 0, 1000, 1000),
            "accuracy_m": 10.0,
        }
        rules = rule_text("inside") + rule_text(
            "belt",
            level="restricted",
            recipe='{ type = "buffer", distance_m = 200 }',
            verified=False,
        )
        rules += rule_text("later", provision_extra="in_force_from = 2030-01-01")
        workspace = make_workspace({"reserves": ([reserve], {}), "redline": ([], {"required": True})}, rules)
        sites = [
            make_site(shape, index=index, 用途="住宅")
            for index, shape in enumerate((shapes or SHAPES).values())
        ]
        if rename is not None:
            sites = [rename(index, site) for index, site in enumerate(sites)]
        rejected = Rejected(file, len(sites), file, "empty", Text(f"空几何 {file}", f"empty geometry {file}"))
        given = SiteSet(
            sites=tuple(sites),
            rejected=(rejected,),
            files=(InputFile(name=file, sha256="0" * 64, format="GeoJSON", crs_read="EPSG:4490"),),
            features_in=len(sites) + 1,
        )
        result = check_sites(
            workspace,
            given,
            CheckOptions(on=date(2026, 6, 1)),
            now=datetime(2026, 6, 1, 8, 0, tzinfo=UTC),
        )
        return Case(result, workspace)

    return make


@pytest.fixture
def case(make_case: Callable[..., Case]) -> Case:
    """Return a result with sites of every kind, a rejected feature, a pending rule, a layer without data."""
    return make_case()


@pytest.fixture
def hostile(make_case: Callable[..., Case]) -> Case:
    """Return a result in which names, attributes and file names are hostile."""

    def rename(index: int, site: Any) -> Any:
        text = HOSTILE[index % len(HOSTILE)]
        return replace(
            site, name=text, file=HOSTILE[4], properties={text[:50]: text, "用途": text, "n": 1.5, "b": True}
        )

    shapes = {str(i): shapely.box(i * 90, 100, i * 90 + 50, 200) for i in range(len(HOSTILE))}
    return make_case(rename, file=HOSTILE[4] + HOSTILE[8], shapes=shapes)
