"""What the step count alone decides: learning rate and epoch."""

from __future__ import annotations

import math

from playground.document.model import Training
from playground.errors import EngineError
from playground.sentences import say


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
        say("there is no schedule {schedule!r}.", schedule=training.schedule),
        where="training.schedule",
        remedy="Take constant, step, exponential or cosine.",
    )


def steps_per_epoch(samples: int, batch_size: int) -> int:
    """Batches of an epoch; the last, smaller one counts: nothing is dropped."""
    return -(-samples // batch_size)
