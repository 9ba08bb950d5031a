"""What a network is asked to generate, and what comes of it: plain frozen records, part of :mod:`~playground.engine.experiments.lab`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # lab.py has all questions and answers together, these among them
    from playground.engine.experiments.lab import State


@dataclass(frozen=True, slots=True)
class GenerateAsked:
    """What the network makes of its own output. A language model writes on after ``start``, at most ``count`` symbols, each drawn at
    ``temperature`` (0: the likeliest) by ``seed``; with ``along`` it is held against sample ``index`` of ``split`` instead, of which
    ``seen`` steps are given (``None``: what suits the sample). A series goes on from there likewise, ``count`` steps; what answers a
    sequence by a sequence answers that sample."""

    start: str = ""
    count: int = 200
    temperature: float = 1.0
    seed: int = 0
    along: bool = False
    split: str = "test"
    index: int = 0
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Symbols (n,) by number, each with the network's ``chances`` (n,) for it, the ``best`` (n, k) it could have been with their
    ``best_chances`` (n, k), and ``drawn`` (n, k), what these were at the temperature; ``truth_chances`` (n,) are those of what really
    came. Not-a-number, and -1, where the network was not asked."""

    symbols: np.ndarray
    chances: np.ndarray
    best: np.ndarray
    best_chances: np.ndarray
    drawn: np.ndarray
    truth_chances: np.ndarray


@dataclass(frozen=True, slots=True)
class Generated:
    """A text: ``free`` is what the network wrote, each symbol read again, after the first ``given``. Along a sample, ``truth`` (n,) is
    that, and ``forced`` what the network would have written next after each true beginning (teacher forcing). ``unit`` is that of
    ``playground.data.text.symbols``, or empty where symbols are none of a text; ``ended``: it wrote the end. ``context``: symbols that it
    reads at most. ``seconds`` it took; ``of``: samples that the split has."""

    state: State
    asked: GenerateAsked
    of: int
    tokens: tuple[str, ...]
    unit: str
    given: int
    free: Stream
    forced: Stream | None
    truth: np.ndarray | None
    ended: bool
    context: int
    seconds: float

    def judged(self, stream: Stream) -> tuple[float, float]:
        """Of ``stream`` along a sample, over the steps that are not given: the share that is right, what was not written being wrong; and
        the bits per symbol that the truth takes, the mean of -log2 of its chance. Not-a-number where nothing is written yet."""
        if self.truth is None or len(stream.symbols) <= self.given:
            return np.nan, np.nan
        there = slice(self.given, len(stream.symbols))
        steps = len(self.truth) - self.given if self.ended or not self.state.running else len(stream.symbols) - self.given
        chances = stream.truth_chances[there].astype(np.float64)
        with np.errstate(divide="ignore"):
            return float((stream.symbols[there] == self.truth[there]).sum() / steps), float(-np.log2(chances).mean())


@dataclass(frozen=True, slots=True)
class FreeRun:
    """A series of float64 (n,), in its own ``unit``: ``truth``; ``forced``, each value from the true ones
    before it; ``free``, from step ``seen`` on from the network's own (``None``: ``why`` not). Not-a-number where nothing is known. The
    errors are roots of mean squares over the ``judged`` steps from ``seen`` on that have a truth; ``naive_error`` is that of saying each
    value again. ``times`` (n,): what each step is called, by the file or by its number; ``windows``: the
    series is cut into windows, and the forecast begins behind that of the sample."""

    state: State
    asked: GenerateAsked
    of: int
    name: str
    unit: str
    times: tuple[str, ...]
    windows: bool
    seen: int
    truth: np.ndarray
    forced: np.ndarray
    free: np.ndarray | None
    why: str
    forced_error: float
    free_error: float
    naive_error: float
    judged: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Aligned:
    """Sequences answered by sequences: ``samples`` (m,) of the split, their ``inputs`` (m, T), tokens by number, or numbers where
    ``tokens`` is empty, of which ``lengths`` (m,) are real. ``truth`` (m, S), -1 where nothing is asked, and ``answers`` (m, S) by number
    of ``classes``. Of the sample asked for: ``best`` (S, k) and ``best_chances`` (S, k), and ``attention`` (queries, keys) of ``node``,
    if it has one. ``same``: each answer belongs to the input's step, S = T."""

    state: State
    asked: GenerateAsked
    of: int
    tokens: tuple[str, ...]
    classes: tuple[str, ...]
    samples: np.ndarray
    inputs: np.ndarray
    lengths: np.ndarray
    truth: np.ndarray
    answers: np.ndarray
    best: np.ndarray
    best_chances: np.ndarray
    attention: np.ndarray | None
    node: str
    same: bool
    seconds: float
