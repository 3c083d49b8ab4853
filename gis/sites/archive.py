"""Zip files from strangers: looked through before anything is unpacked, unpacked under names of our own."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gis.errors import SiteArchiveError, SiteError, SiteFormatError, SiteTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gis.sites.raw import Limits, SiteSource

_ARCHIVES = frozenset((".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".kmz", ".jar"))
_LINKED = frozenset((".vrt", ".ovf"))
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_END_RECORD = b"PK\x05\x06"
_DIRECTORY_BYTES = 1_000_000
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_CHUNK = 1 << 16
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    IndexError,
    RuntimeError,
    struct.error,
    OSError,
)
"""What zipfile raises on files that are cut, bent or packed in ways it does not know."""
_SHP_MAGIC = b"\x00\x00\x27\x0a"


@dataclass(frozen=True, slots=True)
class UnpackedShapefile:
    """One shapefile of an archive, unpacked.

    Parameters
    ----------
    name : str
        Its path in the archive, for messages.
    path : Path
        The ``.shp``; the other parts lie beside it under the same stem.
    """

    name: str
    path: Path

    def part(self, ending: str) -> Path | None:
        """Return the part with that ending (``.dbf`` …), or None when the archive has none."""
        path = self.path.with_suffix(ending)
        return path if path.is_file() else None


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that was looked through: names in the right characters, sizes within the limits."""

    file: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo]
    where: str

    def iterate(self, name: str, chunk_bytes: int = _CHUNK) -> Iterator[bytes]:
        """Yield an entry piece by piece, never more than its header declared.

        Raises
        ------
        SiteError
            If the entry is broken, or longer than declared.
        """
        entry = self.entries[name]
        left = entry.file_size
        try:
            with self.file.open(entry) as packed:
                while chunk := packed.read(chunk_bytes):
                    left -= len(chunk)
                    if left < 0:
                        raise zipfile.BadZipFile(f"{entry.filename} is larger than declared")
                    yield chunk
        except _BROKEN as error:
            raise _unreadable(error, self.where) from error


def open_archive(source: SiteSource, limits: Limits) -> Archive:
    """Open a zip after looking through its directory.

    Raises
    ------
    SiteTooLargeError
        If it has too many entries, unpacks to too much, or is packed too tightly.
    SiteFormatError
        If it holds a virtual data set or an archive.
    SiteError
        If it is broken or encrypted, or an entry is a link, has an absolute or climbing path, or comes twice.
    """
    try:
        file = _open(source.content)
        entries = [entry for entry in file.infolist() if not entry.is_dir()]
        _check_sizes(source, entries, limits)
        names = [_check_entry(entry, source.name) for entry in entries]
    except SiteError:
        raise
    except _BROKEN as error:
        raise _unreadable(error, source.name) from error
    if len(set(names)) < len(names):
        raise _broken("zip 内有同名文件", "two entries of the zip have the same name", source.name)
    return Archive(file, dict(zip(names, entries, strict=True)), source.name)


def is_zip(content: bytes) -> bool:
    """Return whether the bytes start like a zip file."""
    return content[:4] in {b"PK\x03\x04", _END_RECORD}


def list_names(content: bytes) -> tuple[str, ...]:
    """Return the entry names of a zip, none when it is broken or its directory is larger than a megabyte."""
    try:
        return tuple(entry.filename for entry in _open(content).infolist())
    except (*_BROKEN, SiteTooLargeError):
        return ()


def unpack_shapefiles(source: SiteSource, folder: Path, limits: Limits) -> tuple[UnpackedShapefile, ...]:
    """Unpack the shapefiles of a zip into `folder`, in the order of their names.

    Raises
    ------
    SiteTooLargeError
        If it has too many entries, unpacks to too much, or is packed too tightly.
    SiteFormatError
        If it holds a virtual data set, an archive, or no shapefile.
    SiteError
        If it is broken or encrypted, or an entry is a link, has an absolute or climbing path, or comes twice.
    """
    return _unpack(open_archive(source, limits), folder)


def _open(content: bytes) -> zipfile.ZipFile:
    end = content.rfind(_END_RECORD)
    if end >= 0 and len(content) >= end + 16:
        (directory_bytes,) = struct.unpack_from("<I", content, end + 12)
        if directory_bytes > _DIRECTORY_BYTES:
            raise SiteTooLargeError("zip 的目录过大", "the directory of the zip is too large")
    return zipfile.ZipFile(io.BytesIO(content))


def _check_sizes(source: SiteSource, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > limits.archive_entries:
        raise SiteTooLargeError(
            f"zip 有 {len(entries)} 个文件，多于上限 {limits.archive_entries}",
            f"the zip has {len(entries)} entries, more than the limit of {limits.archive_entries}",
            where=source.name,
        )
    if unpacked > limits.unpacked_bytes or unpacked > limits.unpack_ratio * len(source.content):
        raise SiteTooLargeError(
            f"zip 解开后有 {unpacked} 字节，超过大小或压缩比的上限",
            f"the zip unpacks to {unpacked} bytes: too many, or too tightly packed",
            where=source.name,
            hint_zh=f"上限为 {limits.unpacked_bytes} 字节、{limits.unpack_ratio} 倍",
            hint_en=f"at most {limits.unpacked_bytes} bytes and {limits.unpack_ratio} times",
        )


def _check_entry(entry: zipfile.ZipInfo, where: str) -> str:
    """Return the path of an entry in the right characters, once it is known to be harmless."""
    name = _entry_name(entry).replace("\\", "/")
    path = PurePosixPath(name)
    spot = f"{where}: {name}"
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        raise _broken("zip 内含越界路径", "an entry of the zip has a path that leaves the archive", spot)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _broken("zip 内含符号链接", "an entry of the zip is a symbolic link", spot)
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise _broken("zip 有密码", "the zip is encrypted", spot)
    ending = path.suffix.lower()
    if ending in _ARCHIVES:
        raise SiteArchiveError(
            "zip 内还有压缩包",
            "the zip holds another archive",
            where=spot,
            hint_zh="请把 .shp、.shx、.dbf、.prj 直接放在一个 zip 里",
            hint_en="put .shp, .shx, .dbf and .prj into one zip",
        )
    if ending in _LINKED:
        raise SiteFormatError(
            "zip 内含虚拟数据集，未读取", "the zip holds a virtual data set; not read", where=spot
        )
    return name


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """Return the name; without the UTF-8 flag Chinese systems write UTF-8 or GB18030."""
    if entry.flag_bits & _UTF8_FLAG:
        return entry.filename
    raw = entry.filename.encode("cp437", errors="surrogateescape")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _unpack(archive: Archive, folder: Path) -> tuple[UnpackedShapefile, ...]:
    where = archive.where
    parts: dict[str, dict[str, str]] = {}
    for name in sorted(archive.entries):
        path = PurePosixPath(name)
        if path.suffix.lower() in _PARTS and not path.name.startswith(".") and "__MACOSX" not in path.parts:
            found = parts.setdefault(str(path.with_suffix("")).lower(), {})
            if path.suffix.lower() in found:
                raise _broken(
                    "zip 内有同名文件", "two entries of the zip have the same name", f"{where}: {name}"
                )
            found[path.suffix.lower()] = name
    shapefiles = [found for found in parts.values() if ".shp" in found]
    if not shapefiles:
        raise SiteFormatError(
            "zip 里没有 .shp 文件",
            "the zip holds no .shp file",
            where=where,
            hint_zh="请把 .shp、.shx、.dbf、.prj 放在一个 zip 里",
            hint_en="put .shp, .shx, .dbf and .prj into one zip",
        )
    unpacked = []
    for number, found in enumerate(shapefiles):
        for ending, name in found.items():
            with (folder / f"part{number}{ending}").open("wb") as file:
                file.writelines(archive.iterate(name))
        unpacked.append(_check_magic(UnpackedShapefile(found[".shp"], folder / f"part{number}.shp"), where))
    return tuple(unpacked)


def _check_magic(shapefile: UnpackedShapefile, where: str) -> UnpackedShapefile:
    with shapefile.path.open("rb") as file:
        magic = file.read(4)
    if magic != _SHP_MAGIC:
        raise SiteFormatError(
            "zip 内的 .shp 不是 shapefile，未读取",
            "the .shp in the zip is no shapefile; it was not read",
            where=f"{where}: {shapefile.name}",
        )
    return shapefile


def _unreadable(error: Exception, where: str) -> SiteArchiveError:
    return _broken(f"zip 文件损坏：{error}", f"the zip file is broken: {error}", where)


def _broken(zh: str, en: str, where: str) -> SiteArchiveError:
    return SiteArchiveError(
        zh,
        en,
        where=where,
        hint_zh="请重新压缩后提交",
        hint_en="pack it again and submit",
    )
