"""The window's one state holder. Panels and canvas read it, change it through its methods and follow its signals."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from playground import document as documents
from playground import turns
from playground.anim.account import Place
from playground.anim.walk import GRAINS
from playground.document import Document
from playground.engine import changes
from playground.engine.live import commands
from playground.engine.live.session import Session
from playground.engine.live.snapshot import Snapshot
from playground.engine.state import State
from playground.engine.timeline.branches import adopted
from playground.layers import registry
from playground.ui.explain.places import Key
from playground.ui.going import Go, Replace
from playground.ui.pace import PRESETS, Pace

FRAME_MILLISECONDS = 16


class Workbench(QObject):
    """Document, undo, selection, followed sample, pace and the latest snapshot.

    Signals carry plain Python objects:

    - ``document_changed(before, after)``: after any edit, undo or load.
    - ``snapshot_changed(snapshot)``: at most once a frame, only when the worker published a new one.
    - ``pictured_changed()``: the canvas shows another one.
    - ``selection_changed()``: ``selected`` (node ids, in order of selection) or ``unit`` changed.
    - ``lit_changed()``: ``lit``, the places that the pointer has lit, here or there: panel and canvas ring them.
    - ``hidden_changed()``: ``hidden``, the places whose numbers a learner is asked for: nobody tells them; ``covered``, those of them that
      the canvas shows.
    - ``hover_changed(node, unit)``: the pointer is over a unit (``unit`` is ``None`` for the whole node, node ``""`` for none).
    - ``pace_changed(name)``: ``pace`` (and ``pace_setting``: speed, steps a pass, epochs a picture) changed.
    - ``grain_changed(grain)``: what one step by hand is: cell, node, sample, batch or epoch.
    - ``step_wanted(grain, by)``: step by hand, on (1) or back (-1). The canvas does it: it knows where the cursor stands.
    - ``look_wanted(phase)``: show the followed sample's pass from this phase on, which trains nothing. The canvas does it.
    - ``pass_changed()``: ``held``, ``looking`` or ``playing`` changed.
    - ``started()`` and ``halted()``: the user lets the run go, or stops it. ``leave_wanted()``: away from the pass on show.
    - ``motion_changed(reduced)``: the user wants less motion, or all of it.
    - ``problem_shown(problem)``: show this problem (the canvas draws the strip); ``None`` puts the strip away.
    - ``example_wanted(name)``: open this example (the projects ask about unsaved changes first).
    - ``data_wanted()``: let the user choose a data set (the inspector opens its list).
    - ``files_wanted()``: let the user choose files of their own to learn from (a dialog asks for them); ``files_dropped(path)``: this
      file or folder was dropped on the canvas, a project to be opened or data to learn from.
    - ``augmentation_wanted()``: show what training does to pictures.
    - ``moment_in_the_way(then)``: something was wanted that needs the present, while an earlier moment is shown: the timeline asks
      where from, and calls ``then``.
    - ``change_in_the_way(then)``: an earlier network, or weights of an earlier moment, are to be changed, which are there to be looked
      at: the timeline asks whether to fork there, and calls ``then``.
    - ``notice(text)``: a sentence for the status line.
    """

    document_changed = Signal(object, object)
    snapshot_changed = Signal(object)
    pictured_changed = Signal()
    selection_changed = Signal()
    lit_changed = Signal()
    hidden_changed = Signal()
    hover_changed = Signal(str, object)
    sample_changed = Signal(str, int)
    pace_changed = Signal(str)
    grain_changed = Signal(str)
    step_wanted = Signal(str, int)
    look_wanted = Signal(str)
    pass_changed = Signal()
    started = Signal()
    halted = Signal()
    leave_wanted = Signal()
    motion_changed = Signal(bool)
    theme_changed = Signal(object)
    problem_shown = Signal(object)
    example_wanted = Signal(str)
    data_wanted = Signal()
    files_wanted = Signal()
    files_dropped = Signal(str)
    augmentation_wanted = Signal()
    moment_in_the_way = Signal(object)
    change_in_the_way = Signal(object)
    notice = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.document = Document()
        self._own: Document | None = None
        self.snapshot: Snapshot = Snapshot(serial=0, phase="empty")
        self.pictured = self.snapshot
        """What the canvas shows: while it trains that is a snapshot of a moment ago, at a pace that leaves the thread to others."""
        self.undo_stack = QUndoStack(self)
        self.laid_out: Callable[[Document, Document], Document] = lambda before, after: after
        """What the canvas makes of other data: cards change their sizes with them."""
        self.selected: tuple[str, ...] = ()
        self.unit: tuple[str, int] | None = None
        self.cell: Key | None = None
        self.pointed: Key | None = None
        self.drawn_here: Callable[[tuple[Place, ...]], tuple[Place, ...]] = lambda places: ()
        """Under the pointer, both set before ``hover_changed``: which entry of which value (on a card that draws several); which of any."""
        self.lit: tuple[Place, ...] = ()
        self.hidden: frozenset[Key] = frozenset()
        self.covered: frozenset[Key] = frozenset()
        self.sample: tuple[str, int] = ("train", 0)
        self.drawing = commands.Draw()
        self.pace_setting: Pace = PRESETS["fast"]
        self._grain = ""
        self.held = self.looking = self.playing = False
        self.pass_to_end = 0
        """What the canvas says of the pass on show: it stands, stepped into by hand; it is the followed sample's, only looked at;
        it moves though nothing trains."""
        self.reduced_motion = False
        self._problems: tuple[Document, list[documents.Problem]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._pull)
        self._timer.start()

    # -- the document
    @turns.window
    def edit(self, text: str, after: Document, merge: str = "") -> None:
        """Make ``after`` the document as one undoable step called ``text``; nothing happens if it equals the present one.

        Edits with the same ``merge`` key within a second of one another become one step (a wheel turned, a number dragged).
        """
        if after == self.document:
            return
        if self.visiting:
            self._edit_visited(text, after, merge)
            return
        last = self.undo_stack.command(self.undo_stack.index() - 1)
        if isinstance(last, Replace) and last.taken_back_by(after, merge):
            last.undo()
            last.setObsolete(True)
            self.undo_stack.undo()  # of an obsolete one Qt only lets go
            return
        if after.data != self.document.data:
            after = self.laid_out(self.document, after)
        self.undo_stack.push(Replace(self, text, self.document, after, merge))

    @turns.window
    def replace(self, document: Document, state: State | None = None) -> None:
        """Open another document: undo starts afresh, training stops, ``state`` (a project's) is put back."""
        self.undo_stack.clear()
        before, self.document, self._own = self.document, document, None
        self.snapshot = Snapshot(serial=self.snapshot.serial, phase="preparing" if document.nodes else "empty")  # of it nothing is known
        self.select(())
        self.problem_shown.emit(None)
        self.session.send(commands.SetDocument(document, new_run=True))
        if state is not None:
            self.session.send(commands.LoadState(state))
        self.follow(document.view.split, document.view.sample)
        self.set_pace(document.view.pace)
        self.document_changed.emit(before, document)

    def problems(self) -> list[documents.Problem]:
        """All that keeps the document from training, by the same rule that the worker and the command line use."""
        if self._problems is None or self._problems[0] is not self.document:
            self._problems = (self.document, documents.check(self.document))
        return self._problems[1]

    def show_problem(self, problem: documents.Problem | None) -> None:
        """Select the node in question and let the canvas say what is wrong."""
        if problem is not None and problem.node in self.document.nodes:
            self.select((problem.node,))
        self.problem_shown.emit(problem)

    @turns.window
    def show_document(self, document: Document, edit: int = 0, undone: bool = False) -> None:
        """Make ``document`` the present one, by the ``edit`` of that number. For undo commands: what the user does goes by :meth:`edit`."""
        before, self.document, self._own = self.document, document, None
        self.select(tuple(node for node in self.selected if node in document.nodes), self.unit, self.cell)
        self.session.send(commands.SetDocument(document, edit=edit, undone=undone))
        self.document_changed.emit(before, document)

    # -- an earlier network
    @property
    def visiting(self) -> bool:
        """Whether :attr:`document` is that of an earlier moment, whose network is another than the present one: to be looked at."""
        return self._own is not None

    @property
    def own_document(self) -> Document:
        """What the user is working on, and what is saved: :attr:`document`, but while :attr:`visiting`."""
        return self.document if self._own is None else self._own

    def _visit(self, snapshot: Snapshot) -> None:
        """Let the document be that of the moment on show, where its network is another one; the user's own again afterwards."""
        own, there = self.own_document, snapshot.moment.document if snapshot.moment is not None else None
        away = there is not None and changes.structure(there) != changes.structure(own)
        wanted = adopted(own, there) if away and there is not None else own
        before, self.document, self._own = self.document, wanted, own if away else None
        if before != wanted:
            self.select(tuple(node for node in self.selected if node in wanted.nodes), self.unit)
            self.document_changed.emit(before, wanted)

    def _edit_visited(self, text: str, after: Document, merge: str) -> None:
        """Cards of an earlier network may be moved about; whatever is more than that needs a branch of its own."""
        before = self.document
        if changes.computes_the_same(before, after):
            self.document = after
            self.document_changed.emit(before, after)
        else:
            self.document_changed.emit(before, before)  # whoever shows what was typed shows again what is there
            self.change_in_the_way.emit(lambda: self.edit(text, after, merge))

    # -- selection, sample, pace
    def select(self, nodes: tuple[str, ...], unit: tuple[str, int] | None = None, cell: Key | None = None) -> None:
        """Select ``nodes`` and, within one, perhaps a unit (a neuron, a class, a feature), or a ``cell`` (an entry of any value of the
        node: a gate at a step)."""
        if unit is not None and unit[0] not in nodes:
            unit = None
        if cell is not None and cell[0] not in nodes:
            cell = None
        if (nodes, unit, cell) != (self.selected, self.unit, self.cell):
            self.selected, self.unit, self.cell = nodes, unit, cell
            self.selection_changed.emit()

    def light(self, places: tuple[Place, ...]) -> None:
        """Light these places, wherever they are shown; none puts the light out."""
        if places != self.lit:
            self.lit = places
            self.lit_changed.emit()

    def hide(self, keys: frozenset[Key], elsewhere: frozenset[Key] = frozenset()) -> None:
        """Keep the numbers at these places to oneself: they are asked for. Of those ``elsewhere`` the canvas shows another number."""
        if (keys, keys - elsewhere) != (self.hidden, self.covered):
            self.hidden, self.covered = keys, keys - elsewhere
            self.hidden_changed.emit()

    def follow(self, split: str, index: int) -> None:
        """Follow this sample through the network."""
        self.sample, self.drawing = (split, index), commands.Draw()
        self.session.send(commands.Follow(split, index))
        self.sample_changed.emit(split, index)

    def draw(self, drawing: commands.Draw) -> None:
        """Follow a picture of the user's own through the network until a sample is followed again; an empty one ends it at once."""
        self.drawing = drawing
        self.session.send(drawing)

    def follow_again(self) -> None:
        """After a pass was shown: what is followed is seen again, a sample or the user's own picture."""
        self.session.send(commands.Follow(*self.sample) if self.drawing.x is None else self.drawing)

    @property
    def pace(self) -> str:
        """``"explain"``, ``"watch"`` or ``"fast"``."""
        return self.pace_setting.name

    def set_pace(self, pace: str | Pace, steps_per_pass: int = 1) -> None:
        """Take a pace by name, or one of the slider's positions."""
        setting = pace if isinstance(pace, Pace) else PRESETS.get(pace, PRESETS["fast"])
        if not isinstance(pace, Pace) and steps_per_pass != 1:
            setting = Pace(setting.name, setting.speed, steps_per_pass, setting.epochs)
        self.pace_setting = setting
        self.session.send(commands.SetPace(setting.name, setting.steps_per_pass, setting.epochs))
        self.pace_changed.emit(setting.name)
        self.grain_changed.emit(self.grain)

    def set_reduced_motion(self, reduced: bool) -> None:
        """Less motion: stages jump to their end states."""
        self.reduced_motion = reduced
        self.motion_changed.emit(reduced)

    # -- the run
    @property
    def running(self) -> bool:
        """Whether the worker trains, or will as soon as it has prepared."""
        return self.snapshot.phase == "training"

    def train(self, asked: bool = False) -> None:
        """Train; where the document has errors, show the first one instead. While an earlier moment is shown it has to be
        ``asked`` first where to train from."""
        errors = [problem for problem in self.problems() if problem.severity == "error"]
        if errors:
            self.show_problem(errors[0])
            return
        if self.snapshot.moment is not None and not asked:
            self.moment_in_the_way.emit(lambda: self.train(asked=True))
            return
        self.problem_shown.emit(None)
        self.pass_to_end = 0
        self.started.emit()
        self.session.send(commands.Train(after=self.pass_to_end))

    def pause(self) -> None:
        self.session.send(commands.Pause())
        self.halted.emit()

    def toggle(self) -> None:
        """Train or pause."""
        self.pause() if self.running or self.playing else self.train()

    @property
    def grain(self) -> str:
        """What one step by hand is. Until the user chooses, a node where every stage is explained, else a batch."""
        return self._grain or ("node" if self.pace == "explain" else "batch")

    def set_grain(self, grain: str) -> None:
        self._grain = grain
        self.grain_changed.emit(grain)

    def grains(self) -> tuple[str, ...]:
        """What a step may be: one in time only where something goes through time."""
        through_time = any(registry.cell(node.type) for node in self.document.nodes.values())
        return tuple(grain for grain in GRAINS if through_time or grain != "time")

    def larger(self, grain: str) -> str:
        """The next larger grain."""
        there = self.grains()
        return next((one for one in there if GRAINS.index(one) > GRAINS.index(grain)), there[-1])

    def step(self, grain: str = "", by: int = 1, larger: bool = False, asked: bool = False) -> None:
        """Step by hand: one ``grain`` (by default the chosen one, or the next ``larger``), on or back. While an earlier moment is
        shown it has to be ``asked`` first where to step from."""
        errors = [problem for problem in self.problems() if problem.severity == "error"]
        if errors:
            self.show_problem(errors[0])
            return
        grain = grain or self.grain
        if larger:
            grain = self.larger(grain)
        if self.snapshot.moment is not None and not asked and not (self.looking and grain not in ("batch", "epoch")):
            self.moment_in_the_way.emit(lambda: self.step(grain, by, asked=True))
            return
        if self.running:
            self.pause()
        self.step_wanted.emit(grain, by)

    def look(self, phase: str) -> None:
        """Explain the followed sample from ``phase`` (``"forward"``, ``"backward"``) on, with the weights as they are: nothing is trained
        by it. The error is sent back in the pass on show, where there is one."""
        errors = [problem for problem in self.problems() if problem.severity == "error"]
        if errors:
            self.show_problem(errors[0])
            return
        if self.running or self.playing:
            self.pause()
        if self.pace != "explain":
            self.set_pace("explain")
        self.look_wanted.emit(phase)

    def show_pass(self, *, held: bool = False, looking: bool = False, playing: bool = False) -> None:
        """The canvas says what it does with a pass."""
        if (held, looking, playing) != (self.held, self.looking, self.playing):
            self.held, self.looking, self.playing = held, looking, playing
            self.pass_changed.emit()

    def rewind(self) -> None:
        """Back to step 0, with the same initial weights; past it, as one undoable step: what was trained comes back."""
        if self.snapshot.step:
            self.undo_stack.push(Go(self, self.tr("rewind"), (commands.Rewind(),), self.own_document))
        else:
            self.session.send(commands.Rewind())

    def go_back(self, text: str, step: int, after: Document | None = None) -> None:
        """Go on from the present branch's moment kept nearest to ``step``, on a branch of its own and with the settings on screen (or those
        of ``after``), whatever they were then: one undoable step called ``text``."""
        orders = commands.ShowMoment(self.snapshot.run, step), commands.ResumeHere()
        self.undo_stack.push(Go(self, text, orders, after or self.own_document))

    def mend(self, text: str, after: Document, back: int | None) -> None:
        """After a divergence: go on with ``after`` from the moment kept at step ``back``, or from the start, for the weights of now are
        ruined. One undoable step called ``text``."""
        if back is not None:
            self.go_back(text, back, after)
        elif self.snapshot.step:
            self.undo_stack.push(Go(self, text, (commands.Rewind(),), after))
        else:
            self.edit(text, after)

    @property
    def told(self) -> Snapshot:
        """What the canvas shows, or the present one where it does not follow a run: who tells of its numbers tells of the same."""
        now, shown = self.snapshot, self.pictured
        return shown if now.phase == shown.phase == "training" and now.run == shown.run else now

    @turns.window
    def _pull(self) -> None:
        snapshot = self.session.take()
        if snapshot is not None:
            self.snapshot = snapshot
            self._visit(snapshot)
            self.snapshot_changed.emit(snapshot)
