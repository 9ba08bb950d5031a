"""The numbers that ride on the canvas at every cell of a pass of every example, each worked out anew in float64."""

from __future__ import annotations

import dataclasses
import re
from itertools import combinations

import numpy as np
import pytest

from playground import document as documents
from playground.anim.cursor import Cursor
from playground.anim.stages import stages
from playground.document import Document, edits, example, example_names
from playground.document.graph import described
from playground.engine import Trainer
from playground.engine.trace import Trace
from playground.ui.canvas.readings import chips
from playground.ui.canvas.view import CanvasView
from playground.ui.in_turn import queue
from tests.ui.canvas_support import FUNCTIONS, skipping, snapshot


def answers_at_each_step(name: str) -> bool:
    """Then a Dense is more than the snapshots that ``canvas_support`` makes up know."""
    about = described(example(name))
    return about is not None and about.steps


NAMES = [name for name in example_names() if not name.startswith("mnist") and not answers_at_each_step(name)]
DRAWN = ("xor", "circle", "spiral", "moons", "iris")
"""Those with edges between layers of neurons: a lone neuron's card has the numbers itself, large layers have a matrix."""
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def read(words: str) -> tuple[float, float]:
    """The number, and one unit of its last shown digit."""
    plain, _, power = words.replace(",", "").replace("\N{MINUS SIGN}", "-").partition("×10")
    scale = 10.0 ** int(power.translate(RAISED)) if power else 1.0
    behind = re.search(r"\.(\d+)", plain)
    return float(plain) * scale, 10.0 ** -(len(behind[1]) if behind else 0) * scale


def forward(document: Document, trace: Trace) -> dict[str, np.ndarray]:
    """What each node answers, from the weights before the step."""
    survey, made = documents.survey(document), {}
    for node in survey.order:
        sources = documents.sources(document, node)
        x = made[sources[0]] if sources else trace.nodes[node].values["output"].astype(np.float64)
        if document.nodes[node].type == "Flatten":
            x = x.ravel()
        elif document.nodes[node].type == "Dense":
            weight, bias = (trace.parameters[f"{node}/{name}"].before.astype(np.float64) for name in ("weight", "bias"))
            x = FUNCTIONS[survey.fields[node]["activation"]](weight @ x + bias)
        elif document.nodes[node].type not in ("Input", "Output"):  # maps have no edges of their own: what they make is taken as it is
            x = trace.nodes[node].values["output"].astype(np.float64)
        made[node] = x
    return made


def fed(view: CanvasView) -> Trace:
    """A real step's trace on the canvas."""
    document = view.workbench.document
    trainer = Trainer(document)
    trainer.run(steps=5)
    trace = trainer.record(position=0)
    shown = dataclasses.replace(snapshot(document), trace=trace, parameters={k: p.before for k, p in trace.parameters.items()})
    view.workbench.snapshot = shown
    view.scene_.feed(shown)
    return trace


@pytest.mark.parametrize("name", NAMES)
def test_every_number_on_an_edge_and_below_a_neuron(open_canvas, name: str) -> None:
    view = open_canvas(name)
    document, trace = view.workbench.document, fed(view)
    answers, passed, told = forward(document, trace), stages(document), 0
    for index, stage in enumerate(passed):
        for cell in range(min(len(stage.cells), 64)):
            cursor = Cursor(index, stage, cell, 1.0, passed)
            found = chips(view.scene_, trace, cursor)
            riding = [chip.words for chip in found if chip.border]
            below = [chip.words for chip in found if not chip.border]
            carried, answered = edges(view, trace, cursor, answers), under(view, cursor, answers) if below else []
            for words, value in zip([*riding, *below], [*carried, *answered], strict=True):
                said, unit = read(words)
                assert abs(said - value) <= 0.505 * unit + 1e-6 * abs(value), (stage.label, cell, words, value)
                told += 1
    assert told > 20 or name not in DRAWN


def edges(view: CanvasView, trace: Trace, cursor: Cursor, answers: dict[str, np.ndarray]) -> list[float]:
    """Products forward, gradients backward, of the neuron at hand, from the top down."""
    node, unit, phase = cursor.stage.node, cursor.cell, cursor.stage.phase
    if phase not in ("forward", "backward") or view.scene_.cards[node].has_input_rects():
        return []
    made = []
    for wire, item in view.scene_.edges.items():
        if wire.target == node and len(item.edges):
            own = [at for at in range(len(item.edges)) if item.edges.units[at] == unit]
            for at in sorted(own, key=lambda at: view.scene_.cards[wire.source].unit_rect(int(item.edges.sources[at])).center().y()):
                x = float(answers[wire.source][item.edges.sources[at]])
                if phase == "forward":
                    made.append(float(trace.parameters[f"{node}/weight"].before[unit, item.edges.sources[at]]) * x)
                else:
                    made.append(float(trace.nodes[node].gradients["pre_activation"][unit]) * x)
    return made


def under(view: CanvasView, cursor: Cursor, answers: dict[str, np.ndarray]) -> list[float]:
    """The answers of all neurons that the pass has reached, node by node as the cards come."""
    if cursor.stage.phase not in ("forward", "loss"):
        return []
    made = []
    for node, card in view.scene_.cards.items():
        if card.facts.inputs and card.facts.has_output and not card.has_input_rects() and cursor.reached("forward", node):
            made += [float(a) for unit, a in enumerate(answers[node]) if cursor.cell_at("forward", node, unit) != "ahead"]
    return made


def test_a_changed_number_of_the_trace_changes_what_is_read(open_canvas) -> None:
    view = open_canvas("spiral")
    trace, passed = fed(view), stages(view.workbench.document)
    index = next(i for i, stage in enumerate(passed) if stage.label == "forward:dense2")
    cursor = Cursor(index, passed[index], 2, 1.0, passed)
    before = [chip.words for chip in chips(view.scene_, trace, cursor)]
    trace.parameters["dense2/weight"].before.flags.writeable = True
    trace.parameters["dense2/weight"].before[2, 5] += 0.5
    after = [chip.words for chip in chips(view.scene_, trace, cursor)]
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("zoom", [1.0, 0.4])
def test_numbers_of_units_close_together_do_not_cover_each_other(open_canvas, qtbot, zoom: float) -> None:
    """Of Add's eight on a canvas far away only the one at hand is printed; those of neurons all are."""
    made, last = skipping(), "add1"
    for layer, fields in (("Dense", {"units": 1}), ("Output", {"loss": "binary_cross_entropy"})):
        made, node = edits.add_node(made, layer, position=(1500, 0), **fields)
        made, last = edits.connect(made, last, node), node
    view = open_canvas()
    view.workbench.replace(made)
    qtbot.waitUntil(lambda: not queue().busy)
    trace, passed = fed(view), stages(made)
    index = next(i for i, stage in enumerate(passed) if stage.label == "forward:add1")
    found = [chip for chip in chips(view.scene_, trace, Cursor(index, passed[index], 5, 1.0, passed), zoom) if not chip.border]
    assert not [1 for one, other in combinations(found, 2) if one.box.adjusted(1, 1, -1, -1).intersects(other.box)]
    of_add = [chip for chip in found if view.scene_.cards["add1"].scene_card().contains(chip.center)]
    assert len(found) - len(of_add) == 24
    assert len(of_add) == (6 if zoom == 1 else 1)
