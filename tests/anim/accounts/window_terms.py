"""What accounts of convolutions and pools must say: the factors of each term, in order, from the naive pass."""

from __future__ import annotations

import numpy as np

from tests.anim.accounts import naive_windows as windows
from tests.anim.accounts.naive import Pass
from tests.anim.accounts.near import Near, stacked

Index = tuple[int, ...]
Groups = list[tuple[int, list[Near]]]


def plane_of(index: Index, shape: tuple[int, ...]) -> tuple[int, int]:
    """(plane, place in it in reading order) of an entry of ``shape``."""
    if len(shape) == 1:
        return index[0], 0
    if len(shape) == 2:
        return index[1], index[0]
    return index[0], index[1] * shape[2] + index[2]


def entry(plane: int, place: int, shape: tuple[int, ...]) -> Index:
    """The entry of ``shape`` that is so."""
    if len(shape) == 2:
        return place, plane
    return (plane, *divmod(place, shape[2]))


def _column(numbers: list[Near]) -> Near:
    return stacked(numbers) if numbers else Near.exact(np.zeros(0))


def _groups(*columns: list[Near]) -> Groups:
    return [(1, [_column(column) for column in columns])] if columns[0] else []


def summed(made: Pass, node: str, index: Index) -> Groups:
    """weight * x of every channel of the filter's group and every tap that lies on the picture; the bias."""
    (x,), shape, weight = made.inputs(node), made.shapes[node], made.weight(node)
    filter, place = plane_of(index, shape)
    first = filter // (weight.shape[0] // made.fields[node]["groups"]) * weight.shape[1]
    wide, under = windows.planes(x), made.frame(node).places()[place]
    taps = weight.reshape(*weight.shape[:2], *made.frame(node).taps)
    weights = [taps[filter, k, i, j] for k in range(weight.shape[1]) for (i, j), _ in under]
    numbers = [wide[first + k, row, column] for k in range(weight.shape[1]) for _, (row, column) in under]
    groups = _groups(weights, numbers)
    if f"{node}/bias" in made.parameters:
        groups.append((1, [made.parameters[f"{node}/bias"][filter]]))
    return groups


def covered(made: Pass, node: str, index: Index) -> tuple[Groups, Near]:
    """The numbers under a pool's window, and how many they are."""
    (x,) = made.inputs(node)
    plane, place = plane_of(index, made.shapes[node])
    under = made.frame(node).places()[place]
    return _groups([windows.planes(x)[plane, row, column] for _, (row, column) in under]), Near.exact(float(len(under)))


def copied(made: Pass, node: str, index: Index) -> Groups:
    """The number that padding or upsampling puts here."""
    (x,) = made.inputs(node)
    plane, place = plane_of(index, made.shapes[node])
    cell = windows.moved(made.type(node), made.fields[node], x.shape)[place]
    return _groups([windows.flat(x)[plane, int(cell)]]) if cell >= 0 else []


def coming(made: Pass, reader: str, index: Index) -> Groups:
    """What comes back from ``reader`` to entry ``index`` of what it reads: each window that has it, in reading order."""
    kind, (x,) = made.type(reader), made.inputs(reader)
    plane, cell = plane_of(index, x.shape)
    if kind in windows.MOVERS:
        error = windows.flat(made.errors[reader]["output"])
        copies = np.flatnonzero(windows.moved(kind, made.fields[reader], x.shape) == cell)
        return _groups([error[plane, int(copy)] for copy in copies])
    frame = made.frame(reader)
    over = frame.over().get(cell, [])
    if kind in windows.CONVOLUTIONS:
        weight, delta = made.weight(reader), windows.flat(made.errors[reader]["pre_activation"])
        taps = weight.reshape(*weight.shape[:2], *frame.taps)
        count = weight.shape[0] // made.fields[reader]["groups"]
        first = plane // weight.shape[1] * count
        pairs = [(taps[o, plane % weight.shape[1], *tap], delta[o, place]) for o in range(first, first + count) for place, tap, _ in over]
        return _groups([w for w, _ in pairs], [d for _, d in pairs])
    error = windows.flat(made.errors[reader]["output"])
    if kind in windows.MEANS:
        return _groups([error[plane, place] for place, _, _ in over], [Near.constant(1 / count) for _, _, count in over])
    won = windows.flat(made.values[reader]["winners"]).value[plane]
    return _groups([error[plane, place] for place, _, _ in over], [Near.exact(float(won[place] == cell)) for place, _, _ in over])


def reached(made: Pass, node: str, index: Index) -> list[Index]:
    """The entries of what ``node`` reads that entry ``index`` of its error goes to."""
    kind, (x,) = made.type(node), made.inputs(node)
    plane, place = plane_of(index, made.shapes[node])
    if kind in windows.MOVERS:
        cells = [int(windows.moved(kind, made.fields[node], x.shape)[place])]
    elif kind in windows.MAXIMA:
        cells = [int(windows.flat(made.values[node]["winners"]).value[plane, place])]
    else:
        frame = made.frame(node)
        cells = [row * frame.size[1] + column for _, (row, column) in frame.places()[place]]
    return [entry(plane, cell, x.shape) for cell in cells if cell >= 0]


def gradient(made: Pass, node: str, index: Index) -> Groups:
    """Of a weight: the error of each place times the number that it weighed there. Of a bias: the errors."""
    delta, (x,) = windows.flat(made.errors[node]["pre_activation"]), made.inputs(node)
    if len(index) == 1:
        return [(1, [delta[index[0]]])]
    weight = made.weight(node)
    filter, own, *taps = index
    tap = (taps[0], taps[1]) if len(taps) == 2 else (0, taps[0])
    channel = filter // (weight.shape[0] // made.fields[node]["groups"]) * weight.shape[1] + own
    places, rows, columns = made.frame(node).under_tap(tap)
    return [(1, [delta[filter, places], windows.planes(x)[channel, rows, columns]])] if len(places) else []
