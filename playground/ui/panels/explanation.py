"""What the explain panel says of a unit: formula, terms, results and one sentence, all from one trace. No widgets here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.document import Document
from playground.document.graph import fields_of, sources
from playground.engine.trace import NodeTrace, Trace
from playground.errors import PlaygroundError
from playground.layers import registry
from playground.layers.functions import FUNCTIONS
from playground.layers.output import SQUARED
from playground.ui.numbers import MINUS, number, signed
from playground.ui.panels.editors import readable

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a sum. ``number`` counts from 1."""

    number: int
    weight: float
    value: float
    product: float


@dataclass(frozen=True, slots=True)
class Line:
    """A result below the terms: words, the number that stands out, and what it is made of."""

    words: str
    number: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """``heads`` title the three columns of ``terms``. ``more`` is the number of terms left out, and their sum."""

    caption: str = ""
    formula: str = ""
    heads: tuple[str, str, str] = ("", "", "")
    terms: tuple[Term, ...] = ()
    more: tuple[int, float] | None = None
    lines: tuple[Line, ...] = ()
    sentence: str = ""
    unsigned: bool = False
    """Whether the last column holds shares, which have no sign."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a unit's explanation is made from."""

    name: str
    unit: int | None
    values: Mapping[str, np.ndarray]
    inputs: tuple[np.ndarray, ...]
    parameters: Mapping[str, np.ndarray]
    fields: Mapping[str, object] = field(default_factory=dict)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def explain(document: Document, trace: Trace | None, node: str, unit: int | None) -> Explanation:
    """Explain ``unit`` of ``node`` (its first one where none is named) with the numbers of ``trace``."""
    name = document.nodes[node].title or node
    kind = registry.find(document.nodes[node].type)
    if kind is None:
        return Explanation(name, sentence=_tr("This version does not know this layer, so there is nothing to compute."))
    try:
        fields = fields_of(document, node)
    except PlaygroundError as error:
        return Explanation(name, sentence=str(error))
    formula = kind.formula(fields)
    traced = trace.nodes.get(node) if trace is not None else None
    if trace is None or traced is None or "output" not in traced.values:
        return Explanation(name, formula, sentence=f"{kind.summary} {_tr('Train, or make one step, and its numbers stand here.')}")
    given = sources(document, node)
    inputs = tuple(_output(trace, source) for source in given)
    parameters = {key.partition("/")[2]: part.before for key, part in trace.parameters.items() if key.partition("/")[0] == node}
    facts = Facts(name, unit, traced.values, tuple(array for array in inputs if array is not None), parameters, fields)
    if kind.name == "Output":
        return _output_node(facts, trace, traced, formula)
    if "weight" in parameters and parameters["weight"].ndim == 2 and facts.inputs:
        return _weighted_sum(facts, formula)
    if kind.name == "Activation" and facts.inputs:
        return _function(facts, formula)
    return _value(facts, formula, kind.summary)


def _output(trace: Trace, node: str) -> np.ndarray | None:
    there = trace.nodes.get(node)
    return there.values.get("output") if there is not None else None


def _weighted_sum(facts: Facts, formula: str) -> Explanation:
    weight, bias = facts.parameters["weight"], facts.parameters.get("bias")
    units = weight.shape[0]
    index = min(max(facts.unit or 0, 0), facts.values["output"].size - 1)
    unit, step = index % units, index // units
    x = np.atleast_2d(facts.inputs[0].reshape(-1, weight.shape[1]))[min(step, facts.inputs[0].size // weight.shape[1] - 1)]
    products = weight[unit] * x
    offset = float(bias[unit]) if bias is not None else 0.0
    total = float(products.sum())
    output = float(facts.values["output"].reshape(-1)[index])
    z = float(facts.values.get("pre_activation", facts.values["output"]).reshape(-1)[index])
    terms, more = _largest(weight[unit], x, products)
    lines = [Line(_tr("sum + bias"), signed(total), f"{signed(offset)} = {signed(z)}") if bias is not None else Line(_tr("sum"), signed(z))]
    function = str(facts.fields.get("activation", "identity"))
    if function != "identity":
        lines.append(Line(f"{readable(function)}({signed(z)})", signed(output, 3)))
    sentence = _sum_sentence(products, z, output, x.size)
    return Explanation(
        _caption(facts.name, _tr("neuron {number}"), unit),
        formula,
        (_tr("weight"), _tr("input"), _tr("product")),
        terms,
        more,
        tuple(lines),
        sentence,
    )


def _largest(weights: np.ndarray, x: np.ndarray, products: np.ndarray) -> tuple[tuple[Term, ...], tuple[int, float] | None]:
    """The terms to print: all in order where they are few, else the largest by size; and what the rest adds up to."""
    size = np.where(np.isfinite(products), np.abs(products), np.inf)
    chosen = np.argsort(-size, kind="stable")[:SHOWN] if products.size > SHOWN else np.arange(products.size)
    terms = tuple(Term(int(i) + 1, float(weights[i]), float(x[i]), float(products[i])) for i in chosen)
    if products.size <= SHOWN:
        return terms, None
    rest = np.delete(products, chosen)
    return terms, (int(rest.size), float(rest.sum()))


def _sum_sentence(products: np.ndarray, z: float, output: float, size: int) -> str:
    if not math.isfinite(z):
        return _tr("The numbers left the range here: this sum is no longer a number.")
    if not np.any(products):
        return _tr("All its inputs are 0 for this sample, so only the bias speaks: it answers {output}.").format(output=signed(output))
    first = int(np.argmax(np.abs(products)))
    if size == 1:
        return _tr("Its one input gives {product}. The neuron answers {output}.").format(
            product=signed(float(products[0])), output=signed(output)
        )
    text = _tr("Input {number} decides most: {product} of {total}. The neuron answers {output}.")
    return text.format(number=first + 1, product=signed(float(products[first])), total=signed(z), output=signed(output))


def _function(facts: Facts, formula: str) -> Explanation:
    x, y = facts.inputs[0].reshape(-1), facts.values["output"].reshape(-1)
    index = min(max(facts.unit or 0, 0), y.size - 1)
    name = str(facts.fields.get("function", ""))
    function = FUNCTIONS.get(name)
    on = int(np.count_nonzero(y > 0))
    sentence = function.help if function is not None else ""
    sentence += " " + _tr("{on} of {size} are above 0 for this sample.").format(on=on, size=y.size)
    lines = (Line(_tr("input"), signed(float(x[index]))), Line(f"{readable(name)}({signed(float(x[index]))})", signed(float(y[index]), 3)))
    return Explanation(_caption(facts.name, _tr("number {number}"), index), formula, lines=lines, sentence=sentence)


def _value(facts: Facts, formula: str, summary: str) -> Explanation:
    y = facts.values["output"].reshape(-1)
    index = min(max(facts.unit or 0, 0), y.size - 1)
    lines = []
    for port, x in enumerate(facts.inputs, 1):
        if x.size == y.size and len(facts.inputs) > 1:
            lines.append(Line(_tr("input {number}").format(number=port), signed(float(x.reshape(-1)[index]), 3)))
    lines.append(Line(_tr("output"), signed(float(y[index]), 3)))
    if y.size > 1:
        spread = f"{signed(float(y.min()))} … {signed(float(y.max()))}"
        lines.append(Line(_tr("smallest … largest"), spread))
    caption = _caption(facts.name, _tr("number {number}"), index) if facts.unit is not None else facts.name
    return Explanation(caption, formula, lines=tuple(lines), sentence=summary)


def _output_node(facts: Facts, trace: Trace, traced: NodeTrace, formula: str) -> Explanation:
    kind = str(facts.fields.get("loss"))
    y = traced.values["output"].reshape(-1)
    target = trace.target
    caption = f"{facts.name} · {_tr('sample')} #{trace.index}"
    if target is None:
        return Explanation(caption, formula, sentence=_tr("This sample has no truth to be held against."))
    lines, sentence = [], ""
    loss = "" if trace.loss is None else number(trace.loss)
    if kind == "softmax_cross_entropy" and np.asarray(target).size == 1:
        true = int(np.asarray(target).reshape(-1)[0])
        p = float(y[true]) if true < y.size else math.nan
        best = int(np.argmax(y))
        lines = [Line(_tr("p of the true class"), f"{p:.6g}"), Line(f"{MINUS}ln({p:.6g})", loss)]
        right = best == true
        text = _tr("It is right, and {percent} sure.") if right else _tr("It is wrong: it gives the true class {percent}.")
        sentence = text.format(percent=f"{100 * p:.1f}%")
        scores = facts.inputs[0].reshape(-1) if facts.inputs and facts.inputs[0].size == y.size else None
        if scores is not None and np.isfinite(scores).all():
            powers = np.exp(scores - scores.max())
            shown = np.argsort(-y, kind="stable")[:SHOWN] if y.size > SHOWN else np.arange(y.size)
            terms = tuple(Term(int(i), float(scores[i]), float(powers[i]), float(y[i])) for i in shown)
            lines.insert(0, Line(_tr("m, the largest score"), signed(float(scores.max()))))
            heads = (_tr("score"), "e^(z−m)", "p")
            return Explanation(caption, formula, heads, terms, None, tuple(lines), sentence, unsigned=True)
    elif kind in SQUARED:
        wanted = _wanted(np.asarray(target, np.float64).reshape(-1), y.size, facts)
        differences = y - wanted
        size = np.abs(differences)
        shown = np.argsort(-size, kind="stable")[:SHOWN] if y.size > SHOWN else np.arange(y.size)
        terms = tuple(Term(int(i) + 1, float(y[i]), float(wanted[i]), float(differences[i] ** 2)) for i in shown)
        scale = "½ Σ" if kind == "half_squared_error" else f"1/{y.size} Σ"
        lines = [Line(_tr("loss = {scale}").format(scale=scale), loss)]
        worst = int(np.argmax(np.abs(differences)))
        sentence = _tr("Output {number} is {difference} off its target.").format(
            number=worst + 1, difference=signed(float(differences[worst]))
        )
        return Explanation(caption, formula, (_tr("output"), _tr("target"), _tr("(y − t)²")), terms, None, tuple(lines), sentence)
    else:
        p = float(y[0])
        t = float(np.asarray(target).reshape(-1)[0])
        lines = [Line("p", f"{p:.4g}"), Line(_tr("target"), f"{t:g}"), Line(_tr("loss"), loss)]
        sentence = _tr("It gives the class “yes” {percent}.").format(percent=f"{100 * p:.1f}%")
    return Explanation(caption, formula, lines=tuple(lines), sentence=sentence)


def _wanted(target: np.ndarray, outputs: int, facts: Facts) -> np.ndarray:
    """What each output should be: values as they are; a class as low and high numbers."""
    low, high = float(str(facts.fields["target_low"])), float(str(facts.fields["target_high"]))
    if target.size == outputs and outputs > 1:
        return target
    if outputs == 1:
        return np.where(target > 0, high, low) if set(np.unique(target)) <= {0.0, 1.0} else target
    wanted = np.full(outputs, low)
    wanted[int(target[0])] = high
    return wanted


def _caption(node: str, template: str, index: int) -> str:
    return f"{node} · {template.format(number=index + 1)}"
