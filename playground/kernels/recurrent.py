"""``recurrent``: the plain recurrent layer h_t = f(sums_t + W h_(t-1)) (Elman 1990), its way back through time, and start values.

At a step that ``mask`` says is none (0), h stays as it was and the sums get no error. Steps are rows: the product with the state
before, then the function.
"""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.contraction import summed
from playground.kernels.language import WIDTH, broadcast, call, derivative, load, put, splat, take, where_greater
from playground.kernels.matmul import ADD_LATER, OVERWRITE
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.recurrent_steps import NOWHERE, Layer, layer_of, place, product, product_back, room, rooms, silent, spread
from playground.kernels.template import Constants, kernel
from playground.kernels.types import Row, Target

FUNCTION_NAMES = ("tanh", "relu", "sigmoid", "identity")


def _variants(isa: str) -> list[Constants]:
    return [{"FORM": form, "FUNCTION": name} for form in ("whole", "part") for name in FUNCTION_NAMES]


def mask_extent(r: Any, FORM: str) -> int:
    """Elements of the mask of a step."""
    return 1 if FORM == "part" else int(r.inner)


def touched(r: Any, FORM: str, *fields: str, parts: int = 1) -> list[tuple[Any, int]]:
    """What a record touches through those ``fields`` that lie somewhere, ``parts`` states each; its mask too, if that is one of them."""
    sizes = {field: mask_extent(r, FORM) if field == "mask" else parts * r.rows * r.inner for field in fields}
    return [(getattr(r, field), sizes[field]) for field in fields if getattr(r, field) >= 0]


@kernel(lambda r, FORM, FUNCTION: (touched(r, FORM, "sums", "before", "mask"), touched(r, FORM, "h")), _variants)
def recurrent_state(memory: Any, FORM: str, FUNCTION: str, rows: int, inner: int, sums: int, before: int, mask: int, h: int) -> None:
    """h = function(sums)

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):
            h[u, l] = function(sums[u, l]) if mask[l] > 1/2 else before[u, l]    # before: 0 where there is none
    """
    half = splat(0.5)
    for row in range(rows):
        for i in range(0, inner, WIDTH):
            at = row * inner + i
            part = inner - i
            v = call(FUNCTION, take(FORM, memory, sums + at, part))
            if mask >= 0:
                old = splat(0.0)
                if before >= 0:
                    old = take(FORM, memory, before + at, part)
                m = broadcast(memory, mask) if FORM == "part" else load(memory, mask + i)
                v = where_greater(m, half, v, old)
            put(FORM, memory, h + at, v, part)


@kernel(lambda r, FORM, FUNCTION: (touched(r, FORM, "h", "dh", "flow", "mask"), touched(r, FORM, "dsums", "dh_total", "carry")), _variants)
def recurrent_state_backward(
    memory: Any, FORM: str, FUNCTION: str, rows: int, inner: int, h: int, dh: int, flow: int, mask: int, dsums: int, dh_total: int,
    carry: int,
) -> None:  # fmt: skip
    """dsums = (dh + flow) * function'

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):
            dh_total[u, l] = dh[u, l] + flow[u, l]     # from above, and back from the step after
            dsums[u, l] = dh_total[u, l] * function'    # 0 at a masked step,
            carry[u, l] = 0                             # dh_total at a masked step
    """
    half = splat(0.5)
    zero = splat(0.0)
    for row in range(rows):
        for i in range(0, inner, WIDTH):
            at = row * inner + i
            part = inner - i
            d = zero
            if dh >= 0:
                d = take(FORM, memory, dh + at, part)
            if flow >= 0:
                d = d + take(FORM, memory, flow + at, part)
            y = take(FORM, memory, h + at, part)
            s = d * derivative(FUNCTION, y, y)
            if mask >= 0:
                m = broadcast(memory, mask) if FORM == "part" else load(memory, mask + i)
                s = where_greater(m, half, s, zero)
                if carry >= 0:
                    put(FORM, memory, carry + at, where_greater(m, half, zero, d), part)
            if dh_total >= 0:
                put(FORM, memory, dh_total + at, d, part)
            put(FORM, memory, dsums + at, s, part)


def _checked(options: Options) -> str:
    function = str(options["function"])
    if function not in FUNCTION_NAMES:
        raise EngineError(f"a recurrent layer cannot apply '{function}'.", remedy=f"Known: {', '.join(FUNCTION_NAMES)}.")
    return function


@operation("recurrent", writes=("sums", "h"))
def recurrent(roles: Roles, options: Options, target: Target) -> list[Row]:
    sums, h, start = roles["sums"], roles["h"], roles.get("initial_h")
    layer = layer_of("recurrent", roles, sums, 1, target)
    constants = {**layer.form, "FUNCTION": _checked(options)}
    rows: list[Row] = []
    for step in layer.taken(options):
        before, here = layer.state(h, step.before, start), layer.state(sums, step.at)
        if before != NOWHERE:
            rows += product(layer, roles["weight_hidden"], 0, 1, before, here)
        rows.append(
            recurrent_state.row(
                constants=constants, **layer.loops, sums=here, before=before, mask=layer.mask_at(step.at), h=layer.state(h, step.at)
            )
        )
        rows += silent(layer, options, layer.state(h, step.at))
    return rows


def _back_scratch(roles: Roles, options: Options, target: Target) -> int:
    return rooms(target, roles["dsums"].shape[1], 2)


def leaving(roles: Roles, last: bool, flow: int, role: str = "dinitial_h") -> int:
    """Where the error goes that flows back from a step: on to the one before, or from the first to the start values, if anywhere."""
    return place(roles.get(role)) if last else flow


@operation("recurrent_backward", writes=("dsums", "dh_total", "dinitial_h"), scratch=_back_scratch)
def recurrent_backward(roles: Roles, options: Options, target: Target) -> list[Row]:
    h, dsums, dh_total = roles["h"], roles["dsums"], roles.get("dh_total")
    layer = layer_of("recurrent_backward", roles, dsums, 1, target)
    constants = {**layer.form, "FUNCTION": _checked(options)}
    flow, spare = (room(roles, target, layer.units, number) for number in range(2))
    coming, rows = place(roles.get("dlast_h")), list[Row]()
    for step in reversed(layer.taken(options)):
        away = leaving(roles, step.before is None, flow)
        masked = layer.mask >= 0
        rows.append(
            recurrent_state_backward.row(
                constants=constants, **layer.loops, h=layer.state(h, step.at), dh=layer.state(roles.get("dh"), step.at), flow=coming,
                mask=layer.mask_at(step.at), dsums=layer.state(dsums, step.at), dh_total=layer.state(dh_total, step.at),
                carry=away if masked else NOWHERE,
            )
        )  # fmt: skip
        if away != NOWHERE and not step.cut:
            rows += product_back(layer, roles["weight_hidden"], 0, 1, layer.state(dsums, step.at), away, spare, more=masked)
            rows += silent(layer, options, away)
        coming = NOWHERE if step.cut and not masked else flow
    return rows


@operation("spread", writes=("y",))
def spread_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """A parameter, as the same value in every lane."""
    weight, y = roles["weight"], roles["y"]
    layer = _vector("spread", weight.shape, y.shape, target)
    return [spread.row(constants=layer.form, **layer.loops, weight=weight.start, y=y.start)]


@operation("spread_backward_weight", writes=("dweight",), accumulates=True)
def spread_backward_weight(roles: Roles, options: Options, target: Target) -> list[Row]:
    dy, dweight = roles["dy"], roles["dweight"]
    layer = _vector("spread_backward_weight", dweight.shape, dy.shape, target)
    return summed(target, layer.units, 1, dy.start, 0, dweight.start, ADD_LATER if options.get("accumulate") else OVERWRITE)


def _vector(name: str, weight: tuple[int, ...], value: tuple[int, ...], target: Target) -> Layer:
    if len(weight) != 1 or value != weight:
        raise EngineError(f"operation '{name}' got a value {value} for a parameter {weight}.")
    return Layer(name, 1, weight[0], 1, target, NOWHERE)
