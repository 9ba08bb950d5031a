"""Try a text: what is sent, what is shown of what comes back, over every letter or at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest

from playground import data
from playground.data.spec import Dataset, Description, Split
from playground.document import Document, edits
from playground.engine.experiments.lab import State
from playground.engine.experiments.looked_through import Prefixes, PrefixesAsked
from playground.engine.live.commands import Draw, Experiment, Follow
from playground.engine.live.snapshot import DRAWING, Snapshot
from playground.engine.network import Network
from playground.engine.trace import NodeTrace, Trace
from playground.ui.canvas.view import CanvasView
from playground.ui.panels.try_picture import Answer
from playground.ui.panels.try_text import TryTextPage

STEPS = 8
TOKENS = ("a", "b", "c", "␣")
Opened = Callable[..., tuple[CanvasView, TryTextPage]]


def dataset(classes: tuple[str, ...] = ("no", "yes"), steps: bool = True, begins: bool = False, follows: bool = False) -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.integers(1 if begins else 0, len(TOKENS), (10, STEPS)).astype(np.uint8)
    if begins:
        x[:, 0] = 0
    y = (
        np.where(np.arange(STEPS) < STEPS - 1, np.roll(x, -1, axis=1).astype(np.int32), -1)
        if follows
        else rng.integers(0, len(classes), (10, STEPS))
    )
    part = Split(x, (y if steps else y[:, 0]).astype(np.int32))
    outputs = len(classes) if len(classes) > 2 else 1
    return Dataset(Description((STEPS,), "classification", outputs, classes, tokens=TOKENS, steps=steps), part, part, part)


@pytest.fixture
def page(open_canvas: Callable[..., CanvasView], qtbot) -> Opened:  # type: ignore[no-untyped-def]
    def opened(given: Dataset, loss: str = "binary_cross_entropy") -> tuple[CanvasView, TryTextPage]:
        view = open_canvas("")
        document, input_ = edits.add_node(Document(), "Input", shape=(STEPS,))
        document, output = edits.add_node(document, "Output", loss=loss)
        view.workbench.replace(edits.connect(document, input_, output))
        made = TryTextPage(view.workbench, view.theme)
        qtbot.addWidget(made)
        made.resize(500, 160)
        made.show_data(given, view.workbench.document)
        return view, made

    return opened


def type_in(page: TryTextPage, text: str) -> None:
    page.field.clear()
    QTest.keyClicks(page.field, text)
    page._send()


def answered(view: CanvasView, output: np.ndarray) -> None:
    """The worker's answer to what was sent last."""
    x = view.workbench.drawing.x
    assert x is not None
    trace = Trace(DRAWING, 0, {"input1": NodeTrace({"output": x}), "output1": NodeTrace({"output": output.astype(np.float32)})}, {})
    view.workbench.snapshot = replace(view.workbench.snapshot, phase="paused", drawn=trace, trace=trace)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)


def sent(view: CanvasView) -> Draw:
    made = view.workbench.session.of(Draw)[-1]  # type: ignore[attr-defined]
    assert isinstance(made, Draw)
    return made


def test_what_is_typed_is_sent_with_its_length(page: Opened) -> None:
    view, made = page(dataset())
    type_in(made, "ab c")
    draw = sent(view)
    assert (draw.x.tolist(), draw.length, draw.label) == ([0, 1, 3, 2, 0, 0, 0, 0], 4, None)  # type: ignore[union-attr]
    type_in(made, "abcabcabca?")
    draw = sent(view)
    assert (draw.x.tolist(), draw.length) == ([2, 0, 1, 2, 0, 1, 2, 0], None)  # type: ignore[union-attr]
    assert made.note.full_text() == "“?”: no symbol of this data · the network reads 8 steps: the last of 10"
    type_in(made, "")
    assert isinstance(view.workbench.session.sent[-1], Follow)  # type: ignore[attr-defined]  # a sample is followed again


def test_a_start_mark_comes_before_the_text(page: Opened) -> None:
    view, made = page(dataset(begins=True))
    type_in(made, "bc")
    assert sent(view).x[:3].tolist() == [0, 1, 2]  # type: ignore[index]
    assert made.letters == ("a", "b", "c")
    type_in(made, "abc")  # typed as well, it does not come twice
    assert made.letters == ("a", "b", "c")


def test_an_answer_at_each_step_stands_over_its_letter(page: Opened) -> None:
    view, made = page(dataset())
    type_in(made, "ab c")
    values = np.array([0.1, 0.02, 0.9, 0.4, 0.7, 0.7, 0.7, 0.7])[:, None]
    answered(view, values)
    answer = made.picture.answer
    assert (answer.letters, answer.end, answer.probability) == (("a", "b", "␣", "c"), None, True)
    assert answer.values[:, 0] == pytest.approx([0.1, 0.02, 0.9, 0.4])  # type: ignore[index]
    assert made.picture._numbered(1.0) == {0, 2, 3}
    tip = made.picture.tip(QPointF(made.picture.bar(2).center().x(), 50))
    assert tip.splitlines() == ["after “␣”, step 3", "yes  90.0%", "no  10.0%"]
    image = made.picture.grab().toImage()
    before = bytes(image.constBits())
    values[2] = 0.5
    answered(view, values)
    other = made.picture.grab().toImage()
    assert bytes(other.constBits()) != before


def test_of_a_squared_error_it_says_that_answers_are_no_chances(page: Opened) -> None:
    view, made = page(dataset(), "mean_squared_error")
    type_in(made, "ab")
    answered(view, np.full((STEPS, 1), 1.3))
    assert not made.picture.answer.probability
    assert "no chances" in made.how.full_text()
    assert made.picture.tip(QPointF(made.picture.bar(1).center().x(), 50)).splitlines()[1].endswith("1.30")


def test_an_answer_to_another_text_is_not_shown(page: Opened) -> None:
    view, made = page(dataset())
    type_in(made, "ab")
    answered(view, np.zeros((STEPS, 1)))
    old = view.workbench.drawing
    type_in(made, "abc")
    new, view.workbench.drawing = view.workbench.drawing, old
    trace = Trace(DRAWING, 0, {"input1": NodeTrace({"output": old.x}), "output1": NodeTrace({"output": np.ones((STEPS, 1))})}, {})  # type: ignore[dict-item]
    view.workbench.drawing = new
    view.workbench.snapshot_changed.emit(replace(Snapshot(1, "paused"), drawn=trace, trace=trace))
    assert made.picture.answer.values is None


def test_one_answer_at_the_end(page: Opened) -> None:
    view, made = page(dataset(("x", "y", "z"), steps=False), "softmax_cross_entropy")
    type_in(made, "abc")
    answered(view, np.array([0.2, 0.7, 0.1]))
    answer = made.picture.answer
    assert answer.end == pytest.approx([0.2, 0.7, 0.1])
    assert answer.values is None
    assert [(name, told) for name, told, _ in made.picture._listed(answer.end, 2)] == [("y", "70.0%"), ("x", "20.0%")]  # type: ignore[arg-type]
    asked = view.workbench.session.of(Experiment)[-1].asked  # type: ignore[attr-defined]  # had it ended earlier
    assert asked == PrefixesAsked((0, 1, 2))
    found = Prefixes(State(0, 3, 3, False), asked, np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.2, 0.7, 0.1]]))
    view.workbench.snapshot = replace(view.workbench.snapshot, lab={"prefixes": found})
    answered(view, np.array([0.2, 0.7, 0.1]))
    assert [made.picture.answer.best(step) for step in range(3)] == [0, 2, 1]
    tip = made.picture.tip(QPointF(made.picture.bar(1).center().x(), 40))
    assert tip.splitlines()[:2] == ["had the text ended with “b”, step 2", "z  80.0%"]
    assert len(view.workbench.session.of(Experiment)) == 1  # type: ignore[attr-defined]


def test_a_question_is_filled_up_as_the_datas_are_and_its_answer_ends_with_its_mark(page: Opened) -> None:
    given = data.load("reversal", samples=64)
    about = given.description
    view, made = page(given, "softmax_cross_entropy")
    type_in(made, "abd")
    steps = about.input_shape[0]
    draw = sent(view)
    assert draw.x is not None
    assert (draw.x.tolist(), draw.length) == ([0.0] * (steps - 3) + [about.tokens.index(letter) for letter in "abd"], None)
    told = [about.classes.index(letter) for letter in ("d", "b", "a", "$", "a", "a")]
    chances = np.full((about.target_steps, len(about.classes)), 0.01)
    chances[np.arange(len(told)), told] = 0.9
    answered(view, chances)
    assert made.picture.answer.letters == ("d", "b", "a", "$")
    assert made.picture.answer.values is not None
    assert len(made.picture.answer.values) == 4


def test_next_letters_that_come_are_told(page: Opened) -> None:
    view, made = page(dataset(TOKENS, follows=True), "softmax_cross_entropy")
    type_in(made, "abca")
    chances = np.full((STEPS, 4), 0.1)
    chances[0, 1] = chances[1, 0] = chances[2, 0] = 0.7
    answered(view, chances)
    answer = made.picture.answer
    assert answer.following
    assert [answer.best(step) for step in range(3)] == [1, 0, 0]
    assert [answer.came(step) for step in range(4)] == [True, False, True, False]


def test_a_sample_that_is_followed_takes_its_place(page: Opened) -> None:
    view, made = page(dataset())
    type_in(made, "ab")
    answered(view, np.zeros((STEPS, 1)))
    view.workbench.follow("train", 3)
    assert made.picture.answer == Answer(("a", "b"))
    assert "Enter" in made.note.full_text()
    QTest.keyClick(made.field, "\r")
    assert view.workbench.drawing.x is not None


def test_data_without_symbols_says_what_it_needs(page: Opened) -> None:
    given = dataset()
    view, made = page(replace(given, description=replace(given.description, tokens=())))
    assert not made.field.isEnabled()
    assert "reads no symbols" in made.picture.words
    made.show_data(given, view.workbench.document)
    assert made.field.isEnabled()
    assert "letter by letter" in made.picture.words


def test_a_text_that_ends_early_has_the_answer_of_its_end() -> None:
    """The length goes into the masks: what lies behind the text changes nothing, in either direction."""
    document, last = edits.add_node(Document(), "Input", shape=(STEPS,))
    layers = [("OneHot", {"vocabulary": 4}), ("LSTM", {"units": 5, "direction": "both"}), ("Dense", {"units": 3})]
    for type, fields in (*layers, ("Output", {"loss": "softmax_cross_entropy"})):
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node
    network = Network(document, seed=1)
    x = np.array([1, 2, 0, 3, 0, 0, 0, 0], np.float32)
    ended = network.answer(x, length=4).nodes["output1"].values["output"]
    x[4:] = [3, 1, 2, 2]
    assert network.answer(x, length=4).nodes["output1"].values["output"] == pytest.approx(ended)
    assert network.answer(x).nodes["output1"].values["output"] != pytest.approx(ended)
