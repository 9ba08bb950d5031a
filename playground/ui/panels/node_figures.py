"""What a node makes of what it gets, in a line: shapes, parameters, multiply-adds, the receptive field."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel

from playground.document import Document
from playground.document.graph import Survey, survey
from playground.document.receptive import receptive_field
from playground.layers import registry
from playground.layers.spec import format_shape, learned
from playground.ui.numbers import count
from playground.ui.style import look
from playground.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("NodeFigures", text)


def words(document: Document, node: str, found: Survey | None = None) -> str:
    """``6×14×14 → 16×10×10 · 2,416 parameters · 240,000 multiply-adds · sees 14×14 of input1``; ``""`` while its shape is not known.

    ``found`` is the document's survey, if at hand.
    """
    found = survey(document) if found is None else found
    return " · ".join(_parts(document, node, found)) if node in found.shapes and node in found.inputs else ""


def sees(document: Document, node: str, found: Survey | None = None) -> str:
    """The receptive field alone: ``14×14``, ``all of input1``; ``""`` where it has no meaning."""
    field = receptive_field(document, node, found)
    if field is None:
        return ""
    return _tr("all of {input}").format(input=field.source) if field.all else field.words()


def _parts(document: Document, node: str, found: Survey) -> Iterator[str]:
    layer = registry.get(document.nodes[node].type)
    fields, given = found.fields[node], found.inputs[node]
    made = format_shape(found.shapes[node])
    numbers = count(prod(found.shapes[node]))
    yield f"{' + '.join(map(format_shape, given))} → {made}" if given else _tr("{count} numbers a sample").format(count=numbers)
    parameters = learned(layer.parameters(fields, given))
    if parameters:
        yield _tr("{count} parameters").format(count=count(parameters))
    products = layer.multiply_adds(fields, given)
    if products:
        yield _tr("{count} multiply-adds").format(count=count(products))
    field = receptive_field(document, node, found)
    if field is not None:
        yield (
            _tr("sees {cells}").format(cells=sees(document, node, found))
            if field.all
            else _tr("sees {cells} of {input}").format(cells=field.words(), input=field.source)
        )


class NodeFigures(QLabel):
    """The line below a node's fields; it follows the document."""

    def __init__(self, workbench: Workbench, node: str) -> None:
        super().__init__()
        self.setObjectName(f"figures/{node}")
        look(self, "caption")
        self.setWordWrap(True)
        self._workbench, self._node = workbench, node
        self.setToolTip(
            self.tr(
                "What comes in and what goes on, without the batch; the numbers it learns; products added up in one pass of a sample; "
                "and how many cells of the input can change one of its cells"
            )
        )
        workbench.document_changed.connect(self._follow)
        self._follow(None, workbench.document)

    def _follow(self, _: Document | None, document: Document) -> None:
        said = words(document, self._node) if self._node in document.nodes else ""
        self.setText(said)
        if self.parentWidget() is not None:  # shown before it has one it would be a window of its own, and take the keys
            self.setVisible(bool(said))
        elif not said:
            self.hide()
