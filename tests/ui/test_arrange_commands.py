"""Cutting, freezing, aligning and distributing by command: in the menu, in the command list, undoable, refused in words."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QMenu

from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")

HIDDEN = ("dense1", "dense2", "dense3")


def boxes(window: Window) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, width and height of each card at full size."""
    document, sizes = window.workbench.document, window.canvas.scene_.full_sizes()
    return {id: (*document.nodes[id].position, *sizes[id]) for id in HIDDEN}


def run(window: Window, name: str) -> dict[str, tuple[float, float, float, float]]:
    window.actions_[name].trigger()
    return boxes(window)


EDGES = {
    "align_left": lambda x, y, w, h: x,
    "align_center": lambda x, y, w, h: x + w / 2,
    "align_right": lambda x, y, w, h: x + w,
    "align_top": lambda x, y, w, h: y,
    "align": lambda x, y, w, h: y + h / 2,
    "align_bottom": lambda x, y, w, h: y + h,
}


def test_each_alignment_puts_the_cards_on_one_line_and_is_one_undo_step(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        window.canvas.editor.move({"dense1": (0.0, 0.0), "dense2": (240.0, 80.0), "dense3": (480.0, 24.0)})
        bench.select(HIDDEN)
        before, steps = bench.document, bench.undo_stack.count()
        for name, edge in EDGES.items():
            lines = [edge(*box) for box in run(window, name).values()]
            assert max(lines) - min(lines) <= 8, name  # places are on the grid of 8
            assert bench.document != before, name
            assert bench.undo_stack.count() == steps + 1, name
            bench.undo_stack.undo()
            assert bench.document == before, name


def test_gaps_become_equal(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        window.canvas.editor.move({"dense1": (0.0, 0.0), "dense2": (160.0, 520.0), "dense3": (800.0, 1600.0)})
        window.workbench.select(HIDDEN)
        before = window.workbench.document
        for name, at in (("gaps_across", 0), ("gaps_down", 1)):
            first, second, third = sorted(run(window, name).values(), key=lambda box: box[at])
            gaps = second[at] - first[at] - first[at + 2], third[at] - second[at] - second[at + 2]
            assert abs(gaps[0] - gaps[1]) <= 16, name
            assert window.workbench.document != before, name
            window.workbench.undo_stack.undo()


def test_too_few_nodes_are_refused_in_words(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench, said = window.workbench, []
        bench.notice.connect(said.append)
        bench.select(("dense1", "dense2"))
        steps = bench.undo_stack.count()
        window.actions_["gaps_across"].trigger()
        bench.select(("dense1",))
        window.actions_["align_left"].trigger()
        bench.select(("input1",))
        window.actions_["freeze"].trigger()
        assert ["at least 3" in said[0], "at least 2" in said[1], "weights" in said[2]] == [True] * 3
        assert bench.undo_stack.count() == steps


def test_cut_and_freeze_by_command(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.select(("dense2",))
        window.actions_["freeze"].trigger()
        assert bench.document.nodes["dense2"].frozen
        window.actions_["freeze"].trigger()
        assert not bench.document.nodes["dense2"].frozen
        window.actions_["cut"].trigger()
        assert "dense2" not in bench.document.nodes
        assert "dense2" in QApplication.clipboard().text()
        bench.undo_stack.undo()
        assert "dense2" in bench.document.nodes


def test_all_of_them_are_in_the_menu(qtbot) -> None:
    with running_window(qtbot) as window:
        menus = {menu.title(): {action.objectName() for action in menu.actions()} for menu in window.bar.menu.menu().findChildren(QMenu)}
        assert {"action_cut", "action_freeze"} <= menus["Edit"]
        assert {f"action_{name}" for name in (*EDGES, "gaps_across", "gaps_down", "tidy")} <= menus["Arrange"]
