"""Work off the UI thread: calls in threads, their results brought back to the UI thread, progress, and a way to cancel."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from playground import turns

POLL_MILLISECONDS = 20
_log = logging.getLogger(__name__)

Done = Callable[[Any], object]
Failed = Callable[[Exception], object]
Stopped = Callable[[], object]


class CanceledError(Exception):
    """The user broke the work off; raised within the work, by :meth:`Work.report`."""


class Work:
    """One thing that takes long, perhaps in several calls one after another. Without a title nobody sees it."""

    def __init__(self, title: str = "", stopped: Stopped | None = None, writes: bool = False) -> None:
        """``stopped`` is called on the UI thread when the work was canceled before it was done. ``writes``: a file that the user wants
        comes of it, and the window stays until it is there."""
        self.title = title
        self.writes = writes
        self.progress: tuple[int, int] | None = None
        self.stopped = stopped
        self._canceled = threading.Event()

    @property
    def canceled(self) -> bool:
        return self._canceled.is_set()

    def cancel(self) -> None:
        """Ask the work to stop at its next report. What is finished by then stays finished."""
        self._canceled.set()

    def report(self, done: int, total: int) -> None:
        """Say how far the work is; from any thread. Raises :class:`CanceledError` once it was canceled."""
        if self._canceled.is_set():
            raise CanceledError
        self.progress = (done, total)


@dataclass(frozen=True, slots=True)
class _Entry:
    future: Future[Any]
    done: Done
    failed: Failed
    work: Work
    apart: bool = False


class Jobs(QObject):
    """Runs calls one after another on a thread of its own. ``done`` and ``failed`` are called on the UI thread.

    One thread, so that a save and the autosave behind it never write at the same time; what waits for others (a download) runs
    apart. ``changed`` is emitted when :attr:`shown` may have changed, and with every look at progress.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="playground-files", initializer=turns.step_back)
        self._closed = False
        self._waiting: list[_Entry] = []
        self._announced: list[Work] = []
        self._apart: threading.Thread | None = None
        self._then: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._timer.timeout.connect(self.poll)

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    @property
    def writing(self) -> bool:
        """Whether files that the user wants are still to be written, or being written."""
        return any(entry.work.writes for entry in self._waiting)

    def when_written(self, then: Callable[[], object]) -> None:
        """Call ``then`` once nothing is :attr:`writing` any more; not if some of it fails or is canceled, for which others have words."""
        if self.writing:
            self._then = then
        else:
            then()

    @property
    def shown(self) -> list[Work]:
        """Work with a title that is under way, the oldest first."""
        works = [*self._announced, *(entry.work for entry in self._waiting if entry.work.title)]
        return [work for work in dict.fromkeys(works) if not work.canceled]

    def announce(self, work: Work) -> None:
        """Show ``work`` that somebody else does, until :meth:`withdraw`. Canceled, its ``stopped`` is called at once."""
        if work not in self._announced:
            self._announced.append(work)
        self.changed.emit()

    def withdraw(self, work: Work) -> None:
        """``work`` is done, or ended."""
        if work in self._announced:
            self._announced.remove(work)
            self.changed.emit()

    def run(self, call: Callable[[], Any], done: Done, failed: Failed, work: Work | None = None) -> Future[Any]:
        """Run ``call`` on the files' thread. ``cancel()`` of the returned future works until it has begun."""
        if self._closed:
            nothing: Future[Any] = Future()
            nothing.cancel()
            return nothing
        return self.wait_for(self._pool.submit(call), done, failed, work)

    def run_apart(self, call: Callable[[], Any], done: Done, failed: Failed, work: Work) -> None:
        """Run ``call`` on a thread of its own, after the last one that ran so. Canceled, it is not waited for."""
        future: Future[Any] = Future()
        before = self._apart

        def body() -> None:
            turns.step_back()
            if before is not None:
                before.join()  # one that was canceled may still be on its way to its next report
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._apart = threading.Thread(target=body, name="playground-apart", daemon=True)
        self._apart.start()
        self._wait(_Entry(future, done, failed, work, apart=True))

    def wait_for(self, future: Future[Any], done: Done, failed: Failed, work: Work | None = None) -> Future[Any]:
        """Call ``done`` with the future's result, or ``failed`` with its error, once it has one."""
        self._wait(_Entry(future, done, failed, work or Work()))
        return future

    def _wait(self, entry: _Entry) -> None:
        self._waiting.append(entry)
        self._timer.start()
        self.changed.emit()

    def cancel(self) -> None:
        """Cancel the oldest work that is shown."""
        for work in self.shown[:1]:
            self.cancel_work(work)

    def cancel_work(self, work: Work) -> None:
        work.cancel()
        if work in self._announced and work.stopped is not None:
            work.stopped()
        for entry in self._waiting:
            if entry.work is work:
                entry.future.cancel()  # if it has not begun; else the next report ends it
        self.changed.emit()

    @turns.window
    def poll(self) -> None:
        """Hand over what is finished."""
        finished = [entry for entry in self._waiting if entry.future.done() or (entry.apart and entry.work.canceled)]
        self._waiting = [entry for entry in self._waiting if entry not in finished]
        if not self._waiting:
            self._timer.stop()
        for entry in finished:
            self._hand_over(entry)
        self.changed.emit()
        if self._then is not None and not self.writing:
            then, self._then = self._then, None
            QTimer.singleShot(0, self, then)

    def _hand_over(self, entry: _Entry) -> None:
        try:
            if entry.apart and entry.work.canceled:
                raise CanceledError
            result = entry.future.result()
        except (CancelledError, CanceledError):
            self._give_up(entry)
            if entry.work.stopped is not None:
                entry.work.stopped()
        except Exception as error:
            _log.info("a background job failed", exc_info=error)
            self._give_up(entry)
            entry.failed(error)
        else:
            entry.done(result)

    def _give_up(self, entry: _Entry) -> None:
        """What was to be written is not: who waits for it waits no more."""
        if entry.work.writes:
            self._then = None

    def close(self) -> None:
        """Finish what the user asked for (a file half written helps nobody), break off what nobody sees, and end the thread;
        nobody is told of results any more."""
        self._closed, self._then = True, None
        for entry in self._waiting:
            if not entry.work.title or entry.apart:
                entry.work.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._timer.stop()
        self._waiting.clear()
