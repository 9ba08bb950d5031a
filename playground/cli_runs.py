"""Commands that compute: train, evaluate, check-gradients, export, screenshot, bench."""

from __future__ import annotations

import argparse
import dataclasses
import math
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground import document as documents
from playground.cli_lists import open_document, open_project, print_json, warn_of_damaged
from playground.document import Document, Project, edits
from playground.document.writing import regular
from playground.errors import FileError, PlaygroundError

if TYPE_CHECKING:
    from playground.engine import Trainer
    from playground.engine.evaluation.results import Metrics, Result
    from playground.engine.state import State

FAILED = 1
TOLERANCE = 1e-6
DEFAULT_EPOCHS = 10
REPORT_SECONDS = 1.0
LINE = 76
POINTS = 100
"""How many times a run's norms are taken, at least, for the curves of the project that is saved; a shorter run has them every step."""


def train(options: argparse.Namespace) -> int:
    """Train for what is asked, else what the document asks, else the example's promise. Exit code 1 where it diverged.

    A project that holds weights starts from them, at step 0 of a new run.
    """
    project = open_project(options.source)
    document = _changed(project.document, options.changes)
    if options.seed is not None:
        document = edits.set_training(document, seed=options.seed)
    save_to = _writable(options.save, documents.SUFFIX, "--save") if options.save is not None else None
    refuse_problems(document)
    from playground.engine import Trainer

    trainer = Trainer(document, seed=document.training.seed, dtype=document.training.precision, weights=project.weights or None)
    if options.weights is not None:
        _transfer(trainer, document, options.weights)
    epochs = None if options.steps is not None else _epochs(document, options.epochs)
    with _progress(trainer):
        if save_to is None:
            result = trainer.run(epochs=epochs, steps=options.steps)
        else:
            result, state = _followed(trainer, epochs, options.steps)
    figures = dataclasses.asdict(result)
    if options.json:
        print_json(figures)
    else:
        for name, value in figures.items():
            if value not in (None, ""):
                print(f"{name.replace('_', ' '):<20}{_figure(name, value)}")
    if save_to is not None:
        documents.save_project(
            Project(document, state.weights, state.optimizer, state.counters, state.history, state.initial, state.checkpoints), save_to
        )
    if result.stopped == "diverged":
        print(f"diverged: {result.message}", file=sys.stderr)
        return FAILED
    return 0


def _followed(trainer: Trainer, epochs: int | None, steps: int | None) -> tuple[Result, State]:
    """Train to the same weights, with the curves that the window draws of a run; kept moments would make large files of small networks.
    It goes by steps alone, so that the same command writes the same file."""
    from playground.engine.pacing import steadily
    from playground.engine.run import SLICE_SECONDS
    from playground.engine.timeline.history import History
    from playground.engine.timeline.writing import Writer, state_of

    history, writer, validation = History(), Writer(), None
    trainer.epoch_limit = epochs
    last = epochs * trainer.steps_per_epoch if epochs is not None else steps or 0
    with steadily():
        while (trainer.step_count < last and not trainer.finished) or trainer.evaluating:
            wanted = min(max(1, last // POINTS), last - trainer.step_count)
            progress = writer.advance(trainer, history, SLICE_SECONDS, wanted)
            writer.after(trainer, history, progress)
            if len(progress.steps):
                history.norms(trainer.step_count, *trainer.norms())
            validation = progress.metrics.get("validation", validation)
    result, state = trainer.run(steps=0), state_of(trainer, history, validation)
    samples = trainer.epoch * len(trainer.dataset.train) + state.counters["position"]
    rate = samples / trainer.seconds if trainer.seconds else 0.0
    told = dataclasses.replace(result, steps=trainer.step_count, seconds=trainer.seconds, samples_per_second=rate)
    return told, state


def _transfer(trainer: Trainer, document: Document, file: str) -> None:
    """Begin with the weights of ``file`` where they fit; what fits and what does not is told on standard error."""
    from playground.export.transfer import match, read

    found = match(document, read(file))
    trainer.network.set_parameters(found.weights)
    print(found.report(), file=sys.stderr)


def evaluate(options: argparse.Namespace) -> int:
    project = trained_project(options.source)
    refuse_problems(project.document)
    from playground.engine import Trainer

    document = project.document
    trainer = Trainer(document, seed=document.training.seed, dtype=document.training.precision, weights=project.weights)
    metrics = trainer.evaluate(options.split)
    figures: dict[str, Any] = {
        "split": metrics.split,
        "samples": metrics.samples,
        "loss": metrics.loss,
        "accuracy": metrics.accuracy,
        "f1": metrics.f1,
        "rmse": _rmse(document, metrics),
        "confusion": metrics.confusion.tolist() if metrics.confusion is not None else None,
    }
    if options.json:
        print_json(figures)
    else:
        accuracy = f", accuracy {metrics.accuracy:.4f}" if metrics.accuracy is not None else ""
        f1 = f", F1 {metrics.f1:.4f}" if metrics.f1 is not None else ""
        print(f"{metrics.split}: {metrics.samples:,} samples, loss {metrics.loss:.6g}{accuracy}{f1}")
        if figures["rmse"] is not None:
            print("root mean squared error: " + ", ".join(f"{name} {error:.4g}" for name, error in figures["rmse"].items()))
    return 0


def _rmse(document: Document, metrics: Metrics) -> dict[str, float] | None:
    """How far off numbers are: the network's, and those of what takes no network; of a series in its own unit."""
    from playground.engine.evaluation.forecast import Forecaster

    found = Forecaster().of(document.data, metrics)
    if found is not None:
        return {"network": found.error, **{one.name: one.error for one in found.baselines}}
    if metrics.deviation is not None:
        return {"network": metrics.deviation.error, "mean": metrics.deviation.of_mean}
    return None


def check_gradients(options: argparse.Namespace) -> int:
    """Exit code 1 where the largest relative error is above 1e-6. Where the check means nothing, it says why, and 0."""
    document = open_document(options.source)
    refuse_problems(document)
    from playground.engine.checks.gradient_check import check_gradients as checked

    report = checked(document, seed=document.training.seed)
    error = report.max_relative_error
    if options.json:
        entries = [dataclasses.asdict(entry) for entry in report.parameters]
        print_json({"max_relative_error": error, "reason": report.reason or None, "cause": report.cause or None, "parameters": entries})
    elif error is None:
        print(f"not checked: {report.reason}")
    else:
        for entry in report.parameters:
            print(f"{entry.name:<32}{entry.relative_error:.3e}")
        print(f"{'largest':<32}{error:.3e}  (at most {TOLERANCE:g})")
        if report.cause:
            print(report.cause)
    return 0 if error is None or error <= TOLERANCE else FAILED


def export(options: argparse.Namespace) -> int:
    """Exit code 1 where ``--verify`` finds a difference."""
    project = trained_project(options.source)
    out = Path(options.out)
    if out.exists() and out.samefile(options.source):
        raise FileError("this is the project itself, which the export would replace.", where=str(out), remedy="Choose another name.")
    from playground import export as exports

    exports.write(options.out, project.weights, project.document, options.format)
    print(f"wrote {options.out}: {len(project.weights)} arrays, {sum(array.size for array in project.weights.values()):,} numbers")
    if not options.verify:
        return 0
    report = exports.verify(project.document, project.weights, options.out, format=options.format)
    if report.passed:
        print(f"verified: the same predictions on {report.samples} samples")
        return 0
    differing = f"; differing: {', '.join(report.differing)}" if report.differing else ""
    print(f"not verified: predictions differ by up to {report.max_difference:g} on {report.samples} samples{differing}", file=sys.stderr)
    return FAILED


def screenshot(options: argparse.Namespace) -> int:
    project = open_project(options.source)
    if options.changes and options.fork is None:
        raise PlaygroundError("--set changes the branch that --fork makes: give --fork STEP too.")
    if options.fork is not None and options.fork >= (options.steps or 0):
        raise PlaygroundError("--fork STEP has to lie before the last step: give --steps N, and a smaller STEP.")
    out = _writable(options.out, ".png", "the picture")
    warn_of_damaged()
    from playground.ui import screenshot as pictures

    return int(
        pictures.main(
            project,
            out,
            steps=options.steps,
            at=options.at,
            size=options.size,
            theme=options.theme,
            language=options.language,
            fork=options.fork,
            unroll=options.unroll,
            change=(lambda document: _changed(document, options.changes)) if options.changes else None,
        )
    )


def bench(options: argparse.Namespace) -> int:
    from playground.engine.bench import timing as benchmarks

    return int(benchmarks.main(against=options.against, json=options.json))


def refuse_problems(document: Document) -> None:
    """Raise the first error that ``check`` finds; name how many more there are. Warnings go to standard error."""
    problems = documents.check(document)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        more = f" ({len(errors) - 1} more: see `summary`)" if len(errors) > 1 else ""
        raise PlaygroundError(f"{errors[0]}{more}")
    for problem in problems:
        print(f"warning: {problem}", file=sys.stderr)


def trained_project(source: str) -> Project:
    """A project that holds weights; raise :class:`FileError` for one that does not."""
    project = open_project(source)
    if not project.weights:
        raise FileError("it holds no trained weights.", where=source, remedy=f"Train it first: train {source} --save FILE.playground")
    return project


def _changed(document: Document, changes: list[str]) -> Document:
    for change in changes:
        path, equals, value = change.partition("=")
        if not equals:
            raise PlaygroundError(f"--set wants PATH=VALUE, such as training.learning_rate=0.5, got {change!r}.")
        document = documents.set_path(document, path.strip(), value)
    return document


def _epochs(document: Document, asked: int | None) -> int:
    if asked is not None:
        return asked
    promised = document.promise.epochs if document.promise is not None else DEFAULT_EPOCHS
    return document.training.epochs or promised


def _writable(text: str, suffix: str, where: str) -> Path:
    """Checked before hours of training, not after."""
    path = Path(text)
    if (path.suffix if suffix == documents.SUFFIX else path.suffix.lower()) != suffix:
        raise FileError(f"expected a name that ends in {suffix}, got {path.name!r}.", where=where)
    if not path.parent.is_dir():
        raise FileError(f"there is no folder {path.parent}.", where=where, remedy="Make it, or choose another.")
    regular(path)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise FileError(f"{path} may not be written.", where=where, remedy="Choose another name or folder.")
    return path


@contextmanager
def _progress(trainer: Trainer) -> Iterator[None]:
    """A line a second on standard error while the block trains, overwritten in place on a terminal."""
    done = threading.Event()

    def tell() -> None:
        end = "\r" if sys.stderr.isatty() else "\n"
        while not done.wait(REPORT_SECONDS):
            line = f"epoch {trainer.epoch}  step {trainer.step_count:,}  {trainer.samples_per_second:,.0f} samples/s"
            if not trainer.step_count:
                line = "getting ready: kernels that this network is the first to need are compiled"
            print(line.ljust(LINE), end=end, file=sys.stderr, flush=True)

    teller = threading.Thread(target=tell, name="progress", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _figure(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    if name.endswith("accuracy"):
        return f"{value:.4f}"
    return f"{value:,.0f}" if name == "samples_per_second" else f"{value:.6g}"
