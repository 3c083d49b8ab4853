"""The words of the domain as frozen records: what is passed between the stages, and nothing else.

Geometries are shapely objects in CGCS2000 longitude/latitude degrees (EPSG:4490, x = east) unless the name
says ``_plane`` (EPSG:4549, metres). Records carry no behaviour beyond small derived properties.
"""

from gis.model.layers import (
    Layer,
    LayerEntry,
)
from gis.model.results import (
    Alternative,
    CheckOptions,
    CheckResult,
    CorridorEffect,
    Finding,
    LayerUsed,
    LinkTouch,
    NetworkChange,
    Range,
    SiteResult,
    Unassessed,
)
from gis.model.rules import (
    Provision,
    Recipe,
    Rule,
    RuleSet,
)
from gis.model.sites import (
    InputFile,
    Rejected,
    Site,
    SiteSet,
)
from gis.model.words import (
    Certainty,
    LayerStatus,
    Level,
    Note,
    Relation,
    Text,
    Verdict,
)

__all__ = [
    "Alternative",
    "Certainty",
    "CheckOptions",
    "CheckResult",
    "CorridorEffect",
    "Finding",
    "InputFile",
    "Layer",
    "LayerEntry",
    "LayerStatus",
    "LayerUsed",
    "Level",
    "LinkTouch",
    "NetworkChange",
    "Note",
    "Provision",
    "Range",
    "Recipe",
    "Rejected",
    "Relation",
    "Rule",
    "RuleSet",
    "Site",
    "SiteResult",
    "SiteSet",
    "Text",
    "Unassessed",
    "Verdict",
]
