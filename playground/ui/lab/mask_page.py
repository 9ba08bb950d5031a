"""Dropout: the masks that were drawn for the last steps, unit by unit; what was dropped is a cross."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QComboBox, QPushButton

from playground.document import edits
from playground.engine.changes import DROPOUT
from playground.engine.experiments.lab import Asked, Masks, MasksAsked
from playground.engine.live.snapshot import Snapshot
from playground.ui.canvas.measure import between
from playground.ui.lab.anew import Anew
from playground.ui.lab.page import Page
from playground.ui.lab.plot import Plot
from playground.ui.note_words import named
from playground.ui.numbers import count, percent, plain
from playground.ui.painters import tools
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

STEPS = 24
LARGEST, NUMBERED = 40.0, 14.0
KEPT = 0.62
"""Where on the ramp a kept unit is painted."""
RATE = 0.2
WAIT = 250
TALLEST = 1.6
"""How much higher than wide a cell gets where there are few units."""


class MaskPicture(Plot):
    """A column a step, the latest right; a row a unit."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_masks_picture")
        self.found: Masks | None = None
        self.words = ""
        self.setAccessibleName(self.tr("Dropout masks of the last steps"))

    def show_masks(self, found: Masks | None, words: str) -> None:
        """``words`` say why there is nothing."""
        if found is not self.found or words != self.words:
            self.found, self.words = found, words
            self.renew()

    def cells(self) -> tuple[QRectF, float, float]:
        """The whole grid, the width and the height of a cell."""
        area = self.area()
        steps, units = self.found.kept.shape if self.found is not None else (1, 1)
        wide = min(area.width() / max(steps, 1), 1.4 * LARGEST)
        high = min(area.height() / max(units, 1), max(LARGEST, TALLEST * wide))
        return QRectF(area.x(), area.y(), wide * steps, high * units), wide, high

    def draw(self, painter: QPainter) -> None:
        found, theme = self.found, self.theme
        if found is None or not found.kept.size:
            self.nothing(painter, self.words)
            return
        grid, wide, high = self.cells()
        red, green, blue = (int(part) for part in theme.ramp("seq")[round(255 * KEPT)])
        for column, row_of in enumerate(found.kept.tolist()):
            for row, kept in enumerate(row_of):
                cell = QRectF(grid.x() + column * wide + 1, grid.y() + row * high + 1, wide - 2, high - 2)
                if kept:
                    painter.fillRect(cell, QColor(red, green, blue))
                else:
                    painter.fillRect(cell, theme.color("field"))
                    inner = min(cell.width(), cell.height()) * 0.28
                    middle = cell.center()
                    tools.cross(painter, QRectF(middle.x() - inner, middle.y() - inner, 2 * inner, 2 * inner), theme.color("text2"), 1.3)
        every = max(1, round(NUMBERED / high + 0.49))
        for row in range(0, found.kept.shape[1], every):
            tools.text(painter, grid.x() - 8, grid.y() + (row + 0.5) * high, str(row + 1), theme.color("text3"), 10.5, align="right")
        step_words = [count(int(step)) for step in found.steps]
        every = max(1, int((max(tools.width(words, 10.5) for words in step_words) + 8) / wide + 1))
        for column in range(len(step_words) - 1, -1, -every):
            x = grid.x() + (column + 0.5) * wide
            tools.text(painter, x, grid.bottom() + 12, step_words[column], theme.color("text3"), 10.5, align="center")
        tools.text(painter, grid.x(), grid.y() - 14, self.tr("unit"), theme.color("text2"), 11, 500)
        tools.text(painter, grid.right(), grid.bottom() + 28, self.tr("step"), theme.color("text2"), 11, 500, "right")
        self._key(painter, grid)

    def _key(self, painter: QPainter, grid: QRectF) -> None:
        theme, x, y = self.theme, grid.x() + 60, grid.y() - 14
        red, green, blue = (int(part) for part in theme.ramp("seq")[round(255 * KEPT)])
        painter.fillRect(QRectF(x, y - 6, 12, 12), QColor(red, green, blue))
        x += 18 + tools.text(painter, x + 18, y, self.tr("let through"), theme.color("text2"), 11) + 16
        painter.fillRect(QRectF(x, y - 6, 12, 12), theme.color("field"))
        tools.cross(painter, QRectF(x + 3, y - 3, 6, 6), theme.color("text2"), 1.3)
        tools.text(painter, x + 18, y, self.tr("dropped"), theme.color("text2"), 11)

    def draw_over(self, painter: QPainter) -> None:
        found = self.found
        if self.pointer is None or found is None or not found.kept.size:
            return
        grid, wide, high = self.cells()
        if not grid.contains(self.pointer):
            return
        column = min(int((self.pointer.x() - grid.x()) / wide), found.kept.shape[0] - 1)
        row = min(int((self.pointer.y() - grid.y()) / high), found.kept.shape[1] - 1)
        painter.setPen(tools.pen(self.theme.color("text"), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(grid.x() + column * wide + 0.5, grid.y() + row * high + 0.5, wide - 1, high - 1))
        kept = bool(found.kept[column, row])
        words = self.tr("× {factor}").format(factor=plain(round(1 / (1 - found.rate), 3))) if kept else self.tr("dropped: × 0")
        lines = [
            self.tr("unit {unit}: {words}").format(unit=row + 1, words=words),
            self.tr("step {step}, training sample {sample}").format(
                step=count(int(found.steps[column])), sample=count(int(found.sample[column]))
            ),
        ]
        self.chip(painter, QPointF(self.pointer), lines)


class MaskPage(Page):
    """Follows the run, four times a second at most."""

    kind = "masks"

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        self.picture = MaskPicture(theme)
        super().__init__(workbench, theme, self.picture)
        self.nodes = QComboBox()
        self.nodes.setObjectName("lab_masks_node")
        self.nodes.setToolTip(self.tr("The Dropout whose masks are shown"))
        self.nodes.activated.connect(lambda _: self.follow(self.workbench.snapshot))
        self.row(self.tr("Dropout"), self.nodes).itemAt(0).widget().setFixedWidth(64)
        self.figures = self.sentence("figures")
        self.words = self.sentence("words")
        self.words.setText(
            self.tr(
                "Each step draws anew, for each sample, which units are left out; what stays is scaled up, so that the sum is as large as"
                " before on average. Shown is the first sample of each batch. Without training, all units count."
            )
        )
        self.add = QPushButton(self.tr("Add a Dropout"))
        self.add.setObjectName("lab_masks_add")
        self.add.setAutoDefault(False)
        self.add.setToolTip(self.tr("After the first hidden layer, at rate 0.2; undo takes it back"))
        self.add.clicked.connect(self._add)
        self.side.addWidget(self.add)
        self.status = self.sentence("status", "caption")
        self.side.addStretch(1)
        self._anew = Anew(self, WAIT)

    @property
    def node(self) -> str:
        return str(self.nodes.currentData() or "")

    def question(self) -> Asked | None:
        return MasksAsked(self.node, STEPS) if self.node else None

    def document_changed(self) -> None:
        document, chosen = self.workbench.document, self.node
        self.nodes.clear()
        for node, placed in document.nodes.items():
            if placed.type == DROPOUT:
                self.nodes.addItem(named(node, document), node)
        self.nodes.setCurrentIndex(max(self.nodes.findData(chosen), 0))
        self.nodes.setEnabled(self.nodes.count() > 0)
        if not self.nodes.count():
            self.nodes.setPlaceholderText(self.tr("none"))
            self.nodes.setCurrentIndex(-1)
        self.add.setVisible(not self.nodes.count() and self._place() is not None)
        self._anew.forget()
        self._show()

    def _place(self) -> str | None:
        """The first hidden Dense: whose output something reads that is no Output."""
        document = self.workbench.document
        return next(
            (
                wire.source
                for wire in document.wires
                if document.nodes[wire.source].type == "Dense" and document.nodes[wire.target].type != "Output"
            ),
            None,
        )

    def _add(self) -> None:
        document, node = self.workbench.document, self._place()
        wire = next((wire for wire in document.wires if wire.source == node), None)
        if wire is not None:
            made, new = edits.insert(document, wire, DROPOUT, rate=RATE)
            self.workbench.edit(self.tr("add a Dropout"), between(made, wire.source, new, wire.target))

    def follow(self, snapshot: Snapshot) -> None:
        if self.node:
            self._anew.follow(snapshot, self.node)
        self._show()

    def show_state(self) -> None:
        """Nothing: it is there at once."""

    def show_found(self) -> None:
        self._show()

    def _show(self) -> None:
        found = self.found if isinstance(self.found, Masks) and self.found.node == self.node else None
        if not self.node:
            words = self.tr("This network has no Dropout")
        elif not self.workbench.snapshot.step:
            words = self.tr("No step yet: press Train, or Space")
        elif found is None or found.state.running:
            words = self.tr("Looking at the last steps")
        else:
            words = self.tr("No step since the last change of a setting")
        if found is not None and found.state.running:
            if self.picture.found is None:
                self.picture.show_masks(None, words)
            return  # the last ones stay until the new ones are all there
        self.picture.show_masks(found, words)
        if found is None or not found.kept.size:
            self.figures.setText("")
            return
        dropped = 1 - float(found.kept.mean())
        text = self.tr("Rate {rate}: {share} of {n} draws were dropped.").format(
            rate=plain(found.rate), share=percent(dropped), n=count(found.kept.size)
        )
        if found.units > found.kept.shape[1]:
            text += " " + self.tr("The first {n} of {all} units.").format(n=count(found.kept.shape[1]), all=count(found.units))
        self.figures.setText(text)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.picture.set_theme(theme)
