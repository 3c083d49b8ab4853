"""hangzhou-gis: cited layers of the Hangzhou region, exact site checks, web maps and map sheets.

>>> import gis
>>> workspace = gis.open_workspace()
>>> result = gis.check(sites, workspace=workspace)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.version import __version__

if TYPE_CHECKING:
    from gis.api import check
    from gis.errors import GisError
    from gis.scale.run import check_bulk
    from gis.study import Workspace, open_workspace

__all__ = ["GisError", "Workspace", "__version__", "check", "check_bulk", "open_workspace"]

_HOMES = {
    "check": "gis.api",
    "check_bulk": "gis.scale.run",
    "GisError": "gis.errors",
    "Workspace": "gis.study",
    "open_workspace": "gis.study",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import gis`` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gis' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
