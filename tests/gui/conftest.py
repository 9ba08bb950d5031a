"""A virtual screen for each test, and the program on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from playground.paths import cache_folder
from tests.gui.xsession import XSession, missing_tools

REQUIRED = "PLAYGROUND_REQUIRE_WINDOW"
MAIN = Path(__file__).resolve().parents[2] / "main.py"
SIZE = (1600, 1000)
TITLE = "Network Playground"

Open = Callable[..., None]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[XSession]:
    """A screen of its own. Without the tools for one the test is skipped, or fails where PLAYGROUND_REQUIRE_WINDOW is set."""
    missing = missing_tools()
    if missing:
        words = f"a real window needs {', '.join(missing)}"
        if os.environ.get(REQUIRED):
            pytest.fail(words)
        pytest.skip(words)
    with XSession(*SIZE) as session:
        yield session
        session.screenshot(tmp_path / "last.png")  # what a failed test saw last; pytest keeps the folders of its last runs


def _laid_over(screen: XSession) -> bool:
    """Whether the map is of the window where it is now: a click by an older one would miss."""
    x, y, width, height = screen.map()["places"]["window"]
    return (width, height) == (SIZE[0] - 2, SIZE[1] - 24) and max(x, y) <= 4


@pytest.fixture
def open_window(screen: XSession, tmp_path: Path) -> Open:
    """Start ``main.py`` (with a file, perhaps) and lay its window over the screen."""

    def start(*arguments: object) -> None:
        screen.start(
            [sys.executable, str(MAIN), "--theme", "dark", *map(str, arguments)], PLAYGROUND_CACHE=str(cache_folder()), HOME=str(tmp_path)
        )
        window = screen.wait_window(TITLE)
        screen.xdo("windowmove", window, 0, 0)
        screen.xdo("windowsize", "--sync", window, SIZE[0] - 2, SIZE[1] - 24)
        screen.until(lambda: screen.has("train") and _laid_over(screen), 10, "the window wrote no map, or is not where it was put")

    return start
