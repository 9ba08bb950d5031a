"""The figures beside the curves: means over the last steps, and throughput by a clock of the test's own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from playground.engine.evaluation.readouts import SHOWN, Recent, Throughput
from playground.engine.live.snapshot import Clipping


def test_the_rate_counts_the_waits_between_steps() -> None:
    """Sixty pictures a second, each of 1 ms of work on 100 samples: a watcher counts 6,000 samples a second, not 100,000."""
    meter = Throughput()
    for picture in range(120):
        meter.add(100, picture / 60, picture / 60 + 0.001)
    assert meter.rate == pytest.approx(6000, rel=0.02)


def test_the_rate_is_that_of_the_last_second() -> None:
    meter = Throughput()
    for tenth in range(50):
        meter.add(10, tenth / 10, (tenth + 1) / 10)
    for tenth in range(50, 65):
        meter.add(1000, tenth / 10, (tenth + 1) / 10)
    assert meter.rate == pytest.approx(10_000)


def test_a_pause_counts_for_nothing() -> None:
    meter = Throughput()
    meter.add(100, 0.0, 0.5)
    meter.pause()
    assert meter.rate == pytest.approx(200)
    meter.add(100, 60.0, 60.5)
    assert meter.rate == pytest.approx(200)


def test_steps_further_apart_than_the_window_still_have_a_rate() -> None:
    """A pass that is explained for ten seconds: one batch in ten seconds."""
    meter = Throughput()
    meter.add(10, 0.0, 0.001)
    meter.add(10, 10.0, 10.001)
    assert meter.rate == pytest.approx(1.0)


def test_means_are_of_the_last_steps_and_come_back_from_json() -> None:
    recent = Recent()
    recent.extend(np.arange(500.0), np.full(500, 0.5), steps_per_epoch=200)
    assert recent.loss(10) == pytest.approx(494.5)
    assert recent.loss(200) == pytest.approx(np.arange(300, 500).mean())
    again = Recent()
    again.restore(json.loads(json.dumps(recent.plain())))
    assert again.loss(SHOWN) == recent.loss(SHOWN)
    assert again.hits(SHOWN) == 0.5
    again.restore({"losses": [1.0, None], "hits": []})
    assert np.isnan(again.loss(SHOWN) or 0.0)
    assert again.hits(SHOWN) is None


def test_clipped_steps_are_counted_under_the_limits_of_now() -> None:
    recent = Recent()
    recent.extend(np.zeros(150), (), 10, np.arange(150) < 60, (1.0, None))
    assert recent.clipped((1.0, None)) == Clipping(1.0, None, 10, 100, 150, 90)
    recent.extend(np.zeros(10), (), 10, np.zeros(10), (1.0, None))
    assert recent.clipped((1.0, None)) == Clipping(1.0, None, 0, 100, 160, 100)
    assert recent.clipped((2.0, None)) == Clipping(2.0, None)
    again = Recent()
    again.restore(json.loads(json.dumps(recent.plain())))
    assert again.clipped((1.0, None)) == recent.clipped((1.0, None))
    again.extend(np.zeros(2), (), 10, [True, False], (None, 0.5))
    assert again.clipped((None, 0.5)) == Clipping(None, 0.5, 1, 2, 2, 1)
    again.restore({"losses": [], "hits": []})  # an older file
    assert again.clipped((None, None)) == Clipping(None, None)
