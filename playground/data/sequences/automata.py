"""Strings of a finite automaton: drawn at random, and which symbols may follow each of theirs. The grammar is Reber's (1967), plain and
embedded as in Cleeremans, Servan-Schreiber & McClelland 1989 and Hochreiter & Schmidhuber 1997, experiment 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playground.data.spec import Array

SYMBOLS = "BTSXPVE"
Arcs = Mapping[int, tuple[tuple[str, int], ...]]

REBER: Arcs = {
    0: (("B", 1),),
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", 6)),
    5: (("P", 4), ("V", 6)),
    6: (("E", 7),),
}


@dataclass(frozen=True, slots=True)
class Automaton:
    """``symbols`` and ``targets`` (states, arcs) of each state's arcs, ``arcs`` (states,) how many it has; the last state is the end.
    ``reached`` (states, symbols): where a symbol leads, -1 where it is not allowed. State 0 is the start."""

    symbols: Array
    targets: Array
    arcs: Array
    reached: Array

    @property
    def end(self) -> int:
        return len(self.arcs) - 1

    def drawn(self, rng: np.random.Generator, n: int, longest: int) -> tuple[Array, Array]:
        """At most ``n`` strings: uint8 (m, longest), 0 behind their ends, and their lengths. Each arc of a state is as likely; strings
        that have not ended after ``longest`` symbols are left out."""
        strings = np.zeros((n, longest), np.uint8)
        lengths = np.zeros(n, np.int64)
        state = np.zeros(n, np.int64)
        for t in range(longest):
            going = state != self.end
            arc = np.floor(rng.random(n) * self.arcs[state]).astype(np.int64)
            strings[going, t] = self.symbols[state, arc][going]
            state = np.where(going, self.targets[state, arc], state)
            lengths += going
        done = state == self.end
        return strings[done], lengths[done]

    def legal(self, x: Array) -> Array:
        """bool (N, T, symbols): which symbols may follow ``x`` (N, T) at each step; none once something illegal was read, or the end."""
        state = np.zeros(len(x), np.int64)
        allowed = np.zeros((*x.shape, self.reached.shape[1]), bool)
        for t in range(x.shape[1]):
            state = np.where(state < 0, -1, self.reached[state, x[:, t].astype(np.int64)])
            allowed[:, t] = (self.reached[state] >= 0) & (state >= 0)[:, None]
        return allowed


def automaton(arcs: Arcs) -> Automaton:
    """Tables of ``arcs``; their states are numbered from 0 to the end."""
    states, most = max(to for ways in arcs.values() for _, to in ways) + 1, max(map(len, arcs.values()))
    symbols, targets = np.zeros((states, most), np.uint8), np.zeros((states, most), np.int64)
    reached = np.full((states, len(SYMBOLS)), -1, np.int64)
    for state, ways in arcs.items():
        for arc, (symbol, to) in enumerate(ways):
            number = SYMBOLS.index(symbol)
            symbols[state, arc], targets[state, arc], reached[state, number] = number, to, to
    counts = np.array([len(arcs.get(state, ())) for state in range(states)])
    return Automaton(symbols, targets, counts, reached)


def embedded(inner: Arcs) -> Arcs:
    """B, T or P, a string of ``inner``, the same T or P again, E. The inner states occur twice: that is the memory it takes."""
    size = max(to for ways in inner.values() for _, to in ways) + 1
    first, second = 2, 2 + size
    closing = 2 + 2 * size
    arcs: dict[int, tuple[tuple[str, int], ...]] = {0: (("B", 1),), 1: (("T", first), ("P", second)), closing: (("E", closing + 1),)}
    for begin, symbol in ((first, "T"), (second, "P")):
        for state, ways in inner.items():
            arcs[begin + state] = tuple((one, begin + to) for one, to in ways)
        arcs[begin + size - 1] = ((symbol, closing),)
    return arcs


PLAIN, EMBEDDED = automaton(REBER), automaton(embedded(REBER))


def share_right(scores: Array, x: Array, machine: Automaton, lengths: Array | None = None) -> float:
    """The share of strings ``x`` (N, T) of which at every real step each symbol that may follow scores above each that may not;
    ``scores`` (N, T, symbols). That is how Reber strings are judged in the literature."""
    legal = machine.legal(x)
    lowest = np.where(legal, scores, np.inf).min(axis=2)
    highest = np.where(legal, -np.inf, scores).max(axis=2)
    right = lowest > highest
    if lengths is not None:
        right |= np.arange(x.shape[1]) >= lengths[:, None]
    return float(right.all(axis=1).mean())
