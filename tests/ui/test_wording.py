"""Sentences of checks name nodes as the cards do."""

from __future__ import annotations

from playground.document import example
from playground.ui.wording import with_titles


def test_sentences_name_nodes_as_their_cards_do() -> None:
    made = example("spiral")
    assert with_titles("a wire from dense2 to dense1 would close a circle.", made) == "A wire from hidden2 to hidden1 would close a circle."
    assert with_titles("dense3 wants one row.", made) == "dense3 wants one row."
    assert with_titles("dense11 is not dense1.", made).endswith("is not hidden1.")
