"""Health notes in the window: every kind has its words, the chip counts them, a remedy is one undoable click."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from playground.document import edits, example
from playground.engine.checks.remedies import Kind, Note, Remedy, RemedyKind
from playground.ui import note_words
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

NUMBERS = ("rate", "step", "norm", "usual", "ratio", "largest", "dead", "units", "samples", "share", "loss", "start", "movement")
EVIDENCE = dict.fromkeys((*NUMBERS, "lowest", "lowest_step", "validation", "train", "feature", "mean", "deviation"), 0.5)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_words(kind: Kind) -> None:
    note = Note(kind, "dense1", 10, EVIDENCE)
    words = note_words.sentence(note, example("xor"))
    assert "{" not in words
    assert words.endswith(".")
    assert "hidden" in note_words.title(note, example("xor"))


@pytest.mark.parametrize("kind", get_args(RemedyKind))
def test_every_remedy_has_words(kind: RemedyKind) -> None:
    words = note_words.remedy(Remedy(kind, "dense1", 780.0 if kind != "activation" else "leaky_relu"), example("xor"))
    assert words
    assert "{" not in words
    assert "_" not in words


@pytest.mark.usefixtures("state")
def test_a_note_is_told_and_healed_by_one_click_that_can_be_undone(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench, chip = window.workbench, window.canvas.overlays.notes
        assert not chip.isVisible()
        single = edits.connect(edits.remove(bench.document, "dense1"), "input1", "dense2")
        bench.edit("one unit", single)
        qtbot.waitUntil(chip.isVisible, timeout=10_000)
        assert chip.text() == "1 note"
        chip.click()
        assert "no line" in window.findChild(QLabel, "note_sentence/0").text()
        window.findChild(QPushButton, "remedy/0/hidden_layer").click()
        assert [node.type for node in bench.document.nodes.values()].count("Dense") == 2
        assert not chip.isChecked()
        qtbot.waitUntil(lambda: not chip.isVisible(), timeout=10_000)
        window.actions_["undo"].trigger()
        assert bench.document == single
        qtbot.waitUntil(chip.isVisible, timeout=10_000)


@pytest.mark.usefixtures("state")
def test_the_open_list_is_put_away_when_something_begins(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench, chip = window.workbench, window.canvas.overlays.notes
        bench.edit("one unit", edits.connect(edits.remove(bench.document, "dense1"), "input1", "dense2"))
        qtbot.waitUntil(chip.isVisible, timeout=10_000)
        for begin in (lambda: bench.set_pace("watch"), lambda: bench.look("forward"), lambda: bench.step("node"), bench.train):
            chip.click()
            assert chip.list.isVisible()
            begin()
            qtbot.waitUntil(lambda: not chip.list.isVisible(), timeout=10_000)
        qtbot.waitUntil(lambda: bench.running, timeout=10_000)
        chip.click()
        qtbot.waitUntil(lambda: bench.snapshot.step > 2, timeout=20_000)
        assert chip.list.isVisible(), "it is read while a run goes on"


@pytest.mark.usefixtures("state")
def test_the_way_back_from_a_run_that_diverged_is_one_undo_step(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench, chip, undo = window.workbench, window.canvas.overlays.notes, window.actions_["undo"]
        document = edits.set_training(bench.document, optimizer="sgd", learning_rate=0.03, epochs=None, early_stopping=False)
        for node, function in (("dense1", "relu"), ("dense2", "relu"), ("dense3", "identity")):
            document = edits.set_field(document, node, "activation", function)
        bench.edit("relu", document)
        bench.step("batch")
        qtbot.waitUntil(lambda: bench.snapshot.step == 1 and bench.snapshot.phase == "paused", timeout=20_000)
        bench.edit("rate", edits.set_training(document, learning_rate=100.0))
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "diverged" and chip.isVisible(), timeout=20_000)
        there, told, steps = bench.snapshot.step, bench.snapshot.notes, bench.undo_stack.count()
        back = next(remedy.value for note in told for remedy in note.remedies if remedy.kind == "go_back")
        assert 1 <= back < there  # later than 1 where an evaluation of a slow machine had a moment kept
        weights = bench.session.capture().result(10).weights
        chip.click()
        window.findChild(QPushButton, "remedy/0/go_back").click()
        qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.step, bench.snapshot.phase) == (2, back, "paused"), timeout=10_000)
        assert bench.undo_stack.count() == steps + 1
        assert bench.document.training.learning_rate == 100.0, "with the settings on screen"
        undo.trigger()
        qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.step, bench.snapshot.phase) == (1, there, "diverged"), timeout=10_000)
        qtbot.waitUntil(lambda: bench.snapshot.notes == told, timeout=10_000)
        for key, array in bench.session.capture().result(10).weights.items():
            assert array.tobytes() == weights[key].tobytes()
        window.actions_["redo"].trigger()
        qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.step, bench.snapshot.phase) == (2, back, "paused"), timeout=10_000)
        assert [run.run for run in bench.snapshot.runs] == [1], "the same branch again, not another one"
        undo.trigger()
        undo.trigger()  # of the rate: at once, before any snapshot came
        qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.learning_rate) == (1, 0.03), timeout=10_000)
        assert bench.snapshot.phase == "paused", "with another rate the step that was refused is tried again"


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize("door", ["strip", "note"])
def test_half_the_rate_after_a_divergence_goes_on_from_weights_that_are_not_ruined(qtbot, door: str) -> None:
    """At this rate every step of the linear network overshoots by some more; at half of it, it learns."""
    with running_window(qtbot, "salary") as window:
        bench, strip = window.workbench, window.canvas.overlays.strip
        bench.edit("rate", edits.set_training(bench.document, learning_rate=0.05, epochs=None, early_stopping=False))
        bench.set_pace("fast")
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "diverged" and strip.isVisible(), timeout=20_000)
        there, count = bench.snapshot.step, bench.undo_stack.count()
        first = float(bench.snapshot.curves["loss/train"].values[:5].max())
        assert bench.snapshot.curves["loss/train"].values[-1] > 1e20
        if door == "strip":
            strip._buttons[1].click()
        else:
            qtbot.waitUntil(window.canvas.overlays.notes.isVisible, timeout=10_000)
            window.canvas.overlays.notes.click()
            half = window.findChild(QPushButton, "remedy/0/rate")
            assert half.toolTip() == f"Back to step {bench.snapshot.notes[0].back}, and on with it; undo comes back"
            half.click()
        qtbot.waitUntil(lambda: bench.snapshot.run == 2 and bench.snapshot.phase == "paused", timeout=10_000)
        assert bench.undo_stack.count() == count + 1
        assert bench.document.training.learning_rate == 0.025
        bench.undo_stack.undo()
        qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.step, bench.snapshot.phase) == (1, there, "diverged"), timeout=10_000)
        assert bench.document.training.learning_rate == 0.05
        bench.undo_stack.redo()
        qtbot.waitUntil(lambda: bench.snapshot.run == 2 and bench.snapshot.learning_rate == 0.025, timeout=10_000)
        begun = bench.snapshot.step
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.step > begun + 2000 or bench.snapshot.phase == "diverged", timeout=20_000)
        bench.pause()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "paused", timeout=10_000)
        assert bench.snapshot.loss is not None
        assert bench.snapshot.loss < first


@pytest.mark.usefixtures("state")
def test_dead_neurons_are_left_for_the_first_weights_or_for_others_and_undo_comes_back(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench, chip, undo = window.workbench, window.canvas.overlays.notes, window.actions_["undo"]
        document = edits.set_training(bench.document, epochs=None, early_stopping=False, learning_rate=0.001)
        for field, value in (("activation", "relu"), ("initial_bias", -50.0)):
            document = edits.set_field(document, "dense1", field, value)
        bench.edit("dead", document)
        bench.train()
        qtbot.waitUntil(lambda: any(note.kind == "dead" for note in bench.snapshot.notes), timeout=30_000)
        bench.pause()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "paused", timeout=20_000)
        there = bench.snapshot.step
        reached: list[bytes] = []
        for kind in ("go_back", "new_start"):
            at = next(at for at, note in enumerate(bench.snapshot.notes) if note.kind == "dead")
            chip.setChecked(True)
            window.findChild(QPushButton, f"remedy/{at}/{kind}").click()
            qtbot.waitUntil(lambda: bench.snapshot.run != 1 and bench.snapshot.step == 0, timeout=20_000)
            reached.append(bench.session.capture().result(10).weights["dense1/weight"].tobytes())
            assert bench.document == document, "the settings stay"
            undo.trigger()
            qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.step) == (1, there), timeout=20_000)
            qtbot.waitUntil(lambda: any(note.kind == "dead" for note in bench.snapshot.notes), timeout=20_000)
        bench.rewind()
        qtbot.waitUntil(lambda: bench.snapshot.step == 0, timeout=20_000)
        assert reached[0] == bench.session.capture().result(10).weights["dense1/weight"].tobytes() != reached[1]


@pytest.mark.usefixtures("state")
def test_changed_evidence_changes_the_words(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench, chip = window.workbench, window.canvas.overlays.notes
        shown = []
        for dead in (5.0, 6.0):
            note = Note(
                "dead", "dense1", 100, {"dead": dead, "units": 8.0, "samples": 256.0}, (Remedy("activation", "dense1", "leaky_relu"),)
            )
            chip.snapshot_changed(dataclasses.replace(bench.snapshot, notes=(note,)))
            chip.setChecked(True)
            shown.append(window.findChild(QLabel, "note_sentence/0").text())
        assert shown[0].startswith("5 of 8")
        assert shown[1].startswith("6 of 8")


def test_an_exploding_gradient_is_told_with_its_step() -> None:
    note = Note("exploding", "hidden1", 1234, {"norm": 5e4, "usual": 1.0, "ratio": 5e4, "step": 1234.0})
    assert "At step 1,234" in note_words.sentence(note, example("spiral"))
