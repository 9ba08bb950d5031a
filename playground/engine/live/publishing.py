"""The snapshot of a run: figures of the trainer, curves of the history, pictures of the views."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from playground.document import Document
from playground.document.graph import described
from playground.engine.evaluation.results import Metrics
from playground.engine.live.background import Background
from playground.engine.live.snapshot import Clipping, Curve, Evaluation, Phase, Snapshot
from playground.engine.live.views import Views
from playground.engine.run import Run

if TYPE_CHECKING:  # it brings numba
    from playground.engine.trainer import Trainer


def has_accuracy(document: Document) -> bool:
    """Whether ``document``'s task has an accuracy: not where numbers are predicted. True while no data set is known."""
    about = described(document)
    return about is None or about.task == "classification"


def phase_of(document: Document, run: Run | None, *, failed: bool, unready: bool, preparing: bool, going: bool) -> Phase:
    """The phase that follows from what the user wants and what there is."""
    if failed:
        return "failed"
    if not document.nodes:
        return "empty"
    if unready:
        return "unready"
    if preparing or run is None:
        return "preparing"
    if run.trainer.divergence is not None:
        return "diverged"
    if run.trainer.finished:
        return "finished"
    if going:
        return "training"
    return "paused" if run.trainer.step_count else "ready"


def compose(snapshot: Snapshot, run: Run | None, views: Views, background: Background) -> Snapshot:
    """``snapshot`` with all that ``run`` and ``views`` have to show, and what the ``background`` has."""
    beside, study = background.shown()
    checked = background.examination.shown() if background.examination is not None else None
    lab = background.experiments
    snapshot = replace(snapshot, beside=beside, study=study, checked=checked, lab=lab.found, refused=lab.refused)
    if run is None:
        return snapshot
    trainer, history = run.trainer, run.history
    there = snapshot.phase != "unready"  # figures of the network before the edit would pass for this one's
    apart = there and trainer.dataset.held_out  # where all there is is trained on, its validation figures would mislead
    validation: Metrics | Evaluation | None = run.validation if apart else None
    shown = views.evaluation
    if apart and shown is not None and run.reader is None and (shown.split, shown.step) == ("validation", trainer.step_count):
        validation = shown  # training stands: that of the weights on screen, not of the last epoch's end
    return replace(
        snapshot,
        run=history.run,
        run_name=history.title,
        step=trainer.step_count,
        epoch=trainer.epoch,
        steps_per_epoch=trainer.steps_per_epoch,
        samples_per_second=trainer.samples_per_second,
        loss=run.loss if there else None,
        train_accuracy=run.train_accuracy if there else None,
        validation_accuracy=validation.accuracy if validation else None,
        validation_loss=validation.loss if validation else None,
        validation_f1=validation.f1 if validation else None,
        rare=trainer.evaluations.rare,
        learning_rate=trainer.learning_rate,
        clipping=_clipping(trainer),
        curves=_shown(history.curves.snapshot(), trainer.dataset.held_out),
        events=history.events,
        runs=history.finished,
        trace=views.trace,
        drawn=views.drawn,
        notes=run.checkup.notes,
        passed=views.passed if views.trace is not None else None,
        before=views.before if views.trace is not None else None,
        parameters=views.parameters,
        plane=views.plane,
        evaluation=views.evaluation,
        cloud=views.embedder.cloud,
        divergence=trainer.divergence,
        checkpoints=history.present.checkpoints.steps,
        parent=history.present.parent,
        forked_at=history.present.forked_at,
        best_step=history.present.best_step,
        history_bytes=history.nbytes,
        moment=None if run.reader is None else run.reader.moment(views.evaluation, views.computing),
        instruction_set=trainer.network.instruction_set,
        seed=trainer.seed,
    )


def _clipping(trainer: Trainer) -> Clipping | None:
    training = trainer.document.training
    limits = (training.clip_norm, training.clip_value)
    if limits == (None, None):
        return None
    return trainer.recent.clipped(limits)


def _shown(curves: dict[str, Curve], apart: bool) -> dict[str, Curve]:
    return curves if apart else {name: curve for name, curve in curves.items() if not name.endswith("/validation")}
