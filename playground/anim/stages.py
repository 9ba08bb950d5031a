"""The stages of one pass, in the order in which they are shown and stepped through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playground.anim import attention_cells, time_cells
from playground.anim.cells import Cells
from playground.anim.cursor import PHASES, Cursor, Stage
from playground.document import graph
from playground.document.model import Document
from playground.errors import PlaygroundError
from playground.layers import registry


def stages(document: Document) -> tuple[Stage, ...]:
    """Forward of each node, Input included; loss at Output; backward of each node but Input and Output, last to first;
    update of each node with parameters that is not frozen. Nodes whose shape is not known have no part in a pass.

    The cells of a stage are the numbers of the node's output, of a recurrent one those of its gates and states, step by step, of Attention
    those that it makes on its way as well; of an update, the single weights and biases."""
    survey = graph.survey(document)
    shapes = survey.shapes
    order = [node for node in graph.order(document) if node in shapes]
    types = {node: document.nodes[node].type for node in order}
    cells = {node: Cells((("", shapes[node]),)) for node in order}
    inner = [node for node in order if types[node] not in ("Input", "Output")]
    recurrent = {node: registry.cell(types[node]) for node in order}
    back = dict(cells)
    for node, cell in recurrent.items():
        if cell is not None and len(survey.inputs[node][0]) == 2:
            given = cell, survey.fields[node], survey.inputs[node][0][0], shapes[node]
            cells[node], back[node] = time_cells.forward(*given), time_cells.backward(*given)
    for node in (node for node in order if types[node] in attention_cells.TYPES):
        looked = survey.inputs[node], shapes[node]
        cells[node], back[node] = attention_cells.forward(*looked), attention_cells.backward(*looked)
    forward = [Stage("forward", node, Cells() if types[node] == "Input" else cells[node]) for node in order]
    loss = [Stage("loss", node, cells[node]) for node in order if types[node] == "Output"]
    if not loss:
        return tuple(forward)
    backward = [Stage("backward", node, back[node]) for node in reversed(inner)]
    update = []
    for node in inner:
        layer = registry.get(types[node])
        parts = tuple((parameter.name, parameter.shape) for parameter in layer.parameters(survey.fields[node], survey.inputs[node]))
        if parts and not document.nodes[node].frozen:
            update.append(Stage("update", node, Cells(parts)))
    return (*forward, *loss, *backward, *update)


def find(passed: Sequence[Stage], wanted: str, titles: Mapping[str, str] | None = None) -> Cursor:
    """The cursor at the end of the stage that a user asks for as ``phase``, ``phase:node`` or ``phase:node:cell``; a node goes by its id
    or by its title (``titles``: of nodes).

    Raises :class:`PlaygroundError` that lists what there is.
    """
    phase, _, rest = wanted.partition(":")
    node, _, cell = rest.partition(":")
    if phase not in PHASES:
        raise PlaygroundError(
            f"there is no phase {phase!r}.", where="stage", remedy=f"Take one of {', '.join(PHASES)}, as in backward:dense1:0."
        )
    if all(stage.node != node for stage in passed):
        node = next((id for id, title in (titles or {}).items() if title == node), node)
    for index, stage in enumerate(passed):
        if stage.phase == phase and node in ("", stage.node):
            return Cursor(index, stage, _cell(stage, cell), 1.0, tuple(passed))
    known = ", ".join(stage.node for stage in passed if stage.phase == phase)
    raise PlaygroundError(f"there is no stage {wanted!r}.", where="stage", remedy=f"Nodes with a {phase} stage: {known or 'none'}.")


def _cell(stage: Stage, cell: str) -> int | None:
    if not cell:
        return None
    found = stage.cells.named(cell)
    if found is None:
        last = f"{stage.cells[0]} to {stage.cells[-1]}" if len(stage.cells) else "none"
        raise PlaygroundError(f"there is no cell {cell!r} in {stage.label}.", where="stage", remedy=f"Its cells: {last}.")
    return found
