"""All problems of the document, each with its remedy as a button; a click selects the node."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from playground.document import Problem, edits
from playground.errors import PlaygroundError
from playground.ui.icons import pixmap
from playground.ui.in_turn import follow
from playground.ui.panels.controls import label, rule
from playground.ui.theme import Theme
from playground.ui.wording import declared, with_titles
from playground.ui.workbench import Workbench

TALLEST = 132
FIRST = 3
"""Line, count and first problem: what is seen of the list at least."""


class ProblemRow(QWidget):
    """A sentence, and the remedy as a button where there is one."""

    fixed = Signal(object)
    chosen = Signal(object)

    def __init__(self, problem: Problem, index: int, words: str, theme: Theme) -> None:
        super().__init__()
        self.problem = problem
        self.setObjectName(f"problem/{index}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(8)
        sign = QLabel()
        bad = problem.severity == "error"
        sign.setPixmap(pixmap("warn", theme.bad if bad else theme.warn, 14, self.devicePixelRatioF()))
        sign.setAccessibleName(self.tr("Error") if bad else self.tr("Warning"))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        text = label(words, "sentence")
        text.setWordWrap(True)
        column.addWidget(text)
        if problem.fix is not None:
            button = QPushButton(declared(problem.fix.label))
            button.setObjectName(f"fix/{index}")
            button.setToolTip(self.tr("Do it; undo takes it back"))
            button.clicked.connect(lambda: self.fixed.emit(problem))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(column, 1)

    def sizeHint(self) -> QSize:
        return QSize(200, super().sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self.problem)


class ProblemList(QScrollArea):
    """Empty and invisible while all is well; at most some rows high, and the first problem is whole; the rest scrolls."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems")
        self._workbench, self._theme = workbench, theme
        self.apply: Callable[[Problem], bool] = self._apply  # the window puts the canvas's in its place, which makes room
        self._shown: list[Problem] | None = None
        inside = QWidget()
        self._layout = QVBoxLayout(inside)
        self._layout.setContentsMargins(16, 0, 16, 4)
        self._layout.setSpacing(0)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        workbench.document_changed.connect(lambda before, after: follow(self, self.refresh, len(after.nodes)))
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._shown = None
        self.refresh()

    def set_inset(self, inset: int) -> None:
        self._layout.setContentsMargins(inset, 0, inset, 4)

    def refresh(self) -> None:
        """List what is wrong now; an empty canvas has no problem, it is only empty."""
        problems = self._workbench.problems() if self._workbench.document.nodes else []
        if problems == self._shown:
            return
        self._shown = list(problems)
        while self._layout.count():
            widget = self._layout.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.setVisible(bool(problems))
        if not problems:
            return
        self._layout.addWidget(rule())
        head = label(self._counted(problems), "title")
        head.setContentsMargins(0, 8, 0, 2)
        self._layout.addWidget(head)
        for index, problem in enumerate(problems):
            row = ProblemRow(problem, index, with_titles(str(problem), self._workbench.document), self._theme)
            row.fixed.connect(self.fix)
            row.chosen.connect(self._workbench.show_problem)
            self._layout.addWidget(row)
        self.updateGeometry()

    def _counted(self, problems: Sequence[Problem]) -> str:
        """How many keep the network from training, as the strip on the canvas counts them, and how many only warn."""
        bad = sum(problem.severity == "error" for problem in problems)
        warned = len(problems) - bad
        errors = self.tr("1 problem") if bad == 1 else self.tr("{count} problems").format(count=bad)
        warnings = self.tr("1 warning") if warned == 1 else self.tr("{count} warnings").format(count=warned)
        if not warned:
            return errors
        return self.tr("{problems}, {warnings}").format(problems=errors, warnings=warnings) if bad else warnings

    def sizeHint(self) -> QSize:
        inside, room = self.widget(), self._room()
        wanted = inside.heightForWidth(room) if inside.hasHeightForWidth() else inside.sizeHint().height()
        return QSize(160, min(max(wanted, 0), max(TALLEST, self._first())))

    def _room(self) -> int:
        """The width beside a scroll bar: it may still stand from before, and then the sentences need more lines."""
        return max(self.width(), 160) - self.verticalScrollBar().sizeHint().width()

    def _first(self) -> int:
        """How high the list is to the end of the first problem, whose button must not be cut."""
        margins = self._layout.contentsMargins()
        room = self._room() - margins.left() - margins.right()
        items = [self._layout.itemAt(index) for index in range(min(self._layout.count(), FIRST))]
        high = (item.heightForWidth(room) if item.hasHeightForWidth() else item.sizeHint().height() for item in items)
        return sum(high) + margins.bottom()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # a scroll area asks for no other height when what is in it does
        return super().eventFilter(watched, event)

    def fix(self, problem: Problem) -> None:
        """Apply the problem's remedy as one undo step."""
        if self.apply(problem):
            self._workbench.problem_shown.emit(None)

    def _apply(self, problem: Problem) -> bool:
        try:
            after = edits.apply_fix(self._workbench.document, problem)
        except PlaygroundError as error:
            self._workbench.notice.emit(declared(str(error)))
            return False
        self._workbench.edit(declared(problem.fix.label) if problem.fix is not None else "", after)
        return True
