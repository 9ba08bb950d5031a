"""Pickled arrays without pickle: a machine of its own that knows lists, dictionaries, numbers, text, bytes and NumPy arrays of numbers.

A pickle is a program; unpickling runs it, and it may name any function. Here its instructions are read one by one
(``pickletools.genops``, which runs none) and only those are carried out that build plain values. Of functions three names are admitted,
those by which NumPy's arrays are made, and even these are not called: the array is put together here, from a shape, a type and bytes
that are checked. Everything else is refused. Memory stays at a few times the file's size.
"""

from __future__ import annotations

import math
import pickletools
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.data.spec import Array
from playground.errors import DataError
from playground.sentences import say

REMEDY = say("Take a fresh copy of the file, or the binary version of the data set, which is no pickle.")
RECONSTRUCT = frozenset({"numpy.core.multiarray _reconstruct", "numpy._core.multiarray _reconstruct"})
NDARRAY, DTYPE = "numpy ndarray", "numpy dtype"
TEXT_OF_BYTES = "_codecs encode"  # how Python 3 writes bytes for Python 2
TYPES = {"u1": np.uint8, "i1": np.int8, "i4": np.int32, "i8": np.int64, "f4": np.float32, "f8": np.float64}
MOST_STEPS = 5_000_000

VALUES = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING", "SHORT_BINSTRING"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    )
)
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
NOTHING = frozenset({"PROTO", "FRAME", "STOP"})


@dataclass(frozen=True)
class _Name:
    """A name out of a module: never looked up."""

    text: str


class _Type:
    """A NumPy type in the making."""

    def __init__(self, code: Any) -> None:
        if isinstance(code, bytes):
            code = code.decode("ascii", "replace")
        self.order = "<"
        if code not in TYPES:
            raise _RefusedError(say("an array of type {code!r}", code=str(code)[:20]))
        self.type: Any = TYPES[code]


class _Array:
    """A NumPy array in the making."""

    value: Array | None = None


class _RefusedError(Exception):
    """What the program asked for."""


def load(content: bytes, where: str) -> Any:
    """What the pickle ``content`` builds. Text of Python 2 is bytes, as ``pickle.load(..., encoding="bytes")`` has it.

    Raises :class:`DataError` on anything but plain values and arrays of numbers, and on damaged bytes.
    """
    machine = _Machine(len(content))
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(content)):
            if step > MOST_STEPS:
                raise _RefusedError(say("more than {most_steps:,} steps", most_steps=MOST_STEPS))
            machine.obey(opcode.name, argument)
        (value,) = machine.stack
        return value.value if isinstance(value, _Array) else value
    except _RefusedError as error:
        raise DataError(
            say("only arrays, numbers, bytes and text are read; it holds {error}.", error=error), where=where, remedy=REMEDY
        ) from None
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, UnicodeError, RecursionError) as error:
        reason = str(error).split("\n")[0][:100] or type(error).__name__
        raise DataError(say("expected a pickle, but it is damaged ({reason}).", reason=reason), where=where, remedy=REMEDY) from None


class _Machine:
    def __init__(self, size: int) -> None:
        self.stack: list[Any] = []
        self._below: list[list[Any]] = []  # what lay there when a list, tuple or dictionary was begun
        self._memo: dict[int, Any] = {}
        self._left = 4 * size + 1024  # bytes of copies, all together

    def obey(self, name: str, argument: Any) -> None:
        """Carry one instruction out, or refuse it."""
        stack = self.stack
        if name in NOTHING:
            return
        if name in VALUES:
            stack.append(_bytes(argument) if name in ("STRING", "BINSTRING", "SHORT_BINSTRING") else argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "MARK":
            self._below.append(stack)
            self.stack = []
        elif name in ("EMPTY_LIST", "EMPTY_DICT", "EMPTY_TUPLE"):
            stack.append([] if name == "EMPTY_LIST" else {} if name == "EMPTY_DICT" else ())
        elif name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            self._memo[len(self._memo) if name == "MEMOIZE" else int(argument)] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self._memo[int(argument)])
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name in ("TUPLE", "LIST", "DICT"):
            items = self._since_mark()
            self.stack.append(tuple(items) if name == "TUPLE" else items if name == "LIST" else _paired({}, items))
        elif name in ("APPEND", "APPENDS"):
            items = [stack.pop()] if name == "APPEND" else self._since_mark()
            _of(list, self.stack[-1]).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = [stack.pop(-2), stack.pop()] if name == "SETITEM" else self._since_mark()
            _paired(_of(dict, self.stack[-1]), items)
        elif name == "GLOBAL":
            stack.append(_admitted(str(argument)))
        elif name == "STACK_GLOBAL":
            word, module = stack.pop(), stack.pop()
            stack.append(_admitted(f"{module} {word}"))
        elif name == "REDUCE":
            given = _of(tuple, stack.pop())
            stack.append(self._made(stack.pop(), given))
        elif name == "BUILD":
            state = _of(tuple, stack.pop())
            self._built(stack[-1], state)
        else:
            raise _RefusedError(say("the instruction {name}", name=name))

    def _since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self._below.pop()
        return items

    def _made(self, name: Any, given: tuple[Any, ...]) -> Any:
        """What calling an admitted name would give."""
        text = _of(_Name, name).text
        if text in RECONSTRUCT and given and given[0] == _Name(NDARRAY):
            return _Array()
        if text == DTYPE and given:
            return _Type(given[0])
        if text == TEXT_OF_BYTES and len(given) == 2 and given[1] in ("latin1", b"latin1"):
            self._spend(len(given[0]))
            return _of(str, given[0]).encode("latin1")
        raise _RefusedError(say("a call of {text}", text=text))

    def _built(self, made: Any, state: tuple[Any, ...]) -> None:
        """The state of a type (its byte order) or of an array: (version, shape, type, column by column, bytes)."""
        if isinstance(made, _Type):
            if len(state) < 2 or state[1] not in ("<", ">", "|", "=", b"<", b">", b"|", b"="):
                raise _RefusedError("a type of several parts")
            order = state[1].decode() if isinstance(state[1], bytes) else state[1]
            made.order = "<" if order == "=" else order
            return
        array = _of(_Array, made)
        _, shape, kind, columns_first, content = state
        content = content.encode("latin1") if isinstance(content, str) else _of(bytes, content)
        dtype = np.dtype(_of(_Type, kind).type).newbyteorder(kind.order)
        if any(type(length) is not int or length < 0 for length in _of(tuple, shape)) or math.prod(shape) * dtype.itemsize != len(content):
            raise ValueError(f"{len(content):,} bytes for an array of {shape}")
        self._spend(len(content))
        flat = np.frombuffer(content, dtype).astype(dtype.newbyteorder("="))
        array.value = flat.reshape(shape[::-1]).transpose() if columns_first else flat.reshape(shape)

    def _spend(self, count: int) -> None:
        """A value may be copied, but not again and again."""
        self._left -= count
        if self._left < 0:
            raise _RefusedError("the same bytes many times over")


def _bytes(text: Any) -> Any:
    return text.encode("latin1") if isinstance(text, str) else text


def _admitted(name: str) -> _Name:
    if name not in {*RECONSTRUCT, NDARRAY, DTYPE, TEXT_OF_BYTES}:
        raise _RefusedError(say("the name {name!r}", name=name[:60]))
    return _Name(name)


def _of(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise _RefusedError(say("a {name} where a {name2} belongs", name=type(value).__name__, name2=kind.__name__))
    return value


def _paired(into: dict[Any, Any], items: list[Any]) -> dict[Any, Any]:
    keys = items[::2]
    if len(items) % 2 or any(type(key) not in (str, bytes, int) for key in keys):
        raise ValueError("a dictionary's keys are text or numbers")
    into.update({key: value.value if isinstance(value, _Array) else value for key, value in zip(keys, items[1::2], strict=True)})
    return into
