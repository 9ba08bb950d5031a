"""The evaluation that an epoch's end asks for counts in a run that is stepped pass by pass, as in a free one."""

from __future__ import annotations

from playground.document import Document, edits, example
from playground.engine.live import commands
from playground.engine.run import Run
from tests.engine.sessions import driving


def iris(**training: object) -> Document:
    return edits.set_training(example("iris"), batch_size=45, **training)


def test_stepping_by_hand_evaluates_at_the_ends_of_epochs() -> None:
    stepped, free = Run(iris(early_stopping=True, patience=50)), Run(iris(early_stopping=True, patience=50))
    each = stepped.trainer.steps_per_epoch
    for _ in range(2 * each + 1):
        stepped.record(None)
    while free.trainer.step_count < 2 * each + 1:
        free.advance(steps=1)
    assert stepped.metrics["validation"].loss == free.metrics["validation"].loss
    (one, other) = (run.history.curves.plain() for run in (stepped, free))
    assert one["loss/validation"] == other["loss/validation"]
    assert [event.kind for event in stepped.history.events] == [event.kind for event in free.history.events]


def test_early_stopping_ends_a_watched_run_at_the_epoch_that_it_judged() -> None:
    """At the watched pace no step is made after the best weights came back."""
    document = iris(early_stopping=True, patience=1, learning_rate=1e-12, epochs=None)  # nothing gets better
    with driving(document) as driver:
        driver.send(commands.SetPace("watch"), commands.Train())
        taken = driver.snapshot
        while taken.phase != "finished" and taken.step < 100:
            driver.send(commands.PassShown(taken.pass_serial))
            taken = driver.until(lambda snapshot, last=taken: snapshot.serial > last.serial)
        assert (taken.phase, taken.step) == ("finished", 2 * taken.steps_per_epoch)


def test_a_look_at_the_validation_split_does_not_end_the_epochs_evaluation() -> None:
    run = Run(iris(early_stopping=True, patience=50))
    while not run.trainer.evaluating:
        run.advance(steps=1)
    wanted = run.trainer.evaluate("validation")
    while run.trainer.evaluating:
        run.advance(steps=1)
    assert run.metrics["validation"].loss == wanted.loss
