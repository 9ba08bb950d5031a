"""Elementwise mathematics on vectors, written as formulas over :class:`Lanes`, from which LLVM instructions come.

Each function of ``FUNCTIONS`` is (value, derivative): value(x), and derivative(x, y) with y = value(x). All keep "not a
number". Polynomials for exp, log, tanh and erf: Cephes (S. Moshier, public domain), float64 to some 1e-16, float32 to
some 1e-7 relative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir


class Lanes:
    """A vector in the making: an LLVM value with its builder; ``+ - * /`` and comparisons emit instructions."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder, self.value = builder, value

    @property
    def single(self) -> bool:
        return isinstance(self.value.type.element, ir.FloatType)

    def like(self, x: float | Lanes) -> Lanes:
        """The constant ``x`` in every lane."""
        if isinstance(x, Lanes):
            return x
        rounded = float(np.float32(x)) if self.single else float(x)
        return Lanes(self.builder, ir.Constant(self.value.type, [rounded] * self.value.type.count))

    def _binary(self, instruction: str, a: float | Lanes, b: float | Lanes) -> Lanes:
        return Lanes(self.builder, getattr(self.builder, instruction)(self.like(a).value, self.like(b).value))

    def __add__(self, other: float | Lanes) -> Lanes:
        return self._binary("fadd", self, other)

    def __radd__(self, other: float) -> Lanes:
        return self._binary("fadd", other, self)

    def __sub__(self, other: float | Lanes) -> Lanes:
        return self._binary("fsub", self, other)

    def __rsub__(self, other: float) -> Lanes:
        return self._binary("fsub", other, self)

    def __mul__(self, other: float | Lanes) -> Lanes:
        return self._binary("fmul", self, other)

    def __rmul__(self, other: float) -> Lanes:
        return self._binary("fmul", other, self)

    def __truediv__(self, other: float | Lanes) -> Lanes:
        return self._binary("fdiv", self, other)

    def __rtruediv__(self, other: float) -> Lanes:
        return self._binary("fdiv", other, self)

    def __neg__(self) -> Lanes:
        return Lanes(self.builder, self.builder.fneg(self.value))

    def compare(self, sign: str, other: float | Lanes) -> ir.Value:
        """One bit a lane; false where either is not a number."""
        return self.builder.fcmp_ordered(sign, self.value, self.like(other).value)

    def where(self, condition: ir.Value, other: float | Lanes) -> Lanes:
        """``self`` where the bit is set, else ``other``."""
        return Lanes(self.builder, self.builder.select(condition, self.value, self.like(other).value))

    def at_most(self, bound: float) -> Lanes:
        return self.like(bound).where(self.compare(">", bound), self)

    def at_least(self, bound: float) -> Lanes:
        return self.like(bound).where(self.compare("<", bound), self)

    def intrinsic(self, name: str, *others: Lanes) -> Lanes:
        """LLVM's own function ``name`` of this and further vectors."""
        kind = self.value.type
        full = f"llvm.{name}.v{kind.count}f{32 if self.single else 64}"
        function = self.builder.module.globals.get(full) or ir.Function(
            self.builder.module, ir.FunctionType(kind, [kind] * (1 + len(others))), full
        )
        return Lanes(self.builder, self.builder.call(function, [self.value, *(other.value for other in others)]))

    def __abs__(self) -> Lanes:
        return self.intrinsic("fabs")

    def bits(self) -> ir.Value:
        return self.builder.bitcast(self.value, self.integers)

    @property
    def integers(self) -> ir.VectorType:
        return ir.VectorType(ir.IntType(32 if self.single else 64), self.value.type.count)

    def constant_bits(self, number: int) -> ir.Constant:
        return ir.Constant(self.integers, [number] * self.value.type.count)

    def from_bits(self, value: ir.Value) -> Lanes:
        return Lanes(self.builder, self.builder.bitcast(value, self.value.type))


def fma(a: Lanes, b: Lanes, c: Lanes) -> Lanes:
    """a * b + c with one rounding."""
    return a.intrinsic("fma", b, c)


def polynomial(x: Lanes, coefficients: Sequence[float]) -> Lanes:
    """Horner's rule, highest power first."""
    result = x.like(coefficients[0])
    for c in coefficients[1:]:
        result = fma(result, x, x.like(c))
    return result


def exp(x: Lanes) -> Lanes:
    """e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2; stops growing at the range's end, and is 0 below the smallest normal
    number: n there is the one whose bits as an exponent are those of 0."""
    mantissa, bias, most, least = (23, 127, 88.3, -88.0) if x.single else (52, 1023, 709.0, -709.0)
    x = x.at_most(most).at_least(least)
    magic = 1.5 * 2.0**mantissa  # adding it leaves the rounded number in the lowest bits
    shifted = fma(x, x.like(1 / math.log(2)), x.like(magic))
    n = shifted - magic
    high, low = (0.693359375, -2.12194440e-4) if x.single else (6.93147180369123816490e-01, 1.90821492927058770002e-10)
    r = fma(n, x.like(-low), fma(n, x.like(-high), x))
    if x.single:
        tail = polynomial(r, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1))
        e = fma(tail, r * r, r) + 1.0
    else:
        e = polynomial(r, [1 / math.factorial(k) for k in range(13, -1, -1)])
    b = x.builder
    power = b.shl(b.add(shifted.bits(), x.constant_bits(bias)), x.constant_bits(mantissa))
    return e * x.from_bits(power)


def log(x: Lanes) -> Lanes:
    """ln x = n ln 2 + 2 artanh(s), s = (m - 1) / (m + 1), m in [sqrt 1/2, sqrt 2); -inf at 0, nan below, inf at inf."""
    mantissa = 23 if x.single else 52
    b = x.builder
    root = int(np.float32(math.sqrt(0.5)).view(np.int32)) if x.single else int(np.float64(math.sqrt(0.5)).view(np.int64))
    offset = b.sub(x.bits(), x.constant_bits(root))
    exponent = b.ashr(offset, x.constant_bits(mantissa))
    n = Lanes(b, b.sitofp(exponent, x.value.type))
    m = x.from_bits(b.sub(x.bits(), b.shl(exponent, x.constant_bits(mantissa))))
    f = m - 1.0
    s = f / (m + 1.0)
    s2 = s * s
    terms = 5 if x.single else 12
    series = polynomial(s2, [2 / (2 * k + 1) for k in range(terms - 1, 0, -1)])
    # 2 artanh(s) = f - s f + s s2 series: keeps the leading term exact
    result = fma(n, x.like(math.log(2)), f - s * (f - s2 * series))
    result = result.like(-math.inf).where(x.compare("==", 0.0), result)
    result = result.like(math.nan).where(x.compare("<", 0.0), result)
    return x.where(b.fcmp_unordered("==", x.value, x.like(math.inf).value), result)


def tanh(x: Lanes) -> Lanes:
    """Near 0 an odd polynomial (float64: a rational function), elsewhere 1 - 2 / (e^2|x| + 1) with x's sign."""
    a = abs(x)
    z = x * x
    if x.single:
        p = polynomial(z, (-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1))
        near = fma(p * z, x, x)
    else:
        p = polynomial(z, (-9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3))
        q = polynomial(z, (1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3))
        near = x + x * z * (p / q)
    far = (1.0 - 2.0 / (exp(a + a) + 1.0)).intrinsic("copysign", x)
    return near.where(a.compare("<", 0.625), far)


def erf(x: Lanes) -> Lanes:
    """|x| < 1: rational in x; beyond: 1 - e^(-x x) P / Q."""
    a = abs(x)
    z = x * x
    t = polynomial(
        z,
        (9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3, 5.55923013010394962768e4),
    )
    u = polynomial(
        z,
        (
            1.0,
            3.35617141647503099647e1,
            5.21357949780152679795e2,
            4.59432382970980127987e3,
            2.26290000613890934246e4,
            4.92673942608635921086e4,
        ),
    )
    near = x * t / u
    far = a.at_most(6.0)
    p = polynomial(
        far,
        (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1,
         1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3, 5.57535335369399327526e2),
    )  # fmt: skip
    q = polynomial(
        far,
        (1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
         1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3, 5.57535340817727675546e2),
    )  # fmt: skip
    beyond = (1.0 - exp(-(far * far)) * p / q).intrinsic("copysign", x)
    return near.where(a.compare("<", 1.0), beyond)


def sigmoid(x: Lanes) -> Lanes:
    """1 / (1 + e^-x)"""
    return 1.0 / (1.0 + exp(-x))


def softplus(x: Lanes) -> Lanes:
    """ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)

    ln(1 + u) is u itself where 1 + u rounds to 1, and ln(w) u / (w - 1) with w = 1 + u elsewhere (Goldberg 1991).
    """
    u = exp(-abs(x))
    w = 1.0 + u
    grown = log(w) * (u / (w - 1.0))
    return maximum(x, x.like(0.0)) + u.where(w.compare("==", 1.0), grown)


def maximum(a: Lanes, b: Lanes) -> Lanes:
    """The larger; not a number where either is."""
    unordered = a.builder.fcmp_unordered(">", a.value, b.value)  # also true where either is not a number
    larger = a.where(unordered, b)
    return b.where(b.builder.fcmp_unordered("uno", b.value, b.value), larger)


def where_wins(a: Lanes, b: Lanes, x: Lanes, y: Lanes) -> Lanes:
    """``x`` where a > b, or where a alone is not a number; else ``y``."""
    above = a.builder.fcmp_unordered(">", a.value, b.value)
    return x.where(a.builder.and_(above, b.builder.fcmp_ordered("ord", b.value, b.value)), y)


def _gelu(x: Lanes) -> Lanes:
    return 0.5 * x * (1.0 + erf(x * math.sqrt(0.5)))


def _gelu_derivative(x: Lanes, y: Lanes) -> Lanes:
    return 0.5 * (1.0 + erf(x * math.sqrt(0.5))) + x * exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi))


def _expm1(x: Lanes) -> Lanes:
    """e^x - 1 for x <= 0, near 0 by tanh: e^x - 1 = 2 t / (1 - t), t = tanh(x / 2)."""
    t = tanh(0.5 * x)
    return 2.0 * t / (1.0 - t)


def _nan_or(x: Lanes, value: Lanes) -> Lanes:
    return x.where(x.builder.fcmp_unordered("uno", x.value, x.value), value)


LEAK = 0.01  # slope of leaky_relu below 0, as in PyTorch

FUNCTIONS: dict[str, tuple[Callable[[Lanes], Lanes], Callable[[Lanes, Lanes], Lanes]]] = {
    "identity": (lambda x: x, lambda x, y: x.like(1.0)),
    "step": (lambda x: _nan_or(x, x.like(1.0).where(x.compare(">", 0.0), 0.0)), lambda x, y: x.like(1.0)),
    "relu": (lambda x: maximum(x, x.like(0.0)), lambda x, y: _nan_or(x, x.like(1.0).where(x.compare(">", 0.0), 0.0))),
    "leaky_relu": (
        lambda x: x.where(x.compare(">", 0.0), LEAK * x),
        lambda x, y: _nan_or(x, x.like(1.0).where(x.compare(">", 0.0), LEAK)),
    ),
    "elu": (lambda x: x.where(x.compare(">", 0.0), _expm1(x)), lambda x, y: _nan_or(x, x.like(1.0).where(x.compare(">", 0.0), y + 1.0))),
    "sigmoid": (sigmoid, lambda x, y: y * (1.0 - y)),
    "tanh": (tanh, lambda x, y: 1.0 - y * y),
    "softplus": (softplus, lambda x, y: sigmoid(x)),
    "gelu": (_gelu, _gelu_derivative),
}

NAMES: tuple[str, ...] = tuple(FUNCTIONS)


def emit(name: str, builder: ir.IRBuilder, *values: ir.Value) -> Any:
    """The LLVM value of a function (one operand) or its derivative (two)."""
    lanes = [Lanes(builder, value) for value in values]
    return FUNCTIONS[name][len(lanes) - 1](*lanes).value
