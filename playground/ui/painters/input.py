"""Input: the shown sample itself, as a picture, as features of the plane, or as a row of named numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale, greatest
from playground.engine.live.snapshot import DRAWING
from playground.ui.numbers import exact, measured, number, signed
from playground.ui.painters import placing, reading, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.sequence import SequencePainter, is_sequence
from playground.ui.painters.strip import StripPainter
from playground.ui.painters.symbols import SymbolsPainter
from playground.ui.painters.values import ValuesPainter
from playground.ui.theme import Theme

IMAGE = QSizeF(96, 126)
PIXELS = 56.0
BADGE = 18.0
"""The line that says that training changed the picture."""
POINTS_WIDTH, MOST_WIDE = 132.0, 190.0
BESIDE_NAMES, MOST_LISTED = 126.0, 196.0
"""What a line takes beside its feature's name (number, bar and gaps), and how wide such a card gets."""
FEW, MOST = 6, 16
"""Up to 6 features have a thumbnail each, up to 16 a line with a bar each, more of them are a strip."""


def caption(picture: Picture) -> str:
    """Which sample is shown: ``"test #0"``."""
    if picture.trace is None:
        return QCoreApplication.translate("painters", "no sample yet")
    if picture.trace.split == DRAWING:
        text = picture.data is not None and bool(picture.data.tokens)
        return QCoreApplication.translate("painters", "your text") if text else QCoreApplication.translate("painters", "your picture")
    return f"{split_name(picture.trace.split)} #{picture.trace.index}"


def split_name(split: str) -> str:
    """The split's name in the user's language."""
    names = {
        "train": QCoreApplication.translate("painters", "train"),
        "validation": QCoreApplication.translate("painters", "validation"),
        "test": QCoreApplication.translate("painters", "test"),
    }
    return names.get(split, split)


def fitting(picture: Picture, size: float, room: float) -> str:
    """The caption with as much of the split's name as fits into ``room``: ``"validation #4461"``, ``"val #4461"``, ``"#4461"``."""
    words = caption(picture)
    sample = words[words.find("#") :] if "#" in words else words
    tries = [words, sample]
    if picture.trace is not None and picture.trace.split == "validation":
        tries.insert(1, f"{QCoreApplication.translate('painters', 'val', 'validation')} {sample}")
    return next((one for one in tries if tools.width(one, size) <= room), tries[-1])


def _size(painter: QPainter, words: str, room: float) -> float:
    """As large as they stay legible where the card is drawn small, within ``room``."""
    size, least = tools.legible(painter, 10.5), tools.least(painter, 10.5)
    while size > least and tools.width(words, size) > room:  # letters have whole pixels: widths do not grow as sizes do
        size -= 0.5
    return size


def label(picture: Picture) -> str:
    """The true answer in words, or ``""``; of an answer a step none."""
    if picture.trace is None or picture.trace.target is None or picture.data is None or picture.data.steps:
        return ""
    target = np.ravel(picture.trace.target)
    classes = picture.data.classes
    if not classes:
        return exact(float(target[0]), trim=True) if target.size == 1 else ""
    chosen = true_class(target, len(classes))
    return classes[chosen] if chosen is not None and chosen < len(classes) else ""  # the trace may be of other classes than chosen now


def true_class(target: np.ndarray, classes: int) -> int | None:
    """The class that a target stands for: a class number, one number for two classes (the upper half is class 1), or one number a
    class (the largest)."""
    flat = np.ravel(target)
    if not flat.size or not np.isfinite(flat).all():
        return None
    if flat.size > 1:
        return int(np.argmax(flat))
    if np.issubdtype(flat.dtype, np.integer) or classes > 2:
        return int(flat[0])
    return int(flat[0] > 0.5)


def image_rect(rect: QRectF, shape: tuple[int, ...]) -> tuple[QRectF, float]:
    """Where a picture (C, H, W) is drawn in the body ``rect``, and the side of a pixel."""
    _, rows, columns = shape
    unit = PIXELS / max(rows, columns)
    unit = int(2 * unit) / 2 if unit >= 1 else unit
    return QRectF(rect.center().x() - columns * unit / 2, rect.y() + 14, columns * unit, rows * unit), unit


def paint_image(painter: QPainter, box: QRectF, values: np.ndarray, theme: Theme) -> None:
    """Pixels (C, H, W) as a picture: of three channels in color, else gray. They may be centered about zero."""
    finite = np.isfinite(values)
    known = values[finite]
    darkest = min(float(known.min()), 0.0) if known.size else 0.0
    lifted = values - darkest
    limit = max(greatest(lifted), 1e-6)
    if values.shape[0] != 3:
        tools.cells(painter, box, lifted.mean(axis=0), Scale(limit=limit, ramp="gray"), theme, smooth=box.width() < values.shape[2])
        return
    _, rows, columns = values.shape
    colors = np.full((rows, columns, 4), 255, np.uint8)
    colors[..., :3] = np.round(np.clip(np.nan_to_num(lifted) / limit, 0, 1) * 255).transpose(1, 2, 0)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, box.width() < columns)
    painter.drawImage(box, QImage(colors.data, columns, rows, columns * 4, QImage.Format.Format_RGBX8888))
    painter.restore()
    if not finite.all():
        tools.not_a_number(painter, box, finite.all(axis=0), theme, "" if finite.any() else "NaN")


class InputPainter:
    """Picks by shape: (1 or 3, H, W) a picture, tokens (T) a text, (T, F) steps, (F) rows or a strip, other pictures a mosaic."""

    def __init__(self) -> None:
        self._strip, self._other = StripPainter(), ValuesPainter()
        self._symbols, self._sequence = SymbolsPainter(), SequencePainter()

    def size(self, picture: Picture) -> QSizeF:
        if (steps := self._steps(picture)) is not None:
            return steps.size(picture)
        if self._is_image(picture):
            return IMAGE
        features = self._features(picture)
        if features is None:
            return self._other.size(picture)
        if features > MOST:
            return self._strip.size(picture)
        if features <= FEW:
            longest = max(tools.width(self._name(picture, unit), 11) for unit in range(features))
            return QSizeF(min(max(POINTS_WIDTH, longest + 76), MOST_WIDE), 34 + self._pitch(picture) * features)
        longest = max(tools.width(self._name(picture, unit), 10.5) for unit in range(features))
        return QSizeF(min(max(POINTS_WIDTH + 36, longest + BESIDE_NAMES), MOST_LISTED), 34 + 17.0 * features)

    other_face = "original"

    def turn_rect(self, rect: QRectF, picture: Picture) -> QRectF | None:
        """The line that leads from the picture that training made to the one in the data, and back."""
        if not self._is_image(picture) or picture.trace is None or picture.trace.original is None:
            return None
        return QRectF(rect.x() + 4, rect.bottom() - BADGE, rect.width() - 8, BADGE)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        if (steps := self._steps(picture)) is not None:
            return steps.unit_rect(rect, picture, unit)
        features = self._features(picture)
        if self._is_image(picture):
            return None
        if features is None:
            return self._other.unit_rect(rect, picture, unit)
        if features > MOST:
            return self._strip.unit_rect(rect, picture, unit)
        if not 0 <= unit < features:
            return None
        if features > FEW:
            return QRectF(rect.right() - 60, rect.y() + 8 + unit * 17.0 + 4, 48, 9)
        side, pitch = (32.0, self._pitch(picture)) if picture.compact else (40.0, self._pitch(picture))
        return QRectF(rect.right() - 14 - side, rect.y() + 6 + unit * pitch + (pitch - side) / 2, side, side)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        if (steps := self._steps(picture)) is not None:
            return steps.unit_at(rect, picture, point)
        features = self._features(picture)
        if self._is_image(picture):
            return self._pixel_at(rect, picture, point)
        if features is None:
            return self._other.unit_at(rect, picture, point)
        if features > MOST:
            return self._strip.unit_at(rect, picture, point)
        pitch = self._pitch(picture) if features <= FEW else 17.0
        unit = int((point.y() - rect.y() - 8) // pitch)
        return unit if 0 <= unit < features and rect.contains(point) else None

    @staticmethod
    def _pixel_at(rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        """The pixel; of a color picture that of its first channel."""
        assert picture.output is not None
        _, rows, columns = picture.output
        box, unit = image_rect(rect, picture.output)
        column, row = int((point.x() - box.x()) // unit), int((point.y() - box.y()) // unit)
        return row * columns + column if 0 <= row < rows and 0 <= column < columns else None

    def pixel_rect(self, rect: QRectF, picture: Picture, index: tuple[int, int, int]) -> QRectF | None:
        """Where a pixel (channel, row, column) is drawn: the channels of a color picture at one place."""
        if picture.output is None or not self._is_image(picture):
            return None
        box, unit = image_rect(rect, picture.output)
        return QRectF(box.x() + index[2] * unit, box.y() + index[1] * unit, unit, unit)

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """A pixel (of a color picture that of all its channels), at least large enough to be seen; of features a row's picture."""
        if name != "output" or picture.output is None or len(index) != len(picture.output):
            return None
        if any(at >= size for at, size in zip(index, picture.output, strict=True)):
            return None
        if not self._is_image(picture):
            return self.unit_rect(rect, picture, int(np.ravel_multi_index(index, picture.output)))
        box, unit = image_rect(rect, picture.output)
        return placing.seen(QRectF(box.x() + index[2] * unit, box.y() + index[1] * unit, unit, unit))

    def tip(self, picture: Picture, unit: int | None) -> str:
        values = self._shown(picture)
        named = " · ".join(part for part in (caption(picture), label(picture)) if part)
        original = picture.trace.original if picture.trace is not None else None
        if original is not None and self._is_image(picture):
            kept = QCoreApplication.translate("painters", "as it is in the data")
            changed = QCoreApplication.translate("painters", "changed by augmentation, as this step of training sees it")
            named += "\n" + (kept if picture.face == self.other_face else changed)
        if unit is None or values is None or unit >= values.size:
            return named
        if (steps := self._steps(picture)) is not None:
            return f"{named}\n{steps.tip(picture, unit)}"
        if not self._is_image(picture):
            value = number(float(np.ravel(values)[unit]))
            if original is None or original.size != values.size:
                return f"{named}\n{self._name(picture, unit)} = {value}"
            told = QCoreApplication.translate("painters", "{name}: {measured}, standardized to {value}")
            own = measured(original, unit, picture.data.units if picture.data is not None else ())
            return f"{named}\n{told.format(name=self._name(picture, unit), measured=own, value=value)}"
        row, column = divmod(unit % (values.shape[1] * values.shape[2]), values.shape[2])
        place = QCoreApplication.translate("painters", "row {row}, column {column}").format(row=row + 1, column=column + 1)
        told = " · ".join(number(float(one)) for one in values[:, row, column])
        return f"{named}\n{place}: {told}"

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        if (steps := self._steps(picture)) is not None:
            words = " · ".join(part for part in (caption(picture), label(picture)) if part)
            steps.paint(painter, rect, picture, cursor, scale, theme, words)
            return
        features = self._features(picture)
        values = self._shown(picture)
        if self._is_image(picture):
            self._image(painter, rect, picture, values, scale, theme)
        elif features is None:
            self._other.paint(painter, rect, picture, cursor, scale, theme)
        elif features > MOST:
            self._strip.paint(painter, rect, picture, cursor, scale, theme)
        else:
            self._rows(painter, rect, picture, values, features, scale, theme)
            words, room = caption(picture), rect.width() - 20
            truth = label(picture)
            if truth and features <= FEW:
                named = truth
                if truth[-1].isdigit():
                    classified = picture.data is not None and picture.data.classes
                    of_class = QCoreApplication.translate("painters", "class {truth}")
                    of_value = QCoreApplication.translate("painters", "target {truth}")
                    named = (of_class if classified else of_value).format(truth=truth)
                sample = words[words.find("#") :] if "#" in words else words  # the truth matters more than the split
                tries = (f"{words} · {named}", f"{sample} · {named}", f"{sample} · {truth}", named)
                words = next((one for one in tries if tools.width(one, tools.least(painter, 10.5)) <= room), truth)
            else:
                words = fitting(picture, tools.least(painter, 10.5), room)
            size = _size(painter, words, room)
            tools.text(painter, rect.x() + 12, rect.bottom() - 12, words, theme.color("text3"), size, room=room)

    def _shown(self, picture: Picture) -> np.ndarray | None:
        """The sample as the network gets it, or as it is in the data, where that side is turned up."""
        trace = picture.trace
        if trace is not None and trace.original is not None and picture.face == self.other_face:
            return trace.original if trace.original.shape == picture.output else None
        return reading.value(picture)

    def _is_image(self, picture: Picture) -> bool:
        return picture.output is not None and len(picture.output) == 3 and picture.output[0] in (1, 3)

    def _steps(self, picture: Picture) -> SymbolsPainter | SequencePainter | None:
        """Who draws a sample that goes through time: tokens of the present data set, or values at each step; ``None`` for another."""
        known = picture.data is not None and bool(picture.data.tokens)
        if known and picture.output is not None and len(picture.output) == 1:
            return self._symbols
        return self._sequence if is_sequence(picture) else None

    def _features(self, picture: Picture) -> int | None:
        return picture.output[0] if picture.output is not None and len(picture.output) == 1 else None

    def _pitch(self, picture: Picture) -> float:
        if (self._features(picture) or 0) <= 2:
            return 58.0 if picture.compact else 73.0
        return 38.0 if picture.compact else 46.0

    def _name(self, picture: Picture, unit: int) -> str:
        names = picture.data.feature_names if picture.data is not None else ()
        return names[unit].replace("_", " ") if unit < len(names) else f"x{unit + 1}"

    def _image(self, painter: QPainter, rect: QRectF, picture: Picture, values: np.ndarray | None, scale: Scale, theme: Theme) -> None:
        assert picture.output is not None
        box, _ = image_rect(rect, picture.output)
        if values is None:
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        else:
            paint_image(painter, box, values, theme)
        tools.frame(painter, box, theme.color("line3"))
        middle, room = rect.center().x(), rect.width() - 8
        words = fitting(picture, tools.least(painter, 10.5), room)
        size = _size(painter, words, room)
        tools.text(painter, middle, rect.y() + 14 + PIXELS + 16, words, theme.color("text3"), size, align="center", room=room)
        truth = label(picture)
        if truth:
            words = QCoreApplication.translate("painters", "label {truth}").format(truth=truth)
            size = max(12.0, tools.legible(painter, 10.5))
            tools.text(painter, middle, rect.y() + 14 + PIXELS + 33, words, theme.color("text"), size, 600, "center", room=room)
        badge = self.turn_rect(rect, picture)
        if badge is not None:
            changed, kept = QCoreApplication.translate("painters", "augmented ▾"), QCoreApplication.translate("painters", "original ▾")
            words = kept if picture.face == self.other_face else changed
            size = tools.legible(painter, 10)
            tools.text(painter, middle, badge.center().y(), words, theme.color("text2"), size, align="center", room=badge.width())

    def _rows(
        self, painter: QPainter, rect: QRectF, picture: Picture, values: np.ndarray | None, features: int, scale: Scale, theme: Theme
    ) -> None:
        flat = np.ravel(values) if values is not None else None
        small = tools.legible(painter, 10.5)
        for unit in range(features):
            box = self.unit_rect(rect, picture, unit)
            assert box is not None
            value = float(flat[unit]) if flat is not None else None
            words = "–" if value is None else number(value, trim=True)
            y = box.center().y()
            if features > FEW:
                words = "–" if value is None else signed(value)  # one column, one format
                room = box.x() - rect.x() - 26 - tools.width(words, 10.5, 500)
                tools.text(painter, rect.x() + 12, y, self._name(picture, unit), theme.color("text2"), 10.5, room=room)
                tools.text(painter, box.x() - 6, y, words, theme.color("text"), 10.5, 500, "right")
                if value is not None:
                    tools.signed_bar(painter, box.adjusted(0, 2, 0, -2), value, scale.limit, theme)
                continue
            name = self._name(picture, unit)
            if name == f"x{unit + 1}":
                tools.symbol(painter, rect.x() + 14, y - 9, "x", str(unit + 1), theme.color("text"), 16)
            else:
                tools.text(painter, rect.x() + 14, y - 9, name, theme.color("text2"), max(11.0, small), room=box.x() - rect.x() - 20)
            tools.text(painter, rect.x() + 14, y + 9, words, theme.color("text"), max(12.0, small), 500)
            self._thumbnail(painter, box, picture, unit, value, scale, theme)
            if unit == picture.selected_unit:
                tools.ring(painter, box, theme.color("accent"))

    def _thumbnail(
        self, painter: QPainter, box: QRectF, picture: Picture, unit: int, value: float | None, scale: Scale, theme: Theme
    ) -> None:
        """The feature over the plane where there is one; else the value as a round cell."""
        extent = picture.plane.extent if picture.plane is not None else None
        if extent is not None and picture.output == (2,):
            along = np.linspace(extent[2 * unit], extent[2 * unit + 1], 40, dtype=np.float32)
            over = np.tile(along, (40, 1)) if unit == 0 else np.tile(along[::-1, None], (1, 40))
            painter.save()
            painter.setClipPath(tools.rounded(box, 4), Qt.ClipOperation.IntersectClip)
            tools.cells(painter, box, over, Scale(limit=float(np.abs(extent).max()), ramp="div"), theme, smooth=True)
            painter.restore()
            tools.frame(painter, box, theme.color("line3"), 4)
        elif value is None:
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        else:
            short = number(value, 2, trim=True)
            words, fewer = number(value, 3, trim=True), (short, short.replace("0.", ".", 1), number(value, 1, trim=True))
            size = tools.legible(painter, 10.5)
            if tools.width(words, size, 500) > box.width() - 8:  # a circle
                size = tools.legible(painter, 10)
                words = next((one for one in fewer if tools.width(one, size, 500) <= box.width() - 3), "")
            tools.value_cell(painter, box, value, scale, theme, box.width() / 2, words, size)  # a shorter number is no larger
            tools.frame(painter, box, theme.color("line3"), box.width() / 2 + 0.5)
