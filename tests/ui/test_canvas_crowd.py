"""Many cards: a few of their pictures are drawn anew in a frame, and all of them in the end."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from playground.ui.canvas.edges import EdgeItem, Edges
from playground.ui.canvas.sprite import Sprite
from playground.ui.in_turn import CROWD
from tests.ui.canvas_support import crowd, snapshot

NODES = 60


@pytest.fixture
def crowded(open_canvas, qtbot):
    """A canvas of 60 Dense layers with values, all drawn; and the sprites drawn since, a set for each paint event."""
    view = open_canvas()
    view.workbench.replace(crowd(NODES))
    view.workbench.snapshot = snapshot(view.workbench.document, seed=1)
    view.feed()
    settle(view, qtbot)
    return view


def settle(view, qtbot) -> None:
    """Wait until every picture there is has been drawn."""
    sprites = [*view.scene_.cards.values(), *view.scene_.edges.values()]
    qtbot.waitUntil(lambda: not any(sprite._stale for sprite in sprites if not sprite.boundingRect().isEmpty()))


@pytest.fixture
def frames(monkeypatch):
    """The sprites drawn in each paint event."""
    seen: list[list[Sprite]] = [[]]
    whole = Sprite._developed

    def developed(self, *arguments):
        seen[-1].append(self)
        return whole(self, *arguments)

    monkeypatch.setattr(Sprite, "_developed", developed)
    return seen


def picture(view) -> np.ndarray:
    """The canvas's pixels, int (rows, columns, 4)."""
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)


def test_new_values_are_drawn_over_several_frames_and_then_stand_for_all(crowded, frames, qtbot, monkeypatch):
    view = crowded
    begin = view.scene_.darkroom.begin_frame
    monkeypatch.setattr(view.scene_.darkroom, "begin_frame", lambda: (frames.append([]), begin()))
    view.workbench.snapshot = snapshot(view.workbench.document, seed=2, serial=2)
    view.feed()
    assert view.scene_.darkroom.busy
    settle(view, qtbot)
    drawn = [sprite for frame in frames for sprite in frame]
    assert set(drawn) >= set(view.scene_.cards.values())
    assert len(drawn) == len(set(drawn))  # nothing twice
    assert sum(1 for frame in frames if frame) >= 4

    kept = picture(view)
    for sprite in (*view.scene_.cards.values(), *view.scene_.edges.values()):
        sprite.refresh(urgent=True)
    assert np.abs(picture(view) - kept).max() <= 2  # nothing stale was left on the screen


def test_pictures_that_fill_a_turn_are_drawn_a_part_a_turn_and_shown_together(open_canvas, frames, qtbot, monkeypatch):
    view = open_canvas("lenet5")
    picture(view)
    frames[:] = [[]]
    begin = view.scene_.darkroom.begin_frame
    monkeypatch.setattr(view.scene_.darkroom, "begin_frame", lambda: (frames.append([]), begin()))
    view.workbench.snapshot = snapshot(view.workbench.document, seed=1)
    view.feed()
    cards = list(view.scene_.cards.values())
    for card in cards:
        card.cost = 0.004
    view._feeding.hold()
    assert not view.updatesEnabled()
    qtbot.waitUntil(view.updatesEnabled)
    drawn = [[sprite for sprite in frame if sprite in cards] for frame in frames]
    assert sorted(id(card) for frame in drawn for card in frame) == sorted(map(id, cards))  # all of them, and nothing twice
    assert len([frame for frame in drawn if frame]) >= 3
    assert len(drawn[-1]) <= 3, "what is left for the painting of all"

    kept = picture(view)
    for card in cards:
        card.refresh(urgent=True)
    assert np.abs(picture(view) - kept).max() <= 2


def test_a_few_cards_are_drawn_at_once(open_canvas, frames):
    view = open_canvas("spiral")
    view.workbench.snapshot = snapshot(view.workbench.document, seed=1)
    view.feed()
    frames.append([])
    picture(view)
    assert set(frames[-1]) >= set(view.scene_.cards.values())
    assert not view.scene_.darkroom.busy


def test_a_zoom_shows_the_pixels_there_are_and_sharpens_them_when_it_stands(crowded, frames, qtbot):
    view = crowded
    frames.append([])
    view.camera.look(view.camera.center, view.camera.zoom * 1.3)
    picture(view)
    assert frames[-1] == []
    qtbot.waitUntil(lambda: len(set(frames[-1])) > CROWD)
    qtbot.waitUntil(lambda: not view.scene_.darkroom.busy)
    zooms = {card._kept.zoom for card in view.scene_.cards.values() if card._kept is not None}
    assert view.camera.zoom in zooms


def test_the_hovered_card_does_not_wait_for_its_turn(crowded, frames):
    view = crowded
    view.workbench.snapshot = snapshot(view.workbench.document, seed=3, serial=3)
    view.feed()
    card = view.scene_.cards["dense60"]
    frames.append([])
    view._hover.move(card.scene_card().center() + QPointF(0, card.card.height() / 2 - 10))
    picture(view)
    assert card in frames[-1]
    assert len(frames[-1]) < NODES / 2


def test_moving_one_card_leaves_the_others_edges_alone(crowded, frames, qtbot):
    view = crowded
    frames.append([])
    view.editor.move({"dense30": (0.0, 2900.0)})
    settle(view, qtbot)
    assert {sprite for frame in frames for sprite in frame if isinstance(sprite, EdgeItem)} == {
        item for wire, item in view.scene_.edges.items() if "dense30" in (wire.source, wire.target)
    }


def test_the_wires_of_a_crowd_that_comes_find_their_way_in_a_turn_of_their_own(crowded, qtbot):
    """Till then the canvas keeps its pixels, and what was edited meanwhile is not forgotten."""
    view = crowded
    before = set(view.scene_.wires)
    view.editor.select_all()
    view.editor.duplicate()
    new = [item for wire, item in view.scene_.wires.items() if wire not in before]
    assert len(new) > CROWD
    assert not view.updatesEnabled()
    assert all(item.path.isEmpty() for item in new)
    view.editor.move({"dense1": (0.0, 2900.0)})
    qtbot.waitUntil(view.updatesEnabled)
    assert not any(item.path.isEmpty() for item in new)
    ends = {wire: item.path.pointAtPercent(1) for wire, item in view.scene_.wires.items()}
    assert all((end - view.scene_._ends(wire)[1]).manhattanLength() < 1e-6 for wire, end in ends.items())


def test_edges_of_cards_that_moved_run_where_they_would_be_made_anew(crowded):
    """They are not worked out again, only carried along."""
    view, bundles = crowded, crowded.scene_.bundles
    moved = ["dense30", "dense31", "dense32"]
    view.editor.move({id: (40.0 + 16 * at, 2900.0 - 8 * at) for at, id in enumerate(moved)})
    wires = [wire for wire in view.scene_.edges if {wire.source, wire.target} & set(moved)]
    assert len(wires) == 4
    for wire in wires:
        shown = view.scene_.edges[wire].edges
        pairs = list(zip(shown.units.tolist(), shown.sources.tolist(), strict=True))
        assert len(pairs) == 64
        np.testing.assert_allclose(shown.lines, bundles.lines(wire, pairs), atol=1e-9)


def test_ports_are_looked_through_once_however_many_wires_become_edges(open_canvas, monkeypatch):
    """Once for each wire they took a hundred nodes 100 ms."""
    view = open_canvas()
    view.workbench.replace(crowd(9))
    seen = []
    find = view.scene_.hide_bundled_ports
    monkeypatch.setattr(view.scene_, "hide_bundled_ports", lambda: (seen.append(1), find()))
    view.workbench.snapshot = snapshot(view.workbench.document)
    view.feed()
    assert sum(item.weighted for item in view.scene_.wires.values()) == 10
    assert len(seen) == 1
    assert view.scene_.cards["dense3"].state.hidden_inputs


def test_a_crowd_takes_the_last_of_several_sizes_and_that_once(crowded, qtbot, monkeypatch):
    """A window that arranges itself gives its canvas up to five."""
    view, asked = crowded, []
    wide, high = view.width(), view.height()
    compact = view.scene_.set_compact
    monkeypatch.setattr(view.scene_, "set_compact", lambda low: (asked.append(low), compact(low)))
    for less in (200, 100, 50, 20):
        view.resize(wide - less, high - less)
    assert asked == []
    qtbot.waitUntil(lambda: bool(asked))
    assert len(asked) == 1
    assert view.camera.zoom == view.camera.fitting(view.scene_.content())[1]


def test_a_canvas_that_is_dragged_from_size_to_size_sharpens_its_pictures_when_it_rests(open_canvas, frames, qtbot):
    view = open_canvas("spiral", size=(760, 628))  # narrower than the network is at full size
    view.workbench.snapshot = snapshot(view.workbench.document, seed=1)
    view.feed()
    picture(view)
    cards = set(view.scene_.cards.values())
    qtbot.wait(300)
    for _ in range(6):
        frames.append([])
        view.resize(view.width() - 20, view.height())
        picture(view)
    assert set(frames[-6]) >= cards, "another size is drawn at once"
    assert frames[-3:] == [[], [], []]
    qtbot.waitUntil(lambda: set(frames[-1]) >= cards)
    kept = picture(view)
    for sprite in (*cards, *view.scene_.edges.values()):
        sprite.refresh(urgent=True)
    assert np.abs(picture(view) - kept).max() <= 2


def test_edges_of_a_crowd_come_some_a_turn_and_all_in_the_end(open_canvas, qtbot):
    view = open_canvas()
    view.workbench.replace(crowd(2 * CROWD + 6))
    view.workbench.snapshot = snapshot(view.workbench.document, seed=1)
    view.feed()
    bundles, edges = view.scene_.bundles, view.scene_.edges
    assert sum(len(item.edges) > 0 for item in edges.values()) == CROWD
    qtbot.waitUntil(lambda: all(len(item.edges) for item in edges.values()))
    assert all(view.scene_.wires[wire].weighted for wire in edges)
    for wire, item in edges.items():
        pairs = list(zip(item.edges.units.tolist(), item.edges.sources.tolist(), strict=True))
        np.testing.assert_array_equal(item.edges.weights, bundles.weight(wire)[item.edges.units, item.edges.sources])
        np.testing.assert_allclose(item.edges.lines, bundles.lines(wire, pairs), atol=1e-9)


def test_a_removed_card_is_forgotten(crowded, qtbot):
    view = crowded
    view.workbench.select(("dense30",))
    card = view.scene_.cards["dense30"]
    card.refresh()
    view.editor.remove()
    qtbot.wait(100)
    assert card not in view.scene_.darkroom._all
    assert card not in view.scene_.darkroom._waiting
    assert card.scene() is None


def test_edges_that_moved_keep_no_pixels_of_where_they_were(crowded):
    item = next(edge for edge in crowded.scene_.edges.values() if len(edge.edges) and edge._kept is not None)
    there = item.edges
    item.show_edges(Edges(there.lines + 4000.0, there.weights, there.units, there.sources))
    assert item._kept is None  # drawn outside the item's box, they would stay on the screen
