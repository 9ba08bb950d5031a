"""A node that a fix puts between two others stands in their row: level with their ports, as far from one as from the other."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest
from PySide6.QtCore import QPointF, QRectF

from playground.document import Document, edits, example
from playground.errors import PlaygroundError
from playground.ui.canvas import facts, wiring
from playground.ui.canvas.insertion import in_row
from playground.ui.canvas.measure import size_in
from playground.ui.canvas.view import CanvasView


def without_flatten(view: CanvasView) -> tuple[str, str]:
    """LeNet-5 whose Flatten is taken away: what stood on either side of it."""
    bench = view.workbench
    bench.edit("open", example("lenet5"))
    flatten = next(id for id, node in bench.document.nodes.items() if node.type == "Flatten")
    source = next(wire.source for wire in bench.document.wires if wire.target == flatten)
    target = next(wire.target for wire in bench.document.wires if wire.source == flatten)
    bench.edit("remove", edits.remove(bench.document, flatten))
    return source, target


def insert(view: CanvasView, source: str, target: str) -> str:
    """By the fix of a wire that is refused."""
    made = wiring.offer(view.workbench.document, view.scene_, source, target)
    assert made.problem is not None
    view.editor.insert_between(made.problem, made.source, made.target, made.port)
    return str(view.workbench.selected[0])


@pytest.mark.parametrize("squeezed", [0.0, 100.0])
def test_flatten_stands_between_its_neighbors_with_level_wires(open_canvas, squeezed: float) -> None:
    """Where there is room for it, and where what lies to the right has to make room."""
    view = open_canvas()
    source, target = without_flatten(view)
    bench, cards = view.workbench, view.scene_.cards
    right = {id: node.position for id, node in bench.document.nodes.items() if node.position[0] >= bench.document.nodes[target].position[0]}
    bench.edit("move", edits.move(bench.document, {id: (x - squeezed, y) for id, (x, y) in right.items()}))
    heights = {id: card.pos().y() + card.input_port(0).y() for id, card in cards.items()}
    new = insert(view, source, target)
    first, middle, last = (cards[id].scene_card() for id in (source, new, target))
    assert not any(cards[new].scene_card().intersects(card.scene_card()) for id, card in cards.items() if id != new)
    gaps = middle.left() - first.right(), last.left() - middle.right()
    assert gaps[0] == pytest.approx(gaps[1], abs=8)
    assert min(gaps) > 12
    out, into = cards[source].pos() + cards[source].output_port(), cards[new].pos() + cards[new].input_port(0)
    assert into.y() == pytest.approx(out.y(), abs=0.01)
    assert {id: card.pos().y() + card.input_port(0).y() for id, card in cards.items() if id != new} == pytest.approx(heights)


def test_cards_that_it_gives_another_size_keep_their_height_in_the_row(open_canvas) -> None:
    """Output grows once the shapes before it are known."""
    view = open_canvas()
    bench, editor = view.workbench, view.editor
    editor.use_data("mnist")
    for type in ("Input", "Conv2D", "Dense", "Output"):
        editor.add(type)
    cards = view.scene_.cards
    middles = {id: card.scene_card().center().y() for id, card in cards.items()}
    sizes = {id: card.scene_card().height() for id, card in cards.items()}
    problem = next(problem for problem in bench.problems() if problem.fix is not None and problem.fix.action == "insert")
    assert editor.fix(problem)
    assert bench.undo_stack.undoText() == "Insert Flatten"
    assert any(cards[id].scene_card().height() != high for id, high in sizes.items())
    assert {id: cards[id].scene_card().center().y() for id in middles} == pytest.approx(middles, abs=1)
    bench.undo_stack.undo()
    assert "flatten1" not in bench.document.nodes


def test_a_target_of_another_row_stays_where_it_is(open_canvas) -> None:
    view = open_canvas()
    source, target = without_flatten(view)
    bench = view.workbench
    below = (bench.document.nodes["input1"].position[0], 600.0)
    bench.edit("move", edits.move(bench.document, {target: below}))
    places = {id: node.position for id, node in bench.document.nodes.items()}
    new = insert(view, source, target)
    assert {id: bench.document.nodes[id].position for id in places} == places
    assert view.scene_.cards[new].scene_card().left() > view.scene_.cards[source].scene_card().right()


def overlaps(document: Document) -> set[tuple[str, ...]]:
    known = facts.of(document)
    boxes = {id: QRectF(QPointF(*node.position), size_in(known, id)) for id, node in document.nodes.items()}
    return {tuple(sorted(pair)) for pair in combinations(boxes, 2) if boxes[pair[0]].intersects(boxes[pair[1]])}


@pytest.mark.parametrize("name", ["one-conv", "edges", "residual", "modern"])
def test_what_a_fix_puts_in_covers_no_card(open_canvas, name: str) -> None:
    """Between whichever two cards it is offered: others may lie between them."""
    view = open_canvas()
    view.workbench.edit("open", example(name))
    before, seen = view.workbench.document, 0
    for source, target in permutations(before.nodes, 2):
        made = wiring.offer(before, view.scene_, source, target)
        problem = made.problem
        if problem is None or problem.fix is None or problem.fix.action != "insert":
            continue
        try:
            wired = edits.connect(before, made.source, made.target, to_port=made.port, replace=True)
            after, new = edits.insert(wired, wired.wires[-1], problem.fix.layer_type, **dict(problem.fix.fields))
        except PlaygroundError:
            continue
        after = in_row(before, after, wired.wires[-1], new)
        assert overlaps(after) <= overlaps(before), (source, target)
        seen += 1
    assert seen, "a fix is offered somewhere"
