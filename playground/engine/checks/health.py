"""Health notes: what goes wrong in a run, from its own figures, each with its evidence and what would help.

Pure functions of figures; nothing here runs a network. The words are the window's, keyed by ``kind``.

Rules of thumb and where they come from: dead ReLUs, Maas, Hannun & Ng 2013 ("Rectifier nonlinearities improve neural network
acoustic models"); saturation and vanishing gradients, Glorot & Bengio 2010 ("Understanding the difficulty of training deep
feedforward neural networks"); exploding gradients, Pascanu, Mikolov & Bengio 2013; unscaled inputs, LeCun, Bottou, Orr & Müller
1998 ("Efficient BackProp"); a share of about 1e-3 as the healthy size of updates, Karpathy 2015, CS231n notes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from playground.document.graph import fields_of, function_of
from playground.document.model import Document, Training
from playground.document.optimizers import OPTIMIZERS
from playground.engine.checks.bursts import EXPLODED, LEAST, Burst
from playground.engine.checks.remedies import Note, Remedy, helps, scaled, unspoiled
from playground.engine.program.lowering import lower
from playground.engine.program.results import Divergence
from playground.engine.timeline.records import Curve
from playground.layers import registry
from playground.turns import give_way

DEAD_SHARE = 0.3
"""A layer with this share of units that never fire is worth a word."""
SATURATED_SHARE = 0.6
ENDS = {"tanh": (-0.98, 0.98), "sigmoid": (0.02, 0.98)}
"""Outputs beyond these have a slope under 4 % of tanh's greatest, under 8 % of the sigmoid's."""
GROWN = 3.0
"""Weights that have become so many times larger carried their layer to its flat ends; smaller ones began there."""
LATELY = 16
"""Points of a curve of norms: some seconds, for a run is looked over but twice a second, and an explosion is over in a few steps."""
VANISHED = 1e-3
"""A layer whose gradient norm is so small a share of the largest layer's hardly learns."""
STRAIGHT = (
    *("affine", "copy", "sum", "concatenate", "split", "silence", "softmax"),
    *("conv", "mean_pool", "pad", "upsample", "batch_norm_running"),
)
"""Operations that leave a border between two classes straight."""
FEWEST_STEPS = 100
SLOW, WILD = 1e-5, 2e-3
"""Weights that move by less than the first share of their norm in a step hardly move; by more than the second, they jump about."""
STUCK = 0.9
"""A loss above this share of where it began has not fallen."""
HARDLY, ADAM_RATE = 0.8, 0.003
"""A loss above this share of where it began, some epochs on, has hardly fallen; the rate at which Adam is offered then."""
WORSE = 1.1
LEARNED = 0.1
"""Where the loss has fallen below this share of what it began with, units at their ends did no harm: they answer clearly."""
NOTHING = 0.01
"""A validation loss that rises by less than this share of what the loss began with rises by nothing."""
UNSCALED = 10.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a run. ``outputs[node]`` (N, units) of some training samples; ``inputs`` (N, features) as the network sees
    them; ``bursts`` are gradients that were seen to explode (``None``: nobody watched, the curves must tell); ``movement`` is about how
    far a step moves the weights, as a share of their norm; ``rate`` is the next step's; ``start`` is the loss that the run began with,
    ``None`` where nobody looked; ``changed`` is the step at which a setting was changed last."""

    step: int
    epoch: int
    curves: Mapping[str, Curve]
    outputs: Mapping[str, NDArray[np.floating]] = field(default_factory=dict)
    inputs: NDArray[np.floating] | None = None
    movement: float | None = None
    rate: float | None = None
    start: float | None = None
    divergence: Divergence | None = None
    checkpoints: Sequence[int] = ()
    changed: int | None = None
    bursts: Mapping[str, Burst] | None = None


def movement(training: Training, rate: float, curves: Mapping[str, Curve], parameters: int) -> float | None:
    """About how far a step of this ``rate`` moves all ``parameters`` weights, as a share of their norm; ``None`` where that is not
    known. Plain descent goes by rate times gradient; with momentum, 1/(1 - m) times as far in the long run; Adam and RMSprop
    move each weight by up to the rate."""
    gradient, weight = (_norm(curves, name) for name in ("gradient_norm/", "weight_norm/"))
    if gradient is None or not weight:
        return None
    optimizer = OPTIMIZERS[training.optimizer]
    if not optimizer.adaptive:
        reach = 1.0 / (1.0 - training.momentum) if "momentum" in optimizer.reads else 1.0
        return rate * gradient * reach / weight
    return rate * float(np.sqrt(parameters)) / weight if gradient > 0 else 0.0


def _norm(curves: Mapping[str, Curve], prefix: str) -> float | None:
    """Of all nodes together, lately."""
    lately = [float(np.mean(curve.values[-4:])) for name, curve in curves.items() if name.startswith(prefix) and len(curve.values)]
    return float(np.linalg.norm(lately)) if lately else None


def notes(document: Document, figures: Figures) -> tuple[Note, ...]:
    """All that is to be said, the gravest first; of what would help only what changes anything."""
    return tuple(replace(note, remedies=tuple(one for one in note.remedies if helps(document, one))) for note in _found(document, figures))


def _found(document: Document, figures: Figures) -> tuple[Note, ...]:
    if figures.divergence is not None:
        return () if figures.divergence.data else (_diverged(document, figures, figures.divergence),)  # no setting mends a sample
    found = [*(_one_line(document, figures) or _linear(document, figures)), *_unscaled(document, figures)]
    if figures.step >= FEWEST_STEPS:
        found += [
            *_gradients(document, figures),
            *_rate(document, figures),
            *(stuck := [*_dead(document, figures), *_saturated(document, figures)]),
            *_overfitting(document, figures),
        ]
        if stuck:  # units that do not answer are why nothing moves, not the rate
            found = [note for note in found if note.kind != "rate_low"]
        if any(note.kind == "rate_high" for note in found):  # it drove them there: one cause is told, not its traces
            found = [note for note in found if note.kind not in ("saturated", "dead")]
    return tuple(found)


def _diverged(document: Document, figures: Figures, at: Divergence) -> Note:
    rate = document.training.learning_rate if figures.rate is None else figures.rate  # the schedule's, of the step that was refused
    earlier = [step for step in figures.checkpoints if step < min(at.step, figures.step)]  # at the present one it would go wrong again
    changed = math.inf if figures.changed is None else figures.changed
    before = [step for step in earlier if step <= changed] or earlier  # a setting that was changed may be what ruined the weights
    back = tuple(Remedy("go_back", value=float(step)) for step in unspoiled(before, figures.curves, figures.start)[-1:])
    remedies = (*back, Remedy("rate", value=document.training.learning_rate / 2), Remedy("clip", value=1.0))
    return Note("diverged", at.node, at.step, {"rate": rate, "step": at.step}, remedies)


def _one_line(document: Document, figures: Figures) -> list[Note]:
    """No hidden layer of at least two units with a bend: the border is one straight line, which XOR cannot be parted by."""
    if document.data.name not in ("xor", "xor2d") or not document.nodes:
        return []
    weighted = [node for node, placed in document.nodes.items() if placed.type == "Dense"]
    hidden = [node for node in weighted if int(fields_of(document, node)["units"]) >= 2]
    if not weighted or (len(weighted) > 1 and hidden and _bends(document)):
        return []
    return [Note("one_line", weighted[-1], figures.step, {"units": 1.0}, (Remedy("hidden_layer", weighted[-1], 4.0),))]


def _linear(document: Document, figures: Figures) -> list[Note]:
    """A weighted sum of weighted sums is a weighted sum: without a bend between, two layers can do no more than one."""
    feeds = {wire.source: wire.target for wire in document.wires}
    found = []
    for node, placed in document.nodes.items():
        follower = document.nodes.get(feeds.get(node, ""))
        if placed.type == "Dense" and follower is not None and follower.type == "Dense" and function_of(document, node) == "identity":
            evidence = {"units": float(fields_of(document, node)["units"])}
            found.append(Note("linear", node, figures.step, evidence, (Remedy("activation", node, "tanh"),)))
    return found


def _unscaled(document: Document, figures: Figures) -> list[Note]:
    if figures.inputs is None or len(figures.inputs) < 2:
        return []
    inputs = figures.inputs.reshape(len(figures.inputs), -1)
    deviations, means = inputs.std(axis=0), np.abs(inputs.mean(axis=0))
    worst = int(np.argmax(np.maximum(deviations, means)))
    if max(deviations[worst], means[worst]) < UNSCALED or not scaled(document):
        return []
    evidence = {"feature": float(worst), "mean": float(inputs[:, worst].mean()), "deviation": float(deviations[worst])}
    return [Note("unscaled", "", figures.step, evidence, (Remedy("scale_inputs"),))]


def _gradients(document: Document, figures: Figures) -> list[Note]:
    norms = {name.partition("/")[2]: curve for name, curve in figures.curves.items() if name.startswith("gradient_norm/")}
    norms = {node: curve for node, curve in norms.items() if len(curve.values) >= 4 and not _frozen(document, node)}
    found: list[Note] = []
    bursts = _bursts(norms) if figures.bursts is None else figures.bursts
    most = document.training.clip_norm or math.inf
    for node, burst in bursts.items():
        if not _frozen(document, node) and min(burst.norm, most) > max(EXPLODED * burst.usual, LEAST):  # what is cut does no harm
            ratio = burst.norm / burst.usual if burst.usual else math.inf
            evidence = {"norm": burst.norm, "usual": burst.usual, "ratio": ratio, "step": float(burst.step)}
            remedies = (Remedy("clip", value=1.0), Remedy("rate", value=document.training.learning_rate / 2))
            found.append(Note("exploding", node, burst.step, evidence, remedies))
    if not found and len(norms) >= 3:
        lately = {node: float(np.mean(curve.values[-4:])) for node, curve in norms.items()}
        largest, smallest = max(lately, key=lambda n: lately[n]), min(lately, key=lambda n: lately[n])
        if lately[largest] > 0 and lately[smallest] < VANISHED * lately[largest]:
            evidence = {"norm": lately[smallest], "largest": lately[largest], "ratio": lately[smallest] / lately[largest]}
            found.append(Note("vanishing", smallest, figures.step, evidence, (Remedy("activations", value="relu"), Remedy("initializer"))))
    return found


def _bursts(norms: Mapping[str, Curve]) -> dict[str, Burst]:
    """By the curves of norms."""
    found = {}
    for node, curve in norms.items():
        at = max(len(curve.values) - LATELY, 0) + int(np.argmax(curve.values[-LATELY:]))
        if at >= 4:  # what begins high and falls has not exploded
            found[node] = Burst(int(curve.steps[at]), float(curve.values[at]), float(np.median(curve.values[:at])))
    return found


def _dead(document: Document, figures: Figures) -> list[Note]:
    found = []
    for node, outputs in figures.outputs.items():
        give_way()
        if function_of(document, node) != "relu" or len(outputs) == 0:
            continue
        axes, units = _places(outputs)
        silent = int(np.sum(np.all(outputs == 0, axis=axes)))
        if silent and silent >= DEAD_SHARE * units:
            evidence = {"dead": float(silent), "units": float(units), "samples": float(len(outputs))}
            remedies = (Remedy("activation", node, "leaky_relu"), Remedy("rate", value=document.training.learning_rate / 3))
            found.append(Note("dead", node, figures.step, evidence, (*remedies, *_from_the_start(figures))))
    return found


def _from_the_start(figures: Figures) -> tuple[Remedy, ...]:
    """What is dead cannot come back: to the weights that this run began with, where they are kept, or to other ones."""
    back = (Remedy("go_back", value=0.0),) if figures.step and 0 in figures.checkpoints else ()
    return (*back, Remedy("new_start"))


def _to_the_best(figures: Figures) -> tuple[Remedy, ...]:
    """Steps that were too long have spoiled the weights, and a lower rate would go on from there: to the moment kept at which the loss
    was lowest, if it was lower than lately."""
    curve, kept = figures.curves.get("loss/train"), [step for step in figures.checkpoints if step < figures.step]
    if curve is None or not len(curve.values) or not kept:
        return ()
    losses = np.interp(kept, curve.steps, curve.values)
    losses[~np.isfinite(losses)] = np.inf
    best = int(np.argmin(losses))
    return (Remedy("go_back", value=float(kept[best])),) if losses[best] < np.mean(curve.values[-4:]) else ()


def _places(outputs: NDArray[np.floating]) -> tuple[tuple[int, ...], int]:
    """Along which axes of (N, *shape) a unit answers, and how many units there are: a filter answers with all of its map, a unit of a
    sequence at every step."""
    axes = {4: (0, 2, 3), 3: (0, 1)}.get(outputs.ndim, (0,))
    return axes, outputs.size // math.prod(outputs.shape[axis] for axis in axes)


def _saturated(document: Document, figures: Figures) -> list[Note]:
    found: list[Note] = []
    if _learned(figures):
        return found
    for node, outputs in figures.outputs.items():
        give_way()
        ends = ENDS.get(function_of(document, node))
        if ends is None or outputs.size == 0:
            continue
        share = float(np.mean((outputs < ends[0]) | (outputs > ends[1])))
        if share >= SATURATED_SHARE:
            rate, grown = Remedy("rate", value=document.training.learning_rate / 3), _grown(figures, node)
            evidence = {"share": share, "samples": float(len(outputs))}
            if grown >= GROWN:  # not where they began: the steps took them there
                evidence |= {"grown": grown, "rate": document.training.learning_rate if figures.rate is None else figures.rate}
            grew = (rate, Remedy("initializer", node), *_to_the_best(figures))
            remedies = grew if grown >= GROWN else (Remedy("initializer", node), rate)
            found.append(Note("saturated", node, figures.step, evidence, remedies))
    return found


def _grown(figures: Figures, node: str) -> float:
    """How many times larger the node's weights are than they were; 1 where nobody looked."""
    curve = figures.curves.get(f"weight_norm/{node}")
    if curve is None or len(curve.values) < 2 or not curve.values[0] > 0:
        return 1.0
    return float(curve.values[-1] / curve.values[0])


def _learned(figures: Figures) -> bool:
    """Whether little is left of the loss."""
    curve = figures.curves.get("loss/train")
    if curve is None or not len(curve.values) or figures.start is None:
        return False
    return float(np.mean(curve.values[-4:])) < LEARNED * figures.start


def _rate(document: Document, figures: Figures) -> list[Note]:
    curve = figures.curves.get("loss/train")
    if curve is None or len(curve.values) < 16 or figures.start is None:
        return []
    values, rate = curve.values, document.training.learning_rate if figures.rate is None else figures.rate
    start, quarter = figures.start, max(4, len(values) // 4)
    late, before = float(np.mean(values[-quarter:])), float(np.mean(values[-2 * quarter : -quarter]))
    movement = figures.movement if figures.movement is not None else np.nan
    evidence = {"rate": rate, "loss": late, "start": start, "movement": movement}
    if not rate > 0:
        return []
    if (late > WORSE * start and movement > SLOW) or (late > STUCK * start and movement > WILD):
        remedies = (Remedy("rate", value=document.training.learning_rate / 3), *_to_the_best(figures))
        return [Note("rate_high", "", figures.step, evidence, remedies)]
    if late > 0.5 * start and figures.epoch >= 3 and movement < SLOW and before - late < 0.02 * start:
        return [Note("rate_low", "", figures.step, evidence, (Remedy("rate", value=document.training.learning_rate * 10),))]
    recurrent = next((node for node, placed in document.nodes.items() if getattr(registry.find(placed.type), "has_state", False)), "")
    if document.training.optimizer == "sgd" and recurrent and late > HARDLY * start and figures.epoch >= 2 and before - late < 0.05 * start:
        return [Note("plain_descent", recurrent, figures.step, evidence, (Remedy("adam", value=ADAM_RATE),))]
    return []


def _overfitting(document: Document, figures: Figures) -> list[Note]:
    """The validation loss has been rising for a while, the training loss has kept falling."""
    train, validation = figures.curves.get("loss/train"), figures.curves.get("loss/validation")
    if train is None or validation is None or len(validation.values) < 8 or len(train.values) < 8:
        return []
    at = int(np.argmin(validation.values))
    since = len(validation.values) - 1 - at
    lowest, now = float(validation.values[at]), float(np.mean(validation.values[-3:]))
    then = float(np.interp(validation.steps[at], train.steps, train.values))
    lately = float(np.mean(train.values[-max(1, len(train.values) // 16) :]))
    began = float(validation.values[0]) if figures.start is None else figures.start
    if since < 4 or now - lowest <= max((WORSE - 1) * lowest, NOTHING * began) or lately > 0.9 * then:
        return []
    evidence = {"lowest": lowest, "lowest_step": float(validation.steps[at]), "validation": now, "train": lately}
    remedies = [Remedy("early_stopping")] if not document.training.early_stopping else []
    largest = _largest_hidden(document)
    if largest:
        remedies.append(Remedy("dropout", largest, 0.3))
    if not document.training.l2:
        remedies.append(Remedy("l2", value=0.001))
    if largest:
        remedies.append(Remedy("fewer_units", largest, float(max(1, int(fields_of(document, largest)["units"]) // 2))))
    return [Note("overfitting", "", figures.step, evidence, tuple(remedies))]


def _bends(document: Document) -> bool:
    """Whether anything before Output is more than sums: asked of the operations, for any layer type may do it."""
    lowered = lower(document)
    return any(
        operation.node != lowered.output and operation.name not in STRAIGHT and operation.options.get("function") != "identity"
        for operation in lowered.within("inference").forward
    )


def _frozen(document: Document, node: str) -> bool:
    placed = document.nodes.get(node)
    return placed is None or placed.frozen


def _largest_hidden(document: Document) -> str:
    """The layer with the most units whose answers go on, but not to Output by themselves; ``""`` where there is none."""
    read = {wire.source for wire in document.wires if not wire.from_port}
    last = {wire.source for wire in document.wires if document.nodes[wire.target].type == "Output"}
    units = {node: int(fields_of(document, node).get("units", 0)) for node in document.nodes if node in read - last}
    return max(units, key=lambda node: units[node], default="") if any(units.values()) else ""
