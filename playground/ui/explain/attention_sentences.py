"""Sentences of Attention: how well two steps match, who looks where, and how the answer's error comes back to both."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Account, Equation
from playground.anim.attention_cells import WEIGHTS
from playground.engine.trace import Trace
from playground.ui.explain.figures import Figures

ALMOST = 0.99
"""A step with so much of the weight, or so little beside it, hardly moves through the softmax."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def sentence(account: Account, trace: Trace, figures: Figures) -> str:
    """``""`` where the account is of something else."""
    last = account.equations[-1]
    place = last.result.place
    if place is None:
        return ""
    if last.role == "match":
        return _match(last, figures)
    if last.role == "padded":
        return _tr("Step {key} is padding: its match is so low that nobody looks at it.").format(key=place.index[1] + 1)
    if last.role == "softmax" and place.name == WEIGHTS:
        query, key = place.index
        return _tr("Step {query} gives {percent} of its attention to step {key}.").format(
            query=query + 1, key=key + 1, percent=_percent(last.result.value)
        )
    if last.role == "sum" and len(last.terms) and _looked(last):
        return _taken(last, figures)
    if last.role == "error_of_weight":
        return _of_weight(last, _weight(trace, last), figures)
    if last.role == "through_softmax":
        return _of_match(last, _weight(trace, last), figures)
    return _of_given(last, figures)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _looked(equation: Equation) -> bool:
    """Whether the terms are weights of attention times what they let in."""
    place = equation.terms[0].factors[0].place
    return place is not None and place.name == WEIGHTS


def _weight(trace: Trace, equation: Equation) -> float | None:
    """The weight that an error of a weight, or of the match that it was made from, belongs to."""
    place = equation.result.place
    traced = trace.nodes.get(place.node) if place is not None else None
    weights = traced.values.get(WEIGHTS) if traced is not None else None
    fits = weights is not None and place is not None and len(place.index) == 2 and all(np.array(place.index) < weights.shape)
    return float(weights[place.index]) if fits and weights is not None and place is not None else None


def _match(equation: Equation, figures: Figures) -> str:
    place, value = equation.result.place, equation.result.value
    assert place is not None
    words = (
        _tr("Query step {query} and key step {key} point the same way: they match by {value}.")
        if value > 0
        else _tr("Query step {query} and key step {key} point different ways: their match is {value}.")
    )
    return words.format(query=place.index[0] + 1, key=place.index[1] + 1, value=figures.one(value, signed=True))


def _taken(equation: Equation, figures: Figures) -> str:
    """Which step of the value the answer comes from."""
    shares = [term.factors[0].value for term in equation.terms]
    most = int(np.argmax(np.nan_to_num(shares)))
    return _tr("It looks most at step {key} ({percent}) and takes {part} from there, of {total} in all.").format(
        key=most + 1,
        percent=_percent(shares[most]),
        part=figures.one(equation.terms[most].value, signed=True),
        total=figures.one(equation.result.value, signed=True),
    )


def _more(error: float) -> str:
    return _tr("more") if error > 0 else _tr("less")


def _nothing_came(equation: Equation) -> bool:
    """Whether the errors that are multiplied are all 0: no target is asked for at this step of the query."""
    return all(term.factors[0].value == 0 for term in equation.terms)


def _of_weight(equation: Equation, weight: float | None, figures: Figures) -> str:
    place, error = equation.result.place, equation.result.value
    assert place is not None
    query, key = (at + 1 for at in place.index)
    if weight == 0:
        return _tr("Step {query} did not look at step {key} at all: this error goes no further.").format(query=query, key=key)
    if _nothing_came(equation):
        return _tr("No error came to the answer of step {query}: nothing goes back from there.").format(query=query)
    if error == 0:
        return _tr("What step {key} holds makes no difference to the error of step {query}.").format(query=query, key=key)
    return _tr(
        "Had step {query} looked a little more at step {key}, the loss would be {more}: the error of this weight is {error}."
    ).format(query=query, key=key, more=_more(error), error=figures.one(error, signed=True))


def _of_match(equation: Equation, weight: float | None, figures: Figures) -> str:
    error = equation.result.value
    if weight == 0:
        return _tr("Its weight is 0: no error gets through the softmax.")
    if weight is not None and weight > ALMOST:
        return _tr("It has {percent} of the attention already: the softmax is nearly flat here and lets little through.").format(
            percent=_percent(weight)
        )
    if _nothing_came(equation):
        return _tr("No error came to this row: nothing goes back from there.")
    if error == 0:
        return _tr("More weight here is taken from the other steps: for the loss that comes to the same.")
    return _tr(
        "A better match takes weight from the row's other steps. All of that together, the loss would be {more}: its error is {error}."
    ).format(more=_more(error), error=figures.one(error, signed=True))


def _of_given(equation: Equation, figures: Figures) -> str:
    """Of an entry of value, query or key: which step its error comes from."""
    words = {
        "error_of_value": _tr("Errors come back by the weights that it was taken with: most from step {step}, {part}; {total} in all."),
        "error_of_query": _tr("Each key pulls at the query by its match's error: most that of step {step}, {part}; {total} in all."),
        "error_of_key": _tr("Each query pulls at the key by its match's error: most that of step {step}, {part}; {total} in all."),
    }.get(equation.role, "")
    if not words or not len(equation.terms):
        return ""
    divisor = equation.sides[0].value if equation.function == "divide" else 1.0
    values = equation.values / divisor
    if not values.any():
        return _tr("No error comes back to it: nothing is to be changed here.")
    most = int(np.argmax(np.abs(np.nan_to_num(values, nan=np.inf))))
    return words.format(
        part=figures.one(float(values[most]), signed=True), total=figures.one(equation.result.value, signed=True), step=most + 1
    )
