"""Driving a session from a test, as the window does: send, then take snapshots until one fits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playground.document import Document, edits, example
from playground.engine.live import commands
from playground.engine.live.commands import Command
from playground.engine.live.session import Session
from playground.engine.live.snapshot import Snapshot
from playground.engine.state import State

PATIENCE = 60.0


class Driver:
    """A session with the last snapshot taken."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.snapshot = Snapshot(0, "empty")

    def send(self, *sent: Command) -> None:
        for command in sent:
            self.session.send(command)

    def until(self, fits: Callable[[Snapshot], object], seconds: float = PATIENCE) -> Snapshot:
        """The first snapshot that ``fits``; fails with the last one seen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            taken = self.session.take()
            if taken is not None:
                self.snapshot = taken
                if fits(taken):
                    return taken
            time.sleep(0.002)
        seen = self.snapshot
        raise AssertionError(f"no such snapshot; the last: {seen.phase} step {seen.step} {seen.message!r}\n{seen.details}")

    def phase(self, name: str) -> Snapshot:
        return self.until(lambda snapshot: snapshot.phase == name)

    def open(self, document: Document) -> Snapshot:
        """Open ``document``, all of it visible."""
        self.send(commands.SetDocument(document, new_run=True), commands.Watch(frozenset(document.nodes), 10, 20))
        return self.until(lambda snapshot: snapshot.phase == "ready" and snapshot.evaluation is not None)

    def settle(self) -> Snapshot:
        """A snapshot of after all that was sent so far: what is published before the second capture is newer than the first."""
        self.capture()
        self.session.take()
        self.capture()
        return self.until(lambda _: True)

    def capture(self) -> State:
        return self.session.capture().result(PATIENCE)


@contextmanager
def driving(document: Document | None = None) -> Iterator[Driver]:
    with Session() as session:
        driver = Driver(session)
        if document is not None:
            driver.open(document)
        yield driver


def spiral(**training: object) -> Document:
    """The spiral's example, to run without end."""
    return edits.set_training(example("spiral"), **{"epochs": None, "early_stopping": False, **training})


def cut(document: Document) -> Document:
    """Without its last wire: it cannot train."""
    return edits.disconnect(document, document.wires[-1].source, document.wires[-1].target)
