"""The sheet of what has no account: a formula without numbers, an Input, a layer that this version does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Place
from playground.document import Document
from playground.document.graph import fields_of
from playground.engine.live.snapshot import DRAWING
from playground.engine.trace import Trace
from playground.errors import PlaygroundError
from playground.layers import registry
from playground.ui.explain.figures import Figures
from playground.ui.explain.sheet import Block, Sheet
from playground.ui.explain.time_words import SUBSCRIPT
from playground.ui.explain.tokens import Token
from playground.ui.numbers import measured
from playground.ui.wording import declared

LISTED = 8
"""Numbers of an Input that are written one by one; of more only the range."""
DEFAULT = r"y = f(\sum_i w_i x_i + b)"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def _value(node: str, output: np.ndarray, at: int, figures: Figures) -> Token:
    """Number ``at`` of what a node puts out."""
    place = Place(node, "output", tuple(int(one) for one in np.unravel_index(at, output.shape)))
    return Token(figures.one(float(np.ravel(output)[at])), "text", (place,), strong=True)


def start_sheet() -> Sheet:
    """What stands there before anything is chosen."""
    words = _tr("Select a node, a neuron or a number. Its formula stands here: in symbols, and with the numbers of this moment.")
    return Sheet("", words, (Block("", "", DEFAULT),), dim=True)


def plain_sheet(
    document: Document, trace: Trace | None, node: str, unit: int | None, figures: Figures, ahead: bool, units: Sequence[str] = ()
) -> Sheet:
    """The layer's own formula and summary; of an entry of an Input its number. ``ahead``: the pass has not come to it yet. ``units``:
    what numbers that were standardized were measured in."""
    name = document.nodes[node].title or node
    kind = registry.find(document.nodes[node].type)
    if kind is None:
        return Sheet(name, _tr("This version does not know this layer, so there is nothing to compute."))
    try:
        formula = kind.formula(fields_of(document, node))
    except PlaygroundError as error:
        return Sheet(name, declared(str(error)))
    traced = trace.nodes.get(node) if trace is not None else None
    output = traced.values.get("output") if traced is not None else None
    blocks = (Block("", "", formula),) if formula else ()
    if ahead and output is not None and kind.name != "Input":
        return Sheet(name, _tr("The pass has not come here yet."), blocks, dim=True)
    if output is None or trace is None:
        return Sheet(name, f"{declared(kind.summary)} {_tr('Train, or make one step, and its numbers stand here.')}", blocks)
    sample = _tr("your picture") if trace.split == DRAWING else _tr("sample #{index}").format(index=trace.index)
    if kind.name != "Input" or output.size == 0:
        return Sheet(f"{name} · {sample}", declared(kind.summary), blocks)
    flat = np.ravel(output)
    data = trace.original if trace.original is not None and trace.original.shape == flat.shape else None
    own = tuple(measured(data, at, units) for at in range(flat.size)) if data is not None else ()
    if unit is None or not 0 <= unit < flat.size:
        low, high = figures.one(float(flat.min()), signed=True), figures.one(float(flat.max()), signed=True)
        title = _tr("Its number") if flat.size == 1 else _tr("Its numbers, standardized") if own else _tr("Its numbers")
        values = [_value(node, output, at, figures) for at in range(flat.size if flat.size <= LISTED else 0)]
        line = tuple((Token(f"x{at + 1} = ".translate(SUBSCRIPT)), replace(value, space=True)) for at, value in enumerate(values))
        if own:
            line = tuple((*chunk, Token(f"({words})", "text3", space=True)) for chunk, words in zip(line, own, strict=False))
        elif len(line) == 1:
            line = ((values[0],),)
        told = _tr("from {low} to {high}").format(low=low, high=high)
        return Sheet(f"{name} · {sample}", declared(kind.summary), (*blocks, Block("value", title, "", line or ((Token(told, "text2"),),))))
    value = _value(node, output, unit, figures)
    line = ((replace(value, space=True), Token(f"({own[unit]})", "text3")),) if own else ((value,),)
    return Sheet(
        f"{name} · {_tr('number {number}').format(number=unit + 1)}",
        declared(kind.summary),
        (*blocks, Block("value", _tr("Its value, standardized") if own else _tr("Its value"), "", line)),
    )
