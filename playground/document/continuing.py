"""Whether the samples that a stateful layer gets continue each other, as it takes them to."""

from __future__ import annotations

from collections.abc import Iterator

from playground.document.fit import data_name
from playground.document.graph import Survey
from playground.document.model import Document
from playground.document.problem import Problem
from playground.errors import Fix
from playground.sentences import say


def stateful(found: Survey) -> tuple[str, ...]:
    """The nodes that keep their state from batch to batch."""
    return tuple(node for node, fields in found.fields.items() if fields.get("stateful"))


def not_continued(document: Document, found: Survey) -> Iterator[Problem]:
    """A state that is carried on to a sample that has nothing to do with the one before: by the data, or by the order of training."""
    nodes, about, data = stateful(found), found.description, document.data
    if not nodes or about is None:
        return
    if not about.continued:
        options = dict(about.to_continue)
        fix = Fix("set_field", "Do not keep the state", fields=(("stateful", False),))
        remedy = say("Take windows of a text, each right behind the other, or do not keep the state.")
        if options:
            fix = Fix("set_data", "Let windows follow each other", fields=(("name", data.name), *(data.options | options).items()))
            remedy = say("Let each window begin where the one before ends.")
        yield Problem(
            say(
                "{nodes} keeps its state from batch to batch, but the samples of {name} do not continue each other.",
                nodes=nodes[0],
                name=data_name(document),
            ),
            nodes[0],
            "stateful",
            remedy=remedy,
            fix=fix,
            severity="warning",
            data=True,
        )
    elif document.training.shuffle:
        yield Problem(
            say("{nodes} keeps its state from batch to batch, but training shuffles the samples.", nodes=nodes[0]),
            nodes[0],
            "stateful",
            remedy="Do not shuffle: then each sample goes on where one of the batch before ended.",
            fix=Fix("set_training", "Do not shuffle", fields=(("shuffle", False),)),
            severity="warning",
            data=True,
        )
