"""What a deletion has to build anew is not built in the turn of the event loop in which every view follows it."""

from __future__ import annotations

import pytest

from playground.document import edits
from playground.ui.in_turn import queue
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def test_the_form_of_a_layer_that_is_deleted_goes_in_a_turn_of_its_own(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        node = next(id for id, one in bench.document.nodes.items() if one.type == "Dense")
        bench.select((node,))
        assert (node, "units") in window.inspector._editors, "a selection is answered at once"
        bench.edit("delete", edits.remove(bench.document, node))
        assert queue().busy
        qtbot.waitUntil(lambda: not queue().busy)
        assert (node, "units") not in window.inspector._editors
        assert ("data", "name") in window.inspector._editors
        bench.undo_stack.undo()
        bench.select((node,))
        assert (node, "units") in window.inspector._editors


def test_what_is_explained_follows_an_edit_in_a_turn_of_its_own(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        node = next(id for id, one in bench.document.nodes.items() if one.type == "Dense")
        taken = window.explain.subjects._document
        bench.edit("units", edits.set_field(bench.document, node, "units", 5))
        assert window.explain.subjects._document is taken
        qtbot.waitUntil(lambda: window.explain.subjects._document is bench.document)
