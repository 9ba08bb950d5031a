"""Changes of settings in words, for the marks on the curves: ``"rate 0.02 → 0.005"``. Nodes and fields go by the names that the
window shows them under."""

from __future__ import annotations

from typing import Any

import msgspec

from playground.document.model import Document, Node
from playground.layers import registry

SHORT = {
    "learning_rate": "rate",
    "clip_norm": "clip",
    "clip_value": "clip entries",
    "batch_size": "batch",
    "schedule_step": "every",
    "schedule_factor": "factor",
}


def changes(before: Document, after: Document) -> tuple[str, ...]:
    """What a reader of the curves should know of an edit: training settings and fields of nodes that stayed, in words."""
    words = _differences("", msgspec.structs.asdict(before.training), msgspec.structs.asdict(after.training))
    words += _differences("", msgspec.structs.asdict(before.augmentation), msgspec.structs.asdict(after.augmentation))
    for node in after.nodes:
        if node in before.nodes and before.nodes[node].type == after.nodes[node].type:
            old, new, name = before.nodes[node], after.nodes[node], named(after, node)
            words += _differences(f"{name} ", old.fields, new.fields, _labels(new))
            if old.frozen != new.frozen:
                words.append(f"{name} {'frozen' if new.frozen else 'learns again'}")
            words += _switched(name, set(new.off) - set(old.off), "off") + _switched(name, set(old.off) - set(new.off), "on")
    return tuple(words)


def named(document: Document, node: str) -> str:
    """A node's title, or its id."""
    return document.nodes[node].title or node


def structure_changes(before: Document, after: Document) -> str:
    """A change of the network in words: ``"dense2 added, dense3 removed"``, ``"rewired"``."""
    parts = [f"{named(after, node)} added" for node in after.nodes if node not in before.nodes]
    parts += [f"{named(before, node)} removed" for node in before.nodes if node not in after.nodes]
    parts += changes(before, after) + _drawn(len(after.data.drawings) - len(before.data.drawings))
    if not parts and set(before.wires) != set(after.wires):
        parts = ["rewired"]
    shown = parts[:3]
    return ", ".join(shown) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def _drawn(more: int) -> tuple[str, ...]:
    """Drawings that came to the data, or went."""
    if not more:
        return ()
    return (f"{abs(more)} drawing{'s' if abs(more) > 1 else ''} {'added' if more > 0 else 'removed'}",)


def _switched(name: str, units: set[int], how: str) -> list[str]:
    """Neurons that were switched ``how``, counted from 1 as the cards count them."""
    if not units:
        return []
    return [f"{name}: neuron{'s' if len(units) > 1 else ''} {', '.join(str(unit + 1) for unit in sorted(units))} {how}"]


def _labels(placed: Node) -> dict[str, str]:
    """What the inspector calls the fields of a node, within a sentence."""
    layer = registry.find(placed.type)
    return {field.name: field.title[:1].lower() + field.title[1:] for field in layer.fields} if layer is not None else {}


def _differences(prefix: str, before: dict[str, Any], after: dict[str, Any], labels: dict[str, str] = SHORT) -> list[str]:
    return [
        f"{prefix}{labels.get(name, name.replace('_', ' '))} {_format(before[name])} → {_format(value)}"
        for name, value in after.items()
        if name in before and before[name] != value
    ]


def _format(value: Any) -> str:
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
