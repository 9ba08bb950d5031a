"""Conv2D and Conv1D as declarations: shapes, refusals that name the fix, parameters, costs, words. Items 15 and 19 of the tutorial."""

from __future__ import annotations

from typing import Any

import pytest

from playground import fields as declared
from playground.document import Document, check, edits, get_path, set_path, shapes
from playground.document.codec import decode, encode
from playground.document.graph import parameter_counts
from playground.errors import FieldError, ShapeError
from playground.layers import registry
from playground.layers.spec import Shape


def complete(type: str, **fields: Any) -> dict[str, Any]:
    return declared.complete(registry.get(type).fields, fields)


def shape(type: str, given: Shape, **fields: Any) -> Shape:
    return registry.get(type).output_shape(complete(type, **fields), [given])


@pytest.mark.parametrize(
    ("given", "fields", "expected"),
    [
        ((1, 5, 5), {"filters": 1, "kernel_size": 3, "strides": 2}, (1, 2, 2)),
        ((1, 28, 28), {"filters": 6, "kernel_size": 5}, (6, 24, 24)),
        ((1, 28, 28), {"filters": 6, "kernel_size": 5, "padding": 2}, (6, 28, 28)),
        ((3, 9, 7), {"filters": 2, "kernel_size": (3, 2), "strides": (2, 1), "padding": "same"}, (2, 5, 7)),
        ((3, 9, 7), {"filters": 2, "kernel_size": 3, "padding": (1, 0)}, (2, 9, 5)),
        ((3, 9, 9), {"filters": 2, "kernel_size": 3, "dilation_rate": 2}, (2, 5, 5)),
        ((1, 200, 200), {"filters": 16, "kernel_size": 2, "strides": 2}, (16, 100, 100)),
    ],
)
def test_shapes_of_pictures(given: Shape, fields: dict[str, Any], expected: Shape) -> None:
    assert shape("Conv2D", given, **fields) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kernel_size": 3}, (8, 8)),
        ({"kernel_size": 3, "padding": "same", "strides": 3}, (4, 8)),
        ({"kernel_size": 3, "padding": 1, "dilation_rate": 2, "filters": 5}, (8, 5)),
    ],
)
def test_shapes_of_sequences(fields: dict[str, Any], expected: Shape) -> None:
    assert shape("Conv1D", (10, 4), **fields) == expected


@pytest.mark.parametrize(
    ("type", "given", "fields", "words", "fix"),
    [
        ("Conv2D", (784,), {}, "784 numbers in one row; Conv2D wants a picture", ("shape", (1, 28, 28))),
        ("Conv2D", (5, 6), {}, "gets 5×6; Conv2D wants a picture", ("shape", (1, 5, 6))),
        ("Conv1D", (12,), {}, "12 numbers in one row; Conv1D wants a sequence", ("shape", (12, 1))),
        ("Conv1D", (2, 3, 4), {}, "gets 2×3×4", ("shape", (6, 4))),
        ("Conv2D", (1, 4, 4), {"kernel_size": 5}, "kernel of 5×5 is larger than the 4×4", ("padding", "same")),
        ("Conv2D", (1, 2, 9), {"kernel_size": (5, 3), "padding": 1}, "padding included", ("padding", "same")),
        ("Conv1D", (4, 2), {"kernel_size": 3, "dilation_rate": 2}, "kernel of 5 is larger than the 4", ("padding", "same")),
        ("Conv2D", (3, 8, 8), {"groups": 2}, "splits 3 channels into 2 groups", ("groups", 1)),
        ("Conv2D", (6, 8, 8), {"groups": 4, "filters": 9}, "splits 6 channels into 4 groups", ("groups", 3)),
        ("Conv2D", (3, 8, 8), {"groups": 3, "filters": 8}, "splits 8 filters into 3 groups", ("filters", 9)),
    ],
)
def test_refusals_name_the_fix_that_mends_them(type: str, given: Shape, fields: dict[str, Any], words: str, fix: tuple[str, Any]) -> None:
    with pytest.raises(ShapeError, match=words) as raised:
        shape(type, given, **fields)
    offered = raised.value.fix
    assert offered is not None
    assert offered.fields == (fix,)
    if offered.action == "set_field":
        shape(type, given, **{**fields, fix[0]: fix[1]})
    else:
        assert (offered.action, offered.layer_type) == ("insert", "Reshape")
        shape(type, fix[1], **{"kernel_size": 1, **fields})


def test_a_fix_is_applied_from_the_problem() -> None:
    """A row of numbers into a Conv2D: one click puts the Reshape on the wire."""
    document, source = edits.add_node(Document(), "Input", shape=(64,))
    document, conv = edits.add_node(document, "Conv2D")
    document = edits.connect(document, source, conv)
    problem = next(one for one in check(document, data_needed=False) if one.node == conv and one.fix is not None)
    mended = edits.apply_fix(document, problem)
    assert shapes(mended)[conv] == (8, 6, 6)


def test_parameters_and_costs() -> None:
    layer = registry.get("Conv2D")
    fields = complete("Conv2D", filters=2, kernel_size=3)
    weight, bias = layer.parameters(fields, [(3, 32, 32)])
    assert (weight.shape, bias.shape) == ((2, 3, 3, 3), (2,))
    assert (weight.fan_in, weight.fan_out) == (27, 18)
    assert weight.decays
    assert not bias.decays
    assert layer.multiply_adds(fields, [(3, 32, 32)]) == 30 * 30 * 2 * 27
    depthwise = complete("Conv2D", filters=8, kernel_size=(3, 5), groups=4, use_bias=False)
    (weight,) = layer.parameters(depthwise, [(4, 9, 9)])
    assert weight.shape == (8, 1, 3, 5)
    (weight, _) = registry.get("Conv1D").parameters(complete("Conv1D", filters=6, kernel_size=4, groups=2), [(9, 8)])
    assert weight.shape == (6, 4, 4)


def test_the_tutorials_network_for_32_by_32_colors() -> None:
    """Item 19: 208, 2,080, 8,256, 512,500 and 5,010 parameters, a map of 4x4x64 before Flatten."""
    document, last = edits.add_node(Document(), "Input", shape=(3, 32, 32))
    for filters in (16, 32, 64):
        for type, fields in (("Conv2D", {"filters": filters, "kernel_size": 2, "padding": "same"}), ("MaxPool2D", {})):
            document, node = edits.add_node(document, type, **fields)
            document, last = edits.connect(document, last, node), node
    assert shapes(document)[last] == (64, 4, 4)
    for type, fields in (("Flatten", {}), ("Dense", {"units": 500}), ("Dense", {"units": 10})):
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node
    assert [count for count in parameter_counts(document).values() if count] == [208, 2_080, 8_256, 512_500, 5_010]


@pytest.mark.parametrize(
    ("type", "fields", "facts"),
    [
        ("Conv2D", {"kernel_size": 5}, "5×5"),
        ("Conv2D", {"kernel_size": (3, 1), "strides": 2, "padding": "same"}, "3×1 /2 same"),
        ("Conv2D", {"padding": 0}, "3×3"),
        ("Conv2D", {"padding": (1, 2), "strides": (2, 1), "dilation_rate": 2}, "3×3 /2×1 +1×2 dilated 2"),
        ("Conv1D", {"kernel_size": 7, "padding": 3}, "7 +3"),
    ],
)
def test_the_fact_on_the_card(type: str, fields: dict[str, Any], facts: str) -> None:
    assert registry.get(type).facts(complete(type, **fields)) == facts


@pytest.mark.parametrize(
    ("type", "fields", "part"),
    [
        ("Conv2D", {}, r"x_{k,\,r + u - 1,\,c + v - 1} + b_o"),
        ("Conv2D", {"strides": 2, "padding": 1, "use_bias": False}, r"x_{k,\,2r + u - 3,\,2c + v - 3}"),
        ("Conv2D", {"dilation_rate": (2, 1), "padding": "same"}, r"x_{k,\,r + 2u - 2 - p,\,c + v - 1 - p}"),
        ("Conv1D", {"strides": 2}, r"x_{2t + u - 2,\,k} + b_o"),
    ],
)
def test_the_formula_says_where_a_tap_falls(type: str, fields: dict[str, Any], part: str) -> None:
    """Indices count from 1: place 1 and tap 1 of an unpadded convolution are cell 1."""
    said = registry.get(type).formula(complete(type, **fields))
    assert part in said
    assert ("b_o" in said) == fields.get("use_bias", True)


def test_sizes_go_through_files_and_paths() -> None:
    document, _ = edits.add_node(Document(), "Conv2D", kernel_size=[3, 5])
    document = set_path(document, "nodes.conv2d1.strides", "2x1")
    document = set_path(document, "nodes.conv2d1.padding", "[1, 2]")
    again = decode(encode(document))
    assert again == document
    assert get_path(again, "nodes.conv2d1.kernel_size") == (3, 5)
    assert get_path(again, "nodes.conv2d1.strides") == (2, 1)
    assert get_path(set_path(document, "nodes.conv2d1.padding", "same"), "nodes.conv2d1.padding") == "same"
    for name, text in (("kernel_size", "0"), ("kernel_size", "3,4,5"), ("padding", "full"), ("groups", "1,2")):
        with pytest.raises(FieldError, match=f"nodes.conv2d1.{name}"):
            set_path(document, f"nodes.conv2d1.{name}", text)
