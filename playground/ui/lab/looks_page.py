"""What it looks for: a unit's preferred picture, and the training samples that it answers most to."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from playground.document.graph import survey
from playground.engine.experiments.lab import Asked, Preferred, PreferredAsked, Strongest, StrongestAsked
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui.lab.looks_picture import LooksPicture
from playground.ui.lab.page import Page
from playground.ui.lab.why_page import class_names
from playground.ui.note_words import named
from playground.ui.numbers import count
from playground.ui.theme import Theme
from playground.ui.wording import with_titles
from playground.ui.workbench import Workbench


class LooksPage(Page):
    """Asks when a node or a unit is chosen, and by its button: a running network would change under a long look."""

    kind = "strongest"

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        self.picture = LooksPicture(theme)
        super().__init__(workbench, theme, self.picture)
        self.nodes = QComboBox()
        self.nodes.setObjectName("lab_strongest_node")
        self.nodes.setToolTip(self.tr("The node whose units are asked; the selection on the canvas chooses it too"))
        self.nodes.activated.connect(lambda _: self._choose(self.nodes.currentData()))
        self.row(self.tr("Node"), self.nodes).itemAt(0).widget().setFixedWidth(64)
        self.node, self.unit = "", 0
        self.preferred: Preferred | None = None
        self.figures = self.sentence("figures")
        self.words = self.sentence("words")
        self.words.setText(
            self.tr(
                "Left: a gray picture of noise is changed pixel by pixel along the slope of the unit's sum, until the unit answers as"
                " strongly as it can within the range of the data. A map is asked at the cell in its middle, and what that cell sees is"
                " shown.\n\n"
                "Right: the training samples whose answer is largest; of a map, the part of the picture that its strongest place sees."
            )
        )
        self.add_controls(self.tr("Look again"))
        self.side.addStretch(1)
        self.picture.unit_chosen.connect(lambda unit: self._choose(self.node, unit))
        self.picture.sample_chosen.connect(lambda index: workbench.follow("train", index))
        workbench.selection_changed.connect(self._selected)

    def question(self) -> Asked | None:
        return StrongestAsked(self.node) if self.node else None

    def ask(self) -> None:
        super().ask()
        if self.node:
            self._ask_preferred()

    def _ask_preferred(self) -> None:
        self.workbench.session.send(commands.Experiment(PreferredAsked(self.node, self.unit)))

    def _choose(self, node: str, unit: int = 0) -> None:
        other, self.node, self.unit = node != self.node, node, unit
        self.nodes.setCurrentIndex(self.nodes.findData(node))
        if other:
            self.ask()
        else:
            self._ask_preferred()
        self._show()

    def _selected(self) -> None:
        chosen = [node for node in self.workbench.selected if self.nodes.findData(node) >= 0]
        if chosen and self.isVisible():
            self._choose(chosen[-1], self._chosen_unit(chosen[-1]))

    def _chosen_unit(self, node: str) -> int:
        """What of ``node`` is chosen on the canvas: of a pixel its map, of a number of a sequence its feature."""
        unit = self.workbench.unit
        shape = survey(self.workbench.document).shapes.get(node)
        if unit is None or unit[0] != node or shape is None:
            return 0
        return unit[1] // (shape[1] * shape[2]) if len(shape) == 3 else unit[1] % shape[-1]

    def entered(self) -> None:
        if self.node and self.found is None:
            self.unit = self._chosen_unit(self.node)
            self.ask()

    def document_changed(self) -> None:
        document, shapes = self.workbench.document, survey(self.workbench.document).shapes
        self.nodes.clear()
        for node, placed in document.nodes.items():
            if placed.type not in ("Input", "Flatten", "Reshape") and node in shapes:
                self.nodes.addItem(named(node, document), node)
        known = [self.nodes.itemData(at) for at in range(self.nodes.count())]
        if self.node not in known:
            selected = [node for node in self.workbench.selected if node in known]
            self.node, self.unit = (selected or known[-1:] or [""])[-1], 0
        self.nodes.setCurrentIndex(self.nodes.findData(self.node))
        self._show()

    def follow(self, snapshot: Snapshot) -> None:
        found = snapshot.lab.get("preferred")
        refusal = snapshot.refused.get("preferred")
        if refusal and found is None and refusal != self._refusal:
            self.say(with_titles(refusal, self.workbench.document), bad=True)
        if found is not self.preferred:
            self.preferred = found if isinstance(found, Preferred) else None
            self._show()

    def show_found(self) -> None:
        self._show()

    def refuse(self, words: str) -> None:
        """It stands in the pictures' place."""
        self.say("")
        self._show()

    def _show(self) -> None:
        found = self.found if isinstance(self.found, Strongest) and self.found.asked.node == self.node else None
        preferred = self.preferred
        if preferred is not None and (preferred.asked.node, preferred.asked.unit) != (self.node, self.unit):
            preferred = None
        document = self.workbench.document
        names = class_names(document) if self.node in document.nodes and document.nodes[self.node].type == "Output" else ()
        unit = names[self.unit] if self.unit < len(names) else count(self.unit + 1)
        of_map = found is not None and len(found.shape) == 3
        what = self.tr("class {unit}") if names else self.tr("map {unit}") if of_map else self.tr("unit {unit}")
        title = f"{named(self.node, document)}, {what.format(unit=unit)}" if self.node in document.nodes else ""
        asked = self.tr("A network that looks at pictures is asked here")
        words = with_titles(self._refusal, document) if self._refusal else asked
        self.picture.show_found(preferred, found, self.unit, title, names, words)
        self.figures.setText(title)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.picture.set_theme(theme)
