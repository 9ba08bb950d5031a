"""Words on blocks of registers, for matrix products and convolutions: see ``simd.py`` for all others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import models, register_model

from playground.kernels import functions
from playground.kernels.functions import Lanes
from playground.kernels.simd import INT32, INT64, Vocabulary, make_intrinsic, real_of, splat


class BlockType(types.Type):
    """``rows`` x ``vectors`` vectors in registers: the part of a matrix product that is being added up."""

    def __init__(self, element: Any, width: int, rows: int, vectors: int) -> None:
        super().__init__(name=f"block({element},{width},{rows},{vectors})")
        self.element, self.width, self.rows, self.vectors = element, width, rows, vectors


@register_model(BlockType)
class _BlockModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: BlockType) -> None:
        super().__init__(manager, kind, ir.ArrayType(ir.VectorType(real_of(kind.element), kind.width), kind.rows * kind.vectors))


@cache
def block_words(dtype: str, width: int, rows: int, vectors: int) -> dict[str, Any]:
    """The words on blocks of ``rows`` x ``vectors``: each stands for what would be written out rows x vectors times.

    One word where numba would see a hundred statements: its front end, not LLVM, takes the time of compiling.
    """
    words = Vocabulary(dtype, width)
    block = BlockType(words.element, width, rows, vectors)
    array = ir.ArrayType(words.kind, rows * vectors)
    index, memory = types.int64, words.memory
    made: dict[str, Any] = {}

    def places(b: Any, start: Any, step: Any) -> list[Any]:
        return [b.add(start, b.mul(step, ir.Constant(INT64, u))) for u in range(rows)]

    def across(b: Any, start: Any, step: Any = None) -> list[Any]:
        step = ir.Constant(INT64, width) if step is None else step
        return [b.add(start, b.mul(step, ir.Constant(INT64, v))) for v in range(vectors)]

    def gathered(b: Any, values: list[Any]) -> Any:
        result = ir.Constant(array, ir.Undefined)
        for i, value in enumerate(values):
            result = b.insert_value(result, value, i)
        return result

    def spread(b: Any, p: Any, i: Any) -> Any:
        return splat(b, words.kind, b.load(b.gep(p, [i])))

    def load(b: Any, p: Any, at: Any, row: Any) -> Any:
        return gathered(b, [words.load(b, p, place) for start in places(b, at, row) for place in across(b, start)])

    def store(b: Any, p: Any, at: Any, row: Any, s: Any) -> None:
        for i, place in enumerate(place for start in places(b, at, row) for place in across(b, start)):
            words.store(b, p, place, b.extract_value(s, i))

    def put_away(b: Any, p: Any, at: Any, row: Any, s: Any) -> None:
        past, size = b.module.add_metadata([ir.Constant(INT32, 1)]), words.size
        begin = b.or_(b.ptrtoint(b.gep(p, [at]), INT64), b.mul(row, ir.Constant(INT64, size)))
        whole = b.icmp_unsigned("==", b.and_(begin, ir.Constant(INT64, width * size - 1)), ir.Constant(INT64, 0))
        with b.if_else(whole) as (then, otherwise):
            with then:
                for i, place in enumerate(place for start in places(b, at, row) for place in across(b, start)):
                    stored = b.store(b.extract_value(s, i), b.bitcast(b.gep(p, [place]), words.kind.as_pointer()))
                    stored.align = width * size
                    stored.set_metadata("nontemporal", past)
            with otherwise:
                store(b, p, at, row, s)

    def step(b: Any, p: Any, at: Any, row: Any, pace: Any, s: Any) -> None:
        for i, place in enumerate(place for start in places(b, at, row) for place in across(b, start)):
            old, change = Lanes(b, words.load(b, p, place)), Lanes(b, b.extract_value(s, i))
            words.store(b, p, place, functions.fma(Lanes(b, pace), change, old).value)

    def column(b: Any, p: Any, at: Any) -> Any:
        return gathered(b, [x for place in places(b, at, ir.Constant(INT64, 1)) for x in [spread(b, p, place)] * vectors])

    def combined(name: str) -> Callable[..., Any]:
        def emit(b: Any, s: Any, t: Any) -> Any:
            return gathered(b, [getattr(b, name)(b.extract_value(s, i), b.extract_value(t, i)) for i in range(rows * vectors)])

        return emit

    def products(read: Callable[..., Any]) -> Callable[..., Any]:
        def emit(b: Any, s: Any, p: Any, a: Any, a_row: Any, x: Any, step: Any = None) -> Any:
            factors = [Lanes(b, words.load(b, p, place)) for place in across(b, x, step)]
            values = []
            for u, place in enumerate(places(b, a, a_row)):
                w = Lanes(b, read(b, p, place))
                values += [functions.fma(w, factors[v], Lanes(b, b.extract_value(s, u * vectors + v))).value for v in range(vectors)]
            return gathered(b, values)

        return emit

    def totals(add: bool) -> Callable[..., None]:
        def emit(b: Any, p: Any, at: Any, row: Any, step: Any, s: Any) -> None:
            for i, place in enumerate(place for start in places(b, at, row) for place in across(b, start, step)):
                pointer, sum_ = b.gep(p, [place]), words.total(b, b.extract_value(s, i))
                b.store(b.fadd(b.load(pointer), sum_) if add else sum_, pointer)

        return emit

    for name, result, arguments, emit in (
        ("zero_block", block, [], lambda b: ir.Constant(array, [ir.Constant(words.kind, [0.0] * width)] * (rows * vectors))),
        ("load_block", block, [memory, index, index], load),
        ("store_block", types.void, [memory, index, index, block], store),
        ("step_block", types.void, [memory, index, index, words.vector, block], step),
        ("put_block_away", types.void, [memory, index, index, block], put_away),
        ("column_block", block, [memory, index], column),
        ("add_blocks", block, [block, block], combined("fadd")),
        ("subtract_blocks", block, [block, block], combined("fsub")),
        ("add_outer", block, [block, memory, index, index, index], products(spread)),
        ("add_products", block, [block, memory, index, index, index, index], products(words.load)),
        ("store_totals", types.void, [memory, index, index, index, block], totals(add=False)),
        ("add_totals", types.void, [memory, index, index, index, block], totals(add=True)),
    ):
        made[name] = make_intrinsic(name, result, arguments, emit)
    return made
