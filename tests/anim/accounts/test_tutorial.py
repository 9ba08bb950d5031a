"""The tutorials' worked examples, items 1 to 14, as accounts tell them: in float64, number by number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from playground.anim.account import Account, Equation
from playground.anim.accounts import account
from playground.anim.stages import find, stages
from playground.document import Document, edits, example
from playground.engine import Network, Trainer, changes
from playground.engine.program.lowering import lower
from playground.engine.trace import Trace
from tests.engine.build import chain, classes, dense, numbers

TABLE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
Ask = Callable[[str], Account]


def asking(document: Document, trace: Trace) -> Ask:
    """Accounts of ``trace`` by the stage that a user asks for."""
    lowered, passed = lower(document), stages(document)

    def ask(wanted: str) -> Account:
        found = account(lowered, trace, find(passed, wanted))
        assert found is not None
        return found

    return ask


def passing(document: Document, x: object, target: object, **parameters: object) -> Ask:
    """Accounts of one sample's pass with the given weights."""
    network = Network(document, "float64")
    network.set_parameters({name.replace("__", "/"): np.array(value, float) for name, value in parameters.items()})
    return asking(document, network.trace(np.array(x, float), np.array(target)))


def stepping(trainer: Trainer, document: Document, position: int = 0) -> Ask:
    """Accounts of the next training step."""
    return asking(changes.shaped(document, trainer.dataset), trainer.record(position=position))


def equation(found: Account, role: str) -> Equation:
    return next(one for one in (*found.equations, *found.made) if one.role == role)


def values(found: Equation) -> list[float]:
    return found.values.tolist()


def near(value: object, rel: float = 1e-12) -> Any:
    return pytest.approx(value, rel=rel, abs=1e-14)


@pytest.mark.parametrize(("bias", "answers"), [(-0.8, [0, 0, 0, 1]), (-0.3, [0, 1, 1, 1])], ids=["and", "or"])
def test_1_one_unit_by_hand(bias: float, answers: list[int]) -> None:
    document = chain((2,), dense(1, "step"))
    for x, answer in zip(TABLE.tolist(), answers, strict=True):
        found = passing(document, x, [answer], dense1__weight=[[0.5, 0.5]], dense1__bias=[bias])("forward:dense1:0")
        total, step = found.equations
        assert values(total) == near([0.5 * x[0], 0.5 * x[1], bias])
        assert total.result.value == near(0.5 * x[0] + 0.5 * x[1] + bias)
        assert (step.function, step.result.value, found.result.value) == ("step", answer, answer)


def perceptron() -> Document:
    document = chain((2,), dense(1, "step", initializer="zeros"))
    return edits.set_training(document, learning_rate=0.1, batch_size=1, shuffle=False)


def test_1_one_unit_never_settles_on_xor() -> None:
    document = perceptron()
    trainer = Trainer(document, dtype="float64", dataset=classes(TABLE, np.array([0, 1, 1, 0])))
    for _ in range(20):
        errors = [stepping(trainer, document)("loss:output1:0").result.value for _ in TABLE]
        assert any(errors)  # some row is always answered wrong, so the weights move again


def test_2_the_perceptron_rule_learns_and_round_by_round() -> None:
    x, y = np.array([[1, 1], [0, 0], [1, 0], [0, 1]], np.float32), np.array([1, 0, 0, 0])
    document = perceptron()
    trainer = Trainer(document, dtype="float64", dataset=classes(x, y))
    w, b = [0.0, 0.0], 0.0
    for _ in range(10):
        for inputs, t in zip(x.tolist(), y.tolist(), strict=True):
            ask = stepping(trainer, document)
            answer = 1 if w[0] * inputs[0] + w[1] * inputs[1] + b > 1e-12 else 0
            assert ask("forward:dense1:0").result.value == answer
            assert ask("backward:dense1:0").result.value == answer - t
            for i in (0, 1):
                found = ask(f"update:dense1:weight[0,{i}]")
                gradient, update = found.equations
                assert values(gradient) == near([(answer - t) * inputs[i]])
                assert values(update) == near([w[i], -0.1 * (answer - t) * inputs[i]])
                w[i] += 0.1 * (t - answer) * inputs[i]
                assert found.result.value == near(w[i])
            b += 0.1 * (t - answer)
            assert ask("update:dense1:bias[0]").result.value == near(b)
    assert (*w, b) == near((0.1, 0.2, -0.2), rel=1e-9)


def test_3_the_linear_unit_learns_salaries() -> None:
    tenths, salaries = np.array([[50], [30], [80], [14], [101]], np.float32), np.array([5500, 2300, 7600, 1800, 11400])
    document = chain((1,), dense(1, initializer="zeros"))
    document = edits.set_training(document, learning_rate=0.01, batch_size=1, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=numbers(tenths, salaries, scale=0.1))
    for _ in range(50):
        ask = stepping(trainer, document)
    assert ask("update:dense1:weight[0,0]").result.value == near(1124.0634970262222)
    assert ask("update:dense1:bias[0]").result.value == pytest.approx(85.485289, abs=5e-7)
    after = trainer.network.parameters
    for years, salary in ((3.4, 3907.30), (15.0, 16946.44), (1.5, 1771.58), (6.3, 7167.09)):
        learned = {"dense1__weight": after["dense1/weight"], "dense1__bias": after["dense1/bias"]}
        found = passing(document, [years], [0.0], **learned)("forward:dense1:0")
        assert found.result.value == pytest.approx(salary, abs=0.005)
        assert values(found.equations[0]) == near([1124.0634970262222 * years, after["dense1/bias"][0]])


def test_4_half_squared_error_and_its_gradient() -> None:
    ask = passing(chain((2,), dense(1)), [1.0, 2.0], [1.5], dense1__weight=[[0.3, -0.2]], dense1__bias=[0.1])
    loss, y = ask("loss:output1:0"), 0.3 * 1 - 0.2 * 2 + 0.1
    assert equation(loss, "contribution").result.value == near(0.5 * (1.5 - y) ** 2)
    assert equation(loss, "loss").result.value == near(0.5 * (1.5 - y) ** 2)
    assert loss.result.value == near(-(1.5 - y))
    made = ask("backward:dense1:0").made
    assert [one.result.value for one in made] == near([-(1.5 - y) * 1.0, -(1.5 - y) * 2.0, -(1.5 - y)])


@pytest.mark.parametrize("t", [0, 1])
def test_5_logistic_unit_with_cross_entropy(t: int) -> None:
    document = chain((2,), dense(1), loss="binary_cross_entropy")
    ask = passing(document, [0.4, 0.9], t, dense1__weight=[[0.7, -1.1]], dense1__bias=[0.2])
    y = 1 / (1 + math.exp(-(0.7 * 0.4 - 1.1 * 0.9 + 0.2)))
    loss = ask("loss:output1:0")
    assert equation(loss, "loss").result.value == near(-math.log(y if t else 1 - y))
    assert loss.result.value == near(-(t - y))
    assert [one.result.value for one in ask("backward:dense1:0").made] == near([-(t - y) * 0.4, -(t - y) * 0.9, -(t - y)])


def test_6_the_delta_rule() -> None:
    layers = [dense(units, "sigmoid", initializer="uniform", initializer_scale=0.1) for units in (3, 2)]
    document = edits.set_training(chain((4,), *layers), learning_rate=0.3, batch_size=1, shuffle=False)
    x, t = np.array([0.5, -0.25, 0.75, 0.125], np.float32), np.array([0.875, 0.125], np.float32)
    trainer = Trainer(document, dtype="float64", dataset=numbers(x[None], t[None]), seed=5)
    w1, b1, w2, b2 = (trainer.network.parameters[f"dense{n}/{name}"] for n in (1, 2) for name in ("weight", "bias"))
    assert max(abs(w1).max(), abs(w2).max()) <= 0.1
    a = 1 / (1 + np.exp(-(w1 @ x + b1)))
    y = 1 / (1 + np.exp(-(w2 @ a + b2)))
    output_delta = y * (1 - y) * (t - y)
    hidden_delta = a * (1 - a) * (w2.T @ output_delta)
    ask = stepping(trainer, document)
    for k in (0, 1):
        found = ask(f"backward:dense2:{k}")
        arriving, error = found.equations
        assert arriving.result.value == near(-(t[k] - y[k]))
        assert error.terms[0].factors[1].value == near(y[k] * (1 - y[k]))
        assert found.result.value == near(-output_delta[k])
    for j in (0, 1, 2):
        found = ask(f"backward:dense1:{j}")
        assert values(found.equations[0]) == near((-w2[:, j] * output_delta).tolist())
        assert found.result.value == near(-hidden_delta[j])
        for i in range(4):
            assert ask(f"update:dense1:weight[{j},{i}]").result.value == near(w1[j, i] + 0.3 * hidden_delta[j] * x[i])


@pytest.mark.parametrize(("units", "count"), [((300, 10), 238_510), ((512, 512, 10), 669_706)])
def test_7_every_parameter_has_a_cell(units: tuple[int, ...], count: int) -> None:
    document = chain((784,), *map(dense, units), loss="softmax_cross_entropy")
    assert sum(len(stage.cells) for stage in stages(document) if stage.phase == "update") == count


def test_8_two_layers_with_relu() -> None:
    hidden = np.array([(0.1, 0.2, 0.4), (0.4, 0.6, 0.6), (0.5, 0.9, 0.1), (0.8, 0.2, 0.8)]).T
    out = np.array([(0.1, 0.6), (0.2, 0.1), (0.7, 0.9)]).T
    logits = ([5.11, 8.44], [0, 0], [24.01, 38.24])
    for x, wanted in zip(([1, 2, 3, 4], [-1, -2, -3, -4], [11, 12, 13, 14]), logits, strict=True):
        ask = passing(chain((4,), dense(3, "relu"), dense(2)), x, [0.0, 0.0], dense1__weight=hidden, dense2__weight=out)
        assert [ask(f"forward:dense2:{k}").result.value for k in (0, 1)] == near(wanted)
        first = ask("forward:dense1:0")
        assert values(first.equations[0])[:4] == near((hidden[0] * x).tolist())
        assert (first.equations[1].function, first.result.value) == ("relu", near(max(0.0, float(hidden[0] @ x))))


def test_9_mnist_as_the_tutorial_trains_it() -> None:
    document = example("mnist-tutorial")
    (output,) = (placed for placed in document.nodes.values() if placed.type == "Output")
    assert (output.fields["target_low"], output.fields["target_high"], document.training.learning_rate) == (0.1, 0.9, 0.3)
    small = chain((4,), dense(3, "sigmoid"), dense(3, "sigmoid"), target_low=0.1, target_high=0.9)
    small = edits.set_training(small, learning_rate=0.3, batch_size=1, shuffle=False)
    x, y = np.random.default_rng(0).random((5, 4)).astype(np.float32), np.array([0, 2, 1, 1, 0])
    trainer = Trainer(small, dtype="float64", dataset=classes(x, y, 3))
    weights = trainer.network.parameters
    for sample, label in zip(x.astype(float), y.tolist(), strict=True):
        ask = stepping(trainer, small)
        a = 1 / (1 + np.exp(-(weights["dense1/weight"] @ sample + weights["dense1/bias"])))
        p = 1 / (1 + np.exp(-(weights["dense2/weight"] @ a + weights["dense2/bias"])))
        wanted = np.where(np.arange(3) == label, 0.9, 0.1)
        output_delta = p * (1 - p) * (wanted - p)
        for k in range(3):
            difference = equation(ask(f"loss:output1:{k}"), "difference")
            assert difference.terms[0].factors[0].value == near(wanted[k])
            assert ask(f"backward:dense2:{k}").result.value == near(-output_delta[k])
            found = ask(f"update:dense2:weight[{k},1]")
            assert dict(found.facts)["rate"] == 0.3
            assert found.result.value == near(weights["dense2/weight"][k, 1] + 0.3 * output_delta[k] * a[1])
        weights = trainer.network.parameters


def test_10_softmax_and_its_cross_entropy() -> None:
    document = chain((4,), dense(4), loss="softmax_cross_entropy")
    ask = passing(document, [1.0, 2.0, 3.0, 4.0], 0, dense1__weight=np.eye(4))
    shares = [ask(f"forward:output1:{k}") for k in range(4)]
    assert [found.result.value for found in shares] == pytest.approx([0.0321, 0.0871, 0.2369, 0.6439], abs=5e-5)
    for found, z in zip(shares, (1, 2, 3, 4), strict=True):
        assert equation(found, "power").result.value == near(math.exp(z - 4))
        assert equation(found, "denominator").result.value == near(sum(math.exp(other - 4) for other in (1, 2, 3, 4)))
    loss = ask("loss:output1:0")
    assert equation(loss, "contribution").result.value == pytest.approx(3.4402, abs=5e-5)
    assert equation(loss, "loss").result.value == pytest.approx(3.4402, abs=5e-5)
    assert loss.result.value == near(math.exp(-3) / sum(math.exp(-k) for k in range(4)) - 1)
    assert equation(ask("loss:output1:2"), "contribution").result.value == 0


def test_11_inverted_dropout() -> None:
    document = edits.set_training(chain((40,), ("Dropout", {"rate": 0.2}), dense(1)), batch_size=1)
    trainer = Trainer(document, dtype="float64", dataset=numbers(np.full((1, 40), 3.0, np.float32), np.array([1.0])))
    ask = stepping(trainer, document)
    found = [equation(ask(f"forward:dropout1:{i}"), "dropout") for i in range(40)]
    masks = [one.terms[0].factors[0].value for one in found]
    assert sorted(set(masks)) == near([0.0, 1 / (1 - 0.2)])
    assert [one.result.value for one in found] == near([3.0 * m for m in masks])


def test_12_momentum_is_a_fading_sum() -> None:
    document = chain((1,), dense(1, initializer="zeros", bias=False))
    document = edits.set_training(document, optimizer="momentum", momentum=0.5, learning_rate=0.1, batch_size=1, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=numbers(np.array([[1.0], [2.0], [-1.0]], np.float32), np.array([1.0, -1.0, 2.0])))
    weight, gradients = 0.0, []
    for x, t in ((1, 1), (2, -1), (-1, 2)):
        gradients.append(-(t - weight * x) * x)
        velocity = sum(0.5**age * g for age, g in enumerate(reversed(gradients)))
        found = stepping(trainer, document)("update:dense1:weight[0,0]")
        assert equation(found, "velocity").result.value == near(velocity)
        weight -= 0.1 * velocity
        assert found.result.value == near(weight)


@pytest.mark.parametrize(("weight", "errors"), [(3, [0, 1, 4, 9]), (4, [0, 4, 16, 36]), (2, [0, 0, 0, 0])])
def test_13_squared_errors_of_y_is_2x(weight: float, errors: list[float]) -> None:
    document = chain((1,), dense(1, bias=False), loss="mean_squared_error")
    for x, error in enumerate(errors):
        loss = passing(document, [float(x)], [2.0 * x], dense1__weight=[[weight]])("loss:output1:0")
        assert (equation(loss, "contribution").result.value, equation(loss, "loss").result.value) == (error, error)


def test_14_a_smaller_last_batch_is_used() -> None:
    document = chain((1,), dense(1, initializer="zeros", bias=False))
    document = edits.set_training(document, learning_rate=0.1, batch_size=3, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=numbers(np.ones((4, 1), np.float32), np.array([1.0, 2.0, 3.0, 10.0])))
    first = stepping(trainer, document, position=2)("update:dense1:weight[0,0]")
    mean = equation(first, "batch_gradient")
    assert (dict(first.facts)["batch"], mean.result.value) == (3.0, near(-2.0))
    assert values(mean) == near([-3.0 / 3, -(1.0 + 2.0) / 3])
    assert first.result.value == near(0.2)
    second = stepping(trainer, document)("update:dense1:weight[0,0]")
    assert dict(second.facts)["batch"] == 1.0
    assert [one.role for one in second.equations] == ["gradient", "update"]
    assert second.result.value == near(0.2 + 0.1 * (10 - 0.2))
