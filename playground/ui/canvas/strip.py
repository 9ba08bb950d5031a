"""The strip over the canvas's top: why it cannot train, why a wire was refused, where the numbers left the range, that a run is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from playground.document import Problem
from playground.engine.live.snapshot import Snapshot
from playground.ui import icons, note_words
from playground.ui.canvas.wiring import Offer
from playground.ui.numbers import count, number
from playground.ui.theme import Theme, font
from playground.ui.wording import declared, with_titles

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

HEIGHT, LINE = 36, 16
TONES = {"bad": ("bad", "bad_soft", "warn"), "good": ("good", "good_soft", "ok"), "note": ("warn", "warn_soft", "warn")}


class MessageStrip(QWidget):
    """One sentence and what can be done about it. Hidden where there is nothing to say."""

    changed = Signal()

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("canvas_strip")
        self._view, self._tone, self._theme = view, "bad", view.theme
        self._problem: Problem | None = None
        self._about_run = ""
        self._dismissed: tuple[str, int, int] | None = None
        self._icon = QLabel(self)
        self._words = _Sentence(self)
        self._words.setObjectName("canvas_strip_text")
        self._buttons = [QPushButton(self) for _ in range(2)]
        self._buttons[0].setObjectName("canvas_strip_fix")
        self._buttons[1].setObjectName("canvas_strip_next")
        self._actions: list[Callable[[], object] | None] = [None, None]
        for at, button in enumerate(self._buttons):
            button.clicked.connect(lambda checked=False, at=at: self._press(at))
        self._close = QToolButton(self)
        self._close.setObjectName("canvas_strip_close")
        self._close.setToolTip(self.tr("Put this message away"))
        self._close.setAccessibleName(self._close.toolTip())
        self._close.setFixedSize(26, 26)
        self._close.clicked.connect(self._dismiss_by_hand)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 6, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        for button in self._buttons:
            row.addWidget(button)
        row.addWidget(self._close)
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def height_in(self, width: int) -> int:
        """How tall it is where the canvas is ``width`` px wide: its sentence may take three lines."""
        beside = [button.sizeHint().width() for button in self._buttons if button.isVisibleTo(self)]
        taken = 12 + 6 + 16 + self._close.width() + sum(beside) + self.layout().spacing() * (2 + len(beside))
        lines = next((lines for lines in (1, 2) if self._words.needs() <= _room(width - taken, lines)), 3)
        return HEIGHT + (lines - 1) * LINE

    @property
    def about_run(self) -> bool:
        """Whether it tells of the run, not of an edit in hand."""
        return bool(self._about_run)

    # -- what it says
    def show_problem(self, problem: Problem | None) -> None:
        """This problem of the document, with its fix and the way to the next one; ``None`` puts it away."""
        if problem is None:
            if self._problem is not None or not self._about_run:
                self.dismiss()
            return
        problems = [found for found in self._view.workbench.problems() if found.severity == problem.severity]
        words = with_titles(str(problem), self._view.workbench.document)
        if len(problems) > 1:
            words = self.tr("{n} problems: {first}").format(n=len(problems), first=words)
        fix = problem.fix
        self._problem, self._about_run = problem, ""
        self._say(
            "bad" if problem.severity == "error" else "note",
            words,
            (declared(fix.label), lambda: self._fix(problem)) if fix is not None else None,
            (self.tr("Next"), lambda: self._next(problem)) if len(problems) > 1 else None,
        )

    def _fix(self, problem: Problem) -> None:
        if self._view.editor.fix(problem):
            left = [found for found in self._view.workbench.problems() if found.severity == "error"]
            self._view.workbench.show_problem(left[0] if left else None)

    def _next(self, problem: Problem) -> None:
        problems = [found for found in self._view.workbench.problems() if found.severity == problem.severity]
        at = problems.index(problem) + 1 if problem in problems else 0
        self._view.workbench.show_problem(problems[at % len(problems)])

    def show_refusal(self, words: str, made: Offer) -> None:
        """Why a wire was not drawn; the fix puts a node between."""
        problem = made.problem
        fix = problem.fix if problem is not None and problem.fix is not None and problem.fix.action == "insert" else None
        self._problem, self._about_run = None, ""
        self._say("bad", words, (declared(fix.label), lambda: self._insert(made)) if fix is not None else None, None)

    def _insert(self, made: Offer) -> None:
        self.dismiss()
        if made.problem is not None:
            self._view.editor.insert_between(made.problem, made.source, made.target, made.port)

    def document_changed(self) -> None:
        """A problem that is gone needs no strip."""
        gone = self._problem is not None and self._problem not in self._view.workbench.problems()
        if gone or (self._problem is None and not self._about_run):
            self.dismiss()

    def snapshot_changed(self, snapshot: Snapshot) -> None:
        """Say that training diverged, ended or failed, once for each time."""
        mark = (snapshot.phase, snapshot.run, snapshot.step)
        if snapshot.phase not in ("diverged", "finished", "failed"):
            if self._about_run:
                self.dismiss()
            self._dismissed = None
            return
        if self._about_run == snapshot.phase or self._dismissed == mark:
            return
        self._problem, self._about_run = None, snapshot.phase
        editor, workbench = self._view.editor, self._view.workbench
        if snapshot.phase == "diverged" and snapshot.divergence is not None:
            found = snapshot.divergence
            if found.node in self._view.scene_.cards:
                workbench.select((found.node,))
            words, whole = (with_titles(told, workbench.document) for told in (found.short or found.text, found.text))
            if found.data:  # no rate helps against a sample that is not a number
                self._say("bad", words, (self.tr("Rewind"), workbench.rewind), None, whole)
            else:
                step = next((note.back for note in snapshot.notes if note.kind == "diverged"), None)
                back = self._way_back(step)
                self._say("bad", words, back, (self.tr("Halve the rate"), lambda: editor.halve_rate(step)), whole)
                rate = number(workbench.own_document.training.learning_rate / 2, trim=True)
                self._buttons[1].setToolTip(self.tr("{back}, and on with the rate {rate}").format(back=back[0], rate=rate))
        elif snapshot.phase == "finished":
            self._say(
                "good", declared(snapshot.message) or self.tr("The run is over at step {n}.").format(n=count(snapshot.step)), None, None
            )
        else:
            self._say("bad", declared(snapshot.message), None, None)

    def _way_back(self, step: int | None) -> tuple[str, Callable[[], object]]:
        """To the moment kept at ``step``, else to the start."""
        workbench = self._view.workbench
        words = note_words.way_back(step)
        return words, workbench.rewind if step is None else lambda: workbench.go_back(words, step)

    def dismiss(self) -> None:
        """Say nothing."""
        self._problem, self._about_run = None, ""
        if self.isVisibleTo(self._view):
            self.hide()
            self.changed.emit()

    def _dismiss_by_hand(self) -> None:
        snapshot = self._view.workbench.snapshot
        self._dismissed = (snapshot.phase, snapshot.run, snapshot.step)
        self.dismiss()
        self._view.setFocus()

    def _say(
        self,
        tone: str,
        words: str,
        first: tuple[str, Callable[[], object]] | None,
        second: tuple[str, Callable[[], object]] | None,
        whole: str = "",
    ) -> None:
        """``whole`` is what the tooltip tells, where that is more."""
        self._tone = tone
        self._words.set_words(words, whole)
        self.setAccessibleName(words)
        for at, (button, offered) in enumerate(zip(self._buttons, (first, second), strict=True)):
            self._actions[at] = offered[1] if offered is not None else None
            button.setVisible(offered is not None)
            if offered is not None:
                button.setText(offered[0])
                button.setToolTip(offered[0])
        self.set_theme(self._theme)
        self.show()
        self.raise_()
        self.changed.emit()

    def _press(self, at: int) -> None:
        action = self._actions[at]
        self._view.setFocus()
        if action is not None:
            action()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        ink, _, icon = TONES[self._tone]
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(icons.pixmap(icon, getattr(theme, ink), 16, ratio))
        self._close.setIcon(icons.icon("x", theme))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, ground, _ = TONES[self._tone]
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._theme.color(ground))
            painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color(ink))


def _room(width: int, lines: int) -> int:
    """Px of text that so many lines surely take: all but the last end at a word."""
    return round(width * (lines - 0.15 * (lines - 1)))


class _Sentence(QLabel):
    """A line of text, or more where there is the height for them; what does not fit is in its tooltip."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(font(12.5, 500))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._whole = ""

    def set_words(self, words: str, tip: str = "") -> None:
        self._whole = " ".join(words.split())
        self.setToolTip(" ".join(tip.split()) or self._whole)
        self._fit()

    def needs(self) -> int:
        """Px of the sentence on one line."""
        return QFontMetrics(self.font()).horizontalAdvance(self._whole) + 4

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = _room(self.width(), 1 + max(0, (self.height() - HEIGHT) // LINE))
        self.setText(QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, max(room, 40)))
