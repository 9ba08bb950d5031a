"""What a plan is made for."""

from __future__ import annotations

from dataclasses import dataclass

from playground.document.model import Training
from playground.engine.program.lowered import Wanted
from playground.errors import EngineError
from playground.kernels.types import Dtype
from playground.layers.spec import Mode
from playground.sentences import say


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a plan is made for.

    ``wanted``: which gradients. ``mode``: how it is run; layer types say what they do in each. ``update``: the optimizer that ends a
    step (its rates come from the control block). ``scatter``: predictions and losses go to arrays by position. ``accumulate``: a step
    may have several micro-batches. ``masked``: the caller says which steps of his sequences are real (with ``samples`` these do).
    ``carries``: each batch continues the one before, where a layer is stateful (with ``update`` it does in any case).
    """

    wanted: Wanted = "nothing"
    mode: Mode = "inference"
    update: Training | None = None
    scatter: bool = False
    accumulate: bool = False
    norms: bool = False
    masked: bool = False
    carries: bool = False


def number_type(dtype: str) -> Dtype:
    """``dtype`` if it is one the kernels know; else :class:`EngineError`."""
    if dtype == "float32":
        return "float32"
    if dtype == "float64":
        return "float64"
    raise EngineError(say("expected float32 or float64, got {dtype!r}.", dtype=dtype), where="dtype")
