"""What a node makes of what it gets, in words."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from playground.document import edits, example
from playground.ui.canvas import footer, geometry
from playground.ui.numbers import rounded
from playground.ui.painters import tools
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


def test_a_card_is_told_its_receptive_field_and_cost(open_canvas, monkeypatch) -> None:
    view = open_canvas("lenet5")
    told = {id: (card.facts.sees, card.facts.products) for id, card in view.scene_.cards.items()}
    assert told["conv2d1"] == ("5×5", 117_600)
    assert told["maxpool2d2"][0] == "16×16"
    assert told["dense1"] == ("", 48_000)
    pool, flat = view.scene_.cards["maxpool2d1"], view.scene_.cards["flatten1"]
    assert pool.card.height() == flat.card.height() + geometry.LINE  # a line more
    assert pool.scene_card().top() + geometry.HEADER + pool.body.height() / 2 == pool.scene_card().top() + pool.input_port(0).y()
    card = view.scene_.cards["conv2d1"]
    written: list[str] = []
    real = tools._static
    monkeypatch.setattr(tools, "_static", lambda words, size, weight: (written.append(words), real(words, size, weight))[1])
    for zoom in (1.0, 0.86, 0.6):
        written.clear()
        image = QImage(300, 300, QImage.Format.Format_ARGB32)
        with QPainter(image) as painter:
            footer.paint(painter, card.card, card.facts, view.scene_.facts, card.node, view.theme, zoom)
        assert "sees 5×5" in written
        assert any(words.endswith("MACs") for words in written)
    view.workbench.edit("Size", edits.set_field(view.workbench.document, "conv2d2", "kernel_size", 14))
    assert view.scene_.cards["conv2d2"].facts.sees == "all"


def test_what_all_learn_is_never_told_as_the_outputs_own(open_canvas, monkeypatch) -> None:
    view = open_canvas("mnist-tutorial")
    card = view.scene_.cards["output1"]
    written: list[str] = []
    real = tools.text

    def told(painter: QPainter, x: float, y: float, words: str, *how: object, **more: object) -> float:
        written.append(words)
        return real(painter, x, y, words, *how, **more)

    monkeypatch.setattr(tools, "text", told)
    narrow = card.card.adjusted(0, 0, 60 - card.card.width(), 0)
    for box, wanted in ((card.card.adjusted(0, 0, 200, 0), ["238,510 parameters in all"]), (card.card, ["238,510 in all"]), (narrow, [])):
        written.clear()
        image = QImage(600, 400, QImage.Format.Format_ARGB32)
        with QPainter(image) as painter:
            footer.paint(painter, box, card.facts, view.scene_.facts, card.node, view.theme, 0.82)
        assert [one for one in written if one != "10"] == wanted


def test_large_counts_are_rounded() -> None:
    assert [rounded(n) for n in (0, 999, 1000, 117_600, 2_400_000, 123_456_789_012)] == ["0", "999", "1k", "118k", "2.4M", "123G"]
