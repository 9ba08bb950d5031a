"""Tells of a project file that holds what does not fit its network."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from playground.document import Document
from playground.ui.dialogs.messages import Message


def tell_misfits(parent: QWidget, name: str, nodes: Sequence[str], document: Document) -> Message:
    """``name`` is the file's, ``nodes`` are those of ``document`` that begin anew: told by the titles on their cards."""
    translate = QCoreApplication.translate
    titles = ", ".join(document.nodes[node].title or node for node in nodes)
    sentences = (
        translate("Misfits", "It holds weights or an optimizer's state of another shape for: {nodes}.").format(nodes=titles),
        translate("Misfits", "They begin anew; all else is as it was saved."),
        translate("Misfits", "This is a new project now. {name} stays as it is, unless you save over it.").format(name=name),
    )
    title = translate("Misfits", "A part of {name} could not be taken").format(name=name)
    box = Message(parent, title, sentences, [("close", translate("Message", "Close"))], name="misfits_dialog")
    box.open()
    return box
