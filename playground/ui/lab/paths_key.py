"""The key of the paths over the surface: color, line and end mark of each, what it was, where its loss ended; a click hides one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from playground.engine.experiments.lab import Path, PathName
from playground.ui.numbers import count, measure
from playground.ui.painters import tools
from playground.ui.panels import marks
from playground.ui.theme import Theme

HEIGHT = 36


@dataclass(frozen=True, slots=True)
class Look:
    """Two channels each: a color, and a line of its own width, dash and end mark (corners of it; 0 is a disc)."""

    token: str
    width: float
    dash: tuple[float, ...]
    sides: int


LOOKS: Mapping[PathName, Look] = {
    "run": Look("text", 2.4, (), 0),
    "full": Look("s2", 2.0, (), 4),
    "mini": Look("s3", 1.4, (), 3),
    "stochastic": Look("err", 1.0, (), 5),
    "momentum": Look("s4", 2.0, (6.0, 3.0), 6),
}


def mark(painter: QPainter, place: QPointF, look: Look, theme: Theme, radius: float = 4.5) -> None:
    """The end of a path."""
    painter.setPen(tools.pen(theme.color("canvas"), 1.5))
    painter.setBrush(theme.color(look.token))
    marks.shape(painter, place, radius, look.sides)


class Row(QAbstractButton):
    """One path; checked while it is shown."""

    def __init__(self, name: PathName, theme: Theme) -> None:
        super().__init__()
        self.setObjectName(f"path_{name}")
        self.setCheckable(True)
        self.setChecked(True)
        self.setFixedHeight(HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.theme, self.look = theme, LOOKS[name]
        self.title = {
            "run": self.tr("Your run"),
            "full": self.tr("Full batch"),
            "mini": self.tr("Mini-batch"),
            "stochastic": self.tr("Stochastic"),
            "momentum": self.tr("Full batch, momentum 0.9"),
        }[name]
        self.facts = self.loss = ""
        self.setToolTip(self.tr("Show or hide this path"))
        self.setAccessibleName(self.title)

    def show_path(self, path: Path) -> None:
        """Its figures."""
        steps = self.tr("{n} steps of {batch}") if path.batch > 1 else self.tr("{n} steps of 1 sample")
        self.facts = steps.format(n=count(int(path.steps[-1])), batch=count(path.batch))
        self.loss = self.tr("left the range") if path.diverged else measure(path.loss)
        self.setText(f"{self.title}: {self.facts} {self.loss}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown, theme = self.isChecked(), self.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.underMouse() or self.hasFocus():
                painter.setPen(tools.pen(theme.color("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("raised") if self.underMouse() else Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
            if shown:
                painter.setPen(tools.pen(theme.color(self.look.token), self.look.width, self.look.dash))
                painter.drawLine(QPointF(6, 12), QPointF(34, 12))
                mark(painter, QPointF(34, 12), self.look, theme, 4)
            right = self.width() - 6.0
            room = tools.text(painter, right, 12, self.loss, theme.color("text" if shown else "off"), 12, 600, "right")
            tools.text(painter, 46, 12, self.title, theme.color("text" if shown else "off"), 12, room=right - room - 52)
            tools.text(painter, 46, 26, self.facts, theme.color("text3" if shown else "off"), 10.5, room=right - 46)


class PathsKey(QWidget):
    """A row a path. ``changed`` when one is hidden or shown."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.rows: dict[PathName, Row] = {name: Row(name, theme) for name in LOOKS}
        for row in self.rows.values():
            row.toggled.connect(lambda _: self.changed.emit())
            row.hide()
            column.addWidget(row)

    @property
    def hidden(self) -> frozenset[str]:
        """The names of the paths that are not to be drawn."""
        return frozenset(name for name, row in self.rows.items() if not row.isChecked())

    def show_paths(self, paths: tuple[Path, ...]) -> None:
        known = {path.name: path for path in paths}
        for name, row in self.rows.items():
            row.setVisible(name in known)
            if name in known:
                row.show_path(known[name])

    def set_theme(self, theme: Theme) -> None:
        for row in self.rows.values():
            row.theme = theme
            row.update()
