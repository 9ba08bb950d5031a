"""What trained the moment on show, where that differs from the settings in the fields below: those are the present ones."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from playground.document import Document
from playground.engine.live.snapshot import Moment, Snapshot
from playground.ui.compare.differences import Difference, differences
from playground.ui.numbers import count
from playground.ui.style import look
from playground.ui.workbench import Workbench

MOST = 3
"""So many settings are said; all of them are in the tooltip."""


class ThenLine(QLabel):
    """Seen while a kept moment is on show and any setting was another one then."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        self.setObjectName("then_line")
        look(self, "then")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._workbench = workbench
        self._of: tuple[Document, Document, int] | None = None
        workbench.snapshot_changed.connect(self._take)
        workbench.document_changed.connect(lambda *_: self._take(workbench.snapshot))
        self._take(workbench.snapshot)

    def _take(self, snapshot: Snapshot) -> None:
        moment = snapshot.moment
        of = (self._workbench.document, moment.document, moment.step) if moment is not None else None
        if of is not None and self._of is not None and of[2] == self._of[2] and of[0] is self._of[0] and of[1] is self._of[1]:
            return  # a moment on show comes with every snapshot
        self._of = of
        found = differences(self._workbench.document, moment.document) if moment is not None else ()
        if moment is not None and found:
            self._say(moment, found)
        self.setVisible(bool(found))

    def _say(self, moment: Moment, found: tuple[Difference, ...]) -> None:
        told = [f"{one.name} {one.other or self.tr('none')}" for one in found]
        words = ", ".join(told[:MOST])
        if len(told) > MOST:
            words = self.tr("{settings} and {n} more").format(settings=words, n=len(told) - MOST)
        said = self.tr("Step {step} was trained with {settings}. The fields show the present.")
        if moment.step == 0:
            said = self.tr("Training began with {settings}. The fields show the present.")
        self.setText(said.format(step=count(moment.step), settings=words))
        self.setToolTip("\n".join(told))
