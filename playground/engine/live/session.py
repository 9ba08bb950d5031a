"""The window's way to the worker thread: send commands, take snapshots. No call here ever waits for a computation."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future

from playground import turns
from playground.engine.live import commands
from playground.engine.live.commands import Capture, Command
from playground.engine.live.mailbox import Mailbox
from playground.engine.live.snapshot import Snapshot
from playground.engine.live.worker import Worker
from playground.engine.state import State
from playground.errors import EngineError
from playground.sentences import say


class Session:
    """Owns the one thread that computes. Making it is cheap: the thread imports the engine when it first needs it.

    A session is used from one thread (the window's). ``close`` ends the worker thread; a ``with`` block does it too.
    """

    def __init__(self) -> None:
        self._commands: queue.SimpleQueue[Command | Capture] = queue.SimpleQueue()
        self._mailbox: Mailbox[Snapshot] = Mailbox()
        self._worker = Worker(self._commands, self._mailbox)
        self._thread = threading.Thread(target=self._compute, name="playground-worker", daemon=True)
        self._closed = False
        self._project = 0
        self._thread.start()

    def _compute(self) -> None:
        turns.step_back()
        self._worker.run()

    def send(self, command: Command) -> None:
        """Queue ``command``; the worker obeys in order, at its next step boundary. After :meth:`close` nothing happens."""
        if not self._closed:
            self._project += isinstance(command, commands.SetDocument) and command.new_run
            self._commands.put(command)

    def take(self) -> Snapshot | None:
        """The latest snapshot if it is a new one, else ``None``. What the worker said of a document before the one that was opened
        last is no answer any more."""
        snapshot = self._mailbox.take()
        return snapshot if snapshot is not None and snapshot.project == self._project else None

    def capture(self) -> Future[State]:
        """All weights, the optimizer's state, counters and history, as they are when every command sent so far is obeyed.

        The future fails with :class:`~playground.errors.EngineError` when the session is closed before that.
        """
        future: Future[State] = Future()
        if self._closed:
            future.set_exception(EngineError("the session is closed."))
        else:
            self._commands.put(Capture(future))
        return future

    def close(self, timeout: float = 10.0) -> None:
        """End the worker thread and wait for it (a step in hand is finished first: milliseconds).

        Raises :class:`~playground.errors.EngineError` when it still runs after ``timeout`` seconds.
        """
        if not self._closed:
            self._closed = True
            self._commands.put(commands.Stop())
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise EngineError(say("the worker thread did not end within {timeout:g} seconds.", timeout=timeout))

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
