"""Every command can be found and run by Ctrl+K, and every key stands in the list under F1."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from playground.document import Project, example
from playground.ui.dialogs.commands import CommandList
from playground.ui.dialogs.help import Help
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def test_the_list_runs_each_command_that_can_be_run(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        actions = window.actions_
        window.workbench.select(tuple(window.workbench.document.nodes)[1:3])
        ran: list[str] = []
        commands = [command for command, _ in actions if command.name not in ("quit", "commands")]
        for name in (command.name for command in commands):
            actions[name].triggered.connect(lambda *_, name=name: ran.append(name))
        for command in commands:
            enabled = actions[command.name].isEnabled()
            box = CommandList(actions, window)
            box.open()
            box.search.setText(command.text)
            rows = [box.list.item(row) for row in range(box.list.count()) if not box.list.item(row).isHidden()]
            mine = [item for item in rows if item.data(Qt.ItemDataRole.UserRole) is actions[command.name]]
            assert len(mine) == enabled, command.name
            if mine:
                box.list.setCurrentItem(mine[0])
                qtbot.keyClick(box.search, Qt.Key.Key_Return)
                assert ran[-1] == command.name
            else:
                box.reject()
            for dialog in window.findChildren(QDialog):  # what it opened
                if dialog.isVisible():
                    dialog.reject()
        assert len(ran) > 30


def test_what_is_no_command_is_said_to_be_found_elsewhere(qtbot) -> None:
    with running_window(qtbot, "hello") as window:
        box = CommandList(window.actions_, window)
        box.open()
        box.search.setText("alice")
        assert box.nothing.isVisible()
        box.search.setText("train")
        assert not box.nothing.isVisible()
        box.reject()
        unrolled = window.canvas.overlays.unrolled
        qtbot.waitUntil(lambda: unrolled.open("lstm1"), timeout=10_000)
        window.projects.show(Project(example("alice")))
        assert not unrolled.node, "another example's node of the same name is unrolled"


def test_every_key_is_listed_under_f1(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        box = Help(window.actions_, None, window)
        listed = [label.text() for label in box.findChildren(QLabel)]
        for command, action in window.actions_:
            assert command.tip in action.toolTip() or command.text in action.toolTip(), command.name
            if command.keys:
                assert window.actions_.keys_of(command) in listed, command.name
                assert command.tip in listed, command.name
        box.close()
        QApplication.processEvents()


def test_what_is_found_by_its_name_comes_first(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        box = CommandList(window.actions_, window)
        box.open()
        box.search.setText("weight")
        shown = [box.list.item(row).text() for row in range(box.list.count()) if not box.list.item(row).isHidden()]
        named = ["weight" in text.lower() for text in shown]
        assert any(named)
        assert named == sorted(named, reverse=True)
        assert box.list.currentItem().text() == shown[0]
        box.search.clear()
        commands = [f"{command.group}: {command.text}" for command, action in window.actions_ if action.isEnabled()]
        assert [box.list.item(row).text() for row in range(box.list.count())] == [text for text in commands if "All commands" not in text]
        box.close()
