"""The stages of a pass: their order, their cells, and how a user asks for one."""

from __future__ import annotations

import pytest

from playground.anim.stages import find, stages
from playground.document import Document, edits, example
from playground.errors import PlaygroundError


def labels(document: Document) -> list[str]:
    return [stage.label for stage in stages(document)]


def test_a_pass_is_forward_loss_backward_update() -> None:
    assert labels(example("and")) == [
        "forward:input1",
        "forward:dense1",
        "forward:output1",
        "loss:output1",
        "backward:dense1",
        "update:dense1",
    ]


def test_backward_goes_last_to_first_and_leaves_out_input_and_output() -> None:
    backward = [label for label in labels(example("spiral")) if label.startswith("backward")]
    assert backward == ["backward:dense3", "backward:dense2", "backward:dense1"]


def test_a_frozen_node_has_no_update() -> None:
    document = edits.freeze(example("spiral"), "dense2", True)
    assert [label for label in labels(document) if label.startswith("update")] == ["update:dense1", "update:dense3"]


def test_nodes_without_parameters_have_no_update_and_neurons_are_cells() -> None:
    passed = stages(example("mnist-mlp"))
    assert all("flatten" not in stage.node for stage in passed if stage.phase == "update")
    by_label = {stage.label: stage for stage in passed}
    assert by_label["forward:dense2"].cells[:] == tuple(map(str, range(10)))
    assert by_label["update:dense2"].cells.parts == (("weight", (10, 300)), ("bias", (10,)))
    assert len(by_label["forward:dense1"].cells) == 300
    assert len(by_label["update:dense1"].cells) == 300 * 784 + 300


def test_an_unfinished_document_has_the_stages_that_are_known() -> None:
    assert stages(Document()) == ()
    document, _ = edits.add_node(Document(), "Input", shape=(3,))
    assert labels(document) == ["forward:input1"]


def test_find_takes_phase_node_and_cell() -> None:
    passed = stages(example("spiral"))
    assert find(passed, "backward").stage.label == "backward:dense3"
    cursor = find(passed, "backward:dense2:3")
    assert (cursor.stage.label, cursor.cell, cursor.fraction) == ("backward:dense2", 3, 1.0)
    cells = find(passed, "update:dense1").stage.cells
    assert find(passed, "update:dense1:bias").cell == cells.named("bias[0]") == 16
    assert find(passed, "update:dense1:weight[7,1]").cell == 15


def test_find_takes_a_nodes_title() -> None:
    """What the canvas shows is what a user types; an id goes before another node's title."""
    passed = stages(example("xor"))
    titles = {"input1": "output1", "dense1": "hidden"}
    assert find(passed, "backward:hidden:2", titles).stage.node == "dense1"
    assert find(passed, "forward:output1", titles).stage.node == "output1"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("sideways", "forward, loss, backward, update"), ("backward:dense9", "dense3, dense2, dense1"), ("forward:dense1:8", "0 to 7")],
)
def test_find_says_what_there_is(wanted: str, said: str) -> None:
    with pytest.raises(PlaygroundError, match=said):
        find(stages(example("spiral")), wanted)
