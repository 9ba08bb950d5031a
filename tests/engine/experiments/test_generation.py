"""Texts, series and sequences that a network generates, against plain loops over its predictions."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from playground import data
from playground.data.series import forecasts
from playground.data.spec import Split
from playground.data.text import symbols
from playground.document import Document, edits, example
from playground.engine.experiments.aligned import chances_of
from playground.engine.experiments.generated import Aligned, FreeRun, GenerateAsked, Generated
from playground.engine.experiments.generated_text import chosen, end_of, likeliest, numbers_of, tempered
from playground.engine.experiments.generation import generation
from playground.engine.live import commands
from playground.engine.run import Run
from playground.errors import EngineError
from tests.engine.build import same
from tests.engine.experiments.test_lab import ended, nothing, trained
from tests.engine.sessions import driving


def generated(run: Run, **asked: Any) -> Any:
    experiment = ended(generation(run, GenerateAsked(**asked), nothing))
    assert not experiment.message
    return experiment.answer


def recurrent(name: str, units: int, **options: Any) -> Document:
    """OneHot, a SimpleRNN, Dense, Output on a set of symbols."""
    document = edits.set_data(Document(), name, **options)
    document, last = edits.add_node(document, "Input")
    for type, fields in (
        ("OneHot", {}),
        ("SimpleRNN", {"units": 8, "return_sequences": True}),
        ("Dense", {"units": units}),
        ("Output", {"loss": "softmax_cross_entropy"}),
    ):
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node
    return document


@pytest.fixture(scope="module")
def counter() -> Run:
    """Each of ten units holds the symbol just read; the Dense says the one after it, of nine in ten thousand certain."""
    run = Run(example("next-number"))
    eye = np.eye(10, dtype=np.float32)
    run.trainer.network.set_parameters(
        {
            "simplernn1/weight_input": 10 * eye,
            "simplernn1/weight_hidden": 0 * eye,
            "simplernn1/bias": np.full(10, -5, np.float32),
            "dense1/weight": 6 * np.roll(eye, 1, axis=0),
            "dense1/bias": np.zeros(10, np.float32),
        }
    )
    return run


def grammar() -> Document:
    """Strings of a grammar, each letter asked for."""
    return edits.set_data(example("embedded-reber"), "embedded-reber", targets="the letter that follows")


@pytest.fixture(scope="module")
def reber() -> Run:
    return trained(grammar(), 100)


def next_chances(run: Run, text: np.ndarray) -> np.ndarray:
    """By one prediction of the whole window, of which the rest is zeros."""
    network = run.trainer.network
    steps = network.lowered.prediction.shape[0]
    read = text[-steps:]
    x = np.zeros((1, steps), np.float32)
    x[0, : len(read)] = read
    return network.forward(x)[0, len(read) - 1].astype(np.float64)


# -- texts
def test_a_network_that_counts_writes_on_without_an_end_and_past_its_window(counter: Run) -> None:
    found = generated(counter, start="7 8 9", count=60, temperature=0.5)
    assert isinstance(found, Generated)
    assert (found.context, found.given, found.ended, found.unit) == (20, 3, False, "")
    assert found.free.symbols.tolist() == [(7 + at) % 10 for at in range(63)]
    assert np.isnan(found.free.chances[:3]).all()
    assert found.free.best[3:, 0].tolist() == found.free.symbols[3:].tolist()
    certain = math.exp(6 * math.tanh(5)) / (math.exp(6 * math.tanh(5)) + 9 * math.exp(6 * math.tanh(-5)))
    assert found.free.chances[3:] == pytest.approx(certain, rel=1e-6)
    assert found.state.done == found.state.total == 60


def test_greedy_takes_the_largest_prediction_at_each_step(reber: Run) -> None:
    found = generated(reber, start="BT", count=40, temperature=0.0)
    text = found.free.symbols
    assert len(text) == 42
    for at in range(2, 42):
        chances = next_chances(reber, text[:at])
        assert text[at] == int(np.argmax(chances))
        assert found.free.chances[at] == pytest.approx(chances.max(), rel=1e-5)
        assert found.free.drawn[at].tolist() == [1, 0, 0, 0, 0, 0, 0, pytest.approx(np.nan, nan_ok=True)]  # seven symbols there are


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_symbols_are_drawn_from_the_softmax_of_log_p_by_the_temperature(reber: Run, temperature: float) -> None:
    found = generated(reber, start="BP", count=30, temperature=temperature, seed=3)
    luck = np.random.default_rng(3).random(32)
    for at in range(2, 32):
        chances = next_chances(reber, found.free.symbols[:at])
        powers = [math.exp(math.log(p) / temperature) for p in chances]
        expected = [power / sum(powers) for power in powers]
        order = sorted(range(7), key=lambda number: -chances[number])
        assert found.free.best[at, :7].tolist() == order
        assert found.free.best_chances[at, :7] == pytest.approx([chances[number] for number in order], rel=1e-4)
        assert found.free.drawn[at, :7] == pytest.approx([expected[number] for number in order], rel=1e-4)
        edges = itertools.accumulate(expected)
        assert found.free.symbols[at] == next(number for number, edge in enumerate(edges) if luck[at] < edge)


def test_the_seed_alone_decides_what_is_drawn(reber: Run) -> None:
    texts = [
        generated(reber, start="B", count=count, seed=seed).free.symbols.tolist() for count, seed in ((30, 1), (30, 1), (12, 1), (30, 2))
    ]
    assert texts[0] == texts[1] != texts[3]
    assert texts[0][:13] == texts[2]


def test_along_a_sample_truth_and_own_output_are_read_side_by_side(reber: Run) -> None:
    found = generated(reber, along=True, index=4, seen=6, temperature=0.0)
    part = reber.trainer.dataset.test
    length = int(part.lengths[4])
    truth = [*part.x[4, :length].tolist(), int(part.y[4, length - 1])]
    assert found.truth.tolist() == truth
    own = truth[:6]
    for at in range(1, len(truth)):
        chances = next_chances(reber, np.array(truth[:at]))
        assert found.forced.symbols[at] == int(np.argmax(chances))
        assert found.forced.truth_chances[at] == pytest.approx(chances[truth[at]], rel=1e-4)
        if at >= 6:
            chances = next_chances(reber, np.array(own))
            own.append(int(np.argmax(chances)))
            assert found.free.truth_chances[at] == pytest.approx(chances[truth[at]], rel=1e-4)
    assert found.free.symbols.tolist() == own
    right, bits = found.judged(found.forced)
    assert right == pytest.approx(np.mean([found.forced.symbols[at] == truth[at] for at in range(6, len(truth))]))
    assert bits == pytest.approx(-np.mean([math.log2(found.forced.truth_chances[at]) for at in range(6, len(truth))]), rel=1e-5)


def test_writing_stops_at_the_end_mark() -> None:
    run = Run(recurrent("addition", 14, form="one stream", samples=200))
    always = np.zeros(14, np.float32)
    always[1] = 30
    run.trainer.network.set_parameters({"dense1/weight": np.zeros((14, 8), np.float32), "dense1/bias": always})
    found = generated(run, start="1 7 + 3 5 >", count=20)
    assert found.ended
    assert [found.tokens[number] for number in found.free.symbols] == [*"17+35>$"]
    along = generated(run, along=True, index=1, seen=2)
    first = "".join(along.tokens[number] for number in along.truth).index(">") + 1  # nothing is asked before
    assert along.given == first
    assert np.flatnonzero(np.isfinite(along.forced.chances)).tolist() == list(range(first, len(along.truth)))
    assert along.ended
    assert len(along.free.symbols) == first + 1
    assert along.judged(along.free)[0] == 0  # what was not written is not right


def test_it_begins_as_a_sample_does_up_to_the_first_symbol_that_is_asked_for() -> None:
    """How many a there are cannot be known: a network that is asked for the b alone has to be given them."""
    run = trained(example("anbn"), 1)
    train = data.load("anbn", **example("anbn").data.options).train
    for seed in range(4):
        found = generated(run, count=2, seed=seed)
        start = "".join(found.tokens[number] for number in found.free.symbols[: found.given])
        row = next(row for row in range(len(train)) if np.array_equal(train.x[row, : found.given], found.free.symbols[: found.given]))
        assert start.strip("^ab") == ""
        assert start.count("b") <= 1
        assert (train.y[row, : found.given - 1] < 0).all()
        assert train.y[row, found.given - 1] >= 0


def test_the_end_is_what_every_sample_ends_with_and_none_reads() -> None:
    x, y = np.array([[1, 2, 0], [1, 3, 4]], np.uint8), np.array([[2, 5, -1], [3, 4, 5]], np.int32)
    assert end_of(Split(x, y, np.array([2, 3], np.int32))) == 5
    assert end_of(Split(x, np.where(y == 5, 4, y), np.array([2, 3], np.int32))) is None  # 4 is read, too
    assert end_of(Split(x, y)) is None


def test_start_texts_become_numbers_and_what_is_unknown_is_named() -> None:
    tokens = (*symbols.MARKS, "␣", "a", "b", "⏎")
    assert numbers_of("ab a\nb", tokens, "characters").tolist() == [4, 5, 3, 4, 6, 5]
    with pytest.raises(EngineError, match="“é”, “x” did not occur in training"):
        numbers_of("aébxé", tokens, "characters")
    words = (*symbols.MARKS, ",", "cat", "the")
    assert numbers_of("the cat, the", words, "words").tolist() == [5, 4, 3, 5]
    assert numbers_of("the dog", words, "words", unknown=True).tolist() == [5, 0]
    with pytest.raises(EngineError, match="“dog” did not"):
        numbers_of("the dog", words, "words")
    assert numbers_of("10, 2 11", tuple(map(str, range(12))), "").tolist() == [10, 2, 11]
    assert numbers_of("3 4 5", tuple("0123456789"), "").tolist() == [3, 4, 5]


def test_drawing_by_hand() -> None:
    assert tempered(np.array([0.2, 0.8]), 0.5) == pytest.approx([1 / 17, 16 / 17])
    assert tempered(np.array([0.5, 0.0, 0.5]), 0).tolist() == [1, 0, 0]
    assert tempered(np.array([0.5, 0.0, 0.5]), 3).tolist() == [0.5, 0, 0.5]
    assert [chosen(np.array([0.25, 0.5, 0.25]), luck) for luck in (0.0, 0.24, 0.25, 0.74, 0.75, 0.999)] == [0, 0, 1, 1, 2, 2]
    assert likeliest(np.array([0.1, 0.4, 0.1, 0.4])).tolist() == [1, 3, 0, 2]


# -- series
def test_a_wave_drawn_on_is_a_plain_loop_over_the_predictions() -> None:
    run = trained(example("sine"), 150)
    found = generated(run, split="validation", index=2, seen=20, count=60)
    assert isinstance(found, FreeRun)
    part, network = run.trainer.dataset.validation, run.trainer.network
    truth = [*part.x[2, :, 0].tolist(), float(part.y[2, -1, 0])]
    assert found.truth[:51].tolist() == truth
    assert len(found.truth) == 80
    assert np.isnan(found.truth[51:]).all()
    assert found.forced[1:51] == pytest.approx(network.forward(part.x[2][None])[0, :, 0], abs=1e-5)  # it reads forward only
    own = truth[:20]
    for _ in range(60):
        read = own[-50:]
        x = np.zeros((1, 50, 1), np.float32)
        x[0, : len(read), 0] = read
        own.append(float(network.forward(x)[0, len(read) - 1, 0]))
    assert found.free is not None
    assert found.free[20:] == pytest.approx(own[20:], abs=1e-4)
    assert found.free_error == pytest.approx(math.sqrt(np.mean([(own[at] - truth[at]) ** 2 for at in range(20, 51)])), rel=1e-3)
    assert found.naive_error == pytest.approx(math.sqrt(np.mean([(truth[at - 1] - truth[at]) ** 2 for at in range(20, 51)])))
    assert found.judged == 31


@pytest.mark.parametrize("transform", ["values", "difference", "log difference"])
def test_a_series_goes_on_in_its_own_unit(transform: str) -> None:
    run = trained(edits.set_data(example("sunspots-mlp"), "airline", window=11, transform=transform), 60)
    found = generated(run, index=5, count=60)
    assert isinstance(found, FreeRun)
    data, network = run.document.data, run.trainer.network
    cut = forecasts.cut_of(data.name, dict(data.options))
    series = cut.series.values[:, 0]
    begin = len(series) - 48 + 5  # the test is the last 48 values
    assert found.seen == 40
    assert found.truth[:83].tolist() == series[begin - 40 :].tolist()
    assert np.isnan(found.truth[83:]).all()
    assert found.times[39:41] == (cut.series.time(begin - 1), cut.series.time(begin))
    assert found.times[-1] == "+17"
    samples = network.forward(run.trainer.dataset.test.x)
    assert found.forced[40:83] == pytest.approx(cut.in_units(samples, "test")[5:], rel=1e-5)
    assert found.forced_error == pytest.approx(forecasts.error(found.forced[40:83], series[begin:]))
    begun = generated(run, count=48)
    assert begun.free == pytest.approx(
        np.concatenate([np.full(40, np.nan), forecasts.free_run(cut, network.forward)]), rel=1e-5, nan_ok=True
    )


def test_a_series_that_cannot_go_on_by_itself_says_why() -> None:
    run = trained(edits.set_data(example("sunspots-mlp"), "sunspots", horizon=3), 1)
    found = generated(run, count=30)
    assert found.free is None
    assert "answers 3 steps ahead" in found.why
    cut = forecasts.cut_of("sunspots", {"horizon": 3})
    expected = cut.in_units(run.trainer.network.forward(run.trainer.dataset.test.x), "test")
    assert found.forced[42:70] == pytest.approx(expected[:28], rel=1e-5)  # the first answer is of three steps after what is seen


# -- sequences
def test_answers_stand_beside_the_truth() -> None:
    document = edits.set_data(example("addition"), "addition", samples=400)
    for node in ("lstm1", "lstm2"):
        document = edits.set_field(document, node, "units", 8)
    run = Run(document)
    found = generated(run, index=14, split="validation")
    assert isinstance(found, Aligned)
    part, network = run.trainer.dataset.validation, run.trainer.network
    assert found.samples.tolist() == list(range(12, 24))
    predicted = network.forward(part.x[12:24].astype(np.float32))
    assert np.array_equal(found.answers, predicted.argmax(axis=2))
    assert np.array_equal(found.truth, part.y[12:24])
    assert np.array_equal(found.inputs, part.x[12:24])
    assert not found.same
    assert found.attention is None
    order = sorted(range(14), key=lambda number: -predicted[2, 1, number])[:8]
    assert found.best[1].tolist() == order
    assert found.best_chances[1] == pytest.approx(predicted[2, 1, order], rel=1e-6)


def test_attention_is_that_of_the_samples_trace() -> None:
    document = edits.set_data(Document(), "copy", length=4, samples=200)
    document, last = edits.add_node(document, "Input")
    for type, fields in (("Embedding", {"size": 6}), ("Attention", {}), ("Dense", {"units": 9}), ("Output", {})):
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node
    found = generated(run := Run(document), index=3)
    assert isinstance(found, Aligned)
    network, x = run.trainer.network, run.trainer.dataset.test.x[3].astype(np.float32)
    embedded = network.probe(x[None], ["embedding1"])["embedding1"][0].astype(np.float64)
    powers = np.exp(embedded @ embedded.T / math.sqrt(6))
    assert found.node == "attention1"
    assert found.same
    assert found.attention == pytest.approx(powers / powers.sum(axis=1, keepdims=True), rel=1e-4)


def test_letters_asked_for_here_and_there_are_no_text() -> None:
    found = generated(Run(example("embedded-reber")))
    assert isinstance(found, Aligned)
    assert found.same
    assert (found.truth < 0).any()


def test_two_classes_of_one_number() -> None:
    assert chances_of(np.array([[[0.25], [1.0]]]), 0.0, 1.0).tolist() == [[[0.75, 0.25], [0, 1]]]
    assert chances_of(np.array([[[0.0], [-3.0]]]), -1.0, 1.0).tolist() == [[[0.5, 0.5], [1, 0]]]


# -- all of them
@pytest.mark.parametrize(
    ("name", "words"),
    [("xor", "reads no sequence"), ("temporal-order", "one answer for a whole sequence"), ("counting", "not what comes next")],
)
def test_a_network_that_cannot_generate_says_why_and_which_can(name: str, words: str) -> None:
    with pytest.raises(EngineError, match=words) as refused:
        generation(Run(example(name)), GenerateAsked(), nothing)
    assert "“Alice, letter by letter”" in str(refused.value)


def test_bad_questions_are_refused(counter: Run) -> None:
    for words, asked in (
        ("expected a length from 1", {"count": 0}),
        ("temperature of 0 or more", {"temperature": -1.0}),
        ("seed of 0 or more", {"seed": -1}),
        ("there is no sample 99", {"along": True, "index": 99}),
        ("“x” did not occur in training", {"start": "3 x"}),
    ):
        with pytest.raises(EngineError, match=words):
            generation(counter, GenerateAsked(**asked), nothing)


def test_the_run_is_not_touched_and_the_copy_follows_it(reber: Run) -> None:
    before = reber.trainer.network.parameters
    first = ended(generation(reber, GenerateAsked(seed=5), nothing))
    again = ended(generation(reber, GenerateAsked(seed=5), nothing, first))
    assert again.network is first.network
    assert np.array_equal(again.answer.free.symbols, first.answer.free.symbols)
    assert same(before, reber.trainer.network.parameters)
    other = trained(grammar(), 20)
    moved = ended(generation(other, GenerateAsked(seed=5), nothing, first))
    assert same(moved.network.parameters, other.trainer.network.parameters)
    assert moved.network is not first.network


def test_the_shown_moment_writes() -> None:
    run = trained(grammar(), 1)
    then = generated(run, seed=5)
    run.history.keep(run.moment(run.history.run, None))
    while run.trainer.step_count < 60:
        run.advance(0.01, 60 - run.trainer.step_count)
    now = generated(run, seed=5)
    run.show(run.history.run, 1)
    shown = generated(run, seed=5)
    assert (then.state.step, shown.state.step, now.state.step) == (1, 1, 60)
    assert shown.free.chances == pytest.approx(then.free.chances, nan_ok=True)
    assert shown.free.chances[1:] != pytest.approx(now.free.chances[1:])


def test_the_session_writes_in_slices_beside_the_run() -> None:
    with driving(example("next-number")) as driver:
        driver.send(commands.Experiment(GenerateAsked(start="4", count=12, temperature=0.0)))
        found = driver.until(lambda snapshot: "generate" in snapshot.lab and not snapshot.lab["generate"].state.running).lab["generate"]
        assert isinstance(found, Generated)
        assert len(found.free.symbols) == 13
        driver.send(commands.Experiment(GenerateAsked(start="x")))
        assert "did not occur" in driver.until(lambda snapshot: snapshot.refused.get("generate")).refused["generate"]
