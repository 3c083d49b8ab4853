"""The figures of a report: all sites, then each place where a theme's zones are met, then the corridors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from gis import crs
from gis.model import Text, Verdict
from gis.outputs.figure import (
    GREY,
    INK,
    Figure,
    Label,
    Mark,
    disc,
    hatch_paths,
    move,
    point_xy,
    rectangle,
    shape_paths,
)
from gis.outputs.framing import Scene, cover_boxes, grow_box, is_drawn, plan_scenes
from gis.outputs.furniture import (
    LEGEND_GAP_MM,
    LEGEND_WIDTH_MM,
    SWATCH_MM,
    LabelField,
    LegendEntry,
    draw_frame,
    draw_legend,
    draw_north,
    draw_scale_bar,
    plate,
    tag,
)
from gis.outputs.legend import (
    alternative_entries,
    band_entries,
    disc_swatch,
    overlap_entries,
    site_entries,
    zone_entry,
)
from gis.outputs.measures import format_accuracy, format_length
from gis.outputs.plaintext import show_text
from gis.outputs.plot import (
    DrawnZone,
    MapFrame,
    collect_zones,
    draw_alternatives,
    draw_band,
    draw_ground,
    draw_overlaps,
    draw_site,
    draw_zone,
    frame_box,
    sites_within,
)
from gis.outputs.table import format_numbers
from gis.outputs.wording import THEMES, VERDICT_COLOURS, VERDICTS
from gis.workspace import has_corridors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.model import CheckResult
    from gis.workspace import Workspace

FOOT_MM = 4.2
"""Room under the map for the coordinates of its frame."""

FLOOR_MM = 31.0
"""Height over which the legend stands; scale bar and north arrow lie below."""

NAME_LENGTH = 22


def draw_figures(result: CheckResult, workspace: Workspace) -> tuple[tuple[Figure, ...], int]:
    """Return the figures of a result and how many places were left out.

    Parameters
    ----------
    result : CheckResult
    workspace : Workspace
        The zones, styles and orientation layers drawn.
    """
    if not result.sites:
        return (), 0
    scenes, left_out = plan_scenes(result, workspace)
    figures = [draw_overview(result, workspace)]
    figures += [draw_scene(scene, result, workspace) for scene in scenes]
    if result.corridors_together:
        figures.append(draw_corridors(result, workspace))
    return tuple(figures), left_out


def draw_overview(result: CheckResult, workspace: Workspace) -> Figure:
    """Return the figure of all sites, coloured by verdict."""
    box = cover_boxes([site.site.geometry_plane.bounds for site in result.sites])
    frame = frame_box(grow_box(box, 0.0) if len(result.sites) == 1 else _pad(box, 0.06))
    field = LabelField(frame.width_mm, frame.height_mm)
    marks = draw_ground(workspace, frame)
    order = list(Verdict)
    ranked = sorted(enumerate(result.sites), key=lambda pair: order.index(pair[1].verdict))
    for _, site in reversed(ranked):
        marks += draw_site(site, frame, fill=True)
    marks += _number_sites(result, [index for index, _ in ranked], frame, field)
    marks += _name_places(workspace, frame, field)
    counts = result.by_verdict
    entries = [
        LegendEntry(
            Text(f"{VERDICTS[v].zh}（{counts[v.value]} 处）", VERDICTS[v].en),
            disc_swatch(VERDICT_COLOURS[v]),
        )
        for v in Verdict
        if counts[v.value]
    ]
    return _assemble(
        Text("项目用地与结论总图", "All sites by verdict"),
        Text("编号为项目用地序号。", "Numbers are those of the list of sites."),
        frame,
        marks,
        entries,
    )


def _pad(box: tuple[float, float, float, float], share: float) -> tuple[float, float, float, float]:
    """Return a box with a share of its size, at least 400 m, round it."""
    margin = max(400.0, share * max(box[2] - box[0], box[3] - box[1]))
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def draw_scene(scene: Scene, result: CheckResult, workspace: Workspace) -> Figure:
    """Return the figure of one place and theme: zones met, accuracy bands, overlaps, sites."""
    frame = frame_box(scene.box)
    themes = {used.entry.id: used.entry.theme for used in result.layers}
    findings = [
        finding
        for index in scene.sites
        for finding in result.sites[index].findings
        if is_drawn(finding) and themes[finding.layer_id] == scene.theme
    ]
    zones = collect_zones(
        findings, workspace, frame, site_accuracy_m=max(result.sites[i].accuracy_m for i in scene.sites)
    )
    field = LabelField(frame.width_mm, frame.height_mm)
    marks = draw_ground(workspace, frame)
    for zone in zones:
        marks += draw_band(zone, frame)
    for zone in zones:
        marks += draw_zone(zone, frame)
    marks += draw_overlaps(findings, frame)
    shown = sites_within(result, frame)
    proposed = [mark for index in scene.sites for mark in draw_alternatives(result.sites[index], frame)]
    marks += proposed
    for index in shown:
        marks += draw_site(result.sites[index], frame)
    marks += _number_sites(result, shown, frame, field)
    for index in scene.sites:
        shape = frame.place(result.sites[index].site.geometry_plane)
        if shapely.get_dimensions(shape) == 2:
            field.take(shape.bounds)
    marks += _name_zones(zones, frame, field)
    marks += _name_places(workspace, frame, field)
    entries = [*(zone_entry(zone) for zone in reversed(zones)), *band_entries(zones)]
    entries += [
        *overlap_entries(findings),
        *(alternative_entries() if proposed else ()),
        *site_entries(result, shown),
    ]
    return _assemble(
        Text(f"{THEMES[scene.theme].zh}：{_name_sites(result, scene.sites)}", THEMES[scene.theme].en),
        _describe_scene(scene, zones),
        frame,
        marks,
        entries,
    )


def _describe_scene(scene: Scene, zones: Sequence[DrawnZone]) -> Text:
    """Return the caption: the sites by number and the accuracy of what is drawn."""
    numbers = format_numbers([index + 1 for index in scene.sites])
    widest = max((zone.epsilon_m for zone in zones), default=0.0)
    if widest <= 0:
        return Text(f"用地 {numbers}。", f"Sites {numbers}.")
    accuracy = format_accuracy(widest)
    return Text(
        f"用地 {numbers}。虚线之间为精度带：管控区边界可能在其中任何位置（{accuracy}，95 %）。",
        f"Sites {numbers.replace('、', ', ')}. Between the dashed lines the zone's edge may lie anywhere "
        f"({accuracy}, 95 %).",
    )


def draw_corridors(result: CheckResult, workspace: Workspace) -> Figure:
    """Return the figure of the corridors met, the sites that meet them and the narrowest points left."""
    ids = {effect.corridor_id for effect in result.corridors_together}
    features = [
        feature
        for layer in workspace.layers.values()
        if has_corridors(layer)
        for feature in workspace.zones.features(layer.entry.id)
        if feature.feature_id in ids
    ]
    meeting = [index for index, site in enumerate(result.sites) if site.corridor_effects]
    boxes = [result.sites[index].site.geometry_plane.bounds for index in meeting]
    boxes += [
        crs.to_plane(e.narrowest_at).bounds for e in result.corridors_together if e.narrowest_at is not None
    ]
    frame = frame_box(_pad(cover_boxes(boxes), 0.12))
    field = LabelField(frame.width_mm, frame.height_mm)
    style = workspace.styles.find("ecological_corridor", "ecological_corridor")
    marks = draw_ground(workspace, frame)
    for feature in features:
        shape = frame.place(feature.geometry)
        marks += shape_paths(shape, fill=style.fill, opacity=0.4)
        marks += hatch_paths(shape, style.hatch, style.stroke or INK, spacing_mm=2.4, width_mm=0.1)
        marks += shape_paths(shape, stroke=style.stroke or INK, width_mm=0.25)
    for index in sites_within(result, frame):
        marks += draw_site(result.sites[index], frame, fill=index in meeting)
    marks += _mark_narrowest(result, frame, field)
    marks += _number_sites(result, meeting, frame, field)
    marks += _name_places(workspace, frame, field)
    swatch = (rectangle(0, 0, *SWATCH_MM, fill=style.fill, stroke=style.stroke or INK, opacity=0.6),)
    entries = [LegendEntry(Text("生态走廊（示意）", "Ecological corridor (schematic)"), swatch)]
    entries.append(LegendEntry(Text("最窄处剩余宽度", "Narrowest width left"), disc_swatch("#5b2a86")))
    entries += [
        LegendEntry(Text(f"{VERDICTS[v].zh}", VERDICTS[v].en), disc_swatch(VERDICT_COLOURS[v]))
        for v in Verdict
        if any(result.sites[index].verdict is v for index in meeting)
    ]
    numbers = format_numbers([index + 1 for index in meeting])
    return _assemble(
        Text("生态走廊与用地", "Ecological corridors and sites"),
        Text(f"触及走廊的用地：{numbers}。", f"Sites that meet a corridor: {numbers.replace('、', ', ')}."),
        frame,
        marks,
        entries,
    )


def _mark_narrowest(result: CheckResult, frame: MapFrame, field: LabelField) -> list[Mark]:
    """Return the narrowest point of each corridor with all sites together, and the width left there."""
    marks: list[Mark] = []
    for effect in result.corridors_together:
        if effect.narrowest_at is None:
            continue
        point = frame.place(crs.to_plane(effect.narrowest_at).centroid)
        if point.is_empty:
            continue
        x, y = point_xy(point)
        marks.append(disc(x, y, 0.9, fill="#5b2a86", stroke="#ffffff"))
        text = "切断" if effect.severed else format_length(effect.width_after_m)
        label = field.put(x, y, text, 6.4, bold=True)
        if isinstance(label, Label):
            marks += tag(label, "#5b2a86")
    return marks


def _assemble(
    title: Text, caption: Text, frame: MapFrame, marks: Sequence[Mark], entries: Sequence[LegendEntry]
) -> Figure:
    """Return a figure of a map with its legend, scale bar and north arrow at its right."""
    x = frame.width_mm + LEGEND_GAP_MM
    around: list[Mark] = [*draw_frame(frame), *draw_legend(entries, x, frame.height_mm, FLOOR_MM)]
    around += draw_scale_bar(x + 1.5, 12.5, frame)
    around += draw_north(x + LEGEND_WIDTH_MM - 6.5, 12.5, frame)
    around.append(Label(x, 3.4, "CGCS2000 / 3° 高斯-克吕格 120°E（EPSG:4549）", 5.2, GREY))
    around.append(Label(x, 0.6, "图框数字为平面坐标 Plane coordinates", 5.2, GREY))
    return Figure(
        title=title,
        caption=caption,
        width_mm=frame.width_mm + LEGEND_GAP_MM + LEGEND_WIDTH_MM,
        height_mm=frame.height_mm + FOOT_MM,
        scale=frame.scale,
        marks=tuple(move(mark, 0.0, FOOT_MM) for mark in (*marks, *around)),
    )


def _number_sites(
    result: CheckResult, indexes: Iterable[int], frame: MapFrame, field: LabelField
) -> list[Mark]:
    """Return the numbers of sites on plates in the colour of their verdicts."""
    marks: list[Mark] = []
    for index in indexes:
        shape = frame.place(result.sites[index].site.geometry_plane)
        if shape.is_empty:
            continue
        spot = _anchor(shape)
        label = field.put(spot.x, spot.y, str(index + 1), 6.6, bold=True)
        if isinstance(label, Label):
            marks += tag(label, VERDICT_COLOURS[result.sites[index].verdict])
    return marks


def _anchor(shape: shapely.geometry.base.BaseGeometry) -> shapely.Point:
    """Return where a label belongs: a point of the shape, the middle of a line."""
    if shape.geom_type == "LineString":
        return shape.interpolate(0.5, normalized=True)
    return shape.representative_point()


def _name_zones(zones: Sequence[DrawnZone], frame: MapFrame, field: LabelField) -> list[Mark]:
    """Return the names of the features that make the zones."""
    marks: list[Mark] = []
    done: set[str] = set()
    for zone in reversed(zones):
        for name, geometry in zone.names:
            shape = frame.place(geometry)
            if name in done or shape.is_empty:
                continue
            done.add(name)
            spot = _anchor(shape)
            label = field.put(spot.x, spot.y, show_text(name, NAME_LENGTH), 7.0)
            if isinstance(label, Label):
                marks += plate(label, zone.style.text_colour)
    return marks


def _name_places(workspace: Workspace, frame: MapFrame, field: LabelField) -> list[Mark]:
    """Return the names of towns for orientation, the larger first."""
    layer = workspace.layers.get("places")
    if layer is None or layer.frame is None:
        return []
    window = crs.to_lonlat(frame.window)
    hits = layer.frame.iloc[sorted(layer.frame.sindex.query(window, predicate="intersects").tolist())]
    if "population" in hits.columns:
        hits = hits.sort_values("population", ascending=False, na_position="last", kind="stable")
    marks: list[Mark] = []
    for name, geometry in zip(hits["name_zh"].tolist(), hits.geometry, strict=True):
        point = frame.place(crs.to_plane(geometry).centroid)
        if point.is_empty or not name:
            continue
        x, y = point_xy(point)
        label = field.put(x, y, str(name), 6.2)
        if isinstance(label, Label):
            marks += [disc(x, y, 0.45, fill="#ffffff", stroke=GREY), *plate(label, GREY)]
    return marks


def _name_sites(result: CheckResult, indexes: Sequence[int]) -> str:
    """Return the names of sites for a title, the third and later counted."""
    names = [show_text(result.sites[i].site.name, NAME_LENGTH) or f"用地 {i + 1}" for i in indexes[:2]]
    more = f"等 {len(indexes)} 处" if len(indexes) > 2 else ""
    return "、".join(names) + more
