"""Pictures from files and from the clipboard for the drawing pad: bounded in size, read off the UI thread, turned into ink."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter

from playground.data.pictures import Manner
from playground.errors import DataError, PlaygroundError
from playground.ui import aside
from playground.ui.panels.draw_marks import RASTER, pixels_of

MOST_BYTES = 32 << 20
MOST_SIDE = 8192
"""A picture's longer side, px."""
FORMATS = ("png", "jpg", "jpeg", "bmp", "gif", "pgm", "ppm", "webp")
LEAST_CONTRAST = 0.08
NOISE = 0.15
"""What differs from the paper by less than this share of the strongest ink is paper."""
REMEDY = "Take a smaller picture, or a cut-out of it."


def read(path: Path) -> QImage:
    """The picture in a file. Raises :class:`DataError` where there is none, or one beyond :data:`MOST_BYTES` and :data:`MOST_SIDE`."""
    where = str(path)
    try:
        if not path.is_file():
            raise DataError("there is no such file.", where=where, remedy="Choose a picture.")
        size = path.stat().st_size
    except OSError as error:
        raise DataError(f"cannot read it: {error.strerror}.", where=where, remedy="Choose another picture.") from error
    if size > MOST_BYTES:
        raise DataError(f"expected at most {MOST_BYTES >> 20} MB, got {size >> 20} MB.", where=where, remedy=REMEDY)
    reader = QImageReader(where)
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    if not reader.canRead() or bytes(reader.format().data()).decode("ascii", "replace") not in FORMATS:
        raise DataError("expected a picture, got something else.", where=where, remedy=f"Pictures are {', '.join(FORMATS)}.")
    measures = reader.size()
    _check(measures, where)
    if max(measures.width(), measures.height()) > 4 * RASTER:
        reader.setScaledSize(measures.scaled(QSize(4 * RASTER, 4 * RASTER), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise DataError(f"it is damaged: {reader.errorString().rstrip('.')}.", where=where, remedy="Choose another picture.")
    return image


def _check(size: QSize, where: str) -> None:
    if size.isEmpty() or max(size.width(), size.height()) > MOST_SIDE:
        got = f"{size.width():,} x {size.height():,}"
        raise DataError(f"expected a picture of at most {MOST_SIDE:,} x {MOST_SIDE:,}, got {got}.", where=where, remedy=REMEDY)


def ink_from(image: QImage, manner: Manner, where: str = "picture") -> np.ndarray:
    """The picture as ink uint8 (C, h, w) that fills a field of the set's manner.

    Of one channel: what differs from the margin's brightness is ink, dark on bright or bright on dark, the whole picture fitted into
    the field. Of three: its colors, the middle cut out. Raises :class:`DataError` where it is too large, or of one shade.
    """
    _check(image.size(), where)
    channels, rows, columns = manner.shape
    scale = max(1, RASTER // max(rows, columns))
    field = QSize(columns * scale, rows * scale)
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(Qt.GlobalColor.white)  # what is transparent lies on paper
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    smooth = Qt.TransformationMode.SmoothTransformation
    if channels == 3:
        grown = flat.scaled(field, Qt.AspectRatioMode.KeepAspectRatioByExpanding, smooth)
        cut = grown.copy((grown.width() - field.width()) // 2, (grown.height() - field.height()) // 2, field.width(), field.height())
        bright = pixels_of(cut)
        return bright if manner.ink >= manner.paper else 255 - bright
    fitted = flat.scaled(field, Qt.AspectRatioMode.KeepAspectRatio, smooth).convertToFormat(QImage.Format.Format_Grayscale8)
    gray = pixels_of(fitted)[0].astype(np.float32) / 255
    paper = float(np.median(np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])))
    dark, bright_ = np.clip(paper - gray, 0, None), np.clip(gray - paper, 0, None)
    ink = dark if dark.sum() >= bright_.sum() else bright_
    most = float(ink.max(initial=0.0))
    if most < LEAST_CONTRAST:
        raise DataError("it is of one shade: there is nothing to be seen in it.", where=where, remedy="Take one with more contrast.")
    ink = np.clip((ink / most - NOISE) / (1 - NOISE), 0, 1)
    whole = np.zeros((1, field.height(), field.width()), np.uint8)
    top, left = (field.height() - fitted.height()) // 2, (field.width() - fitted.width()) // 2
    whole[0, top : top + fitted.height(), left : left + fitted.width()] = np.round(ink * 255)
    return whole


def _found(source: Path | QImage, manner: Manner, where: str) -> np.ndarray | PlaygroundError:
    try:
        return ink_from(read(source) if isinstance(source, Path) else source, manner, where)
    except PlaygroundError as error:
        return error


class Reader(QObject):
    """Reads pictures on another thread: ``come(ink or error, manner)`` on the UI thread."""

    come = Signal(object, object)

    def read(self, source: Path | QImage, manner: Manner) -> None:
        """Begin to read a file, or to turn an image into ink."""
        where = source.name if isinstance(source, Path) else self.tr("the clipboard's picture")
        aside.run(self, partial(_found, source, manner, where), lambda found: self.come.emit(found, manner))
