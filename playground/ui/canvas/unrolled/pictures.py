"""An unrolled node's other pictures (all units, the text), its condition and what is found of that in the data: what stands where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF

from playground.ui.canvas.unrolled import wording
from playground.ui.canvas.unrolled.board import View
from playground.ui.canvas.unrolled.condition import Wanted
from playground.ui.canvas.unrolled.hits import NARROW, WIDE, Hits
from playground.ui.canvas.unrolled.layout import HEAD, SMALL
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.canvas.unrolled.text import Written
from playground.ui.canvas.unrolled.tools import HEIGHT, Tools
from playground.ui.canvas.unrolled.units import Units
from playground.ui.painters import course
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.unrolled.strip import Unrolled
    from playground.ui.canvas.view import CanvasView


class Pictures(QObject):
    """Parts of ``strip`` (an :class:`~playground.ui.canvas.unrolled.strip.Unrolled`), which asks for them when it follows new values."""

    def __init__(self, strip: Unrolled, view: CanvasView) -> None:
        super().__init__(strip)
        self._strip, self._view, theme = strip, view, view.theme
        self.tools = Tools(strip)
        self.units, self.written = Units(theme, strip), Written(theme, strip)
        self.hits = Hits(view.workbench, theme, strip)
        strip.head.modes.chosen.connect(lambda _: self._shown_otherwise())
        strip.head.finder.toggled.connect(self._find)
        self.tools.changed.connect(strip.follow)
        self.tools.unit_chosen.connect(strip.choose_unit)
        self.hits.split.activated.connect(lambda _: self.look())
        self.hits.chosen.connect(lambda _, step, unit: self.go_to(step, unit))
        for board in (self.units, self.written):
            board.chosen.connect(self.go_to)
        view.workbench.snapshot_changed.connect(lambda _: self.look())

    def set_theme(self, theme: Theme) -> None:
        for part in (self.units, self.written, self.hits):
            part.set_theme(theme)

    @property
    def finding(self) -> bool:
        """Whether a condition is looked for."""
        return bool(self._strip.node) and self._strip.head.finder.isChecked()

    @property
    def wanted(self) -> Wanted | None:
        """The condition that is looked for, on the selected unit where it is not on any."""
        strip = self._strip.strip
        return self.tools.wanted(strip.unit, self._strip.head.mode) if strip is not None and self.finding else None

    @property
    def taken(self) -> tuple[float, int]:
        """Px below the head that the tools have, and at the right the hits."""
        tools = self.finding or self._strip.head.mode != "steps"
        return (float(HEIGHT) if tools else 0.0), ((WIDE if self._strip.width() >= SMALL else NARROW) if self.finding else 0)

    def _find(self, on: bool) -> None:
        strip = self._strip.strip
        if on and strip is not None:
            self.tools.show_for(tuple(row.gate for row in strip.rows), strip.units, strip.unit, self._strip.head.mode, finding=True)
            self.tools.begin(strip.unit)
        self._shown_otherwise()

    def step_back(self) -> bool:
        """Escape: put the condition away, or go back to the steps; whether there was anything to do."""
        head = self._strip.head
        if self.finding:
            head.finder.setChecked(False)
        elif head.mode != "steps":
            head.modes.choose(0)
            self._shown_otherwise()
        else:
            return False
        self._strip.setFocus()
        return True

    def _shown_otherwise(self) -> None:
        """Another picture was chosen, or the condition put away."""
        if not self.finding:
            self.hits.forget()
        self.place()
        self._strip.follow()

    def place(self) -> None:
        """Put the parts where the present picture has them."""
        top, side = self.taken
        self._strip.head.setGeometry(0, 0, self._strip.width(), round(HEAD))
        self.tools.setGeometry(1, round(HEAD), self._strip.width() - 2, HEIGHT)
        body = QRectF(1, HEAD + top, self._strip.width() - side - 2, self._strip.height() - HEAD - top - 8).toRect()
        for name, part in (("units", self.units), ("text", self.written)):
            part.setGeometry(body)
            part.setVisible(self._strip.head.mode == name)
        self.hits.setGeometry(self._strip.width() - side - 1, body.y(), side, body.height())
        self.hits.setVisible(self.finding)
        self.tools.setVisible(top > 0)

    def show_strip(self, strip: Strip) -> None:
        """Bring the tools and the picture below them up to date."""
        mode, (top, _) = self._strip.head.mode, self.taken
        if not top:
            return
        self.tools.show_for(tuple(row.gate for row in strip.rows), strip.units, strip.unit, mode, self.finding)
        row = next(row for row in strip.rows if row.gate == self.tools.gate)
        wanted = self.wanted
        holds = wanted.holds(row, strip.mask) if wanted is not None else None
        view = View(strip, row, self._strip.chosen_step(), holds, self.tools.how)
        {"units": self.units, "text": self.written}[mode].show_view(view) if mode != "steps" else None
        self.tools.told.set_text(wording.held(strip, row, holds) if self.finding else "")
        self.look()

    def look(self) -> None:
        """Keep what is found in the data up to date."""
        strip = self._strip.strip
        if strip is not None and self.finding:
            row = next((row for row in strip.rows if row.gate == self.tools.gate), strip.rows[-1])
            scale = course.scale_of(strip.picture, row.gate, self._view.scene_.cards[strip.node].scale)
            tokens = strip.picture.data.tokens if strip.picture.data is not None and strip.letters is not None else ()
            self.hits.show_wanted(strip.node, strip.end, self.wanted, scale, tokens)

    def go_to(self, step: int, unit: int) -> None:
        """Select the cell of the row on show at a step, and bring it into sight."""
        strip = self._strip.strip
        if strip is not None and 0 <= step < strip.steps:
            entry = course.entry_of(strip.picture, strip.end, step, unit)
            self._view.workbench.select((strip.node,), (strip.node, entry), (strip.node, self.tools.gate + strip.end, (step, unit)))
            self._strip.reveal(step)
            self.units.reveal(step)
            self._strip.follow()
