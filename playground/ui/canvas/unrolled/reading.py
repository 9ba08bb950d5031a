"""What an unrolled node shows, read from its card and the trace: rows, letters, answers, norms on the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from playground.anim.cursor import Cursor
from playground.document import graph
from playground.ui.painters import course
from playground.ui.painters.base import Picture
from playground.ui.painters.course import Row

if TYPE_CHECKING:
    from playground.ui.canvas.scene import CanvasScene

VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}


@dataclass(frozen=True, slots=True)
class Strip:
    """``rows`` of one direction (``end``); ``letters`` (T) or ``inputs`` (T, F) of what is read; ``answers`` (T, K) of the network.

    ``norms`` are (T,) of the loss's derivatives by h and c, of the steps that the pass has come to (the others are not a number).
    ``asked`` (T,) is the class that each step is to have, -1 where none is asked for; ``None`` where answers are no classes.
    ``now``: step and unit at which the pass stands; ``cuts``: steps from which nothing flows back. ``unit``: the chosen one, or the only.
    """

    node: str
    title: str
    picture: Picture
    cursor: Cursor | None
    end: str
    rows: tuple[Row, ...]
    letters: tuple[str, ...] | None
    inputs: np.ndarray | None
    answers: np.ndarray | None
    mask: np.ndarray | None
    norms: dict[str, np.ndarray]
    now: tuple[int, int] | None
    phase: str
    unit: int | None
    asked: np.ndarray | None = None

    @property
    def steps(self) -> int:
        return course.steps(self.picture)

    @property
    def units(self) -> int:
        return course.units(self.picture)

    @property
    def off(self) -> tuple[int, ...]:
        """The direction's units that are switched off."""
        return course.off(self.picture, self.end)

    @property
    def truncate(self) -> int | None:
        found = self.picture.fields.get("truncate")
        return int(found) if found else None


def read(scene: CanvasScene, node: str, end: str) -> Strip | None:
    """The strip of ``node``, of the direction ``end``; ``None`` where it is no recurrent node, or its steps are not known."""
    card = scene.cards.get(node)
    if card is None or not course.has(card.picture):
        return None
    picture, cursor = card.picture, card.cursor_at
    ends = {end for _, end in course.names(picture)}
    end = end if end in ends else sorted(ends)[0]
    rows = tuple(row for row in course.rows(picture, cursor, card.scale) if row.end == end)
    present = course.present(picture, cursor)
    chosen = course.unit_of(picture, picture.selected_unit)
    return Strip(
        node,
        card.title,
        picture,
        cursor,
        end,
        rows,
        _letters(scene, node, picture),
        _inputs(picture),
        _answers(scene, picture, cursor),
        course.mask(picture),
        _norms(picture, cursor, end),
        present[1:] if present is not None and present[0] == end else None,
        cursor.stage.phase if cursor is not None else "",
        chosen[2] if chosen is not None and chosen[0] == end else 0 if course.units(picture) == 1 else None,
        _asked(picture),
    )


def _letters(scene: CanvasScene, node: str, picture: Picture) -> tuple[str, ...] | None:
    """The symbols that an Input before the node reads, one a step; ``None`` where it reads none, or others than the node."""
    tokens = picture.data.tokens if picture.data is not None else ()
    if not tokens or picture.trace is None:
        return None
    document = scene.facts.document
    for id in sorted(graph.before(document, node)):
        traced = picture.trace.nodes.get(id)
        if document.nodes[id].type != "Input" or traced is None or "output" not in traced.values:
            continue
        values = traced.values["output"]
        if values.shape == (course.steps(picture),):
            numbers = values.astype(int)
        elif values.shape == (course.steps(picture), len(tokens)):
            numbers = values.argmax(axis=1)
        else:
            continue
        return tuple(VISIBLE.get(tokens[at], tokens[at]) if 0 <= at < len(tokens) else "" for at in numbers)
    return None


def _inputs(picture: Picture) -> np.ndarray | None:
    """(T, F): what the node reads at each step."""
    source = picture.trace.nodes.get(picture.source) if picture.trace is not None else None
    found = source.values.get("output") if source is not None else None
    if found is None or found.shape[:1] != (course.steps(picture),) or found.ndim > 2:
        return None
    return np.asarray(found).reshape(len(found), -1)


def _answers(scene: CanvasScene, picture: Picture, cursor: Cursor | None) -> np.ndarray | None:
    """(T, K): what the network answers at each step, once the pass has come there; ``None`` where it answers once."""
    for id, card in scene.cards.items():
        layer, trace = card.facts.layer, picture.trace
        if layer is None or layer.trace_kind != "output" or trace is None or id not in trace.nodes:
            continue
        found = trace.nodes[id].values.get("output")
        if found is None or found.shape[:1] != (course.steps(picture),) or found.ndim > 2 or len(found) < 2:
            return None
        if card.facts.inputs and len(card.facts.inputs[0]) != 2:
            return None
        if cursor is not None and not cursor.reached("forward", id):
            return np.full((len(found), 1), np.nan)
        return np.asarray(found).reshape(len(found), -1)
    return None


def _asked(picture: Picture) -> np.ndarray | None:
    """(T,): the classes that are asked for, of data that have one a step."""
    given, about = picture.trace.target if picture.trace is not None else None, picture.data
    if given is None or about is None or about.task != "classification" or not about.steps:
        return None
    asked = np.asarray(given).reshape(-1)
    return asked.astype(int) if asked.shape == (course.steps(picture),) else None


def _norms(picture: Picture, cursor: Cursor | None, end: str) -> dict[str, np.ndarray]:
    """Of h and c, where the trace has their errors and the pass has come to them."""
    made: dict[str, np.ndarray] = {}
    for state in ("h", "c"):
        found = course.norms(picture, state, end) if (state, end) in course.names(picture) else None
        if found is None or len(found) != course.steps(picture):
            continue
        if cursor is not None and not course.is_back(picture, cursor):
            if cursor.stage.phase in ("forward", "loss") or cursor.at("backward", picture.node) == "ahead":
                found = np.full(len(found), np.nan)
        elif (come := course.known(picture, cursor, (state + end, 0))) is not None:
            found = np.where(come.all(axis=1), found, np.nan)
        made[state] = found
    return made


def last_real(strip: Strip) -> int:
    """How many steps there are up to the last one that is no padding."""
    return strip.steps if strip.mask is None or not strip.mask.any() else int(np.flatnonzero(strip.mask)[-1]) + 1
