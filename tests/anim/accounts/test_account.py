"""What an account is besides right: places, what changes with the trace, what is missing, what it costs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from playground.anim.account import Account, Equation, Lazy, Number, Place, Term
from playground.anim.accounts import account
from playground.anim.accounts.registry import FORWARD, joined
from playground.anim.accounts.updating import RULES
from playground.anim.cells import Cells
from playground.anim.cursor import Cursor, Stage
from playground.anim.stages import find, stages
from playground.document import Document, edits, example
from playground.engine import Network, Trainer
from playground.engine.program.lowering import lower
from playground.engine.program.optimizers import SLOTS
from playground.engine.trace import NodeTrace, Trace
from playground.fields import Field
from playground.layers.registry import registered
from playground.layers.spec import Fields, LayerType, Lowering, Parameter, Shape
from tests.anim.accounts.networks import data_for
from tests.anim.accounts.test_examples import pictures
from tests.anim.accounts.walk import Recorded, record, walk
from tests.engine.build import chain, dense

DERIVED = ("contribution", "derivative", "regularized", "arriving")
"""Equations in which a number made of another (1 - t, a class as 0 or 1, a sign) points at what it was made of."""


def net(**training: Any) -> Document:
    return edits.set_training(chain((3,), dense(4, "tanh"), dense(2), loss="mean_squared_error"), **training)


def taken(document: Document, steps: int = 2, position: int = 0) -> Recorded:
    return record(document, data_for(document), steps, position)


def at(recorded: Recorded, wanted: str, trace: Trace | None = None) -> Account | None:
    return account(recorded.lowered, trace or recorded.trace, find(recorded.stages, wanted))


def there(recorded: Recorded, wanted: str, trace: Trace | None = None) -> Account:
    found = at(recorded, wanted, trace)
    assert found is not None
    return found


def all_numbers(found: Account) -> list[tuple[Equation, Number]]:
    made: list[tuple[Equation, Number]] = []
    for equation in (*found.equations, *found.made):
        made += [(equation, factor) for term in equation.terms for factor in term.factors]
        made += [(equation, number) for number in (*equation.sides, equation.result)]
    return made


def array_at(trace: Trace, place: Place) -> np.ndarray:
    """The array of the trace that a place names, found by its words alone."""
    name, _, slot = place.name.partition("/")
    key = f"{place.node}/{name}"
    if key in trace.parameters:
        parameter = trace.parameters[key]
        if slot:
            return (parameter.state if place.moment == "before" else parameter.state_after)[slot]
        if place.gradient:
            found = parameter.batch_gradient if place.moment == "batch" else parameter.gradient
        else:
            found = parameter.after if place.moment == "after" else parameter.before
        assert found is not None
        return found
    if name == "target":
        assert trace.target is not None
        return trace.target
    node = trace.nodes[place.node]
    return (node.gradients if place.gradient else node.values)[name]


STAGES = [
    *("forward:dense1:1", "forward:dense2:0", "forward:output1:0", "loss:output1:1", "backward:dense2:1", "backward:dense1:2"),
    *("update:dense1:weight[2,1]", "update:dense2:bias[1]"),
]


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adamw"])
@pytest.mark.parametrize("stage", STAGES)
def test_every_number_stands_where_its_place_says(stage: str, optimizer: str) -> None:
    recorded = taken(net(optimizer=optimizer, batch_size=3, l2=0.01))
    placed = 0
    for equation, number in all_numbers(there(recorded, stage)):
        if number.place is None:
            continue
        traced = float(array_at(recorded.trace, number.place)[number.place.index])
        assert number.value == traced or equation.role in DERIVED
        placed += 1
    assert placed >= 2


@pytest.mark.parametrize("stage", STAGES)
def test_a_changed_number_of_the_trace_changes_the_account(stage: str) -> None:
    """Every number that an account shows from the trace is read from it: change it there, and it changes here."""
    recorded = taken(net(optimizer="adam", batch_size=3))
    for place in {number.place for _, number in all_numbers(there(recorded, stage)) if number.place is not None}:
        trace = changed(recorded.trace, place)
        before, after = there(recorded, stage), there(recorded, stage, trace)
        assert before != after
        wanted = float(array_at(trace, place)[place.index])
        shown = [number.value for equation, number in all_numbers(after) if number.place == place and equation.role not in DERIVED]
        assert all(value == wanted for value in shown)


def changed(trace: Trace, place: Place) -> Trace:
    """A copy of ``trace`` with another number at ``place``."""

    def other(array: np.ndarray) -> np.ndarray:
        made = array.copy()
        made[place.index] = made[place.index] * 2 + 1
        return made

    name, _, slot = place.name.partition("/")
    key = f"{place.node}/{name}"
    if key in trace.parameters:
        one = trace.parameters[key]
        if slot:
            field = "state" if place.moment == "before" else "state_after"
            one = replace(one, **{field: {**getattr(one, field), slot: other(getattr(one, field)[slot])}})
        elif place.gradient:
            field = "batch_gradient" if place.moment == "batch" else "gradient"
            one = replace(one, **{field: other(getattr(one, field))})
        else:
            field = "after" if place.moment == "after" else "before"
            one = replace(one, **{field: other(getattr(one, field))})
        return replace(trace, parameters={**trace.parameters, key: one})
    if name == "target":
        assert trace.target is not None
        return replace(trace, target=other(trace.target))
    node = trace.nodes[place.node]
    values, gradients = dict(node.values), dict(node.gradients)
    (gradients if place.gradient else values)[name] = other((gradients if place.gradient else values)[name])
    return replace(trace, nodes={**trace.nodes, place.node: NodeTrace(values, gradients)})


def test_a_wrong_number_is_found() -> None:
    """The walk over all cells sees one weight that is a hundredth off."""
    recorded = taken(net())
    assert not walk(recorded).wrong
    key = "dense2/weight"
    before = recorded.trace.parameters[key].before.copy()
    before[1, 2] *= 1.01
    parameters = {**recorded.trace.parameters, key: replace(recorded.trace.parameters[key], before=before)}
    wrong = walk(replace(recorded, trace=replace(recorded.trace, parameters=parameters))).wrong
    assert any(line.startswith("forward:dense2 cell 1") for line in wrong)


def test_terms_add_up_to_the_result() -> None:
    recorded = taken(net(optimizer="momentum", l1=0.01, clip_norm=0.1, batch_size=3))
    for stage in STAGES:
        for equation in there(recorded, stage).equations:
            if equation.function in ("", "divide"):
                total = float(np.sum(equation.values)) / (equation.sides[0].value if equation.function else 1.0)
                assert total == pytest.approx(equation.result.value, rel=1e-5, abs=1e-7)


def test_where_there_is_no_cell_there_is_no_account() -> None:
    recorded = taken(net())
    stage = recorded.stages[1]
    assert account(recorded.lowered, recorded.trace, Cursor(1, stage, None, 1.0, recorded.stages)) is None
    assert account(recorded.lowered, recorded.trace, Cursor(1, stage, len(stage.cells), 1.0, recorded.stages)) is None
    assert account(recorded.lowered, recorded.trace, Cursor(0, recorded.stages[0], 0, 1.0, recorded.stages)) is None
    assert account(recorded.lowered, recorded.trace, Cursor(0, Stage("forward", "dense9", stage.cells), 0)) is None


def test_what_the_trace_does_not_hold_is_left_out() -> None:
    recorded = taken(net())
    bare = replace(recorded.trace, nodes={"dense1": recorded.trace.nodes["dense1"]}, parameters={}, target=None, update=None)
    left = there(recorded, "forward:dense1:1", bare)
    assert [equation.role for equation in left.equations] == ["value", "activation"]
    assert left.result.value == float(recorded.trace.nodes["dense1"].values["output"][1])
    for stage in ("forward:dense2:0", "loss:output1:0", "backward:dense2:0", "update:dense1:bias[0]"):
        assert at(recorded, stage, bare) is None
    assert at(recorded, "update:dense1:bias[0]", replace(recorded.trace, update=None)) is not None


OTHERS = [
    chain((5,), dense(2, "relu"), dense(9, "softmax"), loss="mean_squared_error"),
    chain((2, 3), dense(4, "tanh"), dense(2), loss="mean_squared_error"),
    chain((3,), ("Activation", {"function": "gelu"}), dense(2), loss="softmax_cross_entropy"),
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_trace_or_a_cursor_of_another_network_is_no_error(other: Document) -> None:
    """An edit changes the document at once; trace and cursor follow."""
    recorded = taken(net())
    mine, theirs = recorded.stages, stages(other)
    for lowered, passed in ((lower(other), theirs), (recorded.lowered, theirs), (lower(other), mine)):
        for index, stage in enumerate(passed):
            for cell in range(len(stage.cells)):
                account(lowered, recorded.trace, Cursor(index, stage, cell, 1.0, passed))


def test_numbers_that_are_none_are_shown_as_they_are() -> None:
    recorded = taken(net())
    nodes = {
        node: NodeTrace({k: v * np.nan for k, v in one.values.items()}, {k: v * np.inf for k, v in one.gradients.items()})
        for node, one in recorded.trace.nodes.items()
    }
    for stage in STAGES:
        assert there(recorded, stage, replace(recorded.trace, nodes=nodes)).equations


def test_a_frozen_layer_says_so() -> None:
    document = edits.freeze(net(), ["dense1"])
    recorded = taken(document)
    stage = Stage("update", "dense1", Cells((("weight", (4, 3)), ("bias", (4,)))))
    found = account(recorded.lowered, recorded.trace, Cursor(0, stage, 4))
    assert found is not None
    assert [equation.role for equation in found.equations] == ["unchanged"]
    assert found.facts == (("frozen", 1.0),)
    assert found.result.value == found.equations[0].terms[0].value


def test_an_operation_without_an_account_shows_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FORWARD, "map")
    recorded = taken(net())
    (only,) = there(recorded, "forward:dense1:2").equations
    assert only.role == "value"
    assert only.result.value == float(recorded.trace.nodes["dense1"].values["output"][2])


def test_a_fork_adds_up_what_comes_back() -> None:
    document, source = edits.add_node(Document(), "Input", shape=(3,))
    document, trunk = edits.add_node(document, "Dense", units=4, activation="tanh")
    document, left = edits.add_node(document, "Dense", units=4)
    document, merge = edits.add_node(document, "Multiply")
    document, output = edits.add_node(document, "Output", loss="mean_squared_error")
    for a, b in ((source, trunk), (trunk, left), (left, merge), (trunk, merge), (merge, output)):
        document = edits.connect(document, a, b)
    found = there(taken(document), f"backward:{trunk}:1")
    arriving = found.equations[0]
    assert len(arriving.terms) == 4 + 1
    assert arriving.symbols == (
        r"\frac{\partial L}{\partial a_{2}} = \sum_k w^{\mathrm{dense2}}_{k2}\, \delta^{\mathrm{dense2}}_{k}"
        r" + \frac{\partial L}{\partial a^{\mathrm{multiply1}}_{2}} \cdot a^{\mathrm{dense2}}_{2}"
    )


@pytest.mark.parametrize(
    ("title", "mark"),
    [("", r"\mathrm{dense2}"), ("my head", r"\text{my head}"), ("输出", r"\mathrm{dense2}"), ("a}b$", r"\mathrm{dense2}")],
)
def test_formulas_call_a_node_by_its_title_where_they_can(title: str, mark: str) -> None:
    recorded = taken(net())
    found = account(recorded.lowered, recorded.trace, find(recorded.stages, "backward:dense1:0"), {"dense2": title})
    assert found is not None
    symbols = found.equations[0].symbols
    assert symbols == rf"\frac{{\partial L}}{{\partial a_{{1}}}} = \sum_k w^{{{mark}}}_{{k1}}\, \delta^{{{mark}}}_{{k}}"


class Gate(LayerType):
    """a = tanh(W x + b) sigmoid(V x): a type of the test's own, made of operations that there are."""

    name, summary, fields = "Gate", "One sum lets another through.", ()

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        n = inputs[0][0]
        both = (Parameter(name, (n, n), "xavier_uniform", n, n) for name in ("weight", "gate_weight"))
        return (*both, Parameter("bias", (n,), decays=False))

    def lower(self, lowering: Lowering) -> None:
        (x,), y, shape = lowering.inputs, lowering.output, lowering.output.shape
        z, content, s, gate = (lowering.value(name, shape) for name in ("pre_activation", "content", "gate_sum", "gate"))
        weight, bias, other = (lowering.parameter(name) for name in ("weight", "bias", "gate_weight"))
        shares = [lowering.value("share", shape), lowering.value("gate_share", shape)]
        lowering.forward("affine", {"x": x, "weight": weight, "bias": bias, "y": z})
        lowering.forward("map", {"x": z, "y": content}, function="tanh")
        lowering.forward("affine", {"x": x, "weight": other, "bias": None, "y": s})
        lowering.forward("map", {"x": s, "y": gate}, function="sigmoid")
        lowering.forward("product", {"xs": [content, gate], "y": y})
        dxs = [lowering.gradient(content), lowering.gradient(gate)]
        lowering.backward("product_backward", {"xs": [content, gate], "dy": lowering.gradient(y), "dxs": dxs})
        rows = ((z, "tanh", content, weight, bias, shares[0]), (s, "sigmoid", gate, other, None, shares[1]))
        for total, function, a, matrix, offset, share in rows:
            dz, dbias = lowering.gradient(total), lowering.gradient(offset) if offset else None
            lowering.backward("map_backward", {"x": total, "y": a, "dy": lowering.gradient(a), "dx": dz}, function=function)
            lowering.backward("affine_backward_weight", {"x": x, "dy": dz, "dweight": lowering.gradient(matrix), "dbias": dbias})
            lowering.backward("affine_backward_input", {"weight": matrix, "dy": dz, "dx": share})
        lowering.backward("sum", {"xs": shares, "y": lowering.gradient(x)})


def test_a_type_made_of_existing_operations_has_its_accounts_for_free() -> None:
    with registered(Gate()):
        document = edits.set_training(chain((3,), ("Gate", {}), dense(2), loss="mean_squared_error"), batch_size=1)
        trace, lowered, passed = Trainer(document, dataset=data_for(document)).record(), lower(document), stages(document)
    wanted = ("forward:gate1:1", "backward:gate1:1", "update:gate1:gate_weight[1,2]")
    accounts = [account(lowered, trace, find(passed, stage)) for stage in wanted]
    forward, backward, update = (found for found in accounts if found is not None)
    assert [equation.role for equation in forward.equations] == ["sum", "activation", "sum", "activation", "product"]
    assert [equation.role for equation in backward.equations] == ["arriving", "error", "error", "error", "error"]
    assert len(backward.made) == 3 + 1 + 3
    assert [equation.role for equation in update.equations] == ["gradient", "update"]
    for equation in (*forward.equations, *backward.equations, *backward.made, *update.equations):
        if equation.role != "activation":
            assert float(np.sum(equation.values)) == pytest.approx(equation.result.value, rel=1e-5, abs=1e-7)


class Unseen(LayerType):
    """The input, by way of a number that is in no trace, or is and is called as if it were of an input port."""

    name, summary = "Unseen", "Copies its input twice."
    fields = (Field("shown", "bool", False, "Whether the number between is in the trace."),)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        between = lowering.value("input between", y.shape, shown=lowering.fields["shown"])
        lowering.forward("copy", {"x": x, "y": between})
        lowering.forward("copy", {"x": between, "y": y})
        lowering.backward("copy", {"x": lowering.gradient(y), "y": lowering.gradient(between)})
        lowering.backward("copy", {"x": lowering.gradient(between), "y": lowering.gradient(x)})


def test_what_is_not_shown_ends_an_account_and_what_is_known_before_is_told() -> None:
    with registered(Unseen()):
        document = edits.set_training(chain((3,), ("Unseen", {}), dense(2), loss="mean_squared_error"), batch_size=1)
        trace, lowered, passed = Trainer(document, dataset=data_for(document)).record(), lower(document), stages(document)
    forward, backward = (account(lowered, trace, find(passed, stage)) for stage in ("forward:unseen1:1", "backward:unseen1:1"))
    assert forward is not None
    assert backward is not None
    assert [equation.role for equation in forward.equations] == ["value"]
    assert [equation.role for equation in backward.equations] == ["arriving"]
    assert len(backward.equations[0].terms) == 2
    assert float(np.sum(backward.equations[0].values)) == pytest.approx(backward.equations[0].result.value)
    assert not backward.made


def test_a_value_of_the_nodes_own_may_be_called_as_inputs_are() -> None:
    with registered(Unseen()):
        document = edits.set_training(chain((3,), ("Unseen", {"shown": True}), dense(2), loss="mean_squared_error"), batch_size=1)
        trace, lowered, passed = Trainer(document, dataset=data_for(document)).record(), lower(document), stages(document)
    forward, backward = (account(lowered, trace, find(passed, stage)) for stage in ("forward:unseen1:1", "backward:unseen1:1"))
    assert forward is not None
    assert backward is not None
    assert [equation.role for equation in forward.equations] == ["same", "same"]
    assert [equation.role for equation in (*backward.equations, *backward.made)] == ["arriving", "error", "passed"]


@pytest.mark.parametrize(
    "stage", ["forward:dense1:7", "backward:flatten1:400", "backward:dense1:7", "update:dense1:weight[7,300]", "loss:output1:3"]
)
def test_a_layer_with_784_inputs_costs_less_than_5_ms(stage: str) -> None:
    recorded = record(example("mnist-mlp"), pictures(10), 1)
    cursor = find(recorded.stages, stage)
    best = min(timed(recorded, cursor) for _ in range(20))
    assert best < 0.005


def timed(recorded: Recorded, cursor: Cursor) -> float:
    start = time.perf_counter()
    found = account(recorded.lowered, recorded.trace, cursor)
    assert found is not None
    for equation in found.equations:  # what a panel takes of it: the biggest eight
        for i in np.argsort(-np.abs(equation.values))[:8].tolist():
            assert equation.terms[i].factors
    assert all(found.made[i].terms for i in range(min(8, len(found.made))))
    return time.perf_counter() - start


def test_a_lazy_row_is_a_sequence() -> None:
    values = np.array([3.0, -1.0, 2.0])
    row = Lazy(values, lambda i: Term((), float(values[i])))
    assert (len(row), row[1].value, row[-1].value, [term.value for term in row[:2]]) == (3, -1.0, 2.0, [3.0, -1.0])
    assert row == tuple(row)
    assert hash(row) == hash(tuple(row))
    assert row != tuple(row)[:2]
    with pytest.raises(IndexError):
        row[3]
    both = joined([row, (Term((), 7.0),), row], lambda term: term.value)
    assert [term.value for term in both] == [3.0, -1.0, 2.0, 7.0, 3.0, -1.0, 2.0]
    assert isinstance(both, Lazy)
    assert both.values.tolist() == [3.0, -1.0, 2.0, 7.0, 3.0, -1.0, 2.0]


def test_accounts_import_neither_numba_nor_qt() -> None:
    code = "import sys, playground.anim.accounts; print([n for n in ('numba', 'llvmlite', 'PySide6') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["iris", "circle"])
def test_every_formula_can_be_typeset(name: str) -> None:
    ziamath = pytest.importorskip("ziamath")
    formulas = set()
    for optimizer in ("nesterov", "adamw"):
        document = edits.set_training(example(name), optimizer=optimizer, l1=0.1, l2=0.1, clip_norm=0.01)
        recorded = record(document)
        for index, stage in enumerate(recorded.stages):
            if len(stage.cells):
                found = account(recorded.lowered, recorded.trace, Cursor(index, stage, 0, 1.0, recorded.stages))
                assert found is not None
                formulas |= {equation.symbols for equation in (*found.equations, *found.made[:1])}
                formulas |= {number.symbol for _, number in all_numbers(found)}
    for formula in formulas:
        assert "<svg" in ziamath.Latex(formula, size=14).svg()


def test_every_optimizer_has_its_rule() -> None:
    assert set(RULES) == set(SLOTS)


@pytest.mark.parametrize("lead", [9.0, 11.5, 13.2])
def test_the_terms_of_an_almost_certain_answer_come_to_its_loss(lead: float) -> None:
    """Where p is almost 1 its logarithm in 32 bits is off in the third digit: what is shown must still add up."""
    document = chain((1,), dense(3), loss="softmax_cross_entropy")
    network = Network(document, dtype="float32", seed=0)
    network.set_parameters({"dense1/weight": np.zeros((3, 1), np.float32), "dense1/bias": np.array([0.1, lead, -0.3], np.float32)})
    trace = network.trace(np.zeros(1, np.float32), np.array(1))
    found = account(lower(document), trace, find(stages(document), "loss:output1:1"))
    assert found is not None
    contribution, loss = (next(one for one in found.equations if one.role == role) for role in ("contribution", "loss"))
    assert trace.loss is not None
    assert 0 < trace.loss < 3e-4
    assert contribution.result.value == pytest.approx(loss.result.value, rel=1e-3)
    assert loss.terms.values.sum() == pytest.approx(loss.result.value, rel=1e-3)
