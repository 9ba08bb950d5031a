"""Health notes: each is provoked by a real run that has the trouble, and does not appear in one that has not; remedies help."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import Document, check, edits, example
from playground.engine.checks import remedies
from playground.engine.checks.checkup import Checkup
from playground.engine.checks.health import Figures, notes
from playground.engine.checks.remedies import Note, unspoiled
from playground.engine.live.snapshot import Curve, Divergence
from playground.engine.pacing import Pacer
from playground.engine.run import Run
from tests.engine.build import chain, dense
from tests.engine.test_recurrent import encoder_decoder


def trained(document: Document, steps: int) -> tuple[Run, tuple[Note, ...]]:
    run, checkup = Run(document), Checkup()
    run._norms = Pacer(0.0, 1.0)  # at every call: a test is over before the clock's pace comes round
    checkup.look(run)
    while run.trainer.step_count < steps and not run.trainer.finished:
        run.advance(0.05, min(50, steps - run.trainer.step_count))
        checkup.figures(run)
    checkup.look(run)
    return run, checkup.notes


def kinds(found: tuple[Note, ...]) -> set[str]:
    return {note.kind for note in found}


def only(found: tuple[Note, ...], kind: str) -> Note:
    (note,) = (one for one in found if one.kind == kind)
    return note


@pytest.mark.parametrize("name", ["and", "xor", "spiral", "iris", "circle", "moons"])
def test_the_examples_are_healthy(name: str) -> None:
    _, found = trained(edits.set_training(example(name), epochs=None, early_stopping=False), 600)
    assert kinds(found) <= {"overfitting"}, found


def test_one_unit_cannot_part_xor_and_a_hidden_layer_can() -> None:
    document = example("xor")
    single = edits.remove(document, "dense1")
    single = edits.connect(single, "input1", "dense2")
    note = only(notes(single, Figures(0, 0, {})), "one_line")
    healed = remedies.apply(single, note.remedies[0])
    assert not [problem for problem in check(healed) if problem.severity == "error"]
    assert not notes(healed, Figures(0, 0, {}))
    healed = edits.set_training(healed, learning_rate=0.5, epochs=None)
    run, _ = trained(healed, 3000)
    assert run.trainer.evaluate("train").accuracy == 1.0


def test_whatever_bends_counts_as_a_bend() -> None:
    """Of operations, not of Dense and Activation alone: a product of two straight branches is no line."""
    document = edits.set_field(example("xor"), "dense1", "activation", "identity")
    assert kinds(notes(document, Figures(0, 0, {}))) == {"one_line"}
    wire = next(wire for wire in document.wires if wire.source == "dense1")
    squared, node = edits.insert(document, wire, "Multiply")
    squared = edits.connect(squared, "dense1", node)
    assert not notes(squared, Figures(0, 0, {}))


def test_dead_relus_are_found_and_leaky_ones_live() -> None:
    document = example("spiral")
    for node in ("dense1", "dense2"):
        document = edits.set_field(document, node, "activation", "relu")
        document = edits.set_field(document, node, "initial_bias", -50.0)
    document = edits.set_training(document, epochs=None, early_stopping=False, learning_rate=0.001)
    _, found = trained(document, 200)
    note = next(one for one in found if one.kind == "dead")
    assert note.evidence["dead"] == note.evidence["units"] == 8
    healed = remedies.apply(document, note.remedies[0])
    _, found = trained(healed, 200)
    assert not [one for one in found if one.kind == "dead" and one.node == note.node]


def test_what_is_dead_is_offered_a_way_back_to_weights_that_live() -> None:
    """Neither another slope nor a smaller rate brings back units that get no error: weights do, those of the start or other ones."""
    document = chain((4,), ("Dense", {"units": 4, "activation": "relu"}), dense(1))
    silent = {"dense1": np.zeros((20, 4))}

    def offered(step: int, checkpoints: tuple[int, ...]) -> list[tuple[str, object]]:
        note = only(notes(document, Figures(step, 3, {}, outputs=silent, checkpoints=checkpoints)), "dead")
        return [(remedy.kind, remedy.value) for remedy in note.remedies[2:]]

    assert offered(400, (0, 50, 400)) == [("go_back", 0.0), ("new_start", None)]
    assert offered(400, (300, 400)) == [("new_start", None)], "a branch that began later may have been dead from its first step on"
    assert remedies.apply(document, remedies.Remedy("new_start")) == document


def test_a_unit_of_a_sequence_is_dead_where_no_step_wakes_it() -> None:
    document = chain((6, 3), ("SimpleRNN", {"units": 4, "activation": "relu", "return_sequences": True}), dense(1))
    outputs = np.zeros((20, 6, 4))
    outputs[0, 5, 1] = outputs[3, 2, 2] = 1.0
    note = only(notes(document, Figures(400, 3, {}, outputs={"simplernn1": outputs})), "dead")
    assert (note.evidence["dead"], note.evidence["units"]) == (2, 4)
    outputs[4, 0, 0] = 1.0
    assert notes(document, Figures(400, 3, {}, outputs={"simplernn1": outputs})) == ()


def test_what_learns_by_heart_may_be_a_recurrent_layer() -> None:
    """Its state goes on by a wire of its own, where no Dropout comes in."""
    document = encoder_decoder("LSTM")
    curves = {
        "loss/train": Curve(np.arange(40), np.geomspace(1, 1e-3, 40)),
        "loss/validation": Curve(np.arange(40), np.linspace(0.5, 2, 40)),
    }
    note = only(notes(document, Figures(400, 3, curves, start=1.0)), "overfitting")
    found = {remedy.kind: remedies.apply(document, remedy) for remedy in note.remedies}
    assert {wire.source for wire in found["dropout"].wires if wire.target == "dropout1"} == {"lstm2"}
    assert found["fewer_units"].nodes["lstm2"].fields["units"] == 1


def test_saturated_units_are_found() -> None:
    document = example("spiral")
    document = edits.set_field(document, "dense1", "initializer", "uniform")
    document = edits.set_field(document, "dense1", "initializer_scale", 30.0)
    document = edits.set_training(document, epochs=None, early_stopping=False, learning_rate=1e-4)
    _, found = trained(document, 200)
    note = only(found, "saturated")
    assert (note.node, note.remedies[0].kind) == ("dense1", "initializer")
    assert note.evidence["share"] > 0.6
    _, found = trained(remedies.apply(document, note.remedies[0]), 200)
    assert "saturated" not in kinds(found)


def test_a_rate_that_drives_neurons_to_their_ends_is_named_and_not_its_traces() -> None:
    document = edits.set_training(example("spiral"), optimizer="sgd", learning_rate=3.0, epochs=None, early_stopping=False)
    _, found = trained(document, 800)
    note = only(found, "rate_high")
    assert note.evidence["rate"] == 3.0
    assert "saturated" not in kinds(found)
    _, found = trained(edits.set_training(document, learning_rate=0.05), 800)
    assert not kinds(found) & {"rate_high", "saturated"}


def test_neurons_whose_weights_have_grown_are_told_with_the_rate() -> None:
    document = edits.set_training(example("spiral"), learning_rate=0.5)
    outputs, steps = {"dense1": np.ones((32, 8))}, np.arange(8)

    def told(last: float) -> Note:
        curves = {"weight_norm/dense1": Curve(steps, np.linspace(2.0, last, 8))}
        return only(notes(document, Figures(500, 10, curves, outputs)), "saturated")

    assert (told(12.0).evidence["grown"], told(12.0).evidence["rate"], told(12.0).remedies[0].kind) == (6.0, 0.5, "rate")
    assert "grown" not in told(3.0).evidence


def test_a_rate_raised_midway_offers_the_moment_before_it_spoiled_the_weights() -> None:
    document = edits.set_training(example("spiral"), learning_rate=100.0)
    steps, losses = np.arange(0, 320, 10), np.r_[np.linspace(0.7, 0.2, 16), np.full(16, 50.0)]
    curves = {"loss/train": Curve(steps, losses)}

    def told(*checkpoints: int) -> list[tuple[str, object]]:
        figures = Figures(310, 10, curves, movement=10.0, start=0.7, checkpoints=checkpoints)
        return [(one.kind, one.value) for one in only(notes(document, figures), "rate_high").remedies]

    assert told(0, 100, 150, 250, 310) == [("rate", 100.0 / 3), ("go_back", 150.0)]
    assert [kind for kind, _ in told(250, 310)] == ["rate"], "spoiled already"


def test_deep_sigmoids_vanish() -> None:
    document = example("spiral")
    for node in ("dense1", "dense2"):
        document = edits.set_field(document, node, "activation", "sigmoid")
    for _ in range(5):
        wire = next(wire for wire in document.wires if wire.target == "dense3")
        document, _ = edits.insert(document, wire, "Dense", units=8, activation="sigmoid")
    document = edits.set_training(document, epochs=None, early_stopping=False, optimizer="sgd", learning_rate=0.01)
    run, found = trained(document, 2000)
    note = only(found, "vanishing")
    assert note.node == "dense1"
    assert note.evidence["ratio"] < 1e-3
    healed = remedies.apply(document, note.remedies[0])
    _, found = trained(healed, 2000)
    assert "vanishing" not in kinds(found)
    assert run.trainer.step_count >= 2000


def test_a_rate_too_low_and_one_too_high() -> None:
    document = edits.set_training(example("spiral"), epochs=None, early_stopping=False, optimizer="sgd")
    _, found = trained(edits.set_training(document, learning_rate=1e-6), 3000)
    note = only(found, "rate_low")
    assert remedies.apply(document, note.remedies[0]).training.learning_rate == pytest.approx(1e-5)
    _, found = trained(edits.set_training(document, learning_rate=3.0), 3000)
    note = only(found, "rate_high")
    assert remedies.apply(document, note.remedies[0]).training.learning_rate == pytest.approx(1.0)


def test_plain_descent_is_told_where_a_recurrent_layer_hardly_learns_by_it() -> None:
    plain = {"epochs": None, "early_stopping": False, "optimizer": "sgd", "learning_rate": 0.03}
    _, found = trained(edits.set_training(example("parity"), batch_size=32, **plain), 900)
    note = only(found, "plain_descent")
    assert note.evidence["loss"] > 0.8 * note.evidence["start"]
    healed = remedies.apply(example("parity"), note.remedies[0]).training
    assert (healed.optimizer, healed.learning_rate) == ("adam", 0.003)
    _, found = trained(edits.set_training(example("sine"), batch_size=10, **plain), 600)  # this one learns by it
    assert "plain_descent" not in kinds(found)


def test_overfitting_is_told_by_the_rising_validation_loss() -> None:
    document = edits.set_data(example("spiral"), "spiral", samples=60, noise=0.5)
    document = edits.set_field(document, "dense1", "units", 32)
    document = edits.set_field(document, "dense2", "units", 32)
    document = edits.set_training(document, epochs=None, early_stopping=False, learning_rate=0.02, optimizer="adam", l2=0.0)
    run, checkup = Run(document), Checkup()
    for _ in range(4000):
        run.advance(0.05, run.trainer.steps_left)
        if run.trainer.epoch % 20 == 0:
            metrics = run.trainer.evaluate("validation")
            run.history.curves.add("loss/validation", run.trainer.step_count, metrics.loss)
            checkup.look(run)
            if "overfitting" in kinds(checkup.notes):
                break
    note = only(checkup.notes, "overfitting")
    assert note.evidence["validation"] > note.evidence["lowest"]
    assert [remedy.kind for remedy in note.remedies] == ["early_stopping", "dropout", "l2", "fewer_units"]
    for remedy in note.remedies:
        healed = remedies.apply(document, remedy)
        assert healed != document
        assert not [problem for problem in check(healed) if problem.severity == "error"]


def test_a_rise_from_nothing_to_next_to_nothing_is_no_overfitting() -> None:
    """AND has been learned: what is left of both losses is noise."""
    steps = np.arange(100, 140)
    train, validation = np.geomspace(1e-2, 1e-6, 40), np.full(40, 2e-6)
    validation[5] = 1e-6
    document = chain((2,), dense(4, "tanh"), dense(1))
    curves = {"loss/train": Curve(steps, train), "loss/validation": Curve(steps, validation)}
    assert notes(document, Figures(240, 3, curves, start=0.5)) == ()
    curves["loss/validation"] = Curve(steps, np.where(validation > 1e-6, 0.02, 1e-6))
    assert kinds(notes(document, Figures(240, 3, curves, start=0.5))) == {"overfitting"}
    curves = {name: Curve(steps, np.zeros(40)) for name in curves}
    assert notes(document, Figures(240, 3, curves, start=0.0)) == ()


def test_where_nothing_is_held_out_nothing_is_said_of_it() -> None:
    run, checkup = Run(example("and")), Checkup()
    run.advance(0.05, 20)
    run.history.curves.add("loss/validation", run.trainer.step_count, 1.0)
    assert "loss/validation" in run.history.curves.snapshot()
    assert "loss/validation" not in checkup.figures(run).curves


def test_units_that_answer_clearly_in_a_solved_task_are_not_saturated() -> None:
    document, steps = chain((2,), dense(4, "tanh"), dense(1)), np.arange(100, 140)
    outputs = {"dense1": np.where(np.arange(40).reshape(10, 4) % 3, 0.999, -0.999)}

    def told(loss: float) -> set[str]:
        curves = {"loss/train": Curve(steps, np.full(40, loss))}
        return kinds(notes(document, Figures(240, 3, curves, outputs, start=0.7)))

    assert told(0.5) == {"saturated"}
    assert told(1e-4) == set()


def test_what_would_change_nothing_is_not_offered() -> None:
    """The initializer is Xavier's already; a rate beyond what the field takes could not be set."""
    steps = np.arange(100, 140)
    document = chain((2,), *[dense(4, "sigmoid") for _ in range(5)], dense(1))
    curves = {f"gradient_norm/dense{i}": Curve(steps, np.full(40, 10.0 ** (i - 6))) for i in range(1, 7)}
    note = only(notes(document, Figures(240, 3, curves)), "vanishing")
    assert [remedy.kind for remedy in note.remedies] == ["activations"]
    other = edits.set_field(document, "dense1", "initializer", "zeros")
    note = only(notes(other, Figures(240, 3, curves)), "vanishing")
    assert [remedy.kind for remedy in note.remedies] == ["activations", "initializer"]
    assert not remedies.helps(document, remedies.Remedy("rate", value=1e6))


def test_an_explosion_is_told_from_the_norms() -> None:
    steps = np.arange(200, 240)
    values = np.full(40, 0.1)
    values[-1] = 500.0
    document = chain((2,), dense(4, "tanh"), dense(1))
    note = only(notes(document, Figures(240, 3, {"gradient_norm/dense1": Curve(steps, values)})), "exploding")
    assert (note.node, note.evidence["norm"]) == ("dense1", 500.0)
    assert remedies.apply(document, note.remedies[0]).training.clip_norm == 1.0
    falling = {"gradient_norm/dense1": Curve(steps, np.geomspace(1e4, 1e-3, 40))}
    assert notes(document, Figures(240, 3, falling)) == ()


def test_divergence_says_where_and_offers_the_way_back() -> None:
    document = edits.set_training(chain((2,), dense(4, "relu"), dense(1)), learning_rate=50.0)
    at = Divergence(812, "dense2", "weight", "")
    note = only(notes(document, Figures(811, 3, {}, divergence=at, checkpoints=(0, 400, 780, 900))), "diverged")
    assert (note.node, note.step) == ("dense2", 812)
    assert [(remedy.kind, remedy.value) for remedy in note.remedies] == [("go_back", 780.0), ("rate", 25.0), ("clip", 1.0)]
    assert note.back == 780
    note = only(notes(document, Figures(811, 3, {}, divergence=at, checkpoints=(811,))), "diverged")
    assert note.back is None
    assert [remedy.kind for remedy in note.remedies] == ["rate", "clip"], "back to where it stands would change nothing"
    curves = {"loss/train": Curve(np.arange(1, 812), np.r_[np.full(500, 0.5), np.geomspace(0.5, 1e30, 311)])}
    note = only(notes(document, Figures(811, 3, curves, divergence=at, checkpoints=(0, 400, 780))), "diverged")
    assert note.remedies[0].value == 400.0, "at step 780 the weights were ruined"
    note = only(notes(document, Figures(811, 3, curves, divergence=at, checkpoints=(0, 100, 400, 780), changed=250)), "diverged")
    assert note.remedies[0].value == 100.0, "a setting was changed at step 250, which may have ruined them"
    late = {"loss/train": Curve(np.arange(100, 900, 100), np.array([0.1, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 1e30]))}
    note = only(notes(document, Figures(811, 3, late, start=2.3, divergence=at, checkpoints=(0, 400, 600))), "diverged")
    assert note.remedies[0].value == 600.0, "the curve's first point is a mean over a hundred steps, not the loss that the run began with"
    sample = Divergence(812, "input1", "output", "", data=True)
    assert notes(document, Figures(811, 3, late, start=2.3, divergence=sample, checkpoints=(0, 400))) == (), "no rate mends a sample"


def test_moments_are_unspoiled_until_the_loss_has_risen() -> None:
    curves = {"loss/train": Curve(np.arange(2, 22, 2), np.array([1.0, 0.5, 0.4, 1.9, 3.0, np.inf, np.nan, 0.1, 0.1, 9.0]))}
    assert unspoiled([0, 1, 2, 7, 8, 10, 13, 15, 20, 30], curves) == [0, 1, 2, 7, 15]
    assert unspoiled([8, 10], curves) == [8], "the first, where all are spoiled"
    assert unspoiled([8, 10], {}) == [8, 10]
    assert unspoiled([], curves) == []


def test_a_row_of_relus_that_add_on_explodes_in_a_real_run() -> None:
    document = edits.set_field(example("counting"), "simplernn1", "activation", "relu")
    document = edits.set_training(document, optimizer="adam", learning_rate=0.3, clip_norm=None, epochs=None, early_stopping=False)
    run, checkup = Run(document), Checkup()
    run._norms = Pacer(0.0, 1.0)
    while "exploding" not in kinds(checkup.notes) and run.trainer.step_count < 1000:
        run.advance(0.05, 4)
        checkup.look(run)
    note = only(checkup.notes, "exploding")
    assert note.evidence["norm"] > 100 * note.evidence["usual"]
    assert remedies.apply(document, note.remedies[0]).training.clip_norm == 1.0


def test_the_checkup_changes_nothing() -> None:
    document = edits.set_training(example("spiral"), epochs=None, early_stopping=False)
    watched, free = Run(document), Run(document)
    checkup = Checkup()
    for _ in range(20):
        watched.advance(1.0, 10)
        free.advance(1.0, 10)
        checkup.look(watched)
    for key, array in watched.trainer.network.parameters.items():
        assert array.tobytes() == free.trainer.network.parameters[key].tobytes()


def test_raw_measures_are_unscaled_and_scaling_heals() -> None:
    document, head = edits.add_node(edits.set_data(Document(), "wine", standardize=False), "Input")
    document, middle = edits.add_node(document, "Dense", units=8, activation="tanh")
    document, last = edits.add_node(document, "Dense", units=3)
    document, output = edits.add_node(document, "Output", loss="softmax_cross_entropy")
    for a, b in ((head, middle), (middle, last), (last, output)):
        document = edits.connect(document, a, b)
    _, found = trained(document, 10)
    note = only(found, "unscaled")
    assert note.evidence["deviation"] > 10
    _, found = trained(remedies.apply(document, note.remedies[0]), 10)
    assert "unscaled" not in kinds(found)


def test_a_fitted_line_is_healthy_however_long_it_trains() -> None:
    """Its loss cannot fall below what the noise leaves, and each step still moves the weights."""
    run = Run(edits.set_training(example("salary"), epochs=None, early_stopping=False))
    run._norms = Pacer(0.0, 1.0)
    while run.trainer.step_count < 300_000:
        run.advance(0.02, 100_000)
        if run.trainer.step_count % 10 == 0:
            run.checkup.look(run)
            assert run.checkup.notes == ()


def test_two_layers_without_a_bend_are_one() -> None:
    document = edits.set_field(example("spiral"), "dense1", "activation", "identity")
    note = only(notes(document, Figures(0, 0, {})), "linear")
    assert note.node == "dense1"
    assert not notes(remedies.apply(document, note.remedies[0]), Figures(0, 0, {}))
    assert not notes(example("mnist-mlp"), Figures(0, 0, {}))
