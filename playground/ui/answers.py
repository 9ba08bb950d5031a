"""Which network's answers are seen beside a pass: of the one that it runs in, until its last weight is updated; then of the new one."""

from __future__ import annotations

from playground.anim.cursor import Cursor
from playground.engine.live.snapshot import Answers, Snapshot


def old(snapshot: Snapshot, cursor: Cursor | None) -> bool:
    """Whether a pass stands at ``cursor`` that has yet to change the weights, and the answers from before it are there."""
    before, trace = snapshot.before, snapshot.trace
    if cursor is None or cursor.updated or before is None or trace is None or snapshot.passed is None:
        return False
    return before.step == trace.step  # another one may be shown again, of which these answers are not


def answers(snapshot: Snapshot, cursor: Cursor | None) -> Answers:
    """Plane and evaluation to be shown beside ``cursor``."""
    if snapshot.before is not None and old(snapshot, cursor):
        return snapshot.before
    return Answers(snapshot.step, snapshot.plane, snapshot.evaluation)
