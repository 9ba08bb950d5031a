"""Words in a chart look for a place of their own: none over another, and off the curves where there is room."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from playground.engine.live.snapshot import Clipping, Curve, Event, RunCurves, Snapshot
from playground.ui import theme
from playground.ui.panels import chart as charts
from playground.ui.panels.chart import Chart
from playground.ui.panels.chart_marks import PLATE, Marks, points_in, write
from playground.ui.panels.chart_norms import NormChart

AREA = QRectF(0, 0, 200, 100)


def test_points_in_a_place_are_counted_and_gaps_are_none() -> None:
    place = QRectF(10, 20, 30, 14)
    assert points_in(place, [np.array([[0.0, 0.0], [15.0, 25.0]])]) == 1
    assert not points_in(place, [np.array([[15.0, 50.0], [60.0, 25.0], [np.nan, np.nan]])])
    assert not points_in(place, [])


def test_words_keep_off_words_then_lines_then_curves() -> None:
    top, foot = QRectF(10, 0, 50, PLATE), QRectF(10, 86, 50, PLATE)
    marks = Marks(AREA, [np.array([[20.0, 5.0]])])
    assert marks.place([top, foot]) == foot
    assert marks.place([foot, top]) == top, "over words there is no place, rather over a curve"
    assert marks.place([foot, top]) is None
    marks = Marks(AREA)
    marks.rule(QRectF(30, 0, 2, 50))
    assert marks.place([top, foot]) == foot
    assert marks.place([QRectF(180, 0, 50, PLATE)]) is None, "it would be cut off"


def _shot(run: int = 2, clipping: Clipping | None = None, curves: bool = False) -> Snapshot:
    steps = np.arange(1, 101)
    events = tuple(Event(step, "setting", f"rate 0.0{step}") for step in (10, 14, 60))
    before = RunCurves(1, "the first", {"loss/train": Curve(steps, 1.0 / steps)}, step=100)
    other = RunCurves(3, "another", {"loss/train": Curve(steps, 1.01 / steps)}, step=100)
    own = {"loss/train": Curve(steps + 100, 0.5 / steps), "gradient_norm/dense1": Curve(steps + 100, 0.3 + 0 * steps)} if curves else {}
    return Snapshot(
        1, "paused", run=run, step=200 if curves else 100, parent=1, forked_at=100, events=events, runs=(before, other), curves=own,
        clipping=clipping,
    )  # fmt: skip


@pytest.mark.parametrize("size", [(226, 170), (272, 236), (340, 252)])
@pytest.mark.parametrize("curves", [False, True])
@pytest.mark.parametrize("kind", ["loss", "gradient_norm"])
def test_no_words_lie_over_others(qtbot, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], curves: bool, kind: str) -> None:
    """After a fork: events, the names of two branches that end together, both limits of the gradient, and why there is no curve yet."""
    made: list[Marks] = []
    monkeypatch.setattr(charts, "Marks", lambda *given: made.append(Marks(*given)) or made[-1])
    chart = (NormChart if kind == "gradient_norm" else Chart)(kind, "Loss", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(*size)
    chart.show_snapshot(_shot(clipping=Clipping(1.0, 0.5, 12, 100, 100, 0), curves=curves))
    chart.grab()
    marks = made[-1]
    assert len(marks.taken) >= (3 if kind == "gradient_norm" else 4)
    assert not [(one, other) for one, other in combinations(marks.taken, 2) if one.intersects(other)]
    assert all(chart.area().contains(one.adjusted(1, 1, -1, -1)) for one in marks.taken)


def test_a_fork_that_has_not_trained_yet_says_what_to_do(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = Chart("gradient_norm", "Gradient norm", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(272, 236)
    said: list[str] = []
    monkeypatch.setattr(charts.tools, "text", lambda painter, x, y, words, *rest, **more: said.append(words) or 0.0)
    chart.show_snapshot(_shot())
    chart.grab()
    assert "Press Train, or Space" in said
    assert "After the first epoch" not in said
    said.clear()
    chart.show_snapshot(Snapshot(serial=2, phase="empty"))
    chart.grab()
    assert said
    assert "Press Train, or Space" not in said


def test_words_of_two_changes_at_one_step_stand_one_below_the_other_at_the_top(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Marks] = []
    monkeypatch.setattr(charts, "Marks", lambda *given: made.append(Marks(*given)) or made[-1])
    chart = Chart("learning_rate", "Rate", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(300, 200)
    steps = np.arange(1, 101)
    both = tuple(Event(2, "setting", words) for words in ("optimizer adam → sgd", "rate 0.001 → 100"))
    curves = {"learning_rate": Curve(steps, np.where(steps == 95, 1.0, 0.0))}
    chart.show_snapshot(Snapshot(1, "paused", step=100, events=both, curves=curves))
    chart.grab()
    assert [place.top() - chart.area().top() for place in made[-1].taken] == [0, PLATE]


def test_the_names_of_runs_keep_off_the_curves_ends(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three runs and the present one end together at the right edge, where there is no room beside them."""
    made: list[Marks] = []
    monkeypatch.setattr(charts, "Marks", lambda *given: made.append(Marks(*given)) or made[-1])
    chart = Chart("loss", "Loss", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(300, 200)
    steps = np.arange(1, 1001)
    wave = 0.5 + 0.1 * np.sin(steps / 30)
    runs = tuple(RunCurves(run, f"Run {run}", {"loss/train": Curve(steps, wave + 0.02 * run)}, step=1000) for run in (1, 2, 3))
    chart.show_snapshot(Snapshot(1, "paused", run=4, step=1000, runs=runs, curves={"loss/train": Curve(steps, wave)}))
    chart.grab()
    names, curves = made[-1].taken, made[-1].curves
    assert len(names) == 3
    assert not [name for name in names if points_in(name, curves)]


def test_letters_have_a_halo_and_no_plate(qtbot) -> None:
    image, behind, ground = QImage(80, 20, QImage.Format.Format_RGB32), QColor("red"), QColor("black")
    image.fill(behind)
    with QPainter(image) as painter:
        write(painter, QRectF(0, 3, 80, PLATE), "I  I", QColor("white"), ground)
    row = [image.pixelColor(x, 10) for x in range(80)]
    assert ground in row
    assert row.count(behind) > 60


@pytest.mark.parametrize("width", [226, 340])
@pytest.mark.parametrize("apart", [0, 4])
@pytest.mark.parametrize("many", [5, 9])
def test_words_of_many_changes_near_each_other_stand_beside_all_their_lines(qtbot, monkeypatch, width: int, apart: int, many: int) -> None:
    """Each is told, without its old value where room is scarce, or counted; none lies over another, and none that tells over a line."""
    made: list[Marks] = []
    said: list[str] = []
    monkeypatch.setattr(charts, "Marks", lambda *given: made.append(Marks(*given)) or made[-1])
    monkeypatch.setattr(charts, "write", lambda painter, place, words, *_: said.append(words))
    chart = Chart("learning_rate", "Rate", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(width, 170)
    events = tuple(Event(60 + apart * at, "setting", f"batch size {at} → {at + 1}") for at in range(many))
    curves = {"learning_rate": Curve(np.arange(1, 101), np.zeros(100))}
    chart.show_snapshot(Snapshot(1, "paused", step=100, events=events, curves=curves))
    chart.grab()
    marks = made[-1]
    assert not [(one, other) for one, other in combinations(marks.taken, 2) if one.intersects(other)]
    told = [place for place, words in zip(marks.taken, said, strict=True) if not words.startswith("+")]
    assert len(told) + sum(int(words[1:]) for words in said if words.startswith("+")) == many
    assert not [place for place in told if any(place.intersects(line) for line in marks.lines)]


@pytest.mark.parametrize(("size", "many"), [((340, 170), 7), ((600, 250), 11), ((272, 236), 6), ((226, 170), 5)])
def test_words_of_changes_spread_over_the_plot_are_told_or_counted(qtbot, monkeypatch, size: tuple[int, int], many: int) -> None:
    said: list[str] = []
    monkeypatch.setattr(charts, "write", lambda painter, place, words, *_: said.append(words))
    chart = Chart("learning_rate", "Rate", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(*size)
    events = tuple(Event(round(5 + 84 * at / (many - 1)), "setting", f"rate 0.0{at} → 0.0{at + 1}") for at in range(many))
    curves = {"learning_rate": Curve(np.arange(1, 101), np.zeros(100))}
    chart.show_snapshot(Snapshot(1, "paused", step=100, events=events, curves=curves))
    chart.grab()
    told = [words for words in said if not words.startswith("+")]
    assert len(told) >= many / 2
    assert len(told) + sum(int(words[1:]) for words in said if words.startswith("+")) == many


def test_every_earlier_run_is_named_at_its_end_or_under_the_pointer(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(charts, "write", lambda painter, place, words, *_: said.append(words))
    chart = Chart("loss", "Loss", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(226, 140)
    steps = np.arange(1, 1001)
    level = 10.0 ** np.linspace(-1, 1, 9)
    runs = [RunCurves(run, f"Run {run}", {"loss/train": Curve(steps, 0 * steps + level[run])}, step=1000) for run in range(1, 9)]
    diverged = RunCurves(9, "Run 9", {"loss/train": Curve(steps, np.where(steps > 800, np.nan, 0.01))}, step=1000)
    chart.show_snapshot(
        Snapshot(1, "paused", run=10, step=1000, runs=(diverged, *runs), curves={"loss/train": Curve(steps, 0 * steps + 0.1)})
    )
    chart.grab()
    assert "Run 9" in said
    untold = [run for run in runs if run.name not in said]
    assert untold, "in so small a chart there is no room for all"
    for run in untold:
        at = chart.at(steps[500:501], np.log10(run.curves["loss/train"].values[500:501]))[0]
        chart.hover(501.0, at[1] + 1)
        assert chart.readout().startswith(f"{run.name} · step ")
        assert chart.readout("").endswith(charts.number(level[run.run]))
    at = chart.at(steps[500:501], np.log10([0.1]))[0]
    chart.hover(501.0, at[1] + 1)
    assert chart.readout().startswith("step "), "the present run is told without a name"


def test_where_the_numbers_left_the_range_a_chart_says_so_in_a_word(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sentence is too long for any chart; and a count stands beside words alone, for by itself it would say nothing."""
    said: list[str] = []
    monkeypatch.setattr(charts, "write", lambda painter, place, words, *_: said.append(words))
    chart = Chart("loss", "Loss", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(226, 140)
    sentence = "Step 10: the loss of output1 is too large for a number of 32 bits, though its predictions are still finite."
    for event, words in ((Event(10, "diverged", sentence), ["NaN, ∞"]), (Event(10, "setting", sentence), [])):
        said.clear()
        chart.show_snapshot(Snapshot(1, "diverged", step=9, events=(event,), curves={"loss/train": Curve(np.arange(1, 10), np.ones(9))}))
        chart.grab()
        assert said == words
