"""勘测定界 TXT in the variants offices write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely

from gis.crs import transform
from gis.errors import CrsError, SiteError, SiteFormatError
from gis.sites.read import SiteSource, read_sites

if TYPE_CHECKING:
    from gis.model import Site, SiteSet

SHELL = [(3351000, 40515000), (3351100, 40515000), (3351100, 40515100), (3351000, 40515100)]
HOLE = [(3351020, 40515020), (3351040, 40515020), (3351040, 40515040), (3351020, 40515040)]
APART = [(north + 500, east) for north, east in SHELL]
TRUTH = transform(shapely.box(515000, 3351000, 515100, 3351100), "EPSG:4549", "EPSG:4490")


def head(zone: str = "40", system: str = "2000国家大地坐标系", width: str = "3") -> str:
    return (
        "[属性描述]\n格式版本号=1.01版本\n数据产生单位=某局\n"
        f"坐标系={system}\n几度分带={width}\n投影类型=高斯克吕格\n计量单位=米\n带号={zone}\n精度=0.001\n"
        "转换参数=,,,,,,\n[地块坐标]\n"
    )


def parcel(
    *rings: list[tuple[float, float]],
    count: object = 4,
    hectares: object = 1.0,
    close: bool = False,
    fields: str = "",
) -> str:
    lines = [f"{count},{hectares},1,甲地块,面,H51,工业用地,0601{fields},@"]
    for number, ring in enumerate(rings, start=1):
        points = [*ring, ring[0]] if close else ring
        lines += [f"J{i},{number},{x:.3f},{y:.3f}" for i, (x, y) in enumerate(points, start=1)]
    return "\n".join(lines) + "\n"


def read(text: str, encoding: str = "utf-8", **options: str) -> SiteSet:
    return read_sites([SiteSource("勘测.txt", text.encode(encoding))], **options)


def only(found: SiteSet) -> Site:
    (site,) = found.sites
    return site


def test_a_parcel_carries_its_name_attributes_and_place_without_remark() -> None:
    found = read(head() + parcel(SHELL))
    site = only(found)
    assert site.name == "甲地块"
    assert site.properties == {
        "面积": 1.0,
        "地块编号": "1",
        "地块名称": "甲地块",
        "图幅号": "H51",
        "地块用途": "工业用地",
        "地类编码": "0601",
    }
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9
    assert site.repairs == site.warnings == ()
    assert (found.files[0].format, found.files[0].crs_read) == ("勘测定界 TXT", "EPSG:4528")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("close", [False, True])
@pytest.mark.parametrize("count", [4, 5, ""])
@pytest.mark.parametrize("fields", ["", ",a,b,c,d,e"])
@pytest.mark.parametrize("zone", ["40", "", " "])
def test_every_variant_gives_the_same_parcel(
    *, encoding: str, wide: bool, close: bool, count: object, fields: str, zone: str
) -> None:
    text = head(zone) + parcel(SHELL, close=close, count=count, fields=fields)
    if wide:
        text = (
            text.replace(",", "，")
            .replace("@", "＠")
            .replace("[", "【")
            .replace("]", "】")
            .replace("J1,", "Ｊ１,")
        )
    site = only(read(text, encoding))
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9
    assert [note.code for note in site.warnings if note.code != "point_count"] == []


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("prefix", [False, True])
def test_magnitude_decides_the_order_and_the_prefix(*, swap: bool, prefix: bool) -> None:
    ring = [(x, y if prefix else y - 40_000_000) for x, y in SHELL]
    ring = [(y, x) for x, y in ring] if swap else ring
    site = only(read(head() + parcel(ring)))
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-9
    assert [note.code for note in site.warnings] == (["axes_swapped"] if swap else [])


def test_ring_two_is_a_hole_inside_and_another_part_outside() -> None:
    hole = only(read(head() + parcel(SHELL, HOLE, hectares=0.96, count=8)))
    assert len(hole.geometry.interiors) == 1
    parts = only(read(head() + parcel(SHELL, APART, hectares=2)))
    assert shapely.get_num_geometries(parts.geometry) == 2
    assert hole.warnings == ()


def test_several_parcels_are_several_sites_and_an_empty_one_is_rejected() -> None:
    found = read(head() + parcel(SHELL) + parcel() + parcel(APART) + parcel(SHELL[:2]))
    assert [site.index for site in found.sites] == [0, 2]
    assert [(entry.index, entry.code) for entry in found.rejected] == [
        (1, "geometry_empty"),
        (3, "too_few_vertices"),
    ]
    assert found.features_in == 4


@pytest.mark.parametrize(
    ("stated", "codes"), [(1.009, []), (1.011, ["stated_area"]), (0.98, ["stated_area"]), (0, [])]
)
def test_stated_hectares_are_compared_to_one_per_cent(stated: float, codes: list[str]) -> None:
    assert [note.code for note in only(read(head() + parcel(SHELL, hectares=stated))).warnings] == codes


def test_a_wrong_number_of_points_is_said() -> None:
    assert [note.code for note in only(read(head() + parcel(SHELL, count=9))).warnings] == ["point_count"]


def test_coordinates_win_over_a_head_that_contradicts_them_and_this_is_said() -> None:
    found = read(head("39") + parcel(SHELL))
    assert found.files[0].crs_read == "EPSG:4528"
    assert [note.code for note in only(found).warnings] == ["header_contradicts"]


@pytest.mark.parametrize(("zone", "width", "crs"), [("40", "3", "EPSG:4549"), ("20", "6", "EPSG:4509")])
def test_metres_without_prefix_take_the_zone_of_the_head(zone: str, width: str, crs: str) -> None:
    ring = [(x, y - 40_000_000) for x, y in SHELL]
    if width == "6":
        place = transform(shapely.box(515000, 3351000, 515100, 3351100), "EPSG:4549", crs)
        ring = [(y, x) for x, y in shapely.get_coordinates(place)[:-1]]
    site = only(read(head(zone, width=width) + parcel(ring)))
    assert shapely.hausdorff_distance(site.geometry, TRUTH) < 1e-8


def test_metres_without_any_zone_are_refused_with_the_readings() -> None:
    ring = [(x, y - 40_000_000) for x, y in SHELL]
    with pytest.raises(CrsError) as caught:
        read(head("") + parcel(ring))
    assert caught.value.code == "crs.zone_missing"
    assert (
        shapely.hausdorff_distance(only(read(head("") + parcel(ring), crs="EPSG:4549")).geometry, TRUTH)
        < 1e-9
    )


@pytest.mark.parametrize("system", ["1980西安坐标系", "西安80", "北京54坐标系", "1954年北京坐标系"])
def test_older_datums_are_refused(system: str) -> None:
    with pytest.raises(CrsError) as caught:
        read(head(system=system) + parcel(SHELL))
    assert caught.value.code == "crs.old_datum"


@pytest.mark.parametrize("system", ["杭州城市坐标系", "地方独立坐标系"])
def test_local_systems_are_refused(system: str) -> None:
    with pytest.raises(CrsError) as caught:
        read(head(system=system) + parcel(SHELL))
    assert caught.value.code == "crs.unknown"


@pytest.mark.parametrize(
    "line",
    ["J9,1,abc,40515000", "J9,1,3351000", "J9,1,nan,40515000", "J9,1,1e308,40515000", "J9,1,12,34", "J9,1,,"],
)
def test_a_bad_point_is_an_error_with_its_line(line: str) -> None:
    with pytest.raises(SiteError, match="第 17 行") as caught:
        read(head() + parcel(SHELL) + line + "\n")
    assert caught.value.where == "勘测.txt, line 17"
    assert caught.value.code == "sites.coordinates"


def test_points_before_a_parcel_and_text_that_is_none_are_refused() -> None:
    with pytest.raises(SiteError):
        read(head() + "J1,1,3351000,40515000\n")
    with pytest.raises(SiteFormatError):
        read("今天天气很好。\n")


def test_one_damaged_byte_of_utf8_is_named_and_not_guessed_away() -> None:
    content = bytearray((head() + parcel(SHELL)).encode())
    place = content.index("甲".encode()) + 1
    content[place] = 0x20
    with pytest.raises(SiteError, match=f"第 {place - 1} 个字节") as caught:
        read_sites([SiteSource("a.txt", bytes(content))])
    assert caught.value.code == "sites.encoding"
