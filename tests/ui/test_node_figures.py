"""What a node makes of what it gets, in words."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from playground.document import edits, example
from playground.ui.panels.node_figures import NodeFigures, sees, words
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession


def test_shapes_costs_and_the_receptive_field_of_lenet() -> None:
    document = example("lenet5")
    assert words(document, "conv2d1") == "1×28×28 → 6×28×28 · 156 parameters · 117,600 multiply-adds · sees 5×5 of input1"
    assert words(document, "conv2d2").endswith("240,000 multiply-adds · sees 14×14 of input1")
    assert [sees(document, node) for node in ("conv2d1", "maxpool2d1", "conv2d2", "maxpool2d2")] == ["5×5", "6×6", "14×14", "16×16"]
    assert words(document, "dense1") == "400 → 120 · 48,120 parameters · 48,000 multiply-adds"
    assert sees(document, "dense1") == ""
    loose, node = edits.add_node(document, "Conv2D")
    assert words(loose, node) == ""
    large = edits.set_field(document, "conv2d2", "kernel_size", 14)
    assert words(large, "conv2d2").endswith("sees all of input1")


def test_the_line_follows_the_document(qtbot) -> None:
    bench = Workbench(NotingSession())  # type: ignore[arg-type]
    bench.replace(example("lenet5"))
    line = NodeFigures(bench, "conv2d1")
    qtbot.addWidget(line)
    assert "6×28×28" in line.text()
    bench.edit("Filters", edits.set_field(bench.document, "conv2d1", "filters", 4))
    assert "4×28×28" in line.text()
    bench.edit("Remove", edits.remove(bench.document, "conv2d1"))
    assert line.text() == ""


def test_a_cards_header_and_footer_say_what_it_sees(open_canvas) -> None:
    view = open_canvas("lenet5")
    card = view.scene_.cards["conv2d2"]
    for point in (card.card.topLeft() + QPointF(30, 6), card.card.bottomLeft() + QPointF(30, -6)):
        assert card.tip(point).splitlines() == ["conv2 · Conv2D", words(view.workbench.document, "conv2d2")]
        assert "sees 14×14 of input1" in card.tip(point)
