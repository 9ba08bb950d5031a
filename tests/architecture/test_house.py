"""The house keeps its shape: what lies at the top, how long files are, where colors live, how texts are written."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = {"main.py", "playground", "resources", "tests", "pyproject.toml", "README.md", "LICENSE"}
MOST_LINES = 400
COLOR = re.compile(r"[\"']#[0-9A-Fa-f]{6}[\"']")
COLOR_FILES = {"playground/ui/theme.py", "playground/anim/ramps.py", "playground/ui/icons.py"}
SHOWING = {"setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setStatusTip", "setAccessibleName", "addAction", "addMenu"}
WORD = re.compile(r"[A-Za-z]{2,}")


def sources() -> list[Path]:
    return sorted((ROOT / "playground").rglob("*.py"))


def untranslated(source: str) -> list[str]:
    """Literal words that are handed to a widget without ``tr``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWING:
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and WORD.search(argument.value):
                    found.append(f"line {node.lineno}: {argument.value!r}")
    return found


def test_the_top_level_is_fixed() -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a checkout, or no git to ask: other files may lie here")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    top = {path.split("/")[0] for path in listed}
    assert {name for name in top if not name.startswith(".")} <= TOP


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long


def test_colors_live_in_the_theme() -> None:
    strays = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.relative_to(ROOT).as_posix() not in COLOR_FILES and COLOR.search(path.read_text(encoding="utf-8"))
    ]
    assert not strays


def test_every_text_goes_through_tr() -> None:
    strays = {str(path.relative_to(ROOT)): lines for path in sources() if (lines := untranslated(path.read_text(encoding="utf-8")))}
    assert not strays


def test_an_untranslated_text_is_found() -> None:
    assert untranslated('label.setText("Train")')
    assert not untranslated('label.setText(self.tr("Train"))')
    assert not untranslated('label.setText("…")')


def test_no_thread_is_qt_s() -> None:
    """``ui/aside.py`` says why."""
    threads = re.compile(r"\bQ(Thread|ThreadPool|Runnable)\b")
    assert not [str(path.relative_to(ROOT)) for path in sources() if threads.search(path.read_text(encoding="utf-8"))]
