"""A document is lowered, or refused in words."""

from __future__ import annotations

import pytest

from playground.document import Document, check, edits
from playground.engine.program.lowering import lower
from playground.errors import EngineError


def test_an_input_whose_shape_nobody_says_is_refused_in_words() -> None:
    document, source = edits.add_node(Document(), "Input")
    document, dense = edits.add_node(document, "Dense", units=3)
    document, output = edits.add_node(document, "Output")
    document = edits.connect(edits.connect(document, source, dense), dense, output)
    assert not [problem for problem in check(document, data_needed=False) if problem.severity == "error"]
    with pytest.raises(EngineError, match=r"input1: its shape is not known\. Choose a data set"):
        lower(document)
    assert lower(edits.set_data(document, "iris")).output == output
