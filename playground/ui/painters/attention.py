"""Attention: where each step of the query looks, as a matrix of weights; under it what it takes from there."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim import attention_cells
from playground.anim.attention_cells import GIVEN, SCORES, WEIGHTS
from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.numbers import count, number
from playground.ui.painters import looks, reading, stripes, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.sequence import EDGE, FOOT, TOP, WIDE, SequencePainter
from playground.ui.theme import Theme

HIGHEST, LEAST_ROW, MOST_ROW = 132.0, 2.0, 14.0
"""Px of the matrix, and of one of its rows: a step of the query."""
LETTERS, NARROWEST, SIZE = 14.0, 9.0, 10.5
TAKEN, GAP = 34.0, 7.0
"""Height of what is taken, and the room above it."""


class AttentionPainter(SequencePainter):
    """A row of the matrix a step of the query, a column a step of the key; a row's weights sum to 1. Behind it errors of the weights."""

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(WIDE + 2 * EDGE, TOP + LETTERS + self._matrix_high(picture) + GAP + TAKEN + FOOT)

    def matrix(self, rect: QRectF, picture: Picture) -> QRectF:
        """Where the weights are drawn in the body ``rect``."""
        return QRectF(rect.x() + (rect.width() - WIDE) / 2, rect.y() + TOP + LETTERS, WIDE, self._matrix_high(picture))

    def box(self, rect: QRectF, picture: Picture) -> QRectF:
        above = self.matrix(rect, picture)
        return QRectF(above.x(), above.bottom() + GAP, above.width(), TAKEN)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        if picture.output is None or not 0 <= unit < math.prod(picture.output):
            return None
        steps, features = self._shape(picture)
        box = self.box(rect, picture)
        wide, high = box.width() / steps, box.height() / features
        return QRectF(box.x() + unit // features * wide, box.y() + unit % features * high, wide, high)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        """A step of the query in the matrix is asked for by what it takes."""
        steps, features = self._shape(picture)
        if (found := self._entry_at(rect, picture, point)) is not None:
            return found[0] * features if found[0] < steps else None
        box = self.box(rect, picture)
        if not box.contains(point):
            return None
        step = min(int((point.x() - box.x()) / box.width() * steps), steps - 1)
        return step * features + min(int((point.y() - box.y()) / box.height() * features), features - 1)

    def cell_at(self, rect: QRectF, picture: Picture, point: QPointF) -> tuple[str, tuple[int, int]] | None:
        found = self._entry_at(rect, picture, point)
        return None if found is None else (WEIGHTS, found)

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """Of a weight, and of its match, the cell of the matrix; of the output, and of what came in, the cell below."""
        queries, keys = self._pairs(picture)
        if name in (WEIGHTS, SCORES) and len(index) == 2 and 0 <= index[0] < queries and 0 <= index[1] < keys:
            box = self.matrix(rect, picture)
            wide, high = box.width() / keys, box.height() / queries
            return QRectF(box.x() + index[1] * wide, box.y() + index[0] * high, wide, high)
        if name == "output" and picture.output is not None and len(index) == len(picture.output):
            return self.unit_rect(rect, picture, int(np.ravel_multi_index(index, picture.output)))
        return self._given_rect(rect, picture, name, index) if name in GIVEN and len(index) == 2 else None

    def _given_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, int]) -> QRectF | None:
        """Where an error of what came in is drawn while a pass goes through those: in the answer's place."""
        given = dict(attention_cells.backward(picture.inputs, picture.output or ()).parts)[name] if picture.inputs else (0, 0)
        if not (0 <= index[0] < given[0] and 0 <= index[1] < given[1]):
            return None
        box = self.box(rect, picture)
        wide, high = box.width() / given[0], box.height() / given[1]
        return QRectF(box.x() + index[0] * wide, box.y() + index[1] * high, wide, high)

    def tip_at(self, rect: QRectF, picture: Picture, cursor: Cursor | None, point: QPointF) -> str:
        """The weight under the pointer: from which step to which."""
        found, weights = self._entry_at(rect, picture, point), reading.value(picture, WEIGHTS)
        if found is None or weights is None or weights.shape != self._pairs(picture):
            return ""
        query, key = found
        symbols = self._symbols(picture)
        named = f" ({symbols[key]})" if symbols is not None and symbols[key] else ""
        words = QCoreApplication.translate("painters", "step {query} looks at step {key}{symbol}: {value}")
        return words.format(query=query + 1, key=key + 1, symbol=named, value=number(float(weights[query, key])))

    def tip(self, picture: Picture, unit: int | None) -> str:
        queries, keys = self._pairs(picture)
        if unit is not None:
            return super().tip(picture, unit)
        words = QCoreApplication.translate("painters", "{queries} steps look at {keys}: a row's weights sum to 1")
        return words.format(queries=count(queries), keys=count(keys))

    def paint(
        self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme, words: str = ""
    ) -> None:
        box, made = self.matrix(rect, picture), looks.matrix(picture, cursor, self._pairs(picture))
        if made is None:
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        else:
            self._entries(painter, box, made, theme)
        stripes.padded(painter, box, looks.padding(picture, self._pairs(picture)), theme)
        tools.frame(painter, box, theme.color("line2"))
        self._letters(painter, box, picture, theme)
        words = words or self._words(picture, cursor, made)
        below = looks.below(picture, cursor)
        if below is None:
            super().paint(painter, rect, picture, cursor, scale, theme, words)
            return
        block = self.box(rect, picture)
        stripes.block(painter, block, below.values, below.scale or scale, theme, known=below.known)
        if below.what in ("value", "key"):
            stripes.padded(painter, block, looks.padding(picture, self._pairs(picture)), theme)
        tools.text(painter, rect.x() + EDGE, rect.bottom() - 12, words, theme.color("text3"), 10.5, room=rect.width() - 2 * EDGE)

    def _entries(self, painter: QPainter, box: QRectF, made: looks.Table, theme: Theme) -> None:
        """The matrix, what a pass has not come to hatched: whole rows, and the rest of the row at hand."""
        known = made.known
        values = made.values if known is None else np.where(known, made.values, 0)
        assert made.scale is not None
        tools.cells(painter, box, values, made.scale, theme)
        if known is None:
            return
        wide, high = box.width() / known.shape[1], box.height() / known.shape[0]
        for row in np.flatnonzero(~known.all(axis=1)):
            done = int(known[row].sum())
            ahead = QRectF(box.x() + done * wide, box.y() + row * high, box.width() - done * wide, high)
            painter.fillRect(ahead, theme.color("card"))
            stripes.waiting(painter, ahead, theme)

    def _words(self, picture: Picture, cursor: Cursor | None, made: looks.Table | None) -> str:
        """What is drawn: where it is errors, of what."""
        part = looks.part(picture, cursor)
        if looks.goes_back(picture, cursor):
            if part == "":
                return QCoreApplication.translate("painters", "below: ∂L by each answer")
            if part in GIVEN:
                return {
                    "value": QCoreApplication.translate("painters", "below: ∂L by each value"),
                    "query": QCoreApplication.translate("painters", "below: ∂L by each query"),
                    "key": QCoreApplication.translate("painters", "below: ∂L by each key"),
                }[part]
            if part == SCORES:
                return QCoreApplication.translate("painters", "errors: ∂L by each match")
            return QCoreApplication.translate("painters", "errors: ∂L by each weight")
        if made is not None and made.what == SCORES:
            return QCoreApplication.translate("painters", "matches →  steps ↓")
        return QCoreApplication.translate("painters", "looks at →  steps ↓")

    def _letters(self, painter: QPainter, box: QRectF, picture: Picture, theme: Theme) -> None:
        """The symbols of the key's steps, where they have room."""
        symbols = self._symbols(picture)
        if symbols is None:
            return
        wide = box.width() / len(symbols)
        if wide < NARROWEST or max(tools.width(one, SIZE) for one in symbols) > wide:
            return
        for step, symbol in enumerate(symbols):
            x, y = box.x() + (step + 0.5) * wide, box.y() - LETTERS / 2
            tools.text(painter, x, y, symbol, theme.color("text2"), SIZE, align="center", always=True)

    def _symbols(self, picture: Picture) -> list[str] | None:
        """What the sample has at each step of the key; ``None`` where the sample is no row of symbols, or of another length."""
        keys = self._pairs(picture)[1]
        if picture.data is None or not picture.data.tokens or picture.data.input_shape != (keys,) or picture.trace is None:
            return None
        for traced in picture.trace.nodes.values():
            values, mask = traced.values.get("output"), traced.values.get("mask")
            if values is None or values.shape != (keys,) or traced.gradients:
                continue
            real = np.ones(keys, bool) if mask is None or mask.shape != (keys,) else mask != 0
            tokens = picture.data.tokens
            return [tokens[int(at)] if on and 0 <= at < len(tokens) else "" for at, on in zip(values, real, strict=True)]
        return None

    def _entry_at(self, rect: QRectF, picture: Picture, point: QPointF) -> tuple[int, int] | None:
        box, (queries, keys) = self.matrix(rect, picture), self._pairs(picture)
        if not box.contains(point):
            return None
        query = min(int((point.y() - box.y()) / box.height() * queries), queries - 1)
        return query, min(int((point.x() - box.x()) / box.width() * keys), keys - 1)

    def _pairs(self, picture: Picture) -> tuple[int, int]:
        """Steps of the query and of the key."""
        if not picture.inputs:
            return 1, 1
        query, key = picture.inputs[0], picture.inputs[1 if len(picture.inputs) > 1 else 0]
        return (query[0] if len(query) == 2 else 1), key[0]

    def _matrix_high(self, picture: Picture) -> float:
        queries, keys = self._pairs(picture)
        return min(max(queries * min(WIDE / keys, MOST_ROW), queries * LEAST_ROW, MOST_ROW), HIGHEST)

    def _shape(self, picture: Picture) -> tuple[int, int]:
        shape = picture.output or (1,)
        return (shape[0], shape[1]) if len(shape) == 2 else (1, shape[0])
