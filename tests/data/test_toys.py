"""The generated sets against their formulas, derived anew sample by sample, and against the best straight cut."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground import data
from playground.data.spec import Dataset


def points(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """All samples of all parts, float64."""
    parts = (dataset.train, dataset.validation, dataset.test)
    return np.concatenate([part.x for part in parts]).astype(float), np.concatenate([part.y for part in parts])


def assert_same_points(got: np.ndarray, expected: list[tuple[float, float]]) -> None:
    """Equal as multisets, to float32."""
    assert len(got) == len(expected)
    np.testing.assert_allclose(got[np.lexsort(got.round(4).T)], sorted_rows(np.array(expected)), atol=2e-6)


def sorted_rows(rows: np.ndarray) -> np.ndarray:
    rows = rows.astype(np.float32).astype(float)
    return rows[np.lexsort(rows.round(4).T)]


def test_circle_without_noise() -> None:
    x, y = points(data.load("circle", samples=2000))
    for (a, b), label in zip(x, y, strict=True):
        radius = math.sqrt(a * a + b * b)
        assert radius <= 2.5 + 1e-5 if label == 1 else 3.5 - 1e-5 <= radius <= 5 + 1e-5
    radius = np.hypot(*x.T)
    assert y.sum() == 1000
    assert radius[y == 1].mean() == pytest.approx(1.25, abs=0.08)  # uniform in the radius, not in the area
    assert radius[y == 0].mean() == pytest.approx(4.25, abs=0.05)
    assert np.abs(x.mean(axis=0)).max() < 0.25


def test_circle_noise_moves_the_label_and_not_the_point() -> None:
    x, y = points(data.load("circle", samples=2000, noise=0.3))
    radius = np.hypot(*x.T)
    assert not ((radius > 2.5 + 1e-5) & (radius < 3.5 - 1e-5)).any()
    wrong = (radius < 3) != (y == 1)
    assert 0.05 < wrong.mean() < 0.3


def test_exclusive_or() -> None:
    x, y = points(data.load("xor2d", samples=2000))
    assert (np.abs(x) >= 0.3).all()
    assert np.abs(x).max() <= 5.3
    for (a, b), label in zip(x, y, strict=True):
        assert label == (1 if (a > 0 and b > 0) or (a < 0 and b < 0) else 0)
    assert y.mean() == pytest.approx(0.5, abs=0.04)
    noisy_x, noisy_y = points(data.load("xor2d", samples=2000, noise=0.4))
    assert 0.05 < ((noisy_x.prod(axis=1) > 0) != (noisy_y == 1)).mean() < 0.4


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.5, 4.0)])
def test_gauss(noise: float, variance: float) -> None:
    x, y = points(data.load("gauss", samples=20_000, noise=noise))
    for label, center in ((1, 2.0), (0, -2.0)):
        cloud = x[y == label]
        assert len(cloud) == 10_000
        np.testing.assert_allclose(cloud.mean(axis=0), center, atol=4 * math.sqrt(variance / 10_000))
        np.testing.assert_allclose(cloud.var(axis=0), variance, rtol=0.06)


def test_spiral_without_noise() -> None:
    x, y = points(data.load("spiral", samples=300))
    for label, turn in ((1, 0.0), (0, math.pi)):
        arm = []
        for i in range(150):
            radius, angle = 5 * i / 150, 1.75 * i / 150 * 2 * math.pi + turn
            arm.append((radius * math.sin(angle), radius * math.cos(angle)))
        assert_same_points(x[y == label], arm)


def test_spiral_noise_is_uniform_about_the_arm() -> None:
    quiet, loud = (points(data.load("spiral", samples=2000, noise=noise))[0] for noise in (0.0, 0.25))
    assert np.abs(loud).max() <= 5.25
    assert np.abs(loud).max() > np.abs(quiet).max() + 0.05


def test_moons_without_noise() -> None:
    x, y = points(data.load("moons", samples=100, noise=0.0))
    upper, lower = [], []
    for i in range(50):
        angle = math.pi * i / 49
        upper.append((3 * (math.cos(angle) - 0.5), 3 * (math.sin(angle) - 0.25)))
        lower.append((3 * (1 - math.cos(angle) - 0.5), 3 * (0.5 - math.sin(angle) - 0.25)))
    assert_same_points(x[y == 1], upper)
    assert_same_points(x[y == 0], lower)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_blobs_and_rings(classes: int) -> None:
    x, y = points(data.load("blobs", samples=60 * classes, classes=classes, noise=0.0))
    for (a, b), label in zip(x, y, strict=True):
        angle = 2 * math.pi * label / classes
        assert (a, b) == (pytest.approx(4 * math.sin(angle), abs=1e-6), pytest.approx(4 * math.cos(angle), abs=1e-6))
    x, y = points(data.load("rings", samples=60 * classes, classes=classes, noise=0.0))
    for (a, b), label in zip(x, y, strict=True):
        assert math.hypot(a, b) == pytest.approx(5 * (label + 0.5) / classes, abs=1e-5)
    assert np.bincount(y).tolist() == [60] * classes
    assert data.describe("rings", classes=classes).outputs == (1 if classes == 2 else classes)


def test_blobs_noise_is_the_deviation() -> None:
    x, y = points(data.load("blobs", samples=9000, noise=0.3))
    np.testing.assert_allclose([x[y == label].std(axis=0) for label in range(3)], 0.3, rtol=0.05)


@pytest.mark.parametrize("cells", [2, 4, 5])
def test_checkerboard(cells: int) -> None:
    x, y = points(data.load("checkerboard", samples=1000, cells=cells))
    for (a, b), label in zip(x, y, strict=True):
        column, row = int((a + 5) // (10 / cells)), int((b + 5) // (10 / cells))
        assert label == (1 if (column + row) % 2 == 0 else 0)


def test_plane() -> None:
    x, y = points(data.load("plane"))
    np.testing.assert_allclose(y[:, 0], x.sum(axis=1) / 10, atol=1e-6)
    assert np.abs(x).max() <= 6
    x, y = points(data.load("plane", noise=0.5))
    assert (y[:, 0] - x.sum(axis=1) / 10).std() == pytest.approx(6 * 0.5 / math.sqrt(3) * math.sqrt(2) / 10, rel=0.1)


def test_multigauss() -> None:
    centers = {(-4, 2.5): 1, (0, 2.5): -1, (4, 2.5): 1, (-4, -2.5): -1, (0, -2.5): 1, (4, -2.5): -1}
    x, y = points(data.load("multigauss"))
    for point, value in zip(x, y[:, 0], strict=True):
        best = 0.0
        for center, sign in centers.items():
            height = sign * max(0.0, 1 - math.dist(point, center) / 2)
            if abs(height) > abs(best):
                best = height
        assert value == pytest.approx(best, abs=1e-6)
    assert y.min() < -0.9
    assert y.max() > 0.9


def best_straight_cut(x: np.ndarray, y: np.ndarray) -> float:
    """The accuracy of the best line: every 1 degree, every threshold between neighbors."""
    best = 0.0
    for degree in range(180):
        angle = math.radians(degree)
        order = np.argsort(x @ [math.cos(angle), math.sin(angle)], kind="stable")
        below = np.cumsum(np.where(y[order] == 1, 1, -1))  # ones minus zeros below each threshold
        right = (y == 0).sum() + below
        best = max(best, right.max() / len(y), 1 - right.min() / len(y))
    return best


@pytest.mark.parametrize(("name", "limit"), [("circle", 0.75), ("xor2d", 0.75), ("spiral", 0.65), ("moons", 0.92)])
def test_no_straight_cut_does(name: str, limit: float) -> None:
    assert best_straight_cut(*points(data.load(name))) < limit


def test_a_straight_cut_does_for_gauss() -> None:
    assert best_straight_cut(*points(data.load("gauss"))) > 0.99
