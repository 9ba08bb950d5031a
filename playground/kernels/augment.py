"""Augmentation: each gathered picture is moved, turned, scaled, mirrored, bent, made noisy and partly blanked, by chance.

It works in place on the rows that the gather left, a row a lane, before they are laid side by side. What it may do stands in an
array of float64 of its own (:data:`SETTINGS`), read at every call, so that a change works at the next step without new rows.
All chance is keyed by (key, step, sample): the same step shows the same picture again.
"""

from __future__ import annotations

import math
from typing import Any

from playground.errors import EngineError
from playground.kernels.control import POSITION, STEP, VALID
from playground.kernels.language import (
    WIDTH,
    bilinear,
    broadcast,
    count_up,
    fma,
    get_float,
    get_index,
    get_integer,
    load,
    load_part,
    log,
    scalar,
    seed_of,
    splat,
    sqrt,
    store,
    store_part,
    stream_of,
    uniform_run,
    within,
)
from playground.kernels.operations import CONTROL_BLOCK, start_of
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, Region, Row, Shape, padded

SHIFT = 0  # pixels, across and down
ROTATE = 1  # radians
SCALE = 2  # share: 0.1 is 0.9 to 1.1 times as large
FLIP_ACROSS = 3  # 1: half of the pictures are mirrored left to right
FLIP_DOWN = 4
ELASTIC = 5  # pixels
CELLS = 6  # of the displacement's grid, along each side
NOISE = 7  # standard deviation, in what the network gets
ERASE = 8  # share of the pictures that lose a rectangle
ERASE_SIZE = 9  # its longest side, as a share of the picture's
EDGE = 10  # 1: beyond its border a picture goes on with its outermost pixels; 0: with ``blank``
SETTINGS = 11
"""Slots of the settings. All zero: pictures stay as they are."""

CELLS_MOST = 16
LARGEST = 1 << 22
"""Most elements of a picture: places in it are counted in the arena's numbers, which must hold them exactly."""

DRAWS = 16  # random numbers that a picture takes for itself; those of its displacement follow, then those of its noise
BEND, GRAIN = 16, 1024


def _controls(cells: int) -> int:
    """Control points along a side of a cubic spline of so many cells."""
    return cells + 3


def work_of(shape: Shape) -> int:
    """Elements of work space for pictures of ``shape`` (channels, height, width).

    Raises :class:`EngineError` where that is no picture, or one too large.
    """
    if len(shape) != 3 or math.prod(shape) > LARGEST:
        raise EngineError(f"pictures of shape {shape} cannot be augmented.", remedy=f"Take (channels, height, width), {LARGEST:,} in all.")
    channels, height, width = shape
    most = _controls(CELLS_MOST)
    picture = channels * (height + 3) * (width + 3)
    return DRAWS + padded(picture) + most * padded(width) + 4 * padded(height) + padded(2 * most * most) + 2 * most * padded(width)


def _accesses(r: Any) -> Any:
    rows = (r.x, r.lanes * r.x_row if r.lanes > 1 else r.channels * r.height * r.width)
    work = (r.work, work_of((r.channels, r.height, r.width)))
    return [rows, work, (r.order, r.positions), (r.settings, SETTINGS), (Pointer("control", 0), VALID + 1)], [rows, work]


@kernel(_accesses)
def augment(
    memory: Any, control: int, channels: int, height: int, width: int, lanes: int, positions: int, order: int, settings: int, x: int,
    x_row: int, work: int, key: int, blank: float,
) -> None:  # fmt: skip
    """Each picture anew, from itself:

    for lane in range(valid):
        u(i) = uniform(seed(key, step, order[position + lane]), i)
        tx, ty = shift * (2 u(0) - 1), shift * (2 u(1) - 1)
        angle, size = rotate * (2 u(2) - 1), 1 + scale * (2 u(3) - 1)
        mx, my = -1 where flipped (u(4) < 1/2, u(5) < 1/2), else 1
        for r in range(height), c in range(width):            # where it lay before: about the middle (mr, mc)
            p, q = (c - mc - tx) / size, (r - mr - ty) / size
            sx = mc + mx * (cos(angle) * p + sin(angle) * q) + dx(r, c)
            sy = mr + my * (cos(angle) * q - sin(angle) * p) + dy(r, c)
            y[:, r, c] = bilinear(x, sy, sx)
        dx, dy: a uniform cubic B-spline (its basis: de Boor 1978) over ``cells`` x ``cells``, control points elastic * (2 u(16 + i) - 1)
        y[i] += noise * sqrt(-2 ln(1 - u(1024 + i))) * cos(2 pi u(1024 + size + i))            # Box and Muller 1958
        where u(6) < erase, a rectangle is blank: height 1 + floor(u(7) * erase_size * height) ...    # Zhong et al. 2020
    """
    shift = get_float(settings, SHIFT)
    rotate = get_float(settings, ROTATE)
    scale = get_float(settings, SCALE)
    across = get_float(settings, FLIP_ACROSS)
    down = get_float(settings, FLIP_DOWN)
    elastic = get_float(settings, ELASTIC)
    cells = max(1, min(int(get_float(settings, CELLS)), CELLS_MOST))
    noise = get_float(settings, NOISE)
    erase = get_float(settings, ERASE)
    largest = get_float(settings, ERASE_SIZE)
    edge = get_float(settings, EDGE)
    moves = shift != 0.0 or rotate != 0.0 or scale != 0.0 or across != 0.0 or down != 0.0 or elastic != 0.0
    valid = get_integer(control, VALID)
    if not (moves or noise != 0.0 or erase != 0.0):
        valid = 0
    position = get_integer(control, POSITION)
    stream = stream_of(key, get_integer(control, STEP))
    size = channels * height * width
    row = width + 3
    plane = (height + 3) * row
    wide = ((width + 15) // 16) * 16
    knots = cells + 3
    draws = work
    picture = draws + DRAWS
    basis = picture + ((channels * plane + 15) // 16) * 16
    down_basis = basis + (CELLS_MOST + 3) * wide
    points = down_basis + 4 * ((height + 15) // 16) * 16
    bent = points + ((2 * (CELLS_MOST + 3) * (CELLS_MOST + 3) + 15) // 16) * 16
    middle_c = (width - 1) * 0.5
    middle_r = (height - 1) * 0.5
    low = splat(1.0 if edge != 0.0 else 0.0)  # of the picture with a border of one pixel, left and above
    right = splat(width * 1.0 if edge != 0.0 else width + 1.0)
    bottom = splat(height * 1.0 if edge != 0.0 else height + 1.0)
    if valid > 0 and moves:
        for i in range(channels * plane):
            memory[picture + i] = scalar(blank)
        if elastic != 0.0:
            for i in range(knots * wide):
                memory[basis + i] = scalar(0.0)
            for i in range(width + height):
                at = i if i < width else i - width
                place = (at + 0.5) * cells / (width if i < width else height)
                cell = int(place)
                t = place - cell
                w0 = (1.0 - t) * (1.0 - t) * (1.0 - t) / 6.0
                w1 = ((3.0 * t - 6.0) * t * t + 4.0) / 6.0
                w2 = (((3.0 - 3.0 * t) * t + 3.0) * t + 1.0) / 6.0
                w3 = t * t * t / 6.0
                to = basis + cell * wide + at
                step = wide
                if i >= width:
                    to = down_basis + 4 * at
                    step = 1
                memory[to] = scalar(w0)
                memory[to + step] = scalar(w1)
                memory[to + 2 * step] = scalar(w2)
                memory[to + 3 * step] = scalar(w3)
    for lane in range(valid):
        base = x + lane * x_row
        seed = seed_of(get_index(order, position + lane), stream)
        i = 0
        while i < DRAWS:
            store(memory, draws + i, uniform_run(seed, i))
            i += WIDTH
        if moves:
            for channel in range(channels):
                for r in range(height):
                    source = base + (channel * height + r) * width
                    to = picture + channel * plane + (r + 1) * row + 1
                    c = 0
                    while c < width:
                        store_part(memory, to + c, load_part(memory, source + c, width - c), width - c)
                        c += WIDTH
            if elastic != 0.0:
                i = 0
                while i < 2 * knots * knots:
                    store(memory, points + i, (uniform_run(seed, BEND + i) + uniform_run(seed, BEND + i) - splat(1.0)) * splat(elastic))
                    i += WIDTH
                for j in range(2 * knots):
                    c = 0
                    while c < width:
                        v = splat(0.0)
                        for k in range(knots):
                            v = fma(broadcast(memory, points + j * knots + k), load(memory, basis + k * wide + c), v)
                        store(memory, bent + j * wide + c, v)
                        c += WIDTH
            angle = rotate * (2.0 * memory[draws + 2] - 1.0)
            smaller = 1.0 / (1.0 + scale * (2.0 * memory[draws + 3] - 1.0))
            mirror_c = -smaller if across != 0.0 and memory[draws + 4] < 0.5 else smaller
            mirror_r = -smaller if down != 0.0 and memory[draws + 5] < 0.5 else smaller
            xx = mirror_c * math.cos(angle)
            xy = mirror_c * math.sin(angle)
            yy = mirror_r * math.cos(angle)
            yx = -mirror_r * math.sin(angle)
            from_c = middle_c + shift * (2.0 * memory[draws] - 1.0)
            from_r = middle_r + shift * (2.0 * memory[draws + 1] - 1.0)
            for r in range(height):
                start_x = splat(middle_c + 1.0 + xy * (r - from_r))
                start_y = splat(middle_r + 1.0 + yy * (r - from_r))
                rows_of = bent + int((r + 0.5) * cells / height) * wide
                c = 0
                while c < width:
                    p = count_up() + splat(c - from_c)
                    sx = fma(p, splat(xx), start_x)
                    sy = fma(p, splat(yx), start_y)
                    if elastic != 0.0:
                        for k in range(4):
                            w = broadcast(memory, down_basis + 4 * r + k)
                            sx = fma(w, load(memory, rows_of + k * wide + c), sx)
                            sy = fma(w, load(memory, rows_of + (knots + k) * wide + c), sy)
                    sx = within(sx, low, right)
                    sy = within(sy, low, bottom)
                    for channel in range(channels):
                        v = bilinear(memory, picture + channel * plane, row, sx, sy)
                        store_part(memory, base + (channel * height + r) * width + c, v, width - c)
                    c += WIDTH
        if noise != 0.0:
            i = 0
            while i < size:
                far = sqrt(splat(-2.0) * log(splat(1.0) - uniform_run(seed, GRAIN + i)))
                t = (uniform_run(seed, GRAIN + size + i) - splat(0.5)) * splat(math.pi)
                s = t * t  # cos(2 pi u) = 2 sin^2(pi (u - 1/2)) - 1; the sine by its Taylor series, to 6e-8
                v = fma(s, splat(-1.0 / 39916800.0), splat(1.0 / 362880.0))
                v = fma(fma(fma(fma(v, s, splat(-1.0 / 5040.0)), s, splat(1.0 / 120.0)), s, splat(-1.0 / 6.0)), s, splat(1.0)) * t
                turn = fma(v + v, v, splat(-1.0))
                store_part(memory, base + i, fma(far * turn, splat(noise), load_part(memory, base + i, size - i)), size - i)
                i += WIDTH
        if erase != 0.0 and memory[draws + 6] < erase:
            tall = min(height, 1 + int(memory[draws + 7] * largest * height))
            broad = min(width, 1 + int(memory[draws + 8] * largest * width))
            top = int(memory[draws + 9] * (height - tall + 1.0))
            left = int(memory[draws + 10] * (width - broad + 1.0))
            for channel in range(channels):
                for r in range(top, top + tall):
                    for c in range(left, left + broad):
                        memory[base + (channel * height + r) * width + c] = scalar(blank)


def augment_row(place: Region, shape: Shape, order: Region, settings: Region, work: int, key: int, blank: float, lanes: int) -> Row:
    """The row that works on the gathered rows at ``place`` (lanes x padded size). ``work`` is where :func:`work_of` elements lie."""
    channels, height, width = shape
    return augment.row(
        control=CONTROL_BLOCK,
        channels=channels,
        height=height,
        width=width,
        lanes=lanes,
        positions=order.extent,
        order=start_of(order),
        settings=start_of(settings),
        x=place.start,
        x_row=padded(channels * height * width),
        work=work,
        key=key,
        blank=blank,
    )
