"""One error sent back through time: all of them together are the trace's total errors, and none is larger than its bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.anim.time_cells import suffixes
from playground.anim.time_flow import Bound, _parts, bound, entering, send_back
from playground.engine.trace import NodeTrace, Trace
from playground.layers.way import switched_off
from tests.anim.accounts.test_through_time import CASES, OFF, STEPS, traced

WHOLE = {name: case for name, case in CASES.items() if not case[1].get("truncate")}
DEFAULTS = {"direction": "forward", "merge": "concatenate"}


def weights_of(trace: Trace) -> dict[str, np.ndarray]:
    return {key.partition("/")[2]: one.before for key, one in trace.parameters.items() if key.startswith("cell/")}


@pytest.mark.parametrize("case", WHOLE)
def test_the_errors_of_all_steps_come_to_the_total(case: str) -> None:
    """Vectors are added up by sending a unit of each: norms alone would not add."""
    type, fields = WHOLE[case]
    document, trace = traced(type, fields)
    fields, node, weights = document.nodes["cell"].fields, trace.nodes["cell"], weights_of(trace)
    for end in suffixes(fields):
        parts, came = _parts(type, fields, node, weights, end), entering(fields, node, end)
        assert parts is not None
        assert came is not None
        order = range(STEPS) if end else range(STEPS - 1, -1, -1)
        dh, dc = np.zeros(2), np.zeros(2)
        for t in order:
            dh = dh + came[t]
            if type == "LSTM":
                dc = dc + parts.cell(t, dh)
                assert dc == pytest.approx(node.gradients["c" + end][t], rel=1e-9, abs=1e-12)
            assert dh == pytest.approx(node.gradients["h" + end][t], rel=1e-9, abs=1e-12)
            dh, dc = parts.back(t, dh, dc)


@pytest.mark.parametrize("off", [(), OFF], ids=["", "off"])
@pytest.mark.parametrize("case", [name for name, case in WHOLE.items() if not case[1].get("return_sequences")])
def test_of_one_answer_it_is_the_trace(case: str, off: tuple[int, ...]) -> None:
    type, fields = WHOLE[case]
    document, trace = traced(type, fields, off)
    fields, node = {**DEFAULTS, **document.nodes["cell"].fields}, trace.nodes["cell"]
    for end in suffixes(fields):
        sent = send_back(type, fields, node, weights_of(trace), end, 0 if end else STEPS - 1, off=switched_off(fields, off, end))
        assert sent is not None
        for state, norms in sent.norms.items():
            assert norms == pytest.approx(np.linalg.norm(node.gradients[state + end], axis=1), rel=1e-9, abs=1e-12)


def test_a_padded_step_hands_on_what_it_gets() -> None:
    document, trace = traced("LSTM", {"return_sequences": True})
    fields, node = document.nodes["cell"].fields, trace.nodes["cell"]
    sent = send_back("LSTM", fields, node, weights_of(trace), "", STEPS - 1, np.array([1, 1, 1, 0, 0]))
    assert sent is not None
    assert sent.norms["h"][2] == sent.norms["h"][3] == sent.norms["h"][4] > 0
    assert sent.norms["h"][1] != sent.norms["h"][2]
    assert sent.norms["c"][4] == 0.0


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
@pytest.mark.parametrize("start", [STEPS - 1, 2])
def test_no_error_exceeds_its_bound(activation: str, start: int) -> None:
    document, trace = traced("SimpleRNN", {"activation": activation, "return_sequences": True})
    fields, node, weights = document.nodes["cell"].fields, trace.nodes["cell"], weights_of(trace)
    most, sent = (
        bound("SimpleRNN", fields, node.values, weights["weight_hidden"], ""),
        send_back("SimpleRNN", fields, node, weights, "", start),
    )
    assert most is not None
    assert sent is not None
    assert most.weight == pytest.approx(np.sqrt(np.linalg.eigvalsh(weights["weight_hidden"].T @ weights["weight_hidden"]).max()))
    line = most.line(float(sent.norms["h"][start]), start + 1)
    assert (sent.norms["h"][start::-1] <= line * (1 + 1e-12)).all()
    assert line[1] / line[0] == pytest.approx(most.factor)
    assert (sent.norms["h"][start + 1 :] == 0).all()


def test_a_unit_that_is_switched_off_hands_nothing_on() -> None:
    """Each step's error by itself, added up as vectors are, is the trace's; the bound is that of the others' weights."""
    document, trace = traced("SimpleRNN", {"return_sequences": True}, OFF)
    fields, node, weights = document.nodes["cell"].fields, trace.nodes["cell"], weights_of(trace)
    sent = send_back("SimpleRNN", fields, node, weights, "", STEPS - 1, off=(1,))
    most = bound("SimpleRNN", fields, node.values, weights["weight_hidden"], "", off=(1,))
    assert sent is not None
    assert most is not None
    slopes = 1 - node.values["h"][:, 0] ** 2
    alone = [abs(float(node.gradients["output"][STEPS - 1, 0]))]
    for t in range(STEPS - 1, 0, -1):
        alone.append(alone[-1] * abs(float(slopes[t] * weights["weight_hidden"][0, 0])))
    assert sent.norms["h"][::-1] == pytest.approx(np.array(alone))
    assert most.weight == pytest.approx(abs(float(weights["weight_hidden"][0, 0])))
    assert most.slope == pytest.approx(slopes.max())


def test_gates_have_no_such_bound_but_a_straight_way() -> None:
    for type, gate in (("LSTM", "f"), ("GRU", "z")):
        document, trace = traced(type, {"return_sequences": True})
        fields, node, weights = document.nodes["cell"].fields, trace.nodes["cell"], weights_of(trace)
        assert bound(type, fields, node.values, weights["weight_hidden"], "") is None
        sent = send_back(type, fields, node, weights, "", 3)
        assert sent is not None
        assert sent.straight is not None
        state = "c" if type == "LSTM" else "h"
        assert sent.straight[3] == pytest.approx(sent.norms[state][3])
        kept = node.values[gate] if type == "LSTM" else 1 - node.values[gate]
        came = _came(type, fields, node, weights)
        assert sent.straight[1] == pytest.approx(np.linalg.norm(came * kept[3] * kept[2]))


def _came(type: str, fields: Any, node: NodeTrace, weights: dict[str, np.ndarray]) -> np.ndarray:
    came, parts = entering(fields, node, ""), _parts(type, fields, node, weights, "")
    assert came is not None
    assert parts is not None
    return parts.cell(3, came[3]) if type == "LSTM" else came[3]


def test_what_is_missing_is_not_made_up() -> None:
    document, trace = traced("GRU", {})
    fields, node = document.nodes["cell"].fields, trace.nodes["cell"]
    assert send_back("GRU", fields, node, {}, "", STEPS - 1) is None
    assert send_back("GRU", fields, NodeTrace({}, {}), weights_of(trace), "", 0) is None
    assert Bound(0.5, 1.0).line(2.0, 3).tolist() == [2.0, 1.0, 0.5]
