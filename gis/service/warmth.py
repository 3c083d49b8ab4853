"""Warming up: what the first map, layer and sheet need is made after the port answers, unasked."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from gis.model import LayerStatus
from gis.service.sheets import today
from gis.sheets.options import SheetOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.service.state import ServiceState

THEME = "framework"
"""Theme of the sheet that is drawn to warm up."""


class WarmUp:
    """Makes ready, one thing after another, in a thread that ends with the process.

    What cannot be made ready is left to who asks for it, and answers as it would have: a damaged layer is
    opened as ``failed`` here as there.

    Parameters
    ----------
    state : ServiceState
        Of the service.
    """

    def __init__(self, state: ServiceState) -> None:
        self._state = state
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="warm-up", daemon=True)

    def start(self) -> None:
        """Start the check processes, and the rest in the background."""
        self._state.workers.warm()
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping.set()

    def run(self) -> None:
        """Make everything ready that is not yet, until told to stop."""
        steps: tuple[Callable[[], object], ...] = (
            self._open_layers,
            self._draw_map,
            self._write_layers,
            self._draw_sheet,
            self._state.tiles.warm,
        )
        for step in steps:
            if self._stopping.is_set():
                return
            with suppress(Exception):
                step()

    def _open_layers(self) -> None:
        """Open and verify every layer."""
        for layer in self._state.workspace.layers.values():
            if self._stopping.is_set():
                return
            layer.status  # noqa: B018 - opened when first asked for

    def _draw_map(self) -> None:
        """Write the start page and the first map, which load their libraries and words."""
        from gis.webmap.definitions import read_maps
        from gis.webmap.page import render_map, render_start

        workspace = self._state.workspace
        render_start(workspace, nonce="warm", language="zh")
        first = next(iter(read_maps(workspace.settings.workspace / "maps")))
        render_map(workspace, first.id, nonce="warm", language="zh")

    def _write_layers(self) -> None:
        """Write the layers that maps ask for whole, and compress them."""
        from gis.webmap.tiles import is_big_layer

        for layer in self._state.workspace.layers.values():
            if self._stopping.is_set():
                return
            if layer.status is LayerStatus.OK and not is_big_layer(self._state.workspace, layer):
                self._state.file(layer.entry.id)

    def _draw_sheet(self) -> None:
        """Draw one sheet in the middle of the overview, which reads fonts, backdrop and names."""
        from gis.sheets.numbering import frames_over
        from gis.sheets.series import render_sheet
        from gis.sheets.sheet import sheet_definition

        options = SheetOptions(on=today(), theme=THEME)
        west, south, east, north = sheet_definition(self._state.workspace, options).overview_bbox
        x, y = (west + east) / 2, (south + north) / 2
        frame = next(iter(frames_over((x, y, x + 1e-6, y + 1e-6), 50_000)))
        render_sheet(self._state.workspace, frame.number, options=options)
