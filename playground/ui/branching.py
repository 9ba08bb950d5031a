"""What the user does with moments and branches: show, resume, fork, switch, rename, delete. The document follows, undoably."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from playground.document import Document
from playground.engine.live import commands
from playground.engine.live.commands import Command
from playground.engine.live.snapshot import Snapshot
from playground.engine.timeline.branches import adopted
from playground.engine.timeline.history import HISTORY_BYTES, RUNS
from playground.ui.dialogs.ask import Ask
from playground.ui.dialogs.matrix import parsed
from playground.ui.dialogs.messages import Message
from playground.ui.going import Go
from playground.ui.numbers import count
from playground.ui.settings import Settings
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

SETTING = "history_megabytes"
MEGABYTE = 2**20
LEAST_MEGABYTES, MOST_MEGABYTES = 16, 16384


def use_limit(workbench: Workbench, settings: Settings) -> None:
    """Let the worker keep as many moments as the user's setting admits."""
    workbench.session.send(commands.SetHistoryLimit(_megabytes(settings) * MEGABYTE))


def _megabytes(settings: Settings) -> int:
    kept = settings.numbers(SETTING)
    return min(max(kept[0], LEAST_MEGABYTES), MOST_MEGABYTES) if kept else HISTORY_BYTES // MEGABYTE


class Branching(QObject):
    """One for the window."""

    def __init__(self, workbench: Workbench, window: QWidget) -> None:
        super().__init__(window)
        self.workbench, self._window = workbench, window
        self._asking = False
        workbench.moment_in_the_way.connect(self.ask_before_training)
        workbench.change_in_the_way.connect(self.ask_before_change)
        self._known = (0, 0, workbench.snapshot.runs)
        """Project, present branch and the others."""
        workbench.snapshot_changed.connect(self._follow)

    def _follow(self, snapshot: Snapshot) -> None:
        """Say so where one branch more than are kept has cost one. Fewer may go as well: deleted, or left before they were trained."""
        (project, present, others), self._known = self._known, (snapshot.project, snapshot.run, snapshot.runs)
        if len(others) < RUNS or project != snapshot.project or present == snapshot.run:
            return
        kept = {snapshot.run, *(run.run for run in snapshot.runs)}
        gone = [run.name for run in others if run.run not in kept]
        if gone and len(snapshot.runs) == RUNS:
            words = self.tr("{names}: given up for the new branch. Branches without a name go first, the oldest of them.")
            self.workbench.notice.emit(words.format(names=", ".join(gone)))

    # -- looking
    def show(self, branch: int, step: int) -> None:
        """Let every view show a kept moment; training pauses."""
        self.workbench.session.send(commands.ShowMoment(branch, step))

    def back(self) -> None:
        """Back to the present weights."""
        self.workbench.session.send(commands.ShowMoment())

    def compare(self, branch: int, step: int | None = None) -> None:
        """Show the end of ``branch``, or its moment kept nearest to ``step``, beside what is shown."""
        self.workbench.session.send(commands.Compare(branch, step))

    # -- going
    def resume(self) -> None:
        """Go on from the moment on show; before the end of its branch that makes a fork."""
        moment = self.workbench.snapshot.moment
        if moment is not None:
            text = self.tr("resume at step {step}").format(step=count(moment.step))
            self._go(text, commands.ResumeHere(), moment.document)

    def fork(self) -> None:
        """A new branch from the moment on show, or from now."""
        moment, snapshot = self.workbench.snapshot.moment, self.workbench.snapshot
        if moment is not None:
            self.fork_at(moment.run, moment.step, moment.document)
        else:
            self.fork_at(snapshot.run, None, self.workbench.own_document)

    def fork_at(self, branch: int, step: int | None, document: Document) -> None:
        """A new branch from a kept moment (``None``: the end), which was training ``document``."""
        place = self.workbench.snapshot.step if step is None else step
        self._go(self.tr("fork at step {step}").format(step=count(place)), commands.Fork(branch, step), document)
        words = self.tr("Forked. Change a setting and train: the curves of both branches lie over one another.")
        self.workbench.notice.emit(words)

    def switch(self, branch: int) -> None:
        """Make another branch the present one, if its weights are kept."""
        for run in self.workbench.snapshot.runs:
            if run.run == branch and run.document is not None:
                self._go(self.tr("switch to {name}").format(name=declared(run.name)), commands.SwitchBranch(branch), run.document)

    def open_point(self, index: int, name: str, document: Document) -> None:
        """A point of the study, which trained ``document``, as the present branch."""
        self._go(self.tr("open {name}").format(name=name), commands.OpenPoint(index, name), document)

    def new_start(self) -> None:
        """Other initial weights, as a new branch from step 0."""
        self._go(self.tr("new start"), commands.NewStart(), self.workbench.own_document)

    def _go(self, text: str, command: Command, document: Document) -> None:
        after = adopted(self.workbench.own_document, document)
        self.workbench.undo_stack.push(Go(self.workbench, text, (command,), after))

    # -- the branches themselves
    def rename(self, branch: int, name: str) -> None:
        """Ask for a name; an empty one changes nothing."""
        title = self.tr("Rename the branch")
        Ask(self._window, title, name, lambda text: self._named(branch, text), name="branch_name").open()

    def _named(self, branch: int, text: str) -> None:
        if text.strip():
            self.workbench.session.send(commands.NameRun(branch, text.strip()[:60]))

    def delete(self, branch: int, name: str) -> None:
        """Forget a branch, after asking: its weights cannot be brought back."""
        box = Message(
            self._window,
            self.tr("Delete “{name}”?").format(name=name),
            [self.tr("Its curves and its moments are forgotten. This cannot be undone. Branches that grew out of it stay.")],
            [("branch_delete", self.tr("Delete")), ("branch_keep", self.tr("Cancel"))],
            name="branch_question",
        )
        box.ask(lambda answer: self.workbench.session.send(commands.RemoveRun(branch)) if answer == "branch_delete" else None)

    def ask_limit(self, settings: Settings) -> None:
        """How much memory all moments may take; kept for the next time."""
        bounds = self.tr("A whole number from {least} to {most}.").format(least=count(LEAST_MEGABYTES), most=count(MOST_MEGABYTES))

        def wrong(text: str) -> str:
            value = parsed(text)
            return "" if value is not None and value == int(value) and LEAST_MEGABYTES <= value <= MOST_MEGABYTES else bounds

        def taken(text: str) -> None:
            value = parsed(text)
            assert value is not None
            settings.put(SETTING, [int(value)])
            use_limit(self.workbench, settings)

        used = self.tr("MB at most, of all branches together; now they take {used}\u00a0MB. Beyond it they are thinned evenly.").format(
            used=count(round(self.workbench.snapshot.history_bytes / MEGABYTE))
        )
        title, verb = self.tr("Memory for earlier moments"), self.tr("Use")
        limit = str(_megabytes(settings))
        Ask(self._window, title, limit, taken, name="history_limit", sentence=used, verb=verb, wrong=wrong).open()

    def ask_before_change(self, then: Callable[[], None]) -> None:
        """What an earlier moment shows is to be changed: in a branch that begins there?"""
        moment = self.workbench.snapshot.moment
        if moment is None or self._asking:
            return
        step = count(moment.step)
        box = Message(
            self._window,
            self.tr("Change what was at step {step}?").format(step=step),
            [
                self.tr(
                    "Step {step} is on show. What was trained after it stays as it is: a branch begins there and has the change."
                ).format(step=step)
            ],
            [("change_fork", self.tr("Fork and change")), ("change_cancel", self.tr("Cancel"))],
            name="change_question",
        )
        self._asking = True

        def answered(answer: str) -> None:
            self._asking = False
            if answer == "change_fork":
                self.fork()
                then()

        box.ask(answered)

    def ask_before_training(self, then: Callable[[], None]) -> None:
        """Training was wanted while an earlier moment is shown: from there, or from now?"""
        moment = self.workbench.snapshot.moment
        if moment is None:
            return
        step = count(moment.step)
        box = Message(
            self._window,
            self.tr("Train from step {step}, or from now?").format(step=step),
            [
                self.tr("Step {step} is on show. Training from there makes a branch; what was trained after it stays in its own.").format(
                    step=step
                )
            ],
            [
                ("moment_resume", self.tr("From step {step}").format(step=step)),
                ("moment_now", self.tr("From now")),
                ("moment_cancel", self.tr("Cancel")),
            ],
            name="moment_question",
        )

        def answered(answer: str) -> None:
            if answer == "moment_resume":
                self.resume()
            elif answer == "moment_now":
                self.back()
            if answer in ("moment_resume", "moment_now"):
                then()

        box.ask(answered)
