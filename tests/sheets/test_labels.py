"""Names on the map do not overlap, stay inside, and are counted when they find no room."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.model import Text
from gis.sheets.content import SITES, MapFeature
from gis.sheets.frame import PaperFrame, area_of_sheet
from gis.sheets.labels import label_text, place_labels, symbol_boxes
from gis.sheets.numbering import parse_number
from gis.styles import Style

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from gis.model import LayerEntry
    from gis.workspace import Workspace

STYLE = Style(
    "place",
    Text("居民地", "Place"),
    "#ffffff",
    "#000000",
    1,
    0.2,
    1,
    (),
    "",
    "circle",
    1.4,
    80,
    7.5,
    "#000000",
)


@pytest.fixture(scope="module")
def paper() -> PaperFrame:
    return PaperFrame(area_of_sheet(parse_number("H51E011001")), "A2", 594, 420, (12.0, 20.0))


@pytest.fixture(scope="module")
def entry(workspace: Workspace) -> LayerEntry:
    return workspace.layers["places"].entry


def make(entry: LayerEntry, name: str, geometry: BaseGeometry, number: int = 0) -> MapFeature:
    return MapFeature(f"f{number}", entry, "place", name, STYLE, geometry, True, None, 0.0)  # noqa: FBT003


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 60))
def test_no_name_lies_on_another_or_on_a_symbol_or_outside(
    paper: PaperFrame, entry: LayerEntry, seed: int, count: int
) -> None:
    random = np.random.default_rng(seed)
    spots = random.uniform((40, 40), (160, 120), (count, 2))
    features = [make(entry, f"地名{i}", shapely.Point(x, y), i) for i, (x, y) in enumerate(spots)]
    placement = place_labels(features, paper, scale=1.0)
    boxes = [box for label in placement.labels for box in label.boxes]
    assert not any(overlap(a, b) for a, b in combinations(boxes, 2))
    symbols = [box for feature in features for box in symbol_boxes(feature, 1.0)]
    assert not any(overlap(a, b) for a in boxes for b in symbols)
    assert all(paper.polygon.contains(shapely.box(*box)) for box in boxes)
    assert len(placement.labels) + len(placement.unplaced) == count


def test_a_lone_point_has_its_name_at_its_right(paper: PaperFrame, entry: LayerEntry) -> None:
    (label,) = place_labels([make(entry, "杭州", shapely.Point(200, 200))], paper, scale=1.0).labels
    assert label.leader is None
    assert 200.7 < label.at[0] < 202.5


def test_a_crowded_point_gets_a_leader_line(paper: PaperFrame, entry: LayerEntry) -> None:
    features = [make(entry, "拥挤地名", shapely.Point(200 + i % 3, 200 + i // 3), i) for i in range(9)]
    placement = place_labels(features, paper, scale=1.0)
    assert any(label.leader for label in placement.labels)


def test_a_river_is_named_along_its_course_reading_from_left_to_right(
    paper: PaperFrame, entry: LayerEntry
) -> None:
    line = shapely.LineString([(400, 110), (250, 100), (100, 80)])
    (label,) = place_labels([make(entry, "钱塘江", line)], paper, scale=1.0).labels[:1]
    xs = [glyph[1] for glyph in label.glyphs]
    assert [glyph[0] for glyph in label.glyphs] == list("钱塘江")
    assert xs == sorted(xs)
    assert all(abs(glyph[3]) < 30 for glyph in label.glyphs)
    assert all(shapely.distance(line, shapely.Point(glyph[1], glyph[2])) < 4 for glyph in label.glyphs)


def test_a_steep_river_is_named_from_top_to_bottom(paper: PaperFrame, entry: LayerEntry) -> None:
    line = shapely.LineString([(200, 60), (205, 300)])
    (label,) = place_labels([make(entry, "富春江", line)], paper, scale=1.0).labels[:1]
    ys = [glyph[2] for glyph in label.glyphs]
    assert ys == sorted(ys, reverse=True)
    assert all(abs(glyph[3]) < 10 for glyph in label.glyphs)


def test_a_surface_carries_its_name_inside(paper: PaperFrame, entry: LayerEntry) -> None:
    ground = shapely.box(100, 100, 220, 180)
    (label,) = place_labels([make(entry, "天目山", ground)], paper, scale=1.0).labels
    assert ground.contains(shapely.box(*label.boxes[0]))


def test_water_and_axis_of_one_river_are_named_once(paper: PaperFrame, entry: LayerEntry) -> None:
    line = shapely.LineString([(100, 100), (250, 120)])
    features = [make(entry, "之江", line.buffer(5), 1), make(entry, "之江", line, 2)]
    placement = place_labels(features, paper, scale=1.0)
    assert [label.text for label in placement.labels] == ["之江"]
    assert placement.labels[0].glyphs


def test_a_name_that_finds_no_room_is_counted(paper: PaperFrame, entry: LayerEntry) -> None:
    line = shapely.LineString([(100, 100), (101, 100)])
    placement = place_labels([make(entry, "很长的河流名称", line)], paper, scale=1.0)
    assert placement.unplaced == ("很长的河流名称",)


def test_notes_of_from_where_to_where_are_not_written_on_the_map(entry: LayerEntry) -> None:
    feature = make(entry, "富春江（梅城—闻堰）", shapely.Point(0, 0))
    assert label_text(feature) == "富春江"
    assert label_text(replace(feature, name="千岛湖（新安江水库）")) == "千岛湖（新安江水库）"


def test_names_of_waters_lean_and_stand_in_them_others_beside_their_line(
    paper: PaperFrame, entry: LayerEntry
) -> None:
    line = shapely.LineString([(100, 100), (300, 100)])
    water, power = (replace(entry, theme=theme) for theme in ("water", "energy"))
    (river,) = place_labels([make(water, "钱塘江", line)], paper, scale=1.0).labels
    (cable,) = place_labels([make(power, "联络线", line)], paper, scale=1.0).labels
    assert river.lean_deg > 0
    assert cable.lean_deg == 0
    assert all(box[1] < 100 < box[3] for box in river.boxes)
    assert all(box[1] > 100 for box in cable.boxes)


def test_a_long_narrow_surface_is_named_along_its_length_inside(paper: PaperFrame, entry: LayerEntry) -> None:
    ground = shapely.LineString([(100, 80), (220, 200)]).buffer(4)
    (label,) = place_labels([make(entry, "西溪生态廊道", ground)], paper, scale=1.0).labels
    assert all(abs(glyph[3] - 45) < 1 for glyph in label.glyphs)
    assert all(ground.contains(shapely.box(*box)) for box in label.boxes)


def test_a_district_is_named_spaced_out_off_the_project_site(paper: PaperFrame, entry: LayerEntry) -> None:
    district = replace(make(entry, "西湖区", shapely.box(50, 50, 400, 350)), style=replace(STYLE, fill=""))
    site = make(replace(entry, id=SITES), "地块", shapely.box(190, 170, 260, 230), 1)
    labels = {label.text: label for label in place_labels([district, site], paper, scale=1.0).labels}
    spaced = labels["西湖区"]
    assert len(spaced.glyphs) == 3
    assert spaced.glyphs[1][1] - spaced.glyphs[0][1] > 1.5 * spaced.size_pt * 25.4 / 72
    assert not any(site.geometry.intersects(shapely.box(*box)) for box in spaced.boxes)
