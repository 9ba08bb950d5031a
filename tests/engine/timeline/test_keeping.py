"""Weights remembered over edits: the latest, and no more than a bound of bytes."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import edits
from playground.engine.state import State
from playground.engine.timeline import keeping
from playground.engine.timeline.keeping import Keeper
from tests.engine.sessions import spiral


def state(units: int) -> State:
    shapes = {"dense1/weight": (units, 2), "dense1/bias": (units,)}
    return State({key: np.full(shape, float(units), np.float32) for key, shape in shapes.items()})


def test_what_is_remembered_has_a_bound_and_the_latest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MEMORY_BYTES", 200)
    keeper, document, here = Keeper(), spiral(), 8
    for units in (4, 5, 6, 7):  # 12 bytes a unit: 96, 48, 60, 72
        changed = edits.set_field(document, "dense1", "units", units)
        keeper.carry(document, state(here), changed, state(units))
        document, here = changed, units
        assert keeper.nbytes <= 200
    back = edits.set_field(document, "dense1", "units", 6)
    assert keeper.carry(document, state(7), back, state(6)).weights["dense1/bias"].tolist() == [6.0] * 6
    first = edits.set_field(back, "dense1", "units", 8)
    fresh = State({"dense1/weight": np.zeros((8, 2), np.float32), "dense1/bias": np.zeros(8, np.float32)})
    assert not keeper.carry(back, state(6), first, fresh).weights["dense1/bias"].any(), "the oldest was forgotten"
