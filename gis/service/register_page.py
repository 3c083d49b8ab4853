"""The register as a page: who asked, which files, which verdicts; searched and paged by links alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from gis.model import Verdict
from gis.outputs.wording import VERDICTS
from gis.store.register import OFFICE_TIME
from gis.webmap.assets import make_environment
from gis.webmap.definitions import read_maps
from gis.webmap.escape import put_nonce
from gis.webmap.page import page_words
from gis.webmap.words import choose_language

if TYPE_CHECKING:
    from gis.store.register import Register, RegisterItem, RegisterQuery
    from gis.workspace import Workspace


def render_register(
    workspace: Workspace, register: Register, query: RegisterQuery, *, nonce: str, language: str
) -> str:
    """Return one page of the register.

    Parameters
    ----------
    register : Register
        The page's rows and how many match.
    query : RegisterQuery
        What was asked for: it fills the form and the links.
    nonce : str
        The one of the page's Content-Security-Policy.
    language : str
        ``zh`` or ``en``.
    """
    chosen = choose_language(language)
    words = page_words(workspace, read_maps(workspace.settings.workspace / "maps"), chosen, current="checks")
    end = query.offset + len(register.items)
    fields = list_fields(query) | {"lang": chosen}
    page = (
        make_environment()
        .get_template("checks.html")
        .render(
            **words,
            query=query,
            filtered=bool(list_fields(query)),
            verdicts=[{"code": verdict.value, "title": VERDICTS[verdict]} for verdict in Verdict],
            rows=[describe_row(item) for item in register.items],
            total=register.total,
            first=min(query.offset + 1, end),
            last=end,
            previous=link_page(fields, query, query.offset - query.limit) if query.offset else "",
            next=link_page(fields, query, end) if end < register.total and register.items else "",
            other_href="?" + urlencode(fields | {"offset": query.offset, "lang": words["other"]}),
        )
    )
    return put_nonce(page, nonce)


def list_fields(query: RegisterQuery) -> dict[str, str]:
    """Return what a query narrows the register by, as the fields of an address."""
    fields = {
        "q": query.words.strip(),
        "verdict": query.verdict.value if query.verdict else "",
        "from": query.first_day.isoformat() if query.first_day else "",
        "to": query.last_day.isoformat() if query.last_day else "",
    }
    return {name: value for name, value in fields.items() if value}


def link_page(fields: dict[str, str], query: RegisterQuery, offset: int) -> str:
    """Return the address of another page of the same search."""
    return "/checks?" + urlencode(fields | {"limit": str(query.limit), "offset": str(max(0, offset))})


def describe_row(item: RegisterItem) -> dict[str, Any]:
    """Return a line as the template shows it, its moment in the office's time."""
    moment = item.asked_at.astimezone(OFFICE_TIME)
    return {
        "record_id": item.record_id,
        "check_id": item.check_id,
        "asked_by": item.asked_by,
        "files": item.files,
        "sites": item.sites,
        "moment": moment.isoformat(timespec="seconds"),
        "day": moment.date().isoformat(),
        "time": moment.strftime("%H:%M"),
        "verdicts": [
            {"code": verdict.value, "title": VERDICTS[verdict], "count": count}
            for verdict, count in item.by_verdict.items()
            if count
        ],
    }
