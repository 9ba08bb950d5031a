"""A stall fails the test that met it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.gui.test_first_session import Gaps


def gaps(**stalls: float) -> Gaps:
    made = Gaps(SimpleNamespace())  # type: ignore[arg-type]
    made.found = {name: (stall, stall) for name, stall in stalls.items()}
    return made


def test_a_stall_fails() -> None:
    gaps(open=40, save=60).check()
    with pytest.raises(AssertionError, match="'save': 160"):
        gaps(open=40, save=160).check()
