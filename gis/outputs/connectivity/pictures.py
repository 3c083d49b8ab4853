"""Grids of a study as PNG pictures: title, colour bar, sources, and what they were made from in the foot."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.connectivity.measures import source_cells
from gis.model import Text
from gis.outputs.connectivity.facts import CAUTION, list_provenance
from gis.outputs.files import write_bytes
from gis.outputs.setting import FONTS_DIR, REGULAR

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from gis.connectivity.study import Study

DPI = 150
INK = "#24303a"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file's stem, what it shows, its colours, and whether they step by powers of ten."""

    name: str
    title: Text
    unit: Text
    colours: str
    logarithmic: bool = False


PICTURES = (
    Picture(
        "current", Text("电流图", "Current map"), Text("电流（A）", "current, A"), "inferno", logarithmic=True
    ),
    Picture(
        "agreement",
        Text("抽样一致率", "Agreement of the ensemble"),
        Text("取用占比", "share of runs"),
        "YlGn",
    ),
    Picture(
        "resistance",
        Text("阻力面", "Resistance surface"),
        Text("阻力", "resistance"),
        "YlOrBr",
        logarithmic=True,
    ),
)


def write_pictures(study: Study, folder: Path) -> tuple[Path, ...]:
    """Write the pictures of a study; return the files."""
    grids = {"current": study.current_a.values, "resistance": study.resistance.values}
    if study.agreement is not None:
        grids["agreement"] = np.where(study.agreement > 0, study.agreement, np.nan)
    return tuple(
        write_bytes(folder / f"{picture.name}.png", draw_picture(study, picture, grids[picture.name]))
        for picture in PICTURES
        if picture.name in grids
    )


def draw_picture(study: Study, picture: Picture, values: NDArray[np.float64]) -> bytes:
    """Return one picture as PNG; the same bytes for the same study."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import LogNorm, Normalize
    from matplotlib.figure import Figure

    cells = study.ground.cells
    west, south, east, north = (edge / 1000.0 for edge in cells.bounds)
    shown = np.where(values > 0, values, np.nan) if picture.logarithmic else values
    known = shown[np.isfinite(shown)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if picture.name == "current":  # inside the sources, which are joined, it says nothing
        between = shown[np.isfinite(shown) & ~source_cells(study.ground)]
        low, high = (float(value) for value in np.quantile(between, (0.05, 0.999)))
    if not high > low:
        high = low * 1.01 + 1e-9
    norm = LogNorm(low, high, clip=True) if picture.logarithmic else Normalize(0.0, 1.0)
    figure = Figure(figsize=(11.0, 7.8), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.07, 0.19, 0.80, 0.70))
    axes.set_facecolor("#f5f2ea")
    image = axes.imshow(
        shown, extent=(west, east, south, north), cmap=picture.colours, norm=norm, interpolation="nearest"
    )
    for source in study.ground.sources:
        _outline(axes, source.geometry)
    for link in study.links:
        xy = np.asarray(link.line.coords) / 1000.0
        axes.plot(xy[:, 0], xy[:, 1], color="#1d4f86", linewidth=1.1)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    face = _face()
    axes.tick_params(labelsize=7, colors=INK)
    axes.set_xlabel("E / km (EPSG:4549)", fontsize=7, color=INK)
    axes.set_ylabel("N / km (EPSG:4549)", fontsize=7, color=INK)
    bar = figure.colorbar(image, cax=figure.add_axes((0.895, 0.22, 0.018, 0.64)))
    bar.ax.tick_params(labelsize=7, colors=INK)
    bar.set_label(f"{picture.unit.zh} / {picture.unit.en}", fontproperties=face(8), color=INK)
    figure.text(0.07, 0.93, f"{picture.title.zh}  {picture.title.en}", fontproperties=face(15), color=INK)
    for line, text in enumerate(_foot(study)):
        figure.text(0.07, 0.115 - line * 0.023, text, fontproperties=face(6.5), color="#4b5862")
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None, "Description": study.study_id})
    return stream.getvalue()


def _outline(axes: Any, geometry: Any) -> None:
    """Draw the outline of a source."""
    import shapely

    for part in shapely.get_parts(shapely.boundary(geometry)).tolist():
        xy = np.asarray(part.coords) / 1000.0
        axes.plot(xy[:, 0], xy[:, 1], color="#0f5b3a", linewidth=0.9)


def _foot(study: Study) -> tuple[str, ...]:
    """Return the lines under a picture: what it was made from and how far it goes."""
    facts = list_provenance(study)
    layers = [f"{name}:{digest[:8]}" for name, digest in study.ground.layer_hashes]
    half = (len(layers) + 1) // 2
    return (
        f"源地轮廓：绿；最小阻力路径：蓝 / sources green, least-cost paths blue.  {CAUTION.zh}",
        CAUTION.en,
        (
            f"{facts['program']}  study {facts['study_id'][:16]}  table {facts['table_sha256'][:12]}  "
            f"cell {facts['cell_m']:g} m  {facts['neighbours']} neighbours  average {facts['average']}  "
            f"runs {facts['runs']}  seed {facts['seed']}"
        ),
        " ".join(layers[:half]),
        " ".join(layers[half:]),
    )


def _face() -> Any:
    """Return a maker of our Chinese face in a size."""
    from matplotlib.font_manager import FontProperties

    path = FONTS_DIR / f"{REGULAR}.ttf"
    return lambda size: FontProperties(fname=path, size=size)
