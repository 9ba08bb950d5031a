"""Projects: new, open, save, recent files, export, the question about unsaved changes, autosave.

Nothing here waits: the state comes from the worker as a future, files are read and written on a thread of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from playground.document import Document, Project, View, example, save_project
from playground.engine.live.commands import CancelPreparing
from playground.engine.live.snapshot import Snapshot
from playground.engine.state import State
from playground.errors import PlaygroundError
from playground.ui import autosave, file_stamp
from playground.ui.dialogs.files import choose
from playground.ui.dialogs.messages import Message, show_error
from playground.ui.dialogs.misfits import tell_misfits
from playground.ui.jobs import Jobs, Work
from playground.ui.opened import FromFile, Opened, content, project_of, read, state_of
from playground.ui.recovery import Recovery
from playground.ui.settings import Settings
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

AUTOSAVE_MILLISECONDS = 30_000
QUIET_MILLISECONDS = 3_000
"""An edit is work of the user's hands: it is kept as soon as they rest, not at the next half minute."""
ENDING = ".playground"
Then = Callable[[], object]


class Projects(QObject):
    """The document's life on disk. ``changed`` is emitted when name, path or saved state may have changed."""

    changed = Signal()
    saved = Signal()
    opened = Signal()

    def __init__(self, workbench: Workbench, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._workbench, self._settings, self._window = workbench, settings, window
        self.jobs = Jobs(self)
        self.view: Callable[[], View] = lambda: self._workbench.document.view
        self._opened = Opened(content(workbench.document))
        self._recovery = Recovery(self, window)
        self._place_kept = autosave.Place()
        self._autosaved: tuple[Document, tuple[int, int]] | None = None
        self._autosaving = False
        self._was_unsaved = False
        workbench.document_changed.connect(lambda *_: self.changed.emit())
        workbench.snapshot_changed.connect(self._note_step)
        self._preparing = Work()
        workbench.snapshot_changed.connect(self._show_preparing)
        workbench.example_wanted.connect(self.open_example)
        workbench.files_dropped.connect(self._open_dropped)
        self._timer = QTimer(self)
        self._timer.setInterval(AUTOSAVE_MILLISECONDS)
        self._timer.timeout.connect(self.autosave)
        self._timer.start()
        self._quiet = QTimer(self)
        self._quiet.setInterval(QUIET_MILLISECONDS)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self.autosave)
        workbench.document_changed.connect(lambda *_: self._quiet.start())

    @property
    def path(self) -> Path | None:
        """The file of the document that is open, if it has one."""
        return self._opened.path

    @path.setter
    def path(self, path: Path | None) -> None:
        self._opened.path = path

    # -- what the bar prints
    def title(self) -> str:
        if self.path is not None:
            return self.path.stem
        return self._workbench.document.title or self.tr("Untitled")

    def unsaved(self) -> bool:
        """Whether closing would lose something: an edit, or steps of training. An example from which all was deleted counts: undo
        would bring it back."""
        return content(self._workbench.own_document) != self._opened.saved or self._place() != self._opened.step

    def _place(self) -> tuple[int, int]:
        """Which weights are shown. Initial ones come from the seed alone: where no run was trained there is nothing to be saved."""
        snapshot = self._workbench.snapshot
        return (snapshot.run, snapshot.step) if snapshot.step or snapshot.runs else (0, 0)

    def _note_step(self, _: Snapshot) -> None:
        unsaved = self.unsaved()
        if unsaved != self._was_unsaved:
            self._was_unsaved = unsaved
            self.changed.emit()

    def _show_preparing(self, snapshot: Snapshot) -> None:
        """Kernels that are compiled are work that can be canceled, like what is done with files."""
        if snapshot.phase != "preparing" or snapshot.progress is None:
            self.jobs.withdraw(self._preparing)
            return
        if self._preparing.progress is None or self._preparing.canceled:
            self._preparing = Work(declared(snapshot.message), lambda: self._workbench.session.send(CancelPreparing()))
        self._preparing.progress = snapshot.progress
        self.jobs.announce(self._preparing)

    # -- leaving what is open
    def leave(self, then: Then) -> None:
        """Go on with ``then``, after asking about unsaved changes where there are any."""
        if not self.unsaved():
            then()
            return
        box = Message(
            self._window,
            self.tr("Save the changes to “{name}”?").format(name=self.title()),
            [self.tr("If you do not, what was not saved yet is gone: edits and training.")],
            [("question_save", self.tr("Save")), ("question_discard", self.tr("Don’t save")), ("question_cancel", self.tr("Cancel"))],
            name="unsaved_question",
        )

        def answered(answer: str) -> None:
            if answer == "question_save":  # one can go on working while it is saved: what is done by then is asked about
                self._paused(lambda: self.save(lambda: self.leave(then)))
            elif answer == "question_discard":
                then()

        box.ask(answered)

    def _paused(self, then: Then) -> None:
        """Call ``then`` once nothing trains: each step after a save is unsaved, and would be asked about again and again."""
        opened, bench = self._opened, self._workbench

        def look(snapshot: Snapshot) -> None:
            if snapshot.phase != "training":
                bench.snapshot_changed.disconnect(look)
                if self._opened is opened:
                    then()

        if not bench.running:
            then()
            return
        bench.snapshot_changed.connect(look)
        bench.pause()

    # -- new, open
    def new(self) -> None:
        self.leave(lambda: self._show(Document(), None, None))

    def open_example(self, name: str) -> None:
        self.leave(lambda: self._show(example(name), None, None))

    def open(self, path: Path | None = None) -> None:
        """Open ``path``, or let the user choose."""
        self.leave(lambda: self._load(path) if path is not None else self._choose(self._load))

    def _open_dropped(self, path: str) -> None:
        """A project that was dropped on the canvas; other files are data (``own_files.py``)."""
        if path.endswith(ENDING):
            self.open(Path(path))

    def _choose(self, then: Callable[[Path], object]) -> None:
        choose(self._window, "open_dialog", self.tr("Open a project"), self._folder(), self._kinds(), then)

    def _load(self, path: Path) -> None:
        work = self.work(self.tr("opening {name}").format(name=path.name), self.tr("Opening was canceled: all is as it was."))
        at_first = self._workbench.own_document

        def show(found: FromFile) -> None:
            self._settings.add_recent(path)
            self._show(found.project.document, state_of(found.project), *found.place)
            if found.misfits:
                tell_misfits(self._window, path.name, found.misfits, found.project.document)
            self.offer_recovery(path)

        def done(found: FromFile) -> None:
            if self._workbench.own_document is at_first:
                show(found)
            else:  # edited while the file was being read
                self.leave(lambda: show(found))

        def failed(error: Exception) -> None:
            self.jobs.run(path.exists, lambda there: looked(there, error), lambda _: looked(True, error))

        def looked(there: bool, error: Exception) -> None:
            if not there:
                self._settings.forget_recent(path)
            self.failed(self.tr("The project could not be opened."), error)

        self.jobs.run(lambda: read(path, work.report), done, failed, work)

    def show(self, project: Project, path: Path | None = None) -> None:
        """Show a project that is in memory already."""
        self._show(project.document, state_of(project), path)

    def _show(self, document: Document, state: State | None, path: Path | None, stamp: file_stamp.Stamp | None = None) -> None:
        self._opened = Opened(content(document), path, stamp)
        self._workbench.replace(document, state)
        steps = int(state.counters.get("step", 0)) if state is not None else 0
        if state is not None:
            self._adopt_step(steps)
        self._discard_autosave()
        self.opened.emit()
        self.changed.emit()

    def _adopt_step(self, steps: int) -> None:
        """The first snapshot of this document that stands where the file stood is the saved one, whatever number its run gets."""
        opened = self._opened

        def look(snapshot: Snapshot) -> None:
            if self._opened is not opened:  # another one was opened meanwhile
                self._workbench.snapshot_changed.disconnect(look)
            elif snapshot.step >= steps and snapshot.phase not in ("empty", "preparing"):
                opened.step = (snapshot.run, steps) if steps else self._place()
                self._workbench.snapshot_changed.disconnect(look)
                self.changed.emit()

        self._workbench.snapshot_changed.connect(look)

    # -- save
    def save(self, then: Then | None = None) -> None:
        """Save under the project's name; ask for one where it has none. A document that was opened (``*.json``) holds no weights."""
        if self.path is None or self.path.suffix == ".json":
            self.save_as(then)
        else:
            self._write(self.path, then)

    def save_as(self, then: Then | None = None) -> None:
        self._choose_place(lambda path: self._write(path, then))

    def _choose_place(self, then: Callable[[Path], object]) -> None:
        title, name = self.tr("Save the project"), self.title() + ENDING
        choose(self._window, "save_dialog", title, self._folder(), self._kinds(), then, save_as=name)

    def _write(self, path: Path, then: Then | None) -> None:
        opened, document, work = self._opened, self._with_view(), self._saving(path)
        what = self.tr("The project could not be saved.")

        def captured(state: State) -> None:
            self._put(opened, project_of(document, state), self._place(), path, then, work)

        self.jobs.wait_for(self._workbench.session.capture(), captured, lambda error: self.failed(what, error), work)

    def _saving(self, path: Path) -> Work:
        stopped = self.tr("Saving was canceled: the old file is as it was.")
        return self.work(self.tr("saving {name}").format(name=path.name), stopped, writes=True)

    def _put(
        self, opened: Opened, project: Project, place: tuple[int, int], path: Path, then: Then | None, work: Work, sure: bool = False
    ) -> None:
        """Write ``project``, which is that of ``opened``, whatever is open by now; ``then`` is for whoever still has it open. ``sure``:
        whatever has become of the file since this window read or wrote it."""

        def write() -> None:  # one after another on one thread: a second save knows of the first
            file_stamp.check(path, None if sure or path != opened.path else opened.stamp)
            save_project(project, path, work.report)
            opened.stamp = file_stamp.stamp(path)

        def done(_: None) -> None:
            opened.written(project, path, place)
            self._settings.add_recent(path)
            self._workbench.notice.emit(self.tr("Saved {name}.").format(name=path.name))
            if self._opened is opened:
                self._discard_autosave()
                self.saved.emit()
                self.changed.emit()
                if then is not None:
                    then()

        def again(path: Path, sure: bool = False) -> None:
            self._put(opened, project, place, path, then, self._saving(path), sure)

        def failed(error: Exception) -> None:
            if isinstance(error, file_stamp.ChangedError):
                file_stamp.ask(self._window, path.name, lambda: again(path, sure=True), lambda: self._choose_place(again))
            else:
                self.failed(self.tr("The project could not be saved."), error)

        self.jobs.run(write, done, failed, work)

    def _with_view(self) -> Document:
        return msgspec.structs.replace(self._workbench.own_document, view=self.view())

    # -- autosave and recovery
    def autosave(self, then: Then | None = None) -> None:
        """Save beside the project, if anything changed since the last time; the user never waits for it."""
        now = (self._workbench.own_document, self._place())
        if not self.unsaved() or now == self._autosaved or self._autosaving:
            return
        self._autosaved, self._autosaving = now, True
        opened, document, title, path = self._opened, self._with_view(), self.title(), self.path
        work = Work(stopped=lambda: ended(None))

        def captured(state: State) -> None:
            write = lambda: self._place_kept.write(project_of(document, state), title, path, opened.stamp, work.report)  # noqa: E731
            self.jobs.run(write, done, failed, work) if self._opened is opened else ended(None)  # nobody wants what was left

        def done(_: None) -> None:
            ended(now)
            if then is not None:
                then()

        def failed(error: Exception) -> None:
            ended(None)
            self._workbench.notice.emit(self.tr("The autosave failed: {error}").format(error=error))

        def ended(kept: tuple[Document, tuple[int, int]] | None) -> None:
            self._autosaved, self._autosaving = kept, False

        self.jobs.wait_for(self._workbench.session.capture(), captured, failed, work)

    def _discard_autosave(self) -> None:
        """Off this thread: to take a large file away takes the disk a while."""
        self._autosaved = None
        self.jobs.run(self._place_kept.discard, lambda _: None, lambda _: None)

    def offer_recovery(self, of: Path | None = None) -> None:
        """Ask whether to take up what a killed window left behind, if there is anything (``of`` the project in this file alone)."""
        self._recovery.offer(of)

    def take_up(self, project: Project, path: Path | None, stamp: file_stamp.Stamp | None, then: Then) -> None:
        """Show what a killed window left behind, unsaved; ``then`` is called once it is kept anew."""
        self._show(project.document, state_of(project), path, stamp)
        self._opened.saved = b""  # it is nowhere else yet
        self.autosave(then)
        self.changed.emit()

    # -- export
    def export(self) -> None:
        """Let the user choose a file for the weights; the ending is the format."""
        kinds = [(self.tr("NumPy archive (*.npz)"), "npz"), (self.tr("safetensors (*.safetensors)"), "safetensors")]
        title, name = self.tr("Export weights"), self.title() + ".npz"
        choose(self._window, "export_dialog", title, self._folder(), kinds, self.export_to, save_as=name)

    def export_to(self, path: Path) -> None:
        """Write the weights to ``path``, load them back into a fresh network and compare its predictions."""
        document = self._workbench.own_document
        what = self.tr("The weights could not be exported.")
        work = self.work(self.tr("exporting {name}").format(name=path.name), self.tr("Exporting was canceled."), writes=True)

        def export(state: State) -> str:
            from playground.export.files import write  # these read whole files: the window comes up without them
            from playground.export.verification import verify

            write(path, state.weights, document, progress=work.report)
            report = verify(document, state.weights, path, progress=work.report)
            if not report.passed:
                return self.tr("{name} was written, but it does not predict the same. Do not use it.").format(name=path.name)
            return self.tr("Exported {name}: verified on {count} samples.").format(name=path.name, count=report.samples)

        def captured(state: State) -> None:
            self.jobs.run(lambda: export(state), self._workbench.notice.emit, failed, work)

        def failed(error: Exception) -> None:
            self.failed(what, error)

        self.jobs.wait_for(self._workbench.session.capture(), captured, failed, work)

    # -- ends
    def work(self, title: str, stopped: str, writes: bool = False) -> Work:
        """Work that the user sees and can cancel; ``stopped`` is what is said then."""
        return Work(title, lambda: self._workbench.notice.emit(stopped), writes)

    def failed(self, what: str, error: Exception) -> None:
        """Tell of a failure."""
        safe = self.tr("What is on the screen is as it was. Nothing was lost.")
        show_error(
            self._window, what, error, safe, "" if isinstance(error, PlaygroundError) else self.tr("Try again, or save under another name.")
        )

    def _folder(self) -> str:
        recent = self._settings.recent()
        return str((self.path or (recent[0] if recent else Path.home() / "x")).parent)

    def _kinds(self) -> list[tuple[str, str]]:
        return [(self.tr("Network Playground projects (*{ending})").format(ending=ENDING), ENDING.removeprefix("."))]

    def may_close(self, again: Then, at_once: Then) -> bool:
        """Whether the window may go now. If not, it is closed ``again`` once what is being written is done (which may still wait for the
        engine: progress and Cancel stay in sight), or ``at_once`` after the question about unsaved changes."""
        if self.jobs.writing:
            self.jobs.when_written(again)
            self._workbench.notice.emit(self.tr("The window closes when the file is written."))
            return False
        if self.unsaved():
            self.leave(lambda: self.jobs.when_written(at_once))
            return False
        return True

    def close(self) -> None:
        """End in good order: finish writing, and leave no autosave behind."""
        self._timer.stop()
        self._quiet.stop()
        self.jobs.close()
        self._place_kept.end()
