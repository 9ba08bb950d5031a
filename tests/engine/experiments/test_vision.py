"""What a network of pictures looks for: saliency, Grad-CAM, occlusion, preferred pictures, strongest samples, against recomputation."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import example
from playground.engine.experiments.attribution import AttributionExperiment, grad_cam, squares
from playground.engine.experiments.lab import AttributionAsked, PreferredAsked, StrongestAsked
from playground.engine.experiments.preferred import PreferredExperiment, chosen, smoothed
from playground.engine.experiments.strongest import StrongestExperiment, peaks
from playground.engine.run import Run
from playground.errors import EngineError
from tests.engine.experiments.test_lab import ended, nothing, trained


@pytest.fixture(scope="module")
def run() -> Run:
    return trained(example("digits"), 400)


def seen(run: Run, index: int) -> np.ndarray:
    dataset = run.trainer.dataset
    return dataset.test.x[index].astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)


def test_saliency_is_the_size_of_the_slope_of_what_output_gets(run: Run) -> None:
    asked = AttributionAsked(index=4, unit=6)
    found = ended(AttributionExperiment(run, asked, nothing)).answer
    network, x = run.trainer.network, seen(run, 4)
    last = network.document.wires[-1].source

    def logit(picture: np.ndarray) -> float:
        return float(network.probe(picture[None].reshape(1, *x.shape), [last])[last][0, 6])

    for row, column in ((2, 3), (4, 4), (6, 2)):
        up, down = (x.reshape(1, 8, 8).copy() for _ in range(2))
        up[0, row, column] += 0.5
        down[0, row, column] -= 0.5
        slopes = [abs(logit(up) - logit(x.reshape(1, 8, 8))) / 0.5, abs(logit(x.reshape(1, 8, 8)) - logit(down)) / 0.5]
        assert min(slopes) - 0.05 <= found.saliency[row, column] <= max(slopes) + 0.05  # kinks of ReLU may lie between
    assert found.saliency.max() > 0.05
    assert found.target == int(run.trainer.dataset.test.y[4])


def test_occlusion_is_the_mean_fall_of_the_prediction_over_the_squares_that_cover_a_pixel(run: Run) -> None:
    found = ended(AttributionExperiment(run, AttributionAsked(index=4), nothing)).answer
    network, x = run.trainer.network, seen(run, 4)
    whole = network.forward(x[None])[0]
    assert found.unit == int(whole.argmax())
    assert found.answer == pytest.approx(float(whole.max()))
    dataset = run.trainer.dataset
    gray = float(dataset.train.x[:1000].mean()) * dataset.scale + dataset.offset
    falls: dict[tuple[int, int], list[float]] = {}
    for top, left in squares((8, 8), found.size):
        covered = x.reshape(1, 8, 8).copy()
        covered[0, top : top + found.size, left : left + found.size] = gray
        fall = float(whole.max() - network.forward(covered.reshape(1, *x.shape))[0, found.unit])
        for row in range(top, top + found.size):
            for column in range(left, left + found.size):
                falls.setdefault((row, column), []).append(fall)
    expected = np.array([[np.mean(falls[row, column]) for column in range(8)] for row in range(8)])
    assert found.occlusion == pytest.approx(expected, abs=1e-5)
    assert found.state.done == found.state.total == len(squares((8, 8), found.size)) + 1


def test_squares_cover_every_pixel_up_to_the_edges() -> None:
    seen = np.zeros((28, 17), int)
    for row, column in squares((28, 17), 5):
        assert row + 5 <= 28
        assert column + 5 <= 17
        seen[row : row + 5, column : column + 5] += 1
    assert seen.min() >= 1


def test_grad_cam_by_hand() -> None:
    maps = np.array([[[1.0, 2.0]], [[3.0, 1.0]]])
    slopes = np.array([[[0.5, 1.5]], [[-1.0, 0.0]]])  # means 1 and -0.5
    assert grad_cam(maps, slopes) == pytest.approx(np.array([[0.0, 1.5]]))


def test_ascent_raises_the_answer_and_keeps_to_the_range_of_the_data(run: Run) -> None:
    found = ended(PreferredExperiment(run, PreferredAsked("output1", 3, steps=60), nothing)).answer
    assert found.picture.shape == (1, 8, 8)
    assert found.low <= found.picture.min() < found.picture.max() <= found.high
    assert len(found.answers) == 61
    assert found.answers[-1] > found.answers[0] + 5
    network = run.trainer.network
    prediction = network.forward(found.picture.reshape(1, *network.lowered.inputs["input1"].shape))[0]
    assert int(prediction.argmax()) == 3


def test_ascent_of_the_same_seed_gives_the_same_picture(run: Run) -> None:
    first, again, other = (
        ended(PreferredExperiment(run, PreferredAsked("dense1", 2, steps=20, seed=seed), nothing)).answer.picture for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_map_is_asked_in_its_middle_and_a_sequence_on_average() -> None:
    cotangent = chosen((3, 2, 4), 1, "conv2d1")
    values = np.random.default_rng(0).standard_normal((3, 2, 4))
    assert (cotangent * values).sum() == values[1, 1, 2]
    steps = np.random.default_rng(0).standard_normal((5, 3))
    assert (chosen((5, 3), 2, "dense1") * steps).sum() == pytest.approx(steps[:, 2].mean())
    assert chosen((5,), 4, "dense1").tolist() == [0, 0, 0, 0, 1]
    with pytest.raises(EngineError, match="from 0 to 4, got 5"):
        chosen((5,), 5, "dense1")


def test_smoothing_keeps_a_flat_picture_and_spreads_a_point() -> None:
    assert smoothed(np.full((1, 4, 5), 0.7, np.float32)) == pytest.approx(0.7)
    point = np.zeros((1, 5, 5), np.float32)
    point[0, 2, 2] = 16
    assert smoothed(point)[0, 1:4, 1:4].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


def test_networks_without_pictures_and_bad_questions_are_refused(run: Run) -> None:
    with pytest.raises(EngineError, match="look at pictures"):
        AttributionExperiment(trained(example("xor"), 1), AttributionAsked(split="train"), nothing)
    with pytest.raises(EngineError, match="there is no sample 99999"):
        AttributionExperiment(run, AttributionAsked(index=99_999), nothing)
    with pytest.raises(EngineError, match="expected a class from 0 to 9, got 10"):
        AttributionExperiment(run, AttributionAsked(unit=10), nothing)
    with pytest.raises(EngineError, match="gives no maps"):
        AttributionExperiment(run, AttributionAsked(node="dense1"), nothing)
    with pytest.raises(EngineError, match="there is no node 'nowhere'"):
        PreferredExperiment(run, PreferredAsked("nowhere"), nothing)


def test_a_picture_of_ones_own_is_taken_as_it_is(run: Run) -> None:
    given = seen(run, 7).reshape(1, 8, 8)
    own = ended(AttributionExperiment(run, AttributionAsked(picture=given), nothing)).answer
    same = ended(AttributionExperiment(run, AttributionAsked(index=7), nothing)).answer
    assert own.target is None
    assert np.array_equal(own.saliency, same.saliency)
    with pytest.raises(EngineError, match="expected a picture of 1×8×8"):
        AttributionExperiment(run, AttributionAsked(picture=np.zeros((1, 9, 9))), nothing)


def test_the_run_is_not_touched(run: Run) -> None:
    before = {key: array.copy() for key, array in run.trainer.network.parameters.items()}
    ended(AttributionExperiment(run, AttributionAsked(), nothing))
    ended(PreferredExperiment(run, PreferredAsked("dense1"), nothing))
    for key, array in run.trainer.network.parameters.items():
        assert np.array_equal(array, before[key])


def test_the_strongest_samples_are_those_of_a_plain_search(run: Run) -> None:
    found = ended(StrongestExperiment(run, StrongestAsked("dense1", 5), nothing)).answer
    dataset, network = run.trainer.dataset, run.trainer.network
    x = dataset.train.x.astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)
    answers = network.probe(x, ["dense1"])["dense1"]
    assert found.seen == len(x)
    for unit in range(answers.shape[1]):
        best = np.argsort(-answers[:, unit], kind="stable")[:5]
        assert found.answers[unit] == pytest.approx(answers[best, unit])
        assert found.samples[unit].tolist() == best.tolist()
    assert np.array_equal(found.patches[3, 0], x[found.samples[3, 0]].reshape(1, 8, 8))


def test_the_peak_of_a_map_is_its_largest_number_and_where_it_stands() -> None:
    maps = np.zeros((2, 3, 2, 4), np.float32)
    maps[0, 1, 1, 2], maps[1, 1, 0, 3] = 5, 7
    answers, places = peaks(maps, 2)
    assert answers.tolist() == [[0, 5], [0, 7]]
    assert places.tolist() == [[0, 6], [0, 3]]
    answers, places = peaks(np.array([[[1.0, 9.0], [8.0, 2.0]]]), 2)  # a sequence: 2 steps of 2 features
    assert (answers.tolist(), places.tolist()) == ([[8, 9]], [[1, 0]])


def test_a_filters_strongest_patches_are_what_its_peaks_see() -> None:
    """The diagonal detectors: kernels of 3x3, two apart, see 5x5; the anti-diagonal's strongest patch has ones along it."""
    run = trained(example("diagonal"), 1)
    found = ended(StrongestExperiment(run, StrongestAsked("conv2d1", 3), nothing)).answer
    assert found.patches.shape == (4, 3, 1, 5, 5)
    dataset, kernel = run.trainer.dataset, np.array([[-1, -1, 1], [-1, 1, -1], [1, -1, -1]])
    for rank in range(3):
        sample, (row, column) = found.samples[0, rank], divmod(int(found.places[0, rank]), found.shape[2])
        picture = dataset.train.x[sample, 0].astype(np.float32) * np.float32(dataset.scale)
        assert np.array_equal(found.patches[0, rank, 0], picture[row : row + 5, column : column + 5])
        assert found.answers[0, rank] == pytest.approx(
            float((kernel * picture[row : row + 5 : 2, column : column + 5 : 2]).sum()), rel=1e-5
        )


def test_grad_cam_of_a_convolution_is_that_of_its_maps_and_slopes() -> None:
    run = trained(example("diagonal"), 50)
    found = ended(AttributionExperiment(run, AttributionAsked(index=5), nothing)).answer
    assert (found.node, found.cam.shape) == ("conv2d1", (12, 12))
    network, dataset = run.trainer.network, run.trainer.dataset
    picture = dataset.test.x[5].astype(np.float32) * np.float32(dataset.scale)
    maps = network.probe(picture[None], ["conv2d1"])["conv2d1"][0]
    weight = network.parameters["dense1/weight"][found.unit]  # the mean of each map goes into the sum with this weight
    expected = np.maximum(0, ((weight / 144)[:, None, None] * maps).sum(axis=0))
    assert found.cam == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert found.cam.max() > 0


def test_a_first_filter_prefers_white_where_its_kernel_is_positive() -> None:
    run = trained(example("diagonal"), 1)
    found = ended(PreferredExperiment(run, PreferredAsked("conv2d1", 0), nothing)).answer
    assert found.picture.shape == (1, 5, 5)
    kernel = np.array([[-1, -1, 1], [-1, 1, -1], [1, -1, -1]])
    middle = (found.low + found.high) / 2
    assert np.array_equal(found.picture[0, ::2, ::2] > middle, kernel > 0)
    assert found.answers[-1] > 0.9 * 3 * found.high
