"""The tools of an unrolled node's other pictures: which row, which unit, in which order; and the condition that is looked for."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from playground.ui.canvas.unrolled.condition import Wanted
from playground.ui.canvas.unrolled.painting import words
from playground.ui.dialogs.matrix import parsed
from playground.ui.panels.controls import Elided, Segments, label
from playground.ui.style import refresh

HEIGHT = 36
TYPED = 350
"""Milliseconds without a key after which a number counts as typed."""
SHARES = frozenset("ifozr")
ORDERS = ("number", "activity", "peak")


class Tools(QWidget):
    """``changed()`` when any of them is; ``unit_chosen(unit)`` when a unit is picked from the list."""

    changed = Signal()
    unit_chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("unrolled_tools")
        self.gate, self._gates, self._units = "h", tuple[str, ...](), 0
        self.any = True
        self._given = False
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 3, 12, 3)
        self._row.setSpacing(8)
        self._picker: Segments | None = None
        self.unit = QComboBox()
        self.unit.setObjectName("unrolled_unit")
        self.unit.setAccessibleName(self.tr("Unit"))
        self.unit.setFixedWidth(92)
        self.unit.activated.connect(self._pick_unit)
        self.order = QComboBox()
        self.order.setObjectName("unrolled_order")
        self.order.setAccessibleName(self.tr("Order of the units"))
        for name, told in zip(ORDERS, (self.tr("By number"), self.tr("By activity"), self.tr("By peak")), strict=True):
            self.order.addItem(told, name)
        self.order.setToolTip(self.tr("By activity: the units with the largest values first. By peak: those first that peak first"))
        self.order.setFixedWidth(104)
        self.order.activated.connect(lambda _: self.changed.emit())
        self.side = QComboBox()
        self.side.setObjectName("unrolled_side")
        self.side.setAccessibleName(self.tr("Below or above"))
        self.side.addItems([self.tr("below"), self.tr("above")])
        self.side.setFixedWidth(78)
        self.side.activated.connect(lambda _: self._take())
        self.value = QLineEdit("0.2")
        self.value.setObjectName("unrolled_value")
        self.value.setAccessibleName(self.tr("Value of the condition"))
        self.value.setToolTip(self.tr("Steps at which the row lies below or above this number are marked here and listed over the data"))
        self.value.setFixedWidth(56)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(TYPED)
        self._typed.timeout.connect(self._take)
        self.value.textEdited.connect(lambda _: self._typed.start())
        self.value.returnPressed.connect(self._take)
        self.told = Elided("caption")
        self.told.setObjectName("unrolled_held")
        self._of = label(self.tr("of"), "caption")
        for part in (self._of, self.unit, self.side, self.value):
            self._row.addWidget(part)
        self._row.addWidget(self.told, 1)
        self._row.addWidget(self.order)
        self.setFixedHeight(HEIGHT)
        self.hide()

    def show_for(self, gates: tuple[str, ...], units: int, selected: int | None, mode: str, finding: bool) -> None:
        """The rows and units of the node, what fits ``mode`` (steps, units, text) and, while ``finding``, the condition."""
        if gates != self._gates:
            self._show_gates(gates)
        if units != self._units:
            self._units = units
            self.unit.clear()
            self.unit.addItem(self.tr("any unit"))
            self.unit.addItems([self.tr("unit {n}").format(n=at + 1) for at in range(units)])
        any_ = self.any and mode != "text"
        model = self.unit.model()
        assert isinstance(model, QStandardItemModel)
        model.item(0).setEnabled(mode != "text")  # there one unit is shown
        self.unit.setCurrentIndex(0 if any_ else (selected if selected is not None else 0) + 1)
        self.order.setVisible(mode == "units")
        self.unit.setVisible(finding or mode == "text")
        self._of.setText(self.tr("of") if len(gates) > 1 else self.tr("{gate} of").format(gate=self.gate))
        self._of.setVisible(self.unit.isVisibleTo(self))
        for part in (self.side, self.value):
            part.setVisible(finding)

    def _suggest(self) -> None:
        """What tells most, until a condition is chosen by hand: a gate that closes, of what has a sign a unit that is on."""
        below = self.gate in SHARES
        self.side.setCurrentIndex(0 if below else 1)
        self.value.setText("0.2" if below else "0.5")

    def begin(self, selected: int | None) -> None:
        """A condition is looked for from now on: first on the gate that forgets, where there is one, of the ``selected`` unit."""
        self.any = selected is None
        if not self._given:
            self.choose_gate(next((gate for gate in ("f", "z") if gate in self._gates), self.gate))
            self._suggest()

    def _show_gates(self, gates: tuple[str, ...]) -> None:
        self._gates = gates
        if self.gate not in gates:
            self.gate = gates[-1]
        if self._picker is not None:
            self._row.removeWidget(self._picker)
            self._picker.hide()
            self._picker.deleteLater()
        self._picker = Segments([(f"unrolled_gate_{gate}", gate, words(gate)) for gate in gates], self)
        for button in self._picker.group.buttons():
            button.setFixedWidth(30)
        self._picker.choose(gates.index(self.gate))
        self._picker.chosen.connect(lambda at: self.choose_gate(gates[at]))
        self._row.insertWidget(0, self._picker)
        self._picker.setVisible(len(gates) > 1)

    def choose_gate(self, gate: str) -> None:
        """Show this row."""
        if gate in self._gates and gate != self.gate:
            self.gate = gate
            if not self._given:
                self._suggest()
            if self._picker is not None:
                self._picker.choose(self._gates.index(gate))
            self.changed.emit()

    def _pick_unit(self, at: int) -> None:
        self.any = at == 0
        if at:
            self.unit_chosen.emit(at - 1)
        self.changed.emit()

    def _take(self) -> None:
        self._typed.stop()
        self._given = True
        self.value.setProperty("bad", parsed(self.value.text()) is None)
        refresh(self.value)
        self.changed.emit()

    @property
    def how(self) -> str:
        """How units are sorted."""
        return ORDERS[max(self.order.currentIndex(), 0)]

    def wanted(self, selected: int | None, mode: str) -> Wanted | None:
        """The condition, on the ``selected`` unit where it is not on any: over the text it is on the one unit there. ``None`` where its
        number is none."""
        value = parsed(self.value.text())
        if value is None:
            return None
        unit = None if self.any and mode != "text" else selected if selected is not None else 0
        return Wanted(self.gate, unit, self.side.currentIndex() == 0, value)
