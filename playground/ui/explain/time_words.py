"""What the numbers of a layer that goes through time are called: gate, step and unit."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QCoreApplication

from playground.anim.account import Equation
from playground.anim.accounts import lettering
from playground.anim.cells import Cells
from playground.anim.time_cells import REVERSE, TimeCells
from playground.layers.recurrent import Recurrent
from playground.ui.painters.gate_words import gate_words


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
READ = ("weight_input", "weight_hidden", "peephole")
"""The parameters of what a gate's sum reads, in the order of its terms."""
LETTERS = "xhc"


def read(equation: Equation) -> tuple[str, ...]:
    """What the terms of a gate's sum are called: ``x₁ x₂ ... h₁ h₂ ...``, what comes in and the state before; ``()`` of other sums."""
    if equation.role != "sum" or not len(equation.terms) or not _parameter(equation, 0):
        return ()
    ends = [bisect_left(range(len(equation.terms)), at, key=lambda term: _kind(equation, term)) for at in range(1, len(READ) + 1)]
    names: list[str] = []
    for letter, start, end in zip(LETTERS, [0, *ends], ends, strict=False):
        names += [letter + str(at + 1).translate(SUBSCRIPT) for at in range(end - start)] if letter != "c" else [letter] * (end - start)
    return tuple(names)


def _kind(equation: Equation, term: int) -> int:
    """Which of ``READ`` the term is of; their number of a bias."""
    found = _parameter(equation, term)
    return READ.index(found) if found else len(READ)


def _parameter(equation: Equation, term: int) -> str:
    place = equation.terms[term].factors[0].place
    name = place.name.removesuffix(REVERSE) if place is not None and not place.gradient else ""
    return name if name in READ else ""


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


def parameter(name: str, index: tuple[int, ...], cell: Recurrent, cells: Cells) -> str:
    """``"forget gate of unit 2: input weight 1"``, of a cell with one gate ``"unit 2: input weight 1"``."""
    plain, end = name.removesuffix(REVERSE), REVERSE if name.endswith(REVERSE) else ""
    units = dict(cells.parts)[f"weight_hidden{end}"][1]
    gate, within = lettering.within(cell, units, plain, index)
    unit, *rest = (int(at) + 1 for at in within)
    whose = _tr("{gate} of unit {unit}").format(gate=gate_words(gate), unit=unit) if gate else _tr("unit {unit}").format(unit=unit)
    words = {
        "weight_input": _tr("input weight"),
        "weight_hidden": _tr("recurrent weight"),
        "bias": _tr("bias"),
        "hidden_bias": _tr("recurrent bias"),
        "peephole": _tr("peephole weight"),
        "initial_h": _tr("state before the first step"),
        "initial_c": _tr("cell state before the first step"),
    }
    told = " ".join([words.get(plain, plain.replace("_", " ")), *map(str, rest)])
    told = _tr("{whose}: {what}").format(whose=whose, what=told)
    return f"{told} ←" if end else told


def step(index: tuple[int, ...], cells: TimeCells) -> str:
    """``"step 4 of 12"``."""
    return _tr("step {n} of {all}").format(n=index[0] + 1, all=cells.steps)
