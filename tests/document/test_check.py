"""The one rule: every problem is found, says what is wrong in the user's words, and offers its remedy."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from playground.document import Document, Node, Problem, Training, Wire, can_connect, check, edits, fields_of, graph
from playground.document.fit import idle_fields
from tests.document.graphs import chain, mnist_mlp


def texts(document: Document) -> list[str]:
    return [problem.message for problem in check(document)]


def only(document: Document) -> Problem:
    (problem,) = check(document)
    return problem


def test_a_sound_document_has_no_problem() -> None:
    assert check(mnist_mlp()) == []


def test_an_empty_document_lacks_input_output_and_data() -> None:
    assert texts(Document()) == [
        "Nothing enters the network: there is no Input.",
        "Nothing leaves the network: there is no Output.",
        "No data set is chosen.",
    ]
    assert [p.message for p in check(Document(), data_needed=False)] == texts(Document())[:2]


def test_a_picture_into_dense_says_so_and_offers_flatten() -> None:
    problem = only(chain("Input", ("Dense", {"units": 10}), "Output", data="mnist"))
    assert problem.message == "dense1 gets 1×28×28, it wants one number row (or a sequence of rows, T×F)."
    assert problem.fix is not None
    assert (problem.node, problem.fix.label, problem.wire) == ("dense1", "Insert Flatten", Wire(source="input1", target="dense1"))


def test_without_data_the_input_is_not_blamed_twice() -> None:
    problem = only(chain("Input", "Dense", "Output"))
    assert (problem.message, problem.node, problem.field, problem.data) == ("No data set is chosen.", "input1", "data.name", True)
    assert check(chain(("Input", {"shape": (4,)}), "Dense", "Output"), data_needed=False) == []


def test_unconnected_ports_and_dead_ends() -> None:
    document = chain("Input", "Dense", "Output", data="iris")
    document = edits.set_field(document, "dense1", "units", 3)
    document, _ = edits.add_node(document, "Dropout")
    document, _ = edits.add_node(document, "Add")
    document = edits.connect(document, "dense1", "add1")
    assert texts(document) == [
        "dropout1 has no input.",
        "add1 joins at least 2 inputs, it has 1.",
        "dropout1 leads nowhere.",
        "add1 leads nowhere.",
    ]
    assert [problem.severity for problem in check(document)] == ["error", "error", "warning", "warning"]


def test_loaded_files_may_hold_loose_wires_circles_and_double_ports() -> None:
    document = mnist_mlp()
    wires = (
        *document.wires,
        Wire(source="ghost", target="dense1"),
        Wire(source="input1", target="dense2"),
        Wire(source="output1", target="dense2", to_port=1),
    )
    found = texts(msgspec.structs.replace(document, wires=wires))
    assert "A wire from ghost to dense1 hangs loose: there is no node 'ghost'." in found
    assert "dense2 gets two wires at one port, the second from input1." in found
    assert "output1 has no output port 0 for dense2." in found
    circle = msgspec.structs.replace(document, wires=(*document.wires[1:], Wire(source="dense2", target="flatten1")))
    assert "flatten1 lies on or behind a circle of wires." in texts(circle)


def test_unknown_types_and_bad_fields_are_named() -> None:
    document = mnist_mlp()
    nodes: dict[str, Any] = dict(document.nodes)
    nodes["warp1"] = Node(type="Warp", fields={"factor": 9})
    nodes["dense1"] = Node(type="Dense", fields={"units": 0, "color": "red"})
    broken = msgspec.structs.replace(document, nodes=nodes, training=Training(learning_rate=-1.0))
    problems = {(p.node, p.field): p.message for p in check(broken)}
    assert "which this version does not know" in problems["warp1", ""]
    assert problems["dense1", "units"] == "dense1.units: expected a whole number from 1 to 8192, got 0."
    assert "no field 'color'" in problems["dense1", "color"]
    assert "got -1.0" in problems["", "training.learning_rate"]


@pytest.mark.parametrize(
    ("data", "units", "loss", "expected"),
    [
        ("iris", 3, "softmax_cross_entropy", ""),
        ("iris", 4, "softmax_cross_entropy", "dense1 gives 4 numbers, but Iris has 3 classes."),
        ("iris", 3, "half_squared_error", ""),
        ("iris", 1, "mean_squared_error", "dense1 gives 1 number, but Iris has 3 classes."),
        ("spiral", 1, "binary_cross_entropy", ""),
        ("spiral", 2, "softmax_cross_entropy", ""),
        ("spiral", 1, "softmax_cross_entropy", "dense1 gives 1 number, and a softmax of one number is always 1; Spiral has 2 classes."),
        ("spiral", 1, "half_squared_error", ""),
        ("spiral", 3, "half_squared_error", "dense1 gives 3 numbers, but Spiral has 2 classes."),
        ("salary", 1, "half_squared_error", ""),
        ("salary", 2, "mean_squared_error", "dense1 gives 2 numbers, but Salary has 1 number to predict."),
        ("salary", 1, "binary_cross_entropy", "output1 has binary cross entropy, which is for classes; Salary has numbers to predict."),
    ],
)
def test_outputs_fit_the_data(data: str, units: int, loss: str, expected: str) -> None:
    document = chain("Input", ("Dense", {"units": units}), "Dropout", ("Output", {"loss": loss}), data=data)
    problems = check(document)
    assert [problem.message for problem in problems] == ([expected] if expected else [])
    for problem in problems:
        document = edits.apply_fix(document, problem)
    assert check(document) == []


def test_without_a_dense_to_blame_one_is_offered() -> None:
    problem = only(chain("Input", "Output", data="iris"))
    assert problem.message == "output1 gets 4 numbers, but Iris has 3 classes."
    assert problem.fix is not None
    assert problem.fix.label == "Insert Dense 3"


def test_an_input_shape_that_is_not_the_data_sets() -> None:
    problem = only(chain(("Input", {"shape": (5,)}), ("Dense", {"units": 3}), "Output", data="iris"))
    assert problem.message == "input1 wants 5, a sample of Iris is 4."
    assert problem.data


@pytest.mark.parametrize(
    ("before", "loss", "warned"),
    [
        (("Activation", {"function": "softmax"}), "softmax_cross_entropy", True),
        (("Dense", {"units": 3, "activation": "sigmoid"}), "binary_cross_entropy", True),
        (("Dense", {"units": 3, "activation": "sigmoid"}), "mean_squared_error", False),
        (("Dense", {"units": 3, "activation": "tanh"}), "softmax_cross_entropy", False),
    ],
)
def test_a_function_that_the_loss_applies_itself(before: tuple[str, dict[str, Any]], loss: str, warned: bool) -> None:
    document = chain("Input", ("Dense", {"units": 3}), before, ("Output", {"loss": loss}), data="iris")
    problems = check(document)
    assert [problem.severity for problem in problems] == (["warning"] if warned else [])
    if warned:
        assert check(edits.apply_fix(document, problems[0])) == []


def test_targets_must_differ() -> None:
    document = chain("Input", ("Dense", {"units": 3}), ("Output", {"loss": "half_squared_error", "target_low": 1.0}), data="iris")
    assert "is not below" in only(document).message


@pytest.mark.parametrize(("data", "units", "use"), [("hello", 1, "binary cross entropy"), ("alice", 75, "softmax cross entropy")])
def test_a_network_for_numbers_that_reads_a_text_is_told_of_cross_entropy(data: str, units: int, use: str) -> None:
    def reading(activation: str) -> Document:
        dense = ("Dense", {"units": units, "activation": activation})
        return chain("Input", "OneHot", ("GRU", {"return_sequences": True}), dense, ("Output", {"loss": "mean_squared_error"}), data=data)

    problem = only(reading("identity"))
    assert problem.severity == "warning"
    assert (problem.node, problem.field, problem.data) == ("output1", "loss", True)
    assert problem.fix is not None
    assert problem.fix.label == f"Use {use}"
    assert check(edits.apply_fix(reading("identity"), problem)) == []
    assert check(reading("sigmoid")) == []  # between a no and a yes a squared error is meant
    idle = idle_fields(reading("identity"), "output1"), idle_fields(edits.set_data(reading("identity"), "sine"), "output1")
    assert idle == ((), ("target_low", "target_high"))


def test_can_connect_is_the_same_rule() -> None:
    document = edits.set_data(chain("Input"), "mnist")
    for type in ("Dense", "Flatten", "Output"):
        document, _ = edits.add_node(document, type)
    refusal = can_connect(document, "input1", "dense1")
    assert refusal is not None
    assert str(refusal).startswith("dense1 gets 1×28×28, it wants one number row")
    assert refusal.fix is not None
    assert can_connect(document, "input1", "flatten1") is None
    assert can_connect(document, "dense1", "output1") is None
    circle = can_connect(document, "dense1", "dense1")
    assert circle is not None
    assert "circle" in circle.message
    replaced = edits.connect(document, "flatten1", "dense1")
    assert can_connect(edits.connect(replaced, "input1", "flatten1"), "flatten1", "dense1") is None


def test_add_names_both_shapes() -> None:
    document = chain(("Input", {"shape": (4,)}), ("Dense", {"units": 5}))
    document, join = edits.add_node(document, "Add")
    document = edits.connect(document, "input1", join)
    refusal = can_connect(document, "dense1", join)
    assert refusal is not None
    assert "it gets 4 and 5" in refusal.message
    assert refusal.wire == Wire(source="dense1", target=join, to_port=1)


def test_shapes_counts_and_costs_are_partial() -> None:
    document = mnist_mlp()
    assert graph.shapes(document) == {"input1": (1, 28, 28), "flatten1": (784,), "dense1": (32,), "dense2": (10,), "output1": (10,)}
    assert graph.parameter_counts(document)["dense1"] == 32 * 785
    assert graph.multiply_adds(document)["dense2"] == 320
    assert fields_of(document, "input1") == {"shape": (1, 28, 28)}
    cut = edits.disconnect(document, "flatten1", "dense1")
    assert set(graph.shapes(cut)) == {"input1", "flatten1"}


def test_fifty_nodes_are_checked_in_two_milliseconds() -> None:
    document = mnist_mlp()
    document = edits.disconnect(document, "dense2", "output1")
    last = "dense2"
    for _ in range(45):
        document, node = edits.add_node(document, "Dense", units=10)
        document = edits.connect(document, last, node)
        last = node
    document = edits.connect(document, last, "output1")
    times = []
    for _ in range(15):
        start = time.perf_counter()
        found = check(document)
        times.append(time.perf_counter() - start)
        assert found == []
    assert min(times) < 0.002
