"""Data sets that do not ship: asked about when one is chosen, fetched in the background with progress, used once they are there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from playground import data
from playground.document import Document, edits
from playground.engine import commands
from playground.ui import datasets
from playground.ui.dialogs.messages import Message, show_error
from playground.ui.jobs import Jobs, Work
from playground.ui.workbench import Workbench

MEGABYTE = 1_000_000


class Fetching(QObject):
    """``changed`` is emitted when a data set has come."""

    changed = Signal()

    def __init__(self, workbench: Workbench, jobs: Jobs, window: QWidget) -> None:
        super().__init__(window)
        self._workbench, self._jobs, self._window = workbench, jobs, window
        self._under_way: set[str] = set()
        workbench.document_changed.connect(self._document_changed)

    def _document_changed(self, before: Document | None, after: Document) -> None:
        name = after.data.name
        if name and (before is None or before.data.name != name) and missing(name):
            self.offer(name)

    def offer(self, name: str) -> None:
        """Ask whether to fetch data set ``name``; nothing where it is on its way."""
        if name in self._under_way:
            return
        kind = data.get(name)
        box = Message(
            self._window,
            self.tr("Download {name}?").format(name=kind.title),
            [
                self.tr("{name} does not ship with the program: {size} MB are fetched once and checked.").format(
                    name=kind.title, size=round(missing(name) / MEGABYTE)
                ),
                self.tr("You can go on working meanwhile."),
            ],
            [("fetch", self.tr("Download")), ("fetch_later", self.tr("Not now"))],
            name="fetch_question",
        )
        box.ask(lambda answer: self._fetch(name) if answer == "fetch" else None)

    def use(self, name: str) -> None:
        """Choose data set ``name``, which asks where it is missing; where it is chosen already and missing, ask again."""
        document = self._workbench.document
        if document.data.name != name:
            self._workbench.edit(self.tr("Data: {name}").format(name=data.get(name).title), edits.set_data(document, name))
        elif missing(name):
            self.offer(name)

    def _fetch(self, name: str) -> None:
        title = data.get(name).title
        self._under_way.add(name)

        def ended() -> None:
            self._under_way.discard(name)

        def stopped() -> None:
            ended()
            self._workbench.notice.emit(self.tr("The download was canceled; the next one goes on where it stopped."))

        def done(_: object) -> None:
            ended()
            datasets.forget_failures()
            self.changed.emit()
            self._workbench.notice.emit(self.tr("{name} is here: checked, and kept for the next time.").format(name=title))
            if self._workbench.document.data.name == name:  # the worker could not load it until now
                self._workbench.session.send(commands.SetDocument(self._workbench.document))

        def failed(error: Exception) -> None:
            ended()
            what = self.tr("{name} could not be downloaded.").format(name=title)
            safe = self.tr("What has come is kept. Your network is as it was; another data set trains at once.")
            show_error(self._window, what, error, safe)

        work = Work(self.tr("downloading {name}").format(name=title), stopped)
        self._jobs.run_apart(lambda: data.fetch(name, work.report), done, failed, work)


def missing(name: str) -> int:
    """Bytes of data set ``name`` that are still to be fetched; 0 where it ships, or is there."""
    return data.missing(name) if name in data.names() else 0
