"""Figures are true to scale, stay inside their frames, and share a place where that loses nothing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from gis.model import Level
from gis.outputs.figure import Label, Path, estimate_width, hatch_paths, shape_paths
from gis.outputs.figures import draw_figures
from gis.outputs.framing import Scene, is_drawn, merge_scenes, plan_scenes
from gis.outputs.furniture import LabelField
from gis.outputs.plot import MAP_HEIGHT_MM, MAP_WIDTH_MM, SCALES, draw_site, frame_box
from gis.outputs.svg import render_svg

if TYPE_CHECKING:
    from conftest import Case

SVG = "{http://www.w3.org/2000/svg}"


def test_a_frame_shows_its_box_at_the_largest_round_scale() -> None:
    frame = frame_box((500_000, 3_350_000, 501_000, 3_350_500))
    assert frame.scale in SCALES
    assert shapely.covers(frame.window, shapely.box(500_000, 3_350_000, 501_000, 3_350_500))
    smaller = SCALES[SCALES.index(frame.scale) - 1]
    assert smaller * MAP_WIDTH_MM / 1000 < 1000 or smaller * MAP_HEIGHT_MM / 1000 < 500


def test_a_hundred_metres_are_a_hundred_metres_at_scale(case: Case) -> None:
    site = case.result.sites[1]
    frame = frame_box(site.site.geometry_plane.buffer(400).bounds)
    outline = next(mark for mark in draw_site(site, frame) if isinstance(mark, Path))
    xs = np.concatenate(outline.lines)[:, 0]
    assert (xs.max() - xs.min()) * frame.scale / 1000 == pytest.approx(100, abs=0.5)


def test_the_scale_bar_is_as_long_as_it_says(case: Case) -> None:
    figures, _ = draw_figures(case.result, case.workspace)
    for figure in figures:
        texts = [mark.text for mark in figure.marks if isinstance(mark, Label)]
        assert f"1:{figure.scale:,}".replace(",", " ") in texts
        (end,) = [
            mark
            for mark in figure.marks
            if isinstance(mark, Label) and mark.size_pt == 5.8 and re.fullmatch(r"[\d.]+ k?m", mark.text)
        ]
        (zero,) = [mark for mark in figure.marks if isinstance(mark, Label) and mark.text == "0"]
        value, unit = end.text.split()
        metres = float(value) * (1000 if unit == "km" else 1)
        assert (end.x - zero.x) * figure.scale / 1000 == pytest.approx(metres)


def test_there_is_an_overview_and_a_figure_of_the_reserve(case: Case) -> None:
    figures, left_out = draw_figures(case.result, case.workspace)
    assert left_out == 0
    assert figures[0].title.zh == "项目用地与结论总图"
    assert any("规则inside" in mark.text for f in figures[1:] for mark in f.marks if isinstance(mark, Label))
    assert any("精度带" in mark.text for f in figures[1:] for mark in f.marks if isinstance(mark, Label))


def test_the_svg_draws_every_mark_inside_its_size(case: Case) -> None:
    figures, _ = draw_figures(case.result, case.workspace)
    for figure in figures:
        root = ET.fromstring(render_svg(figure))  # noqa: S314 - our own output
        assert len(root.findall(f"{SVG}text")) == sum(isinstance(mark, Label) for mark in figure.marks)
        drawn = [
            mark for mark in figure.marks if isinstance(mark, Path) and any(len(p) > 1 for p in mark.lines)
        ]
        assert len(root.findall(f"{SVG}path")) == len(drawn)
        points = np.concatenate([line for mark in drawn for line in mark.lines])
        assert points.min() >= -0.4
        assert points[:, 0].max() <= figure.width_mm + 0.4
        assert points[:, 1].max() <= figure.height_mm + 0.4


def test_hostile_names_are_text_in_the_svg(hostile: Case) -> None:
    figures, _ = draw_figures(hostile.result, hostile.workspace)
    for figure in figures:
        root = ET.fromstring(render_svg(figure))  # noqa: S314 - our own output
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "path", "text"}


def test_pending_rules_and_notices_get_no_figure(case: Case) -> None:
    drawn = [f for site in case.result.sites for f in site.findings if is_drawn(f)]
    assert drawn
    assert not [finding for finding in drawn if finding.pending or finding.level is Level.NOTICE]
    scenes, _ = plan_scenes(case.result, case.workspace)
    assert {scene.theme for scene in scenes} == {"ecology"}


def test_neighbours_share_a_figure_and_strangers_do_not() -> None:
    def scene(x: float, size: float, site: int, theme: str = "ecology") -> Scene:
        return Scene(theme, (x, 0, x + size, size), (site,), Level.NOTICE)

    assert len(merge_scenes([scene(0, 100, 0), scene(60, 100, 1)])) == 1
    assert len(merge_scenes([scene(0, 100, 0), scene(300, 100, 1)])) == 2
    assert len(merge_scenes([scene(0, 100, 0), scene(0, 5000, 1)])) == 2
    assert len(merge_scenes([scene(0, 100, 0), scene(60, 100, 1, "water")])) == 2


def test_hatching_stays_inside_its_area() -> None:
    area = shapely.Point(20, 20).buffer(8)
    for pattern in ("/", "\\", "|", "-", "+", "x", ".", "//"):
        (path,) = hatch_paths(area, pattern, "#000000")
        lines = shapely.MultiLineString(list(path.lines))
        assert shapely.covers(area.buffer(1e-6), lines)
        assert lines.length > 20


def test_holes_stay_open() -> None:
    ring = shapely.Point(0, 0).buffer(10).difference(shapely.Point(0, 0).buffer(5))
    (path,) = shape_paths(ring, fill="#000000")
    assert len(path.lines) == 2


def test_labels_do_not_overlap() -> None:
    field = LabelField(60, 60)
    labels = [field.put(30, 30, f"用地 {number}", 7.0) for number in range(12)]
    placed = [label for label in labels if isinstance(label, Label)]
    assert 4 <= len(placed) < 12
    assert len(field.taken) == len(placed)
    for index, box in enumerate(field.taken):
        for other in field.taken[index + 1 :]:
            assert not shapely.box(*box).intersection(shapely.box(*other)).area > 1e-9


def test_text_widths_are_estimated_within_a_tenth() -> None:
    from reportlab.pdfbase import pdfmetrics

    from gis.outputs.setting import REGULAR, load_faces

    load_faces()
    for text in ("杭州西湖文化景观遗产区", "prohibited: Wetland of national importance", "精度带 ±1,400 m"):
        true = pdfmetrics.stringWidth(text, REGULAR, 7.2) * 25.4 / 72
        assert estimate_width(text, 7.2) == pytest.approx(true, rel=0.1)
