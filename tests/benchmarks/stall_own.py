"""What :mod:`tests.benchmarks.stalls` does with large files of the user's own, and with a window that is turned over while it trains."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import shiboken6
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from playground.document import Document, Project, edits, example
from playground.ui.dialogs.own_data import OwnData
from tests.benchmarks.stalls import Drive
from tests.ui.canvas_support import crowd

CLASSES, PICTURES = 20, 200
ROWS = 900_000
CHARACTERS = 5_000_000


def own(drive: Drive) -> None:
    """A folder of 4,000 pictures, a table of 900,000 rows, one that is too large, a text of 5 MB: dropped, read, learned from."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        _pictures(top / "pictures")
        _table(top / "rows.csv", ROWS)
        _table(top / "large.csv", 2 * ROWS)
        _text(top / "text.txt")
        for name, beside in (("pictures", "lenet5"), ("rows.csv", "sine"), ("text.txt", "alice")):
            drive.example(beside)
            drive.train(20)
            _drop(drive, top / name)
            _mend(drive)
            drive.act("train it", drive.bench.train, 2.0)
            drive.pause()
        drive.act("drop large.csv", lambda: drive.bench.files_dropped.emit(str(top / "large.csv")), 1.0)
        dialog = _dialog(drive)
        if dialog.use.isEnabled():
            drive.act("read large.csv", dialog.use.click, lambda: not drive.window.projects.jobs.busy)
        drive.act("close", lambda: [one.reject() for one in drive.window.findChildren(OwnData)], 0.3)


def _dialog(drive: Drive) -> OwnData:
    return drive.window.findChildren(OwnData)[-1]


def _drop(drive: Drive, path: Path) -> None:
    bench = drive.bench
    drive.act(f"drop {path.name}", lambda: bench.files_dropped.emit(str(path)), lambda: _dialog(drive).use.isEnabled())
    here = bench.document.data

    def read() -> bool:
        return bench.document.data != here and drive.phase in ("paused", "ready", "unready")

    drive.act(f"read {path.name}", _dialog(drive).use.click, read)
    drive.act("shows it", lambda: None, 1.0)


def _mend(drive: Drive) -> None:
    """Take the remedies that the problems offer, until it can train."""
    for _ in range(4):
        for problem in [one for one in drive.bench.problems() if one.severity == "error" and one.fix][:1]:
            drive.act("remedy", lambda problem=problem: drive.window.canvas.editor.fix(problem), 0.5)


def _pictures(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for label in range(CLASSES):
        (folder / f"class {label}").mkdir(parents=True)
        for at in range(PICTURES):
            picture = QImage(96, 96, QImage.Format.Format_RGB32)
            picture.fill(QColor(*(int(one) for one in rng.integers(0, 256, 3))))
            picture.save(str(folder / f"class {label}" / f"{at}.png"))


def _table(path: Path, rows: int) -> None:
    """Three columns of numbers, 60 characters a row."""
    waves = np.sin(np.arange(10_000)[:, None] / (7, 50, 300))
    block = "".join(f"{a:.16f},{b:.16f},{c:.16f}\n" for a, b, c in waves)
    with path.open("w") as file:
        file.write("a,b,c\n")
        for _ in range(rows // len(waves)):
            file.write(block)


def _text(path: Path) -> None:
    rng = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfwypvbgk     .\n"))
    path.write_text("".join(letters[rng.integers(0, len(letters), CHARACTERS)]))


def looks(drive: Drive) -> None:
    """A hundred nodes in another theme, and in windows of other sizes."""
    drive.show(Project(crowd(100)))
    drive.spin(lambda: drive.bench.snapshot.trace is not None)
    for name in ("light", "dark", "system") * 2:
        drive.trigger(f"theme_{name}", 0.8)
    _resize(drive)
    drive.act("open Spiral beside 100 nodes", lambda: drive.window.projects.show(Project(example("spiral"))), 1.0)
    drive.act("open 100 nodes beside Spiral", lambda: drive.window.projects.show(Project(crowd(100))), 1.5)


def _resize(drive: Drive) -> None:
    """Dragged by its corner: a new size a frame."""

    def dragged() -> None:
        for at in range(60):
            drive.window.resize(1280 + 10 * at, 800 + 4 * at)
            drive.wait(0.016)

    drive.act("resize on and on", dragged, 0.5)


def pictures(drive: Drive) -> None:
    """LeNet-5: resized while it trains, its history dragged over, forked, saved with its moments and opened again."""
    bench, window = drive.bench, drive.window
    branching = window.timeline.branching
    drive.example("lenet5")
    drive.train(60)
    _resize(drive)
    drive.act("trains", lambda: None, 6.0)
    drive.act("drag over history while it trains", lambda: _drag(drive), 1.0)
    drive.act("fork", branching.fork, 1.0)
    drive.train(60)
    drive.pause()
    for _ in range(2):
        drive.act("drag over history", lambda: _drag(drive), 1.0)
        drive.act("back", branching.back, 0.5)
    drive.act("add a filter", lambda: bench.edit("filters", edits.set_field(bench.document, "conv2d1", "filters", 7)), 2.0)
    drive.act("undo", bench.undo_stack.undo, 2.0)


def _drag(drive: Drive) -> None:
    snapshot = drive.bench.snapshot
    for step in snapshot.checkpoints:
        drive.window.timeline.branching.show(snapshot.run, step)
        drive.wait(0.05)


def moments(drive: Drive) -> None:
    """A project with 60 MB of moments: made, saved, opened, dragged over, left."""
    bench, window = drive.bench, drive.window
    with tempfile.TemporaryDirectory() as folder:
        path, saved = Path(folder) / "moments.playground", []
        window.projects.saved.connect(lambda: saved.append(1))
        document = edits.set_training(example("mnist-mlp"), optimizer="adam")
        dense = next(id for id, node in document.nodes.items() if node.type == "Dense")
        drive.show(Project(edits.set_field(document, dense, "units", 700)))
        drive.act("train", bench.train, lambda: len(bench.snapshot.checkpoints) > 12 and bench.snapshot.epoch >= 3)
        drive.act("save while it trains", lambda: window.projects._write(path, None), lambda: bool(saved))
        drive.pause()
        drive.act("save", lambda: window.projects._write(path, None), lambda: len(saved) == 2)
        print(f"   {path.stat().st_size / 1e6:.0f} MB, {len(bench.snapshot.checkpoints)} moments")
        here = bench.snapshot.project
        drive.act("open", lambda: window.projects._load(path), lambda: bench.snapshot.project > here and drive.phase == "paused")
        drive.act("drag over history", lambda: _drag(drive), 1.0)
        drive.act("new", lambda: window.projects.show(Project(Document())), 1.0)


def samples(drive: Drive) -> None:
    """A hundred thousand generated samples, made, made anew and learned from."""
    bench = drive.bench
    drive.example("spiral")
    drive.train()
    most = {**bench.document.data.options, "samples": 100_000}
    for name, change in (
        ("samples", lambda document: edits.set_data(document, "spiral", **most)),
        ("batch", lambda document: edits.set_training(document, batch_size=64)),
        ("units", lambda document: edits.set_field(document, "dense1", "units", 12)),
        ("noise", lambda document: edits.set_data(document, "spiral", **{**most, "noise": 0.1})),
        ("data", lambda document: edits.set_data(document, "moons", samples=100_000)),
        ("regression", lambda document: edits.set_data(document, "plane", samples=100_000)),
    ):
        drive.act(name, lambda change=change: bench.edit("change", change(bench.document)), 1.5)
        drive.act(f"{name}, after", bench.train, 1.5)
    drive.pause()
    drive.act("undo", bench.undo_stack.undo, 1.5)


def views(drive: Drive) -> None:
    """All that the dock, the inspector and the dialogs have, opened beside a network that trains."""
    for example_name, names in (
        ("mnist-mlp", ("draw", "embedding", "augment", "predict", "search", "palette", "palette", "motion", "reset_layout")),
        ("alice", ("try_text", "lab_generate")),
        ("digits", ("embedding", "sweep")),
    ):
        drive.example(example_name)
        drive.train(20)
        for name in names:
            drive.trigger(name, 3.0 if name in ("embedding", "lab_generate") else 0.6)
            for widget in QApplication.topLevelWidgets():
                if shiboken6.isValid(widget) and widget is not drive.window and widget.isVisible():
                    drive.act("close", widget.close, 0.3)
        drive.pause()
        drive.act("follow another sample", lambda: drive.bench.follow("test", 11), 0.5)


def hundred(drive: Drive) -> None:
    """Fields edited, names searched, help asked for, among a hundred nodes."""
    bench = drive.bench
    drive.show(Project(crowd(100)))
    drive.act("select", lambda: bench.select(("dense50",)), 0.5)
    drive.act("units", lambda: bench.edit("units", edits.set_field(bench.document, "dense50", "units", 5)), 1.5)
    drive.act("disconnect", lambda: bench.edit("wire", edits.disconnect(bench.document, "dense40", "dense41")), 1.0)
    drive.act("undo", bench.undo_stack.undo, 1.5)
    drive.act("choose a neuron", lambda: bench.select(("dense50",), ("dense50", 2)), 0.6)
    drive.act("data", lambda: bench.edit("data", edits.set_data(bench.document, "moons")), 1.5)
    drive.trigger("explain_sample", 3.0)
    drive.trigger("step_on", 1.0)


SCENARIOS = {"own": own, "samples": samples, "views": views, "hundred": hundred, "looks": looks, "pictures": pictures, "moments": moments}
