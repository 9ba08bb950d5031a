"""From time to cursor, and what is done, now and ahead at a cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.anim.cells import Cells
from playground.anim.clock import PassClock
from playground.anim.cursor import Cursor, Stage

STAGES = (
    Stage("forward", "input1"),
    Stage("forward", "dense1", Cells((("", (3,)),))),
    Stage("loss", "output1"),
    Stage("backward", "dense1", Cells((("", (3,)),))),
    Stage("update", "dense1", Cells((("weight", (1, 1)), ("bias", (1,))))),
)


def test_explain_gives_each_stage_half_to_one_and_a_third_second() -> None:
    clock = PassClock(STAGES)
    lengths = [clock.start(i + 1) - clock.start(i) for i in range(len(STAGES))]
    assert all(0.5 <= length <= 1.3 + 1e-9 for length in lengths)


def test_speed_divides_and_watch_is_always_as_long() -> None:
    assert PassClock(STAGES, speed=2.0).duration == pytest.approx(PassClock(STAGES).duration / 2)
    assert PassClock(STAGES, "watch").duration == pytest.approx(1.2)
    assert PassClock(STAGES * 4, "watch").duration == pytest.approx(1.2)


@pytest.mark.parametrize("grain", ["cell", "node"])
@pytest.mark.parametrize("reduced", [False, True])
def test_time_never_runs_backward(grain: str, reduced: bool) -> None:
    clock = PassClock(STAGES, grain=grain, reduced=reduced)  # type: ignore[arg-type]
    places = []
    for tenth in range(round(clock.duration * 50) + 5):
        cursor = clock.cursor(tenth / 50)
        assert cursor is not None
        places.append((cursor.index, cursor.progress))
    assert places == sorted(places)
    assert {index for index, _ in places} == set(range(len(STAGES)))


def test_reduced_motion_has_no_travel_and_is_shorter() -> None:
    clock = PassClock(STAGES, reduced=True)
    assert clock.duration == pytest.approx(0.6 * PassClock(STAGES).duration)
    for share in (0.0, 0.3, 0.99):
        cursor = clock.cursor(share * clock.duration)
        assert cursor is not None
        assert cursor.travel == 1.0


def test_beyond_the_end_it_stays_at_the_end() -> None:
    clock = PassClock(STAGES)
    cursor = clock.cursor(999.0)
    assert cursor is not None
    assert (cursor.index, cursor.fraction) == (4, 1.0)
    assert clock.over(clock.duration)
    assert not clock.over(clock.duration - 0.01)
    assert PassClock(()).cursor(0.0) is None


@pytest.mark.parametrize("grain", ["cell", "node"])
def test_stepping_visits_every_place_and_back(grain: str) -> None:
    clock = PassClock(STAGES, grain=grain)  # type: ignore[arg-type]
    seen: list[Cursor] = []
    cursor = clock.step(None)
    while cursor is not None:
        seen.append(cursor)
        cursor = clock.step(cursor)
    assert len(seen) == (1 + 3 + 1 + 3 + 2 if grain == "cell" else 5)
    for later, earlier in zip(seen[:0:-1], seen[-2::-1], strict=True):
        assert clock.step(later, -1) == earlier
    assert clock.step(seen[0], -1) is None


def test_stepping_goes_on_after_the_grain_was_changed() -> None:
    by_cell, by_node = PassClock(STAGES, grain="cell"), PassClock(STAGES)
    whole = by_node.cursor(by_node.start(1) + 0.5)
    assert whole is not None
    after = by_cell.step(whole)
    assert after is not None
    assert after.stage.label == "loss:output1"
    cell = Cursor(1, STAGES[1], 1, 1.0, STAGES)
    landed = by_node.step(cell)
    assert landed is not None
    assert landed.stage.label == "loss:output1"


@given(st.floats(0.0, 1.0), st.sampled_from(["cell", "node"]))
def test_time_of_a_cursor_is_when_the_clock_shows_it(share: float, grain: str) -> None:
    clock = PassClock(STAGES, grain=grain)  # type: ignore[arg-type]
    cursor = clock.cursor(share * clock.duration)
    assert cursor is not None
    assert clock.time(cursor) == pytest.approx(share * clock.duration, abs=1e-9)


def test_done_now_and_ahead() -> None:
    cursor = Cursor(1, STAGES[1], 1, 0.2, STAGES)
    assert cursor.at("forward", "input1") == "done"
    assert cursor.at("forward", "dense1") == "now"
    assert cursor.at("backward", "dense1") == "ahead"
    assert [cursor.cell_at("forward", "dense1", cell) for cell in range(3)] == ["done", "now", "ahead"]
    assert not cursor.reached("forward", "dense1")
    assert Cursor(1, STAGES[1], 1, 0.7, STAGES).reached("forward", "dense1")


def test_pulses_travel_in_the_first_part_of_a_stage_and_ease_out() -> None:
    at = [Cursor(1, STAGES[1], None, fraction, STAGES).travel for fraction in (0.0, 0.3, 0.6, 1.0)]
    assert at[0] == 0.0
    assert at[1] == pytest.approx(0.875)
    assert at[2:] == [1.0, 1.0]
