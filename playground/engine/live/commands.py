"""What the window tells the worker: small frozen commands, obeyed in order at a step boundary."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from playground.document.model import Document, Training
from playground.engine.checks.checked import Bug
from playground.engine.experiments.lab import Asked
from playground.engine.experiments.sweep import Point
from playground.engine.state import State
from playground.engine.weight_edits import Entries


@dataclass(frozen=True, slots=True)
class SetDocument:
    """Replace the document. Live settings take effect without a reset and leave an event; a changed structure keeps the
    weights of nodes whose parameters' shapes are unchanged. The worker remembers the weights of removed nodes within a run,
    so that undoing a deletion brings them back. ``weights`` (keyed as ``Network.parameters``) are set by hand. Other data are
    another run; ``edit``, a number of its own for each edit, and ``undone`` let an undo or redo go back to the run that was left."""

    document: Document
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    new_run: bool = False
    edit: int = 0
    undone: bool = False


@dataclass(frozen=True, slots=True)
class EditWeights:
    """Set single numbers of the present weights by hand: ``entries[key][index]``, keyed as ``Network.parameters``, or many as a
    :class:`Patch`; all others go on as they are. ``starts`` are what a rewind comes back to from now on, by parameter."""

    entries: Entries
    starts: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Import the engine now, before the first document asks for it: it takes a second."""


@dataclass(frozen=True, slots=True)
class Train:
    """Run until told otherwise; first :class:`PassShown` is waited for of the pass ``after``, if it is the last one (0: of none)."""

    after: int = 0


@dataclass(frozen=True, slots=True)
class CancelPreparing:
    """Break the compiling of kernels off: the phase becomes ``failed``, and :class:`Train` or an edit begins it again."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop at the next step boundary."""


@dataclass(frozen=True, slots=True)
class Step:
    """Run one ``"batch"`` or to the end of the ``"epoch"``, then pause. ``count`` batches are run at one go: the last is shown,
    by the sample at ``position`` in it (``None``: the followed one, if it is in the batch)."""

    grain: str = "batch"
    count: int = 1
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """Show a recorded ``step`` again, by the sample at ``position`` in its batch (-1: the last). Nothing is trained; a step that is
    not kept any more shows nothing new. :attr:`Snapshot.passed` says which are kept."""

    step: int
    position: int = 0


@dataclass(frozen=True, slots=True)
class Rewind:
    """Back to step 0 with the same initial weights (those of the first step, set by hand or drawn, or those loaded from a file since),
    or with those of a ``seed`` of one's own."""

    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """The sample that the trace shows: ``index`` in ``split``."""

    split: str = "train"
    index: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """Follow a picture or a text of the user's own instead of a sample: ``x`` as the network gets it, in the shape of a sample; with its
    class ``label`` it has a loss. ``length``: so many of its steps are real (``None``: all). ``None``: the followed sample again, as
    :class:`Follow` does by itself. The trace's split is :data:`~playground.engine.live.snapshot.DRAWING`, and :attr:`Snapshot.drawn`
    answers whatever the canvas shows."""

    x: np.ndarray | None = None
    label: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class SetPace:
    """``"explain"``, ``"watch"`` or ``"fast"``. In the first two one pass of ``steps_per_pass`` steps is run, published
    with its trace, and the worker waits for :class:`PassShown`. In *fast* at most ``epochs_per_picture`` epochs go by
    between two pictures, of which there are 60 a second (0: as many as the machine can), so that a small network is seen
    to learn."""

    pace: str
    steps_per_pass: int = 1
    epochs_per_picture: int = 0


@dataclass(frozen=True, slots=True)
class PassShown:
    """The window has shown the pass with this ``pass_serial``."""

    pass_serial: int


@dataclass(frozen=True, slots=True)
class Watch:
    """What is visible, so that nothing else is computed. ``nodes`` whose values, parameters and plane pictures to send;
    sizes are pixels of the square grids over the plane (0: none)."""

    nodes: frozenset[str]
    neuron_grid: int = 10
    boundary_grid: int = 60
    evaluation: bool = True


@dataclass(frozen=True, slots=True)
class Embed:
    """Show the samples as ``node`` sees them (``""``: the last hidden layer), in a plane: :attr:`Snapshot.cloud`. ``None``: none."""

    node: str | None = None


@dataclass(frozen=True, slots=True)
class LoadState:
    """Put a saved state back (a project's weights, optimizer state, counters, history)."""

    state: State


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Evaluate ``split`` as a whole with the present weights; :attr:`Snapshot.evaluation` shows it until training goes on."""

    split: str = "test"


@dataclass(frozen=True, slots=True)
class ShowMoment:
    """Pause, and let every view show the kept moment of ``branch`` nearest to ``step`` (``None``: the present weights again). What
    changes these, training among it, goes back to them by itself."""

    branch: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class ReadyMoments:
    """A kept moment may be asked for soon: have the plans that show one, so that the first comes as fast as the others. Nothing else
    changes."""


@dataclass(frozen=True, slots=True)
class ResumeHere:
    """Make the moment on show the present one: at the end of a branch in that branch, before it as a fork, so that nothing is
    lost. The document becomes what was trained then; its looks stay."""


@dataclass(frozen=True, slots=True)
class Fork:
    """A new branch called ``name`` from a kept moment of ``branch`` (``None``: of its end, or now), with other ``training`` settings
    where they are given. It becomes the present one, with the document of that moment."""

    branch: int
    step: int | None = None
    name: str = ""
    training: Training | None = None


@dataclass(frozen=True, slots=True)
class SwitchBranch:
    """Make another branch the present one: its weights, its counters, its document. The one that is left keeps its own. With a ``seed``,
    where the branch is not kept (it was never trained), or was begun anew with another seed: step 0 with the weights of that seed."""

    branch: int
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """Show a second moment beside the first (``step`` ``None``: the end of ``branch``); ``branch`` ``None``: none any more."""

    branch: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class FollowBeside:
    """The sample that the trace of the compared moment shows, where it is not the followed one: a pass on show has its own."""

    split: str = "train"
    index: int = 0


@dataclass(frozen=True, slots=True)
class NewStart:
    """Draw new initial weights, of the next seed that no branch has, and begin a new branch with them at step 0."""


@dataclass(frozen=True, slots=True)
class Study:
    """Train ``points`` (:mod:`~playground.engine.experiments.sweep` makes them) for ``epochs`` epochs each in the background, whether
    training goes on or stands. :attr:`Snapshot.study` shows them. It takes the place of the study before."""

    points: tuple[Point, ...]
    epochs: int
    kind: str = "restarts"
    axes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restarts:
    """A :class:`Study` of ``count`` starts of the present document, of the next seeds that no branch has."""

    count: int
    epochs: int


@dataclass(frozen=True, slots=True)
class CheckGradients:
    """Hold every gradient of the present network, at its present weights, against finite differences in float64, in the background;
    with ``bug``, in a copy that has this bug planted. :attr:`Snapshot.checked` shows what is found."""

    bug: Bug | None = None


@dataclass(frozen=True, slots=True)
class CancelCheck:
    """Break the gradient check off, and forget it."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """Begin what the lab is ``asked`` for, beside the run and on copies of its weights; it takes the place of the last experiment of
    its kind. :attr:`Snapshot.lab` shows what is found, :attr:`Snapshot.refused` why nothing is."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class EndExperiment:
    """Break the lab's experiment of ``kind`` off (all of them without one) and keep what is found; with ``forget``, forget it."""

    kind: str = ""
    forget: bool = False


@dataclass(frozen=True, slots=True)
class CancelStudy:
    """Break the study off and keep what is done; with ``forget``, forget it altogether."""

    forget: bool = False


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Make a point of the study a branch called ``name`` and the present one, with its document."""

    index: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class SetHistoryLimit:
    """How many bytes all that is remembered may take."""

    limit: int


@dataclass(frozen=True, slots=True)
class NameRun:
    """Give a branch a name of the user's."""

    run: int
    name: str


@dataclass(frozen=True, slots=True)
class RemoveRun:
    """Forget a branch with its curves and moments; the present one stays."""

    run: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End the worker thread."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Fulfil ``future`` with the state as it is at this place in the order of commands. Sent by ``Session.capture`` alone."""

    future: Future[State]


Command = (
    SetDocument
    | EditWeights
    | WarmUp
    | Train
    | CancelPreparing
    | Pause
    | Step
    | Replay
    | Rewind
    | Follow
    | Draw
    | SetPace
    | PassShown
    | Watch
    | Embed
    | LoadState
    | Evaluate
    | ShowMoment
    | ReadyMoments
    | ResumeHere
    | Fork
    | SwitchBranch
    | Compare
    | FollowBeside
    | NewStart
    | Study
    | Restarts
    | CancelStudy
    | CheckGradients
    | CancelCheck
    | Experiment
    | EndExperiment
    | OpenPoint
    | SetHistoryLimit
    | NameRun
    | RemoveRun
    | Stop
)
