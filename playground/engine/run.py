"""One run: a trainer with its history, and what a change of the document means for them. No thread, no window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from playground.document.model import Document
from playground.engine import changes, wording
from playground.engine.checks.bursts import Bursts
from playground.engine.checks.checkup import Checkup
from playground.engine.evaluation.readouts import SHOWN
from playground.engine.evaluation.results import Metrics, Progress
from playground.engine.pacing import Pacer
from playground.engine.preparing import ProgressReport, trainer_for
from playground.engine.state import State
from playground.engine.timeline.branches import Branch, adopted
from playground.engine.timeline.checkpoints import BEST, CARRIED, CHANGE, EPOCH, Checkpoint
from playground.engine.timeline.history import HISTORY_BYTES, History, nothing_kept, readable
from playground.engine.timeline.keeping import Keeper, at_initial, begin_with, draw, drawn, fitted, starts
from playground.engine.timeline.writing import Writer, state_of
from playground.engine.trace import Trace
from playground.engine.weight_edits import Entries, edited
from playground.sentences import say

if TYPE_CHECKING:  # at run time the trainer is imported when the first one is made: it brings numba
    from playground.engine.timeline.moments import Reader
    from playground.engine.trainer import Trainer

SLICE_SECONDS = 0.008
FIGURES = ("recent",)  # of a trainer's history: what a checkpoint keeps


class Run:
    """Owns the trainer of a document that can train. Every method leaves it at a step boundary.

    ``reader`` is the kept moment that is shown, ``None`` while the present weights are; whatever changes these goes back to them.
    """

    def __init__(self, document: Document, progress: ProgressReport | None = None, limit: int = HISTORY_BYTES) -> None:
        self.document = document
        self.history = History(limit)
        self.metrics: dict[str, Metrics] = {}
        self.touched = False
        self._begins: Mapping[str, np.ndarray] | None = None  # set by hand: if a step comes, a rewind comes back to it
        self.checkup, self.bursts = Checkup(), Bursts()
        self.keeper = Keeper()
        self._writer = Writer()
        self._norms, self._saved = Pacer(0.05, 0.05), Pacer(0.03, 0.03)
        self._changed = Pacer(0.25, 0.03)
        self._saved_score: Metrics | None = None
        self.reader: Reader | None = None
        self._reader: Reader | None = None
        self.trainer = trainer_for(document, progress=progress)
        self.history.present.document = document

    # -- training
    def advance(self, seconds: float = SLICE_SECONDS, steps: int | None = None) -> Progress:
        """Train for about ``seconds``, or do a slice of an evaluation."""
        self._before_step()
        progress = self._writer.advance(self.trainer, self.history, seconds, steps)
        self._absorb(progress)
        return progress

    def record(self, sample: int | None, position: int | None = None) -> Trace | None:
        """One step with the trace of a sample of its batch: at ``position``, or ``sample`` if it is in it; ``None`` where the run ended."""
        self.settle()  # its figures are of the weights before this step
        if self.trainer.finished:
            return None
        self._before_step()
        self._writer.before(self.trainer, self.history)
        trace = self.trainer.record(sample, position)
        self._absorb(self.trainer.last_progress)
        return trace

    def settle(self) -> None:
        """End the evaluation under way: a step by hand that ends an epoch so stands, or is stopped early, where a free run is."""
        while self.trainer.evaluating:
            self._absorb(self.trainer.advance(SLICE_SECONDS))

    def go_on(self) -> None:
        """Let a run that reached its epoch limit, or stopped early, train on without a limit."""
        trainer = self.trainer
        there = trainer.epoch_limit is not None and trainer.epoch >= trainer.epoch_limit  # by hand, so that nothing has said so yet
        if there or trainer.finished in ("epochs", "early_stopping"):
            trainer.finished, trainer.epoch_limit = "", None

    @property
    def loss(self) -> float | None:
        """Mean training loss of the last 100 steps, or of the last epoch where that is shorter."""
        return self.trainer.recent.loss(self._shown)

    @property
    def train_accuracy(self) -> float | None:
        """Share of hits in the batches of the last 100 steps or the last epoch; ``None`` for regression."""
        return self.trainer.recent.hits(self._shown)

    @property
    def validation(self) -> Metrics | None:
        """The last evaluation on the validation split; after a restore the saved one's figures alone."""
        return self.metrics.get("validation") or self._saved_score

    @property
    def _shown(self) -> int:
        return max(1, min(SHOWN, self.trainer.steps_per_epoch))

    @property
    def next_seed(self) -> int:
        """A seed that no branch has."""
        return max(self.history.last_seed, self.trainer.seed) + 1

    @property
    def at_start(self) -> bool:
        return self.trainer.step_count == 0

    # -- the document
    def set_document(self, document: Document, progress: ProgressReport | None = None, seed: int | None = None) -> None:
        """Go on with ``document``; of other data, with what ``seed`` draws. Raises what planning raises; the run is then as it was."""
        before, step = self.document, self.trainer.step_count
        self._keep_before_change(document)
        if changes.samples(before) != changes.samples(document):
            self._change_data(document, progress, seed)
        elif not self.trainer.set_document(document):
            self._change_structure(document, progress)
        else:
            self.bursts.answered()
            for words in wording.changes(before, document) if step else ():
                self.history.mark(step, "setting", words)
        self.document = self.history.present.document = document

    def set_weights(self, weights: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray] | None = None) -> None:
        """Weights set by hand, keyed as ``Network.parameters``; ``given`` are initial ones from now on."""
        self.reader = None
        self._keep_before_change(None)
        self.trainer.network.set_parameters(weights)
        begin_with(self.trainer, given or {})
        self._begins = {}
        self._forget_figures()  # they are of the weights before
        self.touched = True
        self.history.mark(self.trainer.step_count, "weights", say("weights set by hand"))

    def edit_weights(self, entries: Entries, given: Mapping[str, np.ndarray] | None = None) -> None:
        """Single numbers set by hand, by key and index. Raises :class:`EngineError` where there are none such; all then stay."""
        self.set_weights(edited(self.trainer.network.parameters, entries), given)

    def look_over(self, live: bool) -> bool:
        """A checkup, where it is due; whether there is something new to say."""
        if live and not self.checkup.pace.due:
            return False
        with self.checkup.pace.job():
            return self.checkup.look(self)

    def rewind(self, seed: int | None = None) -> None:
        """Back to step 0 as a new run: with the same initial weights, or with those of ``seed``."""
        self._leave()
        by_hand = seed is not None and self.touched  # weights that no seed brings back
        if seed is None:
            self.trainer.restore(State(weights=self.trainer.initial, initial=self.trainer.initial))
        else:
            self.trainer = trainer_for(self.document, seed)
        self.touched = not drawn(self.trainer)
        self._start_over(keep=by_hand)
        self.keeper = Keeper()

    # -- files
    def state(self) -> State:
        """All that a project keeps. The arrays are copies."""
        return state_of(self.trainer, self.history, self.validation)

    def restore(self, state: State) -> None:
        """Put a saved state back: continuing equals never having stopped. Of another network's state, what fits is taken; a
        damaged history is left out, with a mark that says so."""
        whole = readable(state.history)
        if not whole:
            state = replace(state, history={})
        seed = state.counters.get("seed", self.trainer.seed)
        if seed != self.trainer.seed:
            self.trainer = trainer_for(self.document, seed)
        self.reader = self._reader = None
        self._begins = {}
        self.trainer.restore(fitted(state, self.trainer.state()))
        self.history = History.of_plain(state.history, state.checkpoints, self.history.limit)
        self.history.present.document = self.document
        self.touched, self.metrics = True, {}
        self.bursts.forget()
        self._saved_score = Metrics.of_plain("validation", state.history.get("validation"))
        if not whole:
            self.history.mark(self.trainer.step_count, "restart", say("the file's curves were damaged and are left out"))

    # -- branches
    def fork(self, branch: int, step: int | None, name: str = "", progress: ProgressReport | None = None) -> None:
        """Go on from a kept moment (``None``: the latest; of the present branch, now) as a new branch. Unless something is changed it
        repeats the old one to the bit. The document is then as it was at that moment; what it looks like stays.

        Raises :class:`EngineError` where nothing is kept at ``step``; the run is then as it was.
        """
        checkpoint = self.moment(branch, step)
        parent = self.history.find(branch)
        self._leave()
        self._load(checkpoint, progress, parent)
        self.history.fork(parent, checkpoint, name)
        self.history.present.document = self.document

    def resume(self, branch: int, step: int, progress: ProgressReport | None = None) -> None:
        """Go on from a kept moment: at the end of a branch in that branch, before it as a fork, so that nothing is lost."""
        present = self.history.run == branch
        end = self.trainer.step_count if present else self.moment(branch, None).step
        if step != end:
            self.fork(branch, step, progress=progress)
        elif not present:
            self.switch(branch, progress)

    def switch(self, branch: int, progress: ProgressReport | None = None) -> None:
        """Make another branch the present one: its weights, counters, settings; the one that is left keeps its own."""
        if branch == self.history.run:
            return
        checkpoint, wanted = self.moment(branch, None), self.history.find(branch)
        self._leave()
        self._load(checkpoint, progress, wanted)
        self.history.switch(branch)
        if wanted.document != checkpoint.document:  # settings that were changed after its last step
            self._take_settings(wanted.document, progress)
        self.trainer.divergence = wanted.divergence
        self.history.present.document = self.document

    def show(self, branch: int | None, step: int | None = None) -> None:
        """Show the moment nearest to ``step`` that is kept of ``branch``, be it of another network; nothing else changes. ``step``
        ``None`` or, of the present branch, at or after its end: the present weights again."""
        if branch is None or step is None:
            self.reader = None
            return
        found, present = self.history.find(branch), branch == self.history.run
        steps = [*found.checkpoints.steps, *([self.trainer.step_count] if present else [])]
        if not steps:
            raise nothing_kept(found.title)
        nearest = min(steps, key=lambda one: (abs(one - step), -one))
        kept = found.checkpoints.at(nearest)
        if kept is None or (present and nearest == self.trainer.step_count):
            self.reader = None
        else:
            from playground.engine.timeline.moments import reader_of

            self.reader = self._reader = reader_of(branch, kept, self._reader)

    def ready_moments(self) -> Reader | None:
        """What :meth:`show` will show the present branch's moments with, where it was not there yet and there is one to show."""
        kept = self.history.present.checkpoints
        checkpoint = kept.at(kept.steps[-1]) if kept.steps else None
        if checkpoint is None or (self._reader is not None and self._reader.fits(checkpoint)):
            return None
        from playground.engine.timeline.moments import reader_of

        self._reader = reader_of(self.history.run, checkpoint, None)
        return self._reader

    @property
    def sight(self) -> Trainer | Reader:
        """Whose weights are shown."""
        return self.trainer if self.reader is None else self.reader

    def take_in(self, branch: Branch) -> int:
        """Add a branch that was trained elsewhere; its number."""
        return self.history.add(branch).number

    def moment(self, branch: int, step: int | None) -> Checkpoint:
        """The checkpoint of ``branch`` at ``step`` (``None``: the latest; of the present branch, made now)."""
        found = self.history.find(branch)
        if branch == self.history.run and step in (None, self.trainer.step_count):
            return self._checkpoint()
        kept = found.checkpoints.latest if step is None else found.checkpoints.at(step)
        if kept is None:
            raise nothing_kept(found.title, step)
        return kept

    def _checkpoint(self, *marks: str) -> Checkpoint:
        state = self.trainer.state()
        kept = {name: state.history[name] for name in FIGURES}
        if self.at_start and self.touched and self._begins is None and not at_initial(self.trainer):
            marks = (*marks, CARRIED)
        return Checkpoint(self.trainer.step_count, self.document, replace(state, history=kept), frozenset(marks))

    def _keep_before_change(self, document: Document | None) -> None:
        """The state that the user is about to change; of a quick series of changes the first one's."""
        if (self.at_start and not self.touched) or (document is not None and changes.computes_the_same(self.document, document)):
            return
        if self._changed.due or document is None or changes.structure(document) != changes.structure(self.document):
            with self._changed.job():
                self.history.keep(self._checkpoint(CHANGE))

    def _before_step(self) -> None:
        """Go back to the present and, where nothing is kept yet, keep the moment before the first step."""
        self.reader = None
        by_hand = self._begins is not None and self.at_start
        if by_hand:
            self._begins = self.trainer.network.parameters
        if by_hand or not len(self.history.checkpoints):
            self.history.keep(self._checkpoint())

    def _leave(self) -> None:
        """Before the present branch is left: keep its end."""
        self.reader = None
        self.history.keep(self._checkpoint())
        self.history.present.divergence = self.trainer.divergence

    def _load(self, checkpoint: Checkpoint, progress: ProgressReport | None, branch: Branch) -> None:
        """Let trainer and document be those of ``checkpoint`` of ``branch``."""
        before, document = self.trainer, adopted(self.document, checkpoint.document)
        seed = checkpoint.state.counters.get("seed", self.trainer.seed)
        if seed != self.trainer.seed or not self.trainer.set_document(document):
            self.trainer = trainer_for(document, seed, progress)
        self.trainer.restore(checkpoint.state)
        first = self.history.root(branch).checkpoints.at(0)  # a rewind comes back to where that line began
        if first is not None and (self.trainer is not before or branch is not self.history.present):
            begins = draw(self.trainer) if CARRIED in first.marks else starts(first.document, first.state.weights, document)
            begin_with(self.trainer, begins)
        epochs = document.training.epochs
        self.trainer.epoch_limit = epochs if epochs is not None and self.trainer.epoch < epochs else None
        self.document, self.touched = document, True
        self.metrics, self._saved_score, self.keeper = {}, None, Keeper()
        self.bursts.forget()

    def _take_settings(self, of: Document, progress: ProgressReport | None) -> None:
        document = adopted(self.document, of)
        if not self.trainer.set_document(document):
            self._change_structure(document, progress)
        self.document = document

    # -- inner parts
    def _change_data(self, document: Document, progress: ProgressReport | None, seed: int | None) -> None:
        """Other data, another run: its curves start at step 0, weights that fit stay (a rewind draws new ones), but for a seed."""
        trainer = trainer_for(document, self._seed_for(document) if seed is None else seed, progress)
        self._leave()
        self._reader, by_hand = None, self._begins is not None and self.at_start  # weights that no seed brings back
        self.touched = seed is None and (self.touched or not self.at_start)
        if self.touched:
            kept = self.keeper.carry(self.document, self.trainer.state(), document, trainer.state())
            trainer.restore(State(weights=kept.weights, initial=kept.initial))
        self.trainer = trainer
        self._start_over(keep=by_hand)

    def _change_structure(self, document: Document, progress: ProgressReport | None) -> None:
        trainer = trainer_for(document, self._seed_for(document), progress)
        self.reader = self._reader = None
        if not self.at_start or self.touched:
            trainer.restore(self.keeper.carry(self.document, self.trainer.state(), document, trainer.state()))
            words = wording.structure_changes(self.document, document)
            self.history.mark(trainer.step_count, "setting", words or say("network changed"))
            self.history.present.forget_best()
        self.trainer = trainer
        self._forget_figures()

    def _seed_for(self, document: Document) -> int:
        """The seed of this run, unless the edit is one of the seed."""
        return self.trainer.seed if document.training.seed == self.document.training.seed else document.training.seed

    def _start_over(self, keep: bool = False) -> None:
        self.history.begin(keep=keep)
        self._begins = None
        self._forget_figures()

    def _forget_figures(self) -> None:
        self.checkup.forget()
        self.bursts.forget()
        self.metrics, self._saved_score = {}, None
        self.trainer.recent.clear()

    def _absorb(self, progress: Progress) -> None:
        trainer, history = self.trainer, self.history
        self._writer.after(trainer, history, progress)
        if self._begins and not self.at_start:
            begin_with(trainer, self._begins)
            self._begins = None
        for split, metrics in progress.metrics.items():
            self.metrics[split] = metrics
            if split == "validation" and trainer.dataset.held_out and history.present.judge(trainer.step_count, metrics.loss):
                history.keep(self._checkpoint(BEST))
        if progress.best:
            history.mark(trainer.step_count, "best", say("best validation loss so far"))
        for step, *norms in self.bursts.watch(trainer, progress):
            if step < trainer.step_count:
                history.norms(step, *norms)
        if len(progress.steps) and self._norms.due:
            with self._norms.job():
                gradients, weights = trainer.norms()
                history.norms(trainer.step_count, gradients, weights)
                self.bursts.take(trainer, gradients)
        if trainer.divergence is not None:
            return
        if progress.finished:
            history.mark(
                trainer.step_count, "stopped", say("early stopping") if trainer.finished == "early_stopping" else say("epoch limit")
            )
        elif len(progress.steps) and self._saved.due:
            ended = progress.epoch_ended
            if history.checkpoints.due(trainer.step_count, trainer.steps_per_epoch if ended else None):
                with self._saved.job():
                    history.keep(self._checkpoint(*([EPOCH] if ended else [])))
