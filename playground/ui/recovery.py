"""What a killed window left behind: found, offered, and taken up again or thrown away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from playground.document import Project
from playground.ui import autosave, file_stamp
from playground.ui.autosave import Left
from playground.ui.dialogs.messages import Message

if TYPE_CHECKING:
    from playground.ui.projects import Projects


class Recovery(QObject):
    """Asks, reads off the UI thread, and hands over to the projects."""

    def __init__(self, projects: Projects, window: QWidget) -> None:
        super().__init__(projects)
        self._projects, self._window = projects, window

    def offer(self, of: Path | None = None) -> None:
        """Look for what a killed window left behind (``of`` the project in this file alone), and ask whether to take it up."""
        self._projects.jobs.run(lambda: autosave.left_behind(of), lambda left: self._ask(left, of), lambda _: None)

    def _ask(self, left: list[Left], of: Path | None) -> None:
        if not left or of not in (None, self._projects.path):  # another project may have been opened meanwhile
            return
        latest, minutes = left[0], int(left[0].seconds_ago // 60)
        ago = self.tr("{minutes} min ago").format(minutes=minutes) if minutes else self.tr("moments ago")
        box = Message(
            self._window,
            self.tr("Restore “{name}”?").format(name=latest.title),
            [
                self.tr("The window ended without saving. What it had was kept {ago}.").format(ago=ago),
                self.tr("Your saved file, if there is one, is untouched."),
            ],
            [("recover", self.tr("Restore")), ("recover_discard", self.tr("Discard")), ("recover_later", self.tr("Later"))],
            name="recovery_question",
        )

        def answered(answer: str) -> None:
            if answer == "recover":
                self._recover(latest)
            elif answer == "recover_discard":
                self._forget(latest)

        box.ask(answered)

    def _recover(self, left: Left) -> None:
        projects = self._projects
        stopped = self.tr("Opening was canceled: it is offered again next time.")
        work = projects.work(self.tr("opening {name}").format(name=left.title), stopped)

        def done(read: tuple[file_stamp.Stamp | None, Project]) -> None:
            # what was done since the window came up, also while this was read, is asked about; the kept one goes once it is kept anew
            projects.leave(lambda: projects.take_up(read[1], left.path, read[0], lambda: self._forget(left)))

        what = self.tr("What was kept could not be read.")
        projects.jobs.run(lambda: autosave.read(left, work.report), done, lambda error: projects.failed(what, error), work)

    def _forget(self, left: Left) -> None:
        self._projects.jobs.run(lambda: autosave.forget(left), lambda _: None, lambda _: None)
