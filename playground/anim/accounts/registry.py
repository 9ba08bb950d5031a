"""Which function accounts for which operation. An operation without one is shown as its value alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from playground.anim.account import Equation, Layout, Lazy, Number, Term
from playground.anim.accounts.book import Index
from playground.anim.accounts.reading import Reading
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """How one entry was made: equations whose last one has it as its result, and the entries (of values of the same node) that
    are explained before."""

    equations: tuple[Equation, ...]
    reads: tuple[tuple[Value, Index], ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """How one entry of a gradient comes about: a sum of terms, and the right side of its formula; ``sides``, ``layout`` and ``function``
    (``divide`` alone) as in an Equation, and its ``role`` where the entry is a cell of its own."""

    terms: Sequence[Term]
    symbols: str
    sides: tuple[Number, ...] = ()
    layout: Layout | None = None
    role: str = "error"
    function: str = ""

    @property
    def undivided(self) -> Share:
        """The same with what the sum is divided by as a factor of each term: so it can be added to others."""
        if not self.function:
            return self
        divisor, terms = self.sides[0], self.terms
        factor = Number(1 / divisor.value, rf"\frac{{1}}{{{divisor.symbol}}}")
        values = np.array([term.value for term in terms]) if not isinstance(terms, Lazy) else terms.values
        return Share(Lazy(values * factor.value, lambda at: product(factor, *terms[at].factors)), self.symbols, self.sides[1:], self.layout)


Forward = Callable[[Reading, Operation, Value, Index, Number], Made]
"""(reading, operation, the value it writes, entry, that entry as a number) -> how it was made."""
Backward = Callable[[Reading, Operation, Value, Index], Share]
"""(reading, operation, the gradient it writes, entry) -> how it comes about."""
Gradients = Callable[[Reading, Operation, Index], Sequence[Equation]]
"""(reading, operation, entry of the error it reads) -> the gradients of parameters that this error makes."""

Gradient = Callable[[Reading, Operation, Value, Index], Equation]
"""(reading, operation, the parameter's gradient that it writes, entry) -> how that one comes about."""
Reach = Callable[[Reading, Operation, Index], Sequence[tuple[Value, Index]]]
"""(reading, operation, entry of the error it reads) -> the entries that it writes from it."""

AfterStep = Callable[[Reading, Operation, Index, Number, Number, int], Equation | None]
"""(reading, operation, entry of the parameter, it before and after, samples of the batch) -> how it changed; ``None``: it did not."""

FORWARD: dict[str, Forward] = {}
BACKWARD: dict[str, Backward] = {}
GRADIENTS: dict[str, Gradients] = {}
GRADIENT_OF: dict[str, Gradient] = {}
REACHES: dict[str, Reach] = {}
AFTER_STEP: dict[str, AfterStep] = {}
ENTRYWISE: set[str] = set()
"""Operations of the backward pass whose entry comes from the same entry of what they read."""


def _into(table: dict[str, T], name: str) -> Callable[[T], T]:
    def register(function: T) -> T:
        table[name] = function
        return function

    return register


def forward(name: str) -> Callable[[Forward], Forward]:
    """Register the account of an operation's forward entry."""
    return _into(FORWARD, name)


def backward(name: str, entrywise: bool = True) -> Callable[[Backward], Backward]:
    """Register the account of an operation that hands the error back. ``entrywise``: an entry that it reads makes the entry at the same
    place of what it writes, so that the chain rule can be followed from a number through it."""

    def register(function: Backward) -> Backward:
        BACKWARD[name] = function
        if entrywise:
            ENTRYWISE.add(name)
        return function

    return register


def gradients(name: str) -> Callable[[Gradients], Gradients]:
    """Register the account of an operation that makes gradients of parameters."""
    return _into(GRADIENTS, name)


def gradient_of(name: str) -> Callable[[Gradient], Gradient]:
    """Register the account of one entry of a parameter's gradient, for its update."""
    return _into(GRADIENT_OF, name)


def reaches(name: str) -> Callable[[Reach], Reach]:
    """Register where an operation of the backward pass, which is not entrywise, hands an entry's error to."""
    return _into(REACHES, name)


def after_step(name: str) -> Callable[[AfterStep], AfterStep]:
    """Register the account of an operation that ends a training step."""
    return _into(AFTER_STEP, name)


def one(number: Number, sign: int = 1) -> Term:
    """A number by itself as a term."""
    return Term((number,), sign * number.value, sign)


def product(*factors: Number, sign: int = 1) -> Term:
    """The product of ``factors`` as a term."""
    value = float(sign)
    for factor in factors:
        value *= factor.value
    return Term(factors, value, sign)


def joined(parts: Sequence[Sequence[T]], value: Callable[[T], float]) -> Sequence[T]:
    """Rows one after the other, still lazy where one of them is. ``value`` is what an item comes to."""
    if len(parts) == 1:
        return parts[0]
    if not any(isinstance(part, Lazy) for part in parts):
        return tuple(item for part in parts for item in part)
    values = [part.values if isinstance(part, Lazy) else np.array([value(item) for item in part], np.float64) for part in parts]
    ends = np.cumsum([len(part) for part in parts])

    def item(index: int) -> T:
        part = int(np.searchsorted(ends, index, side="right"))
        return parts[part][index - int(ends[part]) + len(parts[part])]

    return Lazy(np.concatenate(values), item)
