"""The inspector: the fields of what is selected, generated from their declarations, its parameters, and all problems."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QScrollArea, QVBoxLayout, QWidget

from playground import data, turns
from playground.document import TRAINING_FIELDS, Document, another
from playground.document.fit import idle_fields
from playground.document.graph import described
from playground.engine.live.snapshot import Snapshot
from playground.errors import PlaygroundError
from playground.fields import Field
from playground.layers import registry
from playground.ui.geometry import MEDIUM, Geometry
from playground.ui.in_turn import follow
from playground.ui.painters import tools
from playground.ui.panels import editors
from playground.ui.panels.controls import Section, label, rule
from playground.ui.panels.data_chooser import DataChooser
from playground.ui.panels.field_edits import FieldEdits
from playground.ui.panels.focus_keeper import FocusKeeper
from playground.ui.panels.learns_row import LearnsRow
from playground.ui.panels.name_editors import NameEditor, NamesEditor
from playground.ui.panels.node_figures import NodeFigures
from playground.ui.panels.own_row import AugmentationRow, OwnRow
from playground.ui.panels.parameters import ParameterTable
from playground.ui.panels.problems import ProblemList
from playground.ui.panels.several import learners, parameters_of, shared_fields, shared_values, values_of
from playground.ui.panels.then_line import ThenLine
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

TABLE_MILLISECONDS = 200
LEAST = 104
"""px of the form that are seen at least: three fields, or the sentence of several nodes; Explain gives way."""
LABEL_WIDTH, NARROW_LABEL = 112, 95
Commit = Callable[[Field, Any, bool], None]


class Inspector(Section):
    """One form at a time: a node's, or the document's when nothing is selected. ``left`` says that Esc gives the keys back."""

    left = Signal()

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", theme, "inspector", parent=parent)
        self.set_title(self.tr("Inspector"))
        look(self, "panel")
        self._workbench, self._edits, self._keeper = workbench, FieldEdits(workbench, self), FocusKeeper(self)
        self._editors: dict[tuple[str, str], editors.Editor] = {}
        self._shown: tuple[str, ...] = ()
        self._learns: LearnsRow | None = None
        self._several: tuple[str, ...] = ()
        self._of: tuple[str, ...] = ()
        self._geometry, self._longest = MEDIUM, 0
        self._clock = QElapsedTimer()
        self._clock.start()
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 4, 0, 8)
        self._column.setSpacing(0)
        self._form = QWidget()
        self._form_layout = QVBoxLayout(self._form)
        self._column.addWidget(self._form)
        self._training = QWidget()
        self._column.addWidget(self._training)
        self._options = QWidget()
        self._column.addWidget(self._options)
        self._line = rule()
        self._column.addSpacing(6)
        self._column.addWidget(self._line)
        self.table = ParameterTable(theme)
        self.table.set_inset(self._geometry.inset)
        self._column.addWidget(self.table)
        self.problems = ProblemList(workbench, theme)
        self._column.addStretch(1)
        self._area = area = QScrollArea()
        area.setObjectName("inspector_scroll")
        area.setMinimumHeight(LEAST)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self.layout_.addWidget(ThenLine(workbench))
        self.layout_.addWidget(area, 1)
        self.layout_.addWidget(self.problems)  # pinned below the form: it comes and goes, and must not push what is being edited
        workbench.selection_changed.connect(lambda: self._follow(apart=False))
        workbench.document_changed.connect(self._document_changed)
        workbench.snapshot_changed.connect(self._take)
        workbench.hidden_changed.connect(self._keep_secret)
        workbench.data_wanted.connect(self._offer_data)
        self._build_training()
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        if hasattr(self, "table"):
            self.table.set_theme(theme)
            self.problems.set_theme(theme)
            for editor in self._editors.values():
                editor.set_theme(theme)
            if self._learns is not None:
                self._learns.set_theme(theme)

    def set_geometry(self, geometry: Geometry) -> None:
        if geometry == self._geometry:
            return  # a form made anew costs as much as the rest of the window
        self._geometry = geometry
        self.table.set_inset(geometry.inset)
        self.problems.set_inset(geometry.inset)
        self._lay_out_training()
        self._shown = ("",)
        self.refresh()

    def editor(self, owner: str, field: str) -> editors.Editor:
        """The editor of a field now shown; ``owner`` is a node id, ``"training"`` or ``"data"``."""
        return self._editors[owner, field]

    # -- keys
    def enter(self) -> None:
        """Give the focus to the form's first field, once a form that was just built is seen."""
        QTimer.singleShot(0, self, self._enter)

    def _enter(self) -> None:
        first = next((editor.widget for (owner, _), editor in self._editors.items() if owner in self._shown and editor.isVisible()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc out of a field: what was typed and not entered is taken back."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
            return
        for editor in self._editors.values():
            if editor.widget.hasFocus():
                editor.give_up()
        self.left.emit()

    # -- which form
    def _document_changed(self, before: Document, after: Document) -> None:
        """Another document altogether has a turn of the event loop of its own: the canvas has just built all its cards. So have another
        type in a node's place and another data set: the form is built anew."""
        swapped = after.data.name != before.data.name or any(
            id in after.nodes and after.nodes[id].type != before.nodes[id].type for id in before.nodes
        )
        self._follow(apart=bool(after.nodes) and (swapped or another(before, after)))

    def _follow(self, apart: bool) -> None:
        """Refresh, in a turn of its own (``apart``) also where what the form is of was just deleted: every other view follows that too."""
        nodes = self._workbench.document.nodes
        apart |= bool(nodes) and any(id not in nodes for id in self._of)
        follow(self, self.refresh, math.inf if apart else max(len(nodes), len(self._of)))

    @turns.window
    def refresh(self) -> None:
        """Show the form of the selection, or bring the present one up to date."""
        document = self._workbench.document
        nodes = [node for node in self._workbench.selected if node in document.nodes]
        node, self._several = (nodes[0], ()) if len(nodes) == 1 else ("", tuple(nodes))
        self._of = tuple(nodes)
        what = (node, document.nodes[node].type) if node else ("data", document.data.name)
        if self._several:
            what = ("several", *nodes, *(field.name for field in shared_fields(document, nodes)), *learners(document, nodes))
        focused = self._keeper.focused(self._editors)
        if what != self._shown:
            self._shown = what
            self._rebuild(document, node)
        if node:
            self.caption.set_text(document.nodes[node].title or node)
            kind = registry.find(document.nodes[node].type)
            self.caption.setToolTip(declared(kind.summary) if kind is not None else "")
        else:
            self.caption.set_text(self.tr("{count} nodes").format(count=len(nodes)) if nodes else self.tr("document"))
        self._fill(document, node)
        self._declare(document, node)
        self._keeper.give_back(self._editors, focused, self)
        self._show_parameters(self._workbench.snapshot)

    def _rebuild(self, document: Document, node: str) -> None:
        for editor in self._editors.values():  # what is typed still was meant for what the old form was of; hidden, it would be entered
            editor.give_up()
        self._column.removeWidget(self._form)
        self._form.hide()
        self._form.deleteLater()
        self._editors = {key: editor for key, editor in self._editors.items() if key[0] == "training"}
        self._learns = None
        self._form = QWidget()
        self._form_layout = QVBoxLayout(self._form)
        self._form_layout.setContentsMargins(self._geometry.inset, 2, self._geometry.inset, 4)
        self._form_layout.setSpacing(6 if not self._geometry.compact else 5)
        self._measure(document, node)
        self._training.setVisible(not node and not self._several)
        self._column.removeWidget(self._options)
        self._options.hide()
        self._options.deleteLater()
        self._options = QWidget()
        if node:
            self._build_node(document, node)
        elif self._several:
            self._build_several(document, self._several)
        else:
            self._build_document(document)
        self._column.insertWidget(self._column.indexOf(self._training) + 1, self._options)
        self._options.setVisible(not node and not self._several)
        self._column.insertWidget(0, self._form)  # once it is whole: one layout, not one for each field

    def _measure(self, document: Document, node: str) -> None:
        """How wide the names of the form's fields are."""
        groups: list[tuple[Field, ...]] = [] if node else [shared_fields(document, self._several) if self._several else TRAINING_FIELDS]
        if node and (kind := registry.find(document.nodes[node].type)) is not None:
            groups.append(kind.fields)
        elif not node and not self._several and document.data.name in data.names():
            groups.append(data.get(document.data.name).fields)
        self._longest = math.ceil(max((tools.width(declared(field.title), 12) for group in groups for field in group), default=0)) + 5
        if not node and not self._several:
            self._lay_out_training()

    def _build_node(self, document: Document, node: str) -> None:
        kind = registry.find(document.nodes[node].type)
        if kind is None:
            text = self.tr("This version does not know the layer “{type}”. It is kept and saved unchanged.")
            sentence = label(text.format(type=document.nodes[node].type), "sentence")
            sentence.setWordWrap(True)
            self._form_layout.addWidget(sentence)
            return
        if registry.cell(kind.name):
            cells = tuple(cell.name for cell in registry.cells())
            cell = Field("cell", "choice", kind.name, self.tr("Another cell in its place; all fields that both have stay."), choices=cells)
            self._add(node, cell, lambda _f, type, _s, node=node: self._edits.swap_cell(node, type))
        for field in kind.fields:
            self._add(node, field, lambda f, v, s, node=node: self._edits.set_field(node, f, v, s))
        if parameters_of(document, node):
            self._add_learns((node,), node)
        self._form_layout.addWidget(NodeFigures(self._workbench, node))

    def _build_several(self, document: Document, nodes: tuple[str, ...]) -> None:
        """What all of them have; their own names and figures are seen one by one."""
        fields, learn = shared_fields(document, nodes), learners(document, nodes)
        words = self.tr("They have no setting in common. Ctrl+D makes copies of them, Delete takes them away, and the menu aligns them.")
        if fields or learn:
            words = self.tr("What is changed here is changed in all of them. The menu aligns them.")
        sentence = label(words, "sentence")
        sentence.setWordWrap(True)
        self._form_layout.addWidget(sentence)
        self._form_layout.addSpacing(2)
        for field in fields:
            self._add("several", field, lambda f, v, s: self._edits.set_fields(nodes, f, v, s))
        if learn:
            self._add_learns(learn, "several")

    def _add_learns(self, nodes: tuple[str, ...], owner: str) -> None:
        self._learns = LearnsRow(nodes, owner, self._theme, self._label_width)
        self._learns.frozen.connect(self._edits.freeze)
        self._form_layout.addWidget(self._learns)

    def _build_document(self, document: Document) -> None:
        choices = Field("name", "choice", "", self.tr("What it learns from."), label=self.tr("Data"), choices=("", *data.names()))
        DataChooser(self._add("data", choices, lambda _f, name, _s: self._edits.set_data(name)), document.data.name)
        self._build_options(document)

    def _build_options(self, document: Document) -> None:
        """How the data are made and split: below the training, which is changed more often."""
        fields = data.get(document.data.name).fields if document.data.name in data.names() else ()
        if not fields:
            return
        column = QVBoxLayout(self._options)
        column.setContentsMargins(self._geometry.inset, 0, self._geometry.inset, 4)
        column.setSpacing(self._form_layout.spacing())
        column.addWidget(rule())
        column.addSpacing(4)
        if data.get(document.data.name).own:
            column.addWidget(OwnRow(self._workbench, self._label_width))
        for field in fields:
            if not field.found:
                column.addWidget(self._make("data", field, lambda f, v, s: self._edits.set_option(f, v, s)))
        about = described(document)
        if about is not None and len(about.input_shape) == 3:
            column.addWidget(AugmentationRow(self._workbench, self._label_width))

    def _build_training(self) -> None:
        """The fields of training are the same for every document: made once, so that opening one does not wait for them."""
        column = QVBoxLayout(self._training)
        for field in TRAINING_FIELDS:
            column.addWidget(self._make("training", field, self._edits.set_training))
        self._lay_out_training()

    def _lay_out_training(self) -> None:
        column = self._training.layout()
        column.setContentsMargins(self._geometry.inset, 0, self._geometry.inset, 4)
        column.setSpacing(6 if not self._geometry.compact else 5)
        for field in TRAINING_FIELDS:
            self._editors["training", field.name].set_label_width(self._label_width)

    def _add(self, owner: str, field: Field, commit: Commit) -> editors.Editor:
        editor = self._make(owner, field, commit)
        self._form_layout.addWidget(editor)
        return editor

    def _make(self, owner: str, field: Field, commit: Commit) -> editors.Editor:
        editor = editors.make(field, owner, self._theme, self._label_width)
        editor.committed.connect(lambda value, scrubbed: self._try(editor, lambda: commit(field, value, scrubbed)))
        editor.refused.connect(lambda: QTimer.singleShot(0, editor, lambda: self._area.ensureWidgetVisible(editor, 0, 4)))  # once laid out
        self._editors[owner, field.name] = editor
        self._keeper.watch(editor)
        return editor

    @property
    def _label_width(self) -> int:
        """In the small window the fields have what the form's longest name leaves."""
        return min(max(NARROW_LABEL, self._longest), LABEL_WIDTH) if self._geometry.compact else LABEL_WIDTH

    # -- values
    def _fill(self, document: Document, node: str) -> None:
        training = {field.name: getattr(document.training, field.name) for field in TRAINING_FIELDS}
        groups: dict[str, tuple[tuple[Field, ...], Mapping[str, Any]]] = {"training": (TRAINING_FIELDS, training)}
        if document.data.name in data.names():
            fields = data.get(document.data.name).fields
            groups["data"] = (fields, {f.name: document.data.options.get(f.name, f.default) for f in fields})
        if node and (kind := registry.find(document.nodes[node].type)) is not None:
            groups[node] = (kind.fields, values_of(document, node) | {"cell": kind.name})
        if self._several:
            groups["several"] = ((), shared_values(document, self._several))
        idle = idle_fields(document, node) if node else ()
        for (owner, name), editor in self._editors.items():
            if (owner, name) == ("data", "name"):
                editor.show_value(document.data.name)
                continue
            _, values = groups.get(owner, ((), {}))
            if isinstance(editor, NameEditor | NamesEditor):
                editor.show_names(values.get(editor.field.of, ()))
            if name in values:
                editor.show_value(values[name])
            condition = editor.field.shown_when
            shown = (condition is None or values.get(condition[0]) in condition[1]) and not (owner == node and name in idle)
            if shown == editor.isHidden():
                editor.setVisible(shown)
        if self._learns is not None:
            self._learns.show_document(document)

    def _declare(self, document: Document, node: str) -> None:
        parameters = parameters_of(document, node) if node else {}
        self.table.declare(parameters, node)
        self.table.setVisible(bool(parameters))
        self._line.setVisible(bool(parameters))
        if node and bool(parameters) != (self._learns is not None) and registry.find(document.nodes[node].type) is not None:
            self._rebuild(document, node)
            self._fill(document, node)

    def _take(self, snapshot: Snapshot) -> None:
        if self._clock.elapsed() >= TABLE_MILLISECONDS or snapshot.phase != "training":
            self._clock.restart()
            self._show_parameters(snapshot)

    def _keep_secret(self) -> None:
        self.table.set_secret(bool(self._workbench.hidden))

    def _show_parameters(self, snapshot: Snapshot) -> None:
        node = self._shown[0] if self._shown else ""
        if self.table.isHidden():
            return
        prefix = f"{node}/"
        arrays = {key.removeprefix(prefix): array for key, array in snapshot.parameters.items() if key.startswith(prefix)}
        if arrays:
            self.table.show_arrays(arrays)

    def _offer_data(self) -> None:
        self._workbench.select(())
        box = self.editor("data", "name").widget
        assert isinstance(box, QComboBox)
        box.setFocus(Qt.FocusReason.OtherFocusReason)
        box.showPopup()

    # -- edits
    def _try(self, editor: editors.Editor, change: Callable[[], None]) -> None:
        try:
            change()
        except PlaygroundError as error:
            editor.complain(declared(str(error)))
