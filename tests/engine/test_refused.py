"""A change mid-run that memory has no room for is refused whole: the run goes on as if nobody had asked."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from playground.document import Document, edits, example
from playground.engine.program import arena
from playground.engine.run import Run
from playground.errors import EngineError

CHANGES = [{"batch_size": 48}, {"optimizer": "adam"}, {"optimizer": "rmsprop", "batch_size": 50}, {"frozen": True}]


def changed(document: Document, change: dict[str, object]) -> Document:
    if "frozen" in change:
        return edits.freeze(document, "dense1", True)
    return edits.set_training(document, **change)


def begun() -> Run:
    run = Run(edits.set_training(example("digits"), optimizer="momentum", batch_size=32))
    run.advance(steps=5)
    return run


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_refused_change_changes_nothing(change: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    run, untouched = begun(), begun()
    wanted = changed(run.document, change)
    with monkeypatch.context() as full:
        full.setattr(arena, "memory_left", lambda: 0.0)
        for _ in range(2):  # asked again it is refused again, not taken for done
            with pytest.raises(EngineError, match="are free"):
                run.set_document(wanted)
    assert run.document == untouched.document
    assert run.trainer.document == untouched.trainer.document
    for one in (run, untouched):
        one.advance(steps=3)
    recorded, expected = run.record(None, 0), untouched.record(None, 0)
    assert recorded is not None
    assert expected is not None
    assert recorded.step == expected.step
    got, there = run.state(), untouched.state()
    assert got.counters == there.counters
    for mine, theirs in ((got.weights, there.weights), (got.optimizer, there.optimizer)):
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[key], theirs[key]) for key in mine)
    run.set_document(wanted)
    run.advance(steps=1)
    assert run.trainer.document.training == wanted.training
    assert run.trainer.steps_per_epoch == -(-len(run.trainer.dataset.train) // wanted.training.batch_size)
    assert msgspec.json.encode(run.document) == msgspec.json.encode(wanted)
