"""Data sets that do not ship: asked about when one is chosen, fetched in the background with progress, used once they are there. Those
of the user's own files are asked for (``own_files.py``)."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from playground import data
from playground.document import DataSettings, Document, edits
from playground.engine.live import commands
from playground.ui import datasets
from playground.ui.dialogs.messages import Message, show_error
from playground.ui.jobs import Jobs, Work
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

MEGABYTE = 1_000_000


class Fetching(QObject):
    """``changed`` is emitted when a data set has come.

    A set that is not there is not chosen yet: the network would be shown with the names of one set over the pictures of another.
    """

    changed = Signal()

    def __init__(self, workbench: Workbench, jobs: Jobs, window: QWidget) -> None:
        super().__init__(window)
        self._workbench, self._jobs, self._window = workbench, jobs, window
        self._under_way: set[str] = set()
        self._index, self._rose = 0, False
        workbench.undo_stack.indexChanged.connect(self._index_changed)
        workbench.document_changed.connect(self._document_changed)

    def _index_changed(self, index: int) -> None:
        self._rose, self._index = index > self._index, index

    def _document_changed(self, before: Document, after: Document) -> None:
        """However it was chosen (in the inspector, by redo, with a project): ask."""
        self._rose = False
        name = after.data.name
        if name and before.data.name != name and (missing(name) or unknown(after.data)):
            QTimer.singleShot(0, lambda: self._chosen(name))

    def _chosen(self, name: str) -> None:
        settings = self._workbench.document.data
        if settings.name == name:
            if self._rose:  # by an edit, which is taken back until the set is there; a project just opened has none
                self._workbench.undo_stack.undo()
            if unknown(settings):
                self._workbench.files_wanted.emit()
            else:
                self.offer(name)

    def offer(self, name: str) -> None:
        """Ask whether to fetch data set ``name``; nothing where it is on its way."""
        if name in self._under_way:
            return
        kind = data.get(name)
        box = Message(
            self._window,
            self.tr("Download {name}?").format(name=declared(kind.title)),
            [
                self.tr("{name} does not ship with the program: {size} MB are fetched once and checked.").format(
                    name=declared(kind.title), size=round(missing(name) / MEGABYTE)
                ),
                self.tr("You can go on working meanwhile."),
            ],
            [("fetch", self.tr("Download")), ("fetch_later", self.tr("Not now"))],
            name="fetch_question",
        )
        chosen = self._workbench.document.data
        box.ask(lambda answer: self._fetch(name, chosen) if answer == "fetch" else None)

    def use(self, name: str) -> None:
        """Choose data set ``name``; ask first where it is missing."""
        if missing(name):
            self.offer(name)
        else:
            title = declared(data.get(name).title)
            self._workbench.edit(self.tr("Data: {name}").format(name=title), edits.set_data(self._workbench.document, name))

    def _fetch(self, name: str, chosen: DataSettings) -> None:
        """``chosen`` was the data set when the user asked: where it still is, the new one takes its place."""
        title = declared(data.get(name).title)
        self._under_way.add(name)

        def ended() -> None:
            self._under_way.discard(name)

        def stopped() -> None:
            ended()
            self._workbench.notice.emit(self.tr("The download was canceled; the next one goes on where it stopped."))

        def done(_: object) -> None:
            ended()
            datasets.forget_failures()
            now = self._workbench.document
            if now.data.name == name:  # a project that was opened with it: the worker could not load it until now
                self._workbench.session.send(commands.SetDocument(now))
            elif now.data == chosen:
                self.use(name)
            self.changed.emit()
            self._workbench.notice.emit(self.tr("{name} is here: checked, and kept for the next time.").format(name=title))

        def failed(error: Exception) -> None:
            ended()
            what = self.tr("{name} could not be downloaded.").format(name=title)
            safe = self.tr("What has come is kept. Your network is as it was; another data set trains at once.")
            show_error(self._window, what, error, safe)

        work = Work(self.tr("downloading {name}").format(name=title), stopped)
        self._jobs.run_apart(lambda: data.fetch(name, work.report), done, failed, work)


def unknown(settings: DataSettings) -> bool:
    """Whether the data lie in files of the user's own that nobody has chosen yet."""
    return settings.name in data.names() and data.get(settings.name).own and not settings.options.get("path")


def missing(name: str) -> int:
    """Bytes of data set ``name`` that are still to be fetched; 0 where it ships, or is there."""
    return data.missing(name) if name in data.names() else 0
