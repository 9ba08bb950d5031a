"""All weights of a node as a table: to read, to type, to paste from a spreadsheet, to fill. What changed is set as one step."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QKeySequence
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QTableView, QVBoxLayout, QWidget

from playground.ui import weights
from playground.ui.numbers import signed
from playground.ui.panels.controls import label
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

AnyIndex = QModelIndex | QPersistentModelIndex


class MatrixModel(QAbstractTableModel):
    """One parameter, two axes at most: rows are units, columns what they read (further axes side by side)."""

    def __init__(self, array: np.ndarray, theme: Theme) -> None:
        super().__init__()
        self.original = array
        self.values = np.array(array, float).reshape(array.shape[0] if array.ndim else 1, -1)
        self._first = self.values.copy()
        self._changed = QColor(theme.accent_soft)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self.values.shape[0]

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self.values.shape[1]

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        value = float(self.values[index.row(), index.column()])
        if role == Qt.ItemDataRole.DisplayRole:
            return signed(value, 4)
        if role == Qt.ItemDataRole.EditRole:
            return f"{value:.9g}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.BackgroundRole and value != self._first[index.row(), index.column()]:
            return QBrush(self._changed)
        return None

    def setData(self, index: AnyIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        number = parsed(str(value))
        if role != Qt.ItemDataRole.EditRole or number is None:
            return False
        self.values[index.row(), index.column()] = number
        self.dataChanged.emit(index, index)
        return True

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None

    def fill(self, values: np.ndarray | float) -> None:
        """All numbers at once."""
        self.values[:] = values
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def paste(self, text: str, row: int, column: int) -> str:
        """Rows of numbers, columns parted by tabs, semicolons or spaces, from ``row``, ``column`` on. Returns what is wrong, or ``""``;
        then nothing has changed."""
        lines = [line.replace(";", "\t").split("\t") if "\t" in line or ";" in line else line.split() for line in text.splitlines() if line]
        numbers = [[parsed(cell) for cell in line] for line in lines]
        for at, line in enumerate(numbers):
            if None in line:
                return self.tr("row {row}: “{text}” is not a number.").format(row=at + 1, text=lines[at][line.index(None)])
            if row + at >= self.rowCount() or column + len(line) > self.columnCount():
                return self.tr("that is {rows} × {columns} numbers, more than there are from here on.").format(
                    rows=len(lines), columns=max(map(len, lines))
                )
        for at, line in enumerate(numbers):
            self.values[row + at, column : column + len(line)] = np.array(line, float)
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
        return ""

    def changes(self) -> dict[tuple[int, ...], tuple[float, float]]:
        """The entries that were changed, by their index in the parameter: before and after."""
        places = np.argwhere(self.values != self._first)
        width = self.values.shape[1]
        shape = self.original.shape or (1,)
        return {
            tuple(int(at) for at in np.unravel_index(int(row) * width + int(column), shape)): (
                float(self._first[row, column]),
                float(self.values[row, column]),
            )
            for row, column in places
        }


def parsed(text: str) -> float | None:
    """A finite number, or ``None``."""
    try:
        value = float(text.strip().replace("\u2212", "-").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


class MatrixDialog(QDialog):
    """A table for each parameter of ``node``; *Set* makes all changes one undoable step."""

    def __init__(self, workbench: Workbench, theme: Theme, node: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("matrix")
        self.setWindowTitle(self.tr("Weights of {node}").format(node=title))
        self.resize(720, 460)
        self._workbench, self._node, self._title = workbench, node, title
        keys = sorted({*workbench.snapshot.parameters, *(workbench.snapshot.trace.parameters if workbench.snapshot.trace else ())})
        found = {key: weights.present(workbench.snapshot, key) for key in keys if key.partition("/")[0] == node}
        self.models = {key: MatrixModel(array, theme) for key, array in found.items() if array is not None}
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        row = QHBoxLayout()
        self.choice = QComboBox()
        self.choice.setObjectName("matrix_parameter")
        for key, model in sorted(self.models.items(), key=lambda item: item[0].endswith("bias")):
            shape = " × ".join(map(str, model.original.shape))
            self.choice.addItem(f"{key.partition('/')[2]}  {shape}", key)
        self.choice.currentIndexChanged.connect(self._show)
        row.addWidget(self.choice)
        row.addStretch(1)
        for name, words, tip in (
            ("zeros", self.tr("All 0"), self.tr("Set every number of this table to 0")),
            ("half", self.tr("Halve"), self.tr("Halve every number of this table")),
            ("flip", self.tr("Turn the sign"), self.tr("Multiply every number of this table by -1")),
        ):
            button = QPushButton(words)
            button.setObjectName(f"matrix_{name}")
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, name=name: self._fill(name))
            row.addWidget(button)
        column.addLayout(row)
        self.table = QTableView()
        self.table.setObjectName("matrix_table")
        self.table.horizontalHeader().setDefaultSectionSize(84)
        self.table.verticalHeader().setDefaultSectionSize(26)
        column.addWidget(self.table, 1)
        self.words = label(
            self.tr("Rows are neurons, columns what they read. Ctrl+C and Ctrl+V copy and paste as in a spreadsheet."), "caption"
        )
        self.words.setObjectName("matrix_words")
        self.words.setWordWrap(True)
        column.addWidget(self.words)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        done = buttons.addButton(self.tr("Set"), QDialogButtonBox.ButtonRole.AcceptRole)
        done.setObjectName("matrix_set")
        done.setDefault(True)
        look(done, "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self._show()

    @property
    def model(self) -> MatrixModel | None:
        """The parameter on show."""
        return self.models.get(self.choice.currentData())

    def accept(self) -> None:
        """Set what was changed."""
        entries = {(key, index): value for key, model in self.models.items() for index, value in model.changes().items()}
        text = self.tr("set {n} weights of {node}").format(n=len(entries), node=self._title)
        weights.set_weights(self._workbench, text, entries)
        super().accept()

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        if self.model is not None:
            self.table.setModel(self.model)

    def _fill(self, name: str) -> None:
        model = self.model
        if model is not None:
            model.fill({"zeros": 0.0, "half": model.values / 2, "flip": -model.values}[name])

    def _paste(self) -> None:
        model, at = self.model, self.table.currentIndex()
        if model is not None:
            wrong = model.paste(QApplication.clipboard().text(), max(at.row(), 0), max(at.column(), 0))
            self.words.setText(self.tr("Nothing pasted: {why}").format(why=wrong) if wrong else self.tr("Pasted."))

    def _copy(self) -> None:
        model, chosen = self.model, self.table.selectionModel().selectedIndexes()
        if model is None or not chosen:
            return
        rows, columns = sorted({one.row() for one in chosen}), sorted({one.column() for one in chosen})
        lines = ["\t".join(f"{model.values[row, column]:.9g}" for column in columns) for row in rows]
        QApplication.clipboard().setText("\n".join(lines))
