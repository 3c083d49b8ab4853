"""The words for levels, verdicts, relations and certainties in both languages."""

from __future__ import annotations

from gis.model import Certainty, LayerStatus, Level, Relation, Text, Verdict

VERDICTS = {
    Verdict.PROHIBITED: Text("禁止", "prohibited"),
    Verdict.RESTRICTED: Text("限制", "restricted"),
    Verdict.APPROVAL_NEEDED: Text("审批", "approval needed"),
    Verdict.ATTENTION: Text("注意", "attention"),
    Verdict.UNDETERMINED: Text("无法判定", "undetermined"),
    Verdict.CLEAR: Text("未发现", "clear"),
}
LEVELS = {
    Level.PROHIBITED: Text("禁止", "prohibited"),
    Level.RESTRICTED: Text("限制", "restricted"),
    Level.APPROVAL_NEEDED: Text("须审批", "approval needed"),
    Level.NOTICE: Text("提示", "notice"),
}
RELATIONS = {
    Relation.INSIDE: Text("位于其内", "inside"),
    Relation.OVERLAP: Text("部分重叠", "overlaps"),
    Relation.CROSS: Text("穿越", "crosses"),
    Relation.SLIVER: Text("细碎重叠", "sliver"),
    Relation.TOUCH: Text("相接", "touches"),
    Relation.NEAR: Text("邻近", "near"),
}
CERTAINTIES = {
    Certainty.CERTAIN: Text("确定", "certain"),
    Certainty.POSSIBLE: Text("可能", "possible"),
    Certainty.NONE: Text("不触及", "not met"),
}
GAPS = {
    "no_data": Text("没有数据", "no data"),
    "outside_coverage": Text("超出图层覆盖范围", "outside the layer's coverage"),
    "failed": Text("图层无法使用", "the layer failed"),
}
KINDS = {
    "polygon": Text("面", "area"),
    "line": Text("线", "line"),
    "point": Text("点", "point"),
}
PROVENANCES = {
    "official": Text("官方", "official"),
    "surveyed": Text("实测", "surveyed"),
    "open": Text("开放数据", "open data"),
    "digitised": Text("数字化", "digitised"),
    "schematic": Text("示意", "schematic"),
    "derived": Text("推算", "derived"),
    "none": Text("无数据", "no data"),
}
STATUSES = {
    LayerStatus.OK: Text("可用", "in use"),
    LayerStatus.NO_DATA: Text("没有数据", "no data"),
    LayerStatus.FAILED: Text("无法使用", "failed"),
}
THEMES = {
    "ecology": Text("生态与遗产", "Ecology and heritage"),
    "water": Text("水系", "Water"),
    "transport": Text("交通", "Transport"),
    "logistics": Text("物流", "Logistics"),
    "energy": Text("能源", "Energy"),
    "industry": Text("产业", "Industry"),
    "services": Text("服务业", "Services"),
    "environment": Text("环境设施", "Environmental facilities"),
    "context": Text("底图", "Context"),
}
VERDICT_COLOURS = {
    Verdict.PROHIBITED: "#a3262a",
    Verdict.RESTRICTED: "#b8560f",
    Verdict.APPROVAL_NEEDED: "#8a6a00",
    Verdict.ATTENTION: "#2a5f9e",
    Verdict.UNDETERMINED: "#6d4a8c",
    Verdict.CLEAR: "#2f7d4a",
}
"""Dark enough for white letters (contrast ≥ 4.5) and apart from each other; the word always stands beside."""

LEVEL_COLOURS = {
    Level.PROHIBITED: "#a3262a",
    Level.RESTRICTED: "#b8560f",
    Level.APPROVAL_NEEDED: "#8a6a00",
    Level.NOTICE: "#5b6770",
}
