"""A collection is split into the features a JSON parser finds, wherever its blocks end."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from gis.scale import splitting

TEXTS = st.text(alphabet='a地{}[]",\\:\n', max_size=8)
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(
    features=st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=6),
    after=st.dictionaries(TEXTS.map(lambda text: f"x{text}"), VALUES, max_size=2),
    block=st.integers(1, 60),
    plain=st.booleans(),
)
def test_the_features_are_those_of_a_parser(
    features: list[dict[str, Any]], after: dict[str, Any], *, block: int, plain: bool
) -> None:
    whole = {"type": "FeatureCollection", "features": features, **after}
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(splitting, "BLOCK", block):
        path = Path(folder, "c.geojson")
        path.write_text(json.dumps(whole, ensure_ascii=plain), encoding="utf-8")
        with mock.patch.object(splitting, "HEAD_BYTES", 45 + block):
            found = [json.loads(text) for text in splitting.split_features(path)]
    assert found == features
