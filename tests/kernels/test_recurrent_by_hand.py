"""One step of an LSTM and of a GRU with numbers worked out by hand, and what a recurrent operation promises beside its formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Region, Target
from tests.kernels.harness import Stage

PARTS = Target("float64", 8, "avx512"), Target("float64", 1, "generic")


@pytest.fixture(params=PARTS, ids=["lanes8", "lanes1"])
def stage(request: pytest.FixtureRequest) -> Stage:
    return Stage(request.param)


def fill(stage: Stage, *numbers: Any) -> Region:
    """A value that is the same in every lane; nested lists for steps."""
    array = np.array(numbers, float)
    return stage.value(np.broadcast_to(array, (stage.target.lanes, *array.shape)))


def check(stage: Stage, region: Region, *numbers: float) -> None:
    for sample in stage.samples(region):
        np.testing.assert_allclose(sample.ravel(), numbers, atol=5e-10, rtol=0)


def lstm_roles(stage: Stage) -> dict[str, Any]:
    """One unit, one step: h' = 0.5, c' = 2; the sums of i f g o become 0.6, -1.2, 1.3, 2.4."""
    roles = {"sums": fill(stage, [0.5, -1.0, 1.0, 2.0]), "weight_hidden": stage.parameter(np.array([[0.2], [-0.4], [0.6], [0.8]]))}
    roles |= {"initial_h": fill(stage, 0.5), "initial_c": fill(stage, 2.0)}
    return roles | {"gates": stage.value(shape=(1, 4)), "c": stage.value(shape=(1, 1)), "h": stage.value(shape=(1, 1))}


def test_a_step_of_an_lstm(stage: Stage) -> None:
    """Tutorial item 25: c = 0.2314752165 * 2 + 0.6456563062 * 0.8617231593."""
    roles = lstm_roles(stage)
    stage.run("lstm", roles)
    check(stage, roles["sums"], 0.6, -1.2, 1.3, 2.4)
    check(stage, roles["gates"], 0.6456563062, 0.2314752165, 0.8617231593, 0.9168273035)
    check(stage, roles["c"], 1.0193274250)
    check(stage, roles["h"], 0.7055833712)
    errors = {"dsums": stage.value(shape=(1, 4)), "dh_total": stage.value(shape=(1, 1)), "dc_total": stage.value(shape=(1, 1))}
    errors |= {"dinitial_h": stage.value(shape=(1,)), "dinitial_c": stage.value(shape=(1,))}
    given = {name: roles[name] for name in ("gates", "c", "initial_c", "weight_hidden")}
    stage.run("lstm_backward", {**given, "dh": fill(stage, [1.0]), **errors})
    check(stage, errors["dsums"], 0.0736972649, 0.1329994583, 0.0621331607, 0.0586852716)
    check(stage, errors["dc_total"], 0.3738156678)
    check(stage, errors["dinitial_h"], 0.0457677834)
    check(stage, errors["dinitial_c"], 0.0865290626)


def test_a_step_of_an_lstm_with_peepholes(stage: Stage) -> None:
    roles = lstm_roles(stage) | {"peephole": stage.parameter(np.array([[0.3], [0.1], [-0.2]]))}
    stage.run("lstm", roles)
    check(stage, roles["gates"], 0.7685247835, 0.2689414214, 0.8617231593, 0.8965969815)
    check(stage, roles["c"], 1.2001384472)
    check(stage, roles["h"], 0.7474900624)


@pytest.mark.parametrize("form", ["tutorial", "pytorch"])
def test_a_step_of_a_gru(stage: Stage, form: str) -> None:
    """h' = 0.5, sums of z r n -0.4, 0.7, 0.3, weights 0.6, -0.2, 0.9; pytorch's hidden bias 0.1. The tutorial's h is 0.5249791875 * 0.5 +
    0.4750208125 * 0.5302877069."""
    inside, candidate, h = {
        "tutorial": (0.3228281531, 0.5302877069, 0.5143872912),
        "pytorch": (0.55, 0.5751005831, 0.5394262431),
    }[form]
    roles = {"sums": fill(stage, [-0.4, 0.7, 0.3]), "weight_hidden": stage.parameter(np.array([[0.6], [-0.2], [0.9]]))}
    roles |= {"initial_h": fill(stage, 0.5), "gates": stage.value(shape=(1, 3)), "h": stage.value(shape=(1, 1))}
    roles |= {"reset_state": stage.value(shape=(1, 1))} if form == "tutorial" else {"hidden_sum": stage.value(shape=(1, 1))}
    roles |= {"hidden_bias": stage.parameter(np.array([0.1]))} if form == "pytorch" else {}
    stage.run("gru", roles, form=form)
    check(stage, roles["gates"], 0.4750208125, 0.6456563062, candidate)
    check(stage, roles["reset_state" if form == "tutorial" else "hidden_sum"], inside)
    check(stage, roles["h"], h)


@pytest.mark.parametrize(
    ("truncate", "mask", "wanted"),
    [
        (None, None, (0.0625, 0.125, 0.25, 0.5, 1.0)),
        (2, None, (0.0, 0.0, 0.0, 0.5, 1.0)),
        (2, (1, 1, 1, 0, 0), (0.0, 0.5, 1.0, 1.0, 1.0)),
        (3, None, (0.0, 0.0, 0.25, 0.5, 1.0)),
    ],
)
def test_the_error_halves_a_step_and_ends_at_a_cut(
    stage: Stage, truncate: int | None, mask: tuple[int, ...] | None, wanted: tuple[float, ...]
) -> None:
    """h_t = h_(t-1) / 2: k steps back the error is 1 / 2^k, the bound of tutorial item 24. Masked steps hand it on whole, over cuts."""
    total, weight = stage.value(shape=(5, 1)), stage.parameter(np.array([[0.5]]))
    roles = {"h": stage.value(shape=(5, 1)), "weight_hidden": weight, "dlast_h": fill(stage, 1.0), "dsums": stage.value(shape=(5, 1))}
    roles |= {"mask": fill(stage, *mask) if mask else None}
    stage.run("recurrent_backward", {**roles, "dh_total": total}, function="identity", truncate=truncate)
    check(stage, total, *wanted)


def test_cells_work_in_place(stage: Stage) -> None:
    """Gates where the sums were, their errors where the gates were, the total error where the error from above was: the same numbers."""
    random = np.random.default_rng(3)
    lanes, t, u = stage.target.lanes, 4, 3
    sums, above, weight = (random.standard_normal(shape) for shape in ((lanes, t, 4 * u), (lanes, t, u), (4 * u, u)))
    found = []
    for apart in (True, False):
        roles = {"sums": stage.value(sums), "c": stage.value(shape=(t, u)), "h": stage.value(shape=(t, u))}
        roles |= {"gates": stage.value(shape=(t, 4 * u)) if apart else None, "weight_hidden": stage.parameter(weight)}
        stage.run("lstm", roles)
        gates, dh = roles["gates"] or roles["sums"], stage.value(above)
        states = [stage.samples(region) for region in (gates, roles["c"], roles["h"])]
        errors = {"dsums": stage.value(shape=(t, 4 * u)) if apart else gates, "dh_total": stage.value(shape=(t, u)) if apart else dh}
        stage.run("lstm_backward", {"gates": gates, "c": roles["c"], "weight_hidden": roles["weight_hidden"], "dh": dh, **errors})
        found.append([*states, *(stage.samples(region) for region in errors.values())])
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    for form in ("tutorial", "pytorch"):
        found = []
        for apart in (True, False):
            inside = {"reset_state" if form == "tutorial" else "hidden_sum": stage.value(shape=(t, u))}
            roles = {"sums": stage.value(sums[..., : 3 * u]), "h": stage.value(shape=(t, u)), **inside}
            roles |= {"gates": stage.value(shape=(t, 3 * u)) if apart else None, "weight_hidden": stage.parameter(weight[: 3 * u])}
            stage.run("gru", roles, form=form)
            gates = roles["gates"] or roles["sums"]
            states = [stage.samples(region) for region in (gates, roles["h"])]
            dsums = stage.value(shape=(t, 3 * u)) if apart else gates
            more = {"hidden_sum": roles.get("hidden_sum"), "dhidden_sum": stage.value(shape=(t, u)) if form == "pytorch" else None}
            given = {"gates": gates, "h": roles["h"], "weight_hidden": roles["weight_hidden"], "dh": stage.value(above), "dsums": dsums}
            stage.run("gru_backward", {**given, **more}, form=form)
            found.append([*states, stage.samples(dsums)])
        for one, other in zip(*found, strict=True):
            np.testing.assert_array_equal(one, other)


def test_micro_batches_after_the_first_add_up(stage: Stage) -> None:
    random = np.random.default_rng(4)
    lanes, t, u = stage.target.lanes, 3, 2
    roles = {name: stage.value(random.standard_normal((lanes, t, n * u))) for name, n in (("dsums", 4), ("h", 1), ("c", 1))}
    roles |= {"initial_h": stage.value(random.standard_normal((lanes, u))), "initial_c": stage.value(random.standard_normal((lanes, u)))}
    gradients = {"dweight_hidden": np.zeros((4 * u, u)), "dpeephole": np.zeros((3, u))}
    once = {name: stage.parameter(array + 9) for name, array in gradients.items()}
    thrice = {name: stage.parameter(array + 9) for name, array in gradients.items()}
    stage.run("recurrent_backward_weight", {**roles, **once})
    stage.control.end = stage.control.batch = 3 * lanes
    stage.run("recurrent_backward_weight", {**roles, **thrice}, accumulate=True)
    for name in gradients:
        np.testing.assert_allclose(stage.read(thrice[name]), 3 * stage.read(once[name]), rtol=1e-12)


def test_a_learned_start_is_the_same_in_every_lane_and_gathers_their_errors(stage: Stage) -> None:
    lanes = stage.target.lanes
    weight, y, dweight = stage.parameter(np.arange(1.0, 6.0)), stage.value(shape=(5,)), stage.parameter(np.zeros(5))
    stage.run("spread", {"weight": weight, "y": y})
    check(stage, y, 1, 2, 3, 4, 5)
    stage.run("spread_backward_weight", {"dy": y, "dweight": dweight})
    np.testing.assert_array_equal(stage.read(dweight), lanes * np.arange(1.0, 6.0))


def test_not_a_number_stays_so_in_its_lane_and_unit(stage: Stage) -> None:
    roles = lstm_roles(stage)
    stage.lanes_of(roles["sums"])[0, 2, 0] = np.nan
    stage.run("lstm", roles)
    for role in ("c", "h"):
        found = stage.samples(roles[role]).ravel()
        assert np.isnan(found[0])
        assert not np.isnan(found[1:]).any()
    h, dsums = stage.value(shape=(2, 1)), stage.value(shape=(2, 1))
    given = {"weight_hidden": stage.parameter(np.array([[0.5]])), "dh": fill(stage, [0.0], [np.nan])}
    stage.run("recurrent_backward", {"h": h, "dsums": dsums, **given}, function="tanh")
    assert np.isnan(stage.samples(dsums)).all()


def test_what_does_not_fit_is_refused(stage: Stage) -> None:
    roles = lstm_roles(stage)
    with pytest.raises(EngineError, match=r"'lstm' got c \(2, 1\) for 1 steps of 1 units"):
        stage.run("lstm", roles | {"c": stage.value(shape=(2, 1))})
    with pytest.raises(EngineError, match=r"'lstm' got weight_hidden \(3, 1\)"):
        stage.run("lstm", roles | {"weight_hidden": stage.parameter(np.zeros((3, 1)))})
    with pytest.raises(EngineError, match=r"no form 'other' of GRU.*tutorial, pytorch"):
        stage.run("gru", {"sums": roles["gates"], "h": roles["h"], "weight_hidden": None}, form="other")
    plain = {"sums": stage.value(shape=(1, 1)), "h": roles["h"], "weight_hidden": stage.parameter(np.zeros((1, 1)))}
    with pytest.raises(EngineError, match="cannot apply 'gelu'"):
        stage.run("recurrent", plain, function="gelu")
    with pytest.raises(EngineError, match="cut every 0 steps"):
        stage.run("recurrent", plain, function="tanh", truncate=0)
