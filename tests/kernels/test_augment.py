"""Augmentation, against plain loops; what it must leave alone; what it costs is measured in tests/benchmarks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Target, augment, padded
from tests.kernels.harness import Stage
from tests.reference.augment import augmented

KEY, STEP = 2**61 + 77, 1234
CHOICES = {
    "shift": {"shift": 2.5},
    "rotate": {"rotate": math.radians(40)},
    "scale": {"scale": 0.4},
    "flip_across": {"flip_across": 1},
    "flip_down": {"flip_down": 1},
    "elastic": {"elastic": 3.0, "cells": 4},
    "coarse elastic": {"elastic": 2.0, "cells": 1},
    "finest elastic": {"elastic": 1.0, "cells": 16},
    "noise": {"noise": 0.3},
    "erase": {"erase": 0.7, "erase_size": 0.5},
    "at the edge": {"shift": 6.0, "rotate": 1.0, "edge": 1},
    "all": {
        "shift": 1.5,
        "rotate": 0.3,
        "scale": 0.2,
        "flip_across": 1,
        "flip_down": 1,
        "elastic": 1.5,
        "cells": 3,
        "noise": 0.1,
        "erase": 0.5,
        "erase_size": 0.4,
    },
}


def settings_of(chosen: dict[str, float]) -> np.ndarray:
    values = np.zeros(augment.SETTINGS)
    for name, value in chosen.items():
        values[getattr(augment, name.upper())] = value
    return values


def run(
    target: Target, pictures: np.ndarray, order: np.ndarray, chosen: dict[str, float], step: int = STEP, scale: float = 1 / 255,
    offset: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """The pictures that the gather leaves for ``order``, (len(order), C, H, W)."""
    stage = Stage(target, len(order), size=1 << 19)
    stage.control.step = step
    X = stage.value(shape=pictures.shape[1:])
    roles = {
        "data": stage.space("data", pictures.reshape(-1)),
        "order": stage.space("order", order.astype(np.int32)),
        "augmentation": stage.space("augmentation", settings_of(chosen)),
        "x": X,
    }
    if target.lanes > 1:
        roles["x_rows"] = stage.scratch(target.lanes * padded(pictures[0].size))
    stage.run("gather", roles, dtype=pictures.dtype.name, scale=scale, offset=offset, key=KEY)
    assert not stage.lanes_of(X)[..., len(order) :].any(), "lanes past the batch hold something"
    if target.lanes > 1:  # the rows are the same pictures, and end in zeros
        rows = stage.arena[roles["x_rows"].start :][: roles["x_rows"].extent].reshape(target.lanes, -1)
        np.testing.assert_array_equal(rows[: len(order), : pictures[0].size], stage.samples(X).reshape(len(order), -1))
        assert not rows[:, pictures[0].size :].any()
    return stage.samples(X)


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("shape", [(1, 9, 7), (3, 6, 17)])
def test_pictures_are_those_of_the_formulas(target: Target, name: str, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(len(name))
    pictures = random.integers(0, 256, (6, *shape)).astype(np.uint8)
    order = random.integers(0, 6, max(1, min(5, target.lanes - 1)))
    got = run(target, pictures, order, CHOICES[name], scale=1 / 255, offset=-0.25)
    for place, sample in enumerate(order):
        wanted = augmented(pictures[sample] / 255 - 0.25, CHOICES[name], KEY, STEP, int(sample), blank=-0.25)
        np.testing.assert_allclose(got[place], wanted, atol=3e-5)


def test_all_off_leaves_every_bit(target: Target) -> None:
    pictures = np.random.default_rng(1).standard_normal((4, 2, 5, 5)).astype(np.float32)
    order = np.arange(min(4, target.lanes))
    got = run(target, pictures, order, {"cells": 4, "erase_size": 0.4, "edge": 1}, scale=1.0)
    np.testing.assert_array_equal(got, pictures[order].astype(target.dtype))


def test_a_flip_moves_pixels_and_changes_none(target: Target) -> None:
    pictures = np.random.default_rng(2).integers(0, 256, (1, 1, 8, 6)).astype(np.uint8)
    seen = set()
    for step in range(12):
        got = run(target, pictures, np.array([0]), {"flip_across": 1}, step=step, scale=1.0)[0]
        mirrored = np.array_equal(got, pictures[0, :, :, ::-1].astype(target.dtype))
        assert mirrored or np.array_equal(got, pictures[0].astype(target.dtype))
        seen.add(mirrored)
    assert seen == {True, False}


@pytest.mark.parametrize("lanes", [16, 32])
def test_a_sample_in_any_lane_of_any_batch_is_the_same_picture(lanes: int) -> None:
    pictures = np.random.default_rng(3).integers(0, 256, (40, 1, 12, 12)).astype(np.uint8)
    target, alone = Target("float32", lanes, "avx512"), Target("float32", 16, "avx512")
    together = run(target, pictures, np.arange(lanes), CHOICES["all"])
    for sample in (0, 5, lanes - 1):
        np.testing.assert_array_equal(run(alone, pictures, np.array([sample]), CHOICES["all"])[0], together[sample])


def test_samples_and_steps_are_drawn_apart() -> None:
    picture = np.random.default_rng(4).integers(0, 256, (1, 1, 16, 16)).astype(np.uint8)
    target = Target("float32", 16, "avx512")
    same = np.repeat(picture, 16, axis=0)
    got = run(target, same, np.arange(16), {"shift": 3.0})
    assert len({one.tobytes() for one in got}) == 16
    later = run(target, same, np.arange(16), {"shift": 3.0}, step=STEP + 1)
    assert not any(np.array_equal(one, two) for one, two in zip(got, later, strict=True))


def test_noise_is_normal_and_a_rectangle_is_blank_as_often_as_asked() -> None:
    target = Target("float32", 128, "avx512")
    gray = np.full((128, 1, 20, 20), 128, np.uint8)
    noise = run(target, gray, np.arange(128), {"noise": 1.0}, scale=0.0)
    assert abs(noise.mean()) < 0.02
    assert abs(noise.std() - 1) < 0.02
    assert abs((noise**4).mean() - 3) < 0.15  # a normal number's fourth moment
    erased = np.concatenate(
        [run(target, gray, np.arange(128), {"erase": 0.25, "erase_size": 0.5}, step=step, scale=1 / 128) for step in range(4)]
    )
    assert abs((erased == 0).any(axis=(1, 2, 3)).mean() - 0.25) < 0.07
    assert set(np.unique(erased)) == {0.0, 1.0}
    for one in erased[(erased == 0).any(axis=(1, 2, 3))]:
        rows, columns = np.nonzero(one[0] == 0)
        assert (one[0, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] == 0).all()
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 10


def test_not_a_number_stays_where_it_is_seen() -> None:
    target = Target("float32", 16, "avx512")
    picture = np.zeros((1, 1, 8, 8), np.float32)
    picture[0, 0, 4, 4] = np.nan
    assert np.isnan(run(target, picture, np.array([0]), {"rotate": 0.1}, scale=1.0)).any()


def test_what_is_no_picture_is_refused(target: Target) -> None:
    stage = Stage(target)
    roles = {
        "data": stage.space("data", np.zeros(40, np.uint8)),
        "order": stage.space("order", np.zeros(1, np.int32)),
        "augmentation": stage.space("augmentation", settings_of({})),
        "x": stage.value(shape=(20,)),
    }
    with pytest.raises(EngineError, match="cannot be augmented"):
        stage.run("gather", roles, dtype="uint8", key=1)
