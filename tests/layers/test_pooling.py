"""Pools, padding and upsampling: shapes as PyTorch and TensorFlow have them, refusals with their fix, what a card and Explain say."""

from __future__ import annotations

from typing import Any

import pytest

from playground import fields as declared
from playground.errors import FieldError, ShapeError
from playground.layers import registry
from playground.layers.spec import Shape


def complete(type: str, **fields: Any) -> dict[str, Any]:
    return declared.complete(registry.get(type).fields, fields)


def shape(type: str, given: Shape, **fields: Any) -> Shape:
    return registry.get(type).output_shape(complete(type, **fields), [given])


@pytest.mark.parametrize(
    ("type", "given", "fields", "expected"),
    [
        ("MaxPool2D", (6, 28, 28), {}, (6, 14, 14)),
        ("MaxPool2D", (6, 7, 5), {}, (6, 3, 2)),  # what does not fill a window is left out
        ("MaxPool2D", (6, 7, 5), {"padding": "same"}, (6, 4, 3)),
        ("AvgPool2D", (3, 7, 7), {"pool_size": 3, "strides": 2, "padding": 1}, (3, 4, 4)),  # ResNet's
        ("AvgPool2D", (1, 9, 8), {"pool_size": (3, 2), "strides": (2, 3)}, (1, 4, 3)),
        ("AvgPool2D", (1, 8, 8), {"strides": 1, "padding": "same"}, (1, 8, 8)),
        ("GlobalAvgPool2D", (64, 7, 5), {}, (64,)),
        ("GlobalMaxPool2D", (64, 1, 1), {}, (64,)),
        ("MaxPool1D", (9, 4), {}, (4, 4)),
        ("MaxPool1D", (9, 4), {"pool_size": 3, "strides": 2, "padding": 1}, (5, 4)),
        ("MaxPool1D", (9, 4), {"padding": "same"}, (5, 4)),
        ("ZeroPadding2D", (3, 5, 4), {}, (3, 7, 6)),
        ("ZeroPadding2D", (3, 5, 4), {"top": 0, "bottom": 1, "left": 0, "right": 3}, (3, 6, 7)),
        ("UpSampling2D", (3, 5, 4), {}, (3, 10, 8)),
        ("UpSampling2D", (3, 5, 4), {"size": (1, 3)}, (3, 5, 12)),
    ],
)
def test_output_shapes(type: str, given: Shape, fields: dict[str, Any], expected: Shape) -> None:
    assert shape(type, given, **fields) == expected


@pytest.mark.parametrize(
    ("type", "given", "fields", "words", "fix"),
    [
        ("MaxPool2D", (784,), {}, "wants a picture, C×H×W", ("insert", "Reshape")),
        ("AvgPool2D", (28, 28), {}, "wants a picture, C×H×W", ("insert", "Reshape")),
        ("GlobalAvgPool2D", (9,), {}, "wants a picture, C×H×W", ("insert", "Reshape")),
        ("ZeroPadding2D", (9,), {}, "wants a picture, C×H×W", ("insert", "Reshape")),
        ("UpSampling2D", (9, 2), {}, "wants a picture, C×H×W", ("insert", "Reshape")),
        ("MaxPool1D", (2, 3, 4), {}, "wants a sequence of rows, T×F", ("insert", "Reshape")),
        ("MaxPool2D", (1, 1, 4), {}, "window of 2×2 is larger than the 1×4", ("set_field", "")),
        ("MaxPool2D", (1, 8, 8), {"padding": 2}, "pads by 2: a window of 2×2", ("set_field", "")),
        ("MaxPool2D", (1, 8, 8), {"pool_size": (3, 1), "padding": 1}, "pads by 1: a window of 3×1", ("set_field", "")),
    ],
)
def test_refusals_name_shapes_and_fix(type: str, given: Shape, fields: dict[str, Any], words: str, fix: tuple[str, str]) -> None:
    with pytest.raises(ShapeError, match=words) as raised:
        shape(type, given, **fields)
    assert raised.value.fix is not None
    assert (raised.value.fix.action, raised.value.fix.layer_type) == fix
    if fix[0] == "set_field":
        assert shape(type, given, **{**fields, **dict(raised.value.fix.fields)})


@pytest.mark.parametrize("value", [0, -1, 2.5, (2, 2, 2), "two", 256])
def test_a_size_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(FieldError, match="pool_size"):
        complete("MaxPool2D", pool_size=value)


@pytest.mark.parametrize(
    ("type", "fields", "facts"),
    [
        ("MaxPool2D", {}, "2×2"),
        ("MaxPool2D", {"pool_size": 3, "strides": 2, "padding": "same"}, "3×3 /2 same"),
        ("AvgPool2D", {"pool_size": (2, 3), "strides": (2, 3)}, "2×3"),
        ("AvgPool2D", {"pool_size": (2, 3), "strides": (1, 3), "padding": 1}, "2×3 /1×3 +1"),
        ("MaxPool1D", {"pool_size": 4}, "4"),
        ("GlobalAvgPool2D", {}, ""),
        ("ZeroPadding2D", {}, "+1"),
        ("ZeroPadding2D", {"top": 0, "left": 2}, "+0/1 × 2/1"),
        ("UpSampling2D", {}, "×2"),
        ("UpSampling2D", {"size": (1, 3)}, "1×3"),
    ],
)
def test_facts(type: str, fields: dict[str, Any], facts: str) -> None:
    assert registry.get(type).facts(complete(type, **fields)) == facts


def test_formulas_name_the_cells() -> None:
    assert registry.get("MaxPool2D").formula(complete("MaxPool2D")) == r"a_{k,r,c} = \max_{u,v}\, x_{k,\,2r + u - 2,\,2c + v - 2}"
    assert r"\frac{1}{6}" in registry.get("AvgPool2D").formula(complete("AvgPool2D", pool_size=(2, 3)))
    assert r"\frac{1}{n}" in registry.get("AvgPool2D").formula(complete("AvgPool2D", padding="same"))
    assert registry.get("MaxPool1D").formula(complete("MaxPool1D", pool_size=3, strides=1)) == r"a_{t,k} = \max_u\, x_{t + u - 1,\,k}"


def test_formulas_of_padding_and_upsampling() -> None:
    assert r"x_{k,\,r - 1,\,c}" in registry.get("ZeroPadding2D").formula(complete("ZeroPadding2D", left=0))
    assert registry.get("UpSampling2D").formula(complete("UpSampling2D", size=(1, 3))) == r"a_{k,r,c} = x_{k,\,r,\,\lceil c / 3 \rceil}"


def test_pools_have_nothing_to_learn() -> None:
    for type in ("MaxPool2D", "AvgPool2D", "GlobalAvgPool2D", "GlobalMaxPool2D"):
        layer = registry.get(type)
        assert layer.parameters(complete(type), [(2, 8, 8)]) == ()
        assert layer.multiply_adds(complete(type), [(2, 8, 8)]) == 0


def test_each_output_looks_at_its_window() -> None:
    rows, columns = registry.get("MaxPool2D").windows(complete("MaxPool2D", pool_size=(3, 2)), [(1, 9, 8)]) or ()
    assert (rows.length, columns.length) == (3, 4)
    assert (rows.covers(1, 1), columns.covers(1, 1)) == ((3, 5), (2, 3))
