"""Logical operations to rows: the registry that ``expand`` looks in. Each family of kernels registers its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playground.errors import EngineError
from playground.kernels.types import Pointer, Region, Row, Target, extent_of

Roles = Mapping[str, Any]
"""Role name to Region, list of Regions, or None."""
Options = Mapping[str, Any]
Expander = Callable[[Roles, Options, Target], list[Row]]
ScratchRule = Callable[[Roles, Options, Target], int]

_EXPANDERS: dict[str, Expander] = {}
_SCRATCH: dict[str, ScratchRule] = {}

CONTROL_BLOCK = Pointer("control", 0)
"""What a record's ``control`` field holds: the block's first slot."""


def operation(name: str, scratch: ScratchRule | None = None) -> Callable[[Expander], Expander]:
    """Register the expander of an operation; ``scratch`` gives the elements of work space it needs."""

    def register(function: Expander) -> Expander:
        _EXPANDERS[name] = function
        if scratch:
            _SCRATCH[name] = scratch
        return function

    return register


def expand(name: str, roles: Roles, options: Options, target: Target) -> list[Row]:
    """The rows that compute operation ``name`` of the table in ARCHITECTURE, in order.

    ``roles`` map the table's names to regions. Where :func:`scratch_for` asks for work space, role ``scratch`` is an
    arena region of at least that extent; one region serves all operations, as nothing in it outlives an operation.
    Raises :class:`~playground.errors.EngineError` for an unknown operation or a role that does not fit.
    """
    if name not in _EXPANDERS:
        raise EngineError(f"there is no operation '{name}'.", remedy=f"Known: {', '.join(sorted(_EXPANDERS))}.")
    needed = scratch_for(name, roles, options, target)
    if needed and (roles.get("scratch") is None or roles["scratch"].extent < needed):
        raise EngineError(
            f"operation '{name}' needs {needed} elements of scratch.", remedy="This is an error in the program: please report it."
        )
    return _EXPANDERS[name](roles, options, target)


def scratch_for(name: str, roles: Roles, options: Options, target: Target) -> int:
    """Elements of scratch that ``expand`` of the same arguments needs (0 for most)."""
    rule = _SCRATCH.get(name)
    return rule(roles, options, target) if rule else 0


def operation_names() -> tuple[str, ...]:
    """All known operations."""
    return tuple(sorted(_EXPANDERS))


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
