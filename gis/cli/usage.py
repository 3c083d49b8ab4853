"""Mistyped command lines: what the argument parser found wrong, told in both languages as every error is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gis.errors import GisError

if TYPE_CHECKING:
    import typer

KINDS = {
    "NoSuchOption": ("没有这个选项：{option}", "there is no option {option}"),
    "MissingParameter": ("缺少 {parameter}", "{parameter} is missing"),
    "BadParameter": ("{parameter} 的值不对：{message}", "the value of {parameter} is wrong: {message}"),
    "BadOptionUsage": ("选项 {option} 用法不对：{message}", "option {option} is used wrongly: {message}"),
}
"""Class of the parser's error → what is wrong, Chinese and English."""

UNKNOWN_COMMAND = ("没有这个命令：{name}", "there is no command {name}")
NO_COMMAND = ("缺少命令", "a command is missing")
OTHER = ("命令写法不对：{message}", "the command line is wrong: {message}")
NEGATIVE = re.compile(r"-[0-9.]")


def describe_usage(error: typer.TyperException) -> GisError | None:
    """Return what is wrong with a command line; None where the parser only shows its help.

    Parameters
    ----------
    error : typer.TyperException
        As the argument parser raises it.
    """
    found: Any = error  # the parser's classes are not public: their names and fields are read
    kind = type(found).__name__
    if kind == "NoArgsIsHelpError":
        return None
    context = getattr(found, "ctx", None)
    command = "gis" if context is None else str(context.command_path)
    option = str(getattr(found, "option_name", ""))
    message = str(getattr(found, "message", found))
    words = {"option": option, "message": message, "parameter": name_parameter(found)}
    unknown = re.match(r"No such command '(.*?)'\.(.*)", message, flags=re.DOTALL)
    possible = " ".join(sorted(getattr(found, "possibilities", None) or ()))
    if unknown:
        zh, en = (text.format(name=unknown[1]) for text in UNKNOWN_COMMAND)
        possible = " ".join(re.findall(r"'(.*?)'", unknown[2]))
    elif message == "Missing command.":
        zh, en = NO_COMMAND
    else:
        zh, en = (text.format(**words) for text in KINDS.get(kind, OTHER))
    hint_zh, hint_en = f"{command} --help 列出写法", f"{command} --help lists how it is written"
    if possible:
        hint_zh, hint_en = f"是否要写 {possible}？{hint_zh}", f"did you mean {possible}? {hint_en}"
    elif NEGATIVE.match(option):
        hint_zh, hint_en = f"负数写在 -- 之后；{hint_zh}", f"write negative numbers behind --; {hint_en}"
    return GisError(
        zh,
        en,
        where=command,
        hint_zh=hint_zh,
        hint_en=hint_en,
        code="usage",
    )


def name_parameter(error: Any) -> str:
    """Return the option or argument that an error of the parser is about, as it is written."""
    hint = getattr(error, "param_hint", None)
    parameter = getattr(error, "param", None)
    if hint is None and parameter is not None:
        hint = parameter.get_error_hint()
    if hint is None:
        return ""
    return str(hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "")
