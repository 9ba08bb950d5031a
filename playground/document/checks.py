"""All that keeps a document from training, and what is doubtful in it: one rule for hover, badges, file load and Train."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import chain

from playground import fields as declared
from playground.data import registry as data
from playground.document import drawing, edits
from playground.document.continuing import not_continued
from playground.document.fit import doubts, fit_to_data
from playground.document.graph import INPUT, OUTPUT, Survey, survey
from playground.document.handed import taken_otherwise
from playground.document.model import Document, Wire
from playground.document.problem import Problem, of_error
from playground.document.settings import AUGMENTATION_FIELDS, TRAINING_FIELDS
from playground.document.starting import misfits
from playground.errors import DocumentError, Fix, PlaygroundError
from playground.layers import registry
from playground.sentences import say

REMOVE_WIRE = Fix("remove_wire", "Remove the wire")


def check(document: Document, data_needed: bool = True) -> list[Problem]:
    """All problems, errors first. Without ``data_needed`` those of the data set are left out (a bare ``Network``)."""
    found = survey(document)
    leading = frozenset(wire.source for wire in document.wires)
    problems = list(
        chain(
            _ends(document),
            _wires(document),
            chain.from_iterable(_node(document, found, node, leading) for node in document.nodes),
            _training(document),
            _data(document),
            fit_to_data(document, found),
            doubts(document, found),
            not_continued(document, found),
            taken_otherwise(document, found),
        )
    )
    if not data_needed:
        problems = [problem for problem in problems if not problem.data]
    return sorted(problems, key=lambda problem: problem.severity != "error")


def can_connect(document: Document, source: str, target: str, to_port: int | None = None, from_port: int = 0) -> Problem | None:
    """Why a wire may not be drawn, or ``None``: the rules of the graph, then the shapes. An occupied port is replaced."""
    try:
        wired = edits.connect(document, source, target, from_port, to_port, replace=True)
    except DocumentError as error:
        return Problem(error.message, target if target in document.nodes else "", port=to_port, remedy=error.remedy, fix=error.fix)
    refusal = survey(wired).shape_errors.get(target)
    return of_error(refusal, target, wire=wired.wires[-1]) if refusal is not None else None


def _ends(document: Document) -> Iterator[Problem]:
    """One Output and at least one Input."""
    for type, what in ((INPUT, say("Nothing enters the network")), (OUTPUT, say("Nothing leaves the network"))):
        placed = [node for node, there in document.nodes.items() if there.type == type]
        if not placed:
            yield Problem(
                say("{what}: there is no {type}.", what=what, type=type),
                remedy=say("Add one {type}.", type=type),
                fix=Fix("add", say("Add {type}", type=type), type),
            )
        if type == OUTPUT:
            for node in placed[1:]:
                yield Problem(say("{node} is a second Output; a network has one.", node=node), node, remedy="Remove one of them.")


def _wires(document: Document) -> Iterator[Problem]:
    """Wires of a loaded file may hang loose or end where nothing can be taken; edits never make such."""
    taken: set[tuple[str, int]] = set()
    for wire in document.wires:
        loose = [end for end in (wire.source, wire.target) if end not in document.nodes]
        if loose:
            node = wire.target if wire.target in document.nodes else wire.source if wire.source in document.nodes else ""
            message = say(
                "A wire from {source} to {target} hangs loose: there is no node {loose!r}.",
                source=wire.source,
                target=wire.target,
                loose=loose[0],
            )
            yield _bad_wire(message, node, wire)
            continue
        giver = registry.find(document.nodes[wire.source].type)
        taker = registry.find(document.nodes[wire.target].type)
        most = taker.inputs[1] if taker is not None else None
        if giver is not None and (not giver.has_output or not 0 <= wire.from_port <= giver.has_state):
            message = say("{source} has no output port {port} for {target}.", source=wire.source, port=wire.from_port, target=wire.target)
            yield _bad_wire(message, wire.source, wire)
        if wire.to_port < 0 or (most is not None and wire.to_port >= most):
            message = say("{target} has no input port {port} for {source}.", target=wire.target, port=wire.to_port, source=wire.source)
            yield _bad_wire(message, wire.target, wire)
        elif (wire.target, wire.to_port) in taken:
            message = say("{target} gets two wires at one port, the second from {source}.", target=wire.target, source=wire.source)
            yield _bad_wire(message, wire.target, wire)
        taken.add((wire.target, wire.to_port))


def _bad_wire(message: str, node: str, wire: Wire) -> Problem:
    return Problem(message, node, port=wire.to_port, wire=wire, remedy="Remove the wire.", fix=REMOVE_WIRE)


def _node(document: Document, found: Survey, node: str, leading: Set[str]) -> Iterator[Problem]:
    """Type, fields, wires and shape of one node. ``leading``: the nodes that a wire leaves."""
    layer = registry.find(document.nodes[node].type)
    if layer is None:
        remedy = say("It is kept and saved as it is; remove it to train.")
        yield Problem(
            say("{node} is of the type {type!r}, which this version does not know.", node=node, type=document.nodes[node].type),
            node,
            remedy=remedy,
        )
        return
    for field, error in found.field_errors.get(node, ()):
        yield of_error(error, node, field)
    arriving, fewest = found.incoming[node], layer.inputs[0]
    if not arriving and fewest:
        yield Problem(say("{node} has no input.", node=node), node, port=0, remedy="Draw a wire to its left port.")
    elif layer.has_state and arriving[0].to_port != 0:
        yield Problem(say("{node} gets a state, but no sequence.", node=node), node, port=0, remedy="Draw a wire to its first port.")
    elif len(arriving) < fewest:
        yield Problem(
            say("{node} joins at least {fewest} inputs, it has {arriving}.", node=node, fewest=fewest, arriving=len(arriving)),
            node,
            port=len(arriving),
            remedy="Draw another wire to it.",
        )
    if node not in found.order:
        yield Problem(say("{node} lies on or behind a circle of wires.", node=node), node, remedy="Remove one wire of the circle.")
    if layer.has_output and document.nodes and node not in leading and _has_output(document):
        yield Problem(say("{node} leads nowhere.", node=node), node, remedy="Draw a wire from it, or remove it.", severity="warning")
    if (refusal := found.shape_errors.get(node)) is not None and not _awaits_data(document, found, node):
        yield of_error(refusal, node, wire=_blamed(found, node))
    alone = document.training.batch_size == 1 and not document.nodes[node].frozen
    if alone and node in found.shapes and layer.needs_batch(found.fields[node], found.inputs[node]):
        yield Problem(
            say("{node} compares the samples of a batch, and a batch of 1 has nothing to compare: only its bias goes on.", node=node),
            node,
            remedy="Set the batch size to 2 or more.",
            severity="warning",
        )
    if document.nodes[node].initial and node in found.shapes:
        yield from misfits(document.nodes[node], node, layer.parameters(found.fields[node], found.inputs[node]))


def _has_output(document: Document) -> bool:
    return any(placed.type == OUTPUT for placed in document.nodes.values())


def _awaits_data(document: Document, found: Survey, node: str) -> bool:
    """An Input whose open shape waits for a data set: said once, of the data."""
    return document.nodes[node].type == INPUT and found.fields[node]["shape"] is None


def _blamed(found: Survey, node: str) -> Wire | None:
    """The wire that a shape rule's refusal is shown on: the last one whose shape differs from the first, else the first."""
    arriving = found.incoming[node]
    for wire in reversed(arriving):
        if found.shapes[wire.source] != found.shapes[arriving[0].source]:
            return wire
    return arriving[0] if arriving else None


def _training(document: Document) -> Iterator[Problem]:
    settings = ("training", TRAINING_FIELDS, document.training), ("augmentation", AUGMENTATION_FIELDS, document.augmentation)
    for owner, fields, values in settings:
        for field in fields:
            try:
                field.check(getattr(values, field.name))
            except PlaygroundError as error:
                place = f"{owner}.{field.name}"
                yield Problem(
                    say("{place}: {message}", place=place, message=error.message),
                    field=place,
                    remedy=say("The default is {default}.", default=field.default),
                )


def _data(document: Document) -> Iterator[Problem]:
    inputs = [node for node, placed in document.nodes.items() if placed.type == INPUT]
    node = inputs[0] if inputs else ""
    if not document.data.name:
        remedy = say("Choose one from the palette or the inspector.")
        yield Problem("No data set is chosen.", node, "data.name", remedy=remedy, fix=Fix("set_data", "Choose a data set"), data=True)
        return
    try:
        kind = data.get(document.data.name)
        declared.complete(kind.fields, document.data.options, "data")
        data.describe(document.data.name, **document.data.options)
    except PlaygroundError as error:
        yield Problem(
            say("{where}: {message}", where=error.where, message=error.message),
            node,
            error.where,
            remedy=error.remedy,
            fix=error.fix,
            data=True,
        )
        return
    yield from drawing.misfits(document, node)
