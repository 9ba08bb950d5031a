"""The window's one state holder. Panels and canvas read it, change it through its methods and follow its signals."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from playground import document as documents
from playground.document import Document
from playground.engine import commands
from playground.engine.session import Session
from playground.engine.snapshot import Snapshot

FRAME_MILLISECONDS = 16


class _Replace(QUndoCommand):
    """One undo step: the documents before and after. The worker keeps the weights of removed nodes and puts them back."""

    def __init__(self, workbench: Workbench, text: str, before: Document, after: Document) -> None:
        super().__init__(text)
        self._workbench, self._before, self._after = workbench, before, after

    def redo(self) -> None:
        self._workbench._show(self._after)

    def undo(self) -> None:
        self._workbench._show(self._before)


class Workbench(QObject):
    """Document, undo, selection, followed sample, pace and the latest snapshot.

    Signals carry plain Python objects:

    - ``document_changed(before, after)``: after any edit, undo or load.
    - ``snapshot_changed(snapshot)``: at most once a frame, only when the worker published a new one.
    - ``selection_changed()``: ``selected`` (node ids, in order of selection) or ``unit`` changed.
    - ``hover_changed(node, unit)``: the pointer is over a unit (``unit`` is ``None`` for the whole node, node ``""`` for none).
    - ``notice(text)``: a sentence for the status line.
    """

    document_changed = Signal(object, object)
    snapshot_changed = Signal(object)
    selection_changed = Signal()
    hover_changed = Signal(str, object)
    sample_changed = Signal(str, int)
    pace_changed = Signal(str)
    theme_changed = Signal(object)
    notice = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.document = Document()
        self.snapshot: Snapshot = Snapshot(serial=0, phase="empty")
        self.undo_stack = QUndoStack(self)
        self.selected: tuple[str, ...] = ()
        self.unit: tuple[str, int] | None = None
        self.sample: tuple[str, int] = ("train", 0)
        self.pace = "fast"
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._pull)
        self._timer.start()

    # -- the document
    def edit(self, text: str, after: Document) -> None:
        """Make ``after`` the document as one undoable step called ``text``; nothing happens if it equals the present one."""
        if after == self.document:
            return
        self.undo_stack.push(_Replace(self, text, self.document, after))

    def replace(self, document: Document, state: commands.State | None = None) -> None:
        """Open another document: undo starts afresh, training stops, ``state`` (a project's) is put back."""
        self.undo_stack.clear()
        before, self.document = self.document, document
        self.select(())
        self.session.send(commands.SetDocument(document, new_run=True))
        if state is not None:
            self.session.send(commands.LoadState(state))
        self.follow(document.view.split, document.view.sample)
        self.set_pace(document.view.pace)
        self.document_changed.emit(before, document)

    def problems(self) -> list[documents.Problem]:
        """All that keeps the document from training, by the same rule that the worker and the command line use."""
        return documents.check(self.document)

    def _show(self, document: Document) -> None:
        before, self.document = self.document, document
        self.select(tuple(node for node in self.selected if node in document.nodes))
        self.session.send(commands.SetDocument(document))
        self.document_changed.emit(before, document)

    # -- selection, sample, pace
    def select(self, nodes: tuple[str, ...], unit: tuple[str, int] | None = None) -> None:
        """Select ``nodes`` and, within one, perhaps a unit (a neuron, a class, a feature)."""
        if (nodes, unit) != (self.selected, self.unit):
            self.selected, self.unit = nodes, unit
            self.selection_changed.emit()

    def follow(self, split: str, index: int) -> None:
        """Follow this sample through the network."""
        self.sample = (split, index)
        self.session.send(commands.Follow(split, index))
        self.sample_changed.emit(split, index)

    def set_pace(self, pace: str, steps_per_pass: int = 1) -> None:
        self.pace = pace
        self.session.send(commands.SetPace(pace, steps_per_pass))
        self.pace_changed.emit(pace)

    # -- the run
    def _pull(self) -> None:
        snapshot = self.session.take()
        if snapshot is not None:
            self.snapshot = snapshot
            self.snapshot_changed.emit(snapshot)
