"""What a learner is asked for must not be read off the screen: which numbers stay hidden while a question is open."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from playground.anim.account import Account, Number, Place
from playground.engine.program.lowering import Lowered
from playground.ui.explain.places import Key, key, same_number

LONG = 8
"""A sum of more terms is not added up by hand: its result stays to be seen, if something is made of it."""
SHORT = 3
"""Of a longer account only the last equation is asked."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """``keys`` are hidden wherever they stand, on the canvas too; ``constants`` are results without a place of their own. At the places
    ``elsewhere``, among the keys, the canvas shows another number."""

    keys: frozenset[Key] = frozenset()
    constants: frozenset[tuple[str, float]] = frozenset()
    elsewhere: frozenset[Key] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.keys or self.constants)

    def hides(self, number: Number) -> bool:
        """Whether ``number`` must not be printed. A parameter before its update is not the one after it."""
        if number.place is None:
            return (number.symbol, number.value) in self.constants
        return number.place.moment != "before" and key(number.place) in self.keys


NOTHING = Hidden()


def question(account: Account, lowered: Lowered) -> Hidden:
    """What is hidden while the result of ``account`` is asked for: it, in a short account also the results on the way to it that can be
    worked out by hand, and whatever happens to be the same number; of a softmax the shares behind it."""
    *way, last = account.equations
    worked = [equation.result for equation in way if len(equation.terms) <= LONG] if len(way) < SHORT else []
    same = [equation.result for equation in way if equation.result.value == last.result.value]
    asked = [*worked, *same, last.result]
    asked += [Number(0.0, place=place) for place in _given_away(last.result.place, lowered)] if last.role == "softmax" else []
    keys: frozenset[Key] = frozenset().union(*(same_number(lowered, number.place) for number in asked if number.place is not None))
    constants = frozenset((number.symbol, number.value) for number in asked if number.place is None)
    early = account.phase == "loss" and last.result.place is not None and last.result.place.gradient  # cards show it on the way back
    return Hidden(keys, constants, frozenset((key(last.result.place),)) if early else frozenset())


def _given_away(place: Place | None, lowered: Lowered) -> list[Place]:
    """The shares behind one of a softmax: all but one of them tell the last, for they add up to 1."""
    shape = lowered.named[place.node][place.name].shape if place is not None else ()
    if place is None or not shape:
        return []
    return [replace(place, index=(*place.index[:-1], k)) for k in range(place.index[-1] + 1, shape[-1])]
