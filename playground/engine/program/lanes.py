"""How many samples a program runs side by side."""

from __future__ import annotations

import numpy as np

from playground import kernels
from playground.engine.program.lowering import Lowered
from playground.kernels.operations import writes_of
from playground.kernels.types import Dtype
from playground.layers import registry
from playground.layers.spec import Mode

MICRO_BATCH_BYTES = 2**20
"""What the largest value of a net of ``LARGE`` operations may take: with 128 lanes of LeNet-5's maps a step took 1.2 times as long as with
32, with an LSTM of 128 units over 50 steps 1.1 times."""
LARGE = frozenset({"conv", *(cell.operation for cell in registry.cells())})


def lanes_of(lowered: Lowered, mode: Mode, batch: int, dtype: Dtype, isa: str, together: bool = False) -> int:
    """Lanes for batches of ``batch`` samples. A network that hangs on its whole batch gets all of it side by side: no other way holds
    its numbers ready for the statistics, and for backward they must be held in any case. Convolutions and recurrent layers get fewer where
    their maps and sequences are large, so that one is still in the cache when the next layer reads it. ``together``: the whole batch in any
    case."""
    if together or (mode == "training" and lowered.batchwise):
        return kernels.lanes_for(batch, dtype, isa, batch)
    most = 128
    if any(operation.name in LARGE for operation in lowered.forward):
        largest = max(value.size for operation in lowered.forward for value in operation.values(writes_of(operation.name)))
        while most > 32 and largest * most * np.dtype(dtype).itemsize > MICRO_BATCH_BYTES:
            most //= 2
    return kernels.lanes_for(batch, dtype, isa, most)
