"""Symbols in LaTeX. Indices count from 1, as a reader counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

LETTERS = {
    "pre_activation": "z",
    "mask": "m",
    "weight": "w",
    "weight_input": "w",
    "weight_hidden": "u",
    "bias": "b",
    "target": "t",
    "loss": "L",
    "normalized": r"\hat{x}",
    "mean": r"\mu",
    "variance": r"\sigma^2",
    "running_mean": r"\bar{\mu}",
    "running_var": r"\bar{\sigma}^2",
    "scores": "s",
    "weights": r"\alpha",
    "query": "q",
    "key": "k",
    "value": "v",
}
"""What formulas call the values and parameters that most layers have. Others keep their names."""

SPACE = r"\,"
SLOPE = r"\frac{\partial L}{\partial "
"""How the loss's derivative by something begins; a brace ends it."""


def subscript(index: Sequence[int | str], commas: bool = True) -> str:
    """``_{3,1}`` of (2, 0), ``""`` of no index; text stands for itself (``i``). Without ``commas`` ``_{31}``, unless a number has two
    digits."""
    return _subscript(tuple(index), commas) if index else ""


@lru_cache(4096)
def _subscript(index: tuple[int | str, ...], commas: bool) -> str:
    """Windows beside each other name mostly the same entries."""
    written = [at if isinstance(at, str) else str(at + 1) for at in index]
    apart = "," if commas or len("".join(written)) > len(written) else ""
    return f"_{{{apart.join(written)}}}"


def above(*parts: str) -> str:
    """``^{f\\,\\leftarrow}``: what stands above a letter, side by side; ``""`` of nothing."""
    there = [part for part in parts if part]
    return f"^{{{SPACE.join(there)}}}" if there else ""


def named(name: str) -> str:
    """A value's letter, or its name set upright; a name of one letter is that letter."""
    return LETTERS.get(name) or (name if len(name) == 1 else rf"\mathrm{{{plain(name)}}}")


def upright(text: str, otherwise: str = "") -> str:
    """A title set upright; ``otherwise`` (a node's id) where formulas have no letters for it."""
    text = text.strip()
    if re.fullmatch(r"[A-Za-z0-9 .-]{1,16}", text):
        return rf"\text{{{text}}}"
    return rf"\mathrm{{{plain(otherwise or text)}}}"


def plain(text: str) -> str:
    """A name of the program's own for use inside ``\\mathrm``."""
    return text.replace("_", r"\_")


def slope(symbol: str) -> str:
    """The loss's derivative by ``symbol``."""
    return f"{SLOPE}{symbol}}}"
