"""Adding a layer from the palette without a drag: it goes after the selected node and is wired to it where that fits."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from playground.document import Document, check, edits
from playground.errors import PlaygroundError
from playground.layers import registry
from playground.ui.workbench import Workbench

GAP = 56.0
CARD_WIDTH = 120.0


def add_after_selection(workbench: Workbench, type: str) -> str:
    """Place a node of ``type`` to the right of the selected one, wired from it when that makes no new problem; return its id."""
    before = workbench.document
    source = workbench.selected[-1] if workbench.selected else ""
    position = None
    if source:
        x, y = before.nodes[source].position
        position = (x + CARD_WIDTH + GAP, y)
        while any(abs(position[0] - ox) < CARD_WIDTH and abs(position[1] - oy) < 40 for ox, oy in (n.position for n in before.nodes.values())):
            position = (position[0] + CARD_WIDTH + GAP, position[1])
    after, node = edits.add_node(before, type, position=position)
    if source:
        after = _wired(after, source, node)
    workbench.edit(QCoreApplication.translate("Adding", "Add {type}").format(type=type), after)
    workbench.select((node,))
    return node


def _wired(document: Document, source: str, node: str) -> Document:
    kind = registry.get(document.nodes[node].type)
    if kind.inputs[1] == 0:
        return document
    try:
        wired = edits.connect(document, source, node)
    except PlaygroundError:
        return document  # it gives nothing on, or takes nothing: then it stands alone
    refused = {problem.message for problem in check(wired) if problem.wire is not None and problem.node == node and problem.severity == "error"}
    return document if refused else wired
