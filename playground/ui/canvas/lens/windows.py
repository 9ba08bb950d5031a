"""Windows on the cards: what the position at hand looks at, and what the pixel under the pointer goes into.

One item above the cards. What is read comes from the account of the cell (its layout); what is reached from the operations that read
the node's output, by ``layers.geometry``. Both hold for every stride, padding, dilation and group.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.anim.accounts.book import book, role
from playground.anim.accounts.sliding import Slide
from playground.engine.program.lowering import Lowered, Operation
from playground.layers.spec import Value
from playground.ui.canvas.lens.reading import Lens
from playground.ui.canvas.scene import CanvasScene
from playground.ui.painters import placing, tools

WINDOWED = ("conv", "max_pool", "mean_pool", "pad", "upsample")
MOST = 64
"""So many maps are ringed one by one."""
TAPS_FROM = 3.0
"""Px a cell from which on the single taps of a dilated or spread window are marked."""
Cells = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """Cells ``rows`` x ``columns`` of ``planes`` of a node's output; of an output cell's window some may lie outside the picture.
    ``role``: ``read``, ``made`` or ``reached``. ``winner`` (row, column) is what a maximum took."""

    node: str
    role: str
    planes: Cells
    rows: Cells
    columns: Cells
    winner: tuple[int, int] | None = None


def of_lens(shown: Lens) -> tuple[Window, ...]:
    """The window that the position looks at, and the cell that it makes; none where it looks at all there is."""
    if shown.whole:
        return ()
    plane, row, column = shown.index
    winner = None
    if shown.winner is not None:
        at = divmod(shown.winner, len(shown.columns))
        y, x = shown.rows[at[0] % len(shown.rows)], shown.columns[at[1]]
        winner = None if y is None or x is None else (y, x)
    rows, columns = (tuple(at for at in axis if at is not None) for axis in (shown.rows, shown.columns))
    read = Window(shown.source_key[0], "read", shown.planes, rows, columns, winner)
    if shown.phase == "update" or shown.unit is not None:  # it makes no pixel
        return (read,)
    return read, Window(shown.target_key[0], "made", (plane,), (row,), (column,))


def reached(lowered: Lowered, node: str, index: tuple[int, int, int]) -> tuple[Window, ...]:
    """All cells of the pictures that come next which look at entry ``index`` of the node's output."""
    found = []
    ports = {lowered(port) for port in book(lowered).readers.get(node, ())}
    for operation in lowered.forward:
        if operation.name not in WINDOWED or lowered(role(operation, "x")) not in ports or len(role(operation, "x").shape) != 3:
            continue
        window = _reached(operation, index)
        if window is not None:
            found.append(window)
    return tuple(found)


def _reached(operation: Operation, index: tuple[int, int, int]) -> Window | None:
    x, y, weight = role(operation, "x"), role(operation, "y"), operation.roles.get("weight")
    channel, row, column = index
    if isinstance(weight, Value):
        slide = Slide.of(x.shape, operation.options, weight.shape[2:])
        filters = weight.shape[0] // int(operation.options["groups"])
        first = channel // weight.shape[1] * filters
        planes = tuple(range(first, first + filters))
    else:
        slide, planes = Slide.of(x.shape, operation.options), (channel,)
    rows, columns = (tuple(sorted({at for _, at in window.readers(cell)})) for window, cell in ((slide.rows, row), (slide.columns, column)))
    return Window(y.node, "reached", planes, rows, columns) if rows and columns else None


class Windows(QGraphicsItem):
    """Rings around the windows, told by :meth:`show_windows`; an arrow from the winner of a maximum to the cell that it made."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._canvas = scene
        self.theme = scene.theme
        self.windows: tuple[Window, ...] = ()
        self._box = QRectF()
        self.setZValue(6.4)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_windows(self, windows: tuple[Window, ...]) -> None:
        """Ring ``windows``, as the cards now stand."""
        box = QRectF()
        for window in windows:
            card = self._canvas.cards.get(window.node)
            if card is not None:
                box = box.united(card.scene_card().adjusted(-8, -8, 8, 8))
        if windows == self.windows and box == self._box:
            return
        self.prepareGeometryChange()
        self.windows, self._box = windows, box
        self.update()

    def boxes(self, window: Window) -> list[QRectF]:
        """What is ringed, a box a plane, in scene coordinates; a window that reaches over the edge of a picture goes beyond it."""
        found = []
        for plane in window.planes[:MOST]:
            first = self.cell(window.node, plane, 0, 0)
            if first is None:
                continue
            high, wide = min(window.rows), min(window.columns)
            down, across = max(window.rows) - high + 1, max(window.columns) - wide + 1
            side_x, side_y = first.width(), first.height()
            found.append(QRectF(first.x() + wide * side_x, first.y() + high * side_y, across * side_x, down * side_y))
        return found

    def cell(self, node: str, plane: int, row: int, column: int) -> QRectF | None:
        """Where a cell of a picture is drawn, in scene coordinates."""
        card = self._canvas.cards.get(node)
        shape = card.facts.output if card is not None else None
        if card is None or shape is None or len(shape) != 3:
            return None
        drawn = placing.chosen(card.painter, card.picture)
        finder = getattr(drawn, "pixel_rect", None)
        box = finder(card.body, card.picture, (plane, row, column)) if finder is not None else None
        return None if box is None else box.translated(card.pos())

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zoom = painter.worldTransform().m11()
        width = min(max(1.5 / zoom, 1.0), 2.5)
        for window in self.windows:
            boxes = self.boxes(window)
            for box in boxes:
                self._ring(painter, box, window.role, width)
                self._taps(painter, box, window, zoom)
        self._arrow(painter, width)

    def _ring(self, painter: QPainter, box: QRectF, kind: str, width: float) -> None:
        painter.setPen(tools.pen(self.theme.color("accent"), width, (3.0, 2.0) if kind == "reached" else ()))
        painter.setBrush(self.theme.color("accent", 0.16) if kind == "read" else Qt.BrushStyle.NoBrush)
        grown = placing.seen(box) if kind == "made" else box
        painter.drawRect(grown.adjusted(-width / 2, -width / 2, width / 2, width / 2))

    def _taps(self, painter: QPainter, box: QRectF, window: Window, zoom: float) -> None:
        """The single cells of a window with gaps in it."""
        high, wide = max(window.rows) - min(window.rows) + 1, max(window.columns) - min(window.columns) + 1
        if (len(window.rows), len(window.columns)) == (high, wide) or box.width() / wide * zoom < TAPS_FROM:
            return
        side_x, side_y = box.width() / wide, box.height() / high
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("accent", 0.55))
        for row in window.rows:
            for column in window.columns:
                cell = QRectF(
                    box.x() + (column - min(window.columns)) * side_x, box.y() + (row - min(window.rows)) * side_y, side_x, side_y
                )
                painter.drawRect(cell.adjusted(side_x * 0.2, side_y * 0.2, -side_x * 0.2, -side_y * 0.2))

    def _arrow(self, painter: QPainter, width: float) -> None:
        """From what a maximum took to what it made."""
        read = next((window for window in self.windows if window.winner is not None), None)
        made = next((window for window in self.windows if window.role == "made"), None)
        if read is None or made is None or read.winner is None:
            return
        start = self.cell(read.node, read.planes[0], *read.winner)
        end = self.cell(made.node, made.planes[0], made.rows[0], made.columns[0])
        if start is None or end is None:
            return
        painter.setPen(tools.pen(self.theme.color("text"), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(placing.seen(start))
        tools.arrow(painter, start.center(), QPointF(end.left() - 2, end.center().y()), self.theme.color("text"), width)
