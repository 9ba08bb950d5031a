"""What can be chosen of generation, and which of it means something to what is generated."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QSlider, QWidget

from playground.engine.experiments.generated import Aligned, FreeRun, GenerateAsked, Generated
from playground.engine.experiments.lab import Found
from playground.ui.lab.page import Page
from playground.ui.numbers import plain
from playground.ui.panels.controls import Segments, Switch, label
from playground.ui.theme import Theme

HEAT, HOTTEST = 20, 2
"""Places of the temperature's slider from one whole number to the next, and its end."""
WARM = 0.7
LENGTH, LONGEST = 300, 2000
STEPS, GIVEN, MOST = 80, 8, 5000
SPLITS = ("validation", "test")
LARGEST_SEED = 2**31 - 1


class WholeEdit(QLineEdit):
    """A whole number to type, or to turn by the wheel and the arrow keys; ``changed`` comes with each new one. What is none, or out of
    the range, is put back into it."""

    changed = Signal()

    def __init__(self, name: str, value: int, low: int, high: int, tip: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setFixedHeight(26)
        self._low, self._high, self._value = low, high, value
        self.setText(str(value))
        self.editingFinished.connect(self._commit)

    @property
    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        """Another number, nearest to ``value`` within the range."""
        before, self._value = self._value, min(max(value, self._low), self._high)
        self.setText(str(self._value))
        if self._value != before:
            self.changed.emit()

    def set_highest(self, high: int) -> None:
        """Another end of the range; a number beyond it stays until it is changed."""
        self._high = high

    def _commit(self) -> None:
        text = self.text().strip().replace(",", "")
        self.set_value(int(text) if text.isascii() and text.isdigit() and len(text) < 12 else self._value)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if turned:
            self.set_value(self._value + (1 if turned > 0 else -1))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._commit()
            self.set_value(self._value + (1 if event.key() == Qt.Key.Key_Up else -1))
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setText(str(self._value))


class Choices(QObject):
    """The rows of choices on a page's side. ``changed``: ask anew; ``fed``: another of the two is looked at."""

    changed = Signal()
    fed = Signal()

    def __init__(self, page: Page, theme: Theme) -> None:
        super().__init__(page)
        self._page = page
        self._rows: dict[str, list[QWidget]] = {}
        self.feed = Segments(
            [
                ("lab_generate_own", self.tr("Its own"), self.tr("Free running: it reads what it wrote itself")),
                ("lab_generate_truth", self.tr("The truth"), self.tr("Teacher forcing: at each step it reads what really came before")),
            ]
        )
        self.feed.choose(0)
        self.feed.chosen.connect(lambda _: self.fed.emit())
        self._row("feed", self.tr("It reads"), self.feed)
        self.start = page.field("start", self.tr("The text begins so; Enter writes on"))
        self.start.setPlaceholderText(self.tr("any beginning"))
        self._row("start", self.tr("Start text"), self.start)
        self.split = Segments(
            [
                ("lab_generate_validation", self.tr("Validation"), self.tr("Samples of the validation part")),
                ("lab_generate_test", self.tr("Test"), self.tr("Samples of the test part")),
            ]
        )
        self.split.choose(1)
        self.split.chosen.connect(lambda _: self.changed.emit())
        self._row("sample", self.tr("Part"), self.split)
        self.index = self._whole("index", 0, 0, 0, self.tr("Which sample of that part; the wheel and the arrow keys go on"))
        self._row("sample", self.tr("Sample"), self.index)
        self.given = self._whole("given", GIVEN, 1, MOST, self.tr("So many of its symbols are given; then it goes on by itself"))
        self._row("given", self.tr("Given"), self.given)
        self.heat = QSlider(Qt.Orientation.Horizontal)
        self.heat.setObjectName("lab_generate_temperature")
        self.heat.setRange(0, HOTTEST * HEAT)
        self.heat.setValue(round(WARM * HEAT))
        self.heat.setToolTip(self.tr("0 takes the likeliest symbol; the higher, the bolder"))
        self.heat.valueChanged.connect(lambda _: self._heated())
        self.degrees = label("", "label")
        self.degrees.setFixedWidth(46)
        self._row("draw", self.tr("Temperature"), self.heat, self.degrees)
        self.seed = self._whole("seed", 0, 0, LARGEST_SEED, self.tr("The same seed draws the same text"))
        self.other = QPushButton(self.tr("Another"))
        self.other.setObjectName("lab_generate_other")
        self.other.setAutoDefault(False)
        self.other.setToolTip(self.tr("Write with the next seed"))
        self.other.clicked.connect(lambda: self.seed.set_value(self.seed.value + 1))
        self._row("draw", self.tr("Seed"), self.seed, self.other)
        self.length = self._whole("length", LENGTH, 1, LONGEST, self.tr("So many symbols at most"))
        self._row("start", self.tr("Length"), self.length)
        self.steps = self._whole("steps", STEPS, 1, MOST, self.tr("So many steps after what is seen"))
        self._row("steps", self.tr("Steps ahead"), self.steps)
        self.live = Switch(theme)
        self.live.setObjectName("lab_generate_live")
        self.live.setToolTip(self.tr("Ask again every few seconds while the network trains"))
        self.live.setChecked(True)
        self._row("live", self.tr("While it trains"), self.live)
        self._tell_heat()

    def _whole(self, name: str, value: int, low: int, high: int, tip: str) -> WholeEdit:
        made = WholeEdit(f"lab_generate_{name}", value, low, high, tip)
        made.changed.connect(self.changed)
        return made

    def _row(self, group: str, words: str, *widgets: QWidget) -> None:
        line = self._page.row(words, *widgets)
        title = line.itemAt(0).widget()
        assert title is not None
        for widget in widgets:
            widget.setAccessibleName(words)
        self._rows.setdefault(group, []).extend([title, *widgets])
        if isinstance(widgets[0], Switch):
            line.addStretch(1)
            line.setStretchFactor(widgets[0], 0)

    def begin_anew(self) -> None:
        """Of other data neither the start text nor the sample says anything; nobody is told."""
        self.start.clear()
        self.index.blockSignals(True)
        self.index.set_value(0)
        self.index.blockSignals(False)

    def choose_sample(self, split: str, index: int) -> bool:
        """Choose a sample, if it is of a part that is offered; nobody is told. Whether it is another one."""
        chosen = SPLITS[self.split.group.checkedId()], self.index.value
        if split not in SPLITS or chosen == (split, index):
            return False
        self.split.choose(SPLITS.index(split))
        self.index.blockSignals(True)
        self.index.set_highest(max(index, 0))
        self.index.set_value(index)
        self.index.blockSignals(False)
        return True

    @property
    def forced(self) -> bool:
        """Whether it reads the truth."""
        return self.feed.group.checkedId() == 1

    @property
    def temperature(self) -> float:
        return self.heat.value() / HEAT

    def question(self, text: bool, seen: int | None) -> GenerateAsked:
        """What is chosen; of a ``text`` so many symbols, else so many steps, of which ``seen`` are."""
        return GenerateAsked(
            start=self.start.text(),
            count=self.length.value if text else self.steps.value,
            temperature=self.temperature,
            seed=self.seed.value,
            along=self.forced,
            split=SPLITS[self.split.group.checkedId()],
            index=self.index.value,
            seen=self.given.value if text else seen,
        )

    def show_for(self, found: Found | None, text: bool) -> None:
        """Only what means something to ``found``; to a ``text`` where nothing is there yet."""
        shown = {"live"}
        if isinstance(found, Generated) or (found is None and text):
            shown |= {"feed", "draw", "sample", "given"} if self.forced else {"feed", "draw", "start"}
        elif isinstance(found, FreeRun):
            shown |= {"sample", "steps"} if found.free is None else {"feed", "sample", "steps"}
        elif isinstance(found, Aligned):
            shown |= {"sample"}
        for group, widgets in self._rows.items():
            for widget in widgets:
                widget.setVisible(group in shown)

    def _heated(self) -> None:
        self._tell_heat()
        self.changed.emit()

    def _tell_heat(self) -> None:
        self.degrees.setText(self.tr("greedy") if self.heat.value() == 0 else plain(round(self.temperature, 2)))
