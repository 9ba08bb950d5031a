"""Slopes of activation functions at numbers of a trace, as the kernels take them: from z and a, in the trace's number type.

Where a function is flat, 1 - a^2 in float32 is not what it is on paper; the error that is sent back has been multiplied by this one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from playground.layers.functions import LEAKY_SLOPE

_ONE = np.float64(1.0)


def _sigmoid(z: Any) -> Any:
    return _ONE / (_ONE + np.exp(-np.float64(z)))


def _gelu(z: Any) -> Any:
    from math import erf, pi, sqrt

    wide = float(z)
    return 0.5 * (1.0 + erf(wide / sqrt(2.0))) + wide * np.exp(-0.5 * np.float64(wide) ** 2) / sqrt(2.0 * pi)


_SLOPES: dict[str, Callable[[Any, Any], Any]] = {
    "identity": lambda z, a: 1.0,
    "step": lambda z, a: 1.0,
    "relu": lambda z, a: _kinked(z, 0.0),
    "leaky_relu": lambda z, a: _kinked(z, LEAKY_SLOPE),
    "elu": lambda z, a: _kinked(z, a + type(a)(1.0)),
    "sigmoid": lambda z, a: a * (type(a)(1.0) - a),
    "tanh": lambda z, a: type(a)(1.0) - a * a,
    "softplus": lambda z, a: _sigmoid(z),
    "gelu": lambda z, a: _gelu(z),
}


def _kinked(z: Any, below: Any) -> Any:
    return z if np.isnan(z) else 1.0 if z > 0 else below


def slope_at(function: str, z: Any, a: Any) -> float:
    """The slope of ``function`` at ``z``, where it is ``a``: numpy numbers of the trace's type. Raises KeyError for a function
    without a slope of its own."""
    return float(_SLOPES[function](z, a))
