"""Edits: what each does, what each refuses, and that none changes the document it is given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.document import Document, Wire, check, edits, graph, layout
from playground.document.codec import decode, encode
from playground.errors import DataError, DocumentError, FieldError
from tests.document.graphs import chain, documents, edited, mnist_mlp


def test_ids_count_from_one_and_fill_gaps() -> None:
    document = chain("Dense", "Dense", "Dense")
    assert list(document.nodes) == ["dense1", "dense2", "dense3"]
    assert edits.add_node(edits.remove(document, "dense2"), "Dense")[1] == "dense2"


def test_add_node_completes_checks_and_places() -> None:
    document, first = edits.add_node(Document(), "Dense", units=3, title="hidden")
    document, second = edits.add_node(document, "Dense", id="mine", position=(5, 6))
    assert document.nodes[first].fields["units"] == 3
    assert document.nodes[first].fields["activation"] == "identity"
    assert (document.nodes[first].title, document.nodes[second].position) == ("hidden", (5.0, 6.0))
    for bad in ({"units": 0}, {"units": "many"}, {"unit": 3}):
        with pytest.raises(FieldError):
            edits.add_node(document, "Dense", **bad)
    for id in ("mine", "two words", "a/b", ""):
        with pytest.raises(DocumentError):
            edits.add_node(document, "Dense", id=id)
    with pytest.raises(DocumentError, match="Did you mean Dense"):
        edits.add_node(document, "Dens")


def test_connect_refuses_circles_occupied_ports_and_dead_ends() -> None:
    document = chain("Input", "Dense", "Dense", "Output")
    with pytest.raises(DocumentError, match="close a circle"):
        edits.connect(document, "dense2", "dense1", replace=True)
    with pytest.raises(DocumentError, match="close a circle"):
        edits.connect(document, "dense1", "dense1", replace=True)
    with pytest.raises(DocumentError, match="from dense1 already") as raised:
        edits.connect(document, "input1", "dense2")
    assert raised.value.fix is not None
    with pytest.raises(DocumentError, match="gives nothing on"):
        edits.connect(document, "output1", "dense1")
    with pytest.raises(DocumentError, match="takes no wire"):
        edits.connect(document, "dense1", "input1")
    with pytest.raises(DocumentError, match="no node 'dense9'"):
        edits.connect(document, "dense9", "dense1")
    for port in (1, -1):
        with pytest.raises(DocumentError, match="no input port"):
            edits.connect(document, "input1", "dense2", to_port=port)
    replaced = edits.connect(document, "input1", "dense2", replace=True)
    assert graph.sources(replaced, "dense2") == ("input1",)


def test_joins_take_the_lowest_free_port() -> None:
    document = chain("Input", "Dense")
    document, join = edits.add_node(document, "Add")
    document = edits.connect(document, "input1", join)
    document = edits.connect(document, "dense1", join)
    document = edits.connect(document, "dense1", join)
    assert graph.sources(document, join) == ("input1", "dense1", "dense1")
    assert graph.port_count(document, join) == 4
    document = edits.disconnect(document, "input1", join)
    assert edits.connect(document, "input1", join).wires[-1].to_port == 0
    assert edits.disconnect(document, "dense1", join).wires == chain("Input", "Dense").wires
    with pytest.raises(DocumentError, match="no wire"):
        edits.disconnect(document, "dense1", "input1")


def test_remove_takes_the_wires_along() -> None:
    document = edits.remove(chain("Input", "Dense", "Output"), "dense1")
    assert (list(document.nodes), document.wires) == (["input1", "output1"], ())


def test_insert_splits_a_wire() -> None:
    document = chain("Input", "Dense", "Output")
    inserted, node = edits.insert(document, document.wires[0], "Flatten")
    assert node == "flatten1"
    assert graph.order(inserted) == ("input1", "flatten1", "dense1", "output1")
    with pytest.raises(DocumentError):
        edits.insert(document, Wire(source="input1", target="output1"), "Flatten")


def test_paste_renames_and_keeps_inner_wires_only() -> None:
    document = mnist_mlp()
    pasted, names = edits.duplicate(document, ["dense1", "dense2"])
    assert names == ("dense3", "dense4")
    assert set(pasted.wires) - set(document.wires) == {Wire(source="dense3", target="dense4")}
    assert pasted.nodes["dense3"].fields == document.nodes["dense1"].fields
    assert pasted.nodes["dense3"].position != document.nodes["dense1"].position


def test_data_and_training_are_checked() -> None:
    document = edits.set_training(edits.set_data(Document(), "spiral"), learning_rate=1, optimizer="adam")
    assert document.training.learning_rate == 1.0
    assert document.data.options
    with pytest.raises(FieldError, match=r"training.learning_rate: expected a number from 0 to 100, got -1"):
        edits.set_training(document, learning_rate=-1)
    with pytest.raises(FieldError, match="no field 'rate'"):
        edits.set_training(document, rate=1)
    with pytest.raises(DataError):
        edits.set_data(document, "spirals")
    assert edits.set_data(document, "").data.name == ""


def test_apply_fix_does_what_it_says_or_refuses() -> None:
    document = chain("Input", ("Dense", {"units": 4}), "Output", data="mnist")
    for _ in range(2):
        document = edits.apply_fix(document, check(document)[0])
    assert check(document) == []
    assert graph.order(document) == ("input1", "flatten1", "dense1", "output1")
    assert document.nodes["dense1"].fields["units"] == 10
    with pytest.raises(DocumentError, match="choice of yours"):
        edits.apply_fix(edits.set_data(document, ""), check(edits.set_data(document, ""))[0])


@settings(max_examples=60, deadline=None)
@given(documents(), st.data())
def test_edits_are_pure(document: Document, data: st.DataObject) -> None:
    before = encode(document)
    data.draw(edited(document))
    assert encode(document) == before


@settings(max_examples=60, deadline=None)
@given(documents())
def test_whatever_is_edited_stays_sound(document: Document) -> None:
    ranks = {node: rank for rank, node in enumerate(graph.order(document))}
    assert set(ranks) == set(document.nodes)
    assert all(ranks[wire.source] < ranks[wire.target] for wire in document.wires)
    assert len({(wire.target, wire.to_port) for wire in document.wires}) == len(document.wires)
    assert decode(encode(document)) == document
    for problem in check(document):
        assert problem.message
        if problem.fix is not None and problem.fix.action in ("insert", "set_field", "add", "remove_wire"):
            assert problem not in check(edits.apply_fix(document, problem))


@settings(max_examples=40, deadline=None)
@given(documents())
def test_tidy_never_overlaps(document: Document) -> None:
    sizes = {node: (90.0 + 7 * i, 120.0 + 13 * i) for i, node in enumerate(document.nodes)}
    corners = layout.tidy(document, sizes)
    assert set(corners) == set(document.nodes)
    boxes = [(*corners[node], *sizes[node]) for node in corners]
    for i, (x, y, w, h) in enumerate(boxes):
        for a, b, c, d in boxes[:i]:
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
    for wire in document.wires:
        assert corners[wire.source][0] + sizes[wire.source][0] <= corners[wire.target][0]


def test_tidy_keeps_a_chain_level_and_align_and_distribute() -> None:
    corners = layout.tidy(chain("Input", "Dense", "Output"))
    assert len({y for _, y in corners.values()}) == 1
    assert layout.tidy(Document()) == {}
    positions = {"a": (0.0, 0.0), "b": (50.0, 10.0), "c": (300.0, 30.0)}
    sizes = {"a": (10.0, 10.0), "b": (20.0, 20.0), "c": (30.0, 40.0)}
    assert {y for _, y in layout.align(positions, sizes, "top").values()} == {0.0}
    assert {y + sizes[n][1] for n, (_, y) in layout.align(positions, sizes, "bottom").items()} == {70.0}
    even = layout.distribute(positions, sizes, "x")
    assert even["b"][0] - 10 == even["c"][0] - even["b"][0] - 20
    assert (even["a"], even["c"]) == (positions["a"], positions["c"])


def test_a_new_head_takes_the_place_of_the_old_one() -> None:
    document = chain("Input", "Dense", "Dense", "Activation", "Output")
    document = edits.move(
        edits.set_title(edits.set_field(document, "dense2", "activation", "tanh"), "dense2", "answer"), {"dense2": (7.0, 8.0)}
    )
    made, head = edits.new_head(document, 5)
    assert head == "dense3"
    assert "dense2" not in made.nodes
    assert made.nodes[head].fields["units"] == 5
    assert made.nodes[head].fields["activation"] == "tanh"
    assert (made.nodes[head].title, made.nodes[head].position) == ("answer", (7.0, 8.0))
    assert {(wire.source, wire.target) for wire in made.wires} == {
        ("input1", "dense1"),
        ("dense1", head),
        (head, "activation1"),
        ("activation1", "output1"),
    }
    assert made.nodes["dense1"] == document.nodes["dense1"]
    assert edits.new_head(document)[0].nodes[head].fields["units"] == document.nodes["dense2"].fields["units"]


def test_without_a_dense_there_is_no_head() -> None:
    with pytest.raises(DocumentError, match="no head to replace"):
        edits.new_head(chain("Input", "Flatten", "Output"))
    with pytest.raises(DocumentError, match="no head"):
        edits.new_head(Document())


def test_all_before_a_node() -> None:
    document = chain("Input", "Dense", "Dense", "Output")
    assert graph.before(document, "dense2") == {"input1", "dense1"}
    assert graph.before(document, "input1") == frozenset()
