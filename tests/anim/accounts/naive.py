"""One training step of a document in float64, node by node from the layers' formulas: values, errors, gradients, the update.

Written from the mathematics of the layer types, without the engine's operations: nothing here knows how an account is made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from playground.data.spec import Dataset
from playground.document import Document, fields_of, order, shapes, sources
from playground.engine.program.initial import node_key
from tests.anim.accounts import naive_norms as norms
from tests.anim.accounts import naive_windows as windows
from tests.anim.accounts.near import UNIT, Array, Near, product, stacked, transposed
from tests.reference.random import uniform

Numbers = Mapping[str, np.ndarray]


def _phi(z: Array) -> Array:
    return np.vectorize(lambda v: 0.5 * math.erfc(-v / math.sqrt(2)), otypes=[float])(z)


def _density(z: Array) -> Array:
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


VALUES = {
    "identity": lambda z: z,
    "relu": lambda z: np.maximum(z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softplus": lambda z: np.logaddexp(0.0, z),
}


def function(name: str, z: Near) -> Near:
    """An activation function of each number."""
    if name == "step":
        value = (z.value > 0).astype(float)
        return Near(value, ((np.abs(z.value) <= z.error) & (z.error > 0)).astype(float))
    if name == "gelu":
        return Near(z.value * _phi(z.value), 1.2 * z.error + 16 * UNIT * np.abs(z.value))
    if name == "softmax":
        powers = (z - Near(np.broadcast_to(z.value.max(-1, keepdims=True), z.shape), z.error)).monotone(np.exp)
        total = Near(powers.value.sum(-1, keepdims=True), powers.error.sum(-1, keepdims=True) + z.shape[-1] * UNIT)
        return powers / Near(np.broadcast_to(total.value, z.shape), np.broadcast_to(total.error, z.shape))
    return z.monotone(VALUES[name])


def slope(name: str, z: Near, a: Near) -> Near:
    """Its derivative. The kernels take it from a where they can (1 - a^2): the bound says what that costs where it is flat."""
    kinked = ((np.abs(z.value) <= z.error) & (z.error > 0)).astype(float)
    match name:
        case "identity" | "step":
            return Near.exact(np.ones(z.shape))
        case "relu":
            return Near((z.value > 0).astype(float), kinked)
        case "leaky_relu":
            return Near(np.where(z.value > 0, 1.0, 0.01), kinked + UNIT)
        case "elu":
            return Near(np.where(z.value > 0, 1.0, np.exp(np.minimum(z.value, 0.0))), kinked * z.error + a.error + 2 * UNIT)
        case "sigmoid":
            return Near(VALUES["sigmoid"](z.value) * VALUES["sigmoid"](-z.value), a.error + 4 * UNIT)
        case "tanh":
            return Near(1 / np.cosh(np.clip(z.value, -300, 300)) ** 2, 2 * a.error + 4 * UNIT)
        case "softplus":
            return z.monotone(VALUES["sigmoid"])
        case "gelu":
            return Near(_phi(z.value) + z.value * _density(z.value), 1.2 * z.error + 16 * UNIT * (1 + np.abs(z.value)))
    raise KeyError(name)


def cross_entropy(document: Document) -> bool:
    return "cross_entropy" in loss_kind(document)


def loss_kind(document: Document) -> str:
    return str(fields_of(document, output_of(document))["loss"])


def output_of(document: Document) -> str:
    return next(node for node, placed in document.nodes.items() if placed.type == "Output")


def axis_of(document: Document, node: str, shape: tuple[int, ...]) -> int:
    axis = fields_of(document, node)["axis"]
    return int(axis) if axis is not None else 1 if len(shape) == 2 else 0


@dataclass
class Pass:
    """One sample's pass. ``values[node][name]`` and ``errors[node][name]`` as in a trace, ``gradients[key]`` of parameters;
    ``shares[node, port]`` is what goes back through a wire."""

    document: Document
    parameters: Mapping[str, Near]
    x: Near
    target: np.ndarray
    masks: Mapping[str, np.ndarray]
    values: dict[str, dict[str, Near]] = field(default_factory=dict)
    errors: dict[str, dict[str, Near]] = field(default_factory=dict)
    gradients: dict[str, Near] = field(default_factory=dict)
    shares: dict[tuple[str, int], Near] = field(default_factory=dict)
    batch: Sequence[Pass] = ()
    """The samples that it was run with."""
    alone: bool = True
    """Whether it is run by itself, by running statistics; else with its batch, by :func:`run`."""

    def __post_init__(self) -> None:
        self.fields = {node: fields_of(self.document, node) for node in self.document.nodes}
        self.shapes = shapes(self.document)
        self.sources = {node: sources(self.document, node) for node in self.document.nodes}
        self.order = order(self.document)
        if self.alone:
            run([self])

    def type(self, node: str) -> str:
        return self.document.nodes[node].type

    def inputs(self, node: str) -> list[Near]:
        return [self.values[source]["output"] for source in self.sources[node]]

    def readers(self, node: str) -> list[tuple[str, int]]:
        """The wires that leave ``node`` and lead on to the Output, in the order of the pass."""
        return [(reader, port) for reader in self.order for port, source in enumerate(self.sources[reader]) if source == node]

    def function(self, node: str) -> str:
        fields = self.fields[node]
        if self.type(node) == "Output":
            return {"softmax_cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}.get(fields["loss"], "")
        return str(fields.get("activation", fields.get("function", "")))

    def weight(self, node: str) -> Near:
        return self.parameters[f"{node}/weight"]

    # -- forward
    def _forward(self, node: str, batch: Sequence[Pass]) -> None:
        given, made = self.inputs(node), self.values.setdefault(node, {})
        match self.type(node):
            case "Input":
                made["output"] = self.x
            case "Dense":
                z = product(given[0], transposed(self.weight(node)))
                bias = self.parameters.get(f"{node}/bias")
                made["pre_activation"] = z if bias is None else z + Near(np.broadcast_to(bias.value, z.shape), np.zeros(z.shape))
                made["output"] = function(self.function(node), made["pre_activation"])
            case "Activation":
                made["output"] = function(self.function(node), given[0])
            case "Flatten" | "Reshape":
                made["output"] = given[0].reshape(*self.shapes[node])
            case "Dropout":
                made["mask"] = Near.exact(self.masks[node]).plus(self.masks[node] * UNIT)
                made["output"] = made["mask"] * given[0]
            case "Add":
                made["output"] = sum(given[1:], given[0])
            case "Multiply":
                made["output"] = math.prod(given[1:], start=given[0])
            case "Concatenate":
                axis = axis_of(self.document, node, given[0].shape)
                made["output"] = Near(np.concatenate([g.value for g in given], axis), np.concatenate([g.error for g in given], axis))
            case kind if kind in windows.TYPES:
                self._window(node, given[0], made)
            case kind if kind in norms.TYPES:
                norms.forward(self, node, made, batch)
            case "Output":
                made["output"] = function(self.function(node), given[0]) if self.function(node) else given[0]

    def frame(self, node: str) -> windows.Frame:
        return windows.Frame.of(self.type(node), self.fields[node], self.inputs(node)[0].shape)

    def _window(self, node: str, x: Near, made: dict[str, Near]) -> None:
        kind, fields, shape = self.type(node), self.fields[node], self.shapes[node]
        if kind in windows.CONVOLUTIONS:
            bias = self.parameters.get(f"{node}/bias")
            made["pre_activation"] = windows.convolved(x, self.weight(node), bias, self.frame(node), fields["groups"], shape)
            made["output"] = function(self.function(node), made["pre_activation"])
        elif kind in windows.MOVERS:
            cells = windows.moved(kind, fields, x.shape)
            value, error = (np.where(cells < 0, 0.0, part.reshape(len(part), -1)[:, cells]) for part in (x.value, x.error))
            made["output"] = Near(value, error).reshape(*shape)
        else:
            made["output"], winners = windows.pooled(kind, x, self.frame(node), shape)
            if kind in windows.MAXIMA:
                made["winners"] = Near.exact(winners)

    def running(self, node: str) -> bool:
        """Whether a batch norm takes its running statistics: alone, and where it is frozen."""
        return self.alone or self.document.nodes[node].frozen

    def _window_back(self, node: str, x: Near, error: Near) -> Near:
        kind = self.type(node)
        if kind in windows.CONVOLUTIONS:
            delta = self.errors[node]["pre_activation"] = self.through(node, x)
            groups = self.fields[node]["groups"]
            share, weight, bias = windows.unconvolved(delta, x, self.weight(node), self.frame(node), groups)
            self.gradients[f"{node}/weight"] = weight
            if f"{node}/bias" in self.parameters:
                self.gradients[f"{node}/bias"] = bias
            return share
        if kind in windows.MOVERS:
            cells, planes = windows.moved(kind, self.fields[node], x.shape), error.reshape(len(error.value), -1)
            share = [
                planes[plane, cells == cell].sum() if (cells == cell).any() else Near.exact(0.0)
                for plane in range(len(x.value))
                for cell in range(x.value[0].size)
            ]
            return stacked(share).reshape(*x.shape)
        winners = self.values[node]["winners"].value if kind in windows.MAXIMA else None
        return windows.unpooled(kind, error, winners, self.frame(node), x.shape)

    # -- loss
    def hot(self) -> np.ndarray:
        """The target in the prediction's shape: ones and zeros for a softmax."""
        if loss_kind(self.document) != "softmax_cross_entropy":
            return self.target
        shape = self.values[output_of(self.document)]["output"].shape
        made = np.zeros(shape)
        for row in np.ndindex(*shape[:-1]):
            made[(*row, int(self.target[row]))] = 1.0
        return made

    def score_error(self) -> Near:
        """dL by what the Output gets."""
        p, kind = self.values[output_of(self.document)]["output"], loss_kind(self.document)
        steps = p.shape[0] if len(p.shape) == 2 else 1
        factor = {"half_squared_error": 1 / steps, "mean_squared_error": 2 / p.value.size, "binary_cross_entropy": 1 / p.value.size}
        difference = p - Near.exact(self.hot())
        return difference * Near(np.full(p.shape, factor.get(kind, 1 / steps)), np.full(p.shape, UNIT))

    # -- backward
    def _arrive(self, node: str) -> bool:
        """The error by the node's output; whether there is any."""
        errors = self.errors.setdefault(node, {})
        if self.type(node) == "Output":
            self.shares[node, 0] = self.score_error()
            return False
        arriving = [self.shares[wire] for wire in self.readers(node) if wire in self.shares]
        if arriving:
            errors["output"] = sum(arriving[1:], arriving[0])
        return bool(arriving)

    def _backward(self, node: str, batch: Sequence[Pass]) -> None:
        kind, errors = self.type(node), self.errors.setdefault(node, {})
        error, given = errors["output"], self.inputs(node)
        match kind:
            case "Dense":
                delta = errors["pre_activation"] = self.through(node, given[0])
                rows = Near(delta.value.reshape(-1, delta.shape[-1]), delta.error.reshape(-1, delta.shape[-1]))
                x = Near(given[0].value.reshape(-1, given[0].shape[-1]), given[0].error.reshape(-1, given[0].shape[-1]))
                self.gradients[f"{node}/weight"] = product(transposed(rows), x)
                if f"{node}/bias" in self.parameters:
                    ones = Near.exact(np.ones((1, len(rows.value))))
                    self.gradients[f"{node}/bias"] = product(ones, rows)[0]
                self.shares[node, 0] = product(delta, self.weight(node))
            case "Activation":
                self.shares[node, 0] = self.through(node, given[0])
            case "Flatten" | "Reshape":
                self.shares[node, 0] = error.reshape(*given[0].shape)
            case "Dropout":
                self.shares[node, 0] = self.values[node]["mask"] * error
            case "Add":
                self.shares.update({(node, port): error for port in range(len(given))})
            case "Multiply":
                for port in range(len(given)):
                    self.shares[node, port] = math.prod((g for other, g in enumerate(given) if other != port), start=error)
            case _ if kind in norms.TYPES:
                self.shares[node, 0] = norms.backward(self, node, batch)
            case _ if kind in windows.TYPES:
                self.shares[node, 0] = self._window_back(node, given[0], error)
            case "Concatenate":
                axis = axis_of(self.document, node, error.shape)
                cuts = np.cumsum([g.shape[axis] for g in given])[:-1]
                parts = zip(np.split(error.value, cuts, axis), np.split(error.error, cuts, axis), strict=True)
                self.shares.update({(node, port): Near(v, e) for port, (v, e) in enumerate(parts)})

    def through(self, node: str, x: Near) -> Near:
        """The error times the slope of the node's function."""
        error, name, made = self.errors[node]["output"], self.function(node), self.values[node]
        if name == "identity":
            return error
        if name == "softmax":
            slopes = self.jacobian(node)
            value = np.einsum("...kj,...k->...j", slopes.value, error.value)
            size = np.einsum("...kj,...k->...j", np.abs(slopes.value), np.abs(error.value) * x.shape[-1] * 8 * UNIT + error.error)
            return Near(value, size + np.einsum("...kj,...k->...j", slopes.error, np.abs(error.value)))
        return error * slope(name, made.get("pre_activation", x), made["output"])

    def jacobian(self, node: str) -> Near:
        """da_k / dz_j of a softmax, (..., k, j)."""
        a = self.values[node]["output"]
        value = a.value[..., :, None] * (np.eye(a.shape[-1]) - a.value[..., None, :])
        return Near(value, a.error[..., :, None] + a.error[..., None, :] + 4 * UNIT * a.value[..., :, None])


def run(batch: Sequence[Pass]) -> None:
    """Forward and backward of the samples of a batch side by side, node by node: a batch norm sees them all."""
    for one in batch:
        one.batch = batch
    for node in batch[0].order:
        for one in batch:
            one._forward(node, batch)
    for node in reversed(batch[0].order):
        reached = [one for one in batch if one._arrive(node)]
        for one in reached:
            one._backward(node, batch)


@dataclass
class Step:
    """A training step of a batch: every sample's pass, the mean gradients, the clipping factor."""

    document: Document
    dataset: Dataset
    parameters: Numbers
    state: Numbers
    batch: tuple[int, ...]
    step: int
    count: int
    rate: float
    seed: int = 0

    def __post_init__(self) -> None:
        self.training = self.document.training
        self.given = {key: Near.exact(array) for key, array in self.parameters.items()}
        self.passes = [self._pass(index) for index in self.batch]
        run(self.passes)
        self.mean: dict[str, Near] = {}
        for key in self.given:
            if self.document.nodes[key.partition("/")[0]].frozen or key not in self.passes[0].gradients:
                continue
            own = [one.gradients[key] for one in self.passes]
            value = np.mean([g.value for g in own], axis=0)
            size = np.mean([np.abs(g.value) for g in own], axis=0)
            self.mean[key] = Near(value, np.mean([g.error for g in own], axis=0) + (len(own) + 2) * UNIT * size)
        self.clip = self._clip()

    def _pass(self, index: int) -> Pass:
        split, document = self.dataset.train, self.document
        x = split.x[index].astype(np.float64) * self.dataset.scale + self.dataset.offset
        masks = {
            node: self._mask(node, index, shapes(document)[node]) for node, placed in document.nodes.items() if placed.type == "Dropout"
        }
        exact = split.x.dtype == np.float32 and (self.dataset.scale, self.dataset.offset) == (1.0, 0.0)
        rounding = np.zeros(x.shape) if exact else UNIT * (np.abs(x) + abs(self.dataset.offset)) * 2
        return Pass(document, self.given, Near(x, rounding), self._target(index), masks, alone=False)

    def _mask(self, node: str, index: int, shape: tuple[int, ...]) -> np.ndarray:
        rate, key = float(fields_of(self.document, node)["rate"]), node_key(self.seed, node, "dropout")
        drawn = [uniform(key, self.step, index, element) for element in range(math.prod(shape))]
        return np.array([0.0 if u < np.float32(rate) else 1 / (1 - rate) for u in drawn]).reshape(shape)

    def _target(self, index: int) -> np.ndarray:
        y, fields = self.dataset.train.y[index], fields_of(self.document, output_of(self.document))
        shape, kind = shapes(self.document)[output_of(self.document)], fields["loss"]
        if self.dataset.description.task == "regression":
            return np.asarray(y, np.float32).astype(float).reshape(shape)
        if kind == "softmax_cross_entropy":
            return np.asarray(y).reshape(shape[:-1])
        low, high = (0.0, 1.0) if cross_entropy(self.document) else (fields["target_low"], fields["target_high"])
        low, high = float(np.float32(low)), float(np.float32(high))
        if shape == (1,):
            return np.array([high if y else low])
        return np.where(np.arange(shape[-1]) == y, high, low)

    def _clip(self) -> Near:
        most = self.training.clip_norm
        if most is None:
            return Near.exact(1.0)
        squares = Near.exact(0.0)
        for mean in self.mean.values():
            squares = squares + (mean * mean).sum()
        norm = squares.monotone(np.sqrt, least=0.0)
        factor = Near.constant(most) / (norm + Near.exact(1e-6))
        return factor if factor.value < 1 else Near(np.asarray(1.0), np.asarray(max(0.0, float(1.0 - (factor.value - factor.error)))))
