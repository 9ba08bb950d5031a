"""What is asked about sequences, and what is found: plain frozen records, part of :mod:`~playground.engine.experiments.lab`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # lab.py has all questions and answers together, these among them
    from playground.engine.experiments.lab import State


@dataclass(frozen=True, slots=True)
class ConditionAsked:
    """Where the value ``gate`` of ``node`` (``"f"``, ``"h_reverse"``), of its ``unit`` or (``None``) of any, lies ``below`` or else above
    ``value``, over up to ``most`` sequences of ``split``, spread evenly over it. The ``hits`` that go furthest are told."""

    node: str
    gate: str
    unit: int | None = None
    below: bool = True
    value: float = 0.2
    split: str = "validation"
    most: int = 2000
    hits: int = 300


@dataclass(frozen=True, slots=True)
class PrefixesAsked:
    """What the network, which answers once, would answer to a text of these ``symbols`` had it ended after the first, the second ..."""

    symbols: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Hits, the furthest first: steps ``starts`` to ``stops`` (exclusive) of the sample ``samples`` of the split, where it goes furthest
    at ``steps``, with ``values`` float32, in ``units``; int64 (n,) each. ``around`` float32 (n, 2 r + 1) are that unit's values from r
    steps before to r steps behind that step, ``read`` (n, 2 r + 1, F) what the network reads there (F 0: its steps are not the node's),
    not-a-number outside the sequence. Int64 (T,): at how many samples it ``holds`` at each step, and how many are ``real`` there. By
    symbol, where symbols are read step by step: ``symbol_holds`` of ``symbol_real`` (V,) (else empty). ``furthest`` is the smallest (or
    largest) value of all. ``seen`` samples of the split's ``of`` are looked through."""

    state: State
    asked: ConditionAsked
    samples: np.ndarray
    starts: np.ndarray
    stops: np.ndarray
    steps: np.ndarray
    units: np.ndarray
    values: np.ndarray
    around: np.ndarray
    read: np.ndarray
    holds: np.ndarray
    real: np.ndarray
    symbol_holds: np.ndarray
    symbol_real: np.ndarray
    furthest: float
    seen: int
    of: int


@dataclass(frozen=True, slots=True)
class Prefixes:
    """``answers`` float32 (n, K): the prediction had the text ended at each of its symbols; not-a-number where it is not known yet."""

    state: State
    asked: PrefixesAsked
    answers: np.ndarray
