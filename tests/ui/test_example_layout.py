"""The examples as they open: no card lies over another."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF

from playground import document as documents
from playground.ui.canvas.measure import card_size

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize("name", list(documents.examples()))
def test_no_card_lies_over_another(name: str) -> None:
    document = documents.example(name)
    boxes = {id: QRectF(*node.position, *card_size(document, id).toTuple()) for id, node in document.nodes.items()}
    assert not [pair for pair in combinations(boxes, 2) if boxes[pair[0]].intersects(boxes[pair[1]])]
