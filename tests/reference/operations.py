"""Naive references of the operations, in float64, one sample at a time, straight from the formulas. No kernel code is used."""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray


def affine(x: Array, weight: Array, bias: Array | None) -> Array:
    """x (F) or (T, F) -> (O) or (T, O): y[j] = b[j] + sum_i w[j, i] x[i]."""
    if x.ndim == 2:
        return np.array([affine(row, weight, bias) for row in x])
    y = np.zeros(len(weight))
    for j in range(len(weight)):
        y[j] = (0.0 if bias is None else bias[j]) + dot(weight[j], x)
    return y


def dot(a: Array, b: Array) -> float:
    """sum_i a[i] b[i], one after another, in float64."""
    return sum(p * q for p, q in zip(a.tolist(), b.tolist(), strict=True))


def affine_backward_weight(xs: Array, dys: Array) -> tuple[Array, Array]:
    """Sums over samples (and steps): dw[j, i] = sum dy[j] x[i], db[j] = sum dy[j]."""
    x, dy = xs.reshape(-1, xs.shape[-1]).astype(float), dys.reshape(-1, dys.shape[-1]).astype(float)
    dweight, dbias = np.zeros((dy.shape[1], x.shape[1])), np.zeros(dy.shape[1])
    for s in range(len(x)):
        dweight += dy[s][:, None] * x[s][None, :]
        dbias += dy[s]
    return dweight, dbias


def affine_backward_input(weight: Array, dy: Array) -> Array:
    """dx[i] = sum_j w[j, i] dy[j]."""
    if dy.ndim == 2:
        return np.array([affine_backward_input(weight, row) for row in dy])
    return np.array([dot(weight[:, i], dy) for i in range(weight.shape[1])])


def function(name: str, x: float) -> float:
    """The activation functions of one number."""
    if math.isnan(x):
        return x
    match name:
        case "identity":
            return x
        case "step":
            return 1.0 if x > 0 else 0.0
        case "relu":
            return max(x, 0.0)
        case "leaky_relu":
            return x if x > 0 else 0.01 * x
        case "elu":
            return x if x > 0 else math.expm1(x)
        case "sigmoid":
            return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
        case "tanh":
            return math.tanh(x)
        case "softplus":
            return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
        case "gelu":
            return 0.5 * x * math.erfc(-x / math.sqrt(2))
    raise KeyError(name)


def slope(name: str, x: float) -> float:
    """Their derivatives; step's is 1: its backward passes the error straight through."""
    if math.isnan(x):
        return 1.0 if name in ("identity", "step") else x
    match name:
        case "identity" | "step":
            return 1.0
        case "relu":
            return 1.0 if x > 0 else 0.0
        case "leaky_relu":
            return 1.0 if x > 0 else 0.01
        case "elu":
            return 1.0 if x > 0 else math.exp(x)
        case "sigmoid":
            return function("sigmoid", x) * function("sigmoid", -x)
        case "tanh":
            return 1 / math.cosh(x) ** 2 if abs(x) < 300 else 0.0
        case "softplus":
            return function("sigmoid", x)
        case "gelu":
            return 0.5 * math.erfc(-x / math.sqrt(2)) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    raise KeyError(name)


def softmax(x: Array) -> Array:
    """Over the last axis: e^x / sum e^x."""
    if x.ndim > 1:
        return np.array([softmax(row) for row in x])
    top = max(float(v) for v in x) if not np.isnan(x).any() else math.nan
    exponentials = [math.exp(float(v) - top) for v in x]
    return np.array(exponentials) / sum(exponentials)


def softmax_backward(y: Array, dy: Array) -> Array:
    """dx[i] = sum_j dy[j] y[j] ((i == j) - y[i])."""
    if y.ndim > 1:
        return np.array([softmax_backward(a, b) for a, b in zip(y, dy, strict=True)])
    n = len(y)
    return np.array([sum(float(dy[j]) * float(y[j]) * ((i == j) - float(y[i])) for j in range(n)) for i in range(n)])


def loss(kind: str, x: Array, target: Array, low: float = 0.0, high: float = 1.0) -> tuple[float, Array, bool]:
    """(loss, gradient by x, whether the prediction is right) of one sample; x is what Output gets."""
    x, target = x.astype(float), np.asarray(target, float)
    if kind == "softmax_cross_entropy":
        t = int(target.ravel()[0])
        top = max(x)
        value = math.log(sum(math.exp(v - top) for v in x)) + top - x[t]
        gradient = softmax(x)
        gradient[t] -= 1
        return value, gradient, int(np.argmax(x)) == t
    n = len(x)
    if kind == "binary_cross_entropy":
        value = sum(function("softplus", v) - v * t for v, t in zip(x, target, strict=True)) / n
        y = np.array([function("sigmoid", v) for v in x])
        gradient = (y - target) / n
    else:
        y = x
        factor = {"half_squared_error": 0.5, "mean_squared_error": 1 / n}[kind]
        value = factor * sum((a - b) ** 2 for a, b in zip(x, target, strict=True))
        gradient = 2 * factor * (x - target)
    middle = (low + high) / 2
    right = bool((y[0] > middle) == (target[0] > middle)) if n == 1 else int(np.argmax(y)) == int(np.argmax(target))
    return value, gradient, right
