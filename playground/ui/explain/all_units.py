"""All units of a recurrent layer at one step: what each keeps of its state, what is written to it, what is read out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Place
from playground.anim.cursor import Cursor
from playground.anim.time_cells import REVERSE, TimeCells
from playground.engine.trace import Trace
from playground.ui.explain.figures import Figures
from playground.ui.explain.places import Key
from playground.ui.explain.sheet import Block, Row, Table
from playground.ui.explain.terms import biggest
from playground.ui.explain.tokens import HIDDEN
from playground.ui.numbers import count

Array = NDArray[np.float64]
SHOWN = 16
"""Units that have a row; of more, those with the largest state."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def parts(type: str, values: Mapping[str, NDArray[np.floating]], end: str, step: int) -> dict[str, Array] | None:
    """(U,) each: LSTM ``kept`` f c', ``written`` i g, ``c``, ``h``; GRU ``kept`` of h', ``written`` of the candidate, ``h``. ``None`` of
    other types, and where the trace lacks something. At the first step what is kept is the rest of the state: its start is in no trace.
    """
    needed = {"LSTM": "ifgoch", "GRU": "zrnh"}.get(type, "")
    found = {name: values.get(name + end) for name in needed}
    if not needed or any(one is None or one.ndim != 2 or step >= one.shape[0] for one in found.values()):
        return None
    whole = {name: np.asarray(one, np.float64) for name, one in found.items()}
    now = {name: one[step] for name, one in whole.items()}
    before = step + 1 if end == REVERSE else step - 1
    inside = 0 <= before < len(whole["h"])
    if type == "LSTM":
        written = now["i"] * now["g"]
        kept = now["f"] * whole["c"][before] if inside else now["c"] - written
        return {"kept": kept, "written": written, "c": now["c"], "h": now["h"]}
    new = 1.0 - now["z"] if f"hidden_sum{end}" in values else now["z"]  # PyTorch's form has z the other way round
    written = new * now["n"]
    return {"kept": (1.0 - new) * whole["h"][before] if inside else now["h"] - written, "written": written, "h": now["h"]}


def block(
    node: str, place: Place, trace: Trace, cells: TimeCells, passed: Cursor | None, type: str, figures: Figures, hidden: frozenset[Key]
) -> Block | None:
    """A row a unit, that of ``place`` marked; what a pass has not come to is not told."""
    end = REVERSE if place.name.endswith(REVERSE) else ""
    step, unit = place.index[0], place.index[1] % max(cells.units, 1)
    made = parts(type, trace.nodes[node].values, end, step)
    if made is None or cells.units < 2:
        return None
    state = "c" if type == "LSTM" else "h"
    order = sorted(biggest(made[state], SHOWN)) if cells.units > SHOWN else list(range(cells.units))
    if unit not in order:
        order = sorted([*order[:-1], unit])
    printed = {name: figures.column([float(numbers[at]) for at in order]) for name, numbers in made.items()}
    rows = []
    for row, at in enumerate(order):
        index = (step, at)
        known = {name: _told(node, name if name in ("c", "h") else state, end, index, passed, hidden) for name in made}
        told = tuple(printed[name][row] if known[name] else HIDDEN for name in made)
        values = tuple(float(made[name][at]) for name in made)
        places = tuple(Place(node, name + end, index) for name in ("c", "h") if name in made)
        rows.append(Row(count(at + 1), told, values, values[-1] if known["h"] else None, places, at == unit))
    more = _tr("and {count} more units").format(count=count(cells.units - len(order))) if len(order) < cells.units else ""
    heads = {"kept": _tr("kept"), "written": _tr("written"), "c": "c", "h": _tr("read out") if type == "LSTM" else "h"}
    title = _tr("All units at step {step}").format(step=step + 1)
    return Block("all_units", title, "", table=Table(tuple(heads[name] for name in made), tuple(rows), more), aside=True)


def _told(node: str, name: str, end: str, index: tuple[int, int], passed: Cursor | None, hidden: frozenset[Key]) -> bool:
    """Whether the number may be told: it is not asked for, and the pass on show has come to it."""
    if (node, name + end, index) in hidden:
        return False
    if passed is None or passed.cell is None or passed.stage.node != node or passed.stage.phase != "forward":
        return True
    at = passed.stage.cells.find(name + end, index)
    return at is None or at <= passed.cell
