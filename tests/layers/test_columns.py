"""Properties by column are those of the features, in what they state and in the order they state it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gis.layers.columns import Columns

NAMES = ("id", "kind", "ends", "种类")
ROWS = st.lists(
    st.lists(st.sampled_from(NAMES), unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from([None, 1, 0.5, "a"]) for name in names})
    )
)


@given(ROWS, ROWS)
def test_columns_hold_what_every_feature_states(
    some: list[dict[str, Any]], more: list[dict[str, Any]]
) -> None:
    columns = Columns(some)
    columns.extend(more)
    rows = some + more
    assert len(columns) == len(rows)
    assert [list(row.items()) for row in columns.rows()] == [list(row.items()) for row in rows]
    for name in (*NAMES, "none"):
        assert columns.column(name) == [row.get(name) for row in rows]
        assert columns.has(name) == any(name in row for row in rows)


def test_a_column_taken_out_may_be_changed() -> None:
    columns = Columns([{"id": "a"}])
    columns.column("id").append("b")
    assert columns.column("id") == ["a"]
