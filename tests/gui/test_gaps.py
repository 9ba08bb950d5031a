"""What counts as a stall, where a test is tried again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from playground.suite import AGAIN
from tests.gui import test_first_session as first


def gaps(**stalls: float) -> first.Gaps:
    made = first.Gaps(SimpleNamespace())  # type: ignore[arg-type]
    made.found = {name: (stall, stall) for name, stall in stalls.items()}
    return made


def test_a_stall_that_comes_again_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "TRIED", tmp_path)
    monkeypatch.delenv(AGAIN, raising=False)
    gaps(open=40, save=60).check()
    with pytest.raises(AssertionError, match="save"):
        gaps(open=40, save=160).check()
    monkeypatch.setenv(AGAIN, "1")
    with pytest.raises(AssertionError, match="save"):
        gaps(open=140, save=170).check()
    gaps(open=140, save=70).check()
    monkeypatch.setenv(AGAIN, "")
    with pytest.raises(AssertionError, match="save"):
        gaps(open=40, save=170).check()
