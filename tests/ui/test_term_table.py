"""The term table of the explain panel: in the narrowest panel too no number of it is cut."""

from __future__ import annotations

import pytest

from playground.ui.explain.figures import CHOICES, Figures
from playground.ui.explain.sheet import Row, Table
from playground.ui.explain.table import TermTable
from playground.ui.painters import tools
from playground.ui.theme import LIGHT

NARROWEST = 241
"""Px that the smallest window leaves a table beside its scroll bar."""


@pytest.mark.parametrize("digits", CHOICES)
def test_two_columns_of_powers_fit_into_the_narrowest_panel(qtbot, digits: int) -> None:
    figures, rows = Figures(digits), []
    for unit, weight, error in ((87, 0.3134567, -3.171234e-5), (298, 0.2093456, -2.823456e-5), (253, -0.1978912, 2.587654e-5)):
        product = weight * error
        cells = tuple(figures.one(value, signed=True) for value in (weight, error, product))
        rows.append(Row(str(unit), cells, (weight, error, product), product))
    made = TermTable(LIGHT)
    qtbot.addWidget(made)
    made.show_table(Table(("weight", "error", "product"), tuple(rows)))
    made.resize(NARROWEST, made.height())
    columns = made.columns()
    assert columns.edges[-1] <= NARROWEST - 4
    for cells in columns.cells:
        left = 4 + columns.label
        for at, (words, edge) in enumerate(zip(cells, columns.edges, strict=True)):
            assert edge - tools.width(words, columns.size, 600 if at == 2 else 400) > left
            left = edge
    if digits <= 3:
        assert columns.cells == [row.cells for row in rows], "letters give way before figures do"
    made.resize(600, made.height())
    assert made.columns().cells == [row.cells for row in rows]
    assert made.columns().size == 11.5
