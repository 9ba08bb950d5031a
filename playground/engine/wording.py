"""Changes of settings in words, for the marks on the curves: ``"rate 0.02 → 0.005"``. Nodes and fields go by the names that the
window shows them under."""

from __future__ import annotations

from typing import Any

import msgspec

from playground.document.graph import shapes
from playground.document.model import Document, Node
from playground.document.optimizers import OPTIMIZERS
from playground.layers import registry
from playground.layers.functions import written
from playground.sentences import Sentence, listed, say, sentence

SHORT: dict[str, str] = {
    "learning_rate": say("rate"),
    "clip_norm": say("clip"),
    "clip_value": say("clip entries"),
    "batch_size": say("batch"),
    "schedule_step": say("every"),
    "schedule_factor": say("factor"),
    "l1": say("L1"),
    "l2": say("L2"),
}


def changes(before: Document, after: Document) -> tuple[Sentence, ...]:
    """What a reader of the curves should know of an edit: training settings and fields of nodes that stayed, in words."""
    words = _differences("", msgspec.structs.asdict(before.training), msgspec.structs.asdict(after.training))
    words += _differences("", msgspec.structs.asdict(before.augmentation), msgspec.structs.asdict(after.augmentation))
    for node in after.nodes:
        if node in before.nodes and before.nodes[node].type == after.nodes[node].type:
            old, new, name = before.nodes[node], after.nodes[node], named(after, node)
            words += _differences(name, old.fields, new.fields, _labels(new))
            if old.frozen != new.frozen:
                words.append(say("{name} frozen", name=name) if new.frozen else say("{name} learns again", name=name))
            for units, how in ((set(new.off) - set(old.off), say("off")), (set(old.off) - set(new.off), say("on"))):
                if units:
                    words.append(_switched(name, units, how, _maps(after, node)))
    return tuple(words)


def named(document: Document, node: str) -> str:
    """A node's title, or its id."""
    return document.nodes[node].title or node


def structure_changes(before: Document, after: Document) -> Sentence | None:
    """A change of the network in words: ``"dense2 added, dense3 removed"``, ``"rewired"``."""
    parts = [say("{name} added", name=named(after, node)) for node in after.nodes if node not in before.nodes]
    parts += [say("{name} removed", name=named(before, node)) for node in before.nodes if node not in after.nodes]
    parts += changes(before, after) + _drawn(len(after.data.drawings) - len(before.data.drawings))
    if not parts and set(before.wires) != set(after.wires):
        parts = [say("rewired")]
    if len(parts) > 3:
        return say("{parts} and {count} more", parts=listed(parts[:3]), count=len(parts) - 3)
    return listed(parts) if parts else None


def _drawn(more: int) -> tuple[Sentence, ...]:
    """Drawings that came to the data, or went."""
    if not more:
        return ()
    drawings = say("1 drawing") if abs(more) == 1 else say("{count} drawings", count=abs(more))
    return (say("{name} added", name=drawings) if more > 0 else say("{name} removed", name=drawings),)


def _switched(name: str, units: set[int], how: Sentence, maps: bool) -> Sentence:
    """Neurons that were switched ``how``, or ``maps``, counted from 1 as the cards count them."""
    numbers = ", ".join(str(unit + 1) for unit in sorted(units))
    if maps:
        words = say("map {numbers}", numbers=numbers) if len(units) == 1 else say("maps {numbers}", numbers=numbers)
    else:
        words = say("neuron {numbers}", numbers=numbers) if len(units) == 1 else say("neurons {numbers}", numbers=numbers)
    return say("{name}: {units} {how}", name=name, units=words, how=how)


def _maps(document: Document, node: str) -> bool:
    """Whether the node's units are maps: its output is pictures."""
    shape = shapes(document).get(node, ())
    return len(shape) == 3 and shape[1] * shape[2] > 1


def _labels(placed: Node) -> dict[str, str]:
    """What the inspector calls the fields of a node, within a sentence."""
    layer = registry.find(placed.type)
    return {field.name: sentence(field.title[:1].lower() + field.title[1:]) for field in layer.fields} if layer is not None else {}


def _differences(node: str, before: dict[str, Any], after: dict[str, Any], labels: dict[str, str] = SHORT) -> list[Sentence]:
    found = []
    for name, value in after.items():
        if name in before and before[name] != value:
            label = labels.get(name) or sentence(name.replace("_", " "))
            change = say("{label} {before} → {after}", label=label, before=_format(before[name]), after=_format(value))
            found.append(say("{node} {change}", node=node, change=change) if node else change)
    return found


def _format(value: Any) -> str:
    if value is None:
        return say("off")
    if isinstance(value, bool):
        return say("on") if value else say("off")
    if isinstance(value, str) and value in OPTIMIZERS:
        return sentence(OPTIMIZERS[value].title)
    return f"{value:g}" if isinstance(value, float) else written(str(value))
