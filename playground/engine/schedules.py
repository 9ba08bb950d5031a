"""What the step count alone decides: the learning rate and the order of the samples."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from playground.document.model import Training
from playground.errors import EngineError

_ORDER_STREAM = 0x0DE5
_BLOCK_POSITIONS = 8192


def learning_rate(training: Training, epoch: int) -> float:
    """The rate throughout ``epoch`` (from 0), as PyTorch's StepLR, ExponentialLR and CosineAnnealingLR step once an epoch.

    ``step``: rate times ``schedule_factor`` after each ``schedule_step`` epochs. ``exponential``: times ``schedule_factor``
    after each. ``cosine``: half a cosine from the rate to 0 over ``schedule_epochs``, and 0 from then on.
    """
    rate = training.learning_rate
    match training.schedule:
        case "constant":
            return rate
        case "step":
            return float(rate * training.schedule_factor ** (epoch // training.schedule_step))
        case "exponential":
            return float(rate * training.schedule_factor**epoch)
        case "cosine":
            return rate * 0.5 * (1.0 + math.cos(math.pi * min(epoch / training.schedule_epochs, 1.0)))
    raise EngineError(
        f"there is no schedule {training.schedule!r}.", where="training.schedule", remedy="Take constant, step, exponential or cosine."
    )


def sample_orders(samples: int, seed: int, epochs: range, shuffle: bool) -> NDArray[np.int32]:
    """The order of the training samples in each of ``epochs``, (epochs, samples): permutations drawn from (seed, epoch), or the
    given order. Small sets are drawn a block of epochs at a time: for them, setting up the generator would take longer."""
    if not shuffle:
        return np.broadcast_to(np.arange(samples, dtype=np.int32), (len(epochs), samples))
    block = max(1, _BLOCK_POSITIONS // samples)
    blocks = range(epochs.start // block, (epochs.stop - 1) // block + 1)
    drawn = np.concatenate([_block(samples, seed, number, block) for number in blocks])
    first = epochs.start - blocks.start * block
    return drawn[first : first + len(epochs)]


@lru_cache(maxsize=4)
def _block(samples: int, seed: int, number: int, epochs: int) -> NDArray[np.int32]:
    rng = np.random.Generator(np.random.Philox(key=[seed & 0xFFFF_FFFF_FFFF_FFFF, (_ORDER_STREAM << 40) + number]))
    return rng.permuted(np.tile(np.arange(samples, dtype=np.int32), (epochs, 1)), axis=1)


def steps_per_epoch(samples: int, batch_size: int) -> int:
    """Batches of an epoch; the last, smaller one counts: nothing is dropped."""
    return -(-samples // batch_size)
