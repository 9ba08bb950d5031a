"""Logical operations to rows: the registry that ``expand`` looks in. Each family of kernels registers its own, with what the engine
must know of it: which roles it writes, whether it adds up micro-batches, the work space it needs."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.errors import EngineError
from playground.kernels.types import ARENA, Pointer, Region, Row, Target, extent_of

Roles = Mapping[str, Any]
"""Role name to Region, list of Regions, or None."""
Options = Mapping[str, Any]
Expander = Callable[[Roles, Options, Target], list[Row]]
ScratchRule = Callable[[Roles, Options, Target], int]

CONTROL_BLOCK = Pointer("control", 0)
"""What a record's ``control`` field holds: the block's first slot."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What the engine must know of an operation; see :func:`operation`."""

    expander: Expander
    writes: tuple[str, ...]
    scratch: ScratchRule | None
    accumulates: bool
    batchwise: bool


_OPERATIONS: dict[str, Registration] = {}


def operation(
    name: str,
    *,
    writes: tuple[str, ...] = (),
    scratch: ScratchRule | None = None,
    accumulates: bool = False,
    batchwise: bool = False,
) -> Callable[[Expander], Expander]:
    """Register the expander of an operation.

    ``writes`` are the roles it writes; all others it reads. ``scratch`` gives the elements of work space it needs.
    ``accumulates`` is for gradients of parameters: the operation obeys option ``accumulate``, which the plan sets where a step
    has several micro-batches (add to what is there in all but the step's first; ``matmul.ADD_LATER``). ``batchwise``: what it makes
    of a sample hangs on all samples of the batch, so that it needs the whole batch in its lanes.
    """

    def register(function: Expander) -> Expander:
        _OPERATIONS[name] = Registration(function, writes, scratch, accumulates, batchwise)
        return function

    return register


def find(name: str) -> Registration:
    """The operation called ``name``; :class:`~playground.errors.EngineError` guesses what was meant and lists those there are."""
    if name not in _OPERATIONS:
        close = difflib.get_close_matches(name, _OPERATIONS, n=1)
        guess = f"Did you mean '{close[0]}'? " if close else ""
        raise EngineError(f"there is no operation '{name}'.", remedy=f"{guess}Known: {', '.join(sorted(_OPERATIONS))}.")
    return _OPERATIONS[name]


def expand(name: str, roles: Roles, options: Options, target: Target) -> list[Row]:
    """The rows that compute operation ``name`` of the table in ARCHITECTURE, in order.

    ``roles`` map the table's names to regions. Where :func:`scratch_for` asks for work space, role ``scratch`` is an
    arena region of at least that extent; one region serves all operations, as nothing in it outlives an operation.
    Raises :class:`~playground.errors.EngineError` for an unknown operation, a role that is missing or does not fit, and rows
    that would touch the arena outside the roles' regions.
    """
    found = find(name)
    needed = scratch_for(name, roles, options, target)
    if needed and (roles.get("scratch") is None or roles["scratch"].extent < needed):
        raise EngineError(
            f"operation '{name}' needs {needed} elements of scratch.", remedy="This is an error in the program: please report it."
        )
    try:
        rows = found.expander(roles, options, target)
    except KeyError as error:
        raise EngineError(f"operation '{name}' wants role or option {error}; it got {', '.join([*roles, *options])}.") from error
    _check_roles(name, found, roles, rows)
    return rows


def _regions(roles: Roles, names: Iterable[str]) -> list[Region]:
    given = (roles.get(name) for name in names)
    return [region for role in given if role is not None for region in as_list(role) if region is not None]


def _spans(regions: Iterable[Region]) -> list[tuple[int, int]]:
    """Where those of the arena begin and end."""
    return [(region.start, region.start + region.extent) for region in regions if region.space == ARENA]


def _check_roles(name: str, found: Registration, roles: Roles, rows: Sequence[Row]) -> None:
    """Rows keep to the regions of their roles: a parameter where a value of many lanes was meant is caught here."""
    written = _regions(roles, found.writes)
    if len({(region.space, region.start) for region in written}) < len(written):
        raise EngineError(
            f"operation '{name}' would write one place twice.",
            remedy="Give each written role a value of its own, then add them up with operation 'sum'.",
        )
    readable, writable = _spans(_regions(roles, roles)), _spans([*written, *_regions(roles, ("scratch",))])
    for row in rows:
        for verb, accesses, spans in (("reads", row.reads, readable), ("writes", row.writes, writable)):
            for space, start, extent in accesses:
                if space != ARENA:
                    continue
                end = start + extent
                for begin, stop in spans:
                    if begin <= start and end <= stop:
                        break
                else:
                    shapes = ", ".join(f"{role} {[r.shape for r in _regions(roles, [role])]}" for role in roles if role != "scratch")
                    raise EngineError(
                        f"operation '{name}' ({row.kernel}) {verb} outside its roles: {shapes}.",
                        remedy="A parameter has no lanes: an operation on values cannot take one. Check 'writes' of the operation, too.",
                    )


def scratch_for(name: str, roles: Roles, options: Options, target: Target) -> int:
    """Elements of scratch that ``expand`` of the same arguments needs (0 for most)."""
    rule = find(name).scratch
    return rule(roles, options, target) if rule else 0


def operation_names() -> tuple[str, ...]:
    """All known operations."""
    return tuple(sorted(_OPERATIONS))


def writes_of(name: str) -> tuple[str, ...]:
    """The roles that operation ``name`` writes; :class:`~playground.errors.EngineError` if there is none of that name."""
    return find(name).writes


def accumulates(name: str) -> bool:
    """Whether operation ``name`` can add up micro-batches, as the gradient of a parameter must."""
    return find(name).accumulates


def batchwise(name: str) -> bool:
    """Whether operation ``name`` needs the whole batch in its lanes."""
    return find(name).batchwise


def size_of(region: Region) -> int:
    """Elements of one sample."""
    return math.prod(region.shape)


def vector_count(region: Region, target: Target) -> int:
    """Elements to run over a whole value in full vectors: it may end in the value's own padding."""
    return -(-size_of(region) * target.lanes // target.width) * target.width


def start_of(region: Region) -> int | Pointer:
    """What a record says of a region: an arena element, or a pointer into another space."""
    return region.start if region.space == "arena" else Pointer(region.space, region.start)


def same_sizes(name: str, *regions: Region) -> None:
    """Raise EngineError unless all regions hold as many elements a sample."""
    if len({size_of(region) for region in regions}) > 1:
        raise EngineError(f"operation '{name}' got shapes {', '.join(str(region.shape) for region in regions)}.")


def as_list(regions: Region | Sequence[Region]) -> list[Region]:
    """One region or many, as a list."""
    return [regions] if isinstance(regions, Region) else list(regions)


def whole(region: Region, target: Target) -> int:
    """Elements that a value of this region's shape takes."""
    return extent_of(region.shape, target.lanes)
