"""DXF drawings: outlines become sites, blocks are counted before they are exploded."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import ezdxf
import pytest
import shapely

from gis.crs import transform
from gis.errors import CrsError, SiteError, SiteFormatError, SiteTooLargeError
from gis.sites.read import SiteSource, read_sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.model import SiteSet

E, N = 40515000.0, 3351000.0
CORNERS = [(E, N), (E + 100, N), (E + 100, N + 100), (E, N + 100)]
INNER = [(E + 20, N + 20), (E + 40, N + 20), (E + 40, N + 40)]
TRUTH = transform(shapely.box(515000, 3351000, 515100, 3351100), "EPSG:4549", "EPSG:4490")


def draw(work: Callable[[Any, Any], object], version: str = "R2010") -> bytes:
    drawing = ezdxf.new(version)
    work(drawing, drawing.modelspace())
    stream = io.StringIO()
    drawing.write(stream)
    return stream.getvalue().encode("gbk" if version == "R2000" else "utf-8")


def read(content: bytes, **options: str) -> SiteSet:
    return read_sites([SiteSource("图.dxf", content)], **options)


@pytest.mark.parametrize("version", ["R12", "R2000", "R2010", "R2018"])
def test_a_closed_polyline_is_an_area_with_its_layer(version: str) -> None:
    def work(drawing: Any, model: Any) -> None:
        drawing.header["$DWGCODEPAGE"] = "ANSI_936"
        add = model.add_polyline2d if version == "R12" else model.add_lwpolyline
        add(CORNERS, close=True, dxfattribs={"layer": "RED" if version == "R12" else "用地红线"})

    (site,) = read(draw(work, version)).sites
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9
    assert site.properties["layer"] == ("RED" if version == "R12" else "用地红线")
    assert site.repairs == site.warnings == ()


def test_each_kind_of_entity_is_a_site_of_its_kind_and_the_rest_is_counted() -> None:
    def work(_: Any, model: Any) -> None:
        model.add_lwpolyline([*CORNERS, CORNERS[0]])  # closed by its points, not by the flag
        model.add_lwpolyline(CORNERS)
        model.add_line(CORNERS[0], CORNERS[2])
        model.add_point(CORNERS[0])
        model.add_circle((E, N), 50)
        model.add_text("地块一")
        model.add_text("地块二")
        model.add_polyline3d([(*corner, 7) for corner in CORNERS], close=True)

    found = read(draw(work))
    assert [site.kind for site in found.sites] == ["polygon", "line", "line", "point", "polygon", "polygon"]
    assert found.sites[4].geometry_plane.area == pytest.approx(3.14159265 * 2500, rel=1e-4)
    assert any(note.en.startswith("2 TEXT") for note in found.files[0].notes)


def test_a_hatch_keeps_its_hole_whatever_the_order_of_its_paths() -> None:
    for paths in ((CORNERS, INNER), (INNER, CORNERS)):

        def work(_: Any, model: Any, paths: Any = paths) -> None:
            hatch = model.add_hatch()
            for path in paths:
                hatch.paths.add_polyline_path(path, is_closed=True)

        (site,) = read(draw(work)).sites
        assert site.geometry_plane.area == pytest.approx(9800, abs=0.01)


def test_arcs_lie_within_a_millimetre_of_the_curve() -> None:
    def work(_: Any, model: Any) -> None:
        model.add_lwpolyline([(E, N, 0, 0, 1), (E + 100, N, 0, 0, 1)], close=True)

    (site,) = read(draw(work)).sites
    centre = shapely.Point(515050, 3351000)
    distances = shapely.distance(shapely.points(shapely.get_coordinates(site.geometry_plane)), centre)
    assert abs(distances - 50).max() < 0.002


def test_blocks_are_exploded_where_they_are_put_with_their_attributes() -> None:
    def work(drawing: Any, model: Any) -> None:
        block = drawing.blocks.new("地块")
        block.add_lwpolyline([(0, 0), (50, 0), (50, 50), (0, 50)], close=True)
        outer = drawing.blocks.new("组")
        outer.add_blockref("地块", (0, 0), dxfattribs={"xscale": 2, "yscale": 2})
        insert = model.add_blockref("组", (E, N))
        insert.add_attrib("XMMC", "甲")
        grid = {"row_count": 2, "column_count": 3, "row_spacing": 100, "column_spacing": 100}
        model.add_blockref("地块", (E, N + 1000), dxfattribs=grid)

    found = read(draw(work))
    assert len(found.sites) == 7
    assert found.sites[0].name == "甲"
    assert shapely.hausdorff_distance(found.sites[0].geometry, TRUTH) < 1e-9


def bomb(drawing: Any, model: Any) -> None:
    drawing.blocks.new("L0").add_point((0, 0))
    for level in range(1, 10):
        block = drawing.blocks.new(f"L{level}")
        for place in range(10):
            block.add_blockref(f"L{level - 1}", (place, 0))
    model.add_blockref("L9", (E, N))


def array(drawing: Any, model: Any) -> None:
    drawing.blocks.new("B").add_point((0, 0))
    grid = {"row_count": 30_000, "column_count": 30_000, "row_spacing": 1, "column_spacing": 1}
    model.add_blockref("B", (E, N), dxfattribs=grid)


def circle_of_blocks(drawing: Any, model: Any) -> None:
    drawing.blocks.new("A").add_blockref("B", (0, 0))
    drawing.blocks.new("B").add_blockref("A", (0, 0))
    model.add_blockref("A", (E, N))


def many_empty(drawing: Any, model: Any) -> None:
    drawing.blocks.new("L0")
    for level in range(1, 16):
        block = drawing.blocks.new(f"L{level}")
        for _ in range(4):
            block.add_blockref(f"L{level - 1}", (0, 0))
    model.add_blockref("L15", (E, N))


@pytest.mark.parametrize("work", [bomb, array, circle_of_blocks, many_empty])
def test_block_bombs_are_refused_while_counting(work: Any) -> None:
    content = draw(work)
    began = time.process_time()
    with pytest.raises(SiteTooLargeError):
        read(content)
    assert time.process_time() - began < 5


def test_metres_without_prefix_need_a_zone() -> None:
    def work(_: Any, model: Any) -> None:
        model.add_lwpolyline([(x - 40_000_000, y) for x, y in CORNERS], close=True)

    content = draw(work)
    with pytest.raises(CrsError) as caught:
        read(content)
    assert caught.value.code == "crs.zone_missing"
    assert shapely.hausdorff_distance(read(content, crs="EPSG:4549").sites[0].geometry, TRUTH) < 1e-9


@pytest.mark.parametrize("number", ["nan", "1e308", "inf"])
def test_absurd_numbers_are_named(number: str) -> None:
    text = f"0\nSECTION\n2\nENTITIES\n0\nPOINT\n8\n0\n10\n{number}\n20\n{N}\n0\nENDSEC\n0\nEOF\n"
    with pytest.raises(SiteError):
        read(text.encode())


def test_a_curve_of_absurd_size_is_refused_at_once() -> None:
    began = time.process_time()
    with pytest.raises(SiteError):
        read(draw(lambda _, model: model.add_circle((E, N), 1e15)))
    assert time.process_time() - began < 5


def test_binary_and_cut_drawings_and_drawings_without_sites_are_refused() -> None:
    with pytest.raises(SiteFormatError):
        read(b"AutoCAD Binary DXF\r\n\x1a\x00\x00\x00")
    with pytest.raises(SiteFormatError):
        read_sites([SiteSource("a.dwg", b"AC1032\x00\x00")])
    full = draw(lambda _, model: model.add_lwpolyline(CORNERS, close=True))
    for keep in (0.1, 0.5, 0.97):
        with pytest.raises(SiteError):
            read(full[: int(len(full) * keep)])
    with pytest.raises(SiteError) as caught:
        read(draw(lambda _, __: None))
    assert caught.value.code == "sites.no_features"


def test_a_damaged_number_is_refused_and_not_mended_into_another() -> None:
    content = draw(lambda _, model: model.add_lwpolyline(CORNERS, close=True))
    assert content.count(b"3351100.0") == 2
    with pytest.raises(SiteError) as caught:
        read(content.replace(b"3351100.0", b"33511-00.0", 1))
    assert caught.value.code == "sites.broken"
