"""Dotted paths into a document, as ``--set PATH=VALUE`` takes them: ``training.learning_rate``, ``nodes.dense1.units``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground import fields as declared
from playground.data import registry as data
from playground.document import edits
from playground.document.model import Document
from playground.document.settings import AUGMENTATION_FIELDS, TRAINING_FIELDS
from playground.errors import DocumentError, FieldError
from playground.fields import Field
from playground.layers import registry
from playground.sentences import say

FORMS = "training.FIELD, augmentation.FIELD, nodes.ID.FIELD, nodes.ID.frozen, nodes.ID.title, data.name, data.options.OPTION or title"
WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def get_path(document: Document, path: str) -> Any:
    """The value at ``path``; raise :class:`DocumentError` or :class:`FieldError` as :func:`set_path` does."""
    parts = path.split(".") if isinstance(path, str) else []
    match parts:
        case ["title"]:
            return document.title
        case ["training", name]:
            declared.find(TRAINING_FIELDS, name, "training")
            return getattr(document.training, name)
        case ["augmentation", name]:
            declared.find(AUGMENTATION_FIELDS, name, "augmentation")
            return getattr(document.augmentation, name)
        case ["nodes", node, "frozen" | "title" as name] if node in document.nodes:
            return getattr(document.nodes[node], name)
        case ["nodes", node, "fields", name] | ["nodes", node, name]:
            field = _node_field(document, node, name)
            return document.nodes[node].fields.get(name, field.default)
        case ["data", "name"]:
            return document.data.name
        case ["data", "options", name] | ["data", name]:
            field = _option(document, name)
            return document.data.options.get(name, field.default)
    raise _unknown(path)


def set_path(document: Document, path: str, value: Any) -> Document:
    """A document with ``value`` at ``path``; a text is read as the field's kind wants it (``0.5``, ``true``, ``none``).

    Raises :class:`DocumentError` on a path that leads nowhere, :class:`FieldError` on a value that does not fit.
    """
    match path.split(".") if isinstance(path, str) else []:
        case ["title"]:
            return edits.set_title(document, None, str(value))
        case ["training", name]:
            return edits.set_training(document, **{name: parse(declared.find(TRAINING_FIELDS, name, "training"), value, "training")})
        case ["augmentation", name]:
            field = declared.find(AUGMENTATION_FIELDS, name, "augmentation")
            return edits.set_augmentation(document, **{name: parse(field, value, "augmentation")})
        case ["nodes", node, "title"]:
            return edits.set_title(document, node, str(value))
        case ["nodes", node, "frozen"]:
            return edits.freeze(document, node, parse(Field("frozen", "bool", False, ""), value, f"nodes.{node}"))
        case ["nodes", node, "fields", name] | ["nodes", node, name]:
            return edits.set_field(document, node, name, parse(_node_field(document, node, name), value, f"nodes.{node}"))
        case ["data", "name"]:
            return edits.set_data(document, str(value))
        case ["data", "options", name] | ["data", name]:
            options: Mapping[str, Any] = {**document.data.options, name: parse(_option(document, name), value, "data.options")}
            return edits.set_data(document, document.data.name, **options)
    raise _unknown(path)


def holds_whole(document: Document, path: str) -> bool:
    """Whether what stands at ``path``, or would if it were not left open, is a whole number. Raises as :func:`set_path` does."""
    value = get_path(document, path)
    if value is not None:
        return isinstance(value, int)
    match path.split("."):
        case ["training", name]:
            return declared.find(TRAINING_FIELDS, name, "training").kind == "int"
        case ["nodes", node, "fields", name] | ["nodes", node, name]:
            return _node_field(document, node, name).kind == "int"
        case [*_, name]:
            return _option(document, name).kind == "int"
    raise _unknown(path)


def parse(field: Field, value: Any, where: str = "") -> Any:
    """A text as the field's kind; other values as they are. Raise :class:`FieldError` where it does not fit."""
    if not isinstance(value, str) or field.kind == "choice":
        return field.check(value, where)
    text = value.strip()
    if field.optional and text.lower() in ("none", "null", ""):
        return None
    parsed: Any = text
    try:
        if field.kind == "bool":
            parsed = WORDS.get(text.lower(), text)
        elif field.kind == "int":
            parsed = int(text) if text.lstrip("+-").isdigit() else float(text)
        elif field.kind == "float":
            parsed = float(text)
        elif field.kind in ("shape", "pair", "padding") and text.lower() not in declared.PADDING_WORDS:
            parsed = declared.whole_numbers(text)
        elif field.kind == "classes":
            parsed = declared.class_numbers(text)
        elif field.kind == "names":
            parsed = [name.strip() for name in text.split(",")]
    except ValueError:
        place = f"{where}.{field.name}" if where else field.name
        raise FieldError(say("expected {expectation}, got {text!r}.", expectation=field.expectation(), text=text), where=place) from None
    return field.check(parsed, where)


def _node_field(document: Document, node: str, name: str) -> Field:
    if node not in document.nodes:
        raise DocumentError(
            say("there is no node {node!r}.", node=node),
            where="nodes",
            remedy=say("There are {nodes}.", nodes=", ".join(document.nodes) or say("none")),
        )
    return declared.find(registry.get(document.nodes[node].type).fields, name, f"nodes.{node}")


def _option(document: Document, name: str) -> Field:
    if not document.data.name:
        raise DocumentError("no data set is chosen, so it has no options.", where="data", remedy="Set data.name first.")
    return declared.find(data.get(document.data.name).fields, name, f"data.options ({document.data.name})")


def _unknown(path: str) -> DocumentError:
    return DocumentError(say("the path {path!r} leads nowhere.", path=path), remedy=say("Use {forms}.", forms=FORMS))
