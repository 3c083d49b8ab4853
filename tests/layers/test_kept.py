"""What is kept of opened layers: the same as parsed, never believed over the real file, never needed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.catalogue import Catalogue
from gis.layers import coverage, file, load
from gis.layers.kept import FOLDER, MOST_FILES, WORTH_BYTES, KeptFiles, NotKeptError, make_key
from gis.model import LayerEntry, LayerStatus, Text

if TYPE_CHECKING:
    from gis.model import Layer

GEOMETRIES = (
    shapely.Point(120.123456789012345, 30.1),
    shapely.Point(120, 30, 8.5),
    shapely.LineString([(120, 30), (120.1, 30.2)]),
    shapely.box(120, 30, 120.1, 30.1),
    shapely.MultiPolygon([shapely.box(120, 30, 120.1, 30.1), shapely.box(121, 30, 121.1, 30.1)]),
    shapely.Polygon(),
    None,
)


def make_content(name: str = "湿地") -> bytes:
    """Return a layer file that is large enough to be kept."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "id": f"r{number}",
                "name_zh": name,
                "kind": "reserve",
                "share": 0.1 + number,
                "note": "x" * 3000,
                **({"ends": [[120.0, 30.0], [120.1, 30.1]], "count": number} if number % 2 else {}),
            },
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for number, shape in enumerate(GEOMETRIES)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    assert len(content) > WORTH_BYTES
    return content


@pytest.fixture
def entry() -> LayerEntry:
    """Return the entry of a layer whose coverage is made from its features."""
    return LayerEntry(
        id="reserves",
        title=Text("保护区", "reserves"),
        theme="ecology",
        path="reserves.geojson",
        geometry_type="Geometry",
        rows=len(GEOMETRIES),
        sha256=None,
        provenance="digitised",
        accuracy_m=100.0,
        coverage={"features_m": 1000},
        data_date=None,
        source="test",
        licence="CC0",
        attribution="",
        required=True,
        sensitive=False,
        style="",
    )


def open_in(folder: Path, entry: LayerEntry, content: bytes | None = None) -> Layer:
    """Open a layer of a workspace, its file written first if it is given, with the catalogue's hash."""
    layers = folder / "layers"
    layers.mkdir(exist_ok=True)
    if content is not None:
        (layers / "reserves.geojson").write_bytes(content)
        entry = replace(entry, sha256=hashlib.sha256(content).hexdigest())
    catalogue = Catalogue(entries=(entry,), areas={}, path=layers / "catalogue.toml")
    return load.open_layer(entry, layers_dir=layers, cache_dir=folder / "cache", catalogue=catalogue)


def kept_in(folder: Path) -> list[Path]:
    """Return the kept files."""
    return sorted((folder / "cache" / FOLDER).iterdir())


def refuse(*_: object, **__: object) -> Any:
    """Stand for work that must not be done."""
    raise AssertionError


def assert_same(one: Layer, other: Layer) -> None:
    """Assert that two layers are alike to the last bit."""
    assert (one.status, one.sha256, one.rows) == (other.status, other.sha256, other.rows)
    assert shapely.to_wkb(one.coverage) == shapely.to_wkb(other.coverage)
    assert shapely.to_wkb(one.geometries).tolist() == shapely.to_wkb(other.geometries).tolist()
    assert one.frame.columns.tolist() == other.frame.columns.tolist()
    assert one.frame.dtypes.astype(str).tolist() == other.frame.dtypes.astype(str).tolist()
    assert repr(one.frame.drop(columns="geometry").to_dict("list")) == repr(
        other.frame.drop(columns="geometry").to_dict("list")
    )


def test_a_layer_opened_from_what_is_kept_is_the_same_to_the_last_bit(
    entry: LayerEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_in(tmp_path, entry, make_content())
    assert len(kept_in(tmp_path)) == 2  # the features, and their surroundings
    monkeypatch.setattr(file, "parse_features", refuse)
    monkeypatch.setattr(coverage.crs, "to_plane", refuse)
    assert_same(open_in(tmp_path, entry, make_content()), first)


def test_a_changed_file_is_failed_whatever_is_kept(entry: LayerEntry, tmp_path: Path) -> None:
    content = make_content()
    known = replace(entry, sha256=hashlib.sha256(content).hexdigest())
    assert open_in(tmp_path, entry, content).status is LayerStatus.OK
    (tmp_path / "layers" / "reserves.geojson").write_bytes(make_content("公园"))
    assert open_in(tmp_path, known).status is LayerStatus.FAILED
    (tmp_path / "layers" / "reserves.geojson").unlink()
    assert open_in(tmp_path, known).status is LayerStatus.FAILED


def test_a_replaced_file_is_read_anew(entry: LayerEntry, tmp_path: Path) -> None:
    open_in(tmp_path, entry, make_content())
    assert set(open_in(tmp_path, entry, make_content("公园")).column("name_zh")) == {"公园"}


@pytest.mark.parametrize("change", [{"rows": 3}, {"accuracy_m": None}, {"coverage": "atlantis"}])
def test_what_is_kept_is_measured_by_the_catalogue_as_it_is_now(
    entry: LayerEntry, tmp_path: Path, change: dict[str, Any]
) -> None:
    open_in(tmp_path, entry, make_content())
    assert open_in(tmp_path, replace(entry, **change), make_content()).status is LayerStatus.FAILED


def test_an_unsound_layer_is_not_kept(entry: LayerEntry, tmp_path: Path) -> None:
    content = make_content().replace(b'"id": "r1"', b'"id": "r0"')
    assert open_in(tmp_path, entry, content).status is LayerStatus.FAILED
    assert kept_in(tmp_path) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:40],
        lambda content: content[:-1],
        lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
        lambda content: bytes(32) + content[32:],
        lambda _: b"foreign" * 1000,
    ],
)
def test_a_damaged_or_foreign_kept_file_is_passed_over_and_made_anew(
    entry: LayerEntry, tmp_path: Path, damage: Any
) -> None:
    first = open_in(tmp_path, entry, make_content())
    sound = {path: path.read_bytes() for path in kept_in(tmp_path)}
    for path, content in sound.items():
        path.write_bytes(damage(content))
    assert_same(open_in(tmp_path, entry, make_content()), first)
    assert {path: path.read_bytes() for path in kept_in(tmp_path)} == sound


def test_the_kept_file_of_another_layer_under_this_ones_name_is_passed_over(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    kept.write_area(shapely.box(120, 30, 121, 31), "a")
    (path,) = (tmp_path / FOLDER).iterdir()
    path.rename(path.with_name(f"{make_key(('area', 'b'))[:40]}.bin"))
    assert kept.read_area("b") is None


def test_another_version_of_the_program_or_of_geos_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    key = make_key(("features", "a"))
    monkeypatch.setattr("gis.layers.kept.__version__", "0.0.0")
    other = make_key(("features", "a"))
    monkeypatch.setattr("gis.layers.kept._libraries", lambda: ("1", "2", "3"))
    assert len({key, other, make_key(("features", "a"))}) == 3


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(entry: LayerEntry, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file where the folder would be")
    assert open_in(tmp_path, entry, make_content()).status is LayerStatus.OK


def test_a_full_disk_leaves_nothing_behind(
    entry: LayerEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    assert open_in(tmp_path, entry, make_content()).status is LayerStatus.OK
    assert kept_in(tmp_path) == []


def test_the_kept_files_do_not_pile_up(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    for number in range(MOST_FILES + 3):
        kept.write_area(shapely.box(120, 30, 121, 31), str(number))
    assert len(list((tmp_path / FOLDER).iterdir())) == MOST_FILES
    assert kept.read_area(str(MOST_FILES + 2)) == shapely.box(120, 30, 121, 31)


def test_the_kept_files_do_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis.layers.kept.MOST_BYTES", 1000)
    kept = KeptFiles(tmp_path)
    for number, size in enumerate((380, 380, 700, 5000)):
        with kept.write(str(number)) as file:
            file.add(bytes(size))
        assert [len(block) for block in kept.read_blocks(str(number))] == [size]
        assert len(list((tmp_path / FOLDER).iterdir())) == (1, 2, 1, 1)[number]


def test_what_a_killed_program_left_behind_goes_after_a_day(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    kept.write_area(shapely.box(120, 30, 121, 31), "a")
    (old, new) = ((tmp_path / FOLDER / name) for name in (".old.part", ".new.part"))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    kept.write_area(shapely.box(120, 30, 121, 31), "b")
    assert (old.exists(), new.exists()) == (False, True)


@given(st.lists(st.binary(min_size=1, max_size=9)), st.integers(0, 2), st.integers(1, 3))
def test_blocks_come_back_in_their_order(blocks: list[bytes], start: int, step: int) -> None:
    with TemporaryDirectory() as folder:
        kept = KeptFiles(Path(folder))
        with kept.write("blocks") as file:
            for block in blocks:
                file.add(block)
        assert list(kept.read_blocks("blocks")) == blocks
        assert list(kept.read_blocks("blocks", start=start, step=step)) == [
            block for number, block in enumerate(blocks) if (number - start) % step == 0
        ]


@given(st.data())
def test_no_byte_of_a_kept_file_can_change_unseen(data: st.DataObject) -> None:
    blocks = [b"one", b"and", b"another", b"block"]
    with TemporaryDirectory() as folder:
        kept = KeptFiles(Path(folder))
        with kept.write("blocks") as file:
            for block in blocks:
                file.add(block)
        (path,) = (Path(folder) / FOLDER).iterdir()
        content = path.read_bytes()
        place = data.draw(st.integers(0, len(content) - 1))
        flip = bytes([content[place] ^ data.draw(st.integers(1, 255))])
        damaged = [content[:place], content[:place] + flip + content[place + 1 :], content + b"x"]
        path.write_bytes(data.draw(st.sampled_from(damaged)))
        found: list[bytes] = []
        with pytest.raises(NotKeptError):
            found.extend(kept.read_blocks("blocks"))
        assert found == blocks[: len(found)]


def test_a_block_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    with kept.write("blocks") as file:
        file.add(b"one")
        file.add(None)
    assert not file.is_sound
    with pytest.raises(ZeroDivisionError), kept.write("blocks") as file:
        file.add(bytes(1 // 0))
    assert list((tmp_path / FOLDER).iterdir()) == []


@pytest.mark.parametrize(
    "command", [("check", "{folder}/site.geojson", "--json"), ("sheets", "H51E011001", "-o", "{folder}")]
)
def test_a_check_and_a_sheet_load_no_pandas(tmp_path: Path, command: tuple[str, ...]) -> None:
    site = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(GEOMETRIES[3]))}
    (tmp_path / "site.geojson").write_text(json.dumps(site))
    words = [word.format(folder=tmp_path) for word in command]
    code = (
        f"import sys\nfrom gis.cli.main import make_app\nmake_app()({words!r}, standalone_mode=False)\n"
        "sys.stderr.write(str('pandas' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stderr.endswith("False")
