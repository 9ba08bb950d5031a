"""Words at an event of a chart look for a place that no curve runs through."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

from playground.ui.panels.chart import _crossed


def test_a_place_is_crossed_by_a_point_in_it_and_by_no_gap() -> None:
    place = QRectF(10, 20, 30, 14)
    assert _crossed(place, [np.array([[0.0, 0.0], [15.0, 25.0]])])
    assert not _crossed(place, [np.array([[15.0, 50.0], [60.0, 25.0], [np.nan, np.nan]])])
    assert not _crossed(place, [])
