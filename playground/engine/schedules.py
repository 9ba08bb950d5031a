"""What the step count alone decides: the learning rate and the order of the samples."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from playground.document.model import Training
from playground.errors import EngineError

_ORDER_STREAM = 0x0DE5


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


def sample_order(samples: int, seed: int, epoch: int, shuffle: bool) -> NDArray[np.int32]:
    """The order of the training samples in ``epoch``: a permutation drawn from (seed, epoch), or the given order."""
    if not shuffle:
        return np.arange(samples, dtype=np.int32)
    rng = np.random.Generator(np.random.Philox(key=[seed & 0xFFFF_FFFF_FFFF_FFFF, (_ORDER_STREAM << 32) + epoch]))
    return rng.permutation(samples).astype(np.int32)


def steps_per_epoch(samples: int, batch_size: int) -> int:
    """Batches of an epoch; the last, smaller one counts: nothing is dropped."""
    return -(-samples // batch_size)
