"""Numbers as the window prints them: true minus, groups of thousands, two or three digits that matter."""

from __future__ import annotations

import math

MINUS = "\u2212"


def count(value: int) -> str:
    """``4,240``."""
    return f"{value:,}"


def measure(value: float | None) -> str:
    """A number that is not negative by nature, such as a loss: ``0.0135``; ``""`` for none."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞"
    size = abs(value)
    text = f"{value:.2e}" if size != 0 and (size < 1e-4 or size >= 1e5) else f"{value:.4f}" if size < 1 else f"{value:.3f}" if size < 100 else f"{value:.1f}"
    return text.replace("-", MINUS)


def percent(share: float | None) -> str:
    """``97.4%``; ``""`` for none."""
    return "" if share is None else f"{100 * share:.1f}%"


def signed(value: float, digits: int = 2) -> str:
    """Always with a sign: ``+3.43``, ``−0.60``; tiny and huge numbers with a power of ten."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+∞" if value > 0 else f"{MINUS}∞")
    size = abs(value)
    text = f"{value:+.1e}" if size >= 1e5 or 0 < size < 0.5 * 10**-digits else f"{value:+.{digits}f}" if size < 1000 else f"{value:+.0f}"
    return text.replace("-", MINUS)


def plain(value: object) -> str:
    """A field's value as it is typed: short, without needless zeros."""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
