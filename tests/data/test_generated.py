"""Generated pictures, chosen classes and moved pictures."""

from __future__ import annotations

import numpy as np
import pytest

from playground import data
from playground.data import subset
from playground.errors import DataError, FieldError


def pictures(name: str, **options: object) -> data.Dataset:
    return data.load(name, **{"samples": 120, **options})


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("name", ["shapes", "stripes"])
def test_pictures_are_those_described(name: str, color: bool) -> None:
    dataset = pictures(name, color=color, size=20)
    assert dataset.train.x.shape == (84, 3 if color else 1, 20, 20)
    assert dataset.train.x.dtype == np.uint8
    assert dataset.scale == 1 / 255
    counts = np.bincount(np.concatenate([dataset.split(part).y for part in ("train", "validation", "test")]))
    assert len(set(counts.tolist())) == 1


def test_a_picture_does_not_hang_on_how_many_there_are() -> None:
    few, many = (pictures("shapes", samples=count, noise=0.2) for count in (300, 600))
    rows = {one.tobytes() for split in (many.train, many.validation, many.test) for one in split.x}
    assert all(one.tobytes() in rows for split in (few.train, few.test) for one in split.x)


def test_shapes_have_the_areas_of_their_formulas() -> None:
    """All of one size, without noise: a square's corners and a triangle's lie on the circle."""
    dataset = pictures("shapes", samples=300, noise=0.0, smallest=0.8, largest=0.8, size=40)
    radius = 0.8 * 40 / 2
    areas = dataset.train.x.sum(axis=(1, 2, 3)) / 255
    wanted = np.array([np.pi, 2.0, 3 * np.sqrt(3) / 4]) * radius**2
    np.testing.assert_allclose(areas, wanted[dataset.train.y], rtol=0.02)
    outlines = pictures("shapes", samples=300, noise=0.0, smallest=0.8, largest=0.8, size=40, filled=False)
    assert (outlines.train.x.sum(axis=(1, 2, 3)) / 255 < areas.min()).all()


def test_stripes_run_at_the_angle_of_their_class() -> None:
    """The gradient is largest across the stripes: its mean outer product's main axis stands upright on them."""
    dataset = pictures("stripes", samples=240, kinds=6, noise=0.0, size=32)
    off = []
    for picture, label in zip(dataset.train.x[:, 0].astype(float), dataset.train.y, strict=True):
        down, across = np.gradient(picture)
        tensor = np.array([[(across**2).mean(), -(across * down).mean()], [-(across * down).mean(), (down**2).mean()]])  # y upwards
        axis = np.linalg.eigh(tensor)[1][:, 1]
        angle = (np.degrees(np.arctan2(axis[1], axis[0])) + 90) % 180
        off.append((angle - 30 * label + 90) % 180 - 90)
    assert np.abs(off).max() < 14  # pixels are coarse for the shortest waves
    assert np.median(np.abs(off)) < 2


def test_noise_is_as_large_as_asked_for() -> None:
    plain, noisy = (pictures("stripes", noise=noise, size=32) for noise in (0.0, 0.1))
    middle = (plain.train.x > 90) & (plain.train.x < 165)  # where nothing is clipped
    difference = (noisy.train.x.astype(float) - plain.train.x)[middle] / 255
    assert difference.std() == pytest.approx(0.1, rel=0.05)


def test_color_tells_nothing_of_the_class() -> None:
    dataset = pictures("shapes", samples=1500, color=True, noise=0.0, size=16)
    corner = dataset.train.x[:, :, 0, 0].astype(float)
    means = np.stack([corner[dataset.train.y == label].mean(axis=0) for label in range(3)])
    assert np.ptp(means, axis=0).max() < 30


# -- parts of a set
def test_classes_are_kept_and_counted_anew() -> None:
    whole, part = data.load("digits"), data.load("digits", classes=[7, 5, 9])
    assert part.description.classes == ("5", "7", "9")
    assert data.describe("digits", classes=(5, 7, 9)) == part.description
    assert part.description.outputs == 3
    held = {
        one.tobytes(): label for split in (whole.train, whole.validation, whole.test) for one, label in zip(split.x, split.y, strict=True)
    }
    for split in (part.train, part.validation, part.test):
        assert all(held[one.tobytes()] == (5, 7, 9)[label] for one, label in zip(split.x, split.y, strict=True))
    assert data.describe("mnist", classes=(3, 8)).outputs == 1


@pytest.mark.parametrize("bad", [[3], [], [3, 10], ["a", "b"], [1.5, 2], "0-4", [-1, 2]])
def test_classes_that_are_none_are_refused(bad: object) -> None:
    with pytest.raises(FieldError, match="two or more class numbers from 0 to 9"):
        data.describe("mnist", classes=bad)


def test_a_class_without_samples_is_refused() -> None:
    with pytest.raises(DataError, match="expected samples of class 4, got none"):
        subset.kept(np.zeros((3, 1, 2, 2)), np.array([0, 1, 1], np.int32), {"classes": (0, 4)}, "file")


@pytest.mark.parametrize("moved", ["all", "validation and test"])
def test_pictures_are_moved_whole_and_by_at_most_the_shift(moved: str) -> None:
    plain, shifted = (data.load("mnist", first=300, validation=200, shift=shift, moved=moved) for shift in (0, 5))
    for name in ("train", "validation", "test"):
        seen = set()
        for before, after in zip(plain.split(name).x[:150, 0], shifted.split(name).x[:150, 0], strict=True):
            wide = np.pad(before, 5)
            places = [(d, a) for d in range(11) for a in range(11) if np.array_equal(wide[d : d + 28, a : a + 28], after)]
            assert places
            seen.update(places[:1])
        assert len(seen) == 1 if name == "train" and moved != "all" else len(seen) > 50
    again = data.get("mnist").loader({field.name: field.default for field in data.get("mnist").fields} | {"first": 300, "shift": 5})
    other = data.get("mnist").loader({field.name: field.default for field in data.get("mnist").fields} | {"first": 300, "shift": 5})
    np.testing.assert_array_equal(again.test.x, other.test.x)
