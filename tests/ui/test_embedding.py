"""The embedding's page and the way from a confusion cell to a sample, on the real window and session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from playground.engine.live import commands
from playground.engine.live.snapshot import Cloud, Evaluation
from playground.ui.panels.embedding_picture import CloudPicture
from playground.ui.panels.gallery import evaluated, tiles
from playground.ui.theme import DARK, LIGHT
from playground.ui.window import Window
from tests.ui.shell_support import running_window

RNG = np.random.default_rng(2)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_STATE", str(tmp_path / "state"))


@pytest.fixture
def window(qtbot) -> Iterator[Window]:
    with running_window(qtbot, "digits", (1280, 800)) as shown:
        shown.workbench.session.send(commands.Step("batch", 200))
        qtbot.waitUntil(lambda: shown.workbench.snapshot.step >= 200, timeout=60_000)
        task = shown.dock.task
        qtbot.waitUntil(lambda: task._datasets.get(shown.workbench.document.data) is not None)
        yield shown


def cloud(points: np.ndarray, labels: np.ndarray, step: int = 1) -> Cloud:
    return Cloud("dense1", "validation", step, np.arange(len(points)) * 3, points, labels, labels, 0.5)


def pixels(picture: CloudPicture) -> np.ndarray:
    image = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


# -- the page
def test_it_is_asked_for_only_while_it_is_seen(window: Window, qtbot) -> None:
    bench, task = window.workbench, window.dock.task
    assert bench.snapshot.cloud is None
    window.actions_["embedding"].trigger()
    qtbot.waitUntil(lambda: task.embedding.picture.cloud is not None, timeout=10_000)
    assert task.embedding.picture.cloud.node == "dense1"
    task.embedding.layers.setCurrentIndex(task.embedding.layers.findData("input1"))
    qtbot.waitUntil(lambda: task.embedding.picture.cloud is not None and task.embedding.picture.cloud.node == "input1", timeout=10_000)
    task.show_view("task")
    qtbot.waitUntil(lambda: bench.snapshot.cloud is None)


def test_a_point_leads_to_its_sample(window: Window, qtbot) -> None:
    bench, task = window.workbench, window.dock.task
    task.show_view("embedding")
    qtbot.waitUntil(lambda: task.embedding.picture.cloud is not None, timeout=10_000)
    picture = task.embedding.picture
    place = picture.places_of()[5]
    at = picture.nearest(QPointF(*place))
    QTest.mouseMove(picture, QPoint(*place.round().astype(int).tolist()))
    qtbot.waitUntil(lambda: task.embedding.sample.values is not None)
    index = int(picture.cloud.indices[at])
    assert f"#{index}" in task.embedding.sample.head
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(*place.round().astype(int).tolist()))
    qtbot.waitUntil(lambda: bench.snapshot.trace.split == "validation")
    assert bench.snapshot.trace.index == index
    assert int(bench.snapshot.trace.target) == picture.cloud.labels[at]


def test_it_moves_while_training(window: Window, qtbot) -> None:
    bench, task = window.workbench, window.dock.task
    task.show_view("embedding")
    qtbot.waitUntil(lambda: task.embedding.picture.cloud is not None, timeout=10_000)
    step = task.embedding.picture.cloud.step
    bench.train()
    qtbot.waitUntil(lambda: task.embedding.picture.cloud.step > step, timeout=10_000)
    bench.pause()


def test_the_words_give_the_share_and_the_wrong_ones(window: Window, qtbot) -> None:
    task = window.dock.task
    task.show_view("embedding")
    qtbot.waitUntil(lambda: task.embedding.picture.cloud is not None, timeout=10_000)
    found = task.embedding.picture.cloud
    wrong = int((found.predicted != found.labels).sum())
    assert f"{found.share:.1%}" in task.embedding.words.text()
    assert f"{wrong} ringed" in task.embedding.words.text()


# -- the picture
def test_points_lie_where_their_numbers_say(qtbot) -> None:
    picture = CloudPicture(DARK)
    qtbot.addWidget(picture)
    picture.resize(300, 150)
    points = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [-2.0, -1.0]])
    picture.show_cloud(cloud(points, np.array([0, 1, 0, 1])), ("a", "b"))
    places = picture.places_of()
    np.testing.assert_allclose(places[0], [150, 75])
    right, up = places[1] - places[0], places[2] - places[0]
    assert right[0] == pytest.approx(-2 * up[1])  # one scale on both axes, up is plus
    assert right[1] == up[0] == 0
    assert picture.nearest(QPointF(*places[3])) == 3
    assert picture.nearest(QPointF(299, 2)) == -1


def test_another_number_is_another_picture_and_a_theme_too(qtbot) -> None:
    picture = CloudPicture(DARK)
    qtbot.addWidget(picture)
    picture.resize(300, 150)
    points = RNG.standard_normal((60, 2))
    labels = RNG.integers(0, 3, 60)
    picture.show_cloud(cloud(points, labels), ("a", "b", "c"))
    before = pixels(picture)
    moved = points.copy()
    moved[7] += 0.5
    picture.show_cloud(cloud(moved, labels), ("a", "b", "c"))
    assert not np.array_equal(before, pixels(picture))
    dark = pixels(picture)
    picture.set_theme(LIGHT)
    assert not np.array_equal(dark, pixels(picture))
    right = pixels(picture)
    picture.show_cloud(replace(cloud(moved, labels), predicted=(labels + 1) % 3), ("a", "b", "c"))
    assert not np.array_equal(right, pixels(picture))  # the wrong ones are ringed


def test_the_scale_does_not_jump(qtbot) -> None:
    """A cloud that shrinks is followed slowly, one that grows at once."""
    picture = CloudPicture(DARK)
    qtbot.addWidget(picture)
    picture.resize(300, 150)
    points, labels = RNG.standard_normal((200, 2)), np.zeros(200, int)
    picture.show_cloud(cloud(points, labels), ("a",))
    spread = np.ptp(picture.places_of(), axis=0)
    picture.show_cloud(cloud(points * 0.5, labels, 2), ("a",))
    smaller = np.ptp(picture.places_of(), axis=0)
    assert (smaller < 0.6 * spread).all()
    picture.show_cloud(cloud(points * 2, labels, 3), ("a",))
    assert (np.ptp(picture.places_of(), axis=0) > 0.9 * spread).all()


# -- from a cell of the matrix to a sample
def test_a_cell_shows_its_pictures_and_one_goes_through_the_network(window: Window, qtbot) -> None:
    bench, task = window.workbench, window.dock.task
    qtbot.waitUntil(lambda: task.confusion.matrix is not None and bench.snapshot.evaluation.step == bench.snapshot.step)
    place = task.confusion.cell_rect(3, 3).center().toPoint()
    QTest.mouseClick(task.confusion, Qt.MouseButton.LeftButton, pos=place)
    dataset = task._datasets.get(bench.document.data)
    evaluation = bench.snapshot.evaluation
    assert len(task.gallery._tiles) == evaluation.confusion[3, 3]
    flat = evaluation.predictions.reshape(len(evaluation.predictions), -1).argmax(axis=1)
    for tile in task.gallery._tiles:
        assert dataset.validation.y[tile.index] == 3
        assert flat[tile.index] == 3
    QTest.mouseClick(task.gallery, Qt.MouseButton.LeftButton, pos=task.gallery.tile_rect(0).center().toPoint())
    wanted = task.gallery._tiles[0].index
    qtbot.waitUntil(lambda: bench.snapshot.trace.split == "validation" and bench.snapshot.trace.index == wanted)
    assert int(bench.snapshot.trace.target) == 3


def test_more_than_fit_come_by_the_wheel(window: Window, qtbot) -> None:
    gallery = window.dock.task.gallery
    gallery.show_cell(0, 0)
    qtbot.waitUntil(lambda: len(gallery._tiles) > 12)
    seen = [tile.index for tile, _ in gallery._fitting()]
    assert len(seen) < len(gallery._tiles)
    for _ in range(100):
        qtbot.mouseMove(gallery)
        gallery._scroll(1)
    last = [tile.index for tile, _ in gallery._fitting()]
    assert last[-1] == gallery._tiles[-1].index
    assert not set(seen) & set(last) or len(gallery._tiles) < 2 * len(seen)


def test_a_limited_evaluation_is_of_samples_spread_over_the_split() -> None:
    """Ten of forty samples: the third prediction is of sample 8, not of sample 2."""
    labels = np.arange(40) % 4
    predictions = np.eye(4)[labels[evaluated(10, 40)]]
    shown = Evaluation("train", 1, 0.1, 1.0, predictions=predictions)
    for wanted in range(4):
        found = tiles(shown, (wanted, wanted), labels, 0.5)
        assert [tile.index for tile in found] == [row for row in evaluated(10, 40) if labels[row] == wanted]
    np.testing.assert_array_equal(evaluated(10, 40), np.arange(10) * 4)
    np.testing.assert_array_equal(evaluated(7, 7), np.arange(7))
