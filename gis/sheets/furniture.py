"""Title, foot and panel: everything on the page that is not the map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from gis.sheets.canvas import Pose
from gis.sheets.diagrams import draw_adjoining, draw_north, draw_overview, draw_scale_bar
from gis.sheets.facts import Listing, ListRow
from gis.sheets.layout import Box
from gis.sheets.measure import CAP_HEIGHT, MM_PER_PT, text_width
from gis.sheets.notes import (
    draw_datum,
    draw_legend,
    draw_listing,
    draw_remarks,
    draw_signatures,
    draw_sources,
)
from gis.sheets.paragraphs import INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gis.sheets.canvas import Canvas
    from gis.sheets.facts import SheetFacts
    from gis.sheets.layout import Layout

    DrawBlock = Callable[[Canvas, float, float, float], float]

INTERNAL_ZH, INTERNAL_EN = "内部资料", "INTERNAL"
PUBLIC_NOTE_ZH = "公开版：敏感图层不表示"
GUTTER_MM = 5.0
TITLE_MM = 11.3
"""Height of the title at the type of A2."""

SIZES = (
    *((size, True, False) for size in (1.12, 1.05, 1.0)),
    *((size, True, True) for size in (1.05, 1.0, 0.94)),
    *((size, False, True) for size in (1.0, 0.94, 0.88)),
)
"""Sizes of type, with or without English, sources in full or in brief, tried one after the other until the
panel takes all its blocks."""

COMPACT_SIZES = (0.94, 0.88, 0.82, 0.76, 0.7, 0.64)
"""Sizes with location and mathematical base side by side."""

LIST_LIMITS = (16, 10, 7, 5, 4, 3, 2, 1, 0)
"""Rows under each heading of a long list."""

HEADINGS_LIMIT = 24
SHORTENED_SIZES = (0.88, 0.82, 0.76, 0.7)
"""Sizes at which a shortened list is tried; it is shortened further rather than written still smaller."""

LEAN_SIZES = (0.82, 0.7, 0.64, 0.58, 0.52, 0.46, 0.4)
"""Sizes without what the foot or the map says too, on the smallest papers."""

ENGLISH_MM = 58.0
"""In a column narrower than this, at the full size of type, the English is left out first."""

LIST_GAP = 0.28
BLOCK_GAP_MM = 5.0
HAIR = "#b9b3a8"


@dataclass(frozen=True, slots=True)
class Pen:
    """Size of type, with English or not, sources in brief or not, rows of a list under each heading.

    A compact panel has location and mathematical base side by side, a lean one goes without them.
    """

    scale: float
    english: bool
    brief: bool
    rows: int | None = None
    compact: bool = False
    lean: bool = False


def draw_title(canvas: Canvas, layout: Layout, facts: SheetFacts) -> None:
    """Draw the sheet's name and number over the middle, the theme at the left, the profile at the right."""
    box, k = layout.title, min(layout.text_scale, layout.title.height / TITLE_MM)
    base = box.y + 4.4 * min(k, 1.25)
    number_pt, name_pt = 8.5 * k, 15.0 * k
    middle = box.x + box.width / 2
    top_line = base + number_pt * MM_PER_PT * 1.22
    name_pt = min(name_pt, (box.top - top_line) / (MM_PER_PT * 0.86))
    name = " ".join(facts.name) if len(facts.name) in {2, 3} else facts.name
    number_text = "　".join(part for part in (facts.number, facts.scale_text) if part)
    if facts.name:
        _spaced(canvas, middle, top_line, facts.name, name_pt, gap=0.35 if name != facts.name else 0.0)
        canvas.text(middle, base, number_text, number_pt, anchor="center", colour=INK)
    else:
        canvas.text(middle, top_line, number_text, name_pt * 0.8, face="bold", anchor="center", colour=INK)
    side = (box.width - max(text_width(number_text, number_pt), text_width(name, name_pt, "bold"))) / 2 - 4
    title_pt = fit_size(facts.title.zh, 11.5 * k, side, "bold")
    canvas.text(box.x, top_line, facts.title.zh, title_pt, face="bold", colour=INK)
    english_pt = fit_size(facts.title.en, 6.4 * k, side)
    canvas.text(box.x, base, facts.title.en, english_pt, colour=MUTED)
    if facts.internal:
        canvas.text(box.right, top_line, INTERNAL_ZH, 11.5 * k, face="bold", anchor="right", colour="#9c1f1f")
        canvas.text(box.right, base, "注意保存  INTERNAL USE ONLY", 6.4 * k, anchor="right", colour=MUTED)
    else:
        canvas.text(box.right, base, PUBLIC_NOTE_ZH, 6.4 * k, anchor="right", colour=MUTED)


def _spaced(canvas: Canvas, x: float, y: float, text: str, size_pt: float, *, gap: float) -> None:
    """Write a short name spaced out as a title, found by a search as one word."""
    if not gap:
        canvas.text(x, y, text, size_pt, face="bold", anchor="center", colour=INK)
        return
    em = size_pt * MM_PER_PT
    width = text_width(text, size_pt, "bold") + gap * em * (len(text) - 1)
    at = x - width / 2
    for char in text:
        canvas.glyph(Pose(at, y, em), char, face="bold", colour=INK)
        at += text_width(char, size_pt, "bold") + gap * em
    canvas.hidden_text(x, y, text, size_pt, face="bold")


def fit_size(text: str, size_pt: float, width_mm: float, face: str = "regular") -> float:
    """Return `size_pt`, or the size at which a line is `width_mm` wide if that is smaller."""
    width = text_width(text, size_pt, face)
    return size_pt if width <= width_mm else size_pt * max(width_mm, 1.0) / width


def draw_foot(canvas: Canvas, layout: Layout, facts: SheetFacts) -> None:
    """Draw the scale in the middle, the mathematical base at the left, approval and date at the right."""
    box, k = layout.foot, layout.text_scale
    size = 6.4 * k
    line = size * MM_PER_PT * 1.45
    first = box.top - 3.6 * min(k, 1.3) - size * MM_PER_PT * CAP_HEIGHT
    middle = box.x + box.width / 2
    half = draw_scale_bar(canvas, facts, middle, first, k, room_mm=min(150.0, 0.36 * box.width))
    side = box.width / 2 - half - 4
    fitted = min(fit_size(text, size, side) for text in facts.base_lines)
    for row, text in enumerate(facts.base_lines):
        canvas.text(box.x, first - row * line, text, fitted, colour=INK)
    right = (f"审图号：{facts.review_number or '待审'}", facts.issued_text)
    for row, text in enumerate(right):
        canvas.text(
            box.right, first - row * line, text, fit_size(text, size, side), anchor="right", colour=INK
        )


def draw_panel(canvas: Canvas, layout: Layout, facts: SheetFacts) -> None:
    """Draw the panel's blocks in columns, type as large as lets all of them in."""
    box = layout.panel
    pad = 2.6 * min(layout.text_scale, 1.3)
    canvas.rectangle(box.x, box.y, box.width, box.height, stroke=INK, line_mm=0.25)
    inner = box.shrink(pad)
    for pen, count in pens(layout, facts):
        width = (inner.width - GUTTER_MM * (count - 1)) / count
        flow = measure_blocks(canvas, facts, width, pen)
        columns = split_columns(flow, inner.height, count)
        if columns is not None:
            break
    else:
        columns = [flow]
    for index, members in enumerate(columns):
        x = inner.x + index * (width + GUTTER_MM)
        ends = bool(members) and members[-1] is flow[-1]
        draw_column(canvas, members, Box(x, inner.y, width, inner.height), ends=ends)
        if index:
            middle = x - GUTTER_MM / 2
            canvas.line((middle, box.y + pad), (middle, box.top - pad), HAIR, 0.1)


def pens(layout: Layout, facts: SheetFacts) -> Iterator[tuple[Pen, int]]:
    """Yield sizes of type and numbers of columns in the order they are tried; long lists shorten last."""
    longest = 0 if facts.listing is None else max(map(len, group_rows(facts.listing)), default=0)
    shortened: list[int | None] = [limit for limit in LIST_LIMITS if limit < longest - 1]
    tries = [Pen(size, english=english, brief=brief) for size, english, brief in SIZES]
    tries += [Pen(size, english=False, brief=True, compact=True) for size in COMPACT_SIZES]
    for limit in shortened:
        tries += [Pen(size, english=False, brief=True, rows=limit, compact=True) for size in SHORTENED_SIZES]
    for limit in shortened or [None]:
        tries += [Pen(size, english=False, brief=True, rows=limit, lean=True) for size in LEAN_SIZES]
    for pen in tries:
        for count in layout.columns:
            if not pen.english or layout.panel.width / count >= ENGLISH_MM * pen.scale * layout.text_scale:
                yield replace(pen, scale=pen.scale * layout.text_scale), count


def panel_blocks(facts: SheetFacts, pen: Pen) -> list[tuple[DrawBlock, float]]:
    """Return the panel's blocks and the gap before each, as a share of the usual one.

    A block draws at (x, top, width) and returns its height.
    """
    scale, english, brief = pen.scale, pen.english, pen.brief

    def index_and_north(canvas: Canvas, x: float, top: float, width: float) -> float:
        if not facts.number and pen.lean:
            return draw_north(canvas, facts, x, top, width, scale)
        if not facts.number:
            north = draw_north(canvas, facts, x, top, width * 0.34, scale)
            return max(north, draw_overview(canvas, facts, x + width * 0.38, top, width * 0.62, scale))
        left = draw_adjoining(canvas, facts, x, top, width * 0.62, scale)
        return max(left, draw_north(canvas, facts, x + width * 0.68, top, width * 0.32, scale))

    def datum(canvas: Canvas, x: float, top: float, width: float) -> float:
        return draw_datum(canvas, facts, x, top, width, scale, english=english)

    def overview(canvas: Canvas, x: float, top: float, width: float) -> float:
        if not pen.compact:
            return draw_overview(canvas, facts, x, top, width, scale)
        high = draw_overview(canvas, facts, x, top, width * 0.5, scale)
        left = width * 0.54
        return max(
            high, draw_datum(canvas, facts, x + left, top, width - left, scale * 0.96, english=english)
        )

    blocks: list[DrawBlock] = [
        index_and_north,
        lambda canvas, x, top, width: draw_legend(canvas, facts, x, top, width, scale, english=english),
        *([overview] if facts.number and not pen.lean else []),
        *([] if pen.lean or (pen.compact and facts.number) else [datum]),
        lambda canvas, x, top, width: draw_remarks(canvas, facts, x, top, width, scale),
        lambda canvas, x, top, width: draw_sources(
            canvas, facts, x, top, width, scale, english=english, brief=brief
        ),
        lambda canvas, x, top, width: draw_signatures(canvas, facts, x, top, width, scale),
    ]
    spaced = [(block, 1.0) for block in blocks]
    if facts.listing is None:
        return spaced
    return [*spaced[:2], *listing_blocks(facts.listing, scale, limit=pen.rows), *spaced[2:]]


def listing_blocks(listing: Listing, scale: float, *, limit: int | None) -> list[tuple[DrawBlock, float]]:
    """Return a list as blocks that may go into different columns: a block a heading with its rows."""
    every = group_rows(listing)
    groups = every if limit is None else [shorten_group(group, limit) for group in every[:HEADINGS_LIMIT]]
    left = len(listing.rows) - sum(len(group) for group in groups)
    note = listing.note + (f"图面所限，其余 {left} 行未列，全文见检查结果或 gis zones。" if left else "")
    blocks: list[tuple[DrawBlock, float]] = []
    for index, group in enumerate(groups):
        part = Listing(listing.title, group, note if index == len(groups) - 1 else "")
        draw = partial(draw_listing, listing=part, scale=scale, titled=index == 0)
        blocks.append((draw, 1.0 if index == 0 else LIST_GAP))
    return blocks


def group_rows(listing: Listing) -> list[tuple[ListRow, ...]]:
    """Return the rows of a list by heading, the heading first; one empty group for an empty list."""
    starts = [index for index, row in enumerate(listing.rows) if row.head] or [0]
    return [listing.rows[a:b] for a, b in zip(starts, [*starts[1:], len(listing.rows)], strict=True)]


def shorten_group(group: tuple[ListRow, ...], limit: int) -> tuple[ListRow, ...]:
    """Return a heading with its first rows, and with those that say what could not be judged."""
    first = group[: 1 + limit]
    kept = (row for row in group[1 + limit :] if row.short)
    return tuple(replace(row, text=row.short) if row.short else row for row in (*first, *kept))


@dataclass(frozen=True, slots=True)
class Placed:
    """A block with its height at the column's width and the gap before it."""

    draw: DrawBlock
    height_mm: float
    gap: float


def measure_blocks(canvas: Canvas, facts: SheetFacts, width: float, pen: Pen) -> list[Placed]:
    """Return each block with its height at a column width."""
    scratch = canvas.scratch()
    return [Placed(block, block(scratch, 0.0, 0.0, width), gap) for block, gap in panel_blocks(facts, pen)]


def split_columns(flow: list[Placed], room: float, columns: int) -> list[list[Placed]] | None:
    """Return which blocks go into which column, in order, as even as can be; None when they do not fit."""
    best: tuple[float, tuple[int, ...]] | None = None
    for cuts in combinations(range(1, len(flow)), columns - 1):
        edges = (0, *cuts, len(flow))
        tallest = max(column_height(flow[a:b]) for a, b in pairwise(edges))
        if tallest <= room and (best is None or tallest < best[0]):
            best = tallest, edges
    if best is None:
        return None
    return [flow[a:b] for a, b in pairwise(best[1])]


def column_height(blocks: list[Placed]) -> float:
    """Return the least height of a column: its blocks and the usual gaps between them."""
    return sum(block.height_mm for block in blocks) + sum(BLOCK_GAP_MM * block.gap for block in blocks[1:])


def draw_column(canvas: Canvas, flow: list[Placed], box: Box, *, ends: bool) -> None:
    """Draw one column's blocks, spare room shared between them, hairlines in the wide gaps.

    Where the panel `ends` with this column its last block, the title block, stands at the foot.
    """
    if not flow:
        return
    spare = box.height - sum(block.height_mm for block in flow)
    shares = sum(block.gap for block in flow[1:])
    gap = min(spare / max(shares, 1.0), BLOCK_GAP_MM * 2.2)
    top = box.top
    for index, block in enumerate(flow):
        last = ends and index == len(flow) - 1 and index > 0
        if index:
            room = gap * block.gap if block.gap >= 1 else min(gap, BLOCK_GAP_MM) * block.gap
            if block.gap >= 1:
                canvas.line((box.x, top - room / 2), (box.right, top - room / 2), HAIR, 0.1)
            top -= room
        if last:
            top = min(top, box.y + block.height_mm)
        block.draw(canvas, box.x, top, box.width)
        top -= block.height_mm
