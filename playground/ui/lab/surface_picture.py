"""The loss surface drawn: color and contour lines, the paths upon it, the loss under the pointer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QWheelEvent

from playground.document import Document
from playground.engine.experiments.lab import Extent, Path, Surface
from playground.ui.lab import names
from playground.ui.lab.paths_key import LOOKS, mark
from playground.ui.lab.plot import Plot
from playground.ui.numbers import count, measure, number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes
from playground.ui.panels.contour import segments
from playground.ui.theme import Theme

LINES = 14
REACH = 0.62
"""How much of the ramp the surface takes: the paths upon it stay plain."""
NEAR = 9.0
NOTCH = 1.25
BAR = 10.0
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Heights:
    """Where a loss stands on the scale, 0 to 1: half by its size, half by how many points of the grid lie below it, so that a narrow
    valley and a wide plateau are both told apart. The scale beside the picture says which loss is where."""

    def __init__(self, values: np.ndarray) -> None:
        losses, held = np.unique(values[np.isfinite(values)], return_counts=True)
        if len(losses) < 2:
            losses, held = np.array([0.0, 1.0]) + (losses[0] if len(losses) else 0.0), np.ones(2)
        below = np.cumsum(held) - held
        self._losses = losses
        self._shares = ((losses - losses[0]) / (losses[-1] - losses[0]) + below / below[-1]) / 2

    def share(self, values: np.ndarray) -> np.ndarray:
        """Not-a-number stays it."""
        shares: np.ndarray = np.interp(values, self._losses, self._shares)
        return np.where(np.isnan(values), np.nan, shares)

    def loss(self, share: float) -> float:
        return float(np.interp(share, self._shares, self._losses))


def distinct(values: list[float]) -> list[str]:
    """The numbers in as few digits as tell them apart, five at most."""
    written = [[number(value, digits) for value in values] for digits in (2, 3, 4, 5)]
    apart = len(set(written[-1]))
    return next(words for words in written if len(set(words)) == apart)


def drawn_alike(one: Surface, two: Surface) -> bool:
    """Whether nothing that is drawn differs: between two levels of the grid only the count of its points does."""
    paths = [[(path.name, len(path.points)) for path in each.paths] for each in (one, two)]
    same = (one.asked, one.state.step, one.extent, one.stride, paths[0]) == (two.asked, two.state.step, two.extent, two.stride, paths[1])
    return same and one.stride > 1 and one.state.running and two.state.running


class SurfacePicture(Plot):
    """``zoomed(extent)`` when another part of the plane is wanted; ``None``: the first one."""

    zoomed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_surface_picture")
        self.surface: Surface | None = None
        self.document = Document()
        self.wanted: Extent | None = None
        """The part of the plane that was asked for and is not there yet."""
        self.hidden: frozenset[str] = frozenset()
        self._heights = Heights(np.zeros(0))
        self.setAccessibleName(self.tr("Loss surface"))
        self.setToolTip("")

    def show_surface(self, surface: Surface | None, document: Document) -> None:
        """Draw it as far as it is known."""
        if surface is not None and self.wanted is not None and (surface.extent != self.wanted or not surface.stride):
            return  # the first coarse grid of the part that is wanted is there in a moment: till then the last one stays
        old, self.surface, self.document, self.wanted = self.surface, surface, document, None
        if old is not None and surface is not None and drawn_alike(old, surface):
            return
        if surface is not None:
            x0, x1, y0, y1 = surface.extent
            self.x_axis, self.y_axis = Axes(low=x0, high=x1), Axes(low=y0, high=y1)
            self.x_title, self.y_title = names.label(surface.first, document), names.label(surface.second, document)
            self._heights = Heights(self._known())
        self.renew()

    def set_hidden(self, hidden: frozenset[str]) -> None:
        """Leave these paths out."""
        self.hidden = hidden
        self.renew()

    def _known(self) -> np.ndarray:
        surface = self.surface
        return surface.values[:: surface.stride, :: surface.stride] if surface is not None and surface.stride else np.zeros((0, 0))

    @property
    def shown(self) -> list[Path]:
        """The paths to draw, the run's own first: it is the widest, and the others are seen upon it."""
        paths = self.surface.paths if self.surface is not None else ()
        kept = [path for path in paths if path.name not in self.hidden]
        return sorted(kept, key=lambda path: path.name != "run")

    # -- drawing
    def draw(self, painter: QPainter) -> None:
        surface = self.surface
        if surface is None:
            self.nothing(painter, self.tr("Press Draw the surface"))
            return
        area = self.area()
        if surface.stride:
            self._ground(painter)
        else:
            painter.fillRect(area, tools.hatch(self.theme, "waiting"))
        tools.frame(painter, area, self.theme.color("line3"))
        self.frame(painter, grid=False)
        painter.save()
        painter.setClipRect(area)
        for path in self.shown:
            self._path(painter, path)
        painter.restore()
        self._scale(painter, area)

    def _ground(self, painter: QPainter) -> None:
        assert self.surface is not None
        values, (x0, x1, y0, y1) = self._known(), self.surface.extent
        area = QRectF(self.at(x0, y1), self.at(x1, y0))
        share = self._heights.share(values)
        table = self.theme.ramp("seq")
        entries = np.round(255 * REACH * np.nan_to_num(share, nan=0.0, posinf=1.0)).clip(0, 255).astype(np.uint8)
        pixels = np.full((*values.shape, 4), 255, np.uint8)
        pixels[..., :3] = table[entries][..., ::-1]
        pixels = np.ascontiguousarray(pixels[::-1])
        rows, columns = values.shape
        image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
        painter.save()
        painter.setClipRect(self.area())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, image, QRectF(0.5, 0.5, columns - 1, rows - 1))
        wide, high = area.width() / (columns - 1), area.height() / (rows - 1)
        for line in range(1, LINES):
            painter.setPen(tools.pen(self.theme.color("text", 0.42 if line % 2 == 0 else 0.2), 0.9))
            found = segments(np.where(np.isfinite(share), share, 2.0), line / LINES)
            painter.drawLines(
                [
                    QLineF(area.x() + a * wide, area.bottom() - b * high, area.x() + c * wide, area.bottom() - d * high)
                    for a, b, c, d in found.tolist()
                ]
            )
        finite = np.isfinite(values)
        if not finite.all():
            grown = QRectF(area.x() - wide / 2, area.y() - high / 2, wide * columns, high * rows)
            tools.not_a_number(painter, grown, finite[::-1], self.theme)
        painter.restore()

    def _path(self, painter: QPainter, path: Path) -> None:
        places, look = self.pixels(path.points), LOOKS[path.name]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(places) > 1:
            line = tools.polygon(np.clip(places, -1e5, 1e5))
            painter.setPen(tools.pen(self.theme.color("canvas", 0.75), look.width + 2))
            painter.drawPolyline(line)
            painter.setPen(tools.pen(self.theme.color(look.token), look.width, look.dash))
            painter.drawPolyline(line)
        start, end = (QPointF(*np.clip(places[at], -1e5, 1e5).tolist()) for at in (0, -1))
        if len(places) > 1:
            painter.setPen(tools.pen(self.theme.color(look.token), 1.6))
            painter.setBrush(self.theme.color("canvas"))
            painter.drawEllipse(start, 3.5, 3.5)
        mark(painter, end, look, self.theme, 5.5)

    def _scale(self, painter: QPainter, area: QRectF) -> None:
        """The scale of the loss, upright beside the picture."""
        x, heights = area.right() + 14, self._heights
        if x + 66 > self.width() or self.surface is None or not self.surface.stride:
            return
        table = self.theme.ramp("seq")
        strip = np.full((256, 1, 4), 255, np.uint8)
        strip[:, 0, :3] = table[np.round(255 * REACH * np.linspace(1, 0, 256)).astype(int)][:, ::-1]
        strip = np.ascontiguousarray(strip)
        box = QRectF(x, area.y(), BAR, area.height())
        painter.drawImage(box, QImage(strip.data, 1, 256, 4, QImage.Format.Format_RGB32))
        tools.frame(painter, box, self.theme.color("line3"))
        tools.text(painter, x, area.y() - 14, self.tr("loss"), self.theme.color("text2"), 11, 500)
        losses = [heights.loss(share) for share in TICKS]
        for share, words in zip(TICKS, distinct(losses), strict=True):
            y = min(max(box.bottom() - share * box.height(), box.y() + 6), box.bottom() - 6)
            tools.text(painter, box.right() + 6, y, words, self.theme.color("text3"), 10.5)

    def area(self) -> QRectF:
        box = super().area()
        return box.adjusted(0, 0, -72, 0) if box.width() > 300 else box

    def draw_over(self, painter: QPainter) -> None:
        if self.pointer is None or self.surface is None:
            return
        near = self.path_near(self.pointer)
        if near is not None:
            path, at = near
            place = QPointF(*self.pixels(path.points[at : at + 1])[0].tolist())
            x, y = path.points[at].tolist()
            seen = self.tr("step {step}, {seen} samples seen").format(
                step=count(int(path.steps[at])), seen=count(int(path.steps[at]) * path.batch)
            )
            look = LOOKS[path.name]
            mark(painter, place, look, self.theme, 5)
            self.chip(painter, place, [seen, f"{self._symbols()[0]} {number(x)}   {self._symbols()[1]} {number(y)}"])
            return
        point = self.point_at(self.pointer)
        if point is not None:
            x, y, loss = point
            place = self.at(x, y)
            tools.ring(painter, QRectF(place.x() - 1, place.y() - 1, 2, 2), self.theme.color("text"), off=3, width=1.5, radius=5)
            words = self.tr("loss {loss}").format(loss=measure(loss))
            self.chip(painter, place, [words, f"{self._symbols()[0]} {number(x)}   {self._symbols()[1]} {number(y)}"])

    def _symbols(self) -> tuple[str, str]:
        assert self.surface is not None
        return names.symbol(self.surface.first), names.symbol(self.surface.second)

    # -- the pointer
    def point_at(self, place: QPointF) -> tuple[float, float, float] | None:
        """The computed point nearest to a pixel: both numbers and the loss there."""
        values = self._known()
        if not values.size:
            return None
        assert self.surface is not None
        rows, columns = values.shape
        x0, x1, y0, y1 = self.surface.extent
        x, y = self.values(place)
        column = round(min(max((x - x0) / (x1 - x0), 0.0), 1.0) * (columns - 1))
        row = round(min(max((y - y0) / (y1 - y0), 0.0), 1.0) * (rows - 1))
        return x0 + (x1 - x0) * column / (columns - 1), y0 + (y1 - y0) * row / (rows - 1), float(values[row, column])

    def path_near(self, place: QPointF) -> tuple[Path, int] | None:
        """The path whose point lies nearest to a pixel, and which; ``None`` where none is near."""
        best: tuple[float, Path, int] | None = None
        for path in self.shown:
            away = np.hypot(*(self.pixels(path.points) - [place.x(), place.y()]).T)
            at = int(np.argmin(away))
            if away[at] <= NEAR and (best is None or away[at] < best[0]):
                best = (float(away[at]), path, at)
        return None if best is None else best[1:]

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        """Ask for a part ``factor`` times as wide; the place ``around`` stays where it is."""
        if self.surface is None:
            return
        (x0, x1), (y0, y1) = self.x_axis.ends(), self.y_axis.ends()
        x, y = self.values(around if around is not None else self.area().center())
        wanted: Extent = (x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor)
        self.look_at(wanted)
        self.zoomed.emit(wanted)

    def look_at(self, extent: Extent) -> None:
        """Show this part of the plane: of what is known now, till it is computed itself."""
        self.wanted = extent
        self.x_axis, self.y_axis = Axes(low=extent[0], high=extent[1]), Axes(low=extent[2], high=extent[3])
        self.renew()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches and self.area().contains(event.position()):
            self.zoom(NOTCH**-notches, event.position())
            event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.zoomed.emit(None)
