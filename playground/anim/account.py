"""An account: how one number of a pass came about, in symbols and in the numbers of the trace. Pure data, without words.

What the Explain panel typesets, what the canvas lights up, what a learner is asked to predict and what a test recomputes are
one and the same account.
"""

from __future__ import annotations

from dataclasses import dataclass

from playground.anim.cursor import Phase


@dataclass(frozen=True, slots=True)
class Place:
    """What a number stands for: entry ``index`` of the value or parameter ``name`` of ``node``, or of the loss's derivative by it.

    ``name`` is a trace's: ``output``, ``pre_activation``, ``loss``, ``target``, or a parameter's, ``weight``. ``moment`` tells a
    parameter ``before`` an update from ``after`` it; ``""`` is where there is no difference.
    """

    node: str
    name: str
    index: tuple[int, ...] = ()
    gradient: bool = False
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the trace. ``symbol`` is its LaTeX (``w_{31}``), ``place`` where the canvas shows it (``None``: a constant,
    such as the learning rate)."""

    value: float
    symbol: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A summand: the product of ``factors``, taken ``sign`` (1 or -1) times. ``value`` is what it comes to, sign included.

    ``factors`` of one number is that number by itself (a bias).
    """

    factors: tuple[Number, ...]
    value: float
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Equation:
    """``result`` = sum of ``terms``; or, with ``function``, that function of them.

    ``role`` says what the equation is in the cell's account and keys the words the panel finds for it (``sum``, ``activation``,
    ``arriving``, ``error``, ``gradient``, ``loss``, ``update`` ...). ``symbols`` is the whole formula in LaTeX, ``function`` the
    name of a function of ``layers.functions`` or of ``exp``, ``ln``, ``sqrt``, ``max``, ``sign``, ``softmax`` ... ``sides`` are
    numbers that stand in the formula without being a term (softmax's denominator). ``unit`` of a long sum is kept whole:
    folding is the panel's business.
    """

    role: str
    symbols: str
    terms: tuple[Term, ...]
    result: Number
    function: str = ""
    sides: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The equations of one cell, in the order in which they are computed; the last one's result is the cell's.

    ``facts`` are numbers for the sentence (``rate``, ``clip`` ...), by name.
    """

    phase: Phase
    node: str
    cell: int
    equations: tuple[Equation, ...]
    facts: tuple[tuple[str, float], ...] = ()

    @property
    def result(self) -> Number:
        """What the cell comes to."""
        return self.equations[-1].result
