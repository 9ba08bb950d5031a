"""A small unit's whole update at a glance: every weight and the bias, each on a number line; a perceptron's by its own rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Account, Number, Place
from playground.anim.accounts import account
from playground.anim.accounts.book import book
from playground.anim.cursor import Cursor
from playground.engine.program.lowering import Lowered
from playground.engine.trace import Trace
from playground.ui.explain.build import Options, new_value
from playground.ui.explain.figures import Figures
from playground.ui.explain.hiding import Hidden
from playground.ui.explain.sheet import Block, Sheet
from playground.ui.explain.terms import tone
from playground.ui.explain.tokens import HIDDEN, Chunk, Token
from playground.ui.numbers import MINUS

MOST_WEIGHTS = 3
STRAIGHT = ("step", "identity")
"""Functions that hand the error on as it is, so that the gradient is the error times the input."""
SEEN = 0.12
"""The share of a number line's half that the largest move must be, for lines of one length."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


@dataclass(frozen=True, slots=True)
class _Part:
    """One parameter of the unit: the cell of its update, its name's letter and its index among the weights."""

    cell: int
    name: str
    index: tuple[int, ...]


def with_unit(shown: Sheet, made: Account, lowered: Lowered, trace: Trace, cursor: Cursor, options: Options) -> Sheet:
    """``shown``, the sheet of one weight's update, with the other weights of its unit where those are few. A perceptron's rule takes the
    place of the gradients: it is the same arithmetic."""
    parts = [part for part in _parts(cursor, made) if part.cell <= made.cell or not options.asking]
    if not parts or made.equations[-1].role != "update":
        return shown
    accounts = [account(lowered, trace, replace(cursor, cell=part.cell)) for part in parts]
    here = next((at for at, part in enumerate(parts) if part.cell == made.cell), 0)
    if is_rule(made, lowered, trace):
        blocks = [_rule(part, told, lowered, trace, options) for part, told in zip(parts, accounts, strict=True) if told is not None]
        return replace(shown, blocks=_alike(blocks, here), present=here, lens=True) if len(blocks) == len(parts) else shown
    if options.hidden:
        return shown
    others = [
        replace(new_value(told.equations[-1], options), title=_title(part), aside=True)
        for part, told in zip(parts, accounts, strict=True)
        if told is not None and part.cell != made.cell
    ]
    return replace(shown, blocks=(*shown.blocks, *others))


def _alike(blocks: list[Block], here: int) -> tuple[Block, ...]:
    """Number lines of one length, so that moves can be compared, unless none could be seen there; what is not at hand stands back."""
    moves = [block.move for block in blocks if block.move is not None]
    reach = 1.25 * max((abs(value) for move in moves for value in (move.old, move.new or 0.0)), default=0.0) or 1.0
    changes = [abs(move.new - move.old) for move in moves if move.new is not None]
    if 0 < max(changes, default=0.0) < SEEN * reach:
        reach = 0.0
    return tuple(
        replace(block, aside=at != here, move=None if block.move is None else replace(block.move, reach=reach))
        for at, block in enumerate(blocks)
    )


def is_rule(made: Account, lowered: Lowered, trace: Trace) -> bool:
    """Whether the update is the perceptron's (or the linear unit's): old + rate * (target - answer) * input."""
    update = trace.update
    if update is None or update.training.optimizer != "sgd" or len(update.batch) != 1 or update.clip != 1.0:
        return False
    if update.training.l1 or update.training.l2 or made.node not in lowered.sources.get(lowered.output, ()):
        return False
    straight = book(lowered).function(made.node) in STRAIGHT
    return straight and lowered.loss.plain_slope and len(made.equations) == 2


def _parts(cursor: Cursor, made: Account) -> list[_Part]:
    """The weights and the bias of the unit whose cell is at hand; empty where there are more than three weights."""
    cells, place = cursor.stage.cells, cursor.place
    if place is None or made.phase != "update":
        return []
    shapes = dict(cells.parts)
    weight = shapes.get("weight", ())
    if len(weight) != 2 or weight[1] > MOST_WEIGHTS or place[0] not in ("weight", "bias"):
        return []
    unit = place[1][0]
    wanted = [("weight", (unit, at)) for at in range(weight[1])] + ([("bias", (unit,))] if "bias" in shapes else [])
    return [_Part(cell, name, index) for name, index in wanted if (cell := cells.find(name, index)) is not None]


def _title(part: _Part) -> str:
    return _tr("Bias") if part.name == "bias" else _tr("Weight {number}").format(number=part.index[1] + 1)


def _rule(part: _Part, made: Account, lowered: Lowered, trace: Trace, options: Options) -> Block:
    """``w <- w + rate (t - y) x``, with the numbers."""
    figures, hidden, equation = options.figures, options.hidden, made.equations[-1]
    old, rate = equation.terms[0].factors[0], equation.terms[1].factors[0]
    letter = "b" if part.name == "bias" else f"w_{{{part.index[1] + 1}}}"
    symbols = rf"{letter} \leftarrow {letter} + \eta\,(t - y)" + ("" if part.name == "bias" else rf"\, x_{{{part.index[1] + 1}}}")
    gradient = made.equations[0]
    own: list[Number] = [] if part.name == "bias" else [gradient.terms[0].factors[1]]
    chunks: list[Chunk] = [
        (Token("=", "text3", space=True), _number(old, figures, hidden)),
        (
            Token("+", "text3", space=True),
            _number(rate, figures, hidden),
            Token("·", "text3"),
            *_error(part.index[0], lowered, trace, figures, hidden),
            *(token for factor in own for token in (Token("·", "text3"), _number(factor, figures, hidden))),
        ),
    ]
    result = equation.result
    place = (result.place,) if result.place is not None else ()
    told = HIDDEN if hidden.hides(result) else figures.one(result.value)
    chunks.append((Token("=", "text3", space=True), Token(told, "upd", place, strong=True)))
    block = new_value(equation, options)
    return replace(block, title=_title(part), symbols=symbols, line=tuple(chunks))


def _error(unit: int, lowered: Lowered, trace: Trace, figures: Figures, hidden: Hidden) -> Chunk:
    """``(0 − 1)``: target less answer."""
    output = trace.nodes[lowered.output].values["output"]
    index = tuple(int(at) for at in np.unravel_index(unit, output.shape))
    target = np.ravel(np.asarray(trace.target))
    wanted = Number(float(target[unit] if target.size > unit else target[0]), "t", Place(lowered.output, "target", index))
    answer = Number(float(output[index]), "y", Place(lowered.output, "output", index))
    second = _number(answer, figures, hidden)
    below = second.text.startswith(MINUS)
    return (
        Token("(", "text3"),
        replace(_number(wanted, figures, hidden), tone="err", space=True),
        Token(MINUS, "text3", space=True),
        replace(second, tone="err", text=f"({second.text})" if below else second.text),
        Token(")", "text3"),
    )


def _number(number: Number, figures: Figures, hidden: Hidden) -> Token:
    places = (number.place,) if number.place is not None else ()
    if hidden.hides(number):
        return Token(HIDDEN, "text", places)
    return Token(figures.one(number.value), tone(number, "update"), places)
