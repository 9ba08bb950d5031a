"""Recurrent units switched off: no unit of their own layer hears them either, at no step, in every form; and they learn nothing."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground import export
from playground.document import Document, edits, example
from playground.engine import Network, Trainer
from playground.engine.checks.gradient_check import check_gradients
from playground.engine.run import Run
from playground.engine.trace import Trace
from playground.layers import registry
from tests.engine.build import chain, dense, same
from tests.engine.test_recurrent import language_model, tokens
from tests.engine.test_recurrent_options import CELLS, FEATURES, GATES, STATES, STEPS, WAYS, Direction, network_of
from tests.engine.test_stateful import long, stepped
from tests.engine.test_stateful import model as stateful
from tests.engine.timeline.test_branches import ends_alike, kept, train
from tests.engine.timeline.test_exact_resume import goes_on_the_same
from tests.reference import streams as naive_streams

Array = np.ndarray
UNITS = 4
TYPES = [cell.name for cell in registry.cells()]


def off_of(way: dict[str, Any], units: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """By direction, its units that are off where those of the output are."""
    if way.get("direction") != "both":
        return {"_reverse" if way.get("direction") == "backward" else "": units}
    if way.get("merge") == "sum":
        return {"": units, "_reverse": units}
    return {"": tuple(u for u in units if u < UNITS), "_reverse": tuple(u - UNITS for u in units if u >= UNITS)}


def silent(trace: Trace, node: str, type: str, end: str, off: tuple[int, ...]) -> None:
    """What a unit that is off says, hears and learns is 0, each number of it."""
    values, gradients, units = trace.nodes[node].values, trace.nodes[node].gradients, list(off)
    for name in STATES[type]:
        assert not values[name + end][:, units].any()
        assert not gradients[name + end][:, units].any()
    rows = [at * UNITS + unit for at in range(len(GATES[type]) or 1) for unit in off]
    assert not gradients[f"pre_activation{end}"][:, rows].any()
    for key, one in trace.parameters.items():
        name = key.removeprefix(f"{node}/")
        if name == key or one.gradient is None or name.endswith("_reverse") != (end != ""):
            continue
        plain = name.removesuffix("_reverse")
        entries = rows if plain in ("weight_input", "weight_hidden", "bias") else units
        assert not (one.gradient[:, units] if plain == "peephole" else one.gradient[entries]).any(), key
        if plain == "weight_hidden":
            assert not one.gradient[:, units].any(), key


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(way.values()) or "forward")
@pytest.mark.parametrize(("type", "form"), CELLS, ids=lambda one: one if isinstance(one, str) else "-".join(map(str, one.values())))
def test_all_options_are_those_of_plain_loops(type: str, form: dict[str, Any], way: dict[str, Any]) -> None:
    """With each start; the node whose state is handed on has another unit switched off."""
    units = (1, UNITS + 2, UNITS + 3) if way.get("direction") == "both" and "merge" not in way else (1, 2)
    rng, own, theirs = np.random.default_rng(0), off_of(way, units), off_of(way, (0,))
    for start, sequences, truncate in itertools.product(("zeros", "learned", "wired"), (True, False), (None, 2)):
        if start == "zeros" and truncate:
            continue
        fields = {**form, **way, "return_sequences": sequences, "truncate": truncate}
        document = edits.switch_off(edits.set_field(network_of(type, fields, start), "cell", "units", UNITS), "cell", units)
        if start == "wired":
            document = edits.switch_off(edits.set_field(document, "before", "units", UNITS), "before", 0)
        network = Network(document, "float64", 1)
        network.set_parameters({key: 0.7 * rng.standard_normal(array.shape) for key, array in network.parameters.items()})
        for length in (None, 3):
            mask = None if length is None else (np.arange(STEPS) < length).astype(float)
            trace = network.trace(rng.standard_normal((STEPS, FEATURES)), np.ones((STEPS, 2)) if sequences else np.ones(2), length=length)
            above = trace.nodes["cell"].gradients["output"]
            output = trace.nodes["cell"].values["output"]
            assert not output[..., list(units)].any()
            for side, (end, off) in enumerate(own.items()):
                cell = Direction(type, "cell", end, fields, trace, mask, UNITS, off)
                before = Direction(type, "before", end, fields, trace, mask, UNITS, theirs[end]) if start == "wired" else None
                cell.forward(before.forward({}) if before else {})
                error = above if way.get("merge") == "sum" else np.split(above, len(own), axis=-1)[side]
                came = cell.backward(error if sequences else np.zeros((STEPS, UNITS)), {} if sequences else {"h": error})
                cell.compare(trace)
                silent(trace, "cell", type, end, off)
                if before:
                    before.backward(np.zeros((STEPS, UNITS)), came)
                    before.compare(trace)
                    silent(trace, "before", type, end, theirs[end])


def one(type: str, **fields: Any) -> Document:
    return chain((STEPS, FEATURES), dense(3, "tanh"), (type, {"units": UNITS, **fields}), dense(2))


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize(("type", "form"), [*CELLS, ("SimpleRNN", {"activation": "sigmoid"})], ids=str)
def test_the_others_compute_as_if_it_were_not_there(type: str, form: dict[str, Any], sequences: bool) -> None:
    """Against a layer without the unit: what the network answers, and every gradient."""
    fields = {**form, "return_sequences": sequences, "initial_state": "learned"}
    node, gone = f"{type.lower()}1", 1
    left = [unit for unit in range(UNITS) if unit != gone]
    network = Network(edits.switch_off(one(type, **fields), node, gone), "float64", 1)
    less = Network(one(type, **fields | {"units": UNITS - 1}), "float64", 1)
    rows = [at * UNITS + unit for at in range(len(GATES[type]) or 1) for unit in left]
    cuts: dict[str, Any] = {"weight_input": (rows,), "bias": (rows,), "weight_hidden": np.ix_(rows, left), "peephole": (slice(None), left)}

    def cut(arrays: dict[str, Array]) -> dict[str, Array]:
        made = {key: array[cuts.get(key.partition("/")[2], (left,))] for key, array in arrays.items() if key.startswith(node)}
        return {**arrays, **made, "dense2/weight": arrays["dense2/weight"][:, left]}

    rng = np.random.default_rng(0)
    network.set_parameters({key: 0.7 * rng.standard_normal(array.shape) for key, array in network.parameters.items()})
    less.set_parameters(cut(network.parameters))
    x, lengths = rng.standard_normal((6, STEPS, FEATURES)), np.array([4, 2, 3, 1, 4, 4])
    np.testing.assert_allclose(network.forward(x, lengths=lengths), less.forward(x, lengths=lengths), rtol=1e-12)
    goal = rng.standard_normal((6, STEPS, 2) if sequences else (6, 2))
    found, wanted = network.gradients(x, goal, lengths=lengths)[1], less.gradients(x, goal, lengths=lengths)[1]
    for key, array in cut(found).items():
        np.testing.assert_allclose(array, wanted[key], rtol=1e-9, atol=1e-13, err_msg=key)


@pytest.mark.parametrize("way", [{}, {"direction": "both", "merge": "sum", "return_sequences": True}], ids=["last", "both"])
@pytest.mark.parametrize(("type", "form"), CELLS, ids=lambda one: one if isinstance(one, str) else "-".join(map(str, one.values())))
def test_gradients_are_right(type: str, form: dict[str, Any], way: dict[str, Any]) -> None:
    document = edits.switch_off(one(type, **form, **way, initial_state="learned"), f"{type.lower()}1", (0, 2))
    found = check_gradients(document, samples=3, lengths=True)
    assert found.passed, found


@pytest.mark.parametrize("batch", [1, 20])
@pytest.mark.parametrize("type", TYPES)
def test_it_learns_nothing_and_a_step_seen_is_a_step_unseen_to_the_bit(type: str, batch: int) -> None:
    node, units, off = f"{type.lower()}1", 8, [2, 5]
    document = language_model(type, optimizer="adam", batch_size=batch, learning_rate=0.1)
    document = edits.switch_off(document, node, off)
    seen, unseen = (Trainer(document, dataset=tokens()) for _ in range(2))
    before = unseen.network.parameters
    for _ in range(3):
        trace = seen.record()
        assert not trace.nodes[node].values["h"][:, off].any()
    unseen.run(steps=3)
    after = unseen.network.parameters
    assert same(seen.network.parameters, after)
    rows = [at * units + unit for at in range(len(GATES[type]) or 1) for unit in off]
    for name in ("weight_input", "weight_hidden", "bias"):
        changed = after[f"{node}/{name}"] != before[f"{node}/{name}"]
        assert not changed[rows].any()
        assert np.delete(changed, rows, axis=0).any()
    assert not (after[f"{node}/weight_hidden"] != before[f"{node}/weight_hidden"])[:, off].any()


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize(("type", "form"), [("SimpleRNN", {}), ("LSTM", {"peepholes": True}), ("GRU", {"form": "tutorial"})], ids=str)
def test_batches_that_continue_each_other(type: str, form: dict[str, Any], learned: bool) -> None:
    """As the network without the unit, from batch to batch."""
    node, gone = f"{type.lower()}1", 1
    document = stateful(type, **form, initial_state="learned" if learned else "zeros")
    trainer = Trainer(edits.switch_off(document, node, gone), dataset=long(8), dtype="float64")
    rng = np.random.default_rng(1)
    trainer.network.set_parameters(
        {key: array + 0.3 * rng.standard_normal(array.shape) for key, array in trainer.network.parameters.items()}
    )
    weights = trainer.network.parameters
    left = [0, 2]
    rows = [at * 3 + unit for at in range(len(GATES[type]) or 1) for unit in left]
    cuts: dict[str, Any] = {"weight_input": (rows,), "bias": (rows,), "weight_hidden": np.ix_(rows, left), "peephole": (slice(None), left)}

    def cut(arrays: dict[str, Array]) -> dict[str, Array]:
        own = {key.partition("/")[2]: array for key, array in arrays.items() if key.startswith(node)}
        made = {name: array[cuts.get(name, (left,))] for name, array in own.items()}
        return made | {"dense weight": arrays["dense1/weight"][:, left], "dense bias": arrays["dense1/bias"]}

    part = trainer.dataset.train
    for steps in (1, 2, 3, 4):
        stepped(trainer)
        wanted, _, _ = naive_streams.train(type, form, cut(weights), part.x.astype(float), part.y.astype(float), 3, steps, 0.1)
        for key, array in cut(trainer.network.parameters).items():
            np.testing.assert_allclose(array, wanted[key], rtol=1e-8, atol=1e-10, err_msg=f"{key} after step {steps}")


def test_switched_off_amid_an_epoch_its_state_is_heard_no_more() -> None:
    """What the others had remembered stays; what it had goes nowhere, in the very next batch."""
    run = Run(example("last-signal"))
    train(run, 40)
    before = run.trainer.state().optimizer["lstm1/start_h/carried"]
    assert before[0].all()
    run.set_document(edits.switch_off(run.document, "lstm1", 1))
    np.testing.assert_array_equal(run.trainer.state().optimizer["lstm1/start_h/carried"], before)
    values = run.trainer.record().nodes["lstm1"].values
    np.testing.assert_array_equal(values["begun_h"], np.where(np.arange(8) == 1, 0, before[0]))
    np.testing.assert_array_equal(values["start_h"], before[0])
    assert not run.trainer.state().optimizer["lstm1/start_h/carried"][:, 1].any()


def test_saved_forked_and_exported_it_is_the_same_network(tmp_path: Path) -> None:
    document = edits.switch_off(example("last-signal"), "lstm1", (1, 4))
    goes_on_the_same(document, at=37, after=40)
    straight, run = Run(document), Run(document)
    train(straight, 60)
    kept(run, 31)
    train(run, 9)
    run.fork(1, 31)
    train(run, 29)
    ends_alike(straight, run)
    weights = run.trainer.network.parameters
    path = tmp_path / "net.npz"
    export.write(path, weights)
    assert export.verify(document, weights, path) == export.Report(100, 0.0)


def test_switched_on_again_it_is_as_it_was() -> None:
    document = one("LSTM", peepholes=True, return_sequences=True)
    network = Network(document, "float64", 1)
    again = Network(edits.switch_off(edits.switch_off(document, "lstm1", 2), "lstm1", 2, off=False), "float64", 1)
    x = np.random.default_rng(0).standard_normal((3, STEPS, FEATURES))
    assert network.forward(x).tobytes() == again.forward(x).tobytes()
