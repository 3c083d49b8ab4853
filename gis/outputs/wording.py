"""The words for levels, verdicts, relations and certainties in both languages."""

from __future__ import annotations

from gis.model import Certainty, Level, Relation, Text, Verdict

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
