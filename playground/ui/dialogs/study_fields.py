"""Which fields of a document can be swept, and from where to where at first. Without Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from playground.data import registry as data
from playground.document import Document
from playground.document.settings import TRAINING_FIELDS
from playground.fields import Field
from playground.layers import registry

LEFT_OUT = frozenset({"seed", "epochs", "patience", "schedule_epochs", "schedule_step"})


@dataclass(frozen=True, slots=True)
class Swept:
    """A numeric field: its ``path`` for ``set_path``, its title, and the range that is proposed."""

    path: str
    title: str
    low: float
    high: float
    log: bool
    whole: bool


def swept(document: Document) -> list[Swept]:
    """The numeric fields of training, nodes and data that mean anything as they stand, the learning rate first."""
    training = document.training
    values = {field.name: getattr(training, field.name) for field in TRAINING_FIELDS}
    found = [_proposal("training", "", field, values[field.name]) for field in _meant(TRAINING_FIELDS, values)]
    for id, node in document.nodes.items():
        layer = registry.find(node.type)
        if layer is not None:
            own = {field.name: node.fields.get(field.name, field.default) for field in layer.fields}
            found += [_proposal(f"nodes.{id}", node.title or id, field, own[field.name]) for field in _meant(layer.fields, own)]
    if document.data.name in data.names():
        fields = data.get(document.data.name).fields
        options = {field.name: document.data.options.get(field.name, field.default) for field in fields}
        found += [_proposal("data.options", "data", field, options[field.name]) for field in _meant(fields, options)]
    return sorted(found, key=lambda one: one.path != "training.learning_rate")


def _meant(fields: Iterable[Field], values: dict[str, object]) -> list[Field]:
    """Numbers that are set and shown: Adam's memory means nothing to plain descent."""
    return [
        field
        for field in fields
        if field.kind in ("int", "float")
        and field.name not in LEFT_OUT
        and isinstance(values[field.name], int | float)
        and (field.shown_when is None or values.get(field.shown_when[0]) in field.shown_when[1])
    ]


def _proposal(path: str, owner: str, field: Field, value: float) -> Swept:
    """A decade to both sides of a positive number, half and double of a whole one, what the bounds allow elsewhere."""
    whole, log = field.kind == "int", field.kind == "float" and value > 0 and (field.maximum is None or field.maximum > 1)
    if whole:
        low, high = max(1, value // 2), max(2, value * 2)
    elif log:
        low, high = value / 10, value * 10
    else:
        low, high = 0.0, value * 2 if value > 0 else 0.1
    if field.minimum is not None:
        low = max(low, field.minimum)
    if field.maximum is not None:
        high = min(high, 0.99 if 0.99 < field.maximum < 1 else field.maximum)  # Adam's memory: its very end is no use
    title = f"{owner}: {field.title.lower()}" if owner else field.title
    return Swept(f"{path}.{field.name}", title, low, high, log, whole)
