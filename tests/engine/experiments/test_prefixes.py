"""Answers had a text ended earlier: those of a network that is made for so short a text."""

from __future__ import annotations

import numpy as np
import pytest

from playground.engine.experiments.looked_through import Prefixes, PrefixesAsked
from playground.engine.experiments.prefixes import PrefixesExperiment
from playground.engine.network import Network
from playground.errors import EngineError
from tests.engine.build import chain, dense
from tests.engine.experiments.test_conditions import STEPS, TOKENS, _Run, network, texts
from tests.engine.experiments.test_lab import ended, nothing


@pytest.mark.parametrize(("type", "fields"), [("LSTM", {}), ("GRU", {"direction": "both"}), ("SimpleRNN", {"direction": "backward"})])
def test_answers_are_those_of_shorter_networks(type: str, fields: dict[str, object]) -> None:
    run = _Run(network(type, **fields), texts(4, False))
    asked = PrefixesAsked((1, 4, 0, 2, 3))
    found = ended(PrefixesExperiment(run, asked, nothing)).found()  # type: ignore[arg-type]
    assert isinstance(found, Prefixes)
    assert (found.state.done, found.state.total, found.answers.shape) == (5, 5, (5, 1))
    for long in range(1, 6):
        layers = ("OneHot", {"vocabulary": TOKENS}), (type, {"units": 6, **fields}), dense(1)
        short = Network(chain((long,), *layers, loss="binary_cross_entropy"), seed=3)
        short.set_parameters(run.trainer.network.parameters)
        assert found.answers[long - 1] == pytest.approx(short.forward(np.array([asked.symbols[:long]], np.float32))[0], abs=1e-6)


@pytest.mark.parametrize("symbols", [(), (1,) * (STEPS + 1), (TOKENS,), (-1,)])
def test_what_is_no_text_is_refused(symbols: tuple[int, ...]) -> None:
    with pytest.raises(EngineError):
        PrefixesExperiment(_Run(network("LSTM"), texts(4, False)), PrefixesAsked(symbols), nothing)  # type: ignore[arg-type]


def test_a_network_without_masks_is_refused() -> None:
    document = chain((STEPS,), ("OneHot", {"vocabulary": TOKENS}), ("Flatten", {}), dense(1), loss="binary_cross_entropy")
    with pytest.raises(EngineError, match="up to where a text ends"):
        PrefixesExperiment(_Run(document, texts(4, False)), PrefixesAsked((1, 2)), nothing)  # type: ignore[arg-type]
