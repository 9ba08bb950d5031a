"""Pictures made as a data set makes its own, and drawings as further samples of it."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace

import numpy as np
import pytest

from playground import data
from playground.data.drawings import MOST, joined, packed, unpacked
from playground.data.pictures import Manner, centered, manner_of, picture_shape, shape_of, shrunk
from playground.data.spec import Dataset, Description, frozen_split
from playground.errors import DataError

RNG = np.random.default_rng(0)


def center_of_mass(picture: np.ndarray) -> tuple[float, float]:
    total = picture.sum()
    down = sum(picture[row, column] * (row + 0.5) for row in range(picture.shape[0]) for column in range(picture.shape[1]))
    across = sum(picture[row, column] * (column + 0.5) for row in range(picture.shape[0]) for column in range(picture.shape[1]))
    return down / total, across / total


def inked(picture: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(picture.max(axis=1) > 0.1), np.flatnonzero(picture.max(axis=0) > 0.1)
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def seven(side: int = 140, at: tuple[int, int] = (20, 30), size: int = 60) -> np.ndarray:
    ink = np.zeros((side, side), np.float32)
    top, left = at
    ink[top : top + size // 8, left : left + size] = 1
    for step in range(size):
        column = left + size - 1 - step // 2
        ink[top + step, max(column - size // 8, 0) : column] = 1
    return ink


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return data.load("mnist")


@pytest.fixture(scope="module")
def manner(mnist: Dataset) -> Manner:
    found = manner_of(mnist)
    assert found is not None
    return found


# -- what is a picture
@pytest.mark.parametrize(
    ("shape", "picture"),
    [((1, 28, 28), (1, 28, 28)), ((3, 32, 32), (3, 32, 32)), ((784,), (1, 28, 28)), ((64,), (1, 8, 8)), ((2,), None), ((2, 8, 8), None)],
)
def test_pictures_are_told_by_shape(shape: tuple[int, ...], picture: tuple[int, int, int] | None) -> None:
    assert picture_shape(shape) == picture


def test_iris_is_no_picture() -> None:
    assert shape_of(data.describe("iris")) is None
    assert manner_of(data.load("iris")) is None


# -- a set's manner
def test_mnist_is_a_box_of_20_with_its_mass_in_the_middle_of_pixel_14(manner: Manner) -> None:
    assert round(manner.box * 28) == 20
    assert manner.middle == pytest.approx((14.5, 14.5), abs=0.1)
    assert (manner.paper, manner.ink, manner.whole) == (0, 255, True)


def test_the_eight_by_eight_digits_fill_their_field() -> None:
    found = manner_of(data.load("digits"))
    assert found is not None
    assert (found.box, found.paper, found.ink) == (1.0, 0, 16)


def test_dark_on_bright_is_seen() -> None:
    pictures = np.full((20, 1, 8, 8), 250, np.uint8)
    pictures[:, :, 2:6, 3:5] = 10
    part = frozen_split(pictures, np.zeros(20, np.int32))
    found = manner_of(Dataset(Description((1, 8, 8), "classification", 1, ("a",)), part, part, part))
    assert found is not None
    assert (found.paper, found.ink, found.box) == (250, 10, 0.5)
    assert found.numbers(np.zeros((1, 8, 8)))[0, 0, 0] == 250
    assert found.ink_of(pictures[:1]).max() == 1


def test_noise_and_color_are_drawn_on_in_white() -> None:
    for name, options in (("shapes", {}), ("shapes", {"color": True}), ("stripes", {}), ("stripes", {"color": True})):
        found = manner_of(data.load(name, **options))
        assert found is not None
        assert (found.paper, found.ink) == (0, 255)


# -- scaling and centering
def test_a_digit_of_mnist_comes_out_as_it_is(mnist: Dataset, manner: Manner) -> None:
    """Enlarged and made anew it is nearly the same picture: the making is the data set's own."""
    likeness = [
        np.corrcoef(centered(np.kron(picture, np.ones((5, 5))), manner).ravel(), picture.ravel())[0, 1]
        for picture in mnist.test.x[:200, 0] / 255
    ]
    assert np.mean(likeness) > 0.99
    assert np.mean(np.array(likeness) > 0.999) > 0.9


@pytest.mark.parametrize(("at", "size"), [((0, 0), 40), ((70, 60), 60), ((20, 30), 100), ((100, 100), 24)])
def test_where_and_how_large_it_was_drawn_makes_no_difference(manner: Manner, at: tuple[int, int], size: int) -> None:
    picture = centered(seven(at=at, size=size), manner)
    top, bottom, left, right = inked(picture)
    assert max(bottom - top, right - left) in (20, 21)
    down, across = center_of_mass(picture)
    assert abs(down - 14.5) <= 0.6 or bottom == 28  # it would leave the field
    assert abs(across - 14.5) <= 0.6


def test_without_centering_it_stays_where_it_is() -> None:
    ink = np.zeros((140, 140), np.float32)
    ink[0:10, 130:140] = 1
    picture = shrunk(ink, 28, 28)
    assert picture[:2, 26:].min() == pytest.approx(1)
    assert picture.sum() == pytest.approx(4)


def test_averaging_against_plain_loops() -> None:
    ink = RNG.random((12, 18)).astype(np.float32)
    expected = [[ink[3 * row : 3 * row + 3, 2 * column : 2 * column + 2].mean() for column in range(9)] for row in range(4)]
    np.testing.assert_allclose(shrunk(ink, 4, 9), expected, rtol=1e-6)
    np.testing.assert_allclose(shrunk(ink[None], 4, 9)[0], expected, rtol=1e-6)


def test_nothing_drawn_is_nothing(manner: Manner) -> None:
    assert not centered(np.zeros((140, 140), np.float32), manner).any()


def test_a_dot_and_a_line_along_the_margin_stay_inside(manner: Manner) -> None:
    for rows, columns in (((0, 2), (0, 2)), ((0, 140), (0, 1)), ((139, 140), (0, 140))):
        ink = np.zeros((140, 140), np.float32)
        ink[slice(*rows), slice(*columns)] = 1
        picture = centered(ink, manner)
        top, bottom, left, right = inked(picture)
        assert max(bottom - top, right - left) >= 19
        assert np.isfinite(picture).all()


# -- drawings
def test_a_drawing_packs_to_the_bit(manner: Manner) -> None:
    picture = np.round(RNG.random((1, 28, 28)) * 255) / 255
    np.testing.assert_array_equal(unpacked(packed(picture), (1, 28, 28)), picture)


@pytest.mark.parametrize(
    "text",
    ["", "!!", "AAAA", "ü", base64.b64encode(zlib.compress(bytes(783))).decode(), base64.b64encode(zlib.compress(bytes(785))).decode()],
)
def test_what_is_no_picture_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="expected"):
        unpacked(text, (1, 28, 28))


def test_a_bomb_is_unpacked_no_farther_than_a_picture() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(50_000_000), 9)).decode()
    with pytest.raises(DataError, match="got more"):
        unpacked(bomb, (1, 28, 28))


def test_drawings_are_the_last_training_samples(mnist: Dataset, manner: Manner) -> None:
    digit = mnist.test.x[0]
    drawn = joined(mnist, ((7, packed(digit / 255)), (3, packed(np.zeros((1, 28, 28))))))
    assert len(drawn.train) == len(mnist.train) + 2
    np.testing.assert_array_equal(drawn.train.x[-2], digit)
    assert drawn.train.y[-2:].tolist() == [7, 3]
    assert drawn.validation is mnist.validation
    assert not drawn.train.x.flags.writeable
    assert joined(mnist, ()) is mnist


def test_drawings_of_the_small_digits_have_their_numbers() -> None:
    digits = data.load("digits")
    drawn = joined(digits, ((1, packed(digits.test.x[0] / 16)),))
    np.testing.assert_array_equal(drawn.train.x[-1], digits.test.x[0])


def test_a_row_of_784_takes_drawings_too(mnist: Dataset) -> None:
    part = frozen_split(mnist.train.x[:50].reshape(50, 784), mnist.train.y[:50])
    flat = replace(mnist, description=replace(mnist.description, input_shape=(784,)), train=part, validation=part, test=part)
    drawn = joined(flat, ((7, packed(mnist.test.x[0] / 255)),))
    np.testing.assert_array_equal(drawn.train.x[-1], mnist.test.x[0].reshape(784))
    assert drawn.validation is drawn.train


def test_drawings_that_do_not_fit_are_refused(mnist: Dataset) -> None:
    good = packed(np.zeros((1, 28, 28)))
    for drawings, words in (
        (((10, good),), "class from 0 to 9"),
        (((-1, good),), "class from 0 to 9"),
        (((1, packed(np.zeros((1, 8, 8)))),), "784 numbers"),
        (((1, good),) * (MOST + 1), f"at most {MOST}"),
    ):
        with pytest.raises(DataError, match=words):
            joined(mnist, drawings)
    with pytest.raises(DataError, match="pictures"):
        joined(data.load("iris"), ((0, good),))
