"""Health notes in plain words: what is wrong, how one sees it, and what each remedy does."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from playground.document import Document
from playground.engine.checks.remedies import Note, Remedy
from playground.layers.functions import FUNCTIONS
from playground.ui.numbers import count, number, percent


def _tr(text: str) -> str:
    return QCoreApplication.translate("Notes", text)


def title(note: Note, document: Document) -> str:
    """A few words, with the node where it is."""
    words = {
        "diverged": _tr("The numbers left the range"),
        "exploding": _tr("Exploding gradient"),
        "vanishing": _tr("Vanishing gradient"),
        "dead": _tr("Dead ReLUs"),
        "saturated": _tr("Saturated neurons"),
        "one_line": _tr("One line is not enough"),
        "linear": _tr("No bend between two layers"),
        "rate_high": _tr("Learning rate too high"),
        "rate_low": _tr("Learning rate too low"),
        "plain_descent": _tr("Plain SGD is slow here"),
        "overfitting": _tr("Overfitting"),
        "unscaled": _tr("Inputs of very different size"),
    }[note.kind]
    return f"{words} · {named(note.node, document)}" if note.node else words


def named(node: str, document: Document) -> str:
    """A node's title, or its id."""
    placed = document.nodes.get(node)
    return (placed.title or node) if placed is not None else node


def sentence(note: Note, document: Document) -> str:
    """What the numbers say, and why that matters."""
    told = {name: number(value, trim=True) for name, value in note.evidence.items()}
    told |= {
        name: count(round(note.evidence[name])) for name in ("dead", "units", "samples", "step", "lowest_step") if name in note.evidence
    }
    if "share" in note.evidence:
        told["share"] = percent(note.evidence["share"])
    if "feature" in note.evidence:
        told["feature"] = str(int(note.evidence["feature"]) + 1)
    told["node"] = named(note.node, document)
    if note.kind == "saturated" and "grown" in note.evidence:
        return _tr(
            "{share} of the answers of {node} lie at the flat ends of its function: steps at a rate of {rate} made its weights {grown}"
            " times as large. There the slope is almost 0, and it hardly learns."
        ).format_map(told)
    return {
        "diverged": _tr(
            "At step {step} numbers in {node} grew out of range, with a learning rate of {rate}. Smaller steps stay on the ground."
        ),
        "exploding": _tr(
            "At step {step} the gradient of {node} had norm {norm}, {ratio} times what is usual. One such step can undo all that was"
            " learned."
        ),
        "vanishing": _tr(
            "The gradient of {node} has norm {norm}, that of the layer which learns most {largest}. Each layer that the error passes"
            " multiplies it by its slopes; here almost nothing arrives."
        ),
        "dead": _tr(
            "{dead} of {units} neurons of {node} answer 0 to all of {samples} samples. With slope 0 they get no error and cannot come back;"
            " the same start with the same settings ends the same way."
        ),
        "saturated": _tr(
            "{share} of the answers of {node} lie at the flat ends of its function, where the slope is almost 0: it hardly learns."
        ),
        "one_line": _tr("Without a hidden layer the border is one straight line, and no line parts these two classes."),
        "linear": _tr(
            "{node} only adds up, and so does the layer after it: together they can do no more than one layer. A bend makes the difference."
        ),
        "rate_high": _tr(
            "The loss is {loss}; it began at {start}. At a rate of {rate} the steps are so long that they leap over the valley."
        ),
        "rate_low": _tr("The loss is {loss}; it began at {start}. Each step moves the weights by only {movement} of their size."),
        "plain_descent": _tr(
            "The loss is {loss}; it began at {start}. A recurrent layer's gradients differ much in size from weight to weight and one rate"
            " must do for all; Adam gives each weight its own."
        ),
        "overfitting": _tr(
            "The validation loss was lowest, {lowest}, at step {lowest_step} and is {validation} now; the training loss,"
            " {train}, still falls. The network learns these samples by heart."
        ),
        "unscaled": _tr("Feature {feature} has mean {mean} and spread {deviation}: one rate cannot suit its weight and all others."),
    }[note.kind].format_map(told)


def way_back(step: int | None) -> str:
    """What goes to the moment kept at ``step``, or to the start."""
    return _tr("Rewind") if step is None else _tr("Back to step {value}").format(value=count(step))


def remedy(offered: Remedy, document: Document) -> str:
    """The words on the button."""
    value = number(float(offered.value), trim=True) if isinstance(offered.value, (int, float)) else str(offered.value)
    if value in FUNCTIONS:
        value = FUNCTIONS[value].title
    if offered.kind == "go_back" and isinstance(offered.value, (int, float)):
        value = count(round(offered.value))
    return {
        "go_back": _tr("Back to step {value}"),
        "new_start": _tr("New start"),
        "rate": _tr("Set the rate to {value}"),
        "adam": _tr("Adam at rate {value}"),
        "clip": _tr("Clip the gradient at {value}"),
        "activation": _tr("{value} for {node}"),
        "activations": _tr("{value} in all hidden layers"),
        "initializer": _tr("Suitable start weights"),
        "hidden_layer": _tr("Add a hidden layer of {value}"),
        "scale_inputs": _tr("Scale the inputs"),
        "early_stopping": _tr("Stop early"),
        "dropout": _tr("Dropout {value} after {node}"),
        "l2": _tr("L2 {value}"),
        "fewer_units": _tr("{value} neurons in {node}"),
    }[offered.kind].format(value=value, node=named(offered.node, document))
