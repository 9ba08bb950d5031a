"""Recurrent layers in a network: values and errors against plain loops, gradients over all options, masks, states by wire."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, check, edits
from playground.engine import Network, Trainer
from playground.engine.checks.bugs import possible
from playground.engine.checks.checked import LIMIT, Bug
from playground.engine.checks.gradient_check import check_gradients
from playground.engine.program.lowering import lower
from playground.layers import registry
from tests.engine.build import chain, dense
from tests.reference import recurrent as naive

STEPS, FEATURES, UNITS = 5, 3, 4
Array = np.ndarray
CELLS = [cell.name for cell in registry.cells()]
GATES = {"SimpleRNN": "", "LSTM": "ifgo", "GRU": "zrn"}
FORMS: list[tuple[str, dict[str, Any]]] = [
    *(("SimpleRNN", {"activation": name}) for name in ("tanh", "relu", "sigmoid", "identity")),
    *(("LSTM", {"peepholes": peepholes}) for peepholes in (False, True)),
    *(("GRU", {"form": form}) for form in ("tutorial", "pytorch")),
]
WAYS: list[dict[str, Any]] = [
    {},
    {"return_sequences": True},
    {"direction": "backward"},
    {"direction": "backward", "return_sequences": True, "initial_state": "learned"},
    {"direction": "both", "initial_state": "learned"},
    {"direction": "both", "return_sequences": True},
    {"direction": "both", "merge": "sum"},
    {"direction": "both", "merge": "sum", "return_sequences": True},
]

CASES = [(type, form, way) for type, form in FORMS for way in WAYS if not way or form.get("activation", "tanh") == "tanh"]


def test_each_cell_is_held_against_plain_loops() -> None:
    assert {type for type, _ in FORMS} == set(CELLS)


def named(value: object) -> str:
    """An option as it stands in a test's name."""
    return "-".join(map(str, value.values())) or "plain" if isinstance(value, dict) else str(value)


def one(type: str, **fields: Any) -> Document:
    """A recurrent layer behind a Dense, one more behind it."""
    layers = [dense(FEATURES, "tanh"), (type, {"units": UNITS, **fields}), dense(2)]
    return chain((STEPS, FEATURES), *layers, loss="half_squared_error")


def moved(network: Network, seed: int = 0) -> dict[str, Array]:
    """The network's parameters, all of them moved off where they start."""
    rng = np.random.default_rng(seed)
    network.set_parameters({key: array + 0.3 * rng.standard_normal(array.shape) for key, array in network.parameters.items()})
    return network.parameters


def computed(type: str, node: str, weights: dict[str, Array], fields: dict[str, Any], x: Array, end: str, mask: Array | None) -> Any:
    """All values of one direction by plain loops, and what their errors are made from."""
    own = {key.removeprefix(f"{node}/"): array for key, array in weights.items() if key.startswith(f"{node}/")}
    start = [own.get(f"initial_{name}{end}", np.zeros(UNITS)) for name in ("h", "c")]
    sums = np.array([own[f"weight_input{end}"] @ row + own[f"bias{end}"] for row in x])
    weight, reverse = own[f"weight_hidden{end}"], end != ""
    if type == "SimpleRNN":
        return naive.simple(sums, weight, start[0], fields.get("activation", "tanh"), mask, reverse), weight, start
    if type == "LSTM":
        return naive.lstm(sums, weight, *start, own.get(f"peephole{end}"), mask, reverse), weight, start
    return naive.gru(fields.get("form", "tutorial"), sums, weight, start[0], own.get(f"hidden_bias{end}"), mask, reverse), weight, start


@pytest.mark.parametrize("length", [None, 3, 1])
@pytest.mark.parametrize(("type", "form", "way"), CASES, ids=named)
def test_values_are_those_of_plain_loops(type: str, form: dict[str, Any], way: dict[str, Any], length: int | None) -> None:
    fields = {**form, **way}
    network = Network(one(type, **fields), "float64", 1)
    weights = moved(network)
    node = next(name for name in network.lowered.order if name.startswith(type.lower()))
    x = np.random.default_rng(3).standard_normal((STEPS, FEATURES))
    goal = np.ones((STEPS, 2)) if way.get("return_sequences") else np.ones(2)
    trace = network.trace(x, goal, length=length)
    given = trace.nodes["dense1"].values["output"]
    mask = None if length is None else (np.arange(STEPS) < length).astype(float)
    real = [t for t in range(STEPS) if mask is None or mask[t]]
    ends = {"forward": [""], "backward": ["_reverse"], "both": ["", "_reverse"]}[way.get("direction", "forward")]
    states = []
    for end in ends:
        found, _, _ = computed(type, node, weights, fields, given, end, mask)
        values = trace.nodes[node].values
        for name in ("h", "c"):
            if name in found:
                np.testing.assert_allclose(values[f"{name}{end}"], found[name], atol=1e-12)
        np.testing.assert_allclose(values[f"pre_activation{end}"][real], found["sums"][real], atol=1e-12)
        for number, name in enumerate(GATES[type]):
            np.testing.assert_allclose(
                values[f"{name}{end}"][real], found["gates"][real, number * UNITS : (number + 1) * UNITS], atol=1e-12
            )
        states.append(found["h"] if way.get("return_sequences") else found["h"][0 if end else -1])
    together = states[0] if len(states) == 1 else sum(states) if way.get("merge") == "sum" else np.concatenate(states, axis=-1)
    np.testing.assert_allclose(trace.nodes[node].values["output"], together, atol=1e-12)
    if length is not None:  # the state of a shorter sequence is that of its last step: what is behind it does not matter
        other = x.copy()
        other[length:] = 7.0
        again = network.trace(other, goal, length=length)
        assert (again.nodes[node].values["output"] == trace.nodes[node].values["output"]).all()
        assert all((again.parameters[key].gradient == one.gradient).all() for key, one in trace.parameters.items())


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize(("type", "form", "way"), CASES, ids=named)
def test_gradients_of_every_option(type: str, form: dict[str, Any], way: dict[str, Any], lengths: bool) -> None:
    found = check_gradients(one(type, **{"units": 2, **form, **way}), samples=3, lengths=lengths)
    assert found.parameters
    assert found.max_relative_error is not None
    assert found.max_relative_error <= LIMIT, found


@pytest.mark.parametrize("truncate", [1, 2, 3, 9])
@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize(("type", "form"), FORMS[3:], ids=named)
def test_errors_are_cut_as_plain_loops_cut_them(type: str, form: dict[str, Any], sequences: bool, truncate: int) -> None:
    fields = {**form, "return_sequences": sequences}
    network = Network(one(type, **fields, truncate=truncate), "float64", 1)
    weights = moved(network)
    node = next(name for name in network.lowered.order if name.startswith(type.lower()))
    goal = np.ones((STEPS, 2)) if sequences else np.ones(2)
    trace = network.trace(np.random.default_rng(3).standard_normal((STEPS, FEATURES)), goal)
    found, weight, start = computed(type, node, weights, fields, trace.nodes["dense1"].values["output"], "", None)
    above = trace.nodes[node].gradients["output"]
    dh = above if sequences else np.zeros((STEPS, UNITS))
    last = np.zeros(UNITS) if sequences else above
    if type == "SimpleRNN":
        errors = naive.simple_backward(found, weight, start[0], fields["activation"], dh, last, truncate=truncate)
    elif type == "LSTM":
        peephole = weights.get(f"{node}/peephole")
        errors = naive.lstm_backward(found, weight, *start, dh, last, np.zeros(UNITS), peephole, truncate=truncate)
    else:
        errors = naive.gru_backward(fields["form"], found, weight, start[0], dh, last, truncate=truncate)
    gradients = trace.nodes[node].gradients
    np.testing.assert_allclose(gradients["pre_activation"], errors["dsums"], atol=1e-12)
    np.testing.assert_allclose(gradients["h"], errors["dh_total"], atol=1e-12)
    if "dc_total" in errors:
        np.testing.assert_allclose(gradients["c"], errors["dc_total"], atol=1e-12)
    np.testing.assert_allclose(trace.parameters[f"{node}/weight_hidden"].gradient, errors["dweight_hidden"], atol=1e-12)
    reason = check_gradients(one(type, **fields, truncate=truncate)).reason
    assert f"{node}: errors go back {truncate} step" in reason


def encoder_decoder(type: str, both: bool = False, decoder: bool = True) -> Document:
    """An encoder that hands on its state alone, to a decoder that starts from it."""
    way = {"units": 3, "direction": "both" if both else "forward"}
    document, source = edits.add_node(Document(), "Input", shape=(4, 2))
    document, encoder = edits.add_node(document, type, **way)
    document, answer = edits.add_node(document, type, **way, return_sequences=True)
    document, head = edits.add_node(document, "Dense", units=2)
    document, output = edits.add_node(document, "Output", loss="half_squared_error")
    for wire in ((source, encoder), (source, answer), (answer, head), (head, output)):
        document = edits.connect(document, *wire)
    document = edits.connect(document, encoder, answer, from_port=1)
    assert document.wires[-1].to_port == 1
    return document


def states_of(type: str) -> tuple[str, ...]:
    """The states of a cell as it declares them, h first."""
    cell = registry.cell(type)
    assert cell is not None
    return cell.states


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("type", CELLS)
def test_a_state_is_handed_on_by_wire(type: str, both: bool, lengths: bool) -> None:
    document = encoder_decoder(type, both)
    assert not [problem for problem in check(document, data_needed=False) if problem.severity == "error"]
    found = check_gradients(document, samples=3, lengths=lengths)
    assert found.passed, found
    assert {one.name.split("/")[0] for one in found.parameters} == {f"{type.lower()}1", f"{type.lower()}2", "dense1"}
    network = Network(document, "float64")
    x = np.random.default_rng(0).standard_normal((4, 2))
    trace = network.trace(x, np.zeros((4, 2)))
    states = trace.nodes[f"{type.lower()}1"].values
    names = [f"{name}{end}" for end in (("", "_reverse") if both else ("",)) for name in states_of(type)]
    wanted = [states[name][0 if name.endswith("_reverse") else -1] for name in names]
    np.testing.assert_array_equal(states["state"], wanted)


def test_an_output_and_its_state_may_both_be_read() -> None:
    document, extra = edits.add_node(encoder_decoder("LSTM"), "Dense", units=2)
    document, repeat = edits.add_node(document, "RepeatVector", steps=4)
    document, both = edits.add_node(document, "Add")
    output = next(wire for wire in document.wires if wire.target == "output1")
    document = edits.disconnect(document, output.source, output.target)
    for wire in (("lstm1", extra), (extra, repeat), (repeat, both), (output.source, both), (both, "output1")):
        document = edits.connect(document, *wire)
    found = check_gradients(document, samples=3)
    assert found.passed, found


def test_a_state_of_another_size_is_refused() -> None:
    document = edits.set_field(encoder_decoder("LSTM"), "lstm1", "units", 5)
    (problem,) = [problem for problem in check(document, data_needed=False) if problem.severity == "error"]
    assert "gets a state of 2×5, its own is 2×3" in problem.message
    lone = edits.disconnect(document, "input1", "lstm2")
    assert any("gets a state, but no sequence" in problem.message for problem in check(lone, data_needed=False))


def test_a_state_that_is_taken_for_another_is_doubted() -> None:
    """Two rows are h and c, or h of both directions."""
    document = encoder_decoder("LSTM")
    assert not [problem for problem in check(document, data_needed=False) if problem.severity == "warning"]
    for type, direction, words in (
        ("SimpleRNN", "both", ["simplernn1 hands on h of both directions, which lstm2 takes as h and c."]),
        ("GRU", "both", ["gru1 hands on h of both directions, which lstm2 takes as h and c."]),
    ):
        other, encoder = edits.add_node(edits.remove(document, "lstm1"), type, units=3, direction=direction)
        other = edits.connect(edits.connect(other, "input1", encoder), encoder, "lstm2", from_port=1)
        (problem,) = found = check(other, data_needed=False)
        assert [one.message for one in found] == words
        assert problem.severity == "warning"
        assert not edits.apply_fix(other, problem).wires[-1].from_port
    plain, encoder = edits.add_node(edits.remove(encoder_decoder("SimpleRNN"), "simplernn1"), "GRU", units=3)
    plain = edits.connect(edits.connect(plain, "input1", encoder), encoder, "simplernn2", from_port=1)
    assert not check(plain, data_needed=False)  # h is h


def tokens(count: int = 60, lengths: bool = True) -> Dataset:
    """Words over 5 symbols; the next symbol is the target."""
    rng = np.random.default_rng(0)
    long = rng.integers(2, 9, count).astype(np.int32)
    x = rng.integers(0, 5, (count, 8)).astype(np.uint8)
    y = np.where(np.arange(8) < (long[:, None] if lengths else 8), (x.astype(int) + 1) % 5, -1).astype(np.int32)
    part = frozen_split(x, y, long if lengths else None)
    names = tuple("abcde")
    return Dataset(Description((8,), "classification", 5, names, tokens=names, steps=True), part, part, part)


def language_model(type: str = "LSTM", **training: Any) -> Document:
    document, source = edits.add_node(Document(), "Input")
    for kind, fields in (
        ("Embedding", {"size": 4}),
        (type, {"units": 8, "return_sequences": True}),
        ("Dense", {"units": 5}),
        ("Output", {}),
    ):
        document, node = edits.add_node(document, kind, **fields)
        document = edits.connect(document, source, node)
        source = node
    return edits.set_training(document, **training)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("lengths", [True, False])
@pytest.mark.parametrize("type", CELLS)
def test_a_step_seen_is_a_step_unseen_to_the_bit(type: str, lengths: bool, optimizer: str) -> None:
    """Steps leave out what nobody looks at, and write gates over their sums: the same weights as of recorded steps, whose sample's
    values are those of the network asked for it."""
    document, dataset = language_model(type, optimizer=optimizer, batch_size=20, learning_rate=0.1), tokens(lengths=lengths)
    seen, unseen = Trainer(document, dataset=dataset), Trainer(document, dataset=dataset)
    before = seen.network.parameters
    trace = seen.record(position=2)
    unseen.advance(steps=1)
    for key, array in seen.network.parameters.items():
        assert (array == unseen.network.parameters[key]).all()
        assert (array != before[key]).any()
    node = trace.nodes[f"{type.lower()}1"]
    assert node.values["h"].shape == node.gradients["h"].shape == (8, 8)
    part = dataset.train
    plain = Network(document, "float32", lowered=seen.network.lowered)
    plain.set_parameters(before)
    length = None if part.lengths is None else int(part.lengths[trace.index])
    wanted = plain.trace(part.x[trace.index], part.y[trace.index], length=length).nodes[f"{type.lower()}1"]
    for name, array in wanted.values.items():
        np.testing.assert_allclose(node.values[name], array, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("type", CELLS)
def test_a_language_model_learns(type: str) -> None:
    trainer = Trainer(language_model(type, optimizer="adam", batch_size=20, learning_rate=0.03), dataset=tokens())
    first = trainer.evaluate("validation")
    result = trainer.run(steps=150)
    assert result.validation_accuracy == 1.0
    assert result.validation_loss is not None
    assert result.validation_loss < 0.1 < first.loss


def test_what_does_not_fit_comes_with_its_fix() -> None:
    for shape, words, label in (((8,), "8 numbers in a row", "Insert Embedding"), ((1, 6, 7), "gets 1×6×7", "Insert Reshape 6×7")):
        document = chain(shape, ("LSTM", {"units": 2}), dense(2), loss="half_squared_error")
        (problem,) = [problem for problem in check(document, data_needed=False) if problem.severity == "error"]
        assert words in problem.message
        assert problem.fix is not None
        assert problem.fix.label == label


@pytest.mark.parametrize("type", CELLS)
def test_a_bug_that_forgets_the_way_back_through_time_is_found(type: str) -> None:
    document, node = one(type), f"{type.lower()}1"
    bug = Bug(node, "time")
    assert bug in possible(lower(document))
    wrong = {check.name for check in check_gradients(document, bug=bug).parameters if not check.passed}
    assert wrong == {*(f"{node}/{name}" for name in ("weight_input", "weight_hidden", "bias")), "dense1/weight", "dense1/bias"}
    assert Bug(node, "time") not in possible(lower(edits.set_field(document, "input1", "shape", (1, FEATURES))))


def torch_lstm(type: str, network: Network, node: str, both: bool) -> Any:
    """PyTorch's own layer with the network's weights; its second bias is 0, but for a GRU's candidate."""
    torch = pytest.importorskip("torch")
    kinds = {"SimpleRNN": torch.nn.RNN, "LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU}
    module = kinds[type](FEATURES, UNITS, batch_first=True, bidirectional=both).double()
    order = [1, 0, 2] if type == "GRU" else list(range(len(GATES[type]) or 1))  # PyTorch's GRU has r before z
    with torch.no_grad():
        for end in ("", "_reverse") if both else ("",):
            own = {name: network.parameters[f"{node}/{name}{end}"] for name in ("weight_input", "weight_hidden", "bias")}
            moved = {name: np.concatenate([np.split(array, len(order))[gate] for gate in order]) for name, array in own.items()}
            bias = np.zeros_like(own["bias"])
            if type == "GRU":
                bias[2 * UNITS :] = network.parameters[f"{node}/hidden_bias{end}"]
            for name, array in (
                ("weight_ih_l0", moved["weight_input"]),
                ("weight_hh_l0", moved["weight_hidden"]),
                ("bias_ih_l0", moved["bias"]),
                ("bias_hh_l0", bias),
            ):
                getattr(module, name + end)[...] = torch.from_numpy(array)
    return torch, module


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
def test_it_is_the_layer_that_torch_has(type: str, both: bool) -> None:
    """The same weights give the same states, and the same errors for what comes in."""
    fields: dict[str, Any] = {"units": UNITS, "return_sequences": True, "direction": "both" if both else "forward"}
    form = {"form": "pytorch"} if type == "GRU" else {}
    network = Network(chain((STEPS, FEATURES), (type, fields | form), loss="half_squared_error"), "float64", 1)
    node = f"{type.lower()}1"
    moved(network)
    torch, module = torch_lstm(type, network, node, both)
    x = np.random.default_rng(0).standard_normal((7, STEPS, FEATURES))
    goal = np.zeros((7, STEPS, UNITS * (2 if both else 1)))
    states, _ = module(torch.from_numpy(x))
    np.testing.assert_allclose(network.forward(x), states.detach().numpy(), atol=1e-12)
    (states**2).sum().div(2 * 7 * STEPS).backward()
    _, gradients = network.gradients(x, goal)
    order = [1, 0, 2] if type == "GRU" else list(range(len(GATES[type]) or 1))
    for end in ("", "_reverse") if both else ("",):
        for name, theirs in (("weight_input", "weight_ih_l0"), ("weight_hidden", "weight_hh_l0"), ("bias", "bias_ih_l0")):
            blocks = np.split(gradients[f"{node}/{name}{end}"], len(order))
            wanted = getattr(module, theirs + end).grad.numpy()
            np.testing.assert_allclose(np.concatenate([blocks[gate] for gate in order]), wanted, atol=1e-12)
