"""Links from tables and GeoJSON: read whatever their headings, refused by line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gis.corridors.linkfile import join_links, parse_links
from gis.corridors.patches import Patches
from gis.errors import CorridorError

PATCHES = Patches(ids=("1", "乙"), names=(None, None), areas_m2=np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    "text",
    ["from,to,cost\n1,乙,5\n", "\ufeff起点;终点;成本\n1;乙;5.0\n", "To\tFrom\tDistance_m\n乙\t1\t5e0\n\n"],
)
def test_a_table_gives_links_whatever_its_headings_and_delimiter(text: str) -> None:
    (link,) = parse_links(text.encode(), name="l.csv")
    assert (link.start, link.end, link.cost, link.where) == ("1", "乙", 5.0, "l.csv:2")


def test_geojson_gives_links_with_their_lines_and_skips_other_features() -> None:
    features = [
        {"type": "Feature", "properties": {"role": "patch", "id": "1"}, "geometry": None},
        {
            "type": "Feature",
            "properties": {"From": 1.0, "to": "乙", "cost": None, "length_m": 7},
            "geometry": {"type": "LineString", "coordinates": [[120, 30], [120.1, 30, 5]]},
        },
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    (link,) = parse_links(content, name="l.geojson")
    assert (link.start, link.end, link.cost) == ("1", "乙", 7.0)
    assert link.line == ((120.0, 30.0), (120.1, 30.0))


def test_links_and_patches_make_a_network() -> None:
    network = join_links(PATCHES, parse_links("from,to,cost\n乙,1,5\n".encode(), name="l.csv"))
    assert (network.starts.tolist(), network.ends.tolist(), network.costs.tolist()) == ([1], [0], [5.0])


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (b"\xff\xfe\x00", "corridors.links_file", "l"),
        (b"{}", "corridors.links_file", "l"),
        (b'{"features": [1]}', "corridors.links_file", "l"),
        (b"{nonsense", "corridors.links_file", "l"),
        (b"from,to\n1,2\n", "corridors.table", "l"),
        (b"from,to,cost\n1,2,dear\n", "corridors.link", "l:2"),
        (b"from,to,cost\n1,2,nan\n", "corridors.link", "l:2"),
    ],
)
def test_what_holds_no_links_is_refused(content: bytes, code: str, where: str) -> None:
    with pytest.raises(CorridorError) as caught:
        parse_links(content, name="l")
    assert (caught.value.code, caught.value.where) == (code, where)


def test_a_link_to_an_unknown_patch_is_refused_by_line_with_what_is_known() -> None:
    with pytest.raises(CorridorError, match="9") as caught:
        join_links(PATCHES, parse_links(b"from,to,cost\n1,9,5\n", name="l.csv"))
    assert caught.value.where == "l.csv:2"
    assert "1、乙" in caught.value.hint_zh
