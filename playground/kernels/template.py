"""From a kernel as written to the source that is compiled: constants put in place, unrolled loops written out.

A kernel is a plain function ``f(memory, ...)`` decorated with :func:`kernel`. Its parameters after ``memory`` are the
fields of its record, in order: that signature is the only definition of the record. ``float`` parameters travel as
bits in the int64 row. Parameters of type ``str`` or with CAPITAL names are constants: each choice of them is a kernel
of its own, named ``"matmul:ROWS=12,VECTORS=2"``.
"""

from __future__ import annotations

import ast
import inspect
import struct
import textwrap
from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from playground.kernels.types import ARENA, Access, Pointer, Row

Tree = TypeVar("Tree", bound=ast.AST)
Constants = dict[str, int | str]
AccessRule = Callable[[Any], tuple[Sequence[tuple[Any, int]], Sequence[tuple[Any, int]]]]
"""From a record to ((start, extent) read ...), ((start, extent) written ...); a start is an int (arena) or a Pointer."""
VariantRule = Callable[[str], Sequence[Constants]]
"""From an instruction set to every choice of constants that ``expand`` can ask for there."""

KERNELS: dict[str, Kernel] = {}

CHOSEN = ("call", "derivative", "take", "put")
"""Words whose first argument is a constant that chooses what they mean."""


@dataclass(frozen=True)
class Kernel:
    """A kernel family: the function as written, its record, the rule of what a record touches."""

    name: str
    function: Callable[..., None]
    constants: tuple[str, ...]
    record: Any
    floats: frozenset[str]
    accesses: AccessRule
    variants: VariantRule

    def names(self, isa: str) -> list[str]:
        """The kernels of this family that a network can need."""
        return [self._name(constants) for constants in self.variants(isa)]

    def _name(self, constants: Constants) -> str:
        return self.name + (":" + ",".join(f"{key}={constants[key]}" for key in self.constants) if self.constants else "")

    def row(self, *, constants: Constants | None = None, **fields: Any) -> Row:
        """A row of this kernel; ``constants`` choose the variant."""
        constants = constants or {}
        if set(constants) != set(self.constants):
            raise TypeError(f"{self.name} wants constants {self.constants}, got {tuple(constants)}")
        record = self.record(**fields)
        reads, writes = self.accesses(record, **constants) if constants else self.accesses(record)
        return Row(self._name(constants), record, tuple(map(_access, reads)), tuple(map(_access, writes)))

    def pack(self, record: Any, base: Callable[[Pointer], int]) -> list[int]:
        """The record as int64 values: pointers by ``base``, floats by their bits."""
        packed = []
        for name, value in zip(self.record._fields, record, strict=True):
            if isinstance(value, Pointer):
                packed.append(base(value))
            elif name in self.floats:
                packed.append(struct.unpack("<q", struct.pack("<d", value))[0])
            else:
                packed.append(int(value))
        return packed


def _access(pair: tuple[Any, int]) -> Access:
    start, extent = pair
    return Access(start.space, start.offset, extent) if isinstance(start, Pointer) else Access(ARENA, start, extent)


def _only_one(isa: str) -> Sequence[Constants]:
    return [{}]


def kernel(accesses: AccessRule, variants: VariantRule = _only_one) -> Callable[[Callable[..., None]], Kernel]:
    """Register a kernel. ``accesses(record, **constants)`` says what a record reads and writes.

    ``variants(isa)`` lists the choices of constants that set-up compiles ahead: all that a network can need. A kernel without
    constants has one; a kernel that no network calls has none.
    """

    def register(function: Callable[..., None]) -> Kernel:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        constants = tuple(p.name for p in parameters if p.name.isupper())
        fields = [p for p in parameters if not p.name.isupper()]
        record = namedtuple(function.__name__, [p.name for p in fields])  # type: ignore[misc]
        made = Kernel(
            function.__name__, function, constants, record, frozenset(p.name for p in fields if p.annotation == "float"), accesses, variants
        )
        KERNELS[made.name] = made
        return made

    return register


def parse_name(name: str) -> tuple[Kernel, Constants]:
    """The family and constants that a row's kernel name stands for."""
    family, _, rest = name.partition(":")
    constants: Constants = {}
    for part in rest.split(",") if rest else ():
        key, _, value = part.partition("=")
        constants[key] = int(value) if value.isdigit() else value
    return KERNELS[family], constants


def source_of(name: str, dtype: str, width: int) -> str:
    """The module text that compiles to kernel ``name``: one function ``kernel(memory, row)``."""
    family, constants = parse_name(name)
    tree = ast.parse(textwrap.dedent(inspect.getsource(family.function)))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    names = _constants_of(family.function) | constants | {"WIDTH": width}
    prelude = [
        ast.parse(f"{field} = {'get_float_bits' if field in family.floats else 'get_field'}(row, {i})").body[0]
        for i, field in enumerate(family.record._fields)
    ]
    body = _Unroller(names).expand(function.body[1:] if ast.get_docstring(function) else function.body)
    text = ast.unparse(ast.fix_missing_locations(ast.Module([*prelude, *body], [])))
    blocks = ""
    if "VECTORS" in constants and "ROWS" in constants:
        blocks = f'globals().update(block_words("{dtype}", {width}, {constants["ROWS"]}, {constants["VECTORS"]}))\n'
    return (
        f'"""{name} for {dtype} in vectors of {width}, written out by playground.kernels.template."""\n'
        "import math\n\nfrom playground.kernels.blocks import block_words\nfrom playground.kernels.simd import vocabulary\n\n"
        f'globals().update(vocabulary("{dtype}", {width}))\n{blocks}\n\n'
        f"def kernel(memory, row):\n{textwrap.indent(text, '    ')}\n"
    )


def _constants_of(function: Callable[..., None]) -> dict[str, Any]:
    """Module constants in CAPITALS that the function may name."""
    return {key: value for key, value in function.__globals__.items() if key.isupper() and isinstance(value, int | float | str)}


class _Unroller(ast.NodeTransformer):
    """Puts constants in place, drops branches they decide, writes ``unroll`` loops out, turns ``c[0, 1]`` into a name."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def expand(self, body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in body:
            made = self.visit(_copy(statement))
            result += made if isinstance(made, list) else [made]
        return result

    def visit_Assign(self, node: ast.Assign) -> Any:
        value = node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "registers":
            return []
        return self.generic_visit(node)

    def visit_For(self, node: ast.For) -> Any:
        call = node.iter
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "unroll":
            (argument,) = call.args
            count = _evaluate(self.visit(argument))
            assert isinstance(node.target, ast.Name)
            result = []
            for i in range(int(count)):
                result += _Unroller({**self.names, node.target.id: i}).expand(node.body)
            return result
        node.iter = self.visit(node.iter)
        node.body = self.expand(node.body)
        return node

    def visit_While(self, node: ast.While) -> Any:
        node.test = self.visit(node.test)
        node.body = self.expand(node.body)
        return node

    def visit_If(self, node: ast.If) -> Any:
        node.test = self.visit(node.test)
        try:
            chosen = node.body if _evaluate(node.test) else node.orelse
        except ValueError:
            node.body, node.orelse = self.expand(node.body), self.expand(node.orelse)
            return node
        return self.expand(chosen)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        index = self.visit(node.slice)
        try:
            numbers = _evaluate(index)
        except ValueError:
            return ast.Subscript(self.visit(node.value), index, node.ctx)
        assert isinstance(node.value, ast.Name)
        numbers = numbers if isinstance(numbers, tuple) else (numbers,)
        return ast.Name("_".join([node.value.id, *map(str, numbers)]), node.ctx)

    def visit_Call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id in CHOSEN:
            chosen = _evaluate(self.visit(node.args[0]))
            node = ast.Call(ast.Name(f"{node.func.id}_{chosen}", ast.Load()), node.args[1:], [])
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> Any:
        return ast.Constant(self.names[node.id]) if node.id in self.names and isinstance(node.ctx, ast.Load) else node


def _copy(node: Tree) -> Tree:
    """A tree of its own. ``copy.deepcopy``, which also asks what was copied before, takes ten times as long."""
    if not node._fields:  # an operator, or how a name is used: the parser shares them as well
        return node
    fields = {}
    for field in node._fields:
        value = getattr(node, field)
        if value.__class__ is list:
            value = [_copy(item) if isinstance(item, ast.AST) else item for item in value]
        elif isinstance(value, ast.AST):
            value = _copy(value)
        fields[field] = value
    return node.__class__(**fields)


def _evaluate(node: ast.expr) -> Any:
    """The value of an expression of constants; ValueError if it has any name or call."""
    if isinstance(node, ast.Constant):
        return node.value
    if any(isinstance(part, ast.Name | ast.Call | ast.Subscript | ast.Attribute) for part in ast.walk(node)):
        raise ValueError
    return eval(compile(ast.fix_missing_locations(ast.Expression(node)), "<constant>", "eval"))
