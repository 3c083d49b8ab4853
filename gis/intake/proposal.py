"""Files and what the office says of them → the replacement of a layer, prepared, not yet done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gis.catalogue import read_catalogue
from gis.errors import LayerError
from gis.intake.codes import read_codes
from gis.intake.coverage import choose_coverage
from gis.intake.features import join_parts, read_part
from gis.intake.formats import read_tables
from gis.intake.mapping import check_kinds
from gis.intake.placing import STATED
from gis.intake.shift import find_shift
from gis.intake.table import refuse
from gis.layers.difference import compare_frames
from gis.layers.history import read_pieces
from gis.layers.load import locate_layer, read_features
from gis.layers.replace import Replacement, read_block
from gis.model import Text
from gis.rules import read_rules

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from gis.intake.codes import CodeBook
    from gis.intake.mapping import Ask
    from gis.intake.options import IntakeOptions
    from gis.intake.shift import ShiftEvidence
    from gis.intake.table import SourceTable
    from gis.model import LayerEntry


@dataclass(frozen=True, slots=True)
class Proposal:
    """A replacement that can be looked at.

    Parameters
    ----------
    before : GeoDataFrame or None
        The layer's features now, for a map of the change.
    notes : tuple of Text
        What was read how, repaired, left out, assumed.
    features_in : int
        Features of the files; those not taken are in the notes.
    """

    entry: LayerEntry
    replacement: Replacement
    before: gpd.GeoDataFrame | None
    notes: tuple[Text, ...]
    features_in: int


def prepare_replacement(
    workspace_dir: Path,
    cache_dir: Path,
    layer_id: str,
    files: Sequence[Path],
    options: IntakeOptions,
    *,
    ask: Ask | None = None,
) -> Proposal:
    """Read files as the new data of a layer; nothing is written.

    Parameters
    ----------
    workspace_dir, cache_dir : Path
        The workspace and the folder of layers built at set-up.
    ask : callable, optional
        Asks a person which field a property is in.

    Raises
    ------
    NotFoundError
        If there is no such layer.
    LayerError, CrsError
        If the files cannot be taken in: format, coordinates, geometry, kinds, a suspected shift.
    """
    layers_dir = workspace_dir / "layers"
    catalogue = read_catalogue(layers_dir / "catalogue.toml")
    entry, block = catalogue.entry(layer_id), read_block(layers_dir, layer_id)
    ruled = ruled_kinds(layers_dir, layer_id)
    book = read_codes(layers_dir)
    notes: list[Text] = []
    parts = [
        read_part(table, entry, options, book, ruled, notes, ask)
        for path in files
        for table in choose_tables(read_tables(path, table=options.table), layer_id, book)
    ]
    frame, id_note = join_parts(parts, entry, options)
    notes += [id_note] if id_note else []
    kinds = set(frame["kind"])
    free = set(read_free_kinds(block))
    check_kinds(kinds, ruled | free, has_rules=bool(ruled), layer_id=layer_id)
    before = read_present(entry, layers_dir, cache_dir)
    notes += check_shift(find_shift(before, frame), options)
    coverage, note = choose_coverage(
        options.coverage, frame, entry, catalogue, layers_dir=layers_dir, cache_dir=cache_dir
    )
    notes.append(note)
    replacement = Replacement(
        layer_id=layer_id,
        frame=frame,
        fields=describe_entry(entry, frame, options, coverage, sorted(kinds - ruled)),
        block=block,
        files=tuple((path.name, hash_file(path)) for path in files if path.is_file()),
        difference=compare_frames(before, frame),
    )
    return Proposal(
        entry, replacement, before, tuple(dict.fromkeys(notes)), sum(part.rows_in for part in parts)
    )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    for piece in read_pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def ruled_kinds(layers_dir: Path, layer_id: str) -> set[str]:
    """Return the kinds that rules select in a layer."""
    rules = read_rules(layers_dir / "rules.toml").rules
    return {
        kind for rule in rules if rule.layer_id == layer_id for kind in (*rule.kinds, *rule.possible_kinds)
    }


def read_free_kinds(block: str) -> tuple[str, ...]:
    """Return the kinds the catalogue's table declares free of rules."""
    import tomllib

    return tuple(tomllib.loads(block)["layer"][0].get("free_kinds", ()))


def choose_tables(tables: Sequence[SourceTable], layer_id: str, book: CodeBook) -> tuple[SourceTable, ...]:
    """Return the tables of a file that are for a layer: by their code, else the only one.

    Raises
    ------
    LayerError
        If several tables are there and none is known to be for the layer.
    """
    codes = [book.recognise(table) for table in tables]
    own = tuple(
        table for table, code in zip(tables, codes, strict=True) if code and code.layer_id == layer_id
    )
    if own:
        return own
    if len(tables) == 1:
        return tuple(tables)
    names = "、".join(table.name for table in tables)
    raise refuse(
        "layers.table",
        f"文件有几个表（{names}），不知道哪个是本图层的",
        f"the file has several tables ({names}); which one is for this layer is not known",
        tables[0].file,
        "用 --table 名称 指明",
        "name one with --table",
    )


def read_present(entry: LayerEntry, layers_dir: Path, cache_dir: Path) -> gpd.GeoDataFrame | None:
    """Return the layer's features as they are now; None where it has no data or they cannot be read."""
    path = locate_layer(entry, layers_dir=layers_dir, cache_dir=cache_dir)
    if path is None or not path.is_file():
        return None
    try:
        return read_features(path.read_bytes(), where=entry.id)
    except LayerError:
        return None


def check_shift(evidence: ShiftEvidence | None, options: IntakeOptions) -> list[Text]:
    """Refuse data that look shifted, unless the office has stated that they are not.

    Raises
    ------
    LayerError
        ``layers.shifted``, with both fits and what to do.
    """
    if evidence is None:
        return []
    name = {"gcj02": "GCJ-02", "bd09": "BD-09"}[evidence.datum]
    zh = (
        f"新数据与现有图层相差约 {evidence.plain_m:.0f} m，按 {name} 换算后只差 {evidence.shifted_m:.0f} m"
        f"（{evidence.pairs} 处比对）：很可能是 {name} 坐标"
    )
    en = (
        f"the new data lie some {evidence.plain_m:.0f} m off the present layer, but only "
        f"{evidence.shifted_m:.0f} m when read as {name} ({evidence.pairs} comparisons): "
        f"they are probably {name}"
    )
    if options.datum == STATED:
        return [
            Text(f"{zh}；已按 --datum {STATED} 照原样采用", f"{en}; taken as they are by --datum {STATED}")
        ]
    raise LayerError(
        zh,
        en,
        where="--datum",
        code="layers.shifted",
        hint_zh=f"用 --datum {evidence.datum} 换算；确知没有偏移时用 --datum {STATED}",
        hint_en=f"undo it with --datum {evidence.datum}; if you know there is no shift, say --datum {STATED}",
    )


def describe_entry(
    entry: LayerEntry, frame: gpd.GeoDataFrame, options: IntakeOptions, coverage: Any, free_kinds: list[str]
) -> dict[str, Any]:
    """Return the fields of the catalogue that change with the data."""
    licence = options.licence or "由提供单位规定 / as set by the office that provides the data"
    fields = {
        "provenance": options.provenance,
        "accuracy_m": max(float(value) for value in frame["accuracy_m"]),
        "coverage": coverage,
        "data_date": options.data_date,
        "source": options.source,
        "licence": licence,
        "attribution": options.attribution or options.source,
        "free_kinds": free_kinds or None,
        "area_tolerance": None,
    }
    if entry.provenance != "none":  # what the note says is of the data that go
        fields |= {"note_zh": None, "note_en": None}
    return fields
