"""Whether a state that goes on by a wire is what the layer that gets it takes it for."""

from __future__ import annotations

from collections.abc import Iterator

from playground.document.graph import Survey
from playground.document.model import Document
from playground.document.problem import Problem
from playground.errors import Fix
from playground.layers import registry
from playground.layers.recurrent import Recurrent, ends
from playground.sentences import listed, say


def taken_otherwise(document: Document, found: Survey) -> Iterator[Problem]:
    """Two rows are h and c of an LSTM, or the h of both directions of another layer: their shape does not tell which."""
    for node, placed in document.nodes.items():
        taker = registry.find(placed.type)
        if not isinstance(taker, Recurrent) or node not in found.shapes:
            continue
        for wire in found.incoming[node]:
            giver = registry.find(document.nodes[wire.source].type)
            if wire.from_port == 1 and isinstance(giver, Recurrent) and giver.states != taker.states:
                rows, own = (_rows(one, found, id) for one, id in ((giver, wire.source), (taker, node)))
                if rows != own:
                    yield Problem(
                        say("{source} hands on {rows}, which {node} takes as {own}.", source=wire.source, rows=rows, node=node, own=own),
                        node,
                        port=wire.to_port,
                        wire=wire,
                        remedy="Wire the state of a layer of the same type and directions.",
                        fix=Fix("remove_wire", "Remove the wire"),
                        severity="warning",
                    )


def _rows(layer: Recurrent, found: Survey, node: str) -> str:
    """What the rows of its state are."""
    both = len(ends(found.fields[node])) > 1
    rows = listed(layer.states, say(" and "))
    return say("{rows} of both directions", rows=rows) if both else rows
