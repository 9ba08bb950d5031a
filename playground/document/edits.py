"""Pure edits: each takes a document and returns another. The one given is never changed, so undo is keeping it.

All raise :class:`~playground.errors.DocumentError` (a rule of the graph), :class:`~playground.errors.FieldError` (a value)
or :class:`~playground.errors.DataError` (a data set), and then nothing has happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

import msgspec

from playground import fields as declared
from playground.data import registry as data
from playground.document.drawing import carried
from playground.document.graph import OUTPUT, reaches, sources
from playground.document.model import FARTHEST, MOST_PORTS, NODE_ID, DataSettings, Document, Node, Wire
from playground.document.problem import Problem
from playground.document.settings import AUGMENTATION_FIELDS, TRAINING_FIELDS
from playground.document.starting import start_values
from playground.errors import DocumentError, Fix
from playground.layers import registry
from playground.sentences import say

E = TypeVar("E", bound=Callable[..., Any])
Position = tuple[float, float]
STRIDE = 160.0  # how far to the right of the rightmost a node without a position is put
PASTE_OFFSET = (32.0, 32.0)


def _edit(change: E) -> E:
    """``change``, of nothing but a document: all of its rules hang on that."""

    @wraps(change)
    def checked(document: Document, *arguments: Any, **named: Any) -> Any:
        if not isinstance(document, Document):
            message = say("expected a Document to edit, got {document!r}.", document=document)
            raise DocumentError(message, remedy="Begin with Document(), or load one.")
        return change(document, *arguments, **named)

    return cast(E, checked)


# -- nodes
@_edit
def add_node(
    document: Document, type: str, id: str | None = None, position: Position | None = None, title: str = "", **fields: Any
) -> tuple[Document, str]:
    """Place a layer; return the document and the new node's id (``dense1`` ..., unless ``id`` is given)."""
    layer = registry.get(type)
    if id is None:
        id = free_id(document, type)
    elif not isinstance(id, str) or not NODE_ID.fullmatch(id):
        raise DocumentError(say("{id!r} cannot name a node.", id=id), remedy="Use letters, digits and underscores, a letter first.")
    elif id in document.nodes:
        raise DocumentError(say("there is a node {id!r} already.", id=id), remedy="Choose another id.")
    checked = {name: declared.find(layer.fields, name, id).check(value, id) for name, value in fields.items()}
    if position is None:
        placed = [node.position for node in document.nodes.values()]
        position = (max(x for x, _ in placed) + STRIDE, placed[-1][1]) if placed else (0.0, 0.0)
    node = Node(type=type, fields=declared.defaults(layer.fields) | checked, position=_point(position), title=_words(title))
    return _with_nodes(document, document.nodes | {id: node}), id


def free_id(document: Document, type: str) -> str:
    """The lowest free id of ``type``: its name in lower case and a number."""
    stem = re.sub(r"[^a-z0-9_]", "", type.lower()) or "node"
    number = 1
    while f"{stem}{number}" in document.nodes:
        number += 1
    return f"{stem}{number}"


@_edit
def remove(document: Document, *nodes: str) -> Document:
    """Take nodes and all their wires away."""
    for node in nodes:
        _node(document, node)
    gone = set(nodes)
    kept = {id: node for id, node in document.nodes.items() if id not in gone}
    wires = tuple(wire for wire in document.wires if wire.source not in gone and wire.target not in gone)
    return msgspec.structs.replace(document, nodes=kept, wires=wires)


@_edit
def set_field(document: Document, node: str, field: str, value: Any) -> Document:
    """Give one field of a node another value."""
    placed = _node(document, node)
    checked = declared.find(registry.get(placed.type).fields, field, node).check(value, node)
    return _replace_node(document, node, fields=placed.fields | {field: checked})


@_edit
def move(document: Document, positions: Mapping[str, Position]) -> Document:
    """Put nodes elsewhere on the canvas: id -> (x, y) of the card's top left corner."""
    nodes = dict(document.nodes)
    if not isinstance(positions, Mapping):
        raise DocumentError(say("expected places by node id, got {positions!r}.", positions=positions))
    for node, position in positions.items():
        nodes[node] = msgspec.structs.replace(_node(document, node), position=_point(position))
    return _with_nodes(document, nodes)


@_edit
def freeze(document: Document, nodes: Iterable[str] | str, frozen: bool = True) -> Document:
    """Keep the parameters of nodes as they are while training (or free them again)."""
    if not isinstance(frozen, bool):
        raise DocumentError(say("expected true or false for frozen, got {frozen!r}.", frozen=frozen))
    for node in _several(nodes):
        _node(document, node)
        document = _replace_node(document, node, frozen=frozen)
    return document


@_edit
def switch_off(document: Document, node: str, units: Iterable[int] | int, off: bool = True) -> Document:
    """Let units of a node answer 0 whatever comes in (or as they would, again); their weights stay as they are."""
    placed = _node(document, node)
    chosen = {units} if isinstance(units, int) else set(units)
    if any(not isinstance(unit, int) or isinstance(unit, bool) or unit < 0 for unit in chosen):
        raise DocumentError(say("expected units as whole numbers from 0, got {units!r}.", units=units), where=node)
    layer = registry.get(placed.type)
    if not layer.has_output or layer.inputs[1] == 0:
        message = say("an {type} has no neurons to switch off.", type=placed.type)
        raise DocumentError(message, where=node, remedy="Choose a Dense, or another inner node.")
    return _replace_node(document, node, off=tuple(sorted({*placed.off, *chosen} if off else {*placed.off} - chosen)))


@_edit
def set_initial(document: Document, node: str, parameter: str, values: Any) -> Document:
    """Let ``parameter`` of ``node`` start from ``values`` (numbers, nested as its public layout) instead of drawn ones; ``None`` draws it
    again. Present weights stay as they are until the next rewind."""
    placed = _node(document, node)
    initial = {name: given for name, given in placed.initial.items() if name != parameter}
    if values is not None:
        initial[parameter] = start_values(values, f"{node}/{parameter}").tolist()
    return _replace_node(document, node, initial=initial)


@_edit
def set_title(document: Document, node: str | None, title: str) -> Document:
    """Set the title of a node, or of the document where ``node`` is ``None``."""
    if node is None:
        return msgspec.structs.replace(document, title=_words(title))
    _node(document, node)
    return _replace_node(document, node, title=_words(title))


# -- wires
@_edit
def connect(
    document: Document, source: str, target: str, from_port: int = 0, to_port: int | None = None, replace: bool = False
) -> Document:
    """Draw a wire. Without ``to_port`` it goes to the lowest free port (of a recurrent layer: from output to input, from state to
    state); ``replace`` takes away a wire that is in the way."""
    _check_ends(document, source, target, from_port)
    layer = registry.find(_node(document, target).type)
    most = layer.inputs[1] if layer is not None else None
    taken = {wire.to_port: wire for wire in document.wires if wire.target == target}
    if to_port is None and layer is not None and layer.has_state:
        to_port = from_port  # a state to a state
    if to_port is None:
        free = next(port for port in range(len(taken) + 1) if port not in taken)
        to_port = free if most is None or free < most else most - 1
    if not _is_port(to_port) or (most is not None and to_port >= most):
        raise DocumentError(say("{target} has no input port {to_port!r}.", target=target, to_port=to_port), remedy=_ports(most))
    wires = document.wires
    if to_port in taken:
        if not replace:
            raise DocumentError(
                say("{target} gets its input from {source} already.", target=target, source=taken[to_port].source),
                remedy="Replace that wire, or join both with Add or Concatenate.",
                fix=Fix("remove_wire", "Replace the wire"),
            )
        wires = tuple(wire for wire in wires if wire is not taken[to_port])
    wire = Wire(source=source, target=target, from_port=from_port, to_port=to_port)
    return msgspec.structs.replace(document, wires=(*wires, wire))


@_edit
def disconnect(document: Document, source: str, target: str, from_port: int = 0, to_port: int | None = None) -> Document:
    """Take away the wire between two nodes (all of them, where ``to_port`` is not given)."""
    _node(document, source), _node(document, target)
    gone = [
        wire
        for wire in document.wires
        if (wire.source, wire.target, wire.from_port) == (source, target, from_port) and to_port in (None, wire.to_port)
    ]
    if not gone:
        raise DocumentError(say("there is no wire from {source} to {target}.", source=source, target=target))
    return msgspec.structs.replace(document, wires=tuple(wire for wire in document.wires if wire not in gone))


@_edit
def insert(document: Document, wire: Wire, type: str, position: Position | None = None, **fields: Any) -> tuple[Document, str]:
    """Put a new node on a wire: the source goes into it, it goes where the wire went."""
    if wire not in document.wires:
        raise DocumentError(say("there is no wire from {source} to {target}.", source=wire.source, target=wire.target))
    if position is None:
        (x0, y0), (x1, y1) = _node(document, wire.source).position, _node(document, wire.target).position
        position = ((x0 + x1) / 2, (y0 + y1) / 2)
    document, id = add_node(document, type, position=position, **fields)
    document = msgspec.structs.replace(document, wires=tuple(other for other in document.wires if other != wire))
    document = connect(document, wire.source, id, from_port=wire.from_port)
    return connect(document, id, wire.target, to_port=wire.to_port), id


@_edit
def new_head(document: Document, units: int | None = None) -> tuple[Document, str]:
    """Put a new Dense in the place of the last one before Output: its weights are drawn afresh, all other layers keep theirs.

    It has ``units`` units (as many as the old one, where none are given) and the old one's fields and place; return its id.
    """
    old = _head(document)
    placed = document.nodes[old]
    document, id = add_node(document, placed.type, position=placed.position, title=placed.title, **placed.fields)
    if units is not None:
        document = set_field(document, id, "units", units)
    wires = tuple(
        msgspec.structs.replace(wire, source=id if wire.source == old else wire.source, target=id if wire.target == old else wire.target)
        for wire in document.wires
    )
    return remove(msgspec.structs.replace(document, wires=wires), old), id


def _head(document: Document) -> str:
    """The last Dense before Output."""
    node = next((id for id, placed in document.nodes.items() if placed.type == OUTPUT), "")
    while node:
        node = next(iter(sources(document, node)), "")
        if node and node in document.nodes and document.nodes[node].type == "Dense":
            return node
    raise DocumentError(
        "there is no Dense before the Output, so there is no head to replace.", remedy="Wire a Dense into the Output first."
    )


# -- data and training
@_edit
def set_data(document: Document, name: str, **options: Any) -> Document:
    """Choose a data set and its options; an empty name means none."""
    if not name:
        return msgspec.structs.replace(document, data=DataSettings())
    complete = declared.complete(data.get(name).fields, options, "data")
    settings = DataSettings(name=name, options=complete)
    drawings = carried(document.data, settings) if name == document.data.name else ()  # of another set they would have other classes
    return msgspec.structs.replace(document, data=msgspec.structs.replace(settings, drawings=drawings))


@_edit
def set_training(document: Document, **values: Any) -> Document:
    """Change settings of the training: ``learning_rate=0.1`` ..."""
    checked = {name: declared.find(TRAINING_FIELDS, name, "training").check(value, "training") for name, value in values.items()}
    return msgspec.structs.replace(document, training=msgspec.structs.replace(document.training, **checked))


@_edit
def set_augmentation(document: Document, **values: Any) -> Document:
    """Change what training does to pictures by chance: ``rotate=10`` ..."""
    where = "augmentation"
    checked = {name: declared.find(AUGMENTATION_FIELDS, name, where).check(value, where) for name, value in values.items()}
    return msgspec.structs.replace(document, augmentation=msgspec.structs.replace(document.augmentation, **checked))


# -- several at once
@_edit
def copy(document: Document, nodes: Iterable[str]) -> Document:
    """A document of just these nodes and the wires among them: what the clipboard holds."""
    chosen = {node: _node(document, node) for node in _several(nodes)}
    kept = {id: node for id, node in document.nodes.items() if id in chosen}
    wires = tuple(wire for wire in document.wires if wire.source in chosen and wire.target in chosen)
    return Document(nodes=kept, wires=wires)


@_edit
def paste(document: Document, fragment: Document, offset: Position = PASTE_OFFSET) -> tuple[Document, tuple[str, ...]]:
    """Add a copied fragment under new ids, moved by ``offset``; return the document and the new ids."""
    if not isinstance(fragment, Document):
        raise DocumentError(say("expected a copied fragment, a Document, got {fragment!r}.", fragment=fragment))
    nodes, names = dict(document.nodes), {}
    right, down = _point(offset)
    for id, node in fragment.nodes.items():
        names[id] = free_id(_with_nodes(document, nodes), node.type)
        x, y = node.position
        nodes[names[id]] = msgspec.structs.replace(node, fields=dict(node.fields), position=(x + right, y + down))
    wires = tuple(
        msgspec.structs.replace(wire, source=names[wire.source], target=names[wire.target])
        for wire in fragment.wires
        if wire.source in names and wire.target in names
    )
    return msgspec.structs.replace(document, nodes=nodes, wires=document.wires + wires), tuple(names.values())


@_edit
def duplicate(document: Document, nodes: Iterable[str], offset: Position = PASTE_OFFSET) -> tuple[Document, tuple[str, ...]]:
    """Copy and paste in one; return the document and the new ids."""
    return paste(document, copy(document, nodes), offset)


@_edit
def apply_fix(document: Document, problem: Problem) -> Document:
    """Do what the problem's fix offers. Raise :class:`DocumentError` where it needs a choice of the user's."""
    fix = problem.fix
    fields = dict(fix.fields) if fix is not None else {}
    if fix is None:
        raise DocumentError(say("there is no ready remedy: {message}", message=problem.message))
    if fix.action == "insert" and problem.wire is not None:
        return insert(document, problem.wire, fix.layer_type, **fields)[0]
    if fix.action == "add":
        return add_node(document, fix.layer_type, **fields)[0]
    if fix.action == "remove_wire" and problem.wire is not None:
        return msgspec.structs.replace(document, wires=tuple(wire for wire in document.wires if wire != problem.wire))
    if fix.action == "set_field":
        for name, value in fields.items():
            document = set_field(document, problem.node, name, value)
        return document
    if fix.action == "set_data" and fields.get("name"):
        return set_data(document, **fields)
    if fix.action == "set_training":
        return set_training(document, **fields)
    if fix.action == "remove_drawings":
        return msgspec.structs.replace(document, data=msgspec.structs.replace(document.data, drawings=()))
    raise DocumentError(say("{label}: this needs a choice of yours.", label=fix.label))


def _check_ends(document: Document, source: str, target: str, from_port: int) -> None:
    giver, taker = registry.find(_node(document, source).type), registry.find(_node(document, target).type)
    if giver is not None and not giver.has_output:
        raise DocumentError(say("{source} gives nothing on: an {name} ends the network.", source=source, name=giver.name))
    if taker is not None and taker.inputs[1] == 0:
        raise DocumentError(say("{target} takes no wire: an {name} starts the network.", target=target, name=taker.name))
    if not _is_port(from_port):
        raise DocumentError(say("{source} has no output port {from_port!r}.", source=source, from_port=from_port))
    if giver is not None and from_port > giver.has_state:
        ports = say("output ports 0 and 1") if giver.has_state else say("one output port, 0")
        raise DocumentError(say("{source} has {ports}, not {from_port}.", source=source, ports=ports, from_port=from_port))
    if reaches(document, target, source):
        message = say("a wire from {source} to {target} would close a circle.", source=source, target=target)
        raise DocumentError(message, remedy="Numbers flow one way, from Input to Output.")


def _node(document: Document, id: str) -> Node:
    node = document.nodes.get(id) if isinstance(id, str) else None
    if node is None:
        there = ", ".join(document.nodes) or say("none")
        raise DocumentError(say("there is no node {id!r}.", id=id), remedy=say("There are {nodes}.", nodes=there))
    return node


def _replace_node(document: Document, id: str, **changes: Any) -> Document:
    return _with_nodes(document, document.nodes | {id: msgspec.structs.replace(document.nodes[id], **changes)})


def _with_nodes(document: Document, nodes: dict[str, Node]) -> Document:
    return msgspec.structs.replace(document, nodes=nodes)


def _point(position: Position) -> Position:
    """A place on the canvas: two finite numbers, which the file can hold."""
    try:
        x, y = (float(number) for number in position)
    except (TypeError, ValueError, OverflowError) as error:
        raise DocumentError(say("expected a place of two numbers, x and y, got {position!r}.", position=position)) from error
    if not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):
        reach = say("from {low:,.0f} to {high:,.0f}", low=-FARTHEST, high=FARTHEST)
        raise DocumentError(say("expected a place of two numbers {reach}, got {position!r}.", reach=reach, position=position))
    return x, y


def _words(title: str) -> str:
    """A title: text that a file can hold."""
    try:
        title.encode()
    except (AttributeError, UnicodeEncodeError) as error:
        raise DocumentError(say("expected a title in words, got {title!r}.", title=title)) from error
    return title


def _several(nodes: Iterable[str] | str) -> Iterable[str]:
    if isinstance(nodes, str):
        return (nodes,)
    if not isinstance(nodes, Iterable):
        raise DocumentError(say("expected ids of nodes, got {nodes!r}.", nodes=nodes))
    return nodes


def _is_port(number: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < MOST_PORTS


def _ports(most: int | None) -> str:
    if most is None:
        return say("Its ports are 0 to {last}.", last=MOST_PORTS - 1)
    return say("It has none.") if most == 0 else say("Its ports are 0 to {last}.", last=most - 1)
