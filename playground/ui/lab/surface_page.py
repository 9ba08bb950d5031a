"""Loss surface: choose two numbers, see the loss over them, and how differently the descents come down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from playground.engine.experiments.lab import Asked, Coordinate, Extent, Surface, SurfaceAsked
from playground.ui.canvas import facts
from playground.ui.lab import names
from playground.ui.lab.page import ORIGINS, Page
from playground.ui.lab.paths_key import PathsKey
from playground.ui.lab.surface_picture import SurfacePicture
from playground.ui.numbers import count, plain
from playground.ui.style import refresh
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

ZOOM_WAIT = 120


class Chooser:
    """Which number an axis is: its parameter from a list, its place typed or picked from the canvas."""

    def __init__(self, name: str, tip: str) -> None:
        self.parameter = QComboBox()
        self.parameter.setObjectName(f"lab_surface_{name}")
        self.parameter.setToolTip(tip)
        self.parameter.setMinimumWidth(60)
        self.place = QLineEdit()
        self.place.setObjectName(f"lab_surface_{name}_place")
        self.place.setFixedSize(58, 26)
        self.place.setToolTip(QCoreApplication.translate("SurfacePage", "Which of its numbers: row and column, as in 1, 2"))
        self.shapes: dict[str, tuple[int, ...]] = {}

    def fill(self, shapes: dict[str, tuple[int, ...]], titles: dict[str, str]) -> None:
        """The parameters there are."""
        if shapes == self.shapes and self.parameter.count():
            return
        chosen = self.parameter.currentData()
        self.shapes = shapes
        self.parameter.clear()
        for key in shapes:
            self.parameter.addItem(titles[key], key)
        self.parameter.setCurrentIndex(max(self.parameter.findData(chosen), 0))

    @property
    def coordinate(self) -> Coordinate | None:
        """What is chosen; ``None`` where the place does not exist."""
        key = self.parameter.currentData()
        try:
            index = tuple(int(part) - 1 for part in self.place.text().replace("\u2212", "-").split(","))
        except ValueError:
            index = ()
        shape = self.shapes.get(key, ())
        good = bool(shape) and len(index) == len(shape) and all(0 <= at < size for at, size in zip(index, shape, strict=True))
        self.place.setProperty("bad", not good)
        refresh(self.place)
        return Coordinate(key, index) if good else None

    def show(self, coordinate: Coordinate) -> None:
        self.parameter.setCurrentIndex(max(self.parameter.findData(coordinate.key), 0))
        self.place.setText(", ".join(str(at + 1) for at in coordinate.index))
        self.place.setProperty("bad", False)
        refresh(self.place)


class SurfacePage(Page):
    """Draws once the two numbers are known: at first the worker says which moved most."""

    kind = "surface"
    picking = Signal(bool)
    """A weight is to be clicked on the canvas, or no more: the lab makes way meanwhile."""

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        self.picture = SurfacePicture(theme)
        super().__init__(workbench, theme, self.picture)
        self._chosen = False
        self._origin = 0
        self._picking: QPushButton | None = None
        self.canvases: Callable[[], list[QWidget]] = list
        """Where weights can be clicked."""
        self._extent: Extent | None = None
        self._home: Extent | None = None
        tip = self.tr("One of the two numbers that the surface is drawn over; its place is counted from 1: unit, input")
        self.choosers = [Chooser("across", tip), Chooser("up", tip)]
        self.picks: list[QPushButton] = []
        for words, chooser in zip((self.tr("Across"), self.tr("Up")), self.choosers, strict=True):
            line = self.row(words)
            pick = QPushButton(self.tr("Pick"))
            pick.setObjectName(f"{chooser.parameter.objectName()}_pick")
            pick.setCheckable(True)
            pick.setAutoDefault(False)
            pick.setToolTip(self.tr("Then click an edge on the canvas"))
            pick.toggled.connect(lambda on, pick=pick: self._pick(pick, on))
            line.itemAt(0).widget().setFixedWidth(44)
            line.addWidget(chooser.parameter, 1)
            line.addWidget(chooser.place)
            line.addWidget(pick)
            chooser.parameter.activated.connect(lambda _: self._choose())
            chooser.place.textEdited.connect(lambda _: self._choose())
            chooser.place.returnPressed.connect(self.ask)
            self.picks.append(pick)
        self.origin = self.origins()
        self.origin.choose(0)
        self.origin.chosen.connect(self._set_origin)
        self.row(self.tr("Begin at"), self.origin)
        self.rate = self.field("rate", self.tr("Learning rate of the four descents (plain gradient descent)"))
        self.epochs = self.field("epochs", self.tr("How often each descent sees all samples"))
        for field in (self.rate, self.epochs):
            field.setPlaceholderText(self.tr("fitting"))
        self.row(self.tr("Rate, epochs"), self.rate, self.epochs)
        self.add_controls(self.tr("Draw the surface"))
        self.key = PathsKey(theme)
        self.key.changed.connect(lambda: self.picture.set_hidden(self.key.hidden))
        self.side.addWidget(self.key)
        self.words = self.sentence("words")
        self.side.addStretch(1)
        self.side.addLayout(self._zoom_row())
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(ZOOM_WAIT)
        self._wait.timeout.connect(super().ask)
        self.picture.zoomed.connect(self._zoom)

    def _zoom_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for name, words, tip, call in (
            ("wider", "−", self.tr("A wider part of the plane (wheel)"), lambda: self.picture.zoom(2.0)),
            ("closer", "+", self.tr("A closer look (wheel)"), lambda: self.picture.zoom(0.5)),
            ("fit", self.tr("Fit the paths"), self.tr("The part that the paths lie in (double click)"), lambda: self._zoom(None)),
        ):
            button = QPushButton(words)
            button.setObjectName(f"lab_surface_{name}")
            button.setAutoDefault(False)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _=False, call=call: call())
            row.addWidget(button)
        row.addStretch(1)
        return row

    # -- asking
    def question(self) -> Asked | None:
        rate = self.number_in(self.rate) if self.rate.text().strip() else 0.0
        epochs = self.number_in(self.epochs, whole=True) if self.epochs.text().strip() else 0.0
        if rate is None or epochs is None:
            return None
        chosen = [chooser.coordinate if self._chosen else None for chooser in self.choosers]
        if self._chosen and None in chosen:
            self.say(self.tr("There is no such place: count from 1, as “3, 1” for unit 3 and input 1."), bad=True)
            return None
        return SurfaceAsked(chosen[0], chosen[1], ORIGINS[self._origin], rate or None, int(epochs) or None, self._extent)

    def ask(self) -> None:
        """Descents and surface anew, from how the run stands now."""
        self._extent = self.picture.wanted = None
        super().ask()

    def entered(self) -> None:
        if self.found is None:
            self.ask()

    def _set_origin(self, index: int) -> None:
        self._origin = index
        self.ask()

    def _choose(self) -> None:
        self._chosen = True

    def _zoom(self, extent: Extent | None) -> None:
        found = self.found
        if extent is None and self._home is not None:
            extent = self._home
            self.picture.look_at(extent)
        if extent is not None and isinstance(found, Surface):
            self._extent = extent
            self._chosen = True  # the two numbers stay, whatever moves meanwhile
            self._wait.start()

    # -- picking from the canvas
    def _pick(self, pick: QPushButton, on: bool) -> None:
        for canvas in self.canvases():
            canvas.installEventFilter(self) if on else canvas.removeEventFilter(self)
        self._picking = pick if on else None
        self.picking.emit(on)
        if on:
            self.workbench.notice.emit(self.tr("Click an edge to take its weight, or anywhere else to leave."))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.MouseButtonPress or self._picking is None:
            return super().eventFilter(watched, event)
        axis = self.picks.index(self._picking)
        lit = [place for place in self.workbench.lit if place.name == "weight" and len(place.index) == 2]
        self._picking.setChecked(False)
        if lit:
            taken = Coordinate(f"{lit[0].node}/weight", (lit[0].index[0], lit[0].index[1]))
            self.workbench.notice.emit(self.tr("{weight} is taken.").format(weight=names.label(taken, self.workbench.document)))
            self.take_weight(axis, taken)
        return True

    def take_weight(self, axis: int, coordinate: Coordinate) -> None:
        """Let ``coordinate`` be the number of an axis: 0 across, 1 up."""
        self.choosers[axis].show(coordinate)
        self._choose()
        self.ask()

    # -- showing
    def show_found(self) -> None:
        found = self.found
        surface = found if isinstance(found, Surface) else None
        self.picture.show_surface(surface, self.workbench.document)
        self.key.show_paths(surface.paths if surface is not None else ())
        if surface is None:
            self.words.setText("")
            return
        if not self._chosen:
            for chooser, coordinate in zip(self.choosers, (surface.first, surface.second), strict=True):
                chooser.show(coordinate)
        if surface.asked.extent is None:
            self._home = surface.extent
        self.rate.setPlaceholderText(plain(surface.rate))
        self.epochs.setPlaceholderText(str(surface.epochs))
        self.words.setText(self._sentence(surface))

    def _sentence(self, surface: Surface) -> str:
        samples = (
            self.tr("all {n} training samples").format(n=count(surface.samples))
            if surface.samples == surface.of
            else self.tr("{n} of the {of} training samples").format(n=count(surface.samples), of=count(surface.of))
        )
        if surface.weights == 2:
            rest = self.tr("These two are all that the network learns: every path lies on this surface.")
        else:
            step = self.tr("step 0") if surface.asked.origin == "start" else self.tr("step {n}").format(n=count(surface.state.step))
            rest = self.tr(
                "A slice: what else is learned ({n}) stays as at {step}. The paths move in all {all}, so away from their start they need"
                " not follow its contours."
            ).format(n=count(surface.weights - 2), step=step, all=count(surface.weights))
        seen = self.tr("Each descent sees {n} samples at rate {rate}.").format(
            n=count(surface.epochs * surface.samples), rate=plain(surface.rate)
        )
        return " ".join([self.tr("Mean loss of {samples}.").format(samples=samples), rest, seen])

    def document_changed(self) -> None:
        document = self.workbench.document
        known = facts.of(document)
        shapes = {
            f"{node}/{parameter.name}": parameter.shape
            for node in known.order
            for parameter in known.nodes[node].parameters
            if not document.nodes[node].frozen
        }
        titles = {key: names.parameter(key, document) for key in shapes}
        for chooser in self.choosers:
            if chooser.shapes and chooser.shapes != shapes:
                self._chosen = False
            chooser.fill(shapes, titles)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.picture.set_theme(theme)
        self.key.set_theme(theme)
