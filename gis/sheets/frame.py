"""What ground a sheet shows and where it lies on paper, in millimetres from the page's lower left corner.

A sheet is drawn in the 3-degree Gauss-Krüger zone of its centre with grid north upward and a true scale: one
millimetre is `scale` / 1000 metres of the plane. Meridians and parallels are curves there and stay curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis import crs
from gis.errors import SheetError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from gis.sheets.definition import PaperRules
    from gis.sheets.numbering import SheetFrame

ISO_A_MM = {"A0": (841, 1189), "A1": (594, 841), "A2": (420, 594), "A3": (297, 420), "A4": (210, 297)}
"""ISO 216, portrait: width and height, millimetres."""

EDGE_STEPS = 180
"""Points on each edge of a frame: a 1:1 000 000 edge is then true to 0.001 mm."""

THIN_MM = 0.002
"""How far an edge as drawn may lie from the curve, millimetres on paper."""

ROUNDING_MM = 1e-6
SIDES = ("south", "east", "north", "west")


@dataclass(frozen=True)
class MapArea:
    """The ground of one sheet.

    Parameters
    ----------
    number : str
        Sheet number; empty for a frame of one's own.
    scale : int
        N of 1:N.
    zone : int
        3-degree Gauss-Krüger zone it is drawn in.
    epsg : int
        EPSG number of that zone.
    edges_lonlat : dict
        Side → points (lon, lat) of the edge, from west to east or from south to north.
    """

    number: str
    scale: int
    zone: int
    epsg: int
    edges_lonlat: dict[str, NDArray[np.float64]]

    @property
    def plane(self) -> str:
        """Name of the plane the sheet is drawn in."""
        return f"EPSG:{self.epsg}"

    @cached_property
    def edges_plane(self) -> dict[str, NDArray[np.float64]]:
        """The edges in the plane: side → (easting, northing), metres."""
        move = crs.transformer(crs.GEOGRAPHIC, self.plane)
        return {
            side: np.column_stack(move.transform(points[:, 0], points[:, 1]))
            for side, points in self.edges_lonlat.items()
        }

    @cached_property
    def outline_plane(self) -> NDArray[np.float64]:
        """The frame as a ring in the plane, counterclockwise from the south-west, metres."""
        return join_edges(self.edges_plane)

    @cached_property
    def corners_lonlat(self) -> tuple[tuple[float, float], ...]:
        """(lon, lat) of the corners: south-west, north-west, north-east, south-east."""
        return _corners(self.edges_lonlat)

    @cached_property
    def bounds_lonlat(self) -> tuple[float, float, float, float]:
        """(west, south, east, north) of the frame, degrees."""
        points = np.vstack(list(self.edges_lonlat.values()))
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        return float(west), float(south), float(east), float(north)

    @property
    def middle_lonlat(self) -> tuple[float, float]:
        """(lon, lat) of the middle of the frame."""
        west, south, east, north = self.bounds_lonlat
        return (west + east) / 2, (south + north) / 2

    @cached_property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the frame's bounding box on paper, millimetres."""
        low, high = self.outline_plane.min(axis=0), self.outline_plane.max(axis=0)
        width, height = (high - low) * 1000 / self.scale
        return float(width), float(height)

    @cached_property
    def convergence_deg(self) -> float:
        """Grid convergence at the centre, degrees: positive where grid north lies east of true north."""
        from pyproj import Proj

        factors = Proj(self.plane).get_factors(*self.middle_lonlat)
        return float(factors.meridian_convergence)


@dataclass(frozen=True)
class PaperFrame:
    """A sheet's ground laid on a page.

    Parameters
    ----------
    area : MapArea
    paper : str
        Name of the paper.
    width_mm, height_mm : float
        The page as it lies.
    origin_mm : tuple of float
        Where the lower left corner of the frame's bounding box stands.
    """

    area: MapArea
    paper: str
    width_mm: float
    height_mm: float
    origin_mm: tuple[float, float]

    @cached_property
    def _shift(self) -> NDArray[np.float64]:
        """Plane coordinates of the lower left corner of the bounding box."""
        low: NDArray[np.float64] = self.area.outline_plane.min(axis=0)
        return low

    def place(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points of the plane (metres) on paper (millimetres)."""
        placed: NDArray[np.float64] = (plane - self._shift) * (1000 / self.area.scale) + self.origin_mm
        return placed

    def place_lonlat(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points in degrees on paper (millimetres)."""
        move = crs.transformer(crs.GEOGRAPHIC, self.area.plane)
        return self.place(np.column_stack(move.transform(lonlat[:, 0], lonlat[:, 1])))

    def place_geometry(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry in degrees on paper (millimetres)."""
        return shapely.transform(geometry, self.place_lonlat)

    @cached_property
    def edges(self) -> dict[str, NDArray[np.float64]]:
        """The edges on paper: side → points."""
        return {side: self.place(points) for side, points in self.area.edges_plane.items()}

    @cached_property
    def edge_lines(self) -> dict[str, shapely.LineString]:
        """The edges on paper as lines, true to 0.002 mm."""
        return {side: thin_line(points) for side, points in self.edges.items()}

    @cached_property
    def outline(self) -> NDArray[np.float64]:
        """The neat line on paper: a ring from the south-west, counterclockwise, true to 0.002 mm."""
        return join_edges({side: shapely.get_coordinates(line) for side, line in self.edge_lines.items()})

    @cached_property
    def polygon(self) -> shapely.Polygon:
        """The inside of the neat line on paper."""
        return shapely.Polygon(self.outline)

    @cached_property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """Corners on paper: south-west, north-west, north-east, south-east."""
        return _corners(self.edges)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) of the frame's bounding box on paper."""
        (x, y), (width, height) = self.origin_mm, self.area.size_mm
        return x, y, x + width, y + height


def thin_line(points: NDArray[np.float64]) -> shapely.LineString:
    """Return an edge without the points that move it by less than `THIN_MM`, its ends kept."""
    return shapely.simplify(shapely.LineString(points), THIN_MM, preserve_topology=False)


def join_edges(edges: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return four edges as one ring, counterclockwise from the south-west, first point not repeated."""
    return np.vstack(
        (edges["south"][:-1], edges["east"][:-1], edges["north"][::-1][:-1], edges["west"][::-1][:-1])
    )


def _corners(edges: dict[str, NDArray[np.float64]]) -> tuple[tuple[float, float], ...]:
    """Return the corners of four edges: south-west, north-west, north-east, south-east."""
    points = (edges["south"][0], edges["north"][0], edges["north"][-1], edges["south"][-1])
    return tuple((float(x), float(y)) for x, y in points)


def area_of_sheet(frame: SheetFrame) -> MapArea:
    """Return the ground of a numbered sheet.

    Raises
    ------
    SheetError
        If CGCS2000 has no 3-degree zone there.
    """
    epsg = frame.epsg
    if epsg is None:
        raise SheetError(
            f"图幅 {frame.number} 不在 CGCS2000 3° 带（75°E～135°E）范围内，无法绘制",
            f"sheet {frame.number} lies outside the 3-degree zones of CGCS2000 (75°E to 135°E)",
            where=frame.number,
            code="sheets.zone",
        )
    west, south, east, north = frame.bbox
    step = np.linspace(0.0, 1.0, EDGE_STEPS + 1)
    lon, lat = west + step * (east - west), south + step * (north - south)
    lon[-1], lat[-1] = east, north
    edges = {
        "south": np.column_stack((lon, np.full_like(lon, south))),
        "north": np.column_stack((lon, np.full_like(lon, north))),
        "west": np.column_stack((np.full_like(lat, west), lat)),
        "east": np.column_stack((np.full_like(lat, east), lat)),
    }
    return MapArea(frame.number, frame.scale, frame.zone, epsg, edges)


def area_around(lon: float, lat: float, scale: int, size_mm: tuple[float, float]) -> MapArea:
    """Return a rectangle of the plane of `size_mm` on paper, centred on a point (degrees).

    Raises
    ------
    SheetError
        If CGCS2000 has no 3-degree zone there.
    """
    zone = crs.zone_of(lon)
    epsg = crs.zone_epsg(zone)
    if epsg is None or not -80 < lat < 80:
        raise SheetError(
            f"点 ({lon:.4f}, {lat:.4f}) 不在 CGCS2000 3° 带（75°E～135°E）范围内",
            f"the point ({lon:.4f}, {lat:.4f}) lies outside the 3-degree zones of CGCS2000 (75°E to 135°E)",
            where=f"{lon} {lat}",
            code="sheets.zone",
        )
    plane = f"EPSG:{epsg}"
    x, y = crs.transformer(crs.GEOGRAPHIC, plane).transform(lon, lat)
    half = np.array(size_mm) * scale / 2000
    step = np.linspace(-1.0, 1.0, EDGE_STEPS + 1)
    es, ns = x + step * half[0], y + step * half[1]
    sides = {
        "south": np.column_stack((es, np.full_like(es, ns[0]))),
        "north": np.column_stack((es, np.full_like(es, ns[-1]))),
        "west": np.column_stack((np.full_like(ns, es[0]), ns)),
        "east": np.column_stack((np.full_like(ns, es[-1]), ns)),
    }
    back = crs.transformer(plane, crs.GEOGRAPHIC)
    edges = {side: np.column_stack(back.transform(p[:, 0], p[:, 1])) for side, p in sides.items()}
    return MapArea("", scale, zone, epsg, edges)


def page_size(paper: str, *, landscape: bool) -> tuple[float, float]:
    """Return width and height of a paper as it lies, millimetres.

    Raises
    ------
    SheetError
        If there is no such paper.
    """
    if paper not in ISO_A_MM:
        raise SheetError(
            f"没有纸张 {paper!r}；可选 {'、'.join(ISO_A_MM)}",
            f"there is no paper {paper!r}; choose one of {', '.join(ISO_A_MM)}",
            where=f"paper {paper}",
            code="sheets.paper",
        )
    short, long = ISO_A_MM[paper]
    return (long, short) if landscape else (short, long)


def lay_frame(
    area: MapArea, rules: PaperRules, *, paper: str | None = None, landscape: bool | None = None
) -> PaperFrame:
    """Return the frame on the smallest ISO A paper that takes it with its furniture.

    Parameters
    ----------
    area : MapArea
    rules : PaperRules
        Margins and the room the furniture needs.
    paper : str, optional
        A paper chosen by the caller.
    landscape : bool, optional
        How it lies; by default as it fits, landscape first.

    Raises
    ------
    SheetError
        If the frame does not fit the paper, or no paper takes it.
    """
    papers = [paper] if paper else sorted(ISO_A_MM, reverse=True)
    ways = (True, False) if landscape is None else (landscape,)
    for name in papers:
        for way in ways:
            page = page_size(name, landscape=way)
            need = rules.need_mm(area.size_mm, landscape=way)
            if need[0] <= page[0] + ROUNDING_MM and need[1] <= page[1] + ROUNDING_MM:
                return PaperFrame(area, name, *page, rules.origin_mm(page, area.size_mm, landscape=way))
    width, height = (round(value) for value in rules.need_mm(area.size_mm, landscape=ways[0]))
    chosen = paper or "A0"
    raise SheetError(
        f"图廓 {area.size_mm[0]:.0f}×{area.size_mm[1]:.0f} mm 加整饰需 {width}×{height} mm，{chosen} 放不下",
        f"the frame of {area.size_mm[0]:.0f}×{area.size_mm[1]:.0f} mm with its furniture needs "
        f"{width}×{height} mm and does not fit {chosen}",
        where=area.number or "frame",
        hint_zh="请选更大的纸张，或不指定纸张由程序选择",
        hint_en="choose a larger paper, or name none and the program chooses",
        code="sheets.paper",
    )
