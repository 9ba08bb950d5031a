"""Numbers as a user reads them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playground.ui.explain.figures import Figures
from playground.ui.numbers import canceled, count, exact, number, percent, shape, short, signed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (2.178, "2.18"),
        (-0.875, "−0.875"),
        (0.9996, "1.00"),
        (999.6, "1,000"),
        (12_400.0, "12,400"),
        (0.0135, "0.0135"),
        (3.2e-7, "3.2×10⁻⁷"),
        (-4.51e9, "−4.5×10⁹"),
        (math.nan, "NaN"),
        (math.inf, "+∞"),
        (-math.inf, "−∞"),
    ],
)
def test_three_digits(value: float, written: str) -> None:
    assert number(value) == written


@given(st.floats(2**-10, 2**10, width=32), st.floats(-(2**-10), 2**-10, width=32))
@example(8.0, 0.0007070695864968002)  # "8" beside "8.01": a whole number is written without its zeros
def test_a_change_is_seen_however_small(old: float, share: float) -> None:
    new = float(np.float32(old + old * share))
    words = Figures().pair(old, new)
    assert (words[0] == words[1]) == (old == new)
    for value, written in zip((old, new), words, strict=True):
        decimals = len(written.partition(".")[2])
        assert abs(float(written.replace(",", "")) - value) <= 0.5000001 * 10.0**-decimals
    if words != (Figures().one(old), Figures().one(new)):  # no more digits than it takes
        assert Figures().one(old) == Figures().one(new)


def test_signs_and_trimming() -> None:
    assert number(0.2, trim=True) == "0.2"
    assert number(0.2, signed=True) == "+0.200"
    assert number(100.0, trim=True) == "100"
    assert short(0.0079, signed=True) == "+0.0079"
    assert number(0.0, signed=True) == "0"


def test_a_column_has_a_sign_before_all_but_a_zero() -> None:
    assert [signed(value, 4) for value in (0.25, -0.25, 0.0, -0.0, 1e-9)] == ["+0.2500", "−0.2500", "0.0000", "0.0000", "+1.0×10⁻⁹"]


def test_counts_shares_and_shapes() -> None:
    assert count(48120) == "48,120"
    assert count(-3) == "−3"
    assert (percent(1.0), percent(0.974), percent(0.9999)) == ("100%", "97.4%", "100.0%")
    assert shape((6, 28, 28)) == "6 × 28 × 28"


@given(st.floats(-9.9e5, 9.9e5, allow_nan=False).filter(lambda v: abs(v) >= 1e-4), st.booleans(), st.booleans())
def test_what_is_written_is_the_value_to_three_digits(value: float, signed: bool, trim: bool) -> None:
    written = number(value, signed=signed, trim=trim)
    assert "-" not in written
    read = float(written.replace("−", "-").replace(",", ""))
    assert read == pytest.approx(value, rel=0.0051)


def test_whole_parts_keep_their_digits_where_a_sum_is_to_add_up() -> None:
    assert exact(10288.4) == "10,288"
    assert exact(-1048.0, signed=True) == "−1,048"
    assert exact(0.25, trim=True) == number(0.25, trim=True)
    assert exact(3e7) == number(3e7)


def test_terms_that_cancel_get_the_digits_that_their_sum_needs() -> None:
    assert canceled((0.5 * 0.999696, -0.5)) == 3
    assert canceled((-1.0, 0.948)) == 1
    assert canceled((0.9, -0.768)) == 0, "0.132 to three digits"
    assert canceled((0.25, -0.25)) == canceled(()) == canceled((math.nan, 1.0)) == canceled((3.0, 4.0)) == 0
    more = Figures().adding((0.5 * 0.999696, -0.5))
    assert (more.one(0.999696), more.one(0.5), more.one(1.0)) == ("0.999696", "0.5", "1")
    assert Figures(6).adding((1.0, -0.999999)).digits == 9
