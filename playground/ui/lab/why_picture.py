"""Which pixels an answer hangs on: the picture, and the three maps over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from playground.anim.scale import greatest
from playground.engine.experiments.lab import Attribution
from playground.ui.lab import pixels
from playground.ui.lab.plot import Plot
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.theme import Theme

HEAD, FOOT, GAP, EDGE = 40.0, 22.0, 20.0, 16.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the four: its title, what it says, its numbers (none of the picture itself) and their ramp."""

    title: str
    words: str
    values: np.ndarray | None = None
    ramp: str = "seq"
    smooth: bool = False


class WhyPicture(Plot):
    """Two by two, or side by side where it is wide; the pointer rings one pixel in all four."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_attribution_picture")
        self.found: Attribution | None = None
        self.words = ""
        self.layer = ""
        self.setAccessibleName(self.tr("Which pixels the answer hangs on"))

    def show_found(self, found: Attribution | None, layer: str, words: str) -> None:
        """``layer`` is Grad-CAM's, ``words`` say why there is nothing."""
        if found is not self.found or (layer, words) != (self.layer, self.words):
            self.found, self.layer, self.words = found, layer, words
            self.renew()

    def tiles(self) -> list[Tile]:
        """Those that there is something to say of."""
        found = self.found
        if found is None:
            return []
        made = [
            Tile(self.tr("What it gets"), self.tr("the picture itself")),
            Tile(self.tr("Saliency"), self.tr("|slope| of the class's sum by each pixel"), found.saliency),
        ]
        if found.cam is not None:
            made.append(
                Tile(self.tr("Grad-CAM"), self.tr("maps of {layer} that speak for it").format(layer=self.layer), found.cam, "seq", True)
            )
        words = self.tr("its fall where a gray {size}×{size} covers").format(size=found.size)
        made.append(Tile(self.tr("Occlusion"), words, found.occlusion, "div"))
        return made

    def boxes(self) -> list[QRectF]:
        """Where the tiles' pictures stand."""
        found, count = self.found, len(self.tiles())
        if found is None:
            return []
        wide, high = self.width() - 2 * EDGE, self.height() - 2 * EDGE
        rows, columns = found.picture.shape[1:]
        best: list[QRectF] = []
        for across in (2, count):
            down = -(-count // across)
            room = QRectF(0, 0, (wide - GAP * (across - 1)) / across, (high - GAP * (down - 1)) / down - HEAD - FOOT)
            if room.width() < 20 or room.height() < 20:
                continue
            place = pixels.fitted(room, rows, columns)
            if not best or place.width() > best[0].width():
                left = EDGE + max(0.0, (wide - across * place.width() - GAP * (across - 1)) / 2)
                best = [
                    QRectF(
                        round(left + (at % across) * (place.width() + GAP)),
                        round(EDGE + HEAD + (at // across) * (place.height() + HEAD + FOOT + GAP)),
                        place.width(),
                        place.height(),
                    )
                    for at in range(count)
                ]
        return best

    def draw(self, painter: QPainter) -> None:
        found, theme = self.found, self.theme
        if found is None:
            self.nothing(painter, self.words)
            return
        picture = pixels.image(found.picture, found.low, found.high, theme)
        for tile, box in zip(self.tiles(), self.boxes(), strict=True):
            tools.text(painter, box.x(), box.y() - 26, tile.title, theme.color("text"), 12.5, 600, room=box.width())
            tools.text(painter, box.x(), box.y() - 10, tile.words, theme.color("text3"), 10.5, room=box.width())
            pixels.draw(painter, box, picture)
            if tile.values is not None:
                limit = greatest(tile.values)
                painter.fillRect(box, theme.color("panel", 0.35))
                pixels.draw(painter, box, pixels.heat(tile.values, limit, theme, tile.ramp), tile.smooth)
                line = QRectF(box.x(), box.bottom() + 4, box.width(), FOOT - 4)
                pixels.legend(painter, line, -limit if tile.ramp == "div" else 0.0, limit, theme, tile.ramp)
            tools.frame(painter, box, theme.color("line2"))

    def pixel(self, point: QPointF) -> tuple[int, int] | None:
        """The pixel of the picture at ``point`` in any of the four: (row, column)."""
        if self.found is None:
            return None
        rows, columns = self.found.picture.shape[1:]
        for box in self.boxes():
            if box.contains(point):
                row, column = (point.y() - box.y()) / box.height() * rows, (point.x() - box.x()) / box.width() * columns
                return min(int(row), rows - 1), min(int(column), columns - 1)
        return None

    def area(self) -> QRectF:
        return QRectF(0, 0, self.width(), self.height())

    def draw_over(self, painter: QPainter) -> None:
        found = self.found
        at = self.pixel(self.pointer) if self.pointer is not None else None
        if at is None or found is None or self.pointer is None:
            return
        rows, columns = found.picture.shape[1:]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(tools.pen(self.theme.color("accent"), 1.6))
        for box in self.boxes():
            high, wide = box.height() / rows, box.width() / columns
            painter.drawRect(QRectF(box.x() + at[1] * wide, box.y() + at[0] * high, wide, high))
        shades = found.picture[:, at[0], at[1]]
        lines = [
            self.tr("row {row}, column {column}").format(row=at[0] + 1, column=at[1] + 1),
            self.tr("pixel {value}").format(value=", ".join(number(float(shade)) for shade in shades)),
            self.tr("saliency {value}").format(value=number(float(found.saliency[at]))),
        ]
        if found.cam is not None:
            inner = at[0] * found.cam.shape[0] // rows, at[1] * found.cam.shape[1] // columns
            lines.append(self.tr("Grad-CAM {value}").format(value=number(float(found.cam[inner]))))
        fall = float(found.occlusion[at])
        lines.append(self.tr("covered: {value}").format(value="…" if fall != fall else number(-fall, signed=True)))
        self.chip(painter, QPointF(self.pointer), lines)
