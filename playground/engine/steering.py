"""Commands about branches and moments, as the worker obeys them on a run that fits its document."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from playground.engine import commands
from playground.engine.comparing import Comparison
from playground.engine.run import ProgressReport, Run
from playground.engine.views import Views
from playground.errors import EngineError

Look = commands.NameRun | commands.RemoveRun | commands.SetHistoryLimit | commands.ShowMoment | commands.Compare
Go = commands.ResumeHere | commands.Fork | commands.SwitchBranch


def look(command: Look, run: Run, views: Views, comparison: Comparison) -> None:
    """What leaves the present weights as they are. Asking for what was forgotten meanwhile does nothing."""
    match command:
        case commands.NameRun(branch, name):
            run.history.rename(branch, name)
        case commands.RemoveRun(branch):
            run.history.remove(branch)
            if run.reader is not None and run.reader.branch == branch != run.history.run:
                run.show(None)
                views.moment_changed()
            if comparison.reader is not None and comparison.reader.branch == branch != run.history.run:
                comparison.end()
        case commands.SetHistoryLimit(limit):
            run.history.set_limit(limit)
        case commands.ShowMoment(branch, step):
            with suppress(EngineError):
                run.show(branch, step)
                views.moment_changed()
        case commands.Compare(None):
            comparison.end()
        case commands.Compare(int(branch), step):
            with suppress(EngineError):
                comparison.choose(run, branch, step)


def go(command: Go, run: Run, progress: ProgressReport | None = None) -> None:
    """What makes other weights the present ones. Raises :class:`EngineError` where they are not kept; all is then as it was."""
    match command:
        case commands.SwitchBranch(branch):
            run.switch(branch, progress)
        case commands.Fork(branch, step, name, training):
            run.fork(branch, step, name, progress)
            if training is not None:
                run.set_document(msgspec.structs.replace(run.document, training=training), progress)
        case commands.ResumeHere():
            if run.reader is not None:
                run.resume(run.reader.branch, run.reader.step_count, progress)
