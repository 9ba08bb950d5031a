"""Gradients: every layer type, function and loss, and random graphs, against finite differences and a naive forward pass."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.document import Document, check, edits, shapes
from playground.engine import Network
from playground.engine.checks import gradient_check
from playground.engine.checks.checked import LIMIT
from playground.engine.checks.gradient_check import check_gradients
from playground.errors import EngineError
from playground.layers import kinks, registry
from playground.layers.functions import FUNCTION_NAMES
from playground.layers.losses import LOSSES
from playground.layers.spec import Shape
from tests.engine.build import Layer, between, chain, dense
from tests.layers.inputs import all_taken, taken
from tests.reference import network as naive

SMOOTH = [name for name in FUNCTION_NAMES if name != "step"]
AROUND: dict[str, tuple[tuple[int, ...], Layer]] = {
    "Dense": ((5,), dense(4, "tanh")),
    "Activation": ((5,), ("Activation", {"function": "sigmoid"})),
    "Flatten": ((2, 3, 2), ("Flatten", {})),
    "Reshape": ((6,), ("Reshape", {"shape": (2, 3)})),
    "Conv2D": ((2, 5, 4), ("Conv2D", {"filters": 3, "activation": "tanh"})),
    "Conv1D": ((7, 3), ("Conv1D", {"filters": 4, "activation": "tanh"})),
    "MaxPool2D": ((2, 5, 4), ("MaxPool2D", {})),
    "AvgPool2D": ((2, 5, 4), ("AvgPool2D", {})),
    "GlobalAvgPool2D": ((3, 3, 2), ("GlobalAvgPool2D", {})),
    "GlobalMaxPool2D": ((3, 3, 2), ("GlobalMaxPool2D", {})),
    "MaxPool1D": ((7, 3), ("MaxPool1D", {})),
    "BatchNorm": ((2, 3, 2), ("BatchNorm", {})),
    "LayerNorm": ((3, 2, 2), ("LayerNorm", {})),
    "ZeroPadding2D": ((2, 3, 2), ("ZeroPadding2D", {"top": 2, "right": 0})),
    "UpSampling2D": ((2, 3, 2), ("UpSampling2D", {"size": (3, 2)})),
    **{cell.name: ((5, 3), (cell.name, {"units": 4})) for cell in registry.cells()},
    "Embedding": ((5,), ("Embedding", {"size": 3, "vocabulary": 4})),
    "OneHot": ((5,), ("OneHot", {"vocabulary": 3})),
    "Last": ((4, 3), ("Last", {})),
    "GlobalAvgPool1D": ((4, 3), ("GlobalAvgPool1D", {})),
    "GlobalMaxPool1D": ((4, 3), ("GlobalMaxPool1D", {})),
    "RepeatVector": ((3,), ("RepeatVector", {"steps": 4})),
    "Attention": ((4, 3), ("Attention", {})),
}
"""What a type gets and how it is set where the first shape that it takes and its defaults do not do. All types but the ends are checked."""
BETWEEN = [layer for layer in registry.types() if layer.has_output and layer.inputs[1] != 0 and layer.name != "Output"]
TOKENS = ("Embedding", "OneHot")
"""Their input is not of numbers."""
MERGES = [layer.name for layer in BETWEEN if layer.inputs[0] > 1]


def passes(document: Document, **options: int) -> None:
    found = check_gradients(document, **options)
    assert found.reason == ""
    assert found.parameters
    assert found.max_relative_error is not None
    assert found.max_relative_error <= LIMIT, found


def around(name: str) -> Document:
    """A network with a layer of this type in it."""
    return between(*(AROUND[name] if name in AROUND else (taken(registry.get(name), {}), (name, {}))))


def merged(type: str) -> Document:
    """Two branches of one Dense, merged; the trunk's gradient is a sum over the fork."""
    document, source = edits.add_node(Document(), "Input", shape=(3,))
    document, trunk = edits.add_node(document, "Dense", units=4, activation="tanh")
    document, left = edits.add_node(document, "Dense", units=4, activation="sigmoid")
    document, merge = edits.add_node(document, type)
    document, head = edits.add_node(document, "Dense", units=2)
    document, output = edits.add_node(document, "Output", loss="mean_squared_error")
    for a, b in ((source, trunk), (trunk, left), (trunk, merge), (left, merge), (trunk, merge), (merge, head), (head, output)):
        document = edits.connect(document, a, b)
    return document


def test_all_types_are_found() -> None:
    assert {"Dense", "Dropout", "Reshape"} <= {layer.name for layer in BETWEEN}
    assert set(MERGES) >= {"Add", "Multiply", "Concatenate"}


@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("name", [layer.name for layer in BETWEEN if layer.name not in MERGES])
def test_layer_type(name: str, samples: int) -> None:
    passes(around(name), samples=samples)


def ways() -> list[tuple[str, Shape]]:
    """Each type with each shape that it takes: a row of numbers, a sequence and pictures may be computed in ways of their own. One that
    takes none of these comes with the shape of its row above."""
    found: list[tuple[str, Shape]] = []
    for layer in BETWEEN:
        if layer.name not in (*MERGES, *TOKENS):
            own, (_, fields) = AROUND.get(layer.name, (None, ("", {})))
            shapes = all_taken(layer, fields) or ([own] if own is not None else [])
            found += [(layer.name, shape) for shape in shapes]
    return found


SEVERAL = {"Dense": 2, "Activation": 3, "Dropout": 3, "BatchNorm": 3, "LayerNorm": 3, "Flatten": 3}
"""How many of the shapes these types take: one that is refused by mistake is tested no more."""


def test_no_type_gets_by_unchecked() -> None:
    counted = Counter(name for name, _ in ways())
    assert [layer.name for layer in BETWEEN if layer.name not in (*MERGES, *TOKENS, *counted)] == []
    assert {name: counted[name] for name in SEVERAL} == SEVERAL


@pytest.mark.parametrize(("name", "shape"), ways())
def test_layer_type_of_each_shape(name: str, shape: Shape) -> None:
    fields = AROUND[name][1][1] if name in AROUND else {}
    passes(between(shape, (name, fields)), samples=2)


@pytest.mark.parametrize("name", MERGES)
def test_merge_with_one_wire_twice(name: str) -> None:
    passes(merged(name))


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        ((3, 5, 7), {"kernel_size": 3, "strides": 2, "padding": 1}),
        ((2, 6, 5), {"kernel_size": (2, 3), "padding": "same"}),
        ((1, 9, 8), {"kernel_size": 3, "dilation_rate": (2, 3), "padding": (2, 1)}),
        ((4, 5, 5), {"kernel_size": 2, "groups": 2, "filters": 6}),
        ((3, 6, 4), {"kernel_size": 3, "groups": 3, "filters": 3, "strides": (1, 2), "padding": "same"}),
        ((2, 3, 3), {"kernel_size": (3, 1), "use_bias": False, "activation": "sigmoid"}),
    ],
)
@pytest.mark.parametrize("samples", [1, 3, 17])
def test_convolutions(shape: tuple[int, ...], fields: dict[str, Any], samples: int) -> None:
    passes(between(shape, ("Conv2D", {"filters": 4, **fields})), samples=samples)


@pytest.mark.parametrize(
    "fields", [{"kernel_size": 3, "strides": 2}, {"kernel_size": 4, "padding": "same", "dilation_rate": 2}, {"groups": 2, "padding": 1}]
)
@pytest.mark.parametrize("samples", [1, 5])
def test_convolutions_along_a_sequence(fields: dict[str, Any], samples: int) -> None:
    passes(between((8, 2), ("Conv1D", {"filters": 4, **fields})), samples=samples)


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        ((2, 5, 7), {"pool_size": 3, "strides": 2}),
        ((1, 6, 5), {"pool_size": 2, "padding": "same"}),
        ((1, 5, 5), {"pool_size": (3, 2), "strides": (1, 3), "padding": 1}),
        ((3, 7, 3), {"pool_size": (2, 3), "strides": (3, 1)}),
    ],
)
@pytest.mark.parametrize("samples", [1, 3, 17])
@pytest.mark.parametrize("name", ["MaxPool2D", "AvgPool2D"])
def test_pools(name: str, shape: tuple[int, ...], fields: dict[str, Any], samples: int) -> None:
    passes(between(shape, (name, fields)), samples=samples)


@pytest.mark.parametrize("fields", [{"pool_size": 3, "strides": 2}, {"pool_size": 4, "padding": "same"}, {"strides": 3, "padding": 1}])
@pytest.mark.parametrize("samples", [1, 5])
def test_pools_along_a_sequence(fields: dict[str, Any], samples: int) -> None:
    passes(between((8, 2), ("MaxPool1D", fields)), samples=samples)


@pytest.mark.parametrize("shape", [(5,), (4, 3), (3, 2, 3), (2, 1, 1)])
@pytest.mark.parametrize("samples", [2, 3, 17, 130])
@pytest.mark.parametrize("name", ["BatchNorm", "LayerNorm"])
def test_normalization(name: str, shape: tuple[int, ...], samples: int) -> None:
    passes(between(shape, (name, {"epsilon": 0.01})), samples=samples)


def test_dense_over_the_steps_of_a_sequence() -> None:
    passes(chain((4, 3), dense(5, "tanh"), dense(2), loss="softmax_cross_entropy"))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("function", SMOOTH)
def test_function_and_loss(function: str, loss: str) -> None:
    passes(chain((5,), dense(6, function), ("Activation", {"function": function}), dense(3), loss=loss))


@pytest.mark.parametrize("samples", [1, 3, 16, 130])
def test_any_number_of_samples(samples: int) -> None:
    passes(chain((5,), dense(4, "relu"), dense(3), loss="softmax_cross_entropy"), samples=samples)


def test_step_is_not_checked_and_says_why() -> None:
    found = check_gradients(chain((2,), dense(1, "step")))
    assert found.max_relative_error is None
    assert found.passed
    assert "dense1" in found.reason


def test_a_wrong_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Network.gradients

    def wrong(self: Network, x: object, target: object, lengths: object = None) -> object:
        loss, found = right(self, x, target, lengths)  # type: ignore[arg-type]
        found["dense1/weight"][1, 2] *= 1.001
        return loss, found

    monkeypatch.setattr(gradient_check.Network, "gradients", wrong)
    found = check_gradients(chain((5,), dense(4, "tanh"), dense(3)))
    assert not found.passed
    assert {p.name for p in found.parameters if p.relative_error > LIMIT} == {"dense1/weight"}


def close_to_kinks() -> float:
    """The error of a check of weights so small that the widest steps of the finite differences carry sums over ReLU's kink."""
    network = Network(chain((4,), dense(6, "relu"), dense(2), loss="mean_squared_error"), "float64", 0)
    rng = np.random.default_rng(0)
    network.set_parameters({"dense1/weight": 2e-4 * rng.standard_normal((6, 4))})
    x, target = {"input1": rng.standard_normal((8, 4))}, rng.standard_normal((8, 2))
    _, gradients = network.gradients(x, target)
    probe = gradient_check._Probe(network, x, target)
    work = gradient_check._check(probe, "dense1/weight", gradients["dense1/weight"], rng)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return float(end.value.relative_error)


def test_kinks_are_kept_clear_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert close_to_kinks() <= LIMIT
    monkeypatch.setattr(kinks, "_KINKS", {})
    assert close_to_kinks() > 1e-3


def test_any_operation_may_declare_kinks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A merge that picked the larger of its inputs would have a kink wherever they tie: declared so, every entry is left out here."""
    assert kinks.find("product") is None
    monkeypatch.setattr(kinks, "_KINKS", dict(kinks._KINKS))
    seen: list[list[tuple[int, ...]]] = []

    @kinks.kinked("product", "xs", "y")
    def sides(values: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
        seen.append([array.shape for array in (*values["xs"], values["y"])])
        return len(seen)  # never the same twice

    found = check_gradients(merged("Multiply"), samples=3)
    assert not found.passed
    assert {one.entries for one in found.parameters} == {0}
    assert seen[0] == [(4, 3)] * (len(seen[0]))
    with pytest.raises(EngineError, match="already"):
        kinks.kinked("product")(sides)


def test_kinks_of_all_samples_are_seen() -> None:
    """Also of those that an earlier chunk of the pass ran."""
    document = chain((4,), dense(6, "relu"), dense(2), loss="mean_squared_error")
    network = Network(document, "float64", 0)
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((130, 4)), rng.standard_normal((130, 2))
    _, sides = gradient_check._Probe(network, {"input1": x}, target)()
    assert sum(side.shape[-1] for side in sides if side.size) == 130


@st.composite
def graphs(draw: st.DrawFn) -> Document:
    """A random network: up to 8 nodes deep, each reading one or more of those before it; all loose ends join at last."""
    document, source = edits.add_node(Document(), "Input", shape=(draw(st.integers(1, 5)),))
    placed = [source]
    for _ in range(draw(st.integers(1, 8))):
        sizes = shapes(document)
        first = draw(st.sampled_from(placed[-3:]))
        twins = [node for node in placed if sizes[node] == sizes[first]]
        kind = draw(st.sampled_from(("Dense", "Dense", "Activation", "Add", "Multiply", "Concatenate", "Flatten")))
        fields: dict[str, object] = {}
        if kind == "Dense":
            functions = st.sampled_from([name for name in SMOOTH if name != "softmax"])
            fields = {"units": draw(st.integers(1, 6)), "activation": draw(functions), "bias": draw(st.booleans())}
        elif kind == "Activation":
            # The softmax of one number is 1: its gradient is 0, and a relative error of rounding noise means nothing.
            names = ("tanh", "sigmoid", "gelu", "relu", "softmax") if sizes[first][-1] > 1 else ("tanh", "sigmoid", "gelu", "relu")
            fields = {"function": draw(st.sampled_from(names))}
        document, node = edits.add_node(document, kind, **fields)
        document = edits.connect(document, first, node)
        if kind in ("Add", "Multiply", "Concatenate"):
            for _ in range(draw(st.integers(1, 2))):
                document = edits.connect(document, draw(st.sampled_from(twins if kind != "Concatenate" else placed)), node)
        placed.append(node)
    read = {wire.source for wire in document.wires}
    loose = [node for node in placed if node not in read]
    last = loose[0]
    if len(loose) > 1:
        document, last = edits.add_node(document, "Concatenate")
        for node in loose:
            document = edits.connect(document, node, last)
    document, head = edits.add_node(document, "Dense", units=draw(st.integers(2, 3)))
    document, output = edits.add_node(document, "Output", loss=draw(st.sampled_from(LOSSES)))
    document = edits.connect(edits.connect(document, last, head), head, output)
    assert not [problem for problem in check(document, data_needed=False) if problem.severity == "error"]
    return document


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(document=graphs(), seed=st.integers(0, 1000))
def test_random_graphs(document: Document, seed: int) -> None:
    network, single = Network(document, "float64", seed), Network(document, "float32", seed)
    (value,) = network.lowered.inputs.values()
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((9, *value.shape))
    expected = naive.outputs(document, network.parameters, x)
    for node, array in network.probe(x, list(expected)).items():
        assert array == pytest.approx(expected[node], rel=1e-9, abs=1e-11), node
    kind = network.lowered.fields[network.lowered.output]["loss"]
    prediction = expected[network.lowered.output]
    target = rng.integers(0, prediction.shape[-1], 9) if kind == "softmax_cross_entropy" else rng.random(prediction.shape)
    loss, gradients = network.gradients(x, target)
    assert loss == pytest.approx(naive.loss(kind, prediction, target), rel=1e-9, abs=1e-12)
    loss32, gradients32 = single.gradients(x, target)
    assert loss32 == pytest.approx(loss, rel=2e-4, abs=1e-5)
    for key, gradient in gradients.items():
        scale = max(float(np.linalg.norm(gradient)), 1e-3)
        assert float(np.linalg.norm(gradients32[key] - gradient)) / scale < 2e-2, key
    found = check_gradients(document, seed)
    assert found.max_relative_error is not None
    assert found.max_relative_error <= LIMIT, found


def test_float32_stays_close_to_float64() -> None:
    document = chain((20,), dense(30, "tanh"), dense(30, "gelu"), dense(5), loss="softmax_cross_entropy")
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((40, 20)), rng.integers(0, 5, 40)
    (loss32, found32), (loss64, found64) = (Network(document, dtype, 3).gradients(x, target) for dtype in ("float32", "float64"))
    assert math.isclose(loss32, loss64, rel_tol=1e-6)
    for key, gradient in found64.items():
        assert np.linalg.norm(found32[key] - gradient) <= 3e-6 * np.linalg.norm(gradient), key


def test_a_bias_before_a_batch_norm_has_no_gradient_and_passes() -> None:
    """Its true derivative is 0, and what a difference of losses gives instead is their rounding."""
    document = between((1, 6, 6), ("Conv2D", {"filters": 3}), ("BatchNorm", {}))
    for seed in range(3):
        found = check_gradients(document, seed=seed)
        assert {check.name for check in found.parameters} >= {"conv2d1/bias"}
        assert found.max_relative_error is not None
        assert found.max_relative_error <= LIMIT
