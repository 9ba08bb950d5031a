"""The embedding: against NumPy's singular values, steady from one update to the next, live in the session."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import edits, example
from playground.engine import Network
from playground.engine.evaluation.embedding import SAMPLES, aligned, last_hidden, plane, subset
from playground.engine.live import commands
from tests.engine.build import chain, dense
from tests.engine.sessions import driving

RNG = np.random.default_rng(5)


def reference(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Coordinates on the first two right singular vectors, and their share of the variance."""
    centered = values - values.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centered.astype(np.float64), full_matrices=False)
    return centered @ directions[:2].T, float((sizes[:2] ** 2).sum() / (sizes**2).sum())


def found(values: np.ndarray, start: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, float]:
    steps = [step for step in plane(values, start) if step is not None]
    assert len(steps) == 1
    return steps[0]


@pytest.mark.parametrize(("samples", "features"), [(60, 2), (60, 5), (200, 128), (200, 129), (150, 700), (40, 300)])
def test_the_plane_is_that_of_the_singular_vectors(samples: int, features: int) -> None:
    spread = np.geomspace(8, 0.05, features)
    values = (RNG.standard_normal((samples, features)) * spread + RNG.standard_normal(features)).astype(np.float32)
    points, _, share = found(values)
    expected, most = reference(values)
    assert share == pytest.approx(most, rel=1e-3)
    np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=0.02 * np.abs(expected).max())


def test_one_feature_and_equal_samples_have_a_plane_too() -> None:
    points, _, share = found(RNG.standard_normal((20, 1)).astype(np.float32))
    assert points.shape == (20, 2)
    assert not points[:, 1].any()
    assert share == pytest.approx(1)
    points, _, share = found(np.ones((20, 6), np.float32))
    assert share == 0
    assert np.isfinite(points).all()


def test_axes_do_not_flip_or_change_places() -> None:
    cloud = RNG.standard_normal((300, 2)) * [3, 2]
    turned = np.array([[np.cos(2.0), -np.sin(2.0)], [np.sin(2.0), np.cos(2.0)]])
    for change in (np.diag([-1.0, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0]]), turned):
        np.testing.assert_allclose(aligned(cloud @ change, cloud), cloud, atol=1e-9)
    noisy = cloud + 0.1 * RNG.standard_normal(cloud.shape)
    assert np.linalg.norm(aligned(noisy @ turned, cloud) - cloud) < 1.2 * np.linalg.norm(noisy - cloud)


def test_the_first_cloud_reaches_farthest_to_the_positive_side() -> None:
    cloud = np.array([[-5.0, 1.0], [2.0, -3.0], [1.0, 1.0]])
    np.testing.assert_array_equal(aligned(cloud, None), -cloud)


def test_the_subset_is_always_the_same() -> None:
    np.testing.assert_array_equal(subset(5000), subset(5000))
    assert len(subset(5000)) == SAMPLES == len(np.unique(subset(5000)))
    np.testing.assert_array_equal(subset(7), np.arange(7))


def test_the_last_hidden_layer_is_found() -> None:
    assert last_hidden(example("mnist-mlp")) == "dense1"
    deep = chain((4,), dense(5), ("Activation", {"function": "relu"}), ("Dropout", {}), dense(3), loss="softmax_cross_entropy")
    assert last_hidden(deep) == "dropout1"
    assert last_hidden(chain((4,), dense(3))) == "dense1"
    assert last_hidden(edits.add_node(example("and"), "Dense")[0]) == "dense1"


# -- in the session
def test_the_cloud_is_the_layers_outputs_on_validation_samples() -> None:
    with driving(example("digits")) as driver:
        driver.send(commands.Embed(""))
        cloud = driver.until(lambda shown: shown.cloud is not None).cloud
        state = driver.capture()
        document = example("digits")
        network = Network(document, seed=document.training.seed)
        network.set_parameters(state.weights)
        from playground import data

        dataset = data.load(document.data.name, **document.data.options)
        x = dataset.validation.x[cloud.indices].astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)
        outputs = network.probe(x, [cloud.node])[cloud.node].reshape(len(x), -1)
        expected, share = reference(outputs)
        assert cloud.share == pytest.approx(share, rel=1e-2)
        near = aligned(cloud.points, expected)
        assert np.linalg.norm(near - expected) < 0.05 * np.linalg.norm(expected)
        np.testing.assert_array_equal(cloud.labels, dataset.validation.y[cloud.indices])
        np.testing.assert_array_equal(cloud.predicted, network.forward(x).argmax(axis=1))


def test_it_is_live_and_another_layer_is_another_cloud() -> None:
    with driving(example("digits")) as driver:
        driver.send(commands.Embed("dense1"), commands.Train())
        first = driver.until(lambda shown: shown.cloud is not None and shown.cloud.step > 0).cloud
        later = driver.until(lambda shown: shown.cloud is not None and shown.cloud.step > first.step).cloud
        np.testing.assert_array_equal(first.indices, later.indices)
        assert not np.array_equal(first.points, later.points)
        driver.send(commands.Pause())
        at_rest = driver.until(lambda shown: shown.phase == "paused" and shown.cloud is not None and shown.cloud.step == shown.step)
        driver.send(commands.Embed("input1"))
        other = driver.until(lambda shown: shown.cloud is not None and shown.cloud.node == "input1").cloud
        assert other.step == at_rest.step
        driver.send(commands.Embed(None))
        assert driver.until(lambda shown: shown.cloud is None).phase == "paused"


def test_a_rewind_and_a_regression_have_their_own() -> None:
    with driving(example("digits")) as driver:
        driver.send(commands.Embed(""), commands.Step("epoch"))
        driver.until(lambda shown: shown.phase == "paused" and shown.cloud is not None and shown.cloud.step == shown.step > 0)
        driver.send(commands.Rewind())
        driver.until(lambda shown: shown.step == 0 and shown.cloud is not None and shown.cloud.step == 0)
        driver.send(commands.SetDocument(example("salary"), new_run=True))
        snapshot = driver.until(lambda shown: shown.phase == "ready" and shown.evaluation is not None)
        assert snapshot.cloud is None
