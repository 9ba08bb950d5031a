"""What :mod:`tests.benchmarks.stalls` does to the window: a function a scenario."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from playground.document import Document, Project, edits, example
from playground.engine.live import commands
from playground.ui.dialogs.matrix import MatrixDialog
from playground.ui.dialogs.study import StudyWindow
from playground.ui.lab.door import COMMANDS
from tests.benchmarks import stall_own
from tests.benchmarks.stalls import Drive
from tests.benchmarks.window import long_sequences
from tests.ui.canvas_support import crowd

WIDE = 4096
STARTS = 200


def large(optimizer: str = "sgd", units: int = WIDE, second: int = 3072) -> Document:
    """MNIST through two wide layers: 16 million weights."""
    made = example("mnist-mlp")
    ids = [id for id, node in made.nodes.items() if node.type == "Dense"]
    made = edits.set_field(made, ids[0], "units", units)
    between = next(wire for wire in made.wires if wire.source == ids[0])
    made, _ = edits.insert(made, between, "Dense", units=second, activation="relu")
    return edits.set_training(made, optimizer=optimizer)


def denses(drive: Drive) -> list[str]:
    return [id for id, node in drive.bench.document.nodes.items() if node.type == "Dense"]


def settled(drive: Drive) -> bool:
    return drive.phase in ("ready", "paused", "training", "unready", "finished")


def opened(drive: Drive) -> Callable[[], bool]:
    """Whether another project than the present one is there, trained."""
    here = drive.bench.snapshot.project
    return lambda: drive.bench.snapshot.project > here and drive.phase == "paused"


def mnist(drive: Drive) -> None:
    drive.example("mnist-mlp")
    drive.train()
    for pace in ("watch", "explain", "fast"):
        drive.act(f"pace {pace}", lambda pace=pace: drive.bench.set_pace(pace), 1.5)
    first = denses(drive)[0]
    drive.act("select a layer", lambda: drive.bench.select((first,)), 0.6)
    drive.act("choose a neuron", lambda: drive.bench.select((first,), (first, 3)), 0.8)
    drive.trigger("theme_light", 0.6)
    drive.trigger("theme_dark", 0.6)
    drive.act("follow a sample", lambda: drive.bench.follow("validation", 7), 0.5)
    drive.pause()
    for at in range(3):
        drive.trigger("step_on", 0.4 if at else 1.0)
    drive.trigger("rewind", 0.5)
    drive.act("an epoch", lambda: drive.bench.step("epoch"), lambda: drive.bench.snapshot.epoch >= 1 and settled(drive))
    drive.act("resize", lambda: drive.window.resize(1280, 800), 0.5)
    drive.act("resize back", lambda: drive.window.resize(1600, 1000), 0.5)


def heavy(drive: Drive) -> None:
    """The examples whose opening costs most, twice: what is made once a session shows in the first round alone."""
    for name in ("modern", "reversal", "alice", "quatrains") * 2:
        begun(drive, name)


def begun(drive: Drive, name: str) -> None:
    """An example opened and trained for a second."""
    drive.example(name)
    drive.act("train", drive.bench.train, 1.0)
    drive.pause()
    drive.window.projects._opened.step = drive.window.projects._place()  # nothing to ask about


def examples(drive: Drive) -> None:
    from playground.document import examples as names

    for name in names():
        begun(drive, name)
    drive.act("new", lambda: drive.window.projects.show(Project(Document())), 0.5)


def files(drive: Drive) -> None:
    """Sixteen million weights saved, exported, opened."""
    window, bench = drive.window, drive.bench
    with tempfile.TemporaryDirectory() as folder:
        path, saved, said = Path(folder) / "large.playground", [], []
        window.projects.saved.connect(lambda: saved.append(1))
        bench.notice.connect(said.append)
        drive.show(Project(large("adam")))
        drive.act("train", bench.train, lambda: bench.snapshot.step > 3)
        drive.act("trains", lambda: None, 3.0)
        drive.act("save while it trains", lambda: window.projects._write(path, None), lambda: len(saved) == 1)
        drive.act("autosave while it trains", window.projects.autosave, lambda: not window.projects.jobs.busy)
        drive.pause()
        drive.act("save", lambda: window.projects._write(path, None), lambda: len(saved) == 2)
        for ending in ("npz", "safetensors"):
            here = len(said)
            drive.act(
                f"export {ending}",
                lambda ending=ending: window.projects.export_to(Path(folder) / f"w.{ending}"),
                lambda here=here: any("verified" in text for text in said[here:]),
            )
        drive.act("open", lambda: window.projects._load(path), opened(drive))
        drive.act("train the opened", bench.train, 2.0)
        drive.pause()


def wide(drive: Drive) -> None:
    """Edits, moments, weights by hand, in a network of sixteen million weights."""
    bench, timeline = drive.bench, drive.window.timeline
    drive.show(Project(large()))
    drive.act("train", bench.train, lambda: bench.snapshot.step > 3)
    drive.act("trains", lambda: None, 4.0)
    middle = denses(drive)[2]
    drive.act("choose a neuron", lambda: bench.select((middle,), (middle, 3)), 1.0)
    drive.pause()
    drive.act("evaluates", lambda: None, 2.0)
    print(f"   {len(bench.snapshot.checkpoints)} moments kept")
    drive.act("delete the wide layer", lambda: bench.edit("delete", edits.remove(bench.document, middle)), 2.0)
    drive.act("undo", bench.undo_stack.undo, lambda: settled(drive))
    drive.act("undo, later", lambda: None, 2.0)
    drive.act("more units", lambda: bench.edit("units", edits.set_field(bench.document, middle, "units", 3000)), 3.0)
    drive.act("undo", bench.undo_stack.undo, 3.0)
    kept = bench.snapshot.checkpoints
    if kept:
        drive.act("show a moment", lambda: timeline.branching.show(bench.snapshot.run, kept[0]), 3.0)
        drive.act("back", timeline.branching.back, 2.0)
    drive.act("fork", timeline.branching.fork, 3.0)


def slowly(drive: Drive) -> None:
    """Pulses, steps and the table of weights in a network of sixteen million weights."""
    bench = drive.bench
    drive.show(Project(large()))
    middle = denses(drive)[2]
    bench.select((middle,), (middle, 3))
    for pace in ("watch", "explain"):
        drive.act(f"pace {pace}", lambda pace=pace: bench.set_pace(pace), 0.5)
        drive.act("train", bench.train, 4.0)
        drive.pause()
    drive.act("step on", lambda: bench.step("node"), 2.0)
    drive.act("step on", lambda: bench.step("node"), 2.0)
    matrix(drive, middle)


def matrix(drive: Drive, node: str) -> None:
    """The table of all weights of a node."""
    made: list[MatrixDialog] = []
    drive.spin(lambda: settled(drive))
    drive.act("matrix: open", lambda: made.append(MatrixDialog(drive.bench, drive.window.theme, node, "x", drive.window)), 0.1)
    dialog = made[0]
    drive.act("matrix: show", dialog.show, lambda: dialog.model is not None)
    drive.act("matrix: scroll", lambda: dialog.table.scrollToBottom(), 0.3)
    drive.act("matrix: halve", lambda: dialog._fill("half"), 0.3)
    drive.act("matrix: select all", dialog.table.selectAll, 0.3)
    drive.act("matrix: copy", dialog._copy, 1.0)
    drive.act("matrix: paste", lambda: (dialog.table.setCurrentIndex(dialog.model.index(0, 0)), dialog._paste()), 0.3)
    drive.act("matrix: set", dialog.accept, 1.0)
    drive.act("matrix: undo", drive.bench.undo_stack.undo, 1.0)


def table(drive: Drive) -> None:
    """The table of a weight of 300 x 784."""
    made = example("mnist-mlp")
    first = next(id for id, node in made.nodes.items() if node.type == "Dense")
    drive.show(Project(edits.set_field(made, first, "units", 300)))
    drive.train(20)
    drive.pause()
    drive.spin(lambda: f"{first}/weight" in drive.bench.snapshot.parameters)
    matrix(drive, first)


def study(drive: Drive) -> None:
    drive.example("spiral")
    drive.trigger("study", 0.5)
    window = next(one for one in drive.window.findChildren(StudyWindow) if one.isVisible())
    window.form.count.setText(str(STARTS))
    window.form.epochs.setText("5")
    drive.act(
        "two hundred starts",
        window.go.click,
        lambda: (
            drive.bench.snapshot.study is not None
            and len(drive.bench.snapshot.study.points) == STARTS
            and not drive.bench.snapshot.study.running
        ),
        300,
    )
    drive.act("close", window.close, 0.5)


def lab(drive: Drive) -> None:
    drive.example("mnist-mlp")
    drive.train()
    drive.pause()
    for command, kind in COMMANDS.items():

        def done(kind: str = kind) -> bool:
            shown = drive.window.lab.lab
            page = shown.pages[kind] if shown is not None else None
            return page is not None and (page.found is not None and not page.found.state.running)

        if kind in ("penalties", "rates"):
            drive.trigger(command, 0.5)
            drive.act(f"{kind}: begin", drive.window.lab.lab.pages[kind].begin.click, 6.0)
        else:
            drive.act(f"{kind}", drive.window.actions_[command].trigger, 6.0)
        drive.act(f"{kind}: goes on", lambda: None, 2.0)
    drive.act("close", drive.window.lab.lab.close, 0.5)


def many(drive: Drive) -> None:
    """A canvas of a hundred nodes."""
    bench, canvas = drive.bench, drive.window.canvas
    drive.show(Project(crowd(100)))
    drive.act("train", bench.train, lambda: bench.snapshot.step > 100)
    drive.act("trains", lambda: None, 3.0)

    def wheel(by: int) -> None:
        for _ in range(12):
            at = QPointF(canvas.viewport().rect().center())
            keys = Qt.KeyboardModifier.ControlModifier
            phase = Qt.ScrollPhase.NoScrollPhase
            event = QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), QPoint(0, by), Qt.MouseButton.NoButton, keys, phase, False)
            QApplication.sendEvent(canvas.viewport(), event)
            drive.wait(0.02)

    drive.act("zoom in", lambda: wheel(120), 0.3)
    drive.act("zoom out", lambda: wheel(-120), 0.3)
    drive.trigger("fit", 0.5)
    drive.act("pace watch", lambda: bench.set_pace("watch"), 2.0)
    drive.pause()
    drive.trigger("select_all", 0.5)
    drive.trigger("copy", 0.3)
    drive.trigger("paste", 1.5)
    drive.trigger("undo", 1.5)
    drive.trigger("select_all", 0.3)
    drive.trigger("duplicate", 1.5)
    drive.trigger("undo", 1.5)
    drive.trigger("tidy", 1.5)
    drive.trigger("undo", 1.0)
    drive.trigger("select_all", 0.3)
    drive.act("nudge", lambda: QTest.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier), 0.5)
    drive.trigger("delete", 1.0)
    drive.trigger("undo", 1.5)
    drive.trigger("theme_light", 0.8)
    drive.trigger("explain", 0.5)
    drive.act("step", lambda: bench.step("node"), 1.5)


def data(drive: Drive) -> None:
    """Data sets and settings changed while it trains."""
    bench = drive.bench
    drive.example("mnist-mlp")
    drive.train()
    for name, change in (
        ("batch", lambda document: edits.set_training(document, batch_size=256)),
        ("adam", lambda document: edits.set_training(document, optimizer="adam")),
        ("64 bits", lambda document: edits.set_training(document, precision="float64")),
        ("32 bits", lambda document: edits.set_training(document, precision="float32")),
        ("digits", lambda document: edits.set_data(document, "digits")),
        ("spiral", lambda document: edits.set_data(document, "spiral")),
        ("mnist", lambda document: edits.set_data(document, "mnist")),
    ):
        drive.act(name, lambda change=change: bench.edit("change", change(bench.document)), lambda: settled(drive))
        drive.act(f"{name}, after", bench.train, 1.0)
    drive.pause()


def asides(drive: Drive) -> None:
    """Comparison, gradient check, help, commands, timeline."""
    bench, timeline = drive.bench, drive.window.timeline
    drive.example("mnist-mlp")
    drive.train(1500)
    drive.pause()
    kept = bench.snapshot.checkpoints
    drive.act("compare", lambda: drive.window.compare.compare(bench.snapshot.run, kept[0]), 2.0)
    drive.act("close comparison", drive.window.compare.close_comparison, 0.5)

    def dragged() -> None:
        for step in kept:
            timeline.branching.show(bench.snapshot.run, step)
            drive.wait(0.03)

    drive.act("drag over history", dragged, 1.5)
    drive.act("back", timeline.branching.back, 0.5)
    for name in ("commands", "help", "gradients"):
        drive.trigger(name, 3.0 if name == "gradients" else 0.5)
        for widget in QApplication.topLevelWidgets():
            if widget is not drive.window and widget.isVisible():
                widget.close()
    drive.act("sweep", lambda: bench.session.send(commands.Restarts(2, 1)), 3.0)
    drive.trigger("predict", 1.0)
    drive.trigger("step_on", 1.0)


def visits(drive: Drive) -> None:
    """Moments of another network than the present one: seen for the first time, again, and beside the present one."""
    bench, window = drive.bench, drive.window
    branching = window.timeline.branching
    for name, node, field, value in (("spiral", "dense2", "units", 3), ("lenet5", "conv2d1", "filters", 4)):
        drive.example(name)
        drive.act("steps", lambda: bench.session.send(commands.Step("batch", 20)), lambda: bench.snapshot.step == 20)
        drive.act("another network", lambda n=node, f=field, v=value: bench.edit("edit", edits.set_field(bench.document, n, f, v)), 2.0)
        drive.act("steps", lambda: bench.session.send(commands.Step("batch", 20)), lambda: bench.snapshot.step == 40)
        drive.wait(1.0)
        for visit in ("first visit", "second visit"):
            drive.act(visit, lambda: branching.show(1, 0), 2.0)
            drive.act("back", branching.back, 1.0)
        drive.act("beside", lambda: window.compare.compare(1, 0), 2.0)
        drive.act("close comparison", window.compare.close_comparison, 0.5)


def unrolled(drive: Drive) -> None:
    """A hundred steps of 128 units, unrolled: trained, stepped, truncated, swapped."""
    bench, strip = drive.bench, drive.window.canvas.overlays.unrolled
    drive.show(Project(long_sequences("LSTM")))
    node = next(id for id, one in bench.document.nodes.items() if "truncate" in one.fields)
    drive.act("unroll", lambda: strip.open(node), 0.8)
    drive.act("all of it", lambda: strip.zoom(0.01), 0.3)
    drive.train(20)
    drive.act("choose a unit", lambda: bench.select((node,), (node, 3), (node, "c", (60, 3))), 0.8)
    drive.act("truncate", lambda: strip.truncate(30), 1.0)
    drive.act("one step's error", lambda: (setattr(strip.errors, "start", 70), strip.update()), 0.5)
    for pace in ("watch", "explain", "fast"):
        drive.act(f"pace {pace}", lambda pace=pace: bench.set_pace(pace), 2.0)
    drive.pause()
    for at in range(3):
        drive.act("step in time", lambda: bench.step("time"), 0.4 if at else 1.0)
    drive.act("end of the step", drive.window.canvas.player.stop, 0.5)
    for cell in ("GRU", "SimpleRNN"):
        drive.act(f"swap for {cell}", lambda cell=cell: drive.window.canvas.editor.swap_cell(node, cell), lambda: settled(drive))
        drive.train(20)
        drive.pause()
    drive.act("fold", strip.fold, 0.5)


SCENARIOS: dict[str, Callable[[Drive], None]] = {
    "mnist": mnist,
    "examples": examples,
    "heavy": heavy,
    "files": files,
    "wide": wide,
    "slowly": slowly,
    "table": table,
    "study": study,
    "lab": lab,
    "many": many,
    "data": data,
    "asides": asides,
    "visits": visits,
    "unrolled": unrolled,
    **stall_own.SCENARIOS,
}
"""By name, in the order of a run of all."""
