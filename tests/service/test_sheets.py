"""Sheets over HTTP: lists, frames, printed sheets, refusals."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pypdf
import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from gis.workspace import Workspace

SHEETS = Path(__file__).resolve().parents[2] / "maps" / "sheets"


@pytest.fixture(autouse=True)
def _definitions(workspace: Workspace) -> None:
    shutil.copytree(SHEETS, workspace.settings.workspace / "maps" / "sheets")


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_the_sheets_of_a_box_come_with_frames_and_links(client: TestClient) -> None:
    answer = client.get("/api/sheets", params={"bbox": "120,30.2,120.3,30.3", "scale": 50_000}).json()
    assert [sheet["number"] for sheet in answer["sheets"]] == ["H51E011001", "H51E011002"]
    first = answer["sheets"][0]
    assert first["bbox"] == [120.0, 30 + 1 / 6, 120.25, 30 + 1 / 3]
    assert first["pdf"] == "/api/sheets/H51E011001.pdf"
    assert client.get("/api/sheets/H51E011001").json() == first


def test_a_sheet_is_public_unless_the_internal_profile_is_asked_for(client: TestClient) -> None:
    public = client.get("/api/sheets/H51E011001.pdf")
    assert public.headers["content-type"] == "application/pdf"
    assert "内部" not in text_of(public.content)
    internal = client.get("/api/sheets/H51E011001.pdf", params={"profile": "internal"})
    assert "内部资料" in text_of(internal.content)


def test_a_view_is_printed_on_a3(client: TestClient) -> None:
    answer = client.get("/api/sheets/view.pdf", params={"bbox": "120,30.1,120.5,30.5"})
    page = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0]
    assert [float(value) / 72 * 25.4 for value in page.mediabox[2:]] == pytest.approx([420, 297], abs=0.001)
    assert "比例尺 1:250 000" in page.extract_text()


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/sheets/H51E99.pdf", 422, "sheets.number"),
        ("/api/sheets/H51E011025", 422, "sheets.number"),
        ("/api/sheets/H51E011001.pdf?theme=weather", 404, "sheets.theme"),
        ("/api/sheets/H51E011001.pdf?paper=A4", 422, "sheets.paper"),
        ("/api/sheets/H51E011001.pdf?profile=secret", 422, "settings"),
        ("/api/sheets?bbox=1,2,3", 422, "sheets.bbox"),
        ("/api/sheets?bbox=120,30,121,31&scale=123", 422, "sheets.scale"),
        ("/api/sheets/view.pdf?bbox=121,30,120,31", 422, "sheets.bbox"),
        ("/api/sheets/view.pdf?bbox=nan,30,120,31", 422, "sheets.bbox"),
        ("/api/checks/" + "0" * 64 + "/sheet.pdf", 404, "checks.unknown"),
    ],
)
def test_what_cannot_be_printed_is_said_in_the_one_shape(
    client: TestClient, address: str, status: int, code: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()["message"]) == {"zh", "en"}
