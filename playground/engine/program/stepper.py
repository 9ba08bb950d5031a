"""Training steps in compiled chunks: order, rates, the guard against divergence. The part of the trainer that touches the arena."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.document.model import Training
from playground.engine.program import divergence, schedules, streams
from playground.engine.program.initial import node_key
from playground.engine.program.lanes import lanes_of
from playground.engine.program.lowering import Lowered
from playground.engine.program.optimizers import SLOTS
from playground.engine.program.plan import Plan, Purpose
from playground.engine.program.resident import Resident
from playground.engine.program.results import NOTHING, Divergence
from playground.engine.program.saved import Saved, lay
from playground.kernels import Target
from playground.kernels.shuffle import fill_orders
from playground.kernels.types import Dtype

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One entry a step: mean loss, right predictions and how many were ``judged``, samples, learning rate (``rates`` may be longer),
    whether its gradient was clipped (none where it is never, or where the chunk was run again), by what ``limits`` (of the norm,
    of an entry), and the ``sizes`` that these are for: ``"norm"`` and ``"largest"``, where there is such a limit. ``seconds`` is the
    time in the kernels."""

    losses: Array
    corrects: Array
    judged: Array
    counts: Array
    seconds: float
    rates: Array
    clipped: Array = field(default_factory=lambda: NOTHING)
    sizes: Mapping[str, Array] = field(default_factory=dict)
    limits: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True, slots=True)
class _Begun:
    """Where a call of several steps began, so that one of them can be looked at again."""

    saved: Saved
    epoch: int
    shuffled: bool
    rates: Array


class Stepper:
    """Runs training steps of one lowered network over one resident split.

    ``epoch`` is the number of whole epochs done; ``shuffled`` says whether the present one has an order of its own: a switch of the
    setting waits for the next. ``diverged`` is set when a step gave a number that is not finite; weights,
    state and counters are then as before that step. :meth:`plan` makes the plan anew and keeps all of them.
    """

    def __init__(self, lowered: Lowered, samples: Resident, training: Training, seed: int, dtype: Dtype) -> None:
        self.lowered, self.samples, self.training, self.seed, self.dtype = lowered, samples, training, seed, dtype
        self.isa = kernels.detect()
        self.epoch = 0
        self.diverged: Divergence | None = None
        self.shuffled = training.shuffle
        self._ordered = range(0)
        self._begun: _Begun | None = None
        self.plan = self._made(lowered, training)
        self._reset_control()

    # -- counters
    @property
    def step(self) -> int:
        return int(self.plan.control.step)

    @property
    def cursor(self) -> int:
        """Samples of the present epoch that are done."""
        return int(self.plan.control.cursor)

    @property
    def batch_size(self) -> int:
        return min(self.training.batch_size, self.samples.samples)

    @property
    def steps_per_epoch(self) -> int:
        return schedules.steps_per_epoch(self.samples.samples, self.batch_size)

    @property
    def steps_left(self) -> int:
        """Steps to the end of the present epoch."""
        return schedules.steps_per_epoch(self.samples.samples - self.cursor, self.batch_size)

    @property
    def rate(self) -> float:
        """The learning rate of the present epoch."""
        return schedules.learning_rate(self.training, self.epoch)

    @property
    def batch(self) -> NDArray[np.int32]:
        """The samples of the next step, in order."""
        self._order(1)
        return self.samples.order[self.cursor : min(self.cursor + self.batch_size, self.samples.samples)].copy()

    def portion(self, wanted: int, epoch_limit: int | None) -> tuple[int, int]:
        """Steps and epochs of a call that has time for ``wanted`` steps: part of the present epoch or several to their ends."""
        if wanted <= self.steps_left or self.training.early_stopping or self.plan.carried:
            return wanted, 1
        epochs = 1 + (wanted - self.steps_left) // self.steps_per_epoch
        if epoch_limit is not None:
            epochs = max(1, min(epochs, epoch_limit - self.epoch))
        return self.steps_left + (epochs - 1) * self.steps_per_epoch, epochs

    # -- plans
    def _made(self, lowered: Lowered, training: Training) -> Plan:
        batch = min(training.batch_size, self.samples.samples)
        lanes = lanes_of(lowered, "training", batch, self.dtype, self.isa, together=bool(lowered.carried))
        purpose = Purpose("update", "training", training, accumulate=batch > lanes)
        return Plan(lowered, Target(self.dtype, lanes, self.isa), purpose, self.seed, self.samples)

    def replan(self, lowered: Lowered, training: Training) -> None:
        """Take a new training, or the same network with other nodes frozen, at this step boundary. Parameters and counters
        stay; the optimizer's state too, where the optimizer is the same, and the states of stateful layers, where the batch is as large.
        Raises :class:`~playground.errors.EngineError` where there is no memory for it; all is then as it was."""
        old, batch, same = self.plan, self.batch_size, training.optimizer == self.training.optimizer
        plan, saved = self._made(lowered, training), self.save()
        parameters, states = old.layout.unpack(saved.parameters), [old.layout.unpack(state) for state in saved.states]
        self._begun, self.lowered, self.training, self.plan = None, lowered, training, plan
        self._reset_control()
        self.plan.layout.pack(parameters, self.plan.parameters)
        for flat, arrays in zip(self.plan.states, states if same else (), strict=False):
            self.plan.layout.pack(arrays, flat)
        control = self.plan.control
        control.step, control.cursor = saved.step, saved.cursor
        control.update_step = saved.update_step if same else 0
        if streams.take(self.plan.carried, streams.for_samples(saved.carried, batch), self.batch_size):
            return
        self.reshuffle()

    def _reset_control(self) -> None:
        control = self.plan.control
        control.batch, control.epoch, control.cursor = self.batch_size, self.samples.samples, 0
        self.plan.start_over(self.batch_size)

    # -- running
    def run(self, steps: int, epochs: int = 1) -> Chunk:
        """Run up to ``steps`` steps and not past the end of the ``epochs``-th epoch from here (of the present one by default);
        stops before a step that diverges."""
        control = self.plan.control
        last, self._begun = self._begun, None
        before, epoch, shuffled = self.save(last.saved if last else None), self.epoch, self.shuffled
        epochs = 1 if self.plan.carried else max(1, min(epochs, self.samples.order.size // self.samples.samples))
        steps = min(steps, self.steps_left + (epochs - 1) * self.steps_per_epoch, kernels.control.STEPS_MOST)
        self._order(1 + max(0, -(-(steps - self.steps_left) // self.steps_per_epoch)))
        rates = self._rates(steps)
        control.rates[:steps] = rates
        program = self.plan.program  # loads or compiles its kernels when first asked for: no training time
        start = time.perf_counter()
        done = program.run(steps)
        seconds = time.perf_counter() - start
        if not self._finite():  # also where the step after such an update was refused: the update itself is what is taken back
            return self._replay(before, rates)
        if done.reason == "bad":
            self._locate()
        self._begun = _Begun(before, epoch, shuffled, rates)
        chunk = Chunk(
            control.losses[: done.steps].copy(),
            control.corrects[: done.steps].copy(),
            control.counts[: done.steps].copy(),
            self._counts(before, done.steps),
            seconds,
            rates,
            self._clipped(done.steps),
            self._sizes(done.steps),
            (self.training.clip_norm, self.training.clip_value),
        )
        self._settle()
        return chunk

    @contextmanager
    def again(self, step: int) -> Iterator[Plan]:
        """The plan as it was right after ``step``, one of the last call or the one before it: with that step's gradients and the weights
        after it. The steps up to it are run once more; afterwards all is as before, to the bit."""
        begun, plan = self._begun, self.plan
        if step == self.step or begun is None:
            yield plan
            return
        now, gradients = (self.save(), self.epoch, self.shuffled), plan.gradients.copy()
        try:
            self.load(begun.saved)
            self.epoch, self.shuffled, steps = begun.epoch, begun.shuffled, step - begun.saved.step
            self.reshuffle()
            self._order(1 + max(0, -(-(steps - self.steps_left) // self.steps_per_epoch)))
            plan.control.rates[:steps] = begun.rates[:steps]
            if steps:
                plan.program.run(steps)
            yield plan
        finally:
            saved, self.epoch, self.shuffled = now
            self.load(saved)
            plan.gradients[:] = gradients
            self.reshuffle()

    def _clipped(self, steps: int) -> Array:
        """Whether each step's gradient was shortened, or an entry of it cut."""
        norm, value, control = self.training.clip_norm, self.training.clip_value, self.plan.control
        if norm is None and value is None:
            return NOTHING
        shortened = control.norms[:steps] > (math.inf if norm is None else norm)
        clipped: Array = shortened | (control.largests[:steps] > (math.inf if value is None else value))
        return clipped

    def _sizes(self, steps: int) -> dict[str, Array]:
        """What is held against the limits, of each step: the norm before clipping, the largest entry after that."""
        training, control = self.training, self.plan.control
        limits = (("norm", training.clip_norm, control.norms), ("largest", training.clip_value, control.largests))
        return {name: sizes[:steps].copy() for name, limit, sizes in limits if limit is not None}

    def _order(self, epochs: int) -> None:
        """Lay the orders of ``epochs`` epochs from the present one in front of the program."""
        wanted = range(self.epoch, self.epoch + epochs)
        samples = self.samples.samples
        if self.cursor == 0 and self.shuffled != self.training.shuffle:
            self.shuffled = self.training.shuffle
            self.reshuffle()
        if wanted.start != self._ordered.start or wanted.stop > self._ordered.stop:
            if self.shuffled or self.training.shuffle:
                fill_orders(self.samples.order, samples, node_key(self.seed, "", "order"), self.epoch, epochs, self.dtype, self.isa)
            plain = streams.in_streams(samples, self.batch_size if self.plan.carried else 1)
            for number, shuffled in enumerate([self.shuffled] + [self.training.shuffle] * (epochs - 1)):
                if not shuffled:
                    self.samples.order[number * samples : (number + 1) * samples] = plain
            self._ordered = wanted
        self.plan.control.end = epochs * samples

    def _rates(self, steps: int) -> Array:
        """The learning rate of each of the next ``steps`` steps."""
        if steps <= self.steps_left:
            return np.full(steps, self.rate)
        later = -(-(steps - self.steps_left) // self.steps_per_epoch)
        lengths = [self.steps_left] + [self.steps_per_epoch] * later
        rates = [schedules.learning_rate(self.training, self.epoch + i) for i in range(later + 1)]
        return np.repeat(rates, lengths)[:steps]

    def _counts(self, before: Saved, steps: int) -> Array:
        """Samples of each of the ``steps`` steps from ``before``."""
        if before.cursor + steps * self.batch_size <= self.samples.samples:
            return np.full(steps, self.batch_size)
        left = schedules.steps_per_epoch(self.samples.samples - before.cursor, self.batch_size)
        numbers = np.arange(steps)
        within = np.where(
            numbers < left, before.cursor + numbers * self.batch_size, (numbers - left) % self.steps_per_epoch * self.batch_size
        )
        counts: Array = np.minimum(self.batch_size, self.samples.samples - within)
        return counts

    def _settle(self) -> None:
        """Count the epochs that are over, so that the cursor lies in the present one again."""
        over, self.plan.control.cursor = divmod(self.cursor, self.samples.samples)
        self.epoch += over
        if over:
            self.shuffled = self.training.shuffle
            self.plan.start_over(self.batch_size)

    def reshuffle(self) -> None:
        """Forget the orders laid out: after a jump, or when shuffling was switched."""
        self._ordered = range(0)

    # -- the guard
    def _finite(self) -> bool:
        """Whether weights and state are all finite: a sum of squares cannot hide a number that is not. It may overflow first
        (Adam's squares are large long before the weights are): then each number is looked at."""
        with np.errstate(over="ignore", invalid="ignore"):
            return all(np.isfinite(np.dot(flat, flat)) or np.isfinite(flat).all() for flat in (self.plan.parameters, *self.plan.states))

    def _replay(self, before: Saved, rates: Array) -> Chunk:
        """The chunk again, step by step, to stop right before the update that broke the weights."""
        self.load(before)
        control = self.plan.control
        losses, corrects, judged = [], [], []
        start = time.perf_counter()
        last = None
        for rate in rates:
            last = self.save(last)
            control.rates[0] = rate
            self.plan.program.run(1)
            if not self._finite():
                broken = divergence.find_in_weights(self.lowered, self.plan.layout, self.plan.parameters, last.step + 1, "weight")
                self.load(last)
                found = self._locate_in_parts(last.step + 1, control.count) or broken
                self.diverged = found or divergence.unplaced(last.step + 1, self.lowered.output)
                break
            losses.append(control.losses[0])
            corrects.append(control.corrects[0])
            judged.append(control.counts[0])
        seconds, done = time.perf_counter() - start, len(losses)
        counts = self._counts(before, done)
        self._settle()
        return Chunk(np.array(losses), np.array(corrects, np.int64), np.array(judged, np.int64), counts, seconds, rates)

    def _locate(self) -> None:
        """Name the node where the step that was just refused left the range, running its micro-batches once more if need be."""
        control, step = self.plan.control, self.step + 1
        found = None if self.plan.merged else divergence.find_in_pass(self.plan, control.valid, step)
        if found is None and (self.plan.merged or control.count > self.plan.lanes):
            found = self._locate_in_parts(step, control.count)
        self.diverged = found or divergence.unplaced(step, self.lowered.output)

    def _locate_in_parts(self, step: int, count: int) -> Divergence | None:
        plan = Plan(self.lowered, self.plan.target, Purpose("parameters", "training"), self.seed, self.samples)
        plan.parameters[:] = self.plan.parameters
        lay(self.plan.carried, plan)
        for begin in range(self.cursor, self.cursor + count, plan.lanes):
            control = plan.control
            control.step, control.cursor, control.batch, control.end = self.step, begin, plan.lanes, self.cursor + count
            control.dropout_rates[:] = self.plan.control.dropout_rates
            plan.program.run(1)
            if self.plan.merged:
                self.plan.gradients[:] = plan.gradients  # so far they lack what a refused update would have computed
            found = divergence.find_in_pass(plan, control.valid, step)
            if found is not None:
                return found
        return None

    # -- saving
    def save(self, over: Saved | None = None) -> Saved:
        """Copies of all that a step changes, in the memory of ``over`` if there is one."""
        return Saved.of(self.plan, over)

    def load(self, saved: Saved) -> None:
        """Put a copy back; of the present epoch."""
        saved.put_back(self.plan)

    def carried_by(self, split: str, index: int) -> streams.Kept:
        """What sample ``index`` of ``split`` begins from, in a single lane: nothing that went before, unless it is in the batch that comes
        next."""
        if not self.plan.carried or split != "train":
            return {}
        found = np.flatnonzero(self.batch == index)
        return streams.lane_of(self.plan.carried, int(found[0])) if len(found) else {}

    def optimizer_arrays(self) -> dict[str, Array]:
        """The optimizer's state by ``"node id/parameter/slot"``: copies in the public layouts. With what goes from batch to batch, a row
        a sample of it (``streams.Carried.saved_as``)."""
        slots = zip(SLOTS[self.training.optimizer], self.plan.states, strict=True)
        found = {f"{key}/{slot}": array for slot, flat in slots for key, array in self.plan.layout.unpack(flat).items()}
        return found | streams.for_samples(self.plan.carried, self.batch_size)

    def set_optimizer_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Take saved state; what ``arrays`` lacks starts from zero."""
        for slot, flat in zip(SLOTS[self.training.optimizer], self.plan.states, strict=True):
            flat[:] = 0
            own = {key: arrays[f"{key}/{slot}"] for key in self.plan.layout.keys if f"{key}/{slot}" in arrays}
            self.plan.layout.pack(own, flat)
        self.plan.start_over(self.batch_size)
        streams.take(self.plan.carried, arrays, self.batch_size)

    def set_counters(self, step: int, epoch: int, cursor: int, update_step: int, shuffled: int | None = None) -> None:
        """Go to a place in a run; the order of its epoch follows: ``shuffled`` or not (``None``: as the settings say)."""
        control = self.plan.control
        control.step, control.update_step, self.epoch = step, update_step, epoch
        control.cursor = cursor if 0 <= cursor < self.samples.samples else 0
        if not control.cursor:
            self.plan.start_over(self.batch_size)
        self.diverged = self._begun = None
        self.shuffled = self.training.shuffle if shuffled is None else bool(shuffled)
        self.reshuffle()
