"""Items that are drawn once and then shown as pixels, and the darkroom that decides how many are drawn anew in one frame.

Qt's own cache of an item draws it again in the frame in which it changed, all of them at once, and in each frame of a zoom. With
sixty cards that is a tenth of a second a frame. Here a crowd of pictures is renewed a few at a time, each from the values that its item
had then; the others keep their last pixels, scaled while the zoom moves.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.ui import aside
from playground.ui.in_turn import CROWD
from playground.ui.theme import Theme

FRAME_SECONDS = 0.003
"""What a frame spends on renewing pictures when there are more."""
FRAME_MILLISECONDS = 16
SETTLE_MILLISECONDS = 120
"""A crowd is drawn anew this long after the zoom last moved."""
REST_MILLISECONDS = 250
"""Any network is drawn anew this long after the size of its view last changed, where it was dragged from size to size."""
KEPT_BYTES = 128 * 1024 * 1024
LARGEST = 6_000_000
"""Pixels beyond which a picture is not kept: it reaches far out of the view and is drawn straight away."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Pixels of an item: drawn at ``zoom`` for a screen of ``ratio``; ``corner`` is theirs from the item's origin, in view px."""

    pixels: QPixmap
    box: QRectF
    corner: QPointF
    zoom: float
    ratio: float

    @property
    def bytes(self) -> int:
        return 4 * self.pixels.width() * self.pixels.height()


class Darkroom(QObject):
    """Knows which sprites have to be drawn anew, and whose turn it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sight: Callable[[], QRectF] = QRectF
        """What can be seen, in scene coordinates: told by the view."""
        self.spent = 0.0
        """Seconds spent on drawing sprites; the view reads and clears it."""
        self._all: dict[Sprite, None] = {}
        self._waiting: dict[Sprite, None] = {}
        self._turn: set[Sprite] = set()
        self._preparing: set[Sprite] = set()
        self._kept: dict[Sprite, int] = {}
        self._bytes = 0
        self._sweeping = False
        self._crowd: bool | None = None
        self._frame_left = FRAME_SECONDS
        self._resized = self._framed = -math.inf
        self._sizes, self._dragged = 0, False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._next)

    @property
    def busy(self) -> bool:
        """Whether pictures still wait to be renewed: those of a crowd, for what is worked out for them, or for the view's size to rest."""
        return self._sweeping or self._dragged or bool(self._preparing)

    # -- what sprites tell
    def join(self, sprite: Sprite) -> None:
        self._all[sprite] = None
        self._crowd = None

    def leave(self, sprite: Sprite) -> None:
        """The sprite is taken out of the scene."""
        self._all.pop(sprite, None)
        self._waiting.pop(sprite, None)
        self._turn.discard(sprite)
        self._preparing.discard(sprite)
        self._bytes -= self._kept.pop(sprite, 0)
        self._crowd = None

    def changed(self, sprite: Sprite, urgent: bool) -> None:
        """The sprite's pixels are not what it would draw any more; ``urgent``: a hand waits for it."""
        if urgent:
            self._turn.add(sprite)
            sprite.update()
            return
        self._waiting[sprite] = None
        if not self._sweeping:
            if len(self._waiting) <= CROWD:
                sprite.update()
            else:
                self._sweeping = True
        if not self._timer.isActive():
            self._timer.start(0)

    def moved(self, zoomed: bool) -> None:
        """The view looks elsewhere."""
        self._crowd = None
        if zoomed and self.crowded:
            self._timer.start(SETTLE_MILLISECONDS)

    def resized(self) -> None:
        """The view has another size. Of one that gets a size a frame, pictures keep their pixels, scaled, until it rests; the first two
        sizes may be those of a window that opens, or of a panel that comes."""
        now = time.monotonic()
        soon = self._framed > self._resized and now - self._framed < REST_MILLISECONDS / 1000
        self._sizes = self._sizes + 1 if soon else 0
        self._resized, self._dragged = now, self._sizes > 1
        if self._dragged:
            self._timer.start(REST_MILLISECONDS)

    def begin_frame(self) -> None:
        """A paint event begins."""
        self._frame_left, self._framed = FRAME_SECONDS, time.monotonic()

    # -- whose turn it is
    def may_draw(self, sprite: Sprite, blank: bool) -> bool:
        """Whether the sprite is to be drawn in this frame; ``blank``: there are no pixels of it at all."""
        if sprite in self._turn:
            return True
        if self._dragged and sprite.scales:
            self._waiting[sprite] = None
            return False
        if not self._sweeping and (len(self._waiting) <= CROWD and not self.crowded):
            return True
        if blank and self._frame_left > 0:
            return True
        if sprite not in self._waiting:
            self._waiting[sprite] = None
            self._sweeping = True
            if not self._timer.isActive():
                self._timer.start(FRAME_MILLISECONDS)
        return False

    def ready(self, sprite: Sprite) -> bool:
        """Whether the sprite can be drawn now; else what it lacks is begun, it keeps its pixels, and is drawn when that is there."""
        if sprite in self._preparing:
            return False
        call = sprite.preparation()
        if call is not None:
            self._preparing.add(sprite)
            aside.run(self, call, lambda _: self._prepared(sprite), partial(self._prepared, sprite, failed=True))
        return call is None

    def _prepared(self, sprite: Sprite, failed: bool = False) -> None:
        if sprite in self._preparing:  # else it was taken out of the scene
            self._preparing.discard(sprite)
            sprite.prepares = not failed
            self.changed(sprite, urgent=True)

    def drawn(self, sprite: Sprite, seconds: float, size: int) -> None:
        """The sprite was drawn; its pixels take ``size`` bytes."""
        if sprite not in self._turn and (self._sweeping or self.crowded):
            sprite.update()  # perhaps only a part of it was to be painted: show the rest as well
        self._turn.discard(sprite)
        self._waiting.pop(sprite, None)
        self._frame_left -= seconds
        self.spent += seconds
        self._bytes += size - self._kept.pop(sprite, 0)
        self._kept[sprite] = size
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._bytes -= self._kept.pop(oldest)
            oldest.forget()
        if not self._waiting:
            self._sweeping = False

    def _next(self) -> None:
        """Give as many sprites their turn as a frame has time for."""
        seen, left = self.sight(), FRAME_SECONDS if self._sweeping else math.inf
        self._dragged = False
        for sprite in list(self._waiting):
            del self._waiting[sprite]
            if sprite.sceneBoundingRect().intersects(seen) or seen.isEmpty():
                self._turn.add(sprite)
                sprite.update()
                left -= sprite.cost
                if left <= 0:
                    break
        if self._waiting:
            self._timer.start(FRAME_MILLISECONDS)
        else:
            self._sweeping = False

    def undrawn(self) -> list[Sprite]:
        """What is in sight and has no pixels of what it would draw."""
        seen = self.sight()
        return [sprite for sprite in self._all if not sprite.scales and sprite.sceneBoundingRect().intersects(seen)]

    @property
    def crowded(self) -> bool:
        """Whether more pictures are in sight than are drawn in one frame."""
        if self._crowd is None:
            seen = self.sight()
            self._crowd = len(self._all) > CROWD and sum(sprite.sceneBoundingRect().intersects(seen) for sprite in self._all) > CROWD
        return self._crowd


class Sprite(QGraphicsItem):
    """An item that is drawn by :meth:`draw` and shown as pixels. It is moved and scaled with the view, never turned."""

    def __init__(self, theme: Theme, darkroom: Darkroom) -> None:
        super().__init__()
        self.theme = theme
        self.cost = 0.001
        """Seconds that drawing it took the last time."""
        self.prepares = True
        """False once its preparation failed: then it is drawn without."""
        self._darkroom = darkroom
        self._stale = True
        self._kept: _Kept | None = None
        darkroom.join(self)

    def draw(self, painter: QPainter) -> None:
        """Paint it in item coordinates."""
        raise NotImplementedError

    def draw_blank(self, painter: QPainter) -> None:
        """Paint, at next to no cost, what stands here until its turn comes for the first time."""

    @property
    def scales(self) -> bool:
        """Whether its pixels show what it would draw, in another size perhaps."""
        return self._kept is not None and not self._stale

    def preparation(self) -> Callable[[], object] | None:
        """What has to be worked out, on another thread, before it can be drawn in a frame's time."""
        return None

    def refresh(self, urgent: bool = False) -> None:
        """What it shows has changed; ``urgent``: in answer to a hand, so that it must not wait for its turn."""
        if not self._stale or urgent:
            self._stale = True
            self._darkroom.changed(self, urgent)

    def leave(self) -> None:
        """It is about to be taken out of the scene."""
        self._darkroom.leave(self)

    def forget(self) -> None:
        """Give the pixels back."""
        self._kept = None

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        at = painter.worldTransform()
        ratio, kept = painter.device().devicePixelRatioF(), self._kept
        fitting = kept is not None and not self._stale and kept.zoom == at.m11() and kept.ratio == ratio
        if not fitting:
            place = self._pixels_on_view(at, ratio)
            if place.isEmpty():
                self.forget()  # there is nothing of it any more: what was there must not be shown again
                return
            if place.width() * place.height() > LARGEST:
                self.draw(painter)
                return
            if self._darkroom.may_draw(self, kept is None) and self._darkroom.ready(self):
                start = time.thread_time()  # not the clock's: where others keep the cores busy, pictures would wait as if they were dear
                kept = self._kept = self._developed(place, painter.renderHints(), at, ratio)
                self._stale = False
                self.cost = time.thread_time() - start
                self._darkroom.drawn(self, self.cost, kept.bytes)
        if kept is None:
            self.draw_blank(painter)
        elif kept.zoom == at.m11() and kept.ratio == ratio:
            x, y = at.dx() + kept.corner.x(), at.dy() + kept.corner.y()
            painter.setWorldTransform(QTransform())
            painter.drawPixmap(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), kept.pixels)
            painter.setWorldTransform(at)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(kept.box, kept.pixels, QRectF(kept.pixels.rect()))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)

    def _pixels_on_view(self, at: QTransform, ratio: float) -> QRect:
        """The whole pixels of the screen that it covers, from the view's corner."""
        on_view = at.mapRect(self.boundingRect())
        return QRectF(on_view.topLeft() * ratio, on_view.size() * ratio).toAlignedRect()

    def _developed(self, place: QRect, hints: QPainter.RenderHint, at: QTransform, ratio: float) -> _Kept:
        """Its pixels as they are now."""
        pixels = QPixmap(place.size())
        pixels.setDevicePixelRatio(ratio)
        pixels.fill(Qt.GlobalColor.transparent)
        zoom, corner = at.m11(), QPointF(place.topLeft()) / ratio - QPointF(at.dx(), at.dy())
        with QPainter(pixels) as inner:
            inner.setRenderHints(hints)
            inner.setTransform(QTransform(zoom, 0, 0, zoom, -corner.x(), -corner.y()))
            self.draw(inner)
        return _Kept(pixels, QRectF(corner / zoom, QSizeF(place.size()) / (ratio * zoom)), corner, zoom, ratio)
