"""Errors a user can act on. Every message says where, what was expected, what came and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.sentences import say, sentence


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy that the window can offer as a button.

    ``action`` is ``"insert"`` (a node of ``layer_type`` on the wire in question, with ``fields``), ``"set_field"``
    (``fields`` on the node in question), ``"set_training"`` (``fields`` of the training), ``"set_data"`` (the user's to
    choose, or ``name`` and options in ``fields``), ``"remove_wire"``, ``"remove_drawings"`` or ``"add"`` (a node of
    ``layer_type``).
    """

    action: str
    label: str
    layer_type: str = ""
    fields: tuple[tuple[str, Any], ...] = ()


class PlaygroundError(Exception):
    """Base of all errors meant for a user's eyes; the command line ends with exit code 2 on it.

    ``options`` are the names of the fields that it hangs on, where another value of one of them is the remedy: a form marks them.
    """

    def __init__(self, message: str, *, where: str = "", remedy: str = "", fix: Fix | None = None, options: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = sentence(message)
        self.where = sentence(where)
        self.remedy = sentence(remedy)
        self.fix = fix
        self.options = options

    def __str__(self) -> str:
        """All of it, to be said in any language."""
        parts = {"where": self.where, "message": self.message, "remedy": self.remedy}
        if self.where:
            return say("{where}: {message} {remedy}", **parts) if self.remedy else say("{where}: {message}", **parts)
        return say("{message} {remedy}", **parts) if self.remedy else say("{message}", **parts)


class FieldError(PlaygroundError):
    """A field's value has the wrong kind or lies outside its bounds."""


class ShapeError(PlaygroundError):
    """A layer cannot take the shape it is given; ``fix`` is the remedy, where there is one."""


class DocumentError(PlaygroundError):
    """An edit or a document breaks a rule (unknown node, cycle, two wires into one port ...)."""


class DataError(PlaygroundError):
    """A data set is missing, unreadable or does not fit."""


class FileError(PlaygroundError):
    """A file cannot be read or written."""


class EngineError(PlaygroundError):
    """A network cannot be planned, compiled or run."""
