"""What the numbers of a layer that goes through time are called: gate, step and unit."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from playground.anim.time_cells import REVERSE, TimeCells
from playground.ui.painters.gate_words import gate_words


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def gate_of(name: str, column: int, cells: TimeCells) -> tuple[str, int]:
    """The letter of the gate or state that an entry is of, and the unit: of stacked sums the gate that the sum is for."""
    plain = name.removesuffix(REVERSE)
    if plain != "pre_activation":
        return plain, column
    return cells.gates[min(column // max(cells.units, 1), len(cells.gates) - 1)], column % max(cells.units, 1)


def place(name: str, index: tuple[int, ...], cells: TimeCells) -> str:
    """``"forget gate, step 4, unit 5"``."""
    if len(index) != 2:
        return name
    gate, unit = gate_of(name, index[1], cells)
    words = _tr("{what}, step {step}, unit {unit}").format(what=gate_words(gate), step=index[0] + 1, unit=unit + 1)
    if name.startswith("pre_activation"):
        words = _tr("sum of the {what}").format(what=words)
    return f"{words} ←" if name.endswith(REVERSE) else words


def step(index: tuple[int, ...], cells: TimeCells) -> str:
    """``"step 4 of 12"``."""
    return _tr("step {n} of {all}").format(n=index[0] + 1, all=cells.steps)
