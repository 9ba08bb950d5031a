"""The lens over the lower canvas: one position of a sliding window, with all its numbers; and its windows, ringed on the cards.

It shows what the Explain panel explains, where that is made through a window over pictures: at a cell of the pass on show, at the unit
that is selected, or while it is open at the one under the pointer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale, greatest
from playground.ui import icons
from playground.ui.canvas import clicks
from playground.ui.canvas.camera import ROW_BELOW
from playground.ui.canvas.lens import windows
from playground.ui.canvas.lens import wording as words
from playground.ui.canvas.lens.channel_sums import channel_rect
from playground.ui.canvas.lens.layout import Parts, arrange, pixel
from playground.ui.canvas.lens.long_sums import position
from playground.ui.canvas.lens.look import Look
from playground.ui.canvas.lens.painting import LensPicture
from playground.ui.canvas.lens.reading import Key, Lens
from playground.ui.canvas.lens.windows import Window, Windows
from playground.ui.explain.hiding import Hidden
from playground.ui.painters import tools
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView
    from playground.ui.panels.explain import Explain

SMALLEST = (760, 460)
"""A canvas that is less wide or high, px, has no room for it."""
SHARE, LEAST, MOST = 0.56, 260, 340
"""Of the canvas's height, within these px."""
EDGE = 12
MARGIN_ABOVE = 52.0
"""Between the network and the lens below it: the zoom box stands there."""


class MapLens(QFrame):
    """Hidden until a position is to be seen, and while the canvas has no room to spare; the rings on the cards are always there."""

    def __init__(self, view: CanvasView, explain: Explain, parent: QWidget | None = None) -> None:
        super().__init__(parent or view)
        self.setObjectName("map_lens")
        self.setMouseTracking(True)
        self._view, self._explain, self._theme = view, explain, view.theme
        self.shown: Lens | None = None
        self.parts: Parts | None = None
        self._pinned = False
        """Whether a pass or a selected unit asks for it; else the pointer alone does."""
        self._kept = False
        """Whether room is kept for it."""
        self._dismissed: object = None
        """What was at hand when the user put it away: it stays away until something else is asked for."""
        self._channel: int | None = None
        self._over: int | None = None
        """The channel that the user chose, and the one under the pointer."""
        self._hot: tuple[int, int] | None = None
        self._hover: tuple[str, int] | None = None
        self._written: dict[str, str] = {}
        self.windows = Windows(view.scene_)
        view.scene_.addItem(self.windows)
        self._close = QToolButton(self)
        self._close.setFixedSize(26, 26)
        self._close.setToolTip(self.tr("Put the lens away (it comes back with the next position)"))
        self._close.setAccessibleName(self._close.toolTip())
        self._close.clicked.connect(self.put_away)
        bench = view.workbench
        explain.told.connect(lambda _: self.follow())
        view.player.moved.connect(self._moved)
        bench.hover_changed.connect(self._hovered)
        bench.hidden_changed.connect(self.update)
        bench.theme_changed.connect(self.set_theme)
        bench.document_changed.connect(lambda before, after: self.follow())
        bench.selection_changed.connect(self._selected)
        view.camera.changed.connect(self._settle)
        view.viewport().installEventFilter(self)
        self.set_theme(view.theme)
        self.hide()

    # -- what it shows
    def follow(self) -> None:
        """Take in what the Explain panel explains now."""
        trace = self._view.workbench.told.trace
        found = position(self._explain.account, trace, self._explain.subjects.lowered, self._explain.passed is not None)
        if found is not None and not {found.source_key[0], found.target_key[0]} <= set(self._view.scene_.cards):
            found = None
        self._pinned = found is not None and self._asked(found)
        if found is None and self.underMouse() and self.isVisible():
            return  # what the pointer is over here says no more than what is on show
        self.shown = found if self._pinned or (self.isVisible() and self._asked_before()) or self._hover is not None else None
        self._ring()
        self._show()

    def _asked(self, found: Lens) -> bool:
        """Whether a pass or the selection is at the cell, not the pointer alone."""
        cursor, unit = self._explain.passed, self._view.workbench.unit
        if cursor is not None:
            return cursor.stage.phase != "loss" and self._view.workbench.pace == "explain"
        return unit is not None and unit[0] == found.node

    def _asked_before(self) -> bool:
        """Whether what opened it is still there."""
        return self._explain.passed is not None or self._view.workbench.unit is not None

    def _selected(self) -> None:
        self._channel = None
        self.follow()

    def _moved(self, cursor: Cursor | None) -> None:
        """A frame of the pass: channels add up with it."""
        if self.isVisible() and self.shown is not None and len(self.shown.planes) > 1:
            self.update()
        if cursor is None:
            self.follow()

    def put_away(self) -> None:
        """Close it for what is at hand."""
        self._dismissed = self._about()
        self._show()

    def _about(self) -> object:
        cursor = self._explain.passed
        return (cursor.stages, cursor.index) if cursor is not None else self._view.workbench.unit

    # -- where it is
    def _show(self) -> None:
        """Show or hide it, and give it room below the network."""
        view, port = self._view, self._view.viewport()
        roomy = port.width() >= SMALLEST[0] and port.height() >= SMALLEST[1]
        wanted = self.shown is not None and roomy and (self._pinned or self.isVisible()) and self._dismissed != (self._about() or 0)
        if self._dismissed is not None and self._dismissed != self._about():
            self._dismissed = None
        keep = roomy and self._explain.passed is not None and self._legible() and not wanted and self._dismissed is None
        high = min(max(int(port.height() * SHARE), LEAST), MOST)
        self._reserve(high if wanted or keep else 0)
        if wanted:
            self.setGeometry(EDGE, port.height() - high - EDGE, port.width() - 2 * EDGE, high)
            self.parts = arrange(self.shown, self.width(), self.height()) if self.shown is not None else None
        if wanted != self.isVisibleTo(view):
            self.setVisible(wanted)
            self._explain.set_windowed(wanted)
            view.overlays.legends.setVisible(not wanted and bool(view.workbench.document.nodes))
            if wanted:
                self.raise_()
                for box in view.overlays.maps.boxes:
                    box.raise_()
        self._place_zoom()
        self.update()

    def _legible(self) -> bool:
        """Whether room is kept for it and the network can be read above that: room that nothing stands in must not make it small."""
        camera, content = self._view.camera, self._view.scene_.content(self._view.camera.row)
        return self._kept and camera.fitting(content)[1] >= ROW_BELOW

    def _reserve(self, high: int) -> None:
        camera = self._view.camera
        before, self._kept = (camera.below, camera.row), high > 0
        camera.kept[self.objectName()] = high + MARGIN_ABOVE if high else 0.0
        cards = {id: card.scene_card() for id, card in self._view.scene_.cards.items()}
        if not high or self.shown is not None:  # between two positions it stays
            camera.row = camera.row_of(cards, self.shown.node) if high and self.shown is not None else ()
        if (camera.below, camera.row) != before and camera.fitted and cards:
            camera.fit(self._view.scene_.content(camera.row))

    def _place_zoom(self) -> None:
        """The zoom box stands above it, and above that the map of the network."""
        overlays = self._view.overlays
        overlays.floor = self._view.viewport().height() - self.y() if self.isVisibleTo(self._view) else 0
        overlays.place_zoom()

    def _settle(self) -> None:
        self._ring()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and (self.isVisible() or self._kept):
            self._show()
        return super().eventFilter(watched, event)

    # -- rings on the cards
    def _ring(self) -> None:
        found: list[Window] = list(windows.of_lens(self.shown)) if self.shown is not None else []
        lowered = self._explain.subjects.lowered
        if self._hover is not None and lowered is not None:
            index = self._index(*self._hover)
            if index is not None:
                found += [one for one in windows.reached(lowered, self._hover[0], index) if one.node in self._view.scene_.cards]
        self.windows.show_windows(tuple(found))

    def _index(self, node: str, unit: int) -> tuple[int, int, int] | None:
        """The entry of the pictures of ``node``."""
        card = self._view.scene_.cards.get(node)
        output = card.facts.output if card is not None else None
        if output is None or len(output) != 3 or not 0 <= unit < int(np.prod(output)):
            return None
        plane, row, column = (int(at) for at in np.unravel_index(unit, output))
        return plane, row, column

    def _hovered(self, node: str, unit: int | None) -> None:
        """The pointer is over a pixel: what it goes into is ringed."""
        hover = (node, unit) if node and unit is not None and self._index(node, unit) is not None else None
        if hover != self._hover:
            self._hover = hover
            self.follow()

    # -- how it looks
    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.windows.theme = theme
        self.windows.update()
        self._close.setIcon(icons.icon("x", theme))
        self.update()

    def look(self) -> Look:
        """How the present position is drawn."""
        shown = self.shown
        assert shown is not None
        card = self._view.scene_.cards[shown.target_key[0]]
        added = self._added(shown)
        plane = self._over if self._over is not None else self._channel
        if plane is None or plane >= len(shown.planes):
            plane = added - 1 if added < len(shown.planes) else shown.largest
        return Look(
            self._theme,
            words.title(shown, card.title),
            words.source_titles(shown, self._view.scene_.cards[shown.source_key[0]].title),
            words.target_titles(shown),
            self._scale(shown.source_key, shown.source),
            self._scale(shown.target_key, shown.target),
            plane,
            added,
            self._done(shown),
            self._explain.figures,
            Hidden(self._view.workbench.hidden),
            self._hot,
            words.note(shown),
        )

    def _scale(self, key: Key, values: np.ndarray) -> Scale:
        """The card's scale, so that a color means the same here; of errors as far as they go."""
        if key[2]:
            return Scale(limit=greatest(values), ramp="err")
        scale = self._view.scene_.cards[key[0]].scale
        if scale.ramp == "gray" and bool(np.any(values < 0)):
            return Scale(limit=greatest(values), ramp="div")
        return replace(scale, limit=scale.limit or greatest(values))

    def _added(self, shown: Lens) -> int:
        """How many channels are added up: with the pass as it goes through a cell, else all."""
        cursor, many = self._view.scene_.cursor_at, len(shown.planes)
        if cursor is None or cursor.cell is None or cursor.stage.node != shown.node or cursor.stage.phase != shown.phase:
            return many
        return max(1, min(int(cursor.fraction * (many + 1)) + 1, many))

    def _done(self, shown: Lens) -> int | None:
        """How many cells a pass by single cells has come to, the present one counted."""
        cursor = self._view.scene_.cursor_at
        if cursor is None or cursor.cell is None or cursor.stage.node != shown.node or cursor.stage.phase != shown.phase:
            return None
        return cursor.cell + 1 if shown.phase != "update" else None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.shown is None or self.parts is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tools.pen(self._theme.color("accent"), 1.2))
            painter.setBrush(self._theme.color("panel"))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.6, 0.6, -0.6, -0.6), 7, 7)
            self._written = LensPicture(painter, self.shown, self.parts, self.look()).paint(self.width())

    # -- the pointer
    def resizeEvent(self, event: QEvent) -> None:
        self._close.move(self.width() - 32, 6)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        shown, parts = self.shown, self.parts
        if shown is None or parts is None:
            return
        point = event.position()
        self._point_at_target(point)  # first: what is explained may change with it
        shown, parts = self.shown, self.parts
        if shown is None or parts is None:
            return
        cell = parts.grid_at(point)
        plane = self.look().plane
        over = self._channel_at(point)
        if over != self._over:
            self._over = over
            self.update()
        hot = (cell[1], cell[2]) if cell is not None else self._under_window(point)
        if hot != self._hot:
            self._hot = hot
            places = (shown.place(plane, *hot), shown.weight_place(plane, *hot)) if hot is not None else ()
            self._explain.point(tuple(place for place in places if place is not None))
            self.update()

    def _point_at_target(self, point: QPointF) -> None:
        """A pixel of the made picture under the pointer is explained; one of the picture that is read lights all that it goes into."""
        shown, parts, bench = self.shown, self.parts, self._view.workbench
        assert shown is not None
        assert parts is not None
        unit = pixel(parts.target, shown.target, shown.index[0], point) if shown.phase != "update" else None
        if unit is not None and not bench.hidden:
            bench.hover_changed.emit(shown.target_key[0], unit)
            return
        unit = pixel(parts.picture(shown), shown.source, shown.planes[self.look().plane], point)
        if unit is not None and not shown.source_key[2]:
            hover = (shown.source_key[0], unit)
            if hover != self._hover:
                self._hover = hover
                self._ring()
        elif self._hover is not None:
            bench.hover_changed.emit("", None)

    def _under_window(self, point: QPointF) -> tuple[int, int] | None:
        """The tap over the pixel of the picture that is read."""
        shown, parts = self.shown, self.parts
        assert shown is not None
        assert parts is not None
        unit = pixel(parts.picture(shown), shown.source, 0, point)
        if unit is None:
            return None
        row, column = divmod(unit, shown.source.shape[2])
        return (shown.rows.index(row), shown.columns.index(column)) if row in shown.rows and column in shown.columns else None

    def _channel_at(self, point: QPointF) -> int | None:
        shown, parts = self.shown, self.parts
        if shown is None or parts is None or parts.channels.height() <= 0:
            return None
        many = len(shown.planes)
        return next((at for at in range(many) if channel_rect(parts, many, at).contains(point)), None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self._view.viewport().mapFromGlobal(event.globalPosition())
        point = self._view.just_pressed(event, at)  # the first click, on a card, has opened the lens
        if point is None or not clicks.open_weights(self._view, event, at, point):
            self.mousePressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        shown, parts = self.shown, self.parts
        if shown is None or parts is None or event.button() != Qt.MouseButton.LeftButton:
            return
        over = self._channel_at(event.position())
        if over is not None:
            self._channel = None if over == self._channel else over
            self.update()
            return
        unit = pixel(parts.target, shown.target, shown.index[0], event.position()) if shown.phase != "update" else None
        if unit is not None and not self._view.workbench.hidden:
            node = shown.target_key[0]
            self._view.workbench.select((node,), (node, unit))

    def leaveEvent(self, event: QEvent) -> None:
        self._hot = self._over = None
        self._explain.point(())
        self._view.workbench.hover_changed.emit("", None)
        self.update()
        super().leaveEvent(event)

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """The global rectangle of the picture that the position is in, and of the one that it looks at, for tests with a real window."""
        if self.shown is None or self.parts is None:
            return {}
        boxes = {"lens/source": self.parts.picture(self.shown), "lens/target": self.parts.target}
        corner = self.mapToGlobal(QPoint(0, 0))
        return {name: (corner.x() + int(b.x()), corner.y() + int(b.y()), int(b.width()), int(b.height())) for name, b in boxes.items()}

    def texts(self) -> dict[str, str]:
        """What the last painting wrote, and which tap it ringed as the winner, for tests with a real window."""
        return self._written
