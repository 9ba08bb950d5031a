"""The box in which weights are set by hand: one edge's weight, or all of a neuron's, beside it on the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from playground.engine.live.snapshot import Snapshot
from playground.ui import icons, weights
from playground.ui.number_edit import NumberEdit
from playground.ui.painters import tools
from playground.ui.panels.controls import label
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.weights import Weight

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

WIDTH, TALLEST = 236, 360
KEPT = 8.0
"""How much worse it is to cover what is edited than another card."""
TOP, MARGIN, BESIDE = 44, 8, 12
"""What stays free at the canvas's top, at its other edges, and beside the card, px."""
MOST = 64
"""Rows at most: a neuron of hundreds of weights has the whole matrix's table instead."""


class WeightBox(QFrame):
    """Hidden until weights are asked for. It follows the run: what nobody is typing shows the present number."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("weight_box")
        self._view, self._theme = view, view.theme
        self._edits: dict[Weight, NumberEdit] = {}
        self._seen: dict[Weight, float] = {}
        self._node = ""
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 6, 10)
        whole.setSpacing(4)
        head = QHBoxLayout()
        self._title = label("", "title")
        self._title.setObjectName("weight_box_title")
        head.addWidget(self._title, 1)
        self._close = QToolButton()
        self._close.setObjectName("weight_box_close")
        self._close.setFixedSize(26, 26)
        self._close.setToolTip(self.tr("Put this box away (Esc)"))
        self._close.setAccessibleName(self._close.toolTip())
        self._close.clicked.connect(self.put_away)
        head.addWidget(self._close)
        whole.addLayout(head)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole.addWidget(self._area)
        self._table = QPushButton(self.tr("All weights as a table…"))
        self._table.setObjectName("weight_box_table")
        self._table.clicked.connect(lambda: self._view.edit_matrix(self._node))
        whole.addWidget(self._table)
        view.workbench.snapshot_changed.connect(self._take)
        view.workbench.document_changed.connect(lambda before, after: self.put_away())
        self.set_theme(view.theme)
        self.hide()

    def show_edge(self, node: str, unit: int, source: int, at: QPointF) -> None:
        """Set the weight of one edge; ``at`` is in view px."""
        self._fill(node, [Weight(f"{node}/weight", (unit, source))], self._name(node, unit))
        self._show_beside(self._around(node, unit, source), at)

    def show_unit(self, node: str, unit: int, at: QPointF) -> bool:
        """Set the bias and the weights of one neuron; ``False`` where it has none."""
        found = weights.incoming(self._view.workbench.snapshot, node, unit)
        if not found:
            return False
        self._fill(node, found[:MOST], self._name(node, unit))
        self._show_beside(self._around(node, unit), at)
        return True

    def put_away(self) -> None:
        """Close the box."""
        if self.isVisible():
            inside = self.isAncestorOf(self.window().focusWidget() or self._view)
            self.hide()
            if inside:
                self._view.setFocus()
        self._edits = {}

    def _name(self, node: str, unit: int) -> str:
        title = self._view.scene_.cards[node].title
        return self.tr("{node} · neuron {n}").format(node=title, n=unit + 1)

    def _around(self, node: str, unit: int, source: int | None = None) -> list[QRectF]:
        """What is edited, in view px: the node's card and in it the neuron; or the edge from ``source``. The box keeps clear of it."""
        scene, view = self._view.scene_, self._view
        card = scene.cards[node]
        kept = [card.scene_card(), card.unit_rect(unit) or QRectF()]
        for wire, item in scene.edges.items():
            if wire.target == node and source is not None:
                own = np.flatnonzero((item.edges.units == unit) & (item.edges.sources == source))
                kept += [QRectF(QPointF(*line[:2]), QPointF(*line[2:])).normalized() for line in item.edges.lines[own]]
        return [view.mapFromScene(box).boundingRect().toRectF() for box in kept]

    def _show_beside(self, kept: Sequence[QRectF], at: QPointF) -> None:
        """To the right of the card, else to its left, below or above it: where the least of ``kept`` is covered."""
        card, high, wide = kept[0], self.height(), self.width()
        level = min(max(at.y() - high / 2, TOP), self._view.height() - high - MARGIN)
        middle = min(max(at.x() - wide / 2, MARGIN), self._view.width() - wide - MARGIN)
        places = [
            QPointF(min(card.right() + BESIDE, self._view.width() - wide - MARGIN), level),
            QPointF(max(card.left() - BESIDE - wide, MARGIN), level),
            QPointF(middle, min(card.bottom() + BESIDE, self._view.height() - high - MARGIN)),
            QPointF(middle, max(card.top() - BESIDE - high, TOP)),
        ]

        others = [self._view.mapFromScene(one.scene_card()).boundingRect().toRectF() for one in self._view.scene_.cards.values()]

        def covered(place: QPointF) -> float:
            box = QRectF(place, self.size().toSizeF())
            weighed = [*((KEPT, one) for one in kept), *((1.0, one) for one in others)]
            return sum(weight * (over := box & one).width() * over.height() for weight, one in weighed)

        self.move(min(places, key=covered).toPoint())
        self.show()
        self.raise_()
        first = next(iter(self._edits.values()))
        first.setFocus()
        first.selectAll()

    def _fill(self, node: str, shown: Sequence[Weight], title: str) -> None:
        self._node, self._edits = node, {}
        self._title.setText(title)
        self.setAccessibleName(self.tr("Weights of {node}").format(node=title))
        inside = look(QWidget(), "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(4)
        for weight in shown:
            row = QHBoxLayout()
            row.addWidget(label(self._words(weight)), 1)
            edit = NumberEdit()
            edit.setFixedWidth(96)
            edit.setObjectName(f"weight/{weight.key}/{','.join(map(str, weight.index))}")
            edit.setAccessibleName(self._words(weight))
            edit.changed.connect(lambda value, scrubbed, weight=weight: self._set(weight, value, scrubbed))
            row.addWidget(edit)
            column.addLayout(row)
            self._edits[weight] = edit
        column.addStretch(1)
        self._area.setWidget(inside)
        self._table.setVisible(len(shown) > 1)
        self._take(self._view.workbench.snapshot)
        high = 44 + 30 * len(shown) + (36 if len(shown) > 1 else 0)
        self.setFixedSize(WIDTH, min(high, TALLEST, self._view.height() - 60))

    def _words(self, weight: Weight) -> str:
        if weight.name == "bias":
            return self.tr("bias")
        return self.tr("weight from {n}").format(n=weight.index[1] + 1)

    def _set(self, weight: Weight, value: float, scrubbed: bool) -> None:
        text = self.tr("set {what} of {node}").format(what=self._words(weight), node=self._title.text())
        merge = f"{weight.key}{weight.index}" if scrubbed else ""
        weights.set_weights(self._view.workbench, text, {(weight.key, weight.index): (self._seen[weight], value)}, merge)
        self._seen[weight] = value

    def _take(self, snapshot: Snapshot) -> None:
        for weight, edit in self._edits.items():
            array = weights.present(snapshot, weight.key)
            if array is not None and not (edit.hasFocus() and edit.text()):
                self._seen[weight] = float(array[weight.index])
                edit.show_value(self._seen[weight])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
            return
        super().keyPressEvent(event)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._close.setIcon(icons.icon("x", theme))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tools.pen(self._theme.color("line2")))
            painter.setBrush(self._theme.color("panel"))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
