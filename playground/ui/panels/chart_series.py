"""What the charts draw of a snapshot: which lines, smoothed and thinned to the pixels there are. Without Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from playground.document import Document
from playground.engine.live.snapshot import Curve, Event, Snapshot
from playground.ui.panels.branch_tracks import OLD, TOKENS, tokens
from playground.ui.wording import declared

KINDS = ("mistakes", "parameter", "loss", "accuracy", "f1", "gradient_norm", "weight_norm", "learning_rate")
LOG_KINDS = frozenset({"loss", "gradient_norm", "weight_norm"})
LAYER_TOKENS = ("s4", "s1", "s2", "s3", "pos", "neg")
MOST_LAYERS = 6
OF_LAYERS = frozenset({"gradient_norm", "weight_norm"})
"""Kinds whose hue is the layer."""
OVERLAID = frozenset({"loss", "accuracy", "f1"}) | OF_LAYERS
EARLIER = 0.4
"""How much of an earlier run's line is seen where its hue is the layer's."""
FEWEST = 24
"""A curve of fewer points would be too coarse to be seen running."""
WEIGHT_TOKENS = ("s4", "s2", "pos", "s1")
BIAS_TOKEN = "s3"
NOISY_KINDS = frozenset({"loss", "accuracy", "f1", "gradient_norm"})
"""Kinds whose points are of single batches, and as noisy as these are small."""
NOISE = 0.02
"""A curve is noisy whose points differ from the middle of their neighbors by this share of its mean."""
FEWEST_NOISY = 64
CALMING = 0.02
"""The share of a curve that a mean looks back over, at first; then over twice as much."""
OWN_PAST = 0.25
"""No mean looks back over more than this share of what a curve has behind it: over all of that, it would lag far behind a steep begin."""
FEW_LEVELS, LOOKED_AT = 5, 512
MOST_ZEROS = 0.1
WHOLE, LARGEST = "clip/norm", "clip/largest"
"""Curves of what is clipped, of every step: shown with the layers' norms."""
BROKEN = "NaN, ∞"
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
DIRECT = frozenset({"Input", "Dense", "Activation", "Output"})


@dataclass(frozen=True, slots=True)
class Line:
    """One curve. ``name`` is what comes after the slash (a split or a node), ``token`` its color, ``run`` the number of an earlier run,
    called ``run_name``; ``None`` of the present one. ``strength``: an earlier run's line is fainter where hue does not tell the run."""

    name: str
    curve: Curve
    token: str
    dashed: bool = False
    run: int | None = None
    run_name: str = ""
    strength: float = 1.0

    @property
    def called(self) -> str:
        """The name of its run."""
        return self.run_name or f"#{self.run}"

    @property
    def ink(self) -> str:
        """The color that its run's name is written in: the run's, or none where hue is the layer."""
        return self.token if self.strength == 1.0 else OLD


def lines(snapshot: Snapshot, kind: str, hidden: Collection[int] = ()) -> list[Line]:
    """The lines of the chart ``kind``: other branches (but the ``hidden`` ones) first, then the present one.

    Hue is the branch, as on the timeline, or the layer: then other branches are faint. Dash is the split: validation is dashed.
    """
    made, colors = [], tokens(snapshot)
    own = _of(snapshot.curves, kind, colors.get(snapshot.run, TOKENS[0]))
    layers = {line.name: line.token for line in own} if kind in OF_LAYERS else {}
    for run in snapshot.runs:
        if run.run not in hidden and kind in OVERLAID:
            for line in _of(run.curves, kind, colors[run.run]):
                token = layers.get(line.name, OLD) if layers else line.token
                strength = EARLIER if kind in OF_LAYERS else 1.0
                made.append(replace(line, token=token, run=run.run, run_name=declared(run.name), strength=strength))
    return alike([*made, *own]) if made else own


def end_names(made: list[Line]) -> list[Line]:
    """Of each earlier run the line at whose end its name stands: each one that is not dashed where hue is the run, else the one that
    goes furthest."""
    whole = [line for line in made if line.run is not None and not line.dashed]
    furthest = {line.run: line for line in sorted(whole, key=_end)}
    return [line for line in whole if line.strength == 1.0 or line is furthest[line.run]]


def last_step(snapshot: Snapshot | None, hidden: Collection[int] = ()) -> float:
    """Where the step axis, which all charts share, has to reach."""
    if snapshot is None:
        return 0.0
    return float(max([snapshot.step, *(run.step for run in snapshot.runs if run.run not in hidden)]))


def _end(line: Line) -> float:
    return float(line.curve.steps[-1])


def happened(snapshot: Snapshot | None) -> list[Event]:
    """The marks on the curves that are told in words, in the window's language; the best moment is a mark alone, and where the numbers
    left the range, the whole sentence stands over the canvas."""
    told = [event for event in (snapshot.events if snapshot else ()) if event.kind != "best"]
    return [replace(event, text=BROKEN if event.kind == "diverged" else declared(event.text)) for event in told]


def alike(made: list[Line]) -> list[Line]:
    """Each point of a long run is a mean over many steps. A younger branch beside it gets points over as many, else it looks wilder
    where it only is not averaged; but no fewer than :data:`FEWEST` of them."""
    pitches = [float(np.median(np.diff(line.curve.steps))) if len(line.curve.steps) > 1 and not line.dashed else 0.0 for line in made]
    widest: dict[str, float] = {}
    for line, pitch in zip(made, pitches, strict=True):
        widest[line.name] = max(pitch, widest.get(line.name, 0.0))
    return [
        replace(line, curve=_means(line.curve, min(round(widest[line.name] / pitch), len(line.curve.steps) // FEWEST))) if pitch else line
        for line, pitch in zip(made, pitches, strict=True)
    ]


def _means(curve: Curve, width: int) -> Curve:
    """Means over ``width`` points each, at the last one's step; what is left over at the end is a point too."""
    if width < 2:
        return curve
    starts = np.arange(0, len(curve.steps), width)
    ends = np.minimum(starts + width, len(curve.steps))
    with np.errstate(invalid="ignore", over="ignore"):  # a diverged run has infinities: their mean is what it is
        return Curve(curve.steps[ends - 1], np.add.reduceat(curve.values, starts) / (ends - starts))


def _of(curves: Mapping[str, Curve], kind: str, token: str) -> list[Line]:
    found = [(name.partition("/")[2], curve) for name, curve in curves.items() if name.partition("/")[0] == kind and len(curve.steps)]
    if kind == "parameter":
        return [_weight(name, curve) for name, curve in found]
    if kind in ("loss", "accuracy", "f1", "learning_rate"):
        return [Line(name, curve, token, name == "validation") for name, curve in found]
    if kind == "gradient_norm":  # a frozen layer has none: its zeros would take the log axis from the others
        found = [(name, curve) for name, curve in found if np.any(curve.values != 0)] or found
    made = [Line(name, curve, LAYER_TOKENS[place % len(LAYER_TOKENS)]) for place, (name, curve) in enumerate(found[-MOST_LAYERS:])]
    whole = ((WHOLE, False), (LARGEST, True)) if kind == "gradient_norm" else ()
    return [Line(name, curves[name], "text3", dashed) for name, dashed in whole if name in curves and len(curves[name].steps)] + made


def _weight(name: str, curve: Curve) -> Line:
    """``"dense1/weight/0"`` as the line ``w₁``; the bias ``b`` is dashed."""
    _, parameter, index = name.rsplit("/", 2)
    if parameter == "bias":
        return Line("b", curve, BIAS_TOKEN, dashed=True)
    return Line(f"w{int(index) + 1}".translate(SUBSCRIPTS), curve, WEIGHT_TOKENS[int(index) % len(WEIGHT_TOKENS)])


def of_a_perceptron(document: Document) -> bool:
    """Whether a single neuron is all that learns: its weights and mistakes then tell more than norms do."""
    nodes = document.nodes.values()
    dense = [node for node in nodes if node.type == "Dense"]
    return len(dense) == 1 and dense[0].fields.get("units") == 1 and all(node.type in DIRECT for node in nodes)


def stairs(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of a curve that holds each value until the step that changes it."""
    return np.repeat(steps, 2)[1:], np.repeat(values, 2)[:-1]


def smoothed(values: np.ndarray, factor: float) -> np.ndarray:
    """Exponential moving average ``m = factor m + (1 - factor) v``, divided by ``1 - factor^n`` so that it starts at the first value.

    Values that are not finite are passed over in the average and stay what they are.
    """
    out = np.array(values, np.float64)
    finite = np.isfinite(out)
    if not factor or not finite.any():
        return values
    out[finite] = _average(out[finite], factor)
    return out


def calm(values: np.ndarray, kind: str, steps: np.ndarray, log: bool = False) -> np.ndarray:
    """The trend of a curve of this kind if it is noisy, else ``values`` themselves. On a ``log`` axis its means are geometric, else they
    would lie above the middle of what they are the mean of.

    What is drawn at a step is made of that step and those before it: nothing may bend before its cause, such as a changed rate. First
    the mean of a few points, then the mean over a stretch of ``steps``: points may lie close together with wide gaps between, and
    would else make stairs. Both end somewhere, so that a steep fall leaves no long tail on a log axis. A loss that mostly is 0, as a
    perceptron's, has no trend.
    """
    finite = np.isfinite(values) & ((values > 0) | (not log))  # what has no place on the axis is no part of a mean there
    known, places = values[finite].astype(np.float64), steps[finite].astype(np.float64)
    if kind not in NOISY_KINDS or len(known) < FEWEST_NOISY or (kind == "loss" and has_zeros(known)):
        return values
    share = (places[1:-1] - places[:-2]) / np.maximum(places[2:] - places[:-2], 1e-9)
    wobble = np.abs(known[1:-1] - known[:-2] * (1 - share) - known[2:] * share).mean()
    if wobble <= NOISE * np.abs(known).mean():
        return values
    drawn = np.log10(known) if log else known
    at = np.arange(len(drawn)) + 1
    few = _looking_back(drawn, at.astype(np.float64), np.clip(OWN_PAST * at, 1, round(CALMING * len(drawn)) + 1).round())
    stretch = 2 * CALMING * (places[-1] - places[0])
    trend = _looking_back(few, places, np.minimum(stretch, OWN_PAST * (places - places[0]) + np.median(np.diff(places))))
    out = np.array(values, np.float64)
    out[finite] = 10**trend if log else trend
    return out


class Trends:
    """What :func:`calm` makes of curves, each once: a chart that is drawn in another size has the same ones."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool], tuple[np.ndarray, np.ndarray]] = {}

    def forget(self) -> None:
        """There are other curves."""
        self._known.clear()

    def of(self, curve: Curve, kind: str, log: bool) -> np.ndarray:
        """The trend of ``curve``, or its own values."""
        known = self._known.get((id(curve.values), log))
        if known is None:  # the values are kept with it: no others can come to have their number
            known = self._known[id(curve.values), log] = (curve.values, calm(curve.values, kind, curve.steps, log))
        return known[1]


def _looking_back(values: np.ndarray, places: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """At each place the mean over the ``stretch`` before it, where each value holds since the place before its own."""
    since = np.diff(places, prepend=places[0] - np.median(np.diff(places)))
    begins, first = places - since, np.searchsorted(places, places - stretch, side="right")
    reach = np.arange(np.max(np.arange(len(places)) - first) + 1)  # sums of each window by itself: running ones would lose what is
    at = np.arange(len(places))[:, None] - reach  # small beside a large start
    inside = np.maximum(at, 0)
    weights = np.maximum(places[inside] - np.maximum(begins[inside], (places - stretch)[:, None]), 0.0) * (at >= 0)
    return np.asarray((weights * values[inside]).sum(axis=1) / weights.sum(axis=1))


def has_zeros(values: np.ndarray) -> bool:
    """Whether so many values are 0, as the loss of a perceptron, that a log axis would hide the curve."""
    return bool(np.mean(values <= 0) > MOST_ZEROS)


def needs_zero(made: Collection[Line], kind: str) -> bool:
    """Whether a log axis would hide what is to be seen: a layer's norms of 0 are a gap there and hide no other layer, unless all are 0."""
    if kind in OF_LAYERS:
        return bool(made) and not any(np.any(line.curve.values > 0) for line in made)
    return any(has_zeros(line.curve.values) for line in made)


def of_few_levels(values: np.ndarray) -> bool:
    """Whether a curve's points have hardly any values between them, as the accuracy of batches of one or two samples, 0 or 1: drawn
    behind their trend they would be a wall."""
    known = values[-LOOKED_AT:]
    return len(np.unique(known[np.isfinite(known)])) < FEW_LEVELS


def _average(values: np.ndarray, factor: float) -> np.ndarray:
    """The recurrence in blocks: within one, ``factor^-n`` stays far from the end of float64's range."""
    size = max(1, int(200 / -np.log10(factor)))
    out = np.empty_like(values)
    carried = 0.0
    for start in range(0, len(values), size):
        block = values[start : start + size]
        powers = factor ** np.arange(1, len(block) + 1)
        out[start : start + size] = powers * (carried + np.cumsum((1.0 - factor) * block / powers))
        carried = float(out[start + len(block) - 1])
    return out / (1.0 - factor ** np.arange(1, len(values) + 1))


def thinned(steps: np.ndarray, values: np.ndarray, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """At most about two points a pixel: the smallest and the largest value of each bucket, in their order, so no peak is lost."""
    buckets = max(pixels, 1)
    if len(steps) <= 2 * buckets:
        return steps, values
    size = -(-len(steps) // buckets)
    padded = -(-len(steps) // size) * size
    blocks = np.append(values, np.full(padded - len(values), values[-1])).reshape(-1, size)
    base = np.arange(0, padded, size)
    low, high = base + _extreme(blocks, np.argmin, np.inf), base + _extreme(blocks, np.argmax, -np.inf)
    picked = np.unique(np.minimum(np.concatenate([low, high, [0, len(steps) - 1]]), len(steps) - 1))
    return steps[picked], values[picked]


def _extreme(blocks: np.ndarray, pick: object, instead: float) -> np.ndarray:
    filled = np.where(np.isfinite(blocks), blocks, instead)
    return pick(filled, axis=1)  # type: ignore[operator]


def value_at(curve: Curve, step: float | None) -> tuple[int, float] | None:
    """The point of the curve nearest to ``step``, if there are both."""
    if step is None or not len(curve.steps):
        return None
    at = int(np.clip(np.searchsorted(curve.steps, step), 0, len(curve.steps) - 1))
    if at and step - curve.steps[at - 1] < curve.steps[at] - step:
        at -= 1
    return int(curve.steps[at]), float(curve.values[at])
