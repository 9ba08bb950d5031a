"""From the data set into the lanes and back: gather, targets, scatter; and dropout, whose masks are keyed by sample."""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.augment import augment_row, work_of
from playground.kernels.control import DROPOUT_RATES, DROPOUT_SLOTS, POSITION, STEP, VALID
from playground.kernels.elementwise import multiply
from playground.kernels.language import (
    WIDTH,
    fetch,
    get_byte,
    get_float,
    get_index,
    get_integer,
    get_single,
    lane_seeds,
    load_bytes,
    load_part,
    load_singles,
    scalar,
    set_element,
    splat,
    store,
    store_part,
    stream_of,
    uniform,
    where_greater,
)
from playground.kernels.matmul import transpose_to_lanes
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, operation, same_sizes, size_of, start_of, vector_count
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, Row, Target, padded

FORMATS = ("uint8", "float32")
ENCODINGS = ("index", "one_hot", "binary", "value")


def _gather_accesses(r: Any, FORMAT: str) -> Any:
    reads = [(r.data, r.samples * r.size), (r.order, r.positions), (Pointer("control", 0), VALID + 1)]
    return reads, [(r.x, r.lanes * r.x_row if r.lanes > 1 else r.size)]


@kernel(_gather_accesses, lambda isa: [{"FORMAT": form} for form in FORMATS])
def gather_rows(
    memory: Any, control: int, FORMAT: str, size: int, lanes: int, samples: int, positions: int, data: int, order: int, x: int, x_row: int,
    scale: float, offset: float,
) -> None:  # fmt: skip
    """x[lane] = data[order[position + lane]] * scale + offset, a row a lane; zeros past the batch and in a row's padding

    for lane in range(lanes):
        for i in range(x_row):
            x[lane, i] = data[order[position + lane], i] * scale + offset if lane < valid and i < size else 0
    """
    valid = get_integer(control, VALID)
    position = get_integer(control, POSITION)
    a = splat(scale)
    b = splat(offset)
    for lane in range(lanes):
        to = x + lane * x_row
        i = 0
        if lane < valid:
            source = get_index(order, position + lane) * size
            later = get_index(order, position + min(lane + 1, valid - 1)) * size  # no processor can foresee where the next row lies
            while i + WIDTH <= size:
                if FORMAT == "uint8":
                    fetch(data + later + i)
                    store(memory, to + i, load_bytes(data, source + i) * a + b)
                else:
                    fetch(data + 4 * (later + i))
                    store(memory, to + i, load_singles(data, source + i) * a + b)
                i += WIDTH
            while i < size:
                if FORMAT == "uint8":
                    memory[to + i] = get_byte(data, source + i) * scalar(scale) + scalar(offset)
                else:
                    memory[to + i] = get_single(data, source + i) * scalar(scale) + scalar(offset)
                i += 1
        end = x_row if lanes > 1 else size
        while i < end:
            store_part(memory, to + i, splat(0.0), end - i)
            i += WIDTH


def _target_accesses(r: Any, ENCODING: str) -> Any:
    values = 1 if ENCODING in ("index", "one_hot") else r.size
    return [(r.data, r.samples * values), (r.order, r.positions), (Pointer("control", 0), VALID + 1)], [(r.target, r.size * r.lanes)]


@kernel(_target_accesses, lambda isa: [{"ENCODING": encoding} for encoding in ENCODINGS])
def gather_target(
    memory: Any, control: int, ENCODING: str, size: int, lanes: int, samples: int, positions: int, data: int, order: int, target: int,
    low: float, high: float,
) -> None:  # fmt: skip
    """target[c, lane] from data row s = order[position + lane], as ENCODING says; zeros past the batch

    index: data[s]    one_hot: high if c == data[s] else low    binary: high if data[s, c] > 1/2 else low    value: data[s, c]
    """
    valid = get_integer(control, VALID)
    position = get_integer(control, POSITION)
    for lane in range(lanes):
        if lane < valid:
            s = get_index(order, position + lane)
            for c in range(size):
                if ENCODING == "index":
                    memory[target + c * lanes + lane] = get_single(data, s)
                elif ENCODING == "one_hot":
                    memory[target + c * lanes + lane] = scalar(high if int(get_single(data, s)) == c else low)
                elif ENCODING == "binary":
                    memory[target + c * lanes + lane] = scalar(high if get_single(data, s * size + c) > 0.5 else low)
                else:
                    memory[target + c * lanes + lane] = get_single(data, s * size + c)
        else:
            for c in range(size):
                memory[target + c * lanes + lane] = scalar(0.0)


@kernel(lambda r: ([(r.y, r.size * r.lanes), (Pointer("control", 0), VALID + 1)], [(r.output, r.positions * r.size)]))
def scatter(memory: Any, control: int, size: int, lanes: int, positions: int, y: int, output: int) -> None:
    """output[position + lane, c] = y[c, lane] for lane < valid; output has the arena's number type, a row a position"""
    valid = get_integer(control, VALID)
    position = get_integer(control, POSITION)
    for lane in range(valid):
        for c in range(size):
            set_element(output, (position + lane) * size + c, memory[y + c * lanes + lane])


def _dropout_accesses(r: Any) -> Any:
    count = r.size * r.lanes
    return [(r.x, count), (r.order, r.positions), (Pointer("control", 0), r.rate_slot + 1)], [(r.y, count), (r.mask, count)]


@kernel(_dropout_accesses)
def dropout(
    memory: Any, control: int, size: int, lanes: int, positions: int, order: int, x: int, y: int, mask: int, key: int, rate_slot: int
) -> None:
    """y = x * mask, mask 0 with probability ``rate``, else 1 / (1 - rate); drawn by (key, step, sample, element)

    for lane in range(lanes):
        for i in range(size):
            u = uniform(seed(key, step, order[position + lane]), i)
            mask[i, lane] = 0 if u < rate else 1 / (1 - rate)
            y[i, lane] = x[i, lane] * mask[i, lane]
    """
    rate = get_float(control, rate_slot)
    stream = stream_of(key, get_integer(control, STEP))
    valid = get_integer(control, VALID)
    position = get_integer(control, POSITION)
    bound = splat(rate)
    zero = splat(0.0)
    kept = splat(1.0 / (1.0 - rate))
    for lane in range(0, lanes, WIDTH):
        seeds = lane_seeds(order, position + lane, valid - lane, stream)
        part = lanes - lane
        for i in range(size):
            m = where_greater(bound, uniform(seeds, i), zero, kept)
            store_part(memory, mask + i * lanes + lane, m, part)
            store_part(memory, y + i * lanes + lane, load_part(memory, x + i * lanes + lane, part) * m, part)


def _rows_extent(roles: Roles, options: Options, target: Target) -> int:
    if target.lanes == 1 or roles.get("x_rows") is not None:
        return 0
    return target.lanes * padded(size_of(roles["x"]))


def _gather_scratch(roles: Roles, options: Options, target: Target) -> int:
    work = work_of(roles["x"].shape) if roles.get("augmentation") is not None else 0
    return _rows_extent(roles, options, target) + work


def _count(name: str, extent: int, size: int) -> int:
    if extent % size:
        raise EngineError(f"operation '{name}': a region of {extent} elements is no whole number of rows of {size}.")
    return extent // size


@operation("gather", writes=("x", "x_rows"), scratch=_gather_scratch)
def gather_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Roles data, order, x; with ``x_rows`` (lanes x padded features) the rows stay there for ``affine_backward_weight``.

    With ``augmentation`` (the settings of :mod:`playground.kernels.augment`) pictures are changed by chance, drawn by option ``key``.
    """
    data, order, x = roles["data"], roles["order"], roles["x"]
    size, lanes = size_of(x), target.lanes
    if options["dtype"] not in FORMATS:
        raise EngineError(f"data of type {options['dtype']} cannot be gathered.", remedy="Keep data as uint8 or float32.")
    place = x if lanes == 1 else roles.get("x_rows") or roles["scratch"]
    stride = padded(size)
    rows = [
        gather_rows.row(
            constants={"FORMAT": options["dtype"]},
            control=CONTROL_BLOCK,
            size=size,
            lanes=lanes,
            samples=_count("gather", data.extent, size),
            positions=order.extent,
            data=start_of(data),
            order=start_of(order),
            x=place.start,
            x_row=stride,
            scale=float(options.get("scale", 1.0)),
            offset=float(options.get("offset", 0.0)),
        )
    ]
    if roles.get("augmentation") is not None:
        work = roles["scratch"].start + _rows_extent(roles, options, target)
        blank = float(options.get("offset", 0.0))
        rows.append(augment_row(place, x.shape, order, roles["augmentation"], work, options["key"], blank, lanes))
    if lanes > 1:
        rows.append(transpose_to_lanes.row(rows=size, lanes=lanes, x=place.start, x_row=stride, y=x.start))
    return rows


@operation("gather_target", writes=("target",))
def gather_target_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Roles data (float32), order, target; ``encoding`` index, one_hot, binary or value."""
    data, order, goal = roles["data"], roles["order"], roles["target"]
    encoding, size = options["encoding"], size_of(goal)
    if encoding not in ENCODINGS:
        raise EngineError(f"there is no target encoding '{encoding}'.")
    samples = _count("gather_target", data.extent, 1 if encoding in ("index", "one_hot") else size)
    return [
        gather_target.row(
            constants={"ENCODING": encoding},
            control=CONTROL_BLOCK,
            size=size,
            lanes=target.lanes,
            samples=samples,
            positions=order.extent,
            data=start_of(data),
            order=start_of(order),
            target=goal.start,
            low=float(options.get("low", 0.0)),
            high=float(options.get("high", 1.0)),
        )
    ]


@operation("scatter", writes=("output",))
def scatter_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    y, output = roles["y"], roles["output"]
    positions = _count("scatter", output.extent, size_of(y))
    return [
        scatter.row(control=CONTROL_BLOCK, size=size_of(y), lanes=target.lanes, positions=positions, y=y.start, output=start_of(output))
    ]


@operation("dropout", writes=("y", "mask"))
def dropout_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Roles x, order, y, mask; options ``key`` (int64) and ``rate_slot`` (which of the control block's dropout rates)."""
    x, y, mask, order = roles["x"], roles["y"], roles["mask"], roles["order"]
    same_sizes("dropout", x, y, mask)
    if not 0 <= options["rate_slot"] < DROPOUT_SLOTS:
        raise EngineError(f"a network has room for {DROPOUT_SLOTS} dropout nodes.")
    return [
        dropout.row(
            control=CONTROL_BLOCK,
            size=size_of(x),
            lanes=target.lanes,
            positions=order.extent,
            order=start_of(order),
            x=x.start,
            y=y.start,
            mask=mask.start,
            key=options["key"],
            rate_slot=DROPOUT_RATES + options["rate_slot"],
        )
    ]


@operation("dropout_backward", writes=("dx",))
def dropout_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    mask, dy, dx = roles["mask"], roles["dy"], roles["dx"]
    same_sizes("dropout_backward", mask, dy, dx)
    return [multiply.row(count=vector_count(dy, target), a=mask.start, b=dy.start, y=dx.start)]
