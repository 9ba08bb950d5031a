"""How the explain panel prints numbers: so many significant digits, as the user chose, and a rounded one never as an exact one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from playground.ui.numbers import LARGE, MINUS, SMALL, SUPERSCRIPT, canceled, exact, number

CHOICES = (2, 3, 4, 6)
USUAL = 3
SAME = 1e-6
"""Numbers this near to one another, as a share of their size, are one number to float32."""
MOST_DECIMALS = 9
FLOAT32_DIGITS = 9
"""So many tell any two numbers of float32 apart."""


@dataclass(frozen=True, slots=True)
class Figures:
    """``digits`` significant ones."""

    digits: int = USUAL

    def one(self, value: float, signed: bool = False) -> str:
        """A number by itself. One that has fewer digits is printed with those (``0.2``); a rounded one keeps its zeros (``0.200``)."""
        value = float(value)
        if not math.isfinite(value) or value == 0:
            return number(value, signed=signed)
        size = float(f"{abs(value):.{self.digits - 1}e}")
        sign = MINUS if value < 0 else "+" if signed else ""
        if size >= LARGE or size < SMALL:
            mantissa, _, exponent = f"{size:.{self.digits - 1}e}".partition("e")
            if abs(size - abs(value)) <= SAME * abs(value) and "." in mantissa:
                mantissa = mantissa.rstrip("0").rstrip(".")
            return f"{sign}{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPT)}"
        return exact(value, self.digits, signed, trim=abs(size - abs(value)) <= SAME * abs(value))

    def pair(self, old: float, new: float) -> tuple[str, str]:
        """A number before and after a change, with so many more digits that the change is seen."""
        for digits in range(self.digits, FLOAT32_DIGITS + 1):
            wider = Figures(digits)
            words = wider.one(old), wider.one(new)
            if words[0] != words[1]:
                return words
        return self.one(old), self.one(new)

    def adding(self, values: Sequence[float]) -> Figures:
        """Those of the terms ``values`` whose sum is printed with this: where they cancel, with so many more digits that they add up."""
        more = canceled(values)
        return Figures(min(self.digits + more, FLOAT32_DIGITS)) if more else self

    def column(self, values: Sequence[float]) -> list[str]:
        """Numbers below one another, with signs and their points in line: the largest has all the digits. One too small for
        the column's last decimal stands in its own digits."""
        finite = [abs(value) for value in values if math.isfinite(value) and value != 0]
        largest = max(finite, default=0.0)
        if not SMALL <= largest < LARGE:
            return [self.one(value, signed=True) for value in values]
        decimals = min(max(0, self.digits - 1 - math.floor(math.log10(float(f"{largest:.{self.digits - 1}e}")))), MOST_DECIMALS)
        while decimals and all(abs(round(size, decimals - 1) - size) <= SAME * largest for size in finite):
            decimals -= 1
        return [self._in_column(value, decimals) for value in values]

    def _in_column(self, value: float, decimals: int) -> str:
        if not math.isfinite(value) or value == 0:
            return number(value, signed=True)
        if abs(value) < 9.5 * 10.0**-decimals and abs(round(value, decimals) - value) > SAME * abs(value):
            return Figures(min(self.digits, 2)).one(value, signed=True)  # its one digit would be rounded away, or stand alone
        return f"{value:+,.{decimals}f}".replace("-", MINUS)

    def last(self, value: float) -> float:
        """One unit of the last digit that is printed of ``value``."""
        if not math.isfinite(value) or value == 0:
            return 10.0 ** (1 - self.digits)
        exponent = math.floor(math.log10(float(f"{abs(value):.{self.digits - 1}e}")))
        place = exponent - self.digits + 1
        return 10.0 ** (min(place, 0) if abs(value) < LARGE else place)


USUAL_FIGURES = Figures()


def parsed(text: str) -> float | None:
    """The number that a user typed, with either minus and either decimal point; ``None`` where it is none."""
    plain = text.strip().replace(MINUS, "-").replace("–", "-").replace(" ", "").replace("\u00a0", "")
    if "," in plain:
        plain = plain.replace(",", "" if "." in plain else ".")
    if "×10" in plain:
        mantissa, _, exponent = plain.partition("×10")
        plain = f"{mantissa}e{exponent.translate(_PLAIN)}"
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


_PLAIN = {after: before for before, after in SUPERSCRIPT.items()} | {ord("^"): None}
