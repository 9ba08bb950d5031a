"""What a gradient check has found, for the command line and the window: plain frozen records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

LIMIT = 1e-6
"""The largest relative error of a right gradient."""
BugKind = Literal["slope", "bias", "transpose", "winner", "divide", "statistics", "time"]


@dataclass(frozen=True, slots=True)
class Bug:
    """``slope``: the error passes an activation without being multiplied by its slope. ``bias``: the bias gets no gradient.
    ``transpose``: the error goes back from one unit to the next as it came, not through the weights. ``winner``: a max pool sends the
    error to all cells of a window. ``divide``: a mean pool sends each cell the whole error. ``statistics``: a batch norm takes the
    batch's mean and variance for constants. ``time``: a recurrent layer forgets the way back through time."""

    node: str
    kind: BugKind


@dataclass(frozen=True, slots=True)
class Entry:
    """A single derivative: where in the parameter, by backward, and by differences."""

    index: tuple[int, ...]
    analytic: float
    numeric: float


@dataclass(frozen=True, slots=True)
class ParameterCheck:
    """The errors of one parameter: over ``entries`` single entries, along random directions, and the larger of the two. ``worst`` is
    the entry that is furthest off, ``skipped`` the number of entries left out: a kink lies too near (or, of ``curved`` of them, the loss
    bends too sharply for differences). ``aside``: kinks lay on all sides, so it was checked at weights a little way off."""

    name: str
    relative_error: float
    entries: int
    entry_error: float
    direction_error: float
    worst: Entry | None = None
    skipped: int = 0
    curved: int = 0
    aside: bool = False

    @property
    def passed(self) -> bool:
        return self.relative_error <= LIMIT

    @property
    def unchecked(self) -> bool:
        """Whether no derivative could be taken at all: it must not pass for right, and nothing says that it is wrong."""
        return not self.entries and self.relative_error == math.inf


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """``max_relative_error`` is ``None`` with a ``reason`` where a check would be meaningless; then no parameter is checked. ``cause``
    is what is known of why gradients are wrong."""

    max_relative_error: float | None
    reason: str
    parameters: tuple[ParameterCheck, ...]
    cause: str = ""

    @property
    def passed(self) -> bool:
        return self.max_relative_error is None or self.max_relative_error <= LIMIT


@dataclass(frozen=True, slots=True)
class Checked:
    """A check under way or over: ``done`` of ``total`` derivatives. ``bugs`` are those that can be planted in this network, ``bug`` the
    one that was. ``message`` says why it failed, if it did."""

    step: int
    done: int
    total: int
    running: bool
    result: GradientCheck
    bug: Bug | None = None
    bugs: tuple[Bug, ...] = ()
    message: str = ""
