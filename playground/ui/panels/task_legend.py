"""What explains the pictures of the task view: marks with their words, the color bar, a neuron's line as a formula."""

from __future__ import annotations

import re

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data import Description
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.panels import marks, plane_picture
from playground.ui.panels.lines import Borders
from playground.ui.theme import Theme, font

LEGEND_HEIGHT = 20
SCALE_HEIGHT = 30
LEAST_COLUMN = 106
LINE_HEIGHT = 18


class Legend(QWidget):
    """Marks and words of the boundary, and the color bar with its ends."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._description: Description | None = None
        self._targets = (0.0, 1.0)
        self._validation = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(150, LEGEND_HEIGHT * 4)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_task(self, description: Description | None, low: float, high: float, validation: bool) -> None:
        self._description, self._targets, self._validation = description, (low, high), validation
        self.update()

    def _rows(self) -> list[tuple[str, str, int]]:
        """(form, words, class): what there is to explain."""
        if self._description is None:
            return []
        if self._description.task == "regression":
            return [("value", self.tr("training sample, its target as color"), 0), ("ring", self.tr("shown sample"), 0)]
        classes = self._description.classes
        rows = [("class", self.tr("train, class %s") % name, label) for label, name in enumerate(classes[:5])]
        if len(classes) == 2:
            rows.reverse()  # the yes first
        if self._validation:
            rows.append(("hollow", self.tr("validation"), 1))
        rows.append(("ring", self.tr("shown sample"), 0))
        if len(classes) <= 2:
            rows.append(("line", self.tr("output = %s") % number(sum(self._targets) / 2, 2, trim=True), 0))
        return rows

    def _has_scale(self) -> bool:
        return self._description is not None and len(self._description.classes) <= 2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        classes = max(len(self._description.classes), 2) if self._description else 2
        rows, scale = self._rows(), self._has_scale()
        fitting = max(1, int((self.height() - (SCALE_HEIGHT if scale else 0)) // LEGEND_HEIGHT))
        columns = 2 if len(rows) > fitting and self.width() >= 2 * LEAST_COLUMN else 1
        wide = self.width() / columns
        for at, (form, words, label) in enumerate(rows[: fitting * columns]):
            column, row = divmod(at, fitting)
            x, y = column * wide, row * float(LEGEND_HEIGHT)
            middle = QRectF(x, y, 14, LEGEND_HEIGHT).center()
            if form in ("class", "hollow"):
                marks.draw(painter, middle, 4, label, classes, theme, hollow=form == "hollow")
            elif form == "ring":
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("text"), 1.5))
                painter.drawEllipse(middle, 5, 5)
            elif form == "value":
                painter.setPen(QPen(theme.color("rim"), 0.7))
                painter.setBrush(theme.color("pos"))
                painter.drawEllipse(middle, 3, 3)
            else:
                painter.setPen(QPen(theme.color("text"), 1.25))
                painter.drawLine(middle - QPointF(6, 0), middle + QPointF(6, 0))
            painter.setPen(theme.color("text2"))
            painter.drawText(QRectF(x + 22, y, wide - 22, LEGEND_HEIGHT), Qt.AlignmentFlag.AlignVCenter, words)
        if scale:
            self._paint_scale(painter)
        painter.end()

    def _paint_scale(self, painter: QPainter) -> None:
        theme, wide = self._theme, min(140, self.width())
        top = self.height() - 26
        entries = plane_picture.scale_entries(theme)
        image = QImage(entries, 256, 1, 256, QImage.Format.Format_Indexed8)
        image.setColorTable(theme.color_table("div"))
        painter.drawImage(QRectF(0, top, wide, 6), image)
        painter.setFont(font(10.5))
        painter.setPen(theme.color("text3"))
        low, high = self._targets
        flag, box = Qt.AlignmentFlag, QRectF(0, top + 8, wide, 16)
        painter.drawText(box, flag.AlignLeft, number(low, 2, signed=low < 0, trim=True))
        painter.drawText(box, flag.AlignHCenter, number((low + high) / 2, 2, trim=True))
        painter.drawText(box, flag.AlignRight, number(high, 2, signed=low < 0, trim=True))


class LineLegend(QWidget):
    """The lines of a single neuron: the present one as a formula, and what the dashed one is. Nothing where there are none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("line_legend")
        self._theme = theme
        self._borders: Borders | None = None
        self._seen = (True, True)
        self._low = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_low(self, low: bool) -> None:
        """Whether there is room for the present line alone."""
        if low != self._low:
            self._low = low
            self.updateGeometry()

    def show_borders(self, borders: Borders | None, now: bool = True, before: bool = True) -> None:
        """Tell these lines, those that the picture shows with a sample. The room for the second one is kept from the first line on, so
        that nothing jumps."""
        if (borders, (now, before)) != (self._borders, self._seen):
            self._borders, self._seen = borders, (now, before)
            self.setVisible(borders is not None)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, LINE_HEIGHT if self._low else 2 * LINE_HEIGHT)

    def words(self) -> list[str]:
        """What is printed, a line each."""
        if self._borders is None:
            return []
        now, (seen, before) = self._borders.now, self._seen
        found = [self.tr("now: {formula}").format(formula=now.words()) if now.exists else self.tr("no line: both weights are 0")]
        if self._borders.before is not None and before:
            return [*found, self.tr("before this update")]
        return found if seen or not now.exists else [*found, self.tr("outside this picture")]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, words in enumerate(self.words()[: 1 if self._low else 2]):
            y = (row + 0.5) * LINE_HEIGHT
            if self._seen[row]:
                painter.setPen(tools.pen(theme.color("text2" if row else "text"), 1.2 if row else 1.6, (4.0, 3.0) if row else ()))
                painter.drawLine(QPointF(0, y), QPointF(16, y))
            tools.text(painter, 24, y, words, theme.color("text2"), 12, room=self.width() - 24)
        painter.end()


class FittedLegend(QWidget):
    """Title, marks and formula beside the fitted line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fitted_legend")
        self._theme = theme
        self._formula, self._note = "", ""

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_line(self, formula: str, note: str) -> None:
        """The line as a formula (``""``: it has none), and of which step it is."""
        if (formula, note) != (self._formula, self._note):
            self._formula, self._note = formula, note
            self.update()

    def rows(self) -> list[tuple[str, str]]:
        """(form, words) from top to bottom."""
        found = [("point", self.tr("the data")), ("ring", self.tr("shown sample")), ("line", self.tr("the network"))]
        formula: list[str] = []
        for piece in re.split(r"(?<![=+−]) ", self._formula):  # no number is cut, nor parted from its sign: what has no room goes below
            if formula and tools.width(f"{formula[-1]} {piece}", 12) <= self.width():
                formula[-1] += f" {piece}"
            elif piece:
                formula.append(piece)
        return [*found, *[("formula", words) for words in formula], *([("", self._note)] if self._note else [])]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tools.text(painter, 0, 8, self.tr("Fitted line"), theme.color("text"), 12, 600, room=self.width())
        for row, (form, words) in enumerate(self.rows()):
            y = 22.0 + (row + 0.5) * LEGEND_HEIGHT
            if form == "point":
                painter.setPen(QPen(theme.color("rim"), 1))
                painter.setBrush(theme.color("plus_class"))
                painter.drawEllipse(QPointF(8, y), 4.5, 4.5)
            elif form == "ring":
                painter.setPen(QPen(theme.color("text"), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(8, y), 5.5, 5.5)
            elif form == "line":
                painter.setPen(QPen(theme.color("pos"), 1.5))
                painter.drawLine(QPointF(0, y), QPointF(16, y))
            left = 0 if form in ("formula", "") else 24
            color = theme.color("text" if form == "formula" else "text2" if form else "text3")
            tools.text(painter, left, y, words, color, 12 if form else 10.5, room=self.width() - left)
        painter.end()


class Placeholder(QWidget):
    """Where there is nothing to show: an empty frame that says what is missing, and beside it what will stand here."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("task_placeholder")
        self._theme = theme
        self._missing, self._words = "", ""

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_words(self, missing: str, words: str) -> None:
        """Say what is missing, and what would be here."""
        self._missing, self._words = missing, words
        self.setAccessibleName(f"{missing}. {words}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = float(min(self.height(), self.width() // 2)) - 1
        frame = QRectF(0.5, 0.5, side, side)
        painter.setPen(tools.pen(theme.color("line2"), 1, (4.0, 3.0)))
        painter.drawRoundedRect(frame, 4, 4)
        middle = frame.center()
        tools.text(painter, middle.x(), middle.y(), self._missing, theme.color("text3"), 12, align="center", room=side - 12)
        left = side + 17
        tools.text(painter, left, 8, self.tr("Task view"), theme.color("text"), 12, 600, room=self.width() - left)
        tools.paragraph(painter, QRectF(left, 22, self.width() - left, self.height() - 22), self._words, theme.color("text2"), 12)
        painter.end()
