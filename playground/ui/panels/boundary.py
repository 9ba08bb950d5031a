"""The decision boundary: the prediction over the plane, the line where it turns, and the data's points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from playground import turns
from playground.data import Dataset
from playground.engine.live.snapshot import Plane
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.panels import marks, plane_picture
from playground.ui.panels.contour import segments
from playground.ui.panels.drawn import OfSamples
from playground.ui.panels.lines import Border, Borders
from playground.ui.theme import Theme

REACH = 12.0
MOST_POINTS = 1500
POINTS_AT_ONCE = 250
"""More take turns with the rest of the window: 3,000 marks at one go kept it from answering for 60-90 ms (measured)."""
Mark = tuple[str, float, float, float]
MOST_NAMED = 8
"""Up to so many points bear their coordinates."""
LEAST_NAMED = 130.0
"""In a smaller picture, px, coordinates would run into their neighbors; the table beside it has them too."""


class Boundary(OfSamples):
    """A square picture, whose points are clicked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "boundary", parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Decision boundary"))
        self._plane: Plane | None = None
        self._dataset: Dataset | None = None
        self._sample: tuple[str, int] = ("train", 0)
        self._targets = (0.0, 1.0)
        self.two_colors = False
        self._image: QImage | None = None
        self._lines: list[QLineF] = []
        self._borders: Borders | None = None
        self._hard = False
        self._points: QPixmap | None = None
        self._undrawn: Iterator[Mark] = iter(())
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.timeout.connect(self._draw_more)

    # -- what it shows
    def show_plane(self, plane: Plane | None, low: float, high: float) -> None:
        """Predictions of a snapshot; ``low`` and ``high`` are the targets of the two classes where there is one output."""
        if plane is not self._plane or (low, high) != self._targets:
            if (low, high) != self._targets:
                self._points = None
            self._plane, self._targets = plane, (low, high)
            self._compose()

    def show_borders(self, borders: Borders | None) -> None:
        """The straight lines of a single neuron: they are exact where the picture has cells."""
        if borders != self._borders:
            self._borders = borders
            self.update()

    def show_data(self, dataset: Dataset | None) -> None:
        if dataset is not self._dataset:
            self._dataset, self._points = dataset, None
            self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._points = theme, None
        self._compose()

    def set_two_colors(self, on: bool) -> None:
        self.two_colors = on
        self._compose()

    def _compose(self) -> None:
        plane = self._plane
        self._image, self._lines, self._hard = None, [], False
        if plane is not None and plane.boundary is not None:
            values = plane.boundary
            middle, reach = plane_picture.levels(*self._targets)
            if len(values) == 1 and not self._regression and plane_picture.is_hard(values, *self._targets):
                self._image, self._hard = plane_picture.hard_image(values[0], self._targets[1], self._theme), True
                self._lines = [QLineF(*piece) for piece in segments(values[0], middle).tolist()]
            elif len(values) == 1:
                self._image = plane_picture.signed_image(values[0], middle, reach, self._theme, self.two_colors)
                if not self._regression:
                    self._lines = [QLineF(*piece) for piece in segments(values[0], middle).tolist()]
            else:
                self._image = plane_picture.winner_image(values, self._theme, self.two_colors)
        self.update()

    @property
    def _regression(self) -> bool:
        return self._dataset is not None and self._dataset.description.task == "regression"

    # -- geometry
    def _area(self) -> QRectF:
        side = min(self.width(), self.height()) - 2
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _extent(self) -> tuple[float, float, float, float] | None:
        if self._plane is not None:
            return self._plane.extent
        return self._dataset.extent if self._dataset is not None else None

    def _at(self, x: float, y: float) -> QPointF:
        return self._placing()(x, y)

    def _placing(self) -> Callable[[float, float], QPointF]:
        """Where a point lies, as long as neither size nor extent changes."""
        x0, x1, y0, y1 = self._extent() or (0, 1, 0, 1)
        area = self._area()
        left, bottom, width, height = area.x(), area.bottom(), area.width(), area.height()
        return lambda x, y: QPointF(left + (x - x0) / (x1 - x0) * width, bottom - (y - y0) / (y1 - y0) * height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._points = None
        super().resizeEvent(event)

    # -- drawing
    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, area = QPainter(self), self._theme, self._area()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if self._image is None:
            painter.setPen(QPen(theme.color("line2"), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.two_colors)
            painter.drawImage(area, self._image)
            self._paint_line(painter, area)
        if self._dataset is not None and self._extent() is not None:
            if self._points is None:
                self._points, self._undrawn = self._layer(), self._marks()
                self._draw_some(self._points)
            if self._hard and len(self._dataset.train) <= MOST_NAMED and area.width() >= LEAST_NAMED:
                self._paint_names(painter, area)
            painter.drawPixmap(0, 0, self._points)
            self._paint_sample(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("line3"), 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_line(self, painter: QPainter, area: QRectF) -> None:
        if self._borders is not None:
            self._paint_borders(painter, area, self._borders)
            return
        if not self._lines or self._plane is None or self._plane.boundary is None:
            return
        cells = self._plane.boundary.shape[1] - 1
        painter.save()
        painter.setClipRect(area)
        painter.translate(area.left(), area.bottom())
        painter.scale(area.width() / cells, -area.height() / cells)
        pen = QPen(self._line_color(), 1.25)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(self._lines)
        painter.restore()

    def _line_color(self) -> QColor:
        """Light over the dark middle of the dark theme's scale, dark over the light one's."""
        return self._theme.color("text")

    def _paint_borders(self, painter: QPainter, area: QRectF, borders: Borders) -> None:
        """The line now, the one before the update dashed, and an arrow from that to this."""
        painter.save()
        painter.setClipRect(area)
        now, before = self._placed(borders.now), self._placed(borders.before)
        if before is not None:
            painter.setPen(tools.pen(self._theme.color("text2"), 1.2, (4.0, 3.0)))
            painter.drawLine(before)
        if now is not None:
            painter.setPen(QPen(self._line_color(), 1.5))
            painter.drawLine(now)
        if (way := self._way()) is not None:
            tools.arrow(painter, way.p1(), way.p2(), self._theme.color("upd"), 1.6)
        painter.restore()

    def in_sight(self) -> tuple[bool, bool]:
        """Whether the line now, and the one before the update, cross the picture."""
        if self._borders is None or self._extent() is None:
            return True, True
        return self._placed(self._borders.now) is not None, self._placed(self._borders.before) is not None

    def _way(self) -> QLineF | None:
        """The arrow from the line before the update to the line now; ``None`` where it hardly moved."""
        now, before = (None, None) if self._borders is None else (self._placed(self._borders.now), self._placed(self._borders.before))
        if now is None or before is None:
            return None
        way = QLineF(before.center(), now.center())
        return QLineF(way.pointAt(4 / way.length()), way.pointAt(1 - 4 / way.length())) if way.length() > 14 else None

    def _placed(self, border: Border | None) -> QLineF | None:
        extent = self._extent()
        line = border.across(extent) if border is not None and extent is not None else None
        return QLineF(self._at(line.x1(), line.y1()), self._at(line.x2(), line.y2())) if line is not None else None

    def _layer(self) -> QPixmap:
        """What the points are drawn on, once a size."""
        ratio = self.devicePixelRatioF()
        layer = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        layer.setDevicePixelRatio(ratio)
        layer.fill(Qt.GlobalColor.transparent)
        return layer

    def _marks(self) -> Iterator[Mark]:
        """Split, coordinates and label of the points shown: validation first (hollow), training above it."""
        dataset = self._dataset
        assert dataset is not None
        for split in ("train",) if dataset.validation is dataset.train else ("validation", "train"):
            part = dataset.split(split)
            labels = part.y[:MOST_POINTS].reshape(-1).tolist()
            for (x, y), label in zip(part.x[:MOST_POINTS].tolist(), labels, strict=True):
                yield split, x, y, label

    def _draw_some(self, layer: QPixmap) -> None:
        """The next points, and the others a moment later."""
        dataset = self._dataset
        assert dataset is not None
        classes = max(len(dataset.description.classes), 2)
        painter = QPainter(layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self._area())
        few = len(dataset.train) <= 16
        radius = 6.0 if few else 3.2 if len(dataset.train) <= 600 else 2.4
        drawn, at, regression = 0, self._placing(), self._regression
        style = cache(lambda label, hollow: marks.style(label, classes, self._theme, hollow))
        middle, reach = plane_picture.levels(*self._targets)
        color, rim = cache(self._value_color), QPen(self._theme.color("rim"), 0.7)
        for split, x, y, label in islice(self._undrawn, POINTS_AT_ONCE):
            if regression:
                painter.setPen(rim)
                painter.setBrush(color(min(max(round(((label - middle) / reach / 2 + 0.5) * 255), 0), 255)))
                painter.drawEllipse(at(x, y), 2.2, 2.2)
            else:
                pen, brush, sides = style(int(label), split != "train")
                painter.setPen(pen)
                painter.setBrush(brush)
                marks.shape(painter, at(x, y), radius, sides)
            drawn += 1
        painter.end()
        if drawn == POINTS_AT_ONCE:
            self._more.start(0)

    def _draw_more(self) -> None:
        if self._points is not None and self._dataset is not None:
            self._draw_some(self._points)
            self.update()

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        """The coordinates of a few points, each on a plate of the ground's color: a line may pass there, an arrow is kept clear of."""
        assert self._dataset is not None
        way = self._way()
        arrow = QRectF() if way is None else QRectF(way.p1(), way.p2()).normalized().adjusted(-6, -6, 6, 6)
        for row in self._dataset.train.x:
            at = self._at(float(row[0]), float(row[1]))
            words = ", ".join(number(float(value), 2, trim=True) for value in row)
            wide = tools.width(words, 10)
            beside = [QRectF(left - 2, at.y() - 7, wide + 4, 14) for left in (at.x() + 14, at.x() - 14 - wide)]
            inside = [plate for plate in beside if area.contains(plate)] or beside[:1]
            plate = next((plate for plate in inside if not plate.intersects(arrow)), inside[0])
            painter.fillRect(plate, self._ground(plate.center(), area))
            tools.text(painter, plate.x() + 2, at.y(), words, self._theme.color("text"), 10)

    def _ground(self, at: QPointF, area: QRectF) -> QColor:
        assert self._image is not None
        x = (at.x() - area.x()) / area.width() * self._image.width()
        y = (at.y() - area.y()) / area.height() * self._image.height()
        return self._image.pixelColor(
            min(max(int(x), 0), self._image.width() - 1),
            min(max(int(y), 0), self._image.height() - 1),
        )

    def _value_color(self, entry: int) -> QColor:
        """Of a value at that ``entry`` of the scale from -1 to 1."""
        red, green, blue = (int(part) for part in self._theme.ramp("div")[entry])
        return QColor(red, green, blue)

    def _paint_sample(self, painter: QPainter) -> None:
        at = self._position(*self._sample)
        if at is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in (("rim", 4.5), ("nan_b", 2.0)):
            painter.setPen(QPen(self._theme.color(color), width))
            painter.drawEllipse(at, 8, 8)

    def _position(self, split: str, index: int) -> QPointF | None:
        if self._dataset is None or split not in ("train", "validation", "test"):
            return None
        part = self._dataset.split(split)
        return self._at(float(part.x[index][0]), float(part.x[index][1])) if 0 <= index < len(part) else None

    # -- the pointer
    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        best: tuple[float, str, int] | None = None
        if self._dataset is None:
            return None
        for split in ("train", "validation"):
            part = self._dataset.split(split)
            if not len(part) or (split != "train" and part is self._dataset.train):
                continue
            origin, unit = self._at(0, 0), self._at(1, 1)
            x = origin.x() + part.x[:, 0] * (unit.x() - origin.x()) - position.x()
            y = origin.y() + part.x[:, 1] * (unit.y() - origin.y()) - position.y()
            distances = np.hypot(x, y)
            index = int(distances.argmin())
            if best is None or distances[index] < best[0]:
                best = (float(distances[index]), split, index)
        return (best[1], best[2]) if best is not None and best[0] <= REACH else None

    def tip(self, position: QPointF) -> str:
        area, extent, plane = self._area(), self._extent(), self._plane
        if extent is None or not area.contains(position):
            return ""
        x0, x1, y0, y1 = extent
        across, up = (position.x() - area.x()) / area.width(), (area.bottom() - position.y()) / area.height()
        words = self.tr("x₁ = %s, x₂ = %s") % (number(x0 + across * (x1 - x0)), number(y0 + up * (y1 - y0)))
        if plane is not None and plane.boundary is not None:
            side = plane.boundary.shape[1] - 1
            outputs = plane.boundary[:, round(up * side), round(across * side)]
            words += "\n" + self.tr("output %s") % ", ".join(number(float(value)) for value in outputs)
        found = self.sample_at(position)
        if found is not None and self._dataset is not None:
            label = self._dataset.split(found[0]).y[found[1]]
            classes = self._dataset.description.classes
            truth = classes[int(label)] if classes else number(float(label[0]))
            split = {"train": self.tr("training"), "validation": self.tr("validation")}[found[0]]
            words += "\n" + self.tr("%s point %s, target %s: click to follow it") % (split, found[1], truth)
        return words
