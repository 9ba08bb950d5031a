"""What the eye rests on stays where it is: equations from cell to cell, a neuron while its weights are set."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPointF

from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)])
def test_the_equations_begin_at_one_height_all_through_a_pass(qtbot, size: tuple[int, int]) -> None:
    with running_window(qtbot, "xor") as window:
        window.resize(*size)
        bench, view = window.workbench, window.explain.view
        bench.set_pace("explain")
        bench.step("batch")
        qtbot.waitUntil(lambda: bench.snapshot.step >= 1 and bench.snapshot.trace is not None, timeout=60_000)
        heights, lines = [], set()
        for at in ("update:dense1:weight[1,0]", "forward:dense1:1", "loss:output1:0", "backward:dense1:1", "update:dense1:weight[1,0]"):
            window.canvas.player.hold(at)
            qtbot.wait(60)
            heights.append(view.area.mapTo(window, view.area.rect().topLeft()).y())
            lines.add(len(view.sentence.text()))
        assert len(lines) > 2  # sentences of several lengths
        assert len(set(heights)) == 1


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(("node", "unit"), [("dense1", 0), ("dense1", 7), ("dense2", 1)])
def test_the_box_of_weights_leaves_its_neuron_in_sight(qtbot, node: str, unit: int) -> None:
    with running_window(qtbot, "iris") as window:
        window.resize(1280, 800)
        bench, canvas = window.workbench, window.canvas
        bench.step("batch")
        qtbot.waitUntil(lambda: f"{node}/weight" in bench.snapshot.parameters, timeout=60_000)
        card = canvas.scene_.cards[node]
        neuron = canvas.mapFromScene(card.unit_rect(unit)).boundingRect()
        assert canvas.overlays.weights.show_unit(node, unit, QPointF(neuron.center()))
        box = canvas.overlays.weights.geometry()
        assert canvas.rect().contains(box)
        assert not box.intersects(canvas.mapFromScene(card.scene_card()).boundingRect())


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)])
def test_the_train_button_stands_still_from_a_classification_to_a_regression(qtbot, size: tuple[int, int]) -> None:
    with running_window(qtbot, "iris") as window:
        window.resize(*size)
        bar, snapshot = window.bar, window.workbench.snapshot
        places = set()
        for classified in (True, False):
            bar.show_snapshot(dataclasses.replace(snapshot, has_accuracy=classified))
            bar.layout().activate()
            places.add(bar.train.x())
        assert len(places) == 1
