"""Network: a document's weights and what can be asked of them: predictions, gradients, traces, outputs of any node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.document.model import Document
from playground.engine import given as givens
from playground.engine.program.arena import ParameterLayout, zeros
from playground.engine.program.initial import initial_parameters
from playground.engine.program.lanes import lanes_of
from playground.engine.program.lowering import Lowered, lower
from playground.engine.program.plan import Plan, Purpose, number_type
from playground.engine.program.resident import encode_targets, levels, target_shape
from playground.engine.program.sequences import Lengths, encode_steps, given_lengths, real_steps
from playground.engine.program.streams import Carried, by_state, checked_states
from playground.engine.trace import Trace
from playground.engine.tracing import read_answer, read_trace
from playground.errors import EngineError
from playground.kernels import Target
from playground.layers.spec import Mode, Value, format_shape
from playground.sentences import say
from playground.turns import give_way

Array = NDArray[np.floating]
Samples = NDArray[Any] | Mapping[str, NDArray[Any]]
States = Mapping[str, NDArray[Any]]
"""What stateful layers begin from, or end with: (N, units) by ``"node id/h"``, of an LSTM ``"node id/c"`` too."""

FORWARD = Purpose()
FORWARD_ON = Purpose(carries=True)
JUDGED = Purpose(wanted="everything")
FORWARD_TRAINING = Purpose(mode="training")
GRADIENTS = Purpose(wanted="parameters", mode="training")
TRACE = Purpose(wanted="everything", mode="sample")


@dataclass(frozen=True, slots=True)
class _Given:
    """``count`` samples of a caller: an array an Input; how many steps of each are real; what stateful layers begin from; their targets,
    and which of these count."""

    x: Mapping[str, NDArray[Any]]
    count: int
    lengths: NDArray[np.int64] | None = None
    states: Mapping[Carried, NDArray[Any]] = field(default_factory=dict)
    target: NDArray[Any] | None = None
    counted: NDArray[np.bool_] | None = None

    @property
    def weight(self) -> float:
        """What their losses are divided by: targets that count, or samples."""
        return self.count if self.counted is None else max(1, int(self.counted.sum()))


class Network:
    """The weights of ``document`` in ``dtype`` (``"float32"`` or ``"float64"``), drawn from ``seed``.

    Plans are made per number of samples and kept. None of the questions below changes the weights or a run in progress.
    Raises :class:`~playground.errors.EngineError` with the first problem of a document that cannot be computed.
    """

    def __init__(
        self, document: Document, dtype: str = "float32", seed: int = 0, *, lowered: Lowered | None = None, flat: Array | None = None
    ) -> None:
        self.document = givens.document(document)
        self._precision = number_type(dtype)
        self.dtype = np.dtype(dtype)
        self.seed = givens.seed(seed)
        self.lowered = lower(document) if lowered is None else lowered
        self.layout = ParameterLayout(self.lowered.parameters)
        self._isa = kernels.detect()
        self.step = 0
        self._plans: dict[tuple[Purpose, int], Plan] = {}
        self._lanes_for: dict[tuple[Mode, int], int] = {}
        if flat is None:
            drawn = 8 * self.layout.extent  # start values are drawn in float64
            flat = zeros(
                self.layout.extent, self.dtype, say("the network's weights take"), say("Take fewer units or a smaller Input."), drawn
            )
            self.layout.pack(initial_parameters(self.lowered, self.seed), flat)
        self._flat = flat

    @property
    def parameters(self) -> dict[str, Array]:
        """All weights and biases by ``"node id/name"``, in the public layouts: copies."""
        return self.layout.unpack(self._flat)

    def set_parameters(self, parameters: Mapping[str, NDArray[Any]]) -> None:
        """Replace the given parameters; others stay. Raises :class:`~playground.errors.EngineError` on a wrong key, shape or kind,
        and then all stay."""
        checked = {key: givens.numbers(array, str(key), self.dtype) for key, array in givens.mapping(parameters, "parameters").items()}
        self.layout.pack(checked, self._flat)

    @property
    def instruction_set(self) -> str:
        """Which the kernels are made for: avx512, avx2 or generic."""
        return self._isa

    @property
    def flat(self) -> Array:
        """The flat range of the weights, live."""
        return self._flat

    def attach(self, flat: Array, document: Document | None = None, lowered: Lowered | None = None) -> None:
        """Let the weights live in ``flat``, the trainer's arena; perhaps of the same network with other nodes frozen."""
        if lowered is not None and lowered is not self.lowered:
            self.lowered, self.layout = lowered, ParameterLayout(lowered.parameters)
            self._plans.clear()
            self._lanes_for.clear()
        self.document = document or self.document
        self._flat = flat

    def forward(self, x: Samples, training: bool = False, lengths: Lengths = None, states: States | None = None) -> Array:
        """What Output predicts, (N, *shape), for samples (N, *shape) as the network sees them (scaled). In ``training`` mode
        dropout is on, and batch norm takes the statistics of these samples. ``lengths`` (N,): how many steps of each sequence are
        real (all by default). Stateful layers begin from ``states``, by default as an epoch does."""
        given = self._samples(x, lengths, states)
        result = np.empty((given.count, *self.lowered.prediction.shape), self.dtype)
        plan = self._plan_for(FORWARD_TRAINING if training else FORWARD, given)
        for begin, end in self._chunks(plan, given):
            result[begin:end] = self._lanes(plan, self.lowered.prediction, end - begin)
        return result

    def read_on(self, x: Samples, states: States | None = None, lengths: Lengths = None) -> tuple[Array, dict[str, Array]]:
        """What Output predicts, as :meth:`forward` gives it, and the states that stateful layers end with: give them with the samples
        that continue these."""
        given = self._samples(x, lengths, states)
        result = np.empty((given.count, *self.lowered.prediction.shape), self.dtype)
        known = by_state(self.lowered.carried)
        ended = {key: np.empty((given.count, *one.value.shape), self.dtype) for key, one in known.items()}
        plan = self._plan_for(FORWARD_ON, given)
        for begin, end in self._chunks(plan, given):
            result[begin:end] = self._lanes(plan, self.lowered.prediction, end - begin)
            for key, one in known.items():
                ended[key][begin:end] = self._lanes(plan, one.value, end - begin)
        return result, ended

    def probe(self, x: Samples, nodes: Sequence[str], lengths: Lengths = None) -> dict[str, Array]:
        """The outputs of ``nodes``, (N, *shape) each, outside training: for decision boundaries and pictures of neurons."""
        given = self._samples(x, lengths)
        known = self.lowered.named
        unknown = [node for node in nodes if node not in known]
        if unknown:
            raise EngineError(
                say("there is no node {unknown!r}.", unknown=unknown[0]),
                where="nodes",
                remedy=say("There are {known}.", known=", ".join(known)),
            )
        values = {node: known[node]["output"] for node in nodes}
        result = {node: np.empty((given.count, *value.shape), self.dtype) for node, value in values.items()}
        plan = self._plan_for(FORWARD, given)
        for begin, end in self._chunks(plan, given):
            for node, value in values.items():
                result[node][begin:end] = self._lanes(plan, value, end - begin)
        return result

    def values(
        self, x: Samples, node: str, name: str, lengths: Lengths = None, states: States | None = None
    ) -> tuple[Array, dict[str, Array]]:
        """The value ``name`` of ``node`` as a trace calls it (``"h"``, ``"f"``), (N, *shape), outside training; and the states that
        stateful layers end with, as :meth:`read_on` gives them."""
        part, value = self.lowered.parts.get(node, {}).get(name), self.lowered.named.get(node, {}).get(name)
        value = part.value if part is not None else value
        given = self._samples(x, lengths, states)
        plan, known = self._plan_for(FORWARD_ON, given), by_state(self.lowered.carried)
        if value is None or not plan.has(value):
            raise EngineError(say("there is no value {name!r}.", name=name), where=node)
        result = np.empty((given.count, *value.shape), self.dtype)
        ended = {key: np.empty((given.count, *one.value.shape), self.dtype) for key, one in known.items()}
        for begin, end in self._chunks(plan, given):
            result[begin:end] = self._lanes(plan, value, end - begin)
            for key, one in known.items():
                ended[key][begin:end] = self._lanes(plan, one.value, end - begin)
        return result if part is None else result[..., part.start : part.stop], ended

    def loss(
        self,
        x: Samples,
        target: NDArray[Any],
        seen: Callable[[Plan, int], object] | None = None,
        lengths: Lengths = None,
        states: States | None = None,
    ) -> float:
        """The mean loss over N samples in training mode, as :meth:`gradients` gives it. ``seen(plan, n)`` is called whenever
        ``plan`` holds the values of the next ``n`` of them."""
        return self.loss_of(self.asked(x, target, lengths, states), seen)

    def asked(self, x: Samples, target: NDArray[Any], lengths: Lengths = None, states: States | None = None) -> _Given:
        """Samples and targets, checked and encoded once: for :meth:`loss_of`, at one weight after the other."""
        return self._targets(self._samples(x, lengths, states), target)

    def loss_of(self, given: _Given, seen: Callable[[Plan, int], object] | None = None) -> float:
        """:meth:`loss` of what was asked for before."""
        plan = self._plan_for(GRADIENTS, given)
        total = 0.0
        for begin, end in self._chunks(plan, given):
            total += plan.control.loss
            if seen is not None:
                seen(plan, end - begin)
        return total / given.weight

    def gradients(
        self, x: Samples, target: NDArray[Any], lengths: Lengths = None, states: States | None = None
    ) -> tuple[float, dict[str, Array]]:
        """The mean loss over N samples and its gradient by every parameter that has one, in training mode (dropout on, the same mask
        each time; batch norm by the statistics of these samples, its running ones stay).

        ``target``: class numbers (N,) or, where the loss compares numbers, an array of the prediction's shape. Where there is a target
        at each step, (N, T) or (N, T, K), the mean is over those that count: neither class -1 nor past ``lengths``. Nothing flows back
        into ``states``, from which stateful layers begin.
        """
        given = self._targets(self._samples(x, lengths, states), target)
        plan = self._plan_for(GRADIENTS, given)
        loss, flat = 0.0, np.zeros(self.layout.extent, self.dtype)
        for begin, end in self._chunks(plan, given):
            loss += plan.control.loss / given.weight
            flat += plan.gradients * ((end - begin if given.counted is None else plan.control.counted) / given.weight)
        return loss, {key: self.layout.one(flat, key) for key in self.layout.trained}

    def trace(
        self,
        x: Samples,
        target: NDArray[Any] | float,
        *,
        split: str = "",
        index: int = 0,
        length: int | None = None,
        states: States | None = None,
    ) -> Trace:
        """Every value and gradient of one sample's pass (``x`` without N), with training's noise; batch norm by its running
        statistics, for one sample has none. ``length``: how many of its steps are real. ``states``, without N: what it begins from."""
        given = self._targets(self._one(x, length, states), givens.numbers(target, "target")[None])
        plan = self._plan_for(TRACE, given)
        for _ in self._chunks(plan, given):
            pass
        return read_trace(plan, split, index, self.step)

    def answer(
        self, x: Samples, target: NDArray[Any] | float | None = None, *, split: str = "", index: int = 0, length: int | None = None
    ) -> Trace:
        """Every value of one sample's pass (``x`` without N) outside training; with a ``target`` its loss and every gradient too. Kernels
        that are not compiled yet are compiled in a process of their own."""
        given = self._one(x, length)
        if target is not None:
            given = self._targets(given, givens.numbers(target, "target")[None])
        made = len(self._plans)
        plan = self._plan_for(FORWARD if target is None else JUDGED, given)
        if len(self._plans) > made:
            kernels.compile.prepare(plan.names, self._precision, self._isa)
        for _ in self._chunks(plan, given):
            pass
        return (read_answer if target is None else read_trace)(plan, split, index, self.step)

    def forward_names(self, count: int, lengths: bool = False) -> tuple[str, ...]:
        """The kernels that a forward pass of ``count`` samples calls, with ``lengths`` or without."""
        return self.plan(replace(FORWARD, masked=True) if lengths and self.lowered.masks else FORWARD, count).names

    def plan(self, purpose: Purpose, count: int) -> Plan:
        """The plan for ``count`` samples at a time, made when first asked for."""
        lanes = self._lanes_for.get((purpose.mode, count))
        if lanes is None:  # a gradient check asks thousands of times
            lanes = self._lanes_for[purpose.mode, count] = lanes_of(self.lowered, purpose.mode, count, self._precision, self._isa)
        key = (purpose, lanes)
        if key not in self._plans:
            self._plans[key] = Plan(self.lowered, Target(self._precision, lanes, self._isa), purpose, self.seed)
        return self._plans[key]

    def _plan_for(self, purpose: Purpose, given: _Given) -> Plan:
        masked = given.lengths is not None and bool(self.lowered.masks)
        return self.plan(replace(purpose, masked=True) if masked else purpose, given.count)

    def _one(self, x: Samples, length: int | None, states: States | None = None) -> _Given:
        """A single sample, without N."""
        one = {node: givens.numbers(a, node)[None] for node, a in x.items()} if isinstance(x, Mapping) else givens.numbers(x, "x")[None]
        begun = {key: givens.numbers(array, str(key))[None] for key, array in givens.mapping(states or {}, "states").items()}
        return self._samples(one, None if length is None else [length], begun)

    def _samples(self, x: Samples, lengths: Lengths, states: States | None = None) -> _Given:
        """One array an Input, all with N samples."""
        inputs = self.lowered.inputs
        given = dict(x) if isinstance(x, Mapping) else dict.fromkeys(inputs, x)
        if set(given) != set(inputs):
            raise EngineError(
                say(
                    "expected samples for {inputs}, got {given}.", inputs=", ".join(inputs), given=", ".join(map(str, given)) or say("none")
                ),
                where="x",
            )
        arrays = {node: givens.numbers(array, node, self.dtype) for node, array in given.items()}
        for node, array in arrays.items():
            shape = inputs[node].shape
            if array.shape[1:] != shape or array.ndim == 0:
                raise EngineError(
                    say("expected samples of shape (N, {shape}), got {shape2}.", shape=format_shape(shape), shape2=array.shape), where=node
                )
        counts = {len(array) for array in arrays.values()}
        if len(counts) != 1:
            raise EngineError(say("expected as many samples for each Input, got {counts}.", counts=sorted(counts)), where="x")
        count = counts.pop()
        steps = max((value.shape[0] for value in inputs.values() if len(value.shape) <= 2), default=0)
        begun = checked_states(self.lowered.carried, states or {}, count, self.dtype)
        return _Given(arrays, count, given_lengths(lengths, count, steps), begun)

    def _targets(self, given: _Given, target: NDArray[Any]) -> _Given:
        """The samples with their targets."""
        target, count = givens.numbers(target, "target", self.dtype), given.count
        if target.ndim == 0 or len(target) != count:
            raise EngineError(say("expected {count} targets, got shape {shape}.", count=count, shape=target.shape), where="target")
        if not count:
            raise EngineError("expected at least one sample, got none.", where="x")
        if self.lowered.counted is None:
            return replace(given, target=encode_targets(self.lowered, target, self.dtype))
        goal, counted = encode_steps(self.lowered, target, levels(self.lowered.fields[self.lowered.output]), given.lengths)
        return replace(given, target=goal, counted=counted)

    def _chunks(self, plan: Plan, given: _Given) -> Iterator[tuple[int, int]]:
        """Run the samples through ``plan``, as many at a time as it has lanes; results are in it at each turn."""
        plan.parameters[:] = self._flat
        control, order = plan.control, plan.spaces["order"]
        control.step = self.step
        goal, counted = self.lowered.target, self.lowered.counted
        shape = target_shape(self.lowered.fields[self.lowered.output], goal.shape)
        for begin in range(0, given.count, plan.lanes):
            give_way()
            end = min(begin + plan.lanes, given.count)
            for node, value in self.lowered.inputs.items():
                self._write(plan, value, given.x[node][begin:end])
            for mask in plan.masks:
                assert given.lengths is not None
                self._write(plan, mask, real_steps(given.lengths[begin:end], end - begin, mask.shape[0]))
            self._write(plan, goal, np.zeros((end - begin, *shape)) if given.target is None else given.target[begin:end])
            if counted is not None:
                self._write(plan, counted, np.zeros((end - begin, *counted.shape)) if given.counted is None else given.counted[begin:end])
            plan.start_over(end - begin)
            for one, numbers in given.states.items():
                if one in plan.carried:
                    self._write(plan, one.value, numbers[begin:end])
            order[:] = np.arange(begin, begin + plan.lanes)
            control.batch, control.cursor, control.end = end - begin, 0, end - begin
            plan.program.run(1)
            yield begin, end

    @staticmethod
    def _write(plan: Plan, value: Value, samples: NDArray[Any]) -> None:
        lanes = plan.value(value)
        lanes[..., : len(samples)] = samples.transpose(*range(1, samples.ndim), 0)
        lanes[..., len(samples) :] = 0

    @staticmethod
    def _lanes(plan: Plan, value: Value, count: int) -> Array:
        return np.moveaxis(plan.value(value)[..., :count], -1, 0)
