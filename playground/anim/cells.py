"""The cells of a stage: its single numbers in order, named without being listed, for a matrix has hundreds of thousands."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

Shape = tuple[int, ...]
_PLACE = r"([0-9]+(?:,[0-9]+)*)"
_NAME = re.compile(rf"([A-Za-z_][A-Za-z0-9_]*)(?:\[{_PLACE}\])?|{_PLACE}")


@dataclass(frozen=True, slots=True)
class Cells(Sequence[str]):
    """Parts of named arrays, one after the other, each in reading order.

    The nameless part's cells are called ``"3"`` or ``"0,4"``, those of a parameter ``"weight[0,4]"``.
    """

    parts: tuple[tuple[str, Shape], ...] = ()

    def __len__(self) -> int:
        return sum(math.prod(shape) for _, shape in self.parts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        part, place = self.place(index)
        numbers = ",".join(map(str, place))
        return f"{part}[{numbers}]" if part and numbers else part or numbers

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(len(self)))

    def place(self, index: int) -> tuple[str, tuple[int, ...]]:
        """The part that cell ``index`` lies in, and where within its array. Raises IndexError beyond the last one."""
        if index < 0:
            index += len(self)
        for part, shape in self.parts:
            size = math.prod(shape)
            if 0 <= index < size:
                found = []
                for length in reversed(shape):
                    index, at = divmod(index, length)
                    found.append(at)
                return part, tuple(reversed(found))
            index -= size
        raise IndexError("there is no such cell")

    def find(self, part: str, place: tuple[int, ...]) -> int | None:
        """The index of a cell; ``None`` where there is none. An empty ``place`` is the part's first, one number alone the cell of
        that number in reading order, where the part has no name."""
        start = 0
        for name, shape in self.parts:
            if name == part:
                place = place or (0,) * len(shape)
                if not name and len(place) == 1 and len(shape) > 1:
                    return start + place[0] if place[0] < math.prod(shape) else None
                if len(place) != len(shape) or any(at >= length for at, length in zip(place, shape, strict=True)):
                    return None
                index = 0
                for at, length in zip(place, shape, strict=True):
                    index = index * length + at
                return start + index
            start += math.prod(shape)
        return None

    def of_unit(self, unit: int) -> int | None:
        """The cell of entry ``unit`` of the nameless part, which is a node's output, in reading order; ``None`` where there is none."""
        return self.find("", (unit,) if dict(self.parts).get("") else ())

    def named(self, name: str) -> int | None:
        """The index of the cell called ``name``; a part's bare name means its first cell. ``None`` where there is none."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        numbers = match[2] or match[3]
        place = tuple(map(int, numbers.split(","))) if numbers else ()
        return self.find(match[1] or "", place)
