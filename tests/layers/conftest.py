"""What the tests of the layers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from gis.layers.build.build import ensure_cache

WORKSPACE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache with the layers that are built at set-up."""
    folder = tmp_path_factory.mktemp("cache")
    ensure_cache(WORKSPACE, folder)
    return folder


@pytest.fixture(scope="session")
def workspace() -> Path:
    """Return the folder with the product's own layers and maps."""
    return WORKSPACE
