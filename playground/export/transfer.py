"""Weights of another network in this one: which nodes of a project or a file fit which nodes here, and what does not.

A node takes another's numbers only whole: all its parameters, in their shapes. Nodes of the same name come first; what is left is
matched in the order of the pass, shape by shape, so that a file from elsewhere (PyTorch's ``conv1.weight``) is taken as well.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from playground.document import Document, load_project
from playground.document.files import Progress
from playground.document.graph import Survey, survey
from playground.document.writing import path_of
from playground.errors import DocumentError, FileError
from playground.export import files
from playground.export.formats import Arrays
from playground.layers import registry
from playground.layers.spec import Shape, format_shape
from playground.sentences import Sentence, listed, say

ALSO = {"running_var": "running_variance"}
"""PyTorch's names of what is called otherwise here."""
COUNTERS = frozenset({"num_batches_tracked"})
"""What PyTorch saves beside the parameters."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a file holds: arrays by ``"node/parameter"``, and the document that they are of, where it says so."""

    weights: Arrays
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """``node`` takes the numbers of ``source``, a node of the file: so many ``numbers``."""

    node: str
    source: str
    numbers: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """What was found: ``weights`` by keys of this network, whose they are, ``left`` (node, why) without any, ``unused`` of the file."""

    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    matches: tuple[Match, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()

    def report(self) -> Sentence:
        """A line a node: what it got, or why it did not."""
        lines = [
            say("{node}: {numbers:,} numbers", node=one.node, numbers=one.numbers)
            if one.source == one.node
            else say("{node}: {numbers:,} numbers of {source}", node=one.node, numbers=one.numbers, source=one.source)
            for one in self.matches
        ]
        lines += [say("{node}: stays as it is, {why}", node=node, why=why) for node, why in self.left]
        lines += [say("{source} of the file fits nothing here", source=source) for source in self.unused]
        return listed(lines, "\n")


def read(path: str | os.PathLike[str], progress: Progress | None = None) -> Given:
    """The weights in a project, an npz archive or a safetensors file. Raises :class:`FileError` on damage, and where there are none."""
    place = path_of(path)
    if place.suffix == ".playground":
        project = load_project(place, progress)
        given = Given(project.weights, project.document)
    else:
        given = Given(files.read(place), files.read_document(place))
    if not given.weights:
        raise FileError("it holds no weights.", where=str(place), remedy="Train that network and save it first.")
    return given


def match(document: Document, given: Given) -> Transfer:
    """Which weights of ``given`` the nodes of ``document`` can take.

    Raises :class:`DocumentError` where not one fits. Of nodes without a known shape nothing can be said: they are left as they are.
    """
    here = survey(document)
    wanted = {node: _parameters(document, here, node) for node in here.order if node in here.inputs}
    wanted = {node: shapes for node, shapes in wanted.items() if shapes}
    there = _groups(given)
    found = {node: node for node, shapes in wanted.items() if node in there and not _refusal(document, given, node, node, shapes, there)}
    sources = [source for source in there if source not in found.values()]
    for node, shapes in wanted.items():
        if node in found or node in there:
            continue  # a node of the same name that does not fit is another layer by now: its numbers are nobody else's
        source = next((one for one in sources if not _refusal(document, given, node, one, shapes, there)), None)
        if source is not None:
            found[node] = source
            sources = sources[sources.index(source) + 1 :]  # what comes later here comes later there
    matches = tuple(
        Match(node, found[node], sum(there[found[node]][name].size for name in wanted[node])) for node in wanted if node in found
    )
    left = tuple((node, _why(document, given, node, wanted[node], there)) for node in wanted if node not in found)
    if not matches:
        reasons = listed((say("{node}: {why}", node=node, why=why) for node, why in left), "; ") or say("it has no weights")
        raise DocumentError(
            say("nothing in the file fits this network ({reasons}).", reasons=reasons), remedy="Give the layers the file's sizes."
        )
    weights = {f"{one.node}/{name}": there[one.source][name] for one in matches for name in wanted[one.node]}
    return Transfer(weights, matches, left, tuple(source for source in there if source not in found.values()))


def _parameters(document: Document, found: Survey, node: str) -> dict[str, Shape]:
    layer = registry.get(document.nodes[node].type)
    return {parameter.name: parameter.shape for parameter in layer.parameters(found.fields[node], found.inputs[node])}


def _groups(given: Given) -> dict[str, dict[str, np.ndarray]]:
    """The arrays by node, in the order of the pass where the file says it; ``conv1.weight`` is ``weight`` of ``conv1``."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for key, array in given.weights.items():
        node, _, name = key.rpartition("/") if "/" in key else key.rpartition(".")
        if name not in COUNTERS:
            found.setdefault(node or key, {})[ALSO.get(name, name)] = np.asarray(array)
    order = {node: at for at, node in enumerate(survey(given.document).order)} if given.document is not None else {}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], 0)))


def _refusal(
    document: Document, given: Given, node: str, source: str, shapes: Mapping[str, Shape], there: Mapping[str, Mapping[str, np.ndarray]]
) -> str:
    """Why ``node`` cannot take what ``source`` has; ``""`` where it can."""
    arrays = there[source]
    type = document.nodes[node].type
    other = given.document.nodes[source].type if given.document is not None and source in given.document.nodes else type
    if other != type:
        if other[:1] in "AEIO":
            return say("the file has an {type} of this name", type=other)
        return say("the file has a {type} of this name", type=other)
    if arrays.keys() != shapes.keys():
        return say("the file has {theirs} for it, this one has {own}", theirs=", ".join(sorted(arrays)), own=", ".join(sorted(shapes)))
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            return say(
                "its {name} is {own}, the file's {theirs}", name=name, own=format_shape(shape), theirs=format_shape(arrays[name].shape)
            )
        if arrays[name].dtype.kind not in "iuf" or not np.isfinite(arrays[name]).all():
            return say("the file's {name} holds what is no number", name=name)
    return ""


def _why(document: Document, given: Given, node: str, shapes: Mapping[str, Shape], there: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    if node in there:
        return _refusal(document, given, node, node, shapes, there)
    return say("nothing in the file has its shape")
