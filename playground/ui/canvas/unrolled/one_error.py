"""Which error the way back through time shows: that of one step's answer alone, or of all together; and what it can come to at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF

from playground.anim import time_flow
from playground.anim.time_cells import REVERSE
from playground.anim.time_flow import Bound, Sent
from playground.engine.trace import Trace
from playground.layers.recurrent import Recurrent
from playground.ui.canvas.unrolled import answer_row
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import number
from playground.ui.painters import course, tools

Array = NDArray[np.float64]
CHIP = 16.0
ABOUT = 0.95
"""Errors from this share of the largest on are about as large."""
NEAR = 1 / 6
"""What an error counts whose way back is short."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("unrolled", text)


@dataclass(frozen=True, slots=True)
class Back:
    """(T,) ``norms`` by state, not a number where a pass has not come yet. ``start``: the step whose error it is, ``None``: all together.
    ``limit`` (T,) is what the ``bound`` leaves of it, ``straight`` what goes along the gates alone. ``choice``: there are several errors.
    """

    norms: Mapping[str, Array]
    start: int | None = None
    bound: Bound | None = None
    limit: Array | None = None
    straight: Array | None = None
    choice: bool = False


def order(strip: Strip, step: int) -> int:
    """As the how-manieth the direction takes a step, and the step that it takes so."""
    return strip.steps - 1 - step if strip.end == REVERSE else step


def used(strip: Strip, start: int | None, truncate: int | None) -> NDArray[np.bool_]:
    """Bool (T,): the steps that the error reaches, which the truncation cuts off T-k, T-2k ... steps from the first one."""
    at = strip.steps - 1 if start is None else order(strip, start)
    first = 0
    if truncate and truncate < strip.steps:
        first = max((cut for cut in range(strip.steps - truncate, 0, -truncate) if cut <= at), default=0)
    orders = np.arange(strip.steps)
    reached: NDArray[np.bool_] = (orders >= first) & (orders <= at)
    return reached[::-1] if strip.end == REVERSE else reached


class Errors:
    """``start`` is the step that the user chose, ``together`` whether all errors are wanted (``None``: nobody said)."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Of another node nothing has been chosen."""
        self.start: int | None = None
        self.together: bool | None = None
        self._node = ""
        self._came: tuple[Trace | None, str, Array | None] = (None, "", None)
        self._sent: tuple[Trace | None, str, int, Sent | None, Bound | None] = (None, "", -1, None, None)

    def read(self, strip: Strip) -> Back:
        """What there is to show now. Worked out once a trace."""
        if strip.node != self._node:
            self.forget()
            self._node = strip.node
        came = self._entering(strip)
        sizes = np.abs(came).sum(axis=1) if came is not None else np.zeros(0)
        steps = np.flatnonzero(sizes > 0)
        choice = len(steps) > 1
        backward = bool(strip.rows) and strip.rows[0].error
        together = self.together if self.together is not None else backward
        if not len(steps) or (choice and together):
            return Back(strip.norms, choice=choice)
        start = self.start if self.start in steps else int(steps[0] if strip.end == REVERSE else steps[-1])
        sent, bound = self._send(strip, start)
        if sent is None:
            return Back(strip.norms)
        return self._shown(strip, sent, bound, choice)

    def begin(self, strip: Strip, room: int) -> int | None:
        """Where a strip that opens is to be looked at: the step that adds most to the loss, of other answers than classes that whose error
        is the largest; of about equal ones that with the longest way back. One whose way back has less than ``room`` steps has to be
        much larger. It then is the chosen one. ``None`` while errors are not known."""
        self.forget()
        self._node = strip.node
        came = self._entering(strip)
        if came is None or not np.isfinite(came).all() or not came.any():
            return None
        sizes = np.abs(came).sum(axis=1)
        given = answer_row.given(strip)
        if given is not None:
            sizes = np.where(sizes > 0, -np.log(np.maximum(given, 1e-30)), 0.0)
        sizes = sizes * np.where([order(strip, step) >= room for step in range(len(sizes))], 1.0, NEAR)
        steps = np.flatnonzero(sizes >= ABOUT * sizes.max())
        self.start = int(steps[0] if strip.end == REVERSE else steps[-1])
        return self.start

    def _shown(self, strip: Strip, sent: Sent, bound: Bound | None, choice: bool) -> Back:
        """Of what is sent, what the pass on show has come to."""
        hidden = {state: np.isnan(norms) for state, norms in strip.norms.items()}
        norms = {state: np.where(hidden[state], np.nan, sent.norms[state]) for state in strip.norms if state in sent.norms}
        start, away = _away(strip, sent.start)
        first = sent.norms["h"][sent.start]
        limit = None
        if bound is not None:
            line = bound.line(float(first), strip.steps)
            limit = np.where(away >= 0, line[np.maximum(away, 0)], np.nan)
        straight = None if sent.straight is None else np.where((away >= 0) & ~np.isnan(norms["h"]), sent.straight, np.nan)
        begun = not np.isnan(norms.get("h", np.zeros(1))).all()  # of a pass that is still on its way forward nothing is told
        return Back(norms, start, bound if begun else None, limit if begun else None, straight if begun else None, choice)

    def _entering(self, strip: Strip) -> Array | None:
        trace = strip.picture.trace
        if self._came[0] is not trace or self._came[1] != strip.end:
            node = trace.nodes.get(strip.node) if trace is not None else None
            found = time_flow.entering(strip.picture.fields, node, strip.end, strip.off) if node is not None else None
            if found is not None and found.shape != (strip.steps, strip.units):
                found = None
            self._came = (trace, strip.end, found)
        return self._came[2]

    def _send(self, strip: Strip, start: int) -> tuple[Sent | None, Bound | None]:
        trace, layer = strip.picture.trace, strip.picture.layer
        if self._sent[0] is not trace or self._sent[1:3] != (strip.end, start):
            node = trace.nodes.get(strip.node) if trace is not None else None
            sent, bound = None, None
            if trace is not None and node is not None and isinstance(layer, Recurrent):
                weights = _weights(trace, strip)
                sent = time_flow.send_back(layer.name, strip.picture.fields, node, weights, strip.end, start, strip.mask, strip.off)
                if sent is not None:
                    hidden = weights[f"weight_hidden{strip.end}"]
                    bound = time_flow.bound(layer.name, strip.picture.fields, node.values, hidden, strip.end, strip.off)
            self._sent = (trace, strip.end, start, sent, bound)
        return self._sent[3], self._sent[4]

    # -- by hand
    def press(self, strip: Strip, layout: Layout, at: QPointF) -> bool:
        """A press on a chip, an answer or a step of the way back chooses; whether it was one."""
        if not layout.back:
            return False
        back = self.read(strip)
        if not back.choice:
            return False
        one, together = chips(layout, words_of(back.start if back.start is not None else self._last(strip)))
        if one.contains(at) or together.contains(at):
            self.together = together.contains(at)
            return True
        step = layout.step_at(at.x())
        if step is None or not (layout.way_back.contains(at) or (layout.answers and layout.answer_row.contains(at))):
            return False
        came = self._entering(strip)
        if came is not None and np.any(came[step]):
            self.start, self.together = step, False
        return True

    def _last(self, strip: Strip) -> int:
        return self.start if self.start is not None else 0 if strip.end == REVERSE else strip.steps - 1

    def tip(self, strip: Strip, layout: Layout, at: QPointF) -> str:
        """What lies under the pointer on the way back; ``""`` elsewhere."""
        if not layout.back:
            return ""
        back = self.read(strip)
        label = QRectF(0, layout.way_back.y(), layout.left, layout.way_back.height())
        if label.contains(at):
            parts = [_tr("One step's error alone, sent back, or the errors of all steps together")] if back.choice else []
            return "\n".join([*parts, *_about(back)])
        step = layout.step_at(at.x())
        if step is None or not layout.way_back.contains(at):
            return ""
        told = [f"‖∂L/∂{state}‖ = {number(float(norms[step]))}" for state, norms in back.norms.items() if np.isfinite(norms[step])]
        lines = [_tr("step {n}").format(n=step + 1) + ": " + ", ".join(told or ["–"])]
        if back.limit is not None and np.isfinite(back.limit[step]):
            lines.append(_tr("at most {most}, by the bound").format(most=number(float(back.limit[step]))))
        if back.choice and back.start != step:
            lines.append(_tr("Click: the error of this step alone"))
        return "\n".join([*lines, *_about(back)])


def _about(back: Back) -> list[str]:
    """What the dotted line is, with its numbers."""
    if back.bound is not None:
        weight, slope, factor = (number(one, 3) for one in (back.bound.weight, back.bound.slope, back.bound.factor))
        return [
            _tr("Dotted: (β_W β_f)ᵏ times the error, the most that k steps back can be left of it."),
            _tr("β_W = {weight}, the largest singular value of the recurrent weights; β_f = {slope}, the largest slope here:").format(
                weight=weight, slope=slope
            )
            + f" {factor}ᵏ",
        ]
    if back.straight is not None:
        kept = "c" if "c" in back.norms else "h"
        return [
            _tr("Dotted: what the gates that keep {state} let through by themselves, ∏ over the steps between.").format(state=kept),
            _tr("It is no bound: the other ways add to it. Gates have none that holds for every sequence."),
        ]
    return []


def _away(strip: Strip, start: int) -> tuple[int, NDArray[np.int64]]:
    """The step that an error comes in at, and int (T,) how many steps each lies before it (negative: behind). Padding only hands it on: it
    comes in at the last step that is none."""
    real = np.ones(strip.steps, bool) if strip.mask is None else strip.mask != 0
    taken = np.cumsum(real[::-1])[::-1] if strip.end == REVERSE else np.cumsum(real)
    before = np.flatnonzero(real & (np.arange(strip.steps) >= start if strip.end == REVERSE else np.arange(strip.steps) <= start))
    if len(before):
        start = int(before[0] if strip.end == REVERSE else before[-1])
    return start, taken[start] - taken


def words_of(step: int) -> str:
    return _tr("step {n}").format(n=step + 1)


def chips(layout: Layout, words: str) -> tuple[QRectF, QRectF]:
    """Where one step's error, and where all errors together are chosen."""
    one, both = tools.width(words, 10.5, 600) + 8, tools.width(_tr("all"), 10.5, 600) + 8
    y = layout.way_back.bottom() - CHIP - 2
    return QRectF(12, y, one, CHIP), QRectF(12 + one, y, both, CHIP)


def _weights(trace: Trace, strip: Strip) -> dict[str, NDArray[Any]]:
    """The weights that the trace was made with, of this direction, by name."""
    found = {}
    units = strip.units
    for name in ("weight_hidden", "peephole"):
        key = f"{name}{strip.end}"
        traced = trace.parameters.get(f"{strip.node}/{key}")
        array = traced.before if traced is not None else strip.picture.parameters.get(key)
        if array is not None and array.shape[-1] == units:
            found[key] = np.asarray(array)
    return found


def steps_cut(strip: Strip, truncate: int | None) -> list[int]:
    """The cuts of ``truncate``, in the order in which the direction takes its steps."""
    if truncate == strip.truncate:
        return list(course.cuts(strip.picture))
    return list(range(strip.steps - truncate, 0, -truncate)) if truncate else []
