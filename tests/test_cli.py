"""The command line without the engine: lists, summaries, refusals, and how fast it answers."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from playground import cli, cli_lists, cli_runs
from playground.document import Document, save
from playground.errors import PlaygroundError
from tests.document.graphs import chain, mnist_mlp


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert cli.main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(("name", "some"), [("examples", "spiral"), ("datasets", "mnist"), ("layers", "Dense")])
def test_lists(name: str, some: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = as_json(capsys, name)[name]
    assert some in [row["name"] for row in rows]
    assert all(row["title"] for row in rows)
    assert cli.main([name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [row["name"] for row in rows]


def test_a_damaged_example_stops_no_other(damaged_example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["examples"]) == 0
    told = capsys.readouterr()
    names = [line.split()[0] for line in told.out.splitlines()]
    assert "spiral" in names
    assert damaged_example not in names
    assert told.err.startswith("warning: ")
    assert len(told.err.splitlines()) == 1
    assert f"{damaged_example}.json: it is not a document" in told.err
    assert "put it back" in told.err
    assert cli.main(["summary", "spiral"]) == 0
    capsys.readouterr()
    assert cli.main(["summary", damaged_example]) == 2
    told = capsys.readouterr()
    assert not told.out
    assert f"{damaged_example}.json: it is not a document" in told.err


def test_layers_describe_their_fields(capsys: pytest.CaptureFixture[str]) -> None:
    dense = next(row for row in as_json(capsys, "layers")["layers"] if row["name"] == "Dense")
    units = dense["fields"][0]
    assert (units["name"], units["kind"], units["default"], units["minimum"], units["maximum"]) == ("units", "int", 8, 1, 8192)
    assert set(units) == {"name", "kind", "default", "choices", "minimum", "maximum", "help"}


def test_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "a.playground")
    save(mnist_mlp(), path)
    found = as_json(capsys, "summary", path)
    assert found["parameters"] == 32 * 785 + 330
    assert found["nodes"][2] == {
        "id": "dense1",
        "type": "Dense",
        "output_shape": [32],
        "parameters": 25120,
        "multiply_adds": 25088,
        "receptive_field": None,
    }
    assert found["problems"] == []
    assert cli.main(["summary", path]) == 0
    assert "25,120" in capsys.readouterr().out


def test_summary_of_what_cannot_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "a.json")
    save(chain("Input", "Dense", "Output", data="mnist"), path)
    found = as_json(capsys, "summary", path)
    assert found["nodes"][1]["output_shape"] is None
    assert "wants one number row" in found["problems"][0]
    assert cli.main(["summary", path]) == 0
    assert cli.main(["train", path]) == 2
    assert "Insert Flatten" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["summary", "spirall"], "Did you mean spiral?"),
        (["summary", "missing.playground"], "cannot read it"),
        (["trian"], "Did you mean train?"),
        (["trian", "xor", "--epochs", "3"], "Did you mean train?"),
        (["xor"], "`train xor`"),
        (["screenshot", "xor", "picture.jpg"], "ends in .png"),
        (["train", "spiral", "--set", "training.rate=1"], "no field 'rate'"),
        (["train", "spiral", "--set", "training.learning_rate"], "PATH=VALUE"),
        (["train", "spiral", "--save", "weights.npz"], "ends in .playground"),
        (["train", "spiral", "--save", "/nowhere/a.playground"], "no folder"),
        (["screenshot", "xor", "/nowhere/picture.png"], "no folder"),
        (["evaluate", "spiral"], "no trained weights"),
        (["export", "spiral", "out.npz"], "no trained weights"),
    ],
)
def test_bad_input_is_code_2_on_standard_error(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err


def test_a_picture_of_a_change_wants_a_fork(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["screenshot", "xor", "a.png", "--set", "training.learning_rate=0.1"]) == 2
    assert "--fork" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["train", "spiral", "--epochs", "0"],
        ["train", "spiral", "--epochs", "1", "--steps", "1"],
        ["train", "spiral", "--seed", "-1"],
        ["screenshot", "spiral", "a.png", "--size", "big"],
        ["evaluate", "x.playground", "--split", "dev"],
        ["--theme", "pink"],
    ],
)
def test_bad_options_are_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    assert raised.value.code == 2
    assert capsys.readouterr().err


def test_json_has_no_infinities(capsys: pytest.CaptureFixture[str]) -> None:
    cli_lists.print_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": {"d": None}})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5], "c": {"d": None}}


def test_json_is_json_whatever_the_terminals_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    for encoding in ("ascii", "cp1252", "utf-8"):
        written = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding))
        cli_lists.print_json({"shape": "1×28×28 青"})
        sys.stdout.flush()
        assert json.loads(written.getvalue().decode()) == {"shape": "1×28×28 青"}


def test_letters_that_a_terminal_lacks_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    assert cli.main(["summary", "lenet5"]) == 0
    assert b"1?28?28" in written.getvalue()


class FullDisk(io.RawIOBase):
    """Takes nothing."""

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_output_that_cannot_be_written_is_a_message(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(FullDisk()), "utf-8"))
    assert cli.main(["examples"]) == 2
    assert "No space left on device" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "file" / "cache"))
    assert cli.main(["datasets", "--fetch", "fashion-mnist"]) == 2
    assert "PLAYGROUND_CACHE" in capsys.readouterr().err


def test_warnings_do_not_stop(capsys: pytest.CaptureFixture[str]) -> None:
    document = chain("Input", ("Dense", {"units": 3, "activation": "softmax"}), "Output", data="iris")
    cli_runs.refuse_problems(document)
    assert "warning: dense1 applies softmax" in capsys.readouterr().err
    with pytest.raises(PlaygroundError, match=r"no Input.*2 more"):
        cli_runs.refuse_problems(Document())


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    root = Path(cli.__file__).resolve().parents[1]
    code = (
        "import sys\nfrom playground.cli import main\n"
        "try:\n main(['--help'])\nexcept SystemExit:\n pass\n"
        "heavy = {'numpy', 'numba', 'PySide6', 'msgspec'} & set(sys.modules)\nassert not heavy, heavy"
    )
    spent = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=root)
        after = os.times()
        spent.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(spent) < 0.2  # of a core: the clock counts what else the machine does as well


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: object) -> int:
        raise ModuleNotFoundError("No module named 'safetensors'", name="safetensors")

    monkeypatch.setattr(cli_lists, "layers", broken)
    assert cli.main(["layers"]) == 2
    assert "the package safetensors is missing" in capsys.readouterr().err


def test_a_fork_at_the_last_step_is_refused_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for given in (["--steps", "20", "--fork", "20"], ["--steps", "2", "--fork", "14000"], ["--fork", "1"]):
        assert cli.main(["screenshot", "xor", str(tmp_path / "p.png"), *given]) == 2
        assert "before the last step" in capsys.readouterr().err
