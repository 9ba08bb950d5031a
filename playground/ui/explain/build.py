"""From an account to the sheet that the explain panel shows. No widgets here, and no number that is not the account's or the trace's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Account, Equation, Place
from playground.anim.accounts.book import book
from playground.anim.attention_cells import WEIGHTS
from playground.engine.program.lowering import Lowered
from playground.engine.trace import Trace
from playground.layers.functions import FUNCTIONS
from playground.ui.explain import time_words, words
from playground.ui.explain.figures import USUAL_FIGURES, Figures
from playground.ui.explain.grids import channels, grids, kernel_gradients, laid_out
from playground.ui.explain.hiding import NOTHING, Hidden
from playground.ui.explain.places import Key
from playground.ui.explain.sentences import sentence
from playground.ui.explain.sheet import Block, Graph, Move, Row, Sheet, Table
from playground.ui.explain.terms import SHOWN, biggest, line, table, tone
from playground.ui.explain.tokens import HIDDEN, Token
from playground.ui.numbers import count

GRADIENT = r"\frac{\partial L}{\partial w_{i}} = \delta\, x_{i}"
PLAIN = ("total", "product", "value", "dropout")
"""Roles of accounts for which a layer type's own formula says more than that of the operation."""
SHARES = ("softmax", "loss")
"""Roles whose block has a bar for each class."""
OF_STEPS = ("through_softmax", "error_of_value", "error_of_query", "error_of_key")
"""Roles whose terms are one step each."""
MIXED = 64
"""Of more gradients than these, none but a Dense's weights and biases are expected."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a sheet is to be made.

    ``names`` are those of the data's features, ``classes`` of its classes, ``named`` is the class that the cell is of (``class 6``),
    ``inputs`` the Input nodes whose entries the names are of. ``summary`` and ``formula`` are the layer type's own. A folded sum also
    shows the term that is ``lit``. ``asking``: results are asked for one after the other, so those of cells behind the present one must
    not be told yet.
    """

    caption: str = ""
    summary: str = ""
    formula: str = ""
    figures: Figures = USUAL_FIGURES
    hidden: Hidden = NOTHING
    names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    named: str = ""
    inputs: frozenset[str] = frozenset()
    fraction: float = 1.0
    lit: frozenset[Key] = frozenset()
    asking: bool = False


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def sheet(account: Account, lowered: Lowered, trace: Trace, options: Options) -> Sheet:
    """The sheet of one cell of ``trace``, a pass through ``lowered``."""
    blocks = [_block(equation, account, lowered, trace, options) for equation in account.equations]
    if account.phase == "forward" and len(blocks) == 1 and blocks[0].role in PLAIN and options.formula:
        blocks = [replace(blocks[0], symbols=options.formula)]
    if len(account.made) and not options.hidden:
        blocks += [_made(alike, account, options) for alike in _kinds(account.made)]
    answers = account.node in lowered.sources.get(lowered.output, ())
    names = next((_names(equation, options) for equation in account.equations if equation.role == "sum"), ())
    said = sentence(account, trace, options.figures, options.summary, answers, options.classes, options.named, names)
    if options.hidden:
        said = _tr("Work it out: which number belongs where the last question mark is?")
    return Sheet(options.caption, said, tuple(blocks), present(1.0 if options.asking else options.fraction, len(account.equations)))


def without_window(shown: Sheet) -> Sheet:
    """``shown`` without the grids of its first window and what its channels add."""
    at = next((at for at, block in enumerate(shown.blocks) if block.grids is not None and block.role != "made"), None)
    if at is None:
        return shown
    bare = replace(shown.blocks[at], grids=None, table=None)
    return replace(shown, blocks=(*shown.blocks[:at], bare, *shown.blocks[at + 1 :]))


def present(fraction: float, equations: int) -> int:
    """Which of so many equations a cell stands at when ``fraction`` of it is done."""
    return max(0, min(int(fraction * equations), equations - 1))


def _block(equation: Equation, account: Account, lowered: Lowered, trace: Trace, options: Options) -> Block:
    phase, figures, hidden = account.phase, options.figures, options.hidden
    made, squares = None, None
    if equation.role in SHARES:
        made = _classes(equation, account, trace, options)
    elif laid_out(equation):
        tones = ("err", "err_neg") if phase == "backward" else ("pos", "neg")
        squares, made = grids(equation, hidden, options.lit, phase != "forward", options.inputs), channels(equation, figures, tones)
    else:
        factors = equation.terms[0].factors if len(equation.terms) else ()
        heads = words.heads(equation.role, len(factors)) if factors and factors[0].place is not None else ()  # a share of both is no weight
        made = table(equation, heads, _names(equation, options), figures, phase, hidden, options.lit)
    told_in_line = options.lit if made is None and squares is None else frozenset[Key]()
    numbers = () if equation.role == "value" and not equation.symbols else line(equation, figures, phase, hidden, told_in_line)
    if equation.role == "update":
        numbers = (*numbers, *_from_to(equation, options))
    graph = _slope(equation, account, lowered, trace, options) if equation.role == "error" else _graph(equation, options)
    title = words.title(equation, options.named)
    return Block(equation.role, title, equation.symbols, numbers, made, graph, _move(equation, options), squares)


def new_value(equation: Equation, options: Options) -> Block:
    """The block of an update's last equation by itself."""
    numbers = (*line(equation, options.figures, "update", options.hidden), *_from_to(equation, options))
    return Block(equation.role, words.title(equation), equation.symbols, numbers, move=_move(equation, options))


def _names(equation: Equation, options: Options) -> tuple[str, ...]:
    """The features' names, where the terms are of an Input's numbers; the steps', where a gradient is a sum over them; of a gate's sum
    what comes in and the state before."""
    steps = _looks(equation) or time_words.read(equation) or (_steps(equation) if equation.role == "gradient" else ())
    if steps:
        return steps
    if not options.names or len(equation.terms) < len(options.names) or len(equation.terms[0].factors) != 2:
        return ()
    place = equation.terms[0].factors[1].place
    return options.names if place is not None and place.node in options.inputs and len(place.index) == 1 else ()


def _looks(equation: Equation) -> tuple[str, ...]:
    """What the terms of a row or column of Attention's matrix are called: steps of the other sequence."""
    first = equation.terms[0].factors[0].place if len(equation.terms) else None
    if equation.role not in OF_STEPS and not (equation.role == "sum" and first is not None and first.name == WEIGHTS):
        return ()
    return tuple(_tr("step {n}").format(n=at + 1) for at in range(len(equation.terms)))


def _steps(equation: Equation) -> tuple[str, ...]:
    """What the terms are called that are errors (T, U) at one step after the other; the first step may have none."""
    if len(equation.terms) < 2:
        return ()
    first, last = (equation.terms[at].factors[0].place for at in (0, -1))
    if first is None or last is None or not first.gradient or len(first.index) != 2 or first.index[1:] != last.index[1:]:
        return ()
    start = first.index[0]
    if last.index[0] - start != len(equation.terms) - 1:
        return ()
    return tuple(_tr("step {n}").format(n=start + at + 1) for at in range(len(equation.terms)))


def _class_name(options: Options, k: int, shares: bool) -> str:
    """The class's name; where it is a number, behind what the formulas call the class's share by: they count from 1."""
    name = options.classes[k] if k < len(options.classes) else count(k)
    symbol = f"{'p' if shares else 'a'}{str(k + 1).translate(time_words.SUBSCRIPT)}"
    return f"{symbol}: “{name}”" if name.isdigit() else name


def _classes(equation: Equation, account: Account, trace: Trace, options: Options) -> Table | None:
    """The prediction, a bar a class; beyond 8 classes those with the largest shares, and the true one."""
    output = trace.nodes[account.node].values.get("output")
    if output is None or output.ndim != 1 or output.size < 2:
        return None
    values = np.ravel(output).astype(float)
    true = int(np.ravel(trace.target)[0]) if trace.target is not None and np.asarray(trace.target).size == 1 else None
    shares = bool(np.all((values >= 0) & (values <= 1)))
    shown = list(range(values.size)) if values.size <= SHOWN + 2 else sorted({*biggest(values, SHOWN), *(() if true is None else (true,))})
    head = _tr("chance") if shares else _tr("answer")
    printed = [f"{values[k]:.{options.figures.digits}f}" for k in shown] if shares else options.figures.column([values[k] for k in shown])
    places = [Place(account.node, "output", (k,)) for k in shown]
    asked = [
        (account.node, "output", (k,)) in options.hidden.keys or (options.asking and account.phase == "forward" and k > account.cell)
        for k in shown
    ]
    rows = [
        Row(
            _class_name(options, k, shares),
            (HIDDEN if asked[at] else printed[at],),
            (float(values[k]),),
            None if asked[at] else float(values[k]),
            (places[at],),
            k == true,
        )
        for at, k in enumerate(shown)
    ]
    left = values.size - len(shown)
    more = _tr("and {count} more").format(count=count(left)) if left else ""
    return Table((head,), tuple(rows), more, unsigned=shares)


def _kinds(equations: Sequence[Equation]) -> list[Sequence[Equation]]:
    """Gradients of weights and biases are one table; those of other parameters, and errors passed on, each stand by themselves."""
    if len(equations) > MIXED:
        return [equations]
    found: dict[tuple[str, str], list[Equation]] = {}
    for equation in equations:
        place = equation.result.place
        name = "" if place is None or place.name in ("weight", "bias") else place.name
        found.setdefault((equation.role, name), []).append(equation)
    return list(found.values())


def _made(equations: Sequence[Equation], account: Account, options: Options) -> Block:
    """What the cell's error makes at once: a row each, the largest first where there are many."""
    figures = options.figures
    values = equations.values if hasattr(equations, "values") else np.array([equation.result.value for equation in equations])
    first = equations[0]
    if len(equations) == 1:
        return Block("made", words.title(first), first.symbols, line(first, figures, account.phase, options.hidden))
    last = equations[len(equations) - 1].result.place
    weights = len(values) - (last is not None and last.name == "bias")
    shown = [*(biggest(values[:weights], SHOWN) if weights > SHOWN else range(weights)), *range(weights, len(values))]
    if first.result.place is not None and first.result.place.name == "weight" and len(first.result.place.index) > 2:
        return _kernel(equations, values, account.node, options)
    chosen = [equations[i] for i in shown]
    paired = all(len(equation.terms) == 1 and len(equation.terms[0].factors) <= 2 for equation in chosen)
    results = figures.column([equation.result.value for equation in chosen])
    inputs = iter(
        figures.column([equation.terms[0].factors[1].value for equation in chosen if paired and len(equation.terms[0].factors) == 2])
    )
    heads = (_tr("input"), _tr("gradient")) if paired else (_tr("gradient"),)
    rows = []
    for at, (i, equation) in enumerate(zip(shown, chosen, strict=True)):
        numbers = [*equation.terms[0].factors, equation.result] if paired else [equation.result]
        single = paired and len(equation.terms[0].factors) == 1
        cells = ("" if single else next(inputs), results[at]) if paired else (results[at],)
        place = equation.result.place
        name = (
            _tr("bias")
            if place is not None and place.name == "bias"
            else options.names[i]
            if _named(equation, i, options)
            else count(i + 1)
        )
        places = tuple(number.linked for number in numbers if number.linked is not None)
        rows.append(Row(name, cells, (equation.result.value,), equation.result.value, places))
    more = _tr("and {count} more").format(count=count(len(values) - len(shown))) if len(values) > len(shown) else ""
    return Block(
        "made", words.gradients_title(chosen), GRADIENT if paired else "", (), Table(heads, tuple(rows), more, tones=("err", "err_neg"))
    )


def _kernel(equations: Sequence[Equation], values: np.ndarray, node: str, options: Options) -> Block:
    """The gradients of a filter's weights as the kernel stands, and that of its bias."""
    last = equations[len(equations) - 1].result
    bias = last if last.place is not None and last.place.name == "bias" else None
    ends = equations[len(equations) - (2 if bias is not None else 1)].result.place
    assert ends is not None
    shape = tuple(at + 1 for at in ends.index[1:])
    squares = kernel_gradients(np.asarray(values)[: math.prod(shape)], shape, ends.index[0], node)
    told: tuple[tuple[Token, ...], ...] = ()
    if bias is not None:
        number = Token(options.figures.one(bias.value, signed=True), tone(bias, "backward"), (bias.place,) if bias.place else ())
        told = ((Token(_tr("bias"), "text3", space=True), number),)
    return Block("made", _tr("Gradients of its kernel"), "", told, grids=squares)


def _named(equation: Equation, at: int, options: Options) -> bool:
    place = equation.terms[0].factors[-1].place
    return place is not None and place.node in options.inputs and len(place.index) == 1 and at < len(options.names)


def _graph(equation: Equation, options: Options) -> Graph | None:
    """The function's graph with the value on it, and the slope there."""
    if equation.function not in FUNCTIONS or equation.function in ("identity", "softmax") or equation.role != "activation":
        return None
    figures, hidden = options.figures, options.hidden
    argument, z, y = equation.terms[0].factors[0], equation.terms[0].value, equation.result.value
    slope = next((side.value for side in equation.sides), None)
    unknown = hidden.hides(equation.result)
    told = [f"z = {HIDDEN if hidden.hides(argument) else figures.one(z)}", f"f(z) = {HIDDEN if unknown else figures.one(y)}"]
    if slope is not None and not hidden:
        told.append(_slope_words(equation.function, slope, figures))
    stand = tuple(one.linked for one in (argument, equation.result) if one.linked is not None)
    tangent = _drawn(equation.function, None if hidden else slope)
    return Graph(equation.function, z, None if unknown else y, tangent, tuple(told), places=stand)


def _slope(equation: Equation, account: Account, lowered: Lowered, trace: Trace, options: Options) -> Graph | None:
    """The same graph in the backward pass, where it is the slope that counts."""
    function, result = book(lowered).function(account.node), equation.result.place
    if function not in FUNCTIONS or function in ("identity", "softmax") or result is None:
        return None
    if not len(equation.terms) or len(equation.terms[0].factors) != 2:  # of a unit that is switched off, or beside one
        return None
    values = trace.nodes[account.node].values
    if "pre_activation" in values:
        z = values["pre_activation"]
    else:
        source = trace.nodes.get(lowered.sources[account.node][0])
        z = source.values["output"] if source is not None and "output" in source.values else np.zeros(0)
    y = values.get("output")
    if y is None or z.shape != y.shape or len(result.index) != y.ndim:
        return None
    slope, figures = equation.terms[0].factors[1].value, options.figures
    told = (f"z = {figures.one(float(z[result.index]))}", _slope_words(function, slope, figures))
    return Graph(function, float(z[result.index]), float(y[result.index]), _drawn(function, slope), told, True, (result,))


def _slope_words(function: str, slope: float, figures: Figures) -> str:
    if FUNCTIONS[function].non_differentiable:
        return _tr("no slope: taken as {slope}").format(slope=figures.one(slope))
    return _tr("slope f′(z) = {slope}").format(slope=figures.one(slope))


def _drawn(function: str, slope: float | None) -> float | None:
    """The slope of the tangent; a step has none, whatever the error is multiplied by."""
    return None if FUNCTIONS[function].non_differentiable else slope


def _move(equation: Equation, options: Options) -> Move | None:
    old = _old(equation) if equation.role == "update" else None
    if old is None:
        return None
    place = equation.result.place
    return Move(old, None if options.hidden.hides(equation.result) else equation.result.value, places=() if place is None else (place,))


def _old(equation: Equation) -> float | None:
    """The parameter before the update."""
    for term in equation.terms:
        for factor in term.factors:
            if factor.place is not None and factor.place.moment == "before" and "/" not in factor.place.name:
                return factor.value
    return None


def _from_to(equation: Equation, options: Options) -> tuple[tuple[Token, ...], ...]:
    """The old number struck through, an arrow, the new one."""
    old = _old(equation)
    if old is None or options.hidden.hides(equation.result):
        return ()
    new = equation.result
    place = (new.place,) if new.place is not None else ()
    if new.value == old:
        return ((Token(_tr("stays"), "text3"),),)
    before, after = options.figures.pair(old, new.value)
    return (
        (
            Token(before, "text3", place, struck=True, space=True, fresh=True),
            Token("→", "upd", space=True),
            Token(after, tone(new, "update"), place, strong=True),
        ),
    )
