"""Scripts, styles and fonts: kept by browsers, those whose address carries their hash for good."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

KEEP_S = 86_400
"""A file asked for without its hash (a font, a picture of a style sheet) is asked for again after a day."""

FOR_GOOD = "public, max-age=31536000, immutable"


class CachedFiles(StaticFiles):
    """Static files that say how long they may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file; its address holds ``v=<hash>`` where a page of ours links it."""
        answer = await super().get_response(path, scope)
        hashed = b"v" in parse_qs(scope.get("query_string", b""))
        if answer.status_code in {200, 304}:
            answer.headers["cache-control"] = FOR_GOOD if hashed else f"public, max-age={KEEP_S}"
        return answer
