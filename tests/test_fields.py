"""What a field says about itself in words."""

from __future__ import annotations

import pytest

from playground.errors import FieldError
from playground.fields import Field, whole_numbers


@pytest.mark.parametrize(
    ("kind", "minimum", "maximum", "words"),
    [
        ("int", 1, 1_000_000, "a whole number from 1 to 1000000"),
        ("int", 1_000_000, None, "a whole number of at least 1000000"),
        ("float", None, 0.45, "a number of at most 0.45"),
        ("float", 1e-12, 1, "a number from 1e-12 to 1"),
    ],
)
def test_a_limit_reads_as_it_would_be_typed(kind, minimum, maximum, words):  # type: ignore[no-untyped-def]
    field = Field("size", kind, 1, "How many.", minimum=minimum, maximum=maximum)
    assert field.expectation() == words


SIZE = Field("kernel_size", "pair", 3, "How large.", minimum=1, maximum=9)
PADDING = Field("padding", "padding", "valid", "How wide.", minimum=0, maximum=9)
LINE = Field("padding", "padding", "valid", "How wide.", minimum=0, maximum=9, axes=1)


@pytest.mark.parametrize(
    ("field", "value", "canonical"),
    [
        (SIZE, 5, 5),
        (SIZE, [3, 5], (3, 5)),
        (SIZE, (5.0, 5), 5),
        (SIZE, [4], 4),
        (PADDING, "same", "same"),
        (PADDING, 0, 0),
        (PADDING, [1, 2], (1, 2)),
        (LINE, 2, 2),
    ],
)
def test_one_number_or_one_for_each_axis(field: Field, value: object, canonical: object) -> None:
    found = field.check(value)
    assert found == canonical
    assert type(found) is type(canonical)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((SIZE, bad) for bad in (0, 10, [3, 0], [3, 4, 5], [], "3", [1.5, 2], [True, 2], None, "same", {"a": 1})),
        *((PADDING, bad) for bad in ("full", -1, [1, 10], "", [1, 2, 3])),
        (LINE, [1, 2]),
    ],
)
def test_what_is_no_size_is_refused(field: Field, value: object) -> None:
    with pytest.raises(FieldError, match="whole number from"):
        field.check(value)


@pytest.mark.parametrize(("text", "numbers"), [("3, 5", (3, 5)), ("3x5", (3, 5)), ("3 × 5", (3, 5)), ("[3, 5]", (3, 5)), ("(7,)", (7,))])
def test_numbers_are_read_as_they_are_written(text: str, numbers: tuple[int, ...]) -> None:
    assert whole_numbers(text) == numbers


@pytest.mark.parametrize("text", ["", "a", "3.5", "3,b"])
def test_text_that_is_no_row_of_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="int"):
        whole_numbers(text)
