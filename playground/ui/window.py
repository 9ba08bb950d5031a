"""The window: puts bar, palette, canvas, inspector, explain, dock, timeline and status line together."""

from __future__ import annotations

from contextlib import suppress
from math import inf

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QTabWidget, QVBoxLayout, QWidget

from playground.document import View
from playground.errors import EngineError
from playground.ui import style, uimap
from playground.ui.actions import Actions
from playground.ui.branching import use_limit
from playground.ui.canvas import commanding
from playground.ui.canvas.lens.map_lens import MapLens
from playground.ui.canvas.view import CanvasView
from playground.ui.compare.area import CompareArea
from playground.ui.data_doors import open_doors
from playground.ui.dialogs import gradients
from playground.ui.dialogs.commands import CommandList
from playground.ui.dialogs.examples import ExampleList
from playground.ui.dialogs.help import open_help
from playground.ui.explain.lens_card import LensCard
from playground.ui.focus_order import OrderedWindow
from playground.ui.geometry import MEDIUM, MINIMUM, RAIL, SNAP, Geometry, geometry
from playground.ui.in_turn import follow
from playground.ui.lab.door import Door
from playground.ui.menu import MainMenu
from playground.ui.panels.dock import Dock
from playground.ui.panels.explain import Explain
from playground.ui.panels.inspector import Inspector
from playground.ui.panels.palette import Palette
from playground.ui.panels.status import StatusLine
from playground.ui.panels.timeline import Timeline
from playground.ui.panels.training_bar import TrainingBar
from playground.ui.panels.veil import Veil, tells_answers, tells_weights
from playground.ui.projects import Projects
from playground.ui.settings import Settings
from playground.ui.splitter import Splitter
from playground.ui.theme import THEMES, Theme, system_theme
from playground.ui.transfer import Transfers
from playground.ui.undo_keys import UndoKeys
from playground.ui.workbench import Workbench

FRAME = 40  # what a title bar may take of the screen's height
INSPECTOR_SHARE = 0.48
VIEWS = {"draw": "draw", "try_text": "text", "embedding": "embedding"}  # of the task, by command


class Window(OrderedWindow):
    """The one window of the program."""

    def __init__(self, workbench: Workbench, settings: Settings, theme: str = "") -> None:
        name = theme or settings.text("theme", "system")
        chosen: Theme = THEMES.get(name) or system_theme()
        style.prepare(_application(), chosen)
        super().__init__()
        self.workbench, self._settings = workbench, settings
        self._theme_name, self.theme = name, chosen
        self.setObjectName("window")
        self.setMinimumSize(*MINIMUM)
        self.layout_geometry = MEDIUM
        self._arranged = self._leaving = False
        self._gave_room = self._palette_gave = self._explaining = False
        """Whether the inspector was folded for a pass, the palette for that or a comparison, not by the user."""
        self.projects = Projects(workbench, settings, self)
        self.actions_ = Actions(workbench, self.projects, self)
        self.projects.changed.connect(self.actions_.changed)
        self.fetching = open_doors(workbench, self.actions_, self.projects.jobs, self)
        UndoKeys(self)
        self._make_parts()
        self._put_together()
        self._connect()
        self.bar.menu.setMenu(MainMenu(self.actions_, settings, self.projects.open, self._theme_name, self))
        workbench.set_reduced_motion(settings.flag("reduced_motion"))
        use_limit(workbench, settings)
        self._show_title()
        uimap.install(self)
        self._dresser = style.Dresser(_application(), self.theme, self)

    # -- building
    def _make_parts(self) -> None:
        bench, theme = self.workbench, self.theme
        self.bar = TrainingBar(bench, theme, self.actions_)
        self.palette_ = Palette(bench, theme)
        self.canvas = CanvasView(bench, theme, self)
        self.compare = CompareArea(bench, theme, self.canvas, self._settings)
        self.inspector = Inspector(bench, theme)
        self.explain = Explain(bench, theme, self._settings)
        self.lens = LensCard(self.canvas, self.explain.formulas)
        self.map_lens = MapLens(self.canvas, self.explain)
        self.dock = Dock(bench, theme, self)
        self._veils = (Veil(bench, theme, self.dock.charts, tells_weights), Veil(bench, theme, self.dock.task, tells_answers))
        self.timeline = Timeline(bench, theme)
        self.status = StatusLine(bench, theme, self.actions_)

    def _put_together(self) -> None:
        """From the outside in: a part that gets another place takes all that is in it along, widget by widget."""
        whole = QWidget()
        self.setCentralWidget(whole)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._outer = Splitter(Qt.Orientation.Vertical, "outer")
        self._middle = Splitter(Qt.Orientation.Horizontal, "middle")
        self._side = QWidget()
        style.look(self._side, "panel")
        self._right = Splitter(Qt.Orientation.Vertical, "right_column")
        style.look(self._right, "panel")
        self._tabs = QTabWidget()
        self._tabs.setObjectName("right_tabs")
        self._tabs.setDocumentMode(True)
        column.addWidget(self.bar)
        column.addWidget(self._outer, 1)
        column.addWidget(self.timeline)
        column.addWidget(self.status)
        self._outer.addWidget(self._middle)
        self._outer.addWidget(self.dock)
        for part in (self.palette_, self.compare, self._side):
            self._middle.addWidget(part)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self._right)
        side.addWidget(self._tabs)
        self._right.addWidget(self.inspector)
        self._right.addWidget(self.explain)
        self._right.setChildrenCollapsible(False)
        self._tabs.hide()
        for index, (stretch, collapsible) in enumerate(((0, False), (1, False), (0, True))):
            self._middle.setStretchFactor(index, stretch)
            self._middle.setCollapsible(index, collapsible)
        self._side.setMinimumWidth(SNAP)
        self.palette_.setMinimumWidth(RAIL)
        self._outer.setStretchFactor(0, 1)
        self._outer.setStretchFactor(1, 0)
        self._outer.setCollapsible(0, False)
        self.dock.setMinimumHeight(SNAP)
        main, right = (self.bar, self.palette_, self.canvas, self.compare), (self._side, self.inspector, self.explain)
        self.order_focus((*main, *right, self.dock, self.timeline, self.status), self.canvas)

    def _connect(self) -> None:
        act, canvas, projects = self.actions_, self.canvas, self.projects
        for name, call in {
            **commanding.calls(canvas),
            **{name: getattr(projects, name) for name in ("new", "open", "save", "save_as")},
            "examples": lambda: ExampleList(self.workbench, self).open(),
            "quit": self.close,
            "cancel": projects.jobs.cancel,
            "fetch": lambda: self.fetching.use("fashion-mnist"),
            "search": self.palette_.focus_search,
            "palette": lambda: self.palette_.set_folded(not self.palette_.folded),
            "reset_layout": self.reset_layout,
            "gradients": lambda: gradients.open_check(self.workbench, self.theme, self),
            "new_start": self.timeline.branching.new_start,
            "history_limit": lambda: self.timeline.branching.ask_limit(self._settings),
            **{name: lambda view=view: self.dock.show_view(view) for name, view in VIEWS.items()},
            "study": self.timeline.try_several,
            "sweep": lambda: self.timeline.try_several("grid"),
            "compare": self.compare.choose,
            "compare_end": self.compare.close_comparison,
            "commands": lambda: CommandList(self.actions_, self).open(),
            "help": lambda: open_help(self.actions_, self.canvas, self),
        }.items():
            act.connect(name, call)
        for name in ("dark", "light", "system"):
            act.connect(f"theme_{name}", lambda name=name: self.set_theme(name))
        act["motion"].setCheckable(True)
        act["motion"].setChecked(self._settings.flag("reduced_motion"))
        act["motion"].toggled.connect(self._set_motion)
        canvas.player.moved.connect(self.explain.follow_pass)
        canvas.player.moved.connect(self.dock.task.follow_pass)
        act.connect("predict", lambda: self.explain.set_predicting(not self.explain.predicting))
        self.explain.room_wanted.connect(self._make_room)
        self.explain.told.connect(self.lens.show_sheet)
        self.lens.opened.connect(self.explain.set_lensed)
        self.lens.pointed.connect(self.explain.point)
        self.explain.predict.left.connect(canvas.setFocus)
        self.lab = Door(self.workbench, act, self)
        self.transfers = Transfers(self.workbench, projects, act, self)
        self.inspector.problems.apply = canvas.editor.fix
        self.palette_.layer_wanted.connect(canvas.add_layer)
        self.palette_.fetch_wanted.connect(self.fetching.use)
        for part in (self.palette_, self.inspector):
            part.left.connect(canvas.setFocus)
        canvas.form_wanted.connect(self.inspector.enter)
        self.walked.connect(lambda focus: act.release_plain_keys(focus, walked=True))
        self.palette_.fold_changed.connect(lambda _: self._size_middle())
        self._middle.splitterMoved.connect(self._snap)
        for part, reset in ((self._middle, self._reset_middle), (self._outer, self._reset_outer), (self._right, self._reset_right)):
            part.reset_wanted.connect(reset)
        self.compare.changed.connect(self._compared)
        self.compare.curves_wanted.connect(self.dock.setVisible)
        projects.changed.connect(self._show_title)
        projects.saved.connect(self.status.saved)
        projects.opened.connect(self.status.forget_saved)
        projects.opened.connect(canvas.overlays.unrolled.fold)  # a node of the same name is another one
        projects.jobs.changed.connect(self._show_jobs)
        self.fetching.changed.connect(self.palette_.look_for_files)
        projects.view = self._view
        _application().styleHints().colorSchemeChanged.connect(self._follow_system)

    # -- look
    def set_theme(self, name: str) -> None:
        """``"dark"``, ``"light"`` or ``"system"``."""
        self._theme_name = name
        self._settings.put("theme", name)
        self.theme = THEMES.get(name) or system_theme()
        self._dresser.change(self.theme)
        self.actions_[f"theme_{name}"].setChecked(True)
        for part in (self.bar, self.palette_, self.inspector, self.explain, self.timeline, self.status):
            part.set_theme(self.theme)
        self.workbench.theme_changed.emit(self.theme)

    def _follow_system(self) -> None:
        if self._theme_name == "system":
            self.set_theme("system")

    def _set_motion(self, reduced: bool) -> None:
        self._settings.put("reduced_motion", reduced)
        self.workbench.set_reduced_motion(reduced)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.projects.title()}[*] - Network Playground")
        self.setWindowModified(self.projects.unsaved())

    def _show_jobs(self) -> None:
        shown = self.projects.jobs.shown
        self.actions_["cancel"].setEnabled(bool(shown))
        self.status.show_jobs(shown)

    def _view(self) -> View:
        look = self.canvas.camera
        split, sample = self.workbench.sample
        if look.fitted:  # to a canvas of another size it is fitted anew
            return View(pace=self.workbench.pace, split=split, sample=sample)
        return View(pace=self.workbench.pace, split=split, sample=sample, center=(look.center.x(), look.center.y()), zoom=look.zoom)

    # -- layout
    def arrange(self, layout: Geometry) -> None:
        """Take the sizes of a layout, and those that the user gave it the last time."""
        self.layout_geometry = layout
        for part in (self.bar, self.palette_, self.timeline, self.status):
            part.set_geometry(layout)
        for part in (self.inspector, self.explain):  # made anew they take as long as all the rest
            follow(part, lambda part=part: part.set_geometry(self.layout_geometry), inf if part.isVisible() else 0, "geometry")
        self._use_tabs(layout.tabs)
        self.palette_.set_folded(self._settings.flag(f"layout/{layout.name}/folded"))
        self._palette_gave = False
        self._fold_palette()
        for name, reset in (("middle", self._reset_middle), ("outer", self._reset_outer), ("right", self._reset_right)):
            kept = self._settings.numbers(f"layout/{layout.name}/{name}")
            splitter = {"middle": self._middle, "outer": self._outer, "right": self._right}[name]
            if len(kept) == splitter.count() and splitter.count() > 0:
                splitter.setSizes([RAIL, sum(kept[:2]) - RAIL, *kept[2:]] if self.palette_.folded and name == "middle" else kept)
            else:
                reset()

    def _use_tabs(self, tabs: bool) -> None:
        if tabs == (not self._tabs.isHidden()) and self._tabs.count() == (2 if tabs else 0):
            return
        if tabs:
            self._tabs.addTab(self.inspector, self.tr("Inspector"))
            self._tabs.addTab(self.explain, self.tr("Explain"))
        else:
            self._tabs.clear()
            self._right.addWidget(self.inspector)
            self._right.addWidget(self.explain)
        self.inspector.set_titled(not tabs)
        self.explain.set_titled(not tabs)
        self.inspector.setVisible(True)
        self.explain.setVisible(True)
        self._tabs.setVisible(tabs)
        self._right.setVisible(not tabs)

    def reset_layout(self) -> None:
        """Give every panel its first size."""
        self._settings.forget("layout")
        self.palette_.set_folded(False)
        self.arrange(self.layout_geometry)

    def _reset_middle(self) -> None:
        layout = self.layout_geometry
        palette = RAIL if self.palette_.folded else layout.palette - 1
        self._middle.setSizes([palette, max(self.width() - layout.palette - layout.right, 240), layout.right - 1])

    def _size_middle(self) -> None:
        sizes = self._middle.sizes()
        wanted = RAIL if self.palette_.folded else self.layout_geometry.palette - 1
        self._middle.setSizes([wanted, sizes[1] + sizes[0] - wanted, sizes[2]])

    def _reset_outer(self) -> None:
        layout = self.layout_geometry
        canvas = self.height() - layout.bar - layout.dock - layout.timeline - layout.status
        self._outer.setSizes([max(canvas, 200), layout.dock - 1])

    def _reset_right(self) -> None:
        if self._right.count() == 2:
            whole = max(self._right.height(), 400)
            share = 0.40 if self.layout_geometry.compact else INSPECTOR_SHARE
            self._right.setSizes([round(whole * share), whole - round(whole * share)])

    def _make_room(self, wanted: bool) -> None:
        """While a pass is explained, inspector and small palette fold and give room; then all is as it was. What the user unfolds stays."""
        self._explaining = wanted
        self._fold_palette()
        if wanted and not self._middle.sizes()[2]:
            self._reset_middle()  # the column was shut
        if self._tabs.isVisible():
            if wanted:
                self._tabs.setCurrentWidget(self.explain)
        elif wanted and self.inspector.button.isChecked():
            self._gave_room = True
            self.inspector.button.setChecked(False)
        elif not wanted and self._gave_room:
            self._gave_room = False
            self.inspector.button.setChecked(True)

    def _compared(self, comparing: bool) -> None:
        """While two canvases share the window, curves and small palette make room."""
        self.actions_["compare_end"].setEnabled(comparing)
        if not comparing:
            self.dock.setVisible(True)
        self._fold_palette()

    def _fold_palette(self) -> None:
        wanted = self.layout_geometry.compact and (self.compare.comparing or self._explaining)
        if self.palette_.folded != wanted and (wanted or self._palette_gave):
            self._palette_gave = wanted
            self.palette_.set_folded(wanted)

    def _snap(self, position: int, handle: int) -> None:
        if handle == 1 and position < SNAP and not self.palette_.folded:
            self.palette_.set_folded(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = geometry(self.width(), self.height())
        if layout != self.layout_geometry or not self._arranged:
            if self._arranged:
                self._remember()
            self._arranged = True
            self.arrange(layout)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.arrange(geometry(self.width(), self.height()))
        if self.focusWidget() is None:
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _remember(self) -> None:
        prefix = f"layout/{self.layout_geometry.name}"
        self._settings.put(f"{prefix}/folded", self.palette_.folded and not self._palette_gave)
        if not self.palette_.folded:
            self._settings.put(f"{prefix}/middle", self._middle.sizes())
        if self.dock.isVisibleTo(self):
            self._settings.put(f"{prefix}/outer", self._outer.sizes())
        if self._right.count() == 2 and self.inspector.button.isChecked() and self.explain.button.isChecked():  # not while one is folded
            self._settings.put(f"{prefix}/right", self._right.sizes())

    def restore(self) -> None:
        """Open where the window stood the last time."""
        kept = self._settings.raw("geometry")
        if kept.isEmpty() or not self.restoreGeometry(kept):
            screen = self.screen().availableGeometry()
            self.resize(min(1600, screen.width()), min(1000, screen.height() - FRAME))

    # -- the end
    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._leaving and not self.projects.may_close(self.close, self.close_at_once):
            event.ignore()
            return
        self._remember()
        self._settings.put("geometry", self.saveGeometry())
        self.hide()  # what is still being written is finished behind a window that is gone already
        _application().sync()
        self._settings.close()
        self.projects.close()
        self.explain.close_jobs()
        with suppress(EngineError):  # a large evaluation goes on a while: its thread ends with the process
            self.workbench.session.close()
        super().closeEvent(event)

    def close_at_once(self) -> None:
        """Close without a question."""
        self._leaving = True
        self.close()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.actions_.release_plain_keys(_application().focusWidget())


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
