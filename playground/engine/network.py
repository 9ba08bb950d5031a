"""Network: a document's weights and what can be asked of them: predictions, gradients, traces, outputs of any node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.document.model import Document
from playground.engine import given as givens
from playground.engine.arena import ParameterLayout
from playground.engine.initial import initial_parameters
from playground.engine.lowering import Lowered, lower
from playground.engine.plan import Plan, Purpose, lanes_of, number_type
from playground.engine.resident import encode_targets, target_shape
from playground.engine.trace import Trace
from playground.engine.tracing import read_answer, read_trace
from playground.errors import EngineError
from playground.kernels import Target
from playground.layers.spec import Value, format_shape

Array = NDArray[np.floating]
Samples = NDArray[Any] | Mapping[str, NDArray[Any]]

FORWARD = Purpose()
JUDGED = Purpose(wanted="everything")
FORWARD_TRAINING = Purpose(mode="training")
GRADIENTS = Purpose(wanted="parameters", mode="training")
TRACE = Purpose(wanted="everything", mode="sample")


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
        if flat is None:
            flat = np.zeros(self.layout.extent, self.dtype)
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
        self.document = document or self.document
        self._flat = flat

    def forward(self, x: Samples, training: bool = False) -> Array:
        """What Output predicts, (N, *shape), for samples (N, *shape) as the network sees them (scaled). In ``training`` mode
        dropout is on, and batch norm takes the statistics of these samples."""
        given, count = self._samples(x)
        result = np.empty((count, *self.lowered.prediction.shape), self.dtype)
        plan = self.plan(FORWARD_TRAINING if training else FORWARD, count)
        for begin, end in self._chunks(plan, given, None, count):
            result[begin:end] = self._lanes(plan, self.lowered.prediction, end - begin)
        return result

    def probe(self, x: Samples, nodes: Sequence[str]) -> dict[str, Array]:
        """The outputs of ``nodes``, (N, *shape) each, outside training: for decision boundaries and pictures of neurons."""
        given, count = self._samples(x)
        known = self.lowered.named
        unknown = [node for node in nodes if node not in known]
        if unknown:
            raise EngineError(f"there is no node {unknown[0]!r}.", where="nodes", remedy=f"There are {', '.join(known)}.")
        values = {node: known[node]["output"] for node in nodes}
        result = {node: np.empty((count, *value.shape), self.dtype) for node, value in values.items()}
        plan = self.plan(FORWARD, count)
        for begin, end in self._chunks(plan, given, None, count):
            for node, value in values.items():
                result[node][begin:end] = self._lanes(plan, value, end - begin)
        return result

    def loss(self, x: Samples, target: NDArray[Any], seen: Callable[[Plan, int], object] | None = None) -> float:
        """The mean loss over N samples in training mode, as :meth:`gradients` gives it. ``seen(plan, n)`` is called whenever
        ``plan`` holds the values of the next ``n`` of them."""
        given, count = self._samples(x)
        plan, goal = self.plan(GRADIENTS, count), self._targets(target, count)
        total = 0.0
        for begin, end in self._chunks(plan, given, goal, count):
            total += plan.control.loss
            if seen is not None:
                seen(plan, end - begin)
        return total / count

    def gradients(self, x: Samples, target: NDArray[Any]) -> tuple[float, dict[str, Array]]:
        """The mean loss over N samples and its gradient by every parameter that has one, in training mode (dropout on, the same mask
        each time; batch norm by the statistics of these samples, its running ones stay).

        ``target``: class numbers (N,) or, where the loss compares numbers, an array of the prediction's shape.
        """
        given, count = self._samples(x)
        plan, goal = self.plan(GRADIENTS, count), self._targets(target, count)
        loss, flat = 0.0, np.zeros(self.layout.extent, self.dtype)
        for begin, end in self._chunks(plan, given, goal, count):
            loss += plan.control.loss / count
            flat += plan.gradients * ((end - begin) / count)
        return loss, {key: self.layout.one(flat, key) for key in self.layout.trained}

    def trace(self, x: Samples, target: NDArray[Any] | float, *, split: str = "", index: int = 0) -> Trace:
        """Every value and gradient of one sample's pass (``x`` without N), with training's noise; batch norm by its running
        statistics, for one sample has none."""
        one = {node: givens.numbers(a, node)[None] for node, a in x.items()} if isinstance(x, Mapping) else givens.numbers(x, "x")[None]
        given, count = self._samples(one)
        plan = self.plan(TRACE, count)
        for _ in self._chunks(plan, given, self._targets(givens.numbers(target, "target")[None], count), count):
            pass
        return read_trace(plan, split, index, self.step)

    def answer(self, x: Samples, target: NDArray[Any] | float | None = None, *, split: str = "", index: int = 0) -> Trace:
        """Every value of one sample's pass (``x`` without N) outside training; with a ``target`` its loss and every gradient too. Kernels
        that are not compiled yet are compiled in a process of their own."""
        one = {node: givens.numbers(a, node)[None] for node, a in x.items()} if isinstance(x, Mapping) else givens.numbers(x, "x")[None]
        given, count = self._samples(one)
        made = len(self._plans)
        plan = self.plan(FORWARD if target is None else JUDGED, count)
        if len(self._plans) > made:
            kernels.compile.prepare(plan.names, self._precision, self._isa)
        goal = None if target is None else self._targets(givens.numbers(target, "target")[None], count)
        for _ in self._chunks(plan, given, goal, count):
            pass
        return (read_answer if target is None else read_trace)(plan, split, index, self.step)

    def forward_names(self, count: int) -> tuple[str, ...]:
        """The kernels that a forward pass of ``count`` samples calls."""
        return self.plan(FORWARD, count).names

    def plan(self, purpose: Purpose, count: int) -> Plan:
        """The plan for ``count`` samples at a time, made when first asked for."""
        lanes = lanes_of(self.lowered, purpose.mode, count, self._precision, self._isa)
        key = (purpose, lanes)
        if key not in self._plans:
            self._plans[key] = Plan(self.lowered, Target(self._precision, lanes, self._isa), purpose, self.seed)
        return self._plans[key]

    def _samples(self, x: Samples) -> tuple[dict[str, NDArray[Any]], int]:
        """One array an Input, all with N samples."""
        inputs = self.lowered.inputs
        given = dict(x) if isinstance(x, Mapping) else dict.fromkeys(inputs, x)
        if set(given) != set(inputs):
            raise EngineError(f"expected samples for {', '.join(inputs)}, got {', '.join(map(str, given)) or 'none'}.", where="x")
        arrays = {node: givens.numbers(array, node, self.dtype) for node, array in given.items()}
        for node, array in arrays.items():
            shape = inputs[node].shape
            if array.shape[1:] != shape or array.ndim == 0:
                raise EngineError(f"expected samples of shape (N, {format_shape(shape)}), got {array.shape}.", where=node)
        counts = {len(array) for array in arrays.values()}
        if len(counts) != 1:
            raise EngineError(f"expected as many samples for each Input, got {sorted(counts)}.", where="x")
        return arrays, counts.pop()

    def _targets(self, target: NDArray[Any], count: int) -> NDArray[Any]:
        target = givens.numbers(target, "target", self.dtype)
        if target.ndim == 0 or len(target) != count:
            raise EngineError(f"expected {count} targets, got shape {target.shape}.", where="target")
        if not count:
            raise EngineError("expected at least one sample, got none.", where="x")
        return encode_targets(self.lowered, target, self.dtype)

    def _chunks(self, plan: Plan, x: Mapping[str, NDArray[Any]], target: NDArray[Any] | None, count: int) -> Iterator[tuple[int, int]]:
        """Run the samples through ``plan``, as many at a time as it has lanes; results are in it at each turn."""
        plan.parameters[:] = self._flat
        control, order = plan.control, plan.spaces["order"]
        control.step = self.step
        goal = self.lowered.target
        shape = target_shape(self.lowered.fields[self.lowered.output], goal.shape)
        for begin in range(0, count, plan.lanes):
            end = min(begin + plan.lanes, count)
            for node, value in self.lowered.inputs.items():
                self._write(plan, value, x[node][begin:end])
            self._write(plan, goal, np.zeros((end - begin, *shape)) if target is None else target[begin:end])
            order[:] = np.arange(begin, begin + plan.lanes)
            control.batch, control.cursor, control.end = end - begin, 0, end - begin
            plan.program.run(1)
            yield begin, end

    @staticmethod
    def _write(plan: Plan, value: Value, samples: NDArray[Any]) -> None:
        lanes = plan.value(value)
        lanes[..., : len(samples)] = np.moveaxis(samples, 0, -1)
        lanes[..., len(samples) :] = 0

    @staticmethod
    def _lanes(plan: Plan, value: Value, count: int) -> Array:
        return np.moveaxis(plan.value(value)[..., :count], -1, 0)
