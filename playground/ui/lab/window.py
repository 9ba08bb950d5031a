"""The lab: views that teach, on copies of the user's own network and data, in a window beside the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QTabWidget, QVBoxLayout, QWidget

from playground.document import Document
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui.formula import Formulas
from playground.ui.lab.function_page import FunctionPage
from playground.ui.lab.generate_page import GeneratePage
from playground.ui.lab.looks_page import LooksPage
from playground.ui.lab.mask_page import MaskPage
from playground.ui.lab.page import Page
from playground.ui.lab.penalty_page import PenaltyPage
from playground.ui.lab.rate_page import RatePage
from playground.ui.lab.surface_page import SurfacePage
from playground.ui.lab.why_page import WhyPage
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

SHARE_WIDE, SHARE_HIGH = 0.8, 0.82
SMALLEST, LARGEST = (820, 540), (1240, 820)


class Lab(QDialog):
    """A page a view. Nothing in it changes the run; what it computes ends when it is closed."""

    def __init__(self, workbench: Workbench, theme: Theme, formulas: Formulas, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lab")
        self.setWindowTitle(self.tr("Lab"))
        self.setModal(False)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._workbench = workbench
        self.surface = SurfacePage(workbench, theme)
        self.pages: dict[str, Page] = {
            "surface": self.surface,
            "values": FunctionPage(workbench, theme, formulas),
            "penalties": PenaltyPage(workbench, theme),
            "masks": MaskPage(workbench, theme),
            "rates": RatePage(workbench, theme),
            "attribution": WhyPage(workbench, theme),
            "strongest": LooksPage(workbench, theme),
            "generate": GeneratePage(workbench, theme),
        }
        titles = {
            "surface": self.tr("Loss surface"),
            "values": self.tr("Activations"),
            "penalties": self.tr("L1 and L2"),
            "masks": self.tr("Dropout"),
            "rates": self.tr("Learning rate"),
            "attribution": self.tr("Why this answer"),
            "strongest": self.tr("What it looks for"),
            "generate": self.tr("Generate"),
        }
        self.tabs = QTabWidget()
        self.tabs.setObjectName("lab_tabs")
        self.tabs.setDocumentMode(True)
        for kind, page in self.pages.items():
            self.tabs.addTab(page, titles[kind])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.setMinimumSize(*SMALLEST)
        self._making_way = False
        self.surface.picking.connect(self._make_way)
        workbench.snapshot_changed.connect(self._take)
        workbench.document_changed.connect(self._document_changed)
        workbench.theme_changed.connect(self.set_theme)

    def open_page(self, kind: str) -> None:
        """Show the lab with this page in front."""
        for pick in self.surface.picks:
            pick.setChecked(False)
        if not self.isVisible():
            wide, high = round(self.parentWidget().width() * SHARE_WIDE), round(self.parentWidget().height() * SHARE_HIGH)
            self.resize(min(max(wide, SMALLEST[0]), LARGEST[0]), min(max(high, SMALLEST[1]), LARGEST[1]))
        self.tabs.setCurrentWidget(self.pages[kind])
        self.show()
        self.raise_()
        self.activateWindow()

    @property
    def page(self) -> Page:
        """The page in front."""
        return next(page for page in self.pages.values() if page is self.tabs.currentWidget())

    def set_theme(self, theme: Theme) -> None:
        for page in self.pages.values():
            page.set_theme(theme)

    def _take(self, snapshot: Snapshot) -> None:
        if self.isVisible():
            self.page.take(snapshot)

    def _document_changed(self, before: Document, after: Document) -> None:
        if self.isVisible():
            self.page.document_changed()
            self.page.tell_age()

    def hideEvent(self, event: QHideEvent) -> None:
        if not self._making_way:
            self._workbench.session.send(commands.EndExperiment())
        super().hideEvent(event)

    def _make_way(self, picking: bool) -> None:
        """While a weight is picked the canvas is free."""
        self._making_way = picking
        self.setVisible(not picking)
