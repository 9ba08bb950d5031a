"""The registry: names, options, splits and the types of what is loaded."""

from __future__ import annotations

import numpy as np
import pytest

from playground import data
from playground.data.spec import Dataset
from playground.errors import DataError, FieldError

GROUPS = (
    ["and", "or", "xor", "salary"],
    ["circle", "xor2d", "gauss", "spiral", "moons", "blobs", "rings", "checkerboard", "plane", "multigauss"],
    ["iris", "wine", "breast-cancer", "digits", "mnist", "fashion-mnist", "shapes", "stripes"],
    ["next-number", "counting", "progression", "in-order", "sine", "sines"],
    ["echo", "first-symbol", "copy", "adding", "parity", "temporal-order", "last-signal"],
    ["hello", "reversal", "addition", "fill-in", "reber", "embedded-reber", "anbn", "digits-rows", "mnist-rows"],
    ["sunspots", "sunspots-monthly", "airline", "co2"],
    ["alice", "as-you-like-it", "quatrains", "quatrains-5", "tang-300", "analects"],
    ["pictures", "cifar10", "cifar100", "npz", "idx", "csv", "text"],
)
NAMES = [name for group in GROUPS for name in group]
SHIPPED = [name for name in NAMES if name != "fashion-mnist" and not data.get(name).own]
WHOLE = ("and", "or", "xor", "salary")
DRAWN = [name for name in SHIPPED if name not in ("mnist", "mnist-rows") and any(field.name == "seed" for field in data.get(name).fields)]
SHARED_OUT = [name for name in DRAWN if name not in ("anbn", "last-signal")]
"""All but those whose parts lie one after another in time or in length."""


def arrays(dataset: Dataset) -> list[np.ndarray]:
    splits = [dataset.split(name) for name in ("train", "validation", "test")]
    return [array for split in splits for array in (split.x, split.y, split.lengths) if array is not None]


def rows_of(dataset: Dataset, part: str) -> set[bytes]:
    """The samples of a part, their padding left off."""
    split = dataset.split(part)
    ends = [None] * len(split) if split.lengths is None else split.lengths
    return {row[:end].tobytes() for row, end in zip(split.x, ends, strict=True)}


def test_names_are_those_that_others_rely_on() -> None:
    assert sorted(data.names()) == sorted(NAMES)


def test_unknown_name_lists_the_names_and_guesses() -> None:
    with pytest.raises(DataError, match=r"no data set 'circel'.*There are and, or, .*Did you mean 'circle'\?"):
        data.get("circel")


def test_unknown_option_and_bad_value_are_named() -> None:
    with pytest.raises(FieldError, match=r"circle.*'sample'"):
        data.describe("circle", sample=10)
    with pytest.raises(FieldError, match=r"circle\)\.samples: expected a whole number from 20 to 100000, got 3"):
        data.load("circle", samples=3)


def test_unknown_split_is_refused() -> None:
    with pytest.raises(DataError, match="train, validation, test"):
        data.load("and").split("training")


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_loaded_is_what_was_described(name: str) -> None:
    description, dataset = data.describe(name), data.load(name)
    assert dataset.description == description
    assert description.task == data.get(name).task
    assert description.is_plane == (description.input_shape == (2,)) == (dataset.extent is not None)
    for split in (dataset.train, dataset.validation, dataset.test):
        assert len(split) > 0
        assert split.x.shape == (len(split), *description.input_shape)
        assert split.x.dtype in (np.uint8, np.float32)
        assert np.isfinite(split.x).all()
        steps = (description.target_steps,) if description.steps else ()
        if description.task == "classification":
            assert split.y.dtype == np.int32
            assert split.y.shape == (len(split), *steps)
            assert set(np.unique(split.y)) <= set(range(-1 if steps else 0, len(description.classes)))
            assert description.outputs == (1 if len(description.classes) == 2 else len(description.classes))
        else:
            assert split.y.dtype == np.float32
            assert split.y.shape == (len(split), *steps, description.outputs)
        if description.tokens:
            assert len(description.input_shape) == 1
            assert set(np.unique(split.x)) <= set(range(len(description.tokens)))
    for array in arrays(dataset):
        assert array.flags.c_contiguous
        assert not array.flags.writeable


@pytest.mark.parametrize("name", DRAWN)
def test_one_seed_gives_one_set_of_bytes(name: str) -> None:
    kind = data.get(name)
    options = {field.name: field.default for field in kind.fields}
    first, again, other = kind.loader(options), kind.loader(options), kind.loader({**options, "seed": 1})
    assert [array.tobytes() for array in arrays(first)] == [array.tobytes() for array in arrays(again)]
    assert first.train.x.tobytes() != other.train.x.tobytes()


@pytest.mark.parametrize("name", SHARED_OUT)
def test_splits_have_the_sizes_asked_for_and_share_no_sample(name: str) -> None:
    dataset = data.load(name, validation=0.1, test=0.3, seed=3)
    sizes = [len(dataset.split(part)) for part in ("train", "validation", "test")]
    assert sizes[1:] == [round(sum(sizes) * 0.1), round(sum(sizes) * 0.3)]
    rows = [rows_of(dataset, part) for part in ("train", "validation", "test")]
    if name not in ("iris", "digits", "digits-rows", "spiral"):  # iris has a flower twice, the spiral's arms share their first point
        assert not rows[0] & rows[1]
        assert not rows[0] & rows[2]
        assert not rows[1] & rows[2]


@pytest.mark.parametrize("name", [name for name in SHARED_OUT if data.get(name).task == "classification" and not data.describe(name).steps])
def test_every_part_holds_the_classes_in_proportion(name: str) -> None:
    dataset = data.load(name)
    parts = [dataset.split(part).y for part in ("train", "validation", "test")]
    whole = np.bincount(np.concatenate(parts)) / sum(map(len, parts))
    for y in parts:
        assert np.abs(np.bincount(y, minlength=len(whole)) - whole * len(y)).max() <= 1.5


def test_training_part_is_in_random_order() -> None:
    y = data.load("gauss").train.y
    assert np.abs(np.diff(y)).mean() == pytest.approx(0.5, abs=0.12)
