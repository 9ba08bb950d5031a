"""When a page of the Lab asks again by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from playground.engine.live.snapshot import Snapshot

if TYPE_CHECKING:
    from playground.ui.lab.page import Page

NO_NETWORK = ("empty", "preparing")
CANNOT = (*NO_NETWORK, "unready", "failed")
"""Phases in which nothing can be found out."""


class Anew:
    """Follows a run for a page: it asks once the run has gone on or its question is another, at most every ``pause`` ms, and not again
    what it is being answered. ``unless``: phases in which it does not ask at all."""

    def __init__(self, page: Page, pause: int, unless: tuple[str, ...] = CANNOT) -> None:
        self._page, self._unless = page, unless
        self._asked: tuple[object, ...] = ()
        self._wait = QTimer(page, singleShot=True, interval=pause)
        self._wait.timeout.connect(lambda: page.follow(page.workbench.snapshot))

    def forget(self) -> None:
        """Whatever was asked, the next time it is asked anew."""
        self._asked = ()

    def follow(self, snapshot: Snapshot, *about: object) -> None:
        """Ask, where there is something new; ``about``: all that the page's question hangs on but the step."""
        now, found = (snapshot.step, *about), self._page.found
        answering = found is not None and found.state.running and self._asked[1:] == about
        if snapshot.phase not in self._unless and now != self._asked and not self._wait.isActive() and not answering:
            self._asked = now
            self._page.ask()
            self._wait.start()
