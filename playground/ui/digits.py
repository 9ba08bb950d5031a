"""A formula is typeset once for all its numbers: from cell to cell its digits alone differ, and they are put in afterwards.

Typesetting takes 10-30 ms, too long for cells that pass by while a pass plays. So a formula is typeset with an 8 for each digit, each
number in a color of its own, which leaves its place as it is and tells which outline is whose. Each digit then stands where its 8 stood,
in the middle.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from playground.ui.theme import INK

NUMBER = re.compile(r"\\(?:text|mathrm)\{[^{}]*\}|[_^]\d|\d+")
"""A number; or what keeps its digits: a name set upright, a square, a name's own 2 (indices of a cell are in braces)."""
STAND_IN = "8"
"""Below the line digits are not equally wide (22 to 26, a 0 the widest); an 8 (23.5) is what indices are like."""
OUTLINE = re.compile(r'<path d="(?P<path>[^"]*)"(?: fill="(?P<fill>[^"]*)")? />')
COORDINATE = re.compile(r"-?\d+(?:\.\d+)?")
STYLES = ("%s", "x_{%s}", "x_{x_{%s}}")
"""Where digits have shapes of their own: on the line, below it, below that."""
LARGE = 64.0
"""The size at which the digits' own outlines are taken, for their rounding."""
ALIKE = 0.05
"""How far outlines of one shape may lie apart, in widths: coordinates are rounded to a thousandth of a px."""
Svg = Callable[[str, float], str]
"""Typesets a formula at a size, in ``INK``."""


def template(latex: str) -> str:
    """The formula with an 8 for each digit: formulas with one template differ in nothing else."""
    return NUMBER.sub(lambda found: STAND_IN * len(found[0]) if found[0].isdigit() else found[0], latex)


def digits(latex: str) -> tuple[str, ...]:
    """A formula's numbers from left to right."""
    return tuple(found for found in NUMBER.findall(latex) if found.isdigit())


def _tint(number: int) -> str:
    return f"#fd{number:04x}"


def _tagged(latex: str) -> str:
    """The template with each number in its color."""
    count = iter(range(len(latex)))

    def tagged(found: re.Match[str]) -> str:
        return rf"{{\textcolor{{{_tint(next(count))}}}{{{found[0]}}}}}" if found[0].isdigit() else found[0]

    return NUMBER.sub(tagged, template(latex))


@dataclass(frozen=True, slots=True)
class Outline:
    """A glyph's path, the box around it (left, top, right), and its shape: its coordinates from the box's corner, in widths."""

    path: str
    left: float
    top: float
    right: float
    shape: tuple[float, ...]

    @staticmethod
    def of(path: str) -> Outline:
        numbers = [float(found) for found in COORDINATE.findall(path)]
        across, down = numbers[0::2], numbers[1::2]
        left, top, right = min(across), min(down), max(across)
        corner, width = (left, top), right - left
        return Outline(path, left, top, right, tuple((number - corner[i % 2]) / width for i, number in enumerate(numbers)))

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    def apart(self, other: Outline) -> float:
        """How far the two shapes are from being one at two sizes, in widths."""
        if len(self.shape) != len(other.shape):
            return math.inf
        return max(abs(mine - theirs) for mine, theirs in zip(self.shape, other.shape, strict=True))


Style = tuple[Outline, ...]
"""The ten digits as they stand side by side on one line."""


def _stand_in(style: Style) -> Outline:
    return style[int(STAND_IN)]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a digit of a number comes: in the middle of its stand-in, as much larger than in its style as that is."""

    number: int
    place: int
    style: Style
    stand_in: Outline

    def filled(self, digit: str) -> str:
        own, like = self.style[int(digit)], _stand_in(self.style)
        scale = self.stand_in.width / like.width
        x, y = self.stand_in.middle - scale * own.middle, self.stand_in.top - scale * like.top
        return f'<path d="{own.path}" transform="matrix({scale:.5f} 0 0 {scale:.5f} {x:.3f} {y:.3f})" fill="{INK}" />'


@dataclass(frozen=True, slots=True)
class Typeset:
    """A formula's SVG in pieces, with slots for its digits."""

    pieces: tuple[str | Slot, ...]

    def svg(self, numbers: tuple[str, ...], color: str) -> bytes:
        """With these numbers, as long as those that it was typeset with, in this color."""
        filled = (piece if isinstance(piece, str) else piece.filled(numbers[piece.number][piece.place]) for piece in self.pieces)
        return "".join(filled).replace(INK, color).encode()


class Typesetter:
    """Typesets templates."""

    def __init__(self, svg: Svg) -> None:
        self._svg = svg
        self._styles: list[Style] = []

    def typeset(self, latex: str, size: float) -> Typeset:
        """Raises ValueError where a digit's outline is not found: the formula would show another's number."""
        if not self._styles:
            self._styles = [self._style(pattern) for pattern in STYLES]
        tints = {_tint(number): number for number in range(len(digits(latex)))}
        told = [0] * len(tints)
        pieces: list[str | Slot] = []
        svg, end = self._svg(_tagged(latex), size), 0
        for found in OUTLINE.finditer(svg):
            number = tints.get(found["fill"])
            if number is None:
                continue
            outline = Outline.of(found["path"])
            style = min(self._styles, key=lambda style: outline.apart(_stand_in(style)))
            if outline.apart(_stand_in(style)) > ALIKE:
                raise ValueError(f"a digit of {latex} has a shape of its own")
            pieces += [svg[end : found.start()], Slot(number, told[number], style, outline)]
            told[number] += 1
            end = found.end()
        if told != [len(number) for number in digits(latex)]:
            raise ValueError(f"the digits of {latex} are not told apart")
        return Typeset((*pieces, svg[end:]))

    def _style(self, pattern: str) -> Style:
        outlines = [Outline.of(found["path"]) for found in OUTLINE.finditer(self._svg(pattern % "0123456789", LARGE))]
        return tuple(outlines[-10:])
