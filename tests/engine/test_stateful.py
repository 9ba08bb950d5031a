"""Stateful layers: a batch begins where the one before ended, against plain loops; the order of windows; records, checkpoints, figures."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.data import describe
from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, Project, check, edits, example, load_project, save_project
from playground.document.problem import Problem
from playground.document.swapping import swap_cell
from playground.engine import Network, Trainer, past
from playground.engine.program.lowering import lower
from playground.engine.program.streams import in_streams, streams_of
from playground.engine.run import Run
from playground.engine.state import State
from playground.engine.timeline.checkpoints import Checkpoint
from playground.engine.timeline.moments import Reader
from playground.errors import PlaygroundError
from tests.engine.build import chain, dense, same
from tests.engine.test_recurrent import encoder_decoder
from tests.engine.timeline.test_branches import ends_alike, kept, train
from tests.engine.timeline.test_exact_resume import goes_on_the_same
from tests.reference import streams as naive

STEPS, FEATURES, UNITS, OUTPUTS = 4, 2, 3, 2
Array = np.ndarray
FORMS: list[tuple[str, dict[str, Any]]] = [
    ("SimpleRNN", {}),
    ("LSTM", {}),
    ("LSTM", {"peepholes": True, "truncate": 2}),
    ("GRU", {"form": "tutorial"}),
    ("GRU", {"form": "pytorch", "truncate": 3}),
]


def named(value: object) -> str:
    return "-".join(map(str, value.values())) or "plain" if isinstance(value, dict) else str(value)


def long(windows: int, seed: int = 0) -> Dataset:
    """Windows of one long series of numbers, each right behind the other; the running mean is to be told at each step."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((windows * STEPS, FEATURES)).astype(np.float32)
    y = (np.cumsum(x, axis=0) / np.sqrt(1 + np.arange(len(x)))[:, None]).astype(np.float32)
    part = frozen_split(x.reshape(windows, STEPS, FEATURES), y.reshape(windows, STEPS, FEATURES))
    about = Description((STEPS, FEATURES), "regression", OUTPUTS, steps=True, continued=True)
    return Dataset(about, part, part, part)


def model(type: str, stateful: bool = True, batch: int = 3, rate: float = 0.1, **fields: Any) -> Document:
    own = {"units": UNITS, "return_sequences": True, "stateful": stateful, **fields}
    document = chain((STEPS, FEATURES), (type, own), dense(OUTPUTS))
    return edits.set_training(document, batch_size=batch, learning_rate=rate, shuffle=False)


def moved(trainer: Trainer, seed: int = 1) -> dict[str, Array]:
    """All parameters moved off where they start."""
    rng = np.random.default_rng(seed)
    weights = {key: array + 0.3 * rng.standard_normal(array.shape) for key, array in trainer.network.parameters.items()}
    trainer.network.set_parameters(weights)
    return weights


def stepped(trainer: Trainer) -> float:
    """The loss of the next step."""
    while not len(trainer.advance(steps=1).losses):
        pass  # the evaluation at an epoch's end
    return float(trainer.last_progress.losses[0])


def named_as_naive(weights: dict[str, Array]) -> dict[str, Array]:
    return {("dense " if key.startswith("dense") else "") + key.partition("/")[2]: array for key, array in weights.items()}


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize(("type", "form"), FORMS, ids=named)
def test_batches_continue_each_other_as_plain_loops_have_it(type: str, form: dict[str, Any], learned: bool) -> None:
    """Eight windows in three streams: three batches of an epoch, the last of two samples, and the next epoch's first, without a past."""
    dataset = long(8)
    start = {"initial_state": "learned"} if learned else {}
    trainer = Trainer(model(type, **form, **start), dataset=dataset, dtype="float64")
    weights = named_as_naive(moved(trainer))
    part = dataset.train
    losses = []
    for steps in (1, 2, 3, 4):
        losses.append(stepped(trainer))
        wanted, missed, _ = naive.train(type, form, weights, part.x.astype(float), part.y.astype(float), 3, steps, 0.1)
        np.testing.assert_allclose(losses, missed, rtol=1e-9)
        for key, array in named_as_naive(trainer.network.parameters).items():
            np.testing.assert_allclose(array, wanted[key], rtol=1e-8, atol=1e-10, err_msg=f"{key} after step {steps}")


def test_windows_go_in_streams() -> None:
    for windows in range(1, 30):
        for streams in range(1, windows + 1):
            found = in_streams(windows, streams)
            wanted = naive.order(windows, streams)
            assert found.tolist() == [index for batch in wanted for index in batch]
            assert sorted(found.tolist()) == list(range(windows))
            assert all(index == before + 1 for last, next in itertools.pairwise(wanted) for before, index in zip(last, next, strict=False))
    assert [streams_of(windows) for windows in (1, 511, 512, 4095, 4096, 10**6)] == [1, 1, 2, 15, 16, 16]


@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
def test_it_is_another_run_without_a_state_and_the_same_run_again(type: str) -> None:
    dataset = long(30)
    once, again, without = (Trainer(model(type, stateful), dataset=dataset) for stateful in (True, True, False))
    once.run(steps=25)
    for _ in range(25):
        stepped(again)
    without.run(steps=25)
    assert same(once.network.parameters, again.network.parameters)
    assert not same(once.network.parameters, without.network.parameters)
    alone = [Trainer(model(type, stateful, batch=30), dataset=dataset) for stateful in (True, False)]
    for trainer in alone:
        trainer.run(steps=5)  # a batch that is the whole epoch continues none
    assert same(alone[0].network.parameters, alone[1].network.parameters)


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
def test_gradients_from_a_past(type: str, learned: bool) -> None:
    """Against differences of losses: what a window begins from is given, and nothing flows back into it."""
    document = model(type, initial_state="learned" if learned else "zeros")
    network, rng = Network(document, "float64"), np.random.default_rng(0)
    x, y = rng.standard_normal((3, STEPS, FEATURES)), rng.standard_normal((3, STEPS, OUTPUTS))
    names = [f"{type.lower()}1/{name}" for name in ("hc" if type == "LSTM" else "h")]
    states = {name: rng.standard_normal((3, UNITS)) for name in names}
    fresh, _ = network.gradients(x, y)
    loss, gradients = network.gradients(x, y, states=states)
    assert abs(loss - fresh) > 1e-3
    assert loss == network.loss(x, y, states=states)
    weights = network.parameters
    for key, gradient in gradients.items():
        if "initial" in key:
            assert not gradient.any()  # it is not where these windows begin
            continue
        assert gradient.any()
        direction = rng.standard_normal(gradient.shape)
        ends = []
        for sign in (1, -1):
            network.set_parameters({**weights, key: weights[key] + sign * 1e-5 * direction})
            ends.append(network.loss(x, y, states=states))
        network.set_parameters(weights)
        np.testing.assert_allclose((ends[0] - ends[1]) / 2e-5, (gradient * direction).sum(), rtol=1e-6)


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
def test_a_step_seen_is_a_step_unseen_to_the_bit(type: str, optimizer: str, learned: bool) -> None:
    """The trace of a sample in the middle of an epoch begins with the state that its stream had then; also when it is shown again later."""
    document = model(type, batch=5, initial_state="learned" if learned else "zeros")
    document = edits.set_training(document, optimizer=optimizer)
    dataset = long(24)
    seen, unseen = Trainer(document, dataset=dataset), Trainer(document, dataset=dataset)
    node, lane = f"{type.lower()}1", 3
    ended: dict[str, Array] = {}
    for step in range(1, 8):
        trace = seen.record(position=lane)
        stepped(unseen)
        assert same(seen.network.parameters, unseen.network.parameters)
        values = trace.nodes[node].values
        for name in ("h", "c") if type == "LSTM" else ("h",):
            if step in (1, 6):  # an epoch has five steps
                wanted = trace.parameters[f"{node}/initial_{name}"].before if learned else np.zeros(UNITS)
                np.testing.assert_array_equal(values[f"start_{name}"], wanted)
            else:
                assert values[f"start_{name}"].any()
                assert values[f"start_{name}"].tobytes() == ended[name].tobytes()
            ended[name] = values[name][-1]
        if step == 5:
            assert len(trace.update.batch) == 4  # the last one has no fifth sample  # type: ignore[union-attr]
    later = seen.replay(3, lane)
    fresh = Trainer(document, dataset=dataset)
    for _ in range(2):
        fresh.advance(steps=1)
    wanted = fresh.record(position=lane)
    for name, array in wanted.nodes[node].values.items():
        assert later.nodes[node].values[name].tobytes() == array.tobytes(), name
    for name, array in wanted.nodes[node].gradients.items():
        assert later.nodes[node].gradients[name].tobytes() == array.tobytes(), name


def test_a_sample_of_the_next_batch_is_shown_with_its_past() -> None:
    dataset = long(24)
    trainer = Trainer(model("LSTM", batch=5), dataset=dataset)
    trainer.run(steps=2)
    index = int(in_streams(24, 5)[2 * 5 + 1])
    now = trainer.trace("train", index).nodes["lstm1"].values["start_h"]
    recorded = trainer.record(sample=index)
    assert recorded.index == index
    assert now.any()
    assert now.tobytes() == recorded.nodes["lstm1"].values["start_h"].tobytes()
    assert not trainer.trace("train", 0).nodes["lstm1"].values["start_h"].any()


@pytest.mark.parametrize("learned", [False, True])
def test_any_other_sample_is_shown_behind_the_windows_before_it(learned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, names = long(24), ("start_h", "start_c")
    trainer = Trainer(model("LSTM", batch=5, initial_state="learned" if learned else "zeros"), dataset=dataset)
    trainer.run(steps=2)
    for windows in (past.WINDOWS, 2):
        monkeypatch.setattr(past, "WINDOWS", windows)
        states: dict[str, Array] = {}
        for at in range(max(0, 9 - windows), 9):
            _, states = trainer.network.read_on(dataset.validation.x[at : at + 1], states)
        values = trainer.trace("validation", 9).nodes["lstm1"].values
        for name in names:
            np.testing.assert_allclose(values[name], states[f"lstm1/{name[-1]}"][0], rtol=1e-6)
    shown = moment(trainer, dataset).trace("validation", 9).nodes["lstm1"].values
    for name in names:
        np.testing.assert_array_equal(shown[name], values[name])
    apart = replace(dataset, description=replace(dataset.description, continued=False))
    assert past.before(trainer.network, apart, "validation", 9) == {}


def moment(trainer: Trainer, dataset: Dataset) -> Reader:
    return Reader(1, Checkpoint(trainer.step_count, trainer.document, trainer.state()), dataset)


@pytest.mark.parametrize("learned", [False, True])
def test_a_run_goes_on_from_its_state_to_the_bit(learned: bool) -> None:
    document, dataset = model("LSTM", batch=5, initial_state="learned" if learned else "zeros"), long(24)
    document = edits.set_training(document, optimizer="adam")
    whole = Trainer(document, dataset=dataset)
    whole.run(steps=3)
    saved = whole.state()
    assert {key for key in saved.optimizer if key.endswith("/carried")} >= {
        f"lstm1/{'carried' if learned else 'start'}_{n}/carried" for n in "hc"
    }
    whole.run(steps=9)
    other = Trainer(document, dataset=dataset, seed=5)
    other.run(steps=4)
    other.restore(saved)
    other.run(steps=9)
    assert same(whole.network.parameters, other.network.parameters)
    lost = Trainer(document, dataset=dataset)
    lost.restore(State(saved.weights, {k: a for k, a in saved.optimizer.items() if "carried" not in k}, {}, saved.counters, {}))
    lost.run(steps=1)
    assert not same(whole.network.parameters, lost.network.parameters)  # begins anew, and says nothing wrong


def test_a_fork_of_a_stateful_run_goes_on_from_the_file_alone(tmp_path: Path) -> None:
    """In the middle of an epoch: what each stream has read goes into the checkpoint, and the checkpoint into the file."""
    document = example("last-signal")
    goes_on_the_same(document, at=97)
    straight, run = Run(document), Run(document)
    train(straight, 130)
    kept(run, 61)
    train(run, 20)
    path = tmp_path / "kept.playground"
    state = run.state()
    project = Project(document, state.weights, state.optimizer, state.counters, state.history, state.initial, state.checkpoints)
    save_project(project, path)
    project = load_project(path)
    again = Run(project.document)
    again.restore(State(project.weights, project.optimizer_state, project.initial, project.counters, project.history, project.checkpoints))
    again.fork(1, 61)
    train(again, 130 - 61)
    ends_alike(straight, again)
    again.switch(1)
    train(again, 130 - 81)
    ends_alike(straight, again)


def test_a_change_of_another_layer_keeps_the_states() -> None:
    run = Run(example("last-signal"))
    train(run, 40)
    before = run.trainer.state().optimizer["lstm1/start_c/carried"]
    assert before.any()
    run.set_document(edits.set_field(run.document, "dense1", "activation", "tanh"))
    np.testing.assert_array_equal(run.trainer.state().optimizer["lstm1/start_c/carried"], before)
    run.set_document(edits.set_field(run.document, "lstm1", "units", 5))
    assert not run.trainer.state().optimizer["lstm1/start_c/carried"].any()
    train(run, 5)


def test_another_batch_size_begins_anew_and_another_rate_does_not() -> None:
    dataset = long(24)
    trainer = Trainer(model("GRU", batch=4), dataset=dataset)
    trainer.run(steps=2)
    before = trainer.state().optimizer["gru1/start_h/carried"]
    assert before.any()
    trainer.set_training(edits.set_training(trainer.document, learning_rate=0.01, optimizer="momentum").training)
    np.testing.assert_array_equal(trainer.state().optimizer["gru1/start_h/carried"], before)
    trainer.set_training(edits.set_training(trainer.document, batch_size=6).training)
    after = trainer.state().optimizer["gru1/start_h/carried"]
    assert after.shape == (6, UNITS)
    assert not after.any()
    trainer.run(steps=3)


@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
def test_reading_on_is_reading_at_once(type: str) -> None:
    """Windows one after another, each from the states that the one before ended with, are the whole sequence."""
    network, rng = Network(model(type), "float64"), np.random.default_rng(0)
    text = rng.standard_normal((5, 3 * STEPS, FEATURES))
    whole = Network(chain((3 * STEPS, FEATURES), (type, {"units": UNITS, "return_sequences": True}), dense(OUTPUTS)), "float64")
    whole.set_parameters(network.parameters)
    states: dict[str, Array] = {}
    parts = []
    for begin in range(0, 3 * STEPS, STEPS):
        window = text[:, begin : begin + STEPS]
        found, ended = network.read_on(window, states)
        np.testing.assert_array_equal(found, network.forward(window, states=states))
        parts.append(found)
        states = ended
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole.forward(text), atol=1e-12)
    np.testing.assert_array_equal(network.forward(text[:, :STEPS]), parts[0])  # and nothing of it stays
    with pytest.raises(PlaygroundError, match="expected a state of shape"):
        network.forward(text[:, :STEPS], states={next(iter(states)): np.zeros((5, 9))})
    with pytest.raises(PlaygroundError, match="there is no state"):
        network.forward(text[:, :STEPS], states={"dense1/h": np.zeros((5, 9))})


def test_an_evaluation_reads_on_in_streams() -> None:
    dataset = long(513)
    trainer = Trainer(model("LSTM"), dataset=dataset, dtype="float64")
    moved(trainer)
    metrics = trainer.evaluate("validation", limit=5)
    assert metrics.predictions.shape == (513, STEPS, OUTPUTS)  # all of it: one window continues the other
    part = dataset.validation
    wanted = []
    for windows in (range(257), range(257, 513)):
        states: dict[str, Array] = {}
        for window in windows:
            found, states = trainer.network.read_on(part.x[window : window + 1], states)
            wanted.append(found[0])
    np.testing.assert_allclose(metrics.predictions, wanted, atol=1e-9)
    losses = ((np.array(wanted) - part.y) ** 2).sum(-1).mean(1) / 2
    np.testing.assert_allclose(metrics.losses, losses, rtol=1e-6)
    assert metrics.worst[0].index == losses.argmax()
    again = trainer.evaluate("validation", limit=5)
    assert again.predictions.tobytes() == metrics.predictions.tobytes()


def test_what_holds_no_sample_never_grows() -> None:
    """Lanes past the batch have no input; a state there that doubles with each window would make numbers that are none."""
    dataset = long(600)
    trainer = Trainer(model("SimpleRNN", batch=3, rate=0.0, activation="identity"), dataset=dataset)
    weights = trainer.network.parameters
    key = "simplernn1/weight_hidden"
    trainer.network.set_parameters(
        {key: 1.5 * np.eye(UNITS), "simplernn1/bias": np.ones(UNITS), "simplernn1/weight_input": 0 * weights["simplernn1/weight_input"]}
    )
    plan = trainer._stepper.plan
    trainer.run(steps=9)
    (start,) = [array for one, array in plan.carried.items() if one.state]
    assert plan.lanes > 3
    assert start[:, :3].any()
    assert not start[:, 3:].any()


def test_what_cannot_keep_its_state_says_so() -> None:
    document = model("LSTM", direction="both")
    (problem,) = [one for one in check(document, data_needed=False) if one.severity == "error"]
    assert "reads backward cannot" in problem.message
    assert problem.fix is not None
    assert problem.fix.fields == (("stateful", False),)
    wired = edits.set_field(encoder_decoder("GRU"), "gru2", "stateful", True)
    assert [one.message for one in check(wired, data_needed=False) if one.severity == "error"] == [
        "gru2 keeps its state from batch to batch, but gets a state by wire."
    ]
    swapped = swap_cell(model("LSTM"), "lstm1", "GRU")
    assert swapped.nodes["lstm1"].fields["stateful"]
    mended = edits.set_field(document, "lstm1", "stateful", False)
    assert not [one for one in check(mended, data_needed=False) if one.severity == "error"]
    assert not lower(mended).carried


def test_samples_that_do_not_continue_each_other_are_doubted_with_a_remedy() -> None:
    document, last = edits.add_node(Document(), "Input")
    layers = (("Embedding", {"size": 4}), ("GRU", {"units": 4, "stateful": True, "return_sequences": True}), ("Dense", {}), ("Output", {}))
    for type, fields in layers:
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node

    def found() -> list[Problem]:
        return [problem for problem in check(document) if problem.field == "stateful"]

    document = edits.set_data(document, "alice", stride=20)
    document = edits.set_field(document, "dense1", "units", len(describe("alice", stride=20).tokens))
    (problem,) = found()
    assert problem.severity == "warning"
    assert "the samples of Alice in Wonderland do not continue each other" in problem.message
    document = edits.apply_fix(document, problem)
    assert document.data.options["stride"] is None
    (problem,) = found()
    assert "shuffles the samples" in problem.message
    document = edits.apply_fix(document, problem)
    assert not document.training.shuffle
    assert not check(document)
    document = edits.set_data(document, "echo")
    (problem,) = found()
    document = edits.apply_fix(document, problem)
    assert not document.nodes["gru1"].fields["stateful"]
    assert not found()
