"""The cloud of an embedding: a point a sample in the color of its class, the classes' names at their middles; a click follows a sample."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from playground.anim.class_colors import class_color
from playground.engine.live.snapshot import Cloud
from playground.ui.painters import tools
from playground.ui.panels.drawn import OfSamples
from playground.ui.theme import Theme, font

EDGE = 10.0
REACH = 0.995
"""The share of the points that lies within the picture whatever the others do."""
SHRINK = 0.94
"""How fast the scale follows a cloud that becomes smaller, an update."""
NEAR = 12.0
"""px from a point within which the pointer means it."""
GLYPHS_FROM = 190
"""px of height from which points are the classes' letters, where these are single ones."""
DOT = 4.0
MOST_NAMED = 20
"""Classes whose names stand at their middles at most."""


class CloudPicture(OfSamples):
    """Points to be clicked; ``hovered(place)`` with the place in the cloud of the one under the pointer, -1 for none."""

    hovered = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "embedding_picture", parent)
        self.setMinimumSize(120, 80)
        self.setAccessibleName(self.tr("Samples in the plane in which a layer's values vary most"))
        self.cloud: Cloud | None = None
        self._names: tuple[str, ...] = ()
        self._reach = np.zeros(2)
        self._kind: tuple[str, str] = ("", "")
        self._drawn: QPixmap | None = None
        self._over = -1

    def show_cloud(self, cloud: Cloud | None, names: tuple[str, ...]) -> None:
        if cloud is self.cloud and names == self._names:
            return
        if cloud is not None:
            reach = np.quantile(np.abs(cloud.points), REACH, axis=0)
            same = self._kind == (cloud.node, cloud.split)
            self._reach = np.maximum(reach, self._reach * SHRINK if same else 0.0)
            self._kind = cloud.node, cloud.split
        self.cloud, self._names, self._drawn = cloud, names, None
        if cloud is None or self._over >= len(cloud.points):
            self._point_at(-1)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._drawn = theme, None
        self.update()

    # -- places
    def places_of(self) -> np.ndarray:
        """Where the points are drawn, (N, 2): on both axes the same scale, the middle of all samples in the middle."""
        assert self.cloud is not None
        room = np.array([self.width(), self.height()]) / 2 - EDGE
        scale = float((room / np.maximum(self._reach, 1e-12)).min())
        drawn = self.cloud.points * scale * np.array([1.0, -1.0]) + room + EDGE
        return np.clip(drawn, [3, 3], [self.width() - 3, self.height() - 3])

    def nearest(self, position: QPointF) -> int:
        """The point that the pointer means, -1 for none."""
        if self.cloud is None or not len(self.cloud.points):
            return -1
        away = np.hypot(*(self.places_of() - [position.x(), position.y()]).T)
        at = int(away.argmin())
        return at if away[at] <= NEAR else -1

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the first point stands on the screen, for tests with a real window."""
        if self.cloud is None or not len(self.cloud.points):
            return {}
        x, y = (round(float(part)) for part in self.places_of()[0])
        return self.on_screen({"embedding/0": QRectF(x - 2, y - 2, 4, 4)})

    def texts(self) -> dict[str, str]:
        """How many points there are, and the sample that is followed, for tests with a real window."""
        count_ = 0 if self.cloud is None else len(self.cloud.points)
        return {"embedding/points": str(count_), "embedding/followed": " ".join(map(str, self._sample))}

    def color(self, label: int) -> QColor:
        return QColor(*class_color(self._theme.name, label, max(len(self._names), 1)))

    def name(self, label: int) -> str:
        return self._names[label] if 0 <= label < len(self._names) else str(label)

    # -- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.cloud is None:
            words = self.tr("The samples as a layer sees them: as soon as the network is ready, where each sample has one class.")
            tools.paragraph(painter, QRectF(0, 20, self.width(), self.height() - 20), words, theme.color("text3"), 11)
            painter.end()
            return
        ratio = self.devicePixelRatioF()
        if self._drawn is None or self._drawn.size() != self.size() * ratio:
            self._drawn = self._made(ratio)
        painter.drawPixmap(0, 0, self._drawn)
        places = self.places_of()
        if self.cloud.split == self._sample[0]:
            for at in np.flatnonzero(self.cloud.indices == self._sample[1]):
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.drawEllipse(QPointF(*places[at]), 7, 7)
        if self._over >= 0:
            painter.setPen(QPen(theme.color("text"), 1.6))
            painter.drawEllipse(QPointF(*places[self._over]), 6, 6)
        painter.end()

    def _made(self, ratio: float) -> QPixmap:
        """The cloud as a pixmap: drawn anew when it, the theme or the size changes."""
        assert self.cloud is not None
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter, theme, cloud, places = QPainter(pixmap), self._theme, self.cloud, self.places_of()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QPointF(self.width() / 2, 2), QPointF(self.width() / 2, self.height() - 2))
        painter.drawLine(QPointF(2, self.height() / 2), QPointF(self.width() - 2, self.height() / 2))
        letters = self.height() >= GLYPHS_FROM and all(len(name) == 1 for name in self._names)
        wrong = cloud.predicted != cloud.labels
        for label in np.unique(cloud.labels):
            color = self.color(int(label))
            some = np.flatnonzero(cloud.labels == label)
            if letters:
                stamp = self._letter(self.name(int(label)), color, ratio)
                half = stamp.width() / ratio / 2
                for x, y in places[some]:
                    painter.drawPixmap(QPointF(x - half, y - half), stamp)
            else:
                painter.setPen(QPen(color, DOT, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawPoints([QPointF(x, y) for x, y in places[some]])
        painter.setPen(QPen(theme.color("bad"), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in places[wrong]:
            painter.drawEllipse(QPointF(x, y), 5.0, 5.0)
        self._paint_names(painter, places)
        painter.end()
        return pixmap

    def _letter(self, words: str, color: QColor, ratio: float) -> QPixmap:
        side = 13
        stamp = QPixmap(round(side * ratio), round(side * ratio))
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        painter = QPainter(stamp)
        painter.setFont(font(10, 600))
        painter.setPen(color)
        painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
        return stamp

    def _paint_names(self, painter: QPainter, places: np.ndarray) -> None:
        """The classes' names at the medians of their points, moved apart where they would cover one another."""
        assert self.cloud is not None
        theme, taken = self._theme, list[QRectF]()
        for label in np.unique(self.cloud.labels)[:MOST_NAMED]:
            middle = np.median(places[self.cloud.labels == label], axis=0)
            words = self.name(int(label))
            wide = min(tools.width(words, 11, 600) + 10, 90.0)
            chip = QRectF(middle[0] - wide / 2, middle[1] - 8, wide, 16)
            for _ in range(12):
                if not any(chip.intersects(other) for other in taken):
                    break
                chip.translate(0, 9 if middle[1] < self.height() / 2 else -9)
            chip.moveLeft(min(max(chip.x(), 1), self.width() - wide - 1))
            chip.moveTop(min(max(chip.y(), 1), self.height() - 17.0))
            taken.append(chip)
            painter.setPen(QPen(self.color(int(label)), 1.4))
            if not chip.contains(QPointF(*middle)):
                painter.drawLine(chip.center(), QPointF(*middle))
            painter.setBrush(theme.color("panel", 0.9))
            painter.drawRoundedRect(chip, 4, 4)
            tools.text(painter, chip.center().x(), chip.center().y(), words, theme.color("text"), 11, 600, "center", wide - 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # -- the pointer
    def _point_at(self, at: int) -> None:
        if at != self._over:
            self._over = at
            self.setCursor(Qt.CursorShape.PointingHandCursor if at >= 0 else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(at)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.nearest(event.position()))

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        at = self.nearest(position)
        return (self.cloud.split, int(self.cloud.indices[at])) if at >= 0 and self.cloud is not None else None

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)
        super().leaveEvent(event)
