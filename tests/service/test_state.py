"""The store of results is bounded and keeps the latest."""

from __future__ import annotations

import pytest

from gis.errors import NotFoundError
from gis.service.state import ResultStore, StoredResult


def result(check_id: str, body: str = "{}") -> StoredResult:
    """Return a result."""
    return StoredResult(check_id=check_id, body=body, asked_by="")


def test_the_oldest_result_goes_when_there_are_too_many() -> None:
    store = ResultStore(max_results=2)
    for check_id in ("a", "b", "c"):
        store.put(result(check_id))
    assert store.get("c").check_id == "c"
    assert store.get("b").check_id == "b"
    with pytest.raises(NotFoundError):
        store.get("a")


def test_the_store_is_bounded_in_bytes_and_keeps_at_least_the_latest() -> None:
    store = ResultStore(max_bytes=10)
    store.put(result("a", "x" * 6))
    store.put(result("b", "x" * 6))
    with pytest.raises(NotFoundError):
        store.get("a")
    store.put(result("c", "x" * 100))
    assert store.get("c").body == "x" * 100


def test_the_same_check_asked_again_replaces_the_former_answer() -> None:
    store = ResultStore(max_bytes=10)
    for _ in range(5):
        store.put(result("a", "x" * 6))
    store.put(result("b", "x" * 4))
    assert store.get("a").body == "x" * 6
