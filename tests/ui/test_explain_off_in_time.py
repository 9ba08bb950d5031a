"""A recurrent unit that is switched off: its numbers are 0, forward and back, Explain says why, and the sums of the others hold."""

from __future__ import annotations

import numpy as np
import pytest

from playground.anim import stages
from playground.anim.accounts import account
from playground.anim.cursor import Cursor
from playground.document import edits
from playground.engine.network import Network
from playground.engine.program.lowering import lower
from playground.engine.trace import Trace
from playground.ui.explain.build import Options, sheet
from playground.ui.explain.close_up import with_close_up
from playground.ui.explain.figures import Figures
from tests.engine.build import chain, dense

STATES = {"SimpleRNN": "h", "LSTM": "ch", "GRU": "h"}
GATES = {"SimpleRNN": "", "LSTM": "ifgo", "GRU": "zrn"}


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
def test_what_it_answers_hears_and_learns_is_0_and_said_to_be(type: str, every: bool) -> None:
    layers = [(type, {"units": 3, "return_sequences": every}), *([("Flatten", {})] if every else []), dense(2)]
    document = edits.switch_off(chain((4, 3), *layers, loss="mean_squared_error"), f"{type.lower()}1", 1)
    trace = Network(document, "float64").trace(np.random.default_rng(0).standard_normal((4, 3)), np.array([1.0, 0.0]))
    lowered, node, passed = lower(document), f"{type.lower()}1", stages.stages(document)

    def told(place: str) -> tuple[str, float, str]:
        made = account(lowered, trace, stages.find(passed, place))
        assert made is not None
        return made.equations[-1].role, made.result.value, sheet(made, lowered, trace, Options()).sentence

    for step in (0, 3):
        for state in STATES[type]:
            assert told(f"forward:{node}:{state}[{step},1]") == ("off", 0.0, "It is switched off: it answers 0, whatever comes in.")
            words = "It is switched off: no error goes through, and it does not learn."
            assert told(f"backward:{node}:{state}[{step},1]") == ("off", 0.0, words)
            assert "switched off" not in told(f"forward:{node}:{state}[{step},0]")[2]
            assert "switched off" not in told(f"backward:{node}:{state}[{step},0]")[2]
        for gate in GATES[type]:
            role, value, words = told(f"forward:{node}:{gate}[{step},1]")
            assert role == "activation"
            assert value == trace.nodes[node].values[gate][step, 1] != 0
            assert words.endswith("Its unit is switched off: the state stays 0, whatever this is.")
            assert "switched off" not in told(f"forward:{node}:{gate}[{step},0]")[2]
        for at in range(len(GATES[type]) or 1):
            assert told(f"backward:{node}:pre_activation[{step},{3 * at + 1}]")[:2] == ("off", 0.0)
        back = account(lowered, trace, stages.find(passed, f"backward:{node}:h[{step},0]"))
        assert back is not None
        flows = next(equation for equation in back.equations if equation.role == "flows_back")
        assert sum(term.value for term in flows.terms) == pytest.approx(trace.nodes[node].gradients["h"][step, 0], abs=1e-12)


def test_the_table_of_all_units_has_zeros_for_it() -> None:
    for type in ("LSTM", "GRU"):
        document = edits.switch_off(chain((4, 3), (type, {"units": 3}), dense(2), loss="mean_squared_error"), f"{type.lower()}1", 1)
        trace = Network(document, "float64").trace(np.random.default_rng(0).standard_normal((4, 3)), np.array([1.0, 0.0]))
        rows = table(document, trace, stages.find(stages.stages(document), f"forward:{type.lower()}1:h[2,0]"), type)
        assert not any(rows[1])
        assert all(rows[0])
        assert all(rows[2])


def table(document: edits.Document, trace: Trace, cursor: Cursor, type: str) -> list[tuple[float, ...]]:
    """The rows of all units."""
    lowered = lower(document)
    made = account(lowered, trace, cursor)
    assert made is not None
    shown = with_close_up(sheet(made, lowered, trace, Options()), made, trace, cursor, None, type, Figures(3), frozenset())
    found = next(block for block in shown.blocks if block.role == "all_units").table
    assert found is not None
    return [row.values for row in found.rows]
