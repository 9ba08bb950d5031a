"""Mosaics of maps: where they stand, what they are colored by, the marks of pools, Dropout and normalizations, filters."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from playground.anim.cells import Cells
from playground.anim.cursor import Cursor, Stage
from playground.anim.scale import Scale
from playground.engine.trace import ParameterTrace
from playground.ui.painters import filters, maps, mosaic, placing, reading, registry, statistics
from playground.ui.painters.base import Picture
from playground.ui.theme import DARK
from tests.ui.painting import DIGITS, count, picture, render

pytestmark = pytest.mark.usefixtures("qapp")
RNG = np.random.default_rng(0)


def conv(filters_: int, side: int, channels: int = 1, face: str = "", **more: object) -> Picture:
    values = np.maximum(RNG.normal(size=(filters_, side, side)), 0)
    weight = RNG.normal(size=(filters_, channels, 3, 3))
    shown = picture(
        "Conv2D", (filters_, side, side), ((channels, side, side),), {"output": values, "pre_activation": values},
        parameters={"weight": weight, "bias": np.zeros(filters_)}, filters=filters_, padding="same", activation="relu", **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return shown if not face else Picture(*(getattr(shown, name) for name in shown.__slots__[:-1]), face)


@pytest.mark.parametrize(("count_", "side"), [(1, 28), (2, 3), (6, 28), (8, 14), (16, 10), (17, 5), (64, 28), (100, 7), (512, 7), (600, 2)])
def test_each_map_has_its_place_and_none_lies_over_another(count_: int, side: int) -> None:
    shown = conv(count_, side)
    painter = maps.MapsPainter()
    rect = QRectF(10, 20, painter.size(shown).width(), painter.size(shown).height())
    assert rect.height() == maps.HEIGHT
    boxes = [painter.map_rect(rect, shown, at) for at in range(min(count_, mosaic.MOST))]
    for box in boxes:
        assert box is not None
        assert rect.contains(box)
        assert painter.clear_rect(rect, shown).contains(box)  # a frozen node's hatch keeps off it
    for at in range(0, len(boxes), 7):
        for other in boxes[:at]:
            assert not boxes[at].intersects(other)  # type: ignore[union-attr,arg-type]
    assert painter.map_rect(rect, shown, mosaic.MOST) is None


def test_lenets_maps_are_as_large_as_the_guide_says() -> None:
    assert maps.layout(conv(6, 28)).cell == 1.5
    assert maps.layout(conv(16, 10)).cell == 3.0
    assert (maps.layout(conv(6, 28)).across, maps.layout(conv(16, 10)).across) == (2, 4)
    assert (maps.MapsPainter().size(conv(6, 28)).width(), maps.MapsPainter().size(conv(16, 10)).width()) == (144, 178)


def test_a_pixel_has_the_color_of_its_value() -> None:
    shown = conv(6, 28)
    painter = registry.find(shown.layer)
    rect = QRectF(0, 0, painter.size(shown).width(), painter.size(shown).height())
    values = reading.value(shown)
    assert values is not None
    scale = reading.scale_for(shown)
    scale.observe(values)
    assert (scale.ramp, scale.stretch) == ("seq", True)
    pixels = render(shown)
    for unit in (0, 300, 784 * 4 + 555):
        box = painter.unit_rect(rect, shown, unit)
        assert box is not None
        blue, green, red = (int(part) for part in pixels[int(box.center().y()), int(box.center().x()), :3])
        wanted = DARK.ramp("seq")[int(scale.indices(np.array(values.flat[unit])))]
        assert np.abs(np.array([red, green, blue]) - wanted).max() <= 6  # within an entry of the stretched ramp


@pytest.mark.parametrize("signed", [True, False])
def test_looked_up_entries_are_those_of_the_scale(signed: bool) -> None:
    values = np.linspace(-2, 2, 5001).astype(np.float32)
    scale = Scale(1.5, "div" if signed else "seq", stretch=True)
    assert np.abs(mosaic.entries(values, scale).astype(int) - scale.indices(values).astype(int)).max() <= 1
    broken = np.array([np.nan, np.inf, -np.inf], np.float32)
    assert mosaic.entries(broken, scale).tolist()[1:] == [255, 0]


def test_means_are_drawn_where_cells_are_smaller_than_pixels() -> None:
    values = np.arange(2 * 4 * 6, dtype=np.float32).reshape(2, 4, 6)
    small = mosaic.averaged(values, 2)
    assert small.shape == (2, 2, 3)
    assert small[0, 0, 0] == values[0, :2, :2].mean()
    assert small[1, 1, 2] == values[1, 2:, 4:].mean()


def test_an_unsigned_scale_turns_when_something_is_below_zero() -> None:
    scale = Scale(ramp="seq", turns=True, stretch=True)
    scale.observe(np.array([0.5, 2.0], np.float32))
    assert (scale.ramp, scale.stretch, scale.limit) == ("seq", True, 2.0)
    scale.observe(np.array([-0.5, 1.0], np.float32))
    assert (scale.ramp, scale.stretch) == ("div", False)


def test_pixels_that_a_pass_has_yet_to_come_to_are_not_told() -> None:
    stage = Stage("forward", "n1", Cells((("", (6, 28, 28)),)))
    cursor = Cursor(0, stage, 784 + 10 * 28 + 5, 1.0, (stage,))
    first, second = conv(6, 28), conv(6, 28)
    a, b = reading.value(first), reading.value(second)
    assert a is not None
    assert b is not None
    np.clip(a, 0, 3, out=a)
    b[...] = a
    b[1, 10, 6:] += 1
    b[1, 11:] += 1
    b[2:] += 1
    a[5, 5, 5] = b[5, 5, 5] = 3.0  # one scale
    np.clip(b, 0, 3, out=b)
    assert np.array_equal(render(first, cursor), render(second, cursor))
    assert not np.array_equal(render(first), render(second))


def test_winners_are_marked_where_they_stood() -> None:
    x = RNG.normal(size=(2, 5, 6))
    values, won = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))
    for at, row, column in np.ndindex(values.shape):
        window = x[at, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        values[at, row, column] = window.max()
        won[at, row, column] = (2 * row + int(window.argmax()) // 2) * 6 + 2 * column + int(window.argmax()) % 2
    shown = picture("MaxPool2D", (2, 2, 3), ((2, 5, 6),), {"output": values, "winners": won})
    found = maps.winners(shown)
    assert found is not None
    for at, row, column in np.ndindex(values.shape):
        y, x_ = found[at, row, column]
        assert x[at, 2 * row + int(2 * y), 2 * column + int(2 * x_)] == values[at, row, column]
    assert maps.winners(conv(2, 3)) is None
    assert not np.array_equal(render(shown), render(picture("MaxPool2D", (2, 2, 3), ((2, 5, 6),), {"output": values})))


def test_what_dropout_turned_off_is_not_a_zero() -> None:
    values, mask = RNG.normal(size=(4, 6, 6)), np.ones((4, 6, 6))
    values[0, 0] = 0
    on = picture("Dropout", (4, 6, 6), ((4, 6, 6),), {"output": values, "mask": mask})
    mask[0, 0] = 0
    off = picture("Dropout", (4, 6, 6), ((4, 6, 6),), {"output": values, "mask": mask})
    assert not np.array_equal(render(on), render(off))


def test_filters_stand_in_the_order_of_their_maps_and_weights_have_places() -> None:
    shown = conv(6, 28, 3, face="kernels")
    assert shown.face == "kernels"
    painter = registry.find(shown.layer)
    rect = QRectF(0, 0, painter.size(shown).width(), painter.size(shown).height())
    places = [placing.place_rect(painter, rect, shown, "weight", (o, k, 1, 2)) for o in range(6) for k in range(3)]
    assert all(place is not None and rect.contains(place) for place in places)
    assert len({place.getRect() for place in places if place is not None}) == 18
    other = conv(6, 28, 3, face="kernels")
    assert not np.array_equal(render(shown), render(other))
    few, many = filters.grid((6, 3, 5, 5), (120, 136)), filters.grid((512, 64, 3, 3), (224, 136))
    assert not few.merged
    assert many.merged  # 64 channels of 512 filters would be smaller than a pixel


def test_in_the_backward_pass_errors_and_gradients_are_shown() -> None:
    stage = Stage("backward", "n1", Cells((("", (4, 8, 8)),)))
    cursor = Cursor(0, stage, None, 1.0, (stage,))
    error, slope = RNG.normal(size=(4, 8, 8)), RNG.normal(size=(4, 1, 3, 3))
    traced = {"n1/weight": ParameterTrace(np.ones((4, 1, 3, 3)), slope)}
    shown = conv(4, 8, gradients={"output": error, "pre_activation": error}, traced=traced)
    found = reading.shown(shown, cursor, Scale())
    assert found is not None
    assert found.scale.ramp == "err"
    gradient = filters.shown(shown, cursor)
    assert gradient is not None
    assert gradient[1].ramp == "err"
    np.testing.assert_array_equal(gradient[0], slope)
    assert not np.array_equal(render(shown, cursor), render(shown))


def test_a_normalization_shows_the_batchs_and_the_running_statistics() -> None:
    def shown(mean: float, output: tuple[int, ...]) -> Picture:
        channels = output[0] if len(output) == 3 else output[-1]
        values = {"output": np.zeros(output), "mean": np.full(channels, mean), "variance": np.full(channels, 4.0)}
        kept = {"running_mean": np.full(channels, 0.5), "running_var": np.full(channels, 2.25)}
        return picture("BatchNorm", output, (output,), values, parameters={"weight": np.ones(channels), "bias": np.zeros(channels), **kept})

    for output in ((6, 14, 14), (32,)):
        one = shown(1.0, output)
        assert statistics.has(one)
        found = statistics.read(one, None)
        assert found is not None
        assert found.spread is not None
        assert (found.running_spread[0], found.spread[0]) == (1.5, 2.0)
        assert not np.array_equal(render(one), render(shown(-1.0, output)))
        painter = registry.find(one.layer)
        size = painter.size(one)
        rect = QRectF(0, 0, size.width(), size.height())
        box = painter.unit_rect(rect, one, 3)
        assert box is not None
        assert painter.unit_at(rect, one, box.center()) == 3
        assert "spread 2.00" in painter.tip(one, 3)
    assert not statistics.has(conv(2, 4))


def test_a_color_picture_is_in_color() -> None:
    values = np.zeros((3, 8, 8))
    values[0] = 1.0
    shown = picture("Input", (3, 8, 8), (), {"output": values}, data=DIGITS, target=1)
    pixels = render(shown)
    assert count(pixels, "#FF0000") > 1000
    painter = registry.find(shown.layer)
    rect = QRectF(0, 0, painter.size(shown).width(), painter.size(shown).height())
    box = placing.place_rect(painter, rect, shown, "output", (2, 3, 4))
    assert box is not None
    assert painter.unit_at(rect, shown, box.center()) == 3 * 8 + 4
    assert "1.00 · 0 · 0" in painter.tip(shown, 3 * 8 + 4)
    assert painter.unit_at(rect, shown, QPointF(1, 1)) is None
