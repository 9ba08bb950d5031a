"""The lens over the lower canvas: a perceptron's whole update side by side, where there is room, and only then."""

from __future__ import annotations

import pytest

from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture


def stand(window, qtbot, at: str) -> None:
    bench = window.workbench
    bench.set_pace("explain")
    bench.step("batch")
    qtbot.waitUntil(lambda: bench.snapshot.step >= 1 and bench.snapshot.trace is not None, timeout=60_000)
    window.canvas.player.hold(at)


@pytest.mark.usefixtures("state")
def test_a_perceptrons_update_stands_side_by_side_below_it(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.resize(1600, 1000)
        stand(window, qtbot, "backward:dense1:0")
        lens = window.lens
        assert not lens.isVisible()
        window.canvas.player.hold("update:dense1:weight[0,1]")
        qtbot.waitUntil(lens.isVisible, timeout=5000)
        shown = [block.block for block in lens.blocks]
        assert [block.title for block in shown] == ["Weight 1", "Weight 2", "Bias"]
        assert [block.aside for block in shown] == [True, False, True]
        assert tuple(shown) == window.explain.sheet.blocks
        assert [block.block.title for block in window.explain.view.shown()] == ["Weight 2"]
        cards = [window.canvas.mapFromScene(card.scene_card()).boundingRect() for card in window.canvas.scene_.cards.values()]
        assert not any(lens.geometry().intersects(card) for card in cards)
        assert not lens.geometry().intersects(window.canvas.overlays.zoom.geometry())
        assert not window.canvas.overlays.legends.isVisible()
        window.canvas.player.stop()
        qtbot.waitUntil(lambda: not lens.isVisible(), timeout=5000)
        assert window.canvas.overlays.legends.isVisible()


@pytest.mark.usefixtures("state")
def test_in_a_small_window_the_network_makes_room_for_it(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.resize(1280, 800)
        stand(window, qtbot, "backward:dense1:0")
        camera = window.canvas.camera
        center, zoom = camera.center, camera.zoom
        window.canvas.player.hold("update:dense1:weight[0,1]")
        qtbot.waitUntil(window.lens.isVisible, timeout=5000)
        cards = [window.canvas.mapFromScene(card.scene_card()).boundingRect() for card in window.canvas.scene_.cards.values()]
        assert not any(window.lens.geometry().intersects(card) for card in cards)
        assert camera.zoom > 0.9 * zoom
        raised = camera.center
        window.canvas.player.hold("forward:dense1:0")  # another step of a pass: the network stays where it is
        qtbot.waitUntil(lambda: not window.lens.isVisible(), timeout=5000)
        assert camera.center == raised
        window.canvas.player.stop()
        qtbot.waitUntil(lambda: camera.center == center and camera.zoom == zoom, timeout=5000)


@pytest.mark.usefixtures("state")
def test_without_room_the_panel_shows_all_of_it(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.resize(1024, 700)
        stand(window, qtbot, "update:dense1:weight[0,1]")
        assert not window.lens.isVisible()
        assert window.canvas.camera.below == 0
        assert len(window.explain.view.shown()) == 3


@pytest.mark.usefixtures("state")
def test_a_node_moved_under_it_sends_it_away(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.resize(1600, 1000)
        stand(window, qtbot, "update:dense1:weight[0,1]")
        qtbot.waitUntil(window.lens.isVisible, timeout=5000)
        camera = window.canvas.camera
        camera.look(camera.center, 2 * camera.zoom)
        assert not window.lens.isVisible()
        assert len(window.explain.view.shown()) == 3
