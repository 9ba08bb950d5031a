"""``affine`` and its two backward operations: y = W x + b, for x of shape (F) or, the same weights at each step, (T, F)."""

from __future__ import annotations

from playground.errors import EngineError
from playground.kernels.contraction import contracted, contraction_scratch, summed
from playground.kernels.matmul import ADD_LATER, OVERWRITE, matmul_rows, row_sums, transpose_to_rows
from playground.kernels.matvec import MATVEC_ROWS, MATVEC_VECTORS, bias_of_one, matvec, matvec_transposed, outer
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, operation, size_of
from playground.kernels.types import Region, Row, Target, padded


def _sizes(name: str, weight: Region, x: Region, y: Region) -> tuple[int, int, int]:
    """(steps, units, features), checked against all three shapes."""
    units, features = weight.shape
    steps = size_of(x) // features
    if size_of(x) != steps * features or size_of(y) != steps * units or steps == 0:
        raise EngineError(f"operation '{name}' got x {x.shape}, y {y.shape} for weights {weight.shape}.")
    return steps, units, features


@operation("affine", writes=("y",))
def affine(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, weight, bias, y = roles["x"], roles["weight"], roles.get("bias"), roles["y"]
    steps, units, features = _sizes("affine", weight, x, y)
    lanes, stride, bias_start = target.lanes, padded(features), bias.start if bias else -1
    if lanes > 1:
        return matmul_rows(
            target, units, lanes, features, a=weight.start, a_row=stride, a_column=1, b=x.start, b_row=lanes, c=y.start, c_row=lanes,
            bias=bias_start, times=steps, b_step=features * lanes, c_step=units * lanes,
        )  # fmt: skip
    height = next(height for height in MATVEC_ROWS if height <= units)
    return [
        matvec.row(
            constants={"ROWS": height},
            rows=units,
            columns=features,
            weight=weight.start,
            stride=stride,
            x=x.start + t * features,
            bias=bias_start,
            y=y.start + t * units,
        )
        for t in range(steps)
    ]


@operation("affine_backward_input", writes=("dx",))
def affine_backward_input(roles: Roles, options: Options, target: Target) -> list[Row]:
    weight, dy, dx = roles["weight"], roles["dy"], roles["dx"]
    steps, units, features = _sizes("affine_backward_input", weight, dx, dy)
    lanes, stride = target.lanes, padded(features)
    if lanes > 1:
        return matmul_rows(
            target, features, lanes, units, a=weight.start, a_row=1, a_column=stride, b=dy.start, b_row=lanes, c=dx.start, c_row=lanes,
            times=steps, b_step=units * lanes, c_step=features * lanes,
        )  # fmt: skip
    return [
        matvec_transposed.row(
            constants={"VECTORS": MATVEC_VECTORS},
            rows=units,
            columns=features,
            weight=weight.start,
            stride=stride,
            dy=dy.start + t * units,
            dx=dx.start + t * features,
        )
        for t in range(steps)
    ]


def _transposed_extent(roles: Roles, options: Options, target: Target) -> int:
    """Room for x as rows, [steps, lanes, padded features]; none if the gather made it already."""
    features = roles["dweight"].shape[1]
    steps = size_of(roles["x"]) // features
    if steps > 1:
        return contraction_scratch(target, features, steps)
    return 0 if target.lanes == 1 or roles.get("x_rows") is not None else target.lanes * padded(features)


@operation("affine_backward_weight", writes=("dweight", "dbias", "weight"), scratch=_transposed_extent, accumulates=True)
def affine_backward_weight(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, dy, dweight, dbias = roles["x"], roles["dy"], roles["dweight"], roles.get("dbias")
    steps, units, features = _sizes("affine_backward_weight", dweight, x, dy)
    lanes, stride = target.lanes, padded(features)
    weight = roles["weight"].start if roles.get("weight") else -1
    if weight >= 0 and (steps > 1 or options.get("accumulate")):
        raise EngineError("operation 'affine_backward_weight' updates weights only with a gradient that it computes in one go.")
    mode = ADD_LATER if options.get("accumulate") else OVERWRITE
    if steps > 1:
        rows = contracted(target, units, features, steps, dy.start, units * lanes, x.start, dweight.start, roles["scratch"].start, mode)
        return rows + (summed(target, units, steps, dy.start, units * lanes, dbias.start, mode) if dbias else [])
    if lanes == 1:
        rows = [
            outer.row(
                control=CONTROL_BLOCK,
                rows=units,
                columns=features,
                dy=dy.start,
                x=x.start,
                dweight=dweight.start,
                stride=stride,
                mode=mode,
                weight=weight,
            )
        ]
        return rows + ([bias_of_one.row(control=CONTROL_BLOCK, rows=units, dy=dy.start, dbias=dbias.start, mode=mode)] if dbias else [])
    rows, x_rows = [], roles.get("x_rows")
    if x_rows is None:
        x_rows = roles["scratch"]
        rows.append(transpose_to_rows.row(rows=features, lanes=lanes, x=x.start, y=x_rows.start, y_row=stride, times=1))
    rows += matmul_rows(
        target,
        units,
        stride,
        lanes,
        a=dy.start,
        a_row=lanes,
        a_column=1,
        b=x_rows.start,
        b_row=stride,
        c=dweight.start,
        c_row=stride,
        mode=mode,
        weight=weight,
    )
    if dbias:
        rows.append(row_sums.row(control=CONTROL_BLOCK, rows=units, lanes=lanes, x=dy.start, y=dbias.start, mode=mode))
    return rows
