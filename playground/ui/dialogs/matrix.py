"""All weights of a node as a table: to read, to type, to paste from a spreadsheet, to fill. What changed is set as one step.

A table may have millions of numbers: arrays stay arrays, and what goes through text is done in slices.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyleOptionHeader,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from playground import document as documents
from playground.document import Document
from playground.engine.weight_edits import Patch
from playground.ui import weights
from playground.ui.dialogs.slices import Slices
from playground.ui.numbers import count, signed
from playground.ui.panels.controls import label
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

AnyIndex = QModelIndex | QPersistentModelIndex
LOOKED_AT = 1 << 17
"""Numbers compared at once: a millisecond's work."""
MOST_COPIED = 1_000_000
"""Numbers that go through the clipboard at once; a spreadsheet has room for about as many."""
MOST_PASTED = 32 * MOST_COPIED
LAID_FLAT = ("Flatten", "Reshape", "Dropout", "Activation")
"""Layer types that keep the order of what they hand on."""
FILLS = ("zeros", "half", "flip")
CELL = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemNeverHasChildren
Steps = Generator[float, None, str]
"""Yields the share that is done, returns what is wrong, or ``""``."""


class MatrixModel(QAbstractTableModel):
    """One parameter, two axes at most: rows are units, columns what they read (further axes side by side)."""

    def __init__(self, array: np.ndarray, theme: Theme) -> None:
        super().__init__()
        self.original = array
        self._first = array.reshape(array.shape[0] if array.ndim else 1, -1)
        small = self._first.size <= LOOKED_AT
        self.values = self._first.copy() if small else np.empty_like(self._first)
        """The numbers on show; of a large one once :meth:`fill` has run."""
        self.ends: list[float] = []
        """The smallest and the largest number of the network, once :meth:`fill` has run."""
        self._changed = QColor(theme.accent_soft)

    def fill(self) -> Steps:
        """Show the numbers as they are. In steps: to touch the memory of twelve million takes 50-110 ms."""
        pitch = max(LOOKED_AT // max(self._first.shape[1], 1), 1)
        for at in range(0, len(self._first), pitch):
            part = self.values[at : at + pitch]
            part[:] = self._first[at : at + pitch]
            self.ends = [float(np.min([*self.ends[:1], part.min()])), float(np.max([*self.ends[1:], part.max()]))]
            yield at / len(self._first)
        return ""

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self.values.shape[0]

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self.values.shape[1]

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return CELL

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

    def scale(self, factor: float) -> None:
        """All numbers at once times ``factor``; 0 makes 0 of whatever is there."""
        if factor:
            np.multiply(self.values, factor, out=self.values)
        else:
            self.values.fill(0.0)
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def paste(self, text: str, row: int, column: int) -> Steps:
        """Rows of numbers, columns parted by tabs, semicolons or spaces, from ``row``, ``column`` on. Where something is wrong,
        nothing has changed."""
        lines = [line for line in text.splitlines() if line]
        rows: list[np.ndarray] = []
        for at, line in enumerate(lines):
            cells = line.replace(";", "\t").split("\t") if "\t" in line or ";" in line else line.split()
            numbers = [parsed(cell) for cell in cells]
            if None in numbers:
                return self.tr("row {row}: “{text}” is not a number.").format(row=at + 1, text=cells[numbers.index(None)])
            if row + at >= self.rowCount() or column + len(numbers) > self.columnCount():
                return self.tr("that is {rows} × {columns} numbers, more than there are from here on.").format(
                    rows=len(lines), columns=max(len(numbers), *map(len, rows)) if rows else len(numbers)
                )
            rows.append(np.array(numbers, self.values.dtype))
            yield at / len(lines)
        for at, values in enumerate(rows):
            self.values[row + at, column : column + len(values)] = values
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
        return ""

    def copy(self, rows: np.ndarray, columns: np.ndarray, into: list[str]) -> Steps:
        """The numbers at ``rows`` (n,) and ``columns`` (m,) as text ``into`` a list, a row a line."""
        line = "\t".join(["%.9g"] * len(columns))
        for at, row in enumerate(rows):
            into.append(line % tuple(self.values[row, columns].tolist()))
            yield at / len(rows)
        return ""

    def changes(self, into: list[Patch]) -> Steps:
        """The entries that were changed, as they were and as they are, ``into`` a list."""
        before, after = self._first.reshape(-1), self.values.reshape(-1)
        parts = []
        for at in range(0, before.size, LOOKED_AT):
            if at:
                yield 0.5 * at / before.size
            parts.append(at + np.flatnonzero(before[at : at + LOOKED_AT] != after[at : at + LOOKED_AT]))
        ends = np.cumsum([0, *map(len, parts)])
        places, old, new = (np.empty(ends[-1], kind) for kind in (np.intp, before.dtype, after.dtype))
        for at, end, part in zip(ends[:-1], ends[1:], parts, strict=True):
            for array, numbers in ((places, part), (old, before[part]), (new, after[part])):
                array[at:end] = numbers
                yield 0.5 + 0.5 * at / max(ends[-1], 1)  # memory that nobody had yet may take 8 ms to touch (measured)
        into += [Patch(self.original.shape, places, old), Patch(self.original.shape, places, new)]
        return ""


def parsed(text: str) -> float | None:
    """A finite number, or ``None``."""
    try:
        value = float(text.strip().replace("\u2212", "-").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def placed(section: int, picture: tuple[int, ...]) -> str:
    """The name of a section, counted from 1: ``"12"``, ``"5, 17"`` of a picture, ``"2 · 5, 17"`` of one with channels."""
    if len(picture) != 3 or section >= math.prod(picture):
        return str(section + 1)
    channel, row, column = (int(at) + 1 for at in np.unravel_index(section, picture))
    return f"{channel} · {row}, {column}" if picture[0] > 1 else f"{row}, {column}"


def picture_read(document: Document, key: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape (C, H, W) of the picture whose places are the columns of the parameter ``key``, which is of ``shape``: a kernel's
    own, or what was laid flat before the node; ``()`` where there is none."""
    if len(shape) == 4:
        return shape[1:]
    survey = documents.survey(document)
    above = documents.sources(document, key.partition("/")[0])
    while above and document.nodes[above[0]].type in LAID_FLAT and len(survey.shapes.get(above[0], ())) == 1:
        above = documents.sources(document, above[0])
    found = survey.shapes.get(above[0], ()) if above else ()
    return tuple(found) if len(shape) == 2 and len(found) == 3 and math.prod(found) == shape[1] else ()


class Head(QHeaderView):
    """Numbers only. Qt's own asks every cell of a row whether it is selected: of a wide table that took a third of a second. Where
    the sections are places of a ``picture`` (C, H, W), row and column in it (and channel, of several)."""

    picture: tuple[int, ...] = ()

    def initStyleOptionForIndex(self, option: QStyleOptionHeader, section: int) -> None:
        option.text = placed(section, self.picture)
        option.section = section
        option.textAlignment = Qt.AlignmentFlag.AlignCenter


class MatrixDialog(QDialog):
    """A table for each parameter of ``node``; *Set* makes all changes one undoable step."""

    def __init__(self, workbench: Workbench, theme: Theme, node: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("matrix")
        self.setWindowTitle(self.tr("Weights of {node}").format(node=title))
        self.resize(764, 460)  # eight columns are seen whole
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
        self.range = label("", "caption")
        self.range.setObjectName("matrix_range")
        self.range.setToolTip(self.tr("The smallest and the largest of the numbers that the network has now"))
        row.addWidget(self.range)
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
        self.across = Head(Qt.Orientation.Horizontal, self.table)
        self.table.setHorizontalHeader(self.across)
        self.table.setVerticalHeader(Head(Qt.Orientation.Vertical, self.table))
        self.table.horizontalHeader().setDefaultSectionSize(84)
        self.table.verticalHeader().setDefaultSectionSize(26)
        column.addWidget(self.table, 1)
        self.words = label("", "caption")
        self.words.setObjectName("matrix_words")
        self.words.setWordWrap(True)
        column.addWidget(self.words)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setObjectName("matrix_cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons.addWidget(cancel)
        done = QPushButton(self.tr("Set"))
        done.setObjectName("matrix_set")
        done.setDefault(True)
        look(done, "primary")
        done.clicked.connect(self.accept)
        buttons.addWidget(done)
        column.addLayout(buttons)
        self._slices = Slices(self)
        self._slices.progressed.connect(self._tell)
        self._while_idle = (self.table, self.choice, done, *(self.findChild(QPushButton, f"matrix_{name}") for name in FILLS))
        self._filling = True
        self._begin(self._filled(), lambda _: self._show())

    @property
    def model(self) -> MatrixModel | None:
        """The parameter on show; ``None`` while its numbers are still to come."""
        return None if self._filling else self.models.get(self.choice.currentData())

    def _filled(self) -> Steps:
        for model in self.models.values():
            yield from model.fill()
        self._filling = False
        return ""

    def accept(self) -> None:
        """Set what was changed."""
        found: dict[str, list[Patch]] = {key: [] for key in self.models}

        def steps() -> Steps:
            for key, model in self.models.items():
                yield from model.changes(found[key])
            return ""

        self._begin(steps(), lambda _: self._set(found))

    def _set(self, found: dict[str, list[Patch]]) -> None:
        before, after = ({key: pair[at] for key, pair in found.items() if pair[at].places.size} for at in (0, 1))
        n = sum(patch.places.size for patch in after.values())
        weights.set_tables(self._workbench, self.tr("set {n} weights of {node}").format(n=n, node=self._title), before, after)
        super().accept()

    def done(self, result: int) -> None:
        self._slices.end()
        super().done(result)

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        if self.model is not None:
            key = str(self.choice.currentData())
            self.across.picture = picture_read(self._workbench.document, key, self.model.original.shape)
            self.table.setModel(self.model)
            self.range.setText(
                self.tr("from {least} to {most}").format(least=signed(self.model.ends[0], 4), most=signed(self.model.ends[1], 4))
            )
            words = self.tr("Rows are neurons, columns what they read. Ctrl+C and Ctrl+V copy and paste as in a spreadsheet.")
            if self.across.picture:
                several = self.across.picture[0] > 1
                told = (
                    self.tr("A column reads the picture at channel · row, column.")
                    if several
                    else self.tr("A column reads the picture at row, column.")
                )
                words = f"{words} {told}"
            self.words.setText(words)

    def _fill(self, name: str) -> None:
        model = self.model
        if model is not None:
            model.scale({"zeros": 0.0, "half": 0.5, "flip": -1.0}[name])

    def _paste(self) -> None:
        model, at, text = self.model, self.table.currentIndex(), QApplication.clipboard().text()
        if model is None:
            return
        if len(text) > MOST_PASTED:
            self.words.setText(self.tr("Nothing pasted: {why}").format(why=self.tr("that is too much for the clipboard.")))
            return
        self._begin(model.paste(text, max(at.row(), 0), max(at.column(), 0)), self._pasted)

    def _pasted(self, wrong: str) -> None:
        self.words.setText(self.tr("Nothing pasted: {why}").format(why=wrong) if wrong else self.tr("Pasted."))

    def _copy(self) -> None:
        model, ranges = self.model, self.table.selectionModel().selection().toList()
        if model is None or not ranges:
            return
        rows = np.unique(np.concatenate([np.arange(one.top(), one.bottom() + 1) for one in ranges]))
        columns = np.unique(np.concatenate([np.arange(one.left(), one.right() + 1) for one in ranges]))
        if len(rows) * len(columns) > MOST_COPIED:
            self.words.setText(self.tr("Nothing copied: at most {most} numbers go at once.").format(most=count(MOST_COPIED)))
            return
        lines: list[str] = []

        def copied(_: str) -> None:
            QApplication.clipboard().setText("\n".join(lines))
            self.words.setText(self.tr("Copied."))

        self._begin(model.copy(rows, columns, lines), copied)

    def _begin(self, steps: Steps, then: Callable[[str], object]) -> None:
        def ended(wrong: str) -> None:
            self._use(True)
            then(wrong)

        self._use(False)
        self._slices.run(steps, ended)

    def _use(self, idle: bool) -> None:
        for widget in self._while_idle:
            widget.setEnabled(idle)

    def _tell(self, share: float) -> None:
        self.words.setText(self.tr("{percent} % …").format(percent=round(100 * share)))
