"""Which branches the timeline and the charts show, in which colors and rows, and where a pointer snaps to. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from playground.engine.live.snapshot import Curve, Event, Snapshot
from playground.ui.wording import declared

TOKENS = ("s2", "s4", "s1", "s3")
"""The last is the color of what marks a change: the fewer branches have it, the better."""
OLD = "text3"


@dataclass(frozen=True, slots=True)
class Track:
    """A branch as a line from step ``start`` to ``end``. ``steps`` are where a pointer snaps to: the kept moments and, of the present
    branch, its end. ``clipped``: steps and the share of gradients that were clipped about them, where any was. ``switchable``: its
    weights are kept."""

    run: int
    name: str
    token: str
    parent: int | None
    start: int
    end: int
    steps: tuple[int, ...]
    rings: tuple[int, ...]
    best: int | None
    events: tuple[Event, ...]
    clipped: tuple[tuple[int, float], ...]
    present: bool
    switchable: bool


def tokens(snapshot: Snapshot) -> dict[int, str]:
    """The color of each branch: the present one and the three newest others have one each, whichever of them is the present one;
    older ones are gray."""
    colored = sorted({snapshot.run, *sorted((run.run for run in snapshot.runs), reverse=True)[: len(TOKENS) - 1]})
    found = {run.run: OLD for run in snapshot.runs}
    free = list(TOKENS)
    for run in colored:
        wanted = TOKENS[max(run - 1, 0) % len(TOKENS)]
        found[run] = wanted if wanted in free else free[0]
        free.remove(found[run])
    return found


def tracks(snapshot: Snapshot, most: int) -> list[Track]:
    """At most ``most`` branches, parents above what grew out of them: the present one, those it grew out of, then the newest."""
    colors, everyone = tokens(snapshot), {run.run: run for run in snapshot.runs}
    chosen, parent = [snapshot.run], snapshot.parent
    while parent in everyone and parent not in chosen:
        chosen.append(parent)
        parent = everyone[parent].parent
    chosen += [run for run in sorted(everyone, reverse=True) if run not in chosen]
    made = []
    for number in sorted(chosen[:most]):
        if number == snapshot.run:
            rings = tuple(step for step in snapshot.checkpoints if step < snapshot.step)
            made.append(
                Track(
                    number,
                    declared(snapshot.run_name),
                    colors.get(number, TOKENS[0]),
                    snapshot.parent,
                    snapshot.forked_at,
                    snapshot.step,
                    (*rings, snapshot.step),
                    rings,
                    snapshot.best_step,
                    snapshot.events,
                    _clipped(snapshot.curves),
                    True,
                    False,
                )
            )
        else:
            run = everyone[number]
            end = max(run.step, _last(run.curves), run.forked_at)
            made.append(
                Track(
                    number,
                    declared(run.name),
                    colors[number],
                    run.parent,
                    run.forked_at,
                    end,
                    run.checkpoints,
                    run.checkpoints,
                    run.best_step,
                    run.events,
                    _clipped(run.curves),
                    False,
                    run.document is not None,
                )
            )
    return made


def snapped(track: Track, step: float) -> int | None:
    """The step of ``track`` nearest to ``step`` that can be shown; ``None`` where nothing is kept of it."""
    return min(track.steps, key=lambda one: (abs(one - step), -one), default=None)


def neighbor(track: Track, step: int, way: int) -> int | None:
    """The next step of ``track`` that can be shown before (``way`` -1) or after ``step``; ``None`` at its end."""
    found = [one for one in track.steps if (one - step) * way > 0]
    return min(found, key=lambda one: abs(one - step), default=None)


def epoch_ticks(steps_per_epoch: int, last: int, width: float, gap: float = 6.0) -> list[int]:
    """The steps at which epochs end, every one or, where they lie closer than ``gap`` px, every tenth, hundredth ..."""
    if steps_per_epoch <= 0 or last <= 0:
        return []
    pitch = steps_per_epoch
    while pitch / last * width < gap:
        pitch *= 10
    return list(range(pitch, last + 1, pitch))


def _last(curves: Mapping[str, Curve]) -> int:
    return max([0, *(int(curve.steps[-1]) for curve in curves.values() if len(curve.steps))])


def _clipped(curves: Mapping[str, Curve]) -> tuple[tuple[int, float], ...]:
    curve = curves.get("clipped")
    if curve is None:
        return ()
    return tuple((int(step), float(share)) for step, share in zip(curve.steps, curve.values, strict=True) if share > 0)
