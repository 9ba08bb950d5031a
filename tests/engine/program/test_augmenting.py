"""Augmentation in training: the network gets what the formulas say, in training alone; runs repeat, steps replay, edits take hold."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Augmentation, Document, check, edits, get_path, set_path
from playground.document.codec import decode, encode
from playground.engine.evaluation.evaluate import Evaluation
from playground.engine.program import augmenting
from playground.engine.trainer import Trainer
from playground.errors import FieldError, PlaygroundError
from tests.reference.augment import augmented

SETTINGS = {"shift": 1.5, "rotate": 20.0, "scale": 0.2, "flip": "across", "elastic": 1.0, "elastic_cells": 3, "noise": 0.1, "erase": 0.5}
KERNEL = {
    "shift": 1.5,
    "rotate": math.radians(20),
    "scale": 0.2,
    "flip_across": 1,
    "elastic": 1.0,
    "cells": 3,
    "noise": 0.1,
    "erase": 0.5,
    "erase_size": 0.4,
}


def pictures(count: int = 60, channels: int = 1) -> Dataset:
    random = np.random.default_rng(0)
    shape = (channels, 8, 8)
    x = random.integers(0, 256, (count, *shape)).astype(np.uint8)
    y = random.integers(0, 3, count).astype(np.int32)
    description = Description(shape, "classification", 3, classes=("a", "b", "c"))
    parts = [frozen_split(x[i : i + count // 3], y[i : i + count // 3]) for i in range(0, count, count // 3)]
    return Dataset(description, *parts, scale=1 / 255)


def network(**settings: object) -> Document:
    document = Document()
    for type, fields in (("Input", {}), ("Flatten", {}), ("Dense", {"units": 3}), ("Output", {"loss": "softmax_cross_entropy"})):
        document, _ = edits.add_node(document, type, **fields)
    nodes = list(document.nodes)
    for one, two in pairwise(nodes):
        document = edits.connect(document, one, two)
    document = edits.set_data(document, "mnist")
    document = edits.set_training(document, batch_size=4, learning_rate=0.05)
    return edits.set_augmentation(document, **settings)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("batch", [1, 4])
def test_a_recorded_step_shows_the_pictures_of_the_formulas(channels: int, batch: int) -> None:
    dataset = pictures(channels=channels)
    trainer = Trainer(edits.set_training(network(**SETTINGS), batch_size=batch), seed=3, dataset=dataset)
    key = augmenting.key_of(3, "input1")
    for step in range(3):
        trainer.record()
        for position, sample in enumerate(trainer.passes.latest.batch):
            seen = trainer.replay(step + 1, position).nodes["input1"].values["output"]
            wanted = augmented(dataset.train.x[sample] / 255, KERNEL, key, step, sample)
            np.testing.assert_allclose(seen, wanted, atol=3e-5)


def test_the_batch_gradient_is_that_of_the_pictures_shown() -> None:
    trainer = Trainer(network(**SETTINGS), dataset=pictures())
    trainer.record()
    batch = trainer.passes.latest.batch
    traces = [trainer.replay(1, position) for position in range(len(batch))]
    mean = np.mean([trace.parameters["dense1/weight"].gradient for trace in traces], axis=0)
    np.testing.assert_allclose(traces[0].parameters["dense1/weight"].batch_gradient, mean, atol=1e-6)
    for trace in traces:  # dL/dW = error times input, of the very picture
        error = trace.nodes["dense1"].gradients["output"]
        picture = trace.nodes["input1"].values["output"].ravel()
        np.testing.assert_allclose(trace.parameters["dense1/weight"].gradient, np.outer(error, picture), atol=1e-6)


def test_runs_repeat_to_the_bit_in_any_chunks_and_after_a_restore() -> None:
    one, two = (Trainer(network(**SETTINGS), seed=5, dataset=pictures()) for _ in range(2))
    one.run(steps=17)
    for _ in range(9):
        two.step()
    state = two.state()
    three = Trainer(network(**SETTINGS), seed=5, dataset=pictures())
    three.restore(state)
    three.run(steps=8)
    for key, array in one.network.parameters.items():
        np.testing.assert_array_equal(array, three.network.parameters[key])
    other = Trainer(
        network(**SETTINGS), seed=6, dataset=pictures(), weights=Trainer(network(), seed=5, dataset=pictures()).network.parameters
    )
    other.run(steps=17)
    assert not np.array_equal(other.network.parameters["dense1/weight"], one.network.parameters["dense1/weight"])


def test_a_trace_tells_the_picture_before_it_was_changed() -> None:
    dataset = pictures()
    trainer = Trainer(network(shift=2.0, rotate=30.0), dataset=dataset)
    recorded = trainer.record()
    for trace in (recorded, trainer.trace("train", 5)):
        assert trace.original is not None
        assert np.allclose(trace.original, dataset.train.x[trace.index] / 255, atol=1e-6)
        assert not np.allclose(trace.original, trace.nodes["input1"].values["output"], atol=1e-3)
    assert trainer.trace("validation", 5).original is None
    flipped = Trainer(network(flip="across"), dataset=dataset)
    told = [flipped.trace("train", index) for index in range(20)]
    for trace in told:  # what chance left as it is, is no other picture
        same = np.allclose(trace.nodes["input1"].values["output"], dataset.train.x[trace.index] / 255, atol=1e-6)
        assert (trace.original is None) == same
    assert 0 < sum(trace.original is None for trace in told) < 20
    assert Trainer(network(), dataset=dataset).trace("train", 5).original is None


def test_without_augmentation_nothing_changes() -> None:
    """The rows are there, and leave every bit."""
    plain = Trainer(network(), dataset=pictures())
    same = Trainer(network(elastic_cells=7, erase_size=0.9, fill="edge"), dataset=pictures())
    plain.run(epochs=2)
    same.run(epochs=2)
    np.testing.assert_array_equal(plain.network.parameters["dense1/weight"], same.network.parameters["dense1/weight"])


def test_evaluation_and_other_splits_see_the_pictures_as_they_are() -> None:
    dataset = pictures()
    trainer = Trainer(network(**SETTINGS), dataset=dataset)
    np.testing.assert_array_equal(
        trainer.trace("validation", 2).nodes["input1"].values["output"], dataset.validation.x[2].astype(np.float32) * np.float32(1 / 255)
    )
    plain = Trainer(network(), dataset=dataset)
    assert trainer.evaluate("train").loss == plain.evaluate("train").loss
    assert "augmentation" not in Evaluation(trainer.network.lowered, dataset, "train", "float32").plan.spaces


def test_a_change_takes_hold_at_the_next_step_and_keeps_the_run() -> None:
    trainer = Trainer(network(), dataset=pictures())
    trainer.run(steps=3)
    trainer.record()
    assert trainer.set_document(network(**SETTINGS))
    assert trainer.step_count == 4
    trainer.record()
    first, second = (trainer.replay(step, 0) for step in (4, 5))
    dataset = trainer.dataset
    np.testing.assert_array_equal(
        first.nodes["input1"].values["output"], dataset.train.x[first.index].astype(np.float32) * np.float32(1 / 255)
    )
    wanted = augmented(dataset.train.x[second.index] / 255, KERNEL, augmenting.key_of(0, "input1"), 4, second.index)
    np.testing.assert_allclose(second.nodes["input1"].values["output"], wanted, atol=3e-5)


def test_points_of_a_plane_are_left_alone() -> None:
    document = edits.set_data(network(**SETTINGS), "gauss")
    document = edits.remove(document, "flatten1")
    document = edits.connect(document, "input1", "dense1")
    document = edits.set_field(edits.set_field(document, "dense1", "units", 1), "output1", "loss", "binary_cross_entropy")
    trainer, plain = Trainer(document), Trainer(msgspec.structs.replace(document, augmentation=Augmentation()))
    for one in (trainer, plain):
        one.run(steps=5)
    np.testing.assert_array_equal(trainer.network.parameters["dense1/weight"], plain.network.parameters["dense1/weight"])


def test_the_preview_is_what_training_sees() -> None:
    document, dataset = network(**SETTINGS), pictures()
    trainer = Trainer(document, dataset=dataset)
    shown = augmenting.preview(document, dataset, index=7, count=6, seed=0, node="input1")
    for step, picture in enumerate(shown):
        trace = trainer.trace("train", 7)
        np.testing.assert_array_equal(picture, trace.nodes["input1"].values["output"])
        trainer.step()
        assert trainer.step_count == step + 1


# -- the document
def test_settings_are_saved_and_old_files_open() -> None:
    document = network(**SETTINGS)
    assert decode(encode(document)) == document
    old = msgspec.json.decode(encode(document))
    del old["augmentation"]
    assert not decode(msgspec.json.encode(old)).augmentation.active
    assert document.augmentation.active


def test_settings_are_checked_and_reached_by_path() -> None:
    document = set_path(network(), "augmentation.rotate", "12.5")
    assert get_path(document, "augmentation.rotate") == 12.5
    assert set_path(document, "augmentation.flip", "both").augmentation.flip == "both"
    with pytest.raises(FieldError, match=r"augmentation\.rotate: expected a number from 0 to 180, got 200"):
        edits.set_augmentation(document, rotate=200)
    with pytest.raises(PlaygroundError, match="there is no field 'spin'"):
        set_path(document, "augmentation.spin", "1")
    bad = msgspec.structs.replace(document, augmentation=msgspec.structs.replace(document.augmentation, noise=-1.0))
    assert [problem.field for problem in check(bad) if problem.severity == "error"][:1] == ["augmentation.noise"]


def test_a_change_is_marked_on_the_curves_in_words() -> None:
    from playground.engine import wording

    assert wording.changes(network(), network(rotate=10.0, flip="both")) == ("rotate 0 → 10", "flip none → both")
