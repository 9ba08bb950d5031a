"""A pass by single numbers through Attention: the card shows what is known, each number has its words, and leads to its place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from playground.anim import attention_cells
from playground.anim.clock import PassClock
from playground.anim.cursor import Cursor
from playground.anim.stages import find, stages
from playground.document import Document, edits
from playground.engine.live.snapshot import Snapshot
from playground.engine.trace import NodeTrace, Trace
from playground.ui.canvas.view import CanvasView
from playground.ui.painters import looks
from playground.ui.painters.base import Picture
from playground.ui.panels.explain import Explain
from tests.reference import attention as naive

QUERIES, KEYS, FEATURES = 3, 4, 2
NODE = "attention1"
Opened = tuple[CanvasView, Explain]


def network(single: bool = False) -> Document:
    """A query and a sequence that it looks at, from one Input."""
    document, source = edits.add_node(Document(), "Input", shape=(KEYS, FEATURES), position=(0, 60))
    document, given = edits.add_node(document, "Last", position=(180, 0))
    document, looked = edits.add_node(document, "Dense", units=FEATURES, position=(180, 160))
    document = edits.connect(document, source, given)
    document = edits.connect(document, source, looked)
    if not single:
        document, rows = edits.add_node(document, "RepeatVector", steps=QUERIES, position=(330, 0))
        document, given = edits.connect(document, given, rows), rows
    document, node = edits.add_node(document, "Attention", position=(520, 60))
    document, output = edits.add_node(document, "Output", loss="half_squared_error", position=(760, 60))
    for a, b in ((given, node), (looked, node), (node, output)):
        document = edits.connect(document, a, b)
    return document


def snapshot(single: bool = False, real: int = KEYS) -> Snapshot:
    """What the naive reference makes of random sequences; behind ``real`` steps is padding."""
    rng = np.random.default_rng(1)
    query, key = rng.normal(size=(1 if single else QUERIES, FEATURES)), rng.normal(size=(KEYS, FEATURES))
    mask = (np.arange(KEYS) < real).astype(float)
    made = naive.forward(query, key, key, 1 / np.sqrt(FEATURES), mask)
    error = rng.normal(size=made["output"].shape)
    back = naive.backward(query, key, key, 1 / np.sqrt(FEATURES), made["weights"], error)
    values = made | {"query": query, "value": key, "key": key}
    gradients = back | {"output": error}
    if single:
        values["output"], gradients["output"] = made["output"][0], error[0]
    nodes = {
        "input1": NodeTrace({"output": rng.normal(size=(KEYS, FEATURES)), "mask": mask}),
        "dense1": NodeTrace({"output": key}, {"output": back["value"] + back["key"]}),
        NODE: NodeTrace(values, gradients),
        "output1": NodeTrace({"output": values["output"]}),
    }
    given = "last1" if single else "repeatvector1"
    nodes[given] = NodeTrace({"output": query[0] if single else query}, {"output": back["query"][0] if single else back["query"]})
    return Snapshot(1, "paused", trace=Trace("train", 0, nodes, {}, target=np.zeros(values["output"].shape)))


@pytest.fixture
def opened(open_canvas, explain_beside) -> Callable[..., Opened]:
    def opening(single: bool = False, real: int = KEYS) -> Opened:
        view = open_canvas()
        view.workbench.replace(network(single))
        return view, explain_beside(view, snapshot(single, real))

    return opening


def picture(view: CanvasView) -> Picture:
    return view.scene_.cards[NODE].picture


def cursor(wanted: str, single: bool = False) -> Cursor:
    return find(stages(network(single)), wanted)


def test_stepping_goes_through_every_number_in_the_order_in_which_it_is_made() -> None:
    clock = PassClock(stages(network()), grain="cell")
    at, seen = cursor(f"backward:{NODE}:0"), []
    while at is not None and at.stage.label == f"backward:{NODE}":
        seen.append(at.place)
        at = clock.step(at)
    parts = dict.fromkeys(name for name, _ in seen)
    assert list(parts) == ["", "weights", "scores", "value", "query", "key"]
    assert len(seen) == QUERIES * FEATURES + 2 * QUERIES * KEYS + 2 * KEYS * FEATURES + QUERIES * FEATURES
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("scores[1,2]", "step 2 and key step 3 point"),
        ("weights[1,2]", "Step 2 gives"),
        ("1,0", "It looks most at step"),
    ],
)
def test_what_is_made_forward_has_a_sentence(opened: Callable[..., Opened], cell: str, words: str) -> None:
    view, panel = opened()
    view.player.hold(f"forward:{NODE}:{cell}")
    assert words in panel.sheet.sentence


@pytest.mark.parametrize(
    ("part", "words", "heads"),
    [
        ("weights[1,2]", "Had step 2 looked a little more at step 3", ("error", "value", "product")),
        ("scores[1,2]", "A better match takes weight from the row's other steps", ("error", "weight", "[k=j]−α", "product")),
        ("value[2,1]", "Errors come back by the weights that it was taken with", ("weight", "error", "product")),
        ("query[1,0]", "Each key pulls at the query", ("error", "key", "product")),
        ("key[2,1]", "Each query pulls at the key", ("error", "query", "product")),
    ],
)
def test_errors_on_the_way_back_have_words_and_a_table(
    opened: Callable[..., Opened], part: str, words: str, heads: tuple[str, ...]
) -> None:
    view, panel = opened()
    view.player.hold(f"backward:{NODE}:{part}")
    assert words in panel.sheet.sentence
    table = panel.sheet.blocks[0].table
    assert table is not None
    assert table.heads == heads
    name, _, rest = part.partition("[")
    assert view.workbench.snapshot.trace is not None
    error = float(view.workbench.snapshot.trace.nodes[NODE].gradients[name][tuple(map(int, rest[:-1].split(",")))])
    divisor = np.sqrt(FEATURES) if name in ("query", "key") else 1.0
    assert sum(row.values[-1] for row in table.rows) / divisor == pytest.approx(error)
    assert all(row.label.startswith("step") for row in table.rows) == (name != "weights")


def test_each_number_rings_its_place_on_the_card_and_at_its_source(opened: Callable[..., Opened]) -> None:
    """A row of a query's error: the match's cell of the matrix, and the key's number at the Dense that it comes from."""
    view, panel = opened()
    view.player.hold(f"backward:{NODE}:query[1,0]")
    table = panel.view.shown()[0].terms
    row = table.table.rows[2]
    panel.view.pointed.emit(row.places)
    card, source = view.scene_.cards[NODE], view.scene_.cards["dense1"]
    match = card.painter.place_rect(card.body, card.picture, "scores", (1, 2))  # type: ignore[attr-defined]
    assert match is not None
    assert match.translated(card.pos()) in view.lights.rings
    assert source.unit_rect(2 * FEATURES) in view.lights.rings
    panel.view.pointed.emit(())
    ring = view.player.readings._ring
    assert ring is not None
    below = card.painter.box(card.body, card.picture)  # type: ignore[attr-defined]
    assert below.translated(card.pos()).contains(ring[0].center()), "the query's error stands below the matrix"


def test_only_what_the_pass_has_come_to_is_drawn(opened: Callable[..., Opened]) -> None:
    view, _ = opened()
    shown, pairs = picture(view), (QUERIES, KEYS)

    def at(wanted: str) -> looks.Table | None:
        return looks.matrix(shown, cursor(wanted), pairs)

    assert at(f"forward:{NODE}:scores[0,0]") is not None
    made = at(f"forward:{NODE}:weights[1,1]")
    assert made is not None
    assert made.known is not None
    assert made.known.astype(int).tolist() == [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]]
    assert at(f"backward:{NODE}:2,1") is None, "of the weights no error is known yet"
    back = at(f"backward:{NODE}:weights[0,0]")
    assert back is not None
    assert (back.what, back.back, int(back.known.sum()) if back.known is not None else 0) == ("weights", True, 1)
    later = at(f"backward:{NODE}:key[0,0]")
    assert later is not None
    assert (later.what, later.known) == ("scores", None)
    below = looks.below(shown, cursor(f"backward:{NODE}:key[0,1]"))
    assert below is not None
    assert (below.what, int(below.known.sum()) if below.known is not None else 0) == ("key", 2)
    assert looks.below(shown, cursor(f"backward:{NODE}:1,1")) is None, "the answer's own errors, as of any sequence"


def test_a_single_querys_answer_is_drawn(opened: Callable[..., Opened]) -> None:
    view, _ = opened(single=True)
    below = looks.below(picture(view), cursor("loss:output1", single=True))
    assert below is not None
    np.testing.assert_array_equal(below.values[0], picture(view).trace.nodes[NODE].values["output"])  # type: ignore[union-attr]
    view.player.hold(f"backward:{NODE}:query[0,1]")
    view.grab()


def test_padding_is_faded_and_said(opened: Callable[..., Opened]) -> None:
    view, panel = opened(real=3)
    assert looks.padding(picture(view), (QUERIES, KEYS)).tolist() == [1, 1, 1, 0]  # type: ignore[union-attr]
    view.player.hold(f"forward:{NODE}:scores[1,3]")
    assert "Step 4 is padding" in panel.sheet.sentence
    assert "Padding: no match" in panel.sheet.text()
    view.player.hold(f"backward:{NODE}:weights[1,3]")
    assert "Step 2 did not look at step 4 at all" in panel.sheet.sentence
    view.player.hold(f"backward:{NODE}:scores[1,3]")
    assert "no error gets through the softmax" in panel.sheet.sentence
    made = looks.matrix(picture(view), cursor(f"forward:{NODE}:scores[2,3]"), (QUERIES, KEYS))
    assert made is not None
    assert made.scale is not None
    assert made.scale.limit < 100, "a match that nobody has is no end of the scale"


def test_a_click_on_the_matrix_asks_for_that_weight(opened: Callable[..., Opened]) -> None:
    view, panel = opened()
    view.workbench.select((NODE,), (NODE, 2), (NODE, "weights", (1, 3)))
    assert panel.account is not None
    assert panel.account.result.place is not None
    assert (panel.account.result.place.name, panel.account.result.place.index) == ("weights", (1, 3))
    assert panel.sheet.caption.endswith("step 2 looks at step 4")


def test_what_the_pointer_is_over_in_the_matrix_is_lit_in_its_row(opened: Callable[..., Opened]) -> None:
    """At a query's error each match of its row has a row of the table; another entry of the matrix is explained itself."""
    view, panel = opened()
    view.player.hold(f"backward:{NODE}:query[1,0]")
    card = view.scene_.cards[NODE]

    def over(query: int, key: int) -> None:
        box = card.painter.place_rect(card.body, card.picture, "weights", (query, key))  # type: ignore[attr-defined]
        view._hover.move(box.translated(card.pos()).center())

    over(1, 2)
    terms = panel.view.shown()[0].terms
    assert [row.label for row in terms.ringed()] == ["step 3"]
    over(2, 0)
    assert panel.sheet.caption.endswith("step 3 looks at step 1, backward")
    over(2, 1)
    assert panel.sheet.caption.endswith("step 3 looks at step 2, backward"), "the same unit of the answer, another weight"
    view._hover.leave()
    assert panel.sheet.caption.endswith("query, step 2, number 1, backward")


def test_a_unit_is_still_an_entry_of_the_answer(opened: Callable[..., Opened]) -> None:
    view, panel = opened()
    view.workbench.select((NODE,), (NODE, 3))
    assert panel.account is not None
    assert panel.account.result.place is not None
    assert (panel.account.result.place.name, panel.account.result.place.index) == ("output", (1, 1))
    view.player.hold(f"forward:{NODE}:1,1")
    ring = view.player.readings._ring
    assert ring is not None
    unit = view.scene_.cards[NODE].unit_rect(3)
    assert unit is not None
    assert ring[0] == unit
    assert isinstance(ring[0], QRectF)
    assert ring[0].contains(QPointF(unit.center()))


def test_every_cell_is_drawn_and_explained(opened: Callable[..., Opened]) -> None:
    """No number of the stage makes a painter or the panel stumble."""
    view, panel = opened(real=3)
    for phase in ("forward", "backward"):
        stage = next(one for one in stages(network()) if one.label == f"{phase}:{NODE}")
        for name in dict(stage.cells.parts):
            start = stage.cells.find(name, ())
            assert start is not None
            view.player.hold(f"{phase}:{NODE}:{stage.cells[start]}")
            assert panel.sheet.sentence
            assert panel.sheet.caption
            view.scene_.cards[NODE].refresh()
            view.grab()
    assert set(attention_cells.INNER) <= set(picture(view).trace.nodes[NODE].values)  # type: ignore[union-attr]


def test_a_number_that_is_asked_for_is_covered_and_judged(opened: Callable[..., Opened]) -> None:
    view, panel = opened()
    panel.set_predicting(True)
    view.player.hold(f"backward:{NODE}:scores[1,2]")
    assert panel.predict.asking
    card, shown = view.scene_.cards[NODE], view.workbench.snapshot.trace
    box = card.painter.place_rect(card.body, card.picture, "scores", (1, 2))  # type: ignore[attr-defined]
    assert [covers[0] for covers in view.lights.covers] == [box.translated(card.pos())]
    error = float(shown.nodes[NODE].gradients["scores"][1, 2])  # type: ignore[union-attr]
    assert panel.figures.one(error) not in panel.sheet.text()
    panel.predict.field.setText(f"{error:.4f}")
    QTest.keyClick(panel.predict.field, Qt.Key.Key_Return)
    assert panel.predict.verdict is not None
    assert panel.predict.verdict.right
