"""Activation functions: the names Dense and Activation offer, how each lowers, and its formula for the eye.

The numbers that train are computed by the kernels. ``value`` and ``slope`` here are plain mathematics for the little graph
in the inspector and for tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playground.layers.kinks import kinked
from playground.layers.spec import Lowering, Value

LEAKY_SLOPE = 0.01
Range = Literal["signed", "non-negative"]


@dataclass(frozen=True, slots=True)
class Function:
    """One activation function.

    ``written`` is its name within a sentence. ``latex`` and ``slope_latex`` hold the formula of f(z) and f'(z) with ``Z`` for the
    argument. ``range`` says which color scale suits its values, ``end`` how large they come to be by size (``None``: there is no
    end). ``non_differentiable`` is why a gradient check would be meaningless, or ``""``. ``kinks`` are the arguments at which the
    slope, or the slope's slope, jumps. ``initializer`` is how weights before it are best drawn.
    """

    name: str
    title: str
    written: str
    help: str
    value: Callable[[float], float]
    slope: Callable[[float], float]
    latex: str
    slope_latex: str
    range: Range = "signed"
    non_differentiable: str = ""
    kinks: tuple[float, ...] = ()
    end: float | None = None
    initializer: str = "xavier_uniform"

    def lower(self, lowering: Lowering, z: Value, y: Value) -> None:
        """Emit ``y = f(z)`` and its backward operation."""
        dz, dy = lowering.gradient(z), lowering.gradient(y)
        if self.name == "softmax":
            lowering.forward("softmax", {"x": z, "y": y})
            lowering.backward("softmax_backward", {"y": y, "dy": dy, "dx": dz})
        else:
            lowering.forward("map", {"x": z, "y": y}, function=self.name)
            lowering.backward("map_backward", {"x": z, "y": y, "dy": dy, "dx": dz}, function=self.name)

    def formula(self, argument: str, result: str) -> str:
        """``result = f(argument)`` in LaTeX. A long argument is named z first where the formula repeats it."""
        if self.latex.count("Z") == 1 or len(argument) == 1:
            return f"{result} = {self.latex.replace('Z', argument)}"
        return rf"z = {argument} \quad {result} = {self.latex.replace('Z', 'z')}"

    def derivative(self, argument: str = "z") -> str:
        """``f'(argument)`` in LaTeX, equation included."""
        return f"f'({argument}) = {self.slope_latex.replace('Z', argument)}"


def _sigmoid(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z)) if z >= 0 else math.exp(z) / (1.0 + math.exp(z))


def _softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def _normal_cdf(z: float) -> float:
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def _normal_density(z: float) -> float:
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


_ROWS = (
    Function("identity", "Identity", "identity", "The sum itself: a linear unit.", lambda z: z, lambda z: 1.0, "Z", "1"),
    Function(
        "step",
        "Step",
        "step",
        "1 above zero, else 0: the perceptron. Backward passes the error straight through.",
        lambda z: 1.0 if z > 0 else 0.0,
        lambda z: 1.0,
        r"\begin{cases} 1 & Z > 0 \\ 0 & \text{else} \end{cases}",
        r"1 \quad \text{(passed straight through)}",
        "non-negative",
        "the step has no useful derivative: backward passes the error straight through (the perceptron rule)",
        end=1.0,
    ),
    Function(
        "sigmoid",
        "Sigmoid",
        "sigmoid",
        "Squeezes any number into 0 to 1.",
        _sigmoid,
        lambda z: _sigmoid(z) * (1.0 - _sigmoid(z)),
        r"\frac{1}{1 + e^{-(Z)}}",
        r"f(Z)\,(1 - f(Z))",
        "non-negative",
        end=1.0,
    ),
    Function(
        "tanh",
        "Tanh",
        "tanh",
        "Squeezes any number into −1 to 1.",
        math.tanh,
        lambda z: 1.0 - math.tanh(z) ** 2,
        r"\tanh(Z)",
        r"1 - f(Z)^2",
        end=1.0,
    ),
    Function(
        "relu",
        "ReLU",
        "ReLU",
        "Keeps positive numbers, cuts the rest to 0.",
        lambda z: max(z, 0.0),
        lambda z: 1.0 if z > 0 else 0.0,
        r"\max(0,\, Z)",
        r"\begin{cases} 1 & Z > 0 \\ 0 & \text{else} \end{cases}",
        "non-negative",
        kinks=(0.0,),
        initializer="he_normal",
    ),
    Function(
        "leaky_relu",
        "Leaky ReLU",
        "leaky ReLU",
        "Like ReLU, but lets a hundredth of negative numbers through.",
        lambda z: z if z > 0 else LEAKY_SLOPE * z,
        lambda z: 1.0 if z > 0 else LEAKY_SLOPE,
        r"\max(0.01\,(Z),\, Z)",
        r"\begin{cases} 1 & Z > 0 \\ 0.01 & \text{else} \end{cases}",
        kinks=(0.0,),
        initializer="he_normal",
    ),
    Function(
        "elu",
        "ELU",
        "ELU",
        "Like ReLU, but bends smoothly towards -1 below zero.",
        lambda z: z if z > 0 else math.expm1(z),
        lambda z: 1.0 if z > 0 else math.exp(z),
        r"\begin{cases} Z & Z > 0 \\ e^{Z} - 1 & \text{else} \end{cases}",
        r"\begin{cases} 1 & Z > 0 \\ e^{Z} & \text{else} \end{cases}",
        kinks=(0.0,),
        initializer="he_normal",
    ),
    Function(
        "softplus",
        "Softplus",
        "softplus",
        "A smooth ReLU.",
        _softplus,
        _sigmoid,
        r"\ln(1 + e^{Z})",
        r"\frac{1}{1 + e^{-Z}}",
        "non-negative",
        initializer="he_normal",
    ),
    Function(
        "gelu",
        "GELU",
        "GELU",
        "Lets a number through by its chance of being above a normal draw (the exact form, with erf).",
        lambda z: z * _normal_cdf(z),
        lambda z: _normal_cdf(z) + z * _normal_density(z),
        r"\frac{Z}{2}\left(1 + \operatorname{erf}\frac{Z}{\sqrt{2}}\right)",
        r"\Phi(Z) + Z\,\varphi(Z)",
        initializer="he_normal",
    ),
    Function(
        "softmax",
        "Softmax",
        "softmax",
        "Shares of a whole: all outputs positive, together 1. The graph shows one against another at 0.",
        _sigmoid,
        lambda z: _sigmoid(z) * (1.0 - _sigmoid(z)),
        r"\frac{e^{Z}}{\sum_k e^{z_k}}",
        r"a_j\,(\delta_{jk} - a_k)",
        "non-negative",
        end=1.0,
    ),
)

FUNCTIONS: dict[str, Function] = {function.name: function for function in _ROWS}
FUNCTION_NAMES: tuple[str, ...] = tuple(FUNCTIONS)


def written(name: str) -> str:
    """A function's name, or another choice of a field, as people write it within a sentence."""
    return FUNCTIONS[name].written if name in FUNCTIONS else name.replace("_", " ")


@kinked("map", "x")
def _sides(values: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """For each of the function's kinks, which arguments lie above it."""
    return [values["x"] > kink for kink in FUNCTIONS[options["function"]].kinks]
