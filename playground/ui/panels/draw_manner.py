"""How a data set's pictures are made, measured off the UI thread: it reads hundreds of them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from playground.data import Dataset
from playground.data.pictures import manner_of
from playground.ui import aside


class Measuring(QObject):
    """``measured(data set, manner)`` on the UI thread; the manner is ``None`` where there is none."""

    measured = Signal(object, object)

    def measure(self, dataset: Dataset | None) -> None:
        if dataset is None:
            self.measured.emit(None, None)
        else:
            aside.run(self, partial(manner_of, dataset), partial(self.measured.emit, dataset))
