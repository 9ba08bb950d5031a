"""Recurrent layers, forward and back through time, against plain loops, with every option; and steps computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.kernels import Region, Target
from tests.kernels.harness import Stage
from tests.reference import recurrent as reference

Array = np.ndarray
CASES: list[dict[str, Any]] = [
    {"steps": 5, "units": 3},
    {"steps": 4, "units": 17, "start": True, "masked": True},
    {"steps": 5, "units": 2, "start": True, "reverse": True, "truncate": 2},
    {"steps": 6, "units": 5, "masked": True, "truncate": 2, "reverse": True, "start": True},
    {"steps": 1, "units": 1},
    {"steps": 5, "units": 6, "masked": True, "truncate": 3, "start": True, "off": (1, 2, 4)},
]


def case_name(case: dict[str, Any]) -> str:
    return "-".join(f"{key}{'' if value is True else value}" for key, value in case.items())


class Layer:
    """Seeded numbers for one case and their regions."""

    def __init__(self, target: Target, gates: int, case: dict[str, Any]) -> None:
        random = np.random.default_rng(case["steps"] * 10 + case["units"])
        self.target, self.gates, self.case = target, gates, case
        self.valid = max(1, target.lanes - 2)
        self.stage = Stage(target, self.valid, size=1 << 18)
        self.steps, self.units = case["steps"], case["units"]

        def drawn(*shape: int) -> Array:
            return random.standard_normal(shape).astype(target.dtype)

        n, t, u = self.valid, self.steps, self.units
        self.sums, self.dh = drawn(n, t, gates * u), drawn(n, t, u)
        self.weight, self.bias, self.peephole = drawn(gates * u, u) / np.sqrt(u), drawn(u), drawn(3, u)
        self.weight = self.weight.astype(target.dtype)
        self.dlast_h, self.dlast_c = drawn(n, u), drawn(n, u)
        started = 1.0 if case.get("start") else 0.0
        self.start_h, self.start_c = drawn(n, u) * started, drawn(n, u) * started
        self.mask = None
        if case.get("masked"):
            self.mask = (np.arange(t) < 1 + np.arange(n)[:, None] % t).astype(target.dtype)  # lengths 1, 2 ... of the lanes
        self.options = {key: case[key] for key in ("reverse", "off") if key in case}
        self.back_options = {key: case[key] for key in ("reverse", "truncate", "off") if key in case}
        for given in (self.dh, self.dlast_h, self.dlast_c, self.start_h, self.start_c):  # the operations are given zeros there
            given[..., list(case.get("off", ()))] = 0

    def value(self, samples: Array) -> Region:
        """Lanes past the batch hold zeros, as the engine's do."""
        return self.stage.value(samples)

    def empty(self, *shape: int) -> Region:
        return self.stage.value(shape=shape)

    def start(self, samples: Array) -> Region | None:
        return self.value(samples) if self.case.get("start") else None

    def masks(self) -> Region | None:
        return None if self.mask is None else self.value(self.mask)

    def mask_of(self, n: int) -> Array | None:
        return None if self.mask is None else self.mask[n]

    def close(self, got: Array, wanted: Array) -> None:
        tolerance = 5e-5 if self.target.dtype == "float32" else 1e-11
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * max(1.0, float(np.abs(wanted).max(initial=0))))

    def all_close(self, region: Region, wanted: list[Array]) -> None:
        self.close(self.stage.samples(region), np.array(wanted))


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_lstm_follows_the_formula(target: Target, case: dict[str, Any]) -> None:
    for peepholes in (False, True) if target.lanes <= 32 else (True,):
        layer = Layer(target, 4, case)
        t, u, n = layer.steps, layer.units, layer.valid
        peephole = layer.peephole if peepholes else None
        found = [
            reference.lstm(layer.sums[s], layer.weight, layer.start_h[s], layer.start_c[s], peephole, layer.mask_of(s), **layer.options)
            for s in range(n)
        ]
        weight, holes = layer.stage.parameter(layer.weight), layer.stage.parameter(peephole) if peephole is not None else None
        forward = {"sums": layer.value(layer.sums), "gates": layer.empty(t, 4 * u), "c": layer.empty(t, u), "h": layer.empty(t, u)}
        starts = {"initial_h": layer.start(layer.start_h), "initial_c": layer.start(layer.start_c)}
        given = {"weight_hidden": weight, "peephole": holes, "mask": layer.masks()}
        layer.stage.run("lstm", {**forward, **starts, **given}, **layer.options)
        for role, region in forward.items():
            layer.all_close(region, [one[role] for one in found])

        back = [
            reference.lstm_backward(
                one, layer.weight, layer.start_h[s], layer.start_c[s], layer.dh[s], layer.dlast_h[s], layer.dlast_c[s], peephole,
                layer.mask_of(s), **layer.back_options,
            )
            for s, one in enumerate(found)
        ]  # fmt: skip
        above = {"dh": layer.value(layer.dh), "dlast_h": layer.value(layer.dlast_h), "dlast_c": layer.value(layer.dlast_c)}
        errors = {"dsums": layer.empty(t, 4 * u), "dh_total": layer.empty(t, u), "dc_total": layer.empty(t, u)}
        if case.get("start"):
            errors |= {"dinitial_h": layer.empty(u), "dinitial_c": layer.empty(u)}
        states = {"gates": forward["gates"], "c": forward["c"], "initial_c": starts["initial_c"]}
        layer.stage.run("lstm_backward", {**states, **given, **above, **errors}, **layer.back_options)
        for role, region in errors.items():
            layer.all_close(region, [one[role] for one in back])

        gradients = {"dweight_hidden": layer.stage.parameter(layer.weight * 0 + 9)}
        if peepholes:
            gradients["dpeephole"] = layer.stage.parameter(layer.peephole * 0 + 9)
        states = {"dsums": errors["dsums"], "h": forward["h"], "c": forward["c"], **starts}
        layer.stage.run("recurrent_backward_weight", {**states, **gradients}, **layer.options)
        for role, region in gradients.items():
            layer.close(layer.stage.read(region), sum(one[role] for one in back))


@pytest.mark.parametrize("case", CASES, ids=case_name)
@pytest.mark.parametrize("form", ["tutorial", "pytorch"])
def test_gru_follows_the_formula(target: Target, case: dict[str, Any], form: str) -> None:
    layer = Layer(target, 3, case)
    t, u, n = layer.steps, layer.units, layer.valid
    bias = layer.bias if form == "pytorch" else None
    found = [reference.gru(form, layer.sums[s], layer.weight, layer.start_h[s], bias, layer.mask_of(s), **layer.options) for s in range(n)]
    inside = "hidden_sum" if form == "pytorch" else "reset_state"
    forward = {"sums": layer.value(layer.sums), "gates": layer.empty(t, 3 * u), inside: layer.empty(t, u), "h": layer.empty(t, u)}
    given = {"weight_hidden": layer.stage.parameter(layer.weight), "initial_h": layer.start(layer.start_h), "mask": layer.masks()}
    hidden_bias = layer.stage.parameter(layer.bias) if form == "pytorch" else None
    layer.stage.run("gru", {**forward, **given, "hidden_bias": hidden_bias}, form=form, **layer.options)
    for role, region in forward.items():
        layer.all_close(region, [one[role if role != inside else "inside"] for one in found])

    back = [
        reference.gru_backward(
            form, one, layer.weight, layer.start_h[s], layer.dh[s], layer.dlast_h[s], layer.mask_of(s), **layer.back_options
        )
        for s, one in enumerate(found)
    ]
    errors = {"dsums": layer.empty(t, 3 * u), "dh_total": layer.empty(t, u)}
    if case.get("start"):
        errors["dinitial_h"] = layer.empty(u)
    if form == "pytorch":
        errors["dhidden_sum"] = layer.empty(t, u)
    above = {"dh": layer.value(layer.dh), "dlast_h": layer.value(layer.dlast_h)}
    states = {"gates": forward["gates"], "h": forward["h"], "hidden_sum": forward.get("hidden_sum")}
    layer.stage.run("gru_backward", {**states, **given, **above, **errors}, form=form, **layer.back_options)
    for role, region in errors.items():
        layer.all_close(region, [one[role] for one in back])

    gradients = {"dweight_hidden": layer.stage.parameter(layer.weight * 0 + 9)}
    if form == "pytorch":
        gradients["dhidden_bias"] = layer.stage.parameter(layer.bias * 0 + 9)
    roles = {"dsums": errors["dsums"], "h": forward["h"], "initial_h": given["initial_h"], "dhidden_sum": errors.get("dhidden_sum")}
    layer.stage.run("recurrent_backward_weight", {**roles, "reset_state": forward.get("reset_state"), **gradients}, **layer.options)
    for role, region in gradients.items():
        layer.close(layer.stage.read(region), sum(one[role] for one in back))


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_a_plain_layer_follows_the_formula(target: Target, case: dict[str, Any]) -> None:
    everywhere = target.dtype == "float32" and target.isa == "avx512" and target.lanes in (1, 16)  # each function is a kernel to compile
    for name in ("tanh", "relu", "sigmoid", "identity") if everywhere else ("tanh",):
        layer = Layer(target, 1, case)
        t, u, n = layer.steps, layer.units, layer.valid
        found = [reference.simple(layer.sums[s], layer.weight, layer.start_h[s], name, layer.mask_of(s), **layer.options) for s in range(n)]
        forward = {"sums": layer.value(layer.sums), "h": layer.empty(t, u)}
        given = {"weight_hidden": layer.stage.parameter(layer.weight), "mask": layer.masks()}
        start = layer.start(layer.start_h)
        layer.stage.run("recurrent", {**forward, **given, "initial_h": start}, function=name, **layer.options)
        for role, region in forward.items():
            layer.all_close(region, [one[role] for one in found])

        back = [
            reference.simple_backward(
                one, layer.weight, layer.start_h[s], name, layer.dh[s], layer.dlast_h[s], layer.mask_of(s), **layer.back_options
            )
            for s, one in enumerate(found)
        ]
        errors = {"dsums": layer.empty(t, u), "dh_total": layer.empty(t, u)} | ({"dinitial_h": layer.empty(u)} if start else {})
        above = {"dh": layer.value(layer.dh), "dlast_h": layer.value(layer.dlast_h)}
        layer.stage.run("recurrent_backward", {"h": forward["h"], **given, **above, **errors}, function=name, **layer.back_options)
        for role, region in errors.items():
            layer.all_close(region, [one[role] for one in back])
        gradient = layer.stage.parameter(layer.weight * 0 + 9)
        roles = {"dsums": errors["dsums"], "h": forward["h"], "initial_h": start, "dweight_hidden": gradient}
        layer.stage.run("recurrent_backward_weight", roles, **layer.options)
        layer.close(layer.stage.read(gradient), sum(one["dweight_hidden"] for one in back))
