"""Symbols in LaTeX. Indices count from 1, as a reader counts."""

from __future__ import annotations

from collections.abc import Sequence

LETTERS = {"pre_activation": "z", "mask": "m", "weight": "w", "bias": "b", "target": "t", "loss": "L"}
"""What formulas call the values and parameters that most layers have. Others keep their names."""


def subscript(index: Sequence[int | str], commas: bool = True) -> str:
    """``_{3,1}`` of (2, 0), ``""`` of no index; text stands for itself (``i``). Without ``commas`` ``_{31}``, unless a number has two
    digits."""
    written = [str(at + 1) if isinstance(at, int) else at for at in index]
    if not written:
        return ""
    commas = commas or any(len(one) > 1 for one in written)
    return f"_{{{(',' if commas else '').join(written)}}}"


def named(name: str) -> str:
    """A value's letter, or its name set upright."""
    return LETTERS.get(name) or rf"\mathrm{{{plain(name)}}}"


def plain(text: str) -> str:
    """A node's or a value's name for use inside ``\\mathrm``."""
    return text.replace("_", r"\_")


def slope(symbol: str) -> str:
    """The loss's derivative by ``symbol``."""
    return rf"\frac{{\partial L}}{{\partial {symbol}}}"


def signed(parts: list[tuple[int, str]]) -> str:
    """Summands with their signs, as a sum is written."""
    text = ""
    for sign, part in parts:
        joint = (" + " if sign > 0 else " - ") if text else ("" if sign > 0 else "-")
        text += joint + part
    return text or "0"
