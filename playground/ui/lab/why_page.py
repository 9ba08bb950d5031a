"""Why this answer: saliency, Grad-CAM and occlusion of the followed sample."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from playground.document import Document
from playground.document.graph import described, survey
from playground.engine.experiments.lab import Asked, Attribution, AttributionAsked
from playground.engine.live.snapshot import Snapshot
from playground.ui.lab.anew import Anew
from playground.ui.lab.page import Page
from playground.ui.lab.why_picture import WhyPicture
from playground.ui.note_words import named
from playground.ui.numbers import count, percent, plain
from playground.ui.theme import Theme
from playground.ui.wording import with_titles
from playground.ui.workbench import Workbench

WAIT = 500
"""Milliseconds between two looks at a running network."""


class WhyPage(Page):
    """Follows the followed sample and the run, twice a second at most."""

    kind = "attribution"

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        self.picture = WhyPicture(theme)
        super().__init__(workbench, theme, self.picture)
        self.classes, self.layers = QComboBox(), QComboBox()
        for box, name, words, tip in (
            (self.classes, "class", self.tr("Class"), self.tr("The answer to explain")),
            (self.layers, "layer", self.tr("Layer"), self.tr("The layer whose maps Grad-CAM weighs")),
        ):
            box.setObjectName(f"lab_{self.kind}_{name}")
            box.setToolTip(tip)
            box.activated.connect(lambda _: self.follow(self.workbench.snapshot))
            self.row(words, box).itemAt(0).widget().setFixedWidth(64)
        self.figures = self.sentence("figures")
        self.words = self.sentence("words")
        self.words.setText(
            self.tr(
                "Saliency: by how much the class's sum changes as one pixel does; the larger, the more it hangs on that pixel.\n\n"
                "Grad-CAM: each map of the layer, weighted by the mean slope of the class's sum over the map; what is positive in the sum"
                " speaks for the class.\n\n"
                "Occlusion: a gray square covers the picture place by place; blue is where the prediction falls without it, orange where"
                " it rises."
            )
        )
        self.status = self.sentence("status", "caption")
        self.side.addStretch(1)
        self._anew = Anew(self, WAIT)
        workbench.sample_changed.connect(lambda *_: self._sample_changed())

    def question(self) -> Asked | None:
        unit, (split, index) = self.classes.currentData(), self.workbench.sample
        own = self.workbench.drawing.x
        return AttributionAsked(split, index, own, unit if isinstance(unit, int) and unit >= 0 else None, self.layers.currentData() or "")

    def document_changed(self) -> None:
        document, (chosen, layer) = self.workbench.document, (self.classes.currentData(), self.layers.currentData())
        self.classes.clear()
        self.classes.addItem(self.tr("the strongest"), -1)
        for at, name in enumerate(class_names(document)):
            self.classes.addItem(name, at)
        self.classes.setCurrentIndex(max(self.classes.findData(chosen), 0))
        self.layers.clear()
        shapes = survey(document).shapes
        for node, placed in document.nodes.items():
            if len(shapes.get(node, ())) == 3 and placed.type != "Input":
                self.layers.addItem(named(node, document), node)
        self.layers.setCurrentIndex(self.layers.findData(layer))
        self.layers.setPlaceholderText(self.tr("the last of the maps") if self.layers.count() else self.tr("no maps"))
        self.layers.setEnabled(self.layers.count() > 0)
        self._anew.forget()
        self._show()

    def _sample_changed(self) -> None:
        if self.isVisible():
            self.follow(self.workbench.snapshot)

    def follow(self, snapshot: Snapshot) -> None:
        asked = self.question()
        assert isinstance(asked, AttributionAsked)
        self._anew.follow(snapshot, asked, id(asked.picture))
        self._show()

    def show_state(self) -> None:
        """Nothing: it is there at once."""

    def refuse(self, words: str) -> None:
        """It stands in the pictures' place."""
        self._show()

    def show_found(self) -> None:
        self._show()

    def _show(self) -> None:
        found, document = (self.found if isinstance(self.found, Attribution) else None), self.workbench.document
        if found is None and self._refusal is None and self.picture.found is not None:
            return  # the last one stays until the new one is there
        if found is None:
            asked = self.tr("A network that looks at pictures is asked here")
            self.picture.show_found(None, "", with_titles(self._refusal, document) if self._refusal else asked)
            self.figures.setText("")
            return
        layer = named(found.node, document) if found.node in document.nodes else found.node
        self.picture.show_found(found, layer, "")
        names = class_names(document)
        name = names[found.unit] if found.unit < len(names) else count(found.unit)
        answer = percent(found.answer) if 0 <= found.answer <= 1 else plain(round(found.answer, 3))
        if found.asked.picture is not None:
            text = self.tr("Your own picture: “{name}” at {answer}.").format(name=name, answer=answer)
        else:
            text = self.tr("Sample {sample} of {split}: “{name}” at {answer}.").format(
                sample=count(found.asked.index), split=found.asked.split, name=name, answer=answer
            )
        if found.target is not None and found.target < len(names) and found.target != found.unit:
            text += " " + self.tr("It is labeled “{name}”.").format(name=names[found.target])
        self.figures.setText(text)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.picture.set_theme(theme)


def class_names(document: Document) -> tuple[str, ...]:
    """The names of the classes of the document's data set."""
    description = described(document)
    return description.classes if description is not None else ()
