"""A recorded pass comes with the answers of the network that it ran in, however many steps before it are not shown."""

from __future__ import annotations

import numpy as np
import pytest

from playground.engine import Trainer
from playground.engine.evaluation.plane import extent_of, picture
from playground.engine.live import commands
from playground.engine.live.snapshot import Plane, Snapshot
from tests.engine.sessions import Driver, driving, spiral


def passed(driver: Driver, serial: int) -> Snapshot:
    """The snapshot of that pass, with the evaluation of after it."""
    return driver.until(lambda one: one.pass_serial == serial and one.evaluation is not None and one.evaluation.step == one.step)


@pytest.mark.parametrize("steps", [1, 4])
def test_answers_before_and_after_a_pass_are_those_of_a_free_run(steps: int) -> None:
    free = Trainer(spiral())
    extent = extent_of(free.dataset)
    assert extent is not None

    def check(plane: Plane | None) -> None:
        expected = picture(free.network, extent, ["dense1"], 10, 20)
        assert plane is not None
        assert expected is not None
        np.testing.assert_array_equal(plane.neurons["dense1"], expected.neurons["dense1"])
        np.testing.assert_array_equal(plane.boundary, expected.boundary)

    with driving(spiral()) as driver:
        driver.send(commands.SetPace("watch", steps_per_pass=steps), commands.Train())
        for serial in (1, 2, 3):
            shown = passed(driver, serial)
            before, trace = shown.before, shown.trace
            assert trace is not None
            assert before is not None
            assert before.evaluation is not None
            free.run(steps=steps - 1)
            assert before.step == before.evaluation.step == trace.step == free.step_count
            check(before.plane)
            free.run(steps=1)
            assert shown.step == free.step_count
            check(shown.plane)
            driver.send(commands.PassShown(serial))
