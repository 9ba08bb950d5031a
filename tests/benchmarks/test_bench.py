"""The benchmark itself: figures that add up, a table and JSON, refusal without PyTorch. Goals are not held here: load varies."""

from __future__ import annotations

import json
import math

import pytest

from playground.engine.bench import timing
from playground.engine.bench.workloads import WORKLOADS, Course, Stage, Workload, document_of, operations
from playground.engine.program.lowering import lower

TINY = Workload("tiny", (2, 4, 1), "tanh", 8, 10.0)


def test_measures_ours_against_the_peak() -> None:
    row = timing.measure(TINY, against_torch=False, rounds=2, seconds=0.01)
    assert 0.05 < row.ours_us < 500
    assert 0 < row.of_peak < 1
    assert row.ratio is None


def test_measures_against_torch() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    row = timing.measure(TINY, against_torch=True, rounds=2, seconds=0.02)
    assert row.ratio is not None
    assert row.torch_us is not None
    assert row.spread is not None
    assert row.spread[0] <= row.ratio <= row.spread[1]
    assert row.holds
    assert not timing.measure(Workload("tiny", (2, 4, 1), "tanh", 8, 1e-9), True, 1, 0.01).holds


def test_operations_leave_out_the_gradient_by_the_data() -> None:
    assert operations(Workload("net", (784, 300, 10), "relu", 32, 0.4)) == 2 * 32 * (2 * 784 * 300 + 3 * 300 * 10)


def test_the_nets_for_pictures_are_those_of_the_papers() -> None:
    """LeNet-5 has 61,706 parameters, 416,520 multiply-adds; nobody computes its first convolution's gradient by the picture."""
    lenet, color = (next(w for w in WORKLOADS if w.name == name) for name in ("lenet-b32", "color-b32"))
    sizes = [sum(math.prod(p.parameter.shape) for p in lower(document_of(net)).parameters) for net in (lenet, color)]
    assert sizes == [61_706, 3 * 9 * 16 + 16 + 16 * 9 * 32 + 32 + 32 * 9 * 64 + 64 + 512_500 + 5_010]
    assert operations(lenet) == 2 * 32 * (3 * 416_520 - 117_600)


def test_measures_a_net_for_pictures() -> None:
    tiny = Workload("tiny", (8, 4), "relu", 8, 10.0, (1, 4, 4), (Stage(2, 3, 1),))
    assert timing.measure(tiny, against_torch=False, rounds=1, seconds=0.01).of_peak > 0
    pytest.importorskip("torch", reason="PyTorch is not installed")
    assert timing.measure(tiny, against_torch=True, rounds=1, seconds=0.02).torch_setting in (
        "default", "fused", "channels_last", "channels_last+fused",
    )  # fmt: skip


def test_the_recurrent_nets_have_pytorchs_sizes_and_work() -> None:
    """An LSTM of 128 units over 64 numbers: 4 (64 + 128 + 1) 128 parameters. The embedding is learned, so all ways back are gone; of a
    net without one, nobody computes the gradient by the data."""
    lstm, small = (next(w for w in WORKLOADS if w.name == name) for name in ("lstm-t50", "lstm-small"))
    sizes = [sum(math.prod(p.parameter.shape) for p in lower(document_of(net)).parameters) for net in (lstm, small)]
    assert sizes == [64 * 64 + 4 * 193 * 128 + 129 * 64, 4 * 18 * 16 + 17]
    assert operations(lstm) == 2 * 32 * 3 * 50 * (4 * 192 * 128 + 128 * 64)
    assert operations(small) == 2 * 16 * (3 * (20 * 4 * 17 * 16 + 16) - 20 * 4 * 16)


@pytest.mark.parametrize(("cell", "tokens"), [("LSTM", 5), ("GRU", 5), ("SimpleRNN", 5), ("LSTM", 0)])
def test_measures_a_recurrent_net(cell: str, tokens: int) -> None:
    tiny = Course("tiny", (2, 4, 3), "identity", 8, 10.0, cell=cell, steps=3, tokens=tokens)
    assert timing.measure(tiny, against_torch=False, rounds=1, seconds=0.01).of_peak > 0
    pytest.importorskip("torch", reason="PyTorch is not installed")
    assert timing.measure(tiny, against_torch=True, rounds=1, seconds=0.01).torch_setting in (
        "default", "fused", "steps_first", "steps_first+fused",
    )  # fmt: skip


def test_prints_one_json_object(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(timing, "WORKLOADS", (TINY,))
    monkeypatch.setattr(timing.measure, "__defaults__", (1, 0.01))
    assert timing.main(json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in printed["rows"]] == ["tiny"]


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(timing, "_has_torch", lambda: False)
    assert timing.main(against="torch") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "pytorch.org" in said.err
