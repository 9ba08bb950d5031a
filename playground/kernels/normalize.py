"""What batch norm and layer norm share: how a value lies, and the gradients of the weight and the bias of normalized numbers.

A value is ``channels`` x ``places`` x ``inner`` numbers; element (c, p, i) lies at ``c * channel_step + p * place_step + i``. A batch
norm's channel is a feature of (F) and (T, F), a map of (C, H, W); its numbers are those at all places of all samples. A layer
norm's sample is normalized over its channels, at each place by itself.
"""

from __future__ import annotations

import math
from typing import Any

from playground.errors import EngineError
from playground.kernels.control import MICRO
from playground.kernels.language import WIDTH, fma, get_integer, scalar, splat, take, total
from playground.kernels.matmul import ADD_LATER, OVERWRITE
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, same_sizes, size_of
from playground.kernels.template import Constants, kernel
from playground.kernels.types import Pointer, Region, Row, Target

PLACES = 32
"""Places of a channel that are added up in vectors before they go into a sum in float64."""


def forms(isa: str) -> list[Constants]:
    """The variants of a kernel with a constant FORM: ``inner`` a multiple of the vectors, or any number."""
    return [{"FORM": form} for form in ("whole", "part")]


def extent(r: Any) -> int:
    """Elements of a value that lies as record ``r`` says."""
    return (r.channels - 1) * r.channel_step + (r.places - 1) * r.place_step + r.inner


def _weight_accesses(r: Any, FORM: str) -> Any:
    count = extent(r)
    sums = [(r.dweight, r.channels), (r.dbias, r.channels)]
    return [(r.dy, count), (r.normalized, count), (Pointer("control", MICRO), 1), *(sums if r.mode != OVERWRITE else [])], sums


@kernel(_weight_accesses, forms)
def norm_backward_weight(
    memory: Any, control: int, FORM: str, channels: int, places: int, inner: int, channel_step: int, place_step: int,
    dy: int, normalized: int, dweight: int, dbias: int, mode: int,
) -> None:  # fmt: skip
    """dweight[c] = sum over p, i of dy[c, p, i] * normalized[c, p, i], dbias[c] = sum of dy[c, p, i]"""
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    for c in range(channels):
        products = 0.0
        errors = 0.0
        for block in range(0, places, PLACES):
            s = splat(0.0)
            e = splat(0.0)
            for p in range(block, min(block + PLACES, places)):
                at = c * channel_step + p * place_step
                for i in range(0, inner, WIDTH):
                    d = take(FORM, memory, dy + at + i, inner - i)
                    s = fma(d, take(FORM, memory, normalized + at + i, inner - i), s)
                    e = e + d
            products += total(s)
            errors += total(e)
        if add:
            products += memory[dweight + c]
            errors += memory[dbias + c]
        memory[dweight + c] = scalar(products)
        memory[dbias + c] = scalar(errors)


def lying(name: str, x: Region, weight: Region, target: Target, joined: bool = False) -> tuple[str, dict[str, int]]:
    """The form, and how a value lies; ``joined``: all places of a picture at one go, for what treats all lanes alike."""
    lanes, shape = target.lanes, x.shape
    if len(shape) not in (1, 2, 3) or size_of(weight) != (channels := shape[1] if len(shape) == 2 else shape[0]):
        raise EngineError(f"operation '{name}' got x {shape} for {weight.shape} weights.")
    if len(shape) < 3:
        places, inner, channel_step, place_step = shape[0] if len(shape) == 2 else 1, lanes, lanes, channels * lanes
    else:
        places, inner, channel_step, place_step = math.prod(shape[1:]), lanes, math.prod(shape[1:]) * lanes, lanes
        if joined or lanes == 1:
            places, inner, place_step = 1, places * lanes, 0
    sizes = {"channels": channels, "places": places, "inner": inner, "channel_step": channel_step, "place_step": place_step}
    return "part" if inner % target.width else "whole", sizes


def starts_of(roles: Roles, *names: str) -> dict[str, int]:
    """Where the regions of these roles begin."""
    return {name: roles[name].start for name in names}


def weight_rows(name: str, roles: Roles, options: Options, target: Target) -> list[Row]:
    """The row of ``norm_backward_weight``."""
    same_sizes(name, roles["dy"], roles["normalized"])
    same_sizes(name, roles["dweight"], roles["dbias"])
    form, sizes = lying(name, roles["dy"], roles["dweight"], target)
    mode = ADD_LATER if options.get("accumulate") else OVERWRITE
    starts = starts_of(roles, "dy", "normalized", "dweight", "dbias")
    return [norm_backward_weight.row(constants={"FORM": form}, control=CONTROL_BLOCK, **sizes, **starts, mode=mode)]
