"""Patches from sites and tables: their ids, their areas, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from gis.corridors.patches import choose_ids, is_patch_table, make_patches, parse_patch_table
from gis.crs import area_m2, to_lonlat
from gis.errors import CorridorError
from gis.model import Site


def make_site(number: int, shape: shapely.Geometry, **properties: Any) -> Site:
    return Site(
        site_id=f"f#{number}",
        file="f",
        index=number,
        name=f"名{number}",
        kind="parcel",
        properties=properties,
        geometry=to_lonlat(shape),
        geometry_plane=shape,
    )


SQUARE = shapely.box(500_000, 3_350_000, 501_000, 3_351_000)


def test_areas_are_measured_on_the_ellipsoid() -> None:
    patches = make_patches([make_site(1, SQUARE)])
    assert patches.areas_m2[0] == pytest.approx(area_m2(SQUARE), rel=1e-9)
    assert patches.names == ("名1",)


def test_a_field_named_whatever_its_case_gives_the_area() -> None:
    sites = [make_site(1, shapely.Point(500_000, 3_350_000), Weight="1,500.5")]
    assert make_patches(sites, area_field="weight").areas_m2.tolist() == [1500.5]


def test_ids_are_those_of_the_features_where_each_has_its_own() -> None:
    own = [make_site(1, SQUARE, ID=7.0), make_site(2, SQUARE, ID="b")]
    assert choose_ids(own, None) == ("7", "b")
    assert choose_ids([*own, make_site(3, SQUARE, ID="b")], None) == ("1", "2", "3")
    assert choose_ids([make_site(1, SQUARE, 名="甲")], "名") == ("甲",)


@pytest.mark.parametrize(
    ("site", "options", "code"),
    [
        (make_site(1, shapely.Point(500_000, 3_350_000)), {}, "corridors.area"),
        (make_site(1, SQUARE), {"area_field": "none"}, "corridors.field"),
        (make_site(1, SQUARE, worth="much"), {"area_field": "worth"}, "corridors.area"),
        (make_site(1, SQUARE, worth=None), {"area_field": "worth"}, "corridors.area"),
    ],
)
def test_features_without_a_usable_area_are_refused(site: Site, options: dict[str, str], code: str) -> None:
    with pytest.raises(CorridorError) as caught:
        make_patches([site], **options)
    assert caught.value.code == code


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_ids_and_areas_is_read_whatever_its_delimiter(delimiter: str) -> None:
    text = "\ufeff" + "\n".join(
        delimiter.join(row) for row in (("编号", "面积", "名称"), ("A", "2.5", "甲"), ("B", "3", ""))
    )
    assert is_patch_table(text)
    patches = parse_patch_table(text, name="p.csv")
    assert (patches.ids, patches.names, patches.areas_m2.tolist()) == (("A", "B"), ("甲", None), [2.5, 3.0])
    assert patches.shapes is None


def test_a_table_of_coordinates_is_no_table_of_patches() -> None:
    assert not is_patch_table("name,lon,lat\na,120,30\n")


def test_a_table_without_areas_or_with_words_for_them_is_refused() -> None:
    with pytest.raises(CorridorError, match="没有 area 列"):
        parse_patch_table("id,name\nA,甲\n", name="p.csv")
    with pytest.raises(CorridorError, match=r"p\.csv:3"):
        parse_patch_table("id,area\nA,1\nB,big\n", name="p.csv")
