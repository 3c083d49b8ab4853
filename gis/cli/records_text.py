"""Records as lines for a person and as tables for a script."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from gis.model import Verdict

if TYPE_CHECKING:
    from gis.model import Text
    from gis.store.records import Record
    from gis.store.register import RegisterItem
    from gis.store.rerun import Rerun


def say(text: Text) -> str:
    """Return a wording in both languages."""
    return f"{text.zh} {text.en}"


def list_verdicts(item: RegisterItem) -> str:
    """Return the verdicts of a line with their numbers."""
    from gis.outputs.wording import VERDICTS

    return "、".join(f"{VERDICTS[verdict].zh} {count}" for verdict, count in item.by_verdict.items() if count)


def describe_item(item: RegisterItem) -> str:
    """Return a line of the register for a terminal."""
    from gis.outputs.plaintext import show_text
    from gis.store.register import OFFICE_TIME

    moment = item.asked_at.astimezone(OFFICE_TIME).strftime("%Y-%m-%d %H:%M")
    files = "、".join(show_text(file.name, 40) for file in item.files)
    return "\t".join(
        (
            str(item.record_id),
            moment,
            item.check_id[:12],
            list_verdicts(item),
            show_text(item.asked_by, 30) or "-",
            files,
        )
    )


def item_as_dict(item: RegisterItem) -> dict[str, Any]:
    """Return a line of the register for a script."""
    return {
        "record": item.record_id,
        "id": item.check_id,
        "created": item.asked_at.isoformat(timespec="seconds"),
        "name": item.asked_by,
        "files": [{"name": file.name, "sha256": file.sha256} for file in item.files],
        "sites": item.sites,
        "by_verdict": {verdict.value: count for verdict, count in item.by_verdict.items()},
    }


def describe_record(kept: Record) -> list[str]:
    """Return a record as lines for a person."""
    from gis.outputs.plaintext import show_text
    from gis.outputs.wording import VERDICTS
    from gis.store.records import options_as_dict
    from gis.store.register import OFFICE_TIME

    table = json.loads(kept.body)
    lines = [
        f"记录 / record {kept.record_id}　检查编号 / check {kept.check_id}",
        f"时间 / when: {kept.asked_at.astimezone(OFFICE_TIME):%Y-%m-%d %H:%M:%S} (UTC+8)",
        f"委托人 / asked by: {show_text(kept.asked_by) or '-'}",
        "选项 / options: "
        + ", ".join(f"{name}={value}" for name, value in options_as_dict(kept.options).items()),
    ]
    lines += [
        f"文件 / file: {show_text(source.name)}　{len(source.content)} B　"
        f"SHA-256 {hashlib.sha256(source.content).hexdigest()}"
        for source in kept.sources
    ]
    for site in table["sites"]:
        rules = ", ".join(dict.fromkeys(finding["rule_id"] for finding in site["findings"])) or "-"
        name = show_text(site["name"] or site["site_id"], 40)
        lines.append(f"{say(VERDICTS[Verdict(site['verdict'])])}\t{name}\t{rules}")
    return lines


def describe_rerun(done: Rerun, kept: Record) -> list[str]:
    """Return what changed in a record as lines for a person; one line where nothing did."""
    from gis.outputs.plaintext import show_text
    from gis.outputs.wording import VERDICTS

    files = "、".join(show_text(source.name, 40) for source in kept.sources)
    head = f"{done.record_id}\t{done.check_id[:12]}\t{files}"
    if done.problem is not None:
        return [f"✗ {head}\t现已无法读取 / cannot be read today: {say(done.problem)}"]
    if not done.changes:
        return [f"＝ {head}"]
    lines = [f"{'≠' if done.verdict_changed else '≈'} {head}"]
    for change in done.changes:
        before, after = (
            "无 none" if verdict is None else say(VERDICTS[verdict])
            for verdict in (change.before, change.after)
        )
        moved = f"{before} → {after}" if change.verdict_changed else f"{after}（不变 same）"
        rules = [f"+{rule}" for rule in change.new] + [f"-{rule}" for rule in change.gone]
        lines.append(
            f"    {show_text(change.name or change.site_id, 40)}: {moved}  {' '.join(rules)}".rstrip()
        )
    causes = [*done.layers_changed, *(["rules"] if done.rules_changed else [])]
    causes += ["program"] if done.program_changed else []
    if causes:
        lines.append(f"    有变 / changed since: {', '.join(causes)}")
    return lines


def rerun_as_dict(done: Rerun) -> dict[str, Any]:
    """Return what changed in a record for a script."""
    return {
        "record": done.record_id,
        "id": done.check_id,
        "id_after": done.check_id_after,
        "verdict_changed": done.verdict_changed,
        "changes": [
            {
                "site_id": change.site_id,
                "name": change.name,
                "before": None if change.before is None else change.before.value,
                "after": None if change.after is None else change.after.value,
                "findings_gone": list(change.gone),
                "findings_new": list(change.new),
            }
            for change in done.changes
        ],
        "layers_changed": list(done.layers_changed),
        "rules_changed": done.rules_changed,
        "program_changed": done.program_changed,
        "problem": None if done.problem is None else {"zh": done.problem.zh, "en": done.problem.en},
    }
