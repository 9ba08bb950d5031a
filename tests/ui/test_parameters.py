"""The inspector's table of a node's numbers: figures of any size, none that a learner is asked for, and on after an error."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from playground.document import example
from playground.engine.live.snapshot import Snapshot
from playground.ui import theme
from playground.ui.panels import parameters
from playground.ui.panels.inspector import Inspector
from playground.ui.panels.parameters import BINS, Figures, ParameterTable, figures_of
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession

DASH = "—"


@pytest.mark.parametrize("size", [3e38, 1e-44, 0.0, 0.25])
def test_numbers_of_any_size_have_figures(size: float) -> None:
    made = np.array([size, -size, 0.0, size / 2], np.float32)
    figures = figures_of({"weight": made}, "weight")
    assert figures.bins is not None
    assert figures.bins.sum() == made.size
    assert figures.ranges["weight"] == (float(-made[0]), float(made[0]))
    assert 0 < float(made[0]) <= figures.limit or size == 0
    assert figures.bins[BINS // 2] >= 1


def test_the_table_shows_a_huge_weight(qtbot) -> None:
    table = ParameterTable(theme.DARK)
    qtbot.addWidget(table)
    table.declare({"weight": (1, 2)}, "dense1")
    table.show_arrays({"weight": np.array([[0.5, 3e38]], np.float32)})
    assert table.texts() == {"parameters/weight": "+0.50 … +3.0×10³⁸"}
    table.resize(300, 160)
    assert not table.grab().isNull()


def test_after_figures_that_failed_the_next_ones_come(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(arrays: Mapping[str, np.ndarray], first: str) -> Figures:
        if arrays[first][0] == 7:
            raise ValueError("seven is not eight")
        return figures_of(arrays, first)

    monkeypatch.setattr(parameters, "QUICK", 3)
    monkeypatch.setattr(parameters, "figures_of", counted)
    table = ParameterTable(theme.DARK)
    qtbot.addWidget(table)
    table.declare({"weight": (4,)}, "dense1")
    table.show_arrays({"weight": np.full(4, 5.0, np.float32)})
    qtbot.waitUntil(lambda: "+5.00" in table.texts()["parameters/weight"])
    with qtbot.captureExceptions() as raised:
        table.show_arrays({"weight": np.full(4, 7.0, np.float32)})
        qtbot.waitUntil(lambda: bool(raised))
    assert table.texts() == {"parameters/weight": DASH}, "not the numbers of before"
    table.show_arrays({"weight": np.full(4, 8.0, np.float32)})
    qtbot.waitUntil(lambda: "+8.00" in table.texts()["parameters/weight"])


def test_no_number_is_told_while_a_learner_is_asked_for_one(qtbot) -> None:
    bench = Workbench(NotingSession())  # type: ignore[arg-type]
    bench.replace(example("and"))
    inspector = Inspector(bench, theme.DARK)
    qtbot.addWidget(inspector)
    bench.select(("dense1",))
    table = inspector.table
    table.resize(300, 160)
    empty = table.grab().toImage()
    table.show_arrays({"weight": np.array([[0.1, 0.2]], np.float32), "bias": np.array([0.3], np.float32)})
    shown, about = table.grab().toImage(), table.toolTip()
    assert table.texts() == {"parameters/weight": "+0.10 … +0.20", "parameters/bias": "+0.30 … +0.30"}
    bench.hide(frozenset({("dense1", "weight", (0, 1))}))
    assert set(table.texts().values()) == {DASH}
    assert table.grab().toImage() == empty, "no histogram either"
    assert "Hidden" in table.toolTip()
    bench.hide(frozenset())
    assert table.grab().toImage() == shown != empty
    assert table.toolTip() == about


def test_the_table_shows_the_last_numbers_however_soon_they_come(qtbot) -> None:
    bench = Workbench(NotingSession())  # type: ignore[arg-type]
    bench.replace(example("and"))
    inspector = Inspector(bench, theme.DARK)
    qtbot.addWidget(inspector)
    inspector.show()
    bench.select(("dense1",))
    for step, phase, shown in ((1, "paused", 1), (2, "paused", 2), (3, "training", 2), (4, "paused", 4)):
        numbers = {"dense1/weight": np.full((1, 2), step, np.float32), "dense1/bias": np.zeros(1, np.float32)}
        bench.snapshot_changed.emit(Snapshot(step, phase, step=step, parameters=numbers))
        assert inspector.table.texts()["parameters/weight"] == f"+{shown}.00 … +{shown}.00"
