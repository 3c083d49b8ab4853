"""``gis corridors current``: how strongly sources are connected, and where the current runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.cli.corridors.options import (
    Average,
    AverageOption,
    FolderOption,
    NeighboursOption,
    ResistanceOption,
    SourcesOption,
    open_grid,
    parse_neighbours,
    show_progress,
)
from gis.cli.options import JsonOption

if TYPE_CHECKING:
    from gis.corridors.current import CurrentStudy


def current(
    *,
    resistance: ResistanceOption,
    points: SourcesOption,
    short_circuit: Annotated[
        Path | None,
        typer.Option("--short-circuit", metavar="FILE", help="短路区栅格 / regions without resistance"),
    ] = None,
    neighbours: NeighboursOption = 8,
    average: AverageOption = Average.RESISTANCE,
    output: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """电路模型：源间有效电阻与电流图 / circuit flow: effective resistances and the current map."""
    from gis.corridors.current import Plan, measure_current

    plan = Plan(
        neighbours=parse_neighbours(neighbours),
        average="resistance" if average is Average.RESISTANCE else "conductance",
        with_map=output is not None,
    )
    regions = None if short_circuit is None else open_grid(short_circuit)
    with show_progress("电路 / current") as report:
        study = measure_current(
            open_grid(resistance), open_grid(points), short_circuit=regions, plan=plan, report=report
        )
    text = json.dumps(study_as_dict(study), allow_nan=False)
    typer.echo(text if as_json else format_study(study))
    if output is not None:
        for path in write_study(study, text, output):
            typer.echo(str(path), err=True)


def study_as_dict(study: CurrentStudy) -> dict[str, object]:
    """Return the numbers of the sources and the resistances between them, null where not connected."""
    rows = study.resistance_ohm.tolist()
    return {
        "points": list(study.points),
        "resistance": [[None if value != value else value for value in row] for row in rows],  # noqa: PLR0124 - NaN
    }


def format_study(study: CurrentStudy) -> str:
    """Return the resistances as lines for a person, one a pair."""
    lines = ["源 / sources    有效电阻 / effective resistance (Ω)"]
    for i, first in enumerate(study.points):
        for j, second in enumerate(study.points[i + 1 :], start=i + 1):
            ohm = float(study.resistance_ohm[i, j])
            lines.append(f"{first} – {second}    {'不连通 / not connected' if ohm != ohm else f'{ohm:.6g}'}")  # noqa: PLR0124 - NaN
    return "\n".join(lines)


def write_study(study: CurrentStudy, text: str, folder: Path) -> list[Path]:
    """Write the figures and the current map into a folder; return the files."""
    from gis.corridors.gridfile import render_tiff
    from gis.outputs.files import write_bytes, write_text

    written = [write_text(folder / "resistance.json", f"{text}\n")]
    if study.current_a is not None:
        tags = {"quantity": "sum of pairwise node currents", "unit": "A"}
        written.append(write_bytes(folder / "current.tif", render_tiff(study.current_a, tags=tags)))
    return written
