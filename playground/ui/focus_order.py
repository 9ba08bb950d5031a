"""Keys that lead from one thing in the window to the next: Tab through its parts as they are seen, Enter on a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMainWindow, QScrollArea, QWidget

LINE = 12
"""px: widgets whose middles lie no further apart stand in one line."""


class FocusOrder:
    """Tab goes through ``parts`` in their order, and within each by lines, from left to right. A part may lie in another one: what
    is in it is its own.

    Qt's chain has the order in which widgets were made: a form that is built anew would come last.
    """

    def __init__(self, parts: Sequence[QWidget]) -> None:
        self._parts = tuple(parts)

    def move(self, forward: bool) -> bool:
        """Give the focus to the next (or the last) thing; whether there is one."""
        focus = QApplication.focusWidget()
        part = self._part_of(focus) if focus is not None else None
        at = self._parts.index(part) if part is not None else -1 if forward else len(self._parts)
        here = self.stops(part) if part is not None else []
        place = here.index(focus) if focus in here else -1
        found = (here[place + 1 :] if forward else here[:place][::-1]) if place >= 0 else []
        for step in range(1, len(self._parts) + 1):
            if found:
                break
            found = self.stops(self._parts[(at + (step if forward else -step)) % len(self._parts)])
            found = found if forward else found[::-1]
        if not found:
            return False
        found[0].setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        _show(found[0])
        return True

    def stops(self, part: QWidget) -> list[QWidget]:
        """What Tab stops at in a part, in order: the part itself, then line by line."""
        found = [child for child in part.findChildren(QWidget) if _takes(child) and child.window() is part.window()]
        ordered = _by_lines(part, [child for child in found if self._part_of(child) is part])
        return [part, *ordered] if _takes(part) else ordered

    def _part_of(self, widget: QWidget) -> QWidget | None:
        """The innermost part that holds ``widget``."""
        above: QWidget | None = widget
        while above is not None and above not in self._parts:
            above = above.parentWidget()
        return above


class OrderedWindow(QMainWindow):
    """A window whose parts Tab goes through in a given order (``walked`` tells of each step); Enter presses the button in focus."""

    walked = Signal(QWidget)

    def order_focus(self, parts: Sequence[QWidget], home: QWidget) -> None:
        """The order of a :class:`FocusOrder`. The focus of what goes from the screen while it has it goes to ``home``."""
        self._order, self._home = FocusOrder(parts), home

    def focusNextPrevChild(self, next: bool) -> bool:
        left = QApplication.focusWidget()
        if left is not None and not left.isVisible():  # nobody pressed Tab: Qt asks where the focus of what is hidden goes
            self._home.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        moved = self._order.move(next)
        self.walked.emit(QApplication.focusWidget())
        return moved

    def keyPressEvent(self, event: QKeyEvent) -> None:
        button = QApplication.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, QAbstractButton) and not event.isAutoRepeat():
            button.click()
        else:
            super().keyPressEvent(event)


def _by_lines(within: QWidget, found: Sequence[QWidget]) -> list[QWidget]:
    """``found`` as they are read. What scrolls is one thing among them, however far it is scrolled, with an order of its own inside."""
    things: dict[QWidget, list[QWidget]] = {}
    for child in found:
        outermost, above = child, child.parentWidget()
        while above is not None and above is not within:
            outermost, above = above if isinstance(above, QScrollArea) else outermost, above.parentWidget()
        things.setdefault(outermost, []).append(child)
    middles = {thing: thing.mapTo(within, QPoint(thing.width() // 2, thing.height() // 2)) for thing in things}
    lines: list[list[QWidget]] = []
    for thing in sorted(things, key=lambda thing: middles[thing].y()):
        if lines and middles[thing].y() - middles[lines[-1][0]].y() <= LINE:
            lines[-1].append(thing)
        else:
            lines.append([thing])
    ordered: list[QWidget] = []
    for thing in (thing for line in lines for thing in sorted(line, key=lambda thing: middles[thing].x())):
        inner = thing.widget() if isinstance(thing, QScrollArea) else None
        ordered += _by_lines(inner, things[thing]) if inner is not None else things[thing]
    return ordered


def _takes(widget: QWidget) -> bool:
    policy = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(policy) and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None


def _show(widget: QWidget) -> None:
    """Scroll what holds it until it is seen."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget)
        above = above.parentWidget()
