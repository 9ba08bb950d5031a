"""Steps by hand end where a free run ends that early stopping, or the limit of epochs, ends: at the same step, with the same weights."""

from __future__ import annotations

import pytest

from playground.document import Document, edits, example
from playground.engine.live import commands
from tests.engine.build import same
from tests.engine.sessions import driving


def stopped(**settings: object) -> Document:
    return edits.set_training(example("iris"), early_stopping=True, **settings)


@pytest.mark.parametrize("settings", [{"patience": 1}, {"patience": 50, "epochs": 29}])
@pytest.mark.parametrize(("grain", "steps"), [("batch", 261), ("epoch", 29)])
def test_by_hand_as_free(settings: dict[str, object], grain: str, steps: int) -> None:
    document = stopped(**settings)
    with driving(document) as driver:
        driver.send(commands.Train())
        assert driver.phase("finished").step == 261
        free = driver.capture()
    with driving(document) as driver:
        driver.send(commands.SetPace("explain"))
        for _ in range(steps):
            driver.send(commands.Step(grain, 1))
            hand = driver.capture()
        assert driver.settle().phase == "finished"
    assert (hand.counters["step"], free.counters["step"]) == (261, 261)
    assert same(hand.weights, free.weights)
