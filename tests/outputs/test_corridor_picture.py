"""A picture of a grid is a PNG of bounded size that shows sources by name."""

import io

import numpy as np
import pytest
from PIL import Image

from gis.corridors.grid import Grid
from gis.outputs.corridor_picture import Caption, Mark, render_picture

CAPTION = Caption("障碍点 Barriers", "收益 gain", "障碍点 barrier")


@pytest.mark.parametrize(("shape", "over"), [((3, 4), False), ((40, 20), True), ((2, 2000), True)])
def test_any_shape_gives_a_picture(shape: tuple[int, int], over: bool) -> None:  # noqa: FBT001
    values = np.linspace(0.0, 1.0, shape[0] * shape[1]).reshape(shape)
    values[0, 0] = np.nan
    numbers = np.zeros(shape)
    numbers[0, 1] = numbers[1, 1] = 1
    grid = Grid(values, 500_000.0, 3_350_000.0, 30.0, "EPSG:4549")

    content = render_picture(
        grid,
        CAPTION,
        sources=grid.with_values(numbers),
        labels={1: "西湖 $x_1$"},
        marks=[Mark(1, 0, "1")],
        under=grid.with_values(np.full(shape, 5.0)) if over else None,
        logarithmic=not over,
    )

    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "PNG"
        assert 1000 < picture.width < 2000
        assert 300 < picture.height < 3000


def test_a_grid_without_anything_is_drawn_too() -> None:
    empty = Grid(np.zeros((4, 4)), 0.0, 0.0, 1.0)

    assert render_picture(empty, CAPTION, sources=empty, labels={}, marks=[], under=empty)[:4] == b"\x89PNG"
