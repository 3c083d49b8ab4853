"""A big layer's geometries are read from what is kept when asked for: the same to the last bit."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import crs
from gis.catalogue import Catalogue
from gis.errors import LayerError
from gis.layers import file, geojson, kept, packing, stored
from gis.layers.coverage import place_coverage
from gis.layers.file import open_table
from gis.layers.kept import FOLDER, KeptFiles
from gis.layers.packing import pack_properties, pack_shapes, unpack_shapes
from gis.model import LayerEntry, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.layers.table import FeatureTable

COUNT = 23


def make_shape(number: int) -> shapely.Geometry | None:
    """Return a geometry: boxes with long edges, one of two parts, a point, one that nobody can locate."""
    box = shapely.box(120 + number / 100, 30, 120.005 + number / 100, 30.0007)
    return {
        7: shapely.Point(120, 30),
        9: None,
        11: shapely.MultiPolygon([box, shapely.box(121, 30, 122, 31)]),
    }.get(number, box)


def make_text(*, lines: bool = True, name: str = "z") -> bytes:
    """Return a layer file with its features on lines of their own, or not."""
    features = [
        {
            "type": "Feature",
            "properties": {"id": f"{name}{number}", "kind": "zone", "note": {"ends": [number, 0.1]}},
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for number, shape in enumerate(map(make_shape, range(COUNT)))
    ]
    if not lines:
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()
    body = ",\n".join(map(json.dumps, features))
    return ('{"type":"FeatureCollection","features":[\n' + body + "\n]}\n").encode()


@pytest.fixture(autouse=True)
def everything_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "LINES_BYTES", 1)
    monkeypatch.setattr(geojson, "RUN_BYTES", 300)
    monkeypatch.setattr(file, "BLOCK_VERTICES", 20)


def make_entry(content: bytes, **change: Any) -> LayerEntry:
    """Return the catalogue's entry of a layer file."""
    values: dict[str, Any] = {
        "id": "zones",
        "title": Text("区", "zones"),
        "theme": "ecology",
        "path": "zones.geojson",
        "geometry_type": "Geometry",
        "rows": COUNT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "provenance": "digitised",
        "accuracy_m": 5.0,
        "coverage": None,
        "data_date": None,
        "source": "test",
        "licence": "CC0",
        "attribution": "",
        "required": True,
        "sensitive": False,
        "style": "",
    }
    return LayerEntry(**values | change)


def open_in(folder: Path, content: bytes | None = None, **change: Any) -> FeatureTable:
    """Open the layer file of a folder, written first."""
    content = make_text() if content is None else content
    path = folder / "zones.geojson"
    path.write_bytes(content)
    return open_table(make_entry(content, **change), path, KeptFiles(folder / "cache"))


def bits(shapes: Any) -> list[bytes | None]:
    """Return geometries as comparable bytes."""
    found: list[bytes | None] = shapely.to_wkb(shapes, include_srid=True).tolist()
    return found


def expected() -> FeatureTable:
    """Return the features as they are when parsed at once."""
    return geojson.parse_whole(make_text(), where="z")


def assert_as_expected(table: FeatureTable) -> None:
    """Assert that features are those of the file to the last bit."""
    assert table.properties == expected().properties
    assert bits(table.to_planes()) == bits(crs.to_planes(expected().geometries))
    assert bits(table.geometries) == bits(expected().geometries)
    assert bits(table.to_planes()) == bits(crs.to_planes(expected().geometries))


def refuse(*_: object, **__: object) -> Any:
    """Stand for work that must not be done."""
    raise AssertionError


@pytest.mark.parametrize("lines", [True, False])
def test_a_big_layer_is_the_same_at_the_first_and_at_every_later_opening(
    tmp_path: Path, *, lines: bool
) -> None:
    content = make_text(lines=lines)
    for _ in range(3):
        assert_as_expected(open_in(tmp_path, content))


def test_a_later_opening_parses_tests_and_projects_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_in(tmp_path).to_planes()
    monkeypatch.setattr(file, "read_runs", refuse)
    monkeypatch.setattr(file, "find_broken", refuse)
    monkeypatch.setattr(crs, "to_planes", refuse)
    assert bits(open_in(tmp_path).to_planes()) == bits(first)


def test_properties_are_known_before_any_geometry_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_in(tmp_path)
    monkeypatch.setattr(stored, "unpack_shapes", refuse)
    assert open_in(tmp_path).column("id") == [f"z{number}" for number in range(COUNT)]


def test_what_is_in_the_plane_hangs_on_the_projection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_in(tmp_path).to_planes()
    monkeypatch.setattr(stored, "describe_projection", lambda: "another PROJ")
    monkeypatch.setattr(crs, "to_planes", lambda shapes: shapes)
    assert bits(open_in(tmp_path).to_planes()) == bits(expected().geometries)


@pytest.mark.parametrize("constant", ["MAX_EDGE_DEG", "PLANE"])
def test_the_projection_is_told_by_all_it_hangs_on(constant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = kept.describe_projection.__wrapped__()
    monkeypatch.setattr(crs, constant, {"MAX_EDGE_DEG": 0.0001, "PLANE": "EPSG:4548"}[constant])
    assert kept.describe_projection.__wrapped__() != known


@pytest.fixture(scope="module")
def sound() -> Iterator[dict[str, bytes]]:
    """Return the kept files of the layer, in degrees and in the plane."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        patch.setattr(file, "LINES_BYTES", 1)
        patch.setattr(geojson, "RUN_BYTES", 300)
        patch.setattr(file, "BLOCK_VERTICES", 20)
        open_in(Path(name)).to_planes()
        yield {path.name: path.read_bytes() for path in (Path(name) / "cache" / FOLDER).iterdir()}


@given(data=st.data())
def test_whatever_happens_to_a_kept_file_the_answer_is_that_of_the_real_one(
    data: st.DataObject, sound: dict[str, bytes]
) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as name:
        patch.setattr(file, "LINES_BYTES", 1)
        folder = Path(name) / "cache" / FOLDER
        folder.mkdir(parents=True)
        late = data.draw(st.booleans())
        for path, content in sound.items():
            (folder / path).write_bytes(content)
        table = open_in(Path(name)) if late else None
        for path, content in sound.items():
            place = data.draw(st.integers(0, len(content) - 1))
            flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            (folder / path).write_bytes(data.draw(st.sampled_from([flipped, content[:place], content])))
        assert_as_expected(table or open_in(Path(name)))


def test_what_was_cleared_away_meanwhile_is_read_anew(tmp_path: Path) -> None:
    table = open_in(tmp_path)
    for path in (tmp_path / "cache" / FOLDER).iterdir():
        path.unlink()
    assert_as_expected(table)


def test_what_was_cleared_away_and_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    table = open_in(tmp_path)
    for path in (tmp_path / "cache" / FOLDER).iterdir():
        path.unlink()
    path = tmp_path / "zones.geojson"
    path.write_bytes(make_text(name="y"))
    with pytest.raises(LayerError, match="哈希"):
        table.to_planes()
    with pytest.raises(LayerError, match="哈希"):
        _ = table.geometries
    path.unlink()
    with pytest.raises(LayerError, match="无法再读取"):
        table.to_planes()


def test_a_file_that_changes_while_it_is_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "verify_file", lambda *_: None)
    for lines in (True, False):
        with pytest.raises(LayerError, match="哈希"):
            open_in(tmp_path, make_text(lines=lines), sha256="0" * 64)
    assert list((tmp_path / "cache" / FOLDER).iterdir()) == []


def test_a_layer_that_cannot_be_kept_is_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "AT_ONCE", 3)
    (tmp_path / "cache").write_bytes(b"a file where the folder would be")
    assert_as_expected(open_in(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "change", "word"),
    [
        (b'"z3"', b'"z2"', {}, "重复"),
        (b'"z3"', b"null", {}, "没有 id"),
        (b"z", b"z", {"rows": 3}, "目录登记"),
        (b"z", b"z", {"accuracy_m": None}, "精度"),
        (b"[120.005, 30.0]", b"[120.0, 30.0007]", {}, "几何无效"),
        (b"\n]}", b",\n]}", {}, "不是有效的 GeoJSON"),
        (b"\n]}", b"\n", {}, "不是有效的 GeoJSON"),
        (b"120.005", b"NaN", {}, "不是有效的 GeoJSON"),
    ],
)
def test_an_unsound_big_layer_is_refused_and_not_kept(
    tmp_path: Path, old: bytes, new: bytes, change: dict[str, Any], word: str
) -> None:
    content = make_text()
    assert old in content
    with pytest.raises(LayerError, match=word):
        open_in(tmp_path, content.replace(old, new), **change)
    assert list((tmp_path / "cache" / FOLDER).iterdir()) == []


def test_a_stored_layer_travels_to_another_process_whole(tmp_path: Path) -> None:
    copy = pickle.loads(pickle.dumps(open_in(tmp_path)))  # noqa: S301 - made here
    assert_as_expected(copy)


@given(st.lists(st.one_of(st.none(), st.integers(0, 5))))
def test_geometries_come_back_to_the_last_bit(numbers: list[int | None]) -> None:
    known = (
        shapely.Point(0.1, 1 / 3, 7),
        shapely.MultiPolygon(),
        shapely.box(0.1, 0.2, 0.3, 1e-300),
        shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2),
        shapely.GeometryCollection([shapely.Point(1, 2)]),
        shapely.LineString([(-0.0, 0), (1, 1)]),
    )
    shapes = np.array(
        [None if number is None else known[number] for number in numbers] + [None], dtype=object
    )
    assert bits(unpack_shapes(pack_shapes(shapes))) == bits(shapes)


def test_properties_that_no_file_can_hold_are_told() -> None:
    assert pack_properties([{"id": "\ud800"}]) is None
    assert pack_properties([{"id": float("nan")}]) is None
    assert pack_properties([]) == b"[]"


def test_surroundings_once_kept_ask_for_no_geometry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def place(shapes: Any, sha256: str | None) -> shapely.Geometry:
        entry = make_entry(make_text(), coverage={"features_m": 10})
        nothing = Catalogue(entries=(), areas={}, path=tmp_path / "catalogue.toml")
        found = place_coverage(
            entry, shapes, catalogue=nothing, layers_dir=tmp_path, cache_dir=tmp_path, sha256=sha256
        )
        assert found is not None
        return found

    shapes = expected().geometries
    first = place(lambda: shapes, "a")
    assert bits([place(refuse, "a"), place(shapes, None)]) == bits([first, first])
    with pytest.raises(AssertionError):
        place(refuse, "b")
    monkeypatch.setattr("gis.layers.coverage.describe_projection", lambda: "another PROJ")
    with pytest.raises(AssertionError):
        place(refuse, "a")
