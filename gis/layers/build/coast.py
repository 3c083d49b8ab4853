"""Sea and coastline from the committed crop of geo-maps (OpenStreetMap, ODbL 1.0) → features.

The crop stands in ``layers/odbl/``, a folder of its own with its licence; what is built from it goes there
too. The estuary of the Qiantang ends at a line from Ganpu to the Xisan sluice (浙江省河流手册, 2016:
东江嘴–海盐澉浦/慈溪西三闸): landward of it the water belongs to ``river_water``, seaward to the sea, so
the two meet and do not overlap.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely

from gis.errors import LayerError
from gis.layers.build.writer import Feature, write_text

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

CROP = "layers/odbl/geo_maps_seas_crop.json"
CROP_BOX = (117.5, 28.0, 123.5, 32.0)
"""(west, south, east, north) degrees; the study area and half a degree more."""

MOUTH_LINE = ((120.91616, 30.38534), (120.97676, 30.24384))
"""Ganpu (Changshan head) to the Cixi shore by Xisan, degrees: two shore vertices of the crop, 17 km apart."""

LANDWARD_RING = (
    (120.5, 30.1),
    (121.0, 30.1),
    (121.0, 30.21661),
    *MOUTH_LINE[::-1],
    (120.90, 30.386),
    (120.90, 30.5),
    (120.5, 30.5),
)
"""Degrees: the mouth line, closed over land on both shores, round the water landward of it."""

SOURCE = "npm @geo-maps/earth-seas-10m 0.6.0 (OpenStreetMap 2017-07)"
LICENCE_NOTE = "© OpenStreetMap contributors, via geo-maps; ODbL 1.0"
ACCURACY_M = 600.0
"""95 %. The package states 10 m to OpenStreetMap of 2017; the embankments built since (Jianshan, Cixi,
Hangzhou Bay new area) moved the bay shore by up to this much and more in places."""


def crop_seas(source: Path, target: Path, *, box: tuple[float, float, float, float] = CROP_BOX) -> None:
    """Cut the package's world map of seas down to `box` and write it, every vertex kept.

    Run by hand when the package changes; the build reads only the crop.

    Parameters
    ----------
    source : Path
        ``map.geo.json`` of ``@geo-maps/earth-seas-10m``: one multipolygon of the world, degrees.
    target : Path
        The crop: a GeoJSON MultiPolygon with its provenance beside it.

    Raises
    ------
    LayerError
        If the result is empty or not valid.
    """
    world = json.loads(source.read_text(encoding="utf-8"))["geometries"][0]
    parts = [cut_polygon(rings, box) for rings in world["coordinates"]]
    sea = shapely.union_all([part for part in parts if part is not None])
    if sea.is_empty or not sea.is_valid:
        raise LayerError("海域裁剪结果无效", "the crop of the seas is not valid", where=str(source))
    text = json.dumps(
        {
            "type": "MultiPolygon",
            "source": SOURCE,
            "licence": LICENCE_NOTE,
            "bbox": list(box),
            "tolerance_m": 0,
            "coordinates": json.loads(
                shapely.to_geojson(shapely.MultiPolygon(shapely.get_parts(sea).tolist()))
            )["coordinates"],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    write_text(target, text + "\n")


def cut_polygon(rings: list[Any], box: tuple[float, float, float, float]) -> BaseGeometry | None:
    """Return the part of one polygon (rings of [lon, lat]) inside `box`; None when there is none."""
    outlines = [shapely.LinearRing(ring) for ring in rings]
    frame = shapely.box(*box)
    if not shapely.intersects(shapely.envelope(outlines[0]), frame):
        return None
    holes = [ring for ring in outlines[1:] if shapely.intersects(shapely.envelope(ring), frame)]
    part: BaseGeometry = shapely.clip_by_rect(shapely.Polygon(outlines[0], holes), *box)
    return None if part.is_empty else part


def read_seas(workspace_dir: Path) -> BaseGeometry:
    """Return the sea of the committed crop, degrees.

    Raises
    ------
    LayerError
        If the crop is missing or unreadable.
    """
    path = workspace_dir / CROP
    try:
        sea: BaseGeometry = shapely.from_geojson(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, shapely.errors.ShapelyError) as error:
        raise LayerError(
            f"无法读取海域数据 {CROP}：{error}",
            f"the crop of the seas {CROP} cannot be read: {error}",
            where=CROP,
        ) from error
    return sea


def split_seas(sea: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """Return (estuary water, open sea): the sea on the two sides of the mouth line, degrees."""
    landward = shapely.Polygon(LANDWARD_RING)
    return shapely.intersection(sea, landward), shapely.difference(sea, landward)


def trace_coastline(open_sea: BaseGeometry) -> BaseGeometry:
    """Return the shore of the open sea, degrees: its outline without the frame of the crop and the mouth."""
    frame = shapely.box(*CROP_BOX).exterior
    artificial = shapely.union(frame, shapely.LineString(MOUTH_LINE)).buffer(1e-6)
    return shapely.line_merge(shapely.difference(shapely.boundary(open_sea), artificial))


def build_coast(workspace_dir: Path) -> tuple[Feature, ...]:
    """Return the open sea (kind ``sea``, polygons) and its shore (kind ``coastline``, lines), degrees.

    Raises
    ------
    LayerError
        If the crop is missing or unreadable.
    """
    _, open_sea = split_seas(read_seas(workspace_dir))
    common = {"source": f"{SOURCE}; {LICENCE_NOTE}", "accuracy_m": ACCURACY_M, "confidence": "sourced"}
    sea = {
        "id": "sea",
        "name_zh": "东海与杭州湾",
        "name_en": "East China Sea and Hangzhou Bay",
        "kind": "sea",
        "method": "裁剪至图框，澉浦—西三断面以西归入钱塘江河口段 / cropped to the frame; "
        "west of the Ganpu–Xisan section it belongs to the Qiantang estuary",
    }
    shore = {
        "id": "coastline",
        "name_zh": "海岸线",
        "name_en": "Coastline",
        "kind": "coastline",
        "method": "海域外缘，不含图框与澉浦断面 / outline of the sea without frame and Ganpu section",
    }
    return (
        Feature(properties={**common, **sea}, geometry=open_sea),
        Feature(properties={**common, **shore}, geometry=trace_coastline(open_sea)),
    )
