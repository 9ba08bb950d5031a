"""What the recurrent operations share: in which order the steps are taken, the product with the state before, and its way back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playground.errors import EngineError
from playground.kernels.elementwise import add
from playground.kernels.language import WIDTH, broadcast, put, splat, take
from playground.kernels.matmul import ADD, OVERWRITE, matmul_rows
from playground.kernels.matvec import MATVEC_ROWS, MATVEC_VECTORS, matvec, matvec_transposed
from playground.kernels.normalize import forms
from playground.kernels.operations import Options, Roles, size_of
from playground.kernels.template import kernel
from playground.kernels.types import Region, Row, Target, extent_of, padded

NOWHERE = -1
"""In the place of an element: there is none."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step as it is taken: ``at`` is its number in the sequence, ``before`` the one taken before it or None; ``cut``: nothing flows
    back from it."""

    at: int
    before: int | None
    cut: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """The sizes of a recurrent operation, checked, and where things lie. ``gates``: sums a unit has at a step."""

    name: str
    steps: int
    units: int
    gates: int
    target: Target
    mask: int

    @property
    def size(self) -> int:
        """Elements of a state at one step."""
        return self.units * self.target.lanes

    @property
    def form(self) -> dict[str, int | str]:
        return {"FORM": "part" if self.target.lanes == 1 else "whole"}

    @property
    def loops(self) -> dict[str, int]:
        """``rows`` and ``inner`` of the kernels: units and lanes, or of one lane the units alone."""
        lanes = self.target.lanes
        return {"rows": 1, "inner": self.units} if lanes == 1 else {"rows": self.units, "inner": lanes}

    def mask_at(self, step: int) -> int:
        return self.mask + step * self.target.lanes if self.mask >= 0 else NOWHERE

    def state(self, region: Region | None, step: int | None, start: Region | None = None) -> int:
        """The element where the state of ``step`` begins; of none, where ``start`` does."""
        if step is None:
            return start.start if start else NOWHERE
        return region.start + step * self.size if region else NOWHERE

    def sums(self, region: Region | None, step: int, gate: int = 0) -> int:
        """The element where ``gate`` of a value (T, gates * units) begins at ``step``."""
        return region.start + (step * self.gates + gate) * self.size if region else NOWHERE

    def taken(self, options: Options) -> list[Taken]:
        """All steps in the order in which they are taken."""
        order = list(range(self.steps))
        if options.get("reverse"):
            order.reverse()
        window = options.get("truncate")
        if window is not None and window < 1:
            raise EngineError(f"operation '{self.name}' is cut every {window} steps.", remedy="Cut every 1 or more steps, or never: None.")
        return [
            Taken(at, order[number - 1] if number else None, bool(window and number and (self.steps - number) % window == 0))
            for number, at in enumerate(order)
        ]


def layer_of(name: str, roles: Roles, sums: Region, gates: int, target: Target) -> Layer:
    """The layer's sizes; :class:`EngineError` where a role's shape does not fit them."""
    weight, mask = roles.get("weight_hidden"), roles.get("mask")
    if len(sums.shape) != 2 or sums.shape[1] % gates or sums.shape[0] < 1:
        raise EngineError(f"operation '{name}' got sums {sums.shape}.")
    steps, units = sums.shape[0], sums.shape[1] // gates
    states, vectors = ("h", "c", "dh", "dh_total", "dc_total", "reset_state", "hidden_sum", "dhidden_sum"), ("initial_h", "initial_c")
    vectors += "dinitial_h", "dinitial_c", "dlast_h", "dlast_c", "hidden_bias"
    wanted: dict[str, int] = dict.fromkeys(states, steps * units) | dict.fromkeys(vectors, units)
    wanted |= dict.fromkeys(("sums", "gates", "dsums"), steps * units * gates) | {"mask": steps, "peephole": 3 * units}
    for role, size in wanted.items():
        if roles.get(role) is not None and size_of(roles[role]) != size:
            raise EngineError(f"operation '{name}' got {role} {roles[role].shape} for {steps} steps of {units} units.")
    if weight is not None and weight.shape != (gates * units, units):
        raise EngineError(f"operation '{name}' got weight_hidden {weight.shape} for {units} units of {gates} sums.")
    return Layer(name, steps, units, gates, target, mask.start if mask is not None else NOWHERE)


def place(region: Region | None) -> int:
    """Where a region begins, or nowhere."""
    return region.start if region else NOWHERE


def _exact(rows: int) -> Iterator[tuple[int, int, int]]:
    """(height, first row, rows covered), whole blocks only: a row that is added to may not be computed twice."""
    first = 0
    for height in MATVEC_ROWS:
        count = (rows - first) // height * height
        if count:
            yield height, first, count
            first += count


def product(layer: Layer, weight: Region, gate: int, gates: int, x: int, y: int, bias: int | None = None) -> list[Row]:
    """y (gates * units) += W x for ``gates`` gates of the weights from ``gate`` on; with ``bias`` (or none: NOWHERE) y = W x + bias."""
    stride, rows, lanes = padded(layer.units), gates * layer.units, layer.target.lanes
    a = weight.start + gate * layer.units * stride
    if lanes > 1:
        return matmul_rows(
            layer.target, rows, lanes, layer.units, a=a, a_row=stride, a_column=1, b=x, b_row=lanes, c=y, c_row=lanes,
            mode=ADD if bias is None else OVERWRITE, bias=NOWHERE if bias is None else bias,
        )  # fmt: skip
    return [
        matvec.row(
            constants={"ROWS": height}, rows=count, columns=layer.units, weight=a + first * stride, stride=stride, x=x,
            bias=y + first if bias is None else bias + first if bias >= 0 else NOWHERE, y=y + first,
        )
        for height, first, count in _exact(rows)
    ]  # fmt: skip


def product_back(layer: Layer, weight: Region, gate: int, gates: int, dy: int, dx: int, spare: int, more: bool) -> list[Row]:
    """dx (units) = W^T dy for ``gates`` gates from ``gate`` on, or added to what is there (``more``). ``spare``: room for a state."""
    stride, rows, lanes = padded(layer.units), gates * layer.units, layer.target.lanes
    a = weight.start + gate * layer.units * stride
    if lanes > 1:
        return matmul_rows(
            layer.target, layer.units, lanes, rows, a=a, a_row=1, a_column=stride, b=dy, b_row=lanes, c=dx, c_row=lanes,
            mode=ADD if more else OVERWRITE,
        )  # fmt: skip
    to = spare if more else dx
    made = [
        matvec_transposed.row(constants={"VECTORS": MATVEC_VECTORS}, rows=rows, columns=layer.units, weight=a, stride=stride, dy=dy, dx=to)
    ]
    return [*made, add.row(count=padded(layer.units), a=dx, b=spare, y=dx)] if more else made


def _spread_accesses(r: Any, FORM: str) -> Any:
    units = r.rows if FORM == "whole" else r.inner
    return [(r.weight, units)] if r.weight >= 0 else [], [(r.y, r.rows * r.inner)]


@kernel(_spread_accesses, forms)
def spread(memory: Any, FORM: str, rows: int, inner: int, weight: int, y: int) -> None:
    """y[u, l] = weight[u]

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):
            y[u, l] = weight[u]                 # 0 where there is no weight
    """
    for row in range(rows):
        for i in range(0, inner, WIDTH):
            v = splat(0.0)
            if weight >= 0:
                v = take(FORM, memory, weight + i, inner - i) if FORM == "part" else broadcast(memory, weight + row)
            put(FORM, memory, y + row * inner + i, v, inner - i)


def spread_rows(layer: Layer, weight: int, y: int) -> list[Row]:
    """A vector of units (or zeros: NOWHERE) in every lane."""
    return [spread.row(constants=layer.form, **layer.loops, weight=weight, y=y)]


def silent(layer: Layer, options: Options, *states: int) -> list[Row]:
    """Zeros in the units ``off`` of states of one step, which begin at ``states``; no rows where all are on."""
    numbers, lanes = sorted(set(options.get("off") or ())), layer.target.lanes
    if numbers and not 0 <= numbers[0] <= numbers[-1] < layer.units:
        raise EngineError(f"operation '{layer.name}' is to switch off {numbers} of {layer.units} units.")
    rows: list[Row] = []
    for _, run in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        units = [unit for _, unit in run]
        loops = {"rows": 1, "inner": len(units)} if lanes == 1 else {"rows": len(units), "inner": lanes}
        rows += [spread.row(constants=layer.form, **loops, weight=NOWHERE, y=state + units[0] * lanes) for state in states]
    return rows


def rooms(target: Target, units: int, count: int) -> int:
    """Elements of scratch for ``count`` states of one step."""
    return count * extent_of((units,), target.lanes)


def room(roles: Roles, target: Target, units: int, number: int) -> int:
    """Where state ``number`` in the scratch begins."""
    return int(roles["scratch"].start) + number * extent_of((units,), target.lanes)
