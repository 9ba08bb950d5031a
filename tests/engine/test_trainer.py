"""Training: bit for bit repeatable, optimizers against naive rules, schedules, stopping, changes mid-run, saved states."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from playground import kernels
from playground.document import Document, edits
from playground.document.optimizers import OPTIMIZERS
from playground.engine import Network, Trainer
from playground.engine.state import State
from playground.errors import EngineError
from tests.engine.build import blobs, chain, classes, dense, numbers, same
from tests.reference.optimizers import Optimizer, clipped


def net(**training: Any) -> Document:
    document = chain((4,), dense(6, "tanh"), ("Dropout", {"rate": 0.2}), dense(3), loss="softmax_cross_entropy")
    return edits.set_training(document, **{"batch_size": 7, "learning_rate": 0.05, **training})


def plain(**training: Any) -> Document:
    return edits.set_training(chain((4,), dense(6, "tanh"), dense(3), loss="softmax_cross_entropy"), **{"batch_size": 7, **training})


# -- repeatability
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_same_bits_in_whatever_chunks(optimizer: str) -> None:
    document = net(optimizer=optimizer, l1=1e-3, l2=1e-3, clip_norm=0.5, schedule="exponential", schedule_factor=0.9)
    data = blobs()
    at_once, one_by_one, advanced, recorded = (Trainer(document, seed=3, dataset=data) for _ in range(4))
    at_once.run(steps=37)
    for _ in range(37):
        one_by_one.step()
    while (left := 37 - advanced.step_count) > 0:
        advanced.advance(steps=min(left, 5))
    for number in range(37):
        recorded.record(number)
        recorded.trace("test", number)
        recorded.evaluate("validation")
    for other in (one_by_one, advanced, recorded):
        assert other.step_count == 37
        assert other.epoch == at_once.epoch
        assert same(other.network.parameters, at_once.network.parameters)
        assert same(dict(other.state().optimizer), dict(at_once.state().optimizer))


def test_another_seed_gives_another_run() -> None:
    first, second = Trainer(net(), seed=0, dataset=blobs()), Trainer(net(), seed=1, dataset=blobs())
    assert not same(first.network.parameters, second.network.parameters)
    assert first.run(epochs=1).loss != second.run(epochs=1).loss


def test_a_restored_state_goes_on_as_if_never_stopped() -> None:
    straight = Trainer(net(optimizer="adam"), seed=3, dataset=blobs())
    straight.run(steps=12)
    state = straight.state()
    straight.run(steps=30)
    resumed = Trainer(net(optimizer="adam"), seed=3, dataset=blobs())
    resumed.run(steps=5)
    resumed.restore(state)
    assert (resumed.step_count, resumed.epoch) == (12, 1)
    resumed.run(steps=30)
    assert same(resumed.network.parameters, straight.network.parameters)


def test_restoring_the_initial_weights_rewinds() -> None:
    trainer = Trainer(net(optimizer="adam"), seed=3, dataset=blobs())
    trainer.run(steps=9)
    once = trainer.network.parameters
    initial = trainer.state().initial
    trainer.restore(State(weights=initial, initial=initial))
    assert trainer.step_count == 0
    trainer.run(steps=9)
    assert same(trainer.network.parameters, once)


# -- numbers
@pytest.mark.parametrize("batch", [1, 7, 50, 200])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_against_the_naive_rules(optimizer: str, batch: int) -> None:
    document = plain(optimizer=optimizer, learning_rate=0.02, batch_size=batch, l1=0.01, l2=0.02, clip_norm=0.4, shuffle=False)
    data = blobs(samples=150)
    trainer = Trainer(document, seed=1, dtype="float64", dataset=data)
    reference = Network(document, "float64", seed=1)
    rules = {
        key: Optimizer(
            optimizer, 0.02, *((0.01, 0.02) if key.endswith("weight") else (0.0, 0.0)), weight_decay=0.01 if key.endswith("weight") else 0.0
        )
        for key in reference.parameters
    }
    at = 0
    for _ in range(5):
        picked = slice(at, min(at + batch, 150))
        at = picked.stop % 150
        _, gradients = reference.gradients(data.train.x[picked].astype(float), data.train.y[picked])
        shrunk = dict(zip(gradients, clipped(list(gradients.values()), 0.4), strict=True))
        reference.set_parameters({key: rules[key].step(weight, shrunk[key]) for key, weight in reference.parameters.items()})
        trainer.step()
        for key, weight in trainer.network.parameters.items():
            assert weight == pytest.approx(reference.parameters[key], rel=1e-9, abs=1e-12)


def test_micro_batches_add_up_to_the_batch() -> None:
    """300 samples do not fit one micro-batch: the step is that of their common mean."""
    document, data = plain(learning_rate=1.0, batch_size=300, shuffle=False), blobs(samples=300)
    trainer, reference = (Trainer(document, dtype="float64", dataset=data), Network(document, "float64"))
    _, gradients = reference.gradients(data.train.x.astype(float), data.train.y)
    trainer.step()
    for key, weight in trainer.network.parameters.items():
        assert weight == pytest.approx(reference.parameters[key] - gradients[key], rel=1e-10, abs=1e-13)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ({"schedule": "constant"}, [0.1, 0.1, 0.1, 0.1, 0.1]),
        ({"schedule": "step", "schedule_step": 2, "schedule_factor": 0.5}, [0.1, 0.1, 0.05, 0.05, 0.025]),
        ({"schedule": "exponential", "schedule_factor": 0.5}, [0.1, 0.05, 0.025, 0.0125, 0.00625]),
        ({"schedule": "cosine", "schedule_epochs": 4}, [0.1, 0.0853553, 0.05, 0.0146447, 0.0]),
    ],
)
def test_schedules(schedule: dict[str, Any], rates: list[float]) -> None:
    trainer = Trainer(net(learning_rate=0.1, **schedule), dataset=blobs())
    seen = []
    while len(seen) < 5:
        progress = trainer.advance(steps=trainer.steps_left)
        if len(progress.steps) and progress.epoch_ended:
            seen.append(progress.rates[-1])
    assert seen == pytest.approx(rates, abs=1e-6)


def test_every_sample_once_an_epoch_in_a_new_order() -> None:
    data = numbers(np.arange(10, dtype=np.float32)[:, None], np.zeros(10))
    trainer = Trainer(edits.set_training(chain((1,), dense(1)), batch_size=3), seed=2, dataset=data)
    orders = []
    for _ in range(3):
        seen: list[int] = []
        for _ in range(4):
            seen += trainer._stepper.batch.tolist()
            trainer.step()
        assert sorted(seen) == list(range(10))
        orders.append(tuple(seen))
    assert len(set(orders)) == 3


def test_a_batch_larger_than_the_data_is_all_of_it() -> None:
    trainer = Trainer(net(batch_size=1000), dataset=blobs(samples=20))
    assert trainer.steps_per_epoch == 1
    assert trainer.run(epochs=3).steps == 3


# -- results
def test_result_has_what_the_command_prints() -> None:
    result = Trainer(net(), dataset=blobs()).run(epochs=2)
    assert (result.steps, result.epochs, result.stopped) == (16, 2, "")
    assert result.samples_per_second == pytest.approx(100 / result.seconds)
    assert all(value is not None and 0 <= value <= 1 for value in (result.train_accuracy, result.validation_accuracy, result.test_accuracy))


def test_seconds_leave_out_the_loading_of_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    made = kernels.Program.__init__

    def slow(*given: Any, **named: Any) -> None:
        time.sleep(0.3)
        made(*given, **named)

    monkeypatch.setattr(kernels.Program, "__init__", slow)
    assert Trainer(net(), dataset=blobs()).run(steps=1).seconds < 0.2


def test_regression_has_no_accuracy() -> None:
    result = Trainer(chain((1,), dense(1)), dataset=numbers(np.ones((8, 1), np.float32), np.ones(8))).run(epochs=1)
    assert (result.train_accuracy, result.validation_accuracy, result.test_accuracy) == (None, None, None)


def test_advance_evaluates_at_epoch_ends_and_honors_the_limit() -> None:
    trainer = Trainer(net(epochs=3), dataset=blobs())
    metrics = []
    for _ in range(1000):
        progress = trainer.advance()
        metrics += list(progress.metrics.values())
        if progress.finished:
            break
    assert (trainer.finished, trainer.epoch) == ("epochs", 3)
    assert metrics
    assert metrics[-1].loss == trainer.evaluate("validation").loss


# -- stopping
def test_early_stopping_keeps_the_best_weights() -> None:
    data = blobs(samples=30)
    wrong = validated_on_others(data)
    trainer = Trainer(plain(early_stopping=True, patience=3, learning_rate=1.0), dataset=wrong)
    losses, weights = [trainer.evaluate().loss], []
    result = trainer.run(epochs=500)
    assert result.stopped == "early_stopping"
    again = Trainer(plain(learning_rate=1.0), dataset=wrong)
    for _ in range(result.epochs):
        again.step("epoch")
        losses.append(again.evaluate().loss)
        weights.append(again.network.parameters)
    best = int(np.argmin(losses[1:]))
    assert result.epochs == best + 1 + 3
    assert same(trainer.network.parameters, weights[best])
    assert result.validation_loss == losses[1 + best]


def validated_on_others(data: Any) -> Any:
    """The same samples to train on, but other classes to validate on: so validation gets worse in the end."""
    rng = np.random.default_rng(1)
    y = np.where(rng.random(len(data.train.y)) < 0.4, (data.train.y + 1) % 3, data.train.y).astype(np.int32)
    return replace(data, validation=replace(data.validation, y=y))


@pytest.mark.parametrize("chunk", [1, 1000])
def test_divergence_names_step_and_node_and_keeps_the_weights_before(chunk: int) -> None:
    document = chain((2,), dense(4), dense(4), dense(1), loss="mean_squared_error")
    data = numbers(np.random.default_rng(0).standard_normal((40, 2)).astype(np.float32), np.arange(40.0))
    trainer = Trainer(edits.set_training(document, learning_rate=3.0, batch_size=8), dataset=data)
    while not trainer.finished:
        trainer.run(steps=chunk)
    found = trainer.divergence
    assert found is not None
    assert found.step == trainer.step_count + 1
    assert found.node in ("dense1", "dense2", "dense3", "output1")
    assert found.what in ("weight", "output", "gradient", "loss")
    assert found.node in found.text
    assert all(np.isfinite(array).all() for array in trainer.network.parameters.values())
    again = Trainer(edits.set_training(document, learning_rate=3.0, batch_size=8), dataset=data)
    again.run(steps=trainer.step_count)
    assert same(again.network.parameters, trainer.network.parameters)
    assert trainer.run(epochs=1).stopped == "diverged"


def test_large_numbers_are_not_taken_for_divergence() -> None:
    """Adam's squares reach 1e20 here, whose own squares float32 cannot hold; all numbers are finite."""
    data = numbers(np.full((4, 1), 1e5, np.float32), np.full(4, 1e6))
    trainer = Trainer(edits.set_training(chain((1,), dense(1)), optimizer="adam", learning_rate=0.01), dataset=data)
    trainer.run(steps=3)
    assert trainer.divergence is None
    assert max(float(array.max()) for array in trainer.state().optimizer.values()) > 1e19


def test_a_weight_that_is_not_a_number_is_named() -> None:
    trainer = Trainer(plain(), dataset=blobs())
    weight = trainer.network.parameters["dense2/weight"]
    weight[1, 2] = np.nan
    trainer.network.set_parameters({"dense2/weight": weight})
    trainer.step()
    assert trainer.divergence is not None
    assert (trainer.divergence.step, trainer.divergence.node, trainer.divergence.what) == (1, "dense2", "weight")


@pytest.mark.parametrize("place", [0, 250])
def test_a_sample_that_is_not_a_number_is_seen_in_any_micro_batch(place: int) -> None:
    data = blobs(samples=300)
    x = data.train.x.copy()
    x[place, 1] = np.inf
    trainer = Trainer(plain(batch_size=300, shuffle=False), dataset=classes(x, data.train.y, 3))
    trainer.step()
    assert trainer.divergence is not None
    assert (trainer.divergence.node, trainer.divergence.what) == ("input1", "output")


@pytest.mark.parametrize("batch", [1, 7, 300])
@pytest.mark.parametrize(("number", "words"), [(np.nan, "a NaN"), (np.inf, "an infinity")])
def test_a_broken_sample_is_named_and_no_lower_rate_advised(batch: int, number: float, words: str) -> None:
    data = blobs(samples=300)
    x = data.train.x.copy()
    x[17, 1] = number
    trainer = Trainer(plain(batch_size=batch), dataset=classes(x, data.train.y, 3))
    trainer.run(epochs=1)
    found = trainer.divergence
    assert found is not None
    assert found.data
    assert f"Step {trainer.step_count + 1}: sample 17 of the training data has {words}, its number 2 of 4." in found.text
    assert "rate" not in found.text
    assert all(np.isfinite(array).all() for array in trainer.network.parameters.values())


def test_a_broken_target_is_named() -> None:
    y = np.arange(40.0)
    y[5] = np.nan
    x = np.random.default_rng(0).standard_normal((40, 2)).astype(np.float32)
    trainer = Trainer(edits.set_training(chain((2,), dense(1)), batch_size=7), dataset=numbers(x, y))
    trainer.run(epochs=1)
    assert trainer.divergence is not None
    assert (trainer.divergence.node, trainer.divergence.what, trainer.divergence.data) == ("output1", "target", True)
    assert "sample 5 of the training data has as its target a NaN." in trainer.divergence.text


@pytest.mark.parametrize(
    ("settings", "x", "y", "node", "what", "words"),
    [
        ({}, 1.0, 5e18, "output1", "sum", "the batch's losses add up"),
        ({}, 1.0, 5e19, "output1", "loss", "the loss of output1 is too large"),
        ({"clip_norm": 1.0}, 1e13, 1e9, "dense1", "gradient norm", "too long to be measured"),
        ({"optimizer": "adam"}, 1e12, 1e9, "dense1", "optimizer state", "mean squared gradient that the optimizer keeps for dense1"),
    ],
)
def test_an_overflow_is_told_from_a_broken_number(settings: dict[str, Any], x: float, y: float, node: str, what: str, words: str) -> None:
    document = edits.set_training(chain((2,), dense(1), loss="mean_squared_error"), batch_size=40, learning_rate=0.01, **settings)
    trainer = Trainer(document, dataset=numbers(np.full((40, 2), x, np.float32), np.full(40, y)))
    before = trainer.state()
    trainer.run(epochs=2)
    found = trainer.divergence
    assert found is not None
    assert (found.step, found.node, found.what, found.data) == (1, node, what, False)
    assert words in found.text
    after = trainer.state()
    assert same(dict(before.weights), dict(after.weights))
    assert same(dict(before.optimizer), dict(after.optimizer))


# -- changes mid-run
def test_a_new_learning_rate_takes_effect_without_a_reset() -> None:
    trainer = Trainer(net(optimizer="adam"), dataset=blobs())
    trainer.run(steps=4)
    before = trainer.state()
    trainer.set_training(msgspec.structs.replace(trainer.document.training, learning_rate=0.0))
    trainer.run(steps=4)
    assert trainer.step_count == 8
    assert same(trainer.network.parameters, dict(before.weights))
    assert not same(dict(trainer.state().optimizer), dict(before.optimizer))


@pytest.mark.parametrize("change", [{"batch_size": 20}, {"l2": 0.1}, {"clip_norm": 0.1}, {"beta1": 0.5}])
def test_a_replanned_change_keeps_weights_state_and_place(change: dict[str, Any]) -> None:
    trainer = Trainer(net(optimizer="adam"), dataset=blobs())
    trainer.run(steps=4)
    before, network = trainer.state(), trainer.network
    trainer.set_training(msgspec.structs.replace(trainer.document.training, **change))
    after = trainer.state()
    assert trainer.network is network
    assert same(dict(before.weights), dict(after.weights))
    assert same(dict(before.optimizer), dict(after.optimizer))
    assert before.counters == after.counters
    trainer.run(steps=3)
    assert trainer.step_count == 7
    assert same(network.parameters, trainer.state().weights)  # type: ignore[arg-type]


def test_another_optimizer_starts_with_empty_state() -> None:
    trainer = Trainer(net(optimizer="adam"), dataset=blobs())
    trainer.run(steps=4)
    trainer.set_training(msgspec.structs.replace(trainer.document.training, optimizer="momentum"))
    assert all(not array.any() for array in trainer.state().optimizer.values())
    assert trainer.state().counters["update_step"] == 0
    assert trainer.step_count == 4


def test_set_document_takes_live_changes_and_refuses_others() -> None:
    trainer = Trainer(net(), dataset=blobs())
    trainer.run(steps=2)
    before = trainer.network.parameters
    assert trainer.set_document(edits.set_field(trainer.document, "dropout1", "rate", 0.0))
    assert (trainer.trace("train", 0).nodes["dropout1"].values["mask"] == 1).all()
    assert trainer.set_document(edits.freeze(trainer.document, "dense1", True))
    trainer.run(steps=3)
    after = trainer.network.parameters
    assert before["dense1/weight"].tobytes() == after["dense1/weight"].tobytes()
    assert (before["dense2/weight"] != after["dense2/weight"]).any()
    assert not trainer.set_document(edits.set_field(trainer.document, "dense1", "units", 9))
    assert trainer.step_count == 5


# -- the recorded step
def test_a_recorded_step_shows_one_sample_and_the_batchs_update() -> None:
    trainer = Trainer(net(optimizer="momentum", l2=0.1, batch_size=7), dtype="float64", dataset=blobs())
    trainer.run(steps=3)
    batch = trainer._stepper.batch.tolist()
    before = trainer.network.parameters
    trace = trainer.record(batch[4])
    assert (trace.index, trace.step) == (batch[4], 3)
    assert trace.loss is not None
    for key, one in trace.parameters.items():
        assert (one.before == before[key]).all()
        assert one.after is not None
        assert one.after.tobytes() == trainer.network.parameters[key].tobytes()
        assert sum(one.terms.values()) == pytest.approx(one.before - one.after, rel=1e-9, abs=1e-14)
    assert set(trace.parameters["dense1/weight"].terms) == {"gradient", "l2", "momentum"}
    assert set(trace.parameters["dense1/bias"].terms) == {"gradient", "momentum"}
    assert not trace.parameters["dense1/weight"].before.flags.writeable


def test_the_batchs_gradient_is_the_mean_of_its_samples() -> None:
    """Traces of all samples of a batch, each with its own dropout mask, against the gradient of the training step."""
    trainer = Trainer(net(learning_rate=1.0, batch_size=7), dtype="float64", dataset=blobs())
    batch = trainer._stepper.batch.tolist()
    own = [trainer.trace("train", index).parameters["dense1/weight"].gradient for index in batch]
    recorded = trainer.record(batch[0])
    assert np.mean([one for one in own if one is not None], axis=0) == pytest.approx(
        recorded.parameters["dense1/weight"].terms["gradient"], rel=1e-9, abs=1e-13
    )


def test_norms_of_each_layer() -> None:
    trainer = Trainer(plain(), dataset=blobs())
    trainer.step()
    gradients, weights = trainer.norms()
    parameters = trainer.network.parameters
    expected = np.sqrt(sum((parameters[f"dense1/{name}"].astype(float) ** 2).sum() for name in ("weight", "bias")))
    assert weights["dense1"] == pytest.approx(expected, rel=1e-5)
    assert gradients["dense2"] > 0


# -- refusals
def test_without_data_it_says_what_to_do() -> None:
    with pytest.raises(EngineError, match="no data set"):
        Trainer(net())


def test_samples_that_do_not_fit_are_named() -> None:
    with pytest.raises(EngineError, match="input1"):
        Trainer(net(), dataset=blobs(features=5))
    with pytest.raises(EngineError, match="output1"):
        Trainer(net(), dataset=blobs(count=5))
