"""Declared fields: one description serves the inspector, the command line, the checks and the file format."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from playground.errors import FieldError
from playground.sentences import Sentence, say

LARGEST_SIZE = 2**31 - 1
"""Most that one axis of a shape may hold."""
KINDS = ("int", "float", "bool", "choice", "shape", "pair", "padding", "text", "names", "classes")
LONGEST_TEXT = 4096
MOST_NAMES = 1000
PADDING_WORDS = ("valid", "same")
"""Paddings by name, as Keras and TensorFlow have them: none; as much as keeps the size at stride 1."""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a layer type, an optimizer, a data set or the training.

    ``kind`` is one of :data:`KINDS`. ``minimum`` and ``maximum`` are inclusive. ``live`` says that a change takes
    effect mid-run without a reset. ``optional`` admits ``None``, which
    editors call ``empty``. ``shown_when`` names another field of the same owner
    and the values of it for which this one means anything.

    A ``pair`` is one whole number for both axes of a picture or one for each, rows first: ``5`` or ``(3, 5)``, in JSON ``[3, 5]``.
    A ``padding`` is one of :data:`PADDING_WORDS`, or cells added at both ends of every axis: a number, and where there are two
    ``axes`` a pair too. Two equal numbers are kept as one. Bounds hold for each number.
    ``classes`` are two or more class numbers up to ``maximum``, in order: ``(0, 1, 2, 7)``, typed ``0-2, 7``.
    A ``text`` is one line, ``names`` are a list of such. What is ``found`` was told by the user's files when they were chosen: it is
    kept so that they are known without being read, and has no editor. A ``text`` may be chosen ``of`` the names in that field of the same
    owner: one of them or, of ``several``, some, parted by commas as in a CSV file; editors call an empty one ``empty``.
    """

    name: str
    kind: str
    default: Any
    help: str
    label: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    live: bool = False
    optional: bool = False
    empty: str = "none"
    shown_when: tuple[str, tuple[Any, ...]] | None = None
    axes: int = 2
    found: bool = False
    of: str = ""
    several: bool = False

    @property
    def title(self) -> str:
        """What the inspector prints beside the editor."""
        return self.label or self.name.replace("_", " ").capitalize()

    def check(self, value: Any, where: str = "") -> Any:
        """Return ``value`` in its canonical Python type; raise :class:`FieldError` when it does not fit."""
        if value is None:
            if self.optional:
                return None
            raise self._error(value, where)
        if self.kind == "bool":
            if isinstance(value, bool):
                return value
        elif self.kind == "choice":
            if isinstance(value, str) and value in self.choices:
                return value
        elif self.kind == "int":
            if _is_number(value) and value == int(value):
                return self._bounded(int(value), where)
        elif self.kind == "float":
            if _is_number(value):
                return self._bounded(float(value), where)
        elif self.kind == "shape" and _is_shape(value):
            return tuple(int(size) for size in value)
        elif self.kind == "padding" and isinstance(value, str) and value in PADDING_WORDS:
            return value
        elif self.kind in ("pair", "padding"):
            return self._per_axis(value, where)
        elif self.kind == "text" and _is_line(value):
            return value
        elif self.kind == "names" and isinstance(value, list | tuple) and len(value) <= MOST_NAMES and all(map(_is_line, value)):
            return tuple(value)
        elif self.kind == "classes" and self._are_classes(value):
            return tuple(sorted({int(number) for number in value}))
        raise self._error(value, where)

    def expectation(self) -> Sentence:
        """What a fitting value is, in words: ``"a whole number from 1 to 8192"``."""
        if self.kind == "choice":
            return say("one of {choices}", choices=", ".join(self.choices))
        if self.kind == "bool":
            return say("true or false")
        if self.kind == "shape":
            return say("a list of positive whole numbers, such as 1, 28, 28")
        if self.kind == "pair":
            return say("{number}, or two (rows, columns), such as 3, 5", number=self._range(say("a whole number")))
        if self.kind == "padding":
            return say("{words} or {number}", words=", ".join(PADDING_WORDS), number=self._range(say("a whole number")))
        if self.kind == "text":
            return say("a line of text of at most {most:,} letters", most=LONGEST_TEXT)
        if self.kind == "names":
            return say("a list of at most {most:,} names", most=MOST_NAMES)
        if self.kind == "classes":
            return say("two or more class numbers from 0 to {most:.10g}, such as 0-4 or 1, 7", most=self.maximum or 0)
        return self._range(say("a whole number") if self.kind == "int" else say("a number"))

    def _range(self, number: Sentence) -> Sentence:
        if self.minimum is not None and self.maximum is not None:
            return say("{number} from {least:.10g} to {most:.10g}", number=number, least=self.minimum, most=self.maximum)
        if self.minimum is not None:
            return say("{number} of at least {least:.10g}", number=number, least=self.minimum)
        if self.maximum is not None:
            return say("{number} of at most {most:.10g}", number=number, most=self.maximum)
        return number

    def _per_axis(self, value: Any, where: str) -> int | tuple[int, int]:
        """One number for all axes, or one for each of two."""
        numbers = (value,) if isinstance(value, Real) else value
        if not isinstance(numbers, list | tuple) or len(numbers) not in {1, self.axes} or not all(map(_is_whole, numbers)):
            raise self._error(value, where)
        for number in numbers:
            if (self.minimum is not None and number < self.minimum) or (self.maximum is not None and number > self.maximum):
                raise self._error(value, where)
        first, last = int(numbers[0]), int(numbers[-1])
        return first if first == last else (first, last)

    def _are_classes(self, value: Any) -> bool:
        whole = isinstance(value, list | tuple) and len(value) <= MOST_NAMES and all(map(_is_whole, value))
        return whole and len(set(value)) > 1 and min(value) >= 0 and max(value) <= (self.maximum or 0)

    def _bounded(self, value: Any, where: str) -> Any:
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise self._error(value, where)
        return value

    def _error(self, value: Any, where: str) -> FieldError:
        place = f"{where}.{self.name}" if where else self.name
        text = repr(value)
        shown = text if len(text) <= 60 else f"{text[:60]} ..."
        message = say("expected {expectation}, got {shown}.", expectation=self.expectation(), shown=shown)
        return FieldError(message, where=place, options=(self.name,))


def _is_number(value: Any) -> bool:
    """Whether ``value`` is a finite real number that a float can hold: Python's or numpy's, but not true or false."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _is_whole(value: Any) -> bool:
    return _is_number(value) and value == int(value)


def _is_line(value: Any) -> bool:
    """Text that a file can hold and a label can show: no control characters, no halves of letters."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in value)


def _is_shape(value: Any) -> bool:
    sizes = isinstance(value, list | tuple) and len(value) > 0
    return sizes and all(isinstance(size, Integral) and not isinstance(size, bool) and 0 < int(size) <= LARGEST_SIZE for size in value)


def whole_numbers(text: str) -> tuple[int, ...]:
    """The numbers of a typed ``shape`` or ``pair``: ``"3, 5"``, ``"3×5"``, ``"[3, 5]"``. Raises ValueError where something else stands."""
    return tuple(int(part) for part in re.split(r"[,;x×\s]+", text.strip(" ()[]").removesuffix(",")))


def class_numbers(text: str) -> tuple[int, ...]:
    """The numbers of typed ``classes``: ``"0-4, 7"``. Raises ValueError where something else stands, or a range is longer than
    :data:`MOST_NAMES`."""
    numbers: list[int] = []
    for part in text.replace("\N{EN DASH}", "-").split(","):
        first, _, last = part.partition("-")
        ends = int(first), int(last or first)
        if ends[1] - ends[0] >= MOST_NAMES:
            raise ValueError(part)
        numbers += range(ends[0], ends[1] + 1)
    return tuple(numbers)


def defaults(fields: Iterable[Field]) -> dict[str, Any]:
    """The default of every field, by name."""
    return {field.name: field.default for field in fields}


def find(fields: Iterable[Field], name: str, where: str = "") -> Field:
    """The field called ``name``; raise :class:`FieldError` that lists the names there are."""
    known = tuple(fields)
    for field in known:
        if field.name == name:
            return field
    has = ", ".join(field.name for field in known) or say("none")
    raise FieldError(say("there is no field {name!r}; it has {has}.", name=name, has=has), where=where)


def complete(fields: Iterable[Field], values: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Checked ``values`` with the defaults filled in; raise :class:`FieldError` on an unknown name or a bad value."""
    known = tuple(fields)
    for name in values:
        find(known, name, where)
    return {field.name: field.check(values.get(field.name, field.default), where) for field in known}


def describe(field: Field) -> dict[str, Any]:
    """The public description that ``main.py layers --json`` prints."""
    return {
        "name": field.name,
        "kind": field.kind,
        "default": field.default,
        "choices": list(field.choices),
        "minimum": field.minimum,
        "maximum": field.maximum,
        "help": field.help,
    }


def names_in(text: str) -> list[str]:
    """The names in ``text``, parted by commas; one with a comma of its own stands in quotation marks."""
    return [name.strip() for name in next(csv.reader([text.replace("\n", " ")], skipinitialspace=True), [])]


def named(names: Iterable[str]) -> str:
    """``names`` as :func:`names_in` reads them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()
