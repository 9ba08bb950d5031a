"""The straight line on which a single neuron's sum is 0: now, and before the last update."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF

from playground.document import Document
from playground.engine.live.snapshot import Snapshot
from playground.ui.numbers import MINUS, number
from playground.ui.panels.chart_series import of_a_perceptron

NOTHING = 1e-6
"""What float32 leaves of 0.2 − 0.1 − 0.1, as a share of the other terms, with room to spare."""
Extent = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Border:
    """The points where ``w1 x1 + w2 x2 + b = 0``."""

    w1: float
    w2: float
    b: float

    def words(self) -> str:
        """``"0.1 x₁ + 0.2 x₂ − 0.2 = 0"``; a term that is nothing beside the others is left out."""
        terms = [(self.w1, " x₁"), (self.w2, " x₂"), (self.b, "")]
        least = NOTHING * max(abs(value) for value, _ in terms)
        kept = [(value, name) for value, name in terms if abs(value) > least]
        written = "".join(f" {MINUS if value < 0 else '+'} {number(abs(value), 3, trim=True)}{name}" for value, name in kept)
        return (MINUS if kept and kept[0][0] < 0 else "") + (written[3:] or "0") + " = 0"

    @property
    def exists(self) -> bool:
        """Whether there is a line at all: not where both weights are 0."""
        return bool(self.w1 or self.w2)

    def across(self, extent: Extent) -> QLineF | None:
        """The part inside ``extent`` (x0, x1, y0, y1), in the data's units; ``None`` where the line passes it by or is none."""
        x0, x1, y0, y1 = extent
        found: list[tuple[float, float]] = []
        if self.w2:
            found += [(x, -(self.w1 * x + self.b) / self.w2) for x in (x0, x1)]
        if self.w1:
            found += [(-(self.w2 * y + self.b) / self.w1, y) for y in (y0, y1)]
        slack = 1e-9 * max(x1 - x0, y1 - y0)
        inside = sorted({(x, y) for x, y in found if x0 - slack <= x <= x1 + slack and y0 - slack <= y <= y1 + slack})
        return QLineF(*inside[0], *inside[-1]) if len(inside) >= 2 else None


@dataclass(frozen=True, slots=True)
class Borders:
    """The line ``now`` and, where the snapshot's pass moved it, the one ``before``."""

    now: Border
    before: Border | None = None


def borders(document: Document, snapshot: Snapshot, *, old: bool = False) -> Borders | None:
    """The lines of a neuron that sees the plane; ``None`` for every other network, or before its numbers are there. ``old``: the
    pass has yet to move the line."""
    if not of_a_perceptron(document):
        return None
    node = next(id for id, node in document.nodes.items() if node.type == "Dense")
    now = _border(snapshot.parameters.get(f"{node}/weight"), snapshot.parameters.get(f"{node}/bias"))
    if now is None:
        return None
    traced = snapshot.trace.parameters if snapshot.trace is not None else {}
    weight, bias = traced.get(f"{node}/weight"), traced.get(f"{node}/bias")
    kept = snapshot.parameters.get(f"{node}/bias") if bias is None else bias.before
    before = _border(weight.before, kept) if weight is not None else None
    if old and before is not None:
        return Borders(before)
    return Borders(now, before if before is not None and before.exists and before != now else None)


def _border(weight: np.ndarray | None, bias: np.ndarray | None) -> Border | None:
    if weight is None or weight.size != 2:
        return None
    w1, w2 = (float(value) for value in np.ravel(weight))
    b = float(np.ravel(bias)[0]) if bias is not None else 0.0
    return Border(w1, w2, b) if np.isfinite([w1, w2, b]).all() else None
