"""What a field says about itself in words."""

from __future__ import annotations

import pytest

from playground.fields import Field


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
