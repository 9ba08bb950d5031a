"""The benchmark itself: figures that add up, a table and JSON, refusal without PyTorch. Goals are not held here: load varies."""

from __future__ import annotations

import json

import pytest

from playground.engine import bench
from playground.engine.bench import Workload

TINY = Workload("tiny", (2, 4, 1), "tanh", 8, 10.0)


def test_measures_ours_against_the_peak() -> None:
    row = bench.measure(TINY, against_torch=False, rounds=2, seconds=0.01)
    assert 0.05 < row.ours_us < 500
    assert 0 < row.of_peak < 1
    assert row.ratio is None


def test_measures_against_torch() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    row = bench.measure(TINY, against_torch=True, rounds=2, seconds=0.02)
    assert row.ratio is not None
    assert row.torch_us is not None
    assert row.spread is not None
    assert row.spread[0] <= row.ratio <= row.spread[1]
    assert row.holds
    assert not bench.measure(Workload("tiny", (2, 4, 1), "tanh", 8, 1e-9), True, 1, 0.01).holds


def test_operations_leave_out_the_gradient_by_the_data() -> None:
    assert bench.operations(Workload("net", (784, 300, 10), "relu", 32, 0.4)) == 2 * 32 * (2 * 784 * 300 + 3 * 300 * 10)


def test_prints_one_json_object(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "WORKLOADS", (TINY,))
    monkeypatch.setattr(bench.measure, "__defaults__", (1, 0.01))
    assert bench.main(json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in printed["rows"]] == ["tiny"]


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bench, "_has_torch", lambda: False)
    assert bench.main(against="torch") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "pytorch.org" in said.err
