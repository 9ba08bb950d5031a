"""The scores of a study below its curves: a heat map of a grid, dots of random values of two fields, else rows, the best first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from playground.engine.live.snapshot import Studied
from playground.ui.dialogs import study_scores as scores
from playground.ui.dialogs.study_scores import METRICS, Metric
from playground.ui.painters import tools
from playground.ui.theme import Theme

ROW = 24
VALUE_WIDTH = 150.0
FIGURE_WIDTH = 124.0
DOT = 9.0
CELL_WORDS = 34.0


class StudyMap(QWidget):
    """``on_hover(point)`` and ``on_choice(point)`` are called when the pointer is over a point or takes it, arrows too."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("study_map")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(360, 170)
        self.setAccessibleName(self.tr("Scores"))
        self._theme = theme
        self.study: Studied | None = None
        self.scored_by: Metric = METRICS[0]  # not "metric", which Qt calls on every widget
        self.titles: list[str] = []
        self.chosen: int | None = None
        self.hovered: int | None = None
        self.tell: Callable[[int], str] = lambda at: ""
        self.on_hover: Callable[[int | None], object] = lambda at: None
        self.on_choice: Callable[[int | None], object] = lambda at: None
        self.boxes: list[tuple[QRectF, int]] = []
        self._scroll = 0

    def sizeHint(self) -> QSize:
        return QSize(560, 260)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_study(self, study: Studied | None, metric: Metric, titles: list[str]) -> None:
        if study is None or self.study is None or len(study.points) != len(self.study.points):
            self._scroll = 0
        self.study, self.scored_by, self.titles = study, metric, titles
        self.update()

    # -- drawing
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.boxes = []
            if self.study is None:
                return
            grid = scores.columns(self.study)
            if grid is not None:
                self._grid(painter, self.study, *grid)
            elif len(self.study.axes) == 2:
                self._dots(painter, self.study)
            else:
                self._rows(painter, self.study)
            if self.hasFocus():
                painter.setPen(tools.pen(self._theme.color("accent"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _color(self, share: float) -> QColor:
        red, green, blue = (int(part) for part in self._theme.ramp("seq")[round(255 * share)])
        return QColor(red, green, blue)

    def _rings(self, painter: QPainter, box: QRectF, at: int, best: int | None, radius: float) -> None:
        theme = self._theme
        if at == self.hovered:
            tools.ring(painter, box, theme.color("text"), off=0, width=1.5, radius=radius)
        if at == best and radius == DOT:
            tools.ring(painter, box, theme.color("good"), off=4, width=2, radius=radius)
        if at == self.chosen:
            tools.ring(painter, box, theme.color("accent"), off=0, width=2.5, radius=radius)

    def _heads(self, painter: QPainter) -> None:
        color = self._theme.color("text2")
        tools.text(painter, 4, 10, f"{self.titles[0]} ↓", color, 11, 600, room=self.width() / 2 - 10)
        tools.text(painter, self.width() - 12, 10, f"{self.titles[1]} →", color, 11, 600, "right", room=self.width() / 2 - 10)

    def _grid(self, painter: QPainter, study: Studied, first: list[object], second: list[object]) -> None:
        """A cell a point: the first field down, the second across."""
        theme, best = self._theme, scores.best(study, self.scored_by)
        margin = max([40.0, *(tools.width(scores.words(value), 11) + 16 for value in first)])
        area = QRectF(margin, 22, self.width() - margin - 12, self.height() - 66)
        wide, tall = area.width() / len(second), min(40.0, area.height() / len(first))
        self._heads(painter)
        shares = scores.shares(study, self.scored_by)
        for at, point in enumerate(study.points):
            row, column = first.index(point.values[0]), second.index(point.values[1])
            cell = QRectF(area.x() + column * wide + 1, area.y() + row * tall + 1, wide - 2, tall - 2)
            self.boxes.append((cell, at))
            share, value = shares[at], scores.score(point, self.scored_by)
            if share is None or value is None:
                self._empty(painter, cell, at)
            else:
                color = self._color(share)
                painter.fillRect(cell, color)
                if wide >= CELL_WORDS and tall >= 14:
                    ink = theme.ink(color.red(), color.green(), color.blue())
                    words = scores.printed(value, self.scored_by, 2)
                    tools.text(painter, cell.center().x(), cell.center().y(), words, ink, 11, 500, "center", room=wide - 4)
                if at == best:
                    ink = theme.ink(color.red(), color.green(), color.blue())
                    tools.tick(painter, QRectF(cell.right() - 15, cell.y() + 4, 10, 9), ink)
        for cell, at in self.boxes:
            self._rings(painter, cell, at, best, 2)
        for row, value in enumerate(first):
            tools.text(painter, area.x() - 8, area.y() + (row + 0.5) * tall, scores.words(value), theme.color("text2"), 11, align="right")
        bottom = area.y() + tall * len(first)
        for column, value in enumerate(second):
            x = area.x() + (column + 0.5) * wide
            tools.text(painter, x, bottom + 11, scores.words(value), theme.color("text2"), 11, align="center", room=wide - 2)
        self._legend(painter, area, bottom + 32)

    def _empty(self, painter: QPainter, cell: QRectF, at: int) -> None:
        """A point without a score: striped where its numbers left the range."""
        assert self.study is not None
        point, theme = self.study.points[at], self._theme
        painter.fillRect(cell, theme.color("field"))
        if point.state == "diverged":
            painter.fillRect(cell, tools.hatch(theme, "nan"))
        words, wide = scores.state_words(point), tools.width(scores.state_words(point), 10) + 8
        if wide <= cell.width():
            box = QRectF(cell.center().x() - wide / 2, cell.center().y() - 7, wide, 14)
            painter.fillRect(box, theme.color("field"))
            token = "bad" if point.state in ("diverged", "failed") else "text3"
            tools.text(painter, cell.center().x(), cell.center().y(), words, theme.color(token), 10, align="center")

    def _dots(self, painter: QPainter, study: Studied) -> None:
        """A dot a point: the first field down, the second across."""
        theme, best = self._theme, scores.best(study, self.scored_by)
        values = [[point.values[place] for point in study.points] for place in (0, 1)]
        places = [scores.spread(list(column)) for column in values]
        area = QRectF(70, 34, self.width() - 100, self.height() - 90)
        self._heads(painter)
        tools.frame(painter, area.adjusted(-16, -14, 16, 14), theme.color("line2"), 4)
        for axis in (0, 1):
            for end in (min(places[axis]), max(places[axis])):
                words = scores.words(values[axis][places[axis].index(end)])
                if axis == 0:
                    tools.text(painter, area.x() - 22, area.y() + end * area.height(), words, theme.color("text2"), 11, align="right")
                else:
                    tools.text(painter, area.x() + end * area.width(), area.bottom() + 25, words, theme.color("text2"), 11, align="center")
        shares = scores.shares(study, self.scored_by)
        for at in range(len(study.points)):
            middle = QPointF(area.x() + places[1][at] * area.width(), area.y() + places[0][at] * area.height())
            box = QRectF(middle.x() - DOT, middle.y() - DOT, 2 * DOT, 2 * DOT)
            self.boxes.append((box, at))
            share = shares[at]
            painter.setPen(tools.pen(theme.color("line3")))
            painter.setBrush(theme.color("field") if share is None else self._color(share))
            painter.drawEllipse(box)
            if share is None and study.points[at].state in ("diverged", "failed"):
                tools.cross(painter, box.adjusted(5, 5, -5, -5), theme.color("bad"))
            self._rings(painter, box, at, best, DOT)
        self._legend(painter, area, self.height() - 12)

    def _legend(self, painter: QPainter, area: QRectF, y: float) -> None:
        assert self.study is not None
        theme = self._theme
        known = [value for point in self.study.points if (value := scores.score(point, self.scored_by)) is not None]
        name = scores.title(self.scored_by)
        if not self.scored_by.share:
            name = self.tr("{metric}, log scale").format(metric=name)
        tools.text(painter, area.x(), y, name, theme.color("text3"), 11, room=max(area.width() - 220, 60))
        if not known:
            return
        ends = [scores.printed(end, self.scored_by) for end in (min(known), max(known))]
        right = area.right() - tools.text(painter, area.right(), y, ends[1], theme.color("text2"), 10.5, align="right") - 6
        for step in range(110):
            painter.fillRect(QRectF(right - 110 + step, y - 4, 1.5, 8), self._color(step / 109))
        tools.text(painter, right - 116, y, ends[0], theme.color("text2"), 10.5, align="right")

    def _rows(self, painter: QPainter, study: Studied) -> None:
        """One row a point, the best first; those that are not done below."""
        theme, order, best = self._theme, scores.order(study, self.scored_by), scores.best(study, self.scored_by)
        room = max(1, self.height() // ROW - 1)
        self._scroll = max(0, min(self._scroll, len(order) - room))
        lefts = [30.0 + VALUE_WIDTH * place for place in range(len(self.titles))]
        for left, head in zip(lefts, self.titles, strict=True):
            tools.text(painter, left, ROW / 2, head, theme.color("text3"), 11, room=VALUE_WIDTH - 8)
        figures = [metric for metric in scores.offered(study) if metric != self.scored_by]
        rights = [self.width() - 14.0 - FIGURE_WIDTH * place for place in range(len(figures) + 1)]
        rights = [right for right in rights if right - FIGURE_WIDTH > lefts[-1] + 40] or rights[:1]
        shown = list(zip(rights, [self.scored_by, *figures], strict=False))
        for right, metric in shown:
            token = "text2" if metric == self.scored_by else "text3"
            tools.text(painter, right, ROW / 2, scores.title(metric), theme.color(token), 11, align="right")
        for line, at in enumerate(order[self._scroll : self._scroll + room]):
            point, y = study.points[at], ROW * (line + 1)
            place = QRectF(2, y + 1, self.width() - 6, ROW - 2)
            self.boxes.append((place, at))
            if at in (self.chosen, self.hovered):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent_soft" if at == self.chosen else "raised"))
                painter.drawRoundedRect(place, 4, 4)
            if at == best:
                tools.tick(painter, QRectF(10, y + ROW / 2 - 5, 11, 10), theme.color("good"))
            for left, value in zip(lefts, point.values, strict=True):
                tools.text(painter, left, y + ROW / 2, scores.words(value), theme.color("text"), 12)
            if scores.score(point, self.scored_by) is None:
                token = "bad" if point.state in ("diverged", "failed") else "text3"
                tools.text(painter, rights[0], y + ROW / 2, scores.state_words(point), theme.color(token), 12, align="right")
                continue
            for right, metric in shown:
                value = scores.score(point, metric)
                token, weight = ("text", 600) if metric == self.scored_by else ("text2", 400)
                told = "–" if value is None else scores.printed(value, metric)
                tools.text(painter, right, y + ROW / 2, told, theme.color(token), 12, weight, align="right")
        if len(order) > room:
            share = self.height() - ROW
            bar = QRectF(self.width() - 4, ROW + share * self._scroll / len(order), 3, share * room / len(order))
            painter.fillRect(bar, theme.color("line2"))

    # -- pointer and keys
    def at(self, place: QPointF) -> int | None:
        """The point whose cell, dot or row lies under ``place``."""
        return next((at for box, at in reversed(self.boxes) if box.contains(place)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.on_hover(self.at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self.at(event.position())
        if hit is not None:
            self.on_choice(hit)

    def leaveEvent(self, event: QEvent) -> None:
        self.on_hover(None)
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            hit = self.at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tell(hit) if hit is not None else "", self)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._scroll -= round(event.angleDelta().y() / 60)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        study = self.study
        keys = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
        if study is None or event.key() not in keys or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
            return
        grid = scores.columns(study)
        way = 1 if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Right) else -1
        if grid is None:
            order = scores.order(study, self.scored_by)
            here = order.index(self.chosen) if self.chosen in order else -1
            there = min(max(here + way, 0), len(order) - 1)
            room = max(1, self.height() // ROW - 1)
            self._scroll = min(max(self._scroll, there - room + 1), there)
            self.on_choice(order[there])
            return
        row, column = divmod(self.chosen, len(grid[1])) if self.chosen is not None else (0, 0)
        down, across = (way, 0) if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) else (0, way)
        row, column = min(max(row + down, 0), len(grid[0]) - 1), min(max(column + across, 0), len(grid[1]) - 1)
        self.on_choice(row * len(grid[1]) + column)
