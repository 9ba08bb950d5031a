"""What the inspector's editors change in the document, each as one edit that undo takes back under its own name."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from playground import data
from playground.document import edits, swapping
from playground.fields import Field
from playground.ui.panels.several import set_all
from playground.ui.wording import declared
from playground.ui.workbench import Workbench


class FieldEdits(QObject):
    """``scrubbed`` values come one after another while a number is dragged: they are one edit."""

    def __init__(self, workbench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._workbench = workbench

    def set_field(self, node: str, field: Field, value: Any, scrubbed: bool) -> None:
        after = edits.set_field(self._workbench.document, node, field.name, value)
        self._workbench.edit(f"{node}: {declared(field.title)}", after, merge=f"{node}/{field.name}" if scrubbed else "")

    def set_fields(self, nodes: tuple[str, ...], field: Field, value: Any, scrubbed: bool) -> None:
        after, title = set_all(self._workbench.document, nodes, field.name, value), declared(field.title)
        self._workbench.edit(f"{', '.join(nodes)}: {title}", after, merge=f"{'/'.join(nodes)}/{field.name}" if scrubbed else "")

    def swap_cell(self, node: str, type: str) -> None:
        after = swapping.swap_cell(self._workbench.document, node, type)
        self._workbench.edit(self.tr("Swap the cell for {type}").format(type=type), after)

    def set_training(self, field: Field, value: Any, scrubbed: bool) -> None:
        after = edits.set_training(self._workbench.document, **{field.name: value})
        self._workbench.edit(declared(field.title), after, merge=f"training/{field.name}" if scrubbed else "")

    def set_data(self, name: str) -> None:
        """Choose other data. Those of another version can be had back by undo alone: they are in no list, so it is said."""
        before = self._workbench.document.data.name
        title = declared(data.get(name).title) if name else self.tr("none")
        self._workbench.edit(self.tr("Data: {name}").format(name=title), edits.set_data(self._workbench.document, name))
        if before and before not in data.names():
            words = self.tr("{title} took the place of the data “{name}”, which this version does not know. Undo brings them back.")
            self._workbench.notice.emit(words.format(title=title, name=before))

    def set_option(self, field: Field, value: Any, scrubbed: bool) -> None:
        present = self._workbench.document.data
        after = edits.set_data(self._workbench.document, present.name, **{**present.options, field.name: value})
        self._workbench.edit(declared(field.title), after, merge=f"data/{field.name}" if scrubbed else "")

    def freeze(self, nodes: tuple[str, ...], frozen: bool) -> None:
        after, named = edits.freeze(self._workbench.document, nodes, frozen), ", ".join(nodes)
        self._workbench.edit(
            self.tr("Freeze {node}").format(node=named) if frozen else self.tr("Let {node} learn").format(node=named), after
        )
