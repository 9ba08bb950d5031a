"""What several selected nodes have in common: the fields that can be changed in all of them at once, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playground.document import Document, edits
from playground.document.fit import idle_fields
from playground.document.graph import Survey, fields_of, survey
from playground.errors import PlaygroundError
from playground.fields import Field
from playground.layers import registry
from playground.ui.panels.editors import MIXED


def shared_fields(document: Document, nodes: Sequence[str]) -> tuple[Field, ...]:
    """The fields that the types of all ``nodes`` declare, and that mean something in each of them; as the first one's type orders them."""
    kinds = [registry.find(document.nodes[node].type) for node in nodes]
    if not kinds or any(kind is None for kind in kinds):
        return ()
    known = [{_meaning(field) for field in kind.fields} for kind in kinds if kind is not None]
    values = [values_of(document, node) for node in nodes]
    idle = {name for node in nodes for name in idle_fields(document, node)}
    return tuple(
        field
        for field in (kinds[0].fields if kinds[0] is not None else ())
        if all(_meaning(field) in one for one in known)
        and not (field.of or field.found or field.name in idle)
        and (field.shown_when is None or all(one.get(field.shown_when[0]) in field.shown_when[1] for one in values))
    )


def shared_values(document: Document, nodes: Sequence[str]) -> dict[str, Any]:
    """By field name: the value that all ``nodes`` have, or ``MIXED``."""
    values = [values_of(document, node) for node in nodes]
    first = values[0] if values else {}
    return {name: value if all(one.get(name) == value for one in values) else MIXED for name, value in first.items()}


def set_all(document: Document, nodes: Sequence[str], field: str, value: Any) -> Document:
    """``document`` with the field of each of ``nodes`` set. Raises :class:`PlaygroundError` where one of them refuses it."""
    for node in nodes:
        document = edits.set_field(document, node, field, value)
    return document


def values_of(document: Document, node: str) -> dict[str, Any]:
    """The fields of a node, defaults included; a bad one as it stands."""
    kind = registry.find(document.nodes[node].type)
    declared = {field.name: field.default for field in kind.fields} if kind is not None else {}
    try:
        completed = fields_of(document, node)
    except PlaygroundError:
        completed = {}  # it is listed as a problem
    return declared | dict(document.nodes[node].fields) | completed


def parameters_of(document: Document, node: str) -> dict[str, tuple[int, ...]]:
    """The shapes of a node's parameters by name; none where its inputs are not known, or do not fit: the list of problems says so."""
    return _parameters(document, node, survey(document))


def learners(document: Document, nodes: Sequence[str]) -> tuple[str, ...]:
    """Those of ``nodes`` that have parameters."""
    found = survey(document)
    return tuple(node for node in nodes if _parameters(document, node, found))


def _parameters(document: Document, node: str, found: Survey) -> dict[str, tuple[int, ...]]:
    kind = registry.find(document.nodes[node].type)
    if kind is None or node not in found.inputs or node in found.field_errors:
        return {}
    try:
        made = kind.parameters(found.fields[node], list(found.inputs[node]))
    except (PlaygroundError, LookupError):
        return {}
    return {parameter.name: parameter.shape for parameter in made}


def _meaning(field: Field) -> tuple[object, ...]:
    """What two types' fields have in common where the same value means the same in both."""
    return (field.name, field.kind, field.minimum, field.maximum, field.choices, field.optional, field.axes)
