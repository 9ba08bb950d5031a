"""The trend of noisy curves: it is close to them, no staircase, and never moves before its cause."""

from __future__ import annotations

import numpy as np
import pytest

from playground.engine.live.snapshot import Curve
from playground.ui.panels import chart_series


def test_a_noisy_curve_shows_its_trend_and_a_smooth_one_itself() -> None:
    steps = np.arange(400)
    trend = 2.0 * np.exp(-steps / 300)
    noisy = trend * (1 + 0.3 * np.random.default_rng(2).standard_normal(400))
    noisy[7] = np.nan
    calm = chart_series.calm(noisy, "loss", steps)
    inner = slice(16, None)
    known = np.isfinite(calm)
    assert np.flatnonzero(~known).tolist() == [7]
    assert np.nanmax(np.abs(calm - trend)[inner]) < 0.3 * np.nanmax(np.abs(noisy - trend)[inner])
    late = np.argmin(np.abs(trend[:, None] - calm[None, inner]), axis=0)  # the step whose trend each point shows
    assert 0 < np.mean(steps[inner] - late) < 0.04 * len(steps), "late by less than the share that it looks back over"
    assert chart_series.calm(trend, "loss", steps) is trend  # nothing is smeared that is not noise
    assert chart_series.calm(noisy, "learning_rate", steps) is noisy
    mistakes = np.where(steps % 9 == 0, 0.5, 0.0)
    assert chart_series.calm(mistakes, "loss", steps) is mistakes


def test_no_trend_moves_before_its_cause() -> None:
    """A rate changed at step 240 must not be seen in the curve before."""
    steps = np.arange(400)
    noisy = 1 + 0.3 * np.random.default_rng(5).standard_normal(400)
    changed = np.where(steps < 240, noisy, 0.1 * noisy)
    calm, other = chart_series.calm(noisy, "loss", steps), chart_series.calm(changed, "loss", steps)
    assert np.array_equal(calm[:240], other[:240])
    assert other[240] < calm[240]
    assert np.all(other[240 + 24 :] < 0.2), "a fall is over once it is out of sight: no tail on a log axis"


def test_a_trend_is_no_staircase_where_the_points_lie_in_clusters() -> None:
    """Of a run made in pieces some steps have points, close together, and others none."""
    steps = np.array([at for piece in range(0, 2000, 20) for at in range(piece, piece + 4)])
    trend = 2.0 * np.exp(-steps / 400)
    assert chart_series.calm(trend, "gradient_norm", steps) is trend, "a gap is no noise"
    noisy = trend * (1 + 0.2 * np.random.default_rng(4).standard_normal(len(steps)))
    calm, inner = chart_series.calm(noisy, "gradient_norm", steps), steps > 100
    slopes = np.diff(calm[inner]) / np.diff(steps[inner])
    within, across = slopes[np.diff(steps[inner]) == 1], slopes[np.diff(steps[inner]) > 1]
    assert within.mean() == pytest.approx(across.mean(), rel=0.25), "as steep between the clusters as in them"


def test_on_a_log_axis_the_trend_lies_in_the_middle_of_what_it_is_of() -> None:
    steps = np.arange(400)
    noisy = 10.0 ** np.random.default_rng(3).uniform(-3, -1, 400)
    drawn = np.log10(chart_series.calm(noisy, "loss", steps, log=True))[100:]
    assert np.abs(drawn.mean() + 2) < 0.1
    assert np.log10(chart_series.calm(noisy, "loss", steps)[100:]).mean() > -1.8, "an arithmetic mean is above it"


def test_a_steep_begin_is_followed() -> None:
    steps = np.arange(500)
    rise = 1 - np.exp(-steps / 12)
    noisy = np.clip(rise + 0.08 * np.random.default_rng(6).standard_normal(500), 0, 1)
    trend = chart_series.calm(noisy, "accuracy", steps)
    assert np.abs(trend - rise)[8:].max() < 0.25


def test_a_trend_is_worked_out_once_for_each_axis_until_the_curves_are_others() -> None:
    steps = np.arange(1.0, 301.0)
    curve = Curve(steps, np.random.default_rng(3).normal(1.0, 0.3, 300).clip(0.1))
    trends = chart_series.Trends()
    first = trends.of(curve, "loss", False)
    np.testing.assert_array_equal(first, chart_series.calm(curve.values, "loss", steps))
    assert trends.of(curve, "loss", False) is first
    np.testing.assert_array_equal(trends.of(curve, "loss", True), chart_series.calm(curve.values, "loss", steps, log=True))
    trends.forget()
    assert trends.of(curve, "loss", False) is not first
