"""Where a condition on a unit holds, over a data set: against plain loops over the traces of single samples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from playground.data.spec import Dataset, Description, Split
from playground.document import Document
from playground.engine.experiments.conditions import REACH, ConditionExperiment
from playground.engine.experiments.looked_through import Condition, ConditionAsked
from playground.engine.network import Network
from playground.errors import EngineError
from tests.engine.build import chain, dense
from tests.engine.experiments.test_lab import ended, nothing

STEPS, TOKENS = 9, 5


class _Trainer:
    """What an experiment asks a run's trainer."""

    def __init__(self, network: Network, dataset: Dataset) -> None:
        self.network, self.dataset, self.seed, self.step_count = network, dataset, 3, 7


class _Run:
    """A run that stands: its weights and its data alone are asked for."""

    reader = None

    def __init__(self, document: Document, dataset: Dataset) -> None:
        self.document = document
        self.trainer = _Trainer(Network(document, seed=3), dataset)
        self.sight = self.trainer


def texts(count: int, lengths: bool) -> Dataset:
    """Rows of random symbols, of random length."""
    rng = np.random.default_rng(5)
    x = rng.integers(0, TOKENS, (count, STEPS)).astype(np.uint8)
    long = rng.integers(2, STEPS + 1, count).astype(np.int32)
    if lengths:
        x[np.arange(STEPS) >= long[:, None]] = 0
    part = Split(x, rng.integers(0, 2, count).astype(np.int32), long if lengths else None)
    names = tuple("abcde")
    return Dataset(Description((STEPS,), "classification", 2, ("no", "yes"), tokens=names), part, part, part)


def network(type: str, **fields: Any) -> Document:
    return chain((STEPS,), ("OneHot", {"vocabulary": TOKENS}), (type, {"units": 6, **fields}), dense(1), loss="binary_cross_entropy")


def asked_of(run: _Run, asked: ConditionAsked) -> Condition:
    found = ended(ConditionExperiment(run, asked, nothing)).found()  # type: ignore[arg-type]
    assert isinstance(found, Condition)
    assert (found.state.message, found.state.step) == ("", 7)
    return found


def naive(run: _Run, asked: ConditionAsked) -> list[tuple[int, int, int, int, float]]:
    """(sample, step, unit, symbol, value) of every step at which it holds, by a trace a sample; the unit that goes furthest."""
    part, made = run.trainer.dataset.split(asked.split), []
    for sample in range(len(part)):
        length = None if part.lengths is None else int(part.lengths[sample])
        trace = run.trainer.network.trace(part.x[sample].astype(np.float32), float(part.y[sample]), length=length)
        values = trace.nodes[asked.node].values[asked.gate]
        for step in range(STEPS if length is None else length):
            units = range(values.shape[1]) if asked.unit is None else [asked.unit]
            best = None
            for unit in units:
                value = float(values[step, unit])
                holds = value < asked.value if asked.below else value > asked.value
                if holds and (best is None or (value < best[1] if asked.below else value > best[1])):
                    best = (unit, value)
            if best is not None:
                made.append((sample, step, best[0], int(part.x[sample, step]), best[1]))
    return made


CASES = [
    ("LSTM", {}, "f", 2, True, 0.68, False),
    ("LSTM", {"direction": "both", "return_sequences": False}, "c_reverse", None, False, 0.3, True),
    ("LSTM", {"direction": "backward"}, "i_reverse", 0, False, 0.5, True),
    ("GRU", {"form": "pytorch"}, "z", None, True, 0.4, True),
    ("GRU", {"direction": "both", "merge": "sum"}, "n", 5, False, 0.1, False),
    ("SimpleRNN", {"direction": "both"}, "h", 1, True, 0.0, True),
]


@pytest.mark.parametrize(("type", "fields", "gate", "unit", "below", "value", "lengths"), CASES)
def test_hits_are_those_of_the_traces(
    type: str, fields: dict[str, Any], gate: str, unit: int | None, below: bool, value: float, lengths: bool
) -> None:
    document, dataset = network(type, **fields), texts(37, lengths)
    run = _Run(document, dataset)
    node = next(id for id, placed in document.nodes.items() if placed.type == type)
    asked = ConditionAsked(node, gate, unit, below, value, hits=10_000)
    found, expected = asked_of(run, asked), naive(run, asked)
    assert 5 < len(expected) < 37 * STEPS - 5  # a condition that tells something
    assert found.holds.sum() == len(expected)
    assert [int(n) for n in found.holds] == [sum(step == t for _, step, *_ in expected) for t in range(STEPS)]
    part = dataset.validation
    real = [STEPS] * 37 if part.lengths is None else part.lengths.tolist()
    assert [int(n) for n in found.real] == [sum(n > t for n in real) for t in range(STEPS)]
    assert found.symbol_holds.tolist() == [sum(symbol == s for *_, symbol, _ in expected) for s in range(TOKENS)]
    assert found.symbol_real.tolist() == [sum(int(part.x[n, t]) == s for n in range(37) for t in range(real[n])) for s in range(TOKENS)]
    told = {(int(n), t) for n, a, b in zip(found.samples, found.starts, found.stops, strict=True) for t in range(a, b)}
    assert told == {(sample, step) for sample, step, *_ in expected}
    by_place = {(sample, step): (of, number) for sample, step, of, _, number in expected}
    for hit in range(len(found.samples)):
        place = int(found.samples[hit]), int(found.steps[hit])
        assert found.starts[hit] <= place[1] < found.stops[hit]
        assert by_place[place] == (int(found.units[hit]), pytest.approx(float(found.values[hit]), abs=2e-6))
        among = [by_place[place[0], t][1] for t in range(int(found.starts[hit]), int(found.stops[hit]))]
        assert float(found.values[hit]) == pytest.approx(min(among) if below else max(among), abs=2e-6)
    assert found.furthest == found.values[0]
    assert (np.diff(found.values) >= 0).all() if below else (np.diff(found.values) <= 0).all()


def test_values_around_a_hit_are_those_of_its_unit() -> None:
    run = _Run(network("LSTM"), texts(20, True))
    asked = ConditionAsked("lstm1", "o", 3, False, 0.5, hits=4)
    found = asked_of(run, asked)
    assert len(found.samples) == 4  # the furthest alone
    part = run.trainer.dataset.validation
    for hit in range(4):
        sample, step, length = int(found.samples[hit]), int(found.steps[hit]), int(part.lengths[found.samples[hit]])  # type: ignore[index]
        values = run.trainer.network.trace(part.x[sample].astype(np.float32), 0.0, length=length).nodes["lstm1"].values["o"][:, 3]
        for at in range(2 * REACH + 1):
            there = step + at - REACH
            if 0 <= there < length:
                assert found.around[hit, at] == pytest.approx(float(values[there]), abs=2e-6)
                assert found.read[hit, at].tolist() == [part.x[sample, there]]
            else:
                assert np.isnan(found.around[hit, at])
                assert np.isnan(found.read[hit, at]).all()


def test_a_split_that_is_long_is_looked_through_evenly() -> None:
    run = _Run(network("GRU"), texts(40, False))
    found = asked_of(run, ConditionAsked("gru1", "h", None, False, -2.0, most=10))
    assert (found.seen, found.of, found.state.total) == (10, 40, 10)
    assert sorted(set(found.samples.tolist())) == list(range(0, 40, 4))
    nowhere = asked_of(run, ConditionAsked("gru1", "h", None, False, 2.0, most=10))
    assert (len(nowhere.samples), nowhere.furthest) == (0, found.furthest)
    assert (found.starts == 0).all()  # it holds everywhere: a hit is a whole text
    assert (found.stops == STEPS).all()


@pytest.mark.parametrize(
    "changes", [{"node": "gru1"}, {"gate": "z"}, {"unit": 6}, {"value": float("nan")}, {"gate": "weight_hidden"}, {"hits": 0}]
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    run = _Run(network("LSTM"), texts(4, False))
    with pytest.raises(EngineError):
        ConditionExperiment(run, replace(ConditionAsked("lstm1", "f"), **changes), nothing)  # type: ignore[arg-type]


def test_stateful_layers_read_on() -> None:
    """The output is the state itself, so that reading the windows one after another tells what every step must have."""
    layers = ("OneHot", {"vocabulary": TOKENS}), ("GRU", {"units": 3, "return_sequences": True, "stateful": True})
    document, given = chain((STEPS,), *layers, loss="mean_squared_error"), texts(11, False)
    run = _Run(document, replace(given, description=replace(given.description, continued=True)))
    states: dict[str, np.ndarray] = {}
    on = []
    for sample in range(11):
        h, states = run.trainer.network.read_on(given.validation.x[sample : sample + 1].astype(np.float32), states)
        on.append(h[0, :, 1])
    alone = run.trainer.network.forward(given.validation.x.astype(np.float32))[..., 1]
    value = float(on[4][0] + alone[4, 0]) / 2  # with its past the fifth window begins above it and without below, or the other way round
    found = asked_of(run, ConditionAsked("gru1", "h", 1, False, value, hits=1000))
    told = {(int(n), t) for n, a, b in zip(found.samples, found.starts, found.stops, strict=True) for t in range(a, b)}
    assert told == {(sample, step) for sample in range(11) for step in range(STEPS) if on[sample][step] > value}
    assert told != {(int(n), int(t)) for n, t in np.argwhere(alone > value)}
