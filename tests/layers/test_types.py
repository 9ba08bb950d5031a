"""Every layer type: shapes, refusals with their fix, parameters, and what its lowering says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from playground import fields as declared
from playground.document import Document, check, edits
from playground.errors import DocumentError, ShapeError
from playground.layers import registry
from playground.layers.spec import LayerType, Mode, Shape, Value
from tests.layers.inputs import taken


def shape(type: str, *inputs: Shape, **fields: Any) -> Shape:
    layer = registry.get(type)
    return layer.output_shape(declared.complete(layer.fields, fields), inputs)


@pytest.mark.parametrize(
    ("type", "inputs", "fields", "expected"),
    [
        ("Input", (), {"shape": (1, 28, 28)}, (1, 28, 28)),
        ("Dense", ((784,),), {"units": 10}, (10,)),
        ("Dense", ((5, 3),), {"units": 7}, (5, 7)),
        ("Activation", ((2, 3, 4),), {}, (2, 3, 4)),
        ("Flatten", ((2, 3, 4),), {}, (24,)),
        ("Reshape", ((24,),), {"shape": (2, 12)}, (2, 12)),
        ("Dropout", ((9,),), {}, (9,)),
        ("Add", ((4,), (4,), (4,)), {}, (4,)),
        ("Multiply", ((2, 4), (2, 4)), {}, (2, 4)),
        ("Concatenate", ((4,), (5,)), {}, (9,)),
        ("Concatenate", ((3, 4), (3, 5)), {}, (3, 9)),
        ("Concatenate", ((3, 4, 4), (2, 4, 4)), {}, (5, 4, 4)),
        ("Concatenate", ((3, 4), (2, 4)), {"axis": 0}, (5, 4)),
        ("Output", ((10,),), {}, (10,)),
    ],
)
def test_output_shapes(type: str, inputs: tuple[Shape, ...], fields: dict[str, Any], expected: Shape) -> None:
    assert shape(type, *inputs, **fields) == expected


@pytest.mark.parametrize(
    ("type", "inputs", "fields", "words", "fix"),
    [
        ("Dense", ((1, 28, 28),), {}, "gets 1×28×28, it wants one number row", "insert"),
        ("Output", ((6, 14, 14),), {}, "gets 6×14×14, it wants one number row", "insert"),
        ("Input", (), {}, "no shape", "set_data"),
        ("Reshape", ((24,),), {"shape": (5, 5)}, "holds 25", "set_field"),
        ("Add", ((4,), (5,)), {}, "4 and 5", None),
        ("Multiply", ((4,), (2, 2)), {}, "4 and 2×2", None),
        ("Concatenate", ((3, 4), (2, 5)), {}, "3×4 and 2×5", None),
        ("Concatenate", ((3,), (4,)), {"axis": 2}, "only axes 0 to 0", None),
    ],
)
def test_refusals_name_shapes_and_fix(type: str, inputs: tuple[Shape, ...], fields: dict[str, Any], words: str, fix: str | None) -> None:
    with pytest.raises(ShapeError, match=words) as raised:
        shape(type, *inputs, **fields)
    assert (raised.value.fix.action if raised.value.fix else None) == fix
    assert raised.value.remedy or fix is None


def refusal(layer: LayerType, fields: Mapping[str, Any], inputs: Sequence[Shape]) -> ShapeError | None:
    """What ``layer`` says to ``inputs`` that it does not take."""
    try:
        layer.output_shape(fields, inputs)
    except ShapeError as refused:
        return refused
    return None


@pytest.mark.parametrize("layer", registry.types(), ids=lambda layer: layer.name)
def test_a_shape_of_any_rank_is_taken_or_refused_in_words(layer: LayerType) -> None:
    fields = declared.complete(layer.fields, {"vocabulary": 7} if any(one.name == "vocabulary" for one in layer.fields) else {})
    fewest, most = layer.inputs
    for first, others, count in product(range(5), range(5), range(fewest, (3 if most is None else most) + 1)):
        inputs = ((4,) * first, *[(4,) * others] * (count - 1))[:count]
        refused = refusal(layer, fields, inputs)
        if refused is None:
            layer.parameters(fields, inputs)
            layer.multiply_adds(fields, inputs)
        else:
            assert refused.message


@pytest.mark.parametrize("layer", [one for one in registry.types() if one.inputs[0] == 1], ids=lambda layer: layer.name)
def test_a_network_whose_shapes_do_not_fit_is_refused_by_its_nodes_name(layer: LayerType) -> None:
    for given in [(4,) * rank for rank in range(1, 5)]:
        document, source = edits.add_node(Document(), "Input", shape=given)
        document, node = edits.add_node(document, layer.name)
        document = edits.connect(document, source, node)
        told = [str(problem) for problem in check(document) if problem.node == node]
        refused = refusal(layer, declared.complete(layer.fields, {}), (given,))
        assert refused is None or f"{node} {refused}" in told


def test_dense_parameters_and_cost() -> None:
    layer = registry.get("Dense")
    complete = declared.complete(layer.fields, {"units": 10, "initial_bias": 0.1})
    weight, bias = layer.parameters(complete, [(784,)])
    assert (weight.shape, weight.fan_in, weight.fan_out, weight.decays) == ((10, 784), 784, 10, True)
    assert (bias.shape, bias.initializer, bias.initializer_scale, bias.decays) == ((10,), "constant", 0.1, False)
    assert layer.multiply_adds(complete, [(784,)]) == 7840
    assert layer.multiply_adds(complete, [(5, 784)]) == 5 * 7840
    assert [p.name for p in layer.parameters({**complete, "bias": False}, [(784,)])] == ["weight"]


class Recorder:
    """Stands in for the plan: keeps what a layer says."""

    def __init__(self, layer: LayerType, fields: Mapping[str, Any], inputs: Sequence[Shape]) -> None:
        self.layer, self.fields, self.shapes = layer, fields, inputs
        self.inputs = [Value("n", f"input {i}", given) for i, given in enumerate(inputs)]
        self.output = Value("n", "output", layer.output_shape(fields, inputs))
        self.target = Value("n", "target", self.output.shape)
        self.counted = None
        self.masks, self.wired, self.asked = [None] * len(inputs), frozenset({0}), frozenset({0})
        self.off: tuple[int, ...] = ()
        self.operations: list[tuple[str, Mapping[str, Any], dict[str, Any]]] = []
        self.aliases: list[tuple[Value, Value]] = []

    def gradient(self, value: Value) -> Value:
        return Value("n", f"d {value.name}", value.shape)

    def parameter(self, name: str) -> Value:
        return Value("n", name, ())

    def value(self, name: str, shape: Shape, shown: bool = True) -> Value:
        return Value("n", name, shape)

    def parts(self, name: str, shape: Shape, names: Sequence[str]) -> Value:
        return Value("n", name, shape)

    def alias(self, target: Value, source: Value, gradients: bool = True) -> None:
        assert target.size == source.size
        self.aliases.append((target, source))

    def forward(self, operation: str, roles: Mapping[str, Any], **options: Any) -> None:
        self.operations.append((operation, roles, options))

    backward = after_step = forward

    def only(self, *modes: Mode) -> Recorder:
        return self if "training" in modes else Recorder(self.layer, self.fields, self.shapes)  # what it says for other modes is lost


INPUTS: dict[str, list[Shape]] = {
    "Input": [],
    "Add": [(4,), (4,), (4,)],
    "Multiply": [(4,), (4,)],
    "Concatenate": [(4,), (5,)],
    "Reshape": [(4,)],
}
"""What a type takes where it is not one row of four numbers."""
SAID = {
    "Input": [],
    "Dense": ["affine", "map", "map_backward", "affine_backward_weight", "affine_backward_input"],
    "Activation": ["map", "map_backward"],
    "Dropout": ["dropout", "dropout_backward"],
    "Flatten": [],
    "Reshape": [],
    "Add": ["sum", "copy", "copy", "copy"],
    "Multiply": ["product", "product_backward"],
    "Concatenate": ["concatenate", "split"],
    "Output": ["softmax", "loss"],
    "Conv2D": ["conv", "map", "map_backward", "conv_backward_weight", "conv_backward_input"],
    "Conv1D": ["conv", "map", "map_backward", "conv_backward_weight", "conv_backward_input"],
    "MaxPool2D": ["max_pool", "max_pool_backward"],
    "AvgPool2D": ["mean_pool", "mean_pool_backward"],
    "GlobalAvgPool2D": ["mean_pool", "mean_pool_backward"],
    "GlobalMaxPool2D": ["max_pool", "max_pool_backward"],
    "MaxPool1D": ["max_pool", "max_pool_backward"],
    "ZeroPadding2D": ["pad", "pad_backward"],
    "UpSampling2D": ["upsample", "upsample_backward"],
    "BatchNorm": ["batch_norm", "running_statistics", "batch_norm_backward_weight", "batch_norm_backward_input"],
    "LayerNorm": ["layer_norm", "layer_norm_backward_weight", "layer_norm_backward_input"],
    **{
        name: [
            *("affine", operation, "last", f"{operation}_backward", "recurrent_backward_weight"),
            *("affine_backward_weight", "affine_backward_input"),
        ]
        for name, operation in (("SimpleRNN", "recurrent"), ("LSTM", "lstm"), ("GRU", "gru"))
    },
    "Embedding": ["embedding", "embedding_backward_weight"],
    "OneHot": ["one_hot"],
    "Last": ["last", "last_backward"],
    "GlobalAvgPool1D": ["mean_time", "mean_time_backward"],
    "GlobalMaxPool1D": ["max_time", "max_time_backward"],
    "RepeatVector": ["repeat", "repeat_backward"],
    "Attention": ["products", "softmax", "mix", "products", "softmax_backward", "mix", "mix", "mix", "sum"],
}
FIELDS: dict[str, dict[str, Any]] = {
    "Input": {"shape": (4,)},
    "Dense": {"activation": "tanh"},
    "Conv2D": {"activation": "tanh"},
    "Conv1D": {"activation": "tanh"},
    "Reshape": {"shape": (2, 2)},
    "Embedding": {"vocabulary": 7},
    "OneHot": {"vocabulary": 7},
}


@pytest.mark.parametrize("layer", registry.types(), ids=lambda layer: layer.name)
def test_every_type_lowers_and_describes_itself(layer: LayerType) -> None:
    fields = declared.complete(layer.fields, FIELDS.get(layer.name, {}))
    lowering = Recorder(layer, fields, INPUTS[layer.name] if layer.name in INPUTS else [taken(layer, fields)])
    layer.lower(lowering)
    said = [name for name, _, _ in lowering.operations]
    assert said == SAID.get(layer.name, said)
    assert layer.summary.endswith((".", "..."))
    assert layer.formula(fields)
    assert isinstance(layer.facts(fields), str)
    assert isinstance(layer.non_differentiable(fields), str)


def test_every_type_has_a_test_of_its_own() -> None:
    """Beside those that go through all types: one where its numbers are held against a formula's."""
    folder = Path(__file__).parents[1]
    common = {"test_types.py", "test_gradients.py"}
    paths = [
        path for room in ("layers", "engine", "kernels", "anim") for path in (folder / room).rglob("test_*.py") if path.name not in common
    ]
    said = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    assert [layer.name for layer in registry.types() if f'"{layer.name}"' not in said and f"{layer.name}()" not in said] == []


def test_an_identity_dense_shares_its_sum_with_its_output() -> None:
    layer = registry.get("Dense")
    lowering = Recorder(layer, declared.complete(layer.fields, {}), [(4,)])
    layer.lower(lowering)
    assert [(target.name, source.name) for target, source in lowering.aliases] == [("pre_activation", "output")]
    assert lowering.operations[0][0] == "affine"
    assert "map" not in [name for name, _, _ in lowering.operations]


@pytest.mark.parametrize(
    ("loss", "first"), [("softmax_cross_entropy", "softmax"), ("binary_cross_entropy", "map"), ("mean_squared_error", "loss")]
)
def test_output_predicts_before_the_loss(loss: str, first: str) -> None:
    layer = registry.get("Output")
    lowering = Recorder(layer, declared.complete(layer.fields, {"loss": loss, "target_low": -1.0}), [(4,)])
    layer.lower(lowering)
    assert lowering.operations[0][0] == first
    name, roles, options = lowering.operations[-1]
    assert (name, options) == ("loss", {"kind": loss, "low": -1.0, "high": 1.0})
    assert roles["target"] is lowering.target


def test_registry_guesses_lists_and_registers() -> None:
    with pytest.raises(DocumentError, match=r"Did you mean Dense.*There are Input, Output"):
        registry.get("dence")
    assert registry.find("dence") is None

    class Twice(LayerType):
        name = "Twice"

    with registry.registered(Twice()) as layer:
        assert registry.get("Twice") is layer
        assert registry.types()[-1] is layer
        with pytest.raises(DocumentError, match="exists already"), registry.registered(Twice()):
            pass
    assert registry.find("Twice") is None
