"""Numbers as a user reads them: true minus, signs on signed values, few digits, thousands apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "−"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LARGE, SMALL = 1e6, 1e-4


def number(value: float, digits: int = 3, signed: bool = False, trim: bool = False) -> str:
    """``value`` to ``digits`` significant digits: ``"−0.875"``, ``"12,400"``, ``"3.2×10⁻⁷"``, ``"NaN"``, ``"+∞"``.

    ``signed`` puts a plus before positive numbers; ``trim`` takes trailing zeros away (``"0.2"`` for ``"0.200"``).
    """
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if value == 0:
        return "0"
    sign = MINUS if value < 0 else "+" if signed else ""
    if math.isinf(value):
        return (sign or "+") + "∞"
    size = float(f"{abs(value):.{digits - 1}e}")
    if size >= LARGE or size < SMALL:
        mantissa, _, exponent = f"{size:.{min(digits, 2) - 1}e}".partition("e")
        return f"{sign}{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPT)}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    written = f"{size:,.{decimals}f}"
    if trim and "." in written:
        written = written.rstrip("0").rstrip(".")
    return sign + written


def count(value: int) -> str:
    """A whole number with its thousands apart: ``"48,120"``."""
    return f"{value:,}".replace("-", MINUS)


def short(value: float, signed: bool = False) -> str:
    """Two digits, for a number inside a cell or at the end of a legend."""
    return number(value, 2, signed, trim=True)


def percent(share: float) -> str:
    """``"97.4%"``; whole where it is 0 or 1."""
    return f"{share:.0%}" if share in (0.0, 1.0) else f"{share:.1%}"


def shape(dimensions: Sequence[int]) -> str:
    """``"6 × 28 × 28"``."""
    return " × ".join(map(str, dimensions))
