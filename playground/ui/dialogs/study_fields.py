"""Which fields of a document can be swept, from where to where at first, and what is typed as values of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from playground.data import registry as data
from playground.document import Document
from playground.document.graph import described, multiply_adds
from playground.document.settings import AUGMENTATION_FIELDS, TRAINING_FIELDS
from playground.engine.experiments.sweep import Axis
from playground.errors import FieldError, PlaygroundError
from playground.fields import Field
from playground.layers import registry
from playground.ui.numbers import number
from playground.ui.panels.editors import parse, readable
from playground.ui.wording import declared, sentence_case

LEFT_OUT = frozenset({"seed", "epochs", "patience", "schedule_epochs", "schedule_step", "precision"})
MOST_DIGITS = 10
LEFT_OPEN = {"truncate": 10}
"""Fields that are worth a sweep though they are left open, and about where it goes."""


@dataclass(frozen=True, slots=True)
class Swept:
    """A field: its ``path`` for ``set_path``, its title, and the range that is proposed; of one that takes words or on and off, its
    ``choices``."""

    path: str
    title: str
    field: Field
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[Any, ...] = ()


def swept(document: Document) -> list[Swept]:
    """The fields of training, nodes and data that mean anything as they stand, the learning rate first."""
    training = document.training
    values = {field.name: getattr(training, field.name) for field in TRAINING_FIELDS}
    found = [_proposal("training", "", field, values[field.name]) for field in _meant(TRAINING_FIELDS, values)]
    changed = {field.name: getattr(document.augmentation, field.name) for field in AUGMENTATION_FIELDS}
    about = described(document)
    if about is not None and len(about.input_shape) == 3:
        augmented = QCoreApplication.translate("study", "augment")
        found += [_proposal("augmentation", augmented, field, changed[field.name]) for field in _meant(AUGMENTATION_FIELDS, changed)]
    for id, node in document.nodes.items():
        layer = registry.find(node.type)
        if layer is not None:
            own = {field.name: node.fields.get(field.name, field.default) for field in layer.fields}
            own |= {name: value for name, value in LEFT_OPEN.items() if name in own and own[name] is None}
            found += [_proposal(f"nodes.{id}", node.title or id, field, own[field.name]) for field in _meant(layer.fields, own)]
    if document.data.name in data.names():
        fields = data.get(document.data.name).fields
        options = {field.name: document.data.options.get(field.name, field.default) for field in fields}
        owner = QCoreApplication.translate("study", "data")
        found += [_proposal("data.options", owner, field, options[field.name]) for field in _meant(fields, options)]
    return sorted(found, key=lambda one: one.path != "training.learning_rate")


def _meant(fields: Iterable[Field], values: dict[str, object]) -> list[Field]:
    """What is set and shown: Adam's memory means nothing to plain descent."""
    return [
        field
        for field in fields
        if (field.kind in ("bool", "choice") or (field.kind in ("int", "float") and isinstance(values[field.name], int | float)))
        and field.name not in LEFT_OUT
        and not field.found
        and (field.shown_when is None or values.get(field.shown_when[0]) in field.shown_when[1])
    ]


def _proposal(path: str, owner: str, field: Field, value: Any) -> Swept:
    """A decade to both sides of a positive number, half and double of a whole one, what the bounds allow elsewhere."""
    path, title = f"{path}.{field.name}", f"{owner}: {field.title[:1].lower() + field.title[1:]}" if owner else field.title
    if field.kind in ("bool", "choice"):
        return Swept(path, title, field, choices=(False, True) if field.kind == "bool" else field.choices)
    log = field.kind == "float" and value > 0 and (field.maximum is None or field.maximum > 1)
    if field.kind == "int":
        low, high = max(1, value // 2), max(2, value * 2)
    elif log:
        low, high = value / 10, value * 10
    else:
        low, high = 0.0, value * 2 if value > 0 else 0.1
    if field.minimum is not None:
        low = max(low, field.minimum)
    if field.maximum is not None:
        high = min(high, 0.99 if 0.99 < field.maximum < 1 else field.maximum)  # Adam's memory: its very end is no use
    return Swept(path, title, field, low, high, log)


def typed(one: Swept, text: str) -> tuple[Any, ...]:
    """The values that ``text`` lists, parted by commas, semicolons or spaces, each once.

    Raises :class:`~playground.errors.PlaygroundError` with a sentence where one does not fit the field.
    """
    words = {"on": True, "off": False, "true": True, "false": False}
    found: list[Any] = []
    for part in _parts(one, text):
        try:
            value = one.field.check(words.get(part.lower(), part)) if one.field.kind == "bool" else parse(one.field, part)
        except FieldError:
            raise wrong(one, declared(one.field.expectation()), part) from None
        if value not in found:
            found.append(value)
    return tuple(found)


def _parts(one: Swept, text: str) -> Iterator[str]:
    """The values in ``text``, between commas, semicolons or blanks; a choice under its own name or the one that people read, which
    may have a blank in it."""
    names = {name.casefold(): choice for choice in one.field.choices for name in (choice, readable(choice))}
    for chunk in text.replace(";", ",").split(","):
        whole = names.get(chunk.strip().casefold())
        yield from (whole,) if whole is not None else (names.get(part.casefold(), part) for part in chunk.split())


def axis(one: Swept, low: str, high: str, count: str, log: bool, values: str) -> Axis:
    """The axis that the texts of a form describe; ``values``, where there are any, go before the range.

    Raises :class:`~playground.errors.PlaygroundError` with a sentence for the first text that is wrong.
    """
    own = typed(one, values)
    if own:
        return Axis(one.path, values=own)
    if one.choices:
        raise wrong(one, declared(one.field.expectation()), "")
    ends = []
    for name, text in ((_tr("from"), low), (_tr("to"), high)):
        try:
            ends.append(float(parse(one.field, text)))
        except (FieldError, TypeError):
            raise PlaygroundError(
                _tr("“{end}” wants {expected}; this is {text}.").format(
                    end=name, expected=declared(one.field.expectation()), text=text.strip() or _tr("nothing")
                )
            ) from None
    return Axis(one.path, low=ends[0], high=ends[1], count=whole(_tr("values"), count, 100), log=log)


def whole(name: str, text: str, most: int, least: int = 1) -> int:
    """A whole number from ``least`` to ``most``. Raises :class:`~playground.errors.PlaygroundError` with a sentence."""
    digits = text.strip().replace(",", "")
    if not digits.isdecimal() or len(digits) > MOST_DIGITS or not least <= int(digits) <= most:
        expected = _tr("“{name}” wants a whole number from {least} to {most}; this is {text}.")
        raise PlaygroundError(expected.format(name=name, least=least, most=f"{most:,}", text=text.strip() or _tr("nothing")))
    return int(digits)


def wrong(one: Swept, expected: str, text: str) -> PlaygroundError:
    """A value that the field does not take."""
    words = _tr("{field} wants {expected}; this is {text}.")
    return PlaygroundError(words.format(field=sentence_case(one.title), expected=expected, text=text or _tr("nothing")))


def guess(documents: Iterable[Document], epochs: int, samples: int) -> float:
    """About how many seconds it takes to train all of them on ``samples`` samples an epoch: an honest guess by their sizes alone."""
    seconds = 0.0
    for document in documents:
        steps = epochs * -(-samples // max(document.training.batch_size, 1))
        pairs = 3.0 * sum(multiply_adds(document).values())  # forward, and backward twice
        seconds += SETUP_SECONDS + steps * STEP_SECONDS + epochs * (samples * pairs / PAIRS_A_SECOND + EVALUATION_SECONDS)
    return seconds


SETUP_SECONDS, STEP_SECONDS, EVALUATION_SECONDS, PAIRS_A_SECOND = 0.012, 3e-6, 1e-4, 2e10
"""Measured on one core: a trainer set up, the cost of a step of next to nothing, an evaluation of a toy, multiply-adds."""


def duration(seconds: float) -> str:
    """A time in words that promise no more than is known: ``"about 3 s"``."""
    if seconds < 1.5:
        return _tr("about a second")
    if seconds < 90:
        return _tr("about {seconds} s").format(seconds=number(seconds, 1 if seconds < 10 else 2, trim=True))
    if seconds < 5400:
        return _tr("about {minutes} min").format(minutes=number(seconds / 60, 2, trim=True))
    return _tr("about {hours} h").format(hours=number(seconds / 3600, 2, trim=True))


def _tr(text: str) -> str:
    return QCoreApplication.translate("study", text)
