"""Commands about branches and moments, as the worker obeys them on a run that fits its document."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

import msgspec

from playground.document import Document
from playground.engine import changes
from playground.engine.live import commands
from playground.engine.live.background import Ask, Background
from playground.engine.live.views import Views
from playground.engine.preparing import ProgressReport
from playground.engine.run import SLICE_SECONDS, Run
from playground.errors import EngineError

See = commands.Follow | commands.Draw | commands.Watch | commands.Embed
Look = commands.NameRun | commands.RemoveRun | commands.SetHistoryLimit | commands.ShowMoment | commands.ReadyMoments | Ask
Go = commands.ResumeHere | commands.Fork | commands.SwitchBranch | commands.NewStart | commands.OpenPoint


def see(command: See, views: Views) -> None:
    """What of the run is to be shown."""
    if isinstance(command, commands.Watch):
        views.watch(command)
    elif isinstance(command, commands.Draw):
        views.draw(command)
    elif isinstance(command, commands.Embed):
        views.embedder.want(command.node)
    else:
        views.follow(command.split, command.index)


def look(command: Look, run: Run | None, views: Views, background: Background) -> None:
    """What leaves the present weights as they are. Asking for what was forgotten meanwhile does nothing."""
    if isinstance(command, commands.SetHistoryLimit):
        background.history_limit = command.limit
    if run is None:
        return
    match command:
        case commands.NameRun(branch, name):
            run.history.rename(branch, name)
        case commands.RemoveRun(branch):
            run.history.remove(branch)
            if run.reader is not None and run.reader.branch == branch != run.history.run:
                show(run, views)
            compared = background.comparison.reader
            if compared is not None and compared.branch == branch != run.history.run:
                background.comparison.end()
        case commands.SetHistoryLimit(limit):
            run.history.set_limit(limit)
        case commands.ShowMoment(branch, step):
            with suppress(EngineError):
                show(run, views, branch, step)
        case commands.ReadyMoments():
            views.ready(run.ready_moments())
        case commands.Compare():
            with suppress(EngineError):
                background.obey(command, run)
        case _:
            background.obey(command, run)


class Returns:
    """The runs that an undo or redo of a choice of data goes back to. They are noted as the commands come: the window's last picture of
    the run may be older than what it asked for since."""

    def __init__(self) -> None:
        self._noted: dict[tuple[int, bool], _Place] = {}
        self._wanted: _Place | None = None

    def note(self, command: commands.SetDocument, before: Document, run: Run | None) -> None:
        """``command`` comes where ``before`` was the document and ``run`` stands."""
        if command.new_run:
            self._noted.clear()
        data, other = changes.samples(before), changes.samples(command.document)
        if data == other:
            return
        if run is not None and changes.samples(run.document) == data:
            as_drawn = run.at_start and not run.touched
            self._noted[command.edit, command.undone] = _Place(run.history.run, run.trainer.seed if as_drawn else None)
        self._wanted = self._noted.get((command.edit, not command.undone)) if command.edit else None

    def take(self, document: Document, run: Run, progress: ProgressReport) -> None:
        """Let ``run`` go on with ``document``: of other data as the branch stood that was left there. One that was never trained is not
        kept; its seed brings it back."""
        seed = None
        if self._wanted is not None and changes.samples(run.document) != changes.samples(document):
            branch, seed = self._wanted
            kept = {one.number: one.document for one in run.history.branches if one.checkpoints.latest is not None}
            if branch in kept and changes.samples(kept[branch]) == changes.samples(document):
                keeper = run.keeper  # what was taken away before it was left comes back when that is undone, too
                run.switch(branch, progress)
                run.keeper = keeper
        run.set_document(document, progress, seed)
        self._wanted = None


class _Place(NamedTuple):
    """A branch; where nothing but its seed says what its weights are, that."""

    branch: int
    seed: int | None


def skip(steps: int, run: Run, views: Views) -> None:
    """Train so many steps of which no pass is shown, or as many as there are."""
    if steps > 0:
        views.hurry()
    while steps > 0 and not run.trainer.finished and run.trainer.divergence is None:
        steps -= len(run.advance(SLICE_SECONDS, steps).steps)


def show(run: Run, views: Views, branch: int | None = None, step: int | None = None) -> None:
    """Let ``views`` show a kept moment, as :meth:`Run.show` does. Pictures of another network than the one that comes are put away."""
    before = _seen(run)
    run.show(branch, step)
    if changes.structure(before) == changes.structure(_seen(run)):
        views.moment_changed()
    else:
        views.weights_changed()


def _seen(run: Run) -> Document:
    return run.document if run.reader is None else run.reader.document


def go(command: Go, run: Run, background: Background, progress: ProgressReport | None = None) -> None:
    """What makes other weights the present ones. Raises :class:`EngineError` where they are not kept; all is then as it was."""
    match command:
        case commands.SwitchBranch(branch, seed) if seed is not None and not _stands(run, branch, seed):
            run.rewind(seed)
        case commands.SwitchBranch(branch):
            run.switch(branch, progress)
        case commands.Fork(branch, step, name, training):
            run.fork(branch, step, name, progress)
            if training is not None:
                run.set_document(msgspec.structs.replace(run.document, training=training), progress)
        case commands.NewStart():
            run.rewind(run.next_seed)
        case commands.OpenPoint(index, name):
            if background.study is None:
                raise EngineError("there is no study to open a point of.", where="study", remedy="Start one.")
            run.switch(run.take_in(background.study.opened(index, name)), progress)
        case commands.ResumeHere():
            if run.reader is not None:
                run.resume(run.reader.branch, run.reader.step_count, progress)


def _stands(run: Run, branch: int, seed: int) -> bool:
    """Whether there is a branch of that number that was begun with that seed; of others than the present one the number says it."""
    there = branch in {one.number for one in run.history.branches}
    return there and (branch != run.history.run or run.trainer.seed == seed)
