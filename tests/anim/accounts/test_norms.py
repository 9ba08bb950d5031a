"""Accounts of batch norm and layer norm: every number against the formulas, over a batch, in float64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from playground.anim import stages
from playground.anim.account import Account, Equation
from playground.anim.accounts import account
from playground.anim.cursor import Stage
from playground.document import Document, edits
from playground.engine import Network, Trainer, changes
from playground.engine.program.lowering import Lowered, lower
from playground.engine.trace import Trace
from tests.engine.build import chain, classes, dense

EPSILON = 1e-5
SHAPES: dict[str, tuple[tuple[int, ...], tuple[Any, ...]]] = {
    "rows": ((3,), (dense(4, "tanh"),)),
    "pictures": ((2, 4, 3), (("Conv2D", {"filters": 3, "padding": "same", "activation": "tanh"}),)),
    "sequences": ((5, 3), (dense(4, "tanh"),)),
}


def near(value: object) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def trainer(kind: str, norm: str) -> tuple[Document, Trainer]:
    shape, before = SHAPES[kind]
    document = chain(shape, *before, (norm, {}), ("Flatten", {}), dense(2))
    document = edits.set_training(document, batch_size=4, learning_rate=0.1)
    rng = np.random.default_rng(0)
    made = Trainer(
        document, dtype="float64", dataset=classes(rng.standard_normal((9, *shape)).astype(np.float32), rng.integers(0, 2, 9), 2)
    )
    made.step()
    return changes.shaped(document, made.dataset), made


class Told:
    """Accounts of a trace, by the stage that a user asks for."""

    def __init__(self, document: Document, trace: Trace) -> None:
        self.lowered: Lowered = lower(document)
        self.trace, self.passed = trace, stages.stages(document)

    def __call__(self, at: str) -> Account:
        found = account(self.lowered, self.trace, stages.find(self.passed, at))
        assert found is not None
        return found

    def stage(self, phase: str, node: str) -> Stage:
        return next(one for one in self.passed if (one.phase, one.node) == (phase, node))

    def cells(self, phase: str, node: str) -> Iterator[tuple[tuple[int, ...], Account]]:
        stage = self.stage(phase, node)
        for cell in range(len(stage.cells)):
            yield stage.cells.place(cell)[1], self(f"{phase}:{node}:{stage.cells[cell]}")


def by_role(found: Account) -> dict[str, Equation]:
    return {one.role: one for one in found.equations}


def holds(one: Equation) -> None:
    """That what it is made of comes to what it says."""
    total = float(one.values.sum())
    if one.function == "divide":
        total /= one.sides[0].value
    assert (np.sqrt(total) if one.function == "sqrt" else total) == near(one.result.value)


def channel(index: tuple[int, ...]) -> int:
    return index[0] if len(index) == 3 else index[-1]


def axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Of a batch of such samples: all but the channels'."""
    return (0, 2, 3) if len(shape) == 3 else tuple(range(len(shape)))


@pytest.mark.parametrize("kind", list(SHAPES))
def test_batch_norm_by_the_batch(kind: str) -> None:
    document, made = trainer(kind, "BatchNorm")
    told = Told(document, made.record(position=1))
    assert told.trace.update is not None
    others = [made.replay(made.passes.latest.step, at) for at in range(len(told.trace.update.batch))]
    before = told.lowered.sources["batchnorm1"][0]
    x = np.stack([one.nodes[before].values["output"] for one in others])
    mean, variance = x.mean(axes(x.shape[1:])), x.var(axes(x.shape[1:]))
    weight, bias = (told.trace.parameters[f"batchnorm1/{name}"].before for name in ("weight", "bias"))
    for index, found in told.cells("forward", "batchnorm1"):
        c, roles = channel(index), by_role(found)
        normal = (x[(1, *index)] - mean[c]) / np.sqrt(variance[c] + EPSILON)
        assert list(roles) == ["spread", "normalized", "scaled"]
        assert roles["spread"].values.tolist() == near([variance[c], EPSILON])
        assert roles["normalized"].values.tolist() == near([x[(1, *index)], -mean[c]])
        assert roles["normalized"].result.value == near(normal)
        assert roles["scaled"].values.tolist() == near([weight[c] * normal, bias[c]])
        for one in found.equations:
            holds(one)
    dy = np.stack([one.nodes["batchnorm1"].gradients["output"] for one in others])
    dx = np.stack([one.nodes[before].gradients["output"] for one in others])
    wide = tuple(slice(None) if axis == (1 if x.ndim == 4 else x.ndim - 1) else None for axis in range(x.ndim))
    normals = (x - mean[wide]) / np.sqrt(variance[wide] + EPSILON)
    over = axes(x.shape[1:])
    expected = (weight / np.sqrt(variance + EPSILON))[wide] * (
        dy - dy.mean(over, keepdims=True) - normals * (dy * normals).mean(over, keepdims=True)
    )
    assert dx == near(expected)
    for index, found in told.cells("backward", "batchnorm1"):
        passed = next(one for one in found.made if one.role == "passed")
        assert passed.values.sum() == near(expected[(1, *index)])
        assert passed.result.value == near(expected[(1, *index)])
        gradients = [one for one in found.made if one.role == "gradient"]
        assert len(gradients) == 2
        for one in gradients:
            assert one.values.sum() == near(one.result.value)
        if kind == "rows":
            assert gradients[0].result.value == near(float((dy[1] * normals[1])[channel(index)]))


@pytest.mark.parametrize("kind", list(SHAPES))
def test_running_statistics_move_towards_the_batchs(kind: str) -> None:
    document, made = trainer(kind, "BatchNorm")
    trace = made.record(position=0)
    told = Told(document, trace)
    values, size = trace.nodes["batchnorm1"].values, trace.nodes["batchnorm1"].values["output"].size
    assert trace.update is not None
    count = len(trace.update.batch) * size // len(values["mean"])
    for c in range(len(values["mean"])):
        for name, batch in (("running_mean", values["mean"][c]), ("running_var", values["variance"][c] * count / (count - 1))):
            moved = told(f"update:batchnorm1:{name}[{c}]").equations[-1]
            kept = trace.parameters[f"batchnorm1/{name}"]
            assert kept.after is not None
            assert moved.role == "running"
            assert moved.values.tolist() == near([0.9 * kept.before[c], 0.1 * batch])
            assert moved.values.sum() == near(kept.after[c]) == near(moved.result.value)


@pytest.mark.parametrize("kind", list(SHAPES))
def test_batch_norm_of_one_sample_by_the_running_statistics(kind: str) -> None:
    shape, before = SHAPES[kind]
    document = chain(shape, *before, ("BatchNorm", {}), ("Flatten", {}), dense(2), loss="mean_squared_error")
    network, rng = Network(document, "float64"), np.random.default_rng(4)
    parameters = network.parameters
    drawn = {key: np.abs(rng.standard_normal(array.shape)) + 0.2 for key, array in parameters.items() if key.startswith("batchnorm1/")}
    network.set_parameters(drawn)
    told = Told(document, network.trace(rng.standard_normal(shape), np.zeros(2)))
    source = told.lowered.sources["batchnorm1"][0]
    x, dy = told.trace.nodes[source].values["output"], told.trace.nodes["batchnorm1"].gradients["output"]
    mean, variance, weight, bias = (drawn[f"batchnorm1/{name}"] for name in ("running_mean", "running_var", "weight", "bias"))
    for index, found in told.cells("forward", "batchnorm1"):
        c = channel(index)
        assert found.result.value == near(weight[c] * (x[index] - mean[c]) / np.sqrt(variance[c] + EPSILON) + bias[c])
        for one in found.equations:
            holds(one)
    for index, found in told.cells("backward", source):
        arriving, c = found.equations[0], channel(index)
        assert arriving.values.sum() == near(arriving.result.value) == near(dy[index] * weight[c] / np.sqrt(variance[c] + EPSILON))


@pytest.mark.parametrize("kind", list(SHAPES))
def test_layer_norm(kind: str) -> None:
    document, made = trainer(kind, "LayerNorm")
    told = Told(document, made.record(position=1))
    source = told.lowered.sources["layernorm1"][0]
    x, dy = told.trace.nodes[source].values["output"], told.trace.nodes["layernorm1"].gradients["output"]
    weight, bias = (told.trace.parameters[f"layernorm1/{name}"].before for name in ("weight", "bias"))
    axis = 0 if x.ndim == 3 else -1
    wide = (slice(None), None, None) if x.ndim == 3 else slice(None)
    mean, variance = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    normals = (x - mean) / np.sqrt(variance + EPSILON)
    made_errors = weight[wide] * dy
    expected = (
        made_errors - made_errors.mean(axis, keepdims=True) - normals * (made_errors * normals).mean(axis, keepdims=True)
    ) / np.sqrt(variance + EPSILON)
    for index, found in told.cells("forward", "layernorm1"):
        roles = by_role(found)
        assert list(roles) == ["feature_mean", "feature_variance", "spread", "normalized", "scaled"]
        assert roles["normalized"].result.value == near(normals[index])
        assert found.result.value == near(normals[index] * weight[channel(index)] + bias[channel(index)])
        for one in found.equations:
            holds(one)
    for index, found in told.cells("backward", source):
        arriving = found.equations[0]
        assert arriving.values.sum() == near(arriving.result.value) == near(expected[index])
    for _, found in told.cells("backward", "layernorm1"):
        passed = [one for one in found.made if one.role == "passed"]
        assert len(passed) == x.shape[axis]
        for one in (*passed, *(one for one in found.made if one.role == "gradient")):
            assert one.values.sum() == near(one.result.value)
