"""Painters draw what the trace holds, say what is not a number, and keep their sizes whatever the values are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from playground.anim.cells import Cells
from playground.anim.cursor import Cursor, Stage
from playground.anim.scale import Scale
from playground.data import Description
from playground.engine.live.snapshot import Plane
from playground.engine.trace import ParameterTrace
from playground.layers import registry as layers
from playground.layers.spec import LayerType
from playground.ui.numbers import exact, number
from playground.ui.painters import input as input_painter
from playground.ui.painters import matrix, placing, reading, registry, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.matrix import averaged, fold
from playground.ui.painters.strip import StripPainter
from playground.ui.theme import DARK, LIGHT
from tests.ui.painting import DIGITS, PLANE, count, picture, render

pytestmark = pytest.mark.usefixtures("qapp")
RNG = np.random.default_rng(0)
EIGHT = np.linspace(-0.9, 0.9, 8)

Make = Callable[[np.ndarray], Picture]
KINDS: dict[str, tuple[Make, np.ndarray]] = {
    "image": (lambda v: picture("Input", (1, 28, 28), (), {"output": v}, data=DIGITS, target=7), RNG.random((1, 28, 28))),
    "points": (lambda v: picture("Input", (2,), (), {"output": v}, data=PLANE, target=1), np.array([0.5, -1.0])),
    "row of 13": (lambda v: picture("Input", (13,), (), {"output": v}), RNG.normal(size=13)),
    "row of 30": (lambda v: picture("Input", (30,), (), {"output": v}), RNG.normal(size=30)),
    "neurons": (lambda v: picture("Dense", (8,), ((4,),), {"output": v}, units=8, activation="tanh"), EIGHT),
    "16 neurons": (lambda v: picture("Dense", (16,), ((4,),), {"output": v}, units=16, activation="tanh"), np.repeat(EIGHT, 2)),
    "vector": (lambda v: picture("Dense", (120,), ((400,),), {"output": v}, units=120, activation="relu"), RNG.random(120)),
    "activation": (lambda v: picture("Activation", (20,), ((20,),), {"output": v}, function="tanh"), np.tanh(RNG.normal(size=20))),
    "color": (lambda v: picture("Input", (3, 12, 10), (), {"output": v}), RNG.random((3, 12, 10))),
    "channels": (lambda v: picture("Input", (5, 8, 8), (), {"output": v}), RNG.random((5, 8, 8))),
    "maps": (lambda v: picture("Reshape", (6, 14, 14), ((1176,),), {"output": v}, shape=(6, 14, 14)), RNG.normal(size=(6, 14, 14))),
    "one map": (lambda v: picture("Reshape", (1, 28, 28), ((784,),), {"output": v}, shape=(1, 28, 28)), RNG.random((1, 28, 28))),
    "64 maps": (lambda v: picture("Reshape", (64, 28, 28), ((50176,),), {"output": v}, shape=(64, 28, 28)), RNG.random((64, 28, 28))),
    "activation of maps": (
        lambda v: picture("Activation", (4, 6, 6), ((4, 6, 6),), {"output": v}, function="tanh"),
        np.tanh(RNG.normal(size=(4, 6, 6))),
    ),
    "strip": (lambda v: picture("Flatten", (400,), ((16, 5, 5),), {"output": v}), RNG.random(400)),
    "few": (lambda v: picture("Add", (6,), ((6,), (6,)), {"output": v}), RNG.normal(size=6)),
    "classes": (
        lambda v: picture("Output", (10,), ((10,),), {"output": v}, data=DIGITS, target=2, sample_loss=1.0),
        RNG.dirichlet(np.ones(10)),
    ),
    "number": (
        lambda v: picture("Output", (1,), ((1,),), {"output": v}, data=PLANE, target=-1.0, sample_loss=0.5, loss="half_squared_error"),
        np.array([-0.4]),
    ),
    "perceptron": (
        lambda v: picture(
            "Dense",
            (1,),
            ((2,),),
            {"output": v, "pre_activation": v},
            parameters={"weight": [[0.2, 0.2]], "bias": [-0.1]},
            source=[1, 0],
            units=1,
        ),
        np.array([0.1]),
    ),
    "sequence": (lambda v: picture("Dense", (4, 3), ((4, 2),), {"output": v}, units=3), RNG.normal(size=(4, 3))),
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_number_changes_the_picture(kind: str) -> None:
    make, values = KINDS[kind]
    changed = values.copy()
    changed.flat[0] = changed.flat[0] * -0.3 + 0.4
    assert not np.array_equal(render(make(values)), render(make(changed)))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_a_number_is_seen(kind: str, theme: object) -> None:
    make, values = KINDS[kind]
    broken = values.copy()
    broken.flat[0] = np.nan
    assert theme in (DARK, LIGHT)
    shown = theme
    assert count(render(make(values), theme=shown), shown.nan_a) == 0  # type: ignore[union-attr,arg-type]
    assert count(render(make(broken), theme=shown), shown.nan_a) > 0  # type: ignore[union-attr,arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_do_not_depend_on_values(kind: str) -> None:
    make, values = KINDS[kind]
    first = make(values)
    size = registry.find(first.layer).size(first)
    for other in (np.full_like(values, np.nan), values * 1e9, values * 0):
        shown = make(other)
        assert registry.find(shown.layer).size(shown) == size
    empty = replace(first, trace=None, parameters={}, plane=None)
    assert registry.find(empty.layer).size(empty) == size


@pytest.mark.parametrize("kind", KINDS)
def test_before_the_first_pass_there_is_a_picture_too(kind: str) -> None:
    make, values = KINDS[kind]
    shown = make(values)
    empty = Picture("n1", shown.layer, shown.fields, shown.inputs, shown.output, data=shown.data)
    assert len(np.unique(render(empty).reshape(-1, 4), axis=0)) > 1
    assert registry.find(empty.layer).tip(empty, 0) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_units_are_found_where_they_are_drawn(kind: str) -> None:
    make, values = KINDS[kind]
    shown = make(values)
    painter = registry.find(shown.layer)
    size = painter.size(shown)
    rect = QRectF(30, 50, size.width(), size.height())
    for unit in range(min(values.size, 40)):
        box = painter.unit_rect(rect, shown, unit)
        if box is not None:
            assert rect.contains(box), f"unit {unit} leaves the body"
            assert painter.unit_at(rect, shown, box.center()) == unit
    assert painter.unit_rect(rect, shown, 1_000_000) is None
    assert painter.unit_at(rect, shown, QPointF(-50, -50)) is None


def test_the_painting_is_the_same_twice() -> None:
    for make, values in KINDS.values():
        assert np.array_equal(render(make(values)), render(make(values)))


def test_golden_places_of_neurons() -> None:
    shown = KINDS["neurons"][0](EIGHT)
    painter = registry.find(shown.layer)
    rect = QRectF(0, 0, 98, 448)
    assert painter.size(shown).toTuple() == (98.0, 448.0)
    places = [painter.unit_rect(rect, shown, unit) for unit in (0, 1, 7)]
    assert [place.getRect() for place in places if place is not None] == [
        (29.0, 12.0, 40.0, 40.0),
        (29.0, 66.0, 40.0, 40.0),
        (29.0, 390.0, 40.0, 40.0),
    ]
    small = picture("Dense", (8,), ((4,),), {"output": EIGHT}, units=8, compact=True)
    assert registry.find(small.layer).size(small).toTuple() == (98.0, 360.0)
    many = KINDS["16 neurons"][0](np.repeat(EIGHT, 2))
    assert registry.find(many.layer).size(many).toTuple() == (98.0, 464.0)


def test_a_neuron_shows_its_output_over_the_plane_with_y_upwards() -> None:
    over = np.zeros((2, 10, 10), np.float32)
    over[0, :5], over[0, 5:] = -1, 1  # minus in the lower half: row 0 is the smallest y
    shown = picture("Dense", (2,), ((2,),), {"output": [0, 0]}, units=2, activation="tanh", plane=Plane((-6, 6, -6, 6), {"n1": over}))
    pixels = render(shown)
    box = registry.find(shown.layer).unit_rect(QRectF(0, 0, 98, 124), shown, 0)
    assert box is not None
    x, top, bottom = round(box.center().x()), round(box.y()) + 6, round(box.bottom()) - 6
    blue, red = 0, 2
    assert pixels[top, x, blue] > pixels[top, x, red]
    assert pixels[bottom, x, red] > pixels[bottom, x, blue]


def test_gradients_take_the_place_of_outputs_in_the_backward_phase() -> None:
    stages = (Stage("forward", "n1"), Stage("backward", "n1"))
    shown = picture("Dense", (8,), ((4,),), {"output": EIGHT}, gradients={"output": EIGHT, "pre_activation": EIGHT[::-1] * 0.01}, units=8)
    forward = render(shown, Cursor(0, stages[0], None, 1.0, stages))
    backward = render(shown, Cursor(1, stages[1], None, 1.0, stages))
    pink, lime = DARK.ramp("err")[255], DARK.ramp("err")[0]
    assert count(forward, "#{:02X}{:02X}{:02X}".format(*pink)) == 0
    assert count(backward, "#{:02X}{:02X}{:02X}".format(*pink)) > 50
    assert count(backward, "#{:02X}{:02X}{:02X}".format(*lime)) > 50


def test_neurons_ahead_of_the_cell_are_not_shown() -> None:
    stage = Stage("forward", "n1", Cells((("", (8,)),)))
    shown = KINDS["neurons"][0](EIGHT)
    whole, third = render(shown), render(shown, Cursor(0, stage, 3, 1.0, (stage,)))
    assert np.array_equal(whole[:200], third[:200])
    assert not np.array_equal(whole[240:], third[240:])


def test_a_selected_unit_has_a_ring_in_the_accent() -> None:
    plain, ringed = (picture("Dense", (8,), ((4,),), {"output": EIGHT}, units=8, selected=unit) for unit in (None, 3))
    assert count(render(plain), DARK.accent) == 0
    assert count(render(ringed), DARK.accent) > 50


def test_an_update_shows_old_and_new_and_what_did_not_change() -> None:
    traced = {
        "n1/weight": ParameterTrace(np.array([[0.2, 0.2]]), None, {}, np.array([[0.1, 0.2]])),
        "n1/bias": ParameterTrace(np.array([-0.1]), None, {}, np.array([-0.2])),
    }
    stages = (Stage("forward", "n1"), Stage("update", "n1", Cells((("weight", (1, 2)), ("bias", (1,))))))
    shown = picture(
        "Dense", (1,), ((2,),), {"output": [1], "pre_activation": [0.1]}, traced=traced, source=[1, 0], units=1, activation="step"
    )
    first, old, new = (
        render(shown, Cursor(1, stages[1], None, 0.9, stages) if at == 2 else Cursor(at, stages[at], None, 0.1, stages)) for at in (0, 1, 2)
    )
    assert count(first, DARK.upd) == 0
    assert count(new, DARK.upd) > count(old, DARK.upd) > 0
    second_row = slice(96, 176)
    assert count(new[second_row], DARK.upd) == 0  # 0.2 stays 0.2: no ring


def test_large_numbers_of_a_neuron_do_not_run_into_each_other(monkeypatch) -> None:
    said = {}

    def noted(painter, x, y, words, color, size=10.5, weight=400, align="left", room=None) -> float:
        wide = min(tools.width(words, size, weight), room or math.inf)
        said[words[:3]] = (x - wide / 2, x + wide / 2, size)
        return wide

    monkeypatch.setattr(tools, "text", noted)
    render(KINDS["perceptron"][0](np.array([2.1e22])))
    assert said["z ="][1] + 8 <= said["y ="][0]
    assert said["y ="][2] >= 10


@pytest.mark.parametrize("zoom", [0.65, 0.76, 1.0])
def test_every_number_of_a_neuron_is_whole_and_readable_however_large(monkeypatch, zoom: float) -> None:
    told: list[tuple[str, float]] = []
    really = tools.text

    def noted(painter, x, y, words, color, size=10.5, weight=400, align="left", room=None) -> float:
        assert room is None or tools.width(words, size, weight) <= room, words
        told.append((words, size))
        return really(painter, x, y, words, color, size, weight, align, room)

    monkeypatch.setattr(tools, "text", noted)
    monkeypatch.setattr(tools, "zoom", lambda painter: zoom)
    weight, z = np.array([[-2.58e17]]), np.array([-3.6e17])
    moved = {"n1/weight": ParameterTrace(weight, weight, {}, -weight), "n1/bias": ParameterTrace(z, z, {}, -z)}
    fields = {"traced": moved, "parameters": {"weight": weight, "bias": z}, "source": [1.4], "units": 1}
    shown = picture("Dense", (1,), ((1,),), {"output": z, "pre_activation": z}, **fields)
    stages = (Stage("forward", "n1"), Stage("backward", "n1"), Stage("update", "n1"))
    for at in (0, 1, 2):
        render(shown, Cursor(at, stages[at], None, 1.0, stages))
    assert all(size * zoom >= tools.LEAST for _, size in told)
    assert not [words for words, _ in told if "…" in words]
    assert {words[:2] for words, _ in told} >= {"y ", "−2", "−3", "3.", "2."}
    assert {words.removeprefix("z = ") for words, _ in told[-2:]} & {"−3.6×10¹⁷", "−3.6e17"}, "the sum, with its letter where there is room"


@pytest.mark.parametrize(("zoom", "told"), [(1.0, True), (0.76, True), (0.4, False)])
def test_what_is_not_a_number_is_said_where_it_can_be_read_else_by_stripes_alone(zoom: float, told: bool) -> None:
    image = QImage(60, 30, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        painter.scale(zoom, zoom)
        tools.not_a_number(painter, QRectF(0, 0, 56, 18), np.zeros((1, 1), bool), DARK, "NaN")
    middle = image.copy(round(28 * zoom) - 16, 3, 32, round(18 * zoom) - 6)
    dark, bright = (
        sum(middle.pixelColor(x, y).rgb() == QColor(color).rgb() for x in range(32) for y in range(middle.height()))
        for color in (DARK.nan_b, DARK.nan_a)
    )
    assert bright > 0
    assert (dark > 3 * bright) == told  # stripes are half and half; a chip with its word is mostly dark


def test_the_number_behind_a_long_functions_name_is_not_cut(monkeypatch) -> None:
    told = []
    monkeypatch.setattr(tools, "text", lambda painter, x, y, words, *_, **how: told.append((words, how.get("room"))) or 0.0)
    make, _ = KINDS["perceptron"]
    for value in (0.0, -0.01243):
        told.clear()
        render(replace(make(np.array([value])), fields={"units": 1, "activation": "leaky_relu"}))
        (written,) = [words for words in told if "ReLU" in words[0] or words[0].startswith("y =")]
        assert tools.width(written[0], 10) <= written[1]
        assert written[0] == ("leaky ReLU(z) = 0" if value == 0 else f"y = {exact(value, trim=True)}")


def test_parameters_at_a_cursor_are_those_before_until_the_update() -> None:
    traced = {"n1/bias": ParameterTrace(np.array([1.0]), None, {}, np.array([2.0]))}
    shown = picture("Dense", (1,), ((2,),), {}, traced=traced, parameters={"bias": [3.0]}, units=1)
    stages = (Stage("forward", "n1"), Stage("update", "n1", Cells((("weight", (1, 2)), ("bias", (1,))))))
    at = [
        reading.parameter(shown, "bias", cursor)
        for cursor in (
            None,
            Cursor(0, stages[0], None, 1.0, stages),
            Cursor(1, stages[1], 1, 1.0, stages),
            Cursor(1, stages[1], 2, 0.5, stages),
            Cursor(1, stages[1], 2, 0.8, stages),
        )
    ]
    assert [float(value[0]) for value in at if value is not None] == [3.0, 1.0, 1.0, 1.0, 2.0]


def test_a_layer_type_of_ones_own_is_a_strip() -> None:
    class Doubled(LayerType):
        name = "Doubled"
        trace_kind = "doubled"

    with layers.registered(Doubled()):
        shown = picture("Doubled", (5,), ((5,),), {"output": [1, 2, 3, 4, 5]})
        assert isinstance(placing.chosen(registry.find(Doubled()), shown), StripPainter)
        changed = picture("Doubled", (5,), ((5,),), {"output": [1, 2, 3, 4, 4]})
        assert not np.array_equal(render(shown), render(changed))


def test_a_type_that_is_not_known_says_so() -> None:
    shown = Picture("attention1", None, {})
    assert "saved unchanged" in registry.find(None).tip(shown, None)
    assert len(np.unique(render(shown).reshape(-1, 4), axis=0)) > 1


def test_dropped_values_are_crosses_not_dark() -> None:
    values = np.ones(20)
    kept = render(picture("Dropout", (20,), ((20,),), {"output": values, "mask": values * 2}))
    mask = values * 2
    mask[3] = 0
    dropped = picture("Dropout", (20,), ((20,),), {"output": values, "mask": mask})
    assert not np.array_equal(kept, render(dropped))
    assert "turned off" in registry.find(dropped.layer).tip(dropped, 3)


def test_right_and_wrong_differ_in_form() -> None:
    values = np.array([0.1, 0.7, 0.2])
    right, wrong = (picture("Output", (3,), ((3,),), {"output": values}, target=truth, sample_loss=0.4) for truth in (1, 0))
    assert count(render(right), DARK.bad) == 0
    assert count(render(wrong), DARK.bad) > 50


def test_of_many_classes_the_best_nine_and_the_true_one_are_listed() -> None:
    values = np.linspace(1, 0, 40) / 20
    shown = picture("Output", (40,), ((40,),), {"output": values}, target=37)
    painter = registry.find(shown.layer)
    rect = QRectF(0, 0, 222, painter.size(shown).height())
    listed = [unit for unit in range(40) if painter.unit_rect(rect, shown, unit) is not None]
    assert listed == [*range(9), 37]


def test_the_answer_is_not_judged_before_the_loss() -> None:
    stages = (Stage("forward", "n1"), Stage("loss", "n1"))
    shown = picture("Output", (3,), ((3,),), {"output": [0.1, 0.7, 0.2]}, target=0, sample_loss=0.4)
    assert count(render(shown, Cursor(0, stages[0], None, 1.0, stages)), DARK.bad) == 0
    assert count(render(shown, Cursor(1, stages[1], None, 1.0, stages)), DARK.bad) > 0


def test_blocks_of_weights_are_averaged_by_root_mean_square_with_the_sign_of_the_mean() -> None:
    weight = RNG.normal(size=(11, 7))
    drawn, high, wide = averaged(weight, 4, 3)
    assert (drawn.shape, high, wide) == ((4, 3), 3, 3)
    for row in range(4):
        for column in range(3):
            block = weight[row * 3 : row * 3 + 3, column * 3 : column * 3 + 3]
            expected = math.copysign(math.sqrt((block**2).mean()), block.mean())
            assert drawn[row, column] == pytest.approx(expected)
    assert averaged(weight * 1e25, 4, 3)[0] == pytest.approx(drawn * 1e25)
    assert np.isnan(averaged(np.full((11, 7), np.nan), 4, 3)[0]).all()
    same, high, wide = averaged(weight, 11, 7)
    assert same is weight
    assert (high, wide) == (1, 1)


def test_blocks_are_kept_of_weights_that_cannot_change_and_as_long_as_they_live() -> None:
    weight = RNG.normal(size=(11, 7))
    first = averaged(weight, 4, 3)[0]
    weight[0] += 1.0
    assert averaged(weight, 4, 3)[0] != pytest.approx(first)
    weight.flags.writeable = False
    kept = averaged(weight, 4, 3)
    assert averaged(weight, 4, 3) is kept
    assert averaged(weight, 3, 4) is not kept
    assert averaged(weight.copy(), 4, 3) is not kept
    there = len(matrix._kept)
    del weight
    assert len(matrix._kept) == there - 2


@pytest.mark.parametrize("units", [17, 84, 120, 300, 784, 8192])
def test_a_vector_folds_into_its_room(units: int) -> None:
    rows, columns, side = fold(units)
    assert rows * columns >= units
    assert rows * side <= 104.0 + 1e-6
    assert columns * side <= 32.0 + 1e-6


def test_pixels_centered_about_zero_keep_all_their_grays() -> None:
    pixels = np.linspace(0, 1, 64).reshape(1, 8, 8)
    plain, centered = (picture("Input", (1, 8, 8), (), {"output": values}, data=DIGITS) for values in (pixels, pixels - 0.5))
    assert np.array_equal(render(plain), render(centered))


def test_only_a_neuron_on_the_input_itself_is_drawn_close_up() -> None:
    make, values = KINDS["perceptron"]
    close = make(values)
    behind = replace(close, source="hidden1", source_type="Dense")
    painter = registry.find(close.layer)
    assert painter.size(close).width() > 400
    assert painter.size(behind).width() < 150


def test_an_activation_puts_its_dots_over_the_values_it_got() -> None:
    """Below zero ReLU gives 0 for every input: only the source's own values tell where on the axis a dot stands."""
    shown = picture("Activation", (2,), ((2,),), {"output": [0.0, 0.0]}, source=[-3.0, -1.0], function="relu")
    moved = picture("Activation", (2,), ((2,),), {"output": [0.0, 0.0]}, source=[-3.9, -2.2], function="relu")
    assert not np.array_equal(render(shown), render(moved))


@pytest.mark.parametrize(("y", "token"), [(1.0, "bad_soft"), (0.0, "good_soft")])
def test_the_error_of_a_half_squared_loss_is_said_right_or_wrong(y: float, token: str) -> None:
    shown = picture("Output", (1,), ((1,),), {"output": [y]}, data=PLANE, target=np.int32(0), loss="half_squared_error")
    pixels = render(shown)
    other = "good_soft" if token == "bad_soft" else "bad_soft"
    assert count(pixels, getattr(DARK, token)) > 100
    assert count(pixels, getattr(DARK, other)) == 0


@pytest.mark.parametrize(("target", "token"), [(1, "bad"), (0, "good")])
def test_the_bar_of_a_probability_says_whether_it_is_right(target: int, token: str) -> None:
    """By color, a frame and a word, once the truth is known; before, by none of them."""
    shown = picture("Output", (1,), ((1,),), {"output": [0.2]}, data=PLANE, target=np.int32(target), loss="binary_cross_entropy")
    pixels = render(shown)
    assert count(pixels, getattr(DARK, token)) > 300
    assert count(pixels, DARK.good if token == "bad" else DARK.bad) == 0
    passed = tuple(Stage(phase, shown.node, Cells()) for phase in ("forward", "loss"))
    waiting = render(shown, Cursor(0, passed[0], None, 1.0, passed))
    assert count(waiting, DARK.good) + count(waiting, DARK.bad) == 0


@pytest.mark.parametrize("classes", [1, 10])
def test_words_of_an_output_drawn_small_are_as_large_on_the_screen(monkeypatch, classes: int) -> None:
    """None under 10 px at a zoom that a small window may give an example."""
    values = np.full(classes, 0.1)
    description = DIGITS if classes == 10 else PLANE
    loss = "half_squared_error" if classes == 1 else "softmax_cross_entropy"
    told = {"data": description, "target": np.int32(0), "sample_loss": 0.5, "loss": loss}
    plane = Plane((-1, 1, -1, 1), {}, np.zeros((1, 4, 4), np.float32))
    shown = picture("Output", (classes,), ((classes,),), {"output": values}, plane=plane, **told)
    image = QImage(400, 400, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    sizes, drawn = [], tools.text

    def note(painter, x, y, words, color, size=10.5, *rest, **more):
        sizes.append(size)
        return drawn(painter, x, y, words, color, size, *rest, **more)

    monkeypatch.setattr(tools, "text", note)
    painter, zoom = registry.find(shown.layer), 0.8
    with QPainter(image) as canvas:
        canvas.scale(zoom, zoom)
        painter.paint(canvas, QRectF(QPointF(), painter.size(shown)), shown, None, reading.scale_for(shown), DARK)
    assert min(sizes) * zoom >= 10


def test_a_low_neuron_is_wide_enough_for_its_number_where_it_has_no_picture() -> None:
    values = {"output": np.linspace(-3, 6, 10)}
    row = picture("Dense", (10,), ((12,),), values, data=DIGITS)
    point = picture("Dense", (10,), ((8,),), values, data=PLANE)
    rect = QRectF(0, 0, 98, 300)
    painter = registry.find(row.layer)
    assert painter.unit_rect(rect, row, 3).width() > 2 * painter.unit_rect(rect, point, 3).width()
    assert painter.unit_rect(rect, row, 3).center() == painter.unit_rect(rect, point, 3).center()


def test_ten_neurons_behind_a_wide_layer_stand_in_two_columns() -> None:
    shown = picture("Dense", (10,), ((300,),), {"output": np.linspace(-3, 6, 10)}, data=DIGITS)
    painter = registry.find(shown.layer)
    size = painter.size(shown)
    assert size.height() == 16 + 5 * 28
    rect = QRectF(0, 0, size.width(), size.height())
    first, second = painter.unit_rect(rect, shown, 4), painter.unit_rect(rect, shown, 9)
    assert first is not None
    assert second is not None
    assert first.y() == second.y()
    assert first.right() < second.x()
    assert painter.unit_at(rect, shown, second.center()) == 9


def test_answers_between_zero_and_one_grow_from_the_left_towards_a_mark_at_the_target() -> None:
    def bars(values: list[float], low: float, high: float) -> np.ndarray:
        shown = picture(
            "Output", (3,), ((3,),), {"output": values}, target=[low, high, low], sample_loss=0.1, loss="half_squared_error",
            target_low=low, target_high=high, data=Description((4,), "classification", 3, ("a", "b", "c")),
        )  # fmt: skip
        return render(shown)

    def columns(image: np.ndarray, token: str) -> np.ndarray:
        color = DARK.color(token)
        return np.flatnonzero((image[..., :3] == [color.blue(), color.green(), color.red()]).all(axis=2).any(axis=0))

    unsigned, signed = bars([0.1, 0.6, 0.2], 0.1, 0.9), bars([-0.4, 0.6, 0.2], -1.0, 1.0)
    assert columns(signed, "neg").size
    assert columns(signed, "pos").min() > columns(signed, "neg").max()
    assert not columns(unsigned, "neg").size
    assert columns(unsigned, "good").min() < columns(signed, "pos").min()


@pytest.mark.parametrize(("value", "words"), [(-0.541, "−.54"), (-1.44, "−1.4"), (0.729, "0.73"), (10.1, "10"), (7.0, "7")])
def test_a_feature_of_a_small_card_bears_its_number(monkeypatch, value: float, words: str) -> None:
    written = []
    monkeypatch.setattr(tools, "value_cell", lambda *given: written.append(given[-2:]))
    shown = replace(picture("Input", (4,), (), {"output": np.full(4, value)}), compact=True)
    render(shown)
    assert [words for words, _ in written] == [words] * 4
    assert {size for _, size in written} <= {10, 10.5}, "a shorter number is no larger"


@pytest.mark.parametrize("value", [-0.0012, 0.034, -0.5, 12.0, -3.4e-9, 1234.0, 56789.0])
def test_a_cell_holds_a_whole_number_or_none(value: float) -> None:
    for room in range(10, 60):
        words, size = tools._fitting(value, True, None, room)
        assert tools.width(words, size, 500) <= room
    whole, _ = tools._fitting(value, True, None, 60)
    assert whole == number(value, 2, True, trim=True)


def test_an_augmented_picture_says_so_and_turns_to_the_one_in_the_data() -> None:
    seen, kept = np.zeros((1, 28, 28), np.float32), np.zeros((1, 28, 28), np.float32)
    seen[0, :, 14:], kept[0, :, :14] = 1, 1
    plain = picture("Input", (1, 28, 28), values={"output": seen}, data=DIGITS, target=3)
    trace = replace(plain.trace, original=kept)
    shown, turned = replace(plain, trace=trace), replace(plain, trace=trace, face="original")
    painter = registry.find(plain.layer)
    rect = QRectF(QPointF(0, 0), painter.size(plain))
    assert painter.turn_rect(rect, plain) is None
    badge = painter.turn_rect(rect, shown)
    assert rect.contains(badge)
    drawn = {name: render(one) for name, one in (("plain", plain), ("shown", shown), ("turned", turned))}
    box, unit = input_painter.image_rect(rect, (1, 28, 28))
    left, right = (drawn_at(drawn["turned"], box.x() + column * unit, box.center().y()) for column in (4, 24))
    assert left > 200 > 60 > right  # the one in the data
    left, right = (drawn_at(drawn["shown"], box.x() + column * unit, box.center().y()) for column in (4, 24))
    assert right > 200 > 60 > left
    top, bottom = int(badge.top()), int(badge.bottom())
    assert (drawn["plain"][top:bottom] != drawn["shown"][top:bottom]).any()  # words
    assert "changed by augmentation" in painter.tip(shown, None)
    assert "as it is in the data" in painter.tip(turned, None)
    assert "augmentation" not in painter.tip(plain, None)


def drawn_at(pixels: np.ndarray, x: float, y: float) -> int:
    return int(pixels[int(y), int(x), 0])


@pytest.mark.parametrize(
    ("index", "target", "words"),
    [
        (0, 5.5, "train #0 · target 5.5"),
        (0, 5500.0, "#0 · target 5,500"),
        (12345, 123456.0, "#12345 · 123,456"),
    ],
)
def test_the_input_leaves_words_out_rather_than_cut_them(monkeypatch, index: int, target: float, words: str) -> None:
    told: list[str] = []
    real = tools.text

    def text(painter: QPainter, x: float, y: float, written: str, *how: object, **more: object) -> float:
        told.append(written)
        return real(painter, x, y, written, *how, **more)

    monkeypatch.setattr(tools, "text", text)
    salary = Description((2,), "regression", 1, (), ("years", "age"))
    made = picture("Input", (2,), values={"output": [1.0, 2.0]}, data=salary, target=[target])
    assert made.trace is not None
    render(replace(made, trace=replace(made.trace, index=index)))
    assert words in told


def test_larger_letters_of_a_small_card_cut_no_words(monkeypatch) -> None:
    told: list[str] = []
    real = tools.metrics

    monkeypatch.setattr(tools, "metrics", lambda *how: (told.append("cut"), real(*how))[1])
    salary = Description((1,), "regression", 1, (), ("years",))
    shown = picture("Input", (1,), values={"output": [5.0]}, data=salary, target=[5500.0])
    painter = registry.find(shown.layer)
    size = painter.size(shown)
    for percent in range(40, 130):
        image = QImage(300, 300, QImage.Format.Format_ARGB32)
        with QPainter(image) as brush:
            brush.scale(percent / 100, percent / 100)
            painter.paint(brush, QRectF(QPointF(), size), shown, None, reading.scale_for(shown), DARK)
    assert not told


@pytest.mark.parametrize(("index", "words"), [(44, "validation #44"), (4461, "val #4461")])
def test_a_pictures_split_is_called_in_short_where_it_has_to_be(index: int, words: str) -> None:
    made = picture("Input", (1, 28, 28), values={"output": np.zeros((1, 28, 28))}, data=DIGITS, target=5)
    assert made.trace is not None
    made = replace(made, trace=replace(made.trace, split="validation", index=index))
    assert input_painter.fitting(made, 10.5, 88.0) == words
    assert input_painter.fitting(made, 10.5, 30.0) == f"#{index}"


@pytest.mark.parametrize(("value", "room", "words"), [(0.967, 27, "+.97"), (-0.68, 27, "−.68"), (1123.0, 30, "+1k")])
def test_a_small_cell_keeps_the_digits_that_fit(value: float, room: float, words: str) -> None:
    assert tools._fitting(value, True, None, room)[0] == words


@pytest.mark.parametrize(
    ("value", "room", "words"), [(-0.0056, 30, ""), (0.0031, 30, ""), (-0.0056, 38, "−.006"), (0.0002, 30, "≈0"), (-0.03, 30, "−.03")]
)
def test_a_number_is_about_0_only_beside_its_scale(value: float, room: float, words: str) -> None:
    assert tools._fitting(value, True, None, room, (12, 11.5), limit=max(abs(value), 0.0055))[0] == words


@pytest.mark.parametrize("percent", [60, 68, 75, 85, 100])
def test_a_number_that_fits_a_cell_is_not_too_small_to_be_drawn(monkeypatch, percent: int) -> None:
    image, drawn, across = QImage(60, 30, QImage.Format.Format_ARGB32_Premultiplied), tools.text, []
    monkeypatch.setattr(tools, "text", lambda *given, **more: across.append((given[3], drawn(*given, **more))))
    with QPainter(image) as canvas:
        canvas.scale(percent / 100, percent / 100)
        for value in (2.6, -0.23, 0.031, -0.44):
            tools.value_cell(canvas, QRectF(0, 0, 44, 20), value, Scale(limit=5.5), DARK)
    assert all(words and wide for words, wide in across), across


def test_outputs_that_have_an_end_are_as_wide_in_narrow_cells_too(monkeypatch) -> None:
    written = []
    monkeypatch.setattr(tools, "value_cell", lambda *given, words, **rest: written.append(words))
    values = [1.0, 0.9999, -0.967, -0.04]
    shown = picture("Dense", (4,), ((4,),), {"output": values}, compact=True, units=4, activation="tanh")
    render(shown)
    assert written == ["+1.0", "+1.0", "−.97", "−.04"]
    written.clear()
    render(replace(shown, compact=False))
    assert written == ["+1.00", "+1.00", "−0.97", "−0.04"]


@pytest.mark.parametrize(("target", "named"), [(4, "4"), (None, "7")])
def test_an_output_drawn_very_small_names_the_true_class_or_the_answer(monkeypatch, target: int | None, named: str) -> None:
    values = np.full(10, 0.05)
    values[7] = 0.55
    told = {"data": DIGITS, "target": None if target is None else np.int32(target), "loss": "softmax_cross_entropy"}
    shown = picture("Output", (10,), ((10,),), {"output": values}, sample_loss=0.5, **told)
    image = QImage(400, 400, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    seen, drawn = [], tools.text

    def note(*given, **more):
        across = drawn(*given, **more)
        seen.extend([given[3]] if across else [])
        return across

    monkeypatch.setattr(tools, "text", note)
    painter = registry.find(shown.layer)
    with QPainter(image) as canvas:
        canvas.scale(0.5, 0.5)
        painter.paint(canvas, QRectF(QPointF(), painter.size(shown)), shown, None, reading.scale_for(shown), DARK)
    assert [words for words in seen if words.isdigit()] == [named]


def test_the_symbols_of_a_text_stay_however_small_their_card(monkeypatch) -> None:
    text = Description((3,), "classification", 2, ("a", "b"), tokens=("a", "b"))
    shown = picture("Input", (3,), values={"output": [0, 1, 0]}, data=text)
    image = QImage(400, 400, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    seen, drawn = [], tools.text
    monkeypatch.setattr(tools, "text", lambda *given, **more: (seen.append((given[3], drawn(*given, **more) > 0)), 0.0)[1])
    painter = registry.find(shown.layer)
    with QPainter(image) as canvas:
        canvas.scale(0.5, 0.5)
        painter.paint(canvas, QRectF(QPointF(), painter.size(shown)), shown, None, reading.scale_for(shown), DARK)
    assert [words for words, there in seen if there] == ["a", "b", "a"]
