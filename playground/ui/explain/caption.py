"""What a sheet is of, in a few words, and whether there is something to predict."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from playground.anim.account import Account
from playground.anim.cursor import Cursor
from playground.anim.time_cells import TimeCells
from playground.data import Description
from playground.document import Document
from playground.document.graph import fields_of
from playground.layers import registry
from playground.ui.explain import attention_words, time_words, window_words
from playground.ui.explain.build import Options

TRIVIAL = ("value", "same", "learned", "looked_up", "marked", "unchanged")
"""Roles of accounts that only repeat a number."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def askable(made: Account) -> bool:
    """Whether the result of ``made`` can be worked out: it is a number, and made of others."""
    return math.isfinite(made.result.value) and made.equations[-1].role not in TRIVIAL


def options(document: Document, description: Description | None, made: Account, cursor: Cursor, passing: bool, given: Options) -> Options:
    """``given`` with the caption and the names that belong to the cell; ``description`` is the data's. ``passing``: the cursor is that of
    a pass on show, which stands at one of the equations."""
    node = document.nodes[made.node]
    kind = registry.find(node.type)
    names = () if description is None else tuple(name.replace("_", " ") for name in description.feature_names)
    classes = () if description is None else tuple(description.classes)
    named = class_of(document, made, cursor, classes) if description is not None and description.task == "classification" else ""
    symbols = () if description is None or node.type != "Embedding" else description.tokens
    return replace(
        given,
        caption=f"{node.title or made.node} · {part(made, cursor, classes, symbols, node.type, named)}",
        summary=kind.summary if kind is not None else "",
        formula=kind.formula(fields_of(document, made.node)) if kind is not None else "",
        names=names,
        classes=classes,
        named=named,
        inputs=frozenset(id for id, placed in document.nodes.items() if placed.type == "Input"),
        fraction=cursor.fraction if passing else 0.0,
    )


def class_of(document: Document, made: Account, cursor: Cursor, classes: tuple[str, ...]) -> str:
    """``class 6``: what the cell of an Output with a number for each class stands for, or of the node that it reads; ``""`` of others."""
    outputs = {id for id, node in document.nodes.items() if node.type == "Output"}
    if made.node not in outputs and not any(wire.source == made.node and wire.target in outputs for wire in document.wires):
        return ""
    name, index = cursor.stage.cells.place(made.cell)
    shape = () if isinstance(cursor.stage.cells, TimeCells) else dict(cursor.stage.cells.parts).get(name, ())
    if not classes or shape[:1] != (len(classes),) or len(shape) > 2 or (len(shape) == 2 and made.phase != "update"):
        return ""
    return _tr("class {name}").format(name=classes[index[0]])


def part(made: Account, cursor: Cursor, classes: tuple[str, ...], symbols: tuple[str, ...] = (), type: str = "", named: str = "") -> str:
    """``neuron 3, backward``; ``weight 2 of neuron 1``. ``symbols``: what the rows of an Embedding's table stand for; ``type``: of which
    layer type the node is; ``named``: the class that the cell is of."""
    name, index = cursor.stage.cells.place(made.cell)
    cell, neurons = registry.cell(type), registry.has_neurons(type)
    if made.phase == "update":
        if kernel := window_words.parameter(name, index, cursor.stage.cells):
            return kernel
        if cell is not None:
            return time_words.parameter(name, index, cell, cursor.stage.cells)
        if neurons and name == "bias" and len(index) == 1:
            return _tr("bias of neuron {number}").format(number=_neuron(index[0], named))
        if name == "weight" and len(index) == 2 and index[0] < len(symbols):
            return _tr("row of “{symbol}”, number {number}").format(symbol=symbols[index[0]], number=index[1] + 1)
        if name == "weight" and len(index) == 2:
            return _tr("neuron {number}, weight {input}").format(number=_neuron(index[0], named), input=index[1] + 1)
        return f"{name.replace('_', ' ')} {', '.join(str(at + 1) for at in index)}"
    if made.phase == "loss":
        if len(index) != 2:
            return _tr("the loss, {name}").format(name=named) if named else _tr("the loss")
        words = _tr("the loss at step {step}").format(step=index[0] + 1)
        wide = cursor.stage.cells.parts[0][1][-1] > 1
        return f"{words}, “{classes[index[1]]}”" if wide and index[1] < len(classes) else words
    if isinstance(cursor.stage.cells, TimeCells):
        words = time_words.place(name, index, cursor.stage.cells)
        return _tr("{part}, backward").format(part=words) if made.phase == "backward" else words
    if inner := attention_words.place(name, index):
        return _tr("{part}, backward").format(part=inner) if made.phase == "backward" else inner
    if made.equations[-1].role == "softmax":
        name = classes[index[-1]] if index and index[-1] < len(classes) else str(index[-1] if index else 0)
        words = _tr("class {name}").format(name=name)
    elif neurons and len(index) == 1:
        words = _tr("neuron {number}").format(number=_neuron(index[0], named))
    elif named:
        words = named
    else:
        words = window_words.place(index)
    return _tr("{part}, backward").format(part=words) if made.phase == "backward" else words


def _neuron(at: int, named: str) -> str:
    """Neurons count from 1, digits from 0: where one stands for a class, both are told."""
    return f"{at + 1} ({named})" if named else f"{at + 1}"
