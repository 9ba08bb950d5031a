"""The explain panel: a unit's formula in symbols, the same with the numbers of the followed sample, and one sentence."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from playground.anim.cursor import Cursor
from playground.engine.snapshot import Snapshot
from playground.ui.formula import Formulas, picture
from playground.ui.geometry import MEDIUM, Geometry
from playground.ui.numbers import count, number, signed
from playground.ui.panels.controls import Section, label
from playground.ui.panels.explanation import Explanation, Term, explain
from playground.ui.panels.explanation_learning import explain_backward, explain_update
from playground.ui.style import look
from playground.ui.theme import Theme, font
from playground.ui.workbench import Workbench

REFRESH_MILLISECONDS = 100
FORMULA_SIZE = 17.0
ROW = 17
LEARNING = {"backward": explain_backward, "update": explain_update}
DEFAULT = r"y = f(\sum_i w_i x_i + b)"


class FormulaView(QWidget):
    """A formula's parts side by side, on a second line where they do not fit."""

    def __init__(self, theme: Theme, formulas: Formulas) -> None:
        super().__init__()
        self.setObjectName("formula")
        self._theme, self._formulas = theme, formulas
        self._latex, self._dim = "", False
        self._parts: list[bytes] = []
        self._placed: list[tuple[QPixmap, QPointF]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_formula(self, latex: str, dim: bool = False) -> None:
        if (latex, dim) != (self._latex, self._dim):
            self._latex, self._dim = latex, dim
            self.setAccessibleName(latex)
            self._ask()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._ask()

    def _ask(self) -> None:
        asked = (self._latex, self._theme.name)
        color = self._theme.text3 if self._dim else self._theme.text

        def done(parts: list[bytes]) -> None:
            if asked == (self._latex, self._theme.name):
                self._parts = parts
                self._place()

        if self._latex:
            self._formulas.ask(self._latex, FORMULA_SIZE, color, done)
        else:
            done([])

    def _place(self) -> None:
        width = max(self.width(), 80)
        pictures = [picture(part, self.devicePixelRatioF(), width) for part in self._parts]
        lines: list[list[QPixmap]] = [[]]
        x = 0.0
        for made in pictures:
            wide = made.deviceIndependentSize().width()
            if lines[-1] and x + wide > width:
                lines.append([])
                x = 0.0
            lines[-1].append(made)
            x += wide + 28
        self._placed = []
        y = 0.0
        for line in lines:
            tall = max((made.deviceIndependentSize().height() for made in line), default=0.0)
            x = 0.0
            for made in line:
                size = made.deviceIndependentSize()
                self._placed.append((made, QPointF(x, y + (tall - size.height()) / 2)))
                x += size.width() + 28
            y += tall + 6
        self.setFixedHeight(round(max(y, 1)))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for made, place in self._placed:
            painter.drawPixmap(place, made)
        painter.end()


class Terms(QWidget):
    """The table of a sum: number, weight, input, product, and a signed bar; then the results below a rule."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("terms")
        self._theme = theme
        self.explanation = Explanation()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        copy = self.addAction(self.tr("Copy as text"))
        copy.triggered.connect(lambda: QApplication.clipboard().setText(self.text()))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_explanation(self, explanation: Explanation) -> None:
        tall = self.sizeHint().height()
        self.explanation = explanation
        if tall != self.sizeHint().height():
            self.updateGeometry()
        self.setAccessibleDescription(self.text())
        self.update()

    def text(self) -> str:
        """The numbers as plain text, columns parted by tabs."""
        shown = self.explanation
        rows = ["\t".join(("", *shown.heads))] if shown.terms else []
        rows += [f"{term.number}\t{signed(term.weight)}\t{signed(term.value)}\t{signed(term.product)}" for term in shown.terms]
        if shown.more is not None:
            rows.append(self._more(shown.more))
        rows += [f"{line.words}\t{line.number}\t{line.rest}".rstrip() for line in shown.lines]
        return "\n".join(rows)

    def _more(self, more: tuple[int, float]) -> str:
        return self.tr("and {count} more: {sum}").format(count=count(more[0]), sum=signed(more[1]))

    def sizeHint(self) -> QSize:
        shown = self.explanation
        rows = len(shown.terms) + bool(shown.terms) + (shown.more is not None) + len(shown.lines)
        return QSize(200, rows * ROW + (8 if shown.terms else 0) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, shown = QPainter(self), self._theme, self.explanation
        columns = self._columns()
        y = 0
        if shown.terms:
            painter.setFont(font(10.5))
            painter.setPen(theme.color("text3"))
            for head, (left, right) in zip(shown.heads, columns[1:], strict=False):
                room = max(right - left + 2, painter.fontMetrics().horizontalAdvance(head))
                painter.drawText(QRectF(right - room, y, room, ROW), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, head)
            y += ROW
            y = self._rows(painter, y, columns)
            painter.setPen(QPen(theme.color("line2"), 1))
            painter.drawLine(QPointF(0, y + 3.5), QPointF(self.width(), y + 3.5))
            y += 8
        for line in shown.lines:
            self._line(painter, y, line.words, line.number, line.rest, columns)
            y += ROW
        painter.end()

    def _columns(self) -> list[tuple[float, float]]:
        """Left and right of: number, weight, input, product."""
        share = min((self.width() - 26) * 0.64, 190.0) / 3
        first = 26.0
        return [(0.0, first), *((first + i * share, first + (i + 1) * share - 4) for i in range(3))]

    def _rows(self, painter: QPainter, y: int, columns: list[tuple[float, float]]) -> int:
        theme, shown = self._theme, self.explanation
        largest = max((abs(term.product) for term in shown.terms if abs(term.product) < float("inf")), default=0.0)
        for term in shown.terms:
            self._term(painter, y, term, columns, largest)
            y += ROW
        if shown.more is not None:
            painter.setFont(font(11))
            painter.setPen(theme.color("text2"))
            painter.drawText(QRectF(0, y, self.width(), ROW), Qt.AlignmentFlag.AlignVCenter, self._more(shown.more))
            y += ROW
        return y

    def _term(self, painter: QPainter, y: int, term: Term, columns: list[tuple[float, float]], largest: float) -> None:
        theme = self._theme
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font(11))
        painter.setPen(theme.color("text3"))
        painter.drawText(QRectF(0, y, columns[0][1], ROW), Qt.AlignmentFlag.AlignVCenter, str(term.number))
        for index, value in enumerate((term.weight, term.value, term.product)):
            painter.setFont(font(11.5, 600 if index == 2 else 400))
            painter.setPen(theme.color("text" if index == 2 else "text2"))
            left, edge = columns[index + 1]
            words = f"{value:.4f}" if index and self.explanation.unsigned else signed(value)
            if painter.fontMetrics().horizontalAdvance(words) > columns[index + 1][1] - columns[index + 1][0]:
                words = number(value, 1, signed=True)
            painter.drawText(QRectF(left - 12, y, edge - left + 12, ROW), right, words)
        start, end = columns[3][1] + 10, float(self.width())
        if self.explanation.unsigned:
            painter.fillRect(QRectF(start, y + 3.5, (end - start) * min(max(term.product, 0.0), 1.0), 10), theme.color("good"))
            painter.fillRect(QRectF(start, y + 0.5, 1, ROW), theme.color("line3"))
            return
        middle = (start + end) / 2
        if largest > 0 and abs(term.product) <= largest:
            reach = (end - start) / 2 * abs(term.product) / largest
            box = QRectF(middle if term.product > 0 else middle - reach, y + 3.5, reach, 10)
            painter.fillRect(box, theme.color("pos" if term.product > 0 else "neg"))
        painter.setPen(QPen(theme.color("line3"), 1))
        painter.drawLine(QPointF(middle, y + 0.5), QPointF(middle, y + ROW))

    def _line(self, painter: QPainter, y: int, words: str, number: str, rest: str, columns: list[tuple[float, float]]) -> None:
        theme = self._theme
        painter.setFont(font(11.5))
        painter.setPen(theme.color("text2"))
        painter.drawText(QRectF(0, y, columns[3][1], ROW), Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(font(11.5, 600))
        painter.setPen(theme.color("text"))
        taken = painter.fontMetrics().horizontalAdvance(number)
        tail = painter.fontMetrics().horizontalAdvance(rest) + 8 if rest else 0
        edge = max(min(columns[3][1], self.width() - tail), painter.fontMetrics().horizontalAdvance(words) + taken + 6)
        painter.drawText(QRectF(0, y, edge, ROW), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
        painter.setFont(font(11.5))
        painter.drawText(QRectF(edge + 8, y, self.width() - edge - 8, ROW), Qt.AlignmentFlag.AlignVCenter, rest)


class Explain(Section):
    """Follows the unit under the pointer, else the selected one."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", theme, "explain", parent=parent)
        self.button.setText(self.tr("Explain"))
        look(self, "panel")
        self._workbench = workbench
        self._hover: tuple[str, int] | None = None
        self._compact = False
        self._stage = ("", "")
        """Node and phase of the pass on show."""
        self._formulas = Formulas(self)
        self.formula = FormulaView(theme, self._formulas)
        self.terms = Terms(theme)
        self.sentence = label("", "sentence")
        self.sentence.setObjectName("explain_sentence")
        self.sentence.setWordWrap(True)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setSpacing(6)
        for part in (self.formula, self.terms, self.sentence):
            self._column.addWidget(part)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("explain_scroll")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self.layout_.addWidget(area, 1)
        self._clock = QElapsedTimer()
        self._clock.start()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REFRESH_MILLISECONDS)
        self._later.timeout.connect(self.refresh)
        workbench.selection_changed.connect(self.refresh)
        workbench.document_changed.connect(lambda *_: self.refresh())
        workbench.hover_changed.connect(self._hovered)
        workbench.snapshot_changed.connect(self._take)
        self.destroyed.connect(self._formulas.close)
        self.set_geometry(MEDIUM)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.formula.set_theme(theme)
        self.terms.set_theme(theme)

    def set_geometry(self, geometry: Geometry) -> None:
        self._compact = geometry.compact
        self._column.setContentsMargins(geometry.inset, 4, geometry.inset, 8)
        self._column.setSpacing(3 if geometry.compact else 6)
        self.refresh()

    def close_jobs(self) -> None:
        """End the thread that typesets."""
        self._formulas.close()

    def _hovered(self, node: str, unit: int | None) -> None:
        hover = (node, unit) if node and unit is not None else None
        if hover != self._hover:
            self._hover = hover
            self.refresh()

    def follow_pass(self, cursor: Cursor | None) -> None:
        """Explain the node whose turn it is in the pass on show, in the way of its phase."""
        stage = (cursor.stage.node, cursor.stage.phase) if cursor is not None else ("", "")
        if stage != self._stage:
            self._stage = stage
            self.refresh()

    def _take(self, _: Snapshot) -> None:
        if not self._later.isActive():
            self._later.start()

    def refresh(self) -> None:
        """Explain what is under the pointer or selected, with the present numbers."""
        node, unit = self._what()
        if not node:
            words = self.tr(
                "Select a node, a neuron or a number. Its formula stands here: in symbols, and with the numbers of this moment."
            )
            self._show(Explanation(formula=DEFAULT, sentence=words), dim=True)
            return
        document, trace = self._workbench.document, self._workbench.snapshot.trace
        if trace is not None and node == self._stage[0] and self._stage[1] in LEARNING:
            learning = LEARNING[self._stage[1]](document, trace, node, unit)
            if learning is not None:
                self._show(learning)
                return
        self._show(explain(document, trace, node, unit))

    def _what(self) -> tuple[str, int | None]:
        document = self._workbench.document
        if self._hover is not None and self._hover[0] in document.nodes:
            return self._hover
        if self._workbench.unit is not None and self._workbench.unit[0] in document.nodes:
            return self._workbench.unit
        nodes = [node for node in self._workbench.selected if node in document.nodes]
        if not nodes and self._stage[0] in document.nodes:
            return self._stage[0], None
        return (nodes[-1], None) if nodes else (self._answer(), None)

    def _answer(self) -> str:
        """The first Output that has numbers: what there is to say while nothing is selected."""
        trace = self._workbench.snapshot.trace
        outputs = (id for id, node in self._workbench.document.nodes.items() if node.type == "Output")
        return next((id for id in outputs if trace is not None and id in trace.nodes), "")

    def _show(self, explanation: Explanation, dim: bool = False) -> None:
        self.caption.set_text(explanation.caption)
        self.formula.show_formula(explanation.formula, dim)
        self.formula.setVisible(bool(explanation.formula))
        self.terms.show_explanation(explanation)
        self.terms.setVisible(bool(explanation.terms or explanation.lines))
        self.sentence.setText(explanation.sentence)
        self.sentence.setVisible(not self._compact or not explanation.terms)
        self.terms.setToolTip(explanation.sentence if self._compact else "")
