"""An update of one weight: from its gradient through the optimizer's rule to the new value, as ``kernels.update`` computes it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from playground.anim.account import Equation, Number, Place, Term
from playground.anim.accounts import latex
from playground.anim.accounts.book import Index
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import AFTER_STEP, GRADIENT_OF, one, product
from playground.document.model import Training
from playground.engine.program.lowering import ParameterValue
from playground.engine.trace import Array, ParameterTrace, Update

Facts = tuple[tuple[str, float], ...]

STATES = {"velocity": "v", "mean": "m", "square": "s"}
"""The letters of the optimizers' arrays."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One weight in an update: the numbers of it that the trace holds."""

    parameter: ParameterValue
    traced: ParameterTrace
    index: Index
    update: Update
    symbol: str

    def place(self, name: str = "", moment: str = "", gradient: bool = False) -> Place:
        own = self.parameter.parameter.name
        return Place(self.parameter.node, f"{own}/{name}" if name else own, self.index, gradient, moment)

    @property
    def before(self) -> Number:
        return Number(float(self.traced.before[self.index]), self.symbol, self.place(moment="before"))

    @property
    def after(self) -> Number:
        return Number(_one(self.traced.after, self.index), f"{self.symbol}'", self.place(moment="after"))

    @property
    def gradient(self) -> Number:
        """The mean over the batch."""
        several = len(self.update.batch) != 1
        symbol = r"\bar{g}" if several else "g"
        return Number(_one(self.traced.batch_gradient, self.index), symbol, self.place(moment="batch" if several else "", gradient=True))

    def state(self, slot: str) -> Number:
        return Number(_one(self.traced.state.get(slot), self.index), STATES[slot], self.place(slot, "before"))

    def state_after(self, slot: str) -> Number:
        return Number(_one(self.traced.state_after.get(slot), self.index), f"{STATES[slot]}'", self.place(slot, "after"))


def _one(array: Array | None, index: Index) -> float:
    if array is None:
        raise MissingError
    return float(array[index])


def update(reading: Reading, name: str, index: Index) -> tuple[tuple[Equation, ...], Facts]:
    """The equations of weight ``index`` of parameter ``name``, and the facts of the update. Raises :class:`MissingError` where the trace
    has no update."""
    key = f"{reading.node}/{name}"
    parameter = next((p for p in reading.lowered.parameters if p.key == key), None)
    traced, made = reading.trace.parameters.get(key), reading.trace.update
    if parameter is None or traced is None or traced.after is None or traced.before.shape != parameter.parameter.shape:
        raise MissingError
    symbol = reading.symbol(parameter.value, index)
    ended = _at_the_end(reading, Weight(parameter, traced, index, made, symbol)) if made is not None else None
    if ended is not None:
        return (ended,), ()
    if made is None or traced.batch_gradient is None:
        training = Training() if made is None else made.training
        weight = Weight(parameter, traced, index, Update(0.0, 1.0, 0, (), training), symbol)
        return (unchanged(weight),), (("frozen", float(parameter.frozen)),)
    weight = Weight(parameter, traced, index, made, symbol)
    facts = (("rate", made.rate), ("clip", made.clip), ("count", float(made.count)), ("batch", float(len(made.batch))))
    used, equations = _gradient_used(weight)
    return (*_gradient(reading, weight), *equations, *RULES[made.training.optimizer](weight, used)), facts


def _at_the_end(reading: Reading, weight: Weight) -> Equation | None:
    """How an operation that ends the step changes what no optimizer does; ``None`` where none does."""
    value = weight.parameter.value
    for operation in reading.lowered.after_step:
        function = AFTER_STEP.get(operation.name)
        if function is not None and any(one == value for one in operation.values()):
            return function(reading, operation, weight.index, weight.before, weight.after, len(weight.update.batch))
    return None


def unchanged(weight: Weight) -> Equation:
    """Of a frozen layer, and of a step that was refused: nothing happens."""
    return Equation("unchanged", f"{weight.after.symbol} = {weight.symbol}", (one(weight.before),), weight.after)


def _gradient(reading: Reading, weight: Weight) -> tuple[Equation, ...]:
    """This sample's gradient, and the batch's mean of such."""
    batch, own = weight.update.batch, weight.traced.gradient
    if own is None:
        return ()
    made = _sample_gradient(reading, weight)
    if len(batch) == 1:
        return made
    mean, count = weight.gradient, len(batch)
    share = Number(1 / count, rf"\frac{{1}}{{{count}}}")
    mine = Number(float(own[weight.index]), latex.slope(weight.symbol), weight.place(gradient=True))
    others = Number(mean.value - share.value * mine.value, r"\bar{g}_{\mathrm{others}}", about=mean.place)
    symbols = rf"{mean.symbol} = {share.symbol}\, {mine.symbol} + {others.symbol}"
    return (*made, Equation("batch_gradient", symbols, (product(share, mine), one(others)), mean))


def _sample_gradient(reading: Reading, weight: Weight) -> tuple[Equation, ...]:
    """dL/dw from the errors, where its operation has an account for it."""
    writer = reading.book.writers.get(reading.lowered(weight.parameter.gradient))
    function = GRADIENT_OF.get(writer.operation.name) if writer is not None else None
    if writer is None or function is None:
        return ()
    try:
        return (function(reading, writer.operation, writer.value, weight.index),)
    except MissingError:
        return ()


def _gradient_used(weight: Weight) -> tuple[Number, tuple[Equation, ...]]:
    """The gradient that the optimizer's rule gets: shortened by clipping, with the pull of L2 and L1 added."""
    training, clip, mean, before = weight.update.training, weight.update.clip, weight.gradient, weight.before
    decays = weight.parameter.parameter.decays
    terms, parts = [one(mean)], [mean.symbol]
    if clip != 1.0:
        factor = Number(clip, "c")
        terms, parts = [product(factor, mean)], [rf"c\, {mean.symbol}"]
    most = training.clip_value
    cut = most is not None and abs(terms[0].value) > most
    if most is not None and cut:
        limit = Number(most, r"g_{\max}")
        side = -1 if terms[0].value < 0 else 1
        terms, parts = [one(limit, side)], [f"{'-' if side < 0 else ''}{limit.symbol}"]
    if decays and training.l2:
        terms.append(product(Number(training.l2, r"\lambda_2"), before))
        parts.append(rf"\lambda_2\, {before.symbol}")
    if decays and training.l1:
        sign = Number(float(np.sign(before.value)), rf"\operatorname{{sign}}({before.symbol})", before.place)
        terms.append(product(Number(training.l1, r"\lambda_1"), sign))
        parts.append(rf"\lambda_1\, {sign.symbol}")
    if len(terms) == 1 and clip == 1.0 and not cut:
        return mean, ()
    used = Number(sum(term.value for term in terms), r"\hat{g}", about=mean.place)
    return used, (Equation("regularized", f"{used.symbol} = {' + '.join(parts)}", tuple(terms), used),)


def _new(weight: Weight, *terms: Term) -> Equation:
    """w' = w - ..."""
    parts = [r"\, ".join(factor.symbol for factor in term.factors) for term in terms]
    symbols = f"{weight.after.symbol} = {weight.symbol} - {' - '.join(parts)}"
    return Equation("update", symbols, (one(weight.before), *terms), weight.after)


def _rate(weight: Weight) -> Number:
    return Number(weight.update.rate, r"\eta")


def _sgd(weight: Weight, g: Number) -> tuple[Equation, ...]:
    return (_new(weight, product(_rate(weight), g, sign=-1)),)


def _average(weight: Weight, slot: str, factor: Number, *added: Number) -> Equation:
    """state' = factor state + the product of ``added``: the gradient, or its share, or a share of its square."""
    old, new = weight.state(slot), weight.state_after(slot)
    right = r"\, ".join(number.symbol for number in added[:2]) + ("^2" if len(added) == 3 else "")
    symbols = rf"{new.symbol} = {factor.symbol}\, {old.symbol} + {right}"
    return Equation(slot, symbols, (product(factor, old), product(*added)), new)


def _momentum(weight: Weight, g: Number) -> tuple[Equation, ...]:
    velocity = _average(weight, "velocity", Number(weight.update.training.momentum, r"\mu"), g)
    return velocity, _new(weight, product(_rate(weight), velocity.result, sign=-1))


def _nesterov(weight: Weight, g: Number) -> tuple[Equation, ...]:
    mu = Number(weight.update.training.momentum, r"\mu")
    velocity = _average(weight, "velocity", mu, g)
    terms = (one(g), product(mu, velocity.result))
    ahead = Number(terms[0].value + terms[1].value, "u", about=velocity.result.place)
    look = Equation("look_ahead", rf"u = {g.symbol} + \mu\, {velocity.result.symbol}", terms, ahead)
    return velocity, look, _new(weight, product(_rate(weight), ahead, sign=-1))


def _rest(factor: float, symbol: str) -> Number:
    return Number(1.0 - factor, f"(1 - {symbol})")


def _divided(role: str, symbols: str, above: Number, below: Number, symbol: str) -> Equation:
    quotient = float(np.float64(above.value) / np.float64(below.value))
    return Equation(role, symbols, (one(above),), Number(quotient, symbol, about=above.linked), "divide", (below,))


def _step(square: Number, above: Number, epsilon: float) -> tuple[Equation, Equation, Equation]:
    """r = above / (sqrt(square) + epsilon), in three steps."""
    root = Number(math.sqrt(square.value) if square.value >= 0 else math.nan, "h", about=square.linked)
    small = Number(epsilon, r"\epsilon")
    below = Number(root.value + small.value, "q", about=root.about)
    return (
        Equation("root", rf"h = \sqrt{{{square.symbol}}}", (one(square),), root, "sqrt"),
        Equation("scale", r"q = h + \epsilon", (one(root), one(small)), below),
        _divided("step", rf"r = \frac{{{above.symbol}}}{{q}}", above, below, "r"),
    )


def _rmsprop(weight: Weight, g: Number) -> tuple[Equation, ...]:
    training = weight.update.training
    square = _average(weight, "square", Number(training.alpha, r"\alpha"), _rest(training.alpha, r"\alpha"), g, g)
    steps = _step(square.result, g, training.epsilon)
    return square, *steps, _new(weight, product(_rate(weight), steps[-1].result, sign=-1))


def _adam(weight: Weight, g: Number) -> tuple[Equation, ...]:
    training, count = weight.update.training, weight.update.count
    mean = _average(weight, "mean", Number(training.beta1, r"\beta_1"), _rest(training.beta1, r"\beta_1"), g)
    square = _average(weight, "square", Number(training.beta2, r"\beta_2"), _rest(training.beta2, r"\beta_2"), g, g)
    corrected = []
    for role, state, beta, symbol in (("mean_corrected", mean, training.beta1, "m"), ("square_corrected", square, training.beta2, "s")):
        number = "1" if symbol == "m" else "2"
        below = Number(1.0 - beta**count, rf"1 - \beta_{number}^{{{count}}}")
        formula = rf"\hat{{{symbol}}} = \frac{{{state.result.symbol}}}{{{below.symbol}}}"
        corrected.append(_divided(role, formula, state.result, below, rf"\hat{{{symbol}}}"))
    steps = _step(corrected[1].result, corrected[0].result, training.epsilon)
    terms = [product(_rate(weight), steps[-1].result, sign=-1)]
    if training.optimizer == "adamw" and weight.parameter.parameter.decays and training.weight_decay:
        terms.insert(0, product(_rate(weight), Number(training.weight_decay, r"\lambda"), weight.before, sign=-1))
    return mean, square, *corrected, *steps, _new(weight, *terms)


RULES = {"sgd": _sgd, "momentum": _momentum, "nesterov": _nesterov, "rmsprop": _rmsprop, "adam": _adam, "adamw": _adam}
"""The equations of each optimizer's rule, from the gradient that it gets."""
