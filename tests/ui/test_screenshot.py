"""A picture of the real window, without a screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QPixmap

from playground.document import example
from playground.document.edits import set_training
from playground.errors import FileError, PlaygroundError
from playground.ui import screenshot
from playground.ui.app import screen_missing
from playground.ui.window import Window


def test_a_trained_window_is_saved(qtbot, tmp_path: Path) -> None:
    out = tmp_path / "shot.png"
    assert screenshot.main(example("xor"), out, steps=30, at="backward:dense1", size=(1280, 800), theme="light") == 0
    picture = QImage(str(out))
    assert (picture.width(), picture.height()) == (1280, 800)
    colors = {picture.pixelColor(x, y).name() for x in range(0, 1280, 7) for y in range(0, 800, 7)}
    assert len(colors) > 20


@pytest.mark.parametrize("at", [None, "update:dense1"])
def test_the_canvas_shows_the_step_that_was_trained_to(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str | None) -> None:
    """A pass of the first step, still being played when the last one comes, is not the picture."""
    seen = []
    grab = Window.grab

    def noting(window: Window) -> QPixmap:
        seen.append((window.canvas.scene_.snapshot.step, window.canvas.scene_.snapshot.trace.index))
        return grab(window)

    monkeypatch.setattr(Window, "grab", noting)
    document = example("and")
    screenshot.main(document, tmp_path / "shot.png", steps=7, at=at, size=(1024, 700))
    assert seen == [(7, (7 - 1) % 4)]


@pytest.mark.parametrize(("at", "steps"), [("forward:dense1:1", 12), ("backward:dense1:2", 40), ("update:dense1:weight[1,0]", 12)])
def test_the_same_steps_give_the_same_picture_to_the_pixel(qtbot, tmp_path: Path, at: str, steps: int) -> None:
    """Weights and numbers repeat anyhow; curves and checkpoints too must go by steps, not by the clock."""
    pictures = [tmp_path / "one.png", tmp_path / "two.png"]
    for out in pictures:
        screenshot.main(example("xor"), out, steps=steps, at=at, size=(1280, 800))
    assert QImage(str(pictures[0])) == QImage(str(pictures[1]))


def test_a_fork_is_made_changed_and_trained_as_far(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    grab = Window.grab

    def noting(window: Window) -> QPixmap:
        seen.append((window.workbench.snapshot, window.workbench.document))
        return grab(window)

    monkeypatch.setattr(Window, "grab", noting)
    screenshot.main(
        example("xor"), tmp_path / "a.png", steps=24, fork=12, change=lambda document: set_training(document, learning_rate=0.125)
    )
    ((shown, document),) = seen
    (first,) = shown.runs
    assert (first.step, shown.step) == (24, 24)
    assert shown.parent == first.run
    assert 8 < shown.forked_at < 16
    assert document.training.learning_rate == 0.125
    assert first.document.training.learning_rate == 0.5


def test_a_stage_that_does_not_exist_is_named(qtbot, tmp_path: Path) -> None:
    with pytest.raises(PlaygroundError, match="nowhere"):
        screenshot.main(example("xor"), tmp_path / "shot.png", at="nowhere")


def test_a_recurrent_layer_is_unrolled(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    grab = Window.grab

    def noting(window: Window) -> QPixmap:
        seen.append((window.canvas.overlays.unrolled.node, window.canvas.overlays.unrolled.isVisible()))
        return grab(window)

    monkeypatch.setattr(Window, "grab", noting)
    assert screenshot.main(example("parity"), tmp_path / "shot.png", size=(1024, 700), unroll="lstm1") == 0
    assert seen == [("lstm1", True)]
    with pytest.raises(PlaygroundError, match="dense1"):
        screenshot.main(example("and"), tmp_path / "shot.png", size=(1024, 700), unroll="dense1")


def test_a_place_that_cannot_be_written_is_an_error(qtbot, tmp_path: Path) -> None:
    with pytest.raises(FileError):
        screenshot.main(example("xor"), tmp_path / "none" / "shot.png", size=(1024, 700))


def test_a_painter_that_fails_is_said_and_told_by_the_exit_code(
    qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no ink")

    monkeypatch.setattr("playground.ui.painters.dense.DensePainter.paint", broken)
    out = tmp_path / "shot.png"
    assert screenshot.main(example("xor"), out, size=(1024, 700)) == 1
    assert "dense1 cannot be drawn: ValueError: no ink" in capsys.readouterr().err
    assert out.exists()


def test_a_missing_screen_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "screenshot" in screen_missing()
    monkeypatch.setenv("DISPLAY", ":0")
    assert screen_missing() == ""


def test_the_window_comes_up_without_numba() -> None:
    code = "import playground.ui.app, sys; print(any(name.split('.')[0] in ('numba', 'llvmlite', 'ziamath') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
