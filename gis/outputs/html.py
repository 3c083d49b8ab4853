"""A result as one self-contained HTML report: no script, no link, nothing fetched; prints on A4."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from gis.outputs.content import compose_report
from gis.outputs.link_content import CAUTION
from gis.outputs.report import CAVEAT, SECTIONS, WITHIN, say_more
from gis.outputs.svg import render_svg
from gis.outputs.wording import (
    CERTAINTIES,
    LEVEL_COLOURS,
    LEVELS,
    VERDICT_COLOURS,
    VERDICTS,
)

if TYPE_CHECKING:
    from jinja2 import Template

    from gis.model import CheckResult
    from gis.outputs.report import Report
    from gis.workspace import Workspace


def render_html(result: CheckResult, workspace: Workspace) -> str:
    """Return the report of a result as one HTML page; the same text for the same result.

    Parameters
    ----------
    workspace : Workspace
        Where the zones, the layers under the figures and the name of the office come from.
    """
    return set_html(compose_report(result, workspace))


def set_html(report: Report) -> str:
    """Return a composed report as HTML: every text escaped, figures as inline SVG."""
    from markupsafe import Markup

    css = files("gis.outputs").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return _template().render(
        report=report,
        css=Markup(css),  # noqa: S704 - our own style sheet
        figures=[(figure, Markup(render_svg(figure))) for figure in report.figures],  # noqa: S704 - escaped there
        sections=SECTIONS,
        caveat=CAVEAT,
        caution=CAUTION,
        within=WITHIN,
        say_more=say_more,
        verdicts=VERDICTS,
        verdict_colours=VERDICT_COLOURS,
        levels=LEVELS,
        level_colours=LEVEL_COLOURS,
        certainties=CERTAINTIES,
    )


@cache
def _template() -> Template:
    """Return the template, with every expression escaped and every undefined name an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gis.outputs", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.j2")
