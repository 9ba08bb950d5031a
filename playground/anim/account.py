"""An account: how one number of a pass came about, in symbols and in the numbers of the trace. Pure data, without words.

What the Explain panel typesets, what the canvas lights up, what a learner is asked to predict and what a test recomputes are
one and the same account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from playground.anim.cursor import Phase

T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """What a number stands for: entry ``index`` of the value or parameter ``name`` of ``node``, or of the loss's derivative by it.

    ``name`` is a trace's: ``output``, ``pre_activation``, ``loss``, ``target``, or a parameter's, ``weight``; an optimizer's array is
    ``weight/velocity``. ``moment`` tells a parameter or such an array ``before`` an update from ``after`` it, and a gradient that
    is the ``batch``'s mean from the sample's own; ``""`` is where there is no difference. Without a ``name`` it is the node as a whole.
    """

    node: str
    name: str
    index: tuple[int, ...] = ()
    gradient: bool = False
    moment: str = ""


class Number(msgspec.Struct, frozen=True):
    """A number of the trace. ``symbol`` is its LaTeX (``w_{31}``), ``place`` what it stands for on the canvas.

    One that is worked out on the way has no place of its own: ``about`` is the place of the number that it is of (of a slope that of the
    sum, of an optimizer's step the weight). A constant, such as the learning rate, has neither."""

    value: float
    symbol: str = ""
    place: Place | None = None
    about: Place | None = None

    @property
    def linked(self) -> Place | None:
        """What is lit where it is pointed to."""
        return self.place if self.place is not None else self.about


class Term(msgspec.Struct, frozen=True):
    """A summand: the product of ``factors``, taken ``sign`` (1 or -1) times. ``value`` is what it comes to, sign included.

    ``factors`` of one number is that number by itself (a bias).
    """

    factors: tuple[Number, ...]
    value: float
    sign: int = 1


class Lazy(Sequence[T], Generic[T]):
    """A long row of which few are ever looked at: item ``i`` is ``make(i)``, made when it is asked for.

    ``values`` are the numbers that the items come to (float64, read-only): enough to find the biggest without making any.
    """

    __slots__ = ("_make", "values")

    def __init__(self, values: NDArray[Any], make: Callable[[int], T]) -> None:
        self.values = np.asarray(values, np.float64)
        self.values.flags.writeable = False
        self._make = make

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return tuple(self._make(i) for i in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError("there is no such item")
        return self._make(int(index) % len(self))

    def __iter__(self) -> Iterator[T]:
        return map(self._make, range(len(self.values)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a window's terms stand: in ``planes`` (channels) of ``rows`` by ``columns``, the terms in that order.

    The numbers are those of the plane that is read, ``size`` (rows, columns) large: a row of -1 is a row of padding, ``None`` is
    none at all (errors spread by a stride). There is a term where row and column lie on the plane. Of a sequence the rows are
    its features and the columns its steps, in one plane. ``kernel`` (planes, rows, columns) holds the other factor, also where there
    is no term; ``turned``: it is the kernel turned by 180 degrees. ``winner`` is the place, in reading order, that a maximum came from.
    """

    planes: tuple[int, ...]
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]
    size: tuple[int, int]
    kernel: NDArray[Any] | None = field(default=None, compare=False)
    turned: bool = False
    winner: int | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(planes, rows, columns)."""
        return len(self.planes), len(self.rows), len(self.columns)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where there is a term, in the layout's shape."""
        height, width = self.size
        rows = [row is not None and 0 <= row < height for row in self.rows]
        columns = [column is not None and 0 <= column < width for column in self.columns]
        return np.broadcast_to(np.outer(rows, columns), self.shape)

    @property
    def places(self) -> NDArray[np.intp]:
        """For each term where it stands, in reading order."""
        return np.flatnonzero(self.mask)


@dataclass(frozen=True, slots=True)
class Equation:
    """``result`` = sum of ``terms``; or, with ``function``, that function of the sum.

    ``role`` says what the equation is in the cell's account and keys the words the panel finds for it
    (``playground.anim.accounts`` lists them). ``symbols`` is the whole formula in LaTeX. ``function`` is the name of a function of
    ``layers.functions``, or one of ``exp``, ``sqrt``; ``max`` is the largest term, ``divide`` the sum over the first of ``sides``.
    ``sides`` are numbers that stand in the formula without being a term (a denominator, a slope). A sum is whole, however long:
    folding is the panel's business (``values`` finds the biggest terms). ``layout`` says how the terms of a window stand; those
    after its last one (a bias) stand beside it.
    """

    role: str
    symbols: str
    terms: Sequence[Term]
    result: Number
    function: str = ""
    sides: tuple[Number, ...] = ()
    layout: Layout | None = None

    @property
    def subtotals(self) -> NDArray[Any]:
        """What the terms of each plane of the layout add up to (float64)."""
        if self.layout is None:
            return np.zeros(0)
        whole: NDArray[np.float64] = np.zeros(self.layout.shape)
        places = self.layout.places
        whole.flat[places] = self.values[: len(places)]
        return np.asarray(whole.sum((1, 2)))

    @property
    def values(self) -> NDArray[Any]:
        """What the terms come to, signs included (float64)."""
        return self.terms.values if isinstance(self.terms, Lazy) else np.array([term.value for term in self.terms], np.float64)


@dataclass(frozen=True, slots=True)
class Account:
    """The equations of one cell, in the order in which they are computed; the last one's result is the cell's.

    ``made`` is what the cell's number is used for at once, one equation each: the gradients of a neuron's weights that its error
    makes. ``facts`` are numbers for the sentence (``rate``, ``clip`` ...), by name.
    """

    phase: Phase
    node: str
    cell: int
    equations: tuple[Equation, ...]
    made: Sequence[Equation] = ()
    facts: tuple[tuple[str, float], ...] = ()

    @property
    def result(self) -> Number:
        """What the cell comes to."""
        return self.equations[-1].result
