"""Objects of machine code, linked into the process and called without numba, which takes 0.6 s to wake up.

A function takes its arguments as numba's own calls do (``CPUCallConv``): where the result goes, where an
error goes, then every argument taken apart: numbers as they are, tuples member by member, of an array nothing
twice, its items, the bytes of an item, its address, its shape and its strides. ctypes lets go of the GIL.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WELL, NONE_RETURNED = 0, -2
"""What a function says where it did not fail."""

LETTERS: dict[str, Any] = {"i": ctypes.c_int64, "f": ctypes.c_double, "b": ctypes.c_uint8}
TUPLE = "-"
"""Kinds of a result, and what stands before them where they come as a tuple."""

_LOADING = Lock()


class Code(NamedTuple):
    """Machine code of one function.

    Parameters
    ----------
    name : str
        Of the function in the object.
    results : str
        A letter of :data:`LETTERS` for each result; :data:`TUPLE` before them where they come as one.
    content : bytes
        The object.
    """

    name: str
    results: str
    content: bytes


class UnfitError(Exception):
    """Arguments or a function that cannot be called so; numba's own way is left."""


def read_code(path: Path, name: str) -> Code | None:
    """Return the code kept in a file; None when there is none or it is damaged."""
    try:
        digest, results, content = path.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        return None
    sound = hashlib.sha256(results + content).hexdigest().encode() == digest
    return Code(name, results.decode(), content) if sound else None


def write_code(path: Path, code: Code) -> None:
    """Keep code in a file, aside first; a disk that is full keeps none."""
    results = code.results.encode()
    digest = hashlib.sha256(results + code.content).hexdigest().encode()
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    with suppress(OSError):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(b"\n".join((digest, results, code.content)))
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def take_apart(value: object, flat: list[int | float], form: list[str]) -> None:
    """Add an argument to `flat` as it is handed over, and its kind to `form`.

    Raises
    ------
    UnfitError
        If it is no number, C-contiguous array or tuple of them.
    """
    if isinstance(value, np.ndarray):
        if not (value.flags.c_contiguous and value.flags.aligned):
            raise UnfitError("an array that is not contiguous")
        flat += (0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides)
        form.append(f"{value.dtype.str}{value.ndim}{'' if value.flags.writeable else 'r'}")
    elif isinstance(value, tuple):
        form.append(f"{type(value).__name__}{len(value)}")
        for member in value:
            take_apart(member, flat, form)
    elif isinstance(value, (float, np.float64)):
        flat.append(float(value))
        form.append("f")
    elif isinstance(value, (int, np.integer)):
        flat.append(int(value))
        form.append("i")
    else:
        raise UnfitError(f"a {type(value).__name__}")


@cache
def describe_machine() -> Any:
    """Return LLVM's description of this machine, with the options numba has for it."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="static" if target.name.startswith("x86") else "default",
        codemodel="jitdefault",
        jit=True,
    )


@cache
def start_linker() -> Any:
    """Return what links objects into this process."""
    import llvmlite.binding as llvm

    if sys.platform == "linux":
        with suppress(RuntimeError):
            llvm.load_library_permanently("libm.so.6")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), describe_machine())


def link_code(code: Code, flat: list[int | float]) -> Entry:
    """Link code into this process; return what calls it with arguments like `flat`.

    Raises
    ------
    UnfitError
        If it cannot be linked.
    """
    import llvmlite.binding as llvm

    with _LOADING:
        linker = start_linker()
        try:
            linker.add_object_file(llvm.ObjectFileRef.from_data(code.content))
            linker.finalize_object()
        except RuntimeError as error:
            raise UnfitError(str(error)) from error
        address = linker.get_function_address(code.name)
    if not address:
        raise UnfitError(f"no {code.name}")
    kinds = [ctypes.c_double if isinstance(value, float) else ctypes.c_int64 for value in flat]
    return Entry(code, ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *kinds)(address))


class Entry:
    """A function linked into this process.

    Parameters
    ----------
    code : Code
    call : callable
        Takes the addresses of the result and of an error, and the arguments; returns the status.
    """

    def __init__(self, code: Code, call: Callable[..., int]) -> None:
        self.code, self.call = code, call
        self.letters = code.results.lstrip(TUPLE)
        fields = [(f"result_{place}", LETTERS[letter]) for place, letter in enumerate(self.letters)]
        padded = fields or [("nothing", ctypes.c_void_p)]
        self.result_type: Any = type("Result", (ctypes.Structure,), {"_fields_": padded})
        self.names = [name for name, _ in fields]

    def __call__(self, flat: list[int | float]) -> object:
        """Call it with arguments taken apart.

        Raises
        ------
        RuntimeError
            If it ended with an error.
        """
        result, error = self.result_type(), ctypes.c_void_p()
        status = self.call(ctypes.addressof(result), ctypes.addressof(error), *flat)
        if status not in {WELL, NONE_RETURNED}:
            raise RuntimeError(f"{self.code.name}: status {status}")
        found = [getattr(result, name) for name in self.names]
        values = [
            bool(one) if letter == "b" else one for one, letter in zip(found, self.letters, strict=True)
        ]
        if self.code.results.startswith(TUPLE):
            return tuple(values)
        return values[0] if values else None
