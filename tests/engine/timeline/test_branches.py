"""Branches of a run: a fork repeats the original to the bit, switching keeps what is left, all of it through a project file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from playground.document import Document, Project, edits, example, load_project, save_project
from playground.document.swapping import swap_cell
from playground.engine.run import Run
from playground.engine.state import State
from playground.engine.timeline.branches import adopted
from playground.errors import EngineError
from tests.engine.build import same
from tests.engine.sessions import spiral
from tests.engine.timeline.test_exact_resume import dropped


def train(run: Run, steps: int) -> None:
    """Exactly so many steps, with the evaluations on the way."""
    last = run.trainer.step_count + steps
    while run.trainer.step_count < last and not run.trainer.finished:
        run.advance(0.004, last - run.trainer.step_count)


def kept(run: Run, at: int) -> None:
    """Train to step ``at`` and keep a checkpoint there."""
    train(run, at - run.trainer.step_count)
    run.history.keep(run.moment(run.history.run, None))


def ends_alike(one: Run, other: Run) -> None:
    first, second = one.trainer.state(), other.trainer.state()
    assert same(dict(first.weights), dict(second.weights))
    assert same(dict(first.optimizer), dict(second.optimizer))
    assert first.counters == second.counters
    assert one.loss == other.loss


SETTINGS: list[dict[str, Any]] = [
    *({"optimizer": name, "learning_rate": 0.01} for name in ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")),
    {"shuffle": False},
    {"schedule": "cosine", "schedule_epochs": 20},
    {"clip_norm": 0.1, "l1": 0.001, "l2": 0.01},
    {"precision": "float64"},
]


@pytest.mark.parametrize("training", SETTINGS, ids=lambda one: "-".join(map(str, one.values())))
def test_a_fork_goes_on_exactly_as_if_it_had_never_been_made(training: dict[str, Any]) -> None:
    document = edits.set_training(dropped(), **training)
    straight, forked = Run(document), Run(document)
    train(straight, 250)
    kept(forked, 83)
    train(forked, 90)
    forked.fork(1, 83, "again")
    assert forked.trainer.step_count == 83
    train(forked, 250 - 83)
    ends_alike(straight, forked)
    assert (forked.history.present.parent, forked.history.present.forked_at, forked.history.title) == (1, 83, "again")
    curve = forked.history.curves.snapshot()["loss/train"]
    assert (curve.steps[0], curve.steps[-1]) == (84, 250)
    forked.switch(1)
    assert forked.trainer.step_count == 173
    train(forked, 250 - 173)
    ends_alike(straight, forked)
    assert forked.history.curves.snapshot()["loss/train"].steps[0] == 1


def test_a_fork_stops_early_where_the_original_does() -> None:
    document = edits.set_training(example("spiral"), early_stopping=True, patience=3, epochs=None, learning_rate=0.1)
    straight, forked = Run(document), Run(document)
    kept(forked, straight.trainer.steps_per_epoch * 2 + 3)
    train(forked, 30)
    forked.fork(1, straight.trainer.steps_per_epoch * 2 + 3)
    for run in (straight, forked):
        train(run, 10**6)
        assert run.trainer.finished == "early_stopping"
    ends_alike(straight, forked)


def test_a_fork_ends_at_the_documents_last_epoch_too() -> None:
    run = Run(spiral(epochs=3))
    kept(run, 20)
    train(run, 10**6)
    assert (run.trainer.finished, run.trainer.epoch) == ("epochs", 3)
    run.go_on()
    train(run, 20)
    run.fork(1, 20)
    train(run, 10**6)
    assert (run.trainer.finished, run.trainer.epoch) == ("epochs", 3)


def test_other_settings_of_a_fork_are_its_own() -> None:
    document = spiral(learning_rate=0.02)
    run = Run(document)
    kept(run, 40)
    train(run, 10)
    run.fork(1, 40)
    slower = edits.set_training(document, learning_rate=0.005, optimizer="adam")
    run.set_document(slower)
    assert run.history.present.events[-1].step == 40
    train(run, 60)
    child = run.trainer.state()
    run.switch(1)
    assert (run.document.training, run.trainer.learning_rate, run.trainer.step_count) == (document.training, 0.02, 50)
    run.switch(2)
    assert run.document.training == slower.training
    assert same(dict(run.trainer.state().optimizer), dict(child.optimizer))
    straight = Run(document)
    train(straight, 40)
    straight.set_document(slower)
    train(straight, 60)
    ends_alike(straight, run)


def test_what_the_document_looks_like_stays() -> None:
    before = spiral()
    after = edits.move(edits.set_field(before, "dense1", "units", 3), {"dense1": (5.0, 6.0)})
    back = adopted(after, before)
    assert back.nodes["dense1"].fields == before.nodes["dense1"].fields
    assert back.nodes["dense1"].position == (5.0, 6.0)
    assert (back.training, back.data, back.wires) == (before.training, before.data, before.wires)


def test_a_cell_of_another_type_is_not_called_by_this_one() -> None:
    before = example("hello")
    after = swap_cell(before, "lstm1", "SimpleRNN")
    assert after.nodes["lstm1"].title == "simplernn1"
    assert adopted(after, before).nodes["lstm1"].title == ""
    assert adopted(before, after).nodes["lstm1"].title == "simplernn1"
    own = edits.set_title(after, "lstm1", "memory")
    assert adopted(own, before).nodes["lstm1"].title == "memory"


def test_resuming_in_the_past_forks_and_at_the_end_goes_on() -> None:
    run = Run(spiral())
    kept(run, 30)
    kept(run, 60)
    run.resume(1, 60)
    assert run.history.run == 1
    run.resume(1, 30)
    assert (run.history.run, run.trainer.step_count, run.history.present.parent) == (2, 30, 1)
    train(run, 5)
    run.resume(1, 60)
    assert (run.history.run, run.trainer.step_count) == (1, 60)
    assert run.moment(2, None).step == 35


def test_a_rewind_leaves_a_branch_to_come_back_to() -> None:
    run = Run(spiral())
    train(run, 70)
    end = run.trainer.state()
    run.rewind(seed=9)
    train(run, 20)
    run.switch(1)
    assert same(dict(run.trainer.state().weights), dict(end.weights))
    assert run.trainer.seed == end.counters["seed"]


def test_a_branch_with_other_data_or_another_network_can_be_gone_back_to() -> None:
    document = spiral()
    run = Run(document)
    train(run, 40)
    weights = run.trainer.state().weights
    other = edits.set_data(document, "circle")
    run.set_document(other)
    train(run, 10)
    run.switch(1)
    assert run.document.data.name == "spiral"
    assert same(dict(run.trainer.state().weights), dict(weights))
    run.set_document(edits.set_field(run.document, "dense2", "units", 3))
    before = run.moment(1, 40)  # of the live step: already of the smaller network
    assert before.state.weights["dense2/weight"].shape[0] == 3


def test_what_a_change_of_the_network_took_away_is_kept_before_it() -> None:
    document = spiral()
    run = Run(document)
    train(run, 40)
    run.set_document(edits.set_field(document, "dense2", "units", 3))
    train(run, 10)
    run.show(1, 40)
    assert run.reader is not None
    assert run.reader.document.nodes["dense2"].fields["units"] == 8
    assert run.reader.network.parameters["dense2/weight"].shape[0] == 8
    assert run.trainer.network.parameters["dense2/weight"].shape[0] == 3  # the present one is as it was
    run.fork(1, 40)
    assert run.document == document
    assert run.trainer.network.parameters["dense2/weight"].shape[0] == 8


def test_a_moment_that_is_not_kept_is_refused_and_nothing_changes() -> None:
    run = Run(spiral())
    train(run, 20)
    before = run.trainer.state().weights
    for branch, step in ((1, 7), (4, None), (1, 21)):
        with pytest.raises(EngineError):
            run.fork(branch, step)
    assert run.history.run == 1
    assert same(dict(run.trainer.state().weights), dict(before))


def test_a_fork_of_what_was_never_trained_has_a_parent() -> None:
    run = Run(spiral())
    run.fork(1, None, "b")
    assert [(one.number, one.parent) for one in run.history.branches] == [(1, None), (2, 1)]
    run.switch(1)
    train(run, 5)
    assert run.trainer.step_count == 5


def _project(document: Document, state: State) -> Project:
    return Project(document, state.weights, state.optimizer, state.counters, state.history, state.initial, state.checkpoints)


def test_branches_and_forks_work_from_the_file_alone(tmp_path: Path) -> None:
    document = edits.set_training(dropped(), optimizer="adam")
    straight, run = Run(document), Run(document)
    train(straight, 160)
    kept(run, 61)
    train(run, 20)
    run.fork(1, 61, "slow")
    run.set_document(edits.set_training(document, learning_rate=0.001))
    train(run, 30)
    path = tmp_path / "two.playground"
    save_project(_project(run.document, run.state()), path)
    project = load_project(path)
    again = Run(project.document)
    state = State(project.weights, project.optimizer_state, project.initial, project.counters, project.history, project.checkpoints)
    again.restore(state)
    assert [(one.number, one.parent, one.forked_at, one.name) for one in again.history.branches] == [(1, None, 0, ""), (2, 1, 61, "slow")]
    assert again.history.find(1).checkpoints.steps == run.history.find(1).checkpoints.steps
    train(again, 10)
    train(run, 10)
    ends_alike(run, again)
    again.fork(1, 61)
    train(again, 160 - 61)
    ends_alike(straight, again)
    again.switch(1)
    train(again, 160 - 81)
    ends_alike(straight, again)
    assert again.document.training == document.training
