"""Documents as JSON: strict about what it must know, faithful to what it does not."""

from __future__ import annotations

from typing import Any

import msgspec

from playground.data import registry as data
from playground.document.model import FARTHEST, FORMAT, NODE_ID, Document, Node
from playground.errors import FileError, PlaygroundError
from playground.fields import Field
from playground.layers import registry
from playground.sentences import say

MAX_DOCUMENT_BYTES = 16 * 2**20


class _Header(msgspec.Struct):
    format: int


def encode(document: Document) -> bytes:
    """The document as indented UTF-8 JSON. Raises :class:`FileError` on what is none, or holds what JSON cannot."""
    if not isinstance(document, Document):
        raise FileError(say("expected a Document to write, got {document!r}.", document=document))
    try:
        return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError) as error:
        raise FileError(
            say("the document cannot be written: {error}.", error=error), remedy="Titles are text, fields plain values."
        ) from error


def decode(text: bytes, where: str = "document.json") -> Document:
    """The document in ``text``. Unknown layer types and their fields are kept; fields of known types that fit are canonical.

    Raises :class:`FileError` on damaged text, a later format, and keys and ids that no document of this format has.
    """
    if len(text) > MAX_DOCUMENT_BYTES:
        raise FileError(
            say(
                "the document is {text:,} bytes; at most {max_document_bytes:,} are read.",
                text=len(text),
                max_document_bytes=MAX_DOCUMENT_BYTES,
            ),
            where=where,
        )
    try:
        version = msgspec.json.decode(text, type=_Header).format
        if version != FORMAT:
            raise FileError(
                say("it has format {version}; this version reads format {format}.", version=version, format=FORMAT),
                where=where,
                remedy="The file is untouched. Open it with the version that wrote it, or a newer one.",
            )
        document = msgspec.json.decode(text, type=Document)
        if unnamed := [id for id in document.nodes if not NODE_ID.fullmatch(id)]:
            raise FileError(
                say("it is not a document: {unnamed!r} cannot name a node.", unnamed=unnamed[0]),
                where=where,
                remedy="The file is untouched. Ids are letters, digits and underscores, a letter first.",
            )
        return canonical(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(
            say("it is not a document: {error}.", error=error), where=where, remedy="The file is untouched; open an earlier copy of it."
        ) from error


def canonical(document: Document) -> Document:
    """Values of declared fields in their Python types (a shape is a tuple), as edits leave them; others as they are."""
    nodes = {id: _canonical_node(node) for id, node in document.nodes.items()}
    options = document.data.options
    if document.data.name in data.names():
        options = _canonical_fields(data.get(document.data.name).fields, options)
    return msgspec.structs.replace(document, nodes=nodes, data=msgspec.structs.replace(document.data, options=options))


def _canonical_node(node: Node) -> Node:
    layer, (x, y) = registry.find(node.type), node.position
    if max(abs(x), abs(y)) > FARTHEST:
        node = msgspec.structs.replace(node, position=(min(max(x, -FARTHEST), FARTHEST), min(max(y, -FARTHEST), FARTHEST)))
    return node if layer is None else msgspec.structs.replace(node, fields=_canonical_fields(layer.fields, node.fields))


def _canonical_fields(fields: tuple[Field, ...], values: dict[str, Any]) -> dict[str, Any]:
    result = dict(values)
    for field in fields:
        if field.name in values:
            try:
                result[field.name] = field.check(values[field.name])
            except PlaygroundError:
                continue  # kept as it is: `check` names it to the user
    return result
