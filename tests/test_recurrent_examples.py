"""The recurrent examples: sound, and each keeps its promise; what a plain RNN or one direction cannot do; what the figures mean.

Where a contrast is claimed, both sides are trained. What 20 seeds gave is in the names' comments; long runs are marked slow.
"""

from __future__ import annotations

import math
import re

import msgspec
import numpy as np
import pytest

from playground import data
from playground.data.sequences.automata import EMBEDDED, share_right
from playground.data.series import forecasts
from playground.document import Document, check, edits, example, example_names
from playground.document.swapping import swap_cell
from playground.engine.evaluation.results import Result
from playground.engine.network import Network
from playground.engine.trainer import Trainer
from tests.test_examples import kept, trained

QUICK = (
    "counting", "next-number", "hello", "echo", "parity", "anbn", "deep-rnn", "sunspots", "sunspots-lstm", "sunspots-mlp", "last-signal",
)  # fmt: skip
"""Half a second each, or less."""
SECONDS = ("sine", "temporal-order", "temporal-order-rnn", "embedded-reber", "fill-in", "adding-rnn", "adding-lstm", "copy", "reversal")
MINUTES = ("addition", "mnist-rows", "alice", "quatrains")
NAMES = (*QUICK, *SECONDS, *MINUTES)
TWO_ROWS = {"fill-in": 1, "addition": 2, "alice": 1, "quatrains": 1, "deep-rnn": 1, "reversal": 3}
"""And how many wires lead from the first to the second: to a decoder its start too, and what it looks back at."""
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in (*SECONDS, *MINUTES)]


def test_they_are_there() -> None:
    assert set(NAMES) <= set(example_names())


@pytest.mark.parametrize("name", NAMES)
def test_opens_sound_and_complete(name: str) -> None:
    document = example(name)
    assert check(document) == []
    assert document.title
    assert document.summary.endswith(".")
    assert document.promise is not None
    assert document.promise.metric in Result.__dataclass_fields__


@pytest.mark.parametrize("name", NAMES)
def test_cards_run_left_to_right_in_rows_without_touching(name: str) -> None:
    """One row, or for a chain that would be drawn too small two: then one wire leads from the first one's end to the second one's start."""
    document = example(name)
    place = {node: placed.position for node, placed in document.nodes.items()}
    back = [wire for wire in document.wires if place[wire.source][0] > place[wire.target][0]]
    assert len(back) == TWO_ROWS.get(name, 0)
    for wire in back:
        assert place[wire.target][1] - place[wire.source][1] > 200
    for wire in set(document.wires) - set(back):
        assert place[wire.target][0] - place[wire.source][0] >= 92 + 20
    assert all(x % 8 == 0 for x, _ in place.values())


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_keeps_its_promise(name: str) -> None:
    document = example(name)
    result = trained(document)
    assert result.stopped == ""
    assert kept(document, result), result


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, *SECONDS])
def test_keeps_its_promise_on_most_seeds(name: str) -> None:
    document = example(name)
    passed = sum(kept(document, trained(document, seed)) for seed in range(20))
    assert passed >= 15, f"{passed} of 20 seeds"


def test_a_promise_can_be_broken() -> None:
    for name in ("counting", "echo", "parity", "sunspots"):
        untrained = msgspec.structs.replace(example(name), training=edits.set_training(example(name), learning_rate=1e-9).training)
        assert not kept(untrained, trained(untrained, epochs=1))


# -- contrasts
def swapped(document: Document, type: str) -> Document:
    return swap_cell(document, next(node for node, placed in document.nodes.items() if placed.type in ("LSTM", "GRU", "SimpleRNN")), type)


@pytest.mark.slow
def test_adding_over_fifty_steps_takes_gates() -> None:
    for type in ("LSTM", "GRU"):
        result = trained(swapped(example("adding-lstm"), type))
        assert result.test_loss is not None
        assert result.test_loss < 0.005
    document = swapped(example("adding-lstm"), "SimpleRNN")
    plain = [trained(document, seed).test_loss or 0.0 for seed in range(5)]
    assert min(plain) > 0.02, plain  # of 20 runs two were on the way, at 0.04 and 0.07
    assert sum(loss > 0.1 for loss in plain) >= 4, plain  # answering 1 to everything gives 0.167


@pytest.mark.slow
def test_order_over_fifty_steps_takes_gates() -> None:
    """A plain RNN that starts orthogonal learns it on three seeds of twenty; gates on all."""
    for type, least, most in (("LSTM", 5, 5), ("GRU", 5, 5), ("SimpleRNN", 0, 1)):
        document = swapped(example("temporal-order"), type)
        accuracies = [trained(document, seed).test_accuracy or 0.0 for seed in range(5)]
        assert least <= sum(accuracy > 0.99 for accuracy in accuracies) <= most, accuracies


def test_the_plain_rnn_wins_the_echo() -> None:
    plain, gated = (trained(swapped(example("echo"), type)) for type in ("SimpleRNN", "LSTM"))
    assert plain.test_loss is not None
    assert gated.test_loss is not None
    assert plain.test_loss * 5 < gated.test_loss


def test_without_a_state_that_goes_on_the_last_signal_is_guessed() -> None:
    """What windows can tell: the truth from a signal on, and one of three before."""
    document = edits.set_field(example("last-signal"), "lstm1", "stateful", False)
    test = data.load("last-signal", **document.data.options).test
    told = (np.cumsum(test.x > 0, axis=1) > 0).mean()
    for shuffle in (False, True):
        accuracy = trained(edits.set_training(document, shuffle=shuffle)).test_accuracy
        assert accuracy is not None
        assert accuracy < told + (1 - told) / 3 + 0.05 < 0.5


@pytest.mark.slow
def test_one_direction_can_but_guess_what_to_fill_in() -> None:
    for direction in ("forward", "backward"):
        result = trained(edits.set_field(example("fill-in"), "simplernn1", "direction", direction))
        assert result.test_accuracy is not None
        assert result.test_accuracy < 0.3


@pytest.mark.slow
def test_attention_looks_at_the_letter_that_is_said_next() -> None:
    document = example("reversal")
    trainer = Trainer(document, seed=0)
    assert (trainer.run(epochs=15).test_accuracy or 0.0) > 0.97
    test = data.load("reversal", **document.data.options).test
    assert test.lengths is None  # the question is written at the right end
    weights = np.mean(
        [trainer.network.trace(x, y).nodes["attention1"].values["weights"] for x, y in zip(test.x[:50], test.y[:50], strict=True)], 0
    )
    wanted = weights[np.arange(4), 11 - np.arange(4)]
    assert (wanted > 0.5).all(), wanted
    blind = edits.connect(edits.remove(document, "attention1"), "gru2", "dense1")
    assert (trained(blind).test_accuracy or 1.0) < 0.9


# -- what the figures mean
def test_a_unit_that_counts_has_weights_of_one() -> None:
    trainer = Trainer(example("counting"), seed=0)
    trainer.run(epochs=30)
    found = trainer.network.parameters
    assert float(found["simplernn1/weight_input"].item()) == pytest.approx(1.0, abs=0.1)
    assert float(found["simplernn1/weight_hidden"].item()) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("name", ["sunspots", "sunspots-lstm", "sunspots-mlp"])
def test_sunspots_in_their_own_unit(name: str) -> None:
    document = example(name)
    trainer = Trainer(document, seed=0)
    trainer.run(epochs=50)
    cut = forecasts.cut_of("sunspots", dict(document.data.options))
    outputs = trainer.network.forward(data.load("sunspots", **document.data.options).test.x)
    naive, seasonal, linear = forecasts.baselines(cut)
    error = forecasts.error(cut.in_units(outputs, "test"), cut.truth("test"))
    assert error < 25 < naive.error < seasonal.error
    assert error < 1.35 * linear.error


@pytest.mark.slow
def test_gates_forecast_sunspots_better_than_a_window_at_once() -> None:
    """The same eleven years, seen one after another or all at once, as many epochs; of 20 seeds each an LSTM was nearer on 18."""
    window = np.array([trained(example("sunspots-mlp"), seed).test_loss or 0.0 for seed in range(20)])
    for name in ("sunspots-lstm", "sunspots"):
        gated = np.array([trained(example(name), seed).test_loss or 1.0 for seed in range(20)])
        assert np.mean(gated) < 0.9 * np.mean(window), gated
        assert (gated < window).sum() >= 15, gated


@pytest.mark.slow
def test_a_sine_goes_on_by_itself() -> None:
    """Fed with its own answers for 25 steps, as measured with other code: 3e-5 to 1e-4 there; here 2e-5 to 1.4e-3, of ten seeds."""
    wave = data.load("sine").test
    whole = np.concatenate([wave.x[:, :1, 0], wave.y[:, :, 0]], axis=1)
    errors = []
    for seed in range(5):
        trainer = Trainer(example("sine"), seed=seed)
        trainer.run(epochs=40)
        seen = whole[:, :25].copy()
        for _ in range(25):
            padded = np.zeros((len(seen), 50, 1), np.float32)
            padded[:, : seen.shape[1], 0] = seen
            following = trainer.network.forward(padded)[:, seen.shape[1] - 1, 0]
            seen = np.concatenate([seen, following[:, None]], axis=1)
        errors.append(float(np.mean((seen[:, 25:] - whole[:, 25:50]) ** 2)))
    assert max(errors) < 2e-3, errors
    assert sorted(errors)[2] < 1e-3, errors


@pytest.mark.slow
def test_embedded_reber_strings_are_right() -> None:
    """As a language model: at each step every letter that may follow above every one that may not, in 99 strings of 100."""
    document = edits.set_data(example("embedded-reber"), "embedded-reber", targets="the letter that follows")
    trainer = Trainer(document, seed=0)
    trainer.run(epochs=120)
    test = data.load("embedded-reber").test
    assert share_right(trainer.network.forward(test.x, lengths=test.lengths), test.x, EMBEDDED, test.lengths) >= 0.99


@pytest.mark.slow
def test_alice_takes_at_most_2_3_bits_a_character() -> None:
    result = trained(example("alice"))
    assert result.test_loss is not None
    assert result.test_loss / math.log(2) <= 2.3


def written(network: Network, tokens: tuple[str, ...], steps: int, samples: int, temperature: float, seed: int) -> list[str]:
    """Texts that the network writes from the start mark on."""
    rng, x = np.random.default_rng(seed), np.zeros((samples, steps), np.float32)
    x[:, 0], chosen = tokens.index("▷"), np.zeros((samples, steps), np.int64)
    for step in range(steps):
        scores = np.log(network.forward(x)[:, step].astype(float) + 1e-30) / temperature
        chosen[:, step] = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
        if step + 1 < steps:
            x[:, step + 1] = chosen[:, step]
    return ["".join(tokens[number] for number in row) for row in chosen]


@pytest.mark.slow
def test_quatrains_have_their_form() -> None:
    """Four times seven characters, comma and full stop in turn, then the end: most of what it writes at temperature 0.7."""
    document = example("quatrains")
    trainer = Trainer(document, seed=0)
    trainer.run(epochs=20)
    tokens = data.describe("quatrains").tokens
    poems = written(trainer.network, tokens, 33, 100, 0.7, seed=0)
    verse = "[^，。□■]{7}"
    right = sum(re.fullmatch(f"{verse}，{verse}。{verse}，{verse}。■", poem) is not None for poem in poems)
    assert right >= 80, poems[:5]


@pytest.mark.slow
def test_sums_are_right_as_a_whole() -> None:
    """Every digit of a sum never seen in training, for 97 sums of 100."""
    trainer = Trainer(example("addition"), seed=0)
    trainer.run(epochs=25)
    test = data.load("addition").test
    guessed = trainer.network.forward(test.x).argmax(axis=2)
    assert ((guessed == test.y) | (test.y < 0)).all(axis=1).mean() >= 0.97
