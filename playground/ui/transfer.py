"""What is learned goes on elsewhere: weights of a file into the nodes they fit, a new head, all before a node frozen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from playground.document import Document, edits
from playground.document.fit import outputs_wanted
from playground.document.graph import OUTPUT, before, described, fields_of
from playground.engine.state import State
from playground.engine.weight_edits import Patch
from playground.errors import DocumentError, PlaygroundError
from playground.layers import losses, registry
from playground.layers.spec import LayerType
from playground.ui.actions import Actions
from playground.ui.dialogs.files import choose
from playground.ui.dialogs.messages import Message, show_error
from playground.ui.jobs import Work
from playground.ui.projects import ENDING, Projects
from playground.ui.weights import set_tables
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

if TYPE_CHECKING:  # it reads whole files: the window comes up without it
    from playground.export.transfer import Transfer


class Transfers(QObject):
    """The commands, and that of exporting. All are undoable steps; files are read on the thread of ``projects.jobs``."""

    def __init__(self, workbench: Workbench, projects: Projects, actions: Actions, window: QWidget) -> None:
        super().__init__(window)
        self._workbench, self._projects, self._window = workbench, projects, window
        actions.connect("export", projects.export)
        for name, call in {"load_weights": self.load, "new_head": self.new_head, "freeze_before": self.freeze_before}.items():
            actions.connect(name, call)

    # -- weights of a file
    def load(self, path: Path | None = None) -> None:
        """Take what fits from ``path``, or from a file that the user chooses, and say what did and what did not."""
        if path is None:
            kinds = [(self.tr("Projects and weights (*{project} *.npz *.safetensors)").format(project=ENDING), ENDING.removeprefix("."))]
            folder = str((self._projects.path or Path.home() / "x").parent)
            choose(self._window, "weights_dialog", self.tr("Load weights"), folder, kinds, self.load)
            return
        document = self._workbench.own_document
        stopped = self.tr("Loading was canceled: all is as it was.")
        work = Work(self.tr("loading {name}").format(name=path.name), lambda: self._workbench.notice.emit(stopped))

        def found() -> Transfer:
            from playground.export.transfer import match, read

            return match(document, read(path, work.report))

        def taken(made: Transfer) -> None:
            if self._workbench.own_document is not document:
                self._workbench.notice.emit(self.tr("The network was changed meanwhile: no weights were loaded."))
                return
            self._projects.jobs.wait_for(self._workbench.session.capture(), lambda state: self._take(made, state, path), self._failed, work)

        self._projects.jobs.run(found, taken, self._failed, work)

    def _take(self, made: Transfer, state: State, path: Path) -> None:
        """Set the weights as one step, and report it. They are what a rewind comes back to."""
        old, new = {}, {}
        for key, array in made.weights.items():
            present = state.weights.get(key)
            if present is None or present.shape != array.shape:
                continue
            places = np.arange(array.size)
            old[key] = Patch(array.shape, places, np.array(present, np.float64).ravel())
            new[key] = Patch(array.shape, places, np.array(array, np.float64).ravel())
        starts = {key: state.initial[key] for key in new if key in state.initial}, {key: made.weights[key] for key in new}
        set_tables(self._workbench, self.tr("Load weights"), old, new, starts)
        count = len(made.matches)
        taken = self.tr("Layers that took their weights from {name}: {count}.").format(count=count, name=path.name)
        sentences = [taken, *(self.tr("{node} stays as it is: {why}.").format(node=node, why=why) for node, why in made.left[:4])]
        if len(made.left) > 4:
            sentences.append(self.tr("So do {count} more.").format(count=len(made.left) - 4))
        Message(
            self._window,
            self.tr("Weights loaded"),
            sentences,
            [("weights_done", self.tr("Go on"))],
            declared(made.report()),
            name="weights_report",
        ).open()

    def _failed(self, error: Exception) -> None:
        safe = self.tr("The network is as it was.")
        show_error(
            self._window,
            self.tr("No weights were loaded."),
            error,
            safe,
            "" if isinstance(error, PlaygroundError) else self.tr("Try again, or choose another file."),
        )

    # -- a new head
    def new_head(self) -> None:
        """A fresh Dense in the place of the last one, with as many units as the data want; all other layers keep their weights."""
        document = self._workbench.document
        try:
            after, head = edits.new_head(document, _units(document))
        except DocumentError as error:
            self._workbench.notice.emit(declared(str(error)))
            return
        self._workbench.edit(self.tr("New head"), after)
        self._workbench.select((head,))
        self._workbench.notice.emit(self.tr("{node} starts afresh; all other layers keep their weights.").format(node=head))

    # -- frozen
    def freeze_before(self) -> None:
        """Freeze all layers with weights before the selected one, or let them learn where they are frozen."""
        document = self._workbench.document
        chosen = [node for node in self._workbench.selected if node in document.nodes]
        learning = {node for one in chosen for node in before(document, one) if _learns(document, node)} - set(chosen)
        if not learning:
            self._workbench.notice.emit(self.tr("Select the first layer that is to learn: all before it are frozen."))
            return
        frozen = not all(document.nodes[node].frozen for node in learning)
        text = self.tr("Freeze all before it") if frozen else self.tr("Let all before it learn")
        self._workbench.edit(text, edits.freeze(document, sorted(learning), frozen))
        words = self.tr("Frozen layers: {count}.") if frozen else self.tr("Layers that learn again: {count}.")
        self._workbench.notice.emit(words.format(count=len(learning)))


def _units(document: Document) -> int | None:
    """As many outputs as the data set wants; ``None`` where nothing is known of it."""
    about = described(document)
    output = next((id for id, placed in document.nodes.items() if placed.type == OUTPUT), "")
    if about is None or not output:
        return None
    return outputs_wanted(about, losses.get(fields_of(document, output)["loss"]))[0]


def _learns(document: Document, node: str) -> bool:
    """Whether a type has weights at all."""
    layer = registry.find(document.nodes[node].type)
    return layer is not None and type(layer).parameters is not LayerType.parameters
