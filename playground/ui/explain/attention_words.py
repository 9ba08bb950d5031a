"""What the numbers within Attention are called: a match, a weight, and what came in, each by its steps."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from playground.anim.attention_cells import GIVEN, SCORES, WEIGHTS


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def place(name: str, index: tuple[int, ...]) -> str:
    """``"step 13 looks at step 3"``; ``""`` of any other value."""
    if len(index) != 2:
        return ""
    if name in (SCORES, WEIGHTS):
        words = _tr("match of step {query} with step {key}") if name == SCORES else _tr("step {query} looks at step {key}")
        return words.format(query=index[0] + 1, key=index[1] + 1)
    if name not in GIVEN:
        return ""
    parts = {"query": _tr("query"), "key": _tr("key"), "value": _tr("value")}
    return _tr("{what}, step {step}, number {number}").format(what=parts[name], step=index[0] + 1, number=index[1] + 1)
