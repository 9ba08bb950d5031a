"""Where weights start. Formulas: Glorot & Bengio 2010 (Xavier), He et al. 2015, LeCun et al. 1998, Saxe et al. 2014."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from playground.errors import FieldError
from playground.fields import Field
from playground.layers.spec import Parameter
from playground.sentences import say
from playground.turns import give_way

Array = NDArray[np.float64]
Draw = Callable[[Parameter, np.random.Generator], Array]
PANEL = 32
"""Columns that are made orthonormal at one go."""


def _constant(parameter: Parameter, rng: np.random.Generator) -> Array:
    numbers = parameter.constants or (parameter.initializer_scale,)
    rows = parameter.shape[0] // len(numbers) if parameter.shape else 1
    return np.concatenate([np.full((rows, *parameter.shape[1:]), number) for number in numbers]).reshape(parameter.shape)


def _uniform(bound: Callable[[Parameter], float]) -> Draw:
    def draw(parameter: Parameter, rng: np.random.Generator) -> Array:
        return rng.uniform(-1.0, 1.0, parameter.shape) * bound(parameter)

    return draw


def _normal(deviation: Callable[[Parameter], float]) -> Draw:
    def draw(parameter: Parameter, rng: np.random.Generator) -> Array:
        return rng.standard_normal(parameter.shape) * deviation(parameter)

    return draw


def _orthogonal(parameter: Parameter, rng: np.random.Generator) -> Array:
    """Rows (or columns, whichever are fewer) of the array, flattened behind its first axis, are orthonormal.

    Q of a QR decomposition of a normal draw, its signs fixed by R's diagonal, is uniform over the orthogonal matrices.
    """
    rows = parameter.shape[0] if parameter.shape else 1
    columns = math.prod(parameter.shape[1:])
    q = _orthonormal(rng.standard_normal((max(rows, columns), min(rows, columns))))
    return np.ascontiguousarray(q if rows >= columns else q.T).reshape(parameter.shape)


def _orthonormal(columns: Array) -> Array:
    """Q of the QR decomposition whose R has a positive diagonal, (n, m) of ``columns`` (n, m), n >= m: block Gram-Schmidt, each panel freed
    twice of those before it ("twice is enough": Giraud et al., 2005). In panels since NumPy's ``qr`` keeps the interpreter (of 2000 x 500
    numbers for 50 ms, measured), its products do not."""
    made = np.empty_like(columns)
    for at in range(0, columns.shape[1], PANEL):
        panel, before = columns[:, at : at + PANEL], made[:, :at]
        for _ in range(2 if at else 1):
            give_way()
            panel, r = np.linalg.qr(panel - before @ (before.T @ panel))
            panel *= np.where(np.diagonal(r) < 0, -1.0, 1.0)
        made[:, at : at + PANEL] = panel
    return made


INITIALIZERS: dict[str, Draw] = {
    "xavier_uniform": _uniform(lambda p: math.sqrt(6.0 / (p.fan_in + p.fan_out))),
    "xavier_normal": _normal(lambda p: math.sqrt(2.0 / (p.fan_in + p.fan_out))),
    "he_uniform": _uniform(lambda p: math.sqrt(6.0 / p.fan_in)),
    "he_normal": _normal(lambda p: math.sqrt(2.0 / p.fan_in)),
    "lecun_uniform": _uniform(lambda p: math.sqrt(3.0 / p.fan_in)),
    "lecun_normal": _normal(lambda p: math.sqrt(1.0 / p.fan_in)),
    "uniform": _uniform(lambda p: p.initializer_scale),
    "normal": _normal(lambda p: p.initializer_scale),
    "orthogonal": _orthogonal,
    "zeros": lambda p, rng: np.zeros(p.shape),
}

INITIALIZER_FIELDS: tuple[Field, ...] = (
    Field(
        "initializer",
        "choice",
        "xavier_uniform",
        "How the weights are drawn before training. Xavier suits tanh and sigmoid, He suits ReLU.",
        label="Weights start",
        choices=tuple(INITIALIZERS),
    ),
    Field(
        "initializer_scale",
        "float",
        0.5,
        "The spread: uniform draws from -scale to scale, normal uses it as standard deviation.",
        label="Spread",
        minimum=0.0,
        maximum=100.0,
        shown_when=("initializer", ("uniform", "normal")),
    ),
)


def initial(parameter: Parameter, rng: np.random.Generator) -> Array:
    """The start values of ``parameter``, float64, in its public shape, block after block. Raise :class:`FieldError` on an unknown
    initializer.

    Beside the names a user can choose there is ``"constant"``: every entry is ``initializer_scale`` (biases).
    """
    draw = _constant if parameter.initializer == "constant" else INITIALIZERS.get(parameter.initializer)
    if draw is None:
        names = ", ".join((*INITIALIZERS, "constant"))
        raise FieldError(
            say("there is no initializer {initializer!r}; there are {names}.", initializer=parameter.initializer, names=names),
            where=parameter.name,
        )
    if parameter.blocks == 1:
        return draw(parameter, rng)
    block = replace(parameter, shape=(parameter.shape[0] // parameter.blocks, *parameter.shape[1:]), blocks=1)
    return np.concatenate([draw(block, rng) for _ in range(parameter.blocks)])
