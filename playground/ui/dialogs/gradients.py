"""The gradient check as a window of its own: one row a parameter, the worst entry ringed on its matrix, and a bug to plant."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from playground.anim.scale import Scale, greatest
from playground.document import Document
from playground.engine.checks.checked import LIMIT, Bug, Checked, ParameterCheck
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui import weights
from playground.ui.numbers import SUPERSCRIPT, count, number
from playground.ui.painters import tools
from playground.ui.panels.controls import label
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.wording import declared, with_titles
from playground.ui.workbench import Workbench

ROW = 26
BEST, WORST = -12.0, 0.0
"""The ends of the bar of an error, as powers of ten."""
MOST_CELLS = 64
"""Rows and columns of a matrix drawn cell by cell; of a larger one, the part around the worst entry."""


class Rows(QWidget):
    """One row a parameter: a tick or a cross, its name, its error as a number and as a bar on a log axis with the limit marked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("gradient_rows")
        self._theme = theme
        self.checks: tuple[ParameterCheck, ...] = ()
        self.titles: Mapping[str, str] = {}
        """The nodes' titles, by id."""
        self.chosen = 0
        self.on_choice: Callable[[], None] = lambda: None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_checks(self, checks: Sequence[ParameterCheck]) -> None:
        self.checks = tuple(checks)
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleDescription("\n".join(self.in_words()))
        self.update()

    def in_words(self) -> list[str]:
        """The rows in words."""
        return [f"{check.name} {number(check.relative_error, 2)} {self._judgment(check)}" for check in self.checks]

    def _judgment(self, check: ParameterCheck) -> str:
        if check.unchecked:
            return self.tr("not differentiable here")
        return self.tr("right") if check.passed else self.tr("wrong")

    def choose(self, row: int) -> None:
        if 0 <= row < len(self.checks):
            self.chosen = row
            self.update()
            self.on_choice()

    def sizeHint(self) -> QSize:
        return QSize(480, ROW * (len(self.checks) + 1) + 4)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.choose(int(event.position().y() // ROW) - 1)

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.choose(self.chosen + (1 if event.key() == Qt.Key.Key_Down else -1))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            muted = self._theme.color("text3")
            bar = QRectF(0, 0, max(180.0, 0.4 * self.width()), self.height())
            bar.moveRight(self.width() - 10)
            tools.text(painter, 30, ROW / 2, self.tr("Parameter"), muted, 11)
            tools.text(painter, bar.left() - 24, ROW / 2, self.tr("relative error"), muted, 11, align="right")
            for power in (-12, -9, -6, -3, 0):
                words = f"10{str(power).translate(SUPERSCRIPT)}" if power else "1"
                tools.text(painter, self._x(10.0**power, bar), ROW / 2, words, muted, 10, align="center")
            for at, check in enumerate(self.checks):
                self._row(painter, check, at, bar)
            if self.checks:
                x = self._x(LIMIT, bar)
                painter.setPen(tools.pen(self._theme.color("line3"), 1, (2, 3)))
                painter.drawLine(QPointF(x, ROW), QPointF(x, self.height() - 4))

    def _row(self, painter: QPainter, check: ParameterCheck, at: int, bar: QRectF) -> None:
        theme, top = self._theme, ROW * (at + 1)
        if at == self.chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(QRectF(0, top + 1, self.width(), ROW - 2), 4, 4)
        middle = top + ROW / 2
        token = "good" if check.passed else "text3" if check.unchecked else "bad"
        if not check.unchecked:
            (tools.tick if check.passed else tools.cross)(painter, QRectF(9, middle - 5, 11, 10), theme.color(token))
        node, _, name = check.name.partition("/")
        tools.text(painter, 30, middle, f"{self.titles.get(node) or node}  {name}", theme.color("text"), 12)
        if check.unchecked:
            tools.text(painter, bar.right(), middle, self._judgment(check), theme.color(token), 12, align="right")
            return
        tools.text(painter, bar.left() - 24, middle, number(check.relative_error, 2), theme.color(token), 12, 600, "right")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(QRectF(bar.left(), middle - 4, bar.width(), 8), 2, 2)
        painter.setBrush(theme.color(token))
        painter.drawRoundedRect(QRectF(bar.left(), middle - 4, self._x(check.relative_error, bar) - bar.left(), 8), 2, 2)

    @staticmethod
    def _x(error: float, bar: QRectF) -> float:
        power = math.log10(error) if 0 < error < math.inf else (WORST if error else BEST)
        return bar.left() + (min(max(power, BEST), WORST) - BEST) / (WORST - BEST) * bar.width()


SIDE = 196


class Matrix(QWidget):
    """The chosen parameter with its worst entry ringed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("gradient_matrix")
        self._theme = theme
        self._values: np.ndarray | None = None
        self._place, self._right = (0, 0), True
        self.setFixedSize(SIDE, SIDE)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_entry(self, values: np.ndarray | None, index: tuple[int, ...] | None, right: bool = True) -> None:
        """Ring entry ``index`` of ``values``; ``right``: what was found there is no error."""
        self._right = right
        if values is None or index is None:
            self._values = None
        else:
            flat = int(np.ravel_multi_index(index, values.shape)) if index else 0
            table = np.asarray(values, float).reshape(values.shape[0] if values.ndim > 1 else -1, -1 if values.ndim > 1 else 1)
            row, column = divmod(flat, table.shape[1])
            top = min(max(0, row - MOST_CELLS // 2), max(0, table.shape[0] - MOST_CELLS))
            left = min(max(0, column - MOST_CELLS // 2), max(0, table.shape[1] - MOST_CELLS))
            self._values = table[top : top + MOST_CELLS, left : left + MOST_CELLS]
            self._place = (row - top, column - left)
            self.setFixedWidth(min(round(self._cell() * self._values.shape[1]) + 28, SIDE))  # what is said of it stands beside it
        self.update()

    def _cell(self) -> float:
        """px of a cell's side."""
        assert self._values is not None
        rows, columns = self._values.shape
        return min((SIDE - 12) / columns, (SIDE - 12) / rows, 26.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._values is None:
            return
        rows, columns = self._values.shape
        side = self._cell()
        box = QRectF(6, 6, side * columns, side * rows)
        with QPainter(self) as painter:
            tools.cells(painter, box, self._values, Scale(limit=greatest(self._values) or 1.0, ramp="div"), self._theme)
            tools.frame(painter, box, self._theme.color("line3"))
            cell = QRectF(box.left() + self._place[1] * side, box.top() + self._place[0] * side, side, side)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            tools.ring(painter, cell, self._theme.color("accent" if self._right else "bad"), off=2, width=2, radius=3)


class GradientWindow(QDialog):
    """Starts the check when it is opened and follows it; closing breaks it off."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("gradients")
        self.setWindowTitle(self.tr("Gradient check"))
        self.setModal(False)
        self.resize(760, 520)
        self._workbench, self._theme = workbench, theme
        self._checked: Checked | None = None
        self._asked: Bug | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        words = label(
            self.tr(
                "Every gradient that backward computes is held against the slope of the loss itself: each weight is moved a little up and"
                " down, and the loss is looked at. In numbers of 64 bits both agree to at least six digits, or backward is wrong."
            ),
            "sentence",
        )
        words.setWordWrap(True)
        column.addWidget(words)
        column.addLayout(self._controls())
        self.progress = QProgressBar()
        self.progress.setObjectName("gradient_progress")
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        keeping = self.progress.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(keeping)
        column.addWidget(self.progress)
        self.verdict = label("", "title")
        self.verdict.setObjectName("gradient_verdict")
        self.verdict.setWordWrap(True)
        column.addWidget(self.verdict)
        self.rows = Rows(theme)
        self.rows.titles = {node: placed.title for node, placed in workbench.document.nodes.items()}
        self.rows.on_choice = self._show_entry
        column.addWidget(self.rows)
        below = QHBoxLayout()
        self.matrix = Matrix(theme)
        self.entry = label("", "sentence")
        self.entry.setObjectName("gradient_entry")
        self.entry.setWordWrap(True)
        self.entry.setAlignment(Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.matrix)
        below.addWidget(self.entry, 1)
        column.addLayout(below)
        column.addStretch(1)
        workbench.snapshot_changed.connect(self._take)
        workbench.document_changed.connect(self._document_changed)  # bound: it ends with this window
        workbench.theme_changed.connect(self.set_theme)
        self._start()

    def _controls(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(self.tr("Plant a bug"), "label"))
        self.bugs = QComboBox()
        self.bugs.setObjectName("gradient_bugs")
        self.bugs.setToolTip(self.tr("Break one backward formula in the copy that is checked, and see how the check finds it"))
        self.bugs.addItem(self.tr("none: check the network as it is"), None)
        self.bugs.activated.connect(lambda _: self._start())
        row.addWidget(self.bugs, 1)
        self.again = look(QPushButton(self.tr("Check again")), "primary")
        self.again.setObjectName("gradient_again")
        self.again.setToolTip(self.tr("Check the weights as they are now"))
        self.again.clicked.connect(self._start)
        row.addWidget(self.again)
        self.stop = QPushButton(self.tr("Cancel"))
        self.stop.setObjectName("gradient_cancel")
        self.stop.setToolTip(self.tr("Break the check off and close"))
        self.stop.clicked.connect(self.close)
        row.addWidget(self.stop)
        return row

    def _title(self, key: str) -> str:
        node, _, name = key.partition("/")
        return f"{self.rows.titles.get(node) or node} {name}"

    def bug_words(self, bug: Bug) -> str:
        """What is broken, and where."""
        placed = self._workbench.document.nodes.get(bug.node)
        title = placed.title or bug.node if placed is not None else bug.node
        return {
            "slope": self.tr("{node}: the error passes the activation without its slope f′(z)"),
            "bias": self.tr("{node}: the bias gets no gradient"),
            "transpose": self.tr("{node}: the error goes back as it came, not through the weights"),
            "winner": self.tr("{node}: the error goes to all of a window, not to its winner"),
            "divide": self.tr("{node}: the error of a window is not shared out, but repeated"),
            "statistics": self.tr("{node}: mean and variance are taken for constants"),
            "time": self.tr("{node}: the error of a step forgets the way back through time"),
        }[bug.kind].format(node=title)

    def _start(self) -> None:
        self._asked = self.bugs.currentData()
        self._checked = None
        self.rows.show_checks(())
        self._show_entry()
        self._workbench.session.send(commands.CheckGradients(self._asked))

    def _document_changed(self, before: Document, after: Document) -> None:
        """What is checked is no more."""
        self.close()

    def _take(self, snapshot: Snapshot) -> None:
        checked = snapshot.checked
        if checked is None or checked == self._checked or checked.bug != self._asked or not self.isVisible():
            return
        self._checked = checked
        self._fill_bugs(checked.bugs)
        self.progress.setMaximum(max(checked.total, 1))
        self.progress.setValue(checked.done if checked.running else max(checked.total, 1))
        self.progress.setVisible(checked.running)
        self.stop.setText(self.tr("Cancel") if checked.running else self.tr("Close"))
        self.again.setEnabled(not checked.running)
        self.verdict.setText(self._verdict(checked))
        if len(checked.result.parameters) != len(self.rows.checks):
            self.rows.show_checks(checked.result.parameters)
            wrong = [at for at, check in enumerate(self.rows.checks) if not check.passed]
            self.rows.choose(wrong[0] if wrong else 0)

    def _fill_bugs(self, bugs: Sequence[Bug]) -> None:
        if self.bugs.count() == 1:
            for bug in bugs:
                self.bugs.addItem(self.bug_words(bug), bug)

    def _verdict(self, checked: Checked) -> str:
        result = checked.result
        if checked.message:
            return declared(checked.message)
        if checked.running:
            return self.tr("{done} of {total} derivatives taken").format(done=count(checked.done), total=count(checked.total))
        if result.max_relative_error is None:
            return self.tr("Not differentiable here: {reason}").format(reason=declared(result.reason))
        if result.passed and checked.bug is not None:
            return self.tr("The bug was planted, and still all gradients are right: with these weights none hangs on that formula.")
        if result.passed:
            return self.tr("All right: the largest relative error is {error}.").format(error=number(result.max_relative_error, 2))
        wrong = [self._title(check.name) for check in result.parameters if not (check.passed or check.unchecked)]
        if not wrong:
            kinked = ", ".join(self._title(check.name) for check in result.parameters if check.unchecked)
            return self.tr("Not differentiable here: kinks lie on all sides of {names}. All others are right.").format(names=kinked)
        lies = self.tr("The error lies where backward first comes to them, from the loss.")
        cause = with_titles(result.cause, self._workbench.document) if result.cause else lies
        return self.tr("Wrong: {names}. {cause}").format(names=", ".join(wrong), cause=cause)

    def _show_entry(self) -> None:
        check = self.rows.checks[self.rows.chosen] if self.rows.chosen < len(self.rows.checks) else None
        if check is None:
            self.matrix.show_entry(None, None)
            self.entry.setText("")
            return
        worst = check.worst
        values = weights.present(self._workbench.snapshot, check.name)
        self.matrix.show_entry(values, worst.index if worst is not None else None, check.passed or check.unchecked)
        lines = []
        if worst is not None:
            place = ", ".join(str(at + 1) for at in worst.index)
            ringed = self.tr("{name} as it is now; ringed is where the two differ most: {place}.")
            furthest = self.tr("{name}: the two differ most at {place}.")
            lines.append((ringed if values is not None else furthest).format(name=self._title(check.name), place=place))
            lines.append(self.tr("By backward: {value}").format(value=number(worst.analytic, 9, signed=True)))
            lines.append(self.tr("By differences: {value}").format(value=number(worst.numeric, 9, signed=True)))
        lines.append(self.tr("{n} entries were taken one by one.").format(n=count(check.entries)))
        if check.skipped > check.curved:
            kinked = count(check.skipped - check.curved)
            lines.append(self.tr("Not differentiable here: {n} entries lie too near a kink, such as ReLU's.").format(n=kinked))
        if check.aside:
            lines.append(self.tr("Kinks lie on all sides of the present weights: it was checked at weights a little way off."))
        if check.curved:
            bent = self.tr("Left out: at {n} entries the loss bends too sharply for differences to tell its slope.")
            lines.append(bent.format(n=count(check.curved)))
        self.entry.setText("\n".join(lines))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.rows.set_theme(theme)
        self.matrix.set_theme(theme)

    def done(self, result: int) -> None:
        """Closed, by Escape too."""
        self._workbench.session.send(commands.CancelCheck())
        super().done(result)


def open_check(workbench: Workbench, theme: Theme, parent: QWidget) -> None:
    """Check the document's gradients in a window of its own; show its first error where it cannot be computed."""
    errors = [problem for problem in workbench.problems() if problem.severity == "error"]
    if errors:
        workbench.show_problem(errors[0])
        return
    shown = GradientWindow(workbench, theme, parent)
    shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    shown.show()
