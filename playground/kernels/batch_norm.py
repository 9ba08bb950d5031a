"""Batch norm (Ioffe & Szegedy 2015): each channel by the statistics of the whole batch, or by running ones; and the way back."""

from __future__ import annotations

import math
from typing import Any

from playground.kernels.control import VALID
from playground.kernels.language import WIDTH, first_lanes, fma, get_integer, load, load_part, put, scalar, splat, store_part, take, total
from playground.kernels.normalize import PLACES, extent, forms, lying, starts_of, weight_rows
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, operation, same_sizes, size_of
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, Row, Target


def _batch_accesses(r: Any, FORM: str) -> Any:
    count, spread = extent(r), r.channels * r.lanes
    reads = [(r.x, count), (r.weight, r.channels), (r.bias, r.channels), (Pointer("control", VALID), 1)]
    return reads, [(r.y, count), (r.normalized, count), (r.mean, spread), (r.variance, spread)]


@kernel(_batch_accesses, forms)
def batch_norm(
    memory: Any, control: int, FORM: str, channels: int, places: int, inner: int, lanes: int, channel_step: int, place_step: int,
    x: int, weight: int, bias: int, y: int, normalized: int, mean: int, variance: int, epsilon: float,
) -> None:  # fmt: skip
    """normalized = (x - mean) / sqrt(variance + epsilon), y = weight * normalized + bias, for each channel c

    mean[c] = sum(x[c, p, i]) / n, variance[c] = sum((x[c, p, i] - mean[c]) ** 2) / n    over all p and the i that hold samples

    ``mean`` and ``variance`` are the same in all lanes. ``normalized`` is 0 in lanes without a sample.
    """
    live = get_integer(control, VALID) * (inner // lanes)
    full = live // WIDTH * WIDTH
    n = float(live * places)
    for c in range(channels):
        row = x + c * channel_step
        added = 0.0
        for block in range(0, places, PLACES):
            s = splat(0.0)
            for p in range(block, min(block + PLACES, places)):
                at = row + p * place_step
                for i in range(0, full, WIDTH):
                    s = s + load(memory, at + i)
                if full < live:
                    s = s + load_part(memory, at + full, live - full)
            added += total(s)
        m = added / n
        center = splat(m)
        added = 0.0
        for block in range(0, places, PLACES):
            s = splat(0.0)
            for p in range(block, min(block + PLACES, places)):
                at = row + p * place_step
                for i in range(0, full, WIDTH):
                    d = load(memory, at + i) - center
                    s = fma(d, d, s)
                if full < live:
                    d = first_lanes(load_part(memory, at + full, live - full) - center, live - full)
                    s = fma(d, d, s)
            added += total(s)
        v = added / n
        scale = splat(1.0 / math.sqrt(v + epsilon))
        w = splat(memory[weight + c])
        b = splat(memory[bias + c])
        for p in range(places):
            at = c * channel_step + p * place_step
            for i in range(0, inner, WIDTH):
                h = (take(FORM, memory, x + at + i, inner - i) - center) * scale
                if i >= full:
                    h = first_lanes(h, live - i)
                put(FORM, memory, normalized + at + i, h, inner - i)
                put(FORM, memory, y + at + i, fma(h, w, b), inner - i)
        for i in range(0, lanes, WIDTH):
            store_part(memory, mean + c * lanes + i, center, lanes - i)
            store_part(memory, variance + c * lanes + i, splat(v), lanes - i)


def _running_accesses(r: Any, FORM: str) -> Any:
    count = extent(r)
    reads = [(r.x, count), *((start, r.channels) for start in (r.weight, r.bias, r.mean, r.variance))]
    return reads, [(r.y, count), *([(r.normalized, count)] if r.normalized >= 0 else [])]


@kernel(_running_accesses, forms)
def running_norm(
    memory: Any, FORM: str, channels: int, places: int, inner: int, channel_step: int, place_step: int,
    x: int, weight: int, bias: int, mean: int, variance: int, y: int, normalized: int, epsilon: float,
) -> None:  # fmt: skip
    """As ``batch_norm``, with a mean and a variance given for each channel; ``normalized`` is kept where it has a place"""
    for c in range(channels):
        center = splat(memory[mean + c])
        scale = splat(1.0 / math.sqrt(memory[variance + c] + epsilon))
        w = splat(memory[weight + c])
        b = splat(memory[bias + c])
        for p in range(places):
            at = c * channel_step + p * place_step
            for i in range(0, inner, WIDTH):
                h = (take(FORM, memory, x + at + i, inner - i) - center) * scale
                if normalized >= 0:
                    put(FORM, memory, normalized + at + i, h, inner - i)
                put(FORM, memory, y + at + i, fma(h, w, b), inner - i)


def _statistics_accesses(r: Any) -> Any:
    kept = [(r.running_mean, r.channels), (r.running_variance, r.channels)]
    spread = r.channels * r.lanes
    return [(r.mean, spread), (r.variance, spread), *kept, (Pointer("control", VALID), 1)], kept


@kernel(_statistics_accesses)
def running_statistics(
    memory: Any, control: int, channels: int, places: int, lanes: int, mean: int, variance: int, running_mean: int, running_variance: int,
    momentum: float,
) -> None:  # fmt: skip
    """running = (1 - momentum) * running + momentum * batch, of each channel's mean and unbiased variance: n / (n - 1) times the biased

    A single number has no variance: with n = 1 both stay as they are.
    """
    n = get_integer(control, VALID) * places
    if n > 1:
        unbiased = momentum * n / (n - 1.0)
        for c in range(channels):
            memory[running_mean + c] = scalar((1.0 - momentum) * memory[running_mean + c] + momentum * memory[mean + c * lanes])
            memory[running_variance + c] = scalar((1.0 - momentum) * memory[running_variance + c] + unbiased * memory[variance + c * lanes])


def _batch_input_accesses(r: Any, FORM: str) -> Any:
    count = extent(r)
    reads = [(r.dy, count), (r.normalized, count), (r.variance, r.channels * r.lanes), (Pointer("control", VALID), 1)]
    return [*reads, *((start, r.channels) for start in (r.weight, r.dweight, r.dbias))], [(r.dx, count)]


@kernel(_batch_input_accesses, forms)
def batch_norm_backward_input(
    memory: Any, control: int, FORM: str, channels: int, places: int, inner: int, lanes: int, channel_step: int, place_step: int,
    dy: int, normalized: int, variance: int, weight: int, dweight: int, dbias: int, dx: int, epsilon: float,
) -> None:  # fmt: skip
    """dx = weight / sqrt(variance + epsilon) * (dy - dbias / n - normalized * dweight / n)

    for each channel, where dbias and dweight are this batch's sums of dy and dy * normalized; 0 in lanes without a sample.
    """
    live = get_integer(control, VALID) * (inner // lanes)
    full = live // WIDTH * WIDTH
    n = float(live * places)
    for c in range(channels):
        scale = splat(memory[weight + c] / math.sqrt(memory[variance + c * lanes] + epsilon))
        shift = splat(-memory[dbias + c] / n)
        slope = splat(-memory[dweight + c] / n)
        for p in range(places):
            at = c * channel_step + p * place_step
            for i in range(0, inner, WIDTH):
                d = take(FORM, memory, dy + at + i, inner - i) + shift
                d = fma(take(FORM, memory, normalized + at + i, inner - i), slope, d) * scale
                if i >= full:
                    d = first_lanes(d, live - i)
                put(FORM, memory, dx + at + i, d, inner - i)


def _running_input_accesses(r: Any, FORM: str) -> Any:
    count = extent(r)
    return [(r.dy, count), (r.weight, r.channels), (r.variance, r.channels)], [(r.dx, count)]


@kernel(_running_input_accesses, forms)
def running_norm_backward_input(
    memory: Any, FORM: str, channels: int, places: int, inner: int, channel_step: int, place_step: int,
    dy: int, weight: int, variance: int, dx: int, epsilon: float,
) -> None:  # fmt: skip
    """dx = dy * weight / sqrt(variance + epsilon), for a variance that does not hang on x"""
    for c in range(channels):
        scale = splat(memory[weight + c] / math.sqrt(memory[variance + c] + epsilon))
        for p in range(places):
            at = c * channel_step + p * place_step
            for i in range(0, inner, WIDTH):
                put(FORM, memory, dx + at + i, take(FORM, memory, dy + at + i, inner - i) * scale, inner - i)


@operation("batch_norm", writes=("y", "normalized", "mean", "variance"), batchwise=True)
def batch_norm_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Option ``epsilon``. The statistics (C) are those of all samples in the lanes: of the whole batch."""
    same_sizes("batch_norm", roles["x"], roles["y"], roles["normalized"])
    same_sizes("batch_norm", *(roles[name] for name in ("weight", "bias", "mean", "variance")))
    form, sizes = lying("batch_norm", roles["x"], roles["weight"], target)
    starts = starts_of(roles, "x", "weight", "bias", "y", "normalized", "mean", "variance")
    epsilon = float(options["epsilon"])
    return [batch_norm.row(constants={"FORM": form}, control=CONTROL_BLOCK, lanes=target.lanes, **sizes, **starts, epsilon=epsilon)]


@operation("batch_norm_running", writes=("y", "normalized"))
def batch_norm_running_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """The same by statistics that are parameters: roles running_mean, running_variance; ``normalized`` may be None."""
    same_sizes("batch_norm_running", roles["x"], roles["y"])
    same_sizes("batch_norm_running", *(roles[name] for name in ("weight", "bias", "running_mean", "running_variance")))
    form, sizes = lying("batch_norm_running", roles["x"], roles["weight"], target, joined=True)
    kept = roles.get("normalized")
    return [
        running_norm.row(
            constants={"FORM": form},
            **sizes,
            **starts_of(roles, "x", "weight", "bias", "y"),
            mean=roles["running_mean"].start,
            variance=roles["running_variance"].start,
            normalized=-1 if kept is None else kept.start,
            epsilon=float(options["epsilon"]),
        )
    ]


@operation("running_statistics", writes=("running_mean", "running_variance"))
def running_statistics_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Once a step, after ``batch_norm``. Options ``momentum``: the batch's share; ``places``: numbers of a sample in a channel."""
    names = ("mean", "variance", "running_mean", "running_variance")
    same_sizes("running_statistics", *(roles[name] for name in names))
    return [
        running_statistics.row(
            control=CONTROL_BLOCK,
            channels=size_of(roles["mean"]),
            places=int(options["places"]),
            lanes=target.lanes,
            **starts_of(roles, *names),
            momentum=float(options["momentum"]),
        )
    ]


@operation("batch_norm_backward_weight", writes=("dweight", "dbias"), accumulates=True)
def batch_norm_backward_weight_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    return weight_rows("batch_norm_backward_weight", roles, options, target)


@operation("batch_norm_backward_input", writes=("dx",), batchwise=True)
def batch_norm_backward_input_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """After ``batch_norm_backward_weight``: it reads dweight and dbias, the sums over this batch."""
    same_sizes("batch_norm_backward_input", roles["dy"], roles["normalized"], roles["dx"])
    same_sizes("batch_norm_backward_input", *(roles[name] for name in ("weight", "variance", "dweight", "dbias")))
    form, sizes = lying("batch_norm_backward_input", roles["dy"], roles["weight"], target)
    starts = starts_of(roles, "dy", "normalized", "variance", "weight", "dweight", "dbias", "dx")
    fields = {"control": CONTROL_BLOCK, "lanes": target.lanes, **sizes, **starts, "epsilon": float(options["epsilon"])}
    return [batch_norm_backward_input.row(constants={"FORM": form}, **fields)]


@operation("batch_norm_running_backward_input", writes=("dx",))
def batch_norm_running_backward_input_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    same_sizes("batch_norm_running_backward_input", roles["dy"], roles["dx"])
    same_sizes("batch_norm_running_backward_input", roles["weight"], roles["running_variance"])
    form, sizes = lying("batch_norm_running_backward_input", roles["dy"], roles["weight"], target, joined=True)
    starts = {**starts_of(roles, "dy", "weight", "dx"), "variance": roles["running_variance"].start}
    return [running_norm_backward_input.row(constants={"FORM": form}, **sizes, **starts, epsilon=float(options["epsilon"]))]
