"""The lab's page of generation: texts, series, sequences; its pictures by themselves, then in the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication

from playground.document import Project, example
from playground.engine.experiments.generated import Aligned, FreeRun, GenerateAsked, Generated, Stream
from playground.engine.experiments.lab import State
from playground.engine.live import commands
from playground.ui.lab import generate_page
from playground.ui.lab import generate_told as told
from playground.ui.lab.generate_choices import WholeEdit
from playground.ui.lab.generate_layout import Block, Row, laid_out
from playground.ui.lab.generate_page import GeneratePage
from playground.ui.lab.generate_series import SeriesPicture, runs, spacing
from playground.ui.lab.generate_symbols import SymbolsPicture
from playground.ui.theme import DARK, LIGHT
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_lab_window import opened, trained

pytestmark = pytest.mark.usefixtures("state")
ENDED = State(5, 4, 4, False)


def stream(numbers: list[int], given: int = 1, truth: float = 0.25) -> Stream:
    """Symbols with a chance of 0.5 each, the best three of which are always 0, 1 and 2."""
    count = len(numbers)
    known = np.where(np.arange(count) < given, np.nan, 1.0)
    best = np.tile(np.array([0, 1, 2], np.int32), (count, 1))
    chances = known[:, None] * np.array([0.6, 0.3, 0.05])
    return Stream(np.array(numbers, np.int32), 0.5 * known, best, chances, chances**2, truth * known)


def text(numbers: list[int], **changed: object) -> Generated:
    found = Generated(ENDED, GenerateAsked(), 10, tuple("abc␣⏎xyz"), "characters", 1, stream(numbers), None, None, False, 20, 0.1)
    return replace(found, **changed)


def aligned() -> Aligned:
    tokens = tuple("0123")
    answers = np.array([[1, 2], [3, 0], [2, 2]])
    truth = np.array([[1, 2], [3, -1], [1, 2]])
    best = np.array([[3, 0, 1, 2], [0, 1, 2, 3]])
    samples, inputs, lengths = np.arange(12, 15), np.array([[1, 0, 3], [2, 2, 0], [0, 0, 1]]), np.array([3, 2, 3])
    asked, chances = GenerateAsked(index=13), np.array([[0.7, 0.2, 0.1, 0.0], [0.4, 0.3, 0.2, 0.1]])
    return Aligned(ENDED, asked, 40, tokens, tokens, samples, inputs, lengths, truth, answers, best, chances, None, "", False, 0.1)


def forecast() -> FreeRun:
    truth = np.array([0.0, 1, 2, 3, 4, np.nan])
    forced, free = np.array([np.nan, 1, 2, 3, 5, np.nan]), np.array([np.nan, np.nan, np.nan, 2.5, 3, 4])
    times = tuple(map(str, range(1900, 1906)))
    return FreeRun(ENDED, GenerateAsked(), 3, "spots", "", times, False, 3, truth, forced, free, "", 0.7, 0.8, 1.0, 2, 0.1)


# -- the parts
def test_running_text_breaks_behind_blanks_and_at_line_ends() -> None:
    symbols = [*"ab␣cd⏎ef␣gh"]
    layout = laid_out([Block((Row("", symbols),))], 45, lambda symbol, size: 9.0)  # four symbols of 10 px a line
    lines: dict[float, str] = {}
    for cell in layout.cells:
        lines[cell.rect.y()] = lines.get(cell.rect.y(), "") + symbols[cell.index]
    assert list(lines.values()) == ["ab␣", "cd⏎", "ef␣", "gh"]
    assert layout.height == pytest.approx(4 * layout.labels[0][2] * 2 + 8)


def test_rows_stand_in_columns_as_wide_as_their_widest_symbol() -> None:
    layout = laid_out([Block((Row("", ["a", "bb"] * 20), Row("", ["cccc", "d"] * 20)))], 400, lambda symbol, size: 10.0 * len(symbol))
    first, second = ([cell for cell in layout.cells if cell.row == row] for row in (0, 1))
    assert [cell.rect.x() for cell in first] == [cell.rect.x() for cell in second]
    assert first[0].rect.width() == 46
    assert {cell.rect.y() for cell in first}.isdisjoint({cell.rect.y() for cell in second})


def test_bars_tell_the_best_and_what_was_taken_and_true() -> None:
    found = text([0, 1, 5, 2])
    assert told.choice_of(found, 0, False) is None  # it was given
    choice = told.choice_of(found, 1, False)
    assert [(bar.symbol, bar.chance, bar.taken) for bar in choice.bars] == [("a", 0.6, False), ("b", 0.3, True), ("c", 0.05, False)]
    assert choice.title == "Symbol 2, after “a”"
    assert np.isnan(choice.bars[0].drawn)  # at temperature 1 it is the chance itself
    taken = told.choice_of(found, 2, False).bars
    assert [(bar.symbol, bar.chance, bar.taken) for bar in taken][2] == ("x", 0.5, True)  # in the place of the least likely
    warm = told.choice_of(replace(found, asked=GenerateAsked(temperature=0.5)), 1, False)
    assert [bar.drawn for bar in warm.bars] == pytest.approx([0.36, 0.09, 0.0025])
    along = replace(found, truth=np.array([0, 6, 5, 7], np.int32), forced=stream([0, 1, 5, 2]))
    bars = told.choice_of(along, 1, True).bars
    assert [(bar.symbol, bar.chance, bar.taken, bar.true) for bar in bars[1:]] == [("b", 0.3, True, False), ("y", 0.25, False, True)]


def test_what_is_left_of_the_text_before_stands_behind_while_it_is_written() -> None:
    going = text([0, 1], state=State(5, 1, 4, True))
    (block,) = told.blocks_of(going, text([2, 2, 2, 3]), False)
    assert "".join(block.rows[0].symbols) == "abc␣"
    assert block.rows[0].old == 2
    (block,) = told.blocks_of(text([0, 1]), text([2, 2, 2, 3]), False)
    assert "".join(block.rows[0].symbols) == "ab"
    assert told.text_of(text([0, 3, 1, 4, 2])) == "a b\nc"


def test_sequences_stand_under_each_other_with_what_is_wrong() -> None:
    found = aligned()
    given, answer = told.aligned_blocks(found)
    assert [row.symbols for row in (*given.rows, *answer.rows)] == [["2", "2"], ["3", ""], ["3", ""]]  # its third step is padding
    assert answer.rows[1].verdicts == [True, None]
    assert told.aligned_choice(found, 1) is None  # nothing is asked there
    assert [bar.true for bar in told.aligned_choice(found, 0).bars] == [True, False, False, False]
    lines = told.listed(found)
    assert [(line.asked, line.said, line.true, line.right, line.chosen) for line in lines] == [
        ("103", "12", "12", True, False),
        ("22", "3", "3", True, True),
        ("001", "22", "12", False, False),
    ]


def test_pointer_and_keys_choose_a_symbol(qtbot) -> None:
    picture = SymbolsPicture(DARK)
    qtbot.addWidget(picture)
    picture.resize(360, 500)
    found = text([0, 1, 3, 2, 4, 1, 1, 2])
    picture.show_symbols(told.blocks_of(found, None, False), lambda at: told.choice_of(found, at, False))
    picture.show()
    assert picture.at == 7
    for key, at in (("Left", 6), ("Home", 0), ("Right", 1), ("Down", 6), ("Up", 1), ("End", 7)):
        qtbot.keyClick(picture, getattr(Qt.Key, f"Key_{key}"))
        assert picture.at == at, key
    plain = picture.grab().toImage()
    qtbot.mouseMove(picture, picture.place_of(3).center().toPoint())
    assert (picture.at, picture.choice.bars[2].taken) == (3, True)
    assert picture.grab().toImage() != plain
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=picture.place_of(1).center().toPoint())
    assert picture.kept == 1
    picture.set_theme(LIGHT)
    assert picture.grab().toImage() != plain


def test_a_press_in_the_list_picks_a_sample_and_attention_is_drawn(qtbot) -> None:
    picture = SymbolsPicture(DARK)
    qtbot.addWidget(picture)
    picture.resize(700, 560)
    found = aligned()
    picture.show_symbols(told.aligned_blocks(found), lambda at: told.aligned_choice(found, at), told.listed(found))
    with qtbot.waitSignal(picture.picked) as picked:
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=picture.line_of_list(2).center().toPoint())
    assert picked.args == [2]
    plain = picture.grab().toImage()
    looked = replace(found, attention=np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]], np.float32))
    matrix = told.matrix_of(looked, "attention")
    assert (matrix.queries, matrix.keys) == (["3"], ["2", "2"])  # at its second step nothing is asked
    assert matrix.weights.shape == (1, 3)
    picture.show_symbols(told.aligned_blocks(looked), lambda at: told.aligned_choice(looked, at), told.listed(looked), matrix)
    assert picture.grab().toImage() != plain


def test_the_seen_part_of_a_series_is_dragged(qtbot) -> None:
    picture = SeriesPicture(DARK)
    qtbot.addWidget(picture)
    picture.resize(600, 400)
    found = forecast()
    picture.show_series(found, False)
    assert [name for name, *_ in picture.lines()] == ["truth", "reads the truth", "reads its own output"]
    assert picture.lines()[2][1][2:].tolist() == [2, 2.5, 3, 4]  # it begins at the last value seen
    start, end = (picture.at(at - 0.5, 1).toPoint() for at in (3, 2))
    with qtbot.waitSignal(picture.dragged) as dragged:
        qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(picture, end)
        qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=end)
    assert dragged.args == [2]
    plain = picture.grab().toImage()
    picture.pointer = QPointF(picture.at(4, 3))
    assert picture.step_at(picture.pointer) == 4
    assert picture.grab().toImage() != plain
    picture.show_series(found, True)
    assert [name for name, *_ in picture.lines()] == ["truth", "reads its own output", "reads the truth"]


def test_stretches_and_ticks() -> None:
    assert runs(np.array([np.nan, 1, 2, np.nan, 3])) == [(1, 3), (4, 5)]
    assert [spacing(steps, 6) for steps in (5, 12, 30, 121)] == [1, 2, 5, 50]


def test_whole_numbers_keep_to_their_range(qtbot) -> None:
    edit = WholeEdit("edit", 5, 1, 9, "")
    qtbot.addWidget(edit)
    seen: list[int] = []
    edit.changed.connect(lambda: seen.append(edit.value))
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    for typed in ("12", "x", "2"):
        edit.setText(typed)
        edit.editingFinished.emit()
    assert seen == [6, 9, 2]
    assert edit.text() == "2"


# -- the page
def page_of(qtbot, window) -> GeneratePage:
    page = opened(qtbot, window, "generate").page
    assert isinstance(page, GeneratePage)
    return page


def answered(qtbot, page: GeneratePage, fits) -> None:
    qtbot.waitUntil(lambda: page.found is not None and not page.found.state.running and fits(page.found), timeout=20_000)


def test_a_text_is_written_as_it_is_chosen_and_while_it_trains(qtbot, monkeypatch) -> None:
    monkeypatch.setattr(generate_page, "WAIT", 0.05)
    with running_window(qtbot, "next-number") as window:
        trained(qtbot, window, 100)
        page = page_of(qtbot, window)
        assert page.stack.currentWidget() is page.symbols
        page.choices.start.setText("3 4 5")
        page.choices.heat.setValue(0)
        page.choices.length.set_value(30)
        answered(qtbot, page, lambda found: found.asked.temperature == 0 and len(found.free.symbols) == 33)
        assert page.choices.degrees.text() == "greedy"
        page.copy.click()
        assert QGuiApplication.clipboard().text() == "".join(page.found.tokens[number] for number in page.found.free.symbols)
        shown = page.found
        page.choices.start.setText("3 x")
        page.begin.click()
        qtbot.waitUntil(lambda: "“x” did not occur" in page.status.text(), timeout=20_000)
        assert page.symbols.length == len(shown.free.symbols)  # the last text stays
        page.choices.start.setText("")
        page.choices.feed.group.button(1).click()
        answered(qtbot, page, lambda found: found.forced is not None)
        assert page.figures.text().count("bits a symbol") == 2
        assert page.choices.index.isVisible()
        assert not page.choices.start.isVisible()
        asked = page.found.state.step
        window.workbench.session.send(commands.Train())
        answered(qtbot, page, lambda found: found.state.step > asked)
        window.workbench.session.send(commands.Pause())
        answered(qtbot, page, lambda found: found.state.step == window.workbench.snapshot.step)
        first = window.workbench.snapshot.checkpoints[0]
        window.workbench.session.send(commands.ShowMoment(window.workbench.snapshot.run, first))
        answered(qtbot, page, lambda found: found.state.step == first)


def test_a_series_is_forecast_in_its_unit_and_what_cannot_generate_says_so(qtbot) -> None:
    with running_window(qtbot, "sunspots-mlp") as window:
        trained(qtbot, window, 30)
        page = page_of(qtbot, window)
        assert page.stack.currentWidget() is page.series
        assert page.found.times[page.found.seen] == "1931"
        assert f"reads its own output: {page.found.free_error:.2f}"[:24] in page.figures.text()
        drawn = page.series.grab().toImage()
        page.choices.feed.group.button(1).click()
        assert page.series.forced
        assert page.series.grab().toImage() != drawn
        page.choices.index.set_value(20)
        answered(qtbot, page, lambda found: found.times[found.seen] == "1951")
        page.series.dragged.emit(page.found.seen - 5)
        answered(qtbot, page, lambda found: found.times[found.seen] == "1946")
        window.workbench.follow("validation", 3)
        answered(qtbot, page, lambda found: (found.asked.split, found.asked.index) == ("validation", 3))
        window.projects.show(Project(example("xor")))
        qtbot.waitUntil(lambda: page.stack.currentWidget() is page.nothing, timeout=20_000)
        assert "reads no sequence" in page.nothing.words
        assert "Alice" in page.nothing.words
        assert page.choices.index.value == 0
