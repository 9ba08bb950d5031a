"""What augmentation costs a training step: the same network with and without, in turn, so that a busy machine slows both alike.

``python -m tests.benchmarks.augmentation_cost [EXAMPLE] [BATCH]`` (lenet5, 32). Turns are a few milliseconds short, so that many are
undisturbed, and are told in the thread's own (CPU) time; prints the fifth percentile and the median of microseconds a sample, and the cost
as a share of the step without.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from playground.document import edits, example
from playground.engine.trainer import Trainer

SECONDS = 60.0
SAMPLES = 96
VARIANTS: dict[str, dict[str, object]] = {
    "off": {},
    "affine": {"shift": 2.0, "rotate": 10.0, "scale": 0.1},
    "affine and elastic": {"shift": 2.0, "rotate": 10.0, "scale": 0.1, "elastic": 1.5},
    "all": {"shift": 2.0, "rotate": 10.0, "scale": 0.1, "flip": "across", "elastic": 1.5, "noise": 0.05, "erase": 0.3},
}


def main(name: str = "lenet5", batch: str = "32") -> None:
    document = edits.set_training(edits.set_data(example(name), "mnist", first=12_800), batch_size=int(batch))
    trainers = {title: Trainer(edits.set_augmentation(document, **settings)) for title, settings in VARIANTS.items()}
    steps = max(1, SAMPLES // int(batch))
    for trainer in trainers.values():
        trainer.run(steps=10)
    taken: dict[str, list[float]] = {title: [] for title in trainers}
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for title, trainer in trainers.items():
            before, first = time.thread_time(), trainer.step_count
            while trainer.step_count < first + steps:
                trainer.advance(1.0, first + steps - trainer.step_count)
            taken[title].append((time.thread_time() - before) / (steps * int(batch)) * 1e6)
    plain = np.percentile(taken["off"], [5, 50])
    for title, one in taken.items():
        low, middle = np.percentile(one, [5, 50])
        share = f"{low / plain[0] - 1:+.1%}, {middle / plain[1] - 1:+.1%}"
        print(f"{name}, batch {batch}, {title:18}: {low:6.2f}, {middle:6.2f} us a sample (5 %, median of {len(one)}): {share}")


if __name__ == "__main__":
    main(*sys.argv[1:])
