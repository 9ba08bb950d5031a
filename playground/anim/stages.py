"""The stages of one pass, in the order in which they are shown and stepped through."""

from __future__ import annotations

from collections.abc import Sequence

from playground.anim.cursor import PHASES, Cursor, Stage
from playground.document import graph
from playground.document.model import Document
from playground.errors import PlaygroundError
from playground.layers import registry

MOST_CELLS = 64
"""A node with more units than this is one cell: nobody steps through a thousand neurons."""


def stages(document: Document) -> tuple[Stage, ...]:
    """Forward of each node, Input included; loss at Output; backward of each node but Input and Output, last to first;
    update of each node with parameters that is not frozen. Nodes whose shape is not known have no part in a pass."""
    survey = graph.survey(document)
    shapes = survey.shapes
    order = [node for node in graph.order(document) if node in shapes]
    types = {node: document.nodes[node].type for node in order}
    cells = {node: _units(shapes[node]) for node in order}
    inner = [node for node in order if types[node] not in ("Input", "Output")]
    forward = [Stage("forward", node, cells[node] if node in inner else ()) for node in order]
    loss = [Stage("loss", node) for node in order if types[node] == "Output"]
    if not loss:
        return tuple(forward)
    backward = [Stage("backward", node, cells[node]) for node in reversed(inner)]
    update = []
    for node in inner:
        layer = registry.get(types[node])
        names = tuple(parameter.name for parameter in layer.parameters(survey.fields[node], survey.inputs[node]))
        if names and not document.nodes[node].frozen:
            update.append(Stage("update", node, names))
    return (*forward, *loss, *backward, *update)


def find(passed: Sequence[Stage], wanted: str) -> Cursor:
    """The cursor at the end of the stage that a user asks for as ``phase``, ``phase:node`` or ``phase:node:cell``.

    Raises :class:`PlaygroundError` that lists what there is.
    """
    phase, _, rest = wanted.partition(":")
    node, _, cell = rest.partition(":")
    if phase not in PHASES:
        raise PlaygroundError(
            f"there is no phase {phase!r}.", where="stage", remedy=f"Take one of {', '.join(PHASES)}, as in backward:dense1:0."
        )
    for index, stage in enumerate(passed):
        if stage.phase == phase and node in ("", stage.node):
            return Cursor(index, stage, _cell(stage, cell), 1.0, tuple(passed))
    known = ", ".join(stage.node for stage in passed if stage.phase == phase)
    raise PlaygroundError(f"there is no stage {wanted!r}.", where="stage", remedy=f"Nodes with a {phase} stage: {known or 'none'}.")


def _cell(stage: Stage, cell: str) -> int | None:
    if not cell:
        return None
    if cell not in stage.cells:
        last = f"{stage.cells[0]} to {stage.cells[-1]}" if stage.cells else "none"
        raise PlaygroundError(f"there is no cell {cell!r} in {stage.label}.", where="stage", remedy=f"Its cells: {last}.")
    return stage.cells.index(cell)


def _units(shape: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(map(str, range(shape[0]))) if len(shape) == 1 and 1 < shape[0] <= MOST_CELLS else ()
