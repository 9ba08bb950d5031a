"""``lstm`` and its way back (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000; peepholes: Gers & Schmidhuber
2000): i, f, o = sigmoid, g = tanh of their sums, c = f c' + i g, h = o tanh(c). Gates lie in PyTorch's order: i f g o."""

from __future__ import annotations

from typing import Any

from playground.kernels.language import WIDTH, broadcast, call, fma, load, put, splat, take, where_greater
from playground.kernels.normalize import forms
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.recurrent import leaving, touched
from playground.kernels.recurrent_steps import NOWHERE, layer_of, place, product, product_back, room, rooms, silent
from playground.kernels.template import kernel
from playground.kernels.types import Row, Target, padded


def _peephole(r: Any, FORM: str) -> list[tuple[Any, int]]:
    units = r.rows if FORM == "whole" else r.inner
    return [(r.peephole, 2 * r.peephole_row + units)] if r.peephole >= 0 else []


def _state_accesses(r: Any, FORM: str) -> Any:
    reads = [*touched(r, FORM, "sums", parts=4), *touched(r, FORM, "c_before", "h_before", "mask"), *_peephole(r, FORM)]
    sums = touched(r, FORM, "sums", parts=4) if r.peephole >= 0 else []
    return reads, [*sums, *touched(r, FORM, "gates", parts=4), *touched(r, FORM, "c", "h")]


@kernel(_state_accesses, forms)
def lstm_state(
    memory: Any, FORM: str, rows: int, inner: int, sums: int, peephole: int, peephole_row: int, c_before: int, h_before: int, mask: int,
    gates: int, c: int, h: int,
) -> None:  # fmt: skip
    """Gates, c and h of a step

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):                      # each of i f g o is one of four blocks of sums, gates
            i = sigmoid(sums_i + peephole[0, u] * c_before)
            f = sigmoid(sums_f + peephole[1, u] * c_before)
            g = tanh(sums_g)
            c = f * c_before + i * g                # c_before at a masked step, 0 where there is none
            o = sigmoid(sums_o + peephole[2, u] * c)
            h = o * tanh(c)                         # h_before at a masked step

    With peepholes, sums become what stands in the brackets.
    """
    half = splat(0.5)
    gate = rows * inner
    for row in range(rows):
        for x in range(0, inner, WIDTH):
            at = row * inner + x
            part = inner - x
            si = take(FORM, memory, sums + at, part)
            sf = take(FORM, memory, sums + gate + at, part)
            sg = take(FORM, memory, sums + 2 * gate + at, part)
            so = take(FORM, memory, sums + 3 * gate + at, part)
            old_c = splat(0.0)
            if c_before >= 0:
                old_c = take(FORM, memory, c_before + at, part)
            if peephole >= 0:
                if FORM == "part":
                    pi = take(FORM, memory, peephole + x, part)
                    pf = take(FORM, memory, peephole + peephole_row + x, part)
                    po = take(FORM, memory, peephole + 2 * peephole_row + x, part)
                else:
                    pi = broadcast(memory, peephole + row)
                    pf = broadcast(memory, peephole + peephole_row + row)
                    po = broadcast(memory, peephole + 2 * peephole_row + row)
                si = fma(pi, old_c, si)
                sf = fma(pf, old_c, sf)
            i = call("sigmoid", si)
            f = call("sigmoid", sf)
            g = call("tanh", sg)
            new_c = fma(f, old_c, i * g)
            if peephole >= 0:
                so = fma(po, new_c, so)
                put(FORM, memory, sums + at, si, part)
                put(FORM, memory, sums + gate + at, sf, part)
                put(FORM, memory, sums + 3 * gate + at, so, part)
            o = call("sigmoid", so)
            new_h = o * call("tanh", new_c)
            if mask >= 0:
                old_h = splat(0.0)
                if h_before >= 0:
                    old_h = take(FORM, memory, h_before + at, part)
                m = broadcast(memory, mask) if FORM == "part" else load(memory, mask + x)
                new_c = where_greater(m, half, new_c, old_c)
                new_h = where_greater(m, half, new_h, old_h)
            put(FORM, memory, gates + at, i, part)
            put(FORM, memory, gates + gate + at, f, part)
            put(FORM, memory, gates + 2 * gate + at, g, part)
            put(FORM, memory, gates + 3 * gate + at, o, part)
            put(FORM, memory, c + at, new_c, part)
            put(FORM, memory, h + at, new_h, part)


def _back_accesses(r: Any, FORM: str) -> Any:
    reads = [*touched(r, FORM, "gates", parts=4), *touched(r, FORM, "c", "c_before", "dh", "flow", "dc", "mask"), *_peephole(r, FORM)]
    return reads, [*touched(r, FORM, "dsums", parts=4), *touched(r, FORM, "dh_total", "dc_total", "carry", "dc_before")]


@kernel(_back_accesses, forms)
def lstm_state_backward(
    memory: Any, FORM: str, rows: int, inner: int, gates: int, c: int, c_before: int, peephole: int, peephole_row: int, mask: int, dh: int,
    flow: int, dc: int, cut: int, dsums: int, dh_total: int, dc_total: int, carry: int, dc_before: int,
) -> None:  # fmt: skip
    """The errors of the sums, and what goes to c'

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):                      # each of i f g o is one of four blocks of gates, dsums
            dh_total = dh + flow                    # from above, and back from the step after
            dsums_o = dh_total * tanh(c) * o * (1 - o)
            dc_total = dc + dh_total * o * (1 - tanh(c)**2) + peephole[2, u] * dsums_o    # dc: back from the step after
            dsums_i = dc_total * g * i * (1 - i)
            dsums_f = dc_total * c_before * f * (1 - f)
            dsums_g = dc_total * i * (1 - g**2)
            dc_before = dc_total * f + peephole[0, u] * dsums_i + peephole[1, u] * dsums_f    # 0 at a cut
            carry = 0

    At a masked step dsums are 0, dc_total and dc_before are dc, and carry is dh_total.
    """
    half = splat(0.5)
    zero = splat(0.0)
    one = splat(1.0)
    gate = rows * inner
    for row in range(rows):
        for x in range(0, inner, WIDTH):
            at = row * inner + x
            part = inner - x
            d = zero
            if dh >= 0:
                d = take(FORM, memory, dh + at, part)
            if flow >= 0:
                d = d + take(FORM, memory, flow + at, part)
            later = zero
            if dc >= 0:
                later = take(FORM, memory, dc + at, part)
            i = take(FORM, memory, gates + at, part)
            f = take(FORM, memory, gates + gate + at, part)
            g = take(FORM, memory, gates + 2 * gate + at, part)
            o = take(FORM, memory, gates + 3 * gate + at, part)
            t = call("tanh", take(FORM, memory, c + at, part))
            old_c = zero
            if c_before >= 0:
                old_c = take(FORM, memory, c_before + at, part)
            so = d * t * o * (one - o)
            e = fma(d * o, one - t * t, later)
            if peephole >= 0:
                if FORM == "part":
                    po = take(FORM, memory, peephole + 2 * peephole_row + x, part)
                else:
                    po = broadcast(memory, peephole + 2 * peephole_row + row)
                e = fma(po, so, e)
            si = e * g * i * (one - i)
            sf = e * old_c * f * (one - f)
            sg = e * i * (one - g * g)
            back = e * f
            if peephole >= 0:
                if FORM == "part":
                    pi = take(FORM, memory, peephole + x, part)
                    pf = take(FORM, memory, peephole + peephole_row + x, part)
                else:
                    pi = broadcast(memory, peephole + row)
                    pf = broadcast(memory, peephole + peephole_row + row)
                back = fma(pi, si, fma(pf, sf, back))
            if cut != 0:
                back = zero
            if mask >= 0:
                m = broadcast(memory, mask) if FORM == "part" else load(memory, mask + x)
                si = where_greater(m, half, si, zero)
                sf = where_greater(m, half, sf, zero)
                sg = where_greater(m, half, sg, zero)
                so = where_greater(m, half, so, zero)
                e = where_greater(m, half, e, later)
                back = where_greater(m, half, back, later)
                if carry >= 0:
                    put(FORM, memory, carry + at, where_greater(m, half, zero, d), part)
            if dh_total >= 0:
                put(FORM, memory, dh_total + at, d, part)
            if dc_total >= 0:
                put(FORM, memory, dc_total + at, e, part)
            if dc_before >= 0:
                put(FORM, memory, dc_before + at, back, part)
            put(FORM, memory, dsums + at, si, part)
            put(FORM, memory, dsums + gate + at, sf, part)
            put(FORM, memory, dsums + 2 * gate + at, sg, part)
            put(FORM, memory, dsums + 3 * gate + at, so, part)


@operation("lstm", writes=("sums", "gates", "c", "h"))
def lstm(roles: Roles, options: Options, target: Target) -> list[Row]:
    sums, gates, c, h = roles["sums"], roles.get("gates") or roles["sums"], roles["c"], roles["h"]
    layer = layer_of("lstm", roles, sums, 4, target)
    rows: list[Row] = []
    for step in layer.taken(options):
        before, here = layer.state(h, step.before, roles.get("initial_h")), layer.sums(sums, step.at)
        if before != NOWHERE:
            rows += product(layer, roles["weight_hidden"], 0, 4, before, here)
        rows.append(
            lstm_state.row(
                constants=layer.form, **layer.loops, sums=here, peephole=place(roles.get("peephole")), peephole_row=padded(layer.units),
                c_before=layer.state(c, step.before, roles.get("initial_c")), h_before=before, mask=layer.mask_at(step.at),
                gates=layer.sums(gates, step.at), c=layer.state(c, step.at), h=layer.state(h, step.at),
            )
        )  # fmt: skip
        rows += silent(layer, options, layer.state(c, step.at), layer.state(h, step.at))
    return rows


def _back_scratch(roles: Roles, options: Options, target: Target) -> int:
    return rooms(target, roles["dsums"].shape[1] // 4, 3)


@operation("lstm_backward", writes=("dsums", "dh_total", "dc_total", "dinitial_h", "dinitial_c"), scratch=_back_scratch)
def lstm_backward(roles: Roles, options: Options, target: Target) -> list[Row]:
    c, dsums = roles["c"], roles["dsums"]
    layer = layer_of("lstm_backward", roles, dsums, 4, target)
    flow, flow_c, spare = (room(roles, target, layer.units, number) for number in range(3))
    coming, coming_c, rows = place(roles.get("dlast_h")), place(roles.get("dlast_c")), list[Row]()
    for step in reversed(layer.taken(options)):
        first, masked = step.before is None, layer.mask >= 0
        away, here = leaving(roles, first, flow), layer.sums(dsums, step.at)
        rows.append(
            lstm_state_backward.row(
                constants=layer.form, **layer.loops, gates=layer.sums(roles["gates"], step.at), c=layer.state(c, step.at),
                c_before=layer.state(c, step.before, roles.get("initial_c")), peephole=place(roles.get("peephole")),
                peephole_row=padded(layer.units), mask=layer.mask_at(step.at), dh=layer.state(roles.get("dh"), step.at), flow=coming,
                dc=coming_c, cut=step.cut, dsums=here, dh_total=layer.state(roles.get("dh_total"), step.at),
                dc_total=layer.state(roles.get("dc_total"), step.at), carry=away if masked else NOWHERE,
                dc_before=leaving(roles, first, flow_c, "dinitial_c"),
            )
        )  # fmt: skip
        if away != NOWHERE and not step.cut:
            rows += product_back(layer, roles["weight_hidden"], 0, 4, here, away, spare, more=masked)
            rows += silent(layer, options, away)
        coming, coming_c = NOWHERE if step.cut and not masked else flow, flow_c
    return rows
