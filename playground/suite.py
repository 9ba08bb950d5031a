"""``main.py test``: the whole suite two at a time, or what pytest's own arguments ask for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from playground.errors import PlaygroundError

ROOT = Path(__file__).resolve().parent.parent
FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
SOME_FAILED, INTERRUPTED = 1, 2
TOGETHER = ("--dist", "loadscope", "--cache-clear")
ALONE = ("--last-failed", "--last-failed-no-failures", "none", "-vv")
TURNS_ALONE = 2
"""A window that did not answer for its own sake does so each time; a machine that is busy for others, or its disk, seldom twice."""
AGAIN = "PLAYGROUND_TRIED_AGAIN"
"""Set where what failed is tried again: a test of the window then knows what was slow before (``tests/gui``)."""


def run(arguments: Sequence[str]) -> int:
    """pytest's exit code. With ``arguments`` they go to pytest as they are. Raises :class:`PlaygroundError` where pytest is not installed.

    Without, the tests run on two cores, the windows' own on one of them (``tests/conftest.py``). A test of speed or of patience may fail
    beside another, so what failed is run again by itself, named, twice at most, and that decides.
    """
    try:
        import pytest
    except ModuleNotFoundError as error:
        raise PlaygroundError("pytest is not installed.", remedy='Install it with: pip install -e ".[test]"') from error
    if arguments:
        return int(pytest.main(list(arguments)))
    workers = min(cores(), 2)
    code = _pytest(*(("-n", str(workers), *TOGETHER) if workers > 1 else ()))
    if workers > 1:
        for _ in range(TURNS_ALONE):
            if code == SOME_FAILED:
                print(f"\n== {len(failed())} failed; again by themselves", flush=True)
                code = _pytest(*ALONE)
    return code


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def failed() -> list[str]:
    """The tests that failed last, as pytest keeps them."""
    try:
        return sorted(json.loads(FAILED.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []


def _pytest(*arguments: str) -> int:
    try:
        environment = {**os.environ, AGAIN: "1" if "--last-failed" in arguments else ""}
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False).returncode
    except KeyboardInterrupt:  # pytest was interrupted as well, and has said so
        return INTERRUPTED
