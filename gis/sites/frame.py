"""A GeoDataFrame to raw features."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import CrsError, SiteError, SiteTooLargeError
from gis.sites.attributes import as_properties
from gis.sites.raw import RawFeature, RawFile, RawTable
from gis.sites.shapes import bad_vertex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from shapely.geometry.base import BaseGeometry

    from gis.sites.raw import Limits

_WHERE = "GeoDataFrame"


def read_frame(frame: GeoDataFrame, limits: Limits) -> tuple[RawFile, str]:
    """Return the rows of `frame` as raw features, numbered by position, and a SHA-256 of the geometries.

    Raises
    ------
    CrsError
        If the frame has no coordinate system.
    SiteError, SiteTooLargeError
        If it has no rows, a coordinate is unusable, or it is past a limit.
    """
    if frame.crs is None:
        raise CrsError(
            "GeoDataFrame 没有坐标系",
            "the GeoDataFrame has no coordinate system",
            where=_WHERE,
            code="crs.missing",
            hint_zh='先用 frame.set_crs("EPSG:4490") 等写明',
            hint_en='say which with frame.set_crs("EPSG:4490") or the like',
        )
    if frame.empty:
        raise SiteError(
            "GeoDataFrame 没有行", "the GeoDataFrame has no rows", where=_WHERE, code="sites.no_features"
        )
    shapes = flatten_shapes(list(frame.geometry), limits, _WHERE)
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    crs = frame.crs.to_wkt()
    features = tuple(
        RawFeature(index, shape, as_properties(row, limits, f"{_WHERE}, feature {index}"))
        for index, (shape, row) in enumerate(zip(shapes, rows, strict=True))
    )
    digest = hashlib.sha256(crs.encode())
    for shape in shapes:
        digest.update(b"null" if shape is None else shapely.to_wkb(shape, byte_order=1))
    return RawFile("GeoDataFrame", (RawTable(crs, features),)), digest.hexdigest()


def flatten_shapes(
    shapes: Sequence[BaseGeometry | None], limits: Limits, where: str
) -> list[BaseGeometry | None]:
    """Return geometries without heights after looking at every coordinate; null stays None.

    Raises
    ------
    SiteError
        ``sites.coordinates`` naming feature and vertex, if a coordinate is not finite or absurd.
    SiteTooLargeError
        If there are too many features or vertices.
    """
    array = np.array([*shapes, None], dtype=object)[:-1]
    if len(array) > limits.features or int(shapely.get_num_coordinates(array).sum()) > limits.vertices:
        raise SiteTooLargeError(
            f"多于 {limits.features} 个要素或 {limits.vertices} 个顶点",
            f"more than {limits.features} features or {limits.vertices} vertices",
            where=where,
            hint_zh="请分成几个文件提交",
            hint_en="split the file",
        )
    coordinates, owner = shapely.get_coordinates(array, return_index=True)
    usable = (np.abs(coordinates) <= limits.coordinate).all(axis=1)
    if not usable.all():
        first = int(np.flatnonzero(~usable)[0])
        feature = int(owner[first])
        vertex = first - int(np.searchsorted(owner, feature))
        raise bad_vertex(where, feature, vertex, str(coordinates[first].tolist()))
    return list(shapely.force_2d(array))
