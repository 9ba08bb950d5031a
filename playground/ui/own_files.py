"""Data of the user's own files: chosen in a dialog, read in the background with progress, used once they are there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from playground import data
from playground.data import Dataset
from playground.document import edits
from playground.engine.live import commands
from playground.ui import datasets
from playground.ui.dialogs.own_data import OwnData
from playground.ui.jobs import Jobs, Work
from playground.ui.numbers import count
from playground.ui.projects import ENDING
from playground.ui.theme import Theme
from playground.ui.wording import declared
from playground.ui.workbench import Workbench


class OwnFiles(QObject):
    """``theme`` is the window's; ``open`` asks for files, ``read`` takes them."""

    def __init__(self, workbench: Workbench, jobs: Jobs, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._workbench, self._jobs, self._window, self.theme = workbench, jobs, window, theme
        workbench.theme_changed.connect(self._set_theme)
        workbench.files_wanted.connect(self.open)
        workbench.files_dropped.connect(self.open_dropped)

    def _set_theme(self, theme: Theme) -> None:
        self.theme = theme

    def open(self) -> OwnData:
        """Ask for a folder or a file; where the document has own files already, begin with those."""
        settings = self._workbench.document.data
        own = settings.name in data.names() and data.get(settings.name).own
        return self._ask(str(settings.options.get("path", "")) if own else "", settings.options if own else None)

    def _ask(self, path: str = "", options: Mapping[str, Any] | None = None, error: Exception | None = None) -> OwnData:
        dialog = OwnData(self._jobs, self.theme, self._window, path, options, error)
        dialog.wanted.connect(self.read)
        dialog.open()
        return dialog

    def open_dropped(self, path: str) -> None:
        """Ask how to read what was dropped, unless it is a project: that is opened (``projects.py``)."""
        if not path.endswith(ENDING):
            self._ask(path)

    def read(self, name: str, options: Mapping[str, Any]) -> None:
        """Read data set ``name`` in the background, then choose it; the document stays as it is if that is broken off or fails. What
        fails is asked about again, as it was set."""
        title, path = data.get(name).title, Path(str(options.get("path", "")))
        at_first = self._workbench.document.data

        def load() -> Dataset:
            data.forget(name)  # the files may have changed under the same settings
            return data.load_watched(name, options, work.report)

        def done(loaded: Dataset) -> None:
            now = self._workbench.document
            if now.data != at_first:
                self._workbench.notice.emit(self.tr("{name} was read; meanwhile you chose other data, which stay.").format(name=path.name))
                return
            datasets.forget(name)
            after = edits.set_data(now, name, **options)
            if after == now:  # the same again: the worker reads what changed in the files
                self._workbench.session.send(commands.SetDocument(now, new_run=True))
            self._workbench.edit(self.tr("Data: {name}").format(name=title), after)
            samples = sum(len(loaded.split(part)) for part in ("train", "validation", "test"))
            words = self.tr("{count} samples read from {name}.").format(count=count(samples), name=path.name)
            if not after.nodes:
                words += self.tr(" Now drag layers here from the left: Input, the layers, Output.")
            self._workbench.notice.emit(" ".join((words, *map(declared, loaded.notes))))

        def failed(error: Exception) -> None:
            self._ask(str(path), options, error)

        def stopped() -> None:
            self._workbench.notice.emit(self.tr("Reading was canceled: the data are as they were."))

        work = Work(self.tr("reading {name}").format(name=path.name), stopped)
        self._jobs.run_apart(load, done, failed, work)
