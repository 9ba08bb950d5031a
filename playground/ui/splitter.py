"""A splitter whose line of 1 px can be dragged, and put back by a double click."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle


class _Handle(QSplitterHandle):
    """A line of 1 px that can be dragged; a double click puts it back."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        splitter = self.splitter()
        assert isinstance(splitter, Splitter)
        splitter.reset_wanted.emit()


class Splitter(QSplitter):
    """A splitter whose sides keep their sizes while the middle takes what is left."""

    reset_wanted = Signal()

    def __init__(self, orientation: Qt.Orientation, name: str) -> None:
        super().__init__(orientation)
        self.setObjectName(name)
        self.setHandleWidth(1)

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)
