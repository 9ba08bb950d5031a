"""Products of the steps of two sequences, sample by sample: what attention is made of, forward and back."""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.language import WIDTH, fma, load_part, splat, store_part, where_greater
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.template import kernel
from playground.kernels.types import Region, Row, Target

NOWHERE = -1
NEVER = -1e9
"""The score of a step that is not real: its share of a softmax is 0."""


def _products_accesses(r: Any) -> Any:
    reads = [(r.a, r.rows * r.size * r.lanes), (r.b, r.columns * r.size * r.lanes)]
    if r.mask != NOWHERE:
        reads.append((r.mask, r.columns * r.lanes))
    return reads, [(r.y, r.rows * r.columns * r.lanes)]


@kernel(_products_accesses)
def step_products(memory: Any, rows: int, columns: int, size: int, lanes: int, a: int, b: int, mask: int, y: int, scale: float) -> None:
    """y[i, j] = scale * sum_k a[i, k] b[j, k], or NEVER where mask[j] is 0"""
    zero = splat(0.0)
    factor = splat(scale)
    never = splat(NEVER)
    for i in range(rows):
        for j in range(columns):
            for lane in range(0, lanes, WIDTH):
                part = lanes - lane
                s = zero
                for k in range(size):
                    u = load_part(memory, a + (i * size + k) * lanes + lane, part)
                    v = load_part(memory, b + (j * size + k) * lanes + lane, part)
                    s = fma(u, v, s)
                s = s * factor
                if mask >= 0:
                    s = where_greater(load_part(memory, mask + j * lanes + lane, part), zero, s, never)
                store_part(memory, y + (i * columns + j) * lanes + lane, s, part)


def _mix_accesses(r: Any) -> Any:
    weights = (r.weights, ((r.rows - 1) * r.down + (r.depth - 1) * r.across + 1) * r.lanes)
    return [weights, (r.x, r.depth * r.size * r.lanes)], [(r.y, r.rows * r.size * r.lanes)]


@kernel(_mix_accesses)
def step_mix(
    memory: Any, rows: int, depth: int, size: int, lanes: int, weights: int, down: int, across: int, x: int, y: int, scale: float
) -> None:
    """y[i, k] = scale * sum_j weights[i * down + j * across] x[j, k]"""
    factor = splat(scale)
    for i in range(rows):
        for k in range(size):
            for lane in range(0, lanes, WIDTH):
                part = lanes - lane
                s = splat(0.0)
                for j in range(depth):
                    w = load_part(memory, weights + (i * down + j * across) * lanes + lane, part)
                    s = fma(w, load_part(memory, x + (j * size + k) * lanes + lane, part), s)
                store_part(memory, y + (i * size + k) * lanes + lane, s * factor, part)


def _misfit(name: str, *regions: Region) -> EngineError:
    return EngineError(f"operation '{name}' got shapes {', '.join(str(region.shape) for region in regions)}.")


@operation("products", writes=("y",))
def products_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """a (I,F), b (J,F), mask (J) or None -> y (I,J); option ``scale``."""
    a, b, y, mask = roles["a"], roles["b"], roles["y"], roles.get("mask")
    if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[1] != b.shape[1] or y.shape != (a.shape[0], b.shape[0]):
        raise _misfit("products", a, b, y)
    return [
        step_products.row(
            rows=a.shape[0],
            columns=b.shape[0],
            size=a.shape[1],
            lanes=target.lanes,
            a=a.start,
            b=b.start,
            mask=NOWHERE if mask is None else mask.start,
            y=y.start,
            scale=float(options.get("scale", 1.0)),
        )
    ]


@operation("mix", writes=("y",))
def mix_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """weights (I,J), x (J,G) -> y (I,G), or with ``transposed`` x (I,G) -> y (J,G); option ``scale``."""
    weights, x, y = roles["weights"], roles["x"], roles["y"]
    if len(weights.shape) != 2 or len(x.shape) != 2:
        raise _misfit("mix", weights, x, y)
    transposed = bool(options.get("transposed"))
    rows, depth = reversed(weights.shape) if transposed else weights.shape
    if x.shape[0] != depth or y.shape != (rows, x.shape[1]):
        raise _misfit("mix", weights, x, y)
    wide = weights.shape[1]
    return [
        step_mix.row(
            rows=rows,
            depth=depth,
            size=x.shape[1],
            lanes=target.lanes,
            weights=weights.start,
            down=1 if transposed else wide,
            across=wide if transposed else 1,
            x=x.start,
            y=y.start,
            scale=float(options.get("scale", 1.0)),
        )
    ]
