"""The receptive field: the cells of the input that it names are just those a change of which can reach a cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from playground.document import Document, edits
from playground.document.receptive import Field, receptive_field
from playground.layers import registry
from playground.layers.geometry import Window
from playground.layers.spec import Fields, LayerType, Shape


class Slide(LayerType):
    """A layer of windows alone: its fields are those of a Window."""

    name = "Slide"
    summary = "Windows."
    fields = registry.get("Reshape").fields

    def windows(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        kernel, stride, dilation, padding, factor = fields["shape"]
        pad = padding - 1  # a shape's numbers are positive
        return tuple(Window(size, kernel, stride, dilation, pad, pad, factor) for size in inputs[0][1:])

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return (inputs[0][0], *(window.length for window in self.windows(fields, inputs)))


def chain(shape: Shape, *windows: tuple[int, int, int, int, int]) -> tuple[Document, str]:
    document, last = edits.add_node(Document(), "Input", shape=shape)
    for numbers in windows:
        document, node = edits.add_node(document, "Slide", shape=numbers)
        document, last = edits.connect(document, last, node), node
    return document, last


def seen(field: Field, axis: int, at: int) -> set[int]:
    """The cells that a walk back through all taps finds, along one axis."""
    cells: dict[str, set[int]] = {field.node: {at}}
    for node, reads, windows in field.steps:
        found = {cell for one in cells.get(node, ()) if 0 <= one < windows[axis].length for _, cell in windows[axis].reads(one)}
        for read in reads:
            cells.setdefault(read, set()).update(found)
    return cells[field.source]


@pytest.mark.parametrize(
    ("windows", "extent"),
    [
        (((5, 1, 1, 1, 1),), 5),
        (((5, 1, 1, 1, 1), (2, 2, 1, 1, 1)), 6),
        (((5, 1, 1, 1, 1), (2, 2, 1, 1, 1), (5, 1, 1, 1, 1)), 14),
        (((5, 1, 1, 1, 1), (2, 2, 1, 1, 1), (5, 1, 1, 1, 1), (2, 2, 1, 1, 1)), 16),
        (((3, 1, 2, 1, 1),), 5),
        (((3, 2, 1, 2, 1), (3, 1, 1, 2, 1)), 7),
        (((1, 1, 1, 1, 2), (3, 1, 1, 2, 1)), 2),
    ],
)
def test_extent_and_cells(windows: tuple[tuple[int, int, int, int, int], ...], extent: int) -> None:
    """5, 6, 14, 16 are LeNet-5's; of doubled cells a window of 3 sees 2."""
    with registry.registered(Slide()):
        document, last = chain((1, 32, 32), *windows)
        field = receptive_field(document, last)
    assert field is not None
    assert field.extent == (extent, extent)
    for at in range(field.lengths[0]):
        found = seen(field, 0, at)
        if found:
            assert (min(found), max(found)) == field.window(at, 0)[0]


def test_a_fork_sees_what_its_branches_see() -> None:
    with registry.registered(Slide()):
        document, wide = chain((1, 12, 12), (5, 1, 1, 3, 1))
        document, narrow = edits.add_node(document, "Slide", shape=(3, 1, 1, 2, 1))
        document = edits.connect(document, "input1", narrow)
        document, both = edits.add_node(document, "Add")
        document, act = edits.add_node(document, "Activation")
        for a, b in ((wide, both), (narrow, both), (both, act)):
            document = edits.connect(document, a, b)
        field = receptive_field(document, act)
    assert field is not None
    assert field.extent == (5, 5)
    assert field.words() == "5×5"
    assert not field.all
    assert field.window(0, 6) == ((0, 2), (4, 8))


def test_a_patch_is_cut_with_zeros_beyond_the_edges() -> None:
    with registry.registered(Slide()):
        document, last = chain((2, 6, 6), (3, 2, 1, 2, 1))
        field = receptive_field(document, last)
    assert field is not None
    picture = np.arange(72, dtype=np.float32).reshape(2, 6, 6) + 1
    assert np.array_equal(field.patch(picture, 1, 1), picture[:, 1:4, 1:4])
    corner = field.patch(picture, 0, 0)
    assert np.array_equal(corner[:, 1:, 1:], picture[:, :2, :2])
    assert not corner[:, 0].any()
    assert not corner[:, :, 0].any()
    whole = Field.whole((6, 6))
    assert np.array_equal(whole.patch(picture, 5, 5), picture)
    assert whole.all


def test_where_it_has_no_meaning_there_is_none() -> None:
    document, _ = chain((1, 8, 8))
    document, flat = edits.add_node(document, "Flatten")
    document, dense = edits.add_node(document, "Dense")
    document = edits.connect(edits.connect(document, "input1", flat), flat, dense)
    document, loose = edits.add_node(document, "Dense")
    document, row = edits.add_node(document, "Reshape", shape=(2, 4))
    document = edits.connect(document, dense, row)
    for node in ("input1", flat, dense, loose, row):
        assert receptive_field(document, node) is None


@pytest.mark.parametrize(("direction", "sees"), [("forward", (0, 3)), ("backward", (3, 6)), ("both", (0, 6))])
def test_a_step_of_a_recurrent_layer_sees_all_that_its_directions_have_read(direction: str, sees: tuple[int, int]) -> None:
    document, given = edits.add_node(Document(), "Input", shape=(7, 2))
    document, node = edits.add_node(document, "LSTM", units=3, direction=direction, return_sequences=True)
    document = edits.connect(document, given, node)
    field = receptive_field(document, node)
    assert field is not None
    assert field.window(3) == (sees,)
    assert field.all
