"""The session: phases, commands in order, handshakes, errors that do not end the thread."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from playground.document import Document
from playground.engine import Trainer
from playground.engine.live import commands
from playground.engine.live.mailbox import Mailbox
from playground.engine.live.session import Session
from playground.engine.run import Run
from playground.errors import EngineError
from tests.engine.build import same
from tests.engine.sessions import Driver, cut, driving, spiral


def test_a_mailbox_keeps_the_latest_and_gives_it_once() -> None:
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.take() is None
    mailbox.put(1)
    mailbox.put(2)
    assert not mailbox.empty
    assert mailbox.take() == 2
    assert mailbox.empty
    assert mailbox.take() is None


def test_importing_and_making_a_session_does_not_import_the_compiler() -> None:
    program = (
        "import sys; from playground.engine.live.session import Session; session = Session(); session.close(); "
        "sys.exit(any(name in sys.modules for name in ('numba', 'llvmlite')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_closing_ends_the_thread_and_may_be_repeated() -> None:
    before = set(threading.enumerate())
    session = Session()
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"playground-worker"}
    session.close()
    session.close()
    assert set(threading.enumerate()) == before
    session.send(commands.Train())
    with pytest.raises(EngineError, match="closed"):
        session.capture().result(1)


def test_closing_while_training_ends_the_thread() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Train())
        driver.phase("training")
        began = time.monotonic()
        driver.session.close()
        assert time.monotonic() - began < 2


def test_phases_from_empty_to_paused_and_back() -> None:
    document = spiral()
    with driving() as driver:
        driver.phase("empty")
        driver.send(commands.SetDocument(cut(document)))
        assert driver.phase("unready").message
        driver.send(commands.Train())
        assert driver.settle().phase == "unready"
        driver.send(commands.SetDocument(document))
        driver.phase("ready")
        driver.send(commands.Train())
        training = driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > 0)
        assert training.loss is not None
        assert training.samples_per_second > 0
        driver.send(commands.Pause())
        paused = driver.phase("paused")
        time.sleep(0.05)
        assert driver.settle().step == paused.step
        driver.send(commands.Rewind())
        assert driver.until(lambda snapshot: snapshot.phase == "ready").step == 0
        driver.send(commands.SetDocument(Document()))
        driver.phase("empty")


def test_steps_of_a_batch_and_of_an_epoch() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Step("batch"))
        first = driver.until(lambda snapshot: snapshot.step == 1 and snapshot.phase == "paused")
        assert first.pass_serial == 1
        assert first.trace is not None
        assert first.trace.parameters["dense1/weight"].after is not None
        driver.send(commands.Step("epoch"))
        second = driver.until(lambda snapshot: snapshot.epoch == 1 and snapshot.phase == "paused")
        assert second.step == second.steps_per_epoch


def test_an_epoch_limit_finishes_and_training_on_goes_past_it() -> None:
    with driving(spiral(epochs=3)) as driver:
        driver.send(commands.Train())
        finished = driver.phase("finished")
        assert finished.epoch == 3
        assert finished.events[-1].kind == "stopped"
        assert finished.validation_accuracy is not None
        driver.send(commands.Train())
        driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.epoch > 3)


def test_epochs_by_hand_go_past_the_limit_without_a_press_that_does_nothing() -> None:
    with driving(spiral(epochs=2)) as driver:
        for epoch in range(1, 6):
            driver.send(commands.Step("epoch"))
            driver.until(lambda at, wanted=epoch: at.phase in ("paused", "finished") and at.epoch == wanted)
            driver.settle()


def test_divergence_stops_with_the_node_and_a_rewind_mends_it() -> None:
    document = spiral()
    with driving(document) as driver:
        driver.send(commands.SetDocument(document, weights={"dense2/weight": np.full((8, 8), np.nan)}), commands.Train())
        diverged = driver.phase("diverged")
        assert diverged.divergence is not None
        assert diverged.divergence.node == "dense2"
        assert [event.kind for event in diverged.events].count("diverged") == 1
        driver.send(commands.Train())
        assert driver.settle().phase == "diverged"
        driver.send(commands.Rewind(), commands.Train())
        driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > 0)


def test_passes_wait_until_they_are_shown() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Follow("train", 5), commands.SetPace("watch", steps_per_pass=4), commands.Train())
        first = driver.until(lambda snapshot: snapshot.pass_serial == 1)
        assert first.step == 4
        assert first.trace is not None
        assert first.trace.nodes["dense1"].gradients
        time.sleep(0.1)
        waiting = driver.settle()
        assert (waiting.pass_serial, waiting.phase, waiting.step) == (1, "training", 4)
        driver.send(commands.PassShown(1))
        assert driver.until(lambda snapshot: snapshot.pass_serial == 2).step == 8
        driver.send(commands.SetPace("fast"))
        driver.until(lambda snapshot: snapshot.step > 100)


def test_who_trains_on_waits_for_the_pass_that_is_on_show() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.SetPace("watch"), commands.Step("batch"))
        assert driver.until(lambda snapshot: snapshot.pass_serial == 1).step == 1
        driver.send(commands.Train(after=1))
        driver.phase("training")
        time.sleep(0.1)
        assert driver.settle().step == 1
        driver.send(commands.PassShown(1))
        assert driver.until(lambda snapshot: snapshot.pass_serial == 2).step == 2
        driver.send(commands.Pause(), commands.Train(after=1))  # that one is over
        assert driver.until(lambda snapshot: snapshot.pass_serial == 2).phase == "training"
        driver.send(commands.PassShown(2))
        driver.until(lambda snapshot: snapshot.pass_serial == 3)


def test_a_watched_run_equals_a_fast_one_to_the_bit() -> None:
    document = spiral()
    with driving(document) as watched, driving(document) as fast:
        watched.send(commands.SetPace("watch"), commands.Train())
        for serial in range(1, 26):
            watched.until(lambda snapshot, serial=serial: snapshot.pass_serial == serial)  # type: ignore[misc]
            if serial < 25:
                watched.send(commands.PassShown(serial))
        for _ in range(25):
            fast.send(commands.Step("batch"))
        assert watched.settle().step == fast.settle().step == 25
        assert same(dict(watched.capture().weights), dict(fast.capture().weights))


def test_a_snapshot_waits_until_the_last_one_was_taken() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Train())
        serial = driver.phase("training").serial
        time.sleep(0.3)
        taken = driver.until(lambda snapshot: snapshot.serial > serial)
        assert taken.serial <= serial + 3


def test_weights_that_do_not_fit_are_refused_once() -> None:
    document = spiral()
    with driving(document) as driver:
        driver.send(commands.SetDocument(document, weights={"dense2/weight": np.zeros((1, 1))}))
        assert driver.phase("failed").message == "dense2/weight: expected shape (8, 8), got (1, 1)."
        driver.send(commands.Train())
        driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > 0)


def test_a_defect_is_shown_and_the_thread_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with driving(spiral()) as driver:

        def broken(*_: object) -> None:
            raise ZeroDivisionError("on purpose")

        with monkeypatch.context() as patched:
            patched.setattr(Run, "advance", broken)
            driver.send(commands.Train())
            failed = driver.phase("failed")
            assert "on purpose" in failed.message
            assert "ZeroDivisionError" in failed.details
        driver.send(commands.Train())
        driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > 0)


def test_a_sample_can_be_followed_in_every_split() -> None:
    with driving(spiral()) as driver:
        for split, index in (("validation", 3), ("test", 7), ("train", 11), ("train", 10**9)):
            driver.send(commands.Follow(split, index))
            trace = driver.until(lambda snapshot, split=split: snapshot.trace and snapshot.trace.split == split).trace  # type: ignore[misc]
            assert trace is not None
            assert trace.loss is not None
    with driving(spiral()) as driver:
        driver.send(commands.Follow("train", 1))
        one = driver.until(lambda snapshot: snapshot.trace and snapshot.trace.index == 1).trace
        driver.send(commands.Follow("train", 2))
        two = driver.until(lambda snapshot: snapshot.trace and snapshot.trace.index == 2).trace
        assert one is not None
        assert two is not None
        assert not np.array_equal(one.nodes["input1"].values["output"], two.nodes["input1"].values["output"])


def test_only_what_is_watched_is_sent_and_nobody_can_write_to_it() -> None:
    document = spiral()
    with driving(document) as driver:
        driver.send(commands.Watch(frozenset({"dense1"}), neuron_grid=7, boundary_grid=13))
        seen = driver.until(
            lambda snapshot: snapshot.plane and snapshot.plane.boundary is not None and snapshot.plane.boundary.shape[1] == 13
        )
        assert {key.split("/")[0] for key in seen.parameters} == {"dense1"}
        assert seen.plane is not None
        assert {node: array.shape[1:] for node, array in seen.plane.neurons.items()} == {"dense1": (7, 7)}
        for array in (*seen.parameters.values(), *seen.plane.neurons.values(), *seen.trace.nodes["dense1"].values.values()):  # type: ignore[union-attr]
            assert not array.flags.writeable
        driver.send(commands.Watch(frozenset(), 0, 0, evaluation=False))
        blind = driver.until(lambda snapshot: snapshot.plane is None)
        assert not blind.parameters


def test_the_test_split_is_evaluated_on_demand() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Evaluate("test"))
        found = driver.until(lambda snapshot: snapshot.evaluation and snapshot.evaluation.split == "test").evaluation
        assert found is not None
        assert found.confusion is not None
        assert found.worst[0].loss == max(worst.loss for worst in found.worst)
        driver.send(commands.Train())
        driver.until(lambda snapshot: snapshot.evaluation and snapshot.evaluation.split == "validation" and snapshot.step > 0)


def headless_speed() -> float:
    """Samples a second of the kernels alone, over about half a second."""
    trainer, samples = Trainer(spiral()), 0
    while trainer.seconds < 0.5:
        samples += 10 * len(trainer.advance(0.008).steps)
    return samples / trainer.seconds


def test_training_keeps_its_speed_while_publishing() -> None:
    with driving(spiral()) as driver:

        def share() -> float:
            """The part of the wall time that goes into training itself."""
            alone = headless_speed()
            driver.send(commands.Train())
            first = driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > 0)
            began = time.perf_counter()
            last = first
            while time.perf_counter() - began < 1:
                last = driver.until(lambda snapshot: snapshot.step > first.step)
            elapsed = time.perf_counter() - began
            driver.send(commands.Pause())
            driver.phase("paused")
            return (last.step - first.step) * 10 / alone / elapsed

        assert max(share() for _ in range(3)) >= 0.6


def clocked(driver: Driver, seconds: float) -> float:
    """Samples a second as a watcher counts them: steps seen over the time between two looks."""
    first = driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > 0)
    began, last = time.perf_counter(), first
    while time.perf_counter() - began < seconds:
        last = driver.until(lambda snapshot: snapshot.step > first.step)
    return (last.step - first.step) * 10 / (time.perf_counter() - began)


def test_throughput_is_what_a_watcher_with_a_clock_measures() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.SetPace("fast", epochs_per_picture=1), commands.Train())
        measured = clocked(driver, 1.5)
        assert driver.snapshot.samples_per_second == pytest.approx(measured, rel=0.2)
        driver.send(commands.Pause())
        paused = driver.phase("paused")
        time.sleep(1.0)
        driver.send(commands.Train())
        again = driver.until(lambda snapshot: snapshot.step > paused.step + 50)
        assert again.samples_per_second > 0.5 * measured


def test_a_driver_that_waits_for_nothing_fails() -> None:
    with Session() as session, pytest.raises(AssertionError, match="no such snapshot"):
        Driver(session).until(lambda snapshot: snapshot.phase == "training", seconds=0.1)


def test_an_epoch_a_picture_is_slow_enough_to_watch() -> None:
    with driving(spiral()) as driver:
        driver.open(spiral())
        driver.send(commands.SetPace("fast", epochs_per_picture=1), commands.Train())
        began = driver.until(lambda snapshot: snapshot.step > 0)
        start = time.monotonic()
        ended = driver.until(lambda snapshot: time.monotonic() - start > 0.5)
        epochs = (ended.step - began.step) / ended.steps_per_epoch
        assert 1 <= epochs <= 60 * (time.monotonic() - start) + 2
        driver.send(commands.Pause())
        driver.phase("paused")


def test_what_is_said_of_an_earlier_document_is_never_taken() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Train())
        driver.until(lambda snapshot: snapshot.step > 20)
        for document in (Document(), spiral()):
            driver.send(commands.SetDocument(document, new_run=True))
            taken = driver.until(lambda _: True)
            assert taken.step == 0
            assert (taken.phase == "empty") == (not document.nodes)
