"""Everything that can be pressed, typed into or chosen from says what it does when the pointer rests on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QToolTip,
    QWidget,
)

from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
TAKES = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit)
DIALOGS = ("gradients", "sweep", "commands", "own_data", "lab_surface")
PLAIN = {"Close"}


def silent(root: QWidget) -> list[str]:
    """What takes a press or a key in this window and says nothing of it. Parts that Qt makes inside a field are the field's."""
    found = [widget for widget in root.findChildren(QWidget) if isinstance(widget, TAKES) and widget.window() is root]
    found = [widget for widget in found if widget.isVisible() and not widget.toolTip()]
    found = [widget for widget in found if not isinstance(widget.parentWidget(), QComboBox | QLineEdit)]
    return [widget.objectName() or type(widget).__name__ for widget in found if getattr(widget, "text", str)() not in PLAIN]


def test_every_control_is_explained_and_a_chart_over_its_title_alone(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        for chosen in ((), ("input1",), ("dense1",), ("output1",)):
            window.workbench.select(chosen)
            assert not silent(window), chosen
        for name in DIALOGS:
            before = set(QApplication.topLevelWidgets())
            window.actions_[name].trigger()
            qtbot.wait(1)
            opened = [widget for widget in set(QApplication.topLevelWidgets()) - before if widget.isVisible() and widget.isWindow()]
            opened = [widget for widget in opened if not isinstance(widget, QFileDialog)] or [
                widget for widget in QApplication.topLevelWidgets() if widget is not window and widget.isVisible()
            ]
            assert opened, name
            for widget in opened:
                assert not silent(widget), name
                widget.reject() if isinstance(widget, QDialog) else widget.close()
        chart = window.dock.charts.charts["gradient_norm"]
        for y, told in ((80, False), (8, True)):
            at = QPoint(40, y)
            QApplication.sendEvent(chart, QHelpEvent(QEvent.Type.ToolTip, at, chart.mapToGlobal(at)))
            assert (chart.accessibleDescription() == QToolTip.text()) is told
        QToolTip.hideText()
