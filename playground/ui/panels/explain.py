"""The explain panel: the cell of the pass at hand, or of the unit in focus, as equations in symbols and in the numbers of the trace."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from playground import turns
from playground.anim.account import Account, Place
from playground.anim.accounts import account
from playground.anim.cursor import Cursor
from playground.engine.live.snapshot import Snapshot
from playground.engine.trace import Trace
from playground.ui.explain import caption, places
from playground.ui.explain.ahead import Ahead
from playground.ui.explain.blocks import FORMULA_SIZE
from playground.ui.explain.build import Options, present, sheet, without_window
from playground.ui.explain.close_up import with_close_up
from playground.ui.explain.figures import CHOICES, USUAL, Figures
from playground.ui.explain.footer import Footer
from playground.ui.explain.hiding import NOTHING, Hidden, question
from playground.ui.explain.lens import with_unit
from playground.ui.explain.plain import plain_sheet, start_sheet
from playground.ui.explain.sheet import Sheet
from playground.ui.explain.sheet_view import SheetView
from playground.ui.explain.subjects import Asked, Subjects
from playground.ui.explain.terms import IN_LINE
from playground.ui.formula import Formulas
from playground.ui.geometry import MEDIUM, Geometry
from playground.ui.in_turn import follow
from playground.ui.panels.controls import Section, rule
from playground.ui.panels.predict import Predict
from playground.ui.settings import Settings
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

REFRESH_MILLISECONDS = 100
SETTING = "explain/digits"
Where = tuple[str, str, int]
"""Phase, node and cell."""


class Explain(Section):
    """Follows the pass on show; without one the unit under the pointer, else the selected one.

    Numbers light what they stand for through the workbench, and are lit by it. While ``predicting`` the result of the cell at hand
    is hidden, here and on the canvas, until the user has said what it is.
    """

    room_wanted = Signal(bool)
    """Whether a pass is being explained, for which the panel wants more of the column."""
    told = Signal(object)
    """The sheet that is explained."""

    def __init__(self, workbench: Workbench, theme: Theme, settings: Settings | None = None, parent: QWidget | None = None) -> None:
        super().__init__("", theme, "explain", parent=parent)
        self.set_title(self.tr("Explain"))
        look(self, "panel")
        self._workbench, self._settings = workbench, settings
        kept = settings.numbers(SETTING) if settings is not None else []
        self.figures = Figures(kept[0] if kept and kept[0] in CHOICES else USUAL)
        self._hover: Asked | None = None
        self._entry: places.Key | None = None
        self._linked: tuple[Place, ...] = ()
        """What the unit under the pointer has lit."""
        self.passed: Cursor | None = None
        """Where the pass on show stands."""
        self._roomy = False
        self.subjects = Subjects()
        self.account: Account | None = None
        self._where: Where | None = None
        self._pointing = False
        """Whether the pointer is over a number of the sheet."""
        self._keys: tuple[Where | None, Trace | None, tuple[Place, ...]] = (None, None, ())
        """All places that the account of a cell of a pass has a number of."""
        self.predicting = False
        self._asked: tuple[object, ...] = ()
        """Which question it was: a snapshot that says the same again asks nothing new."""
        self._shown: Trace | None = None
        self._told = False
        self._whole = Sheet()
        """What is explained; the panel shows only what the pass stands at while all of it is to be seen below the canvas."""
        self._lensed = self._windowed = False
        self._formulas = Formulas(self)
        self._ahead = Ahead(self._formulas, self._symbols_at, FORMULA_SIZE, self)
        self._prepared: tuple[object, tuple[bool, bool]] = (None, (False, False))
        """Of which lowered document formulas are typeset ahead, whether of a whole pass, and whether cell by cell."""
        self.caption.mode = Qt.TextElideMode.ElideRight  # its numbers stand in the middle
        self.view = SheetView(theme, self._formulas)
        self.sentence = self.view.sentence
        self.predict = Predict(theme)
        self.footer = Footer(theme, self.figures.digits)
        self._rules = [rule(), rule()]
        for part in (self.view, self._rules[0], self.predict, self._rules[1], self.footer):
            self.layout_.addWidget(part, 1 if part is self.view else 0)
        self._show_predict(False)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(lambda: follow(self, self.refresh, float("inf")))  # the canvas is painted in the same turn
        self._connect()
        self.destroyed.connect(self._formulas.close)
        self.set_geometry(MEDIUM)

    def _connect(self) -> None:
        workbench = self._workbench
        workbench.selection_changed.connect(lambda: follow(self, self.refresh, len(workbench.document.nodes)))
        workbench.document_changed.connect(lambda *_: follow(self, self.refresh, float("inf")))  # every other view follows an edit too
        workbench.hover_changed.connect(self._hovered)
        workbench.look_wanted.connect(lambda _: self.button.setChecked(True))  # who asks for it wants to see it
        workbench.snapshot_changed.connect(self._take)
        workbench.pictured_changed.connect(lambda: self._later.start(0))
        workbench.lit_changed.connect(self._lit)
        workbench.pace_changed.connect(lambda pace: self._want_room(pace == "explain" and self._roomy))
        workbench.pace_changed.connect(lambda _: self._look_ahead())
        self.view.pointed.connect(self.point)
        self.footer.digits_chosen.connect(self.set_digits)
        self.footer.predict.toggled.connect(self.set_predicting)
        self.predict.answered.connect(self._answered)
        self.predict.left.connect(lambda: self.set_predicting(False))
        self.predict.onward.connect(workbench.step)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for part in (self.view, self.predict, self.footer):
            part.set_theme(theme)

    def set_geometry(self, geometry: Geometry) -> None:
        for part in (self.predict, self.footer):
            part.set_inset(geometry.inset)
        self.view.set_geometry(geometry)
        self.refresh()

    @property
    def formulas(self) -> Formulas:
        """Where formulas are typeset; others may ask it too."""
        return self._formulas

    def close_jobs(self) -> None:
        """End the thread that typesets."""
        self._ahead.stop()
        self._formulas.close()

    @property
    def typesetting(self) -> bool:
        """Whether a formula of what is shown is still to come."""
        return self._formulas.busy

    @property
    def sheet(self) -> Sheet:
        """What is explained."""
        return self._whole

    # -- what is followed
    def _hovered(self, node: str, unit: int | None) -> None:
        """A unit that has a number in the present account is lit there; another one is explained itself."""
        placed, trace = self._workbench.document.nodes.get(node), self._workbench.told.trace
        entry = places.entry(self._workbench.pointed, placed.type if placed is not None else "")
        over = places.over(trace, node, unit, entry, placed.type if placed is not None else "")
        pinned = self.passed is not None or self._workbench.unit is not None or self.predicting
        linked = (self._workbench.drawn_here(self._known()) or self._linked_to(over)) if pinned and node else ()
        if linked != self._linked:
            self._linked = linked
            self._workbench.light(linked)
        hover = (node, unit) if over and not linked and not self.predicting else None
        at = (hover, entry if hover is not None else None)
        if at != (self._hover, self._entry):
            self._hover, self._entry = at
            self.refresh()

    def _linked_to(self, over: tuple[Place, ...]) -> tuple[Place, ...]:
        """The places of what is pointed to that the present account has a number of; of an input that is only handed on, the place at
        which the account reads it too."""
        known, lowered = places.keys(self._known()), self.subjects.lowered
        found = [place for place in over if places.key(place) in known]
        if not found and lowered is not None:
            same = [one for place in over for one in sorted(places.same_number(lowered, place)) if one in known]
            found = [*over, *(Place(*one) for one in same)] if same else []
        return tuple(found)

    def _known(self) -> tuple[Place, ...]:
        """The places of the numbers of the account at hand (not of a unit's that is but hovered), and of those told beside it."""
        if self._keys[1] is not self._shown or (self._hover is None and self._keys[0] != self._where):
            found = places.linked(self.account) if self.account is not None and not self._whole.lens else ()
            self._keys = self._where, self._shown, tuple(dict.fromkeys((*found, *self._whole.places)))
        return self._keys[2]

    def follow_pass(self, cursor: Cursor | None) -> None:
        """Explain the cell of the pass on show. Frames in which it stands at the same equation cost nothing. A step on leaves the unit
        over which the pointer happens to rest."""
        before, self.passed = self.passed, cursor
        if self._same(before, cursor):
            return
        if cursor is not None and (before is None or (before.index, before.cell) != (cursor.index, cursor.cell)):
            self._hover = None
        if cursor is not None and self._workbench.pace == "explain":
            self._want_room(True)
        self.refresh()

    def _same(self, before: Cursor | None, cursor: Cursor | None) -> bool:
        if before is None or cursor is None or self._shown is not self._workbench.told.trace:
            return before is cursor and cursor is None
        same = (before.index, before.cell, before.stages) == (cursor.index, cursor.cell, cursor.stages)
        count = len(self.account.equations) if self.account is not None else 1
        return same and present(before.fraction, count) == present(cursor.fraction, count)

    def _want_room(self, wanted: bool) -> None:
        if wanted != self._roomy:
            self._roomy = wanted
            self.room_wanted.emit(wanted)

    def _take(self, snapshot: Snapshot) -> None:
        if not self._later.isActive() and not snapshot.phase == self._workbench.pictured.phase == "training":
            self._later.start(REFRESH_MILLISECONDS)

    def point(self, pointed: tuple[Place, ...]) -> None:
        """The pointer is over numbers of the sheet: light their places, and those that hold the same number."""
        self._pointing = bool(pointed)
        lowered = self.subjects.lowered
        same = [Place(*one) for place in pointed if lowered for one in sorted(places.same_number(lowered, place))]
        self._workbench.light(tuple(dict.fromkeys((*pointed, *same))))

    def _lit(self) -> None:
        known = self._known() if self.account is not None and self.account.phase == "update" else ()
        self.view.light(places.with_arrays(places.keys(self._workbench.lit), known))
        if self.account is not None and any(len(equation.terms) > IN_LINE for equation in self.account.equations):
            self.refresh()  # a folded sum shows the term that is lit

    # -- showing
    @turns.window
    def refresh(self) -> None:
        """Explain what is at hand, with the present numbers."""
        document, trace = self._workbench.document, self._workbench.told.trace
        self.subjects.take(document)
        asked = self._asked_for()
        cursor = None
        if trace is not None and self.subjects.lowered is not None:
            cursor = self.subjects.cursor(trace, self.passed, asked)
            if asked is not None and asked in (self._hover, self._workbench.unit):
                chosen = self._workbench.cell if asked == self._workbench.unit else None
                cursor = self.subjects.at(cursor, self._entry or chosen)
            elif self.passed is not None and self._workbench.grain != "cell":
                cursor = self.subjects.beside(cursor, self._workbench.unit, self._workbench.cell)
        made = self._account(trace, cursor) if cursor is not None and trace is not None else None
        self.account, self._shown = made, trace
        self._look_ahead()
        if made is None or cursor is None or trace is None:
            self._where = None
            self._hide(NOTHING)
            if self.predicting and self.passed is not None:  # a verdict on another cell must not stand here
                self._asked, self._told = (), True
                self.predict.nothing(self.tr("There is nothing to work out here."))
            node = asked[0] if asked is not None else self.passed.stage.node if self.passed is not None else ""
            ahead, unit = self.passed is not None and asked is not None, None if asked is None else asked[1]
            there = node in document.nodes  # a pass on show may be of a network that was just taken away
            units = self.subjects.description.units if self.subjects.description is not None else ()
            self._put(plain_sheet(document, trace, node, unit, self.figures, ahead, units) if there else start_sheet())
            return
        self._show_account(made, cursor, trace)

    def _look_ahead(self) -> None:
        """Have the formulas of the pass typeset that is on show or soon will be."""
        trace = self._workbench.told.trace
        if trace is None or (self.passed is None and self._workbench.pace == "fast"):
            return
        single = self._workbench.grain == "cell"
        lowered, how = self.subjects.lowered, (trace.update is not None, single)
        if self._prepared[0] is not lowered or self._prepared[1] != how:
            self._prepared = lowered, how
            self._ahead.begin(self.subjects.stages, single)

    def _symbols_at(self, passed: Cursor) -> list[str]:
        document, lowered, trace = self._workbench.document, self.subjects.lowered, self._workbench.told.trace
        if trace is None or lowered is None or passed.stage.node not in document.nodes:
            return []
        cursor = self.subjects.cursor(trace, passed, None)
        made = self._account(trace, cursor) if cursor is not None else None
        if cursor is None or made is None:
            return []
        return [block.symbols for block in self._sheet(made, cursor, trace, NOTHING).blocks if block.symbols]

    def _account(self, trace: Trace, cursor: Cursor) -> Account | None:
        assert self.subjects.lowered is not None
        titles = {node: placed.title for node, placed in self._workbench.document.nodes.items()}
        return account(self.subjects.lowered, trace, cursor, titles)

    def _show_account(self, made: Account, cursor: Cursor, trace: Trace) -> None:
        where = (made.phase, made.node, made.cell)
        if where != self._where and self._pointing:  # what the pointer is over now, it says when it moves
            self.point(())
        self._where = where
        self._put(self._sheet(made, cursor, trace, self._question(made, where, trace)))

    def _sheet(self, made: Account, cursor: Cursor, trace: Trace, hidden: Hidden) -> Sheet:
        lowered = self.subjects.lowered
        assert lowered is not None
        given = Options(figures=self.figures, hidden=hidden, lit=places.keys(self._workbench.lit), asking=self.predicting)
        options = caption.options(self._workbench.document, self.subjects.description, made, cursor, self.passed is not None, given)
        shown = with_unit(sheet(made, lowered, trace, options), made, lowered, trace, cursor, options)
        type = self._workbench.document.nodes[made.node].type
        return with_close_up(shown, made, trace, cursor, self.passed, type, self.figures, hidden.keys)

    def _put(self, shown: Sheet) -> None:
        self._whole = shown
        self.caption.set_text(shown.caption, shown.caption.partition(" · ")[2])  # the node is ringed, and named in the strip
        self.told.emit(shown)
        self._fill()

    def _fill(self) -> None:
        shown = self._whole
        if self._lensed and shown.lens:
            shown = replace(shown, blocks=(shown.blocks[shown.present],), present=0)
        if self._windowed:
            shown = without_window(shown)
        self.view.show_sheet(shown, self._where)

    def set_lensed(self, lensed: bool) -> None:
        """Whether the lens below the canvas shows the whole of a sheet that is for it."""
        if lensed != self._lensed:
            self._lensed = lensed
            self._fill()

    def set_windowed(self, windowed: bool) -> None:
        """Whether the lens over the lower canvas shows the numbers under the window: then they are not shown here once more."""
        if windowed != self._windowed:
            self._windowed = windowed
            self._fill()

    def _asked_for(self) -> Asked | None:
        """The node, and perhaps the unit, that the user points to or chose; ``None`` where the pass itself says what it is."""
        document = self._workbench.document
        if self._hover is not None and self._hover[0] in document.nodes:
            return self._hover
        if self.passed is not None and self.passed.stage.node in document.nodes:
            unit = self._workbench.unit
            return unit if unit is not None and unit[0] == self.passed.stage.node and self.passed.cell is None else None
        if self._workbench.unit is not None and self._workbench.unit[0] in document.nodes:
            return self._workbench.unit
        nodes = [node for node in self._workbench.selected if node in document.nodes]
        node = nodes[-1] if nodes else self._answer()
        return (node, None) if node else None

    def _answer(self) -> str:
        """The first Output that has numbers: what there is to say while nothing is selected."""
        trace = self._workbench.told.trace
        outputs = (id for id, node in self._workbench.document.nodes.items() if node.type == "Output")
        return next((id for id in outputs if trace is not None and id in trace.nodes), "")

    # -- digits
    def set_digits(self, digits: int) -> None:
        """Print so many significant digits, and remember it."""
        self.figures = Figures(digits)
        self.predict.set_figures(self.figures)
        if self._settings is not None:
            self._settings.put(SETTING, [digits])
        self.refresh()

    # -- predict first
    def set_predicting(self, wanted: bool) -> None:
        """Ask for the results, or tell them again."""
        if wanted == self.predicting:
            return
        self.predicting, self._asked, self._told = wanted, (), False
        self.footer.predict.setChecked(wanted)
        self._show_predict(wanted)
        if wanted:
            self._hover = None
            self.predict.begin()
            if self._workbench.running:
                self._workbench.pause()
        self.refresh()

    def _show_predict(self, shown: bool) -> None:
        self.predict.setVisible(shown)
        self._rules[0].setVisible(shown)

    def _question(self, made: Account, where: Where, trace: Trace) -> Hidden:
        """What is hidden of the present cell; a new cell is a new question."""
        if not self.predicting or self.subjects.lowered is None:
            self._hide(NOTHING)
            return NOTHING
        asked = (*where, trace.split, trace.index, trace.step, made.result.value)
        if asked != self._asked:
            self._asked, self._told = asked, False
            if caption.askable(made):
                self.predict.ask(made.result.value, self.figures, take_focus=True)
            else:
                self._told = True
                self.predict.nothing(self.tr("There is nothing to work out here."))
        hidden = NOTHING if self._told else question(made, self.subjects.lowered)
        self._hide(hidden)
        return hidden

    def _hide(self, hidden: Hidden) -> None:
        self._workbench.hide(hidden.keys, hidden.elsewhere)

    def _answered(self, _: object) -> None:
        self._told = True
        self.refresh()
