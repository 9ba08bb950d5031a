"""What the canvas says of a document: shapes, parameter counts, ports, problems. Made once an edit, asked at every paint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from PySide6.QtCore import QCoreApplication

from playground import document as documents
from playground.data import Description
from playground.document import Document, Node, Problem, Wire
from playground.document.graph import Survey
from playground.document.receptive import receptive_field
from playground.layers import registry
from playground.layers.spec import LayerType, Parameter, Shape, learned
from playground.ui.canvas import geometry

MOST_EDGES = 16
"""Between layers of at most this many units every weight is an edge."""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """One node, as far as its wires let it be known."""

    layer: LayerType | None
    fields: Mapping[str, Any]
    inputs: tuple[Shape, ...] = ()
    output: Shape | None = None
    parameters: tuple[Parameter, ...] = ()
    ports: int = 1
    has_output: bool = True
    state: Shape | None = None
    """Of a layer that hands its state on, what its second output gives."""
    problems: tuple[Problem, ...] = ()
    sees: str = ""
    """What a cell sees of the input, where that has a meaning."""
    products: int = 0
    """Multiply-adds of one pass of a sample."""

    @property
    def has_state(self) -> bool:
        """Whether it has a second input and output, for the state."""
        return self.layer is not None and self.layer.has_state

    @property
    def footer(self) -> float:
        """How high the card's last lines are: what is said of a layer of pictures or sequences takes two."""
        return geometry.FOOTER + (geometry.LINE if self.sees else 0)

    @property
    def count(self) -> int:
        """How many numbers the node learns."""
        return learned(self.parameters)

    @property
    def error(self) -> Problem | None:
        """The first problem that keeps the document from training, if this node has one."""
        return next((problem for problem in self.problems if problem.severity == "error"), None)


@dataclass(frozen=True, slots=True)
class Facts:
    """A whole document. ``order`` is the order of a pass."""

    document: Document
    order: tuple[str, ...] = ()
    nodes: Mapping[str, NodeFacts] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    bad_wires: Mapping[Wire, Problem] = field(default_factory=dict)
    data: Description | None = None
    first: Mapping[str, str] = field(default_factory=dict)
    """The node on each one's first input."""

    def shape(self, wire: Wire) -> Shape | None:
        """What the wire carries; ``None`` where it is not known."""
        source = self.nodes.get(wire.source)
        return None if source is None else source.state if wire.from_port else source.output

    def weights(self, wire: Wire) -> Parameter | None:
        """The matrix (units, values) with which the wire's target weighs what the wire carries, if it has one."""
        target, shape = self.nodes.get(wire.target), self.shape(wire)
        if target is None or shape is None or len(shape) != 1:
            return None
        for parameter in target.parameters:
            if parameter.name == "weight" and len(parameter.shape) == 2 and parameter.shape[1] == shape[0]:
                return parameter
        return None

    def bundled(self, wire: Wire) -> bool:
        """Whether the wire is drawn as one edge a weight."""
        parameter = self.weights(wire)
        return parameter is not None and max(parameter.shape) <= MOST_EDGES


def alike(node: Node, other: Node) -> bool:
    """Whether the two are one but for the place."""
    return msgspec.structs.replace(node, position=other.position) == other


def _sees(document: Document, id: str, survey: Survey) -> str:
    field = receptive_field(document, id, survey)
    if field is None:
        return ""
    return QCoreApplication.translate("canvas", "all", "of the input") if field.all else field.words()


def of(document: Document) -> Facts:
    """Survey ``document`` by the same rules as the check, the command line and the worker."""
    survey = documents.survey(document)
    problems = tuple(documents.check(document))
    by_node: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.node:
            by_node.setdefault(problem.node, []).append(problem)
    nodes = {}
    for id, node in document.nodes.items():
        layer = registry.find(node.type)
        fields = survey.fields.get(id, node.fields)
        inputs = survey.inputs.get(id, ())
        nodes[id] = NodeFacts(
            layer=layer,
            fields=fields,
            inputs=inputs,
            output=survey.shapes.get(id),
            state=survey.states.get(id),
            parameters=layer.parameters(fields, inputs) if layer is not None and id in survey.inputs else (),
            ports=documents.port_count(document, id),
            has_output=layer is None or layer.has_output,
            problems=tuple(by_node.get(id, ())),
            sees=_sees(document, id, survey),
            products=layer.multiply_adds(fields, inputs) if layer is not None and id in survey.inputs and id in survey.shapes else 0,
        )
    bad = {problem.wire: problem for problem in problems if problem.wire is not None and problem.severity == "error"}
    first = {wire.target: wire.source for wire in reversed(document.wires) if not wire.to_port}
    return Facts(document, survey.order, nodes, problems, bad, survey.description, first)
