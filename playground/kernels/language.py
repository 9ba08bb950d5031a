"""The words kernels are written in. This module only declares them; ``simd.py`` gives them meaning when a kernel is compiled.

A vector holds ``WIDTH`` elements of the memory's type and knows ``+ - * /``. Places in ``memory`` are counted in elements.
Called as plain Python these functions raise: a kernel runs compiled or not at all.
"""

from __future__ import annotations

from typing import Any, NoReturn

Memory = Any
Vector = Any
Block = Any

WIDTH = 0
"""Elements of a vector; the generator puts the number in its place."""


def _declared(name: str) -> NoReturn:
    raise RuntimeError(f"{name} has a meaning in compiled kernels only")


def unroll(count: int) -> Any:
    """``for i in unroll(n)``: the body is written out n times, with numbers in the place of ``i``."""
    _declared("unroll")


def registers() -> Any:
    """``s = registers()``: from here on ``s[u]`` with an unrolled ``u`` is a name of its own; nothing lies in memory."""
    _declared("registers")


def load(memory: Memory, i: int) -> Vector:
    """``memory[i : i + WIDTH]``."""
    _declared("load")


def store(memory: Memory, i: int, v: Vector) -> None:
    """``memory[i : i + WIDTH] = v``."""
    _declared("store")


def load_part(memory: Memory, i: int, count: int) -> Vector:
    """The first ``count`` elements from ``i`` (at most ``WIDTH``, none if negative), zeros after them; nothing beyond is touched."""
    _declared("load_part")


def store_part(memory: Memory, i: int, v: Vector, count: int) -> None:
    """Store the first ``count`` elements only."""
    _declared("store_part")


def take(FORM: str, memory: Memory, i: int, count: int) -> Vector:
    """``load`` where the kernel's constant is ``"whole"``, ``load_part`` where it is ``"part"``."""
    _declared("take")


def put(FORM: str, memory: Memory, i: int, v: Vector, count: int) -> None:
    """``store`` or ``store_part``, by the same constant."""
    _declared("put")


def broadcast(memory: Memory, i: int) -> Vector:
    """A vector full of ``memory[i]``."""
    _declared("broadcast")


def splat(x: float) -> Vector:
    """A vector full of ``x``."""
    _declared("splat")


def fma(a: Vector, b: Vector, c: Vector) -> Vector:
    """``a * b + c`` with one rounding."""
    _declared("fma")


def total(v: Vector) -> float:
    """The sum of a vector's elements, pairwise."""
    _declared("total")


def where_greater(a: Vector, b: Vector, x: Vector, y: Vector) -> Vector:
    """``x`` where a > b, else ``y`` (so ``y`` where either is not a number)."""
    _declared("where_greater")


def where_wins(a: Vector, b: Vector, x: Vector, y: Vector) -> Vector:
    """``x`` where a > b, or where a alone is not a number; else ``y``."""
    _declared("where_wins")


def where_equal(a: Vector, b: Vector, x: Vector, y: Vector) -> Vector:
    """``x`` where a == b, else ``y``."""
    _declared("where_equal")


def maximum(a: Vector, b: Vector) -> Vector:
    """The larger; not a number where either is."""
    _declared("maximum")


def first_lanes(v: Vector, count: int) -> Vector:
    """``v`` with zeros from element ``count`` on."""
    _declared("first_lanes")


def zero_block() -> Block:
    """A block of ROWS x VECTORS vectors, all zero."""
    _declared("zero_block")


def load_block(memory: Memory, at: int, row: int) -> Block:
    """Vector (u, v) is ``load(memory, at + u * row + v * WIDTH)``."""
    _declared("load_block")


def store_block(memory: Memory, at: int, row: int, s: Block) -> None:
    """Vector (u, v) goes to ``at + u * row + v * WIDTH``."""
    _declared("store_block")


def column_block(memory: Memory, at: int) -> Block:
    """Vector (u, v) is full of ``memory[at + u]``."""
    _declared("column_block")


def add_blocks(s: Block, t: Block) -> Block:
    """``s + t``, vector by vector."""
    _declared("add_blocks")


def subtract_blocks(s: Block, t: Block) -> Block:
    """``s - t``, vector by vector."""
    _declared("subtract_blocks")


def add_outer(s: Block, memory: Memory, a: int, a_row: int, x: int) -> Block:
    """Vector (u, v) is ``fma(broadcast(memory, a + u * a_row), load(memory, x + v * WIDTH), s[u, v])``."""
    _declared("add_outer")


def add_products(s: Block, memory: Memory, a: int, a_row: int, x: int, step: int) -> Block:
    """Vector (u, v) is ``fma(load(memory, a + u * a_row), load(memory, x + v * step), s[u, v])``."""
    _declared("add_products")


def store_totals(memory: Memory, at: int, row: int, step: int, s: Block) -> None:
    """``memory[at + u * row + v * step] = total(s[u, v])``."""
    _declared("store_totals")


def add_totals(memory: Memory, at: int, row: int, step: int, s: Block) -> None:
    """``memory[at + u * row + v * step] += total(s[u, v])``."""
    _declared("add_totals")


def step_block(memory: Memory, at: int, row: int, pace: Vector, s: Block) -> None:
    """The vector at ``at + u * row + v * WIDTH`` becomes ``fma(pace, s[u, v], itself)``."""
    _declared("step_block")


def put_block_away(memory: Memory, at: int, row: int, s: Block) -> None:
    """``store_block`` past the caches (where the vectors lie at multiples of their size), for what is not read soon."""
    _declared("put_block_away")


def exp(v: Vector) -> Vector:
    """e to the v."""
    _declared("exp")


def log(v: Vector) -> Vector:
    """Natural logarithm of positive numbers."""
    _declared("log")


def sqrt(v: Vector) -> Vector:
    """Square root."""
    _declared("sqrt")


def call(function: str, v: Vector) -> Vector:
    """``functions.py``'s function of that name; the name is a constant of the kernel."""
    _declared("call")


def derivative(function: str, x: Vector, y: Vector) -> Vector:
    """Its derivative at x, where y = function(x)."""
    _declared("derivative")


def uniform(seeds: Any, number: int) -> Vector:
    """Random numbers in [0, 1), one a lane, from the lanes' seeds and ``number``."""
    _declared("uniform")


def lane_seeds(order: int, position: int, count: int, stream: int) -> Any:
    """One seed a lane: mixed from ``stream`` and the sample numbers ``order[position : position + count]``."""
    _declared("lane_seeds")


def seed_of(sample: int, stream: int) -> int:
    """The seed that ``lane_seeds`` gives sample number ``sample``."""
    _declared("seed_of")


def uniform_run(seed: int, first: int) -> Vector:
    """What ``uniform`` gives for one seed and the numbers first, first + 1, ..., one a lane."""
    _declared("uniform_run")


def stream_of(key: int, step: int) -> int:
    """A random stream's number, mixed from a key and a step."""
    _declared("stream_of")


def transpose_tile(memory: Memory, source: int, source_row: int, to: int, to_row: int) -> None:
    """``memory[to + c * to_row + r] = memory[source + r * source_row + c]`` for r, c in 0 .. WIDTH - 1."""
    _declared("transpose_tile")


def transpose_rows(memory: Memory, source: int, source_row: int, rows: int, to: int, to_row: int) -> None:
    """As ``transpose_tile``, but only ``rows`` (at most WIDTH, at least 1) source rows are read; zeros stand for the others."""
    _declared("transpose_rows")


def transpose_columns(memory: Memory, source: int, source_row: int, to: int, to_row: int, columns: int) -> None:
    """As ``transpose_tile``, but only the first ``columns`` source columns are written."""
    _declared("transpose_columns")


def count_up() -> Vector:
    """0, 1, 2 ... WIDTH - 1."""
    _declared("count_up")


def within(v: Vector, low: Vector, high: Vector) -> Vector:
    """``v`` brought into low .. high; what is not a number becomes ``low``."""
    _declared("within")


def bilinear(memory: Memory, i: int, row: int, x: Vector, y: Vector) -> Vector:
    """The picture at ``i``, its rows ``row`` apart, at column x and row y (neither below 0): between the four pixels around, which are
    all read."""
    _declared("bilinear")


def get_integer(address: int, slot: int) -> int:
    """The int64 at ``address + 8 * slot``."""
    _declared("get_integer")


def get_float(address: int, slot: int) -> float:
    """The float64 at ``address + 8 * slot``."""
    _declared("get_float")


def set_integer(address: int, slot: int, value: int) -> None:
    """Write an int64."""
    _declared("set_integer")


def set_float(address: int, slot: int, value: float) -> None:
    """Write a float64."""
    _declared("set_float")


def get_index(address: int, i: int) -> int:
    """The int32 at ``address + 4 * i``."""
    _declared("get_index")


def set_index(address: int, i: int, value: int) -> None:
    """Write the int32 at ``address + 4 * i``."""
    _declared("set_index")


def get_byte(address: int, i: int) -> float:
    """The uint8 at ``address + i``, as a number of the memory's type."""
    _declared("get_byte")


def get_single(address: int, i: int) -> float:
    """The float32 at ``address + 4 * i``, as a number of the memory's type."""
    _declared("get_single")


def set_element(address: int, i: int, value: float) -> None:
    """Write element ``i`` of an array of the memory's type."""
    _declared("set_element")


def load_bytes(address: int, i: int) -> Vector:
    """``WIDTH`` uint8 from ``address + i``."""
    _declared("load_bytes")


def fetch(address: int) -> None:
    """Ask for the cache line at ``address``, to be read soon."""
    _declared("fetch")


def load_singles(address: int, i: int) -> Vector:
    """``WIDTH`` float32 from ``address + 4 * i``."""
    _declared("load_singles")


def scalar(x: float) -> float:
    """``x`` as a number of the memory's type."""
    _declared("scalar")


def call_row(address: int, memory: Memory, row: int) -> None:
    """Call the kernel at ``address`` with the row at address ``row``."""
    _declared("call_row")


def flush_denormals() -> int:
    """From now on this thread takes numbers too small for full precision as zero; returns the old setting."""
    _declared("flush_denormals")


def restore_denormals(old: int) -> None:
    """Undo ``flush_denormals``."""
    _declared("restore_denormals")
