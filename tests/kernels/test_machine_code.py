"""Kept code is read whole or not at all; arguments that cannot be handed over are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.kernels.machine_code import Code, UnfitError, read_code, take_apart, write_code

if TYPE_CHECKING:
    from pathlib import Path


class Row(NamedTuple):
    """A number and a table."""

    number: int
    table: np.ndarray


@pytest.fixture
def code() -> Code:
    return Code("twice", "-if", b"object\nof two lines\n\0")


def test_code_is_read_as_it_was_written(tmp_path: Path, code: Code) -> None:
    write_code(tmp_path / "new" / "twice.code", code)
    assert read_code(tmp_path / "new" / "twice.code", "twice") == code
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["twice.code"]
    assert read_code(tmp_path / "none.code", "none") is None


@given(place=st.integers(0, 60), size=st.integers(0, 60))
def test_damaged_code_is_none(tmp_path_factory: pytest.TempPathFactory, place: int, size: int) -> None:
    path = tmp_path_factory.mktemp("damaged") / "twice.code"
    write_code(path, Code("twice", "-if", b"object\nof two lines\n\0"))
    whole = path.read_bytes()
    path.write_bytes(whole[:size])
    assert read_code(path, "twice") is None
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert read_code(path, "twice") is None


def test_a_place_that_cannot_be_written_to_keeps_none(tmp_path: Path, code: Code) -> None:
    (tmp_path / "file").write_text("no folder")
    write_code(tmp_path / "file" / "twice.code", code)
    assert read_code(tmp_path / "file" / "twice.code", "twice") is None


def test_arguments_are_taken_apart_member_by_member() -> None:
    table = np.zeros((2, 3))
    flat: list[int | float] = []
    form: list[str] = []
    for argument in (Row(7, table), np.int32(2), 0.5, True):
        take_apart(argument, flat, form)
    assert flat == [7, 0, 0, 6, 8, table.ctypes.data, 2, 3, 24, 8, 2, 0.5, 1]
    assert form == ["Row2", "i", "<f82", "i", "f", "i"]


@pytest.mark.parametrize("argument", [np.zeros((4, 4))[:, 1], "text", None, [1.0], np.float32(1)])
def test_what_cannot_be_handed_over_is_refused(argument: object) -> None:
    with pytest.raises(UnfitError):
        take_apart((argument,), [], [])


def test_arrays_that_may_not_be_written_to_are_of_another_kind() -> None:
    table = np.zeros(3)
    table.flags.writeable = False
    form: list[str] = []
    take_apart(table, [], form)
    assert form == ["<f81r"]
