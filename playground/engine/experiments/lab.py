"""What the lab is asked for and what it finds: plain frozen records. Arrays are read-only copies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from playground.engine.experiments.generated import Aligned, FreeRun, GenerateAsked, Generated
from playground.engine.experiments.looked_through import Condition, ConditionAsked, Prefixes, PrefixesAsked
from playground.errors import EngineError
from playground.sentences import say

Origin = Literal["start", "now"]
PathName = Literal["run", "full", "mini", "stochastic", "momentum"]
Penalty = Literal["none", "l1", "l2"]
Extent = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One number that the network learns: ``key`` as in ``Network.parameters``, and its ``index``."""

    key: str
    index: tuple[int, ...]

    @classmethod
    def parsed(cls, text: str) -> Coordinate:
        """``"dense1/weight[0,1]"``. Raises :class:`~playground.errors.EngineError` on anything else."""
        key, bracket, rest = text.strip().partition("[")
        try:
            index = tuple(int(part) for part in rest.rstrip().removesuffix("]").split(","))
        except ValueError:
            bracket = ""
        if not bracket or not key or not rest.rstrip().endswith("]"):
            raise EngineError(say("cannot read {text!r}.", text=text), where="parameter", remedy="Write it as dense1/weight[0,1].")
        return cls(key.strip(), index)

    def __str__(self) -> str:
        return f"{self.key}[{','.join(map(str, self.index))}]"


# -- what is asked
@dataclass(frozen=True, slots=True)
class SurfaceAsked:
    """The training loss over two numbers (``None``: the two that moved most), all others fixed at the run's ``origin``, and four
    descents from there: at ``rate``, over ``epochs`` rounds of the samples (``None``: what suits the run). ``extent`` (x0, x1, y0,
    y1) is the part of the plane (``None``: around the paths), ``size`` the points of the grid a side, of the form 8 k + 1."""

    first: Coordinate | None = None
    second: Coordinate | None = None
    origin: Origin = "now"
    rate: float | None = None
    epochs: int | None = None
    extent: Extent | None = None
    size: int = 41


@dataclass(frozen=True, slots=True)
class RatesAsked:
    """The learning rate raised by equal factors from ``low`` to ``high``, a batch each step, on a copy of the network as it was at the
    run's ``origin``."""

    low: float = 1e-6
    high: float = 10.0
    steps: int = 100
    origin: Origin = "now"


@dataclass(frozen=True, slots=True)
class PenaltiesAsked:
    """The same start trained for ``epochs`` epochs (``None``: what suits the data) without a penalty, with L1 and with L2."""

    l1: float = 0.01
    l2: float = 0.01
    epochs: int | None = None


@dataclass(frozen=True, slots=True)
class ValuesAsked:
    """What goes into the activation function of ``node`` (of its ``unit`` alone, where one is given), over training samples."""

    node: str
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class MasksAsked:
    """The masks that the Dropout ``node`` drew for the first sample of each of the last ``steps`` batches."""

    node: str
    steps: int = 24


@dataclass(frozen=True, slots=True)
class PreferredAsked:
    """The picture that ``unit`` of ``node`` (a map, a neuron, a class of Output) answers most to: ``steps`` of gradient ascent on the
    input, from ``seed``'s noise."""

    node: str
    unit: int = 0
    steps: int = 160
    seed: int = 0


@dataclass(frozen=True, slots=True)
class StrongestAsked:
    """The ``count`` samples of the training split that each unit of ``node`` answers most to."""

    node: str
    count: int = 9


@dataclass(frozen=True, slots=True)
class AttributionAsked:
    """Which pixels speak for ``unit`` of Output (``None``: its strongest): of sample ``index`` in ``split``, or of ``picture``, float32 as
    the network sees it. ``node`` is the layer of Grad-CAM (empty: the last that gives maps)."""

    split: str = "test"
    index: int = 0
    picture: np.ndarray | None = field(default=None, compare=False)
    unit: int | None = None
    node: str = ""


Asked = (
    SurfaceAsked
    | RatesAsked
    | PenaltiesAsked
    | ValuesAsked
    | MasksAsked
    | PreferredAsked
    | StrongestAsked
    | AttributionAsked
    | ConditionAsked
    | GenerateAsked
    | PrefixesAsked
)
KINDS: dict[type, str] = {
    SurfaceAsked: "surface",
    RatesAsked: "rates",
    PenaltiesAsked: "penalties",
    ValuesAsked: "values",
    MasksAsked: "masks",
    PreferredAsked: "preferred",
    StrongestAsked: "strongest",
    AttributionAsked: "attribution",
    ConditionAsked: "condition",
    GenerateAsked: "generate",
    PrefixesAsked: "prefixes",
}


# -- what is found
@dataclass(frozen=True, slots=True)
class State:
    """How far an experiment is: of the run at ``step``, its chance from ``seed``; ``done`` of ``total`` parts. ``message`` says why it
    ended early, if it did."""

    step: int
    done: int
    total: int
    running: bool
    message: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """The two numbers along a training: ``points`` float64 (n, 2) after ``steps`` int64 (n,) steps of ``batch`` samples. ``loss`` is that
    of all samples at its end, with all weights as they are there (``None``: not known)."""

    name: PathName
    batch: int
    steps: np.ndarray
    points: np.ndarray
    loss: float | None = None
    diverged: bool = False


@dataclass(frozen=True, slots=True)
class Surface:
    """``values`` float64 (size, size), row 0 at the smallest second number: known at every ``stride``-th point (0: none yet). The loss is
    the mean over ``samples`` of the ``of`` training samples, without dropout and penalties. ``at`` is where the slice was laid,
    ``weights`` how many numbers learn; ``rate`` and ``epochs`` are those of the descents."""

    state: State
    asked: SurfaceAsked
    first: Coordinate
    second: Coordinate
    at: tuple[float, float]
    extent: Extent
    values: np.ndarray
    stride: int
    paths: tuple[Path, ...]
    samples: int
    of: int
    weights: int
    rate: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Rates:
    """Float64 (n,) each: the rates, the loss of each batch before its update at that rate, and the mean loss of ``samples`` training
    samples there. ``suggestion`` is a round rate near the means' steepest descent (``None``: they hardly fall), ``index`` the point
    it was read at. ``optimizer`` and ``batch`` are the run's."""

    state: State
    rates: np.ndarray
    losses: np.ndarray
    means: np.ndarray
    samples: int
    suggestion: float | None
    index: int
    optimizer: str
    batch: int


@dataclass(frozen=True, slots=True)
class Trained:
    """One of the trainings with and without a penalty: ``counts`` int64 (bins,) of its weights from -limit to limit, how many of them
    lie within ``NEAR`` of zero, the size of the largest."""

    penalty: Penalty
    strength: float
    epoch: int
    loss: float | None
    validation: float | None
    counts: np.ndarray
    near: int
    largest: float
    diverged: bool = False


@dataclass(frozen=True, slots=True)
class Penalties:
    """``weights`` are counted of each training; biases are not: no penalty is on them. All begin at the weights of step 0."""

    state: State
    epochs: int
    limit: float
    near: float
    weights: int
    trained: tuple[Trained, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """``counts`` int64 (bins,) of the arguments z over ``samples`` samples, from -limit to limit, those beyond in the outermost.
    ``slope`` is the mean of f'(z), ``on`` the share of them whose f(z) is above zero."""

    state: State
    node: str
    unit: int | None
    function: str
    counts: np.ndarray
    limit: float
    samples: int
    slope: float
    on: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Masks:
    """``kept`` bool (steps, units): what Dropout let through for the first sample of each batch; ``steps`` int64 (n,), ``sample``
    its index in the training split. ``units`` are all there are, of which the first are in ``kept``."""

    state: State
    node: str
    rate: float
    steps: np.ndarray
    sample: np.ndarray
    kept: np.ndarray
    units: int


@dataclass(frozen=True, slots=True)
class Preferred:
    """``picture`` float32 (C, h, w) after ``state.done`` steps, within ``low`` and ``high``: the whole one, or what the cell in the
    middle of a map sees. ``answers`` float64 (done + 1,) are the unit's along the way (of a map, that cell's)."""

    state: State
    asked: PreferredAsked
    picture: np.ndarray
    low: float
    high: float
    answers: np.ndarray


@dataclass(frozen=True, slots=True)
class Strongest:
    """By unit and rank: ``answers`` float32 (units, count), the largest number that the unit gave, ``samples`` int64 (units, count),
    whose index in the training split, ``places`` int64 (units, count), where in the unit's map, flat. ``patches`` float32
    (units, count, C, h, w) is the part of the picture that such a place sees, zeros beyond its edge, black at ``low``
    and white at ``high``. ``seen`` of ``of`` samples are
    looked through; ranks that no sample has yet hold the sample -1."""

    state: State
    asked: StrongestAsked
    shape: tuple[int, ...]
    answers: np.ndarray
    samples: np.ndarray
    places: np.ndarray
    patches: np.ndarray
    low: float
    high: float
    seen: int
    of: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """Of ``picture`` float32 (C, H, W), black at ``low`` and white at ``high``, for ``unit`` of Output, whose prediction is ``answer``.
    ``saliency`` (H, W): the largest size over the channels of the derivative of what Output gets by a pixel. ``cam`` (h, w): Grad-CAM
    at the maps of ``node`` (``None`` where there are none). ``occlusion`` (H, W): by how much the prediction falls where a gray square
    of ``size`` pixels covers a pixel, the mean over all squares that do (not-a-number where none is tried yet). ``target`` is the
    class it is labeled with."""

    state: State
    asked: AttributionAsked
    picture: np.ndarray
    low: float
    high: float
    unit: int
    answer: float
    target: int | None
    saliency: np.ndarray
    node: str
    cam: np.ndarray | None
    occlusion: np.ndarray
    size: int


Found = (
    Surface
    | Rates
    | Penalties
    | Values
    | Masks
    | Preferred
    | Strongest
    | Attribution
    | Condition
    | Prefixes
    | Generated
    | FreeRun
    | Aligned
)
