"""The smallest sets, given in full: truth tables and the salary line. Training, validation and test are the same table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from playground.data.spec import Array, Dataset, DatasetType, Description, Extent, Options, frozen_split

GROUP = "First lessons"
EXTENT: Extent = (-0.5, 1.5, -0.5, 1.5)
ROWS = ((1, 1), (0, 0), (1, 0), (0, 1))
"""In the order of the perceptron lesson, which its exact weights depend on."""
YEARS = (5.0, 3.0, 8.0, 1.4, 10.1)
SALARIES = (5500.0, 2300.0, 7600.0, 1800.0, 11400.0)

GATE = Description((2,), "classification", 1, classes=("0", "1"), feature_names=("x1", "x2"))
SALARY = Description((1,), "regression", 1, feature_names=("years",), target_names=("salary",))


def _whole(description: Description, x: Array, y: Array, extent: Extent | None = None) -> Dataset:
    table = frozen_split(x, y)
    return Dataset(description, table, table, table, extent=extent)


def _gate(truth: Callable[[int, int], int], options: Options) -> Dataset:
    return _whole(GATE, np.array(ROWS, np.float32), np.array([truth(a, b) for a, b in ROWS], np.int32), EXTENT)


def _salary(options: Options) -> Dataset:
    return _whole(SALARY, np.array(YEARS, np.float32)[:, None], np.array(SALARIES, np.float32)[:, None])


def _gate_type(name: str, title: str, summary: str, truth: Callable[[int, int], int]) -> DatasetType:
    return DatasetType(name, title, summary, GROUP, "classification", lambda options: GATE, partial(_gate, truth))


LESSONS = (
    _gate_type("and", "AND table", "Four rows: 1 where both inputs are 1.", lambda a, b: a & b),
    _gate_type("or", "OR table", "Four rows: 1 where at least one input is 1.", lambda a, b: a | b),
    _gate_type("xor", "XOR table", "Four rows: 1 where exactly one input is 1; one neuron cannot learn it.", lambda a, b: a ^ b),
    DatasetType(
        "salary", "Salary", "Years of work and monthly salary of five people.", GROUP, "regression", lambda options: SALARY, _salary
    ),
)
