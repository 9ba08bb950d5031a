"""The terms of an equation: printed in a line, long sums folded, and below one another in a table with bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Equation, Number, Term
from playground.anim.cursor import Phase
from playground.layers.functions import written
from playground.ui.explain.figures import Figures
from playground.ui.explain.hiding import Hidden
from playground.ui.explain.places import LONGEST, Key, key
from playground.ui.explain.sheet import Row, Table
from playground.ui.explain.tokens import HIDDEN, Chunk, Line, Places, Token
from playground.ui.numbers import MINUS, count

SHOWN = 8
"""Rows of a table; the others are added up."""
IN_LINE = 4
"""Terms that a line prints; of more it prints the ``BIGGEST`` and folds the others."""
BIGGEST = 2
RESULT = {"forward": "text", "loss": "text", "backward": "err", "update": "upd"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def tone(number: Number, phase: Phase) -> str:
    """The color of an operand: blue is plus, orange minus; of errors pink and lime; what an update made is teal."""
    if number.place is None:
        return "text2"
    if number.place.moment == "after":
        return "upd"
    if not number.value or math.isnan(number.value):
        return "text2"
    if number.place.gradient:
        return "err" if number.value > 0 else "err_neg"
    return "pos" if number.value > 0 else "neg"


def _result_tone(number: Number, phase: Phase, hidden: Hidden) -> str:
    """Results stand out in the phase's color; a gradient tells its sign, unless it is asked for."""
    if number.place is not None and number.place.gradient and not hidden.hides(number):
        return tone(number, phase) if number.value else "text"
    return RESULT[phase]


def biggest(values: np.ndarray, most: int) -> list[int]:
    """The places of the ``most`` largest by size, those first; not-a-number counts as larger than any."""
    size = np.where(np.isfinite(values), np.abs(values), np.inf)
    return [int(i) for i in np.argsort(-size, kind="stable")[:most]]


def constant(terms: Sequence[Term]) -> bool:
    """Whether products are followed by one number by itself, the bias."""
    return len(terms) > 1 and len(terms[-1].factors) == 1 and len(terms[0].factors) > 1


# -- in a line
def line(equation: Equation, figures: Figures, phase: Phase, hidden: Hidden, lit: frozenset[Key] = frozenset()) -> Line:
    """``= 1.46·1 + 0.38·1 + … (381 more: +0.21) = 2.00``. The term of a ``lit`` place is printed, however small."""
    inner = _summands(equation, figures, phase, hidden, lit)
    handed_on: Places = ()
    if not equation.function and len(equation.terms) == 1 and len(equation.terms[0].factors) == 1 and equation.terms[0].sign > 0:
        source = equation.terms[0].factors[0]
        once = figures.one(source.value) == figures.one(equation.result.value)
        if once:  # a number that is only handed on is printed once
            inner, handed_on = (), _places(source)
    result = Token(
        HIDDEN if hidden.hides(equation.result) else figures.one(equation.result.value),
        _result_tone(equation.result, phase, hidden),
        tuple(dict.fromkeys((*_places(equation.result), *handed_on))),
        strong=True,
    )
    if not inner:
        return ((Token("=", "text3", space=True), result),)
    return (*_applied(equation, inner, figures, phase, hidden), (Token("=", "text3", space=True), result))


def _applied(equation: Equation, inner: Line, figures: Figures, phase: Phase, hidden: Hidden) -> Line:
    """The terms with the function around them."""
    first = Token("=", "text3", space=True)
    name = equation.function
    if name in ("", "identity"):
        return ((first, *inner[0]), *inner[1:])
    if name == "divide":
        around = ("(", ")") if len(equation.terms) > 1 else ("", "")
        below = _operand(equation.sides[0], figures, phase, hidden)
        ending = (Token(f"{around[1]} /", "text3", space=True), below)
        opening = (first, Token(around[0], "text3")) if around[0] else (first,)
        return ((*opening, *inner[0]), *inner[1:-1], (*inner[-1], *ending)) if len(inner) > 1 else ((*opening, *inner[0], *ending),)
    opening, closing = (first, Token(f"{'√' if name == 'sqrt' else written(name)}(", "text2")), Token(")", "text2")
    if len(inner) == 1:
        return ((*opening, *inner[0], closing),)
    return ((*opening, *inner[0]), *inner[1:-1], (*inner[-1], closing))


def _summands(equation: Equation, figures: Figures, phase: Phase, hidden: Hidden, lit: frozenset[Key]) -> Line:
    terms, values, separated = equation.terms, equation.values, equation.function == "max"
    figures = figures if separated else figures.adding(values.tolist())  # of many terms an array is slow to go through
    last = len(terms) - 1 if constant(terms) else None
    summed = len(terms) - (last is not None)
    if summed <= IN_LINE:
        shown, left = list(range(summed)), np.zeros(0)
    else:
        shown = biggest(values[:summed], BIGGEST)
        shown += lit_term(terms, summed, lit, shown)
        left = np.delete(values[:summed], shown)
    chunks: list[Chunk] = [_chunk(terms[i], figures, phase, hidden, at == 0, separated) for at, i in enumerate(shown)]
    if left.size:
        more = _tr("{count} more").format(count=count(left.size))
        total = "" if separated else f": {figures.one(float(left.sum()), signed=True)}"
        rest = Token(f"… ({more}{total})", "text3")
        chunks.append((rest,) if separated else (Token("+", "text3", space=True), rest))
    if last is not None:
        chunks.append(_chunk(terms[last], figures, phase, hidden, not chunks, separated))
    if separated:
        return tuple((*chunk, Token(",", "text3")) if at < len(chunks) - 1 else chunk for at, chunk in enumerate(chunks))
    return tuple(chunks)


def _chunk(term: Term, figures: Figures, phase: Phase, hidden: Hidden, first: bool, separated: bool) -> Chunk:
    """A signed product: a minus of its first factor becomes the joint, so that no two signs meet."""
    head, *others = term.factors
    own = head.value < 0 or (head.value == 0 and math.copysign(1, head.value) < 0)
    masked = hidden.hides(head)
    taken = term.sign > 0 and own and not masked and not separated
    minus = taken or term.sign < 0
    tokens: list[Token] = []
    color = "text" if masked else tone(head, phase)
    if not first and not separated:
        tokens.append(Token(MINUS if minus else "+", "text3", space=True))
    elif minus and not separated:
        tokens.append(Token(MINUS, color if taken else "text3"))
    words = HIDDEN if masked else figures.one(abs(head.value) if taken else head.value)
    wrapped = words.startswith(MINUS) and not (first and not tokens)
    tokens.append(Token(f"({words})" if wrapped and not separated else words, color, _places(head)))
    for factor in others:
        tokens.append(Token("·", "text3"))
        other = _operand(factor, figures, phase, hidden)
        tokens.append(Token(f"({other.text})", other.tone, other.places) if other.text.startswith(MINUS) else other)
    return tuple(tokens)


def _operand(number: Number, figures: Figures, phase: Phase, hidden: Hidden) -> Token:
    if hidden.hides(number):
        return Token(HIDDEN, "text", _places(number))  # its color would tell the sign
    return Token(figures.one(number.value), tone(number, phase), _places(number))


def _is_lit(term: Term, lit: frozenset[Key]) -> bool:
    return any(key(place) in lit for factor in term.factors for place in _places(factor))


def lit_term(terms: Sequence[Term], summed: int, lit: frozenset[Key], shown: Sequence[int]) -> list[int]:
    """The first of the ``summed`` terms that has a ``lit`` place, unless one of those ``shown`` has."""
    if not lit or summed > LONGEST or any(_is_lit(terms[i], lit) for i in shown):
        return []
    return next(([i] for i, term in enumerate(islice(terms, summed)) if _is_lit(term, lit)), [])


def _places(number: Number) -> Places:
    return (number.linked,) if number.linked is not None else ()


# -- in a table
def table(
    equation: Equation,
    heads: tuple[str, ...],
    names: Sequence[str],
    figures: Figures,
    phase: Phase,
    hidden: Hidden,
    lit: frozenset[Key] = frozenset(),
) -> Table | None:
    """Products below one another; ``None`` where there are fewer than two. ``names`` are the terms' own, by their order. The term of a
    ``lit`` place is among them, however small."""
    terms, values = equation.terms, equation.values
    last = len(terms) - 1 if constant(terms) else None
    summed = len(terms) - (last is not None)
    factors = len(terms[0].factors) if summed else 0
    if summed < 2 or factors < 2 or len(heads) != factors + 1:
        return None
    shown = biggest(values[:summed], SHOWN) if summed > SHOWN else list(range(summed))
    if summed > SHOWN and lit:
        shown += lit_term(terms, summed, lit, shown)
    chosen = [terms[i] for i in shown]
    if any(len(term.factors) != factors for term in chosen):
        return None
    columns = [[term.factors[at].value for term in chosen] for at in range(len(heads) - 1)]
    offset = [] if last is None else [terms[last].value]
    printed = [figures.column(column) for column in columns]
    products = figures.column([*(term.value for term in chosen), *offset])
    rows = [
        Row(
            names[i] if i < len(names) else count(i + 1),
            (*(HIDDEN if hidden.hides(term.factors[k]) else printed[k][at] for k in range(len(columns))), products[at]),
            (*(column[at] for column in columns), term.value),
            term.value,
            tuple(place for factor in term.factors for place in _places(factor)),
        )
        for at, (i, term) in enumerate(zip(shown, chosen, strict=True))
    ]
    if last is not None:
        place = terms[last].factors[0].place
        rows.append(
            Row(_tr("bias"), ("",) * len(columns) + (products[-1],), (terms[last].value,), terms[last].value, (place,) if place else ())
        )
    more = ""
    if summed > len(shown):
        rest = np.delete(values[:summed], shown)
        more = _tr("and {count} more: {sum}").format(count=count(rest.size), sum=figures.one(float(rest.sum()), signed=True))
    return Table(heads, tuple(rows), more, tones={"backward": ("err", "err_neg"), "update": ("upd", "upd")}.get(phase, ("pos", "neg")))
