"""What the words of ``language.py`` mean: a vector type for numba and one intrinsic a word, each a few LLVM instructions.

Everything that depends on numba's extension interface and on llvmlite's instruction builder is here and in
``functions.py``, so that a new version of either is met in one place. Note that numba's own cache would not see an edit
of this file: ``compile.py`` keys its folder by the text of all of them.
"""

from __future__ import annotations

import operator
import platform
from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from playground.kernels import functions, picture_words
from playground.kernels.functions import Lanes

BYTE, INT32, INT64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
X86 = platform.machine().lower() in ("x86_64", "amd64")
ROW = types.CPointer(types.int64)


class VectorType(types.Type):
    """``<width x element>`` in registers."""

    def __init__(self, element: Any, width: int) -> None:
        super().__init__(name=f"vector({element},{width})")
        self.element, self.width = element, width


class SeedsType(types.Type):
    """``<width x i32>``: the lanes' random seeds."""

    def __init__(self, width: int) -> None:
        super().__init__(name=f"seeds({width})")
        self.width = width


def real_of(element: Any) -> ir.Type:
    return ir.FloatType() if element is types.float32 else ir.DoubleType()


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: VectorType) -> None:
        super().__init__(manager, kind, ir.VectorType(real_of(kind.element), kind.width))


@register_model(SeedsType)
class _SeedsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: SeedsType) -> None:
        super().__init__(manager, kind, ir.VectorType(INT32, kind.width))


def _operators() -> None:
    """``+ - * /`` and unary ``-`` on vectors: one LLVM instruction each."""
    for sign, name in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv")):

        @infer_global(sign)
        class _Binary(AbstractTemplate):
            def generic(self, args: Any, kws: Any) -> Any:
                if len(args) == 2 and isinstance(args[0], VectorType) and args[0] == args[1]:
                    return signature(args[0], *args)
                return None

        def lower(context: Any, builder: Any, sig: Any, args: Any, name: str = name) -> Any:
            return getattr(builder, name)(*args)

        lower_builtin(sign, VectorType, VectorType)(lower)

    @infer_global(operator.neg)
    class _Negative(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            return signature(args[0], *args) if len(args) == 1 and isinstance(args[0], VectorType) else None

    lower_builtin(operator.neg, VectorType)(lambda context, builder, sig, args: builder.fneg(args[0]))


_operators()


def make_intrinsic(name: str, result: Any, arguments: list[Any], emit: Callable[..., Any]) -> Any:
    """A numba intrinsic with a fixed signature; ``emit(builder, *values)`` gives its LLVM value (None for void)."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value = emit(builder, *args)
        return context.get_dummy_value() if value is None else value

    names = [f"a{i}" for i in range(len(arguments))]
    scope: dict[str, Any] = {"made": result(*arguments), "generate": generate}
    text = f"def {name}({', '.join(['typingctx', *names])}):\n    return made, generate\n"
    exec(compile(text, f"<{name}>", "exec"), scope)
    return intrinsic(scope[name])


def _function(builder: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, arguments), name)


def splat(builder: Any, kind: ir.VectorType, x: Any) -> Any:
    undefined = ir.Constant(kind, ir.Undefined)
    return builder.shuffle_vector(
        builder.insert_element(undefined, x, ir.Constant(INT32, 0)),
        undefined,
        ir.Constant(ir.VectorType(INT32, kind.count), [0] * kind.count),
    )


def _at(builder: Any, address: Any, index: Any, kind: ir.Type) -> Any:
    """Pointer to element ``index`` of the array of ``kind`` at an integer address."""
    return builder.gep(builder.inttoptr(address, kind.as_pointer()), [index])


@cache
def signature_of(dtype: str) -> Any:
    """``void(T*, int64*)``: what every kernel is."""
    return types.void(types.CPointer(getattr(types, dtype)), ROW)


@cache
def vocabulary(dtype: str, width: int) -> dict[str, Any]:
    """Every word of ``language.py`` for memories of ``dtype`` and vectors of ``width``."""
    return Vocabulary(dtype, width).words


class Vocabulary:
    def __init__(self, dtype: str, width: int) -> None:
        self.element = getattr(types, dtype)
        self.real = real_of(self.element)
        self.width = width
        self.size = 4 if dtype == "float32" else 8
        self.suffix = f"v{width}f{8 * self.size}"
        self.vector = VectorType(self.element, width)
        self.kind = ir.VectorType(self.real, width)
        self.int32s = ir.VectorType(INT32, width)
        self.mask = ir.VectorType(ir.IntType(1), width)
        self.memory = types.CPointer(self.element)
        self.words: dict[str, Any] = {}
        self._memory_words()
        self._number_words()
        self._tile_words()
        self._address_words()
        self._random_words()
        self._machine_words()
        picture_words.add_to(self)

    def add(self, name: str, result: Any, arguments: list[Any], emit: Callable[..., Any]) -> None:
        self.words[name] = make_intrinsic(name, result, arguments, emit)

    # --- memory

    def _vector_at(self, b: Any, memory: Any, i: Any) -> Any:
        return b.bitcast(b.gep(memory, [i]), self.kind.as_pointer())

    def load(self, b: Any, memory: Any, i: Any) -> Any:
        value = b.load(self._vector_at(b, memory, i))
        value.align = self.size
        return value

    def store(self, b: Any, memory: Any, i: Any, v: Any) -> None:
        b.store(v, self._vector_at(b, memory, i)).align = self.size

    def _lanes_below(self, b: Any, count: Any) -> Any:
        """One bit a lane: lane number < count."""
        numbers = ir.Constant(self.int32s, list(range(self.width)))
        bound = b.select(b.icmp_signed("<", count, ir.Constant(INT64, self.width)), count, ir.Constant(INT64, self.width))
        return b.icmp_signed("<", numbers, splat(b, self.int32s, b.trunc(bound, INT32)))

    def _load_part(self, b: Any, memory: Any, i: Any, count: Any) -> Any:
        pointer = self._vector_at(b, memory, i)
        name = f"llvm.masked.load.{self.suffix}.p0"
        function = _function(b, name, self.kind, [self.kind.as_pointer(), INT32, self.mask, self.kind])
        zero = ir.Constant(self.kind, [0.0] * self.width)
        return b.call(function, [pointer, ir.Constant(INT32, self.size), self._lanes_below(b, count), zero])

    def _store_part(self, b: Any, memory: Any, i: Any, v: Any, count: Any) -> None:
        pointer = self._vector_at(b, memory, i)
        name = f"llvm.masked.store.{self.suffix}.p0"
        function = _function(b, name, ir.VoidType(), [self.kind, self.kind.as_pointer(), INT32, self.mask])
        b.call(function, [v, pointer, ir.Constant(INT32, self.size), self._lanes_below(b, count)])

    def _memory_words(self) -> None:
        memory, vector, index = self.memory, self.vector, types.int64
        self.add("load", vector, [memory, index], self.load)
        self.add("store", types.void, [memory, index, vector], self.store)
        self.add("load_part", vector, [memory, index, index], self._load_part)
        self.add("store_part", types.void, [memory, index, vector, index], self._store_part)
        self.add("take_whole", vector, [memory, index, index], lambda b, p, i, count: self.load(b, p, i))
        self.add("put_whole", types.void, [memory, index, vector, index], lambda b, p, i, v, count: self.store(b, p, i, v))
        self.add("take_part", vector, [memory, index, index], self._load_part)
        self.add("put_part", types.void, [memory, index, vector, index], self._store_part)
        self.add("broadcast", vector, [memory, index], lambda b, p, i: splat(b, self.kind, b.load(b.gep(p, [i]))))
        self.add("get_field", types.int64, [ROW, index], lambda b, row, i: b.load(b.gep(row, [i])))
        self.add("get_float_bits", types.float64, [ROW, index], lambda b, row, i: b.bitcast(b.load(b.gep(row, [i])), ir.DoubleType()))

    # --- numbers

    def _narrow(self, b: Any, x: Any) -> Any:
        return b.fptrunc(x, self.real) if self.size == 4 else x

    def total(self, b: Any, v: Any) -> Any:
        name = f"llvm.vector.reduce.fadd.{self.suffix}"
        return b.call(_function(b, name, self.real, [self.real, self.kind]), [ir.Constant(self.real, 0.0), v], fastmath=("reassoc",))

    def _number_words(self) -> None:
        vector = self.vector

        def over(function: Callable[..., Lanes]) -> Callable[..., Any]:
            return lambda b, *values: function(*(Lanes(b, value) for value in values)).value

        def first_lanes(b: Any, v: Any, count: Any) -> Any:
            return b.select(self._lanes_below(b, count), v, ir.Constant(self.kind, [0.0] * self.width))

        self.add("splat", vector, [types.float64], lambda b, x: splat(b, self.kind, self._narrow(b, x)))
        self.add("scalar", self.element, [types.float64], self._narrow)
        self.add("fma", vector, [vector] * 3, over(functions.fma))
        self.add("total", self.element, [vector], self.total)
        self.add("maximum", vector, [vector] * 2, over(functions.maximum))
        self.add("where_greater", vector, [vector] * 4, over(lambda a, c, x, y: x.where(a.compare(">", c), y)))
        self.add("where_wins", vector, [vector] * 4, over(functions.where_wins))
        self.add("where_equal", vector, [vector] * 4, over(lambda a, c, x, y: x.where(a.compare("==", c), y)))
        self.add("first_lanes", vector, [vector, types.int64], first_lanes)
        self.add("exp", vector, [vector], over(functions.exp))
        self.add("log", vector, [vector], over(functions.log))
        self.add("sqrt", vector, [vector], over(lambda x: x.intrinsic("sqrt")))
        for name in functions.NAMES:
            self.add(f"call_{name}", vector, [vector], lambda b, x, name=name: functions.emit(name, b, x))
            self.add(f"derivative_{name}", vector, [vector] * 2, lambda b, x, y, name=name: functions.emit(name, b, x, y))

    # --- square tiles

    def _exchange(self, b: Any, rows: list[Any]) -> list[Any]:
        """The transpose of ``width`` vectors of ``width``: halves, quarters, ... change places (Eklundh 1972)."""
        width, distance = self.width, self.width // 2
        rows = list(rows)
        while distance:
            low = [e if not e & distance else width + e - distance for e in range(width)]
            high = [e + distance if not e & distance else width + e for e in range(width)]
            for i in range(width):
                if not i & distance:
                    x, y = rows[i], rows[i + distance]
                    rows[i] = b.shuffle_vector(x, y, ir.Constant(self.int32s, low))
                    rows[i + distance] = b.shuffle_vector(x, y, ir.Constant(self.int32s, high))
            distance //= 2
        return rows

    def _row_places(self, b: Any, start: Any, step: Any) -> list[Any]:
        return [b.add(start, b.mul(step, ir.Constant(INT64, r))) for r in range(self.width)]

    def _tile_words(self) -> None:
        memory, index = self.memory, types.int64

        def full(b: Any, p: Any, source: Any, source_row: Any, to: Any, to_row: Any) -> None:
            rows = self._exchange(b, [self.load(b, p, at) for at in self._row_places(b, source, source_row)])
            for at, v in zip(self._row_places(b, to, to_row), rows, strict=True):
                self.store(b, p, at, v)

        def some_rows(b: Any, p: Any, source: Any, source_row: Any, count: Any, to: Any, to_row: Any) -> None:
            zero = ir.Constant(self.kind, [0.0] * self.width)
            rows = []
            for r, at in enumerate(self._row_places(b, source, source_row)):
                there = b.icmp_signed(">", count, ir.Constant(INT64, r))
                rows.append(b.select(there, self.load(b, p, b.select(there, at, source)), zero))
            for at, v in zip(self._row_places(b, to, to_row), self._exchange(b, rows), strict=True):
                self.store(b, p, at, v)

        def some_columns(b: Any, p: Any, source: Any, source_row: Any, to: Any, to_row: Any, count: Any) -> None:
            rows = self._exchange(b, [self.load(b, p, at) for at in self._row_places(b, source, source_row)])
            for c, (at, v) in enumerate(zip(self._row_places(b, to, to_row), rows, strict=True)):
                with b.if_then(b.icmp_signed(">", count, ir.Constant(INT64, c))):
                    self.store(b, p, at, v)

        self.add("transpose_tile", types.void, [memory, index, index, index, index], full)
        self.add("transpose_rows", types.void, [memory, index, index, index, index, index], some_rows)
        self.add("transpose_columns", types.void, [memory, index, index, index, index, index], some_columns)

    # --- arrays outside the arena, by address

    def _address_words(self) -> None:
        index, double = types.int64, ir.DoubleType()

        def wide(b: Any, address: Any, i: Any, kind: ir.Type) -> Any:
            value = b.load(b.bitcast(_at(b, address, i, kind), ir.VectorType(kind, self.width).as_pointer()))
            value.align = 1 if kind is BYTE else 4
            return value

        def single(b: Any, x: Any) -> Any:
            return x if self.size == 4 else b.fpext(x, ir.DoubleType() if isinstance(x.type, ir.FloatType) else self.kind)

        def fetch(b: Any, address: Any) -> None:
            bytes_ = BYTE.as_pointer()
            function = _function(b, "llvm.prefetch.p0", ir.VoidType(), [bytes_, INT32, INT32, INT32])
            reading, second_level, data = (ir.Constant(INT32, number) for number in (0, 2, 1))
            b.call(function, [b.inttoptr(address, bytes_), reading, second_level, data])

        add = self.add
        add("fetch", types.void, [index], fetch)
        add("get_integer", types.int64, [index, index], lambda b, a, i: b.load(_at(b, a, i, INT64)))
        add("get_float", types.float64, [index, index], lambda b, a, i: b.load(_at(b, a, i, double)))
        add("set_integer", types.void, [index] * 3, lambda b, a, i, v: b.store(v, _at(b, a, i, INT64)) and None)
        add("set_float", types.void, [index, index, types.float64], lambda b, a, i, v: b.store(v, _at(b, a, i, double)) and None)
        add("get_index", types.int64, [index, index], lambda b, a, i: b.sext(b.load(_at(b, a, i, INT32)), INT64))
        add("set_index", types.void, [index, index, index], lambda b, a, i, v: b.store(b.trunc(v, INT32), _at(b, a, i, INT32)) and None)
        add("get_byte", self.element, [index, index], lambda b, a, i: b.uitofp(b.load(_at(b, a, i, BYTE)), self.real))
        add("get_single", self.element, [index, index], lambda b, a, i: single(b, b.load(_at(b, a, i, ir.FloatType()))))
        add("set_element", types.void, [index, index, self.element], lambda b, a, i, v: b.store(v, _at(b, a, i, self.real)) and None)
        add("load_bytes", self.vector, [index, index], lambda b, a, i: b.uitofp(b.zext(wide(b, a, i, BYTE), self.int32s), self.kind))
        add("load_singles", self.vector, [index, index], lambda b, a, i: single(b, wide(b, a, i, ir.FloatType())))

    # --- random numbers: no state, only mixing

    def mix32(self, b: Any, h: Any) -> Any:
        """lowbias32 (C. Wellons): xor-shift and multiply, every bit depends on every other. Of one number, or one a lane."""

        def constant(number: int) -> Any:
            return ir.Constant(h.type, [number] * self.width if h.type == self.int32s else number)

        h = b.mul(b.xor(h, b.lshr(h, constant(16))), constant(0x7FEB352D))
        h = b.mul(b.xor(h, b.lshr(h, constant(15))), constant(0x846CA68B))
        return b.xor(h, b.lshr(h, constant(16)))

    def _random_words(self) -> None:
        seeds = SeedsType(self.width)
        index = types.int64

        def lane_seeds(b: Any, order: Any, position: Any, count: Any, stream: Any) -> Any:
            pointer = b.bitcast(_at(b, order, position, INT32), self.int32s.as_pointer())
            function = _function(
                b, f"llvm.masked.load.v{self.width}i32.p0", self.int32s, [self.int32s.as_pointer(), INT32, self.mask, self.int32s]
            )
            zero = ir.Constant(self.int32s, [0] * self.width)
            samples = b.call(function, [pointer, ir.Constant(INT32, 4), self._lanes_below(b, count), zero])
            return self.mix32(b, b.xor(self.mix32(b, samples), splat(b, self.int32s, b.trunc(stream, INT32))))

        def uniform(b: Any, seed: Any, number: Any) -> Any:
            golden = b.mul(b.trunc(number, INT32), ir.Constant(INT32, 0x9E3779B9))
            h = self.mix32(b, b.add(seed, splat(b, self.int32s, golden)))
            top = b.uitofp(b.lshr(h, ir.Constant(self.int32s, [8] * self.width)), self.kind)
            return b.fmul(top, ir.Constant(self.kind, [2.0**-24] * self.width))

        def stream_of(b: Any, key: Any, step: Any) -> Any:
            """splitmix64 (S. Vigna) of key + step * odd constant."""
            z = b.add(key, b.mul(step, ir.Constant(INT64, 0x9E3779B97F4A7C15)))
            z = b.mul(b.xor(z, b.lshr(z, ir.Constant(INT64, 30))), ir.Constant(INT64, 0xBF58476D1CE4E5B9))
            z = b.mul(b.xor(z, b.lshr(z, ir.Constant(INT64, 27))), ir.Constant(INT64, 0x94D049BB133111EB))
            return b.xor(z, b.lshr(z, ir.Constant(INT64, 31)))

        self.add("lane_seeds", seeds, [index] * 4, lane_seeds)
        self.add("uniform", self.vector, [seeds, index], uniform)
        self.add("stream_of", index, [index, index], stream_of)

    # --- the machine

    def _machine_words(self) -> None:
        index = types.int64

        def call_row(b: Any, address: Any, memory: Any, row: Any) -> None:
            kind = ir.FunctionType(ir.VoidType(), [self.real.as_pointer(), INT64.as_pointer()])
            b.call(b.inttoptr(address, kind.as_pointer()), [memory, b.inttoptr(row, INT64.as_pointer())])

        def control_word(b: Any, name: str, pointer: Any) -> None:
            bytes_ = BYTE.as_pointer()
            b.call(_function(b, f"llvm.x86.sse.{name}", ir.VoidType(), [bytes_]), [b.bitcast(pointer, bytes_)])

        def flush(b: Any) -> Any:
            if not X86:
                return ir.Constant(INT64, 0)
            place = b.alloca(INT32)
            control_word(b, "stmxcsr", place)
            old = b.load(place)
            b.store(b.or_(old, ir.Constant(INT32, 0x8040)), place)  # flush to zero, denormals are zero
            control_word(b, "ldmxcsr", place)
            return b.zext(old, INT64)

        def restore(b: Any, old: Any) -> None:
            if X86:
                place = b.alloca(INT32)
                b.store(b.trunc(old, INT32), place)
                control_word(b, "ldmxcsr", place)

        self.add("call_row", types.void, [index, self.memory, index], call_row)
        self.add("flush_denormals", index, [], flush)
        self.add("restore_denormals", types.void, [index], restore)
