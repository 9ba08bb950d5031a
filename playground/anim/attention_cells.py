"""The cells of Attention: what it makes on its way to the answer, and the errors on the way back, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Sequence

from playground.anim.cells import Cells, Shape

TYPES = ("Attention",)
SCORES, WEIGHTS = "scores", "weights"
GIVEN = ("value", "query", "key")
"""What comes in, in the order in which its errors are made."""
INNER = frozenset((SCORES, WEIGHTS, *GIVEN))
"""The values of a trace that tell an Attention."""


def forward(inputs: Sequence[Shape], output: Shape) -> Cells:
    """Each match (steps of the query, steps of the key), the weight that softmax makes of it, the answer."""
    pairs = _pairs(inputs)
    return Cells(((SCORES, pairs), (WEIGHTS, pairs), ("", output)))


def backward(inputs: Sequence[Shape], output: Shape) -> Cells:
    """The errors of the answer, of the weights, of the matches, and of the three that came in: a single query is one step."""
    pairs = _pairs(inputs)
    query, value = inputs[0], inputs[min(1, len(inputs) - 1)]
    shapes = {"query": query if len(query) == 2 else (1, *query), "value": value, "key": inputs[-1]}
    return Cells((("", output), (WEIGHTS, pairs), (SCORES, pairs), *((name, shapes[name]) for name in GIVEN)))


def _pairs(inputs: Sequence[Shape]) -> Shape:
    query, key = inputs[0], inputs[-1]
    return (query[0] if len(query) == 2 else 1, key[0])
