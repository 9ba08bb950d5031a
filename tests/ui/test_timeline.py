"""The timeline: what it draws of branches, what dragging and keys ask for, and going there in the real window."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from playground import document as documents
from playground.document import Document, edits
from playground.engine.live.commands import Fork, NameRun, NewStart, RemoveRun, ResumeHere, ShowMoment, Step, SwitchBranch
from playground.engine.live.snapshot import Curve, Event, Moment, RunCurves, Snapshot
from playground.ui import style, theme
from playground.ui.dialogs.ask import Ask
from playground.ui.geometry import MEDIUM, SMALL
from playground.ui.panels import branch_tracks, chart_series
from playground.ui.panels.chart import Chart
from playground.ui.panels.timeline import Timeline
from playground.ui.panels.timeline_picture import named
from playground.ui.weights import set_weights
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

Open = Callable[..., Timeline]


@pytest.fixture
def open_timeline(qtbot, qapp) -> Open:
    def opened(snapshot: Snapshot | None = None, width: int = 1600) -> Timeline:
        style.prepare(qapp, theme.DARK)
        qapp.setStyleSheet(style.sheet(theme.DARK))
        workbench = Workbench(NotingSession())  # type: ignore[arg-type]
        timeline = Timeline(workbench, theme.DARK)
        workbench.setParent(timeline)
        qtbot.addWidget(timeline)
        timeline.set_geometry(MEDIUM if width > 1400 else SMALL)
        timeline.resize(width, timeline.height())
        timeline.show()
        qtbot.waitExposed(timeline)
        workbench.document = documents.example("spiral")
        if snapshot is not None:
            show(timeline, snapshot)
        return timeline

    return opened


def show(timeline: Timeline, snapshot: Snapshot) -> None:
    timeline._workbench.snapshot = snapshot
    timeline._workbench.snapshot_changed.emit(snapshot)


def other(number: int = 1, parent: int | None = None, forked_at: int = 0, end: int = 600, document: Document | None = None) -> RunCurves:
    steps = np.arange(forked_at + 1, end + 1)
    return RunCurves(
        number,
        f"Run {number}",
        {"loss/train": Curve(steps, 1.0 / steps)},
        (Event(250, "setting", "rate 0.02 → 0.01"),),
        parent=parent,
        forked_at=forked_at,
        step=end,
        checkpoints=tuple(range(forked_at, end + 1, 100)),
        best_step=None,
        document=document or documents.example("spiral"),
    )


def forked(serial: int = 1, moment: Moment | None = None, **more: object) -> Snapshot:
    """Run 2, forked from run 1 at step 300, stands at step 800."""
    values = {
        "run": 2,
        "run_name": "Run 2",
        "step": 800,
        "epoch": 16,
        "steps_per_epoch": 50,
        "runs": (other(),),
        "parent": 1,
        "forked_at": 300,
        "checkpoints": (300, 400, 500, 600, 700, 800),
        "best_step": 650,
        **more,
    }
    return Snapshot(serial=serial, phase="paused", moment=moment, **values)  # type: ignore[arg-type]


def moment(run: int = 2, step: int = 500) -> Moment:
    return Moment(run, step, step // 50, 0.5, 0.75, None, None, 0.01, False, edits.set_training(documents.example("spiral"), l2=0.5))


def at(timeline: Timeline, run: int, step: float) -> QPoint:
    """The pixel of a step on a branch's track."""
    assert timeline._layout is not None
    row = next(row for row, track in enumerate(timeline._tracks) if track.run == run)
    return QPoint(round(timeline._layout.x(step)), round(timeline._layout.rows[row]))


def sent(timeline: Timeline, kind: type) -> list:
    return timeline._workbench.session.of(kind)  # type: ignore[attr-defined]


def pixels(timeline: Timeline) -> np.ndarray:
    image = timeline.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


# -- which branches, which colors
def test_parents_lie_above_what_grew_out_of_them_and_colors_do_not_change_hands() -> None:
    snapshot = forked()
    assert [(track.run, track.present, track.parent) for track in branch_tracks.tracks(snapshot, 3)] == [(1, False, None), (2, True, 1)]
    switched = Snapshot(serial=2, phase="paused", run=1, run_name="Run 1", step=600, runs=(other(2, 1, 300, 800),))
    assert branch_tracks.tokens(snapshot) == branch_tracks.tokens(switched)
    many = forked(runs=tuple(other(number) for number in (1, 3, 4, 5, 6, 7)))
    colors = branch_tracks.tokens(many)
    assert len({colors[run] for run in (2, 5, 6, 7)}) == 4
    assert colors[1] == colors[3] == branch_tracks.OLD
    assert [track.run for track in branch_tracks.tracks(many, 3)] == [1, 2, 7]


def test_snapping_and_neighbors() -> None:
    present, parent = reversed(branch_tracks.tracks(forked(), 3))
    assert branch_tracks.snapped(present, 449) == 400
    assert branch_tracks.snapped(present, 451) == 500
    assert branch_tracks.snapped(present, 9999) == 800
    assert branch_tracks.neighbor(present, 800, -1) == 700
    assert branch_tracks.neighbor(present, 800, 1) is None
    assert branch_tracks.neighbor(parent, 250, 1) == 300


@pytest.mark.parametrize(("width", "roomy"), [(1280, 2), (1600, 3)])
def test_many_branches_get_lanes_then_a_way_to_scroll_and_none_is_hidden_in_silence(
    open_timeline: Open, qtbot, width: int, roomy: int
) -> None:
    timeline = open_timeline(forked(), width)
    low = timeline.height()
    for count in range(3, 9):
        show(timeline, forked(count, runs=tuple(other(number) for number in range(1, count + 1) if number != 2)))
        lanes, links = len(timeline._tracks), (timeline.older, timeline.newer)
        assert lanes == min(count, roomy + 2)
        assert 2 in {track.run for track in timeline._tracks}  # the present one
        assert timeline.height() == low + 12 * (lanes - min(lanes, roomy))
        assert sum(int(link.text().split()[1]) for link in links if link.isVisible()) == count - lanes
        assert all(timeline.rect().contains(link.geometry()) for link in links if link.isVisible())
        assert min(np.diff(timeline._layout.rows)) >= 10  # type: ignore[union-attr]
    assert (timeline._tracks[0].run, timeline.older.isVisible()) == (1, False)
    timeline.newer.click()
    assert (timeline._tracks[0].run, timeline.older.isVisible()) == (2, True)
    for _ in range(9):
        wheel(timeline, -120)
    assert (timeline._tracks[-1].run, timeline.newer.isVisible()) == (8, False)
    wheel(timeline, 120)
    assert timeline._tracks[-1].run == 7
    before = timeline._tracks[0].run
    show(timeline, forked(20, runs=tuple(other(number) for number in (1, *range(3, 9)))))
    assert timeline._tracks[0].run == before  # what the user scrolled to stays
    qtbot.keyClick(timeline, Qt.Key.Key_Up)
    assert sent(timeline, ShowMoment)[-1].branch == 1
    assert timeline._tracks[0].run == 1  # the branch on show has a lane


def wheel(timeline: Timeline, by: int) -> None:
    at = QPointF(timeline.rect().center())
    event = QWheelEvent(
        at, at, QPoint(), QPoint(0, by), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(timeline, event)


def test_a_branchs_name_says_what_it_was_forked_for_where_no_line_crosses_it() -> None:
    def place(line: float, most: float = 1000) -> tuple[str, float]:
        return named(("Run 2 · rate 0.01", "Run 2"), 400, most, line, lambda name: 10.0 * len(name))

    assert place(line=200) == ("Run 2 · rate 0.01", 400)
    assert place(line=200, most=500) == ("Run 2", 400)
    assert place(line=500) == ("Run 2", 400)
    assert place(line=420) == ("Run 2 · rate 0.01", 426)
    assert place(line=420, most=500) == ("Run 2", 426)
    assert place(line=420, most=460) == ("Run 2", 426)  # and cut


def test_epochs_that_lie_too_close_are_counted_by_tens() -> None:
    assert branch_tracks.epoch_ticks(50, 200, 400) == [50, 100, 150, 200]
    assert branch_tracks.epoch_ticks(50, 10_000, 400)[:2] == [500, 1000]
    assert branch_tracks.epoch_ticks(0, 100, 400) == []


def test_bars_where_gradients_were_clipped(open_timeline: Open) -> None:
    timeline = open_timeline(forked())
    before = pixels(timeline)
    steps = np.arange(301, 801)
    show(timeline, forked(2, curves={"clipped": Curve(steps, np.where(steps < 400, 0.5, 0.0))}))
    assert not np.array_equal(before, pixels(timeline))
    shown = [words for _, words in timeline._hot if "clipped" in words]
    assert shown
    assert all("50" in words for words in shown)
    assert max(step for step, _ in timeline._tracks[1].clipped) < 400


# -- pointer and keys
def test_dragging_asks_for_each_kept_moment_once(open_timeline: Open, qtbot) -> None:
    timeline = open_timeline(forked())
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=at(timeline, 2, 510))
    for step in (520, 540, 560, 590, 610):
        qtbot.mouseMove(timeline, at(timeline, 2, step))
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=at(timeline, 2, 610))
    assert sent(timeline, ShowMoment) == [ShowMoment(2, 500), ShowMoment(2, 600)]
    assert timeline.shown == (2, 600)


def test_the_parents_row_shows_the_parents_moments_and_the_end_is_now(open_timeline: Open, qtbot) -> None:
    timeline = open_timeline(forked(moment=moment()))
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=at(timeline, 1, 190))
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=at(timeline, 2, 799))
    assert sent(timeline, ShowMoment) == [ShowMoment(1, 200), ShowMoment()]


def test_keys_go_from_moment_to_moment(open_timeline: Open, qtbot) -> None:
    timeline = open_timeline(forked())
    keys = Qt.Key
    for key in (keys.Key_Left, keys.Key_Left, keys.Key_Right, keys.Key_Home, keys.Key_Up, keys.Key_Down, keys.Key_End):
        qtbot.keyClick(timeline, key)
    assert sent(timeline, ShowMoment) == [
        ShowMoment(2, 700),
        ShowMoment(2, 600),
        ShowMoment(2, 700),
        ShowMoment(2, 300),
        ShowMoment(1, 300),
        ShowMoment(2, 300),
        ShowMoment(),
    ]
    show(timeline, forked(2, moment()))
    qtbot.keyClick(timeline, keys.Key_Escape)
    assert sent(timeline, ShowMoment)[-1] == ShowMoment()


def test_while_a_moment_is_shown_the_bar_says_so_and_offers_the_ways_on(open_timeline: Open, qtbot) -> None:
    timeline = open_timeline(forked())
    before = pixels(timeline)
    links = [timeline.findChild(QPushButton, name) for name in ("timeline_resume", "timeline_back")]
    assert not any(link.isVisible() for link in links)
    show(timeline, forked(2, moment()))
    assert all(link.isVisible() for link in links)
    assert timeline.shown == (2, 500)
    assert not np.array_equal(before, pixels(timeline))
    links[0].click()
    assert sent(timeline, ResumeHere) == [ResumeHere()]
    assert timeline._workbench.document.training.l2 == 0.5  # as it was then
    links[1].click()
    assert sent(timeline, ShowMoment)[-1] == ShowMoment()


@pytest.mark.parametrize("width", [1024, 1280, 1600])
def test_nothing_in_the_head_lies_over_anything_else(open_timeline: Open, width: int) -> None:
    timeline = open_timeline(forked(moment=moment(step=600)), width)
    boxes = [timeline.resume.geometry(), timeline.back.geometry(), timeline.fork.geometry()]
    for place, box in enumerate(boxes):
        assert timeline.rect().contains(box)
        assert not any(box.intersects(later) for later in boxes[place + 1 :])
    assert boxes[-1].right() < timeline._left - 6


def test_a_branch_is_renamed_deleted_switched_and_begun_by_its_menu(open_timeline: Open, qtbot) -> None:
    timeline = open_timeline(forked())
    menu = timeline.menu(timeline._tracks[0])
    actions = {action.text(): action for action in menu.actions()}
    actions["Switch to “Run 1”"].trigger()
    assert sent(timeline, SwitchBranch) == [SwitchBranch(1)]
    actions["New start, other weights"].trigger()
    assert sent(timeline, NewStart) == [NewStart()]
    timeline.branching._named(1, "  tanh ")
    timeline.branching._named(1, " ")
    assert sent(timeline, NameRun) == [NameRun(1, "tanh")]
    actions["Delete…"].trigger()
    box = timeline.window().findChild(object, "branch_question")
    assert box is not None
    box.findChild(QPushButton, "branch_delete").click()
    assert sent(timeline, RemoveRun) == [RemoveRun(1)]
    assert "Delete…" not in {action.text() for action in timeline.menu(timeline._tracks[1]).actions()}


def test_a_click_on_fork_forks_from_what_is_shown(open_timeline: Open) -> None:
    timeline = open_timeline(forked())
    timeline.fork.click()
    show(timeline, forked(2, moment(1, 200)))
    timeline.fork.click()
    assert sent(timeline, Fork) == [Fork(2, None), Fork(1, 200)]


def test_training_while_a_moment_is_shown_asks_where_from(open_timeline: Open) -> None:
    timeline = open_timeline(forked(moment=moment()))
    bench = timeline._workbench
    bench.train()
    box = timeline.window().findChild(object, "moment_question")
    assert box is not None
    assert not [command for command in bench.session.sent if type(command).__name__ == "Train"]  # type: ignore[attr-defined]
    box.findChild(QPushButton, "moment_resume").click()
    names = [type(command).__name__ for command in bench.session.sent]  # type: ignore[attr-defined]
    assert names.index("ResumeHere") < names.index("Train")


# -- in the window
def test_fork_and_back_by_undo_in_the_window(qtbot, state) -> None:  # noqa: F811 - the fixture
    with running_window(qtbot, "spiral") as window:
        bench, timeline = window.workbench, window.timeline
        bench.edit("no limit", edits.set_training(bench.document, epochs=None, early_stopping=False))
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.step > 200 and len(bench.snapshot.checkpoints) > 2, timeout=60_000)
        bench.pause()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "paused", timeout=10_000)
        now, rate = bench.snapshot.step, bench.document.training.learning_rate
        timeline.setFocus()
        qtbot.keyClick(timeline, Qt.Key.Key_Home)
        qtbot.waitUntil(lambda: bench.snapshot.moment is not None and bench.snapshot.moment.step == 0, timeout=10_000)
        assert window.bar.readouts["step"].value.text() == "0"
        timeline.fork.click()
        qtbot.waitUntil(lambda: bench.snapshot.run == 2, timeout=10_000)
        assert (bench.snapshot.step, bench.snapshot.moment, bench.snapshot.parent) == (0, None, 1)
        bench.edit("rate", edits.set_training(bench.document, learning_rate=rate / 2))
        bench.undo_stack.undo()
        bench.undo_stack.undo()
        qtbot.waitUntil(lambda: bench.snapshot.run == 1, timeout=10_000)
        assert (bench.snapshot.step, bench.document.training.learning_rate) == (now, rate)
        bench.undo_stack.redo()
        bench.undo_stack.redo()
        qtbot.waitUntil(lambda: bench.snapshot.run == 2 and bench.snapshot.learning_rate == rate / 2, timeout=10_000)
        assert [run.run for run in bench.snapshot.runs] == [1]
        timeline.branching.switch(1)
        qtbot.waitUntil(lambda: bench.snapshot.run == 1, timeout=10_000)
        assert bench.document.training.learning_rate == rate
        assert not window.findChildren(QMenu, "branch_menu")


def test_new_starts_and_a_rewind_are_taken_back_with_the_weights_that_were_there(qtbot, state) -> None:  # noqa: F811 - the fixture
    with running_window(qtbot, "xor") as window:
        bench, stack, branching = window.workbench, window.workbench.undo_stack, window.timeline.branching

        def weights() -> dict[str, bytes]:
            return {key: array.tobytes() for key, array in bench.session.capture().result(10).weights.items()}

        def at(run: int, step: int) -> None:
            qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.step) == (run, step), timeout=10_000)

        drawn = weights()
        branching.new_start()  # from a step 0 of which nothing is kept
        qtbot.waitUntil(lambda: bench.snapshot.seed == 1, timeout=10_000)
        others = weights()
        assert others != drawn
        stack.undo()
        assert weights() == drawn
        stack.redo()
        assert weights() == others
        stack.undo()
        bench.session.send(Step("batch", 40))
        at(1, 40)
        trained = weights()
        branching.new_start()
        stack.undo()  # before any snapshot came
        assert weights() == trained
        stack.redo()
        qtbot.waitUntil(lambda: bench.snapshot.seed == 1 and bench.snapshot.step == 0, timeout=10_000)
        assert weights() == others
        stack.undo()
        at(1, 40)
        bench.rewind()
        at(2, 0)
        assert weights() == drawn
        assert stack.undoText() == "rewind"
        bench.rewind()  # nothing lies behind it
        assert stack.count() == 1
        stack.undo()
        at(1, 40)
        assert weights() == trained
        set_weights(bench, "by hand", {("dense1/bias", (0,)): (0.0, 0.5)})
        by_hand = weights()
        branching.new_start()
        qtbot.waitUntil(lambda: bench.snapshot.seed == 1 and bench.snapshot.step == 0, timeout=10_000)
        stack.undo()
        assert weights() == by_hand != trained


def test_a_moment_of_another_network_is_shown_with_that_network_and_changed_in_a_branch_alone(qtbot, state) -> None:  # noqa: F811
    with running_window(qtbot, "spiral") as window:
        bench, timeline = window.workbench, window.timeline
        bench.session.send(Step("batch", 40))
        qtbot.waitUntil(lambda: bench.snapshot.step == 40, timeout=60_000)
        first = bench.document
        bench.edit("units", edits.set_field(first, "dense2", "units", 3))
        bench.session.send(Step("batch", 40))
        qtbot.waitUntil(lambda: bench.snapshot.step == 80 and bench.snapshot.phase == "paused", timeout=60_000)
        mine, saved = bench.document, window.projects.unsaved()
        timeline.setFocus()
        qtbot.keyClick(timeline, Qt.Key.Key_Home)
        qtbot.waitUntil(lambda: bench.visiting, timeout=10_000)
        assert bench.document.nodes == first.nodes
        assert (bench.own_document, window.projects.unsaved()) == (mine, saved)
        qtbot.waitUntil(lambda: shown_units(window) == 8, timeout=10_000)
        assert "step 0" in window.canvas.overlays.phases.texts()["pass_place"]
        bench.edit("relu", edits.set_field(bench.document, "dense2", "activation", "relu"))
        assert (bench.document.nodes, bench.own_document) == (first.nodes, mine)  # asked first
        question = window.findChild(object, "change_question")
        question.findChild(QPushButton, "change_cancel").click()
        qtbot.keyClick(timeline, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not bench.visiting, timeout=10_000)
        assert bench.document == mine
        qtbot.waitUntil(lambda: shown_units(window) == 3, timeout=10_000)
        qtbot.keyClick(timeline, Qt.Key.Key_Home)
        qtbot.waitUntil(lambda: bench.visiting, timeout=10_000)
        bench.edit("relu", edits.set_field(bench.document, "dense2", "activation", "relu"))
        window.findChildren(QPushButton, "change_fork")[-1].click()
        qtbot.waitUntil(lambda: bench.snapshot.run == 2 and bench.snapshot.phase in ("ready", "paused"), timeout=30_000)
        fields = bench.document.nodes["dense2"].fields
        assert (bench.visiting, fields["units"], fields["activation"]) == (False, 8, "relu")
        bench.undo_stack.undo()
        bench.undo_stack.undo()
        qtbot.waitUntil(lambda: bench.snapshot.run == 1 and bench.snapshot.step == 80, timeout=30_000)
        assert bench.document == mine
        timeline.setFocus()
        qtbot.keyClick(timeline, Qt.Key.Key_Home)
        qtbot.waitUntil(lambda: bench.visiting, timeout=10_000)
        bench.undo_stack.undo()  # of the present network: it comes back for that
        assert (bench.own_document.nodes, bench.document.nodes) == (first.nodes, first.nodes)


def shown_units(window) -> int:
    """Of dense2, on its card and in the pass that the card shows."""
    trace, known = window.workbench.snapshot.trace, window.canvas.scene_.facts.nodes["dense2"]
    there = 0 if trace is None else len(trace.nodes["dense2"].values["output"])
    return there if known.output == (there,) else 0


# -- the charts beside it
def test_charts_draw_branches_in_the_timelines_colors_and_mark_the_moment_on_show(qtbot) -> None:
    steps = np.arange(301, 801)
    snapshot = forked(curves={"loss/train": Curve(steps, 1.0 / steps)})
    lines = chart_series.lines(snapshot, "loss")
    colors = branch_tracks.tokens(snapshot)
    assert [(line.run, line.token) for line in lines] == [(1, colors[1]), (None, colors[2])]
    assert colors[1] != colors[2]
    chart = Chart("loss", "Loss", theme.DARK)
    qtbot.addWidget(chart)
    chart.resize(300, 200)
    chart.show_snapshot(snapshot)
    before = chart.grab().toImage()
    chart.show_snapshot(forked(2, moment(), curves=snapshot.curves))
    shown = chart.grab().toImage()
    x = round(chart.area().x() + 500 / chart.axes.right * chart.area().width())
    assert shown.pixelColor(x, 60) == theme.DARK.color("accent")
    assert before.pixelColor(x, 60) != shown.pixelColor(x, 60)


def test_a_young_branch_is_averaged_over_as_many_steps_as_the_long_one_beside_it() -> None:
    noise = np.random.default_rng(1).normal(1.0, 0.3, 300)
    long, young = Curve(np.arange(64, 64 * 513, 64), np.ones(512)), Curve(np.arange(32769, 33069), noise)
    snapshot = forked(curves={"loss/train": young}, runs=(dataclasses.replace(other(), curves={"loss/train": long}),))
    parent, fork = chart_series.lines(snapshot, "loss")
    assert np.array_equal(parent.curve.values, long.values)
    assert 24 <= len(fork.curve.steps) < 40
    assert fork.curve.steps[-1] == young.steps[-1]
    width = len(noise) // 24
    assert fork.curve.values[0] == pytest.approx(noise[:width].mean())
    assert np.std(fork.curve.values) < 0.5 * np.std(noise)
    alone = forked(curves={"loss/train": young}, runs=())
    assert np.array_equal(chart_series.lines(alone, "loss")[0].curve.values, noise)


def test_the_memory_for_moments_is_asked_for_used_and_remembered(qtbot, state) -> None:  # noqa: F811 - the fixture
    with running_window(qtbot, "spiral") as window:
        window.actions_["history_limit"].trigger()
        box = window.findChild(Ask, "history_limit")
        assert box.field.text() == "256"
        box.field.setText("lots")
        box.take.click()
        assert box.isVisible()
        assert box.complaint.text() == "A whole number from 16 to 16,384."
        box.field.setText("64")
        box.take.click()
        assert window._settings.numbers("history_megabytes") == [64]
    with running_window(qtbot) as window:
        window.actions_["history_limit"].trigger()
        assert window.findChild(Ask, "history_limit").field.text() == "64"
