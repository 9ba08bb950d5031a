"""In what two documents differ that bears on their numbers: training, network and data. Words for a heading and its tooltip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from playground.data import registry as data
from playground.document import AUGMENTATION_FIELDS, TRAINING_FIELDS, Document
from playground.fields import Field
from playground.layers import registry
from playground.ui.numbers import number

LONGEST = 24


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting: its ``name`` with its owner, and what it is on either side; empty where that side has none of it."""

    name: str
    mine: str
    other: str


def tr(text: str) -> str:
    return QCoreApplication.translate("compare", text)


def differences(mine: Document, other: Document) -> tuple[Difference, ...]:
    """All that differs, the training first. Places, titles and looks do not count."""
    return (*_training(mine, other), *_augmentation(mine, other), *_nodes(mine, other), *_wires(mine, other), *_data(mine, other))


def in_words(found: tuple[Difference, ...], mine: bool) -> str:
    """One side's values in a line: ``"learning rate 0.02, hidden: units 8"``."""
    return ", ".join(f"{one.name} {(one.mine if mine else one.other) or tr('none')}" for one in found)


def value_words(value: Any) -> str:
    """A setting's value as it is printed: ``"0.02"``, ``"on"``, ``"tanh"``."""
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if isinstance(value, float):
        return number(value, 4, trim=True)
    if value is None:
        return tr("none")
    if isinstance(value, tuple | list):
        return " × ".join(map(str, value))
    words = str(value)
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _training(mine: Document, other: Document) -> Iterator[Difference]:
    for field in TRAINING_FIELDS:
        one, two = getattr(mine.training, field.name), getattr(other.training, field.name)
        if one != two and (_counts(field, mine.training) or _counts(field, other.training)):
            yield Difference(_lower(field.title), value_words(one), value_words(two))


def _augmentation(mine: Document, other: Document) -> Iterator[Difference]:
    for field in AUGMENTATION_FIELDS:
        one, two = getattr(mine.augmentation, field.name), getattr(other.augmentation, field.name)
        if one != two:
            yield Difference(_lower(field.title), value_words(one), value_words(two))


def _counts(field: Field, training: Any) -> bool:
    return field.shown_when is None or getattr(training, field.shown_when[0]) in field.shown_when[1]


def _nodes(mine: Document, other: Document) -> Iterator[Difference]:
    for id in {**mine.nodes, **other.nodes}:
        one, two = mine.nodes.get(id), other.nodes.get(id)
        named = one or two
        assert named is not None
        title = named.title or id
        if one is None or two is None or one.type != two.type:
            yield Difference(f"{title}:", one.type if one else "", two.type if two else "")
            continue
        kind = registry.find(one.type)
        fields = {field.name: field for field in kind.fields} if kind is not None else {}
        for name in {**one.fields, **two.fields, **fields}:
            default = fields[name].default if name in fields else None
            values = one.fields.get(name, default), two.fields.get(name, default)
            if values[0] != values[1]:
                field_title = fields[name].title if name in fields else name
                yield Difference(f"{title}: {_lower(field_title)}", value_words(values[0]), value_words(values[1]))
        if one.frozen != two.frozen:
            yield Difference(f"{title}:", *(tr("frozen") if node.frozen else tr("learns") for node in (one, two)))


def _wires(mine: Document, other: Document) -> Iterator[Difference]:
    """Where the same nodes are wired otherwise; wires of nodes that only one side has are told with these."""
    both = mine.nodes.keys() & other.nodes.keys()
    kept = [{wire for wire in one.wires if {wire.source, wire.target} <= both} for one in (mine, other)]
    if mine.nodes.keys() == other.nodes.keys() and kept[0] != kept[1]:
        yield Difference(tr("wires:"), str(len(kept[0])), str(len(kept[1])))


def _data(mine: Document, other: Document) -> Iterator[Difference]:
    if mine.data.name != other.data.name:
        yield Difference(tr("data:"), mine.data.name, other.data.name)
        return
    fields = data.get(mine.data.name).fields if mine.data.name in data.names() else ()
    for field in fields:
        one, two = (document.data.options.get(field.name, field.default) for document in (mine, other))
        if one != two:
            yield Difference(tr("data: {option}").format(option=_lower(field.title)), value_words(one), value_words(two))


def _lower(title: str) -> str:
    """A title inside a sentence: ``"learning rate"``, but ``"L2"``."""
    return title if len(title) < 2 or title[1].isupper() or title[1].isdigit() else title[0].lower() + title[1:]
