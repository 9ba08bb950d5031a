"""Every number of every cell of a pass, for every example, against a naive pass in float64."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, edits, example, example_names, shapes
from tests.anim.accounts.walk import record, walk

FEW = 60
ROUNDED = 0.01
"""The share of numbers that may show another last digit because float32 fell on the other side of a boundary."""


def pictures(classes: int) -> Dataset:
    """Some samples of MNIST's shape, mostly black as digits are: what a pass computes does not hang on whose digits they are."""
    rng = np.random.default_rng(0)
    x = np.where(rng.random((64, 1, 28, 28)) < 0.8, 0, rng.integers(1, 256, (64, 1, 28, 28))).astype(np.uint8)
    part = frozen_split(x, rng.integers(0, classes, 64).astype(np.int32))
    names = tuple(map(str, range(classes)))
    return Dataset(Description((1, 28, 28), "classification", classes, names), part, part, part, scale=1 / 255)


def data_for(document: Document) -> Dataset | None:
    return pictures(shapes(document)["output1"][0]) if document.data.name in ("mnist", "fashion-mnist") else None


def sees_maps(document: Document) -> bool:
    return any(len(shape) == 3 and document.nodes[node].type != "Input" for node, shape in shapes(document).items())


RECURRENT = ("SimpleRNN", "LSTM", "GRU")
NAMES = [name for name in example_names() if not any(node.type in RECURRENT for node in example(name).nodes.values())]
"""Networks with time have a test of their own: ``test_through_time.py``."""
MAPS = [name for name in NAMES if sees_maps(example(name)) or name in ("mnist-mlp", "shifted-mlp")]  # mnist-tutorial is their like


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        *((name, name not in MAPS) for name in NAMES),
        *(pytest.param(name, True, marks=pytest.mark.slow) for name in MAPS),
    ],
)
def test_every_number_of_a_pass(name: str, whole: bool) -> None:
    """Of networks with maps, a sample of each stage's cells in the everyday run, and a smaller batch: naive loops take minutes for all."""
    document = example(name)
    if not whole:
        document = edits.set_training(document, batch_size=4)
    recorded = record(document, data_for(document), steps=5, position=min(1, document.training.batch_size - 1))
    tally = walk(recorded) if whole else walk(recorded, many=FEW, some=FEW)
    assert not tally.wrong
    assert tally.numbers > 20
    assert tally.rounded <= ROUNDED * tally.numbers
