"""What accounts of norms must say: the factors of each term, in order, from the naive passes of a batch."""

from __future__ import annotations

import numpy as np

from tests.anim.accounts import naive_norms as norms
from tests.anim.accounts.lines import Index, Line, line, scalar
from tests.anim.accounts.naive import Pass, Step
from tests.anim.accounts.near import Near, stacked

Groups = list[tuple[int, list[Near]]]


def channel(index: Index) -> Index:
    return (index[0],) if len(index) == 3 else (index[-1],)


def place(index: Index) -> Index:
    return index[1:] if len(index) == 3 else index[:-1]


def forward(made: Pass, node: str, index: Index) -> list[Line]:
    """The spread, the normalized number, scale and shift; of a layer norm mean and variance before."""
    values, (x,) = made.values[node], made.inputs(node)
    weight, bias = (made.parameters[f"{node}/{name}"][channel(index)] for name in ("weight", "bias"))
    lines, at = [], channel(index)
    if made.type(node) == "LayerNorm":
        at = place(index)
        row = x[(slice(None), *at)] if len(index) == 3 else x[at]
        count, mean = Near.exact(float(row.value.size)), values["mean"][at]
        distance = row - Near(np.broadcast_to(mean.value, row.shape), np.broadcast_to(mean.error, row.shape))
        lines.append(line("feature_mean", [(1, [row])], mean, [count]))
        lines.append(line("feature_variance", [(1, [distance, distance])], values["variance"][at], [count]))
    mean, variance, q, normal = values["mean"][at], values["variance"][at], norms.q(made, node)[at], values["normalized"][index]
    return [
        *lines,
        line("spread", [(1, [variance]), (1, [scalar(made.fields[node]["epsilon"])])], q),
        line("normalized", [(1, [x[index]]), (-1, [mean])], normal, [q]),
        line("scaled", [(1, [weight, normal]), (1, [bias])], values["output"][index]),
    ]


def coming(made: Pass, reader: str, index: Index) -> tuple[Groups, list[Near]]:
    """What comes back through a norm to entry ``index``: terms, and numbers at their side."""
    error, normal, weight = made.errors[reader]["output"], made.values[reader]["normalized"], made.weight(reader)[channel(index)]
    if made.type(reader) == "LayerNorm":
        at = place(index)
        weighed = norms.wide(made.weight(reader), error.shape) * error
        first, second = norms.mean_of([weighed], True)[at], norms.mean_of([weighed * normal], True)[at]
        r = Near.exact(1.0) / norms.q(made, reader)[at]
        return [(1, [weight, error[index], r]), (-1, [first, r]), (-1, [normal[index], second, r])], []
    scale = norms.scale(made, reader)[channel(index)]
    if made.running(reader):
        return [(1, [error[index], scale])], [weight]
    errors, products = (one[channel(index)] for one in norms.batch_means(reader, made.batch))
    return [(1, [error[index], scale]), (-1, [errors, scale]), (-1, [normal[index], products, scale])], [weight]


def reached(made: Pass, node: str, index: Index) -> list[Index]:
    """The entries that the error of entry ``index`` goes to: itself, or all features at its place."""
    if made.type(node) == "BatchNorm":
        return [index]
    features = made.weight(node).value.size
    return [(at, *index[1:]) if len(index) == 3 else (*index[:-1], at) for at in range(features)]


def gradient(made: Pass, node: str, key: str, index: Index) -> Groups:
    """The error of each place, times its normalized number where it is the weight's."""
    (c,) = index
    error, normal = made.errors[node]["output"], made.values[node]["normalized"]
    own = error[c] if len(error.shape) == 3 else error[..., c]
    return [(1, [own, normal[c] if len(error.shape) == 3 else normal[..., c]] if key.endswith("/weight") else [own])]


def running(step: Step, position: int, key: str, index: Index) -> list[Line]:
    """A running statistic after the step: its own share, and the batch's."""
    node, _, name = key.partition("/")
    made, before = step.passes[position], step.given[key][index]
    share = float(made.fields[node]["momentum"])
    x = made.inputs(node)[0]
    count = len(step.batch) * x.value.size // made.weight(node).value.size
    kind = "mean" if name == "running_mean" else "variance"
    factors = [scalar(share), made.values[node][kind][index]]
    if kind == "variance":
        factors.insert(1, scalar(count / (count - 1)))
    groups: Groups = [(1, [scalar(1 - share), before]), (1, factors)]
    products = stacked([scalar(1 - share) * before, _product(factors)])
    return [line("running", groups, products.sum())]


def _product(factors: list[Near]) -> Near:
    made = factors[0]
    for factor in factors[1:]:
        made = made * factor
    return made
