"""The words for equations: a title by role, the heads of the columns of a table. Sentences are in ``sentences.py``."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from playground.anim.account import Equation
from playground.layers.functions import FUNCTIONS


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def title(equation: Equation, named: str = "") -> str:
    """What an equation is, in a few words; ``named``: the class that it is of, which its index, from 1, does not tell."""
    if named and equation.role in ("difference", "contribution", "derivative"):
        words = {
            "difference": _tr("How far off {name} is"),
            "contribution": _tr("What {name} adds to the loss"),
            "derivative": _tr("Where the error of {name} starts"),
        }
        return words[equation.role].format(name=named)
    if equation.role == "sum" and equation.layout is not None and len(equation.layout.planes) * len(equation.layout.rows) > 1:
        return _tr("Weighted sum under the kernel")
    if equation.role in ("maximum", "average") and equation.layout is None:
        return _tr("The largest of these") if equation.role == "maximum" else _tr("Mean of these")
    if equation.role == "activation":
        name = FUNCTIONS[equation.function].title if equation.function in FUNCTIONS else equation.function
        return _tr("Activation: {function}").format(function=name)
    if equation.role == "error" and not _of_slope(equation):
        return _tr("Error inside the layer")
    if equation.role == "regularized":
        clipped, pulled = len(equation.terms[0].factors) == 2, len(equation.terms) > 1
        return (
            _tr("Shortened, then pulled towards zero")
            if clipped and pulled
            else _tr("Shortened")
            if clipped
            else _tr("Pulled towards zero")
        )
    return {
        "off": _tr("Switched off"),
        "sum": _tr("Weighted sum"),
        "match": _tr("How well the two steps match"),
        "padded": _tr("Padding: no match"),
        "error_of_weight": _tr("The answer's error along the value"),
        "through_softmax": _tr("Through the softmax, from its whole row"),
        "error_of_value": _tr("From all steps that took it"),
        "error_of_query": _tr("From all keys that it was matched with"),
        "error_of_key": _tr("From all queries that it was matched with"),
        "total": _tr("Sum"),
        "product": _tr("Product"),
        "kept_and_written": _tr("What is kept, and what is written"),
        "squashed": _tr("What can be read of the cell"),
        "read_out": _tr("What the output gate lets out"),
        "mixed": _tr("The old state and the new, mixed"),
        "carried": _tr("Padding: the state stays as it was"),
        "flows_back": _tr("All that flows back into this state"),
        "along_the_ribbon": _tr("Along the ribbon, and through the output"),
        "same": _tr("Handed on as it is"),
        "learned": _tr("A number that is learned, the same for every sample"),
        "looked_up": _tr("From the symbol's row of the table"),
        "marked": _tr("1 for this symbol, 0 for all others"),
        "maximum": _tr("Largest under the window"),
        "average": _tr("Mean of the window"),
        "edge": _tr("A zero of the padding"),
        "feature_mean": _tr("Mean of its features"),
        "feature_variance": _tr("Variance of its features"),
        "spread": _tr("How far they lie from the mean, usually"),
        "normalized": _tr("Brought to mean 0 and spread 1"),
        "scaled": _tr("Scaled and shifted"),
        "running": _tr("A step towards the batch's"),
        "dropout": _tr("Kept, or turned off"),
        "value": _tr("Its value"),
        "largest": _tr("The largest score, so that no power is too large"),
        "power": _tr("Power of the score"),
        "denominator": _tr("Sum of all powers"),
        "softmax": _tr("Share of the whole"),
        "difference": _tr("How far off"),
        "contribution": _tr("What it adds to the loss"),
        "loss": _tr("Loss"),
        "derivative": _tr("Where the error starts"),
        "arriving": _tr("Error that arrives"),
        "error": _tr("Error times slope"),
        "gradient": _tr("Gradient"),
        "passed": _tr("Error passed on"),
        "batch_gradient": _tr("Mean over the batch"),
        "velocity": _tr("Momentum"),
        "look_ahead": _tr("A look ahead"),
        "mean": _tr("Running mean of the gradient"),
        "square": _tr("Running mean of its square"),
        "mean_corrected": _tr("The mean, freed from its start at 0"),
        "square_corrected": _tr("The square, freed from its start at 0"),
        "root": _tr("The usual size of the gradient"),
        "scale": _tr("Never quite 0"),
        "step": _tr("Mean by usual size"),
        "update": _tr("New value"),
        "unchanged": _tr("No update"),
    }.get(equation.role, equation.role.replace("_", " ").capitalize())


def _of_slope(equation: Equation) -> bool:
    """Whether it is an error times a slope: a slope is no number of the trace, so it stands nowhere on the canvas."""
    return len(equation.terms) > 0 and any(factor.place is None for factor in equation.terms[0].factors)


def heads(role: str, factors: int) -> tuple[str, ...]:
    """The heads of a table of products of so many factors; none for roles that a line of numbers is enough for."""
    if role == "through_softmax" and factors == 3:
        return _tr("error"), _tr("weight"), _tr("[k=j]−α"), _tr("product")
    if factors != 2:
        return ()
    return {
        "match": (_tr("query"), _tr("key"), _tr("product")),
        "error_of_weight": (_tr("error"), _tr("value"), _tr("product")),
        "error_of_value": (_tr("weight"), _tr("error"), _tr("product")),
        "error_of_query": (_tr("error"), _tr("key"), _tr("product")),
        "error_of_key": (_tr("error"), _tr("query"), _tr("product")),
        "sum": (_tr("weight"), _tr("input"), _tr("product")),
        "arriving": (_tr("weight"), _tr("error"), _tr("product")),
        "passed": (_tr("weight"), _tr("error"), _tr("product")),
        "gradient": (_tr("error"), _tr("input"), _tr("product")),
    }.get(role, ())


def gradients_title(equations: Sequence[Equation]) -> str:
    """The title of what an error makes at once."""
    if all(equation.role == "passed" for equation in equations[:1]):
        return _tr("Error passed on")
    return _tr("Gradients of its weights")
