"""Two moments side by side in the real window: the second canvas shows the other one's numbers, in step with the first."""

from __future__ import annotations

import dataclasses
import logging

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QLabel, QMenu, QPushButton

from playground import document as documents
from playground.document import edits
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui.compare.differences import differences, in_words
from playground.ui.compare.side import SideView
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def trained(qtbot, window: Window, steps: int) -> Snapshot:
    bench = window.workbench
    wanted = bench.snapshot.step + steps
    bench.session.send(commands.Step("batch", steps))
    qtbot.waitUntil(lambda: bench.snapshot.step >= wanted and bench.snapshot.phase == "paused", timeout=20_000)
    qtbot.wait(100)  # parameters and trace of that step follow
    return bench.snapshot


def forked(qtbot, window: Window) -> Snapshot:
    """Run 1 trained 200 steps; a fork of it, with another rate, 200 more. Returns run 1's end."""
    bench = window.workbench
    end = trained(qtbot, window, 200)
    window.timeline.branching.fork()
    qtbot.waitUntil(lambda: bench.snapshot.parent == 1, timeout=10_000)
    bench.edit("rate", edits.set_training(bench.document, learning_rate=0.125))
    trained(qtbot, window, 200)
    return end


def compared(qtbot, window: Window, branch: int, step: int | None = None) -> SideView:
    window.compare.compare(branch, step)
    qtbot.waitUntil(lambda: window.compare.side is not None and not window.workbench.snapshot.beside.moment.computing, timeout=10_000)
    qtbot.wait(50)
    return window.compare.side


def text(window: Window, name: str) -> str:
    return window.findChild(QLabel, name).text()


def pixels(view) -> np.ndarray:
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


def test_the_second_canvas_shows_the_other_branchs_numbers(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        end = forked(qtbot, window)
        side = compared(qtbot, window, 1)
        now = window.workbench.snapshot
        for key, array in end.parameters.items():
            node, _, name = key.partition("/")
            assert np.array_equal(side.scene_.cards[node].picture.parameters[name], array)
            assert not np.array_equal(window.canvas.scene_.cards[node].picture.parameters[name], array)
        assert side.scene_.cards.keys() == window.canvas.scene_.cards.keys()
        for id, card in side.scene_.cards.items():
            other = window.canvas.scene_.cards[id]
            assert card.pos() == other.pos()
            assert card.picture.trace.index == other.picture.trace.index
            assert card.scale.fixed or card.scale is other.scale
        assert (text(window, "compare_here_step"), text(window, "compare_there_step")) == ("step 400", "step 200")
        assert "0.125" in window.compare.head.settings.full_text()
        assert "0.125" not in window.compare.other.settings.full_text()
        assert "learning rate" in window.compare.other.settings.full_text()
        assert text(window, "compare_there_figures") != text(window, "compare_here_figures")
        # one other number in what is compared: that picture changes, and no other
        before, mine = pixels(side), pixels(window.canvas)
        beside = now.beside
        weights = dict(beside.parameters)
        weights["dense1/weight"] = weights["dense1/weight"] + np.array([[3.0, 0.0]] + [[0.0, 0.0]] * (len(weights["dense1/weight"]) - 1))
        traced = dict(beside.trace.parameters)
        traced["dense1/weight"] = dataclasses.replace(traced["dense1/weight"], before=weights["dense1/weight"])
        changed = dataclasses.replace(beside, parameters=weights, trace=dataclasses.replace(beside.trace, parameters=traced))
        side.show_beside(changed)
        assert not np.array_equal(before, pixels(side))
        assert np.array_equal(mine, pixels(window.canvas))


def test_both_canvases_look_step_and_choose_together(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        bench.set_reduced_motion(True)
        forked(qtbot, window)
        side, camera = compared(qtbot, window, 1), window.canvas.camera
        camera.look(QPointF(40, 60), 1.5)
        assert side.transform().m11() == 1.5
        assert (side.visible().center() - window.canvas.camera.visible().center()).manhattanLength() < 2
        point = QPointF(side.viewport().rect().center())
        qtbot.mousePress(side.viewport(), Qt.MouseButton.MiddleButton, pos=point.toPoint())
        qtbot.mouseMove(side.viewport(), point.toPoint() + QPoint(30, 0))
        qtbot.mouseRelease(side.viewport(), Qt.MouseButton.MiddleButton, pos=point.toPoint() + QPoint(30, 0))
        assert abs(camera.center.x() - 20) < 1
        window.canvas.fit_all(animated=False)
        card = side.scene_.cards["dense1"]
        unit = card.unit_rect(1).center()
        qtbot.mouseClick(side.viewport(), Qt.MouseButton.LeftButton, pos=side.mapFromScene(unit))
        assert (bench.selected, bench.unit) == (("dense1",), ("dense1", 1))
        assert side.scene_.cards["dense1"].state.selected
        assert window.canvas.scene_.cards["dense1"].state.selected
        bench.hover_changed.emit("dense2", None)
        assert side.scene_.cards["dense2"].state.hover
        for _ in range(3):
            bench.step("node")
            qtbot.waitUntil(lambda: bench.held, timeout=5000)
            qtbot.wait(120)
        cursor = window.canvas.scene_.cursor_at
        assert cursor is not None
        assert side.scene_.cursor_at == cursor
        qtbot.waitUntil(lambda: bench.snapshot.beside.trace.index == bench.snapshot.trace.index, timeout=5000)
        bench.set_pace("explain")


def test_the_compared_run_keeps_to_the_step_where_that_is_wanted(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        forked(qtbot, window)
        compared(qtbot, window, 1)
        kept = next(run.checkpoints for run in bench.snapshot.runs if run.run == 1)
        bench.session.send(commands.ShowMoment(1, kept[1]))
        qtbot.waitUntil(lambda: bench.snapshot.moment is not None and bench.snapshot.moment.step == kept[1], timeout=5000)
        assert bench.snapshot.beside.moment.step == 200
        qtbot.mouseClick(window.findChild(QPushButton, "compare_same_step"), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: bench.snapshot.beside.moment.step == kept[1], timeout=5000)
        bench.session.send(commands.ShowMoment(1, kept[0]))
        qtbot.waitUntil(lambda: bench.snapshot.beside.moment.step == kept[0], timeout=5000)
        window.compare.choose()
        menu = window.findChild(QMenu, "compare_menu")
        assert menu.isVisible()
        assert menu.activeAction().text() == "Run 1, step 200"
        qtbot.keyClick(menu, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: not menu.isVisible(), timeout=5000)


def test_another_network_is_compared_without_a_fault(qtbot, caplog) -> None:
    with running_window(qtbot, "xor") as window, caplog.at_level(logging.WARNING):
        bench = window.workbench
        trained(qtbot, window, 50)
        bench.session.send(commands.NewStart())
        qtbot.waitUntil(lambda: bool(bench.snapshot.runs), timeout=10_000)
        bench.edit("units", edits.set_field(bench.document, "dense1", "units", 3))
        trained(qtbot, window, 20)
        side = compared(qtbot, window, 1)
        bench.select(("dense1",), ("dense1", 2))
        bench.hover_changed.emit("dense1", 2)
        for grain in ("node", "cell", "cell", "cell", "cell"):
            bench.step(grain)
            qtbot.waitUntil(lambda: bench.held, timeout=5000)
            qtbot.wait(60)
        assert not any(card.defect for card in (*side.scene_.cards.values(), *window.canvas.scene_.cards.values()))
        assert "units 3" in window.compare.head.settings.full_text()
        bench.session.send(commands.Compare())
        qtbot.waitUntil(lambda: window.compare.side is None, timeout=5000)
        assert not caplog.records


def test_it_closes_by_its_button_and_with_the_project(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        act = window.actions_["compare_end"]
        trained(qtbot, window, 100)
        assert not act.isEnabled()
        names = [action.text() for action in window.compare.menu().actions()]
        assert "This run at step 0" in names
        compared(qtbot, window, 1, 0)
        assert act.isEnabled()
        assert not window.compare.head.isHidden()
        bench = window.workbench
        bench.session.send(commands.ShowMoment(1, 0))
        qtbot.waitUntil(lambda: window.timeline.moment is not None, timeout=5000)
        track = window.timeline._tracks[0]
        window.timeline.menu(track).findChild(QAction, "branch_compare").trigger()
        qtbot.waitUntil(lambda: bench.snapshot.beside.moment.step == 100, timeout=5000)
        assert text(window, "compare_here_step") == "step 0"
        assert text(window, "compare_there_step") == "step 100"
        qtbot.mouseClick(window.findChild(QPushButton, "compare_close"), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.compare.side is None, timeout=5000)
        assert window.compare.head.isHidden()
        compared(qtbot, window, 1, 0)
        window.projects.show(documents.Project(documents.example("and")))
        qtbot.waitUntil(lambda: window.compare.side is None and window.workbench.snapshot.phase == "ready", timeout=10_000)
        assert not act.isEnabled()
        qtbot.waitUntil(lambda: not window.findChildren(SideView), timeout=5000)


def test_runs_of_other_starts_are_told_apart_by_their_seeds(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        trained(qtbot, window, 20)
        window.timeline.branching.new_start()
        qtbot.waitUntil(lambda: window.workbench.snapshot.run == 2, timeout=10_000)
        trained(qtbot, window, 20)
        compared(qtbot, window, 1)
        seeds = window.workbench.snapshot.seed, window.workbench.snapshot.beside.moment.seed
        assert seeds[0] != seeds[1]
        for head, seed in zip((window.compare.head, window.compare.other), seeds, strict=True):
            assert f"seed {seed}" in head.settings.full_text()


def test_the_curves_make_room_and_the_canvases_lie_as_shows_most(qtbot) -> None:
    with running_window(qtbot, "spiral", (1280, 800)) as window:
        trained(qtbot, window, 20)
        window.timeline.branching.fork()
        qtbot.waitUntil(lambda: window.workbench.snapshot.parent == 1, timeout=10_000)
        dock, alone = window.dock.height(), window.canvas.camera.zoom
        side = compared(qtbot, window, 1)
        window.canvas.fit_all(animated=False)
        qtbot.waitUntil(lambda: window.canvas.camera.zoom >= 0.6, timeout=5_000)  # side by side it was 0.45
        assert window.dock.isHidden()
        assert side.mapTo(window, QPoint()).y() > window.canvas.mapTo(window, QPoint()).y() + window.canvas.height() / 2  # below it
        large = window.canvas.camera.zoom
        cards = [card.scene_card() for card in window.canvas.scene_.cards.values()]
        assert all(window.canvas.camera.visible().contains(card) for card in cards)
        zoom = window.canvas.overlays.zoom
        there = window.canvas.mapToScene(zoom.geometry()).boundingRect()
        assert not any(card.intersects(there) for card in cards)
        window.findChild(QPushButton, "compare_curves").click()
        qtbot.waitUntil(lambda: window.dock.isVisible() and window.canvas.camera.zoom < large, timeout=5_000)
        window.findChild(QPushButton, "compare_curves").click()
        window.findChild(QPushButton, "compare_close").click()
        qtbot.waitUntil(lambda: not window.compare.comparing, timeout=10_000)
        qtbot.waitUntil(lambda: window.dock.height() == dock and window.canvas.camera.zoom == alone, timeout=5_000)


def test_differences_name_what_bears_on_the_numbers() -> None:
    one = documents.example("spiral")
    assert not differences(one, msgspec.structs.replace(one, title="Another"))
    assert not differences(one, edits.set_title(one, "hidden1" if "hidden1" in one.nodes else next(iter(one.nodes)), "x"))
    dense = next(id for id, node in one.nodes.items() if node.type == "Dense")
    two = edits.set_field(edits.set_training(one, learning_rate=0.5), dense, "units", 3)
    found = differences(one, two)
    assert [named.name.partition(":")[2].strip() or named.name for named in found] == ["learning rate", "units"]
    assert in_words(found, mine=False).endswith("units 3")
    assert "0.5" in in_words(found, mine=False)
    assert "0.5" not in in_words(found, mine=True)
    assert next(difference.name for difference in differences(one, edits.remove(one, dense))).endswith(":")
