"""What lies over the canvas: strips at its top, legends, zoom box, map, and the start page. Places them; each has its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from playground.document import Problem
from playground.engine.live.snapshot import Snapshot
from playground.layers import registry
from playground.ui.canvas.legends import Legends
from playground.ui.canvas.map_box import MapBoxes
from playground.ui.canvas.minimap import MiniMap
from playground.ui.canvas.notes import NotesChip
from playground.ui.canvas.phases import PhaseStrip
from playground.ui.canvas.start import StartPage
from playground.ui.canvas.strip import MessageStrip
from playground.ui.canvas.unrolled.strip import Unrolled
from playground.ui.canvas.weight_box import WeightBox
from playground.ui.canvas.wiring import Offer
from playground.ui.canvas.zoombox import ZoomBox
from playground.ui.painters import course
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

INSET = 12
ABOVE_LENS = 8


class Overlays:
    """The widgets above the scene."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.strip = MessageStrip(view)
        self.phases = PhaseStrip(view)
        self.legends = Legends(view)
        self.zoom = ZoomBox(view)
        self.map = MiniMap(view)
        self.notes = NotesChip(view)
        self.weights = WeightBox(view)
        self.maps = MapBoxes(view)
        self.unrolled = Unrolled(view)
        self.start = StartPage(view)
        self.floor = 0
        """Px at the canvas's bottom behind a lens: zoom box and map stand above it."""
        self.strip.changed.connect(self.place)
        self.notes.changed.connect(self.place)

    def place(self) -> None:
        """Put everything where it belongs for the canvas's size."""
        width, height = self._view.viewport().width(), self._view.viewport().height()
        self.strip.setGeometry(0, 0, width, self.strip.height_in(width))
        below = self.strip.height() if self.strip.isVisibleTo(self._view) else 0
        self._keep_clear(below if self.strip.about_run else 0)
        self.notes.adjustSize()
        taken = self.notes.width() + INSET if self.notes.isVisibleTo(self._view) else 0
        self.zoom.adjustSize()
        corner = width - self.zoom.width() - INSET
        if self._view.camera.tight:  # the network has the lower edge: the zoom box stands beside the phases
            self.zoom.move(corner, below + 10)
            taken += self.zoom.width() + INSET
        self.place_zoom()
        self.notes.move(width - INSET - (taken if self._view.camera.tight else self.notes.width()), below + 11)
        self.notes.list.move(width - self.notes.list.width() - INSET, below + 44)
        self.phases.setGeometry(INSET, below + 10, width - 2 * INSET - taken, 28)
        self._show_phases()
        self.legends.setGeometry(INSET, height - self.legends.height() - 8, width - self.zoom.width() - 3 * INSET, self.legends.height())
        self.start.setGeometry(0, below, width, height - below)
        self.unrolled.setGeometry(INSET, below + 42, width - 2 * INSET, height - below - 42 - INSET)

    def place_zoom(self) -> None:
        """The zoom box at the lower right, where the network has not the lower edge, and above it the map."""
        if not self._view.camera.tight:
            port, apart = self._view.viewport(), ABOVE_LENS if self.floor else INSET
            self.zoom.move(port.width() - self.zoom.width() - INSET, port.height() - self.floor - self.zoom.height() - apart)
        self.map.place()

    def _keep_clear(self, covered: int) -> None:
        """Fit the network below a strip that tells of the run. One about an edit comes and goes under the hand that makes it: then
        nothing moves."""
        camera = self._view.camera
        if covered != camera.covered:
            camera.covered = covered
            if camera.fitted and self._view.scene_.cards:
                self._view.fit_all()

    def _show_phases(self) -> None:
        """Not below a strip about an edit: the network has made no room for them there, and does not run."""
        edited = self.strip.isVisibleTo(self._view) and not self.strip.about_run
        self.phases.setVisible(bool(self._view.workbench.document.nodes) and not edited)

    def document_changed(self) -> None:
        empty = not self._view.workbench.document.nodes
        if not empty and self.start.isAncestorOf(self._view.window().focusWidget() or self._view):
            self._view.setFocus()
        self.start.setVisible(empty)
        self.legends.setVisible(not empty)
        self.strip.document_changed()
        self._show_phases()
        self.unrolled.follow()
        self.looked()

    def snapshot_changed(self, snapshot: Snapshot) -> None:
        self.strip.snapshot_changed(snapshot)
        self.phases.snapshot_changed(snapshot)
        self.notes.snapshot_changed(snapshot)

    def values_changed(self) -> None:
        self.legends.refresh()
        self.map.update()
        self.maps.follow()
        self.unrolled.follow()

    def toggle_unrolled(self) -> None:
        """Unroll the selected node, or the first one that goes through time; fold what is unrolled."""
        if self.unrolled.node:
            self.unrolled.fold()
            return
        selected = self._view.workbench.selected
        found = [id for id, card in self._view.scene_.cards.items() if course.has(card.picture)]
        wanted = next((id for id in reversed(selected) if id in found), found[0] if found and not selected else "")
        if not wanted or not self.unrolled.open(wanted):
            words = QCoreApplication.translate("canvas", "Select a recurrent layer first ({names}): it unrolls into its steps.")
            self._view.workbench.notice.emit(words.format(names=", ".join(cell.name for cell in registry.cells())))

    def looked(self) -> None:
        self.zoom.show_zoom(self._view.camera.zoom)
        if self._view.camera.tight:
            self.legends.update()
        self.map.looked()

    def show_problem(self, problem: Problem | None) -> None:
        self.strip.show_problem(problem)

    def show_refusal(self, words: str, made: Offer) -> None:
        self.strip.show_refusal(words, made)

    def set_theme(self, theme: Theme) -> None:
        for widget in (
            self.strip,
            self.phases,
            self.legends,
            self.zoom,
            self.map,
            self.notes,
            self.weights,
            self.maps,
            self.unrolled,
            self.start,
        ):
            widget.set_theme(theme)
        self.place()
