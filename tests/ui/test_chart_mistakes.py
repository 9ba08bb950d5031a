"""Bars of a run whose first rounds nobody kept: a file that was trained elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from playground.engine.live.snapshot import Curve, Snapshot
from playground.ui import theme
from playground.ui.painters import tools
from playground.ui.panels.chart_mistakes import Bar, MistakesChart, bars


def trained(steps: list[int], wrong: list[float]) -> Snapshot:
    return Snapshot(1, "paused", step=steps[-1], steps_per_epoch=4, curves={"mistakes/train": Curve(np.array(steps), np.array(wrong))})


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([4, 8], [Bar(1, 1, 2.0), Bar(2, 2, 1.0)]),
        ([8, 16], [Bar(1, 2, 2.0), Bar(3, 4, 1.0)]),
        ([404], [Bar(101, 101, 2.0)]),
        ([404, 408], [Bar(101, 101, 2.0), Bar(102, 102, 1.0)]),
        ([408, 416], [Bar(101, 102, 2.0), Bar(103, 104, 1.0)]),
    ],
)
def test_a_bar_is_of_no_round_that_is_not_known(steps: list[int], expected: list[Bar]) -> None:
    assert bars(trained(steps, [2.0, 1.0][: len(steps)]), single=False) == expected


@pytest.mark.parametrize(
    ("wrong", "long", "short"), [(2.0, "mean of 2", "Mistakes, mean of 2"), (0.0, "none after 2", "Mistakes: none after 2")]
)
def test_a_title_that_has_no_room_is_a_shorter_one_and_is_not_cut(qtbot, wrong: float, long: str, short: str) -> None:
    chart = MistakesChart("mistakes", "Mistakes", theme.DARK)
    qtbot.addWidget(chart)
    steps = list(range(4, 4 * 65, 4))
    chart.show_snapshot(trained(steps, [2.0, 2.0, *[wrong] * 62]))
    assert long in chart.title()
    assert chart._head(1000).title == chart.title()
    assert chart._head(tools.width(chart.title(), 11.5, 600) - 1).title == short
    assert chart._head(tools.width(short, 11.5, 600) - 1).title == "Mistakes"
