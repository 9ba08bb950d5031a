"""Sentences and captions of what a window makes: a pixel of a convolution or a pool, a weight of a kernel."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Equation, Term
from playground.anim.cells import Cells
from playground.ui.explain.figures import Figures
from playground.ui.numbers import count


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def weighed(equation: Equation, activation: Equation | None, answer: str, figures: Figures) -> str:
    """Of the sum under a kernel: whether its pattern is there."""
    layout, total = equation.layout, figures.one(equation.result.value, signed=True)
    values = equation.values[: len(layout.places) if layout is not None else None]
    cut = activation is not None and activation.function == "relu" and equation.result.value <= 0
    if not np.any(values):
        words = _tr("There is nothing but zeros under the kernel, so only the bias speaks")
        told = _tr("{words}, and ReLU cuts it.") if cut else _tr("{words}: it answers {answer}.")
        return told.format(words=words, answer=answer)
    if cut:
        return _tr("The sum is {total}, below 0: this place does not look like the kernel, and ReLU cuts it.").format(total=total)
    sums = equation.subtotals
    if len(sums) > 1 and layout is not None:
        at = int(np.argmax(np.abs(np.nan_to_num(sums, nan=np.inf))))
        return _tr("Channel {n} adds most: {part} of {total}. This place answers {answer}.").format(
            n=layout.planes[at] + 1, part=figures.one(float(sums[at]), signed=True), total=total, answer=answer
        )
    plus, minus = float(values[values > 0].sum()), float(values[values < 0].sum())
    if plus and minus:
        return _tr("What fits the kernel adds {plus}, what does not takes {minus} away: this place answers {answer}.").format(
            plus=figures.one(plus, signed=True), minus=figures.one(-minus), answer=answer
        )
    words = _tr("All that lies under the kernel fits it") if plus else _tr("Nothing that lies under the kernel fits it")
    return _tr("{words}: the products add up to {total}, and this place answers {answer}.").format(
        words=words, total=figures.one(plus + minus, signed=True), answer=answer
    )


def pooled(equation: Equation, figures: Figures) -> str:
    """Of a pool's window; of all steps at once where there is none."""
    many, layout = count(len(equation.terms)), equation.layout
    if layout is None:
        mean = equation.role == "average"
        return (_tr("The mean of the {n} numbers goes on.") if mean else _tr("The largest of the {n} numbers goes on.")).format(n=many)
    if equation.role == "average":
        return _tr("The mean of the {n} numbers under the window goes on.").format(n=many)
    if layout.winner is None:
        return ""
    row, column = divmod(layout.winner, len(layout.columns))
    read = equation.terms[0].factors[0].place
    if read is not None and len(read.index) == 2:  # a picture's window may be one row high, too
        return _tr("Of {n} numbers under the window the largest goes on: the one at step {step}.").format(
            n=many, step=(layout.columns[column] or 0) + 1
        )
    return _tr("Of {n} numbers under the window the largest goes on: the one at row {row}, column {column}.").format(
        n=many, row=(layout.rows[row] or 0) + 1, column=(layout.columns[column] or 0) + 1
    )


def lost(arriving: Equation) -> str:
    """Why no error arrives, where a pool or a stride is the reason; else ``""``."""
    if arriving.layout is None:
        return ""
    if not len(arriving.terms):
        return _tr("No window looked at it, so no error comes back to it.")
    return _tr("It was not the largest under any window, so no error comes back to it.") if all(map(_of_loser, arriving.terms)) else ""


def _of_loser(term: Term) -> bool:
    """Whether a window was won by another."""
    return len(term.factors) == 2 and term.factors[1].place is None and term.factors[1].value == 0


def place(index: tuple[int, ...]) -> str:
    """Where an entry of pictures or sequences stands."""
    if len(index) == 3:
        return _tr("map {map}, row {row}, column {column}").format(map=index[0] + 1, row=index[1] + 1, column=index[2] + 1)
    if len(index) == 2:
        return _tr("step {step}, number {number}").format(step=index[0] + 1, number=index[1] + 1)
    return _tr("number {number}").format(number=", ".join(str(at + 1) for at in index))


def parameter(name: str, index: tuple[int, ...], cells: Cells) -> str:
    """``filter 2, channel 1, row 3, column 1``; ``""`` where it is no kernel's."""
    if len(dict(cells.parts).get("weight", ())) < 3 or name not in ("weight", "bias"):
        return ""
    numbers = [at + 1 for at in index]
    if name == "bias":
        return _tr("bias of filter {filter}").format(filter=numbers[0])
    if len(index) == 3:
        return _tr("filter {filter}, feature {feature}, tap {tap}").format(filter=numbers[0], feature=numbers[1], tap=numbers[2])
    return _tr("filter {filter}, channel {channel}, row {row}, column {column}").format(
        filter=numbers[0], channel=numbers[1], row=numbers[2], column=numbers[3]
    )
