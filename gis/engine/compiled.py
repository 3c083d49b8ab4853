"""The one decorator of the kernels: compiled by numba once, kept as machine code, called without the GIL."""

from __future__ import annotations

import hashlib
import os
from functools import update_wrapper
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast

from gis.kernels.folders import find_writable, identify_code, identify_source, list_folders
from gis.kernels.machine_code import Code, UnfitError, link_code, read_code, take_apart, write_code

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType

    from gis.kernels.machine_code import Entry

Function = TypeVar("Function", bound="Callable[..., object]")

PLAIN = "plain"
"""Said of a function in place of its results: it is left to numba."""

_COMPILING = Lock()


class Kernel:
    """A function of numbers, arrays and tuples of them, compiled at its first call.

    Called from Python it runs as machine code without numba. That needs a function which makes no array, and
    calls none that does: results go to arrays handed in. Any other is left to numba, and starts later.
    """

    def __init__(self, function: FunctionType) -> None:
        update_wrapper(self, function)
        self.function = function
        self.entries: dict[str, Entry] = {}
        self.left: set[str] = set()
        self.dispatchers: dict[bool, Any] = {}

    @property
    def _numba_type_(self) -> Any:
        """What numba takes this for where another kernel calls it."""
        from gis.kernels.compiling import is_bare

        return self.dispatch(bare=is_bare())._numba_type_

    def dispatch(self, *, bare: bool) -> Any:
        """Return numba's dispatcher of the function."""
        from gis.kernels.compiling import make_bare, make_plain

        if bare not in self.dispatchers:
            self.dispatchers[bare] = (make_bare if bare else make_plain)(self.function)
        return self.dispatchers[bare]

    def __call__(self, *arguments: object) -> object:
        """Call the function; as it is written where ``NUMBA_DISABLE_JIT`` asks for that."""
        if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
            return self.function(*arguments)
        flat: list[int | float] = []
        form: list[str] = []
        try:
            for argument in arguments:
                take_apart(argument, flat, form)
            key = " ".join(form)
            entry = self.entries.get(key) or self.find_entry(key, arguments, flat)
        except UnfitError:
            return self.dispatch(bare=False)(*arguments)
        return entry(flat)

    def find_entry(self, key: str, arguments: tuple[object, ...], flat: list[int | float]) -> Entry:
        """Return what calls the function with arguments like these: kept, or made now.

        Raises
        ------
        UnfitError
            If it is left to numba.
        """
        with _COMPILING:
            if key not in self.entries and key not in self.left:
                code = self.find_code(key) or self.make_code(key, arguments, flat)
                if code.results == PLAIN:
                    self.left.add(key)
                else:
                    self.entries[key] = link_code(code, flat)
        if key in self.left:
            raise UnfitError(key)
        return self.entries[key]

    def name_code(self, key: str) -> str:
        """Return the name of the function's code for some kinds of arguments."""
        source = identify_source(self.function.__code__.co_filename)
        digest = hashlib.sha256(f"{self.function.__qualname__} {source} {key}".encode())
        return f"{self.function.__name__}_{digest.hexdigest()[:16]}"

    def find_code(self, key: str) -> Code | None:
        """Return the code kept from before."""
        name = self.name_code(key)
        paths = (folder / identify_code() / f"{name}.code" for folder in list_folders(os.environ))
        return next((code for path in paths if (code := read_code(path, name)) is not None), None)

    def make_code(self, key: str, arguments: tuple[object, ...], flat: list[int | float]) -> Code:
        """Compile the function and keep its code; one that numba must call itself gets a note of it."""
        from gis.kernels.compiling import compile_alone, compile_code

        writable, name = find_writable(), self.name_code(key)
        folder = None if writable is None else writable / identify_code()
        with compile_alone(folder):
            code = self.find_code(key)
            if code is None:
                try:
                    code = compile_code(self.dispatch(bare=True), name, arguments, flat)
                except UnfitError as error:
                    code = Code(name, PLAIN, str(error).encode())
                if folder is not None:
                    write_code(folder / f"{name}.code", code)
        return code


def kernel(function: Function) -> Function:
    """Compile `function` with numba at its first call: no GIL held, the machine code kept on disk."""
    return cast("Function", Kernel(cast("FunctionType", function)))
