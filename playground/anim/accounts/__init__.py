"""Accounts: how each number of a pass came about, made from the network's operations and a trace. Pure, no Qt.

An operation's account is one function in the registry, so a layer type made of existing operations has its accounts for free; an
operation without one is shown as its value alone. Roles of equations, by phase:

- forward: ``sum`` (weighted, under a kernel too), ``activation``, ``largest`` ``power`` ``denominator`` ``softmax``, ``match``
  ``padded`` (Attention's), ``total`` (Add), ``product`` (Multiply), ``dropout``, ``maximum`` ``average`` (of a window or of all
  steps), ``edge`` (a padding's 0), ``feature_mean`` ``feature_variance`` ``spread`` ``normalized`` ``scaled`` (norms), ``same`` (a
  number moved: Flatten, Concatenate), ``learned`` (a parameter as a value),
  ``looked_up`` (of a symbol's row), ``marked`` (one-hot), ``value`` (no more is
  known); of a layer that goes through time ``kept_and_written`` ``squashed`` ``read_out`` (an LSTM's cell and state), ``mixed`` (a
  GRU's state), ``carried`` (a padded step's);
- loss: ``difference`` (squared errors), ``contribution``, ``loss``, ``derivative``;
- backward: ``arriving``, ``error`` (times a slope), ``flows_back`` ``along_the_ribbon`` (of a state, from all that reads it),
  ``error_of_weight`` ``through_softmax`` ``error_of_value`` ``error_of_query`` ``error_of_key`` (within Attention); in
  ``made``: ``gradient`` (of a weight or a bias), ``passed`` (to the node before);
- update: ``gradient``, ``batch_gradient``, ``regularized`` (clipping, L2, L1), ``velocity`` ``mean`` ``square`` (the optimizer's
  arrays), ``look_ahead``, ``mean_corrected`` ``square_corrected``, ``root`` ``scale`` ``step``, ``update``; ``running``
  (statistics); ``unchanged``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from playground.anim.account import Account, Equation
from playground.anim.accounts import (  # noqa: F401  (each registers its operations)
    affine,
    attention,
    back_through_time,
    convolving,
    elementwise,
    loss,
    normalizing,
    passing,
    pooling,
    recurrent,
    sequences,
    through_time,
)
from playground.anim.accounts.book import Index
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.updating import update
from playground.anim.cursor import Cursor, Phase
from playground.engine.program.lowering import Lowered
from playground.engine.trace import Trace
from playground.layers.spec import Shape

__all__ = ["account"]


def account(lowered: Lowered, trace: Trace, cursor: Cursor, titles: Mapping[str, str] | None = None) -> Account | None:
    """How the number of the cell at the cursor came about.

    ``lowered`` is the network that ``trace`` is of (of a document whose Input shapes are known); ``titles`` are what the user calls
    its nodes, for formulas that name one. ``None`` where the cursor is at no
    single cell, or the trace does not hold its number. Never raises on a trace of another network.
    """
    stage = cursor.stage
    if cursor.cell is None or not 0 <= cursor.cell < len(stage.cells) or stage.node not in lowered.named:
        return None
    part, index = stage.cells.place(cursor.cell)
    reading = Reading(lowered.within(trace.mode), trace, stage.node, titles or {})
    with np.errstate(all="ignore"):
        try:
            found = _found(reading, stage.phase, part, index)
        except MissingError:
            return None
    return replace(found, cell=cursor.cell)


def _found(reading: Reading, phase: Phase, part: str, index: Index) -> Account:
    node = reading.node
    if part and phase in ("forward", "backward"):
        return _inner(reading, phase, part, index)
    if phase != "update":
        _check(index, reading.book.output(node).shape)
    if phase == "forward":
        return Account("forward", node, 0, passing.forward(reading, node, index))
    if phase == "loss":
        return Account("loss", node, 0, _loss(reading, index))
    if phase == "backward":
        equations, made = passing.backward(reading, node, index)
        return Account("backward", node, 0, equations, made)
    _check(index, next((p.parameter.shape for p in reading.lowered.parameters if p.key == f"{node}/{part}"), ()))
    equations, facts = update(reading, part, index)
    return Account("update", node, 0, equations, (), facts)


def _inner(reading: Reading, phase: Phase, part: str, index: Index) -> Account:
    """Of an entry of a value within the node: a gate at a step."""
    if through_time.goes_through_time(reading, reading.node):
        try:
            make = through_time.forward if phase == "forward" else back_through_time.backward
            return Account(phase, reading.node, 0, make(reading, reading.node, part, index))
        except MissingError:
            pass  # a number that it was made of is not in the trace: its value is told alone
    value = reading.lowered.named[reading.node].get(part)
    if value is None:
        raise MissingError
    _check(index, value.shape)
    if phase == "forward":
        return Account("forward", reading.node, 0, passing.inner(reading, reading.node, value, index))
    made = passing.inner_passed(reading, reading.node, value, index)
    return Account("backward", reading.node, 0, passing.inner_error(reading, value, index), made)


def _check(index: Index, shape: Shape) -> None:
    """A cursor may be of a document that has been changed since."""
    if len(index) != len(shape) or any(at >= size for at, size in zip(index, shape, strict=True)):
        raise MissingError


def _loss(reading: Reading, index: Index) -> tuple[Equation, ...]:
    writer = reading.book.writer(reading.lowered.named[reading.lowered.output]["loss"])
    if writer is None:
        raise MissingError
    return loss.equations(reading, writer.operation, index)
