"""An error that nothing caught is told in the window, once at a time, and the window goes on."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from playground.ui.app import Unexpected
from playground.ui.dialogs.messages import Message


def test_an_uncaught_error_is_told_once_at_a_time(qtbot, capsys: pytest.CaptureFixture[str]) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    hook = Unexpected(window)
    for text in ("the first", "the second"):
        error = ValueError(text)
        hook(ValueError, error, None)
    (box,) = window.findChildren(Message)
    assert "the first" in capsys.readouterr().err
    box.accept()
    hook(ValueError, ValueError("the third"), None)
    assert sum(shown.isVisible() for shown in window.findChildren(Message)) == 1


def test_an_interrupt_is_not_a_box(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    Unexpected(window)(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not window.findChildren(Message)
