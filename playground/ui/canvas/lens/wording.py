"""The titles of the lens: what it is of, what it reads, what the number is one of, and where the position is."""

from __future__ import annotations

from playground.layers.functions import FUNCTIONS
from playground.ui.canvas.lens.look import tr
from playground.ui.canvas.lens.reading import Lens
from playground.ui.numbers import count, shape


def title(shown: Lens, node: str) -> str:
    """``node`` is the node's name."""
    if shown.unit is not None:
        words = tr("{node}, unit {n}: one sum") if shown.whole else tr("{node}, number {n}: of a whole map")
        words = tr("{node}, unit {n}: its error") if shown.phase == "backward" else words
        return words.format(node=node, n=shown.unit + 1)
    if shown.phase == "update":
        place = shown.equation.result.place
        return tr("{node}, filter {n}: the gradient of one weight").format(node=node, n=place.index[0] + 1 if place is not None else "")
    words = tr("{node}, map {n}: the error of one pixel") if shown.phase == "backward" else tr("{node}, map {n}: one position")
    return words.format(node=node, n=shown.index[0] + 1)


def source_titles(shown: Lens, node: str) -> tuple[str, ...]:
    """What is read, in ever fewer words; ``node`` is the name of the node."""
    words = (tr("Errors of {node}") if shown.source_key[2] else "{node}").format(node=node)
    if shown.whole:
        return (words,)
    size = shape(shown.source.shape[1:])
    return f"{words} {size}", words, size


def target_titles(shown: Lens) -> tuple[str, ...]:
    """What the number is one of, in ever fewer words."""
    if shown.unit is not None:
        words = tr("Errors, {n} units") if shown.target_key[2] else tr("All {n} units")
        return (words.format(n=count(shown.target.size)),)
    size = shape(shown.target.shape[1:])
    if shown.phase == "update":
        return tr("Gradients, {size}").format(size=size), size
    if shown.target_key[2]:
        return tr("Errors, {size}").format(size=size), size
    number = shown.index[0] + 1
    plain = tr("Map {n}, {size}").format(n=number, size=size), tr("Map {n}").format(n=number), size
    function = next((line.function for line in shown.lines if line.function in FUNCTIONS), "")
    if function:
        name = FUNCTIONS[function].title
        return tr("Map {n} after {function}, {size}").format(n=number, function=name, size=size), *plain
    return plain


def note(shown: Lens) -> str:
    """Where the position is."""
    if shown.unit is not None:
        return ""
    words = tr("weight in row {row}, column {column}") if shown.phase == "update" else tr("row {row}, column {column}")
    return words.format(row=shown.index[1] + 1, column=shown.index[2] + 1)
