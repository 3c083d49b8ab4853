"""Layers handed to a sheet beside those of the workspace."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdf
import pytest
import shapely

from gis.errors import SheetError
from gis.model import Text
from gis.sheets.centred import print_centred
from gis.sheets.extras import ExtraFeature, ExtraLayer, read_extra
from gis.sheets.facts import Listing, ListRow
from gis.sheets.options import SheetOptions
from gis.sheets.series import print_series
from gis.sheets.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

    from gis.workspace import Workspace

NUMBER = "H51E011001"
DAY = date(2026, 3, 15)
PATH = shapely.LineString([(120.05, 30.2), (120.12, 30.24), (120.2, 30.3)])


def make_layer(*, sensitive: bool = False) -> ExtraLayer:
    return ExtraLayer(
        "paths",
        Text("最小阻力路径", "Least-cost paths"),
        (ExtraFeature("p1", "river_axis", PATH, name="西山通道", accuracy_m=100.0),),
        source="阻力面计算得出 / from resistances",
        sensitive=sensitive,
    )


def text_of(path: Path) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def collection(**changes: Any) -> dict[str, Any]:
    feature = {
        "type": "Feature",
        "properties": {"kind": "river_axis", "name_zh": "西山通道", "accuracy_m": 100, "owner": "某人"},
        "geometry": json.loads(shapely.to_geojson(PATH)),
    }
    return {"type": "FeatureCollection", "title_zh": "最小阻力路径", "features": [feature], **changes}


def test_a_handed_layer_is_drawn_named_listed_and_switchable(workspace: Workspace, tmp_path: Path) -> None:
    listing = Listing(Text("通道", "Paths"), (ListRow("西山通道", "累积阻力 12.5", "#222222"),), "")
    subject = Subject(layers=(make_layer(),), listing=listing)
    path = print_series(workspace, [NUMBER], tmp_path, options=SheetOptions(on=DAY), subject=subject)[0]
    with pikepdf.open(path) as document:
        groups = {str(group.Name) for group in document.Root.OCProperties.OCGs}
    assert "最小阻力路径" in groups
    text = text_of(path)
    assert text.count("西山通道") == 3  # twice along its course and once in the list
    assert "累积阻力 12.5" in text
    assert "阻力面计算得出" in text


def test_a_sheet_is_centred_on_handed_layers_when_there_is_no_site(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = print_centred(workspace, Subject(layers=(make_layer(),)), tmp_path, options=SheetOptions(on=DAY))[
        0
    ]
    assert path.name == "最小阻力路径-100000.pdf"
    assert "西山通道" in text_of(path)


def test_a_sensitive_handed_layer_is_nowhere_in_a_public_file(workspace: Workspace, tmp_path: Path) -> None:
    subject = Subject(layers=(make_layer(sensitive=True),))
    options = SheetOptions(on=DAY, profile="public")
    path = print_series(workspace, [NUMBER], tmp_path, options=options, subject=subject)[0]
    assert "西山通道" not in text_of(path)
    with pikepdf.open(path) as document:
        assert "最小阻力路径" not in {str(group.Name) for group in document.Root.OCProperties.OCGs}


def test_a_collection_is_read_with_what_a_sheet_shows_only() -> None:
    layer = read_extra(json.dumps(collection()).encode(), name="paths.geojson")
    assert layer.title.zh == "最小阻力路径"
    (feature,) = layer.features
    assert (feature.kind, feature.name, feature.accuracy_m) == ("river_axis", "西山通道", 100.0)
    assert feature.geometry.equals(PATH)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[]",
        b"{}",
        json.dumps(collection(theme="nowhere")).encode(),
        json.dumps(collection(features=[{"properties": {}, "geometry": None}])).encode(),
        json.dumps(
            collection(features=[{"geometry": {"type": "Point", "coordinates": [500000, 3300000]}}])
        ).encode(),
    ],
)
def test_what_is_no_layer_is_refused(content: bytes) -> None:
    with pytest.raises(SheetError, match="不是可以叠加"):
        read_extra(content, name="x.geojson")
