"""What formulas call the values and parameters of a recurrent node: of gates whose rows are stacked the gate stands above and the
unit below, of two directions the one that reads from the right has an arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.anim.accounts import latex
from playground.anim.time_cells import REVERSE, suffixes
from playground.layers.recurrent import Recurrent

ARROW = r"\leftarrow"
LETTERS = {"peephole": "p", "hidden_bias": "d", "reset_state": "(r h')", "hidden_sum": "(U h' + d)"}
"""What only recurrent nodes have."""
STACKED = {"weight_input": 0, "weight_hidden": 0, "bias": 0, "pre_activation": 1}
"""By name, the axis in which the gates lie side by side."""
STARTS = ("initial_", "start_")
"""How the states before the first step are called."""


def entry(cell: Recurrent, fields: Mapping[str, Any], name: str, index: Sequence[int | str], letter: str = "", title: str = "") -> str:
    """The symbol of entry ``index`` of the value or parameter ``name``: ``w^{f}_{21}`` of ``weight_input``, ``h_{0,2}`` of ``initial_h``,
    ``h_{T,2}`` of the ``state`` that is handed on. ``letter`` stands in the name's place (an error's), ``title`` is of another node."""
    plain, end = name.removesuffix(REVERSE), REVERSE if name.endswith(REVERSE) else ""
    start = next((one for one in STARTS if plain.startswith(one)), "")
    gate, written = within(cell, int(fields["units"]), plain, index)
    if start:
        plain, written = plain.removeprefix(start), ("0", *written)
    elif plain == "state" and len(written) == 2 and isinstance(written[0], int):
        direction, state = divmod(written[0], len(cell.states))
        plain, end, written = cell.states[state], suffixes(fields)[direction], ("T", written[1])
    arrow = ARROW if end and len(suffixes(fields)) > 1 else ""
    commas = plain not in ("weight_input", "weight_hidden")
    return (letter or LETTERS.get(plain) or latex.named(plain)) + latex.above(gate, arrow, title) + latex.subscript(written, commas)


def within(cell: Recurrent, units: int, plain: str, index: Sequence[int | str]) -> tuple[str, tuple[int | str, ...]]:
    """The gate whose number it is, and the index within that gate; no gate where a cell has but one, or the row is a running letter."""
    if plain == "peephole" and index and isinstance(row := index[0], int):
        return [one for one in cell.gates if one in cell.sigmoids][row], tuple(index[1:])
    axis = STACKED.get(plain)
    if axis is None or len(cell.gates) == 1 or axis >= len(index) or not isinstance(row := index[axis], int):
        return "", tuple(index)
    return cell.gates[row // units], (*index[:axis], row % units, *index[axis + 1 :])
