"""Big layers as PMTiles: made beside the service, one after another, and served by ranges of bytes."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.middleware.gzip import GZipMiddleware

from gis.errors import GisError
from gis.model import Text
from gis.service.answers import Preparing, problems
from gis.service.errors import error_body
from gis.webmap.tiles import ensure_tiles, find_key, list_big, tiles_path
from gis.webmap.zones import today
from gis.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from gis.service.state import ServiceState
    from gis.settings import Settings
    from gis.workspace import Workspace

log = logging.getLogger("gis.service")

MEDIA_TYPE = "application/vnd.pmtiles"
PREFIX = "/tiles/"
RETRY_S = 2
STALE_S = 86_400
"""What an interrupted run left aside is swept up after a day."""

NICE = 5
FAILED = -1.0
PREPARING = Text("正在制作此图层的瓦片", "the tiles of this layer are being made")
BROKEN = Text(
    "此图层的瓦片无法制作，已记入日志", "the tiles of this layer cannot be made; it was written to the log"
)
TILES_DOC: dict[int | str, dict[str, Any]] = {
    200: {"description": "整个文件 / the whole file", "content": {MEDIA_TYPE: {}}},
    206: {"description": "Part of the file / 文件的一段", "content": {MEDIA_TYPE: {}}},
    304: {"description": "Not changed / 未改变"},
    416: {"description": "No such range / 无此区间"},
    503: {"description": "Being made; ask again / 正在制作，请稍后再试", "model": Preparing},
    **problems(404, 500),
}


class TileStore:
    """Makes tiles that are missing, one layer after another, while everything else is answered.

    Parameters
    ----------
    workspace : Workspace
    processes : int
        0: made in a thread of this process; else in a process of their own.
    """

    def __init__(self, workspace: Workspace, *, processes: int = 0) -> None:
        self._workspace = workspace
        self._apart = processes > 0
        self._context = multiprocessing.get_context("spawn")
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="tiles")
        self._lock = threading.Lock()
        self._shares: dict[str, float] = {}
        self._stopping = False
        self._worker: BaseProcess | None = None

    def locate(self, tiles_id: str) -> tuple[Path, str]:
        """Return where the tiles of a layer or zone are, or will be, and their key.

        Raises
        ------
        NotFoundError
            As :func:`gis.webmap.tiles.find_key`.
        """
        key = find_key(self._workspace, tiles_id, today())
        return tiles_path(self._workspace, tiles_id, key), key

    def start(self, tiles_id: str) -> float:
        """Let missing tiles be made and return the share that is done; :data:`FAILED` if that failed."""
        with self._lock:
            if tiles_id not in self._shares:
                self._shares[tiles_id] = 0.0
                self._queue.submit(self._make, (tiles_id,))
            return self._shares[tiles_id]

    def warm(self) -> None:
        """Let the tiles of all big layers be made that are missing."""
        self._queue.submit(self._make, ())

    def stop(self) -> None:
        """Make no more; what is being made is dropped."""
        self._stopping = True
        self._queue.shutdown(wait=False, cancel_futures=True)
        if self._worker is not None and self._worker.is_alive():
            self._worker.terminate()

    def _make(self, ids: Sequence[str]) -> None:
        """Make tiles, in a process of their own where there are processes."""
        if self._stopping:
            return
        if not self._apart:
            make_tiles(self._workspace, ids, self._note)
            return
        hears, tells = self._context.Pipe(duplex=False)
        worker = self._context.Process(
            target=_make_there, args=(self._workspace.settings, tuple(ids), tells), daemon=True
        )
        worker.start()
        self._worker = worker
        tells.close()
        with hears, contextlib.suppress(EOFError):
            while True:
                self._note(*hears.recv())
        worker.join()
        with self._lock:
            self._shares.update(dict.fromkeys(self._shares.keys() & set(ids), FAILED))

    def _note(self, tiles_id: str, share: float) -> None:
        """Keep how far the tiles of a layer are; forget it when they are there."""
        with self._lock:
            if share >= 1:
                self._shares.pop(tiles_id, None)
            else:
                self._shares[tiles_id] = share


def make_tiles(workspace: Workspace, ids: Sequence[str], tell: Callable[[str, float], None]) -> None:
    """Make the tiles of some layers and zones, or with none named of all big ones, that are missing."""
    sweep(workspace.settings.cache / "tiles")
    for tiles_id in ids or list_big(workspace, today()):
        try:
            ensure_tiles(workspace, tiles_id, today(), progress=partial(_tell_share, tell, tiles_id))
        except (GisError, OSError, ValueError, RuntimeError):
            log.exception("tiles of %s", tiles_id)
            tell(tiles_id, FAILED)
        else:
            tell(tiles_id, 1.0)


def _tell_share(tell: Callable[[str, float], None], tiles_id: str, share: float) -> None:
    """Tell how far the tiles of a layer are; that they are whole is told when they stand in their place."""
    tell(tiles_id, min(share, 0.99))


def sweep(folder: Path) -> None:
    """Remove what interrupted runs left aside."""
    for aside in folder.glob(".*"):
        if aside.is_dir() and time.time() - aside.stat().st_mtime > STALE_S:
            shutil.rmtree(aside, ignore_errors=True)


def _make_there(settings: Settings, ids: Sequence[str], tells: Connection) -> None:
    """Make tiles in a process of its own, which gives way to checks and ends with the service."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_end_with_service, name="end-with-service", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICE)
    with tells:
        make_tiles(open_workspace(settings=settings), ids, partial(_send, tells))


def _send(tells: Connection, tiles_id: str, share: float) -> None:
    """Tell the service how far the tiles of a layer are."""
    tells.send((tiles_id, share))


def _end_with_service() -> None:
    """End this process when the service's own has ended, however it did."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class PlainRanges(GZipMiddleware):
    """Compresses answers, but not tiles: they are compressed inside, and ranges count their bytes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests for tiles by the compression."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def make_router(state: ServiceState) -> APIRouter:
    """Return the route of the tiles."""
    router = APIRouter(tags=["catalogue"])

    @router.get(
        PREFIX + "{tiles_id}.pmtiles",
        summary="大图层的矢量瓦片 / the vector tiles of a big layer",
        response_class=Response,
        responses=TILES_DOC,
    )
    def read_tiles(
        tiles_id: str, v: str = "", if_none_match: Annotated[str, Header(include_in_schema=False)] = ""
    ) -> Response:
        """PMTiles，支持 Range / PMTiles, by ranges of bytes."""
        path, key = state.tiles.locate(tiles_id)
        if not path.is_file():
            return answer_missing(tiles_id, state.tiles.start(tiles_id))
        lasting = "private, max-age=31536000, immutable" if v == key else "no-cache"
        headers = {"etag": f'"{key}"', "cache-control": lasting}
        if headers["etag"] in if_none_match:
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type=MEDIA_TYPE, headers=headers)

    return router


def answer_missing(tiles_id: str, share: float) -> JSONResponse:
    """Answer that tiles are being made and how far they are, or that they cannot be made."""
    if share == FAILED:
        hint = f"/api/layers/{tiles_id}.geojson"
        return JSONResponse(error_body("tiles.failed", BROKEN, where=tiles_id, hint=hint), status_code=500)
    body = error_body("tiles.preparing", PREPARING, where=tiles_id) | {"progress": round(share, 3)}
    headers = {"retry-after": str(RETRY_S), "cache-control": "no-store"}
    return JSONResponse(body, status_code=503, headers=headers)
