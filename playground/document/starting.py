"""Start values that are given by hand instead of drawn: a node's ``initial``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.document.model import Node
from playground.document.problem import Problem
from playground.errors import DocumentError
from playground.layers.spec import Parameter, format_shape
from playground.sentences import say

MOST = 65_536
"""Numbers of one parameter at most: a document is read as a whole, weights of trained networks lie beside it."""


def start_values(values: Any, where: str) -> NDArray[np.float64]:
    """``values`` as an array. Raises :class:`~playground.errors.DocumentError` on anything but finite numbers in equal rows."""
    try:
        found = np.array(values)
    except (ValueError, TypeError, OverflowError):
        found = np.array(None)
    if found.dtype.kind not in "iuf" or not 0 < found.size <= MOST or not np.isfinite(found).all():
        raise DocumentError(
            "expected start values as rows of finite numbers.",
            where=where,
            remedy=say("Give 1 to {most:,} numbers, nested as the parameter is, such as [[1, 0], [0, 1]].", most=MOST),
        )
    return found.astype(np.float64)


def start_of(placed: Node, parameter: Parameter) -> NDArray[np.float64] | None:
    """What ``parameter`` starts from by hand; ``None`` where it is drawn: nothing is given, or nothing that fits."""
    if parameter.name not in placed.initial:
        return None
    try:
        found = start_values(placed.initial[parameter.name], parameter.name)
    except DocumentError:
        return None  # `misfits` names it to the user
    return found if found.shape == parameter.shape else None


def misfits(placed: Node, node: str, parameters: tuple[Parameter, ...]) -> Iterator[Problem]:
    """Start values that do not fit, as warnings: those parameters are drawn."""
    shapes = {parameter.name: parameter.shape for parameter in parameters}
    for name, values in placed.initial.items():
        remedy = say("It is drawn instead.")
        if name not in shapes:
            known = ", ".join(shapes) or say("none")
            yield Problem(
                say("{node} has start values for {name!r}, but its parameters are {known}.", node=node, name=name, known=known),
                node,
                remedy=remedy,
                severity="warning",
            )
            continue
        try:
            found = start_values(values, f"{node}/{name}")
        except DocumentError as error:
            yield Problem(
                say("{node}: {name}: {message}", node=node, name=name, message=error.message), node, remedy=remedy, severity="warning"
            )
            continue
        if found.shape != shapes[name]:
            given = format_shape(found.shape) if math.prod(found.shape) > 1 else "1"
            message = say(
                "{node} has {given} start values for its {name} of {shapes}.",
                node=node,
                given=given,
                name=name,
                shapes=format_shape(shapes[name]),
            )
            yield Problem(message, node, remedy=remedy, severity="warning")
