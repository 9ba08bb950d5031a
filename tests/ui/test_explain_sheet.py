"""What the explain panel says comes from the trace: change a number there, and it says another."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import numpy as np
import pytest

from playground import data
from playground.anim import stages
from playground.anim.accounts import account
from playground.anim.cursor import Cursor
from playground.document import Document, edits, example
from playground.engine import Trainer
from playground.engine.program.lowering import lower
from playground.engine.trace import NodeTrace, ParameterTrace, Trace
from playground.ui.explain import caption, places, sentences, words
from playground.ui.explain import subjects as subjects_of_explain
from playground.ui.explain.build import Options, sheet
from playground.ui.explain.figures import CHOICES, Figures
from playground.ui.explain.hiding import question
from playground.ui.explain.plain import plain_sheet
from playground.ui.explain.sheet import Block, Sheet
from playground.ui.explain.subjects import Subjects
from playground.ui.explain.terms import SHOWN
from playground.ui.explain.tokens import HIDDEN, plain


@pytest.fixture
def document() -> Document:
    made, source = edits.add_node(Document(), "Input", shape=(3,))
    made, dense = edits.add_node(made, "Dense", units=2, activation="tanh")
    made, out = edits.add_node(made, "Output", loss="half_squared_error", target_low=-1.0)
    made = edits.connect(made, source, dense)
    return edits.connect(made, dense, out)


def a_trace(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> Trace:
    z = weight @ x + bias
    a = np.tanh(z)
    target = np.array([1.0, -1.0])
    da, dz = a - target, (a - target) * (1 - a * a)
    nodes = {
        "input1": NodeTrace({"output": x}),
        "dense1": NodeTrace({"pre_activation": z, "output": a}, {"pre_activation": dz, "output": da}),
        "output1": NodeTrace({"output": a, "loss": np.array(0.5 * (da**2).sum())}, {"output": da}),
    }
    parameters = {
        "dense1/weight": ParameterTrace(weight, np.outer(dz, x)),
        "dense1/bias": ParameterTrace(bias, dz),
    }
    return Trace("train", 7, nodes, parameters, target, 0.5 * float((da**2).sum()))


@pytest.fixture
def trace() -> Trace:
    return a_trace(np.array([1.0, -2.0, 0.5]), np.array([[0.5, 1.0, -1.0], [2.0, 0.0, 1.0]]), np.array([0.25, -0.5]))


def shown(document: Document, trace: Trace, at: str, digits: int = 3, ask: bool = False) -> Sheet:
    """The sheet of the cell called ``at``."""
    lowered, cursor = lower(document), stages.find(stages.stages(document), at)
    made = account(lowered, trace, cursor)
    assert made is not None
    options = Options(figures=Figures(digits))
    return sheet(made, lowered, trace, dataclasses.replace(options, hidden=question(made, lowered)) if ask else options)


def block(made: Sheet, role: str) -> Block:
    return next(one for one in made.blocks if one.role == role)


# -- forward
def test_a_neuron_is_a_sum_of_its_terms(document: Document, trace: Trace) -> None:
    said = shown(document, trace, "forward:dense1:0")
    added = block(said, "sum")
    assert added.table is not None
    assert [row.values for row in added.table.rows] == [(0.5, 1.0, 0.5), (1.0, -2.0, -2.0), (-1.0, 0.5, -0.5), (0.25,)]
    assert plain(added.line) == "= 0.5·1 + 1·(−2) − 1·0.5 + 0.25 = −1.75"
    assert plain(block(said, "activation").line) == "= tanh(−1.75) = −0.941"
    assert said.sentence.startswith("Input 2 counts most: −2; all together make −1.75.")


def test_an_activation_has_its_graph_with_value_and_slope(document: Document, trace: Trace) -> None:
    graph = block(shown(document, trace, "forward:dense1:0"), "activation").graph
    assert graph is not None
    assert (graph.function, graph.z) == ("tanh", -1.75)
    assert graph.y == pytest.approx(math.tanh(-1.75))
    assert graph.slope == pytest.approx(1 - math.tanh(-1.75) ** 2)


def test_another_weight_in_the_trace_is_another_sheet(document: Document, trace: Trace) -> None:
    weight = trace.parameters["dense1/weight"].before.copy()
    weight[0, 1] = 4.0
    changed = dataclasses.replace(trace, parameters={**trace.parameters, "dense1/weight": ParameterTrace(weight)})
    before, after = (block(shown(document, one, "forward:dense1:0"), "sum") for one in (trace, changed))
    assert "1·(−2)" in plain(before.line)
    assert "4·(−2)" in plain(after.line)


def test_many_terms_are_cut_to_the_largest_and_the_rest_added_up() -> None:
    rng = np.random.default_rng(1)
    document, source = edits.add_node(Document(), "Input", shape=(40,))
    document, dense = edits.add_node(document, "Dense", units=2, activation="tanh")
    document, out = edits.add_node(document, "Output", loss="half_squared_error", target_low=-1.0)
    document = edits.connect(edits.connect(document, source, dense), dense, out)
    x, weight = rng.normal(size=40), rng.normal(size=(2, 40))
    added = block(shown(document, a_trace(x, weight, np.zeros(2)), "forward:dense1:1", digits=6), "sum")
    assert added.table is not None
    rows = added.table.rows[:SHOWN]
    products = np.sort(np.abs(weight[1] * x))[::-1]
    assert [abs(row.values[-1]) for row in rows] == pytest.approx(products[:SHOWN].tolist())
    rest = float(weight[1] @ x) - sum(row.values[-1] for row in rows)
    assert added.table.more == f"and 32 more: {Figures(6).one(rest, signed=True)}"
    assert "(38 more: " in plain(added.line)


def test_a_folded_sum_shows_the_term_that_is_lit() -> None:
    made = example("mnist-mlp")
    rng = np.random.default_rng(2)
    x, weight = rng.normal(size=784), rng.normal(size=(300, 784))
    least = int(np.argmin(np.abs(weight[3] * x)))
    z = weight @ x
    source = lower(made).sources["dense1"][0]
    nodes = {source: NodeTrace({"output": x}), "dense1": NodeTrace({"pre_activation": z, "output": np.maximum(z, 0)})}
    values = Trace("train", 0, nodes, {"dense1/weight": ParameterTrace(weight), "dense1/bias": ParameterTrace(np.zeros(300))})
    lowered, cursor = lower(made), stages.find(stages.stages(made), "forward:dense1:3")
    told = account(lowered, values, cursor)
    assert told is not None
    lit = frozenset({("dense1", "weight", (3, least))})
    without = block(sheet(told, lowered, values, Options()), "sum").table
    with_it = block(sheet(told, lowered, values, Options(lit=lit)), "sum").table
    assert without is not None
    assert with_it is not None
    assert len(without.rows) == SHOWN + 1  # the bias has a row of its own
    assert next(row for row in with_it.rows if places.keys(row.places) & lit).values[-1] == weight[3, least] * x[least]


def test_a_sum_that_is_no_number_says_so(document: Document) -> None:
    broken = a_trace(np.ones(3), np.full((2, 3), np.nan), np.zeros(2))
    assert "left the range" in shown(document, broken, "forward:dense1:0").sentence


def test_softmax_is_explained_from_scores_to_shares() -> None:
    made, scores = example("iris"), np.array([1.0, 3.0, -1.0])
    shares = np.exp(scores) / np.exp(scores).sum()
    nodes = {"dense2": NodeTrace({"output": scores, "pre_activation": scores}), "output1": NodeTrace({"output": shares})}
    values = Trace("train", 4, nodes, {}, target=np.array(1, np.int32), loss=float(-np.log(shares[1])))
    said = shown(made, values, "forward:output1:1")
    table = block(said, "softmax").table
    assert table is not None
    assert table.unsigned
    assert [row.size for row in table.rows] == pytest.approx(shares.tolist())
    assert [row.marked for row in table.rows] == [False, True, False]
    assert f"{100 * shares[1]:.1f}%" in said.sentence


# -- loss, backward, update
def test_the_loss_is_told_from_difference_to_error(document: Document, trace: Trace) -> None:
    said = shown(document, trace, "loss:output1:0")
    a, t = float(trace.nodes["output1"].values["output"][0]), 1.0
    own = f"({Figures().one(a)})" if a < 0 else Figures().one(a)  # target less answer, as the card and the perceptron rule have it
    assert plain(block(said, "difference").line) == f"= 1 − {own} = {Figures().one(t - a)}"
    assert said.sentence == f"The answer for output 1 is {Figures().one(t - a)} too low."
    alone = shown(example("xor"), Trainer(example("xor")).record(), "loss:output1:0")
    assert plain(block(alone, "loss").line).count("=") == 1, "a loss of one part is printed once"


def test_the_loss_of_an_answer_a_step_says_at_which_step_and_what_is_given_too_little() -> None:
    made = example("copy")
    trace, lowered, classes = Trainer(made).record(), lower(made), tuple("abcdefghi")
    step = int(np.flatnonzero(np.asarray(trace.target) >= 0)[0])
    true = int(np.asarray(trace.target)[step])
    for at, much in ((true, "too little"), ((true + 1) % 9, "too much")):
        gap = abs(float(trace.nodes["output1"].values["output"][step, at]) - (at == true))
        found = account(lowered, trace, stages.find(stages.stages(made), f"loss:output1:{step * 9 + at}"))
        assert found is not None
        said = sentences.sentence(found, trace, Figures(), "", answers=False, classes=classes)
        assert said.startswith(f"At step {step + 1}, “{classes[at]}” is given {Figures().one(gap)} {much}.")


@pytest.mark.parametrize(
    ("at", "called"),
    [
        ("forward:dense2:6", "dense2 · neuron 7 (class 6)"),
        ("backward:dense2:6", "dense2 · neuron 7 (class 6), backward"),
        ("update:dense2:bias[6]", "dense2 · bias of neuron 7 (class 6)"),
        ("update:dense2:weight[6,2]", "dense2 · neuron 7 (class 6), weight 3"),
        ("forward:output1:6", "output1 · class 6"),
        ("loss:output1:6", "output1 · the loss, class 6"),
        ("forward:hidden:6", "hidden · neuron 7"),
    ],
)
def test_what_belongs_to_a_class_bears_its_name(at: str, called: str) -> None:
    """Neurons and indices count from 1, digits from 0."""
    made = example("mnist-tutorial")
    at = at.replace("hidden", next(id for id, node in made.nodes.items() if node.title == "hidden"))
    lowered, cursor = lower(made), stages.find(stages.stages(made), at)
    trace = Trainer(made).record()
    found = account(lowered, trace, cursor)
    assert found is not None
    options = caption.options(made, data.describe("mnist"), found, cursor, False, Options())
    assert options.caption == called
    said = sheet(found, lowered, trace, options)
    if found.phase == "loss":
        assert said.sentence.startswith("The answer for class 6 is ")
        titles = ["How far off class 6 is", "What class 6 adds to the loss", "Loss", "Where the error of class 6 starts"]
        assert [one.title for one in said.blocks] == titles


def test_the_sentence_has_the_features_name() -> None:
    made = example("iris")
    lowered, cursor, trace = lower(made), stages.find(stages.stages(made), "forward:dense1:0"), Trainer(made).record()
    found = account(lowered, trace, cursor)
    assert found is not None
    names = ("sepal length", "sepal width", "petal length", "petal width")
    options = caption.options(made, data.describe("iris"), found, cursor, False, Options())
    products = trace.parameters["dense1/weight"].before[0] * trace.nodes["input1"].values["output"]
    largest = int(np.argmax(np.abs(products)))
    product = Figures().one(float(products[largest]), signed=True)
    assert sheet(found, lowered, trace, options).sentence.startswith(f"{names[largest].capitalize()} counts most: {product}; ")


def test_a_small_share_is_not_called_none() -> None:
    made = example("iris")
    lowered, cursor, trace = lower(made), stages.find(stages.stages(made), "forward:output1:2"), Trainer(made).record()
    found = account(lowered, trace, cursor)
    assert found is not None
    for share, percent in ((6.5e-6, "0.00065%"), (0.99985, "99.985%"), (0.345, "34.5%")):
        last = dataclasses.replace(found.equations[-1], result=msgspec.structs.replace(found.result, value=share))
        one = dataclasses.replace(found, equations=(*found.equations[:-1], last))
        said = sentences.sentence(one, trace, Figures(), "", answers=False)
        assert said == f"This class gets {percent} of the whole: so sure is the network of it."


def test_a_share_of_answer_and_target_is_no_table_of_weights() -> None:
    made = example("copy")
    trace = Trainer(made).record()
    step = int(np.flatnonzero(np.asarray(trace.target) >= 0)[0])
    node = next(wire.source for wire in made.wires if wire.target == "output1")
    arriving = block(shown(made, trace, f"backward:{node}:{step * 9}"), "arriving")
    assert plain(arriving.line).count("·") == 2
    assert arriving.table is None


def test_backward_is_the_chain_rule_factor_by_factor(document: Document, trace: Trace) -> None:
    said = shown(document, trace, "backward:dense1:0")
    assert [one.role for one in said.blocks] == ["arriving", "error", "made"]
    graph, made = block(said, "error").graph, block(said, "made").table
    assert graph is not None
    assert graph.backward
    assert made is not None
    gradient = trace.parameters["dense1/weight"].gradient
    assert gradient is not None
    assert [row.values[-1] for row in made.rows[:3]] == gradient[0].tolist()
    assert made.rows[3].label == "bias"


def test_an_update_goes_from_the_old_number_to_the_new() -> None:
    """The perceptron on AND: a wrong answer moves the weight, and the sentence says why."""
    made = example("and")
    trainer = Trainer(made)
    for _ in range(24):
        trace = trainer.record()
        weight = trace.parameters["dense1/weight"]
        moved = np.flatnonzero(weight.after[0] != weight.before[0])
        if moved.size:
            break
    at = int(moved[0])
    said = shown(made, trace, f"update:dense1:weight[0,{at}]")
    update = block(said, "update")
    old, new = float(weight.before[0, at]), float(weight.after[0, at])
    assert update.move is not None
    assert (update.move.old, update.move.new) == (old, new)
    assert f"= {Figures().one(new)}" in plain(update.line)
    assert any(token.struck and token.text == Figures().one(old) for chunk in update.line for token in chunk)
    high = trace.nodes["dense1"].gradients["output"][0] > 0
    assert ("too high" if high else "too low") in said.sentence
    assert ("smaller" if new < old else "larger") in said.sentence


@pytest.mark.parametrize(("name", "roles"), [("xor", ["gradient", "batch_gradient", "update"]), ("iris", ["mean", "square", "update"])])
def test_an_update_has_the_terms_of_its_optimizer(name: str, roles: list[str]) -> None:
    made = example(name)
    trainer = Trainer(made)
    trainer.run(steps=2)
    said = shown(made, trainer.record(), "update:dense1:weight[0,0]")
    found = [one.role for one in said.blocks]
    assert [role for role in found if role in roles] == roles
    assert all(one.title and one.symbols for one in said.blocks)


def test_every_role_of_every_cell_of_the_examples_has_words() -> None:
    for name in ("and", "xor", "spiral", "iris"):
        made = example(name)
        trainer = Trainer(made)
        trace, lowered, passed = trainer.record(), lower(made), stages.stages(made)
        for index, stage in enumerate(passed):
            for cell in range(min(len(stage.cells), 4)):
                told = account(lowered, trace, Cursor(index, stage, cell, 1.0, passed))
                assert told is not None, (name, stage.label)
                for equation in told.equations:
                    assert words.title(equation) != equation.role.replace("_", " ").capitalize() or equation.role in ("loss", "gradient")
                said = sheet(told, lowered, trace, Options(summary="What it does."))
                assert said.sentence, (name, stage.label)
                assert "{" not in said.text(), said.text()


# -- digits
@pytest.mark.parametrize("digits", CHOICES)
def test_numbers_have_the_chosen_digits(document: Document, trace: Trace, digits: int) -> None:
    line = plain(block(shown(document, trace, "forward:dense1:0", digits), "activation").line)
    assert line.endswith("= " + f"{math.tanh(-1.75):.{digits}f}".replace("-", "−"))


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (0.2, 3, "0.2"),
        (0.20004, 3, "0.200"),
        (np.float32(0.1), 3, "0.1"),
        (-1234.5, 3, "−1,234"),
        (3.21e-7, 3, "3.21×10⁻⁷"),
        (1e-8, 4, "1×10⁻⁸"),
        (0, 2, "0"),
        (float("nan"), 3, "NaN"),
        (2.0, 2, "2"),
        (1.99999, 3, "2.00"),
    ],
)
def test_a_rounded_number_is_never_printed_as_an_exact_one(value: float, digits: int, words: str) -> None:
    assert Figures(digits).one(value) == words


def test_a_column_has_its_points_in_line() -> None:
    assert Figures(3).column([0.5, -0.25, 0.125]) == ["+0.500", "−0.250", "+0.125"]
    assert Figures(3).column([1.0, 0.0, -2.0]) == ["+1", "0", "−2"]
    assert Figures(3).column([12.34, 0.0012]) == ["+12.3", "+0.0012"]


# -- hidden results
def test_a_question_hides_the_result_wherever_it_stands(document: Document, trace: Trace) -> None:
    said = shown(document, trace, "forward:dense1:0", ask=True)
    told, asked = shown(document, trace, "forward:dense1:0"), said.text()
    assert HIDDEN in asked
    assert said.asks
    for number in ("−1.75", "−0.941"):
        assert number in told.text()
        assert number not in asked
    hidden = [token for one in said.blocks for chunk in one.line for token in chunk if token.text == HIDDEN]
    assert {token.tone for token in hidden} == {"text"}, "a color would tell the sign"
    graph = block(said, "activation").graph
    assert graph is not None
    assert graph.y is None
    assert graph.slope is None


def test_the_error_of_a_neuron_is_not_told_by_its_gradients(document: Document, trace: Trace) -> None:
    said = shown(document, trace, "backward:dense1:0", ask=True)
    assert [one.role for one in said.blocks] == ["arriving", "error"]
    error = Figures().one(float(trace.nodes["dense1"].gradients["pre_activation"][0]))
    assert error not in said.text()


def test_a_number_handed_on_is_hidden_at_both_places() -> None:
    """AND: what the neuron answers is what the Output predicts."""
    made = example("and")
    lowered = lower(made)
    told = account(lowered, Trainer(made).record(), stages.find(stages.stages(made), "forward:dense1:0"))
    assert told is not None
    hidden = question(told, lowered).keys
    assert ("dense1", "output", (0,)) in hidden
    assert ("output1", "output", (0,)) in hidden


# -- what has no account
def test_without_a_trace_the_formula_stands_alone(document: Document) -> None:
    said = plain_sheet(document, None, "dense1", None, Figures(), ahead=False)
    assert said.blocks[0].symbols
    assert not said.blocks[0].line
    assert "numbers stand here" in said.sentence


def test_numbers_of_a_table_are_told_as_they_were_measured_too() -> None:
    made = example("iris")
    seen, known = Trainer(made).trace("train", 7), data.describe("iris")
    raw = data.load("iris", standardize=False).train.x[7]
    assert known.units == ("cm",) * 4
    assert seen.original == pytest.approx(raw, rel=1e-6)
    assert Trainer(example("spiral")).trace("train", 0).original is None
    said = plain_sheet(made, seen, "input1", None, Figures(), False, known.units).blocks[-1]
    assert said.title == "Its numbers, standardized"
    assert [chunk[-1].text for chunk in said.line] == [f"({float(one):g}\u2009cm)" for one in raw.round(2)]
    one = plain_sheet(made, seen, "input1", 2, Figures(), False, known.units).blocks[-1]
    value = seen.nodes["input1"].values["output"][2]
    assert (one.title, plain(one.line)) == ("Its value, standardized", f"{Figures().one(value)} ({float(raw[2].round(2)):g}\u2009cm)")


def test_a_node_that_the_pass_has_not_reached_tells_no_numbers(document: Document, trace: Trace) -> None:
    said = plain_sheet(document, trace, "dense1", 0, Figures(), ahead=True)
    assert "not come here yet" in said.sentence
    assert said.dim


# -- which cell
def test_the_pass_says_which_cell_and_a_whole_stage_shows_the_most_telling(document: Document, trace: Trace) -> None:
    subjects, passed = Subjects(), stages.stages(document)
    subjects.take(document)
    at = stages.find(passed, "forward:dense1:1")
    assert subjects.cursor(trace, at, None) == at
    whole = dataclasses.replace(at, cell=None)
    largest = int(np.argmax(np.abs(trace.nodes["dense1"].values["output"])))
    found = subjects.cursor(trace, whole, None)
    assert found is not None
    assert found.cell == largest
    pointed = subjects.cursor(trace, None, ("dense1", 1))
    assert pointed is not None
    assert (pointed.stage.phase, pointed.cell) == ("forward", 1)
    assert subjects.cursor(trace, stages.find(passed, "forward:dense1:1"), ("output1", 0)) is None, "not reached yet"


def test_what_computes_the_same_is_not_worked_out_anew() -> None:
    """A hundred cards that are tidied up took 20 ms of it."""
    document, subjects = example("xor"), Subjects()
    subjects.take(document)
    first = subjects.lowered
    subjects.take(edits.move(document, {"dense1": (50.0, 60.0)}))
    assert subjects.lowered is first
    subjects.take(edits.set_field(document, "dense1", "units", 7))
    assert subjects.lowered is not first
    subjects.take(edits.set_data(document, "and"))
    assert subjects.description == data.describe("and")


def test_of_an_update_the_weight_that_changes_most_is_told(monkeypatch) -> None:
    """Looked for a few rows at a time; what is not a number is passed over, what became infinite is not."""
    rng = np.random.default_rng(0)
    before = rng.normal(size=(37, 11)).astype(np.float32)
    after = before + 0.1 * rng.normal(size=before.shape).astype(np.float32)
    after[23, 4] += 3.0
    after[5, 5] = np.nan
    for piece in (1, 40, 1 << 16):
        monkeypatch.setattr(subjects_of_explain, "PIECE", piece)
        assert subjects_of_explain._most_changed(before, after) == 23
    after[36, 0] = np.inf
    assert subjects_of_explain._most_changed(before, after) == 36


def test_of_an_answer_a_step_the_one_that_is_furthest_off_is_told() -> None:
    document = example("next-number")
    chances = np.full((20, 10), 0.02)
    target = (np.arange(20) + 1) % 10
    chances[np.arange(20), target] = 0.82
    chances[7] = chances[7][::-1]  # the eighth says 1 for 8
    node = NodeTrace({"output": chances, "counted": np.ones(20)})
    traced = Trace("train", 0, {"output1": node}, {}, target, 0.3)
    subjects = Subjects()
    subjects.take(document)
    found = subjects.cursor(traced, None, ("output1", None))
    assert found is not None
    assert (found.stage.phase, found.stage.cells.place(found.cell or 0)[1]) == ("loss", (7, 8))


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0.0%"), (7.5e-6, "0.00075%"), (0.074, "7.4%"), (0.5, "50.0%"), (0.99985, "99.985%"), (1 - 1e-12, "99.9999%"), (1.0, "100.0%")],
)
def test_a_chance_is_neither_nothing_nor_all_unless_it_is(share: float, said: str) -> None:
    assert sentences._chance(share, Figures(3)) == said


def test_terms_that_cancel_are_printed_with_the_digits_of_their_sum(document: Document) -> None:
    trace = a_trace(np.array([0.999696, 1.0, 0.0]), np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 0.0]]), np.zeros(2))
    added = block(shown(document, trace, "forward:dense1:0"), "sum")
    assert plain(added.line) == "= 0.5·0.999696 − 0.5·1 + 0·0 + 0 = −0.000152"
