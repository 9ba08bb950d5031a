"""Convolution and its gradients against plain loops: strides, padding, dilation, groups, odd sizes, pictures and sequences."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Target, conv_direct, conv_single, conv_winograd_weight
from tests.kernels.harness import Stage
from tests.kernels.test_affine import close
from tests.reference import convolution as reference


@dataclass(frozen=True)
class Case:
    """``plane``: (H, W) or (T); ``padding`` as the operation takes it."""

    channels: int
    filters: int
    plane: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...] = (1, 1)
    dilation: tuple[int, ...] = (1, 1)
    padding: tuple[int, ...] = (0, 0, 0, 0)
    groups: int = 1

    @property
    def options(self) -> dict[str, object]:
        return {"stride": self.stride, "dilation": self.dilation, "padding": self.padding, "groups": self.groups}

    @property
    def out(self) -> tuple[int, ...]:
        return reference.out_shape(self.plane, self.kernel, self.stride, self.dilation, self.padding)

    def shape(self, channels: int, plane: tuple[int, ...]) -> tuple[int, ...]:
        return (*plane, channels) if len(plane) == 1 else (channels, *plane)


CASES = {
    "plain": Case(2, 3, (5, 6), (3, 3)),
    "one by one": Case(5, 7, (3, 4), (1, 1)),
    "one by one, strided": Case(5, 3, (6, 5), (1, 1), stride=(2, 3)),
    "same, odd": Case(3, 4, (7, 5), (3, 3), padding=(1, 1, 1, 1)),
    "LeNet's first": Case(1, 6, (8, 9), (5, 5), padding=(2, 2, 2, 2)),
    "LeNet's second": Case(6, 16, (9, 9), (5, 5)),
    "strided": Case(3, 2, (7, 9), (3, 3), stride=(2, 2), padding=(1, 1, 1, 1)),
    "strided beyond the kernel": Case(2, 2, (7, 8), (2, 2), stride=(3, 4)),
    "same as TensorFlow's": Case(2, 5, (6, 6), (3, 2), stride=(2, 1), padding=(0, 1, 0, 1)),
    "dilated": Case(2, 3, (9, 8), (3, 2), dilation=(2, 3)),
    "dilated and strided": Case(2, 3, (11, 12), (3, 3), stride=(2, 3), dilation=(3, 2), padding=(2, 3, 4, 1)),
    "stride and dilation of common factor": Case(1, 2, (10, 11), (3, 3), stride=(4, 2), dilation=(2, 4), padding=(3, 0, 2, 5)),
    "padding wider than the kernel": Case(1, 2, (3, 2), (2, 2), padding=(3, 2, 4, 3)),
    "padding that no output reads": Case(1, 1, (1, 1), (1, 1), stride=(3, 3), padding=(2, 0, 2, 0)),
    "groups": Case(6, 4, (5, 5), (3, 3), padding=(1, 1, 1, 1), groups=2),
    "depthwise": Case(5, 5, (6, 5), (3, 3), padding=(1, 1, 1, 1), groups=5),
    "depthwise, two each": Case(3, 6, (5, 6), (2, 3), stride=(1, 2), groups=3),
    "tall kernel": Case(2, 3, (8, 3), (7, 1)),
    "wide kernel": Case(2, 9, (2, 14), (1, 11), padding=(0, 0, 3, 3)),
    "Winograd": Case(9, 10, (4, 6), (3, 3), padding=(1, 1, 1, 1)),
    "Winograd, many channels": Case(17, 9, (5, 4), (3, 3), padding=(1, 1, 1, 1)),
    "Winograd, odd": Case(16, 13, (7, 3), (3, 3), padding=(0, 2, 1, 0)),
    "many filters": Case(3, 21, (4, 4), (2, 2)),
    "whole picture": Case(3, 17, (4, 5), (4, 5)),
    "one pixel": Case(1, 1, (1, 1), (1, 1)),
    "sequence": Case(4, 5, (9,), (3,), (1,), (1,), (0, 0)),
    "sequence, padded before": Case(3, 6, (7,), (3,), (1,), (2,), (4, 0)),
    "sequence, strided, in groups": Case(4, 6, (11,), (4,), (3,), (1,), (1, 2), 2),
    "sequence of single numbers": Case(1, 1, (12,), (5,), (1,), (1,), (2, 2)),
    "sequence, pointwise": Case(6, 4, (5,), (1,), (1,), (1,), (0, 0)),
}
FEW = ("dilated and strided", "groups", "sequence, strided, in groups", "Winograd, odd")


def drawn(case: Case, count: int, target: Target, seed: int = 0) -> tuple[np.ndarray, ...]:
    """x, dy (samples first), weight, bias."""
    random = np.random.default_rng(seed)
    shapes = (
        (count, *case.shape(case.channels, case.plane)),
        (count, *case.shape(case.filters, case.out)),
        (case.filters, case.channels // case.groups, *case.kernel),
        (case.filters,),
    )
    return tuple(random.standard_normal(shape).astype(target.dtype) for shape in shapes)


def check(case: Case, target: Target) -> None:
    """All three operations, with one sample fewer than lanes. Some samples are looked at, and all make the weights' gradient."""
    valid = max(1, target.lanes - 1)
    x, dy, weight, bias = drawn(case, valid, target)
    stage = Stage(target, valid, size=1 << 19)
    X, DY, W, B = stage.value(x), stage.value(dy), stage.parameter(weight), stage.parameter(bias)
    Y, DX, DW, DB = stage.value(shape=dy.shape[1:]), stage.value(shape=x.shape[1:]), stage.parameter(weight * 0), stage.parameter(bias * 0)
    some = sorted({0, valid // 2, valid - 1})
    options = (case.stride, case.dilation, case.padding, case.groups)

    stage.run("conv", {"x": X, "weight": W, "bias": B, "y": Y}, **case.options)
    close(stage.samples(Y)[some], np.array([reference.conv(x[n], weight, bias, *options) for n in some]), target)
    stage.run("conv", {"x": X, "weight": W, "bias": None, "y": Y}, **case.options)
    close(stage.samples(Y)[some], np.array([reference.conv(x[n], weight, None, *options) for n in some]), target)
    stage.arena[DX.start : DX.start + DX.extent] = 7.0  # what was there does not count
    stage.run("conv_backward_input", {"weight": W, "dy": DY, "dx": DX}, **case.options)
    shape = (case.channels, *case.plane)
    close(stage.samples(DX)[some], np.array([reference.conv_backward_input(weight, dy[n], shape, *options) for n in some]), target)
    stage.run("conv_backward_weight", {"x": X, "dy": DY, "dweight": DW, "dbias": DB}, **case.options)
    dweight, dbias = reference.conv_backward_weight(x, dy, weight.shape, *options)
    close(stage.read(DW), dweight, target)
    close(stage.read(DB), dbias, target)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "target", [Target("float32", 16, "avx512"), Target("float32", 1, "avx512"), Target("float32", 32, "avx512")], ids=lambda t: str(t.lanes)
)
def test_all_three_follow_the_formula(name: str, target: Target) -> None:
    check(CASES[name], target)


@pytest.mark.parametrize("name", FEW)
def test_on_every_target(name: str, target: Target) -> None:
    check(CASES[name], target)


@pytest.mark.parametrize("lanes", [48, 64, 112])
@pytest.mark.parametrize("name", FEW)
def test_lanes_of_many_vectors(name: str, lanes: int) -> None:
    check(CASES[name], Target("float32", lanes, "avx512"))


@pytest.mark.parametrize("name", ["same, odd", "dilated and strided", "groups", "sequence", "Winograd, odd"])
@pytest.mark.parametrize("lanes", [1, 16])
def test_in_bands(name: str, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with pictures that are too large for the cache: a row or a few of outputs at a time."""
    monkeypatch.setattr(conv_single, "SCRATCH_MOST", 100)
    monkeypatch.setattr(conv_direct, "CACHE_BYTES", 4000)
    monkeypatch.setattr(conv_winograd_weight, "BAND_BYTES", 100_000)
    check(CASES[name], Target("float32", lanes, "avx512"))


@pytest.mark.parametrize("case", [Case(2, 3, (4, 5), (3, 3), padding=(1, 1, 1, 1)), Case(16, 8, (4, 2), (3, 3), padding=(1, 1, 1, 1))])
def test_micro_batches_after_the_first_add_up(case: Case, target: Target) -> None:
    x, dy, weight, bias = drawn(case, target.lanes, target)
    stage = Stage(target, size=1 << 19)
    DW, DB = stage.parameter(np.full_like(weight, 9.0)), stage.parameter(np.full_like(bias, 9.0))
    stage.control.batch = stage.control.end = 3 * target.lanes
    stage.run(
        "conv_backward_weight", {"x": stage.value(x), "dy": stage.value(dy), "dweight": DW, "dbias": DB}, accumulate=True, **case.options
    )
    dweight, dbias = reference.conv_backward_weight(x, dy, weight.shape, case.stride, case.dilation, case.padding, 1)
    close(stage.read(DW), 3 * dweight, target)
    close(stage.read(DB), 3 * dbias, target)


@pytest.mark.parametrize("name", ["same, odd", "sequence", "dilated and strided", "Winograd, odd"])
def test_not_a_number_stays_where_it_belongs(name: str, target: Target) -> None:
    """In its own sample, and there in exactly the outputs that read it."""
    case = CASES[name]
    x, dy, weight, bias = drawn(case, target.lanes, target)
    middle = tuple(n // 2 for n in x.shape[1:])
    x[0][middle] = dy[0][tuple(n // 2 for n in dy.shape[1:])] = math.nan
    stage = Stage(target, size=1 << 19)
    X, DY, W = stage.value(x), stage.value(dy), stage.parameter(weight)
    Y, DX, DW = stage.value(shape=dy.shape[1:]), stage.value(shape=x.shape[1:]), stage.parameter(weight * 0)
    options = (case.stride, case.dilation, case.padding, case.groups)
    stage.run("conv", {"x": X, "weight": W, "bias": stage.parameter(bias), "y": Y}, **case.options)
    stage.run("conv_backward_input", {"weight": W, "dy": DY, "dx": DX}, **case.options)
    y, dx = stage.samples(Y), stage.samples(DX)
    np.testing.assert_array_equal(np.isnan(y[0]), np.isnan(reference.conv(x[0], weight, bias, *options)))
    shape = (case.channels, *case.plane)
    np.testing.assert_array_equal(np.isnan(dx[0]), np.isnan(reference.conv_backward_input(weight, dy[0], shape, *options)))
    assert np.isnan(y).any()
    assert np.isnan(dx).any()
    assert not np.isnan(y[1:]).any()
    assert not np.isnan(dx[1:]).any()
    stage.run("conv_backward_weight", {"x": X, "dy": DY, "dweight": DW, "dbias": None}, **case.options)
    assert np.isnan(stage.read(DW)).any()


def test_whole_numbers_stay_whole(target: Target) -> None:
    """Winograd's sums are halved twice at most: results are exact, and what is zero is nothing else."""
    case = Case(9, 10, (5, 6), (3, 3), padding=(1, 1, 1, 1))
    random = np.random.default_rng(0)
    x, weight = random.integers(-3, 4, (target.lanes, 9, 5, 6)), random.integers(-3, 4, (10, 9, 3, 3))
    x[:, :, :, :3] = 0
    stage = Stage(target)
    Y = stage.value(shape=(10, 5, 6))
    stage.run("conv", {"x": stage.value(x), "weight": stage.parameter(weight), "bias": None, "y": Y}, **case.options)
    y = stage.samples(Y)
    np.testing.assert_array_equal(y[-1], reference.conv(x[-1].astype("f8"), weight, None, case.stride, case.dilation, case.padding, 1))
    assert not y[:, :, :, :2].any()


def test_a_filter_by_hand() -> None:
    """Tutorial item 16: rows 101 010 101 over a picture of ones and zeros."""
    picture = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], "f4")
    weight = np.array([[[[1, 0, 1], [0, 1, 0], [1, 0, 1]]]], "f4")
    for lanes in (1, 16):
        stage = Stage(Target("float32", lanes, "avx512"))
        y = stage.value(shape=(1, 3, 3))
        stage.run("conv", {"x": stage.value(np.stack([picture[None]] * lanes)), "weight": stage.parameter(weight), "bias": None, "y": y})
        np.testing.assert_array_equal(stage.samples(y)[-1, 0], [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


@pytest.mark.parametrize(
    ("y", "options"),
    [
        ((3, 4, 4), {}),
        ((2, 3, 3), {}),
        ((3, 3, 3), {"groups": 2}),
        ((3, 3, 3), {"stride": (0, 1)}),
        ((3, 3, 3), {"padding": (1, 1)}),
        ((3, 3, 3), {"dilation": 2}),
        ((3, 9), {}),
    ],
)
def test_shapes_that_do_not_fit_are_refused(y: tuple[int, ...], options: dict[str, object]) -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    roles = {"x": stage.value(shape=(2, 5, 5)), "weight": stage.parameter(np.zeros((3, 2, 3, 3))), "bias": None, "y": stage.value(shape=y)}
    with pytest.raises(EngineError, match="'conv'"):
        stage.run("conv", roles, **options)
