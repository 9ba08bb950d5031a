"""Columns of numbers from a CSV file that nobody has checked: bounded, and every complaint with its line."""

from __future__ import annotations

import csv
import itertools
import math
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from playground.data.files import read_text
from playground.data.spec import Array
from playground.errors import DataError
from playground.sentences import say
from playground.turns import give_way

LARGEST = 64 << 20
MOST_ROWS, MOST_COLUMNS, LONGEST_NAME = 1_000_000, 500, 80
MOST = 1e30  # as far as float32 holds means and deviations with room to spare
SEPARATORS = ",;\t"
REMEDY = say("Choose a CSV file: one row a step of time, its columns parted by commas, semicolons or tabs.")


@dataclass(frozen=True, slots=True)
class Head:
    """``names`` of all columns, which of them hold ``numbers`` in the first row, whether that row comes after one of names, and what
    parts the cells."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    named: bool
    separator: str


def head(path: Path) -> Head:
    """What the first two rows tell. Raises :class:`DataError` where no column holds a number."""
    return _head(read_text(path, LARGEST, REMEDY), path)


def _head(lines: Iterator[str], path: Path) -> Head:
    text = list(itertools.islice((line for line in lines if line.strip()), 2))
    if not text:
        raise DataError("expected rows of numbers, got nothing.", where=str(path), remedy=REMEDY)
    text[0] = text[0].removeprefix("\ufeff")
    separator = max(SEPARATORS, key=lambda one: (text[0].count(one), -SEPARATORS.index(one)))
    try:
        rows = list(csv.reader(text, delimiter=separator))
    except csv.Error as error:
        raise DataError(
            say("expected comma-separated values ({error}).", error=error), where=say("{path}, line 1", path=path), remedy=REMEDY
        ) from None
    if len(rows[0]) > MOST_COLUMNS:
        got = f"{len(rows[0]):,}"
        raise DataError(
            say("expected at most {most_columns:,} columns, got {got}.", most_columns=MOST_COLUMNS, got=got),
            where=say("{path}, line 1", path=path),
            remedy=REMEDY,
        )
    named = len(rows) > 1 and all(number(cell, separator) is None for cell in rows[0])
    names = _names(rows[0]) if named else tuple(f"column {at + 1}" for at in range(len(rows[0])))
    first = rows[1 if named else 0]
    numbers = tuple(name for name, cell in zip(names, first, strict=False) if number(cell, separator) is not None)
    if not numbers:
        raise DataError(
            "expected at least one column of numbers, got none.",
            where=say("{path}, line {named}", path=path, named=1 + named),
            remedy=REMEDY,
        )
    return Head(names, numbers, named, separator)


def _names(cells: list[str]) -> tuple[str, ...]:
    """Names that a label can show, no two alike."""
    names: list[str] = []
    for at, cell in enumerate(cells):
        name = "".join(letter if letter.isprintable() else " " for letter in cell).strip()[:LONGEST_NAME] or f"column {at + 1}"
        names.append(name if name not in names else f"{name} ({at + 1})")
    return tuple(names)


def number(cell: str, separator: str = ",") -> float | None:
    """The finite number that ``cell`` spells, ``None`` if it spells none. With semicolons or tabs a comma may stand for the point."""
    cell = cell.strip()
    if separator != "," and re.fullmatch(r"[+-]?\d+,\d+", cell):
        cell = cell.replace(",", ".")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def read(path: Path, wanted: tuple[str, ...]) -> tuple[Array, int]:
    """The columns called ``wanted``, float64 (rows, columns), and the line of the first row.

    Raises :class:`DataError` with the line on a row too short, a cell that is no number, and on more than :data:`MOST_ROWS`.
    """
    text = read_text(path, LARGEST, REMEDY)
    known = _head(text, path)
    text.seek(0)
    missing = [name for name in wanted if name not in known.names]
    if missing:
        there = ", ".join(known.names[:8])
        raise DataError(
            say("there is no column {missing!r}; there are {there}.", missing=missing[0], there=there),
            where=str(path),
            remedy="Choose the columns again.",
        )
    places = [known.names.index(name) for name in wanted]
    reader = csv.reader(text, delimiter=known.separator)

    def bad(expected: str, got: str) -> DataError:
        return DataError(
            say("expected {expected}, got {got}.", expected=expected, got=got),
            where=say("{path}, line {line_num}", path=path, line_num=reader.line_num),
            remedy="Mend the file.",
        )

    values = array("d")  # as list of rows it is made an array at once, which keeps the interpreter
    first = 0
    skip = known.named
    try:
        for cells in reader:
            give_way()
            if not any(cell.strip() for cell in cells):
                continue
            if skip:
                skip = False
                continue
            first = first or reader.line_num
            if len(cells) < len(known.names):
                raise bad(say("{count} cells", count=len(known.names)), str(len(cells)))
            if len(values) == MOST_ROWS * len(wanted):
                raise bad(say("at most {most:,} rows", most=MOST_ROWS), say("more"))
            for place, name in zip(places, wanted, strict=True):
                value = number(cells[place].removeprefix("\ufeff"), known.separator)
                if value is None:
                    raise bad(
                        say("a number in {name!r}", name=name), repr(cells[place][:40]) if cells[place].strip() else say("an empty cell")
                    )
                if abs(value) > MOST:
                    raise bad(say("numbers of at most {most:g} in {name!r}", most=MOST, name=name), f"{value:g}")
                values.append(value)
    except csv.Error as error:
        raise bad(say("comma-separated values"), str(error)) from None
    return np.frombuffer(values, np.float64).reshape(-1, len(wanted)), first


def times(path: Path, target: str) -> tuple[str, ...]:
    """What the first column calls each row that :func:`read` reads; nothing where that column is the ``target`` itself."""
    text = read_text(path, LARGEST, REMEDY)
    known = _head(text, path)
    if known.names[0] == target:
        return ()
    text.seek(0)
    rows = (cells for cells in csv.reader(text, delimiter=known.separator) if any(cell.strip() for cell in cells))
    return tuple(cells[0].removeprefix("\ufeff").strip()[:LONGEST_NAME] for cells in itertools.islice(rows, int(known.named), None))
