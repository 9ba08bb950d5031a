"""A map enlarged: a small window over the canvas, with numbers where they fit, its kernel, and the moment that it is compared with.

Several may stand open. Each follows its node: the pass on show, training, another sample. A kept moment stands still beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizeGrip, QToolButton, QVBoxLayout

from playground.anim.scale import Scale, greatest
from playground.ui import icons
from playground.ui.canvas.map_view import MapView, Sheet
from playground.ui.numbers import count, number
from playground.ui.painters import filters, maps, reading, tools
from playground.ui.panels.controls import Segments, label
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

FACES = ("map", "kernel")
FIRST = QSize(300, 368)
LEAST = QSize(196, 240)
HEAD = 36
WIDER = 2.2
"""How much wider it becomes when a moment is kept to compare with."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A moment to compare with: the values of each face as they were at ``step``, of which sample."""

    step: int
    sample: tuple[str, int]
    values: Mapping[str, np.ndarray]


def _kind(face: str, sheet: Sheet) -> str:
    """What a sheet may be compared with: numbers with numbers, errors with errors."""
    return f"{face}/error" if sheet.scale.ramp == "err" else face


class MapBox(QFrame):
    """Map ``map_`` of ``node``, ``face`` ``"map"`` or ``"kernel"``. ``closed(box)`` when the user puts it away."""

    closed = Signal(object)

    def __init__(self, view: CanvasView, node: str, map_: int) -> None:
        super().__init__(view)
        self.setObjectName("map_box")
        self._view, self.node, self.map_, self.face = view, node, map_, "map"
        self.kept: Kept | None = None
        self._drag: QPoint | None = None
        self._title = label("", "title")
        self._faces = Segments(
            [
                ("map_box_map", self.tr("Map"), self.tr("What the kernel found in this sample")),
                ("map_box_kernel", self.tr("Kernel"), self.tr("The weights that make the map; in the backward pass their gradients")),
            ]
        )
        self._faces.choose(0)
        self._faces.chosen.connect(lambda at: self.choose(FACES[at]))
        self._keep, self._close = QToolButton(), QToolButton()
        for button, words in ((self._keep, self.tr("Keep this moment to compare with")), (self._close, self.tr("Put away (Esc)"))):
            button.setFixedSize(26, 26)
            button.setToolTip(words)
            button.setAccessibleName(words)
        self._keep.setCheckable(True)
        self._keep.toggled.connect(self.keep)
        self._close.clicked.connect(lambda: self.closed.emit(self))
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._faces)
        head.addWidget(self._keep)
        head.addWidget(self._close)
        self.picture = MapView(view.theme)
        self.picture.pointed.connect(self._pointed)
        self._foot = label("", "caption")
        self._foot.setMinimumHeight(16)
        foot = QHBoxLayout()
        foot.addWidget(self._foot, 1)
        foot.addWidget(QSizeGrip(self), 0, Qt.AlignmentFlag.AlignBottom)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 6, 6)
        whole.setSpacing(4)
        for part in (head, foot):
            whole.addLayout(part)
        whole.insertWidget(1, self.picture, 1)
        self.setMinimumSize(LEAST)
        self.resize(FIRST)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.set_theme(view.theme)

    # -- what it shows
    def follow(self) -> bool:
        """Show the present values; ``False`` where there is no such map any more."""
        card = self._view.scene_.cards.get(self.node)
        if card is None or card.facts.output is None or len(card.facts.output) != 3 or self.map_ >= card.facts.output[0]:
            return False
        color = card.scale.ramp == "gray" and card.facts.output[0] == 3
        name = self.tr("{node} · map {n}").format(node=card.title, n=self.map_ + 1)
        self._title.setText(card.title if color else name)
        self._faces.setVisible(filters.has(card.picture))
        if self.face == "kernel" and not filters.has(card.picture):
            self.face = "map"
        sheet = self._sheet(self.face)
        self.picture.show_sheets(() if sheet is None else self._compared(sheet))
        unit = card.picture.selected_unit
        self.picture.selected = None
        if unit is not None and self.face == "map":
            map_, cell = divmod(unit, card.facts.output[1] * card.facts.output[2])
            self.picture.selected = (0, *divmod(cell, card.facts.output[2])) if map_ == self.map_ else None
        return True

    def _winners(self) -> frozenset[tuple[int, int]]:
        """The pixels of the map that max pools behind it took."""
        scene = self._view.scene_
        found: set[tuple[int, int]] = set()
        output = scene.cards[self.node].facts.output
        for wire in scene.wires:
            if wire.source != self.node or output is None:
                continue
            won = reading.value(scene.cards[wire.target].picture, "winners")
            if won is not None and won.ndim == 3 and self.map_ < len(won):
                found.update(divmod(int(flat), output[2]) for flat in won[self.map_].flat if np.isfinite(flat))
        return frozenset(found)

    def _sheet(self, face: str) -> Sheet | None:
        card = self._view.scene_.cards[self.node]
        picture, cursor = card.picture, card.cursor_at
        if face == "kernel":
            found = filters.shown(picture, cursor)
            if found is None or self.map_ >= len(found[0]):
                return None
            title = self.tr("gradient of its kernel") if found[1].ramp == "err" else self.tr("its kernel")
            return Sheet(title, found[0][self.map_], found[1])
        shown = reading.shown(picture, cursor, card.scale)
        if shown is None or shown.values.ndim != 3:
            return None
        own = shown.values if shown.scale.ramp == "gray" and len(shown.values) == 3 else shown.values[self.map_ : self.map_ + 1]
        step = self._view.scene_.snapshot.step
        title = self.tr("error") if shown.what == "gradient" else self.tr("step {n}").format(n=count(step))
        done, won = None, maps.winners(picture)
        won = None if won is None else won[self.map_ : self.map_ + 1]
        if cursor is not None and cursor.cell is not None and reading.waits(picture, cursor, cursor.cell + 1):
            done = cursor.cell + 1 - self.map_ * shown.values[0].size
            if won is not None:  # a copy of its own
                won.reshape(-1, 2)[max(done, 0) :] = np.nan
        return Sheet(title, own, shown.scale, done, self._winners(), won)

    def _compared(self, now: Sheet) -> tuple[Sheet, ...]:
        """The kept moment, the present one on the same scale, and what has changed (of two samples that would say nothing)."""
        before = self.kept.values.get(_kind(self.face, now)) if self.kept is not None else None
        if self.kept is None or before is None or before.shape != now.values.shape:
            return (now,)
        limit = max(now.scale.limit, greatest(before))
        scale = Scale(limit, now.scale.ramp, now.scale.stretch)
        title = self.tr("kept: step {n}").format(n=count(self.kept.step))
        if self.face == "map" and self.kept.sample != self._sample():
            return Sheet(f"{title}, #{self.kept.sample[1]}", before, scale), replace(
                now, title=f"{now.title}, #{self._sample()[1]}", scale=scale
            )
        change = now.values - before
        return (
            Sheet(title, before, scale),
            replace(now, scale=scale),
            Sheet(self.tr("change"), change, Scale(limit=greatest(change), ramp="div"), now.done),
        )

    def _sample(self) -> tuple[str, int]:
        trace = self._view.scene_.snapshot.trace
        return ("", 0) if trace is None else (trace.split, trace.index)

    def keep(self, wanted: bool) -> None:
        """Keep the present values to compare with, or let them go. The sample that they are of is followed from now on."""
        if wanted == (self.kept is not None):
            return
        if wanted:
            faces = {_kind(face, sheet): sheet.values.copy() for face in FACES if (sheet := self._sheet(face)) is not None}
            self.kept = Kept(self._view.scene_.snapshot.step, self._sample(), faces)
            self.resize(round(self.width() * WIDER), self.height())
            bench = self._view.workbench
            if self._sample()[0] and bench.drawing.x is None and bench.sample != self._sample():
                bench.follow(*self._sample())
        else:
            self.kept = None
            self.resize(round(self.width() / WIDER), self.height())
        self._keep.setChecked(wanted)
        self._inside()
        self.follow()

    def choose(self, face: str) -> None:
        """Show the ``"map"`` or its ``"kernel"``."""
        self.face = face
        self._faces.choose(FACES.index(face))
        self.follow()

    def _pointed(self, place: tuple[int, int, int] | None) -> None:
        """Say the number under the pointer; a pixel of the map is explained and ringed as on its card."""
        bench, output = self._view.workbench, self._view.scene_.cards[self.node].facts.output
        if place is None or bench.hidden or output is None:
            self._foot.setText("")
            bench.hover_changed.emit("", None)
            return
        if not all(sheet.known(place) for sheet in self.picture.sheets):
            self._foot.setText(self.tr("not computed yet"))
            return
        plane, row, column = place
        words = self.tr("row {row}, column {column}").format(row=row + 1, column=column + 1)
        if self.face == "kernel" and len(self.picture.sheets[0].values) > 1:
            words = self.tr("channel {n}").format(n=plane + 1) + " · " + words
        told = [number(float(sheet.values[place]), signed=True) for sheet in self.picture.sheets]
        self._foot.setText(f"{words}: {' → '.join(told[:2])}" + (f" ({told[2]})" if len(told) > 2 else ""))
        if self.face == "map":
            bench.hover_changed.emit(self.node, ((self.map_ + plane) * output[1] + row) * output[2] + column)

    # -- the window
    def set_theme(self, theme: Theme) -> None:
        self._close.setIcon(icons.icon("x", theme))
        self._keep.setIcon(icons.icon("pin", theme))
        self.picture.set_theme(theme)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._view.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tools.pen(theme.color("line3")))
            painter.setBrush(theme.color("panel"))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.raise_()
        self._drag = event.position().toPoint() if event.position().y() <= HEAD else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self.move(self.mapToParent(event.position().toPoint() - self._drag))
            self._inside()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit(self)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._inside()

    def _inside(self) -> None:
        """Keep it on the canvas."""
        port = self._view.viewport()
        self.move(max(min(self.x(), port.width() - self.width()), 0), max(min(self.y(), port.height() - self.height()), 0))


class MapBoxes:
    """All enlarged maps of a canvas."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self.boxes: list[MapBox] = []
        view.workbench.document_changed.connect(lambda before, after: self.follow())
        view.workbench.selection_changed.connect(self.follow)
        view.workbench.hidden_changed.connect(self.follow)
        view.player.moved.connect(lambda _: self.follow())

    def open(self, node: str, map_: int, at: QPointF) -> bool:
        """Enlarge a map beside the place ``at`` (view px), or bring its box to the front; ``False`` where the node has none."""
        for box in self.boxes:
            if (box.node, box.map_) == (node, map_):
                box.raise_()
                box.setFocus()
                return True
        box = MapBox(self._view, node, map_)
        if not box.follow():
            box.deleteLater()
            return False
        box.closed.connect(self._put_away)
        self.boxes.append(box)
        port = self._view.viewport()
        right = at.x() + 32
        box.move(round(right if right + box.width() < port.width() else at.x() - 32 - box.width()), round(at.y() - box.height() / 3))
        box._inside()
        box.show()
        box.raise_()
        box.setFocus()
        return True

    def _put_away(self, box: MapBox) -> None:
        self.boxes.remove(box)
        box.hide()
        box.deleteLater()
        self._view.setFocus()

    def follow(self) -> None:
        """Show the present values in all of them; while a question is open, none."""
        for box in list(self.boxes):
            box.setVisible(not self._view.workbench.hidden)
            if not box.follow():
                self._put_away(box)

    def set_theme(self, theme: Theme) -> None:
        for box in self.boxes:
            box.set_theme(theme)
