"""Sentences of rooms without Qt are said in the window's language: each can be, and with a translator that marks what it is given none is
without the mark."""

from __future__ import annotations

import ast
import pickle
import re
import string
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import pytest

from playground.data.spec import frozen_split
from playground.document import Document, check, edits, example
from playground.document.checks import can_connect
from playground.document.model import Wire
from playground.engine import wording
from playground.engine.live.worker import PREPARING
from playground.engine.program import divergence
from playground.errors import DataError, EngineError, PlaygroundError
from playground.fields import Field
from playground.sentences import Sentence, listed, say, sentence
from playground.ui.wording import declared, with_titles
from tests import translating
from tests.ui.test_language import bare, marked  # noqa: F401 - a fixture


# -- what a sentence is
def test_it_is_its_english() -> None:
    made = say("{count:,} of {what!r}, {more}", count=12_345, what="a b", more=say("and more"))
    assert made == "12,345 of 'a b', and more"
    assert hash(made) == hash(str(made))
    assert f"{made}" == made
    assert msgspec.json.encode({"text": made.english}) == b'{"text":"12,345 of \'a b\', and more"}'


def test_it_is_told_in_another_language() -> None:
    words = {"{count:,} of {what!r}, {more}": "{more}: {what} x {count}", "and more": "und mehr"}
    made = say("{count:,} of {what!r}, {more}", count=12_345, what="a b", more=say("and more"))
    assert made.told(lambda template: words.get(template, template)) == "und mehr: 'a b' x 12,345"
    assert listed([say("and more"), "b"], say(" and ")).told(lambda one: {"and more": "x", " and ": " und "}.get(one, one)) == "x und b"


def test_values_are_no_templates() -> None:
    made = say("there is no {name!r}: {path}", name="{0}", path="a{b}c")
    assert made == "there is no '{0}': a{b}c"
    assert made.told(lambda template: template) == made
    assert sentence("a {b}").told(lambda template: template) == "a {b}"


def test_it_survives_a_pickle_and_an_error() -> None:
    error = DataError(say("no {what}", what=say("file")), where="data", remedy="Choose one.")
    again = pickle.loads(pickle.dumps(error.message))
    assert (again, again.template, again.values["what"].template) == ("no file", "no {what}", "file")
    assert str(error) == "data: no file Choose one."
    assert isinstance(str(error), Sentence)
    assert (
        say("{error}", error=error).told(lambda one: one.replace("no ", "kein ").replace("data", "Daten")) == "Daten: kein file Choose one."
    )


# -- that all is one
def test_no_sentence_is_pasted_together() -> None:
    """An f-string or a sum of texts has no template to look up: each that a user reads is a literal, a name or a call."""
    pasted = [f"{path.name}:{one.lineno}" for path, one in translating.given() if isinstance(one, ast.JoinedStr | ast.BinOp)]
    assert not pasted
    assert len(translating.sentences()) > 700


def test_templates_name_their_values() -> None:
    """A translator sees names, never a bare place."""
    for words in translating.sentences():
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(words)), words


def documents() -> Iterator[Document]:
    """Documents with something wrong, of every kind that there is."""
    yield Document()
    made = example("spiral")
    yield edits.remove(made, "output1")
    yield edits.disconnect(made, "dense1", "dense2")
    yield edits.set_field(made, "output1", "loss", "mean_squared_error")
    yield edits.set_data(made, "plane")
    yield edits.set_data(made, "mnist")
    yield edits.set_data(made, "")
    last = next(wire.source for wire in made.wires if wire.target == "output1")
    for units in (1, 3):
        yield edits.set_field(made, last, "units", units)
    yield edits.set_field(edits.set_field(made, "output1", "loss", "binary_cross_entropy"), last, "activation", "sigmoid")
    yield edits.set_field(edits.set_field(made, "output1", "loss", "half_squared_error"), "output1", "target_low", 1.0)
    for type in ("Conv2D", "MaxPool2D", "LSTM", "Embedding", "RepeatVector", "Reshape", "Last", "Attention", "BatchNorm"):
        inserted, _ = edits.insert(made, made.wires[1], type)
        yield inserted
        yield edits.set_training(inserted, batch_size=1)
    loose = msgspec.structs.replace(made, wires=(*made.wires, Wire(source="dense1", target="nobody")))
    yield loose
    yield msgspec.structs.replace(made, wires=(*made.wires, made.wires[0]))
    yield msgspec.structs.replace(
        made, wires=(*made.wires, Wire(source="dense1", target="dense2", from_port=3, to_port=4), Wire(source="dense2", target="dense1"))
    )
    strange = msgspec.structs.replace(made.nodes["dense1"], type="Unheard")
    yield msgspec.structs.replace(made, nodes={**made.nodes, "dense1": strange})
    yield msgspec.structs.replace(made, training=msgspec.structs.replace(made.training, batch_size=-1))
    yield msgspec.structs.replace(made, data=msgspec.structs.replace(made.data, options={"samples": "many"}))
    started = msgspec.structs.replace(made.nodes["dense1"], initial={"weight": [[1.0]], "nobody": [1.0]})
    yield msgspec.structs.replace(made, nodes={**made.nodes, "dense1": started})
    recurrent, _ = edits.insert(example("sine"), example("sine").wires[0], "GRU", stateful=True)
    yield recurrent
    yield edits.set_training(recurrent, shuffle=False)
    for node, placed in example("sine").nodes.items():
        if "return_sequences" in placed.fields:
            yield edits.set_field(example("sine"), node, "return_sequences", not placed.fields["return_sequences"])


OWN = r"dense\d|hidden\d|input\d|output\d|nobody|Unheard|Flatten|Output|Input|Embedding|Conv2D|weight|spiral|plane|mnist|sine|gru\d|units"


def untold(words: str) -> bool:
    """Whether something stands there that no translator was asked for, but names."""
    return bare(re.sub(OWN + r"|[\w.]*\.\w+|'[^']*'|[a-z]+_[a-z_]+", " ", words))


@pytest.mark.usefixtures("qapp", "marked")
def test_every_problem_is_told() -> None:
    told = set()
    for document in documents():
        for problem in check(document):
            words = (with_titles(str(problem), document), declared(problem.fix.label) if problem.fix is not None else "")
            assert not [one for one in words if untold(one)]
            assert isinstance(problem.message, Sentence) or problem.message in translating.sentences()
            told.add(problem.message.template if isinstance(problem.message, Sentence) else problem.message)
    assert len(told) > 20


@pytest.mark.usefixtures("qapp", "marked")
def test_every_refusal_of_a_wire_is_told() -> None:
    made = example("lenet5")
    found = [can_connect(made, source, target) for source in made.nodes for target in made.nodes]
    refused = [str(problem) for problem in found if problem is not None]
    assert len(refused) > 20
    assert not [one for one in refused if untold(with_titles(one, made).replace("LeNet", ""))]


def raising() -> Iterator[Callable[[], object]]:
    made = example("spiral")
    yield lambda: edits.set_field(made, "dense1", "units", -1)
    yield lambda: edits.set_field(made, "dense1", "activation", "none such")
    yield lambda: edits.set_field(made, "nobody", "units", 1)
    yield lambda: edits.set_field(made, "dense1", "strange", 1)
    yield lambda: edits.connect(made, "dense2", "dense1")
    yield lambda: edits.connect(made, "output1", "dense1")
    yield lambda: edits.add_node(made, "Danse")
    yield lambda: edits.set_data(made, "spirals")
    yield lambda: example("spirale")
    yield lambda: frozen_split(np.array(["a"]), np.zeros(1))
    yield lambda: Field("size", "pair", 1, "", minimum=1, maximum=9).check("wide")
    yield lambda: Field("path", "text", "", "").check(3)


@pytest.mark.usefixtures("qapp", "marked")
def test_every_error_is_told() -> None:
    for act in raising():
        with pytest.raises(PlaygroundError) as found:
            act()
        error = found.value
        assert isinstance(error.message, Sentence)
        assert error.message.template in translating.sentences()
        assert not error.remedy or error.remedy.template in translating.sentences()
        assert declared(str(error)).startswith("«")


@pytest.mark.usefixtures("qapp", "marked")
def test_what_the_engine_says_is_told() -> None:
    made = example("spiral")
    after = edits.set_training(edits.switch_off(edits.remove(made, "dense3"), "dense1", [0, 1]), learning_rate=0.5, early_stopping=True)
    said = [*wording.changes(made, after), wording.structure_changes(made, after), divergence.unplaced(3, "output1").text]
    assert len(said) > 4
    assert not [one for one in said if one is None or untold(declared(one))]
    assert declared(PREPARING) == "«Preparing the engine»"
    assert declared(EngineError("the session is closed.").message) == "«the session is closed.»"
