"""Truth tables and the salary line."""

from __future__ import annotations

import pytest

from playground import data


@pytest.mark.parametrize(("name", "truth"), [("and", [1, 0, 0, 0]), ("or", [1, 0, 1, 1]), ("xor", [0, 0, 1, 1])])
def test_gates_in_the_lesson_order(name: str, truth: list[int]) -> None:
    dataset = data.load(name)
    for split in (dataset.train, dataset.validation, dataset.test):
        assert split.x.tolist() == [[1, 1], [0, 0], [1, 0], [0, 1]]
        assert split.y.tolist() == truth


def test_salary_is_unscaled() -> None:
    dataset = data.load("salary")
    assert dataset.train.x[:, 0].tolist() == pytest.approx([5, 3, 8, 1.4, 10.1])
    assert dataset.train.y[:, 0].tolist() == [5500, 2300, 7600, 1800, 11400]
    assert (dataset.scale, dataset.offset) == (1, 0)
    assert dataset.train is dataset.test is dataset.validation
