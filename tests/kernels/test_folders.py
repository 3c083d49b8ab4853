"""Folders of compiled kernels: the order they are asked in, and which can be written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.kernels.folders import identify_code, identify_source, is_writable, list_folders

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_named_comes_before_the_users_and_that_before_the_home(tmp_path: Path) -> None:
    named, home = tmp_path / "named", tmp_path / "home"
    first, user, last = list_folders({"NUMBA_CACHE_DIR": str(named), "GIS_HOME": str(home)})
    assert (first, last) == (named, home / "cache" / "kernels")
    assert list_folders({"GIS_HOME": str(home)}) == [user, last]
    assert len(list_folders({})) == 2


def test_a_folder_can_be_written_to_when_a_file_can_be_made_in_it(tmp_path: Path) -> None:
    assert is_writable(tmp_path / "new" / "folder")
    assert [*(tmp_path / "new" / "folder").iterdir()] == []
    (tmp_path / "file").write_text("no folder")
    assert not is_writable(tmp_path / "file")
    assert not is_writable(tmp_path / "file" / "below")


def test_the_name_of_the_code_is_that_of_this_machine_and_these_sources(tmp_path: Path) -> None:
    assert identify_code() == identify_code.__wrapped__()
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("x = 1")
    other.write_text("x = 2")
    assert identify_source(str(one)) != identify_source(str(other))
