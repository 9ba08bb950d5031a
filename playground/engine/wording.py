"""Changes of settings in words, for the marks on the curves: ``"rate 0.02 → 0.005"``."""

from __future__ import annotations

from typing import Any

import msgspec

from playground.document.model import Document

SHORT = {"learning_rate": "rate", "clip_norm": "clip", "batch_size": "batch", "schedule_step": "every", "schedule_factor": "factor"}


def changes(before: Document, after: Document) -> tuple[str, ...]:
    """What a reader of the curves should know of an edit: training settings and fields of nodes that stayed, in words."""
    words = _differences("", msgspec.structs.asdict(before.training), msgspec.structs.asdict(after.training))
    for node in after.nodes:
        if node in before.nodes and before.nodes[node].type == after.nodes[node].type:
            words += _differences(f"{node} ", before.nodes[node].fields, after.nodes[node].fields)
            if before.nodes[node].frozen != after.nodes[node].frozen:
                words.append(f"{node} {'frozen' if after.nodes[node].frozen else 'learns again'}")
    return tuple(words)


def structure_changes(before: Document, after: Document) -> str:
    """A change of the network in words: ``"dense2 added, dense3 removed"``, ``"rewired"``."""
    parts = [f"{node} added" for node in after.nodes if node not in before.nodes]
    parts += [f"{node} removed" for node in before.nodes if node not in after.nodes]
    parts += changes(before, after)
    if not parts and set(before.wires) != set(after.wires):
        parts = ["rewired"]
    shown = parts[:3]
    return ", ".join(shown) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def _differences(prefix: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [
        f"{prefix}{SHORT.get(name, name.replace('_', ' '))} {_format(before[name])} → {_format(value)}"
        for name, value in after.items()
        if name in before and before[name] != value
    ]


def _format(value: Any) -> str:
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
