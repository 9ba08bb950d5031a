"""Reading the graph: wires in port order, the order of the pass, shapes as far as they can be inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playground import fields as declared
from playground.data import registry as data
from playground.data.spec import Description
from playground.document.model import Document, Wire
from playground.errors import DocumentError, PlaygroundError
from playground.layers import registry
from playground.layers.spec import LayerType, Shape, learned
from playground.sentences import say

INPUT = "Input"
OUTPUT = "Output"
VOCABULARY = "vocabulary"


@dataclass(frozen=True, slots=True)
class Survey:
    """All that one walk through the graph finds out.

    ``fields`` are complete and canonical, an Input's open shape filled in from the data set; ``shapes`` of outputs hold
    only nodes whose shape is known, ``states`` those of the second outputs, of types that have a state; ``inputs`` are the shapes each of
    these gets, by port. ``field_errors`` and
    ``shape_errors`` name nodes whose fields or whose shape rule refused.
    """

    order: tuple[str, ...]
    incoming: Mapping[str, tuple[Wire, ...]]
    description: Description | None
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    inputs: dict[str, tuple[Shape, ...]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    states: dict[str, Shape] = field(default_factory=dict)
    field_errors: dict[str, list[tuple[str, PlaygroundError]]] = field(default_factory=dict)
    shape_errors: dict[str, PlaygroundError] = field(default_factory=dict)


def another(before: Document, after: Document) -> bool:
    """Whether ``after`` is a work of its own, not an edit of ``before``: they have no node in common, or another title."""
    return not before.nodes.keys() & after.nodes.keys() or before.title != after.title


def incoming(document: Document) -> dict[str, tuple[Wire, ...]]:
    """Every node's wires, in the order of its input ports. Wires to nodes that do not exist are left out."""
    found: dict[str, list[Wire]] = {node: [] for node in document.nodes}
    for wire in document.wires:
        if wire.target in found and wire.source in found:
            found[wire.target].append(wire)
    return {node: tuple(sorted(wires, key=lambda wire: wire.to_port)) for node, wires in found.items()}


def sources(document: Document, node: str) -> tuple[str, ...]:
    """The nodes wired to ``node``, in the order of its input ports."""
    wires = [wire for wire in document.wires if wire.target == node]
    return tuple(wire.source for wire in sorted(wires, key=lambda wire: wire.to_port))


def order(document: Document) -> tuple[str, ...]:
    """Nodes so that each comes after all it reads; among equals, as they were added. Nodes on a cycle are left out."""
    return _order(document, incoming(document))


def _order(document: Document, wires: Mapping[str, tuple[Wire, ...]]) -> tuple[str, ...]:
    waiting = {node: len(wires[node]) for node in document.nodes}
    readers: dict[str, list[str]] = {node: [] for node in document.nodes}
    for node, arriving in wires.items():
        for wire in arriving:
            readers[wire.source].append(node)
    rank = {node: place for place, node in enumerate(document.nodes)}
    ready = [node for node, count in waiting.items() if count == 0]
    done: list[str] = []
    while ready:
        ready.sort(key=rank.__getitem__, reverse=True)
        node = ready.pop()
        done.append(node)
        for reader in readers[node]:
            waiting[reader] -= 1
            if waiting[reader] == 0:
                ready.append(reader)
    return tuple(done)


def reaches(document: Document, start: str, goal: str) -> bool:
    """Whether a path of wires leads from ``start`` to ``goal`` (a node reaches itself)."""
    readers: dict[str, list[str]] = {}
    for wire in document.wires:
        readers.setdefault(wire.source, []).append(wire.target)
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        for reader in readers.get(node, ()):
            if reader not in seen:
                seen.add(reader)
                waiting.append(reader)
    return False


def before(document: Document, node: str) -> frozenset[str]:
    """All nodes that ``node`` gets its numbers from, by any way."""
    found: set[str] = set()
    ahead = list(sources(document, node))
    while ahead:
        source = ahead.pop()
        if source not in found:
            found.add(source)
            ahead += sources(document, source)
    return frozenset(found)


def described(document: Document) -> Description | None:
    """What is known of the document's data set without loading it; ``None`` where none is chosen or it does not exist."""
    if not document.data.name:
        return None
    try:
        return data.describe(document.data.name, **document.data.options)
    except PlaygroundError:
        return None


_latest: tuple[tuple[Document, tuple[LayerType, ...], Survey], ...] = ()
"""The documents that were surveyed last, with the layer types that there were: an edit has a dozen views ask of the same one."""


def survey(document: Document) -> Survey:
    """Walk the graph once: complete the fields, infer the shapes, gather the refusals. What is returned is not to be changed: it is
    given to the next one who asks of this very document, too."""
    global _latest
    types = registry.types()
    for known, then, found in _latest:
        if known is document and then == types:
            return found
    found = _walked(document)
    _latest = ((document, types, found), *_latest[:1])
    return found


def _walked(document: Document) -> Survey:
    wires = incoming(document)
    result = Survey(_order(document, wires), wires, described(document))
    for node in document.nodes:
        _complete(document, node, result)
    for node in result.order:
        layer = registry.find(document.nodes[node].type)
        if layer is None or node in result.field_errors:
            continue
        fewest, most = layer.inputs
        arriving = wires[node]
        if len(arriving) < fewest or (most is not None and len(arriving) > most):
            continue
        if layer.has_state and arriving[0].to_port != 0:
            continue
        from_ports = [result.states if wire.from_port else result.shapes for wire in arriving]
        if any(wire.source not in shapes or not _gives(document, wire.source) for wire, shapes in zip(arriving, from_ports, strict=True)):
            continue
        given = tuple(shapes[wire.source] for wire, shapes in zip(arriving, from_ports, strict=True))
        try:
            result.shapes[node] = layer.output_shape(result.fields[node], given)
            result.inputs[node] = given
            if layer.has_state:
                result.states[node] = layer.state_shape(result.fields[node], given)
        except PlaygroundError as error:
            result.shape_errors[node] = error
    return result


def _complete(document: Document, node: str, result: Survey) -> None:
    placed = document.nodes[node]
    layer = registry.find(placed.type)
    if layer is None:
        return
    errors: list[tuple[str, PlaygroundError]] = []
    complete = declared.defaults(layer.fields)
    for name, value in placed.fields.items():
        try:
            complete[name] = declared.find(layer.fields, name, node).check(value, node)
        except PlaygroundError as error:
            errors.append((name, error))
    result.fields[node] = filled(placed.type, complete, result.description)
    if errors:
        result.field_errors[node] = errors


def _gives(document: Document, node: str) -> bool:
    layer = registry.find(document.nodes[node].type)
    return layer is not None and layer.has_output


def shapes(document: Document) -> dict[str, Shape]:
    """The output shape of each node for which it can be inferred; an Output's is its prediction's."""
    return survey(document).shapes


def fields_of(document: Document, node: str) -> dict[str, Any]:
    """The complete, canonical fields of ``node``; an Input's open shape is the data set's, as is an open vocabulary.

    Raises :class:`DocumentError` for an unknown node or type, :class:`FieldError` for a bad value.
    """
    if node not in document.nodes:
        raise DocumentError(say("there is no node {node!r}; there are {nodes}.", node=node, nodes=", ".join(document.nodes) or say("none")))
    placed = document.nodes[node]
    complete = declared.complete(registry.get(placed.type).fields, placed.fields, node)
    return filled(placed.type, complete, described(document) if set(complete) & {"shape", VOCABULARY} else None)


def filled(type: str, fields: dict[str, Any], about: Description | None) -> dict[str, Any]:
    """``fields`` with what the data set says where they are left open: an Input's shape, how many symbols there are."""
    if about is not None:
        if type == INPUT and fields["shape"] is None:
            return fields | {"shape": about.input_shape}
        if about.tokens and fields.get(VOCABULARY, 0) is None:
            return fields | {VOCABULARY: len(about.tokens)}
    return fields


def function_field(document: Document, node: str) -> str:
    """The field of ``node`` that names the activation function it applies; ``""`` where its type has none."""
    placed = document.nodes.get(node)
    layer = registry.find(placed.type) if placed is not None else None
    return layer.function_field if layer is not None else ""


def function_of(document: Document, node: str) -> str:
    """The activation function that ``node`` applies, ``"identity"`` too; ``""`` where its type has none. Never raises: a bad name of a
    file is given as it stands."""
    name = function_field(document, node)
    if not name:
        return ""
    placed = document.nodes[node]
    return str(placed.fields.get(name, declared.find(registry.get(placed.type).fields, name).default))


def parameter_counts(document: Document) -> dict[str, int]:
    """How many numbers each node learns, for nodes whose shape is known."""
    found = survey(document)
    return {
        node: learned(registry.get(document.nodes[node].type).parameters(found.fields[node], given)) for node, given in found.inputs.items()
    }


def multiply_adds(document: Document) -> dict[str, int]:
    """Multiply-add pairs of one sample's forward pass, for nodes whose shape is known."""
    found = survey(document)
    return {node: registry.get(document.nodes[node].type).multiply_adds(found.fields[node], given) for node, given in found.inputs.items()}


def port_count(document: Document, node: str) -> int:
    """How many input ports to draw: all of a fixed number, else the wired ones and a free one."""
    layer = registry.find(document.nodes[node].type)
    used = [wire.to_port for wire in document.wires if wire.target == node]
    wired = max(used, default=-1) + 1
    if layer is None:
        return max(wired, 1)
    fewest, most = layer.inputs
    return most if most is not None else max(fewest, wired + 1)
