"""A TrueType face read as far as a sheet needs it: advances, outlines, and a subset to embed.

Tables and glyph records are those of the OpenType specification 1.9 (``cmap`` format 12, ``glyf``, ``loca``,
``hmtx``). Only static faces with quadratic outlines are taken: a variable face would print as its lightest
weight, a collection as the forms of another language.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from gis.errors import SheetError

FONTS_DIR = Path(__file__).resolve().parents[1] / "fonts"
FACES = {"regular": "NotoSansSC-Regular.ttf", "bold": "NotoSansSC-Bold.ttf"}
POSTSCRIPT = {"regular": "NotoSansSC-Regular", "bold": "NotoSansSC-Bold"}

ON_CURVE, SHORT_X, SHORT_Y, REPEAT, SAME_X, SAME_Y = 1, 2, 4, 8, 16, 32
ARGS_ARE_WORDS, ARGS_ARE_XY, HAS_SCALE, MORE, HAS_XY_SCALE, HAS_2X2 = 1, 2, 8, 32, 64, 128

Point = tuple[float, float]
Contour = list[tuple[float, float, bool]]


@dataclass(frozen=True)
class Typeface:
    """One static TrueType face.

    Parameters
    ----------
    name : str
        ``regular`` or ``bold``.
    data : bytes
        The whole font file.
    """

    name: str
    data: bytes

    @cached_property
    def tables(self) -> dict[str, tuple[int, int]]:
        """Offset and length of each table by tag."""
        count = struct.unpack_from(">H", self.data, 4)[0]
        records = (struct.unpack_from(">4sIII", self.data, 12 + 16 * i) for i in range(count))
        return {tag.decode("latin-1"): (offset, length) for tag, _, offset, length in records}

    @cached_property
    def units_per_em(self) -> int:
        """Font units in one em."""
        return int(struct.unpack_from(">H", self.data, self.tables["head"][0] + 18)[0])

    @cached_property
    def glyph_count(self) -> int:
        """Number of glyphs in the face."""
        return int(struct.unpack_from(">H", self.data, self.tables["maxp"][0] + 4)[0])

    @cached_property
    def vertical(self) -> tuple[int, int]:
        """Ascender and descender, font units."""
        ascender, descender = struct.unpack_from(">hh", self.data, self.tables["hhea"][0] + 4)
        return ascender, descender

    @cached_property
    def bounds(self) -> tuple[int, int, int, int]:
        """Bounding box of all glyphs, font units."""
        x0, y0, x1, y1 = struct.unpack_from(">hhhh", self.data, self.tables["head"][0] + 36)
        return x0, y0, x1, y1

    @cached_property
    def _metrics(self) -> tuple[np.ndarray, int]:
        """Advances of the long metrics, and how many there are."""
        count = struct.unpack_from(">H", self.data, self.tables["hhea"][0] + 34)[0]
        raw = np.frombuffer(self.data, ">u2", count * 2, self.tables["hmtx"][0])
        return raw[::2].astype(int), count

    @cached_property
    def _offsets(self) -> np.ndarray:
        """Offsets of the glyph records in ``glyf``."""
        long_form = struct.unpack_from(">h", self.data, self.tables["head"][0] + 50)[0]
        start = self.tables["loca"][0]
        if long_form:
            return np.frombuffer(self.data, ">u4", self.glyph_count + 1, start).astype(int)
        return np.frombuffer(self.data, ">u2", self.glyph_count + 1, start).astype(int) * 2

    @cached_property
    def _groups(self) -> tuple[list[int], list[tuple[int, int, int]]]:
        """Groups (first, last, glyph) of the full Unicode character map, and their first characters."""
        start = self.tables["cmap"][0]
        count = struct.unpack_from(">H", self.data, start + 2)[0]
        for index in range(count):
            offset = start + struct.unpack_from(">I", self.data, start + 8 + 8 * index)[0]
            if struct.unpack_from(">H", self.data, offset)[0] == 12:
                length = struct.unpack_from(">I", self.data, offset + 12)[0]
                rows = np.frombuffer(self.data, ">u4", length * 3, offset + 16).reshape(-1, 3).tolist()
                return [row[0] for row in rows], [(row[0], row[1], row[2]) for row in rows]
        raise _bad_font(self.name, "no cmap format 12")

    def glyph(self, char: str) -> int:
        """Return the glyph number of a character; 0 (a box) where the face has none."""
        firsts, groups = self._groups
        code = ord(char)
        index = bisect_right(firsts, code) - 1
        if index < 0 or code > groups[index][1]:
            return 0
        return groups[index][2] + code - groups[index][0]

    @cached_property
    def _far_codes(self) -> dict[str, int]:
        """Codes of the characters beyond U+FFFF: the surrogates, which no text uses, in Unicode order."""
        far = (code for first, last, _ in self._groups[1] for code in range(max(first, 0x10000), last + 1))
        return {chr(code): 0xD800 + index for index, code in enumerate(far) if index < 0x800}

    def code(self, char: str) -> int:
        """Return the two-byte code of a character in a file: its own number wherever that has two bytes.

        The same in every file, so that pages drawn apart can share a font.
        """
        return ord(char) if ord(char) < 0x10000 else self._far_codes.get(char, 0xFFFD)

    def advance(self, glyph: int) -> int:
        """Return the advance width of a glyph, font units."""
        advances, count = self._metrics
        return int(advances[min(glyph, count - 1)])

    def width(self, text: str) -> float:
        """Return the width of a text in ems."""
        return sum(self.advance(self.glyph(char)) for char in text) / self.units_per_em

    def record(self, glyph: int) -> bytes:
        """Return the raw ``glyf`` record; empty for a glyph without outline."""
        start = self.tables["glyf"][0]
        return self.data[start + self._offsets[glyph] : start + self._offsets[glyph + 1]]

    def contours(self, glyph: int) -> list[Contour]:
        """Return the outline: closed contours of (x, y, on curve) in font units."""
        record = self.record(glyph)
        if not record:
            return []
        count = struct.unpack_from(">h", record)[0]
        if count >= 0:
            return read_simple(record, count)
        found: list[Contour] = []
        for part, (dx, dy), (a, b, c, d) in read_components(record):
            found += [
                [(a * x + c * y + dx, b * x + d * y + dy, on) for x, y, on in contour]
                for contour in self.contours(part)
            ]
        return found


def read_simple(record: bytes, count: int) -> list[Contour]:
    """Return the contours of a simple glyph record."""
    ends = struct.unpack_from(f">{count}H", record, 10)
    points = ends[-1] + 1 if ends else 0
    at = 10 + 2 * count
    at += 2 + struct.unpack_from(">H", record, at)[0]
    flags: list[int] = []
    while len(flags) < points:
        flag = record[at]
        at += 1
        flags.append(flag)
        if flag & REPEAT:
            flags += [flag] * record[at]
            at += 1
    xs, at = _read_axis(record, at, flags, SHORT_X, SAME_X)
    ys, _ = _read_axis(record, at, flags, SHORT_Y, SAME_Y)
    all_points = [(float(x), float(y), bool(f & ON_CURVE)) for x, y, f in zip(xs, ys, flags, strict=True)]
    starts = (0, *(end + 1 for end in ends[:-1]))
    return [all_points[start : end + 1] for start, end in zip(starts, ends, strict=True)]


def _read_axis(record: bytes, at: int, flags: list[int], short: int, same: int) -> tuple[list[int], int]:
    """Return the coordinates of one axis and where the next begin."""
    values, value = [], 0
    for flag in flags:
        if flag & short:
            value += record[at] if flag & same else -record[at]
            at += 1
        elif not flag & same:
            value += struct.unpack_from(">h", record, at)[0]
            at += 2
        values.append(value)
    return values, at


def read_components(record: bytes) -> list[tuple[int, Point, tuple[float, float, float, float]]]:
    """Return (glyph, offset, matrix) of each part of a composite glyph record."""
    parts, at, flags = [], 10, MORE
    while flags & MORE:
        flags, glyph = struct.unpack_from(">HH", record, at)
        at += 4
        form, size = (">hh", 4) if flags & ARGS_ARE_WORDS else (">bb", 2)
        dx, dy = struct.unpack_from(form, record, at) if flags & ARGS_ARE_XY else (0, 0)
        at += size
        n = 1 if flags & HAS_SCALE else 2 if flags & HAS_XY_SCALE else 4 if flags & HAS_2X2 else 0
        values = [value / 16384 for value in struct.unpack_from(f">{n}h", record, at)]
        at += 2 * n
        matrix = {0: [1, 0, 0, 1], 1: values * 4, 2: [*values[:1], 0, 0, *values[1:]], 4: values}[n]
        if n == 1:
            matrix = [values[0], 0, 0, values[0]]
        parts.append((glyph, (float(dx), float(dy)), (matrix[0], matrix[1], matrix[2], matrix[3])))
    return parts


def make_subset(face: Typeface, glyphs: list[int]) -> tuple[bytes, dict[int, int]]:
    """Return a TrueType file with the glyphs named (and the parts they are made of), and old → new numbers.

    Parameters
    ----------
    face : Typeface
    glyphs : list of int
        Glyph numbers of the face; glyph 0 is always kept.
    """
    kept = [0]
    for glyph in kept + glyphs:
        _close_over(face, glyph, kept)
    new = {old: index for index, old in enumerate(kept)}
    records = [_renumber(face.record(old), new) for old in kept]
    padded = [record + b"\0" * (-len(record) % 4) for record in records]
    offsets = np.concatenate(([0], np.cumsum([len(record) for record in padded]))).astype(">u4")
    metrics = b"".join(struct.pack(">Hh", face.advance(old), _left(face, old)) for old in kept)
    head = bytearray(_table(face, "head"))
    head[8:12] = b"\0\0\0\0"
    head[50:52] = b"\0\1"
    hhea = bytearray(_table(face, "hhea"))
    hhea[34:36] = struct.pack(">H", len(kept))
    maxp = bytearray(_table(face, "maxp"))
    maxp[4:6] = struct.pack(">H", len(kept))
    tables = {
        "glyf": b"".join(padded),
        "head": bytes(head),
        "hhea": bytes(hhea),
        "hmtx": metrics,
        "loca": offsets.tobytes(),
        "maxp": bytes(maxp),
    }
    return _pack(tables), new


def _close_over(face: Typeface, glyph: int, kept: list[int]) -> None:
    """Add a glyph and all its parts to `kept` (the list being collected)."""
    if glyph not in kept:
        kept.append(glyph)
    record = face.record(glyph)
    if record and struct.unpack_from(">h", record)[0] < 0:
        for part, _, _ in read_components(record):
            if part not in kept:
                _close_over(face, part, kept)


def _renumber(record: bytes, new: dict[int, int]) -> bytes:
    """Return a record with the parts of a composite glyph renumbered."""
    if not record or struct.unpack_from(">h", record)[0] >= 0:
        return record
    out, at, flags = bytearray(record), 10, MORE
    while flags & MORE:
        flags, glyph = struct.unpack_from(">HH", record, at)
        struct.pack_into(">H", out, at + 2, new[glyph])
        at += 4 + (4 if flags & ARGS_ARE_WORDS else 2)
        at += 2 if flags & HAS_SCALE else 4 if flags & HAS_XY_SCALE else 8 if flags & HAS_2X2 else 0
    return bytes(out)


def _left(face: Typeface, glyph: int) -> int:
    """Return the left side bearing: the outline's least x."""
    record = face.record(glyph)
    return int(struct.unpack_from(">h", record, 2)[0]) if record else 0


def _table(face: Typeface, tag: str) -> bytes:
    """Return a table's bytes."""
    offset, length = face.tables[tag]
    return face.data[offset : offset + length]


def _pack(tables: dict[str, bytes]) -> bytes:
    """Return a TrueType file of the tables given, with directory and checksums."""
    count = len(tables)
    power = count.bit_length() - 1
    header = struct.pack(">IHHHH", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    offset, directory, body = 12 + 16 * count, b"", b""
    for tag, content in sorted(tables.items()):
        padded = content + b"\0" * (-len(content) % 4)
        checksum = int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag.encode(), checksum, offset + len(body), len(content))
        body += padded
    return header + directory + body


def _bad_font(name: str, why: str) -> SheetError:
    """Return the error for a face that cannot be used."""
    return SheetError(
        f"字体 {name} 无法使用：{why}",
        f"the font face {name} cannot be used: {why}",
        where=str(FONTS_DIR / FACES.get(name, name)),
        hint_zh="运行 make setup 重新取得静态 TrueType 字体 Noto Sans SC",
        hint_en="run make setup to fetch the static TrueType faces of Noto Sans SC",
        code="sheets.font",
    )


@cache
def open_face(name: str) -> Typeface:
    """Return the face ``regular`` or ``bold``.

    Raises
    ------
    SheetError
        If the file is missing or is not a static TrueType face.
    """
    path = FONTS_DIR / FACES[name]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _bad_font(name, str(error)) from error
    face = Typeface(name, data)
    if data[:4] != b"\0\1\0\0" or "glyf" not in face.tables or "fvar" in face.tables:
        raise _bad_font(name, "not a static TrueType face")
    return face
