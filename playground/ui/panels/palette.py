"""The palette: layers, data and examples to drag, double-click or add by Enter; with a search, and a rail when folded."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from playground import data
from playground.document import Document, chapter, edits, examples
from playground.layers import registry
from playground.ui.geometry import MEDIUM, RAIL, Geometry
from playground.ui.icons import icon
from playground.ui.panels.controls import Section, label, rule
from playground.ui.panels.palette_row import Entry, Row
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

UNHEADED = ("Data", "Layers")
"""The groups that the list begins with: the section's own heading is enough."""


def entries() -> dict[str, list[Entry]]:
    """All rows by kind, from the registries; a group's together, wherever in the registry they are."""
    found = {
        "layer": [_entry("layer", kind.name, kind.name, kind.summary, kind.icon, kind.group) for kind in registry.types()],
        "data": [_entry("data", kind.name, kind.title, kind.summary, "data", kind.group) for kind in map(data.get, data.names())],
        "example": [_entry("example", name, one.title or name, one.summary, "example", chapter(name)) for name, one in examples().items()],
    }
    return {kind: _together(rows) for kind, rows in found.items()}


def _together(rows: list[Entry]) -> list[Entry]:
    """By group, in the order in which groups appear first; within one as they were."""
    groups = list(dict.fromkeys(row.group for row in rows))
    return sorted(rows, key=lambda row: groups.index(row.group))


def _entry(kind: str, name: str, title: str, summary: str, icon: str, group: str) -> Entry:
    return Entry(kind, name, declared(title), declared(summary), icon, declared(group))


class Palette(QWidget):
    """Search, three groups, and a rail of icons when folded.

    ``fold_changed(bool)`` says which is shown, ``layer_wanted(type)`` asks the canvas to add a layer after the selection,
    ``fetch_wanted(name)`` for a data set that is not on this machine, ``left`` says that Esc gives the keys back.
    """

    fold_changed = Signal(bool)
    layer_wanted = Signal(str)
    fetch_wanted = Signal(str)
    left = Signal()

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        look(self, "panel")
        self._workbench, self._theme = workbench, theme
        self.rows: list[Row] = []
        self._rail_rows: list[Row] = []
        self._sections: dict[str, Section] = {}
        self._headings: dict[tuple[str, str], QLabel] = {}
        """By kind and group."""
        self.folded = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._full, self._rail = self._make_full(), self._make_rail()
        column.addWidget(self._full)
        column.addWidget(self._rail)
        self._rail.hide()
        workbench.document_changed.connect(self._mark)
        self._stop_at(self._rail_rows[0])
        self._filter("")
        self.set_geometry(MEDIUM)
        self.set_theme(theme)
        self._mark(None, workbench.document)

    def _make_full(self) -> QWidget:
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 10, 0, 0)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.setContentsMargins(10, 0, 10, 0)
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setPlaceholderText(self.tr("Search layers"))
        self.search.setToolTip(self.tr("Search layers, data and examples (/). Enter adds the first one after the selection."))
        self.search.setAccessibleName(self.tr("Search layers"))
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._add_first)
        self.search.installEventFilter(self)
        self._glass = self.search.addAction(icon("search", self._theme, "text3"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(40)
        self.search.setTextMargins(-6, 0, 14, 0)
        inner = QHBoxLayout(self.search)
        inner.setContentsMargins(0, 0, 6, 0)
        self._slash = label("/", "key")
        self._slash.setFixedHeight(16)
        self._slash.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inner.addStretch(1)
        inner.addWidget(self._slash)
        top.addWidget(self.search)
        column.addLayout(top)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 0, 8)
        rows.setSpacing(2)
        titles = {"layer": self.tr("Layers"), "data": self.tr("Data"), "example": self.tr("Examples")}
        for kind, list_ in entries().items():
            section = Section(titles[kind], self._theme, f"palette_{kind}", tone="group")
            for entry in list_:
                if entry.group not in ("", *map(declared, UNHEADED)) and (kind, entry.group) not in self._headings:
                    heading = self._headings[kind, entry.group] = label(entry.group, "caption")
                    heading.setContentsMargins(18, 6, 8, 0)
                    section.layout_.addWidget(heading)
                row = Row(entry, self._theme)
                row.activated.connect(self.activate)
                row.pressed.connect(self._clicked)
                row.moved.connect(self._move)
                section.layout_.addWidget(row)
                self.rows.append(row)
            section.setVisible(bool(list_))
            self._sections[kind] = section
            rows.addWidget(section)
        self.nothing = label(self.tr("Nothing of that name."), "caption")
        self.nothing.setContentsMargins(18, 8, 8, 8)
        self.nothing.hide()
        rows.addWidget(self.nothing)
        rows.addStretch(1)
        area = QScrollArea()
        area.setObjectName("palette_scroll")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self._area = area
        column.addWidget(area, 1)
        return full

    def _make_rail(self) -> QWidget:
        rail = QWidget()
        column = QVBoxLayout(rail)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(0)
        self._open = QToolButton()
        self._open.setObjectName("palette_open")
        self._open.setToolTip(self.tr("Open the palette and search (/)"))
        self._open.setAccessibleName(self.tr("Open the palette"))
        self._open.setFixedSize(32, 30)
        self._open.setIconSize(QSize(16, 16))
        self._open.clicked.connect(self.focus_search)
        column.addWidget(self._open, 0, Qt.AlignmentFlag.AlignHCenter)
        line = rule()
        line.setContentsMargins(10, 0, 10, 0)
        column.addSpacing(4)
        column.addWidget(line)
        inside = QWidget()
        icons = QVBoxLayout(inside)
        icons.setContentsMargins(0, 4, 0, 0)
        icons.setSpacing(0)
        for entry in entries()["layer"]:
            row = Row(entry, self._theme, rail=True)
            row.activated.connect(self.activate)
            row.moved.connect(self._move)
            icons.addWidget(row)
            self._rail_rows.append(row)
        icons.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        column.addWidget(area, 1)
        return rail

    # -- look
    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for row in (*self.rows, *self._rail_rows):
            row.set_theme(theme)
        for section in self._sections.values():
            section.set_theme(theme)
        self._glass.setIcon(icon("search", theme, "text3"))
        self._open.setIcon(icon("search", theme))

    def set_geometry(self, geometry: Geometry) -> None:
        self.search.setPlaceholderText(self.tr("Search") if geometry.compact else self.tr("Search layers"))
        for row in self.rows:
            row.setFixedHeight(geometry.row)

    def set_folded(self, folded: bool) -> None:
        """Show the rail, or the whole palette."""
        if folded != self.folded:
            self.folded = folded
            self._full.setVisible(not folded)
            self._rail.setVisible(folded)
            self.setMinimumWidth(RAIL)
            self.setMaximumWidth(RAIL if folded else 16777215)
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            self.fold_changed.emit(folded)

    def look_for_files(self) -> None:
        """Some data set has come, perhaps."""
        for row in self.rows:
            row.look_for_files()

    def _mark(self, _: Document | None, document: Document) -> None:
        for row in self.rows:
            if row.entry.kind == "data":
                row.set_in_use(row.entry.name == document.data.name)

    # -- search
    def focus_search(self) -> None:
        """Open the palette and let the user type."""
        self.set_folded(False)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _filter(self, text: str) -> None:
        wanted = text.strip().lower()
        self._slash.setVisible(not text)
        found = 0
        for kind, section in self._sections.items():
            matches = 0
            for row in self.rows:
                if row.entry.kind == kind:
                    entry = row.entry
                    match = any(wanted in words.lower() for words in (entry.title, entry.name, entry.group, entry.summary))
                    row.setVisible(match)
                    matches += match
            section.setVisible(matches > 0)
            found += matches
        shown = {(row.entry.kind, row.entry.group) for row in self.rows if not row.isHidden()}
        for place, heading in self._headings.items():
            heading.setVisible(place in shown)
        self.nothing.setVisible(found == 0)
        for kind in self._sections:
            first = next((row for row in self.rows if row.entry.kind == kind and not row.isHidden()), None)
            if first is not None:
                self._stop_at(first)

    def first(self) -> Entry | None:
        """The row that Enter adds: of those found, the one whose name fits best."""
        wanted = self.search.text().strip().lower()
        found = [row.entry for row in self.rows if not row.isHidden()]
        found.sort(key=lambda entry: not (entry.title.lower().startswith(wanted) or entry.name.lower().startswith(wanted)))
        return found[0] if found else None

    def _add_first(self) -> None:
        entry = self.first()
        if entry is not None and self.search.text().strip():
            self.activate(entry)
            self.search.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.search.clear()
                self.left.emit()
                return True
            if event.key() == Qt.Key.Key_Down:
                row = next((row for row in self.rows if row.isVisible()), None)
                if row is not None:
                    self._go_to(row)
                return True
            if event.text() == "/" and self.search.selectedText() == self.search.text():
                return True  # the key that leads here, pressed once more: no name begins with it
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    # -- the arrow keys
    def _move(self, row: Row, by: int) -> None:
        """From row to row, past folded sections; up from the first to the search."""
        rows = self.rows if row in self.rows else self._rail_rows
        shown = [other for other in rows if other.isVisible()]
        at = shown.index(row) + by
        if 0 <= at < len(shown):
            self._go_to(shown[at])
        elif at < 0 and rows is self.rows:
            self.search.setFocus(Qt.FocusReason.BacktabFocusReason)

    def _go_to(self, row: Row) -> None:
        self._stop_at(row)
        row.setFocus(Qt.FocusReason.TabFocusReason)
        self._area.ensureWidgetVisible(row)

    def _stop_at(self, row: Row) -> None:
        """Let Tab stop at this row of its section, and at no other."""
        for other in self.rows if row in self.rows else self._rail_rows:
            if other.entry.kind == row.entry.kind:
                other.set_stop(other is row)

    # -- what a row does
    def _clicked(self, entry: Entry) -> None:
        """A click chooses data and opens an example; a layer is added by a double click, for it is often only being dragged."""
        if entry.kind != "layer":
            self.activate(entry)

    def activate(self, entry: Entry) -> None:
        """Add a layer after the selection, choose a data set, or open an example."""
        if entry.kind == "layer":
            self.layer_wanted.emit(entry.name)
        elif entry.kind == "data" and data.missing(entry.name):
            self.fetch_wanted.emit(entry.name)
        elif entry.kind == "data":
            after = edits.set_data(self._workbench.document, entry.name)
            self._workbench.edit(self.tr("Data: {name}").format(name=entry.title), after)
        else:
            self._workbench.example_wanted.emit(entry.name)
