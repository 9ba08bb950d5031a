"""How a data set's pictures are made, measured off the UI thread: it reads hundreds of them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from playground.data import Dataset
from playground.data.pictures import manner_of


class _Job(QRunnable):
    def __init__(self, owner: Measuring, dataset: Dataset) -> None:
        super().__init__()
        self._owner, self._dataset = owner, dataset

    def run(self) -> None:
        manner = manner_of(self._dataset)
        try:
            self._owner.measured.emit(self._dataset, manner)
        except RuntimeError:  # the window was closed meanwhile
            return


class Measuring(QObject):
    """``measured(data set, manner)`` on the UI thread; the manner is ``None`` where there is none."""

    measured = Signal(object, object)

    def measure(self, dataset: Dataset | None) -> None:
        if dataset is None:
            self.measured.emit(None, None)
        else:
            QThreadPool.globalInstance().start(_Job(self, dataset))
