"""Orders: permutations, evenly drawn, and the same however many epochs are drawn at once."""

from __future__ import annotations

import numpy as np
import pytest

from playground import kernels
from playground.errors import EngineError
from playground.kernels.shuffle import fill_orders


def orders(samples: int, key: int, first: int, epochs: int) -> np.ndarray:
    made = np.full(epochs * samples, -1, np.int32)
    fill_orders(made, samples, key, first, epochs, "float32", kernels.detect())
    return made.reshape(epochs, samples)


@pytest.mark.parametrize("samples", [1, 2, 3, 17, 5000])
def test_each_is_a_permutation(samples: int) -> None:
    assert (np.sort(orders(samples, 99, 0, 3), axis=1) == np.arange(samples)).all()


def test_an_epoch_does_not_depend_on_the_others_drawn_with_it() -> None:
    together = orders(50, 7, 0, 20)
    for epoch in (0, 3, 19):
        assert (orders(50, 7, epoch, 1)[0] == together[epoch]).all()
    assert len({tuple(row) for row in together}) == 20
    assert (orders(50, 8, 0, 1) != together[:1]).any()


def test_every_sample_comes_to_every_place_equally_often() -> None:
    drawn = orders(6, 123, 0, 60_000)
    counts = np.array([[(drawn[:, place] == sample).sum() for sample in range(6)] for place in range(6)])
    assert abs(counts / 10_000 - 1).max() < 0.05
    pairs = np.bincount(drawn[:, 0] * 6 + drawn[:, 5], minlength=36).reshape(6, 6)
    assert abs(pairs[~np.eye(6, dtype=bool)] / 2000 - 1).max() < 0.12
    following = np.bincount(drawn[:-1, 0] * 6 + drawn[1:, 0], minlength=36)
    assert abs(following / (60_000 / 36) - 1).max() < 0.12


def test_an_array_too_short_is_refused() -> None:
    with pytest.raises(EngineError, match="do not fit"):
        fill_orders(np.zeros(9, np.int32), 5, 0, 0, 2, "float32", kernels.detect())
