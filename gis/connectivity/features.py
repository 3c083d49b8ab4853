"""A study as features of layers: paths, corridors, agreement and pinch points, for map, sheet and files."""

from __future__ import annotations

import hashlib
import json
import math
from collections import ChainMap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis import crs
from gis.connectivity.study import inputs_of
from gis.corridors.contours import draw_cells, draw_contour
from gis.layers.build.writer import Feature, render_layer
from gis.layers.load import read_features
from gis.model import Layer, LayerStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.connectivity.study import Link, Study
    from gis.workspace import Workspace

PATHS, BANDS = "corridor_paths", "corridor_bands"
AGREEMENT, PINCH_POINTS = "corridor_agreement", "corridor_pinch_points"
BARRIERS = "corridor_barriers"
LAYERS = (PATHS, BANDS, AGREEMENT, PINCH_POINTS, BARRIERS)

LEVELS = ((25, 50), (50, 75), (75, 100))
"""Percent of runs that tell the areas of agreement apart."""


def list_features(study: Study) -> dict[str, tuple[Feature, ...]]:
    """Return the features of a study by layer, degrees; without an ensemble no areas of agreement."""
    common = {
        "source": say_source(study),
        "confidence": "guess",
        "accuracy_m": find_accuracy(study),
        "inputs_sha256": hash_inputs(study),
    }
    return {
        PATHS: tuple(_path(link, common) for link in study.links if is_drawn(link)),
        BANDS: tuple(_bands(study, common)),
        AGREEMENT: tuple(_agreement(study, common)),
        PINCH_POINTS: tuple(_pinch_points(study, common)),
        BARRIERS: tuple(_barriers(study, common)),
    }


def hash_inputs(study: Study) -> str:
    """Return the SHA-256 of what a study was made from; the program's version is left out."""
    text = json.dumps(inputs_of(study.ground, study.options), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def say_source(study: Study) -> str:
    """Return how the study was made, for every feature of it."""
    options, table = study.options, study.ground.surface.table
    runs = f"；抽样 {options.runs} 次，种子 {options.seed} / {options.runs} runs, seed {options.seed}"
    return (
        f"gis corridors：像元 {options.cell_m:g} m，{options.neighbours} 邻域，阻力表 {table.sha256[:12]} / "
        f"cells of {options.cell_m:g} m, {options.neighbours} neighbours, table {table.sha256[:12]}"
        f"{runs if options.runs else ''}"
    )


def say_study(study: Study) -> str:
    """Return what a map or sheet says of the study it shows."""
    options, table = study.options, study.ground.surface.table
    return (
        f"study {study.study_id[:16]}, table {table.sha256[:12]}, cell {options.cell_m:g} m, "
        f"runs {options.runs}, seed {options.seed}"
    )


def find_accuracy(study: Study) -> float:
    """Return the accuracy of what was painted: the worst of its classes and sources, at least a cell."""
    painted = [item.accuracy_m for item in study.ground.painted if item.accuracy_m is not None]
    sources = [source.accuracy_m for source in study.ground.sources]
    return float(max([study.options.cell_m, *painted, *sources]))


def is_drawn(link: Link) -> bool:
    """Return whether a link has a path to draw: sources that touch have none."""
    return bool(link.line.geom_type == "LineString")


def _path(link: Link, common: dict[str, Any]) -> Feature:
    """Return the path of a link."""
    sure = "" if link.agreement is None else f"；沿线平均 {link.agreement:.0%} 的抽样取用"
    sure_en = "" if link.agreement is None else f"; {link.agreement:.0%} of runs use it on average"
    return Feature(
        properties={
            "id": link.id,
            "name_zh": link.title.zh,
            "name_en": link.title.en,
            "kind": "least_cost_path",
            "status": f"累积阻力 {link.cost_km:.0f} 阻力·km，长 {link.length_m / 1000:.1f} km{sure} / "
            f"cost {link.cost_km:.0f} resistance·km, {link.length_m / 1000:.1f} km long{sure_en}",
            "method": "最小累积阻力路径，绘制时在 0.8 个像元内取直 / "
            "least-cost path, straightened within 0.8 cells",
            "first": link.first.id,
            "second": link.second.id,
            "cost_resistance_km": round(link.cost_km, 3),
            "length_m": round(link.length_m, 1),
            "resistance_ohm": round(link.resistance_ohm, 6) if np.isfinite(link.resistance_ohm) else None,
            "dpc_share": round(link.pc_share, 6),
            "agreement_share": None if link.agreement is None else round(link.agreement, 4),
            **common,
        },
        geometry=crs.transform(link.line, crs.PLANE, crs.GEOGRAPHIC),
    )


def _bands(study: Study, common: dict[str, Any]) -> Iterator[Feature]:
    """Yield the corridor of each link that has any width of its own outside the sources."""
    share = study.ground.surface.table.study.band_share
    for link in study.links:
        excess = study.linking.excess(link.route.first, link.route.second)
        shape = draw_contour(study.ground.cells, np.maximum(2 * share - excess, 0.0), share)
        if shape.is_empty or not is_drawn(link):
            continue
        lonlat = crs.transform(shapely.simplify(shape, study.options.cell_m / 10), crs.PLANE, crs.GEOGRAPHIC)
        yield Feature(
            properties={
                "id": link.id,
                "name_zh": f"{link.title.zh}廊道带",
                "name_en": f"Corridor {link.title.en}",
                "kind": "corridor_band",
                "status": f"比最小阻力路径最多贵 {share:.0%} / at most {share:.0%} dearer than the path",
                "method": "归一化最小阻力廊道：costA + costB − LCD / normalised least-cost corridor",
                **common,
            },
            geometry=lonlat,
        )


def _agreement(study: Study, common: dict[str, Any]) -> Iterator[Feature]:
    """Yield the areas that shares of the runs use, each without the surer ones."""
    if study.agreement is None:
        return
    cells = study.ground.cells
    runs = study.options.runs
    levels = [(math.ceil(low / 100.0 * runs) - 0.5) / runs for low, _ in LEVELS]  # between two whole runs
    shapes = [
        shapely.simplify(draw_contour(cells, study.agreement, level), cells.cell / 10) for level in levels
    ]
    for (low, high), shape, surer in zip(LEVELS, shapes, [*shapes[1:], shapely.Polygon()], strict=True):
        part = shapely.difference(shapely.make_valid(shape), shapely.make_valid(surer))
        least_m2 = (cells.cell / 10) ** 2  # splinters of the simplification
        areas = [
            item
            for item in shapely.get_parts(part).tolist()
            if item.geom_type == "Polygon" and item.area > least_m2
        ]
        if not areas:
            continue
        yield Feature(
            properties={
                "id": f"agreement_{low}",
                "name_zh": f"{low}–{high} % 的抽样取用",
                "name_en": f"Used by {low}–{high} % of runs",
                "kind": f"agreement_{low}",
                "method": "阻力在各自范围内拉丁超立方抽样，同类之内再起伏，逐次求廊道带，计每格取用次数 / "
                "resistances drawn from their ranges (Latin hypercube) and varied within each class, "
                "corridors found anew in each run",
                "share_from": low / 100.0,
                "share_to": high / 100.0,
                **common,
            },
            geometry=crs.transform(shapely.MultiPolygon(areas), crs.PLANE, crs.GEOGRAPHIC),
        )


def _pinch_points(study: Study, common: dict[str, Any]) -> Iterator[Feature]:
    """Yield, for each link, the cells of its corridor with the most current."""
    for link in study.links:
        chosen = study.pinch_points(link)
        if not chosen.any() or not is_drawn(link):
            continue
        peak = float(study.current_a.values[chosen].max())
        yield Feature(
            properties={
                "id": link.id,
                "name_zh": f"{link.title.zh}夹点",
                "name_en": f"Pinch point of {link.title.en}",
                "kind": "pinch_point",
                "status": f"最大电流 {peak:.3f} A（源对之和）/ most current {peak:.3f} A, all pairs summed",
                "method": "电路模型：每条廊道带内、源地之外电流最大的 5 % 像元 / "
                "circuit flow: the 5 % of cells with most current in each corridor, outside the sources",
                "current_a": round(peak, 6),
                **common,
            },
            geometry=crs.transform(draw_cells(study.ground.cells, chosen), crs.PLANE, crs.GEOGRAPHIC),
        )


def _barriers(study: Study, common: dict[str, Any]) -> Iterator[Feature]:
    """Yield the windows that shorten a link most when restored, the best first."""
    if study.barriers is None:
        return
    names = {source.number: source.title for source in study.ground.sources}
    for barrier in study.barriers.barriers:
        first, second = (names[number] for number in barrier.pair)
        gain = 1.0 - barrier.recomputed_distance / barrier.distance
        x, y = study.ground.cells.centres(np.array([barrier.row]), np.array([barrier.column]))
        window = shapely.Point(x[0], y[0]).buffer(barrier.radius_m, quad_segs=8)
        yield Feature(
            properties={
                "id": f"barrier_{barrier.rank:02d}",
                "name_zh": f"障碍点 {barrier.rank}（{first.zh}—{second.zh}）",
                "name_en": f"Barrier {barrier.rank} ({first.en} – {second.en})",
                "kind": "corridor_barrier",
                "status": f"恢复后累积阻力减少 {gain:.0%} / restored, the link costs {gain:.0%} less",
                "method": f"半径 {barrier.radius_m:g} m 的圆窗恢复为丘陵林地阻力后重算 / "
                f"round window of {barrier.radius_m:g} m restored to hills, cost found anew",
                "gain_share": round(gain, 6),
                **common,
            },
            geometry=crs.transform(window, crs.PLANE, crs.GEOGRAPHIC),
        )


def lay_study(workspace: Workspace, study: Study) -> Workspace:
    """Return the workspace with the layers of its catalogue that a study fills filled by this one."""
    filled: dict[str, Layer] = {}
    for layer_id, features in list_features(study).items():
        known = workspace.layers.get(layer_id)
        if known is None or not features:
            continue
        content = render_layer(layer_id, features).encode("utf-8")
        digest = hashlib.sha256(content).hexdigest()
        entry = replace(
            known.entry,
            rows=len(features),
            sha256=digest,
            source=f"{say_source(study)}; study {study.study_id}",
            attribution=f"{say_study(study)}；{known.entry.attribution}",
        )
        frame = read_features(content, where=layer_id)
        filled[layer_id] = Layer(entry, LayerStatus.OK, frame, digest, known.coverage)
    return replace(workspace, layers=ChainMap(filled, dict(workspace.layers)))
