"""Where everything of an unrolled node stands: steps from left to right, rows from top to bottom, the way back below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

HEAD = 30.0
LABELS, NARROW_LABELS = 128.0, 92.0
"""Px for the rows' names; of a strip that is less than ``SMALL`` px wide."""
SMALL = 900.0
RIGHT = 22.0
TILES, SMALL_TILES = 46.0, 38.0
PITCH, LEAST_PITCH, MOST_PITCH = 88.0, 1.0, 160.0
"""Px of a step: as it opens, and at the ends of zooming."""
BACK, SMALL_BACK, LEAST_BACK = 178.0, 132.0, 96.0
MOST_BACK = 340.0
MOST_ROW, ROW_GAP = 56.0, 6.0
ALONE, HIGHEST_UNIT = 260.0, 28.0
"""How high a row may be that is shown by itself, and a unit of it."""
STRIPE = 15.0
"""Height of the selected unit's stripe, with its number in it."""
SCROLL = 14.0
NUMBERS_FROM, GAPS_FROM, TILES_FROM = 40.0, 14.0, 11.0
"""From so many px a step its selected unit's numbers, the gap beside it, its letter are drawn."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Of a strip ``width`` by ``height`` px with ``rows`` rows of ``units`` units over ``steps`` steps, each ``pitch`` px, seen from
    step ``start`` on (a fraction of one too). ``back``: the way back has a place. ``answers``: so have the answers of each step. ``top`` px
    below the head are somebody else's; ``labels`` and ``right`` are what lies left and right of the steps."""

    width: float
    height: float
    rows: int
    steps: int
    units: int
    pitch: float
    start: float
    back: bool
    answers: bool = False
    top: float = 0.0
    labels: float | None = None
    right: float = RIGHT

    @property
    def left(self) -> float:
        if self.labels is not None:
            return self.labels
        return LABELS if self.width >= SMALL else NARROW_LABELS

    @property
    def room(self) -> float:
        """Px that steps have."""
        return max(self.width - self.left - self.right, 40.0)

    @property
    def scrolls(self) -> bool:
        return self.steps * self.pitch > self.room + 0.5

    @property
    def last_start(self) -> float:
        """The furthest that it can be scrolled to."""
        return max(self.steps - self.room / self.pitch, 0.0)

    @property
    def gap(self) -> float:
        """Between the pictures of two steps."""
        return min(self.pitch * 0.14, 12.0) if self.pitch >= GAPS_FROM else 0.0

    @property
    def seen(self) -> range:
        """The steps in sight, those cut off at the edges included."""
        first = max(int(self.start), 0)
        return range(first, min(int(self.start + self.room / self.pitch - 1e-9) + 1, self.steps))

    @property
    def sight(self) -> QRectF:
        """What steps may be drawn in: a little more than their room where the first or the last one lies at its edge."""
        left = 12.0 if self.start <= 0 else 0.0
        right = 12.0 if self.start >= self.last_start else 0.0
        return QRectF(self.left - left, 0, self.room + left + right, self.height)

    def x(self, step: float) -> float:
        """The left edge of a step."""
        return self.left + (step - self.start) * self.pitch

    def whole(self, step: int) -> bool:
        """Whether all of a step is in sight."""
        return self.x(step) >= self.left - 1 and self.x(step + 1) <= self.left + self.room + 1

    def step_at(self, x: float) -> int | None:
        step = int((x - self.left) / self.pitch + self.start)
        return step if self.left <= x <= self.left + self.room and 0 <= step < self.steps else None

    # -- from top to bottom
    @property
    def tiles(self) -> QRectF:
        """What the inputs have."""
        return QRectF(self.left, HEAD + self.top, self.room, TILES if self.height - self.top >= 560 else SMALL_TILES)

    @property
    def back_height(self) -> float:
        if not self.back:
            return 0.0
        high = self.height - self.top
        return BACK if high >= 560 else SMALL_BACK if high >= 420 else LEAST_BACK

    @property
    def row_pitch(self) -> float:
        free = self.height - self.tiles.bottom() - self.back_height - SCROLL - 8 - (34.0 if self.answers else 0.0)
        left_over = free - (MOST_BACK - self.back_height)  # by a way back that has all it can use
        most = MOST_ROW if self.rows > 1 else min(max(MOST_ROW, self.units * HIGHEST_UNIT, left_over if self.back else ALONE), ALONE)
        return max(min(free / max(self.rows, 1), most + ROW_GAP), 8.0)

    def row(self, at: int) -> QRectF:
        """The strip of row ``at``, as wide as all the room."""
        gap = ROW_GAP if self.row_pitch >= 20 else 2.0
        return QRectF(self.left, self.tiles.bottom() + at * self.row_pitch + gap / 2, self.room, self.row_pitch - gap)

    @property
    def rows_bottom(self) -> float:
        return self.tiles.bottom() + self.rows * self.row_pitch

    @property
    def answer_row(self) -> QRectF:
        return QRectF(self.left, self.rows_bottom + 4, self.room, 30.0 if self.answers else 0.0)

    @property
    def way_back(self) -> QRectF:
        """What the way back has, under a rule: also what few rows leave."""
        top = self.answer_row.bottom() + 4
        free = self.height - SCROLL - 6 - top
        return QRectF(self.left, top, self.room, max(self.back_height - 4, min(free, MOST_BACK)) if self.back else 0.0)

    @property
    def scroll_bar(self) -> QRectF:
        return QRectF(self.left, self.height - SCROLL, self.room, 8.0)

    @property
    def scroll_grip(self) -> QRectF:
        bar = self.scroll_bar
        wide = max(bar.width() * self.room / (self.steps * self.pitch), 24.0)
        share = self.start / self.last_start if self.last_start else 0.0
        return QRectF(bar.x() + share * (bar.width() - wide), bar.y(), wide, bar.height())

    # -- units
    def cell(self, at: int, step: int, ribbon: bool = False) -> QRectF:
        """The picture of a step in a row; a ribbon's has no gap."""
        box, gap = self.row(at), 0.0 if ribbon else self.gap
        left, right = round(self.x(step) + gap / 2), round(self.x(step + 1) - gap / 2)
        return QRectF(left, box.y(), right - left, box.height())

    def splits(self, unit: int | None) -> bool:
        """Whether the selected unit has a stripe with its number, wider than those of the others."""
        return unit is not None and self.pitch >= NUMBERS_FROM and self.row_pitch - ROW_GAP >= STRIPE + 4

    def unit_rect(self, box: QRectF, unit: int, selected: int | None) -> QRectF:
        """A unit's stripe within the picture ``box`` of a step."""
        if selected is None or not self.splits(selected) or self.units == 1:
            high = box.height() / self.units
            return QRectF(box.x(), box.y() + unit * high, box.width(), high)
        thin = (box.height() - STRIPE) / (self.units - 1)
        top = box.y() + unit * thin + (STRIPE - thin if unit > selected else 0.0)
        return QRectF(box.x(), top, box.width(), STRIPE if unit == selected else thin)

    def unit_at(self, box: QRectF, y: float, selected: int | None) -> int:
        """The unit whose stripe lies at height ``y`` of a picture ``box``."""
        if selected is not None and self.splits(selected) and self.units > 1:
            wide = self.unit_rect(box, selected, selected)
            if wide.top() <= y < wide.bottom():
                return selected
            if y >= wide.bottom():
                y -= STRIPE
            high = (box.height() - STRIPE) / (self.units - 1)
            unit = int((y - box.y()) / high)
            unit = unit + 1 if unit >= selected and y + STRIPE >= wide.bottom() and y >= wide.top() else unit
        else:
            unit = int((y - box.y()) / box.height() * self.units)
        return min(max(unit, 0), self.units - 1)

    def entry_at(self, point: QPointF, selected: int | None) -> tuple[int, int, int] | None:
        """Row, step and unit under a point."""
        step = self.step_at(point.x())
        if step is None:
            return None
        for at in range(self.rows):
            box = self.row(at)
            if box.top() <= point.y() < box.bottom():
                return at, step, self.unit_at(box, point.y(), selected)
        return None
