"""``main.py test``: the whole suite, two processes at a time, or what pytest's own arguments ask for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO

from playground.errors import PlaygroundError

ROOT = Path(__file__).resolve().parent.parent
CACHE = ".pytest_cache"
PASSED, SOME_FAILED, INTERRUPTED, DIED = 0, 1, 2, 3
"""pytest's exit codes; with the last of them it says of itself that it broke."""
ALONE = ("--last-failed", "--last-failed-no-failures", "none", "-vv")
TURNS_ALONE = 2
"""A window that did not answer for its own sake does so each time; a machine that is busy for others, or its disk, seldom twice."""
AGAIN = "PLAYGROUND_TRIED_AGAIN"
"""Set where what failed is tried again: a test of the window then knows what was slow before (``tests/gui``)."""
WITHOUT_QT = "PLAYGROUND_WITHOUT_QT"
"""Set where Qt cannot be imported (``tests/conftest.py``)."""
ENDED = "PLAYGROUND_TESTS_ENDED"
"""Names the file in which pytest writes its exit code at its end: a process that ends in the middle of a test writes none."""


@dataclass(frozen=True)
class Part:
    """Tests that one process runs, one after another: ``arguments`` choose them."""

    name: str
    arguments: tuple[str, ...]
    qt: bool

    @property
    def cache(self) -> Path:
        """pytest's own: parts that run at a time would write over each other's failures."""
        return ROOT / CACHE / self.name

    @property
    def ended(self) -> Path:
        """Where pytest says that it came to its end."""
        return self.cache.with_name(f"{self.name}-ended")

    @property
    def failed(self) -> list[str]:
        """The tests that failed last, as pytest keeps them."""
        try:
            return sorted(json.loads((self.cache / "v/cache/lastfailed").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return []


FOLDERS = ("tests/gui", "tests/ui")
VIEWS = "not slow and not gui and not window"
PARTS = (
    Part("windows", (*FOLDERS, "-m", "not slow and (gui or window)"), qt=True),
    Part("core", ("tests", *(f"--ignore={folder}" for folder in FOLDERS), "-p", "no:pytest-qt"), qt=False),
    Part("views a-l", (*FOLDERS, "-m", VIEWS, "--ignore-glob=tests/ui/test_[m-z]*"), qt=True),
    Part("views m-z", ("tests/ui", "-m", VIEWS, "--ignore-glob=tests/ui/test_[!m-z]*"), qt=True),
)
"""Two run at a time, in this order: the longest first, and the views in halves, so that both ends come at one time. Windows share the
cores badly with each other, and two of them at a time would measure each other's stalls: one part has them all. The core does without
Qt, which its process cannot import."""


def run(arguments: Sequence[str]) -> int:
    """pytest's exit code. With ``arguments`` they go to pytest as they are. Raises :class:`PlaygroundError` where pytest is not installed.

    Without, the parts run two at a time, the first one's output as it comes, the others' at the end. A test of speed or of
    patience may fail beside another, so what failed is run again by itself, named, twice at most, and that decides.
    """
    try:
        import pytest
    except ModuleNotFoundError as error:
        raise PlaygroundError("pytest is not installed.", remedy='Install it with: pip install -e ".[test]"') from error
    if arguments:
        return int(pytest.main(list(arguments)))
    if cores() == 1:
        return _worst([_ended(part, _begun(part, "--cache-clear")) for part in PARTS])
    codes = dict(zip(PARTS, _beside(), strict=True))
    for _ in range(TURNS_ALONE):
        if _worst(codes.values()) == SOME_FAILED:
            for part in [part for part, code in codes.items() if code == SOME_FAILED]:
                print(f"\n== {part.name}: {len(part.failed)} failed; again by themselves", flush=True)
                codes[part] = _ended(part, _begun(part, *ALONE))
    return _worst(codes.values())


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _worst(codes: Iterable[int]) -> int:
    """The code of a part that did not come to its end, if there is one; then that of failures."""
    return max(codes, key=lambda code: (code not in (PASSED, SOME_FAILED), code))


def _beside() -> list[int]:
    """The parts' codes, in their order. Where one is interrupted, none is begun any more."""
    interrupted = Event()

    def one(part: Part, said: IO[bytes] | None) -> int:
        if interrupted.is_set():
            return INTERRUPTED
        code = _ended(part, _begun(part, "--cache-clear", stdout=said))
        if code == INTERRUPTED:
            interrupted.set()
        return code

    first, *others = PARTS
    with ExitStack() as files, ThreadPoolExecutor(2) as two:
        said = [files.enter_context(tempfile.TemporaryFile()) for _ in others]
        print(f"== {first.name}; beside them {', then '.join(part.name for part in others)}, shown at the end", flush=True)
        codes = list(two.map(one, PARTS, [None, *said]))
        for part, file in zip(others, said, strict=True):
            file.seek(0)
            print(f"\n== {part.name}\n{file.read().decode(errors='replace')}", flush=True)
    return codes


def _begun(part: Part, *arguments: str, stdout: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    part.ended.unlink(missing_ok=True)
    told = {AGAIN: "1" if "--last-failed" in arguments else "", WITHOUT_QT: "" if part.qt else "1", ENDED: str(part.ended)}
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={part.cache}", *part.arguments, *arguments]
    errors = None if stdout is None else subprocess.STDOUT
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told}, stdout=stdout, stderr=errors)


def _ended(part: Part, process: subprocess.Popen[bytes]) -> int:
    """pytest's code, once it has ended."""
    try:
        code = process.wait()
    except KeyboardInterrupt:  # pytest was interrupted as well, and has said so
        process.wait()
        return INTERRUPTED
    if code < 0 or not part.ended.exists():
        print(f"\n== {part.name}: the process ended in the middle of the tests (exit code {code})", flush=True)
        return DIED
    return code
