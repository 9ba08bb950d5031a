"""The import block of the core's part of `main.py test` works: with it, Qt is not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(code: str) -> subprocess.CompletedProcess[str]:
    block = "import tests.conftest\n"
    environment = {**os.environ, "PLAYGROUND_WITHOUT_QT": "1"}
    return subprocess.run([sys.executable, "-c", block + code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_core_imports() -> None:
    code = "import playground.engine, playground.document, playground.data, playground.export, playground.anim.stages, playground.cli"
    result = run(code)
    assert result.returncode == 0, result.stderr


def test_the_block_can_fail() -> None:
    result = run("import playground.ui.theme")
    assert result.returncode != 0
    assert "blocked for this run" in result.stderr
