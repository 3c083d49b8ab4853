"""The summary fits the terminal, groups by severity, and lets no stranger steer the terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from gis.outputs.console import print_summary
from gis.outputs.plaintext import text_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Case

    from gis.model import CheckResult


def show(result: CheckResult, width: int) -> list[str]:
    """Return the lines printed on a terminal of a width."""
    stream = io.StringIO()
    print_summary(result, Console(file=stream, width=width, highlight=False, color_system=None))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(case: Case, width: int) -> None:
    assert max(text_columns(line) for line in show(case.result, width)) <= width


def test_levels_come_strictest_first(make_case: Callable[..., Case]) -> None:
    import shapely

    case = make_case(shapes={"one": shapely.box(900, 400, 1100, 500)})
    text = "\n".join(show(case.result, 100))
    assert text.index("禁止 prohibited\n") < text.index("限制 restricted") < text.index("尚未施行")
    assert "《测试条例》第一条（2020）" in text
    assert "条文未核" in text


def test_many_sites_are_named_rule_by_rule_not_article_by_article(case: Case) -> None:
    text = "\n".join(show(case.result, 100))
    assert "禁止·确定：规则inside" in text
    assert "《测试条例》" not in text
    assert len(case.result.sites) == 6


def test_layers_without_data_are_named_once(case: Case) -> None:
    lines = show(case.result, 100)
    assert sum("图层redline" in line for line in lines) == 1
    assert any("没有数据（全部用地）" in line for line in lines)


def test_the_last_line_sums_up(case: Case) -> None:
    last = show(case.result, 120)[-1]
    assert last.startswith("共 6 处：")
    assert case.result.check_id[:12] in last


def test_no_control_character_reaches_the_terminal(hostile: Case) -> None:
    text = "\n".join(show(hostile.result, 80))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[U+202E]evil" in text
