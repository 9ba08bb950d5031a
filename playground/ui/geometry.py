"""The sizes of the window's parts: three layouts, chosen by the window's own size."""

from __future__ import annotations

from dataclasses import dataclass

SNAP = 120  # a split dragged below this shuts
RAIL = 48
MINIMUM = (1024, 700)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Logical px. ``compact`` leaves out what has no room; ``tabs`` puts inspector and explain behind one another."""

    name: str
    bar: int
    status: int
    timeline: int
    palette: int
    right: int
    dock: int
    transport: int
    compact: bool = False
    tabs: bool = False
    row: int = 26
    inset: int = 16


TINY = Geometry("tiny", 44, 22, 48, 160, 260, 140, 236, compact=True, tabs=True, row=24, inset=12)
SMALL = Geometry("small", 44, 22, 48, 160, 280, 176, 330, compact=True, row=24, inset=12)
MEDIUM = Geometry("medium", 48, 24, 56, 200, 340, 244, 452)
LARGE = Geometry("large", 48, 24, 56, 216, 380, 260, 560)


def geometry(width: int, height: int) -> Geometry:
    """The layout for a window of this size."""
    if width < 1180 or height < 740:
        return TINY
    if width < 1440 or height < 880:
        return SMALL
    return LARGE if width >= 1800 and height >= 960 else MEDIUM
