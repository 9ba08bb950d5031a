"""The declared fields of :class:`~playground.document.model.Training` and :class:`~playground.document.model.Augmentation`: what can be
set, its bounds and its help."""

from __future__ import annotations

from playground.document.model import Augmentation, Training
from playground.document.optimizers import OPTIMIZERS, readers
from playground.fields import Field

SCHEDULES = ("constant", "step", "exponential", "cosine")
PRECISIONS = ("float32", "float64")
FLIPS = ("none", "across", "down", "both")
FILLS = ("black", "edge")
_DEFAULT = Training()
_PLAIN = Augmentation()


def _field(name: str, kind: str, help: str, **more: object) -> Field:
    # ignored: the rows below pass Field's own keywords; Field.check and the settings' tests hold their values
    return Field(name, kind, getattr(_DEFAULT, name), help, **more)  # type: ignore[arg-type]


TRAINING_FIELDS: tuple[Field, ...] = (
    _field("optimizer", "choice", "The rule that turns gradients into changes of the weights.", choices=tuple(OPTIMIZERS), live=True),
    _field("learning_rate", "float", "How far each update moves along the gradient.", minimum=0.0, maximum=100.0, live=True),
    _field("batch_size", "int", "How many samples each update averages over.", unit="samples", minimum=1, maximum=1_000_000, live=True),
    _field("shuffle", "bool", "Whether each epoch takes the samples in a new order.", live=True),
    _field(
        "momentum",
        "float",
        "The share of the last change that is kept.",
        minimum=0.0,
        maximum=0.9999,
        live=True,
        shown_when=("optimizer", readers("momentum")),
    ),
    _field(
        "beta1",
        "float",
        "Adam's memory of gradients: near 1 is long.",
        label="Beta 1",
        minimum=0.0,
        maximum=0.999999,
        live=True,
        shown_when=("optimizer", readers("beta1")),
    ),
    _field(
        "beta2",
        "float",
        "Adam's memory of squared gradients: near 1 is long.",
        label="Beta 2",
        minimum=0.0,
        maximum=0.999999,
        live=True,
        shown_when=("optimizer", readers("beta2")),
    ),
    _field(
        "alpha",
        "float",
        "RMSprop's memory of squared gradients: near 1 is long.",
        minimum=0.0,
        maximum=0.999999,
        live=True,
        shown_when=("optimizer", readers("alpha")),
    ),
    _field(
        "epsilon",
        "float",
        "A small number that keeps a division by nearly 0 tame.",
        minimum=1e-16,
        maximum=1.0,
        live=True,
        shown_when=("optimizer", readers("epsilon")),
    ),
    _field(
        "weight_decay",
        "float",
        "AdamW: how strongly weights shrink at each step, apart from the gradient.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        shown_when=("optimizer", readers("weight_decay")),
    ),
    _field(
        "l1",
        "float",
        "Pulls weights towards 0 by a constant force.",
        label="L1",
        minimum=0.0,
        maximum=10.0,
        live=True,
    ),
    _field("l2", "float", "Pulls weights towards 0 in proportion to their size.", label="L2", minimum=0.0, maximum=10.0, live=True),
    _field(
        "clip_norm",
        "float",
        "Longest gradient allowed; a longer one is shortened to it. Empty: no limit.",
        label="Clip gradient at",
        minimum=1e-6,
        maximum=1e6,
        optional=True,
        live=True,
    ),
    _field(
        "clip_value",
        "float",
        "Largest entry allowed in the gradient, by size; each larger one is cut to it. Empty: no limit.",
        label="Clip entries at",
        minimum=1e-6,
        maximum=1e6,
        optional=True,
        live=True,
    ),
    _field("schedule", "choice", "How the learning rate changes over the epochs.", choices=SCHEDULES, live=True),
    _field(
        "schedule_step",
        "int",
        "After how many epochs the rate drops.",
        label="Drop every",
        unit="epochs",
        minimum=1,
        maximum=1_000_000,
        live=True,
        shown_when=("schedule", ("step",)),
    ),
    _field(
        "schedule_factor",
        "float",
        "What the rate is multiplied by: at each drop (step) or each epoch (exponential).",
        label="Drop to",
        minimum=1e-6,
        maximum=1.0,
        live=True,
        shown_when=("schedule", ("step", "exponential")),
    ),
    _field(
        "schedule_epochs",
        "int",
        "Over how many epochs the rate falls to 0 along half a cosine.",
        label="Falls over",
        unit="epochs",
        minimum=1,
        maximum=1_000_000,
        live=True,
        shown_when=("schedule", ("cosine",)),
    ),
    _field("early_stopping", "bool", "Stop when the validation loss no longer falls, and keep the best weights.", live=True),
    _field(
        "patience",
        "int",
        "How many epochs without a better validation loss to wait.",
        unit="epochs",
        minimum=1,
        maximum=1_000_000,
        live=True,
        shown_when=("early_stopping", (True,)),
    ),
    _field(
        "epochs",
        "int",
        "Stop after so many epochs. Empty: train until paused.",
        label="Stop after",
        empty="never",
        unit="epochs",
        minimum=1,
        maximum=1_000_000_000,
        optional=True,
        live=True,
    ),
    _field("seed", "int", "Where all chance comes from: the same seed repeats the run to the bit.", minimum=0, maximum=2**31 - 1),
    _field("precision", "choice", "Numbers of 32 bits (fast) or 64 bits (to check).", choices=PRECISIONS),
)


def _chance(name: str, kind: str, help: str, **more: object) -> Field:
    return Field(name, kind, getattr(_PLAIN, name), help, live=True, **more)  # type: ignore[arg-type]  # as above


AUGMENTATION_FIELDS: tuple[Field, ...] = (
    _chance("shift", "float", "Moves each picture at random by up to so much, across and down.", unit="pixels", minimum=0.0, maximum=64.0),
    _chance("rotate", "float", "Turns each picture by a random angle of up to so much, either way.", unit="°", minimum=0.0, maximum=180.0),
    _chance(
        "scale", "float", "Makes each picture larger or smaller by up to this share: 0.1 is 0.9 to 1.1 times.", minimum=0.0, maximum=0.9
    ),
    _chance("flip", "choice", "Mirrors every other picture, left to right (across), top to bottom (down) or both.", choices=FLIPS),
    _chance("elastic", "float", "Bends each picture smoothly, no point by more than this.", unit="pixels", minimum=0.0, maximum=32.0),
    _chance(
        "elastic_cells", "int", "Waves of the bending along each side: few are wide, many are fine.", label="Bends", minimum=1, maximum=16
    ),
    _chance("noise", "float", "Adds normal noise of this deviation to every number that the network gets.", minimum=0.0, maximum=10.0),
    _chance("erase", "float", "The share of pictures that lose a random rectangle.", minimum=0.0, maximum=1.0),
    _chance(
        "erase_size",
        "float",
        "The longest side of what is lost, as a share of the picture's.",
        label="Erase up to",
        minimum=0.05,
        maximum=1.0,
    ),
    _chance("fill", "choice", "What stands where nothing of the picture was: black, or its edge drawn out.", choices=FILLS),
)
