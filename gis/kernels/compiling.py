"""numba, woken when there is no machine code yet: a function compiled to an object that needs no numba."""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.kernels.folders import find_writable, identify_code
from gis.kernels.machine_code import TUPLE, Code, UnfitError, describe_machine
from gis.kernels.notice import tell_compiling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

fcntl: Any = import_module("fcntl") if os.name == "posix" else None

STANDARD = {"numba_nextafter": "nextafter"}
"""Functions numba brings along that the C library has too."""

_STATE = threading.local()


@cache
def prepare_numba() -> bool:
    """Tell numba where to keep what it compiles and what to say then; return whether there is a place."""
    config: Any = import_module("numba.core.config")
    event: Any = import_module("numba.core.event")
    folder = find_writable()
    if folder is not None:
        config.CACHE_DIR = str(folder / identify_code())
    says = {"on_start": lambda *_: tell_compiling(folder), "on_end": lambda *_: None}
    event.register("numba:compile", type("Listener", (event.Listener,), says)())
    return folder is not None


@contextmanager
def compile_alone(folder: Path | None) -> Iterator[None]:
    """Wait until no other process compiles into a folder; where files cannot be locked, do not."""
    if folder is None or fcntl is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_bare(function: Callable[..., object]) -> Any:
    """Return numba's dispatcher of a function that asks for no memory and is not called from Python."""
    numba: Any = import_module("numba")
    prepare_numba()
    options = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return numba.njit(nogil=True, error_model="numpy", **options)(function)


def make_plain(function: Callable[..., object]) -> Any:
    """Return numba's usual dispatcher of a function, kept on disk where there is a place for it."""
    numba: Any = import_module("numba")
    return numba.njit(cache=prepare_numba(), nogil=True, error_model="numpy")(function)


def is_bare() -> bool:
    """Return whether this thread compiles a bare function: those it calls must be bare too."""
    return getattr(_STATE, "bare", False)


@contextmanager
def compile_bare() -> Iterator[None]:
    """Have functions called by the one compiled bare."""
    _STATE.bare = True
    try:
        yield
    finally:
        _STATE.bare = False


def type_of(value: object) -> Any:
    """Return numba's type of an argument that :func:`gis.kernels.machine_code.take_apart` takes."""
    numba: Any = import_module("numba")
    types = numba.types
    if isinstance(value, np.ndarray):
        kind = numba.from_dtype(value.dtype)
        return types.Array(kind, value.ndim, "C", readonly=not value.flags.writeable)
    if isinstance(value, tuple):
        members = tuple(map(type_of, value))
        return types.BaseTuple.from_types(members, type(value) if hasattr(value, "_fields") else None)
    return types.float64 if isinstance(value, (float, np.float64)) else types.int64


def compile_code(dispatcher: Any, name: str, arguments: tuple[object, ...], flat: list[int | float]) -> Code:
    """Return the machine code of a bare function for arguments like these.

    Raises
    ------
    UnfitError
        If it asks for memory, for help of Python, or returns an array.
    """
    llvm: Any = import_module("llvmlite.binding")
    errors: Any = import_module("numba.core.errors")
    signature = tuple(map(type_of, arguments))
    try:
        with compile_bare():
            dispatcher.compile(signature)
        made = dispatcher.overloads[signature]
        module = llvm.parse_assembly(dispatcher.inspect_llvm(signature))
        entry = module.get_function(made.fndesc.llvm_func_name)
        results = name_results(made.signature.return_type)
    except (
        errors.NumbaError,
        NotImplementedError,
        LookupError,
        AttributeError,
        NameError,
        RuntimeError,
    ) as error:
        raise UnfitError(str(error)) from error
    check_entry(entry, flat)
    for one in [one for one in module.functions if one.is_declaration and not one.name.startswith("llvm.")]:
        one.name = STANDARD.get(one.name, one.name)
        if not hasattr(ctypes.CDLL(None), one.name):
            raise UnfitError(f"{name} needs {one.name}")
    entry.name = name
    return Code(name, results, describe_machine().emit_object(module))


def name_results(returned: Any) -> str:
    """Return the kinds of a result, letters of :data:`gis.kernels.machine_code.LETTERS`.

    Raises
    ------
    UnfitError
        If there is another kind.
    """
    types: Any = import_module("numba.types")
    if returned == types.none:
        return ""
    letters = {types.int64: "i", types.float64: "f", types.boolean: "b"}
    several = isinstance(returned, types.BaseTuple)
    members = tuple(returned) if several else (returned,)
    if any(member not in letters for member in members):
        raise UnfitError(f"returns {returned}")
    return (TUPLE if several else "") + "".join(letters[member] for member in members)


def check_entry(entry: Any, flat: list[int | float]) -> None:
    """Refuse a function whose arguments are not handed over as we do.

    Raises
    ------
    UnfitError
        If numba has another way of calling.
    """
    kinds = [str(argument.type) for argument in entry.arguments]
    numbers = ["i64" if is_pointer(kind) else kind for kind in kinds]
    expected = ["double" if isinstance(value, float) else "i64" for value in flat]
    if numbers != ["i64", "i64", *expected]:
        raise UnfitError(f"{entry.name} takes {kinds}")


def is_pointer(kind: str) -> bool:
    """Return whether LLVM's name of a type is that of a pointer."""
    return kind == "ptr" or kind.endswith("*")
