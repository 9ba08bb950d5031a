"""The optimizers there are: one row each. What depends on an optimizer reads its row; its formula is with the kernels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Optimizer:
    """What an optimizer says of itself.

    ``title`` is its name as users see it; ``reads`` are the fields of the training, beside the rate, that it alone goes by; ``state``
    the arrays that it keeps for every parameter, in the order of the arena's flat ranges. ``adaptive``: it divides by the gradient's own
    size, so that each weight moves by about the rate.
    """

    name: str
    title: str
    reads: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    adaptive: bool = False


_ADAM = ("beta1", "beta2", "epsilon")
OPTIMIZERS: dict[str, Optimizer] = {
    row.name: row
    for row in (
        Optimizer("sgd", "SGD"),
        Optimizer("momentum", "Momentum", ("momentum",), ("velocity",)),
        Optimizer("nesterov", "Nesterov", ("momentum",), ("velocity",)),
        Optimizer("rmsprop", "RMSprop", ("alpha", "epsilon"), ("square",), adaptive=True),
        Optimizer("adam", "Adam", _ADAM, ("mean", "square"), adaptive=True),
        Optimizer("adamw", "AdamW", (*_ADAM, "weight_decay"), ("mean", "square"), adaptive=True),
    )
}
"""By name, the simplest first."""


def readers(field: str) -> tuple[str, ...]:
    """The names of the optimizers that go by this field of the training."""
    return tuple(name for name, optimizer in OPTIMIZERS.items() if field in optimizer.reads)
