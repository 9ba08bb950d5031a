"""How the window is dressed: every widget once at a change of theme, and with the look that a window opened in that theme has."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QApplication, QLabel

from playground.ui import style
from playground.ui.explain import plain
from playground.ui.explain.blocks import FORMULA_SIZE
from playground.ui.formula import Formulas
from playground.ui.in_turn import queue
from playground.ui.panels.chart import Chart
from tests.ui.shell_support import Stalls, running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


class Events(QObject):
    """Counts the events of one kind that widgets get."""

    def __init__(self, kind: QEvent.Type) -> None:
        super().__init__()
        self.count, self._kind = 0, kind

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += watched.isWidgetType() and event.type() == self._kind
        return False


def test_a_change_of_theme_dresses_every_widget_once(qtbot, qapp: QApplication) -> None:
    """Qt's own way to change a sheet comes to each widget as often as it has ancestors."""
    with running_window(qtbot) as window:
        dressings = Events(QEvent.Type.StyleChange)
        qapp.installEventFilter(dressings)
        window.set_theme("light")
        qtbot.waitUntil(window.updatesEnabled)
        qapp.removeEventFilter(dressings)
        assert len(qapp.allWidgets()) <= dressings.count < 1.2 * len(qapp.allWidgets())


def test_a_changed_theme_looks_like_one_from_the_start(qtbot, qapp: QApplication) -> None:
    with running_window(qtbot) as window:
        parts = (window.bar, window.palette_, window.inspector, window.dock, window.status)
        dark = [part.grab().toImage() for part in parts]
        window.set_theme("light")
        qtbot.waitUntil(window.updatesEnabled)
        changed = [part.grab().toImage() for part in parts]
        qapp.setStyleSheet("")  # undressed, and dressed as a window is that opens
        qapp.setStyleSheet(style.sheet(window.theme))
        assert [part.grab().toImage() for part in parts] == changed
        assert all(image != before for image, before in zip(changed, dark, strict=True))


def test_the_window_answers_while_it_is_dressed_and_shows_no_half_of_it(qtbot) -> None:
    with running_window(qtbot, "spiral", (1920, 1080)) as window:
        longest = Stalls(qtbot).over(lambda: window.set_theme("light"), window.updatesEnabled)
        assert longest < 0.1
        window.set_theme("dark")
        window.set_theme("light")  # before the other is done
        assert not window.updatesEnabled()
        qtbot.waitUntil(window.updatesEnabled)
        assert window.theme.name == window.canvas.theme.name == "light"
        assert QLabel(window).palette().windowText().color() == window.theme.color("text")


def test_what_is_on_the_screen_is_in_the_new_colors(qtbot, qapp: QApplication) -> None:
    with running_window(qtbot, size=(1280, 800)) as window:
        screen = qapp.primaryScreen()
        qtbot.waitUntil(lambda: Formulas.kept(plain.DEFAULT, FORMULA_SIZE))  # one comes on its own when it has been set
        for name in ("light", "dark", "light"):
            window.update()  # something is about to be painted, as it always is while a network trains
            window.set_theme(name)
            qtbot.waitUntil(lambda: window.updatesEnabled() and not queue().busy)
            shown = screen.grabWindow(window.winId()).toImage()
            for part, token in ((window.bar, "panel"), (window.status, "window"), (window.canvas, "canvas")):
                corner = part.mapTo(window, QPoint(2, part.height() - 3))
                assert shown.pixelColor(corner) == window.theme.color(token)
            window.repaint()
            assert shown == screen.grabWindow(window.winId()).toImage(), "some of it was left as it was"


def test_a_change_of_theme_paints_the_window_once(qtbot) -> None:
    with running_window(qtbot, size=(1280, 800)) as window:
        for name in ("light", "dark"):
            window.set_theme(name)
            paints = Events(QEvent.Type.Paint)
            window.bar.installEventFilter(paints)
            qtbot.waitUntil(window.updatesEnabled)
            assert paints.count == 1
            window.bar.removeEventFilter(paints)


def test_what_keeps_its_picture_is_drawn_before_the_window_is_painted(qtbot, monkeypatch) -> None:
    """All in one turn took 40 ms; and the canvas takes no values that would make its pictures old again before they are seen."""
    with running_window(qtbot, "spiral", (1280, 800)) as window:
        drawn, fed = [], []
        whole, show = Chart._draw, style.Dresser._show
        monkeypatch.setattr(Chart, "_draw", lambda chart: (drawn.append(chart), whole(chart))[1])
        monkeypatch.setattr(style.Dresser, "_show", lambda dresser: (drawn.append(None), show(dresser))[1])
        monkeypatch.setattr(window.canvas, "feed", lambda: fed.append(window.updatesEnabled()))
        window.set_theme("light")
        window.canvas._feeding.soon()
        qtbot.waitUntil(lambda: window.updatesEnabled() and bool(fed))
        charts = [chart for chart in window.dock.charts.charts.values() if chart.isVisible()]
        assert charts
        assert set(drawn[: drawn.index(None)]) == set(charts)
        assert drawn[drawn.index(None) :] == [None]
        assert all(fed)


def test_of_another_size_the_canvas_is_painted_at_once(qtbot, qapp: QApplication) -> None:
    """Held back it showed what lay in memory: Qt keeps no pixels of a window whose size changes."""
    with running_window(qtbot, "spiral", (1280, 800)) as window:
        screen = qapp.primaryScreen()
        for width, height in ((1500, 900), (1100, 760), (1300, 820)):
            window.canvas.viewport().update()
            window.resize(width, height)
            qapp.processEvents()
            shown, port = screen.grabWindow(window.winId()).toImage(), window.canvas.viewport()
            corners = [port.mapTo(window, QPoint(x, port.height() // 2)) for x in (1, port.width() - 2)]
            assert [shown.pixelColor(corner) for corner in corners] == [window.theme.color("canvas")] * 2
