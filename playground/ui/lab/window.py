"""The lab: views that teach, on copies of the user's own network and data, in a window beside the canvas."""

from __future__ import annotations

from collections.abc import Callable

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


class _Pages(dict[str, Page]):
    """The pages that were asked for so far; another is made when it is: all of them took the window 30 ms."""

    def __init__(self, make: Callable[[str], Page]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, kind: str) -> Page:
        made = self[kind] = self._make(kind)
        return made


class Lab(QDialog):
    """A page a view. Nothing in it changes the run; what it computes ends when it is closed.

    ``canvases`` are where a weight can be picked for the loss surface.
    """

    def __init__(
        self, workbench: Workbench, theme: Theme, formulas: Formulas, parent: QWidget, canvases: Callable[[], list[QWidget]] = list
    ) -> None:
        super().__init__(parent)
        self.setObjectName("lab")
        self.setWindowTitle(self.tr("Lab"))
        self.setModal(False)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._workbench, self._theme, self._canvases = workbench, theme, canvases
        self._makers: dict[str, Callable[[], Page]] = {
            "surface": self._surface,
            "values": lambda: FunctionPage(workbench, self._theme, formulas),
            "penalties": lambda: PenaltyPage(workbench, self._theme),
            "masks": lambda: MaskPage(workbench, self._theme),
            "rates": lambda: RatePage(workbench, self._theme),
            "attribution": lambda: WhyPage(workbench, self._theme),
            "strongest": lambda: LooksPage(workbench, self._theme),
            "generate": lambda: GeneratePage(workbench, self._theme),
        }
        self.pages = _Pages(self._make)
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
        for title in (titles[kind] for kind in self._makers):
            place = QWidget()
            QVBoxLayout(place).setContentsMargins(0, 0, 0, 0)
            self.tabs.addTab(place, title)
        self.tabs.currentChanged.connect(lambda at: self.pages[self._kind(at)])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.setMinimumSize(*SMALLEST)
        self._making_way = False
        workbench.snapshot_changed.connect(self._take)
        workbench.document_changed.connect(self._document_changed)
        workbench.theme_changed.connect(self.set_theme)

    def open_page(self, kind: str) -> None:
        """Show the lab with this page in front."""
        if "surface" in self.pages:
            for pick in self.surface.picks:
                pick.setChecked(False)
        if not self.isVisible():
            wide, high = round(self.parentWidget().width() * SHARE_WIDE), round(self.parentWidget().height() * SHARE_HIGH)
            self.resize(min(max(wide, SMALLEST[0]), LARGEST[0]), min(max(high, SMALLEST[1]), LARGEST[1]))
        self.pages[kind]  # made before it is seen
        self.tabs.setCurrentIndex(list(self._makers).index(kind))
        self.show()
        self.raise_()
        self.activateWindow()

    @property
    def page(self) -> Page:
        """The page in front."""
        return self.pages[self._kind(self.tabs.currentIndex())]

    @property
    def surface(self) -> SurfacePage:
        """The loss surface's."""
        page = self.pages["surface"]
        assert isinstance(page, SurfacePage)
        return page

    def _kind(self, at: int) -> str:
        return list(self._makers)[at]

    def _make(self, kind: str) -> Page:
        """The page, in its tab."""
        page, place = self._makers[kind](), self.tabs.widget(list(self._makers).index(kind)).layout()
        assert place is not None
        place.addWidget(page)
        return page

    def _surface(self) -> SurfacePage:
        page = SurfacePage(self._workbench, self._theme)
        page.canvases = self._canvases
        page.picking.connect(self._make_way)
        return page

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
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
