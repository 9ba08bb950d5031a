"""A formula that is typeset late moves what stands below it at once: nothing is painted over anything meanwhile."""

from __future__ import annotations

from playground.ui import theme
from playground.ui.explain.blocks import BlockView
from playground.ui.explain.sheet import Block, Sheet
from playground.ui.explain.sheet_view import SheetView
from playground.ui.explain.tokens import Token
from playground.ui.formula import Formulas

TALL = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="70"><rect width="60" height="70"/></svg>'


class Late(Formulas):
    """Hands over nothing before :meth:`come`."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list = []

    @staticmethod
    def kept(latex: str, size: float) -> bool:
        return False

    def ask(self, latex, size, color, done) -> None:  # type: ignore[no-untyped-def]
        self.waiting.append(done)

    def come(self) -> None:
        for done in self.waiting:
            done([TALL])


def ends(block: BlockView) -> list[int]:
    return [block.formula.geometry().bottom(), block.numbers.geometry().top(), block.geometry().bottom()]


def test_a_late_formula_is_never_painted_over_its_numbers(qtbot) -> None:
    formulas = Late()
    view = SheetView(theme.DARK, formulas)
    qtbot.addWidget(view)
    view.resize(300, 600)
    view.show()
    blocks = tuple(Block("role", f"Title {n}", rf"\frac{{a}}{{b_{n}}}", ((Token("= 1", "text"),),)) for n in range(2))
    view.show_sheet(Sheet("name", "A sentence.", blocks), "here")
    qtbot.waitUntil(lambda: len(formulas.waiting) == 2)
    qtbot.wait(1)
    formulas.come()
    first, second = view.shown()
    assert first.formula.height() >= 70
    for block in (first, second):
        bottom, top, end = ends(block)
        assert bottom < top < end
    assert first.geometry().bottom() < second.geometry().top()
    formulas.close()
