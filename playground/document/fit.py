"""Whether a network fits its data set, and what is doubtful in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.data import registry as data
from playground.data.spec import Description
from playground.document.graph import INPUT, OUTPUT, Survey, described, function_field, function_of
from playground.document.model import Document
from playground.document.problem import Problem
from playground.errors import Fix, ShapeError
from playground.layers import losses, registry
from playground.layers.output import OF_CLASSES
from playground.layers.spec import format_shape
from playground.sentences import Sentence, say, sentence

BOUNDED = ("step", "sigmoid", "tanh", "softmax")
"""Functions between a no and a yes: with them a squared error of classes is meant."""


def fit_to_data(document: Document, found: Survey) -> Iterator[Problem]:
    """Errors where Input or Output does not suit the document's data set."""
    about = found.description
    if about is None:
        return
    name = data_name(document)
    for node, placed in document.nodes.items():
        if placed.type == INPUT and node in found.shapes and found.shapes[node] != about.input_shape:
            yield Problem(
                say(
                    "{node} wants {shapes}, a sample of {name} is {input_shape}.",
                    node=node,
                    shapes=format_shape(found.shapes[node]),
                    name=name,
                    input_shape=format_shape(about.input_shape),
                ),
                node,
                "shape",
                remedy="Leave its shape open to take the data set's.",
                fix=Fix("set_field", "Take the data's shape", fields=(("shape", None),)),
                data=True,
            )
    for node, placed in document.nodes.items():
        if placed.type == OUTPUT and node in found.fields:
            yield from _loss(node, found.fields[node], about, name)
            if node in found.shapes:
                yield from _units(document, found, node, about, name)


def data_name(document: Document) -> Sentence:
    """The document's data set as the window calls it."""
    return sentence(data.get(document.data.name).title)


def doubts(document: Document, found: Survey) -> Iterator[Problem]:
    """What trains but is hardly meant: a softmax or sigmoid before the loss that applies its own; targets that do not differ."""
    for node, placed in document.nodes.items():
        if placed.type != OUTPUT or node not in found.fields:
            continue
        fields, about = found.fields[node], found.description
        classes, loss = about is None or about.task == "classification", losses.get(fields["loss"])
        if loss.target == "number" and classes and fields["target_low"] >= fields["target_high"]:
            yield Problem(
                say(
                    "{node}: the target for no ({target_low:g}) is not below the one for yes ({target_high:g}).",
                    node=node,
                    target_low=fields["target_low"],
                    target_high=fields["target_high"],
                ),
                node,
                "target_low",
                remedy="Take 0 and 1, or what the last activation can reach.",
            )
        if about is not None and classes and loss.target == "number":
            yield from _no_chances(document, found, node, about)
        for wire in found.incoming[node]:
            field, own = function_field(document, wire.source), loss.function
            if field and own and found.fields[wire.source].get(field) == own:
                yield Problem(
                    say(
                        "{source} applies {own} before {node}, whose {words} applies its own.",
                        source=wire.source,
                        own=own,
                        node=node,
                        words=loss.words,
                    ),
                    wire.source,
                    field,
                    wire=wire,
                    remedy=say("Set {field} to identity.", field=field),
                    fix=Fix("set_field", say("Set {field} to identity", field=field), fields=((field, "identity"),)),
                    severity="warning",
                )


def _no_chances(document: Document, found: Survey, node: str, about: Description) -> Iterator[Problem]:
    """A squared error on numbers of any size where a text is read: what a network for numbers has that was given a text."""
    functions = [function_of(document, wire.source) for wire in found.incoming[node]]
    if not about.tokens or not functions or functions[0] in ("", *BOUNDED):
        return
    has = losses.get(found.fields[node]["loss"])
    loss = losses.get("binary_cross_entropy" if outputs_wanted(about, has)[0] == 1 else "softmax_cross_entropy")
    yield Problem(
        say(
            "{node} has {words}, which is for numbers to predict; {name} has {classes} classes, and its answers are no chances that way.",
            node=node,
            words=has.words,
            name=data_name(document),
            classes=len(about.classes),
        ),
        node,
        "loss",
        remedy=say("Take {words}.", words=loss.words),
        fix=Fix("set_field", say("Use {words}", words=loss.words), fields=(("loss", loss.name),)),
        severity="warning",
        data=True,
    )


def idle_fields(document: Document, node: str) -> tuple[str, ...]:
    """The fields of ``node`` that have no effect with the document's data: those of classes at an Output that predicts numbers."""
    about = described(document) if document.nodes[node].type == OUTPUT else None
    return OF_CLASSES if about is not None and about.task == "regression" else ()


def _loss(node: str, fields: dict[str, Any], about: Description, name: str) -> Iterator[Problem]:
    loss = losses.get(fields["loss"])
    if about.task == "regression" and loss.target != "number":
        yield Problem(
            say("{node} has {words}, which is for classes; {name} has numbers to predict.", node=node, words=loss.words, name=name),
            node,
            "loss",
            remedy="Take a squared error.",
            fix=Fix("set_field", "Use mean squared error", fields=(("loss", "mean_squared_error"),)),
            data=True,
        )


def outputs_wanted(about: Description, loss: losses.Loss) -> tuple[int, ...]:
    """How many numbers a network for this data set and loss may give, the usual count first."""
    if about.task == "regression":
        return (about.outputs,)
    if len(about.classes) == 2:
        return (2,) if loss.target == "class" else (1, 2)
    return (len(about.classes),)


def _units(document: Document, found: Survey, node: str, about: Description, name: str) -> Iterator[Problem]:
    """The number of outputs against the number of classes or of values to predict."""
    shape, loss = found.shapes[node], losses.get(found.fields[node]["loss"])
    if (misfit := steps_misfit(document, found, node, about, name)) is not None:
        yield misfit
        return
    shape = shape[1:] if about.steps else shape
    classes, wanted = len(about.classes), outputs_wanted(about, loss)
    numbers = say("1 number to predict") if about.outputs == 1 else say("{outputs} numbers to predict", outputs=about.outputs)
    has = numbers if about.task == "regression" else say("{classes} classes", classes=classes)
    if len(shape) == 1 and shape[0] in wanted:
        return
    gives = say("1 number") if shape == (1,) else say("{shape} numbers", shape=format_shape(shape))
    gives = say("{gives} a step", gives=gives) if about.steps else gives
    maker = _maker(document, found, node)
    passed = say("{node} gives {numbers}", node=maker, numbers=gives) if maker else say("{node} gets {numbers}", node=node, numbers=gives)
    message = say("{passed}, but {name} has {has}.", passed=passed, name=name, has=has)
    if loss.target == "class" and shape == (1,) and classes == 2:
        message = say("{passed}, and a softmax of one number is always 1; {name} has 2 classes.", passed=passed, name=name)
    units = wanted[0]
    so_many = say("1 unit") if units == 1 else say("{units} units", units=units)
    if maker:
        yield Problem(
            message,
            maker,
            "units",
            remedy=say("Give it {so_many}.", so_many=so_many),
            fix=Fix("set_field", say("Set units to {units}", units=units), fields=(("units", units),)),
            data=True,
        )
        return
    wire = found.incoming[node][0]
    yield Problem(
        message,
        node,
        port=0,
        wire=wire,
        remedy=say("Insert a Dense with {so_many} before it.", so_many=so_many),
        fix=Fix("insert", say("Insert Dense {units}", units=units), "Dense", (("units", units),)),
        data=True,
    )


def steps_misfit(document: Document, found: Survey, node: str, about: Description, name: str) -> Problem | None:
    """The problem of a prediction at each step where the data set has one target a sample, or the other way round, or at other steps."""
    shape, steps = found.shapes[node], about.target_steps
    sequence = len(shape) == 2
    if sequence == about.steps and (not sequence or shape[0] == steps):
        return None
    wire = found.incoming[node][0]
    source = wire.source
    while not registry.get(document.nodes[source].type).has_state and len(found.incoming[source]) == 1:
        source = found.incoming[source][0].source
    recurrent = registry.get(document.nodes[source].type).has_state
    if sequence and about.steps:
        message = say("{node} gets {shape} steps, {name} has {steps} targets a sample.", node=node, shape=shape[0], name=name, steps=steps)
        return Problem(message, node, port=0, wire=wire, remedy="Let the layers before it keep as many steps.", data=True)
    if about.steps:
        message = say("{node} gets one prediction, {name} has a target at each of {steps} steps.", node=node, name=name, steps=steps)
        remedy, fix = say("Keep all steps up to the Output."), None
        if recurrent:
            remedy = say("Let {source} give its output at every step.", source=source)
            fix = Fix("set_field", "Output at every step", fields=(("return_sequences", True),))
        return Problem(message, source if recurrent else node, port=None if recurrent else 0, remedy=remedy, fix=fix, data=True)
    message = say(
        "{node} gets a prediction at each of {shape} steps, {name} has one target a sample.", node=node, shape=shape[0], name=name
    )
    if recurrent and found.fields[source].get("return_sequences"):
        fix = Fix("set_field", "Output after the last step", fields=(("return_sequences", False),))
        return Problem(message, source, remedy=say("Let {source} give its last output alone.", source=source), fix=fix, data=True)
    return Problem(message, node, port=0, wire=wire, remedy="Insert Last.", fix=Fix("insert", "Insert Last", "Last"), data=True)


def _maker(document: Document, found: Survey, node: str) -> str:
    """The Dense whose units are the Output's, through nodes that keep the shape; ``""`` where there is none."""
    while found.incoming[node]:
        node = found.incoming[node][0].source
        if document.nodes[node].type == "Dense":
            return node
        if not _passes_units_on(document, found, node):
            return ""
    return ""


def _passes_units_on(document: Document, found: Survey, node: str) -> bool:
    """Whether other units before ``node`` would be as many behind it: asked of the layer type, with one unit more."""
    layer, shape = registry.find(document.nodes[node].type), found.shapes.get(node)
    if layer is None or not shape or len(found.incoming[node]) != 1:
        return False
    more = (*shape[:-1], shape[-1] + 1)
    try:
        return layer.output_shape(found.fields[node], (more,)) == more
    except ShapeError:
        return False
