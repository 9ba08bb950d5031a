"""Imports go down only. Each rule of ``pyproject.toml`` is held, and each is shown to be able to fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", LINT, "--no-cache"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "playground", tmp_path / "playground", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_rules_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "rule"),
    [
        ("document/model.py", "import playground.engine.trace", "Imports go down only"),
        ("data/spec.py", "import playground.layers.spec", "Imports go down only"),
        ("engine/trace.py", "import playground.ui.theme", "Imports go down only"),
        ("engine/timeline/records.py", "import playground.engine.live.snapshot", "Rooms of the engine"),
        ("layers/spec.py", "import numba", "Only kernels knows numba"),
        ("anim/cursor.py", "import PySide6", "Only ui knows Qt"),
        ("bootstrap.py", "import playground.paths", "Set-up stands alone"),
    ],
)
def test_each_rule_can_fail(copy: Path, module: str, line: str, rule: str) -> None:
    path = copy / "playground" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    result = lint(copy)
    assert result.returncode != 0
    assert any(rule in shown and "BROKEN" in shown for shown in result.stdout.splitlines()), result.stdout
