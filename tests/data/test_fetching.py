"""Fetching, against servers on the loopback: no test touches the real network."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from playground.data import fetching
from playground.data.fetching import SOURCES, Remote, Source, fetch, fetch_from
from playground.errors import DataError

CONTENT = {"a.gz": bytes(range(256)) * 1000, "b.gz": b"labels" * 99}


class Server(ThreadingHTTPServer):
    """Serves :data:`CONTENT`; counts what it sends, and misbehaves as told."""

    def __init__(self, resumes: bool = True, corrupt: bool = False, cut: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.resumes, self.corrupt, self.cut, self.sent, self.requests = resumes, corrupt, cut, 0, 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        content = CONTENT[self.path[1:]]
        self.server.requests += 1
        first = 0
        if self.server.resumes and (wanted := self.headers.get("Range")):
            first = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[first:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.corrupt:
            body = body[:-1] + b"!"
        body = body[: self.server.cut]
        self.server.sent += len(body)
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def serve() -> Iterator[partial[Server]]:
    running: list[tuple[Server, threading.Thread]] = []

    def start(**options: object) -> Server:
        server = Server(**options)  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return server

    yield partial(start)
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join()


def source(folder: Path, *mirrors: str) -> Source:
    files = tuple(Remote(name, len(content), hashlib.sha256(content).hexdigest()) for name, content in CONTENT.items())
    return Source(lambda: folder / "set", mirrors, files)


def dead() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


def assert_complete(folder: Path) -> None:
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT


def test_passes_a_dead_and_a_corrupting_mirror(tmp_path: Path, serve: partial[Server]) -> None:
    seen: list[tuple[int, int]] = []
    bad, good = serve(corrupt=True), serve()
    folder = fetch_from(source(tmp_path, dead(), bad.url, good.url), lambda done, total: seen.append((done, total)))
    assert_complete(folder)
    assert bad.requests == good.requests == 2
    total = sum(map(len, CONTENT.values()))
    assert seen[-1] == (total, total)
    assert len(seen) > 4


@pytest.mark.parametrize("resumes", [True, False])
def test_resumes_a_broken_transfer(tmp_path: Path, serve: partial[Server], resumes: bool) -> None:
    cut = serve(cut=100_000)
    with pytest.raises(DataError, match=r"a\.gz: no mirror gave it .*100,000 of 256,000 bytes"):
        fetch_from(source(tmp_path, cut.url))
    whole = serve(resumes=resumes)
    assert_complete(fetch_from(source(tmp_path, whole.url)))
    total = sum(map(len, CONTENT.values()))
    assert whole.sent == (total - 100_000 if resumes else total)


def test_what_is_there_is_left_alone_and_damage_is_mended(tmp_path: Path, serve: partial[Server]) -> None:
    server = serve()
    folder = fetch_from(source(tmp_path, server.url))
    fetch_from(source(tmp_path, dead()))
    (folder / "b.gz").write_bytes(b"labelz" * 99)
    fetch_from(source(tmp_path, server.url))
    assert_complete(folder)
    assert server.requests == 3


def test_can_be_cancelled_and_goes_on_later(tmp_path: Path, serve: partial[Server]) -> None:
    def cancel(done: int, total: int) -> None:
        raise KeyboardInterrupt

    server = serve()
    with pytest.raises(KeyboardInterrupt):
        fetch_from(source(tmp_path, server.url), cancel)
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["a.gz.part"]
    assert_complete(fetch_from(source(tmp_path, server.url)))


def test_says_why_and_where_when_nothing_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT", 1.0)
    with pytest.raises(DataError, match=r"a\.gz: no mirror gave it .*refused.* or put the file into .*set yourself\."):
        fetch_from(source(tmp_path, dead()))
    (tmp_path / "set").rmdir()
    (tmp_path / "set").write_text("in the way")
    with pytest.raises(DataError, match="cannot write here"):
        fetch_from(source(tmp_path, dead()))


def test_sets_that_ship_are_not_fetched() -> None:
    with pytest.raises(DataError, match=r"'mnist' is not one to fetch\. Those are fashion-mnist\."):
        fetch("mnist")


def test_the_published_sums_are_whole() -> None:
    for remote in SOURCES["fashion-mnist"].files:
        assert len(bytes.fromhex(remote.sha256)) == 32
    assert sum(remote.size for remote in SOURCES["fashion-mnist"].files) == 30_878_645
