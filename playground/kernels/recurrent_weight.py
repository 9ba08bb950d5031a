"""``recurrent_backward_weight``: the gradients of what a recurrent layer reads its own states by, summed over all steps at once."""

from __future__ import annotations

from collections.abc import Iterator

from playground.errors import EngineError
from playground.kernels.contraction import contracted, contraction_scratch, summed
from playground.kernels.matmul import ADD, ADD_LATER, OVERWRITE
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.recurrent_steps import NOWHERE, Layer, layer_of, spread
from playground.kernels.types import Region, Row, Target, padded

NAME = "recurrent_backward_weight"


def _scratch(roles: Roles, options: Options, target: Target) -> int:
    return contraction_scratch(target, roles["dweight_hidden"].shape[1], roles["h"].shape[0])


@operation(NAME, writes=("dweight_hidden", "dhidden_bias", "dpeephole"), scratch=_scratch, accumulates=True)
def recurrent_backward_weight(roles: Roles, options: Options, target: Target) -> list[Row]:
    dsums, h, dweight = roles["dsums"], roles["h"], roles["dweight_hidden"]
    units = dweight.shape[1]
    gates = dweight.shape[0] // units
    layer = layer_of(NAME, {**roles, "weight_hidden": dweight, "peephole": roles.get("dpeephole")}, dsums, gates, target)
    mode, reverse = ADD_LATER if options.get("accumulate") else OVERWRITE, bool(options.get("reverse"))
    reset, dhidden = roles.get("reset_state"), roles.get("dhidden_sum")
    if reset is None and dhidden is None:
        return [*_products(layer, roles, dsums, gates, gates, 0, reverse, mode), *_peephole(layer, roles, reverse, mode)]
    if gates != 3 or (reset is not None and dhidden is not None):
        raise EngineError(f"operation '{NAME}' takes reset_state or dhidden_sum, of a GRU.")
    rows = _products(layer, roles, dsums, 2, 3, 0, reverse, mode)
    if dhidden is not None:
        rows += _products(layer, roles, dhidden, 1, 1, 2, reverse, mode)
        bias = roles.get("dhidden_bias")
        return rows + (summed(target, units, layer.steps, dhidden.start, layer.size, bias.start, mode) if bias else [])
    dn, to = layer.sums(dsums, 0, 2), dweight.start + 2 * units * padded(units)
    assert h.shape == reset.shape
    return rows + contracted(target, units, units, layer.steps, dn, 3 * layer.size, reset.start, to, roles["scratch"].start, mode)


def _runs(layer: Layer, roles: Roles, states: Region, start: str, reverse: bool) -> Iterator[tuple[int, int, int]]:
    """(first step, steps, where the states before them begin): of the steps that follow one, and of the first, if its start is given."""
    if layer.steps > 1:
        yield (0, layer.steps - 1, states.start + layer.size) if reverse else (1, layer.steps - 1, states.start)
    if roles.get(start) is not None:
        yield layer.steps - 1 if reverse else 0, 1, roles[start].start


def _products(layer: Layer, roles: Roles, errors: Region, gates: int, a_step: int, to: int, reverse: bool, mode: int) -> list[Row]:
    """Rows of the gradient from gate ``to`` on: the first ``gates`` blocks of errors, which has ``a_step`` a step, by the states before."""
    units, target, stride = layer.units, layer.target, padded(layer.units)
    dweight, rows = roles["dweight_hidden"].start + to * units * stride, list[Row]()
    for first, count, states in _runs(layer, roles, roles["h"], "initial_h", reverse):
        dy_step = a_step * layer.size
        dy = errors.start + first * dy_step
        later = ADD if rows else mode
        rows += contracted(target, gates * units, units, count, dy, dy_step, states, dweight, roles["scratch"].start, later)
    if not rows:  # nothing was read: no step had a state before it
        rows.append(spread.row(constants={"FORM": "whole"}, rows=gates * units, inner=stride, weight=NOWHERE, y=dweight))
    return rows


def _peephole(layer: Layer, roles: Roles, reverse: bool, mode: int) -> list[Row]:
    """i and f by the c before, o by the c of the step."""
    dpeephole = roles.get("dpeephole")
    if dpeephole is None:
        return []
    dsums, c, units, target, stride = roles["dsums"], roles["c"], layer.units, layer.target, padded(layer.units)
    step, rows = layer.gates * layer.size, list[Row]()
    for gate in range(2):
        to, later = dpeephole.start + gate * stride, mode
        for first, count, states in _runs(layer, roles, c, "initial_c", reverse):
            rows += summed(target, units, count, layer.sums(dsums, first, gate), step, to, later, states, layer.size)
            later = ADD
    if not rows:
        rows.append(spread.row(constants={"FORM": "whole"}, rows=2, inner=stride, weight=NOWHERE, y=dpeephole.start))
    return rows + summed(target, units, layer.steps, layer.sums(dsums, 0, 3), step, dpeephole.start + 2 * stride, mode, c.start, layer.size)
