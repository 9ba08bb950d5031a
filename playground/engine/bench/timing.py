"""``main.py bench``: how long a training step takes, against PyTorch and against what this core can do.

Both sides gather a shuffled batch from one resident float32 array, compute loss and accuracy, and update; one thread each,
denormals flushed on both. Runs alternate: ours, PyTorch's eager default, its fused optimizer, for pictures its channels_last, for sequences
its steps outermost too, and so on; the quotient is taken within a round, against the best of PyTorch's settings.
"""

from __future__ import annotations

import json as jsons
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.engine.bench.workloads import WORKLOADS, Workload, dataset_of, document_of, operations, samples_of, weights_of
from playground.engine.program.lowering import lower
from playground.engine.program.resident import resident
from playground.engine.program.stepper import Stepper
from playground.kernels import Segment, Target, peak

ROUNDS = 5
SECONDS = 0.25
SLACK = 1.1
CHUNK_SECONDS = 0.008
NO_TORCH = (
    "bench --against torch needs PyTorch, which is not installed. Install PyTorch's CPU build (see pytorch.org for the line) into .venv."
)

Clock = Callable[[float], float]
"""Run for about so many seconds; seconds a step."""


@dataclass(frozen=True, slots=True)
class Row:
    """One workload's figures: medians of the rounds. ``ratio`` is ours to PyTorch's best setting, ``spread`` its lowest and
    highest round; ``of_peak`` our useful operations a second as a part of the core's peak."""

    name: str
    title: str
    ours_us: float
    of_peak: float
    torch_us: float | None = None
    torch_setting: str = ""
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    goal: float | None = None
    holds: bool | None = None


def main(against: str | None = None, json: bool = False) -> int:
    """Measure all workloads and print a table (or one JSON object). 0; 1 where a goal fails; 2 without PyTorch where it is asked for."""
    if against == "torch" and not _has_torch():
        print(NO_TORCH, file=sys.stderr)
        return 2
    rows = []
    for workload in WORKLOADS:
        rows.append(measure(workload, against == "torch"))
        if not json:
            print(("" if len(rows) > 1 else _heading() + "\n") + _line(rows[-1]), flush=True)
    if json:
        print(jsons.dumps({"instruction_set": kernels.detect(), "rows": [asdict(row) for row in rows]}))
    return 1 if any(row.holds is False for row in rows) else 0


def measure(workload: Workload, against_torch: bool, rounds: int = ROUNDS, seconds: float = SECONDS) -> Row:
    """Alternate ours, the peak and PyTorch's settings over ``rounds``."""
    x, y = samples_of(workload)
    clocks: dict[str, Clock] = {"ours": ours(workload, x, y), "peak": peak_clock()}
    if against_torch:
        from playground.engine.bench import torch_side

        clocks |= {setting: torch_side.clock(workload, x, y, setting) for setting in torch_side.settings(workload)}
    times: dict[str, list[float]] = {name: [] for name in clocks}
    for clock in clocks.values():
        clock(seconds / 4)
    for _ in range(rounds):
        for name, clock in clocks.items():
            times[name].append(clock(seconds))
    step = statistics.median(times["ours"])
    pace = statistics.median(peak_time / time for time, peak_time in zip(times["ours"], times["peak"], strict=True))
    row = Row(workload.name, workload.title, step * 1e6, operations(workload) * pace)
    if not against_torch:
        return row
    setting = min((name for name in clocks if name not in ("ours", "peak")), key=lambda name: statistics.median(times[name]))
    ratios = [mine / theirs for mine, theirs in zip(times["ours"], times[setting], strict=True)]
    ratio = statistics.median(ratios)
    return Row(
        row.name,
        row.title,
        row.ours_us,
        row.of_peak,
        statistics.median(times[setting]) * 1e6,
        setting,
        ratio,
        (min(ratios), max(ratios)),
        workload.goal,
        ratio <= workload.goal * SLACK,
    )


# -- our side
def ours(workload: Workload, x: NDArray[np.float32], y: NDArray[Any]) -> Clock:
    """Our training, in chunks of the length that the trainer runs."""
    document = document_of(workload)
    lowered = lower(document)
    samples = resident(lowered, dataset_of(workload, x, y), "train", positions=len(x) * max(1, 65536 // len(x)))
    stepper = Stepper(lowered, samples, document.training, 0, "float32")
    for p in stepper.lowered.parameters:
        stepper.plan.layout.pack({p.key: weights_of(p.parameter.shape)}, stepper.plan.parameters)
    stepper.run(1)
    pace = [CHUNK_SECONDS / 64]

    def clock(seconds: float) -> float:
        start, steps = time.perf_counter(), 0
        while (spent := time.perf_counter() - start) < seconds:
            chunk = stepper.run(max(1, int(CHUNK_SECONDS / pace[0])), 64)
            pace[0] = chunk.seconds / len(chunk.losses)
            steps += len(chunk.losses)
        return spent / steps

    return clock


def peak_clock() -> Clock:
    """Seconds for one floating-point operation at this core's best."""
    target = Target("float32", 1, kernels.detect())
    count = 200_000
    memory = np.full(16 * (peak.CHAINS + 2), 0.5, np.float32)
    control = kernels.Control()
    control.batch, control.end = 1, 1
    row = peak.multiply_adds.row(count=count, x=0, y=32)
    program = kernels.Program(target, {"arena": memory}, control, [Segment([row])], advance=False)

    def clock(seconds: float) -> float:
        best = math.inf
        for start in _until(time.perf_counter() + seconds / 4):
            control.cursor = 0
            program.run(1)
            best = min(best, time.perf_counter() - start)
        return best / peak.operations(count, target.width)

    return clock


def _until(end: float) -> Iterator[float]:
    while (now := time.perf_counter()) < end:
        yield now


# -- the table
def _has_torch() -> bool:
    from importlib.util import find_spec

    return find_spec("torch") is not None


def _heading() -> str:
    return f"{'workload':<48}{'ours us':>10}{'of peak':>9}{'torch us':>10}  {'setting':<20}{'ratio':>8}  {'spread':<17}{'goal':>7}  verdict"


def _line(row: Row) -> str:
    text = f"{row.title:<48}{row.ours_us:>10.2f}{row.of_peak:>9.2f}"
    if row.ratio is None or row.torch_us is None or row.spread is None:
        return text
    spread = f"{row.spread[0]:.4f} - {row.spread[1]:.4f}"
    verdict = "holds" if row.holds else "FAILS"
    return f"{text}{row.torch_us:>10.1f}  {row.torch_setting:<20}{row.ratio:>8.4f}  {spread:<17}{row.goal:>7.3f}  {verdict}"
