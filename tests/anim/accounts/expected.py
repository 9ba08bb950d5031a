"""What each cell's account must say, by layer type, from the naive pass: roles, factors, products, results, in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.anim.accounts import naive_norms as norms
from tests.anim.accounts import naive_windows as windows
from tests.anim.accounts import norm_terms, window_terms
from tests.anim.accounts.lines import EMPTY, NOTHING, Index, Line, line, scalar
from tests.anim.accounts.naive import UNIT, Pass, Step, axis_of, loss_kind, output_of
from tests.anim.accounts.near import Near, stacked


@dataclass(frozen=True)
class Made:
    """What a cell's error makes: the results of so many equations, and each one's line."""

    results: Near
    line: Callable[[int], Line]

    def __len__(self) -> int:
        return self.results.value.size


NONE = Made(NOTHING, lambda i: Line("", NOTHING, EMPTY, NOTHING, NOTHING))


# -- forward
def forward(made: Pass, node: str, index: Index) -> list[Line]:
    """The lines of entry ``index`` of ``node``'s output."""
    given, values, a = made.inputs(node), made.values[node], made.values[node]["output"][index]
    flat = int(np.ravel_multi_index(index, values["output"].shape))
    match made.type(node):
        case "Dense":
            step, unit, z = index[:-1], index[-1], values["pre_activation"][index]
            groups = [(1, [made.weight(node)[unit], given[0][step]])]
            if f"{node}/bias" in made.parameters:
                groups.append((1, [made.parameters[f"{node}/bias"][unit]]))
            identity = made.function(node) == "identity"
            total = line("sum", groups, a if identity else z)
            return [total] if identity else [total, *_function(made, node, values["pre_activation"], index)]
        case "Activation":
            return _function(made, node, given[0], index)
        case "Output" if made.function(node):
            return _function(made, node, given[0], index)
        case "Flatten" | "Reshape" | "Output":
            return [line("same", [(1, [given[0].reshape(-1)[flat]])], a)]
        case "Dropout":
            return [line("dropout", [(1, [values["mask"][index], given[0][index]])], a)]
        case "Add":
            return [line("total", [(1, [g[index]]) for g in given], a)]
        case "Multiply":
            return [line("product", [(1, [g[index] for g in given])], a)]
        case "Concatenate":
            port, at = _part(made, node, index)
            return [line("same", [(1, [given[port][at]])], a)]
        case kind if kind in windows.CONVOLUTIONS:
            identity = made.function(node) == "identity"
            total = line("sum", window_terms.summed(made, node, index), a if identity else values["pre_activation"][index])
            return [total] if identity else [total, *_function(made, node, values["pre_activation"], index)]
        case kind if kind in norms.TYPES:
            return norm_terms.forward(made, node, index)
        case kind if kind in windows.MOVERS:
            cells = window_terms.copied(made, node, index)
            return [line("same" if cells else "edge", cells, a)]
        case kind if kind in windows.TYPES:
            cells, count = window_terms.covered(made, node, index)
            return [line("maximum" if kind in windows.MAXIMA else "average", cells, a, [] if kind in windows.MAXIMA else [count])]
    raise KeyError(made.type(node))


def _part(made: Pass, node: str, index: Index) -> tuple[int, Index]:
    """Which input of a Concatenate an entry came from."""
    axis = axis_of(made.document, node, made.inputs(node)[0].shape)
    at = index[axis]
    for port, given in enumerate(made.inputs(node)):
        if at < given.shape[axis]:
            return port, (*index[:axis], at, *index[axis + 1 :])
        at -= given.shape[axis]
    raise IndexError(index)


def _function(made: Pass, node: str, z: Near, index: Index) -> list[Line]:
    from tests.anim.accounts.naive import slope

    a, name = made.values[node]["output"], made.function(node)
    if name != "softmax":
        return [line("activation", [(1, [z[index]])], a[index], [slope(name, z, a)[index]])]
    row = z[index[:-1]]
    top, powers = row.max(), powers_of(row)
    total, own = powers.sum(), powers[index[-1]]
    return [
        line("largest", [(1, [row])], top),
        line("power", [(1, [row[index[-1]]]), (-1, [top])], own),
        line("denominator", [(1, [powers])], total),
        line("softmax", [(1, [own])], a[index], [total]),
    ]


def powers_of(row: Near) -> Near:
    """e^(z - m) of a row of scores."""
    top = row.max()
    return (row - Near(np.full(row.shape, top.value), np.full(row.shape, top.error))).monotone(np.exp)


# -- loss
def loss(made: Pass, index: Index) -> list[Line]:
    """The contribution of entry ``index``, the loss, the derivative by its score."""
    node = output_of(made.document)
    p, kind = made.values[node]["output"], loss_kind(made.document)
    target, (scores,) = Near.exact(made.hot()), made.inputs(node)
    steps = p.shape[0] if len(p.shape) == 2 else 1
    lines, share, slope = [], 1 / steps, 1 / steps
    if kind == "softmax_cross_entropy":
        rows = [scores[row] for row in np.ndindex(*p.shape[:-1])]
        logs = [row - row.max() - powers_of(row).sum().monotone(np.log).plus(2 * UNIT) for row in map(_spread, rows)]
        logarithm = stacked(logs).reshape(*p.shape)
        each = -(_front(share, p.shape) * (target * logarithm))
        lines.append(line("contribution", [(-1, [*_constant(share), target[index], logarithm[index]])], each[index]))
    elif kind == "binary_cross_entropy":
        share = slope = 1 / p.value.size
        yes = -(-scores).monotone(lambda z: np.logaddexp(0.0, z))
        no = -scores.monotone(lambda z: np.logaddexp(0.0, z))
        rest = Near.exact(np.ones(p.shape)) - target
        each = -(_front(share, p.shape) * (target * yes + rest * no))
        each = each.plus(4 * UNIT * np.abs(scores.value) * share)  # the kernel's softplus(z) - z t
        groups = [(-1, [*_constant(share), target[index], yes[index]]), (-1, [*_constant(share), rest[index], no[index]])]
        lines.append(line("contribution", groups, each[index]))
    else:
        half = kind == "half_squared_error"
        share, slope = (0.5 / steps, 1 / steps) if half else (1 / p.value.size, 2 / p.value.size)
        gap = target - p
        each = _front(share, p.shape) * (gap * gap)
        lines.append(line("difference", [(1, [target[index]]), (-1, [p[index]])], gap[index]))
        lines.append(line("contribution", [(1, [*_constant(share), gap[index], gap[index]])], each[index]))
    lines.append(line("loss", [(1, [each])], each.sum()))
    groups = [(1, [*_constant(slope), p[index]]), (-1, [*_constant(slope), target[index]])]
    lines.append(line("derivative", groups, made.score_error()[index]))
    return lines


def _spread(row: Near) -> Near:
    """A row whose entries all carry the row's largest bound: a logarithm of the sum has it."""
    return Near(row.value, np.full(row.shape, row.error.max()))


def _constant(value: float) -> list[Near]:
    return [] if value == 1.0 else [scalar(value)]


def _front(value: float, shape: tuple[int, ...]) -> Near:
    return Near(np.full(shape, value), np.full(shape, value * UNIT))


# -- backward
def backward(made: Pass, node: str, index: Index) -> tuple[list[Line], Made]:
    """The lines of entry ``index``'s error, and the lines of what it makes."""
    errors = made.errors[node]
    groups, sides = [], []
    for reader, port in made.readers(node):
        if (reader, port) in made.shares:
            more, side = _coming(made, reader, port, index)
            groups += more
            sides += side
    lines = [line("arriving", groups, errors["output"][index], sides)]
    if made.type(node) not in ("Dense", *windows.CONVOLUTIONS):
        passed = _passed(made, node, index)
        return lines, Made(stacked([one.result for one in passed]), passed.__getitem__)
    name, z, delta = made.function(node), made.values[node]["pre_activation"], errors["pre_activation"]
    if name != "identity":
        more, side = _slope(made, node, z, index)
        lines.append(line("error", more, delta[index], side))
    unit = index[0] if len(index) == 3 and made.type(node) == "Conv2D" else index[-1]
    results = [made.gradients[f"{node}/weight"][unit]]
    if f"{node}/bias" in made.parameters:
        results.append(made.gradients[f"{node}/bias"][unit])
    features, shape = results[0].value.size, results[0].shape

    def own(i: int) -> Line:
        if i >= features:
            return gradient(made, f"{node}/bias", (unit,))
        return gradient(made, f"{node}/weight", (unit, *(int(n) for n in np.unravel_index(i, shape))))

    return lines, Made(stacked(results), own)


def _slope(made: Pass, node: str, z: Near, index: Index) -> tuple[list[tuple[int, list[Near]]], list[Near]]:
    from tests.anim.accounts.naive import slope

    error, name, a = made.errors[node]["output"], made.function(node), made.values[node]["output"]
    if name == "softmax":
        return _through_softmax(error[index[:-1]], a[index[:-1]], index[-1]), []
    return [(1, [error[index], slope(name, z, a)[index]])], [z[index]]


def _through_softmax(error: Near, a: Near, own: int) -> list[tuple[int, list[Near]]]:
    """dL/dz_j = sum_k dL/da_k a_k ([k = j] - a_j), term by term."""
    slopes = np.where(np.arange(a.shape[0]) == own, 1.0, 0.0) - a.value[own]
    return [(1, [error, a, Near(slopes, np.full(a.shape, float(a.error[own]) + UNIT))])]


def _coming(made: Pass, reader: str, port: int, index: Index) -> tuple[list[tuple[int, list[Near]]], list[Near]]:
    """What comes back through one wire to entry ``index``: terms, and numbers at their side."""
    error, given = made.errors[reader].get("output"), made.inputs(reader)
    match made.type(reader):
        case "Output":
            p, target = made.values[reader]["output"], made.hot()
            kind, steps = loss_kind(made.document), p.shape[0] if len(p.shape) == 2 else 1
            sizes = {"mean_squared_error": 2 / p.value.size, "binary_cross_entropy": 1 / p.value.size}
            front = _constant(sizes.get(kind, 1 / steps))
            return [(1, [*front, p[index]]), (-1, [*front, Near.exact(target)[index]])], []
        case "Dense":
            delta = made.errors[reader]["pre_activation"][index[:-1]]
            return [(1, [made.weight(reader)[:, index[-1]], delta])], []
        case "Activation":
            return _slope(made, reader, given[0], index)
    assert error is not None
    if made.type(reader) in norms.TYPES:
        return norm_terms.coming(made, reader, index)
    if made.type(reader) in windows.TYPES:
        return window_terms.coming(made, reader, index), []
    match made.type(reader):
        case "Flatten" | "Reshape":
            return [(1, [error.reshape(-1)[int(np.ravel_multi_index(index, given[0].shape))]])], []
        case "Dropout":
            return [(1, [made.values[reader]["mask"][index], error[index]])], []
        case "Add":
            return [(1, [error[index]])], []
        case "Multiply":
            return [(1, [error[index], *(g[index] for other, g in enumerate(given) if other != port)])], []
        case "Concatenate":
            axis = axis_of(made.document, reader, given[0].shape)
            before = sum(g.shape[axis] for g in given[:port])
            return [(1, [error[(*index[:axis], index[axis] + before, *index[axis + 1 :])]])], []
    raise KeyError(made.type(reader))


def _passed(made: Pass, node: str, index: Index) -> list[Line]:
    """What a node without parameters hands on."""
    shape = made.values[node]["output"].shape
    ports = range(len(made.inputs(node)))
    at = index
    if made.type(node) in norms.TYPES:
        own = [gradient(made, f"{node}/{name}", norm_terms.channel(index)) for name in ("weight", "bias")]
        for cell in norm_terms.reached(made, node, index):
            groups, sides = norm_terms.coming(made, node, cell)
            own.append(line("passed", groups, made.shares[node, 0][cell], sides))
        return own
    if made.type(node) in windows.TYPES:
        cells = window_terms.reached(made, node, index)
        return [line("passed", window_terms.coming(made, node, cell), made.shares[node, 0][cell]) for cell in cells]
    if made.type(node) == "Concatenate":
        port, at = _part(made, node, index)
        ports = range(port, port + 1)
    elif made.type(node) in ("Flatten", "Reshape"):
        at = tuple(int(i) for i in np.unravel_index(int(np.ravel_multi_index(index, shape)), made.inputs(node)[0].shape))
    lines = []
    for port in ports:
        groups, sides = _coming(made, node, port, at)
        lines.append(line("passed", groups, made.shares[node, port][at], sides))
    return lines


def gradient(made: Pass, key: str, index: Index) -> Line:
    """One sample's gradient of one weight or bias."""
    node = key.partition("/")[0]
    if made.type(node) in norms.TYPES:
        return line("gradient", norm_terms.gradient(made, node, key, index), made.gradients[key][index])
    if made.type(node) in windows.CONVOLUTIONS:
        return line("gradient", window_terms.gradient(made, node, index), made.gradients[key][index])
    delta = made.errors[node]["pre_activation"]
    errors = delta.reshape(-1, delta.shape[-1])[:, index[0]]
    result = made.gradients[key][index]
    if len(index) == 1:
        return line("gradient", [(1, [errors])], result)
    (x,) = made.inputs(node)
    return line("gradient", [(1, [errors, x.reshape(-1, x.shape[-1])[:, index[1]]])], result)


# -- update
def update(step: Step, position: int, key: str, index: Index) -> list[Line]:
    """The lines of one weight's update, from torch.optim's formulas."""
    if key.rpartition("/")[2].startswith("running_"):
        return norm_terms.running(step, position, key, index)
    training, w, mean = step.training, step.given[key][index], step.mean[key][index]
    lines, count = [gradient(step.passes[position], key, index)], len(step.batch)
    if count > 1:
        own = step.passes[position].gradients[key][index]
        share = scalar(1 / count)
        rest = Near(mean.value - own.value / count, mean.error + own.error / count)
        lines.append(line("batch_gradient", [(1, [share, own]), (1, [rest])], mean))
    groups = [(1, [step.clip, mean])] if step.clip.value != 1.0 else [(1, [mean])]
    decays = _decays(step, key)
    if decays and training.l2:
        groups.append((1, [scalar(training.l2), w]))
    if decays and training.l1:
        groups.append((1, [scalar(training.l1), Near.exact(np.sign(w.value))]))
    g = mean
    if len(groups) > 1 or step.clip.value != 1.0:
        g = _total(groups)
        lines.append(line("regularized", groups, g))
    return [*lines, *_rule(step, key, index, w, g)]


def _decays(step: Step, key: str) -> bool:
    """Weights that inputs are multiplied by do; biases and what norms scale by do not."""
    return not key.endswith("/bias") and step.document.nodes[key.partition("/")[0]].type not in norms.TYPES


def _total(groups: Sequence[tuple[int, list[Near]]]) -> Near:
    parts = [math.prod(factors[1:], start=factors[0]) for _, factors in groups]
    parts = [part if sign > 0 else -part for (sign, _), part in zip(groups, parts, strict=True)]
    return sum(parts[1:], parts[0])


def _rule(step: Step, key: str, index: Index, w: Near, g: Near) -> list[Line]:
    training, rate = step.training, scalar(step.rate)

    def old(slot: str) -> Near:
        state = step.state.get(f"{key}/{slot}")
        return Near.exact(0.0 if state is None else state[index])

    def average(slot: str, factor: float, *added: Near) -> Line:
        groups = [(1, [scalar(factor), old(slot)]), (1, list(added))]
        return line(slot, groups, _total(groups))

    def new(*groups: tuple[int, list[Near]]) -> Line:
        return line("update", [(1, [w]), *groups], _total([(1, [w]), *groups]))

    def steps(square: Near, above: Near) -> list[Line]:
        root = square.monotone(np.sqrt, least=0.0)
        below = root + scalar(training.epsilon)
        return [
            line("root", [(1, [square])], root),
            line("scale", [(1, [root]), (1, [scalar(training.epsilon)])], below),
            line("step", [(1, [above])], above / below, [below]),
        ]

    match training.optimizer:
        case "sgd":
            return [new((-1, [rate, g]))]
        case "momentum":
            velocity = average("velocity", training.momentum, g)
            return [velocity, new((-1, [rate, velocity.result]))]
        case "nesterov":
            velocity = average("velocity", training.momentum, g)
            groups = [(1, [g]), (1, [scalar(training.momentum), velocity.result])]
            return [velocity, line("look_ahead", groups, _total(groups)), new((-1, [rate, _total(groups)]))]
        case "rmsprop":
            square = average("square", training.alpha, scalar(1 - training.alpha), g, g)
            three = steps(square.result, g)
            return [square, *three, new((-1, [rate, three[-1].result]))]
    mean = average("mean", training.beta1, scalar(1 - training.beta1), g)
    square = average("square", training.beta2, scalar(1 - training.beta2), g, g)
    below = [scalar(1 - training.beta1**step.count), scalar(1 - training.beta2**step.count)]
    corrected = [
        line("mean_corrected", [(1, [mean.result])], mean.result / below[0], [below[0]]),
        line("square_corrected", [(1, [square.result])], square.result / below[1], [below[1]]),
    ]
    three = steps(corrected[1].result, corrected[0].result)
    groups = [(-1, [rate, three[-1].result])]
    if training.optimizer == "adamw" and training.weight_decay and _decays(step, key):
        groups.insert(0, (-1, [rate, scalar(training.weight_decay), w]))
    return [mean, square, *corrected, *three, new(*groups)]
