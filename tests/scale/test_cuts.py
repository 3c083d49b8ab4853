"""Cut areas of large layers are kept by the hashes of layer and rule, and never believed when damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gis.scale.batch import BatchChecker
from gis.scale.columns import make_findings
from gis.scale.cuts import keep_cuts
from gis.scale.grounds import cut_areas

from .conftest import OPTIONS, strew_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Sized
    from pathlib import Path

    import pyarrow as pa

    from gis.engine.pieces import Pieces
    from gis.model import Site
    from gis.workspace import Workspace


@pytest.fixture
def answer(
    dense_workspace: Workspace, make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], pa.Table]:
    """Return a check of the same sites with every layer held to be large."""
    monkeypatch.setattr("gis.scale.cuts.KEPT_VERTICES", 1)
    sites = [make_site(shape, index=index) for index, shape in enumerate(strew_sites(30, seed=2))]
    return lambda: make_findings(BatchChecker(dense_workspace, OPTIONS).answer(sites))


def kept_files(workspace: Workspace) -> list[Path]:
    return sorted(keep_cuts(workspace).folder.glob("*"))


def test_kept_cuts_give_the_same_answers(
    dense_workspace: Workspace, answer: Callable[[], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = answer()
    assert kept_files(dense_workspace)

    def refuse(areas: Sized) -> Pieces:
        assert not len(areas), "cut again"
        return cut_areas(areas)

    monkeypatch.setattr("gis.scale.cuts.cut_areas", refuse)
    assert answer().equals(first)


def test_a_damaged_cut_is_made_anew(dense_workspace: Workspace, answer: Callable[[], pa.Table]) -> None:
    first = answer()
    files = kept_files(dense_workspace)
    for path in files:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    assert answer().equals(first)
    for path in files:
        with np.load(path) as fields:
            assert all(len(fields[name]) >= 0 for name in fields.files)


def test_an_unwritable_folder_costs_only_time(
    dense_workspace: Workspace, answer: Callable[[], pa.Table]
) -> None:
    folder = keep_cuts(dense_workspace).folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("not a folder")
    assert answer().num_rows > 0


def test_only_the_newest_are_kept(
    dense_workspace: Workspace, answer: Callable[[], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis.scale.cuts.MOST_FILES", 2)
    answer()
    assert len(kept_files(dense_workspace)) == 2
