"""Work off the UI thread: a call in a thread pool, its result brought back to the UI thread, and futures polled."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, QTimer

POLL_MILLISECONDS = 20
_log = logging.getLogger(__name__)

Done = Callable[[Any], object]
Failed = Callable[[Exception], object]


class Jobs(QObject):
    """Runs calls one after another on a thread of its own. ``done`` and ``failed`` are called on the UI thread.

    One thread, so that a save and the autosave behind it never write at the same time.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="playground-files")
        self._closed = False
        self._waiting: list[tuple[Future[Any], Done, Failed]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._timer.timeout.connect(self.poll)

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def run(self, call: Callable[[], Any], done: Done, failed: Failed) -> Future[Any]:
        """Run ``call`` on the files' thread. ``cancel()`` of the returned future works until it has begun."""
        if self._closed:
            nothing: Future[Any] = Future()
            nothing.cancel()
            return nothing
        return self.wait_for(self._pool.submit(call), done, failed)

    def wait_for(self, future: Future[Any], done: Done, failed: Failed) -> Future[Any]:
        """Call ``done`` with the future's result, or ``failed`` with its error, once it has one."""
        self._waiting.append((future, done, failed))
        self._timer.start()
        return future

    def poll(self) -> None:
        """Hand over what is finished."""
        finished = [entry for entry in self._waiting if entry[0].done()]
        self._waiting = [entry for entry in self._waiting if not entry[0].done()]
        if not self._waiting:
            self._timer.stop()
        for future, done, failed in finished:
            try:
                result = future.result()
            except CancelledError:
                continue
            except Exception as error:
                _log.info("a background job failed", exc_info=error)
                failed(error)
            else:
                done(result)

    def close(self) -> None:
        """Finish what has begun (a file half written helps nobody) and end the thread; nobody is told of results any more."""
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._timer.stop()
        self._waiting.clear()
