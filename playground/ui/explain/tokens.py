"""A formula with numbers, as pieces of text: each knows its color and which places of the canvas it stands for. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from playground.anim.account import Place

Places = tuple[Place, ...]
HIDDEN = "?"


@dataclass(frozen=True, slots=True)
class Token:
    """``tone`` is a color of the theme. ``strong``: it stands out. ``struck``: it was, and is no more. ``space``: a gap follows.
    ``fresh``: it begins a line of its own."""

    text: str
    tone: str = "text2"
    places: Places = ()
    strong: bool = False
    struck: bool = False
    space: bool = False
    fresh: bool = False


Chunk = tuple[Token, ...]
"""Tokens that stay on one line."""
Line = tuple[Chunk, ...]


def plain(line: Line) -> str:
    """The line as text."""
    return " ".join("".join(token.text + " " * token.space for token in chunk).strip() for chunk in line)
