"""The worst predictions of sequences: each a row of its symbols, on the chance that the truth was given, with what was said instead."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground import turns
from playground.data import Dataset
from playground.data.spec import Description
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import count, number, percent
from playground.ui.painters import tools
from playground.ui.painters.symbols import REST, SIZE, widest
from playground.ui.panels import strip_rows
from playground.ui.panels.drawn import OfSamples, Scrolled
from playground.ui.panels.strip_rows import Cell, Listed
from playground.ui.theme import Theme

TOP, READ, TRUE, SAID, GAP = 22.0, 13.0, 17.0, 11.0, 6.0
"""Heights of the title, and in a row of the symbol read, of the truth, of what was said instead; between rows."""
LINE, MOST_LINES = 14.0, 3
LEFT, LOSS, DOTS = 16.0, 64.0, 14.0
SMALL = 10.0


class Strips(Scrolled, OfSamples):
    """``chosen(split, index)`` when a sample is clicked. What does not fit comes by the wheel."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "strips", parent)
        self.setAccessibleName(self.tr("Worst predictions"))
        self._dataset: Dataset | None = None
        self._evaluation: Evaluation | None = None
        self._rows: list[Listed] = []
        self._cell: tuple[int, int] | None = None
        self._continues = False
        self._known: dict[Listed, list[Cell]] = {}
        self._asked: tuple[str, ...] = ()

    # -- what is shown
    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None) -> None:
        """List the sequences of ``evaluation`` that were answered worst."""
        if evaluation is self._evaluation and dataset is self._dataset:
            return
        if dataset is not None and dataset is not self._dataset:
            self._cell, self._continues = None, strip_rows.continues(dataset)
        self._evaluation, self._dataset = evaluation, dataset
        self._list()

    def show_cell(self, true: int, predicted: int) -> None:
        """Only sequences in which this mistake is made; (-1, -1) for all."""
        self._cell, self._first = None if true < 0 else (true, predicted), 0
        self._list()

    def _list(self) -> None:
        self._rows, self._known = strip_rows.listed(self._evaluation, self._dataset, self._cell), {}
        self._asked = tuple(self._words(one) for one in self._rows)
        self._scroll(0)
        self.update()

    def title(self) -> str:
        """What is listed; of all, how many sequences are right throughout."""
        if self._cell is not None and self._dataset is not None:
            names = self._dataset.description.classes
            true, said = (names[label] if label < len(names) else str(label) for label in self._cell)
            if true == said:
                return self.tr("{true}, rightly said").format(true=true)
            return self.tr("Expected {true}, said {said}").format(true=true, said=said)
        return self.tr("Worst predictions")

    def note(self) -> str:
        """The share of sequences that are right at every step, where it says something."""
        answers = self._evaluation.answers if self._evaluation is not None else None
        if answers is None or not answers.whole:
            return ""
        return self.tr("{share} right throughout").format(share=percent(answers.whole))

    # -- geometry
    @property
    def _wide(self) -> float:
        """A cell's width."""
        if self._dataset is None:
            return widest(())
        about = self._dataset.description
        named = () if strip_rows.is_binary(about) else about.classes if about.steps else ()
        return widest((*about.tokens, *named))

    @property
    def _steps_asked(self) -> bool:
        return self._dataset is not None and self._dataset.description.steps

    @property
    def _pitch(self) -> float:
        if not self._steps_asked or self._dataset is None:
            return self._lines * LINE + LINE + GAP
        return self._lead + TRUE + SAID + GAP

    @property
    def _reads(self) -> bool:
        """Whether the symbol that is read stands over the answer of its step."""
        about = self._dataset.description if self._dataset is not None else None
        return about is not None and not (self._continues or about.output_steps or strip_rows.is_binary(about))

    @property
    def _stacked(self) -> bool:
        """Whether a question stands over its answer, as both have no room side by side."""
        about = self._dataset.description if self._dataset is not None else None
        if about is None or not about.output_steps:
            return False
        return self._natural(about) + about.target_steps * self._wide > self._room

    @property
    def _lead(self) -> float:
        """The height of what stands over the answers: the symbols that are read, or the question."""
        return READ + 2 if self._stacked else READ if self._reads else 0.0

    @property
    def _room(self) -> float:
        return max(self.width() - LEFT - LOSS, 40.0)

    @property
    def _room_of_answer(self) -> float:
        """Under its question an answer has the loss's room too: that stands a line above."""
        return self._room + (LOSS - DOTS if self._stacked else 0.0)

    @property
    def _lines(self) -> int:
        """Lines that a sample with a single answer takes."""
        steps = self._dataset.description.input_shape[0] if self._dataset is not None else 1
        return min(max(math.ceil(steps * self._wide / self._room), 1), MOST_LINES)

    @property
    def _seen(self) -> int:
        return max(1, int((self.height() - TOP + GAP) // self._pitch))

    def row_rect(self, at: int) -> QRectF:
        """Where the listed sample ``at`` stands."""
        return QRectF(0, TOP + (at - self._first) * self._pitch, self.width(), self._pitch - GAP)

    def _shown(self) -> range:
        return range(self._first, min(self._first + self._seen, len(self._rows)))

    def scrollable(self) -> int:
        return len(self._rows) - self._seen

    def steps_of(self, at: int) -> list[tuple[Cell, QRectF]]:
        """The steps of the listed sample ``at`` that are in sight, with their cells."""
        if self._evaluation is None or self._dataset is None:
            return []
        one, rect, wide = self._rows[at], self.row_rect(at), self._wide
        found = self._cells(one)
        columns = max(int(self._room // wide), 2)
        if not self._steps_asked:
            return [
                (cell, QRectF(LEFT + step % columns * wide, rect.y() + step // columns * LINE, wide, LINE))
                for step, cell in enumerate(found[: columns * self._lines])
            ]
        left = LEFT if self._stacked else LEFT + self._question(one)[1]
        room = self._room_of_answer - left + LEFT
        cut = len(found) * wide > room  # then the dots need room beside the loss
        first, end = strip_rows.window(len(found), max(int((room - DOTS * cut) // wide), 2), one.step)
        return [(found[step], QRectF(left + (step - first) * wide, rect.y(), wide, rect.height())) for step in range(first, end)]

    def _question(self, one: Listed) -> tuple[str, float]:
        """What is read before an answer with steps of its own, and the room it takes."""
        if self._dataset is None or self._evaluation is None or not self._dataset.description.output_steps:
            return "", 0.0
        return self._words(one), self._room if self._stacked else self._natural(self._dataset.description)

    def _words(self, one: Listed) -> str:
        if self._dataset is None or self._evaluation is None or not self._dataset.description.output_steps:
            return ""
        return "".join(strip_rows.read(self._dataset, self._dataset.split(self._evaluation.split), one.index)) + " →"

    def _natural(self, about: Description) -> float:
        """The width of a question as long as they come; letters and arrows are wider than digits in some fonts."""
        asked = tools.widest(self._asked, SIZE) if self._asked else 0.0
        return max(tools.width("0" * (about.input_shape[0] + 2), SIZE), asked) + 4

    # -- painting
    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        taken = tools.text(painter, 0, 8, self.title(), theme.color("text"), 11.5, 600, room=self.width())
        if self._rows and self.width() - taken > LOSS + 20:
            right, note = self.width() - 6.0, self.note()
            tools.text(painter, right, 8, self.tr("loss"), theme.color("text3"), 10.5, align="right")
            if tools.width(note, 10.5) < right - taken - 48:
                tools.text(painter, taken + 10, 8, note, theme.color("text3"), 10.5)
        if not self._rows:
            words = (
                self.tr("No sample of this kind.")
                if self._evaluation is not None
                else self.tr("After the first evaluation, the sequences it gets most wrong.")
            )
            tools.paragraph(painter, QRectF(0, TOP, self.width(), 48), words, theme.color("text3"), 10.5)
        for at in self._shown():
            self._paint_row(painter, at)
        if len(self._rows) > self._seen:
            whole = self.height() - TOP - 2.0
            length = max(whole * self._seen / len(self._rows), 12)
            thumb = QRectF(self.width() - 3, TOP + (whole - length) * self._first / (len(self._rows) - self._seen), 3, length)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("line3"))
            painter.drawRoundedRect(thumb, 1.5, 1.5)
        painter.end()

    def _paint_row(self, painter: QPainter, at: int) -> None:
        theme, one, rect = self._theme, self._rows[at], self.row_rect(at)
        if self._evaluation is not None and self._sample == (self._evaluation.split, one.index):
            painter.fillRect(QRectF(0, rect.y(), 2, rect.height()), theme.color("accent"))
        steps = self.steps_of(at)
        if not self._steps_asked:
            self._paint_whole(painter, one, rect, steps)
        elif self._dataset is not None and strip_rows.is_binary(self._dataset.description):
            free = 0.0
            for cell, box in steps:
                free = self._paint_yes(painter, cell, box, free)
        else:
            for cell, box in steps:
                self._paint_step(painter, cell, box, chosen=self._cell is not None and cell.step == one.step)
        self._paint_cut(painter, rect, steps, one)
        question, room = self._question(one)
        if question:
            y = rect.y() + (self._lead if self._stacked else TRUE) / 2
            tools.text(painter, LEFT, y, question, theme.color("text2"), SIZE, room=room)
        if one.loss is not None:
            high = self._lead if self._stacked else rect.height() - SAID if self._steps_asked else LINE
            y = rect.y() + high / 2
            tools.text(painter, self.width() - 6.0, y, number(one.loss), theme.color("text3"), 10.5, align="right")

    def _paint_cut(self, painter: QPainter, rect: QRectF, steps: list[tuple[Cell, QRectF]], one: Listed) -> None:
        """Three dots where steps before or after have no room."""
        if not steps or not self._steps_asked or self._evaluation is None or self._dataset is None:
            return
        y = rect.y() + (READ / 2 if self._reads else self._lead + TRUE / 2)  # on the line that has a symbol at each step
        color = self._theme.color("text3")
        if steps[0][0].step > 0:
            tools.text(painter, steps[0][1].x() - 3, y, REST, color, 10.5, align="right")
        if steps[-1][0].step < len(self._cells(one)) - 1:
            tools.text(painter, steps[-1][1].right() + 3, y, REST, color, 10.5)

    def _cells(self, one: Listed) -> list[Cell]:
        """All steps of the listed sample, found once an evaluation."""
        if one not in self._known:
            assert self._evaluation is not None
            assert self._dataset is not None
            self._known[one] = strip_rows.cells(self._evaluation, self._dataset, one)
        return self._known[one]

    def _paint_whole(self, painter: QPainter, one: Listed, rect: QRectF, steps: list[tuple[Cell, QRectF]]) -> None:
        theme = self._theme
        names = self._dataset.description.classes if self._dataset is not None else ()
        for place, (cell, box) in enumerate(steps):
            cut = place == len(steps) - 1 and cell.step < len(self._cells(one)) - 1
            middle = box.center()
            tools.text(
                painter, middle.x(), middle.y(), REST if cut else cell.read, theme.color("text2"), SIZE, align="center", room=box.width()
            )
        true, said = (names[label] if 0 <= label < len(names) else "" for label in (one.true, one.predicted))
        y = rect.y() + self._lines * LINE + LINE / 2
        if true == said:
            tools.text(painter, LEFT + 3, y, f"{true} ✓", theme.color("good"), 10.5)
        else:
            taken = tools.text(painter, LEFT + 3, y, f"{true} → ", theme.color("text2"), 10.5)
            tools.text(painter, LEFT + 3 + taken, y, said, theme.color("bad"), 10.5, 600)

    def _paint_yes(self, painter: QPainter, cell: Cell, box: QRectF, free: float) -> float:
        """The symbol read, on the chance of a yes; a line below where yes is the truth. What was said wrongly stands under it, or right
        beside another such word, which takes the room up to ``free``, a mark; returns up to where room is taken now."""
        theme, tile = self._theme, QRectF(box.x() + 0.5, box.y(), box.width() - 1, TRUE - 1)
        ink = self._fill(painter, tile, cell.yes)
        tools.text(painter, tile.center().x(), tile.center().y(), cell.read, ink, SIZE, align="center", room=box.width())
        if self._dataset is not None and cell.true == self._dataset.description.classes[1]:
            painter.fillRect(QRectF(tile.x(), tile.bottom() + 0.5, tile.width(), 2), theme.color("text"))
        if not cell.wrong:
            return free
        x, y, wide = tile.center().x(), box.y() + TRUE + SAID / 2 + 1, tools.width(cell.said, SMALL, 600)
        if x - wide / 2 < free:
            painter.fillRect(QRectF(x - 2, y, 6, 2), theme.color("bad"))
            return max(free, x + 6)
        tools.text(painter, x, y, cell.said, theme.color("bad"), SMALL, 600, "center")
        return x + wide / 2 + 3

    def _paint_step(self, painter: QPainter, cell: Cell, box: QRectF, chosen: bool) -> None:
        theme, y, middle = self._theme, box.y(), box.center().x()
        if self._reads:
            tools.text(painter, middle, y + READ / 2, cell.read, theme.color("text3"), 10.5, align="center", room=box.width())
        y += self._lead
        tile = QRectF(box.x() + 0.5, y, box.width() - 1, TRUE - 1)
        if not cell.true:
            return
        ink = self._fill(painter, tile, cell.chance)
        tools.text(painter, middle, tile.center().y(), cell.true, ink, SIZE, align="center", room=box.width() - 1)
        if cell.wrong:
            tools.text(painter, middle, y + TRUE + SAID / 2 - 0.5, cell.said, theme.color("bad"), SMALL, 600, "center", room=box.width())
        if chosen:
            tools.ring(painter, tile, theme.color("accent"), off=0, width=1.5, radius=3)

    def _fill(self, painter: QPainter, tile: QRectF, chance: float | None) -> QColor:
        """Fill ``tile`` with the color of a chance, and what is legible on it."""
        if chance is None or not math.isfinite(chance):
            painter.fillRect(tile, self._theme.color("field"))
            return self._theme.color("text")
        red, green, blue = (int(part) for part in self._theme.ramp("seq")[round(255 * min(max(chance, 0.0), 1.0))])
        painter.fillRect(tile, QColor(red, green, blue))
        return self._theme.ink(red, green, blue)

    # -- the pointer
    def _at(self, position: QPointF) -> int | None:
        return next((at for at in self._shown() if self.row_rect(at).contains(position)), None)

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the rows stand on the screen, for tests with a real window."""
        return self.on_screen({f"strips/{place}": self.row_rect(at) for place, at in enumerate(self._shown())})

    def tip(self, position: QPointF) -> str:
        """What the pointer says at ``position``."""
        at = self._at(position)
        if at is None or self._evaluation is None:
            return ""
        one = self._rows[at]
        words = [self.tr("sample {index}").format(index=count(one.index)), *filter(None, [self._question(one)[0].removesuffix(" →")])]
        for cell, box in self.steps_of(at):
            if box.contains(position) and cell.true:
                words.append(self._about(cell))
        return "\n".join([*words, self.tr("Click to follow it through the network.")])

    def _about(self, cell: Cell) -> str:
        def given(name: str, chance: float | None) -> str:
            return name if chance is None else f"{name} ({number(100 * chance, 3, trim=True)} %)"

        step = self.tr("step {step}").format(step=cell.step + 1) + (f" ({cell.read})" if cell.read else "")
        true, said = given(cell.true, cell.chance), given(cell.said, cell.chance_said)
        if not cell.wrong:
            return self.tr("{step}: {true}, rightly said").format(step=step, true=true)
        return self.tr("{step}: expected {true}, said {said}").format(step=step, true=true, said=said)

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        at = self._at(position)
        return (self._evaluation.split, self._rows[at].index) if at is not None and self._evaluation is not None else None
