"""Activations: each function with its derivative, and where on it the selected node's values lie."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from playground.document import edits
from playground.document.graph import INPUT, function_field, function_of, shapes, sources
from playground.engine.experiments import arguments
from playground.engine.experiments.lab import Asked, Values, ValuesAsked
from playground.engine.live.snapshot import Snapshot
from playground.layers import registry
from playground.layers.functions import FUNCTIONS
from playground.ui.explain.blocks import FormulaView
from playground.ui.formula import Formulas
from playground.ui.lab.anew import NO_NETWORK, Anew
from playground.ui.lab.function_picture import FunctionPicture, FunctionStrip
from playground.ui.lab.page import Page
from playground.ui.note_words import named
from playground.ui.numbers import count, number, percent
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

WAIT = 500
"""Milliseconds between two looks at a running network."""


class FunctionPage(Page):
    """Follows the selection and the run: the values are looked at anew, twice a second at most."""

    kind = "values"

    def __init__(self, workbench: Workbench, theme: Theme, formulas: Formulas) -> None:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.picture = FunctionPicture(theme)
        self.strip = FunctionStrip(theme)
        column.addWidget(self.picture, 1)
        column.addWidget(self.strip)
        super().__init__(workbench, theme, whole)
        self.nodes = QComboBox()
        self.nodes.setObjectName("lab_values_node")
        self.nodes.setToolTip(self.tr("The node whose values are shown; the selection on the canvas chooses it too"))
        self.nodes.activated.connect(lambda _: self._choose_node(self.nodes.currentData()))
        self.row(self.tr("Node"), self.nodes).itemAt(0).widget().setFixedWidth(64)
        self.node = ""
        self.function = ""
        self.title = self.sentence("title", "title")
        self.formulas = [FormulaView(theme, formulas) for _ in range(2)]
        for formula in self.formulas:
            self.side.addWidget(formula)
        self.help = self.sentence("help")
        self.figures = self.sentence("figures")
        self.use = QPushButton()
        self.use.setObjectName("lab_values_use")
        self.use.setAutoDefault(False)
        self.use.setToolTip(self.tr("Give the node this function; undo takes it back"))
        self.use.clicked.connect(self._use)
        self.side.addWidget(self.use)
        self.status = self.sentence("status", "caption")
        self.side.addStretch(1)
        self.strip.chosen.connect(self._choose_function)
        self._anew = Anew(self, WAIT, NO_NETWORK)
        workbench.selection_changed.connect(self._selected)

    @property
    def own(self) -> str:
        """The function of the node at hand."""
        if self.node not in self.workbench.document.nodes:
            return ""
        return function_of(self.workbench.document, self.node)

    @property
    def unit(self) -> int | None:
        """The selected unit of the node at hand."""
        unit = self.workbench.unit
        return unit[1] if unit is not None and unit[0] == self.node else None

    def _offers(self, function: str) -> bool:
        """Whether the node can have it: a SimpleRNN has four of them."""
        name = function_field(self.workbench.document, self.node)
        layer = registry.get(self.workbench.document.nodes[self.node].type)
        return any(field.name == name and function in field.choices for field in layer.fields)

    # -- choosing
    def _bent(self) -> list[str]:
        document = self.workbench.document
        return [node for node in document.nodes if function_field(document, node)]

    def _selected(self) -> None:
        chosen = [node for node in self.workbench.selected if node in self._bent()]
        if chosen and self.isVisible():
            self._choose_node(chosen[-1])

    def _choose_node(self, node: str) -> None:
        if node != self.node:
            self.node, self.function = node, ""
        self.nodes.setCurrentIndex(self.nodes.findData(self.node))
        self.function = self.function or self.own
        self.follow(self.workbench.snapshot)

    def _choose_function(self, name: str) -> None:
        self.function = name
        self._show()

    def _use(self) -> None:
        document = self.workbench.document
        field = function_field(document, self.node)
        words = self.tr("{node}: {function}").format(node=named(self.node, document), function=FUNCTIONS[self.function].title)
        self.workbench.edit(words, edits.set_field(document, self.node, field, self.function))

    # -- following
    def question(self) -> Asked | None:
        return ValuesAsked(self.node, self.unit) if self.node else None

    def document_changed(self) -> None:
        document, bent = self.workbench.document, self._bent()
        self.nodes.clear()
        for node in bent:
            self.nodes.addItem(named(node, document), node)
        if self.node not in bent:
            selected = [node for node in self.workbench.selected if node in bent]
            self.node = selected[-1] if selected else bent[0] if bent else ""
        self.nodes.setCurrentIndex(self.nodes.findData(self.node))
        self.function = self.own
        self._anew.forget()
        self._show()

    def follow(self, snapshot: Snapshot) -> None:
        if self.node:
            self._anew.follow(snapshot, self.node, self.unit)
        self._show()

    def show_state(self) -> None:
        """Nothing: it is there at once."""

    def show_found(self) -> None:
        self._show()

    def _show(self) -> None:
        function = self.function if self.function in FUNCTIONS else "tanh"
        values = self._values()
        self.picture.show_values(function, values, self._dots())
        self.strip.show_choice(function, self.own)
        about = FUNCTIONS[function]
        self.title.setText(about.title)
        self.help.setText(about.help)
        for formula, latex in zip(self.formulas, (about.formula("z", "f(z)"), about.derivative()), strict=True):
            formula.show_formula(latex)
        own = bool(self.node) and function == self.own
        self.use.setVisible(bool(self.node) and not own and self._offers(function))
        self.use.setText(self.tr("Use in {node}").format(node=named(self.node, self.workbench.document)))
        self.figures.setText(self._figures(values) if values is not None and own and values.function == function else "")

    def _values(self) -> Values | None:
        """What is known of the unit at hand: the last answer until there is a new one, or a reason why there is none."""
        found = self.found
        if found is None and self._refusal is None:
            found = self.picture.values_
        return found if isinstance(found, Values) and (found.node, found.unit) == (self.node, self.unit) else None

    def _dots(self) -> np.ndarray:
        trace = self.workbench.snapshot.trace
        nodes = trace.nodes if trace is not None else {}
        if self.node not in self.workbench.document.nodes or self.node not in nodes:
            return np.zeros(0)
        values = nodes[self.node].values
        before = arguments.sums(values)
        if not before:
            source = next(iter(sources(self.workbench.document, self.node)), "")
            before = [nodes[source].values["output"]] if source in nodes else []
        output = values.get("output")
        if not before or output is None:
            return np.zeros(0)
        if self.unit is not None and self.unit < output.size:
            before = arguments.of_unit(before, output.shape, self.unit)
        masks = [one.values["mask"] for id, one in nodes.items() if "mask" in one.values and self._is_input(id)]
        length = np.array([np.count_nonzero(masks[0])]) if masks else None
        steps = len(masks[0]) if masks else 0
        return np.concatenate([arguments.real(one[None], length, steps).ravel() for one in before]).astype(float)

    def _is_input(self, node: str) -> bool:
        placed = self.workbench.document.nodes.get(node)
        return placed is not None and placed.type == INPUT

    def _channel(self, node: str, unit: int) -> int:
        """Which neuron, map or feature an entry of the node's output belongs to."""
        shape = shapes(self.workbench.document).get(node, ())
        return arguments.channel(shape, unit) if shape else unit

    def _figures(self, values: Values) -> str:
        place = named(values.node, self.workbench.document)
        if values.unit is not None:
            place = self.tr("{node}, unit {unit}").format(node=place, unit=self._channel(values.node, values.unit) + 1)
        lines = [
            self.tr("{place}, {n} samples: z from {low} to {high}.").format(
                place=place, n=count(values.samples), low=number(values.lowest, signed=True), high=number(values.highest, signed=True)
            ),
            self.tr("f(z) is above zero for {share} of them.").format(share=percent(values.on)),
            self.tr("Mean slope {slope}: backward, so much of the error gets through.").format(slope=number(values.slope, 2)),
        ]
        reason = FUNCTIONS[values.function].non_differentiable
        return "\n".join([*lines[:2], self.tr("It has no useful derivative: the error passes straight through.") if reason else lines[2]])

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.picture.set_theme(theme)
        self.strip.set_theme(theme)
        for formula in self.formulas:
            formula.set_theme(theme)
