"""Kinks of operations: places where a derivative jumps, so that finite differences across them mean nothing.

Whoever emits an operation with kinks declares them beside it, once for the operation::

    @kinked("map", "x")
    def _sides(values, options):
        return values["x"] > 0

The function gets the numbers of the roles named, each (*shape, N), a list of them for a role that holds several, and the
operation's options. It returns an array (or a list of some) that changes as soon as a number crosses a kink: the side it lies
on, or, where the largest is picked, the place of the one picked. The gradient check shrinks its steps, or leaves an entry out,
until the array stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.errors import EngineError
from playground.sentences import say

Sides = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Kinks:
    """The roles that an operation's kinks hang on, and the function of their numbers that tells the sides."""

    reads: tuple[str, ...]
    sides: Sides


_KINKS: dict[str, Kinks] = {}


def kinked(operation: str, *reads: str) -> Callable[[Sides], Sides]:
    """Declare the kinks of ``operation``. Raises :class:`EngineError` where they are declared already."""

    def declare(sides: Sides) -> Sides:
        if operation in _KINKS:
            raise EngineError(say("the kinks of operation {operation!r} are declared already.", operation=operation))
        _KINKS[operation] = Kinks(reads, sides)
        return sides

    return declare


def find(operation: str) -> Kinks | None:
    """The kinks of ``operation``; ``None`` where it is smooth."""
    return _KINKS.get(operation)
