"""The worker thread: obeys commands in order at step boundaries, trains in slices, publishes snapshots."""

from __future__ import annotations

import logging
import queue
import time
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import replace
from functools import singledispatchmethod

import numpy as np

from playground.document import Document, check
from playground.engine import changes, preparing
from playground.engine.live import commands, steering
from playground.engine.live.background import Background, Ending
from playground.engine.live.commands import Capture, Command
from playground.engine.live.mailbox import Mailbox, drained
from playground.engine.live.publishing import compose, has_accuracy, phase_of
from playground.engine.live.snapshot import Snapshot
from playground.engine.live.views import Views
from playground.engine.run import SLICE_SECONDS, Run
from playground.engine.state import State
from playground.errors import EngineError, PlaygroundError
from playground.sentences import say

PUBLISH_SECONDS, PICTURE_SECONDS = 0.016, 1 / 60
PREPARING = say("Preparing the engine")
CANCELED = say("Preparing the engine was canceled. Train goes on with it.")
_log = logging.getLogger(__name__)


class Worker:
    """All that happens on the worker thread. Only ``run`` is called, once; everything else is its own business.

    What the user wants (``_document``, ``_going``, ``_grain``) and what there is (``_run``, whether it ``_fits``, ``_failure``)
    are kept apart; :func:`phase_of` derives the phase from both, so that no event can leave a wrong one behind.
    """

    def __init__(self, inbox: queue.SimpleQueue[Command | Capture], mailbox: Mailbox[Snapshot]) -> None:
        self._inbox, self._mailbox = inbox, mailbox
        self._document, self._returns = Document(), steering.Returns()
        self._run: Run | None = None
        self._waiting: State | None = None  # a loaded state whose document cannot train yet
        self._weights: dict[str, np.ndarray] = {}
        self._pending: deque[Command | Capture] = deque()
        self._preparing: tuple[int, int] | None = None
        self._fits, self._unready = True, ""
        self._failure: tuple[str, str] | None = None
        self._views = Views()
        self._background = Background(self._compiling)
        self._pace = commands.SetPace("fast")
        self._going, self._grain = False, ""
        self._position: int | None = None
        self._unseen = self._pass_serial = self._pass_shown = self._serial = self._project = 0
        self._changed, self._stopped = True, False
        self._published, self._picture_due, self._steps_due = 0.0, 0.0, 0

    def run(self) -> None:
        """Work until :class:`~playground.engine.live.commands.Stop`. No error ends the thread: it is shown, and the next command obeyed."""
        while not self._stopped:
            try:
                self._obey()
                if not self._stopped:
                    self._work()
                    self._changed |= self._background.advance(SLICE_SECONDS)
                    self._publish()
            except _BreakOffError:
                continue
            except PlaygroundError as error:
                self._fail(str(error), "")
            except Exception as error:
                _log.exception("the worker failed")
                self._fail(say("The program made a mistake: {error}.", error=error or type(error).__name__), traceback.format_exc())
        for command in (*self._pending, *drained(self._inbox)):
            if isinstance(command, Capture) and command.future.set_running_or_notify_cancel():
                command.future.set_exception(EngineError("the session was closed."))

    # -- commands
    def _obey(self) -> None:
        """Obey all commands that wait; sleep for one where there is nothing else to do."""
        if not self._pending and not self._busy:
            self._pending.append(self._inbox.get())
        self._pending.extend(drained(self._inbox))
        while self._pending and not self._stopped:
            if self._waits(self._pending[0]):
                return
            command = self._pending.popleft()
            self._changed = True
            try:
                self._do(command)
            except Exception as error:
                if isinstance(command, Capture):
                    command.future.set_exception(error)
                raise

    def _waits(self, command: Command | Capture) -> bool:
        """Whether ``command`` has to wait for the end of a step under way: all do for a batch (it is short), only those that
        ask for what comes after it for an epoch."""
        if not (self._grain and self._training and self._fits) or isinstance(command, commands.Stop):
            return False
        return self._grain == "batch" or isinstance(command, Capture | commands.Step | commands.Evaluate)

    @property
    def _busy(self) -> bool:
        """Whether there is anything to do without a command."""
        if self._changed or self._training or self._background.busy:
            return True
        return self._failure is None and not self._unready and (not self._fits or (self._run is not None and self._views.stale))

    @singledispatchmethod
    def _do(self, command: object) -> None:
        raise TypeError(f"unknown command {command!r}")

    @_do.register
    def _(self, command: commands.Stop) -> None:
        self._stopped = True

    @_do.register
    def _(self, command: Capture) -> None:
        if command.future.set_running_or_notify_cancel():
            command.future.set_result(self._run.state() if self._run is not None else self._waiting or State(weights={}))

    @_do.register
    def _(self, command: commands.SetDocument) -> None:
        before, self._document = self._document, command.document
        self._returns.note(command, before, self._run)
        self._views.document_changed(command.document)
        if command.new_run:
            self._project += 1
            self._background.end()
            self._run, self._waiting, self._going, self._grain, self._weights = None, None, False, "", {}
        self._weights = {**self._weights, **command.weights}
        stands = None if self._failure is not None or command.weights else self._run
        if stands is not None and changes.computes_the_same(stands.document, command.document):
            stands.document = command.document
            self._fits, self._unready = True, ""
            return
        self._failure, self._fits = None, False
        problems = [problem for problem in check(command.document) if problem.severity == "error"]
        self._unready = str(problems[0]) if problems else ""
        if not command.document.nodes or problems:
            self._going, self._grain = False, ""
            if not changes.same_network(before, command.document):
                self._views.nothing_computes()

    @_do.register
    def _(self, command: commands.EditWeights) -> None:
        run = self._fitting()
        if run is not None:
            run.edit_weights(command.entries, command.starts)
            self._views.edited()

    _do.register(commands.WarmUp, lambda self, command: preparing.warm_up())
    _do.register(commands.CancelPreparing, lambda self, command: None)  # if there was anything, it is broken off: see _fit

    @_do.register
    def _(self, command: commands.Train) -> None:
        self._failure = None
        self._going, self._grain = not self._unready, ""
        self._go_on()
        if command.after and command.after == self._pass_serial:  # a single step's, which nobody waited for
            self._pass_shown = command.after - 1

    @_do.register
    def _(self, command: commands.Pause) -> None:
        self._going, self._grain = False, ""
        self._views.hurry()

    @_do.register
    def _(self, command: commands.Step) -> None:
        self._failure = None
        waiting = self._unseen + 1 if self._going and self._grain == command.grain == "batch" else 0
        self._going, self._grain, self._position = not self._unready, command.grain, command.position
        self._unseen = waiting + command.count - 1  # steps asked for faster than they are made add up
        self._go_on()
        self._pass_shown = self._pass_serial

    @_do.register
    def _(self, command: commands.Replay) -> None:
        run = self._run
        if run is not None and self._fits:
            self._to_present()
            with suppress(EngineError):  # not kept any more: the window asked too late
                self._views.replay(run, run.trainer.replay(command.step, command.position))

    @_do.register
    def _(self, command: commands.Rewind) -> None:
        self._going, self._grain, self._pass_shown = False, "", self._pass_serial
        run = self._fitting()
        if run is not None:
            run.rewind(command.seed)
            self._views.weights_changed()

    @_do.register
    def _(self, command: steering.See) -> None:
        for views in (self._views, self._background.comparison.views):
            steering.see(command, views)

    @_do.register
    def _(self, command: commands.SetPace) -> None:
        self._pace, self._steps_due, self._pass_shown = command, 0, self._pass_serial
        self._views.hurry()

    @_do.register
    def _(self, command: commands.PassShown) -> None:
        self._pass_shown = max(self._pass_shown, command.pass_serial)

    @_do.register
    def _(self, command: commands.LoadState) -> None:
        self._going, self._grain = False, ""
        run = self._fitting()
        if run is None:
            self._waiting = command.state
        else:
            run.restore(command.state)
            self._views.weights_changed()

    @_do.register
    def _(self, command: commands.Evaluate) -> None:
        run = self._fitting()
        if run is not None:
            self._views.evaluate(run, command.split)

    @_do.register
    def _(self, command: steering.Look) -> None:
        if isinstance(command, commands.ShowMoment):
            self._going, self._grain = False, ""
        steering.look(command, self._fitting(), self._views, self._background)

    @_do.register
    def _(self, command: steering.Go) -> None:
        self._going, self._grain, self._pass_shown = False, "", self._pass_serial
        run = self._fitting()
        if run is not None:
            steering.go(command, run, self._background)
            self._document = run.document
            self._views.weights_changed()

    def _to_present(self) -> None:
        """Where a kept moment is shown, go back to the present weights."""
        if self._run is not None and self._run.reader is not None:
            steering.show(self._run, self._views)

    # -- from document to run
    def _fit(self, interruptible: bool = False) -> None:
        """Make the run fit the document, where it can train: build it, or change the one there is.

        Compiling takes seconds when the cache is cold; its progress is published meanwhile, and the end of the session or
        another project (with ``interruptible``: any other document) breaks it off by :class:`_BreakOffError`.
        """
        if self._fits or self._unready or not self._document.nodes:
            return
        document = self._document

        def progress(done: int, total: int) -> None:
            self._preparing = (done, total)
            self._changed = True
            self._publish()
            self._pending.extend(drained(self._inbox))
            for command in self._pending:
                if isinstance(command, commands.CancelPreparing):
                    raise EngineError(CANCELED)
                if isinstance(command, commands.Stop) or (isinstance(command, commands.SetDocument) and (interruptible or command.new_run)):
                    raise _BreakOffError

        self._preparing = (0, 0)
        try:
            self._publish()
            if self._run is None:
                run = Run(document, progress, self._background.history_limit)
                if self._waiting is not None:
                    run.restore(self._waiting)
                self._run, self._waiting = run, None
            else:
                self._returns.take(document, self._run, progress)
            weights, self._weights = self._weights, {}  # weights that do not fit are refused once, not at every attempt
            if weights:
                self._run.set_weights(weights)
        finally:
            self._preparing = None
            self._changed = True
        self._fits = True
        self._views.weights_changed()

    def _compiling(self, done: int, total: int) -> None:
        """Kernels of a study's point are compiled, in a process of their own; what ends or replaces the study breaks that off."""
        self._pending.extend(drained(self._inbox))
        if any(isinstance(command, commands.Stop | commands.SetDocument | Ending) for command in self._pending):
            raise _BreakOffError

    def _go_on(self) -> None:
        self._to_present()
        if self._run is not None and self._fits:
            self._run.go_on()

    def _fitting(self) -> Run | None:
        """The run, made to fit; ``None`` where the document cannot train."""
        self._failure = None
        self._fit()
        return self._run if self._fits else None

    # -- work
    @property
    def _training(self) -> bool:
        """Whether the next thing to do is a training step, or to make one possible."""
        run = self._run
        if not self._going or self._failure is not None or self._unready:
            return False
        if run is None or not self._fits:
            return bool(self._document.nodes)
        return not run.trainer.finished and run.trainer.divergence is None and self._pass_shown >= self._pass_serial

    def _work(self) -> None:
        if self._failure is not None or self._unready:
            return
        self._fit(interruptible=True)
        run = self._run
        if run is None:
            return
        if self._training:
            if self._grain == "batch" or (self._pace.pace != "fast" and not self._grain and not run.trainer.evaluating):
                self._run_pass(run)
            elif self._pace.epochs_per_picture and not self._grain:
                self._run_measured(run)
            else:
                epoch = run.trainer.epoch
                run.advance(SLICE_SECONDS, run.trainer.steps_left if self._grain == "epoch" else None)
                if self._grain == "epoch" and run.trainer.epoch > epoch:
                    run.settle()
                    self._going, self._grain = False, ""
                    self._views.moment_changed()
            self._changed = True
        if self._going and (run.trainer.finished or run.trainer.divergence is not None):
            self._going, self._grain = False, ""
            self._views.hurry()
        live, stale = self._going and self._pace.pace == "fast", self._views.stale
        self._changed |= self._views.refresh(run, live=live)
        self._changed |= (self._going or stale) and run.look_over(live=self._going)
        if not self._going:
            run.trainer.pause()

    def _run_measured(self, run: Run) -> None:
        """The steps of one picture, then wait for the next one's time (or for a command)."""
        now = time.perf_counter()
        if self._steps_due <= 0:
            if now < self._picture_due:
                with suppress(queue.Empty):
                    self._pending.append(self._inbox.get(timeout=self._picture_due - now))
                return
            self._picture_due = now + PICTURE_SECONDS
            self._steps_due = run.trainer.steps_per_epoch * self._pace.epochs_per_picture
        self._steps_due -= len(run.advance(SLICE_SECONDS, self._steps_due).steps)

    def _run_pass(self, run: Run) -> None:
        """One pass for the window to show: the steps before it unseen, the last one recorded."""
        steering.skip(self._unseen if self._grain else self._pace.steps_per_pass - 1, run, self._views)
        before = self._views.before_pass(run)
        trace = run.record(self._views.train_sample, self._position if self._grain else None)
        if trace is None:
            return
        self._pass_serial += 1
        self._views.show_pass(run, trace, before)
        if self._grain:
            run.settle()
            self._going, self._grain, self._pass_shown = False, "", self._pass_serial
            self._views.hurry()

    # -- publishing
    def _publish(self) -> None:
        """Hand over a snapshot: at frame rate and only when the last one was taken while work goes on, at once otherwise."""
        now = time.perf_counter()
        busy = (self._training or self._background.studying) and self._preparing is None
        if not self._changed or (busy and (not self._mailbox.empty or now - self._published < PUBLISH_SECONDS)):
            return
        self._serial += 1
        message, details = self._failure or (self._unready or ("" if self._preparing is None else PREPARING), "")
        progress = self._preparing if self._preparing and self._preparing[1] else None
        failed, unready, compiling = self._failure is not None, bool(self._unready), self._preparing is not None
        phase = phase_of(self._document, self._run, failed=failed, unready=unready, preparing=compiling, going=self._going)
        snapshot = Snapshot(self._serial, phase, message, details, progress)
        accuracy = has_accuracy(self._document)
        snapshot = replace(snapshot, project=self._project, has_accuracy=accuracy, pass_serial=self._pass_serial)
        self._mailbox.put(compose(snapshot, self._run if self._document.nodes else None, self._views, self._background))
        self._published = now
        self._changed = False

    # -- when things go wrong
    def _fail(self, message: str, details: str) -> None:
        self._going, self._grain = False, ""
        self._failure = (message, details)
        self._changed = True
        self._publish()


class _BreakOffError(Exception):
    """Compiling was broken off for a command that makes it pointless."""
