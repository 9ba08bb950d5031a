"""The range of a color scale: grows at once, shrinks slowly, frozen during a pass."""

from __future__ import annotations

import math

import numpy as np
import pytest

from playground.anim.scale import Scale


def test_it_grows_at_once_and_shrinks_five_percent_a_second() -> None:
    scale = Scale(limit=1.0)
    scale.observe(np.array([-4.0, 2.0]))
    assert scale.limit == 4.0
    scale.observe(np.array([0.1]), seconds=1.0)
    assert scale.limit == pytest.approx(3.8)
    scale.observe(np.array([0.1]), seconds=1000.0)
    assert scale.limit == pytest.approx(0.1)


def test_frozen_and_fixed_scales_stand_still() -> None:
    for scale in (Scale(limit=1.0, frozen=True), Scale(limit=1.0, fixed=True)):
        scale.observe(np.array([50.0]))
        assert scale.limit == 1.0


def test_not_a_number_has_no_say_in_the_range() -> None:
    scale = Scale()
    scale.observe(np.array([np.nan, np.inf, 2.0]))
    assert scale.limit == 2.0
    scale.observe(np.array([np.nan]), seconds=0.0)
    assert scale.limit == 2.0


def test_signed_scales_are_symmetric_and_others_begin_at_zero() -> None:
    assert Scale(limit=2.0).ends() == (-2.0, 2.0)
    assert Scale(limit=2.0, ramp="seq").ends() == (0.0, 2.0)
    signed = Scale(limit=2.0)
    assert [signed.position(value) for value in (-2.0, 0.0, 2.0, 9.0)] == [0.0, 0.5, 1.0, 1.0]
    assert Scale(limit=2.0, ramp="seq").position(-1.0) == 0.0
    assert math.isnan(signed.position(math.nan))


@pytest.mark.parametrize("ramp", ["div", "seq", "err"])
@pytest.mark.parametrize("stretch", [False, True])
def test_position_and_index_agree(ramp: str, stretch: bool) -> None:
    scale = Scale(limit=3.0, ramp=ramp, stretch=stretch)
    values = np.linspace(-3.5, 3.5, 57)
    expected = [round(scale.position(float(value)) * 255) for value in values]
    assert np.abs(scale.indices(values).astype(int) - expected).max() <= 1


def test_the_root_stretch_lifts_small_values() -> None:
    assert Scale(limit=1.0, ramp="seq", stretch=True).position(0.1) == pytest.approx(0.1**0.55)


def test_a_turning_scale_becomes_signed_for_good() -> None:
    scale = Scale(ramp="seq", turns=True)
    scale.observe(np.array([0.5]))
    assert not scale.signed
    scale.observe(np.array([-0.5]))
    scale.observe(np.array([0.5]))
    assert scale.signed
