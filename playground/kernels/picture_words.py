"""The words of ``language.py`` for pictures: reading one between its pixels, and a picture's own random numbers."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from playground.kernels import functions
from playground.kernels.functions import Lanes

INT32, INT64 = ir.IntType(32), ir.IntType(64)
GOLDEN = 0x9E3779B9
"""2^32 divided by the golden ratio, as ``uniform`` has it."""


def add_to(vocabulary: Any) -> None:
    """Add them to a :class:`~playground.kernels.simd.Vocabulary`."""
    vector, memory, index, add = vocabulary.vector, vocabulary.memory, types.int64, vocabulary.add
    numbers = [float(number) for number in range(vocabulary.width)]
    add("count_up", vector, [], lambda b: ir.Constant(vocabulary.kind, numbers))
    add("within", vector, [vector] * 3, _within)
    add("bilinear", vector, [memory, index, index, vector, vector], lambda *given: _bilinear(vocabulary, *given))
    add("seed_of", index, [index, index], lambda *given: _seed_of(vocabulary, *given))
    add("uniform_run", vector, [index, index], lambda *given: _uniform_run(vocabulary, *given))


def _within(b: Any, v: Any, low: Any, high: Any) -> Any:
    x, floor, ceiling = (Lanes(b, one) for one in (v, low, high))
    x = x.where(x.compare(">", floor), floor)
    return x.where(x.compare("<", ceiling), ceiling).value


def _splat(b: Any, kind: Any, x: Any) -> Any:
    first = b.insert_element(ir.Constant(kind, ir.Undefined), x, ir.Constant(INT32, 0))
    return b.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(INT32, kind.count), [0] * kind.count))


def _bilinear(words: Any, b: Any, memory: Any, i: Any, row: Any, x: Any, y: Any) -> Any:
    across, down = Lanes(b, x), Lanes(b, y)
    left, top = across.intrinsic("floor"), down.intrinsic("floor")
    column, line = b.fptosi(left.value, words.int32s), b.fptosi(top.value, words.int32s)
    place = b.add(b.mul(line, _splat(b, words.int32s, b.trunc(row, INT32))), column)
    places = [b.zext(b.extract_element(place, ir.Constant(INT32, n)), INT64) for n in range(words.width)]
    upper = b.gep(memory, [i])
    rows = []
    for start in (upper, b.gep(upper, [row])):
        first, second = (Lanes(b, v) for v in _neighbors(words, b, start, places))
        rows.append(functions.fma(across - left, second - first, first))
    return functions.fma(down - top, rows[1] - rows[0], rows[0]).value


def _neighbors(words: Any, b: Any, start: Any, places: list[Any]) -> tuple[Any, Any]:
    """The elements at ``places`` from ``start``, and those right after them: a load a pair costs half of what single ones do, and less
    than the gather instructions of the processors at hand."""
    kind = ir.VectorType(words.real, 2)
    parts = []
    for place in places:
        part = b.load(b.bitcast(b.gep(start, [place]), kind.as_pointer()))
        part.align = words.size
        parts.append(part)
    while len(parts) > 1:
        count = 2 * parts[0].type.count
        both = ir.Constant(ir.VectorType(INT32, count), list(range(count)))
        parts = [b.shuffle_vector(one, two, both) for one, two in zip(parts[::2], parts[1::2], strict=True)]
    whole, nothing = parts[0], ir.Constant(parts[0].type, ir.Undefined)
    firsts, seconds = (ir.Constant(words.int32s, list(range(start, 2 * words.width, 2))) for start in (0, 1))
    return b.shuffle_vector(whole, nothing, firsts), b.shuffle_vector(whole, nothing, seconds)


def _seed_of(words: Any, b: Any, sample: Any, stream: Any) -> Any:
    return b.zext(words.mix32(b, b.xor(words.mix32(b, b.trunc(sample, INT32)), b.trunc(stream, INT32))), INT64)


def _uniform_run(words: Any, b: Any, seed: Any, first: Any) -> Any:
    start = b.add(b.trunc(seed, INT32), b.mul(b.trunc(first, INT32), ir.Constant(INT32, GOLDEN)))
    steps = ir.Constant(words.int32s, [number * GOLDEN & 0xFFFFFFFF for number in range(words.width)])
    mixed = words.mix32(b, b.add(_splat(b, words.int32s, start), steps))
    top = b.uitofp(b.lshr(mixed, ir.Constant(words.int32s, [8] * words.width)), words.kind)
    return b.fmul(top, ir.Constant(words.kind, [2.0**-24] * words.width))
