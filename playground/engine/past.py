"""The past of a window: what stateful layers have read when they come to it, with the present weights.

A sample that is shown by itself, outside a step of training, would begin without a past, and answer worse than the network can. So the
windows before it are read first, as an evaluation reads them: as many as cost little, for samples are shown many times a second.
"""

from __future__ import annotations

import numpy as np

from playground.data.spec import Dataset
from playground.engine.network import FORWARD_ON, Network
from playground.engine.program.plan import Plan
from playground.engine.program.streams import Kept, checked_states

WINDOWS = 16
WORK = 20_000_000
"""So many windows are read at most, and so many multiplications: some milliseconds."""


def before(network: Network, dataset: Dataset, split: str, index: int) -> Kept:
    """What sample ``index`` of ``split`` begins from, in a single lane; nothing where no layer is stateful, or nothing goes before."""
    part, carried = dataset.split(split), network.lowered.carried
    if not carried or not dataset.description.continued or not 0 < index < len(part):
        return {}
    steps = max(value.shape[0] for value in network.lowered.inputs.values())
    work = steps * sum(p.parameter.shape[0] * int(np.prod(p.parameter.shape[1:])) for p in network.lowered.parameters)
    states: dict[str, np.ndarray] = {}
    for at in range(max(0, index - max(1, min(WINDOWS, WORK // max(work, 1)))), index):
        length = None if part.lengths is None else part.lengths[at : at + 1]
        _, states = network.read_on(part.x[at : at + 1] * dataset.scale + dataset.offset, states, length)
    begun = checked_states(carried, states, 1, network.dtype)
    return {one: np.moveaxis(numbers, 0, -1) for one, numbers in begun.items()}


def plans(network: Network) -> list[Plan]:
    """What :func:`before` runs."""
    return [network.plan(FORWARD_ON, 1)] if network.lowered.carried else []
