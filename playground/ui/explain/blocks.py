"""The widgets of one equation, one below the other: title, formula, numbers, picture, terms."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from playground import turns
from playground.ui.digits import template
from playground.ui.explain.flow import Flow
from playground.ui.explain.grid_view import GridView
from playground.ui.explain.pictures import GraphView, MoveView
from playground.ui.explain.places import Key
from playground.ui.explain.sheet import Block
from playground.ui.explain.table import TermTable
from playground.ui.explain.tokens import Line
from playground.ui.formula import Formulas, picture
from playground.ui.style import look, refresh
from playground.ui.theme import Theme

FORMULA_SIZE = 16.0
WAIT_MILLISECONDS = 60
"""While formulas that nobody has seen yet pass by faster than this, they are not typeset."""


class FormulaView(QWidget):
    """A formula's parts side by side, on a second line where they do not fit. ``grown``: one that came late has another height."""

    grown = Signal()

    def __init__(self, theme: Theme, formulas: Formulas) -> None:
        super().__init__()
        self.setObjectName("formula")
        self._theme, self._formulas = theme, formulas
        self._latex, self._dim = "", False
        self._parts: list[bytes] = []
        self._placed: list[tuple[QPixmap, QPointF]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._later = QTimer(self, singleShot=True, interval=WAIT_MILLISECONDS)
        self._later.timeout.connect(self._ask)
        self.setFixedHeight(round(1.3 * FORMULA_SIZE))  # a formula of one line, until it is typeset

    @property
    def latex(self) -> str:
        return self._latex

    def show_formula(self, latex: str, dim: bool = False) -> None:
        """Until it is typeset its room stays empty: another cell's formula beside this one's numbers would be untrue."""
        if (latex, dim) == (self._latex, self._dim):
            return
        first, likewise = not self._latex, template(latex) == template(self._latex)
        self._latex, self._dim = latex, dim
        self.setAccessibleName(latex)
        if not latex or self._formulas.kept(latex, FORMULA_SIZE):
            self._later.stop()
            self._ask()
            return
        self._parts, self._placed = [], []
        self.update()
        if first:
            self._ask()
        elif not (likewise and self._later.isActive()):
            self._later.start()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._ask()

    def _color(self) -> str:
        return self._theme.text3 if self._dim else self._theme.text

    def _ask(self) -> None:
        asked, late = (self._latex, self._color()), False

        def done(parts: list[bytes]) -> None:
            if asked == (self._latex, self._color()):
                before, self._parts = self.height(), parts
                self._place()
                if late and self.height() != before:
                    self.grown.emit()

        if self._latex:
            self._formulas.ask(self._latex, FORMULA_SIZE, asked[1], done)
        else:
            done([])
        late = True

    def _place(self) -> None:
        width = max(self.width(), 80)
        pictures = [picture(part, self.devicePixelRatioF(), width) for part in self._parts]
        lines: list[list[QPixmap]] = [[]]
        x = 0.0
        for made in pictures:
            wide = made.deviceIndependentSize().width()
            if lines[-1] and x + wide > width:
                lines.append([])
                x = 0.0
            lines[-1].append(made)
            x += wide + 28
        self._placed = []
        y = 0.0
        for line in lines:
            tall = max((made.deviceIndependentSize().height() for made in line), default=0.0)
            x = 0.0
            for made in line:
                size = made.deviceIndependentSize()
                self._placed.append((made, QPointF(x, y + (tall - size.height()) / 2)))
                x += size.width() + 28
            y += tall + 4
        self.setFixedHeight(round(max(y, 1)))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._place()

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for made, place in self._placed:
            painter.drawPixmap(place, made)
        painter.end()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.height())


class BlockView(QWidget):
    """One equation. ``pointed(places)``: the pointer is over numbers that stand for these places.

    The pictures and the table are made when an equation first has one: most have none.
    """

    pointed = Signal(object)

    def __init__(self, theme: Theme, formulas: Formulas) -> None:
        super().__init__()
        self._theme = theme
        self._lit: frozenset[Key] = frozenset()
        self.block = Block("", "", "")
        self.title = QLabel()
        look(self.title, "block")
        self.title.setProperty("aside", False)
        self.title.setWordWrap(True)
        self.formula = FormulaView(theme, formulas)
        self.numbers = Flow(theme)
        self.graph: GraphView | None = None
        self.grids: GridView | None = None
        self.terms: TermTable | None = None
        self.move_: MoveView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        for part in (self.title, self.formula, self.numbers):
            self._column.addWidget(part)
        self.numbers.pointed.connect(self.pointed)

    def prepare(self) -> None:
        """Take the style on now that nobody waits, not when it is first shown."""
        for part in (self, self.title, self.formula, self.numbers):
            part.ensurePolished()

    def _parts(self) -> list[FormulaView | Flow | GraphView | GridView | TermTable | MoveView]:
        made = (self.formula, self.numbers, self.graph, self.grids, self.terms, self.move_)
        return [part for part in made if part is not None]

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in self._parts():
            part.set_theme(theme)

    def show_block(self, block: Block, dim: bool, compact: bool = False) -> None:
        """Take in another equation, or the same with other numbers. ``compact``: terms that the table has too do not stand in a row."""
        alike = (block.role, template(block.symbols)) == (self.block.role, template(self.block.symbols))
        self.block = block
        self.title.setText(block.title)
        if self.title.property("aside") != block.aside:
            self.title.setProperty("aside", block.aside)
            refresh(self.title)
        self.title.setVisible(bool(block.title))
        self.formula.show_formula(block.symbols, dim or block.aside)
        self.formula.setVisible(bool(block.symbols))
        self.numbers.show_line(block.line, steady=alike, brief=_brief(block) if compact else ())
        self.numbers.setVisible(bool(block.line))
        self._show_graph(block)
        self._show_grids(block)
        self._show_terms(block)
        self._show_move(block)

    def _show_graph(self, block: Block) -> None:
        if block.graph is not None:
            if self.graph is None:
                self.graph = GraphView(self._theme)
                self.graph.pointed.connect(self.pointed)
                self._column.insertWidget(3, self.graph)
            self.graph.show_graph(block.graph)
        if self.graph is not None:
            self.graph.setVisible(block.graph is not None)

    def _show_grids(self, block: Block) -> None:
        if block.grids is not None:
            if self.grids is None:
                self.grids = GridView(self._theme)
                self.grids.pointed.connect(self.pointed)
                self.grids.light(self._lit)
                self._column.insertWidget(3 + (self.graph is not None), self.grids)
            self.grids.show_grids(block.grids)
        if self.grids is not None:
            self.grids.setVisible(block.grids is not None)

    def _show_terms(self, block: Block) -> None:
        if block.table is not None:
            if self.terms is None:
                self.terms = TermTable(self._theme)
                self.terms.pointed.connect(self.pointed)
                self.terms.light(self._lit)
                self._column.insertWidget(3 + (self.graph is not None) + (self.grids is not None), self.terms)
            self.terms.show_table(block.table)
        if self.terms is not None:
            self.terms.setVisible(block.table is not None)

    def _show_move(self, block: Block) -> None:
        if block.move is not None:
            if self.move_ is None:
                self.move_ = MoveView(self._theme)
                self.move_.pointed.connect(self.pointed)
                self._column.addWidget(self.move_)
            self.move_.show_move(block.move)
        if self.move_ is not None:
            self.move_.setVisible(block.move is not None)

    def ringed_boxes(self) -> list[QRectF]:
        """Where the ringed rows of its table stand, in the block, else the ringed numbers of its line; its small pictures are seen with
        it."""
        for part in (self.terms, self.numbers):
            if part is not None and not part.isHidden() and part.ringed_boxes():
                return [box.translated(part.pos()) for box in part.ringed_boxes()]
        return []

    def light(self, lit: frozenset[Key]) -> None:
        """Ring the numbers of these places."""
        self._lit = lit
        self.numbers.light(lit)
        for part in (self.grids, self.terms):
            if part is not None:
                part.light(lit)


def _brief(block: Block) -> Line:
    """The line without what its table or its number line tells too: every factor of every term; the way from old to new."""
    if block.table is not None and len(block.table.heads) > 1:
        return block.line[-1:]
    return tuple(chunk for chunk in block.line if not chunk[0].fresh) if block.move is not None else ()
