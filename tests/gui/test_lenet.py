"""A LeNet-like network by a real hand: dragged, wired, trained on MNIST, asked about a drawn 7, and stepped through by keyboard."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.gui.conftest import Open
from tests.gui.test_draw import SEVEN, stroke
from tests.gui.test_first_session import Gaps, accuracy, enter, wire
from tests.gui.test_keyboard import command
from tests.gui.test_step_inside import stands_at
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui

LAYERS = {
    "input1": ("Input", 0.12, 0.3),
    "conv2d1": ("Conv2D", 0.37, 0.3),
    "maxpool2d1": ("MaxPool2D", 0.62, 0.3),
    "conv2d2": ("Conv2D", 0.87, 0.3),
    "maxpool2d2": ("MaxPool2D", 0.12, 0.75),
    "flatten1": ("Flatten", 0.37, 0.75),
    "dense1": ("Dense", 0.62, 0.75),
    "output1": ("Output", 0.87, 0.75),
}
KERNEL, MAP = 3, 26
"""Rows and columns of the kernel that the palette gives, and of the map that it makes of a digit."""
MIDDLE = 13
"""The column of that map which no digit leaves without ink."""


def test_a_lenet_from_the_palette(screen: XSession, open_window: Open, tmp_path: Path) -> None:
    gaps = Gaps(screen)
    open_window()
    with gaps.phase("build"):
        build(screen)
    screen.screenshot(tmp_path / "built.png")
    with gaps.phase("train"):
        screen.click(screen.point("train"))
        screen.until(lambda: accuracy(screen) > 0.9, 40, f"validation accuracy stayed at {accuracy(screen)}")
    with gaps.phase("draw"):
        screen.click(screen.point("task_tab/draw"))
        screen.until(lambda: screen.has("draw_pad"), 5, "no pad")
        stroke(screen, SEVEN)  # while it trains
        screen.until(lambda: screen.text("draw/best") == "7", 10, f"it reads {screen.text('draw/best')!r}")
        screen.click(screen.point("train"))
        assert float(screen.text("draw/answer/7")) > 0.5
    screen.screenshot(tmp_path / "drawn.png")
    with gaps.phase("step"):
        slide_the_kernel(screen, tmp_path)
        see_the_winner(screen)
    screen.screenshot(tmp_path / "winner.png")
    gaps.check()


def build(screen: XSession) -> None:
    """Eight nodes and seven wires, ten units before Output, and the data."""
    for id, (layer, x, y) in LAYERS.items():
        screen.drag(screen.reach(f"palette/{layer}", "palette_scroll"), screen.point("canvas", x, y))
        screen.until(lambda id=id: screen.has(f"node/{id}"), 5, f"{id} is not on the canvas")
    for source, target in pairwise(LAYERS):
        wire(screen, source, target)
    screen.click(screen.point("node/dense1", 0.5, 0.06))
    enter(screen, "field/dense1/units", "10")
    screen.click(screen.point("search"))
    screen.type("mnist")
    screen.click(screen.point("palette/mnist"))


def number(words: str) -> float:
    """What a printed number says."""
    return float(words.replace("\N{MINUS SIGN}", "-").replace("≈", ""))  # ≈0: too small for its places


def half(words: str) -> float:
    """How far a printed number is from what it stands for, at most: half of its last place."""
    if words == "≈0":
        return 0.05  # it may have been written to one decimal only
    return 0.5 * 10.0 ** -len(words.partition(".")[2]) if words != "0" else 0.0


def grid(screen: XSession, name: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A grid of the lens as it is printed, and how far each number may be from what it stands for."""
    unit = 1e-3 if screen.text(f"lens/{name}") == "in 10⁻³" else 1.0
    words = [[screen.text(f"lens/{name}/{row},{column}") for column in range(size)] for row in range(size)]
    values, errors = (np.array([[read(one) for one in row] for row in words]) for read in (number, half))
    return unit * values, unit * errors


def stand(screen: XSession, row: int, column: int) -> None:
    """Wait until pass and lens are at this position of the first convolution's first map."""
    stands_at(screen, "Forward", f"conv2d1, map 1, row {row}, column {column} ")
    screen.until(lambda: screen.text("lens/note") == f"row {row}, column {column}", 5, f"the lens is at {screen.text('lens/note')!r}")
    assert screen.text("lens/title").startswith("conv2d1, map 1")


def slide_the_kernel(screen: XSession, folder: Path) -> None:
    """By keyboard to the convolution and on, number by number; where the kernel meets ink, the lens's numbers make its sum."""
    command(screen, "tidy")
    screen.key("alt+1")
    command(screen, "step by node")
    screen.key("Right")
    stands_at(screen, "Forward", "input1")
    command(screen, "step by cell")
    screen.key("Right")
    stand(screen, 1, 1)
    kernel, off = grid(screen, "kernel", KERNEL)
    screen.key("Right")
    stand(screen, 1, 2)
    screen.key("Left")
    stand(screen, 1, 1)
    row, on = 1, MIDDLE - 1
    while True:
        screen.xdo("key", "--delay", 15, "--repeat", on, "Right")
        stand(screen, row, MIDDLE)
        patch, patch_off = grid(screen, "patch", KERNEL)
        if patch.max() >= 0.5:
            break
        row, on = row + 1, MAP
        assert row <= MAP, "the kernel met no ink"
    screen.screenshot(folder / "kernel.png")
    assert (grid(screen, "kernel", KERNEL)[0] == kernel).all(), "it is one kernel at all places"
    products, products_off = grid(screen, "products", KERNEL)
    slack = patch_off * np.abs(kernel) + off * np.abs(patch) + patch_off * off + 1e-9
    assert (np.abs(products - patch * kernel) <= slack + products_off).all()
    names = ("sum", "+ bias", "z")
    (total, bias, z), rounded = ([read(screen.text(f"lens/line/{name}")) for name in names] for read in (number, half))
    assert total == pytest.approx((patch * kernel).sum(), abs=slack.sum() + rounded[0])
    assert z == pytest.approx(total + bias, abs=sum(rounded) + 1e-9)
    assert number(screen.text("lens/pixel")) == z


def see_the_winner(screen: XSession) -> None:
    """On to the pool: the largest number under the window is ringed, and is the pixel that it makes."""
    screen.key("shift+Right")
    stands_at(screen, "Forward", "maxpool2d1")
    screen.until(lambda: screen.text("lens/title").startswith("maxpool2d1"), 5, f"the lens shows {screen.text('lens/title')!r}")
    row, column = (int(at) for at in screen.text("lens/winner").split(","))
    patch, off = grid(screen, "patch", 2)
    assert patch[row, column] == patch.max()
    for name in ("line/largest", "pixel"):
        words = screen.text(f"lens/{name}")
        assert number(words) == pytest.approx(patch.max(), abs=off.max() + half(words) + 1e-9)
