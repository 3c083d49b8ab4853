"""Map definitions are read strictly; those shipped name layers that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.catalogue import read_catalogue
from gis.errors import CatalogueError, NotFoundError
from gis.webmap.definitions import find_map, read_ground, read_maps

ROOT = Path(__file__).resolve().parents[2]
GOOD = """
[map]
title_zh = "一"
title_en = "One"
view = [119, 29, 121, 31]
order = {order}
[[group]]
theme = "ecology"
title_zh = "生态"
title_en = "Ecology"
layers = ["a"]
"""


def test_the_shipped_maps_are_framework_then_hubs() -> None:
    assert [item.id for item in read_maps(ROOT / "maps")][:2] == ["framework", "hubs"]


def test_the_shipped_maps_name_layers_that_the_catalogue_has() -> None:
    known = {entry.id for entry in read_catalogue(ROOT / "layers" / "catalogue.toml").entries}
    named = {layer for item in read_maps(ROOT / "maps") for group in item.groups for layer in group.layers}
    assert named <= known


def test_hidden_layers_are_layers_of_their_group() -> None:
    for item in read_maps(ROOT / "maps"):
        for group in item.groups:
            assert set(group.hidden) <= set(group.layers)


def test_no_online_base_map_is_switched_on_as_shipped() -> None:
    assert read_ground(ROOT / "maps" / "basemaps.toml").online == ()


def test_maps_come_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(GOOD.format(order=1), encoding="utf-8")
    (tmp_path / "a.toml").write_text(GOOD.format(order=2), encoding="utf-8")
    (tmp_path / "styles.toml").write_text("[style.fallback]\n", encoding="utf-8")
    assert [item.id for item in read_maps(tmp_path)] == ["b", "a"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title_en = "One"', ""),
        ("[119, 29, 121, 31]", "[121, 29, 119, 31]"),
        ("[119, 29, 121, 31]", "[119, 29]"),
        ('[[group]]\ntheme = "ecology"', "[[group]]"),
        ("[map]", "[map"),
    ],
)
def test_a_broken_definition_is_named(tmp_path: Path, old: str, new: str) -> None:
    text = GOOD.format(order=1)
    assert old in text
    (tmp_path / "one.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        read_maps(tmp_path)
    assert caught.value.where == "maps/one.toml"


def test_an_unknown_map_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError) as caught:
        find_map(read_maps(ROOT / "maps"), "../framework")
    assert "framework" in caught.value.hint_en


def test_an_online_base_that_is_enabled_is_read_with_its_key(tmp_path: Path) -> None:
    text = (ROOT / "maps" / "basemaps.toml").read_text(encoding="utf-8")
    path = tmp_path / "basemaps.toml"
    path.write_text(
        text.replace("enabled = false", "enabled = true").replace('key = ""', 'key = "K1"'), encoding="utf-8"
    )
    online = read_ground(path).online
    assert [base.id for base in online] == ["tianditu_vec", "tianditu_cva", "osm"]
    assert online[0].url.endswith("tk=K1")


@pytest.mark.parametrize(
    "url",
    [
        "https://webrd01.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}",
        "https://maponline0.bdimg.com/tile/?x={x}&y={y}&z={z}",
        "https://rt0.map.gtimg.com/tile?z={z}&x={x}&y={y}",
    ],
)
def test_tiles_that_lie_500_m_off_are_refused(tmp_path: Path, url: str) -> None:
    text = (ROOT / "maps" / "basemaps.toml").read_text(encoding="utf-8")
    entry = f'[[online]]\nid = "x"\nenabled = true\ntitle_zh = "某图"\ntitle_en = "x"\nurl = "{url}"\n'
    path = tmp_path / "basemaps.toml"
    path.write_text(f'{text}\n{entry}attribution = "x"\nmax_zoom = 18\n', encoding="utf-8")
    with pytest.raises(CatalogueError):
        read_ground(path)


def test_a_service_without_the_key_it_needs_is_not_asked(tmp_path: Path) -> None:
    text = (ROOT / "maps" / "basemaps.toml").read_text(encoding="utf-8")
    path = tmp_path / "basemaps.toml"
    path.write_text(text.replace("enabled = false", "enabled = true"), encoding="utf-8")
    assert [base.id for base in read_ground(path).online] == ["osm"]
    path.write_text(text.replace("enabled = false", "enabled = true").replace('key = ""', 'key = "k1"'))
    assert [base.id for base in read_ground(path).online] == ["tianditu_vec", "tianditu_cva", "osm"]
    assert "tk=k1" in read_ground(path).online[0].url


def test_the_office_s_key_reaches_the_services_that_need_one(tmp_path: Path) -> None:
    text = (ROOT / "maps" / "basemaps.toml").read_text(encoding="utf-8")
    path = tmp_path / "basemaps.toml"
    path.write_text(text.replace("enabled = false", "enabled = true"), encoding="utf-8")
    assert "tk=a%26b" in read_ground(path, key="a&b").online[0].url
    assert read_ground(ROOT / "maps" / "basemaps.toml", key="k").online == ()
