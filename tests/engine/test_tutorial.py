"""The tutorials' worked examples, items 1 to 14, in float64 through the public interface."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import Document, edits, example, parameter_counts
from playground.engine import Network, Trainer
from tests.engine.build import chain, classes, dense, numbers

TABLE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)


def network(document: Document, **parameters: object) -> Network:
    made = Network(document, "float64")
    made.set_parameters({name.replace("__", "/"): np.array(value, float) for name, value in parameters.items()})
    return made


@pytest.mark.parametrize(("bias", "answers"), [(-0.8, [0, 0, 0, 1]), (-0.3, [0, 1, 1, 1])], ids=["and", "or"])
def test_1_one_unit_by_hand(bias: float, answers: list[int]) -> None:
    unit = network(chain((2,), dense(1, "step")), dense1__weight=[[0.5, 0.5]], dense1__bias=[bias])
    assert unit.forward(TABLE)[:, 0].tolist() == answers


def test_1_one_unit_never_settles_on_xor() -> None:
    document = edits.set_training(chain((2,), dense(1, "step", initializer="zeros")), learning_rate=0.1, batch_size=1, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=classes(TABLE, np.array([0, 1, 1, 0])))
    for _ in range(50):
        result = trainer.run(epochs=1)
        assert result.train_accuracy is not None
        assert result.train_accuracy < 1.0


def test_2_the_perceptron_rule_learns_and() -> None:
    x, y = np.array([[1, 1], [0, 0], [1, 0], [0, 1]], np.float32), np.array([1, 0, 0, 0])
    document = edits.set_training(chain((2,), dense(1, "step", initializer="zeros")), learning_rate=0.1, batch_size=1, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=classes(x, y))
    result = trainer.run(epochs=10)
    assert trainer.network.parameters["dense1/weight"] == pytest.approx(np.array([[0.1, 0.2]]), abs=1e-12)
    assert trainer.network.parameters["dense1/bias"] == pytest.approx(np.array([-0.2]), abs=1e-12)
    assert (result.steps, result.train_accuracy) == (40, 1.0)


def test_3_the_linear_unit_learns_salaries() -> None:
    tenths, salaries = np.array([[50], [30], [80], [14], [101]], np.float32), np.array([5500, 2300, 7600, 1800, 11400])
    document = edits.set_training(chain((1,), dense(1, initializer="zeros")), learning_rate=0.01, batch_size=1, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=numbers(tenths, salaries, scale=0.1))
    trainer.run(epochs=10)
    assert trainer.network.parameters["dense1/weight"][0, 0] == pytest.approx(1124.0634970262222, rel=1e-13)
    assert trainer.network.parameters["dense1/bias"][0] == pytest.approx(85.485289, abs=5e-7)
    predicted = trainer.network.forward(np.array([[3.4], [15.0], [1.5], [6.3]]))[:, 0]
    assert predicted == pytest.approx(np.array([3907.30, 16946.44, 1771.58, 7167.09]), abs=0.005)


def test_4_half_squared_error_and_its_gradient() -> None:
    unit = network(chain((2,), dense(1)), dense1__weight=[[0.3, -0.2]], dense1__bias=[0.1])
    x, t = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[1.5], [-0.5]])
    error = t - unit.forward(x)
    loss, gradients = unit.gradients(x, t)
    assert 2 * loss == pytest.approx(0.5 * (error**2).sum(), rel=1e-14)
    assert 2 * gradients["dense1/weight"] == pytest.approx((-error * x).sum(0, keepdims=True), rel=1e-14)
    assert 2 * gradients["dense1/bias"] == pytest.approx(-error.sum(0), rel=1e-14)


def test_5_logistic_unit_with_cross_entropy() -> None:
    unit = network(chain((2,), dense(1), loss="binary_cross_entropy"), dense1__weight=[[0.7, -1.1]], dense1__bias=[0.2])
    x = np.array([[0.4, 0.9]])
    for t in (0, 1):
        y = 1 / (1 + np.exp(-(0.7 * 0.4 - 1.1 * 0.9 + 0.2)))
        loss, gradients = unit.gradients(x, np.array([t]))
        assert loss == pytest.approx(-np.log(y if t else 1 - y), rel=1e-13)
        assert gradients["dense1/weight"] == pytest.approx(-(t - y) * x, rel=1e-13)
        assert gradients["dense1/bias"] == pytest.approx(np.array([-(t - y)]), rel=1e-13)


def test_6_the_delta_rule() -> None:
    hidden, out = (
        dense(3, "sigmoid", initializer="uniform", initializer_scale=0.1),
        dense(2, "sigmoid", initializer="uniform", initializer_scale=0.1),
    )
    unit = Network(chain((4,), hidden, out), "float64", seed=5)
    w1, b1, w2, b2 = (unit.parameters[key] for key in ("dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias"))
    assert max(abs(w1).max(), abs(w2).max()) <= 0.1
    x, t = np.array([0.5, -0.3, 0.8, 0.1]), np.array([0.9, 0.1])
    a = 1 / (1 + np.exp(-(w1 @ x + b1)))
    y = 1 / (1 + np.exp(-(w2 @ a + b2)))
    output_delta = y * (1 - y) * (t - y)
    hidden_delta = a * (1 - a) * (w2.T @ output_delta)
    _, gradients = unit.gradients(x[None], t[None])
    assert -gradients["dense2/weight"] == pytest.approx(np.outer(output_delta, a), rel=1e-12)
    assert -gradients["dense1/weight"] == pytest.approx(np.outer(hidden_delta, x), rel=1e-12)
    assert -gradients["dense1/bias"] == pytest.approx(hidden_delta, rel=1e-12)


@pytest.mark.parametrize(("units", "count"), [((300, 10), 238_510), ((512, 512, 10), 669_706)])
def test_7_parameter_counts(units: tuple[int, ...], count: int) -> None:
    document = chain((784,), *map(dense, units), loss="softmax_cross_entropy")
    assert sum(parameter_counts(document).values()) == count
    assert sum(array.size for array in Network(document).parameters.values()) == count


def test_8_two_layers_with_relu() -> None:
    hidden = np.array([(0.1, 0.2, 0.4), (0.4, 0.6, 0.6), (0.5, 0.9, 0.1), (0.8, 0.2, 0.8)]).T
    out = np.array([(0.1, 0.6), (0.2, 0.1), (0.7, 0.9)]).T
    net = network(chain((4,), dense(3, "relu"), dense(2)), dense1__weight=hidden, dense2__weight=out)
    x = np.array([(1, 2, 3, 4), (-1, -2, -3, -4), (11, 12, 13, 14)])
    assert net.forward(x) == pytest.approx(np.array([(5.11, 8.44), (0, 0), (24.01, 38.24)]), rel=1e-13, abs=1e-13)


def test_9_mnist_as_the_tutorial_trains_it() -> None:
    document = example("mnist-tutorial")
    (output,) = (placed for placed in document.nodes.values() if placed.type == "Output")
    assert (output.fields["loss"], output.fields["target_low"], output.fields["target_high"]) == ("half_squared_error", 0.1, 0.9)
    assert (document.training.learning_rate, document.training.batch_size, document.training.optimizer) == (0.3, 1, "sgd")
    units = [placed for placed in document.nodes.values() if placed.type == "Dense"]
    assert [placed.fields["activation"] for placed in units] == ["sigmoid", "sigmoid"]
    small = chain((4,), dense(3, "sigmoid"), dense(3, "sigmoid"), target_low=0.1, target_high=0.9)
    small = edits.set_training(small, learning_rate=0.3, batch_size=1, shuffle=False)
    x, y = np.random.default_rng(0).random((5, 4)).astype(np.float32), np.array([0, 2, 1, 1, 0])
    trainer = Trainer(small, dtype="float64", dataset=classes(x, y, 3))
    weights = trainer.network.parameters
    for sample, label in zip(x.astype(float), y, strict=True):
        a = 1 / (1 + np.exp(-(weights["dense1/weight"] @ sample + weights["dense1/bias"])))
        p = 1 / (1 + np.exp(-(weights["dense2/weight"] @ a + weights["dense2/bias"])))
        output_delta = p * (1 - p) * (np.where(np.arange(3) == label, 0.9, 0.1) - p)
        hidden_delta = a * (1 - a) * (weights["dense2/weight"].T @ output_delta)
        steps = {"dense2/weight": np.outer(output_delta, a), "dense2/bias": output_delta, "dense1/weight": np.outer(hidden_delta, sample)}
        for key, step in {**steps, "dense1/bias": hidden_delta}.items():
            weights[key] = weights[key] + 0.3 * step
    trainer.run(epochs=1)
    for key, array in trainer.network.parameters.items():
        assert array == pytest.approx(weights[key], rel=1e-12)


def test_10_softmax_and_its_cross_entropy() -> None:
    net = network(chain((4,), dense(4), loss="softmax_cross_entropy"), dense1__weight=np.eye(4))
    x = np.array([[1.0, 2.0, 3.0, 4.0]])
    assert net.forward(x)[0] == pytest.approx(np.array([0.0321, 0.0871, 0.2369, 0.6439]), abs=5e-5)
    assert net.gradients(x, np.array([0]))[0] == pytest.approx(3.4402, abs=5e-5)
    assert -np.log(0.03) == pytest.approx(3.51, abs=0.005)


def test_11_inverted_dropout() -> None:
    net = Network(chain((2000,), ("Dropout", {"rate": 0.2}), ("Flatten", {})), "float64")
    x = np.full((1, 2000), 3.0)
    shown = net.forward(x, training=True)[0]
    assert set(np.unique(shown.round(12))) == {0.0, 3.75}
    assert (shown == 0).mean() == pytest.approx(0.2, abs=0.04)
    assert (net.forward(x) == x).all()


def test_12_momentum_is_a_fading_sum() -> None:
    document = chain((1,), dense(1, initializer="zeros", bias=False))
    document = edits.set_training(document, optimizer="momentum", momentum=0.5, learning_rate=0.1, batch_size=1, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=numbers(np.array([[1.0], [2.0], [-1.0]], np.float32), np.array([1.0, -1.0, 2.0])))
    weight, gradients = 0.0, []
    for x, t in ((1, 1), (2, -1), (-1, 2)):
        gradients.append(-(t - weight * x) * x)
        weight -= 0.1 * sum(0.5**age * g for age, g in enumerate(reversed(gradients)))
        trainer.step()
        assert trainer.network.parameters["dense1/weight"][0, 0] == pytest.approx(weight, rel=1e-13)


@pytest.mark.parametrize(("weight", "errors"), [(3, [0, 1, 4, 9]), (4, [0, 4, 16, 36]), (2, [0, 0, 0, 0])])
def test_13_squared_errors_of_y_is_2x(weight: float, errors: list[float]) -> None:
    net = network(chain((1,), dense(1, bias=False), loss="mean_squared_error"), dense1__weight=[[weight]])
    for x, error in enumerate(errors):
        assert net.gradients(np.array([[float(x)]]), np.array([[2.0 * x]]))[0] == error


def test_14_a_smaller_last_batch_is_used() -> None:
    document = chain((1,), dense(1, initializer="zeros", bias=False))
    document = edits.set_training(document, learning_rate=0.1, batch_size=3, shuffle=False)
    trainer = Trainer(document, dtype="float64", dataset=numbers(np.ones((4, 1), np.float32), np.array([1.0, 2.0, 3.0, 10.0])))
    assert trainer.steps_per_epoch == 2
    trainer.step()
    assert trainer.network.parameters["dense1/weight"][0, 0] == pytest.approx(0.2, rel=1e-13)  # the mean of 1, 2, 3
    trainer.step()
    assert trainer.network.parameters["dense1/weight"][0, 0] == pytest.approx(0.2 + 0.1 * (10 - 0.2), rel=1e-13)  # one sample, its own mean
    assert (trainer.epoch, trainer.step_count) == (1, 2)
