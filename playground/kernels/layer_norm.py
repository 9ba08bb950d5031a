"""Layer norm (Ba, Kiros & Hinton 2016): each sample by the statistics over its channels, at each place by itself; and the way back."""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.language import WIDTH, fma, put, splat, sqrt, take
from playground.kernels.normalize import extent, forms, lying, starts_of, weight_rows
from playground.kernels.operations import Options, Roles, operation, same_sizes, size_of
from playground.kernels.template import kernel
from playground.kernels.types import Row, Target


def _layer_accesses(r: Any, FORM: str) -> Any:
    count, spread = extent(r), r.places * r.inner
    return [(r.x, count), (r.weight, r.channels), (r.bias, r.channels)], [
        (r.y, count), (r.normalized, count), (r.mean, spread), (r.variance, spread)
    ]  # fmt: skip


@kernel(_layer_accesses, forms)
def layer_norm(
    memory: Any, FORM: str, channels: int, places: int, inner: int, channel_step: int, place_step: int,
    x: int, weight: int, bias: int, y: int, normalized: int, mean: int, variance: int, epsilon: float,
) -> None:  # fmt: skip
    """As ``batch_norm``, but mean[p, i] and variance[p, i] are those of x[c, p, i] over c"""
    share = splat(1.0 / channels)
    one = splat(1.0)
    eps = splat(epsilon)
    for p in range(places):
        for i in range(0, inner, WIDTH):
            at = p * place_step + i
            part = inner - i
            s = splat(0.0)
            for c in range(channels):
                s = s + take(FORM, memory, x + at + c * channel_step, part)
            center = s * share
            s = splat(0.0)
            for c in range(channels):
                d = take(FORM, memory, x + at + c * channel_step, part) - center
                s = fma(d, d, s)
            v = s * share
            scale = one / sqrt(v + eps)
            put(FORM, memory, mean + p * inner + i, center, part)
            put(FORM, memory, variance + p * inner + i, v, part)
            for c in range(channels):
                h = (take(FORM, memory, x + at + c * channel_step, part) - center) * scale
                put(FORM, memory, normalized + at + c * channel_step, h, part)
                put(FORM, memory, y + at + c * channel_step, fma(h, splat(memory[weight + c]), splat(memory[bias + c])), part)


def _layer_input_accesses(r: Any, FORM: str) -> Any:
    count = extent(r)
    return [(r.dy, count), (r.normalized, count), (r.variance, r.places * r.inner), (r.weight, r.channels)], [(r.dx, count)]


@kernel(_layer_input_accesses, forms)
def layer_norm_backward_input(
    memory: Any, FORM: str, channels: int, places: int, inner: int, channel_step: int, place_step: int,
    dy: int, normalized: int, variance: int, weight: int, dx: int, epsilon: float,
) -> None:  # fmt: skip
    """dx = (g - mean of g - normalized * mean of g * normalized) / sqrt(variance + epsilon), g = dy * weight, means over the channels"""
    share = splat(1.0 / channels)
    one = splat(1.0)
    eps = splat(epsilon)
    for p in range(places):
        for i in range(0, inner, WIDTH):
            at = p * place_step + i
            part = inner - i
            s = splat(0.0)
            t = splat(0.0)
            for c in range(channels):
                g = take(FORM, memory, dy + at + c * channel_step, part) * splat(memory[weight + c])
                s = s + g
                t = fma(g, take(FORM, memory, normalized + at + c * channel_step, part), t)
            s = s * share
            t = t * share
            scale = one / sqrt(take(FORM, memory, variance + p * inner + i, part) + eps)
            for c in range(channels):
                g = take(FORM, memory, dy + at + c * channel_step, part) * splat(memory[weight + c])
                h = take(FORM, memory, normalized + at + c * channel_step, part)
                put(FORM, memory, dx + at + c * channel_step, (g - s - h * t) * scale, part)


@operation("layer_norm", writes=("y", "normalized", "mean", "variance"))
def layer_norm_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Option ``epsilon``. ``mean`` and ``variance`` hold one number a place: (), (T) or (H, W)."""
    same_sizes("layer_norm", roles["x"], roles["y"], roles["normalized"])
    same_sizes("layer_norm", roles["weight"], roles["bias"])
    form, sizes = lying("layer_norm", roles["x"], roles["weight"], target, joined=True)
    _check_places("layer_norm", roles, sizes["channels"], "mean", "variance")
    starts = starts_of(roles, "x", "weight", "bias", "y", "normalized", "mean", "variance")
    return [layer_norm.row(constants={"FORM": form}, **sizes, **starts, epsilon=float(options["epsilon"]))]


@operation("layer_norm_backward_weight", writes=("dweight", "dbias"), accumulates=True)
def layer_norm_backward_weight_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    return weight_rows("layer_norm_backward_weight", roles, options, target)


@operation("layer_norm_backward_input", writes=("dx",))
def layer_norm_backward_input_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    same_sizes("layer_norm_backward_input", roles["dy"], roles["normalized"], roles["dx"])
    form, sizes = lying("layer_norm_backward_input", roles["dy"], roles["weight"], target, joined=True)
    _check_places("layer_norm_backward_input", roles, sizes["channels"], "variance")
    starts = starts_of(roles, "dy", "normalized", "variance", "weight", "dx")
    return [layer_norm_backward_input.row(constants={"FORM": form}, **sizes, **starts, epsilon=float(options["epsilon"]))]


def _check_places(name: str, roles: Roles, channels: int, *statistics: str) -> None:
    for role in statistics:
        if size_of(roles[role]) * channels != size_of(roles["normalized"]):
            raise EngineError(f"operation '{name}' got {role} {roles[role].shape} for {roles['normalized'].shape}.")
