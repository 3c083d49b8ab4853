"""The build: same inputs, same bytes; the cache only when it is missing."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely

from gis.errors import LayerError, NotFoundError
from gis.layers.build.build import build_layers, ensure_cache
from gis.layers.build.writer import Feature

REPOSITORY = Path(__file__).resolve().parents[2]

CATALOGUE = """
[[layer]]
id = "lakes"
title_zh = "湖"
title_en = "Lakes"
theme = "water"
path = "water/lakes.geojson"
geometry_type = "Point"
rows = 0
sha256 = ""
provenance = "digitised"
source = "s"
licence = "l"

[[layer]]
id = "borders"
title_zh = "界"
title_en = "Borders"
theme = "context"
path = "cache:context/borders.geojson"
geometry_type = "Point"
rows = 0
sha256 = ""
provenance = "open"
source = "s"
licence = "l"

[[layer]]
id = "redline"
title_zh = "红线"
title_en = "Redline"
theme = "ecology"
geometry_type = "Polygon"
provenance = "none"
source = "s"
licence = "none"
"""

PROPERTIES = """
name_zh = "湖"
name_en = "Lake"
kind = "lake"
source = "s"
method = "m"
accuracy_m = 5.0
confidence = "known"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    sources = tmp_path / "work" / "layers" / "sources"
    sources.mkdir(parents=True)
    (sources.parent / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    source = (
        f'[[feature]]\nid = "a"\n{PROPERTIES}\ngeometry = {{ construct = "point", at = [120.0, 30.0] }}\n'
    )
    (sources / "lakes.toml").write_text(source, encoding="utf-8")
    return tmp_path / "work"


def build_borders(workspace_dir: Path) -> tuple[Feature, ...]:
    assert (workspace_dir / "layers" / "catalogue.toml").is_file()
    properties = {
        "id": "b", "name_zh": "界", "name_en": "B", "kind": "boundary", "source": "s", "method": "m",
        "accuracy_m": 5.0, "confidence": "known",
    }  # fmt: skip
    return (Feature(properties=properties, geometry=shapely.Point(120, 30)),)


BUILDERS = {"borders": build_borders}


def read_tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_build_writes_layers_and_cache_and_records_rows_and_hash(workspace: Path, tmp_path: Path) -> None:
    built = build_layers(workspace, tmp_path / "cache", builders=BUILDERS)
    assert [layer.layer_id for layer in built] == ["lakes", "borders"]
    assert (workspace / "layers" / "water" / "lakes.geojson").is_file()
    assert (tmp_path / "cache" / "context" / "borders.geojson").is_file()
    catalogue = (workspace / "layers" / "catalogue.toml").read_text(encoding="utf-8")
    assert all(f'sha256 = "{layer.file.sha256}"' in catalogue for layer in built)


def test_building_again_changes_nothing(workspace: Path, tmp_path: Path) -> None:
    build_layers(workspace, tmp_path / "cache", builders=BUILDERS)
    before = read_tree(tmp_path)
    again = build_layers(workspace, tmp_path / "cache", builders=BUILDERS)
    assert not any(layer.file.changed for layer in again)
    assert read_tree(tmp_path) == before


def test_only_builds_what_is_named(workspace: Path, tmp_path: Path) -> None:
    built = build_layers(workspace, tmp_path / "cache", only=["borders"], builders=BUILDERS)
    assert [layer.layer_id for layer in built] == ["borders"]
    assert not (workspace / "layers" / "water").exists()


def test_an_unknown_layer_and_one_without_data_cannot_be_built(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        build_layers(workspace, tmp_path / "cache", only=["nowhere"], builders=BUILDERS)
    with pytest.raises(LayerError) as caught:
        build_layers(workspace, tmp_path / "cache", only=["redline"], builders=BUILDERS)
    assert caught.value.code == "layers.no_data"


def test_a_layer_put_in_from_outside_is_left_alone(workspace: Path, tmp_path: Path) -> None:
    (workspace / "layers" / "sources" / "lakes.toml").unlink()
    official = workspace / "layers" / "water" / "lakes.geojson"
    official.parent.mkdir()
    official.write_text("official", encoding="utf-8")
    built = build_layers(workspace, tmp_path / "cache", builders=BUILDERS)
    assert [layer.layer_id for layer in built] == ["borders"]
    assert official.read_text(encoding="utf-8") == "official"


def test_the_cache_is_built_once_and_the_catalogue_only_read(workspace: Path, tmp_path: Path) -> None:
    before = read_tree(workspace)
    calls: list[Path] = []

    def count(workspace_dir: Path) -> tuple[Feature, ...]:
        calls.append(workspace_dir)
        return build_borders(workspace_dir)

    ensure_cache(workspace, tmp_path / "cache", builders={"borders": count})
    ensure_cache(workspace, tmp_path / "cache", builders={"borders": count})
    assert calls == [workspace]
    assert read_tree(workspace) == before


def test_a_cached_layer_of_another_version_is_built_anew(workspace: Path, tmp_path: Path) -> None:
    build_layers(workspace, tmp_path / "cache", only=("borders",), builders=BUILDERS)
    files = read_tree(tmp_path / "cache")
    for name in files:
        (tmp_path / "cache" / name).write_bytes(b"{}")
    ensure_cache(workspace, tmp_path / "cache", builders=BUILDERS)
    assert read_tree(tmp_path / "cache") == files


def test_several_at_once_build_one_good_cache(workspace: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [
            pool.submit(ensure_cache, workspace, tmp_path / "c", builders=BUILDERS) for _ in range(8)
        ]:
            done.result()
    ensure_cache(workspace, tmp_path / "alone", builders=BUILDERS)
    assert read_tree(tmp_path / "c") == read_tree(tmp_path / "alone")


def test_a_cached_layer_nobody_can_build_is_an_error(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(LayerError, match="no builder"):
        ensure_cache(workspace, tmp_path / "cache", builders={})


def test_the_product_s_own_layers_are_what_their_sources_say(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "layers", tmp_path / "layers")
    committed = read_tree(tmp_path / "layers")
    built = build_layers(tmp_path, tmp_path / "cache")
    assert {layer.layer_id for layer in built} >= {
        "nature_reserves",
        "heritage",
        "wetlands",
        "transport_hubs",
    }
    rebuilt = read_tree(tmp_path / "layers")
    moved = [name for name in committed if committed[name] != rebuilt.get(name)]
    assert moved == [], f"committed layers differ from their sources: {moved}; run gis layers build"
