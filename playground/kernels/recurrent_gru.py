"""``gru`` and its way back, in both forms in use, z and r = sigmoid of their sums; gates lie in the order z r n.

tutorial (Cho et al. 2014): n = tanh(sums_n + W_n (r h')), h = (1 - z) h' + z n.
pytorch: n = tanh(sums_n + r (W_n h' + b)), h = (1 - z) n + z h'.
"""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.language import WIDTH, broadcast, call, fma, load, put, splat, take, where_greater
from playground.kernels.normalize import forms
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.recurrent import leaving, touched
from playground.kernels.recurrent_steps import NOWHERE, layer_of, place, product, product_back, room, rooms, silent, spread_rows
from playground.kernels.template import kernel
from playground.kernels.types import Row, Target

FORMS = ("tutorial", "pytorch")


def _reset_accesses(r: Any, FORM: str) -> Any:
    return [*touched(r, FORM, "sums", parts=2), *touched(r, FORM, "before")], [
        *touched(r, FORM, "gates", parts=2), *touched(r, FORM, "reset_state")
    ]  # fmt: skip


@kernel(_reset_accesses, forms)
def gru_reset(memory: Any, FORM: str, rows: int, inner: int, sums: int, before: int, gates: int, reset_state: int) -> None:
    """z, r = sigmoid(sums), reset_state = r h'

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):                      # z and r are two blocks of sums, gates
            z = sigmoid(sums_z)
            r = sigmoid(sums_r)
            reset_state = r * before                # 0 where there is none before
    """
    gate = rows * inner
    for row in range(rows):
        for x in range(0, inner, WIDTH):
            at = row * inner + x
            part = inner - x
            z = call("sigmoid", take(FORM, memory, sums + at, part))
            r = call("sigmoid", take(FORM, memory, sums + gate + at, part))
            put(FORM, memory, gates + at, z, part)
            put(FORM, memory, gates + gate + at, r, part)
            if reset_state >= 0:
                old = splat(0.0)
                if before >= 0:
                    old = take(FORM, memory, before + at, part)
                put(FORM, memory, reset_state + at, r * old, part)


def _state_accesses(r: Any, FORM: str) -> Any:
    reads = [*touched(r, FORM, "sums", "before", "hidden_sum", "mask"), *touched(r, FORM, "gates", parts=2)]
    candidate = (r.gates + 2 * r.rows * r.inner, r.rows * r.inner)
    return reads, [candidate, *touched(r, FORM, "h"), *(touched(r, FORM, "sums") if r.hidden_sum >= 0 else [])]


@kernel(_state_accesses, forms)
def gru_state(
    memory: Any, FORM: str, rows: int, inner: int, sums: int, before: int, hidden_sum: int, mask: int, gates: int, h: int
) -> None:
    """n = tanh(sums), h = (1 - z) h' + z n

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):                      # z r n are the blocks of gates, the first two given; sums are n's alone
            sums += r * hidden_sum                  # pytorch's form: there is a hidden_sum
            n = tanh(sums)
            h = before + z * (n - before)           # pytorch's: n + z * (before - n); before at a masked step
    """
    half = splat(0.5)
    gate = rows * inner
    for row in range(rows):
        for x in range(0, inner, WIDTH):
            at = row * inner + x
            part = inner - x
            s = take(FORM, memory, sums + at, part)
            z = take(FORM, memory, gates + at, part)
            old = splat(0.0)
            if before >= 0:
                old = take(FORM, memory, before + at, part)
            if hidden_sum >= 0:
                s = fma(take(FORM, memory, gates + gate + at, part), take(FORM, memory, hidden_sum + at, part), s)
                put(FORM, memory, sums + at, s, part)
            n = call("tanh", s)
            new = fma(z, old - n, n) if hidden_sum >= 0 else fma(z, n - old, old)
            if mask >= 0:
                m = broadcast(memory, mask) if FORM == "part" else load(memory, mask + x)
                new = where_greater(m, half, new, old)
            put(FORM, memory, gates + 2 * gate + at, n, part)
            put(FORM, memory, h + at, new, part)


def _back_accesses(r: Any, FORM: str) -> Any:
    reads = [*touched(r, FORM, "gates", parts=3), *touched(r, FORM, "before", "hidden_sum", "mask", "dh", "flow")]
    # in the tutorial's form the block of r is not written: it may still be needed
    size = r.rows * r.inner
    sums = [(r.dsums, 3 * size)] if r.hidden_sum >= 0 else [(r.dsums, size), (r.dsums + 2 * size, size)]
    return reads, [*sums, *touched(r, FORM, "dhidden_sum", "dh_total", "carry")]


@kernel(_back_accesses, forms)
def gru_state_backward(
    memory: Any, FORM: str, rows: int, inner: int, gates: int, before: int, hidden_sum: int, mask: int, dh: int, flow: int, cut: int,
    dsums: int, dhidden_sum: int, dh_total: int, carry: int,
) -> None:  # fmt: skip
    """The errors of the sums of z and n, and what goes to h' past them

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):                      # z r n are the blocks of gates, dsums
            dh_total = dh + flow                    # from above, and back from the step after
            dsums_n = dh_total * z * (1 - n**2)     # pytorch's form, where there is a hidden_sum: 1 - z in z's place
            dsums_z = dh_total * (n - before) * z * (1 - z)    # pytorch's: before - n
            carry = dh_total * (1 - z)              # pytorch's: z; 0 at a cut
            dhidden_sum = dsums_n * r               # pytorch's alone, and
            dsums_r = dsums_n * hidden_sum * r * (1 - r)

    At a masked step all but carry, which is dh_total, are 0.
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
            z = take(FORM, memory, gates + at, part)
            n = take(FORM, memory, gates + 2 * gate + at, part)
            old = zero
            if before >= 0:
                old = take(FORM, memory, before + at, part)
            sz = d * (n - old) * z * (one - z)
            if hidden_sum >= 0:
                sz = -sz
                sn = d * (one - z) * (one - n * n)
                back = d * z
            else:
                sn = d * z * (one - n * n)
                back = d * (one - z)
            if cut != 0:
                back = zero
            if mask >= 0:
                m = broadcast(memory, mask) if FORM == "part" else load(memory, mask + x)
                sz = where_greater(m, half, sz, zero)
                sn = where_greater(m, half, sn, zero)
                back = where_greater(m, half, back, d)
            if hidden_sum >= 0:
                r = take(FORM, memory, gates + gate + at, part)
                put(FORM, memory, dhidden_sum + at, sn * r, part)
                put(FORM, memory, dsums + gate + at, sn * take(FORM, memory, hidden_sum + at, part) * r * (one - r), part)
            if dh_total >= 0:
                put(FORM, memory, dh_total + at, d, part)
            if carry >= 0:
                put(FORM, memory, carry + at, back, part)
            put(FORM, memory, dsums + at, sz, part)
            put(FORM, memory, dsums + 2 * gate + at, sn, part)


def _reset_back_accesses(r: Any, FORM: str) -> Any:
    carry = touched(r, FORM, "carry")
    return [*touched(r, FORM, "reset", "before", "dreset_state"), *carry], [*touched(r, FORM, "dsums"), *carry]


@kernel(_reset_back_accesses, forms)
def gru_reset_backward(
    memory: Any, FORM: str, rows: int, inner: int, reset: int, before: int, dreset_state: int, dsums: int, carry: int
) -> None:
    """From the error of r h' to those of r's sums and of h'

    for u in range(rows):                       # "part": one lane; then u is the inner number
        for l in range(inner):
            dsums[u, l] = dreset_state[u, l] * before[u, l] * reset[u, l] * (1 - reset[u, l])
            carry[u, l] += dreset_state[u, l] * reset[u, l]
    """
    one = splat(1.0)
    for row in range(rows):
        for x in range(0, inner, WIDTH):
            at = row * inner + x
            part = inner - x
            r = take(FORM, memory, reset + at, part)
            d = take(FORM, memory, dreset_state + at, part)
            old = splat(0.0)
            if before >= 0:
                old = take(FORM, memory, before + at, part)
            put(FORM, memory, dsums + at, d * old * r * (one - r), part)
            if carry >= 0:
                put(FORM, memory, carry + at, fma(d, r, take(FORM, memory, carry + at, part)), part)


def _is_pytorch(options: Options) -> bool:
    if options["form"] not in FORMS:
        raise EngineError(f"there is no form '{options['form']}' of GRU.", remedy=f"Known: {', '.join(FORMS)}.")
    return bool(options["form"] == "pytorch")


@operation("gru", writes=("sums", "gates", "h", "reset_state", "hidden_sum"))
def gru(roles: Roles, options: Options, target: Target) -> list[Row]:
    sums, gates, h, start = roles["sums"], roles.get("gates") or roles["sums"], roles["h"], roles.get("initial_h")
    weight, pytorch = roles["weight_hidden"], _is_pytorch(options)
    layer = layer_of("gru", roles, sums, 3, target)
    inside = roles["hidden_sum" if pytorch else "reset_state"]
    rows: list[Row] = []
    for step in layer.taken(options):
        before, here, inner_state = layer.state(h, step.before, start), layer.sums(sums, step.at), layer.state(inside, step.at)
        gates_here, candidate = layer.sums(gates, step.at), layer.sums(sums, step.at, 2)
        if before != NOWHERE:
            rows += product(layer, weight, 0, 2, before, here)
        reset_state = NOWHERE if pytorch else inner_state
        rows.append(gru_reset.row(constants=layer.form, **layer.loops, sums=here, before=before, gates=gates_here, reset_state=reset_state))
        if pytorch:
            bias = place(roles.get("hidden_bias"))
            if before != NOWHERE:
                rows += product(layer, weight, 2, 1, before, inner_state, bias)
            else:
                rows += spread_rows(layer, bias, inner_state)
        elif before != NOWHERE:
            rows += product(layer, weight, 2, 1, inner_state, candidate)
        rows.append(
            gru_state.row(
                constants=layer.form, **layer.loops, sums=candidate, before=before, hidden_sum=inner_state if pytorch else NOWHERE,
                mask=layer.mask_at(step.at), gates=gates_here, h=layer.state(h, step.at),
            )
        )  # fmt: skip
        rows += silent(layer, options, layer.state(h, step.at))
    return rows


def _back_scratch(roles: Roles, options: Options, target: Target) -> int:
    return rooms(target, roles["dsums"].shape[1] // 3, 3)


@operation("gru_backward", writes=("dsums", "dh_total", "dinitial_h", "dhidden_sum"), scratch=_back_scratch)
def gru_backward(roles: Roles, options: Options, target: Target) -> list[Row]:
    gates, h, dsums, start = roles["gates"], roles["h"], roles["dsums"], roles.get("initial_h")
    weight, pytorch = roles["weight_hidden"], _is_pytorch(options)
    layer = layer_of("gru_backward", roles, dsums, 3, target)
    hidden_sum, dhidden_sum = (roles["hidden_sum"], roles["dhidden_sum"]) if pytorch else (None, None)
    flow, dreset, spare = (room(roles, target, layer.units, number) for number in range(3))
    coming, rows = place(roles.get("dlast_h")), list[Row]()
    for step in reversed(layer.taken(options)):
        away, before = leaving(roles, step.before is None, flow), layer.state(h, step.before, start)
        onward = away if not step.cut else NOWHERE
        dz, dn, dhidden = layer.sums(dsums, step.at), layer.sums(dsums, step.at, 2), layer.state(dhidden_sum, step.at)
        rows.append(
            gru_state_backward.row(
                constants=layer.form, **layer.loops, gates=layer.sums(gates, step.at), before=before,
                hidden_sum=layer.state(hidden_sum, step.at), mask=layer.mask_at(step.at), dh=layer.state(roles.get("dh"), step.at),
                flow=coming, cut=step.cut, dsums=dz, dhidden_sum=dhidden, dh_total=layer.state(roles.get("dh_total"), step.at), carry=away,
            )
        )  # fmt: skip
        if not pytorch:
            rows += product_back(layer, weight, 2, 1, dn, dreset, spare, more=False)
            rows.append(
                gru_reset_backward.row(
                    constants=layer.form, **layer.loops, reset=layer.sums(gates, step.at, 1), before=before, dreset_state=dreset,
                    dsums=layer.sums(dsums, step.at, 1), carry=onward,
                )
            )  # fmt: skip
        if onward != NOWHERE:
            rows += product_back(layer, weight, 0, 2, dz, onward, spare, more=True)
            if pytorch:
                rows += product_back(layer, weight, 2, 1, dhidden, onward, spare, more=True)
            rows += silent(layer, options, onward)
        coming = flow
    return rows
