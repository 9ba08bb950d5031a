"""The card of one number: its lines."""

from __future__ import annotations

import pytest

from playground.ui.painters import tools
from tests.ui.painting import PLANE, picture, render


@pytest.mark.parametrize(
    ("y", "difference", "arithmetic"),
    [(-0.81, "−0.190", "½(−0.810 + 1)²"), (-1.0, "0", "½(−1 + 1)²"), (-0.8123, "−0.188", "½(−0.812 + 1)²")],
)
def test_a_number_has_as_many_digits_from_one_moment_to_the_next(
    monkeypatch: pytest.MonkeyPatch, y: float, difference: str, arithmetic: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr(tools, "text", lambda painter, x, at, words, *rest, **more: told.append(words) or tools.width(words))
    fields = {"loss": "half_squared_error", "target_low": -1.0, "target_high": 1.0}
    render(picture("Output", (1,), ((1,),), {"output": [y]}, data=PLANE, target=[-1.0], sample_loss=(y + 1) ** 2 / 2, **fields))
    assert {difference, arithmetic} <= set(told)
