"""The row loop: many training steps in one call that holds no lock, each row calling its kernel by address."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from playground.errors import EngineError
from playground.kernels import compile as compiler
from playground.kernels.control import (
    BAD,
    BATCH,
    CLIP,
    CORRECT,
    CORRECTS,
    COUNT,
    COUNTED,
    COUNTS,
    CURSOR,
    DONE,
    END,
    EPOCH,
    INVERSE_COUNT,
    LARGEST,
    LARGESTS,
    LAST,
    LOSS,
    LOSSES,
    MICRO,
    NORMS,
    POSITION,
    RATE,
    RATES,
    SIZE,
    SQUARED_NORM,
    STEP,
    STEPS_MOST,
    STOP,
    UPDATE_STEP,
    VALID,
    Control,
)
from playground.kernels.language import call_row, flush_denormals, get_float, get_integer, restore_denormals, set_float, set_integer
from playground.kernels.template import KERNELS, kernel
from playground.kernels.types import ARENA, CONTROL, Pointer, Row, Target, check_rows
from playground.turns import give_way

Reason = Literal["steps", "stopped", "epoch", "bad"]


@kernel(lambda r: ([], [(Pointer(CONTROL, 0), SIZE)]))
def run_steps(memory: Any, control: int, segments: int, segment_count: int, steps: int, lanes: int, advance: int) -> None:
    """Run up to ``steps`` steps

    while done < steps and not stopped and samples are left:    # a step that begins once ``stop`` is set is the last
        for segment in segments:
            for each micro-batch, or once:
                for row in segment: row.kernel(memory, row.record)
            before a guarded segment: end the run if loss or gradient norm is not finite

    ``segments`` is the address of (rows' address, rows, per micro-batch, guarded), a row (kernel address, record address).
    """
    old = flush_denormals()
    done = 0
    stop = get_integer(control, STOP)
    set_integer(control, BAD, 0)
    while done < steps and stop == 0 and get_integer(control, CURSOR) < get_integer(control, END):
        cursor = get_integer(control, CURSOR)
        count = min(get_integer(control, BATCH), get_integer(control, END) - cursor)
        epoch = get_integer(control, EPOCH)
        if epoch > 0:
            count = min(count, epoch - cursor % epoch)
        inverse = 1.0 / count
        stop = get_integer(control, STOP)
        last = stop != 0 or done + 1 == steps or cursor + count >= get_integer(control, END)
        set_integer(control, LAST, int(last))
        set_integer(control, COUNT, count)
        set_float(control, INVERSE_COUNT, inverse)
        set_float(control, LOSS, 0.0)
        set_integer(control, CORRECT, 0)
        set_integer(control, COUNTED, 0)
        set_float(control, SQUARED_NORM, 0.0)
        set_float(control, CLIP, 1.0)
        set_float(control, LARGEST, 0.0)
        set_float(control, RATE, get_float(control, RATES + done))
        updated = 0
        for s in range(segment_count):
            rows = get_integer(segments, 4 * s)
            row_count = get_integer(segments, 4 * s + 1)
            repeats = 1
            if get_integer(segments, 4 * s + 2) != 0:
                repeats = (count + lanes - 1) // lanes
            if get_integer(segments, 4 * s + 3) != 0:
                measure = get_float(control, LOSS) + get_float(control, SQUARED_NORM)
                if measure - measure != 0.0:
                    set_integer(control, BAD, 1)
                    break
                updated = 1
            for micro in range(repeats):
                set_integer(control, MICRO, micro)
                set_integer(control, POSITION, cursor + micro * lanes)
                set_integer(control, VALID, min(count - micro * lanes, lanes))
                for i in range(row_count):
                    call_row(get_integer(rows, 2 * i), memory, get_integer(rows, 2 * i + 1))
        if get_integer(control, BAD) != 0:
            break
        counted = get_integer(control, COUNTED)
        if counted > 0:
            set_float(control, LOSSES + done, get_float(control, LOSS) / counted)
            set_integer(control, COUNTS + done, counted)
        else:
            set_float(control, LOSSES + done, get_float(control, LOSS) * inverse)
            set_integer(control, COUNTS + done, count)
        set_integer(control, CORRECTS + done, get_integer(control, CORRECT))
        set_float(control, NORMS + done, math.sqrt(get_float(control, SQUARED_NORM)))
        set_float(control, LARGESTS + done, get_float(control, LARGEST))
        set_integer(control, CURSOR, cursor + count)
        if advance != 0:
            set_integer(control, STEP, get_integer(control, STEP) + 1)
            set_integer(control, UPDATE_STEP, get_integer(control, UPDATE_STEP) + updated)
        done += 1
    set_integer(control, DONE, done)
    restore_denormals(old)


LOOP = run_steps.name


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows that run together: once a step, or once for each micro-batch.

    A ``guarded`` one (the update) runs only if the step's loss, and its gradient norm where one was taken, are finite.
    """

    rows: Sequence[Row]
    per_micro_batch: bool = False
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What a call did: ``steps`` whole steps, and why it ended.

    ``steps``: as many as asked. ``stopped``: ``control.stop`` was set. ``epoch``: the order is used up. ``bad``: a loss or
    norm was not finite; weights, cursor and step are as before that step, whose values are still in the arena.
    """

    steps: int
    reason: Reason


class Program:
    """Rows bound to memory, ready to run. ``spaces`` maps names to contiguous arrays; ``"arena"`` has the target's type.

    With ``advance=False`` the counters ``step`` and ``update_step`` stand still (evaluation, gradients); the cursor moves.
    Compiles what is not yet compiled: call ``prepare`` first where that must not hold up a window.
    Raises :class:`~playground.errors.EngineError` where a row leaves its space.
    """

    def __init__(
        self, target: Target, spaces: Mapping[str, np.ndarray], control: Control, segments: Sequence[Segment], advance: bool = True
    ) -> None:
        self.target, self.control = target, control
        self._spaces = {**spaces, CONTROL: control.integers}
        if self._spaces[ARENA].dtype != target.dtype:
            raise EngineError(f"the arena holds {self._spaces[ARENA].dtype}, the rows are for {target.dtype}.")
        self._check(segments)
        rows = [row for segment in segments for row in segment.rows]
        addresses = compiler.addresses([*{row.kernel for row in rows}, LOOP], target.dtype, target.isa)
        self._memory = self._spaces[ARENA].ctypes.data
        packed = [self._packed(row) for row in rows]
        starts = np.cumsum([0, *map(len, packed)])
        self._records = np.array([value for record in packed for value in record] or [0], np.int64)
        self._table = np.array(
            [[addresses[row.kernel], self._records.ctypes.data + 8 * int(start)] for row, start in zip(rows, starts, strict=False)]
            or [[0, 0]],
            np.int64,
        )
        firsts = np.cumsum([0, *(len(segment.rows) for segment in segments)])
        self._segments = np.array(
            [
                [self._table.ctypes.data + 16 * int(first), len(segment.rows), segment.per_micro_batch, segment.guarded]
                for first, segment in zip(firsts, segments, strict=False)
            ],
            np.int64,
        )
        fields = run_steps.record(
            control=control.integers.ctypes.data,
            segments=self._segments.ctypes.data,
            segment_count=len(segments),
            steps=0,
            lanes=target.lanes,
            advance=advance,
        )
        self._loop_record = np.array([int(value) for value in fields], np.int64)
        self._call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(addresses[LOOP])

    def run(self, steps: int) -> Run:
        """Run up to ``steps`` (at most STEPS_MOST) steps without holding Python's lock. Results are in the control block."""
        if not 0 <= steps <= STEPS_MOST:
            raise EngineError(f"a call runs at most {STEPS_MOST} steps, got {steps}.")
        control = self.control
        if control.batch < 1:
            raise EngineError("the batch size is not set.")
        if "order" in self._spaces and control.end > self._spaces["order"].size:
            raise EngineError(f"the order has {self._spaces['order'].size} positions, the epoch {control.end}.")
        self._loop_record[run_steps.record._fields.index("steps")] = steps
        self._call(self._memory, self._loop_record.ctypes.data)
        done = int(control.integers[DONE])
        if control.bad:
            return Run(done, "bad")
        if done == steps:
            return Run(done, "steps")
        return Run(done, "stopped" if control.stop else "epoch")

    def _packed(self, row: Row) -> Sequence[int]:
        give_way()
        return KERNELS[row.kernel.partition(":")[0]].pack(row.record, self._address)

    def _address(self, pointer: Pointer) -> int:
        array = self._spaces[pointer.space]
        return int(array.ctypes.data + pointer.offset * array.itemsize)

    def _check(self, segments: Sequence[Segment]) -> None:
        for name, array in self._spaces.items():
            if not array.flags.c_contiguous:
                raise EngineError(f"the array of space '{name}' is not contiguous.")
        allocations = {name: [(0, array.size)] for name, array in self._spaces.items()}
        for segment in segments:
            check_rows(segment.rows, allocations)
