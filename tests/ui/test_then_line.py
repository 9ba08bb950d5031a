"""Looking back: the inspector's fields keep the present settings, and say what trained the moment on show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Signal

from playground.document import Document, edits, example
from playground.engine.live.snapshot import Moment, Snapshot
from playground.ui.panels.then_line import ThenLine
from tests.ui.shell_support import running_window


class Bench(QObject):
    snapshot_changed = Signal(object)
    document_changed = Signal(object, object)

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document, self.snapshot = document, Snapshot(serial=1, phase="paused", run=1, step=500)

    def take(self, moment: Moment | None) -> None:
        self.snapshot = replace(self.snapshot, serial=self.snapshot.serial + 1, moment=moment)
        self.snapshot_changed.emit(self.snapshot)


def moment(document: Document, step: int = 200) -> Moment:
    return Moment(1, step, 4, 0.5, 0.6, 0.5, 0.6, document.training.learning_rate, False, document)


@pytest.fixture
def bench() -> Bench:
    return Bench(example("spiral"))


@pytest.fixture
def line(qtbot, bench: Bench) -> ThenLine:
    made = ThenLine(bench)
    qtbot.addWidget(made)
    return made


def test_only_what_was_another_setting_then_is_said(bench: Bench, line: ThenLine) -> None:
    assert line.isHidden()
    bench.take(moment(bench.document))
    assert line.isHidden(), "the fields say what trained it"
    bench.take(moment(edits.set_training(bench.document, learning_rate=0.5, batch_size=7)))
    assert not line.isHidden()
    assert "Step 200 was trained with learning rate 0.5, batch size 7." in line.text()
    assert "optimizer" not in line.text()
    bench.take(None)
    assert line.isHidden()


def test_it_follows_the_fields_and_the_moment(bench: Bench, line: ThenLine) -> None:
    then = edits.set_training(bench.document, learning_rate=0.5)
    bench.take(moment(then))
    before, bench.document = bench.document, edits.set_training(bench.document, learning_rate=0.5)
    bench.document_changed.emit(before, bench.document)
    assert line.isHidden(), "edited to what it was then"
    bench.take(moment(edits.set_training(then, learning_rate=0.25), 300))
    assert "Step 300 was trained with learning rate 0.25." in line.text()


def test_many_settings_are_counted_and_all_are_in_the_tooltip(bench: Bench, line: ThenLine) -> None:
    bench.take(moment(edits.set_training(bench.document, learning_rate=0.5, batch_size=7, l1=0.1, l2=0.2, shuffle=False)))
    assert "and 2 more" in line.text()
    assert len(line.toolTip().splitlines()) == 5


def test_it_stands_in_the_inspector_of_the_window(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench, timeline = window.workbench, window.timeline
        line = window.inspector.findChild(ThenLine)
        bench.step("batch")
        qtbot.waitUntil(lambda: bench.snapshot.step == 1 and bench.snapshot.phase == "paused", timeout=20_000)
        bench.edit("rate", edits.set_training(bench.document, learning_rate=0.25))
        qtbot.waitUntil(lambda: bench.snapshot.learning_rate == 0.25, timeout=20_000)
        assert not line.isVisible()
        rate = example("spiral").training.learning_rate
        timeline.branching.show(bench.snapshot.run, 0)
        qtbot.waitUntil(line.isVisible, timeout=20_000)
        assert f"learning rate {rate:g}" in line.text()
        timeline.branching.back()
        qtbot.waitUntil(lambda: not line.isVisible(), timeout=20_000)


def test_nothing_trained_the_first_moment(bench: Bench, line: ThenLine) -> None:
    bench.take(moment(edits.set_training(bench.document, learning_rate=0.5), 0))
    assert line.text().startswith("Training began with learning rate 0.5.")
