"""One picture file to an array of chosen size. The file is not trusted: its format, its bytes and its pixels are bounded before they are
decoded, and whatever its decoder raises becomes a :class:`~playground.errors.DataError` that names it.

Pillow decodes: maintained for 15 years, with a security policy and fuzzed continuously, wheels for every platform, 7 MB, no further
dependency; it gives the interpreter's lock back while it decodes, reads a picture's size before its pixels, and shrinks JPEG while it
decodes. Qt's own readers are for the window alone, OpenCV is ten times as large.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from playground.data.spec import Array
from playground.errors import DataError
from playground.sentences import say

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "PPM")
"""Those with decoders of their own in Pillow. EPS would run a PostScript program, TIFF is a house with too many doors."""
MOST_BYTES = 64 << 20
MOST_PIXELS = 50_000_000
"""Of one file. Decoding takes 4 bytes a pixel, and as much again for a copy: 400 MB at the very most."""
ORIENTATION = 0x0112
_TURN = Image.Transpose
TURNS = {
    2: _TURN.FLIP_LEFT_RIGHT,
    3: _TURN.ROTATE_180,
    4: _TURN.FLIP_TOP_BOTTOM,
    5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_270,
    7: _TURN.TRANSVERSE,
    8: _TURN.ROTATE_90,
}
"""EXIF 2.3, tag Orientation: what puts a picture upright."""
REMEDY = say("Take it out of the folder, or save it anew as PNG or JPEG.")


def head(path: Path) -> tuple[int, int, bool]:
    """Width, height and whether it is gray, of a picture none of whose pixels is read. Raises :class:`DataError` as :func:`decoded`."""
    with _refusals(path), path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
        return image.width, image.height, image.mode in ("1", "L", "LA") or image.mode.startswith("I")


def decoded(path: Path, side: int, color: bool, fit: str) -> Array:
    """The picture in ``path`` as uint8 (1 or 3, side, side), upright (by its EXIF mark), of an animation the first frame; what is
    transparent is white.

    ``fit``: crop to the middle square, pad with black, or stretch. Raises :class:`DataError`: what is wrong with which file.
    """
    with _refusals(path):
        return _decoded(path, side, color, fit)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Whatever a decoder raises, as a :class:`DataError`."""
    try:
        yield
    except DataError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(
            say("expected at most {most_pixels:,} pixels, its head says more.", most_pixels=MOST_PIXELS), where=str(path), remedy=REMEDY
        ) from None
    except OSError as error:
        reason = error.strerror or (say("its format is not known") if isinstance(error, UnidentifiedImageError) else str(error))
        raise DataError(say("the picture cannot be read: {reason}.", reason=reason), where=str(path), remedy=REMEDY) from None
    except Exception as error:  # decoders of damaged files raise SyntaxError, struct.error, IndexError and what not
        raise DataError(
            say("the picture is damaged: {error}.", error=error or type(error).__name__), where=str(path), remedy=REMEDY
        ) from None


def _decoded(path: Path, side: int, color: bool, fit: str) -> Array:
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise DataError("expected a picture, got what is no file.", where=str(path), remedy=REMEDY)
    if state.st_size > MOST_BYTES:
        raise DataError(
            say("expected at most {most_bytes:,} bytes, got {st_size:,}.", most_bytes=MOST_BYTES, st_size=state.st_size),
            where=str(path),
            remedy=REMEDY,
        )
    with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
        wide, high = image.size
        if wide * high > MOST_PIXELS:
            raise DataError(
                say("expected at most {most_pixels:,} pixels, got {wide:,} x {high:,}.", most_pixels=MOST_PIXELS, wide=wide, high=high),
                where=str(path),
                remedy=REMEDY,
            )
        mode = "RGB" if color else "L"
        image.draft(mode, (side, side))
        image.load()
        whole = _plain(_upright(image), mode)
        box = (side, side)
        if fit == "crop":
            small = ImageOps.fit(whole, box, Image.Resampling.BILINEAR)
        elif fit == "pad":
            small = ImageOps.pad(whole, box, Image.Resampling.BILINEAR, color=0)
        else:
            small = whole.resize(box, Image.Resampling.BILINEAR)
    pixels = np.asarray(small, np.uint8)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)) if color else pixels[None].copy()


def _upright(image: Image.Image) -> Image.Image:
    """``image`` as it was taken, by its EXIF mark; a mark that cannot be read counts as none."""
    try:
        turn = TURNS.get(int(image.getexif().get(ORIENTATION, 1)))
    except Exception:  # as above: what is damaged here is not the picture
        turn = None
    return image if turn is None else image.transpose(turn)


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """``image`` in ``mode``: 16 bits a pixel to 8, transparency over white."""
    if image.mode.startswith("I"):  # 16-bit gray, which `convert` would clip
        deep = np.asarray(image, np.int64)
        return Image.fromarray(np.clip(deep // 257, 0, 255).astype(np.uint8)).convert(mode)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        ground.alpha_composite(clear)
        return ground.convert(mode)
    return image.convert(mode)
