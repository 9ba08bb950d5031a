"""The canvas and, while two moments are compared, the second one beside it; keeps both in step."""

from __future__ import annotations

from PySide6.QtCore import QSizeF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from playground.anim.cursor import Cursor
from playground.document import Document
from playground.engine.live import commands
from playground.engine.live.snapshot import Beside, Moment, Snapshot
from playground.ui.canvas.view import CanvasView
from playground.ui.compare import differences
from playground.ui.compare.head import HEIGHT, LOW, Head, Told
from playground.ui.compare.side import SideView
from playground.ui.in_turn import hold
from playground.ui.numbers import count
from playground.ui.panels.branch_tracks import OLD, TOKENS, tokens
from playground.ui.settings import Settings
from playground.ui.splitter import Splitter
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

KEPT = "layout/compare"
CURVES = "compare_curves"


class CompareArea(QWidget):
    """Holds the window's canvas. While :attr:`Snapshot.beside` is set a second one is there, read-only, and both have headings.

    The two lie side by side or above one another, whichever shows the network larger. ``changed(comparing)`` is emitted when a
    comparison begins or ends, ``curves_wanted(wanted)`` when the charts below are wanted beside it, or their room.
    """

    changed = Signal(bool)
    curves_wanted = Signal(bool)

    def __init__(self, workbench: Workbench, theme: Theme, canvas: CanvasView, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("compare_area")
        self._workbench, self._theme, self._canvas, self._settings = workbench, theme, canvas, settings
        self.side: SideView | None = None
        self._sample: tuple[str, int] | None = None
        self._asked: int | None = None
        self._found: tuple[Document, Document, tuple[differences.Difference, ...]] | None = None
        self._splitter = Splitter(Qt.Orientation.Horizontal, "compare_splitter")
        self._splitter.setChildrenCollapsible(False)
        self._splitter.reset_wanted.connect(self._halve)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._splitter)
        self.head = Head("compare_here", theme)
        self.head.hide()
        self._splitter.addWidget(_pane(self.head, canvas))
        self.setFocusProxy(canvas)
        workbench.snapshot_changed.connect(self._take)
        workbench.document_changed.connect(self._document_changed)
        workbench.theme_changed.connect(self.set_theme)

    @property
    def comparing(self) -> bool:
        return self.side is not None

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.head.set_theme(theme)
        if self.side is not None:
            self.side.set_theme(theme)
            self.other.set_theme(theme)

    # -- choosing
    def compare(self, branch: int, step: int | None = None) -> None:
        """Compare what is shown with the end of ``branch``, or with its moment kept nearest to ``step``."""
        self._workbench.session.send(commands.Compare(branch, step))

    def close_comparison(self) -> None:
        """One canvas again."""
        self._workbench.session.send(commands.Compare())

    def choose(self) -> None:
        """Offer all that can be compared with, under the canvas's upper edge."""
        menu = self.menu()
        if menu.isEmpty():
            menu.deleteLater()
            self._workbench.notice.emit(self.tr("There is nothing to compare with yet: train, fork, or make a new start."))
            return
        at = self._canvas.viewport().rect().center()
        menu.popup(self._canvas.viewport().mapToGlobal(at) - menu.rect().center() / 2)
        menu.setActiveAction(next((action for action in menu.actions() if action.isEnabled()), menu.actions()[0]))

    def menu(self) -> QMenu:
        """The other branches, and this one's own start and best moment."""
        menu, snapshot = QMenu(self), self._workbench.snapshot
        menu.setObjectName("compare_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for run in reversed(snapshot.runs):
            text = self.tr("{name}, step {step}").format(name=declared(run.name), step=count(run.step))
            action = menu.addAction(text, lambda number=run.run: self.compare(number))
            action.setEnabled(run.document is not None)
        kept = snapshot.checkpoints
        if kept and snapshot.step > 0:
            menu.addSeparator()
            first = min(kept)
            menu.addAction(self.tr("This run at step {step}").format(step=count(first)), lambda: self.compare(snapshot.run, first))
            best = snapshot.best_step
            if best is not None and kept:
                nearest = min(kept, key=lambda step: abs(step - best))
                if nearest not in (first, snapshot.step):
                    words = self.tr("This run near its best, step {step}").format(step=count(nearest))
                    menu.addAction(words, lambda: self.compare(snapshot.run, nearest))
            if snapshot.moment is not None:
                menu.addAction(self.tr("This run now, step {step}").format(step=count(snapshot.step)), lambda: self.compare(snapshot.run))
        return menu

    # -- following
    def _take(self, snapshot: Snapshot) -> None:
        beside = snapshot.beside
        if beside is None:
            if self.side is not None:
                self._close()
            return
        if self.side is None:
            self._open()
        assert self.side is not None
        self._same_sample(snapshot, beside)
        self.side.show_beside(beside)
        self._tell(snapshot, beside)

    def _same_sample(self, snapshot: Snapshot, beside: Beside) -> None:
        """A pass on show is of a sample of its batch: the compared moment shows the same."""
        if snapshot.trace is None or beside.trace is None:
            return
        wanted = snapshot.trace.split, snapshot.trace.index
        if wanted == (beside.trace.split, beside.trace.index):
            self._sample = None
        elif wanted != self._sample:
            self._sample = wanted
            self._workbench.session.send(commands.FollowBeside(*wanted))

    def _document_changed(self, before: Document, after: Document) -> None:
        if self.side is not None:
            self.side.show_document()

    def _open(self) -> None:
        bench, canvas = self._workbench, self._canvas
        hold(self)  # or both networks are drawn for each size that the two take on the way to theirs
        self.same_step = QPushButton(self.tr("Same step"))
        self.same_step.setObjectName("compare_same_step")
        look(self.same_step, "toggle")
        self.same_step.setCheckable(True)
        self.same_step.setToolTip(self.tr("Keep the compared run at the step that the first canvas shows, as near as it is kept"))
        self.same_step.toggled.connect(lambda _: self._keep_step(bench.snapshot))
        self.curves = QPushButton(self.tr("Curves"))
        self.curves.setObjectName("compare_curves")
        look(self.curves, "toggle")
        self.curves.setCheckable(True)
        self.curves.setChecked(self._settings.flag(CURVES))
        self.curves.setToolTip(self.tr("Show the curves of both below them; the canvases are smaller then"))
        self.curves.toggled.connect(self._want_curves)
        close = QPushButton(self.tr("Close comparison"))
        close.setObjectName("compare_close")
        look(close, "toggle")
        close.clicked.connect(self.close_comparison)
        self.other = Head("compare_there", self._theme, (self.same_step, self.curves, close))
        self.side = SideView(bench, self._theme, canvas)
        self._splitter.addWidget(_pane(self.other, self.side))
        self.head.show()
        side = self.side
        canvas.camera.changed.connect(side.look)
        canvas.player.moved.connect(self._moved)
        bench.selection_changed.connect(side.select)
        bench.lit_changed.connect(side.light)
        bench.hidden_changed.connect(side.light)
        bench.hover_changed.connect(self._hovered)
        side.look()
        self.changed.emit(True)
        self.curves_wanted.emit(self.curves.isChecked())
        self._arrange(True)

    def _close(self) -> None:
        assert self.side is not None
        side, bench, canvas = self.side, self._workbench, self._canvas
        self.side, self._sample, self._found, self._asked = None, None, None, None
        for signal, slot in (
            (canvas.camera.changed, side.look),
            (canvas.player.moved, self._moved),
            (bench.selection_changed, side.select),
            (bench.lit_changed, side.light),
            (bench.hidden_changed, side.light),
            (bench.hover_changed, self._hovered),
        ):
            signal.disconnect(slot)
        self._keep_split()
        pane = self._splitter.widget(1)
        pane.hide()
        pane.setParent(None)
        pane.deleteLater()
        self.head.hide()
        canvas.camera.tight = False
        canvas.overlays.place()
        if self.isAncestorOf(self.window().focusWidget() or self) or self.window().focusWidget() is None:
            canvas.setFocus()
        self.changed.emit(False)

    # -- how the two lie
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.side is not None:
            self._arrange(False)

    def _arrange(self, opening: bool) -> None:
        """Side by side, or above one another where the network is drawn larger so."""
        camera, scene = self._canvas.camera, self._canvas.scene_
        zooms = {}
        for way, head in ((Qt.Orientation.Horizontal, HEIGHT), (Qt.Orientation.Vertical, LOW)):
            camera.tight = way == Qt.Orientation.Vertical
            width, height = (self.width(), self.height() / 2) if camera.tight else (self.width() / 2, self.height())
            scene.set_compact(self._canvas.sizing.wants_compact(height - head))
            box = scene.content()
            zooms[way] = 0.0 if box.isEmpty() else camera.fitting(box, QSizeF(width, height - head))[1]
        camera.tight = zooms[Qt.Orientation.Vertical] > zooms[Qt.Orientation.Horizontal]
        scene.set_compact(self._canvas.sizing.wants_compact(self._canvas.viewport().height()))
        self._canvas.overlays.place()
        wanted = Qt.Orientation.Vertical if camera.tight else Qt.Orientation.Horizontal
        if wanted == self._splitter.orientation() and not opening:
            return
        if not opening:
            self._keep_split()
        self._splitter.setOrientation(wanted)
        for one in (self.head, self.other):
            one.set_low(camera.tight)
        kept = self._settings.numbers(self._kept_as)
        self._splitter.setSizes(kept) if len(kept) == 2 else self._halve()

    @property
    def _kept_as(self) -> str:
        return KEPT if self._splitter.orientation() == Qt.Orientation.Horizontal else KEPT + "_above"

    def _keep_split(self) -> None:
        self._settings.put(self._kept_as, self._splitter.sizes())

    def _halve(self) -> None:
        whole = self.width() if self._splitter.orientation() == Qt.Orientation.Horizontal else self.height()
        self._splitter.setSizes([max(whole // 2, 1)] * 2)

    def _want_curves(self, wanted: bool) -> None:
        self._settings.put(CURVES, wanted)
        self.curves_wanted.emit(wanted)

    def _moved(self, cursor: Cursor | None) -> None:
        if self.side is not None:
            self.side.set_cursor(cursor)

    def _hovered(self, node: str, unit: int | None) -> None:
        if self.side is None:
            return
        self.side.hover(node, unit)
        scene = self._canvas.scene_
        known = scene.facts.nodes.get(node)
        here = unit is not None and known is not None and bool(known.output) and unit < (known.output or (0,))[-1]
        scene.hover_unit((node, unit) if here and unit is not None else None)

    # -- the headings
    def _tell(self, snapshot: Snapshot, beside: Beside) -> None:
        self._keep_step(snapshot)
        colors = tokens(snapshot)
        moment, there = snapshot.moment, beside.moment
        here = moment.document if moment is not None else self._workbench.document
        if self._found is None or self._found[0] is not here or self._found[1] is not there.document:
            self._found = here, there.document, differences.differences(here, there.document)
        found = self._found[2]
        seeds = (moment.seed if moment is not None else snapshot.seed), there.seed
        if seeds[0] != seeds[1]:  # other initial weights, whatever the settings
            found = (differences.Difference(self.tr("seed"), *(str(seed) for seed in seeds)), *(one for one in found if one.name != "seed"))
        same = self.tr("the same settings")
        tip = "\n".join(f"{one.name}: {one.mine or '–'} | {one.other or '–'}" for one in found)
        settings = [differences.in_words(found, mine) if found else same for mine in (True, False)]
        if moment is not None:
            name = declared(next((run.name for run in snapshot.runs if run.run == moment.run), snapshot.run_name))
            self.head.tell(_told(moment, name, colors.get(moment.run, OLD), settings[0], tip))
        else:
            figures = snapshot.loss, snapshot.train_accuracy, snapshot.validation_loss, snapshot.validation_accuracy
            token = colors.get(snapshot.run, TOKENS[0])
            self.head.tell(Told(declared(snapshot.run_name), token, snapshot.step, *figures, False, settings[0], tip))
        token = colors.get(there.run, TOKENS[0] if there.run == snapshot.run else OLD)
        self.other.tell(_told(there, beside.name, token, settings[1], tip))

    def _keep_step(self, snapshot: Snapshot) -> None:
        """With *Same step*, let the compared run follow the first canvas's step."""
        beside = snapshot.beside
        if self.side is None or beside is None:
            return
        run = next((one for one in snapshot.runs if one.run == beside.moment.run), None)
        kept = run.checkpoints if run is not None else ()
        self.same_step.setVisible(len(kept) > 1)
        if not self.same_step.isChecked() or not kept or run is None:
            return
        step = snapshot.moment.step if snapshot.moment is not None else snapshot.step
        nearest = min(kept, key=lambda one: abs(one - step))
        if nearest != beside.moment.step and nearest != self._asked:
            self._asked = nearest
            self.compare(run.run, nearest)
        elif nearest == beside.moment.step:
            self._asked = None


def _told(moment: Moment, name: str, token: str, settings: str, tip: str) -> Told:
    figures = moment.loss, moment.train_accuracy, moment.validation_loss, moment.validation_accuracy
    return Told(name, token, moment.step, *figures, moment.computing, settings, tip)


def _pane(head: Head, view: QWidget) -> QWidget:
    pane = QWidget()
    column = QVBoxLayout(pane)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(head)
    column.addWidget(view, 1)
    return pane
