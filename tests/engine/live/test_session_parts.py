"""The session's parts alone: words for changes, pictures of the plane, pacing, compiling with progress."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from playground.document import Document, edits, example
from playground.engine import changes, pacing, wording
from playground.engine.evaluation import plane
from playground.engine.live import commands
from playground.engine.network import Network
from playground.engine.pacing import Pacer
from playground.fields import Field
from playground.kernels import compile
from playground.layers import registry
from playground.layers.spec import LayerType
from tests.engine.build import blobs, chain, dense
from tests.engine.sessions import Driver, driving, spiral


# -- words
def test_changes_of_settings_in_words() -> None:
    before = spiral(learning_rate=0.02, l2=0.0)
    after = edits.set_training(before, learning_rate=0.005, l2=0.001, clip_norm=1.0, shuffle=not before.training.shuffle)
    on = ("on", "off") if before.training.shuffle else ("off", "on")
    assert set(wording.changes(before, after)) == {"rate 0.02 → 0.005", "L2 0 → 0.001", "clip off → 1", f"shuffle {on[0]} → {on[1]}"}
    assert wording.changes(before, edits.set_training(before, optimizer="rmsprop")) == ("optimizer Adam → RMSprop",)
    leaky = edits.set_field(before, "dense1", "activation", "leaky_relu")
    assert wording.changes(leaky, edits.set_field(leaky, "dense1", "activation", "relu"))[0].endswith("activation leaky ReLU → ReLU")
    assert wording.changes(before, edits.freeze(before, "dense1")) == ("hidden1 frozen",)
    assert wording.changes(edits.freeze(before, "dense1"), before) == ("hidden1 learns again",)
    assert wording.changes(before, before) == ()


def test_changes_of_structure_in_words() -> None:
    before = spiral()
    assert wording.structure_changes(before, edits.set_field(before, "dense1", "units", 5)) == "hidden1 units 8 → 5"
    assert wording.structure_changes(before, edits.remove(before, "dense1")) == "hidden1 removed"
    more = before
    for _ in range(5):
        more, _node = edits.add_node(more, "Dense")
    assert wording.structure_changes(before, more).endswith(" and 2 more")
    assert wording.structure_changes(before, edits.set_field(before, "dense1", "initializer", "zeros")).startswith("hidden1 weights start ")
    assert wording.structure_changes(before, edits.switch_off(before, "dense1", 2)) == "hidden1: neuron 3 off"
    assert wording.structure_changes(edits.switch_off(before, "dense1", (0, 2)), before) == "hidden1: neurons 1, 3 on"
    lenet = example("lenet5")
    assert wording.structure_changes(lenet, edits.switch_off(lenet, "conv2d1", 0)) == "conv1: map 1 off"
    assert wording.structure_changes(lenet, edits.switch_off(lenet, "conv2d1", (0, 2))) == "conv1: maps 1, 3 off"
    wire = before.wires[-1]
    assert wording.structure_changes(before, edits.disconnect(before, wire.source, wire.target)) == "rewired"


# -- the plane
def test_pictures_of_the_plane_are_the_networks_own_answers() -> None:
    document = chain((2,), dense(3, "tanh"), dense(1), loss="binary_cross_entropy")
    network = Network(document, seed=4)
    seen = plane.picture(network, (-1.0, 3.0, -2.0, 2.0), list(document.nodes), 4, 8)
    assert seen.boundary is not None
    assert seen.boundary.shape == (1, 8, 8)
    assert {node: picture.shape for node, picture in seen.neurons.items()} == {
        "input1": (2, 4, 4), "dense1": (3, 4, 4), "dense2": (1, 4, 4), "output1": (1, 4, 4),
    }  # fmt: skip
    np.testing.assert_allclose(seen.neurons["input1"][0][0], [-0.5, 0.5, 1.5, 2.5])
    np.testing.assert_allclose(seen.neurons["input1"][1][:, 0], [-1.5, -0.5, 0.5, 1.5])
    point = np.array([[-1.0 + 4 * 2.5 / 8, -2.0 + 4 * 5.5 / 8]], np.float32)
    np.testing.assert_allclose(seen.boundary[0, 5, 2], network.forward(point)[0, 0], rtol=1e-6)


def test_only_points_of_a_plane_have_pictures() -> None:
    assert plane.extent_of(blobs(features=4)) is None
    flat = blobs(features=2)
    extent = plane.extent_of(flat)
    assert extent is not None
    x0, x1, y0, y1 = extent
    assert x0 < flat.train.x[:, 0].min() < flat.train.x[:, 0].max() < x1
    assert y0 < flat.train.x[:, 1].min() < flat.train.x[:, 1].max() < y1


# -- pacing
def test_a_costly_job_becomes_rarer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(pacing, "time", SimpleNamespace(perf_counter=lambda: now))
    pacer = Pacer(interval=0.001, share=0.1)
    assert pacer.due
    with pacer.job():
        now += 0.01
    now += 0.0899
    assert not pacer.due
    now += 0.0002
    assert pacer.due


# -- compiling
def test_compiling_shows_its_progress_and_another_document_breaks_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare, started = compile.prepare, []

    def slow(names: Sequence[str], dtype: str, isa: str, progress: compile.Progress | None = None) -> None:
        assert progress is not None
        started.append(1)
        if len(started) == 1:
            for done in range(2000):
                progress(done, 2000)
                time.sleep(0.005)
        prepare(names, dtype, isa, progress)

    monkeypatch.setattr(compile, "prepare", slow)
    with driving() as driver:
        driver.send(commands.SetDocument(spiral(), new_run=True), commands.Train())
        shown = driver.until(lambda snapshot: snapshot.progress and snapshot.progress[0] > 3)
        assert shown.phase == "preparing"
        assert shown.message
        assert shown.progress is not None
        assert shown.progress[1] == 2000
        driver.send(commands.SetDocument(edits.set_field(spiral(), "dense1", "units", 4), new_run=True))
        driver.phase("ready")
        assert driver.capture().weights["dense1/weight"].shape == (4, 2)


def test_compiling_can_be_canceled_and_train_begins_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare, patient = compile.prepare, []

    def slow(names: Sequence[str], dtype: str, isa: str, progress: compile.Progress | None = None) -> None:
        assert progress is not None
        while not patient:
            progress(1, 2)
            time.sleep(0.005)
        prepare(names, dtype, isa, progress)

    monkeypatch.setattr(compile, "prepare", slow)
    with driving() as driver:
        _open(driver, spiral()).send(commands.CancelPreparing())
        shown = driver.phase("failed")
        assert "canceled" in shown.message
        patient.append(True)
        driver.send(commands.Train())
        driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > 10)
        driver.send(commands.CancelPreparing())  # nothing is compiled: nothing happens
        step = driver.until(lambda snapshot: snapshot.phase == "training").step
        driver.until(lambda snapshot: snapshot.phase == "training" and snapshot.step > step + 10)


def test_closing_breaks_compiling_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(names: Sequence[str], dtype: str, isa: str, progress: compile.Progress | None = None) -> None:
        assert progress is not None
        while True:
            progress(1, 2)
            time.sleep(0.005)

    monkeypatch.setattr(compile, "prepare", endless)
    with driving() as driver:
        waiting = _open(driver, spiral())
        driver.session.close(timeout=5)
        with pytest.raises(Exception, match="closed"):
            waiting.session.capture().result(1)


def _open(driver: Driver, document: Document) -> Driver:
    driver.send(commands.SetDocument(document, new_run=True))
    driver.until(lambda snapshot: snapshot.phase == "preparing" and snapshot.progress)
    return driver


def test_only_a_dropout_rate_changes_within_a_plan() -> None:
    class Tuned(LayerType):
        name = "Tuned"
        fields = (Field("rate", "float", 0.5, "A live field of another type.", live=True),)

    with registry.registered(Tuned()):
        for type, same in (("Tuned", False), ("Dropout", True)):
            document, node = edits.add_node(Document(), type)
            changed = edits.set_field(document, node, "rate", 0.25)
            assert (changes.structure(changed) == changes.structure(document)) is same
        assert changes.dropout_rates(edits.add_node(Document(), "Tuned")[0]) == {}
