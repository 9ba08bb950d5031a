"""The gauge in the gradient norm's chart: where the limit stands, what is said of it, a tick at each clipped batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from playground.engine.live.snapshot import Clipping, Curve, RunCurves, Snapshot
from playground.ui import theme
from playground.ui.panels.chart_norms import NormChart
from playground.ui.panels.chart_series import end_names

STEPS = np.arange(1, 101)


def of(clipping: Clipping | None, clipped: np.ndarray | None = None, level: float = 0.1) -> Snapshot:
    norms = np.full(100, level)
    curves = {"gradient_norm/lstm1": Curve(STEPS, norms), "clip/norm": Curve(STEPS, norms * 2)}
    curves |= {} if clipped is None else {"clipped": Curve(STEPS, clipped.astype(float))}
    return Snapshot(1, "training", run=1, step=100, curves=curves, clipping=clipping)


@pytest.fixture
def chart(qtbot) -> NormChart:
    made = NormChart("gradient_norm", "Gradient norm", theme.LIGHT)
    qtbot.addWidget(made)
    made.resize(420, 240)
    return made


@pytest.mark.parametrize(
    ("clipping", "words"),
    [
        (Clipping(1.0, None, 0, 100, 400, None), "clip at 1: never reached"),
        (Clipping(1.0, None, 12, 100, 400, 3), "clip at 1: reached in 12 of the last 100 batches"),
        (Clipping(1.0, None, 0, 100, 400, 60), "clip at 1: last reached at step 40"),
        (Clipping(0.5, None), "clip at 0.5: no batch yet"),
        (Clipping(None, 0.25, 3, 50, 50, 0), "clip entries at 0.25: reached in 3 of the last 50 batches"),
    ],
)
def test_the_words(chart: NormChart, clipping: Clipping, words: str) -> None:
    chart.show_snapshot(of(clipping))
    assert [told for _, told in chart.limits] == [words]


def test_both_limits_are_told_and_none_without_one(chart: NormChart) -> None:
    chart.show_snapshot(of(Clipping(1.0, 0.5, 12, 100, 100, 0)))
    assert [limit for limit, _ in chart.limits] == [1.0, 0.5]
    chart.show_snapshot(of(None))
    assert chart.limits == []


def test_the_line_stands_at_its_limit_with_a_tick_at_each_clipped_batch(chart: NormChart) -> None:
    clipped = np.isin(STEPS, (20, 70))
    chart.show_snapshot(of(Clipping(1.0, None, 2, 100, 100, 30), clipped))
    y = round(float(chart.at(np.zeros(1), np.zeros(1))[0, 1]))  # 1 = 10^0
    found = _red(chart)
    ticks = np.flatnonzero(found[y - 4 : y - 2].any(axis=0))
    expected = chart.area().x() + np.array([20, 70]) / chart.axes.right * chart.area().width()
    assert [float(np.abs(ticks - x).min()) <= 1.5 for x in expected] == [True, True]
    assert all(np.abs(expected - x).min() <= 2.5 for x in ticks)
    assert found[y - 1 : y + 2].any(axis=0).mean() > 0.2  # the dashed line: two of four pixels, strong enough


def test_what_other_limits_clipped_is_no_tick_of_these(chart: NormChart) -> None:
    chart.show_snapshot(of(Clipping(1.0, None, 1, 40, 40, 30), np.isin(STEPS, (20, 70))))
    assert chart._ticks()[0].tolist() == [70]


def test_a_new_limit_is_seen_at_once_and_a_far_one_leaves_the_axis(chart: NormChart) -> None:
    shot = of(Clipping(1.0, None, 0, 100, 100, None))
    chart.show_snapshot(shot)
    top = chart.axes.ends()[1]
    assert top >= 0
    chart.show_snapshot(replace(shot, clipping=Clipping(1e5, None)))
    assert chart.axes.ends()[1] < 2
    assert chart.limits[0][1].startswith("clip at 100,000")


def test_after_a_resume_the_norms_of_the_run_before_stay_fainter_in_the_same_hues(chart: NormChart) -> None:
    """They were dropped, and the step axis was another one than the loss's."""
    norms = {f"gradient_norm/{layer}": Curve(STEPS * 20, np.full(100, level)) for layer, level in (("a", 0.1), ("b", 0.2))}
    before = RunCurves(1, "Run 1", norms, step=2000)
    forked = Snapshot(1, "paused", run=2, step=500, parent=1, forked_at=500, runs=(before,))
    chart.show_snapshot(forked)
    assert [(line.name, line.run) for line in chart.lines] == [("a", 1), ("b", 1)]
    young = {"gradient_norm/b": Curve(STEPS + 500, np.full(100, 0.3))}
    chart.show_snapshot(replace(forked, serial=2, step=600, curves=young))
    faint, hues = {line.name: line.strength for line in chart.lines if line.run}, {line.run: line.token for line in chart.lines[1:]}
    assert max(faint.values()) < 1
    assert hues[1] == hues[None], "a layer has one hue in all runs"
    assert len(end_names(chart.lines)) == 1, "one name is enough for all layers of a run"
    assert chart.axes.right >= 2000
    chart.set_view(None, frozenset({1}))
    assert [line.run for line in chart.lines] == [None]
    assert chart.axes.right < 2000


def test_a_layer_whose_gradient_became_0_leaves_the_others_their_log_axis(chart: NormChart) -> None:
    frozen = Curve(STEPS, np.where(STEPS < 50, 0.3, 0.0))
    curves = {"gradient_norm/a": frozen, "gradient_norm/b": Curve(STEPS, np.full(100, 0.1))}
    chart.show_snapshot(Snapshot(1, "training", run=1, step=100, curves=curves))
    assert chart.axes.log
    assert "log scale" in chart.title()
    still = {"gradient_norm/a": Curve(STEPS, np.zeros(100))}
    chart.show_snapshot(Snapshot(2, "training", run=2, step=100, curves=still))
    assert not chart.axes.log, "nothing learns: that is to be seen"


def _red(chart: NormChart) -> np.ndarray:
    """Where the limit's color is, (rows, columns)."""
    image = chart.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    numbers = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)
    color = theme.LIGHT.color("err")
    wanted = np.array([color.blue(), color.green(), color.red()])
    return np.asarray(np.abs(numbers[:, :, :3] - wanted).sum(axis=2) < 120)
