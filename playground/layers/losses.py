"""The losses there are: one row each. What depends on a loss reads its row; nobody else compares names, but the loss's own formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playground.sentences import Sentence, sentence


@dataclass(frozen=True, slots=True)
class Loss:
    """What a loss says of itself. ``formula`` is LaTeX, of one target.

    ``target``: the form of a target: ``class``, one class number for a whole row of outputs; ``share``, a number from 0 to 1 for each
    output; ``number``, any number for each: then numbers can be predicted, and a class has the target numbers of Output's fields.
    ``function``: the function that it applies to what it gets, so that predictions are shares of 1; ``""`` for none.
    ``plain_slope``: its slope by an output is the difference to the target and no more, as the perceptron's rule has it.
    """

    name: str
    formula: str
    target: Literal["class", "share", "number"]
    function: str = ""
    plain_slope: bool = False

    @property
    def words(self) -> Sentence:
        """Its name as users see it."""
        return sentence(self.name.replace("_", " "))


_ROWS = (
    Loss(
        "softmax_cross_entropy",
        r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \quad L = -\ln p_t",
        target="class",
        function="softmax",
    ),
    Loss(
        "binary_cross_entropy",
        r"p = \frac{1}{1 + e^{-z}} \quad L = -\frac{1}{K}\sum_k t_k \ln p_k + (1 - t_k) \ln(1 - p_k)",
        target="share",
        function="sigmoid",
    ),
    Loss("mean_squared_error", r"L = \frac{1}{K}\sum_k (a_k - t_k)^2", target="number"),
    Loss("half_squared_error", r"L = \frac{1}{2}\sum_k (a_k - t_k)^2", target="number", plain_slope=True),
)
_LOSSES = {loss.name: loss for loss in _ROWS}
LOSSES = tuple(_LOSSES)
"""Names, the usual one first."""


def get(name: str) -> Loss:
    """The loss called ``name``, one of :data:`LOSSES`."""
    return _LOSSES[name]


def find(name: object) -> Loss | None:
    """The loss called ``name``; ``None`` where it is not the name of one: an Output that is not set yet."""
    return _LOSSES.get(name) if isinstance(name, str) else None
