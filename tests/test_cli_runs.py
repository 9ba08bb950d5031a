"""Train, evaluate and export from the command line, through the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground import cli, cli_runs, data, export
from playground.document import example, load_project
from playground.document.settings import TRAINING_FIELDS
from playground.engine.run import Run
from playground.engine.state import State
from playground.engine.timeline.history import History
from playground.fields import Field
from playground.layers import registry

KEYS = {"steps", "epochs", "loss", "train_accuracy", "validation_accuracy", "test_accuracy", "seconds", "samples_per_second"}


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert cli.main([*arguments, "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def trained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "xor.playground"
    assert cli.main(["train", "xor", "--steps", "40", "--seed", "3", "--set", "training.learning_rate=0.25", "--save", str(path)]) == 0
    assert "steps" in capsys.readouterr().out
    return path


def test_train_repeats_to_the_bit(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (as_json(capsys, "train", "spiral", "--epochs", "2", "--seed", "5") for _ in range(2))
    assert set(first) >= KEYS
    assert first["epochs"] == 2
    assert first["loss"] == second["loss"]
    assert as_json(capsys, "train", "spiral", "--epochs", "2", "--seed", "6")["loss"] != first["loss"]


@pytest.mark.parametrize(("name", "more"), [("spiral", ["--epochs", "30"]), ("xor", ["--steps", "345"]), ("and", []), ("iris", [])])
def test_a_saved_run_has_the_windows_curves_and_the_same_weights(
    name: str, more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.playground"
    bare = as_json(capsys, "train", name, "--seed", "3", *more)
    saved = as_json(capsys, "train", name, "--seed", "3", *more, "--save", str(path))
    clocked = ("seconds", "samples_per_second")
    assert {**bare, **dict.fromkeys(clocked)} == {**saved, **dict.fromkeys(clocked)}
    assert all(saved[figure] > 0 for figure in clocked)
    project = load_project(path)
    curves = History.of_plain(project.history).curves.snapshot()
    layers = {node for node, _, _ in (key.partition("/") for key in project.weights)}
    wanted = {"loss/train", "learning_rate", *(f"{norm}/{node}" for norm in ("gradient_norm", "weight_norm") for node in layers)}
    assert wanted <= set(curves)
    assert all(curves[name].steps[-1] == saved["steps"] for name in wanted)
    assert ("loss/validation" in curves) == (bare["validation_loss"] is not None)
    run = Run(project.document)
    run.restore(State(project.weights, project.optimizer_state, project.initial, project.counters, project.history))
    assert run.trainer.step_count == saved["steps"]
    assert (run.validation is None) == (bare["validation_loss"] is None)


@pytest.mark.parametrize(("name", "rate", "end"), [("and", 0.5, 24), ("salary", 100.0, 2000)])
def test_a_saved_run_and_the_windows_write_the_same_points(name: str, rate: float, end: int, tmp_path: Path) -> None:
    path = tmp_path / "run.playground"
    cli.main(["train", name, "--steps", str(end), "--seed", "3", "--set", f"training.learning_rate={rate}", "--save", str(path)])
    project = load_project(path)
    saved, run = History.of_plain(project.history), Run(project.document)
    while run.trainer.step_count < end and not run.trainer.finished:
        run.advance(steps=end - run.trainer.step_count)
    here, there = saved.curves.snapshot(), run.history.curves.snapshot()
    alike = {one for one in there if one.startswith(("parameter/", "mistakes/", "loss/train"))}
    assert {one for one in here if one.startswith(("parameter/", "mistakes/", "loss/train"))} == alike
    assert any(one.startswith("parameter/") for one in alike)
    for one in alike:
        assert here[one].steps.tolist() == there[one].steps.tolist(), one
        np.testing.assert_array_equal(here[one].values, there[one].values)
    diverged = [event for event in run.history.events if event.kind == "diverged"]
    assert [event for event in saved.events if event.kind == "diverged"] == diverged
    assert bool(diverged) == (name == "salary")


def test_training_begins_with_the_weights_of_a_file_where_they_fit(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learned = load_project(trained).weights
    again = trained.with_name("again.playground")
    options = ["--set", "training.learning_rate=0", "--steps", "1", "--save", str(again)]
    assert cli.main(["train", "xor", "--weights", str(trained), *options]) == 0
    assert capsys.readouterr().err.startswith("dense1: 12 numbers")
    for key, array in load_project(again).weights.items():
        np.testing.assert_array_equal(array, learned[key])
    assert cli.main(["train", "spiral", "--weights", str(trained), "--steps", "1"]) == 2
    assert "nothing in the file fits this network" in capsys.readouterr().err


def test_regression_has_no_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "train", "salary", "--steps", "10")
    assert found["steps"] == 10
    assert found["train_accuracy"] is None


def test_a_saved_project_holds_the_run_and_is_evaluated(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = load_project(trained)
    assert (project.document.training.seed, project.document.training.learning_rate) == (3, 0.25)
    assert project.weights
    found = as_json(capsys, "evaluate", str(trained), "--split", "train")
    assert found["split"] == "train"
    assert found["samples"] == 4
    assert cli.main(["evaluate", str(trained)]) == 0
    assert "accuracy" in capsys.readouterr().out


def test_a_forecast_is_judged_beside_those_without_a_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = str(tmp_path / "spots.playground")
    as_json(capsys, "train", "sunspots-mlp", "--steps", "2", "--save", saved)
    found = as_json(capsys, "evaluate", saved)
    assert found["f1"] is None
    assert list(found["rmse"]) == ["network", "naive", "seasonal", "linear AR"]
    assert found["rmse"]["naive"] == pytest.approx(31.8, abs=0.05)
    assert cli.main(["evaluate", saved]) == 0
    assert "naive 31.78" in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_export_is_what_was_trained(trained: Path, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = trained.with_suffix(f".{ending}")
    assert cli.main(["export", str(trained), str(out), "--verify"]) == 0
    assert "verified" in capsys.readouterr().out
    weights, exported = load_project(trained).weights, export.read(out)
    assert {name: array.tobytes() for name, array in exported.items()} == {name: array.tobytes() for name, array in weights.items()}


def test_a_differing_export_is_code_1(trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    real = export.write

    def skewed(path: str, parameters: dict[str, np.ndarray], *more: Any) -> None:
        real(path, {name: array + np.float32(0.5) for name, array in parameters.items()}, *more)

    monkeypatch.setattr(export, "write", skewed)
    assert cli.main(["export", str(trained), str(trained.with_suffix(".npz")), "--verify"]) == 1
    assert "not verified" in capsys.readouterr().err


def test_what_cannot_be_written_is_refused_before_it_trains(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained.with_name("folder.playground")
    folder.mkdir()
    assert cli.main(["train", "xor", "--steps", "1", "--save", str(folder)]) == 2
    before = trained.read_bytes()
    assert cli.main(["export", str(trained), str(trained), "--format", "npz"]) == 2
    assert trained.read_bytes() == before
    monkeypatch.setattr(cli_runs.os, "access", lambda path, mode: False)
    assert cli.main(["train", "xor", "--steps", "1", "--save", str(trained)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "a folder" in told.err
    assert "the project itself" in told.err
    assert "may not be written" in told.err


def test_divergence_is_code_1_and_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "train", "salary", "--epochs", "400", "--set", "training.learning_rate=50", code=1)
    assert found["stopped"] == "diverged"
    assert found["loss"] is None or found["loss"] > 1e6


def test_check_gradients(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "check-gradients", "xor")
    assert 0 < found["max_relative_error"] <= 1e-6
    assert found["reason"] is None
    assert {entry["name"] for entry in found["parameters"]} >= {"dense1/weight", "dense1/bias"}
    assert cli.main(["check-gradients", "xor"]) == 0
    assert "dense1/weight" in capsys.readouterr().out
    monkeypatch.setattr(cli_runs, "TOLERANCE", 1e-30)
    as_json(capsys, "check-gradients", "xor", code=1)


def test_check_gradients_says_where_it_means_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "check-gradients", "and")
    assert found["max_relative_error"] is None
    assert "step" in found["reason"]


WRONG = {
    "int": ("x", "", "1.5", "nan", "1e400", "[1]", "true"),
    "float": ("x", "", "nan", "inf", "1e400", "true", "--1"),
    "bool": ("x", "", "2", "maybe"),
    "choice": ("x", "", "1", "SGD"),
    "shape": ("x", "", "0", "-1", "1.5", "[a]", "1,,x"),
}


def settable() -> list[tuple[str, str, Field]]:
    """An example, a path in it and the field there: every setting of the training, every layer type's and every data set's."""
    found = [("xor", f"training.{field.name}", field) for field in TRAINING_FIELDS]
    for name in ("xor", "mnist-mlp"):
        nodes = example(name).nodes
        found += [(name, f"nodes.{id}.{field.name}", field) for id, node in nodes.items() for field in registry.get(node.type).fields]
    return found + [("spiral", f"data.options.{field.name}", field) for field in data.get("spiral").fields]


@pytest.mark.parametrize(("source", "path", "field"), [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in settable()])
def test_a_value_of_the_wrong_kind_is_refused_before_anything_runs(
    source: str, path: str, field: Field, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_runs, "refuse_problems", lambda document: pytest.fail("it would have been trained"))
    texts = [text for text in WRONG[field.kind] if text or not field.optional]
    texts += [] if field.minimum is None else [str(field.minimum - max(1, abs(field.minimum)))]
    texts += [] if field.maximum is None else [str(field.maximum + max(1, abs(field.maximum)))]
    for text in texts:
        assert cli.main(["train", source, "--steps", "1", "--set", f"{path}={text}", "--json"]) == 2, text
        told = capsys.readouterr()
        assert told.out == ""
        assert field.name in told.err
        assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "change",
    [
        *("", "=", "a", "a=b", "..=1", "training=1", "training.=1", "training.x=1", "format=2", "wires=1", "view.pace=fast"),
        *("nodes.dense1=1", "nodes.zz.units=1", "nodes.dense1.zz=1", "nodes..units=1", "nodes.dense1.frozen=maybe"),
        *("nodes.dense1.type=Dropout", "data.name=zz"),
    ],
)
def test_a_path_that_leads_nowhere_is_code_2(change: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "xor", "--steps", "1", "--set", change, "--json"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")


def test_every_command_prints_one_json_object_and_nothing_else(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = (["examples"], ["datasets"], ["layers"], ["summary", "xor"], ["check-gradients", "xor"], ["evaluate", str(trained)])
    for command in (*commands, ["train", "xor", "--steps", "2", "--save", str(trained)]):
        assert isinstance(as_json(capsys, *command), dict)


@pytest.mark.parametrize("source", ["nope", "", "a\0b", "/dev/null", "/dev/zero", "."])
def test_a_source_that_cannot_be_read_is_code_2(source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out.npz")
    for command in (["summary", source], ["train", source], ["evaluate", source], ["check-gradients", source], ["export", source, out]):
        assert cli.main(command) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("error: ")
