"""A problem: what is wrong with a document, where, and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playground.document.model import Wire
from playground.errors import Fix, PlaygroundError
from playground.sentences import say, sentence

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of ``check``. ``message`` is a whole sentence that names the node.

    ``node`` is ``""`` for the document's own; ``field`` names one of the node's, or a path such as ``"training.l2"``.
    ``port`` is an input port of ``node``, ``wire`` the wire in question. ``fix`` (if any) acts on ``node`` and ``wire``;
    ``edits.apply_fix`` does it. Errors keep the document from training, warnings do not. ``data`` marks problems of the
    data set: a network without data can still be computed with numbers of one's own.
    """

    message: str
    node: str = ""
    field: str = ""
    port: int | None = None
    wire: Wire | None = None
    remedy: str = ""
    fix: Fix | None = None
    severity: Severity = "error"
    data: bool = False

    def __str__(self) -> str:
        parts = {"message": sentence(self.message), "remedy": sentence(self.remedy)}
        return say("{message} {remedy}", **parts) if self.remedy else say("{message}", **parts)


def of_error(error: PlaygroundError, node: str, field: str = "", wire: Wire | None = None) -> Problem:
    """The problem that a refusal of ``node`` is. A shape rule's message goes on after the node's name."""
    message = error.message
    if error.where:
        message = say("{where}: {message}", where=error.where, message=message)
    elif node:
        message = say("{node} {message}", node=node, message=message)
    return Problem(message, node, field, wire.to_port if wire else None, wire, error.remedy, error.fix)
