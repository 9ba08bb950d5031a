"""The control block: the numbers that change from step to step, shared by the row loop, the kernels and the trainer.

One block of 8-byte slots; integers and float64 lie side by side in it. Slot numbers are module constants, because
kernels name them; Python code uses the properties of :class:`Control`.
"""

from __future__ import annotations

import numpy as np

from playground.kernels.types import CONTROL, Pointer, Region

STEPS_MOST = 65536
"""Most steps of one :meth:`~playground.kernels.table.Program.run`."""
DROPOUT_SLOTS = 256
"""Dropout nodes a network may have."""

# Integers.
STEP = 0  # training steps so far: the counter of the random numbers
UPDATE_STEP = 1  # updates since the optimizer's state was zero: Adam's t
CURSOR = 2  # position in the order of the batch's first sample
END = 3  # positions in the order that count
BATCH = 4  # samples a step asks for
COUNT = 5  # samples this step has: the last batch may be smaller
MICRO = 6  # number of the micro-batch within the step, from 0
POSITION = 7  # position in the order of the micro-batch's first sample
VALID = 8  # lanes of the micro-batch that hold samples
CORRECT = 9  # right predictions in this step so far
STOP = 10  # set by another thread: the next step to begin is the last
BAD = 11  # set when loss or gradient norm is not finite
DONE = 12  # steps done in this call
EPOCH = 13  # positions of an epoch, where the order holds several one after another; 0: one epoch is the whole order
LAST = 14  # set in the last step of the call: only then is a gradient written down that has done its work in registers
COUNTED = 15  # steps of sequences with a target of their own, in the whole batch; 0 where a sample has one target
# float64.
INVERSE_COUNT = 16  # 1 / COUNT
LOSS = 17  # sum of the step's losses so far
SQUARED_NORM = 18  # squared norm of the gradient, where a norm row runs
CLIP = 19  # factor on the gradient in the update; 1 without clipping
RATE = 20  # this step's learning rate
DROPOUT_RATES = 24
RATES = DROPOUT_RATES + DROPOUT_SLOTS
LOSSES = RATES + STEPS_MOST  # out: mean loss of each step of this call
CORRECTS = LOSSES + STEPS_MOST  # out: right predictions of each step
NORMS = CORRECTS + STEPS_MOST  # out: gradient norm of each step, 0 without a norm row
COUNTS = NORMS + STEPS_MOST  # out: predictions of each step that could be right
SIZE = COUNTS + STEPS_MOST


def _integer(slot: int, doc: str) -> property:
    return property(lambda self: int(self.integers[slot]), lambda self, value: self.integers.__setitem__(slot, value), doc=doc)


def _float(slot: int, doc: str) -> property:
    return property(lambda self: float(self.floats[slot]), lambda self, value: self.floats.__setitem__(slot, value), doc=doc)


class Control:
    """The block and its named slots. ``integers`` and ``floats`` are two views of the same memory.

    Before a run, set ``batch``, ``end``, ``cursor`` and ``rates[:steps]``. ``stop`` may be set from any thread.
    """

    def __init__(self) -> None:
        self.integers = np.zeros(SIZE, np.int64)
        self.floats = self.integers.view(np.float64)
        self.rates = self.floats[RATES : RATES + STEPS_MOST]
        self.dropout_rates = self.floats[DROPOUT_RATES : DROPOUT_RATES + DROPOUT_SLOTS]
        self.losses = self.floats[LOSSES : LOSSES + STEPS_MOST]
        self.corrects = self.integers[CORRECTS : CORRECTS + STEPS_MOST]
        self.norms = self.floats[NORMS : NORMS + STEPS_MOST]
        self.counts = self.integers[COUNTS : COUNTS + STEPS_MOST]

    step = _integer(STEP, "Training steps so far; random numbers are keyed by it.")
    update_step = _integer(UPDATE_STEP, "Updates since the optimizer's state was zero (Adam's t).")
    cursor = _integer(CURSOR, "Position in the order where the next batch begins.")
    end = _integer(END, "Positions of the order that count.")
    epoch = _integer(EPOCH, "Positions of an epoch, of which the order may hold several; no batch reaches from one into the next. 0: one.")
    batch = _integer(BATCH, "Samples a step.")
    count = _integer(COUNT, "Samples of the last step begun.")
    valid = _integer(VALID, "Lanes of the last micro-batch that held samples.")
    correct = _integer(CORRECT, "Right predictions of the last step begun.")
    counted = _integer(COUNTED, "Targets of the last step begun, where each step of a sequence has one; else 0.")
    stop = _integer(STOP, "Nonzero: no step begins but, in a call under way, one more.")
    bad = _integer(BAD, "Nonzero: the last step's loss or gradient norm was not finite, and its update was not made.")
    loss = _float(LOSS, "Sum of the losses of the last step begun.")
    squared_norm = _float(SQUARED_NORM, "Squared gradient norm of the last step, where a norm row ran.")
    clip = _float(CLIP, "Factor the last step's gradient was clipped by.")

    @property
    def region(self) -> Region:
        """The whole block as a region, for allocations."""
        return Region(CONTROL, 0, SIZE)


def slot(number: int) -> Pointer:
    """A pointer to one slot, for records."""
    return Pointer(CONTROL, number)
