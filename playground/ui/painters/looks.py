"""What the card of Attention shows at a cursor: matches, weights or their errors in the matrix, and which of it is known yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.anim.attention_cells import GIVEN, SCORES, WEIGHTS
from playground.anim.cursor import Cursor
from playground.anim.scale import Scale, greatest
from playground.ui.painters import reading
from playground.ui.painters.base import Picture

NOBODY = -1e8
"""A match below this is of a step that is not real (``kernels/attention.py`` gives it a match that no sum reaches)."""


@dataclass(frozen=True, slots=True)
class Table:
    """``values`` (rows, columns) of ``what``, on ``scale`` (``None``: the card's); where ``known`` is false a pass has not come to them,
    ``None``: it has come to all. ``back``: they are errors."""

    values: np.ndarray
    what: str
    scale: Scale | None
    known: np.ndarray | None = None
    back: bool = False


def part(picture: Picture, cursor: Cursor | None) -> str | None:
    """Which value of the node a pass by single numbers stands at; ``None`` where it goes by whole nodes, or is elsewhere."""
    if cursor is None or cursor.cell is None or cursor.stage.node != picture.node or cursor.stage.phase not in ("forward", "backward"):
        return None
    return cursor.stage.cells.place(cursor.cell)[0]


def matrix(picture: Picture, cursor: Cursor | None, pairs: tuple[int, int]) -> Table | None:
    """The matrix; ``None`` where nothing of it is known."""
    here, back = part(picture, cursor), goes_back(picture, cursor)
    if cursor is not None and not back and here is None and not cursor.reached("forward", picture.node):
        return None
    if back and here == "":
        return None  # the errors of the answers come first
    what = SCORES if here == SCORES or (back and here in GIVEN) else WEIGHTS
    found = reading.gradient(picture, what) if back else reading.value(picture, what)
    if found is None or found.shape != pairs:
        return None
    if back:
        scale = Scale(limit=greatest(found), ramp="err")
    elif what == SCORES:
        found = np.where(found > NOBODY, found, 0)
        scale = Scale(limit=greatest(found), ramp="div")
    else:
        scale = Scale(limit=1.0, ramp="seq", fixed=True)
    known = _known(cursor, what, found.shape) if here == what else None
    if known is not None and not known.any():
        return None
    return Table(found, what, scale, known, back)


def below(picture: Picture, cursor: Cursor | None) -> Table | None:
    """What stands under the matrix where it is not the answer of a sequence: an error of what came in, or a single query's answer."""
    here = part(picture, cursor)
    if here in GIVEN and goes_back(picture, cursor):
        found = reading.gradient(picture, here or "")
        if found is None or found.ndim != 2:
            return None
        return Table(found, here or "", Scale(limit=greatest(found), ramp="err"), _known(cursor, here or "", found.shape), True)
    if picture.output is None or len(picture.output) != 1:
        return None
    shown = reading.shown(picture, cursor, Scale())
    if shown is None or shown.values.shape != picture.output or (cursor is not None and not cursor.reached("forward", picture.node)):
        return None
    row = shown.values[None]
    back = shown.what == "gradient"
    return Table(row, "output", shown.scale if back else None, _known(cursor, "", row.shape) if here is not None else None, back)


def padding(picture: Picture, pairs: tuple[int, int]) -> np.ndarray | None:
    """(Tk,) with 0 at the steps of the key that are not real; ``None`` where all are."""
    scores = reading.value(picture, SCORES)
    if scores is None or scores.shape != pairs:
        return None
    real = scores[0] > NOBODY
    return None if real.all() else real.astype(float)


def goes_back(picture: Picture, cursor: Cursor | None) -> bool:
    """Whether the card shows errors: the pass is on its way back and has come to the node."""
    return cursor is not None and cursor.stage.phase == "backward" and cursor.at("backward", picture.node) != "ahead"


def _known(cursor: Cursor | None, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
    """Which entries of the value ``name`` the cells up to the cursor's are; ``None``: all of them."""
    if cursor is None or cursor.cell is None:
        return None
    start = cursor.stage.cells.find(name, ())
    done = cursor.cell + 1 - (start or 0)
    size = int(np.prod(shape))
    return None if start is None or done >= size else (np.arange(size) < done).reshape(shape)
