"""The lab's pages for networks that look at pictures: why this answer, what it looks for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from playground.engine.live import commands
from playground.ui.lab.looks_page import LooksPage
from playground.ui.lab.pixels import heat, image
from playground.ui.lab.why_page import WhyPage
from playground.ui.theme import DARK, LIGHT, Theme
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_lab_window import opened, trained

pytestmark = pytest.mark.usefixtures("state")


def test_the_answers_of_the_followed_sample_are_explained_and_follow_it(qtbot) -> None:
    with running_window(qtbot, "digits") as window:
        trained(qtbot, window, 200)
        window.workbench.follow("test", 3)
        page = opened(qtbot, window, "attribution").page
        assert isinstance(page, WhyPage)
        qtbot.waitUntil(lambda: page.found is not None and page.found.asked.index == 3 and not page.found.state.running, timeout=20_000)
        assert page.picture.tiles()[1].values is page.found.saliency
        assert f"“{page.found.unit}”" in page.figures.text()
        window.workbench.follow("test", 4)
        qtbot.waitUntil(lambda: page.found is not None and page.found.asked.index == 4 and not page.found.state.running, timeout=20_000)
        page.classes.setCurrentIndex(page.classes.findData(7))
        page.classes.activated.emit(page.classes.currentIndex())
        qtbot.waitUntil(lambda: page.found is not None and page.found.unit == 7 and not page.found.state.running, timeout=20_000)
        box = page.picture.boxes()[0]
        at = QPointF(box.x() + 2.5 * box.width() / 8, box.y() + 4.5 * box.height() / 8)
        assert page.picture.pixel(at) == (4, 2)
        plain = page.picture.grab().toImage()
        page.picture.pointer = at
        assert page.picture.grab().toImage() != plain


def test_a_picture_of_ones_own_is_explained(qtbot) -> None:
    with running_window(qtbot, "digits") as window:
        trained(qtbot, window, 100)
        page = opened(qtbot, window, "attribution").page
        own = np.full((1, 8, 8), 0.25, np.float32)
        window.workbench.draw(commands.Draw(own))
        qtbot.waitUntil(
            lambda: page.found is not None and page.found.asked.picture is not None and not page.found.state.running, timeout=20_000
        )
        assert np.array_equal(page.found.picture, own)
        assert page.figures.text().startswith("Your own picture")


def test_a_click_chooses_a_unit_and_a_sample(qtbot) -> None:
    with running_window(qtbot, "digits") as window:
        trained(qtbot, window, 200)
        shown = opened(qtbot, window, "strongest")
        page = shown.page
        assert isinstance(page, LooksPage)
        qtbot.waitUntil(lambda: page.preferred is not None and not page.preferred.state.running, timeout=20_000)
        assert page.picture.preferred is page.preferred
        assert (page.node, page.unit) == ("output1", 0)
        qtbot.mouseClick(page.picture, Qt.MouseButton.LeftButton, pos=page.picture.unit_boxes()[6].center().toPoint())
        qtbot.waitUntil(
            lambda: page.preferred is not None and page.preferred.asked.unit == 6 and not page.preferred.state.running, timeout=20_000
        )
        assert page.figures.text().endswith("class 6")
        qtbot.mouseClick(page.picture, Qt.MouseButton.LeftButton, pos=page.picture.ranks()[2].center().toPoint())
        assert window.workbench.sample == ("train", int(page.found.samples[6, 2]))


def test_a_pixel_chosen_on_the_canvas_asks_its_map(qtbot) -> None:
    with running_window(qtbot, "diagonal") as window:
        node = next(id for id, placed in window.workbench.document.nodes.items() if placed.type == "Conv2D")
        qtbot.waitUntil(lambda: window.workbench.snapshot.phase in ("ready", "paused"), timeout=30_000)
        window.workbench.select((node,), (node, 2 * 144 + 70))
        page = opened(qtbot, window, "strongest").page
        for unit in (2, 3):  # chosen before the page was opened, and while it is
            window.workbench.select((node,), (node, unit * 144 + 70))
            qtbot.waitUntil(lambda: page.preferred is not None and page.preferred.asked.unit == page.unit, timeout=20_000)
            assert page.unit == unit
            assert not window.workbench.snapshot.refused


def test_a_network_without_pictures_is_told_what_to_do(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        for command in ("lab_looks", "lab_why"):
            window.actions_[command].trigger()
            page = window.lab.lab.page
            qtbot.waitUntil(lambda page=page: "Choose a data set of pictures" in page.picture.words, timeout=20_000)
            assert not page.status.text(), "once is enough"


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_pixels_are_the_themes_gray_or_their_own_color(theme: Theme) -> None:
    gray = image(np.array([[[-1.0, 1.0, 0.0]]]), -1.0, 1.0, theme)
    ramp = theme.ramp("gray")
    assert [gray.pixelColor(x, 0).getRgb()[:3] for x in range(3)] == [tuple(int(part) for part in ramp[at]) for at in (0, 255, 128)]
    color = image(np.array([[[1.0]], [[0.0]], [[0.5]]]), 0.0, 1.0, theme)
    assert color.pixelColor(0, 0).getRgb()[:3] == (255, 0, 128)


def test_heat_is_clear_at_zero_and_where_nothing_is_known() -> None:
    made = heat(np.array([[0.0, 2.0, np.nan, -2.0]]), 2.0, DARK, "div")
    assert [made.pixelColor(x, 0).alpha() for x in range(4)] == [0, 217, 0, 217]
    assert made.pixelColor(1, 0).getRgb()[:3] == tuple(int(part) for part in DARK.ramp("div")[255])
