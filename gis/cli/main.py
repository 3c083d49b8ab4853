"""The ``gis`` command: assembles the commands and turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from gis.cli.usage import describe_usage
from gis.errors import GisError
from gis.version import __version__

EXIT_CANNOT_RUN = 2
EXIT_INTERRUPTED = 130


def make_app() -> typer.Typer:
    """Return the command-line application with every command registered."""
    from gis.cli.check import check
    from gis.cli.corridors import corridors_app
    from gis.cli.init import init
    from gis.cli.layers import layers_app
    from gis.cli.map import map_file
    from gis.cli.records import records_app
    from gis.cli.rules import rules
    from gis.cli.serve import serve
    from gis.cli.sheets import sheets
    from gis.cli.sites import sites_app
    from gis.cli.warm import warm
    from gis.cli.zones import zones

    app = typer.Typer(
        name="gis",
        help="杭州生态框架与基础设施枢纽：图层、项目用地检查、网页地图、分幅图 / "
        "Hangzhou's ecological framework and hubs: layers, site checks, web maps, map sheets",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(show_version)
    app.command()(check)
    app.command()(serve)
    app.command()(sheets)
    app.command("map")(map_file)
    app.command()(rules)
    app.command()(zones)
    app.command()(init)
    app.command()(warm)
    app.add_typer(layers_app, name="layers")
    app.add_typer(corridors_app, name="corridors")
    app.add_typer(sites_app, name="sites")
    app.add_typer(records_app, name="records")
    return app


def show_version(
    version: bool = typer.Option(  # noqa: FBT001 - a flag of the command line
        False,  # noqa: FBT003
        "--version",
        is_eager=True,
        callback=lambda asked: print_version(asked=asked),
        help="版本 / print the version",
    ),
) -> None:
    """杭州 GIS / Hangzhou GIS."""


def print_version(*, asked: bool) -> None:
    """Print the version and end, where it was asked for."""
    if asked:
        typer.echo(f"hangzhou-gis {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; 0 all clear, 1 something found, 2 could not run."""
    try:
        code = make_app()(standalone_mode=False)
    except typer.TyperException as error:
        sys.stderr.write(format_usage(error))
        sys.exit(EXIT_CANNOT_RUN)
    except GisError as error:
        sys.stderr.write(format_error(error))
        sys.exit(EXIT_CANNOT_RUN)
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except Exception as error:
        if os.environ.get("GIS_DEBUG"):
            raise
        sys.stderr.write(format_error(describe_defect(error)))
        sys.exit(EXIT_CANNOT_RUN)
    if code == EXIT_INTERRUPTED:
        sys.stderr.write("已中断 / interrupted\n")
    sys.exit(code if isinstance(code, int) else 0)


def format_usage(error: typer.TyperException) -> str:
    """Return a mistyped command line as lines for a person; the help where nothing was typed."""
    described = describe_usage(error)
    return f"{error.message}\n" if described is None else format_error(described)


def describe_defect(error: Exception) -> GisError:
    """Return a defect of the program as a message: what it is, and how to report it."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return GisError(
        f"程序内部错误：{type(error).__name__}: {error}",
        f"internal error: {type(error).__name__}: {error}",
        where=f"{os.path.basename(place.filename)}:{place.lineno}",  # noqa: PTH119 - a name, not a path
        hint_zh="这是程序的缺陷，请报告；设 GIS_DEBUG=1 再运行可得详情",
        hint_en="this is a defect of the program, please report it; GIS_DEBUG=1 shows the details",
        code="internal",
    )


def format_error(error: GisError) -> str:
    """Return an error as lines for a person: what, where, what to do, in both languages."""
    lines = [f"错误：{error.zh}", f"error: {error.en}"]
    if error.where:
        lines.append(f"位置 / where: {error.where}")
    if error.hint_zh or error.hint_en:
        lines.append(
            f"办法 / what to do: {' / '.join(part for part in (error.hint_zh, error.hint_en) if part)}"
        )
    return "\n".join(lines) + "\n"
