"""Every gate, state and error of a recurrent layer is what its account says: the terms come to the trace's number, for all options."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from playground.anim.accounts import account
from playground.anim.accounts.reading import Reading
from playground.anim.accounts.registry import GRADIENT_OF
from playground.anim.cursor import Cursor, Stage
from playground.anim.stages import stages
from playground.anim.time_cells import TimeCells
from playground.document import Document, edits
from playground.engine import Network
from playground.engine.program.lowering import lower
from playground.engine.trace import Trace
from playground.layers.functions import FUNCTIONS

STEPS, FEATURES, UNITS = 5, 3, 2
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "LSTM": ("LSTM", {}),
    "LSTM, every step, peepholes": ("LSTM", {"return_sequences": True, "peepholes": True}),
    "LSTM both ways, learned start": ("LSTM", {"direction": "both", "initial_state": "learned"}),
    "LSTM from the right, truncated": ("LSTM", {"direction": "backward", "truncate": 2, "return_sequences": True}),
    "LSTM both ways, summed": ("LSTM", {"direction": "both", "merge": "sum", "return_sequences": True}),
    "GRU": ("GRU", {"initial_state": "learned"}),
    "GRU, PyTorch's": ("GRU", {"form": "pytorch", "direction": "both", "return_sequences": True}),
    "GRU, truncated": ("GRU", {"truncate": 3, "initial_state": "learned"}),
    "SimpleRNN": ("SimpleRNN", {"return_sequences": True}),
    "LSTM, stateful": ("LSTM", {"stateful": True, "peepholes": True}),
    "GRU, stateful": ("GRU", {"stateful": True, "return_sequences": True}),
    "GRU, stateful, learned start": ("GRU", {"stateful": True, "initial_state": "learned", "form": "pytorch"}),
    "SimpleRNN, stateful": ("SimpleRNN", {"stateful": True}),
    "SimpleRNN, relu": ("SimpleRNN", {"activation": "relu", "direction": "both"}),
}
OFF = (1, 2)
"""Units of the output that are switched off: of two directions side by side one of each."""


def traced(type: str, fields: dict[str, Any], off: tuple[int, ...] = ()) -> tuple[Document, Trace]:
    document, given = edits.add_node(Document(), "Input", shape=(STEPS, FEATURES))
    document, layer = edits.add_node(document, type, id="cell", units=UNITS, **fields)
    document = edits.connect(document, given, layer)
    last = layer
    if fields.get("return_sequences"):
        document, last = edits.add_node(document, "Flatten")
        document = edits.connect(document, layer, last)
    document, dense = edits.add_node(document, "Dense", units=1)
    document = edits.connect(document, last, dense)
    document, output = edits.add_node(document, "Output", loss="mean_squared_error")
    document = edits.connect(document, dense, output)
    document = edits.switch_off(document, "cell", off)
    network = Network(document, dtype="float64", seed=2)
    rng = np.random.default_rng(3)
    network.set_parameters({key: rng.normal(size=array.shape) * 0.6 for key, array in network.parameters.items()})
    kept = [one.key for one in network.lowered.carried if one.state and fields.get("initial_state") != "learned"]
    states = {key: rng.normal(size=UNITS) for key in kept}
    return document, network.trace(rng.normal(size=(STEPS, FEATURES)), np.array([0.7]), states=states)


def told(function: str, terms: list[float]) -> float:
    return float(FUNCTIONS[function].value(np.float64(sum(terms)))) if function else math.fsum(terms)


@pytest.mark.parametrize("off", [(), OFF], ids=["", "off"])
@pytest.mark.parametrize("case", CASES)
def test_the_terms_come_to_the_number_at_every_cell(case: str, off: tuple[int, ...]) -> None:
    document, trace = traced(*CASES[case], off)
    lowered = lower(document)
    passed = [stage for stage in stages(document) if stage.node == "cell" and stage.phase in ("forward", "backward")]
    assert [type(stage.cells) for stage in passed] == [TimeCells, TimeCells]
    roles = set()
    for stage in passed:
        for cell in range(len(stage.cells)):
            made = account(lowered, trace, Cursor(0, stage, cell, 1.0, (stage,)))
            assert made is not None
            name, index = stage.cells.place(cell)
            table = trace.nodes["cell"].values if stage.phase == "forward" else trace.nodes["cell"].gradients
            assert made.result.value == table[name][index]
            place = made.result.place
            assert place is not None
            assert (place.name, place.index, place.gradient) == (name, index, stage.phase == "backward")
            for equation in made.equations:
                values = [term.value for term in equation.terms]
                products = [term.sign * math.prod(factor.value for factor in term.factors) for term in equation.terms]
                assert values == pytest.approx(products)
                assert told(equation.function, values) == pytest.approx(equation.result.value, rel=1e-9, abs=1e-12), (name, index)
                roles.add(equation.role)
    assert "value" not in roles
    assert ("off" in roles) == bool(off)


def test_one_number_of_the_trace_is_one_number_of_the_account() -> None:
    """What is told of the cell state is the trace's: another forget gate there is another product here."""
    document, trace = traced("LSTM", {})
    lowered = lower(document)
    stage = next(stage for stage in stages(document) if stage.label == "forward:cell")
    assert isinstance(stage, Stage)
    cursor = Cursor(0, stage, stage.cells.find("c", (3, 1)), 1.0, (stage,))
    before = account(lowered, trace, cursor)
    cell = trace.nodes["cell"]
    gate = cell.values["f"].copy()
    gate[3, 1] += 0.25
    other = replace(trace, nodes={**trace.nodes, "cell": replace(cell, values={**cell.values, "f": gate})})
    after = account(lowered, other, cursor)
    assert before is not None
    assert after is not None
    kept = [made.equations[0].terms[0].value for made in (before, after)]
    assert kept[1] - kept[0] == pytest.approx(0.25 * cell.values["c"][2, 1])


@pytest.mark.parametrize("off", [(), OFF], ids=["", "off"])
@pytest.mark.parametrize("case", CASES)
def test_the_gradients_of_its_weights_are_sums_over_the_steps(case: str, off: tuple[int, ...]) -> None:
    document, trace = traced(*CASES[case], off)
    reading = Reading(lower(document).within(trace.mode), trace, "cell", {})
    told_of = set()
    for parameter in reading.lowered.parameters:
        node, _, name = parameter.key.partition("/")
        writer = reading.book.writers.get(reading.lowered(parameter.gradient)) if node == "cell" else None
        if writer is None or writer.operation.name not in ("recurrent_backward_weight", "spread_backward_weight"):
            continue
        gradient = trace.parameters[parameter.key].gradient
        assert gradient is not None
        for index in np.ndindex(gradient.shape):
            made = GRADIENT_OF[writer.operation.name](reading, writer.operation, writer.value, index)
            assert made.result.value == gradient[index]
            assert math.fsum(term.value for term in made.terms) == pytest.approx(gradient[index], rel=1e-9, abs=1e-12), (name, index)
        told_of.add(name.removesuffix("_reverse"))
    expected = {"weight_hidden"}
    expected |= {"peephole"} if "peepholes" in CASES[case][1] else set()
    expected |= {"hidden_bias"} if CASES[case][1].get("form") == "pytorch" else set()
    if "initial_state" in CASES[case][1]:
        expected |= {"initial_h", "initial_c"} if CASES[case][0] == "LSTM" else {"initial_h"}
    assert told_of == expected


@pytest.mark.parametrize(("one", "other"), [("LSTM", "SimpleRNN"), ("SimpleRNN", "LSTM"), ("GRU", "LSTM"), ("LSTM", "GRU")])
def test_a_trace_of_another_cell_in_this_place_is_not_told(one: str, other: str) -> None:
    """After a swap the trace is that of the cell before until the worker has made another; nothing must raise, nor mix the two."""
    document, trace = traced(one, {})[0], traced(other, {})[1]
    lowered = lower(document)
    for stage in (stage for stage in stages(document) if stage.node == "cell" and stage.phase in ("forward", "backward")):
        for cell in range(len(stage.cells)):
            made = account(lowered, trace, Cursor(0, stage, cell, 1.0, (stage,)))
            assert made is None or [equation.role for equation in made.equations] == ["value"]
