"""Words for the places of a layer that goes through time, and for what comes back to its states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from playground.anim import time_cells
from playground.anim.account import Account, Equation, Number, Place, Term
from playground.anim.cells import Cells
from playground.engine.trace import NodeTrace, Trace
from playground.layers import registry
from playground.ui.explain import sentences, time_sentences, time_words
from playground.ui.explain.figures import USUAL_FIGURES


@pytest.mark.parametrize(("type", "gates"), [("SimpleRNN", "h"), ("GRU", "zrn"), ("LSTM", "ifgo")])
def test_a_column_of_the_sums_is_a_gates_unit(type: str, gates: str) -> None:
    cell = registry.cell(type)
    assert cell is not None
    for made in (time_cells.forward, time_cells.backward):
        cells = made(cell, {"units": 3}, 4, (4, 3))
        assert [time_words.gate_of("pre_activation", column, cells) for column in range(3 * len(gates))] == [
            (gate, unit) for gate in gates for unit in range(3)
        ]


def test_what_comes_back_by_a_states_wire_is_told_apart() -> None:
    """At the last step an encoder's state has two readers: the node above it, and the one that begins with it."""

    def term(name: str, value: float) -> Term:
        return Term((Number(value, "", Place("lstm1", name, (1, 0), gradient=True)),), value)

    def told(*terms: Term) -> str:
        result = Number(sum(one.value for one in terms), "", Place("lstm1", "h", (4, 0), gradient=True))
        equation = Equation("flows_back", "", terms, result)
        return time_sentences.sentence(Account("backward", "lstm1", 0, (equation,)), USUAL_FIGURES)

    assert told(term("output", 0.25), term("state", -0.5)) == (
        "It is the last step taken: +0.25 comes from above, −0.5 from what begins with this state."
    )
    assert told(term("output", 0.25)) == "+0.25 comes from above at this step, 0 from the steps after it."
    assert told(term("output", 0.25), term("h_reverse", 0.5)) == (
        "+0.25 comes from above at this step, +0.5 through the padding behind it, as it is."
    )


def test_what_a_gates_sum_reads_is_told_apart() -> None:
    def term(name: str, at: int) -> Term:
        return Term((Number(0.5, "w", Place("lstm1", name, (0, at))), Number(2.0, "x", Place("in", "output", (0, at)))), 1.0)

    bias = Term((Number(0.1, "b", Place("lstm1", "bias_reverse", (0,))),), 0.1)
    terms = (*(term("weight_input_reverse", at) for at in range(11)), *(term("weight_hidden_reverse", at) for at in range(2)))
    made = Equation("sum", "s", (*terms, term("peephole_reverse", 0), bias), Number(14.1, "s"))
    assert time_words.read(made)[:2] == ("x₁", "x₂")
    assert time_words.read(made)[9:] == ("x₁₀", "x₁₁", "h₁", "h₂", "c")
    assert time_words.read(replace(made, terms=(term("weight", 0), bias))) == ()
    assert time_words.read(replace(made, role="activation")) == ()


def test_padding_is_told_as_such_on_the_way_back() -> None:
    """Nothing of a padded step's gates had a part in the answer; a cell's error goes through it as it is."""

    def number(name: str, index: int) -> Number:
        return Number(0.5, "", Place("lstm1", name, (index, 0), gradient=True))

    ribbon = Equation("along_the_ribbon", "", (Term((number("c", 5),), 0.5),), number("c", 4))
    assert "padding" in time_sentences.sentence(Account("backward", "lstm1", 0, (ribbon,)), USUAL_FIGURES)
    gate = Account("backward", "lstm1", 0, (Equation("error", "", (), number("pre_activation", 4)),))
    traced = NodeTrace({"h": np.zeros((6, 1)), "output": np.zeros(1)})
    trace = Trace("train", 0, {"lstm1": traced}, {}, np.zeros(1), 0.5)
    assert sentences.sentence(gate, trace, USUAL_FIGURES, "", answers=False).startswith("This step is padding: ")
    plain = replace(trace, nodes={"lstm1": NodeTrace({"output": np.zeros(1)})})
    assert sentences.sentence(gate, plain, USUAL_FIGURES, "", answers=False).startswith("It is switched off: ")


@pytest.mark.parametrize(
    ("type", "name", "index", "words"),
    [
        ("LSTM", "weight_hidden", (4, 2), "forget gate of unit 2: recurrent weight 3"),
        ("LSTM", "weight_input_reverse", (9, 0), "output gate of unit 1: input weight 1 ←"),
        ("LSTM", "peephole", (1, 2), "forget gate of unit 3: peephole weight"),
        ("LSTM", "initial_c", (1,), "unit 2: cell state before the first step"),
        ("GRU", "bias", (8,), "candidate of unit 3: bias"),
        ("GRU", "hidden_bias_reverse", (0,), "unit 1: recurrent bias ←"),
        ("SimpleRNN", "weight_input", (2, 1), "unit 3: input weight 2"),
    ],
)
def test_a_parameter_is_told_by_gate_unit_and_what_it_weighs(type: str, name: str, index: tuple[int, ...], words: str) -> None:
    cell = registry.cell(type)
    assert cell is not None
    fields = {"units": 3, "peepholes": True, "initial_state": "learned", "form": "pytorch", "direction": "both"}
    given = {field.name: fields.get(field.name, field.default) for field in cell.fields}
    parts = tuple((one.name, one.shape) for one in cell.parameters(given, ((4, 2),)))
    assert name in dict(parts)
    assert time_words.parameter(name, index, cell, Cells(parts)) == words
