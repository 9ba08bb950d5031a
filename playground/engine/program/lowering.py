"""Lowering: a document becomes logical operations on named values, in pass order. Still without lanes, memory or kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playground.document.checks import check
from playground.document.graph import INPUT, OUTPUT, Survey, survey
from playground.document.model import Document
from playground.document.starting import start_of
from playground.engine.program.lowered import (
    GRADIENT,
    MASK_NAME,
    OUTPUT_NAME,
    STATE_NAME,
    Lowered,
    Operation,
    ParameterValue,
    Part,
    Role,
    Wanted,
    gradient_of,
)
from playground.engine.program.node_lowering import Aliases, NodeLowering
from playground.errors import EngineError
from playground.kernels.operations import writes_of
from playground.layers import registry
from playground.layers.spec import MODES, Mode, Value
from playground.sentences import say
from playground.turns import give_way

__all__ = [
    "GRADIENT",
    "Lowered",
    "Operation",
    "ParameterValue",
    "Part",
    "Role",
    "Wanted",
    "gradient_of",
    "lower",
    "needed",
    "not_handed_back",
]


def lower(document: Document) -> Lowered:
    """Lower ``document``. Raise :class:`EngineError` with the first problem of one that does not pass ``document.check``, and where a
    layer type's operations do not follow from each other."""
    found, output = _checked(document)
    aliases = Aliases()
    lowerings: dict[str, NodeLowering] = {}
    ports, masks = _ports(found, output), _masks(found, document)
    for node in found.order:
        layer = registry.get(document.nodes[node].type)
        placed = document.nodes[node]
        shapes = found.inputs[node], found.shapes[node]
        given = [masks.get(wire.source) if wire.from_port == 0 else None for wire in found.incoming[node]]
        lowering = NodeLowering(aliases, node, layer, found.fields[node], *shapes, placed.off, placed.frozen, given, *ports[node])
        for mine, wire in zip(lowering.inputs, found.incoming[node], strict=True):
            aliases.join(mine, lowerings[wire.source].exits[wire.from_port])
        lowering.lower(layer)
        give_way()
        lowerings[node] = lowering
    backward = _backward(found, output, lowerings, aliases)
    forward = tuple(operation for lowering in lowerings.values() for operation in lowering.forward_operations)
    read = {value for operation in (*forward, *backward) for value in operation.values()}
    masks = {mask.node: mask for mask in masks.values() if mask in read}
    parameters = tuple(
        ParameterValue(
            f"{node}/{declaration.name}",
            node,
            declaration,
            lowering.parameters[declaration.name],
            gradient_of(lowering.parameters[declaration.name]),
            document.nodes[node].frozen or not declaration.trained,
            start_of(document.nodes[node], declaration),
        )
        for node, lowering in lowerings.items()
        for declaration in lowering.declarations
    )
    lowered = Lowered(
        order=found.order,
        forward=forward,
        backward=backward,
        parameters=parameters,
        inputs={node: lowerings[node].output for node in found.order if document.nodes[node].type == INPUT},
        output=output,
        prediction=lowerings[output].output,
        target=lowerings[output].target,
        named={node: lowering.values | ({MASK_NAME: masks[node]} if node in masks else {}) for node, lowering in lowerings.items()},
        fields=found.fields,
        types={node: document.nodes[node].type for node in found.order},
        canonical=aliases.table(),
        sources={node: tuple(wire.source for wire in found.incoming[node]) for node in found.order},
        after_step=tuple(operation for lowering in lowerings.values() for operation in lowering.after_step_operations),
        from_ports={node: tuple(wire.from_port for wire in found.incoming[node]) for node in found.order},
        masks=masks,
        counted=lowerings[output].counted,
        target_mask=lowerings[output].masks[0] if lowerings[output].counted is not None else None,
        carried=tuple(one for lowering in lowerings.values() for one in lowering.carried),
        carry=tuple(operation for lowering in lowerings.values() for operation in lowering.carry_operations),
        parts={node: lowering.parts_named for node, lowering in lowerings.items() if lowering.parts_named},
    )
    exits = {node: [lowering.exits[port] for port in {0} | lowering.wired] for node, lowering in lowerings.items()}
    for mode in MODES:
        _written_before_read(lowered.within(mode), exits, mode)
    _learned(lowered.within("training"))
    return lowered


def _learned(lowered: Lowered) -> None:
    """Refuse a trained parameter that an error comes to whose gradient nothing writes: the optimizer would take what memory holds."""
    reached = {lowered.output}
    for node in reversed(lowered.order):
        reached.update(lowered.sources[node] if node in reached else ())
    written = _written(lowered)
    for one in lowered.parameters:
        if one.node in reached and not one.frozen and lowered(one.gradient) not in written:
            raise EngineError(
                say("no operation writes '{value}' (mode training).", value=one.gradient.name),
                where=one.node,
                remedy="Let the layer type's 'lower' say one in its backward, or declare the parameter with trained=False.",
            )


def _written_before_read(lowered: Lowered, exits: Mapping[str, Sequence[Value]], mode: Mode) -> None:
    """Refuse an output that nothing writes, and a read of what no earlier operation wrote: memory holds zeros there, or what an earlier
    batch left, and the gradient check would compare one with the other. A layer type may hand no error back, as Embedding does: what
    nobody writes of an exit's gradient is 0."""
    given = (*lowered.inputs.values(), lowered.target, lowered.counted, lowered.target_mask, *lowered.masks.values())
    given += (*(p.value for p in lowered.parameters), *(one.value for one in lowered.carried))
    known = {lowered(value) for value in given if value is not None}
    operations = (*lowered.forward, *lowered.backward, *lowered.carry, *(lowered.after_step if mode == "training" else ()))
    writers = {lowered(value): operation.name for operation in operations for value in operation.values(writes_of(operation.name))}
    for operation in operations:
        written = writes_of(operation.name)  # none where it writes the control block alone
        if written and not tuple(operation.values(written)):
            raise EngineError(
                say(
                    "operation '{operation}' writes nothing: it got {roles}, and writes {writes}.",
                    operation=operation.name,
                    roles=", ".join(operation.roles),
                    writes=", ".join(written),
                ),
                where=operation.node,
                remedy="Is a role misspelled?",
            )
    for node, values in exits.items():
        for value in values:
            if lowered(value) not in known and lowered(value) not in writers:
                raise EngineError(
                    say("no operation writes '{value}' (mode {mode}).", value=value.name, mode=mode),
                    where=node,
                    remedy="Let the layer type's 'lower' say one that does, in every mode.",
                )
    for operation in operations:
        written = writes_of(operation.name)
        for value in operation.values([role for role in operation.roles if role not in written]):
            place = lowered(value)
            if place in known:
                continue
            if place in writers:
                raise EngineError(
                    say(
                        "operation '{operation}' reads '{value}', which '{writer}' writes only after it (mode {mode}).",
                        operation=operation.name,
                        value=value.name,
                        writer=writers[place],
                        mode=mode,
                    ),
                    where=operation.node,
                    remedy=say("Say '{writer}' first: operations run in the order in which they are said.", writer=writers[place]),
                )
            handed_back = {lowered(gradient_of(exit)) for exit in exits[operation.node]}
            if place not in handed_back and value.node == operation.node:  # the shares that are summed are of other nodes
                raise EngineError(
                    say(
                        "operation '{operation}' reads '{value}', which no operation writes (mode {mode}).",
                        operation=operation.name,
                        value=value.name,
                        mode=mode,
                    ),
                    where=operation.node,
                    remedy="Let the layer type's 'lower' say first what writes it, in every mode in which it is read.",
                )
        known.update(lowered(value) for value in operation.values(written))


def _checked(document: Document) -> tuple[Survey, str]:
    """What is known of the graph, and the Output's id; the document's first problem is an error."""
    for problem in check(document, data_needed=False):
        if problem.severity == "error":
            raise EngineError(problem.message, remedy=problem.remedy, fix=problem.fix)
    (output,) = (node for node, placed in document.nodes.items() if placed.type == OUTPUT)
    found = survey(document)
    for node in found.order:
        if node not in found.shapes:  # without data, nobody says what an Input with an open shape gives
            raise EngineError("its shape is not known.", where=node, remedy="Choose a data set, or give the Input a shape.")
    return found, output


def _backward(found: Survey, output: str, lowerings: Mapping[str, NodeLowering], aliases: Aliases) -> tuple[Operation, ...]:
    """The backward pass, nodes last to first. A node's output gradient is the sum of its wires' shares; with one wire it is that
    share. Only nodes that the Output depends on have one."""
    shares: dict[tuple[str, int], list[Value]] = {}
    operations: list[Operation] = []
    for node in reversed(found.order):
        given = {port: shares[node, port] for port in (0, 1) if (node, port) in shares}
        if not given and node != output:
            continue
        for port, mine in given.items():
            total = gradient_of(lowerings[node].exits[port])
            if len(mine) == 1:
                aliases.join(mine[0], total)
            else:
                operations.append(Operation(node, "sum", {"xs": tuple(mine), "y": total}, {}))
        operations.extend(lowerings[node].backward_operations)
        for entry, wire in zip(lowerings[node].inputs, found.incoming[node], strict=True):
            shares.setdefault((wire.source, wire.from_port), []).append(gradient_of(entry))
    return tuple(operations)


def _ports(found: Survey, output: str) -> dict[str, tuple[frozenset[int], frozenset[int]]]:
    """The outputs of each node that are wired, and those of them that the Output hangs on: to them an error comes back."""
    wired: dict[str, set[int]] = {node: set() for node in found.order}
    asked: dict[str, set[int]] = {node: set() for node in found.order} | {output: {0}}
    for node in reversed(found.order):
        for wire in found.incoming[node]:
            wired[wire.source].add(wire.from_port)
            if asked[node]:
                asked[wire.source].add(wire.from_port)
    return {node: (frozenset(wired[node]), frozenset(asked[node])) for node in found.order}


def _masks(found: Survey, document: Document) -> dict[str, Value]:
    """The mask of each node's output, where it is a sequence (or may be one of tokens) whose steps are those of an Input."""
    masks: dict[str, Value] = {}
    for node in found.order:
        shape = found.shapes[node]
        if document.nodes[node].type == INPUT:
            if len(shape) <= 2:
                masks[node] = Value(node, MASK_NAME, shape[:1])
        elif len(shape) == 2:
            layer = registry.get(document.nodes[node].type)
            for wire in found.incoming[node][: 1 if layer.mask_of_first else None]:
                mask = masks.get(wire.source) if wire.from_port == 0 else None
                if mask is not None and mask.shape == shape[:1]:
                    masks[node] = mask
                    break
    return masks


def needed(lowered: Lowered, wanted: Wanted) -> tuple[Operation, ...]:
    """The backward operations that somebody needs the results of: dead work (the gradient by the input data) is dropped."""
    if wanted == "nothing":
        return ()
    goal = {lowered(p.gradient) for p in lowered.parameters if wanted != "update" or not p.frozen}
    kept: list[Operation] = []
    for operation in reversed(lowered.backward):
        writes = writes_of(operation.name)
        if wanted == "everything" or any(lowered(value) in goal for value in operation.values(writes)):
            kept.append(operation)
            goal.update(lowered(value) for value in operation.values(set(operation.roles) - set(writes)))
    return tuple(reversed(kept))


def not_handed_back(lowered: Lowered) -> tuple[tuple[str, int], ...]:
    """The inputs (node and port) whose gradient parameters before them hang on, and which no operation writes, last to first."""
    training = lowered.within("training")
    asked = {training(value) for operation in needed(training, "update") for value in operation.values()} - _written(training)
    found = []
    for node in reversed(training.order):
        for port, (source, exit) in enumerate(zip(training.sources[node], training.from_ports[node], strict=True)):
            shape = training.named[source][STATE_NAME if exit else OUTPUT_NAME].shape
            place = training(gradient_of(Value(node, f"input {port}", shape)))
            if place in asked:
                asked.remove(place)  # that of a Reshape before it as well
                found.append((node, port))
    return tuple(found)


def _written(lowered: Lowered) -> set[Value]:
    """What the passes write: the loss, which the way forward ends with, already writes the error that goes back."""
    operations = (*lowered.forward, *lowered.backward)
    return {lowered(value) for operation in operations for value in operation.values(writes_of(operation.name))}
