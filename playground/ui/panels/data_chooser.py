"""The inspector's list of data sets: by kind under headings, each in words that tell it from the others, with what it is in a sentence."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QComboBox, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from playground import data
from playground.ui.panels.controls import label
from playground.ui.panels.editors import Editor
from playground.ui.style import look
from playground.ui.theme import font
from playground.ui.wording import declared

HEADING = Qt.ItemDataRole.UserRole + 1
ROW, HEAD = 24, 28
BAR = 28
"""px that the scroll bar and the frame take."""
INSET, INDENT = 8, 10
ROWS = 24
"""So many are seen at once; the rest is scrolled to."""


class DataChooser(QObject):
    """Fills the list of ``editor``, and says the chosen set's summary below it. Headings cannot be chosen, by hand or keys; nor can
    ``present``, the document's set, where this version does not know it: it stands at the end, and is kept until another is chosen."""

    def __init__(self, editor: Editor, present: str = "") -> None:
        super().__init__(editor)
        box = editor.widget
        assert isinstance(box, QComboBox)
        self._box = box
        self.about = label("", "caption")
        self.about.setObjectName("data_about")
        self.about.setWordWrap(True)
        self.about.setContentsMargins(0, 1, 0, 3)
        column = editor.layout()
        assert column is not None
        column.addWidget(self.about)
        box.blockSignals(True)
        self._fill()
        if present and present not in data.names():
            self._add_unknown(present)
        box.blockSignals(False)
        box.setMaxVisibleItems(ROWS)
        look(box, "long")
        view = box.view()
        view.setItemDelegate(_Grouped(view))
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        view.setMinimumWidth(view.sizeHintForColumn(0))
        box.currentIndexChanged.connect(lambda *_: self._tell())
        self._tell()

    def _fill(self) -> None:
        box, group = self._box, ""
        box.clear()
        box.addItem(self.tr("none"), "")
        for kind in map(data.get, data.names()):
            if kind.group != group:
                group = kind.group
                self._head(declared(group))
            box.addItem(declared(kind.title), kind.name)
            box.setItemData(box.count() - 1, declared(kind.summary), Qt.ItemDataRole.ToolTipRole)

    def _head(self, words: str) -> None:
        box = self._box
        box.addItem(words)
        at = box.count() - 1
        box.setItemData(at, True, HEADING)
        box.setItemData(at, words, Qt.ItemDataRole.AccessibleTextRole)
        self._disable(at)

    def _add_unknown(self, name: str) -> None:
        self._head(self.tr("Not in this version"))
        self._box.addItem(name, name)
        self._disable(self._box.count() - 1)

    def _disable(self, at: int) -> None:
        item = self._box.model().item(at)  # type: ignore[attr-defined]
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _tell(self) -> None:
        name = self._box.currentData()
        words = self.tr("Choose what the network is to learn from.")
        if name in data.names():
            words = declared(data.get(name).summary)
        elif name:
            words = self.tr("This version does not know the data “{name}”. They are kept and saved unchanged.").format(name=name)
        self.about.setText(words)


class _Grouped(QStyledItemDelegate):
    """A heading small and gray; the sets below it indented."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        metrics = option.fontMetrics
        return QSize(metrics.horizontalAdvance(str(index.data())) + 2 * INSET + INDENT + BAR, HEAD if index.data(HEADING) else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        painter.save()
        palette, inner = option.palette, option.rect.adjusted(INSET, 0, -INSET, 0)
        across = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if index.data(HEADING):
            painter.setFont(font(10.5, 600))
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(inner.adjusted(0, 5, 0, 0), across, str(index.data()))
        else:
            option.widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
            painter.setFont(font(12))
            enabled = option.state & QStyle.StateFlag.State_Enabled
            painter.setPen(palette.color(QPalette.ColorRole.Text if enabled else QPalette.ColorRole.PlaceholderText))
            painter.drawText(inner.adjusted(INDENT if index.row() else 0, 0, 0, 0), across, str(index.data()))
        painter.restore()
