"""Numbers of a table that were standardized are told as they were measured too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from playground import data
from playground.ui.painters import registry
from tests.ui.painting import picture


def test_a_standardized_number_is_told_as_it_was_measured() -> None:
    known = data.describe("iris")
    shown = picture("Input", (4,), (), {"output": [-0.898, 1.03, -1.34, -1.31]}, data=known)
    painter = registry.find(shown.layer)
    assert painter.tip(shown, 0).endswith("sepal length = −0.898")
    measured = replace(shown, trace=replace(shown.trace, original=np.array([5.1, 3.5, 1.4, 0.2], np.float32)))
    assert painter.tip(measured, 0).splitlines()[1] == "sepal length: 5.1\u2009cm, standardized to −0.898"
