"""A document is lowered, or refused in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from playground import cli
from playground.document import Document, check, edits, save
from playground.document.examples import example, example_names
from playground.engine.checks.checked import LIMIT, Bug
from playground.engine.checks.gradient_check import check_gradients
from playground.engine.program.lowering import lower, not_handed_back
from playground.errors import EngineError
from playground.layers import registry
from playground.layers.spec import Fields, LayerType, Lowering, Parameter, Shape, Value
from tests.anim.accounts.test_directions import documents
from tests.engine.build import chain, dense


def test_an_input_whose_shape_nobody_says_is_refused_in_words() -> None:
    document, source = edits.add_node(Document(), "Input")
    document, dense = edits.add_node(document, "Dense", units=3)
    document, output = edits.add_node(document, "Output")
    document = edits.connect(edits.connect(document, source, dense), dense, output)
    assert not [problem for problem in check(document, data_needed=False) if problem.severity == "error"]
    with pytest.raises(EngineError, match=r"input1: its shape is not known\. Choose a data set"):
        lower(document)
    assert lower(edits.set_data(document, "iris")).output == output


@contextmanager
def trying(say: Callable[[Lowering], object], *learned: Parameter) -> Iterator[Document]:
    """A network with a node ``try1`` between two Dense, of a layer type that says this."""

    class Try(LayerType):
        name = "Try"
        summary = "Is tried."

        def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
            return inputs[0]

        def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
            return learned

        def lower(self, lowering: Lowering) -> None:
            say(lowering)

    with registry.registered(Try()):
        yield chain((4,), dense(3, "tanh"), ("Try", {}), dense(2), loss="mean_squared_error")


def passes(lowering: Lowering) -> None:
    lowering.forward("copy", {"x": lowering.inputs[0], "y": lowering.output})


def hands_back(lowering: Lowering) -> None:
    lowering.backward("copy", {"x": lowering.gradient(lowering.output), "y": lowering.gradient(lowering.inputs[0])})


def nothing(lowering: Lowering) -> None:
    pass


def only_learning(lowering: Lowering) -> None:
    lowering.only("training", "sample").forward("copy", {"x": lowering.inputs[0], "y": lowering.output})
    hands_back(lowering)


def only_back(lowering: Lowering) -> None:
    hands_back(lowering)


def misspelled_role(lowering: Lowering) -> None:
    lowering.forward("map", {"x": lowering.inputs[0], "out": lowering.output}, function="tanh")
    hands_back(lowering)


def misspelled_operation(lowering: Lowering) -> None:
    lowering.forward("mapp", {"x": lowering.inputs[0], "y": lowering.output}, function="tanh")


def never_written(lowering: Lowering) -> None:
    gate = lowering.value("gate", lowering.output.shape)
    lowering.forward("sum", {"xs": [lowering.inputs[0], gate], "y": lowering.output})
    hands_back(lowering)


def written_in_training(lowering: Lowering) -> None:
    gate = lowering.value("gate", lowering.output.shape)
    lowering.only("training").forward("copy", {"x": lowering.inputs[0], "y": gate})
    lowering.forward("sum", {"xs": [lowering.inputs[0], gate], "y": lowering.output})
    hands_back(lowering)


def read_first(lowering: Lowering) -> None:
    gate = lowering.value("gate", lowering.output.shape)
    lowering.forward("copy", {"x": gate, "y": lowering.output})
    lowering.forward("map", {"x": lowering.inputs[0], "y": gate}, function="tanh")
    hands_back(lowering)


def no_error_within(lowering: Lowering) -> Value:
    (x,), y = lowering.inputs, lowering.output
    gate = lowering.value("gate", y.shape)
    lowering.forward("map", {"x": x, "y": gate}, function="tanh")
    lowering.forward("copy", {"x": gate, "y": y})
    back = {"x": x, "y": gate, "dy": lowering.gradient(gate), "dx": lowering.gradient(x)}
    lowering.backward("map_backward", back, function="tanh")
    return gate


def backward_as_forward(lowering: Lowering) -> None:
    """A function's way back before what writes its gradient: said in the order of the way forward."""
    gate = no_error_within(lowering)
    lowering.backward("copy", {"x": lowering.gradient(lowering.output), "y": lowering.gradient(gate)})


def own_share(lowering: Lowering) -> None:
    """What it hands back, it reads: that is nobody else's to write."""
    passes(lowering)
    gate = lowering.value("gate", lowering.output.shape)
    lowering.backward("copy", {"x": lowering.gradient(lowering.inputs[0]), "y": lowering.gradient(gate)})


def after_the_step(lowering: Lowering) -> None:
    passes(lowering)
    hands_back(lowering)
    lowering.after_step("copy", {"x": lowering.value("gate", (3,)), "y": lowering.value("last", (3,))})


def at_the_end(lowering: Lowering) -> None:
    passes(lowering)
    hands_back(lowering)
    lowering.carry("copy", {"x": lowering.value("gate", (3,)), "y": lowering.kept("last", (3,))})


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (nothing, r"no operation writes 'output' \(mode training\)\. Let the layer type's 'lower' say one"),
        (only_learning, r"no operation writes 'output' \(mode inference\)\."),
        (only_back, r"no operation writes 'output' \(mode training\)\."),
        (
            never_written,
            r"operation 'sum' reads 'gate', which no operation writes \(mode training\)\. Let the layer type's 'lower' say first",
        ),
        (written_in_training, r"operation 'sum' reads 'gate', which no operation writes \(mode (sample|inference)\)\."),
        (read_first, r"operation 'copy' reads 'gate', which 'map' writes only after it \(mode training\)\. Say 'map' first"),
        (backward_as_forward, r"operation 'map_backward' reads 'gradient of gate', which 'copy' writes only after it .* Say 'copy' first"),
        (no_error_within, r"operation 'map_backward' reads 'gradient of gate', which no operation writes"),
        (own_share, r"operation 'copy' reads 'gradient of input 0', which no operation writes"),
        (after_the_step, r"operation 'copy' reads 'gate', which no operation writes \(mode training\)"),
        (at_the_end, r"operation 'copy' reads 'gate', which no operation writes"),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_what_nobody_wrote_is_not_read(say: Callable[[Lowering], object], words: str) -> None:
    with trying(say) as document, pytest.raises(EngineError, match=rf"^try1: {words}"):
        lower(document)


@pytest.mark.parametrize("name", ["factor", "output", "input 0", "gate", "left"])
@pytest.mark.parametrize("kind", ["value", "hidden", "kept", "parts"])
def test_a_name_is_given_once(name: str, kind: str) -> None:
    def twice(lowering: Lowering) -> None:
        passes(lowering)
        hands_back(lowering)
        lowering.value("gate", (4,))
        lowering.parts("sides", (4,), ("left", "right"))
        if kind == "parts":
            lowering.parts("both", (6,), ("upper", name))
        elif kind == "kept":
            lowering.kept(name, (3,), state="gate")
        else:
            lowering.value(name, (3,), shown=kind == "value")

    words = f"^try1: there is a value, a parameter or an output called '{name}' already\\. Give each a name of its own\\.$"
    with trying(twice, Parameter("factor", (3,))) as document, pytest.raises(EngineError, match=words):
        lower(document)


def test_what_is_not_shown_may_be_asked_for_again() -> None:
    def again(lowering: Lowering) -> None:
        lowering.forward("copy", {"x": lowering.inputs[0], "y": lowering.value("row", (3,), shown=False)})
        lowering.forward("copy", {"x": lowering.value("row", (3,), shown=False), "y": lowering.output})
        hands_back(lowering)

    with trying(again) as document:
        assert "row" not in lower(document).named["try1"]


def test_a_type_may_hand_no_error_back() -> None:
    """By its only wire, or by one of several, whose shares are summed."""
    with trying(passes) as document:
        assert lower(document).order
        document, add = edits.add_node(edits.disconnect(document, "try1", "dense2"), "Add")
        for source, target in (("dense1", add), ("try1", add), (add, "dense2")):
            document = edits.connect(document, source, target)
        lowered = lower(document)
        assert ("dense1", "sum") in {(operation.node, operation.name) for operation in lowered.backward}


def test_a_parameter_that_nothing_learns_is_refused() -> None:
    def deaf(lowering: Lowering) -> None:
        passes(lowering)
        hands_back(lowering)

    words = r"^try1: no operation writes 'gradient of factor' \(mode training\)\. Let the layer type's 'lower' say one in its backward"
    with trying(deaf, Parameter("factor", (3,))) as document:
        with pytest.raises(EngineError, match=words):
            lower(document)
        assert lower(edits.freeze(document, ("try1",), True)).order
        bare = edits.connect(edits.disconnect(document, "try1", "dense2"), "dense1", "dense2")
        assert lower(bare).order  # no error comes to it


def test_what_hands_no_error_back_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with trying(passes) as document:
        assert not_handed_back(lower(document)) == (("try1", 0),)
        cause = "try1: its backward writes no gradient of input 0: no error goes back to dense1."
        found = check_gradients(document)
        assert (found.passed, found.cause) == (False, cause)
        save(edits.set_data(edits.set_field(document, "dense2", "units", 3), "iris"), path := tmp_path / "try.playground")
        assert cli.main(["check-gradients", str(path)]) == 1
        assert capsys.readouterr().out.splitlines()[-1] == cause
        assert not_handed_back(lower(edits.freeze(document, ("dense1",), True))) == ()  # nobody asks
        add, merge = edits.add_node(edits.disconnect(document, "try1", "dense2"), "Add")
        for source, target in (("dense1", merge), ("try1", merge), (merge, "dense2")):
            add = edits.connect(add, source, target)
        assert not_handed_back(lower(add)) == (("try1", 0),)
    with trying(lambda lowering: (passes(lowering), hands_back(lowering))) as document:
        assert not_handed_back(lower(document)) == ()
        assert check_gradients(document).cause == ""


def test_no_node_is_named_for_a_mistake_behind_it() -> None:
    document = chain(
        (4,), dense(5), ("Embedding", {"vocabulary": 9, "size": 2}), ("Flatten", {}), dense(3), dense(2), loss="mean_squared_error"
    )
    assert not_handed_back(lower(document)) == (("embedding1", 0),), "a row of a table has no slope by its number"
    found = check_gradients(document, bug=Bug("dense2", "bias"))
    assert [entry.name for entry in found.parameters if entry.relative_error > LIMIT] == ["dense2/bias"]
    assert found.cause == ""


def test_all_types_are_accepted_frozen_too() -> None:
    for document in (*documents(), *map(example, example_names())):
        assert {document.nodes[node].type for node, _ in not_handed_back(lower(document))} <= {"Embedding", "OneHot"}  # they read tokens
        assert lower(edits.freeze(document, tuple(document.nodes), True)).order
