"""A data set that does not ship: offered by palette, menu and key, fetched in the background, canceled, refused in words."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QPushButton, QWidget

from playground import data
from playground.data import fetching as source
from playground.data.fetching import Remote
from playground.document import Project, edits
from playground.ui.dialogs.commands import CommandList
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
NAME = "fashion-mnist"


def idx(array: np.ndarray) -> bytes:
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), 1)


def content() -> dict[str, bytes]:
    """As Fashion-MNIST, with fewer pictures."""
    rng = np.random.default_rng(0)
    train, test = rng.integers(0, 256, (5100, 28, 28)), rng.integers(0, 256, (50, 28, 28))
    names = [file.name for file in source.SOURCES[NAME].files]
    arrays = (train, np.arange(5100) % 10, test, np.arange(50) % 10)
    return {name: idx(array) for name, array in zip(names, arrays, strict=True)}


class Server(ThreadingHTTPServer):
    """Serves ``files``; after each 100 kB it waits for ``go``."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.go = files, threading.Event()
        self.daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        body = self.server.files[self.path[1:]]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for start in range(0, len(body), 100_000):
            try:
                self.wfile.write(body[start : start + 100_000])
            except OSError:
                return
            if start + 100_000 < len(body):
                self.server.go.wait(10)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


def point_to(monkeypatch: pytest.MonkeyPatch, folder: Path, mirror: str, files: dict[str, bytes]) -> None:
    remotes = tuple(Remote(name, len(body), hashlib.sha256(body).hexdigest()) for name, body in files.items())
    monkeypatch.setitem(source.SOURCES, NAME, replace(source.SOURCES[NAME], mirrors=(mirror,), files=remotes))
    monkeypatch.setenv("PLAYGROUND_CACHE", str(folder))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    files = content()
    made = Server(files)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    point_to(monkeypatch, tmp_path / "cache", f"http://127.0.0.1:{made.server_address[1]}/", files)
    yield made
    made.go.set()
    made.shutdown()
    made.server_close()
    thread.join()


def by_click(qtbot, window: Window) -> None:
    qtbot.mouseClick(window.findChild(QWidget, f"palette/{NAME}"), Qt.MouseButton.LeftButton)


def by_enter(qtbot, window: Window) -> None:
    row = next(row for row in window.palette_.rows if row.entry.name == NAME)
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Return)


def by_command(qtbot, window: Window) -> None:
    box = CommandList(window.actions_, window)
    box.open()
    box.search.setText("fashion")
    qtbot.keyClick(box.search, Qt.Key.Key_Return)


def by_menu(qtbot, window: Window) -> None:
    action = next(action for action in window.bar.menu.menu().actions() if action is window.actions_["fetch"])
    action.trigger()


def answer(qtbot, window: Window, button: str) -> None:
    qtbot.waitUntil(lambda: window.findChild(QDialog, "fetch_question") is not None)
    box = window.findChild(QDialog, "fetch_question")
    assert "4 MB" in " ".join(label.text() for label in box.findChildren(QLabel))
    box.findChild(QPushButton, button).click()


def by_inspector(qtbot, window: Window) -> None:
    box = window.inspector.editor("data", "name").widget
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(NAME))
    box.activated.emit(box.currentIndex())


@pytest.mark.parametrize("ask", [by_click, by_enter, by_command, by_menu, by_inspector])
def test_it_is_fetched_and_trains(qtbot, server: Server, ask: Callable[..., None]) -> None:
    server.go.set()
    with running_window(qtbot, "mnist-mlp") as window:
        row = next(row for row in window.palette_.rows if row.entry.name == NAME)
        assert "download" in row.toolTip()
        ask(qtbot, window)
        answer(qtbot, window, "fetch")
        assert window.workbench.document.data.name == "mnist"  # until the other is there
        with qtbot.waitSignal(window.fetching.changed, timeout=20_000):
            pass
        assert data.missing(NAME) == 0
        assert "download" not in row.toolTip()
        assert window.workbench.document.data.name == NAME
        bench = window.workbench
        qtbot.waitUntil(lambda: bench.snapshot.phase in ("ready", "paused"), timeout=30_000)
        bench.step("batch")
        qtbot.waitUntil(lambda: bench.snapshot.step == 1, timeout=30_000)


def test_it_shows_progress_and_is_canceled_at_once(qtbot, server: Server, tmp_path: Path) -> None:
    with running_window(qtbot, "mnist-mlp") as window:
        by_click(qtbot, window)
        answer(qtbot, window, "fetch")
        status = window.status
        qtbot.waitUntil(lambda: status.progress.isVisible() and 0 < status.progress.value() < status.progress.maximum(), timeout=10_000)
        assert "Fashion-MNIST" in status.work.text()
        with qtbot.waitSignal(window.workbench.notice, timeout=1_000) as said:  # though the server does not go on
            status.cancel.click()
        assert "canceled" in said.args[0]
        assert data.missing(NAME) > 0
        server.go.set()
        window.actions_["fetch"].trigger()
        answer(qtbot, window, "fetch")
        with qtbot.waitSignal(window.fetching.changed, timeout=20_000):
            pass


def test_without_a_network_it_is_said_what_failed_and_what_to_do(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    point_to(monkeypatch, tmp_path / "cache", f"http://127.0.0.1:{port}/", content())
    with running_window(qtbot, "mnist-mlp") as window:
        by_click(qtbot, window)
        answer(qtbot, window, "fetch")
        qtbot.waitUntil(lambda: window.findChild(QDialog, "error_dialog") is not None, timeout=10_000)
        words = " ".join(label.text() for label in window.findChild(QDialog, "error_dialog").findChildren(QLabel))
        assert "Fashion-MNIST could not be downloaded" in words
        assert "refused" in words
        assert "Try again later, or put the file into" in words


def test_not_now_leaves_the_choice_and_says_nothing_more(qtbot, server: Server) -> None:
    with running_window(qtbot, "mnist-mlp") as window:
        by_click(qtbot, window)
        answer(qtbot, window, "fetch_later")
        assert not window.projects.jobs.shown
        assert window.workbench.document.data.name == "mnist"
        assert window.findChild(QDialog, "fetch_question") is None or not window.findChild(QDialog, "fetch_question").isVisible()


def test_a_project_with_a_set_that_is_missing_is_asked_about_and_kept(qtbot, server: Server) -> None:
    server.go.set()
    with running_window(qtbot, "mnist-mlp") as window:
        bench = window.workbench
        window.projects.show(Project(edits.set_data(bench.document, NAME)))
        answer(qtbot, window, "fetch")
        assert bench.document.data.name == NAME
        with qtbot.waitSignal(window.fetching.changed, timeout=20_000):
            pass
        qtbot.waitUntil(lambda: bench.snapshot.phase == "ready", timeout=30_000)
