"""A workspace on its way to the workers of a cluster: one archive of its files, opened there once."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import GisError, SettingsError
from gis.layers.load import CACHE_PREFIX
from gis.scale.batch import BatchChecker
from gis.settings import Settings
from gis.study import library_versions
from gis.version import __version__
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.model import CheckOptions
    from gis.workspace import Workspace

FIXED_DATE = (1980, 1, 1, 0, 0, 0)

BLOCK = 1 << 22

TABLES = ("layers/catalogue.toml", "layers/rules.toml", "maps/styles.toml")


@dataclass(frozen=True, slots=True)
class Bundle:
    """Layers, rules and maps of a workspace as one archive, and what they were opened with.

    Parameters
    ----------
    content : bytes
        ZIP of ``layers/``, ``maps/styles.toml`` and the built layers, each file packed with Zstandard,
        without dates: the same for the same. Empty for workers that are sure to find them.
    workspace, home, tables : str
        Folders of the one who asks, and the SHA-256 of catalogue, rules and styles there: a worker that finds
        the same in them, on the same machine or on shared storage, unpacks nothing and parses nothing again.
    program, libraries : str, mapping
        Versions here: a worker with others would not give the same answers.
    layers : tuple of (id, status, SHA-256)
        As opened here: a table in a database may have changed since.
    """

    content: bytes
    workspace: str
    home: str
    tables: str
    options: CheckOptions
    program: str
    libraries: tuple[tuple[str, str], ...]
    layers: tuple[tuple[str, str, str | None], ...]

    @property
    def key(self) -> str:
        """Name of the bundle on a cluster: those who ask the same of the same layers share it."""
        rest = repr(replace(self, content=b""))
        return f"gis-bundle-{hashlib.sha256(self.content + rest.encode()).hexdigest()}"


def pack_workspace(workspace: Workspace, options: CheckOptions, *, files: bool = True) -> Bundle:
    """Return what workers need of a workspace: its tables and the files of its layers.

    Parameters
    ----------
    files : bool
        Whether the files themselves are needed: not by workers that are sure to find them.
    """
    settings = workspace.settings
    layers_dir = settings.workspace / "layers"
    paths = {name: settings.workspace / name for name in TABLES}
    for entry in workspace.catalogue.entries:
        if entry.path and entry.path.startswith(CACHE_PREFIX):
            name = entry.path.removeprefix(CACHE_PREFIX)
            paths[f"home/cache/{name}"] = settings.cache / name
        elif entry.path and "://" not in entry.path:
            paths[f"layers/{entry.path}"] = layers_dir / entry.path
    return Bundle(
        pack_files({name: path for name, path in sorted(paths.items()) if path.is_file()}) if files else b"",
        str(settings.workspace.resolve()),
        str(settings.home.resolve()),
        digest_tables(settings.workspace),
        options,
        __version__,
        tuple(sorted(library_versions().items())),
        list_layers(workspace),
    )


def digest_tables(workspace: Path) -> str:
    """Return the SHA-256 of the catalogue, the rules and the styles of a workspace."""
    return hashlib.sha256(b"".join((workspace / name).read_bytes() for name in TABLES)).hexdigest()


def pack_files(files: Mapping[str, Path]) -> bytes:
    """Return files as an archive; Zstandard packs layers ten times as fast as ZIP's own method."""
    import pyarrow as pa

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, path in files.items():
            sink = pa.BufferOutputStream()
            with path.open("rb") as file, pa.CompressedOutputStream(sink, "zstd") as writer:
                shutil.copyfileobj(file, writer, BLOCK)
            archive.writestr(zipfile.ZipInfo(name, FIXED_DATE), memoryview(sink.getvalue()))
    return packed.getvalue()


def unpack_files(content: bytes, folder: Path) -> None:
    """Write the files of an archive into a folder."""
    import pyarrow as pa

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            packed = pa.BufferReader(archive.read(name))
            with path.open("wb") as file, pa.CompressedInputStream(packed, "zstd") as reader:
                shutil.copyfileobj(reader, file, BLOCK)


def list_layers(workspace: Workspace) -> tuple[tuple[str, str, str | None], ...]:
    """Return the layers that take part in checks as they were opened: id, status, SHA-256."""
    return tuple((layer.entry.id, layer.status.value, layer.sha256) for layer in workspace.assessed_layers)


def find_scratch() -> str | None:
    """Return the folder of the worker this runs on, which goes when the worker does; None on none."""
    from distributed import get_worker

    try:
        return str(get_worker().local_directory)
    except ValueError:
        return None


@lru_cache(maxsize=2)
def open_bundle(bundle: Bundle) -> BatchChecker:
    """Return the checker for a bundle, its layers unpacked and opened once a worker.

    Raises
    ------
    SettingsError
        If the worker runs another version of the program or its libraries, or opens other layers.
    """
    ours = (__version__, tuple(sorted(library_versions().items())))
    if ours != (bundle.program, bundle.libraries):
        raise SettingsError(
            f"worker 的版本 {ours} 与提交者 {(bundle.program, bundle.libraries)} 不同",
            f"the worker runs {ours}, not {(bundle.program, bundle.libraries)}",
            where="--dask",
            hint_zh="在所有机器上安装同一锁定环境（uv sync --locked）",
            hint_en="install the same locked environment everywhere (uv sync --locked)",
        )
    workspace = find_same(bundle)
    if workspace is None and bundle.content:
        workspace = unpack_workspace(bundle)
    if workspace is None or list_layers(workspace) != bundle.layers:
        raise SettingsError(
            "worker 打开的图层与提交者的不同",
            "the worker opens other layers than the one who asked",
            where="--dask",
            hint_zh="图层可能已改变，或 worker 连不上数据库；请重新运行",
            hint_en="a layer may have changed, or the worker cannot reach a database; run again",
        )
    return BatchChecker(workspace, bundle.options)


def find_same(bundle: Bundle) -> Workspace | None:
    """Return the workspace of the one who asks where it is found here, every hash the same; else None."""
    settings = Settings(workspace=Path(bundle.workspace), home=Path(bundle.home))
    try:
        if digest_tables(settings.workspace) != bundle.tables:
            return None
        workspace = open_workspace(settings=settings)
    except (OSError, GisError):
        return None
    return workspace if list_layers(workspace) == bundle.layers else None


def unpack_workspace(bundle: Bundle) -> Workspace:
    """Return the workspace of a bundle, unpacked into a folder of the worker."""
    folder = Path(tempfile.mkdtemp(prefix="gis-bundle-", dir=find_scratch()))
    unpack_files(bundle.content, folder)
    return open_workspace(settings=Settings(workspace=folder, home=folder / "home"))
