"""A recurrent unit that is switched off: its layer's output is 0 there, its state goes on within; both are said, and the sums hold."""

from __future__ import annotations

import numpy as np
import pytest

from playground.anim import stages
from playground.anim.accounts import account
from playground.document import edits
from playground.engine.network import Network
from playground.engine.program.lowering import lower
from playground.ui.explain.build import Options, sheet
from tests.engine.build import chain, dense


@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("every", [False, True])
def test_no_error_comes_from_above_and_what_it_answers_is_said_to_go_no_further(type: str, every: bool) -> None:
    layers = [(type, {"units": 3, "return_sequences": every}), *([("Flatten", {})] if every else []), dense(2)]
    document = edits.switch_off(chain((4, 3), *layers, loss="mean_squared_error"), f"{type.lower()}1", 1)
    trace = Network(document, "float64").trace(np.random.default_rng(0).standard_normal((4, 3)), np.array([1.0, 0.0]))
    lowered, node, passed = lower(document), f"{type.lower()}1", stages.stages(document)
    for step in (0, 3):
        at = f"h[{step},1]"
        back = account(lowered, trace, stages.find(passed, f"backward:{node}:{at}"))
        assert back is not None
        flows = next(equation for equation in back.equations if equation.role == "flows_back")
        assert sum(term.value for term in flows.terms) == pytest.approx(trace.nodes[node].gradients["h"][step, 1], abs=1e-9)
        forward = account(lowered, trace, stages.find(passed, f"forward:{node}:{at}"))
        assert forward is not None
        assert "what comes after its layer gets 0" in sheet(forward, lowered, trace, Options()).sentence
        other = account(lowered, trace, stages.find(passed, f"forward:{node}:h[{step},0]"))
        assert other is not None
        assert "switched off" not in sheet(other, lowered, trace, Options()).sentence
