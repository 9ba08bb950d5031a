"""A language model by a real hand: dragged, given a text, trained, its gates watched, made to write, truncated, its cell swapped."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.gui.conftest import Open
from tests.gui.test_first_session import Gaps, steps, wire
from tests.gui.test_keyboard import command
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui

LAYERS = {"input1": "Input", "embedding1": "Embedding", "lstm1": "LSTM", "dense1": "Dense", "output1": "Output"}
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
SYMBOLS = 71
"""Of As You Like It: what the network answers with."""


def test_a_text_from_the_palette(screen: XSession, open_window: Open, tmp_path: Path) -> None:
    gaps = Gaps(screen)
    open_window()
    with gaps.phase("build"):
        build(screen)
    screen.screenshot(tmp_path / "built.png")
    with gaps.phase("train"):
        screen.click(screen.point("train"))
        screen.until(lambda: steps(screen) > 60, 60, f"it stands at step {steps(screen)}")
    with gaps.phase("watch"):
        watch_the_gates(screen)
    screen.screenshot(tmp_path / "gates.png")
    with gaps.phase("write"):
        write(screen)
    screen.screenshot(tmp_path / "written.png")
    screen.key("Escape")
    with gaps.phase("bracket"):
        screen.until(lambda: steps(screen) > 250, 60, f"it stands at step {steps(screen)}")
        screen.click(screen.point("train"))
        drag_the_bracket(screen)
    with gaps.phase("swap"):
        see_the_norms_fall(screen)
    screen.screenshot(tmp_path / "swapped.png")
    gaps.check()


def build(screen: XSession) -> None:
    """Five nodes and four wires; a text; what is wrong then is mended by the button beside it."""
    for at, (id, layer) in enumerate(LAYERS.items()):
        screen.drag(screen.reach(f"palette/{layer}", "palette_scroll"), screen.point("canvas", 0.1 + 0.2 * at, 0.5))
        screen.until(lambda id=id: screen.has(f"node/{id}"), 5, f"{id} is not on the canvas")
    for source, target in pairwise(LAYERS):
        wire(screen, source, target)
    screen.click(screen.point("search"))
    screen.type("as you like it")
    screen.click(screen.point("palette/as-you-like-it"))
    screen.click(screen.point("train"))
    for remedy in ("Output at every step", f"Set units to {SYMBOLS}"):
        screen.until(lambda remedy=remedy: screen.text("fix/0") == remedy, 5, f"{remedy!r} is not offered")
        screen.click(screen.point("fix/0"))
    screen.until(lambda: not screen.has("problem/0"), 5, "problems are left")


def watch_the_gates(screen: XSession) -> None:
    """While it trains the strip's cells change their color: they are those of the weights that train."""
    screen.click(screen.point("node/lstm1", 0.5, 0.06))
    screen.key("u")
    screen.until(lambda: screen.has("unrolled/row5"), 10, "it did not unroll")
    places = [screen.point(f"unrolled/row{row}", 0.05, 0.02 + 0.96 * part / 40) for row in (1, 5) for part in range(40)]
    before, at = screen.colors(places), steps(screen)
    screen.until(lambda: steps(screen) > at + 100, 60, "it does not train on")
    screen.until(lambda: screen.colors(places) != before, 10, "the gates stand still")


def write(screen: XSession) -> None:
    """The text begins as it is told to, and is written anew with the weights that training has come to."""
    command(screen, "generate")
    screen.until(lambda: "symbols written" in screen.text("lab_generate_figures") and written(screen) > 40, 20, "nothing was written")
    screen.click(screen.point("lab_generate_start"))
    screen.type("ORLANDO")
    screen.key("Return")
    screen.until(lambda: written(screen) < 20, 20, "it does not begin anew")
    screen.until(lambda: written(screen) > 40, 20, f"{written(screen)} symbols are written")


def written(screen: XSession) -> int:
    """How many symbols the network has written so far."""
    return int(screen.text("lab_generate_figures").partition(" ")[0] or 0)


def drag_the_bracket(screen: XSession) -> None:
    start, row = screen.point("unrolled/bracket"), screen.rect("unrolled/row0")
    screen.drag(start, (round(row[0] + row[2] * 0.5), start[1]))
    screen.until(lambda: screen.text("field/lstm1/truncate").isdigit(), 5, f"it reads {screen.text('field/lstm1/truncate')!r}")
    assert 10 < int(screen.text("field/lstm1/truncate")) < 64
    screen.key("ctrl+z")
    screen.until(lambda: not screen.text("field/lstm1/truncate").isdigit(), 5, "the truncation was not undone")


def weaker(screen: XSession) -> float:
    """How much weaker an error is at the first step than where it comes in, as the strip says it; 0 where it says nothing (yet)."""
    said = screen.text("unrolled_comparison")
    if said.startswith("nothing reaches"):
        return math.inf
    found = re.search(r"([\d.,]+)(?:×10([⁰¹²³⁴⁵⁶⁷⁸⁹]+))? times weaker", said)
    if found is None:
        return 0.0
    return float(found[1].replace(",", "")) * 10.0 ** int((found[2] or "0").translate(RAISED))


def see_the_norms_fall(screen: XSession) -> None:
    """Trained on as a plain RNN, which keeps no cell state: what comes to the first step falls far below what the gates let through."""
    gated = screen.until(lambda: weaker(screen), 20, f"of the way back it says {screen.text('unrolled_comparison')!r}")
    screen.click(screen.point("cell_SimpleRNN"))
    screen.until(lambda: screen.text("field/lstm1/cell") == "SimpleRNN", 5, "it was not swapped")
    screen.until(lambda: not screen.has("unrolled/row1"), 20, "the strip still has gates")
    stood = steps(screen)
    screen.click(screen.point("train"))
    screen.until(lambda: steps(screen) > stood + 200, 60, "it does not train on")
    screen.until(lambda: weaker(screen) > 10 * gated, 30, f"gates: {gated:g} times weaker; then {screen.text('unrolled_comparison')!r}")
    screen.click(screen.point("train"))
