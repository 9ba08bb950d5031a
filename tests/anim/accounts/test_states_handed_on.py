"""A state that goes on by a wire of its own: what comes back to it is told, and the start that it becomes is a part of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from playground.anim.account import Account
from playground.anim.accounts import account
from playground.anim.accounts.reading import Reading
from playground.anim.accounts.recurrent import parameter_gradient
from playground.anim.cells import Cells
from playground.anim.cursor import Cursor, Stage
from playground.anim.stages import stages
from playground.document import Document, edits
from playground.engine import Network
from playground.engine.program.lowering import Lowered, lower
from playground.engine.trace import Trace
from tests.anim.accounts.test_directions import handed_on

STEPS = 5
CASES: dict[str, tuple[str, dict[str, Any], int | None]] = {
    "LSTM": ("LSTM", {"peepholes": True}, None),
    "LSTM both ways": ("LSTM", {"direction": "both"}, None),
    "LSTM both ways, padded": ("LSTM", {"direction": "both"}, 3),
    "GRU": ("GRU", {}, None),
    "GRU, PyTorch's, truncated": ("GRU", {"form": "pytorch", "truncate": 2}, None),
    "SimpleRNN from the right": ("SimpleRNN", {"direction": "backward"}, None),
}


def passed(
    type: str, fields: dict[str, Any], length: int | None, wired: bool = False, off: tuple[int, ...] = ()
) -> tuple[Document, Lowered, Trace]:
    """``wired``: the encoder's own output goes on as well, added to the decoder's; whose units ``off`` are switched off."""
    document = handed_on(type, **fields)
    document = edits.switch_off(document, [node for node, placed in document.nodes.items() if placed.type == type][-1], off)
    if wired:
        encoder, output = next(iter(node for node in document.nodes if node.endswith("1") and document.nodes[node].type == type)), "output1"
        decoder = next(wire.source for wire in document.wires if wire.target == output)
        document = edits.set_field(document, encoder, "return_sequences", True)
        document = edits.disconnect(document, decoder, output)
        document, both = edits.add_node(document, "Add")
        for a, b in ((encoder, both), (decoder, both), (both, output)):
            document = edits.connect(document, a, b)
    network = Network(document, "float64", 3)
    rng = np.random.default_rng(0)
    network.set_parameters({key: rng.normal(size=array.shape) * 0.7 for key, array in network.parameters.items()})
    goal = rng.normal(size=network.lowered.prediction.shape)
    return document, lower(document), network.trace(rng.normal(size=(STEPS, 3)), goal, length=length)


def told(document: Document, lowered: Lowered, trace: Trace, stage: Stage, cell: int) -> Account:
    found = account(lowered, trace, Cursor(0, stage, cell, 1.0, stages(document)))
    assert found is not None
    return found


@pytest.mark.parametrize("wired", [False, True], ids=["state alone", "output too"])
@pytest.mark.parametrize("case", CASES)
def test_every_error_is_what_its_terms_come_to(case: str, wired: bool) -> None:
    document, lowered, trace = passed(*CASES[case], wired)
    encoder, decoder = (node for node, placed in document.nodes.items() if placed.type == CASES[case][0])
    came = trace.nodes[encoder].gradients["state"]
    starts = [trace.nodes[decoder].gradients[name] for name in trace.nodes[decoder].values if name.startswith("start_")]
    np.testing.assert_allclose(came, np.stack(starts), atol=1e-15)  # all that the state becomes
    seen: dict[int, set[int]] = {}
    for stage in (one for one in stages(document) if one.phase == "backward" and one.node in (encoder, decoder)):
        for cell in range(len(stage.cells)):
            found = told(document, lowered, trace, stage, cell)
            for equation in found.equations:
                assert equation.role != "value", stage.cells[cell]
                total = math.fsum(math.prod(factor.value for factor in term.factors) * term.sign for term in equation.terms)
                assert total == pytest.approx(equation.result.value, rel=1e-9, abs=1e-13), stage.cells[cell]
            for term in found.equations[-1].terms:
                place = term.factors[0].place
                if place is not None and place.name == "state":
                    assert term.value == came[place.index]
                    row, unit = place.index
                    seen.setdefault(row, set()).add(unit)
    assert seen == {row: {0, 1} for row in range(len(came))}, "each entry of the state is told once it has been handed on"


@pytest.mark.parametrize("case", ["LSTM", "LSTM both ways", "GRU"])
def test_a_start_is_an_entry_of_the_state_that_comes_in(case: str) -> None:
    document, lowered, trace = passed(*CASES[case])
    encoder, decoder = (node for node, placed in document.nodes.items() if placed.type == CASES[case][0])
    starts = [name for name in trace.nodes[decoder].values if name.startswith("start_")]
    for row, name in enumerate(starts):
        stage = Stage("forward", decoder, Cells(((name, (2,)),)))
        for unit in range(2):
            found = told(document, lowered, trace, stage, unit)
            (equation,) = found.equations
            assert equation.role == "same"
            (term,) = equation.terms
            assert term.factors[0].place is not None
            assert (term.factors[0].place.node, term.factors[0].place.name, term.factors[0].place.index) == (encoder, "state", (row, unit))
            assert term.value == equation.result.value == trace.nodes[encoder].values["state"][row, unit]
    stage = Stage("backward", encoder, Cells((("state", trace.nodes[encoder].values["state"].shape),)))
    for cell in range(len(stage.cells)):
        (equation,) = told(document, lowered, trace, stage, cell).equations
        row, unit = stage.cells.place(cell)[1]
        assert [term.value for term in equation.terms] == [trace.nodes[decoder].gradients[starts[row]][unit]]
        assert equation.result.value == equation.terms[0].value


def test_what_arrives_before_two_directions_is_told_through_both() -> None:
    """Each direction hands back a share that no trace has: its products stand in the sum."""
    document, source = edits.add_node(Document(), "Input", shape=(STEPS, 3))
    for type, fields in (
        ("Dense", {"units": 2}),
        ("LSTM", {"units": 2, "direction": "both", "return_sequences": True}),
        ("Output", {"loss": "half_squared_error"}),
    ):
        document, node = edits.add_node(document, type, **fields)
        document, source = edits.connect(document, source, node), node
    network, rng = Network(document, "float64", 3), np.random.default_rng(0)
    trace = network.trace(rng.normal(size=(STEPS, 3)), rng.normal(size=(STEPS, 4)))
    stage = next(one for one in stages(document) if one.label == "backward:dense1")
    for cell in range(len(stage.cells)):
        arriving = told(document, lower(document), trace, stage, cell).equations[0]
        assert arriving.role == "arriving"
        assert len(arriving.terms) == 2 * 8, "four gates of two units, twice"
        step, feature = stage.cells.place(cell)[1]
        wanted = 0.0
        for end in ("", "_reverse"):
            weight, sums = trace.parameters[f"lstm1/weight_input{end}"].before, trace.nodes["lstm1"].gradients[f"pre_activation{end}"]
            wanted += sum(float(weight[row, feature] * sums[step, row]) for row in range(8))
        assert math.fsum(term.value for term in arriving.terms) == pytest.approx(wanted)
        assert arriving.result.value == pytest.approx(wanted)


@pytest.mark.parametrize("case", CASES)
def test_of_a_state_that_is_switched_off_nothing_is_heard(case: str) -> None:
    """What a unit of the decoder that is off is given goes nowhere: the others' sums, errors and gradients are told as they are."""
    document, lowered, trace = passed(*CASES[case], off=(1, 2))
    encoder, decoder = (node for node, placed in document.nodes.items() if placed.type == CASES[case][0])
    assert trace.nodes[decoder].values["start_h" if "start_h" in trace.nodes[decoder].values else "start_h_reverse"].all()
    roles = set()
    for stage in (one for one in stages(document) if one.node in (encoder, decoder) and one.phase != "update"):
        for cell in range(len(stage.cells)):
            for equation in told(document, lowered, trace, stage, cell).equations:
                total = math.fsum(math.prod(factor.value for factor in term.factors) * term.sign for term in equation.terms)
                if not equation.function:
                    assert total == pytest.approx(equation.result.value, rel=1e-9, abs=1e-13), stage.cells[cell]
                roles.add(equation.role)
    assert "off" in roles
    assert "value" not in roles
    reading = Reading(lowered.within(trace.mode), trace, decoder, {})
    learned = next(one for one in reading.lowered.parameters if one.key.startswith(f"{decoder}/weight_hidden"))
    writer, gradient = reading.book.writer(learned.gradient), trace.parameters[learned.key].gradient
    assert writer is not None
    assert gradient is not None
    for index in np.ndindex(gradient.shape):
        made = parameter_gradient(reading, writer.operation, writer.value, index)
        assert math.fsum(term.value for term in made.terms) == pytest.approx(gradient[index], rel=1e-9, abs=1e-13)
        assert index[1] != 1 or made.result.value == 0
