"""One sentence in plain words for a cell: what happened there and why, chosen by the equations and their numbers."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Account, Equation
from playground.anim.time_cells import REVERSE
from playground.engine.trace import Trace
from playground.ui.explain import attention_sentences, time_sentences, time_words, window_words
from playground.ui.explain.figures import Figures
from playground.ui.explain.terms import constant

MOVED = ("same", "learned", "looked_up", "marked", "value")
"""Roles of equations in which nothing is computed."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def sentence(
    account: Account,
    trace: Trace,
    figures: Figures,
    summary: str,
    answers: bool,
    classes: tuple[str, ...] = (),
    named: str = "",
    names: tuple[str, ...] = (),
) -> str:
    """``summary`` is the layer type's own sentence, for what nothing else is known of. ``answers``: the node's output is the network's
    answer, so that its error says whether that was too high or too low. ``classes``: the names of what it chooses among, ``named`` the
    one that the cell is of (``class 6``). ``names``: what the terms of its sum are called."""
    if not math.isfinite(account.result.value):
        return _tr("The numbers left the range here: this is no longer a number.")
    if account.phase == "update":
        return _update(account, answers)
    within = _told(account, trace, figures, summary, classes, named, names)
    if account.phase == "forward" and _is_silent(account, trace):
        within += " " + _tr("Its unit is switched off: the state stays 0, whatever this is.")
    return within


def _is_silent(account: Account, trace: Trace) -> bool:
    """Whether this is a gate of a recurrent unit that is switched off: its node has an answer beside its output, its state is always 0."""
    place, traced = account.result.place, trace.nodes.get(account.node)
    if place is None or traced is None or "answer" not in traced.values or account.equations[-1].role == "off" or len(place.index) != 2:
        return False
    states = traced.values.get(f"h{REVERSE}" if place.name.endswith(REVERSE) else "h")
    return states is not None and states.ndim == 2 and place.index[1] < states.shape[1] and not np.any(states[:, place.index[1]])


def _told(
    account: Account, trace: Trace, figures: Figures, summary: str, classes: tuple[str, ...], named: str, names: tuple[str, ...]
) -> str:
    if account.equations[-1].role in time_sentences.ROLES:
        return time_sentences.sentence(account, figures)
    if told := attention_sentences.sentence(account, trace, figures):
        return told
    if account.phase == "loss":
        return _loss(account, trace, figures, classes, named)
    return (_forward(account, figures, names) if account.phase == "forward" else _backward(account, trace, figures)) or summary


def _by_role(account: Account) -> dict[str, Equation]:
    return {equation.role: equation for equation in account.equations}


def _forward(account: Account, figures: Figures, names: tuple[str, ...]) -> str:
    """Only of what the whole node does: a layer type that goes on with a sum or an activation of its own gives another number."""
    roles, answer = _by_role(account), figures.one(account.result.value, signed=True)
    if "off" in roles:
        return _tr("It is switched off: it answers 0, whatever comes in.")
    did = [equation.role for equation in account.equations if equation.role not in MOVED]
    if did[-1:] == ["softmax"]:
        return _tr("This class gets {percent} of the whole: so sure is the network of it.").format(
            percent=_chance(account.result.value, figures)
        )
    if did == ["dropout"]:
        kept = account.result.value != 0 or roles["dropout"].terms[0].factors[0].value != 0
        return _tr("It was kept in this pass, and made larger for those that were not.") if kept else _tr("It was turned off in this pass.")
    if did in (["maximum"], ["average"]):
        return window_words.pooled(account.equations[-1], figures)
    if did == ["edge"]:
        return _tr("Here is the edge: a 0 that the padding put there.")
    if did in (["sum"], ["sum", "activation"]):
        if roles["sum"].layout is not None:
            return window_words.weighed(roles["sum"], roles.get("activation"), answer, figures)
        return _weighted(roles["sum"], roles.get("activation"), answer, figures, names)
    if did == ["activation"]:
        return _through(roles["activation"], figures)
    return ""  # what else there is, the layer type says best


def _weighted(equation: Equation, activation: Equation | None, answer: str, figures: Figures, names: tuple[str, ...]) -> str:
    values = equation.values[: len(equation.terms) - constant(equation.terms)]
    if not np.any(values):
        factors = [term.factors for term in equation.terms[: len(values)]]
        if not any(one[0].value for one in factors):
            return _tr("All its weights are 0, so only the bias speaks: it answers {answer}.").format(answer=answer)
        if not any(one[-1].value for one in factors):
            return _tr("All its inputs are 0 for this sample, so only the bias speaks: it answers {answer}.").format(answer=answer)
        return _tr("All its products are 0, so only the bias speaks: it answers {answer}.").format(answer=answer)
    first = int(np.argmax(np.abs(np.nan_to_num(values, nan=np.inf))))
    product, total = figures.one(float(values[first]), signed=True), figures.one(equation.result.value, signed=True)
    name = "" if activation is None else activation.function
    if name == "step":
        side = _tr("above 0, so it fires") if equation.result.value > 0 else _tr("not above 0, so it stays silent")
        return _tr("The sum is {total}: {side}.").format(total=total, side=side)
    if name == "relu" and equation.result.value <= 0:
        return _tr("The sum is {total}, below 0: ReLU cuts it, and the neuron is silent.").format(total=total)
    if len(values) == 1:
        return _tr("Its one input gives {product}. The neuron answers {answer}.").format(product=product, answer=answer)
    read = time_words.read(equation)
    names = read or names
    name = names[first] if first < len(names) else _tr("Input {number}").format(number=first + 1)
    if name[1:2].islower():  # a word, no symbol
        name = name[0].upper() + name[1:]
    text = _tr("{name} counts most: {product}; all together make {total}. The neuron answers {answer}.")
    if read:
        text = _tr("{name} counts most: {product}; all together make {total}. The unit answers {answer}.")
    return text.format(name=name, product=product, total=total, answer=answer)


def _through(equation: Equation, figures: Figures) -> str:
    before, after = figures.one(equation.terms[0].value, signed=True), figures.one(equation.result.value, signed=True)
    if equation.function == "relu" and equation.terms[0].value <= 0:
        return _tr("{before} is not above 0, so nothing goes through.").format(before=before)
    return _tr("{before} goes in, {after} comes out.").format(before=before, after=after)


def _loss(account: Account, trace: Trace, figures: Figures, classes: tuple[str, ...], named: str) -> str:
    error, output = account.result.value, trace.nodes[account.node].values.get("output")
    if output is not None and output.size > 1 and trace.target is not None and np.asarray(trace.target).size == 1:
        true, best = int(np.ravel(trace.target)[0]), int(np.argmax(output))
        share = _chance(float(np.ravel(output)[true]), figures) if 0 <= true < output.size else "?"
        text = _tr("It is right, and {percent} sure.") if best == true else _tr("It is wrong: it gives the true class only {percent}.")
        return text.format(percent=share)
    if error == 0:
        return _tr("The answer is exactly what it should be: there is no error to learn from.")
    answer, goal = (term.factors[-1].value for term in account.equations[-1].terms[:2])  # every loss's slope is of a - t
    size = figures.one(abs(answer - goal))  # the words say which way: the differences of formulas and cards have signs of their own
    if output is not None and output.ndim == 2:  # an answer a step: which of them
        step, at = divmod(account.cell, output.shape[1])
        high = _tr("The answer at step {step} is {size} too high.")
        low = _tr("The answer at step {step} is {size} too low.")
        if output.shape[1] > 1:
            high = _tr("At step {step}, “{name}” is given {size} too much.")
            low = _tr("At step {step}, “{name}” is given {size} too little.")
        name = classes[at] if at < len(classes) else _tr("output {n}").format(n=at + 1)
        return (high if error > 0 else low).format(step=step + 1, name=name, size=size)
    high = _tr("The answer is {size} too high.")
    low = _tr("The answer is {size} too low.")
    if output is not None and output.size > 1:  # several numbers at once: which of them
        high = _tr("The answer for {name} is {size} too high.")
        low = _tr("The answer for {name} is {size} too low.")
    return (high if error > 0 else low).format(name=named or _tr("output {n}").format(n=account.cell + 1), size=size)


def _backward(account: Account, trace: Trace, figures: Figures) -> str:
    arriving, error = account.equations[0].result.value, account.result.value
    inner = [equation for equation in account.equations if equation.role == "error"]
    if account.equations[-1].role == "off":
        return _tr("It is switched off: no error goes through, and it does not learn.")
    if any(not len(equation.terms) for equation in inner):
        if any(state in trace.nodes[account.node].values for state in ("h", f"h{REVERSE}")):  # a gate, which goes through time
            return _tr("This step is padding: its gates had no part in the answer, so no error reaches them.")
        return _tr("It is switched off: no error goes through, and it does not learn.")
    if arriving == 0:
        return window_words.lost(account.equations[0]) or _tr("No error arrives here, so there is nothing to send on and nothing to learn.")
    place = account.result.place
    of_sum = bool(inner) and place is not None and place.name == "pre_activation"
    if not of_sum:
        error = arriving  # what its parts get says nothing of the number itself
    if error == 0:
        return _tr("The error stops here: the function is flat at this number, its slope is 0.")
    more = _tr("more") if error > 0 else _tr("less")
    if of_sum:
        return _tr("Had this sum been a little larger, the loss would be {more}: its error is {error}.").format(
            more=more, error=figures.one(error, signed=True)
        )
    return _tr("Had this number been a little larger, the loss would be {more}: its error is {error}.").format(
        more=more, error=figures.one(error, signed=True)
    )


def _update(account: Account, answers: bool) -> str:
    roles, facts = _by_role(account), dict(account.facts)
    if "unchanged" in roles:
        return (
            _tr("This layer is frozen: it keeps its weights.")
            if facts.get("frozen")
            else _tr("This step was not taken: it stays as it is.")
        )
    new = account.result
    old = next(
        (n.value for t in account.equations[-1].terms for n in t.factors if n.place is not None and n.place.moment == "before"), None
    )
    if old is None:
        return ""
    if new.value == old:
        return _unmoved(roles.get("gradient"), facts)
    smaller, several = new.value < old, facts.get("batch", 1.0) > 1
    name = "weight" if new.place is None else new.place.name
    own = roles.get("gradient")
    if answers and not several and name == "weight" and own is not None and len(own.terms) == 1 and len(own.terms[0].factors) == 2:
        error, x = (factor.value for factor in own.terms[0].factors)
        if error * x != 0 and (error * x > 0) == smaller:
            return _perceptron(error > 0, x > 0, smaller)
    gradient = (
        roles["batch_gradient"].result.value if several and "batch_gradient" in roles else own.result.value if own is not None else 0.0
    )
    if gradient and (gradient > 0) != smaller:
        return _tr("The steps before still carry it: it moves against what this gradient alone would ask for.")
    return _downhill(several, name, smaller, int(facts.get("batch", 1.0)))


def _unmoved(own: Equation | None, facts: dict[str, float]) -> str:
    """Why nothing changed."""
    if own is not None and facts.get("batch") == 1 and len(own.terms) == 1:
        factors = own.terms[0].factors
        if factors[0].value == 0:
            return _tr("There was no error: nothing is to be learned from this sample.")
        if len(factors) == 2 and factors[1].value == 0:
            return _tr("Its input was 0: it had no part in the error, and stays.")
    return _tr("Its gradient is 0: it had no part in the error, and stays.")


def _perceptron(high: bool, on: bool, smaller: bool) -> str:
    """Why the weight of an answering neuron moved, from its input and its error."""
    cause = {
        (True, True): _tr("The input was on and the answer was too high"),
        (True, False): _tr("The input was on and the answer was too low"),
        (False, True): _tr("The input was below 0 and the answer was too high"),
        (False, False): _tr("The input was below 0 and the answer was too low"),
    }[on, high]
    text = _tr("{cause}, so this weight gets smaller.") if smaller else _tr("{cause}, so this weight gets larger.")
    return text.format(cause=cause)


def _downhill(several: bool, name: str, smaller: bool, batch: int) -> str:
    of = _tr("Over the {count} samples of this batch,").format(count=batch) if several else _tr("For this sample,")
    if name == "bias":
        text = (
            _tr("{of} a smaller bias means less loss: it gets smaller.")
            if smaller
            else _tr("{of} a larger bias means less loss: it gets larger.")
        )
    elif name == "weight":
        text = (
            _tr("{of} a smaller weight means less loss: it gets smaller.")
            if smaller
            else _tr("{of} a larger weight means less loss: it gets larger.")
        )
    else:
        text = (
            _tr("{of} a smaller {name} means less loss: it gets smaller.")
            if smaller
            else _tr("{of} a larger {name} means less loss: it gets larger.")
        )
    plain = name.removesuffix(REVERSE)
    words = {
        "weight_input": _tr("input weight"),
        "weight_hidden": _tr("recurrent weight"),
        "hidden_bias": _tr("recurrent bias"),
        "peephole": _tr("peephole weight"),
    }
    return text.format(of=of, name=words.get(plain, plain.replace("_", " ")))


def _chance(share: float, figures: Figures) -> str:
    """``"97.4%"``; of little or nearly all, digits enough that it is neither 0% nor 100%: ``"0.00075%"``, ``"99.985%"``, at most
    ``"99.9999%"``."""
    percent = 100 * share
    if 0 < percent < 1e-3:
        return f"{figures.one(percent)}%"
    rare = min(percent, 100 - percent)
    digits = min(4, max(1, 1 - math.floor(math.log10(rare)))) if rare > 0 else 1
    return f"{min(percent, 99.9999) if percent < 100 else percent:.{digits}f}%"
