"""Numbers as the window prints them: true minus, signs on signed values, few digits, thousands apart."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\u2212"
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


def exact(value: float, digits: int = 3, signed: bool = False, trim: bool = False) -> str:
    """As :func:`number`, but with all digits of the whole part, so that a sum and its terms add up: ``"10,288"``."""
    value = float(value)
    if math.isfinite(value) and 10**digits <= abs(value) < LARGE:
        return f"{MINUS if value < 0 else '+' if signed else ''}{abs(value):,.0f}"
    return number(value, digits, signed, trim)


def measured(values: Sequence[float], at: int, units: Sequence[str] = ()) -> str:
    """Number ``at`` of a table in its own unit: ``"5.1 cm"``."""
    unit = units[at] if at < len(units) else ""
    return exact(values[at], 4, trim=True) + (f"\u2009{unit}" if unit else "")


def canceled(values: Sequence[float]) -> int:
    """How many more digits terms need than their sum, for the two to agree as printed: as many as cancel, of those that float32 has.

    0 where nothing cancels, where the sum is 0 to float32, or where one is not finite.
    """
    largest, total = max(map(abs, values), default=0.0), abs(math.fsum(values)) if all(map(math.isfinite, values)) else math.inf
    return math.floor(math.log10(largest / total)) if 1e-7 * largest < total < largest else 0


def short(value: float, signed: bool = False) -> str:
    """Two digits, for a number inside a cell or at the end of a legend."""
    return number(value, 2, signed, trim=True)


def scientific(value: float, signed: bool = False, digits: int = 1) -> str:
    """One digit (or ``digits``) and a power of ten, as narrow as can be: ``"−3e−4"``."""
    if not math.isfinite(value) or value == 0:
        return number(value, signed=signed)
    mantissa, _, exponent = f"{abs(value):.{digits - 1}e}".partition("e")
    return f"{MINUS if value < 0 else '+' if signed else ''}{mantissa}e{int(exponent)}".replace("-", MINUS)


def count(value: int) -> str:
    """A whole number with its thousands apart: ``"48,120"``."""
    return f"{value:,}".replace("-", MINUS)


def rounded(value: int) -> str:
    """A whole number in few digits: ``"118k"``, ``"2.4M"``."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (1000, "k")):
        if value >= size:
            return number(value / size, 3 if value >= 100 * size else 2, trim=True) + letter
    return count(value)


def shape(dimensions: Sequence[int]) -> str:
    """``"6 × 28 × 28"``."""
    return " × ".join(map(str, dimensions))


def percent(share: float | None) -> str:
    """``"97.4%"``; whole where it is 0 or 1; ``""`` for none."""
    if share is None:
        return ""
    return f"{share:.0%}" if share in (0.0, 1.0) else f"{share:.1%}"


def measure(value: float | None) -> str:
    """A number that is not negative by nature, such as a loss, with steady decimals: ``"0.0135"``; ``""`` for none."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞"
    size = abs(value)
    if size != 0 and (size < 1e-4 or size >= 1e5):
        return number(value, 2)
    return f"{value:.{4 if size < 1 else 3 if size < 100 else 1}f}".replace("-", MINUS)


def signed(value: float, digits: int = 2) -> str:
    """With a sign and so many decimals, for columns: ``"+3.43"``, ``"−0.60"``, ``"0.00"``; tiny and huge ones with a power of ten."""
    if not math.isfinite(value):
        return number(value, signed=True)
    if value == 0:
        return f"{0:.{digits}f}"
    size = abs(value)
    if size >= 1e5 or 0 < size < 0.5 * 10**-digits:
        mantissa, _, exponent = f"{value:+.1e}".partition("e")
        return f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPT)}".replace("-", MINUS)
    return f"{value:+.{digits if size < 1000 else 0}f}".replace("-", MINUS)


def plain(value: object) -> str:
    """A field's value as it is typed: short, without needless zeros."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
