"""Explain of layer types made of several operations, and of units switched off: no words that hold for Dense alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from playground.anim import stages
from playground.anim.accounts import account
from playground.document import Document, edits
from playground.engine import Trainer
from playground.engine.program.lowering import lower
from playground.layers import registry
from playground.layers.spec import Fields, LayerType, Lowering, Parameter, Shape
from playground.ui.explain import caption
from playground.ui.explain.build import Options, sheet
from playground.ui.explain.figures import USUAL_FIGURES
from playground.ui.explain.sheet import Sheet
from tests.anim.accounts.networks import data_for
from tests.engine.build import chain, dense


class Swish(LayerType):
    """``a = x sigmoid(x)``: x is read twice."""

    name = "Swish"
    summary = "Lets each number through as far as its own sigmoid is open."

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        gate, shares = lowering.value("gate", y.shape), [lowering.value(f"share{i}", y.shape) for i in range(2)]
        lowering.forward("map", {"x": x, "y": gate}, function="sigmoid")
        lowering.forward("product", {"xs": [x, gate], "y": y})
        opened = lowering.gradient(gate)
        lowering.backward("product_backward", {"xs": [x, gate], "dy": lowering.gradient(y), "dxs": [shares[0], opened]})
        lowering.backward("map_backward", {"x": x, "y": gate, "dy": opened, "dx": shares[1]}, function="sigmoid")
        lowering.backward("sum", {"xs": shares, "y": lowering.gradient(x)})


class Stretch(LayerType):
    """``a = s x``, one trained number a feature. Softmax of one number is 1, which ``affine`` spreads over the samples."""

    name = "Stretch"
    summary = "Stretches each number by a factor of its own."

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        return (Parameter("factor", (inputs[0][0], 1), "constant", initializer_scale=1.5),)

    def lower(self, lowering: Lowering) -> None:
        (x,), y, factor = lowering.inputs, lowering.output, lowering.parameter("factor")
        first, rest, one = lowering.value("first", (1,)), lowering.value("rest", (x.size - 1,)), lowering.value("one", (1,))
        spread = lowering.value("spread", x.shape)
        lowering.forward("split", {"y": x, "xs": [first, rest]}, axis=0)
        lowering.forward("softmax", {"x": first, "y": one})
        lowering.forward("affine", {"x": one, "weight": factor, "bias": None, "y": spread})
        lowering.forward("product", {"xs": [x, spread], "y": y})
        back = [lowering.gradient(x), lowering.gradient(spread)]
        lowering.backward("product_backward", {"xs": [x, spread], "dy": lowering.gradient(y), "dxs": back})
        lowering.backward("affine_backward_weight", {"x": one, "dy": back[1], "dweight": lowering.gradient(factor), "dbias": None})


@pytest.fixture(autouse=True)
def types() -> Iterator[None]:
    with registry.registered(Swish()), registry.registered(Stretch()):
        yield


def explained(document: Document, at: str) -> tuple[Sheet, dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The sheet of a cell in a step's pass, and its node's values and gradients."""
    document = edits.set_training(document, batch_size=1)
    trainer = Trainer(document, dataset=data_for(document))
    trainer.step()
    trace, lowered = trainer.record(), lower(document)
    node = at.split(":")[1]
    found = account(lowered, trace, stages.find(stages.stages(document), at))
    assert found is not None
    layer = registry.get(document.nodes[node].type)
    return sheet(found, lowered, trace, Options(summary=layer.summary)), dict(trace.nodes[node].values), dict(trace.nodes[node].gradients)


def around(layer: str) -> Document:
    return chain((3,), dense(3, "tanh"), (layer, {}), dense(2), loss="mean_squared_error")


@pytest.mark.parametrize("layer", [Swish, Stretch])
def test_forward_is_told_by_the_layer_type_not_by_one_of_its_operations(layer: type[LayerType]) -> None:
    said, values, _ = explained(around(layer.name), f"forward:{layer.name.lower()}1:1")
    assert said.sentence == layer.summary
    assert USUAL_FIGURES.one(float(values["output"][1])).lstrip("−") in said.text()


@pytest.mark.parametrize("layer", ["Swish", "Stretch"])
def test_backward_names_the_error_of_the_cell_not_that_of_a_part(layer: str) -> None:
    said, _, gradients = explained(around(layer), f"backward:{layer.lower()}1:1")
    error = USUAL_FIGURES.one(float(gradients["output"][1]), signed=True)
    assert said.sentence.startswith("Had this number been a little larger")
    assert said.sentence.endswith(f"its error is {error}.")


def test_only_what_is_multiplied_by_a_slope_is_called_so() -> None:
    said, *_ = explained(around("Swish"), "backward:swish1:1")
    assert [block.title for block in said.blocks[1:4]] == ["Error inside the layer", "Error inside the layer", "Error times slope"]


def test_gradients_and_the_error_passed_on_are_told_apart() -> None:
    said, *_ = explained(around("Stretch"), "backward:stretch1:1")
    assert sorted(block.title for block in said.blocks if block.role == "made") == ["Error passed on", "Gradient"]


@pytest.mark.parametrize(
    ("layer", "at", "called"),
    [
        ("Dense", "forward:dense2:1", "neuron 2"),
        ("Dense", "backward:dense2:1", "neuron 2, backward"),
        ("Dense", "update:dense2:bias[1]", "bias of neuron 2"),
        ("Swish", "forward:swish1:1", "number 2"),
        ("Swish", "backward:swish1:1", "number 2, backward"),
        ("Dropout", "backward:dropout1:1", "number 2, backward"),
        ("BatchNorm", "update:batchnorm1:bias[1]", "bias 2"),
    ],
)
def test_only_units_with_weights_are_called_neurons(layer: str, at: str, called: str) -> None:
    document = chain((3,), dense(3, "tanh"), (layer, {"units": 3} if layer == "Dense" else {}), dense(2), loss="mean_squared_error")
    document = edits.set_training(document, batch_size=2)
    trainer = Trainer(document, dataset=data_for(document))
    trace, cursor = trainer.record(), stages.find(stages.stages(document), at)
    found = account(lower(document), trace, cursor)
    assert found is not None
    assert caption.part(found, cursor, (), (), document.nodes[at.split(":")[1]].type) == called


def test_an_update_names_its_parameter() -> None:
    said, *_ = explained(around("Stretch"), "update:stretch1:factor[1,0]")
    assert "er factor means less loss" in said.sentence


@pytest.mark.parametrize("layer", ["Dense", "Swish"])
def test_a_unit_that_is_switched_off_is_said_to_be(layer: str) -> None:
    document = chain((3,), (layer, {"units": 3, "activation": "tanh"} if layer == "Dense" else {}), dense(2), loss="mean_squared_error")
    document = edits.switch_off(document, f"{layer.lower()}1", 1)
    for phase in ("forward", "backward"):
        off, *_ = explained(document, f"{phase}:{layer.lower()}1:1")
        on, *_ = explained(document, f"{phase}:{layer.lower()}1:0")
        assert off.sentence.startswith("It is switched off")
        assert "switched off" not in on.sentence
