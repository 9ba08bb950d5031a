"""What a painter reads from a picture: the values to show at a cursor, and the scale that suits them."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np

from playground.anim.cursor import NEW_VALUE, Cursor
from playground.anim.scale import Scale, greatest
from playground.anim.time_cells import TimeCells
from playground.layers import losses
from playground.layers.functions import FUNCTIONS
from playground.layers.normalization import Normalization
from playground.layers.recurrent import Recurrent
from playground.ui.painters.base import Picture


@dataclass(frozen=True, slots=True)
class Shown:
    """The array to draw, on which scale, and what it is (``"output"``, ``"gradient"`` ...)."""

    values: np.ndarray
    scale: Scale
    what: str


def value(picture: Picture, name: str = "output") -> np.ndarray | None:
    """A value of this node in the trace, or ``None``."""
    trace = picture.trace.nodes.get(picture.node) if picture.trace else None
    return trace.values.get(name) if trace else None


def before(picture: Picture, name: str = "input") -> np.ndarray | None:
    """What the node got: the value it kept under ``name``, else the output of the node on its first wire."""
    kept = value(picture, name)
    if kept is not None or picture.trace is None:
        return kept
    source = picture.trace.nodes.get(picture.source)
    return source.values.get("output") if source else None


def gradient(picture: Picture, name: str = "output") -> np.ndarray | None:
    """The loss's derivative by a value of this node, or ``None``."""
    trace = picture.trace.nodes.get(picture.node) if picture.trace else None
    return trace.gradients.get(name) if trace else None


def parameter(picture: Picture, name: str, cursor: Cursor | None) -> np.ndarray | None:
    """A parameter as it stands at ``cursor``: the old one until its update has happened, else the latest. Where single weights
    are stepped through, those before the cursor's are new and those behind it old."""
    traced = picture.trace.parameters.get(f"{picture.node}/{name}") if picture.trace else None
    if cursor is not None and traced is not None:
        if traced.after is None:
            return traced.before
        if cursor.cell is not None and cursor.part_at(picture.node, name) == "now":
            return _half_updated(traced.before, traced.after, name, cursor)
        return traced.after if updated(picture, name, cursor) else traced.before
    return picture.parameters.get(name, traced.before if traced else None)


def _half_updated(before: np.ndarray, after: np.ndarray, name: str, cursor: Cursor) -> np.ndarray:
    first = cursor.stage.cells.find(name, ())
    done = (cursor.cell or 0) - (first or 0) + (cursor.fraction >= NEW_VALUE)
    made = before.flatten()
    made[:done] = after.reshape(-1)[:done]
    return made.reshape(before.shape)


def updated(picture: Picture, name: str, cursor: Cursor) -> bool:
    """Whether the parameter's new value stands: 70 % through its cell of the update stage."""
    state = cursor.part_at(picture.node, name)
    return state == "done" or (state == "now" and cursor.fraction >= NEW_VALUE)


def function(picture: Picture) -> str:
    """The activation function that the node applies; ``"identity"`` where its type has none."""
    return str(picture.fields.get(picture.layer.function_field if picture.layer else "", "identity"))


def scale_for(picture: Picture) -> Scale:
    """A fresh scale for the node's outputs: fixed where the function has ends, else to be fed by ``observe``."""
    kind = picture.layer.trace_kind if picture.layer else "strip"
    pictures = len(picture.output or ()) == 3
    if kind == "input" and pictures:
        return Scale(ramp="gray")
    name = function(picture)
    if isinstance(picture.layer, Recurrent):  # a cell has no end; a state lies within its function's
        bound = 0.0 if picture.layer.memory != "h" else FUNCTIONS[picture.layer.function("h", picture.fields)].end or 0.0
        return Scale(limit=bound, ramp="div", fixed=bound > 0)
    if isinstance(picture.layer, Normalization):  # one pixel far out would leave all others the color of zero
        return Scale(ramp="div", stretch=pictures)
    if kind == "maps" and pictures and ("activation" not in picture.fields or name == "identity"):
        return Scale(ramp="seq", turns=True, stretch=True) if "filters" not in picture.fields else Scale(ramp="div")
    if kind in ("dense", "activation", "maps") and name in FUNCTIONS:
        ramp = "seq" if FUNCTIONS[name].range == "non-negative" else "div"
        end = FUNCTIONS[name].end
        return Scale(limit=end or 0.0, ramp=ramp, fixed=end is not None, stretch=name == "relu" and pictures)
    loss = losses.find(picture.fields.get("loss"))
    if kind == "output" and loss is not None and loss.function:
        return Scale(limit=1.0, ramp="seq", fixed=True)
    if kind in ("input", "output"):
        return Scale(ramp="div")
    return Scale(ramp="seq", turns=True, stretch=pictures)


def seen(picture: Picture) -> np.ndarray:
    """All output values of the node now in sight, for its scale to take in."""
    parts = []
    output = value(picture)
    if isinstance(picture.layer, Recurrent):
        cells = [found for name in ("c", "c_reverse") if (found := value(picture, name)) is not None]
        parts += [np.ravel(found) for found in cells or ([] if output is None else [output])]
    elif output is not None:
        parts.append(np.ravel(output))
    if picture.plane is not None and picture.node in picture.plane.neurons:
        parts.append(np.ravel(picture.plane.neurons[picture.node]))
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.float32), *parts])


def shown(picture: Picture, cursor: Cursor | None, scale: Scale) -> Shown | None:
    """The node's vector at ``cursor``: its gradient while its backward stage is on or past, else its output."""
    if cursor is not None and cursor.stage.phase == "backward" and cursor.at("backward", picture.node) != "ahead":
        name = "pre_activation" if gradient(picture, "pre_activation") is not None else "output"
        slope = gradient(picture, name)
        if slope is not None:
            return Shown(slope, Scale(limit=greatest(slope), ramp="err"), "gradient")
    output = value(picture)
    return Shown(output, scale, "output") if output is not None else None


def told(picture: Picture, cursor: Cursor | None, unit: int | None) -> Picture:
    """``picture`` with what may be said of ``unit`` in a pass that stands at ``cursor``: its parameters as they are there, and no error
    before the pass has brought one."""
    if cursor is None:
        return picture
    at_hand = {name: parameter(picture, name, cursor) for name in picture.parameters}
    trace, node = picture.trace, picture.trace.nodes.get(picture.node) if picture.trace else None
    back = cursor.at("backward", picture.node)
    if (
        trace is not None
        and node is not None
        and (back == "ahead" or (back == "now" and unit is not None and waits(picture, cursor, unit)))
    ):
        trace = replace(trace, nodes={**trace.nodes, picture.node: replace(node, gradients={})})
    return replace(picture, trace=trace, parameters={name: array for name, array in at_hand.items() if array is not None})


def waits(picture: Picture, cursor: Cursor | None, unit: int) -> bool:
    """Whether a pass that goes by single numbers through this node, forward or back, has not come to ``unit`` yet."""
    if cursor is None or cursor.cell is None or cursor.stage.node != picture.node or cursor.stage.phase not in ("forward", "backward"):
        return False
    cell = cursor.stage.cells.of_unit(unit)
    return cell is None or cursor.cell_at(cursor.stage.phase, picture.node, cell) == "ahead"


def ahead(picture: Picture, cursor: Cursor | None, count: int) -> np.ndarray:
    """Bool (count,): which units a pass by single numbers has not come to. Where it goes in their order the first of them is looked
    for by halves: there may be a hundred thousand."""
    if cursor is not None and isinstance(cursor.stage.cells, TimeCells):
        return np.array([waits(picture, cursor, unit) for unit in range(count)], bool)
    first = bisect_left(range(count), True, key=lambda unit: waits(picture, cursor, unit))
    return np.arange(count) >= first


def outputs(picture: Picture) -> int:
    """How many numbers one sample's output has; while its shape is not known, as many as the data ask for: the card keeps its form."""
    if picture.output:
        return math.prod(picture.output)
    return picture.data.outputs if picture.data is not None and not picture.data.steps else 1


def loss_known(picture: Picture, cursor: Cursor | None) -> bool:
    """Whether the pass has come as far as the loss."""
    return cursor is None or not cursor.stages or cursor.at("loss", picture.node) != "ahead"
