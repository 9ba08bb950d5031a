"""Sequences from the data set into the lanes: which steps are real, the targets at each step, and how many of them count."""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.control import COUNTED, POSITION, VALID
from playground.kernels.language import WIDTH, get_index, get_integer, get_single, load_part, scalar, set_integer, total
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, operation, size_of, start_of
from playground.kernels.samples import ENCODINGS
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, Row, Target

LENGTHS = ("some", "none")


def _mask_accesses(r: Any) -> Any:
    reads = [(r.lengths, r.samples), (r.order, r.positions), (Pointer("control", 0), VALID + 1)]
    return reads, [(r.mask, r.steps * r.lanes)]


@kernel(_mask_accesses)
def gather_mask(
    memory: Any, control: int, steps: int, lanes: int, samples: int, positions: int, lengths: int, order: int, mask: int
) -> None:
    """mask[t, lane] = 1 if t < lengths[order[position + lane]] else 0; zeros past the batch"""
    valid = get_integer(control, VALID)
    position = get_integer(control, POSITION)
    for lane in range(lanes):
        real = 0
        if lane < valid:
            real = get_index(lengths, get_index(order, position + lane))
        for t in range(steps):
            memory[mask + t * lanes + lane] = scalar(1.0 if t < real else 0.0)


def _steps_accesses(r: Any, ENCODING: str, LENGTHS: str) -> Any:
    values = r.steps * (r.size if ENCODING == "value" else 1)
    reads = [(r.data, r.samples * values), (r.order, r.positions), (Pointer("control", 0), VALID + 1)]
    if LENGTHS == "some":
        reads.append((r.lengths, r.samples))
    wide = 1 if ENCODING == "index" else r.size
    return reads, [(r.target, r.steps * wide * r.lanes), (r.counted, r.steps * r.lanes)]


@kernel(_steps_accesses, lambda isa: [{"ENCODING": encoding, "LENGTHS": lengths} for encoding in ENCODINGS for lengths in LENGTHS])
def gather_steps(
    memory: Any, control: int, ENCODING: str, LENGTHS: str, steps: int, size: int, lanes: int, samples: int, positions: int, data: int,
    order: int, lengths: int, target: int, counted: int, low: float, high: float,
) -> None:  # fmt: skip
    """The target at each step t from data row s = order[position + lane], and whether it counts; zeros past the batch

    target[t, c, lane] as in gather_target, from data[s, t] (a class) or data[s, t, c] (a value)
    counted[t, lane] = 1 if t < lengths[s] and data[s, t] is no class below 0, else 0
    """
    valid = get_integer(control, VALID)
    position = get_integer(control, POSITION)
    for lane in range(lanes):
        if lane < valid:
            s = get_index(order, position + lane)
            real = steps
            if LENGTHS == "some":
                real = get_index(lengths, s)
            for t in range(steps):
                live = 1 if t < real else 0
                if ENCODING == "value":
                    for c in range(size):
                        memory[target + (t * size + c) * lanes + lane] = get_single(data, (s * steps + t) * size + c)
                else:
                    number = get_single(data, s * steps + t)
                    if number < 0.0:
                        live = 0
                    if ENCODING == "index":
                        memory[target + t * lanes + lane] = number
                    elif ENCODING == "one_hot":
                        for c in range(size):
                            memory[target + (t * size + c) * lanes + lane] = scalar(high if number == c else low)
                    else:
                        memory[target + t * lanes + lane] = scalar(high if number > 0.5 else low)
                memory[counted + t * lanes + lane] = scalar(1.0 if live == 1 else 0.0)
        else:
            for i in range(steps if ENCODING == "index" else steps * size):
                memory[target + i * lanes + lane] = scalar(0.0)
            for t in range(steps):
                memory[counted + t * lanes + lane] = scalar(0.0)


@kernel(lambda r: ([(r.counted, r.count), (Pointer("control", COUNTED), 1)], [(Pointer("control", COUNTED), 1)]))
def count_steps(memory: Any, control: int, count: int, counted: int) -> None:
    """COUNTED += sum(counted)"""
    found = 0
    for i in range(0, count, WIDTH):
        found = found + int(total(load_part(memory, counted + i, count - i)))
    set_integer(control, COUNTED, get_integer(control, COUNTED) + found)


def _samples(name: str, extent: int, size: int) -> int:
    if extent % size:
        raise EngineError(f"operation '{name}': a region of {extent} elements is no whole number of rows of {size}.")
    return extent // size


@operation("gather_mask", writes=("mask",))
def gather_mask_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Roles lengths (int32), order -> mask (T)."""
    lengths, order, mask = roles["lengths"], roles["order"], roles["mask"]
    return [
        gather_mask.row(
            control=CONTROL_BLOCK,
            steps=size_of(mask),
            lanes=target.lanes,
            samples=lengths.extent,
            positions=order.extent,
            lengths=start_of(lengths),
            order=start_of(order),
            mask=mask.start,
        )
    ]


@operation("gather_steps", writes=("target", "counted"))
def gather_steps_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Roles data (float32: a class or values a step), order, lengths or None -> target, counted (T); ``encoding`` as of gather_target."""
    data, order, goal, counted = (roles[name] for name in ("data", "order", "target", "counted"))
    lengths = roles.get("lengths")
    encoding, steps = options["encoding"], size_of(counted)
    if encoding not in ENCODINGS:
        raise EngineError(f"there is no target encoding '{encoding}'.")
    size = size_of(goal) // steps
    return [
        gather_steps.row(
            constants={"ENCODING": encoding, "LENGTHS": "none" if lengths is None else "some"},
            control=CONTROL_BLOCK,
            steps=steps,
            size=size,
            lanes=target.lanes,
            samples=_samples("gather_steps", data.extent, steps * (size if encoding == "value" else 1)),
            positions=order.extent,
            data=start_of(data),
            order=start_of(order),
            lengths=0 if lengths is None else start_of(lengths),
            target=goal.start,
            counted=counted.start,
            low=float(options.get("low", 0.0)),
            high=float(options.get("high", 1.0)),
        )
    ]


@operation("count_steps")
def count_steps_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Role counted (T): adds to the step's number of targets. Once for each micro-batch, and of all of them before the first loss."""
    counted = roles["counted"]
    return [count_steps.row(control=CONTROL_BLOCK, count=size_of(counted) * target.lanes, counted=counted.start)]
