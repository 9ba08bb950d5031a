"""Formulas of recurrent nodes call everything by letters, never by the program's own names."""

from __future__ import annotations

from typing import Any

import pytest

from playground.anim.accounts import account, lettering
from playground.anim.cursor import Cursor
from playground.anim.stages import stages
from playground.document import edits, example
from playground.engine import Trainer
from playground.engine.program.lowering import lower
from playground.layers import registry


@pytest.mark.parametrize(
    ("type", "name", "index", "symbol"),
    [
        ("LSTM", "weight_input", (4, 0), "w^{f}_{21}"),  # rows of i f g o, three units each
        ("LSTM", "weight_hidden_reverse", (11, 2), r"u^{o\,\leftarrow}_{33}"),
        ("LSTM", "weight_hidden", (4, "k"), "u^{f}_{2k}"),
        ("LSTM", "bias", (6,), "b^{g}_{1}"),
        ("LSTM", "peephole_reverse", (2, 1), r"p^{o\,\leftarrow}_{2}"),
        ("LSTM", "initial_c", (1,), "c_{0,2}"),
        ("LSTM", "start_h_reverse", (0,), r"h^{\leftarrow}_{0,1}"),
        ("LSTM", "state", (3, 1), r"c^{\leftarrow}_{T,2}"),  # h, c of the one direction, then of the other
        ("GRU", "hidden_bias", (2,), "d_{3}"),
        ("GRU", "pre_activation_reverse", (4, 7), r"s^{n\,\leftarrow}_{5,2}"),
        ("GRU", "hidden_sum", (0, 1), "(U h' + d)_{1,2}"),
        ("SimpleRNN", "weight_input", (1, 2), "w_{23}"),
        ("SimpleRNN", "weight_hidden_reverse", (10, 2), r"u^{\leftarrow}_{11,3}"),
    ],
)
def test_an_entry_has_its_letter_its_gate_and_its_direction(type: str, name: str, index: tuple[int | str, ...], symbol: str) -> None:
    cell = registry.cell(type)
    assert cell is not None
    fields = {"units": 3, "direction": "both"} if type != "SimpleRNN" else {"units": 20, "direction": "both"}
    assert lettering.entry(cell, fields, name, index, "s" if name.startswith("pre_activation") else "") == symbol
    assert lettering.entry(cell, {**fields, "direction": "backward"}, "h_reverse", (4, 0)) == "h_{5,1}"  # alone it needs no arrow


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("LSTM", {"peepholes": True, "initial_state": "learned"}),
        ("GRU", {"form": "pytorch", "initial_state": "learned"}),
        ("GRU", {}),
        ("SimpleRNN", {"stateful": False}),
    ],
)
def test_no_formula_of_a_step_has_a_name_of_the_program(type: str, fields: dict[str, Any]) -> None:
    document = example("adding-rnn")
    (old,) = (id for id, node in document.nodes.items() if node.type == "SimpleRNN")
    document = edits.remove(document, old)
    document, new = edits.add_node(document, type, units=2, direction="both", truncate=None, **fields)
    document = edits.connect(edits.connect(document, "input1", new), new, "dense1")
    document = edits.set_training(edits.set_data(document, "adding", length=4, samples=60), batch_size=2)
    trace, lowered, seen = Trainer(document).record(), lower(document), set()
    for stage in stages(document):
        for cell in range(len(stage.cells) if stage.node == new else 0):
            made = account(lowered, trace, Cursor(0, stage, cell, 1.0, (stage,)))
            assert made is not None
            for equation in (*made.equations, *made.made):
                factors = [factor.symbol for term in equation.terms for factor in term.factors]
                seen |= {equation.symbols, equation.result.symbol, *factors, *(side.symbol for side in equation.sides)}
    named = {symbol for symbol in seen if r"\_" in symbol or "weight" in symbol or "initial" in symbol or r"\mathrm{h" in symbol}
    assert not named
    assert any(r"\leftarrow" in symbol and "u^{" in symbol for symbol in seen)
