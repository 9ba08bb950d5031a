"""PySide6 6.12.0 on Python 3.11 drops a reference to ``None`` with every call that returns it, and aborts after thousands.

A later release is let in only when it passes this.
"""

from __future__ import annotations

import sys

import pytest

qt_gui = pytest.importorskip("PySide6.QtGui", exc_type=ModuleNotFoundError)

CALLS = 50_000
SLACK = 2_000


def test_calls_that_return_none_keep_its_count() -> None:
    pen = qt_gui.QPen()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        pen.setWidth(1)
    assert abs(sys.getrefcount(None) - before) < SLACK
