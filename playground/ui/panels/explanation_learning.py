"""What the explain panel says while the error is sent back and while weights change, all from one trace. No widgets here."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.document import Document
from playground.engine.trace import ParameterTrace, Trace
from playground.ui.numbers import number, signed
from playground.ui.panels.explanation import SHOWN, Explanation, Line, Term

GRADIENT = r"\frac{\partial L}{\partial w_{ji}} = \delta_j x_i"
DESCENT = r"w \leftarrow w - \eta \frac{\partial L}{\partial w}"
STEP = r"w \leftarrow w + \Delta w"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def explain_backward(document: Document, trace: Trace, node: str, unit: int | None) -> Explanation | None:
    """The weights' gradients of one unit: its error times each input. ``None`` where the trace has none of them."""
    weight, bias = trace.parameters.get(f"{node}/weight"), trace.parameters.get(f"{node}/bias")
    x = _input(document, trace, node)
    if weight is None or weight.gradient is None or weight.gradient.ndim != 2 or x is None or x.size != weight.gradient.shape[1]:
        return None
    chosen = _unit(unit, weight.gradient)
    slopes = weight.gradient[chosen]
    strongest = int(np.argmax(np.abs(x)))
    if bias is not None and bias.gradient is not None:
        error = float(bias.gradient[chosen])
    else:
        error = float(slopes[strongest] / x[strongest]) if x[strongest] else 0.0
    lines = [Line(_tr("error δ of the neuron"), signed(error, 3))]
    if bias is not None and bias.gradient is not None:
        lines.append(Line(_tr("gradient of the bias"), signed(error, 3)))
    sentence = _tr("Each weight gets its share of the error: the error times what came in through it.")
    return Explanation(
        _caption(document, node, _tr("neuron {number}, backward"), chosen),
        GRADIENT,
        (_tr("input"), _tr("error δ"), _tr("gradient")),
        tuple(Term(int(i) + 1, float(x[i]), error, float(slopes[i])) for i in _most(slopes)),
        None,
        tuple(lines),
        sentence,
    )


def explain_update(document: Document, trace: Trace, node: str, unit: int | None) -> Explanation | None:
    """One unit's weights before and after the update. ``None`` where the trace does not know what came after."""
    weight, bias = trace.parameters.get(f"{node}/weight"), trace.parameters.get(f"{node}/bias")
    if weight is None or weight.after is None or weight.before.ndim != 2:
        return None
    chosen = _unit(unit, weight.before)
    before, after = weight.before[chosen], weight.after[chosen]
    change = after - before
    training = document.training
    plain = training.optimizer == "sgd" and not (training.l1 or training.l2 or training.clip_norm)
    lines = [_bias_line(bias, chosen)] if bias is not None and bias.after is not None else []
    lines.append(Line(_tr("learning rate η"), number(training.learning_rate, trim=True)))
    moved = bool(np.any(change)) or (bias is not None and bias.after is not None and bias.after[chosen] != bias.before[chosen])
    sentence = _tr("Each weight goes against its gradient.") if moved else _tr("There was no error to learn from: nothing changes.")
    return Explanation(
        _caption(document, node, _tr("neuron {number}, update"), chosen),
        DESCENT if plain else STEP,
        (_tr("before"), _tr("after"), _tr("change")),
        tuple(Term(int(i) + 1, float(before[i]), float(after[i]), float(change[i])) for i in _most(change)),
        None,
        tuple(lines),
        sentence,
    )


def _bias_line(bias: ParameterTrace, unit: int) -> Line:
    assert bias.after is not None
    before, after = float(bias.before[unit]), float(bias.after[unit])
    return Line(_tr("bias after"), signed(after), f"= {signed(before)} {signed(after - before)}")


def _input(document: Document, trace: Trace, node: str) -> np.ndarray | None:
    source = next((wire.source for wire in document.wires if wire.target == node), "")
    values = trace.nodes[source].values.get("output") if source in trace.nodes else None
    return None if values is None else np.ravel(values)


def _unit(unit: int | None, matrix: np.ndarray) -> int:
    """The asked unit; without one, that with the largest numbers, which has most to tell."""
    if unit is not None and 0 <= unit < matrix.shape[0]:
        return unit
    return 0 if matrix.shape[0] == 1 else int(np.argmax(np.nan_to_num(np.abs(matrix)).sum(axis=1)))


def _most(values: np.ndarray) -> np.ndarray:
    """All places in order where they are few, else those of the largest values."""
    return np.arange(values.size) if values.size <= SHOWN else np.argsort(-np.nan_to_num(np.abs(values)), kind="stable")[:SHOWN]


def _caption(document: Document, node: str, template: str, unit: int) -> str:
    return f"{document.nodes[node].title or node} · {template.format(number=unit + 1)}"
