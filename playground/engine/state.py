"""What is kept of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class State:
    """All that a project file keeps of a run. ``optimizer`` is keyed ``"node id/parameter/slot"``; ``history`` is the plain
    data (curves, events, counters) that ``history.json`` holds; ``initial`` are the weights at step 0."""

    weights: Mapping[str, np.ndarray]
    optimizer: Mapping[str, np.ndarray] = field(default_factory=dict)
    initial: Mapping[str, np.ndarray] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    history: Mapping[str, object] = field(default_factory=dict)
    checkpoints: Mapping[int, Mapping[str, np.ndarray]] = field(default_factory=dict)
