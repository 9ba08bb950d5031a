"""What augmentation costs a training step: the same network with and without, in turn, so that a busy machine slows both alike.

``python -m tests.benchmarks.augmentation_cost [EXAMPLE] [BATCH]`` (lenet5, 32). Prints microseconds a step, median and best of all turns,
and the cost as a share of the step without.
"""

from __future__ import annotations

import statistics
import sys

from playground.document import edits, example
from playground.engine.trainer import Trainer

TURNS = 25
VARIANTS: dict[str, dict[str, object]] = {
    "off": {},
    "affine": {"shift": 2.0, "rotate": 10.0, "scale": 0.1},
    "affine and elastic": {"shift": 2.0, "rotate": 10.0, "scale": 0.1, "elastic": 1.5},
    "all": {"shift": 2.0, "rotate": 10.0, "scale": 0.1, "flip": "across", "elastic": 1.5, "noise": 0.05, "erase": 0.3},
}


def main(name: str = "lenet5", batch: str = "32") -> None:
    document = edits.set_training(edits.set_data(example(name), "mnist", first=12_800), batch_size=int(batch))
    trainers = {title: Trainer(edits.set_augmentation(document, **settings)) for title, settings in VARIANTS.items()}
    steps = max(20, 3200 // int(batch))
    for trainer in trainers.values():
        trainer.run(steps=20)
    taken: dict[str, list[float]] = {title: [] for title in trainers}
    for _ in range(TURNS):
        for title, trainer in trainers.items():
            before, first = trainer.seconds, trainer.step_count
            while trainer.step_count < first + steps:
                trainer.advance(0.05, first + steps - trainer.step_count)
            taken[title].append((trainer.seconds - before) / steps)
    plain = taken["off"]
    for title, seconds in taken.items():
        ratio = statistics.median(one / two for one, two in zip(seconds, plain, strict=True))
        print(
            f"{name}, batch {batch}, {title:18}: median {statistics.median(seconds) * 1e6:8.1f} us, best {min(seconds) * 1e6:8.1f} us, "
            f"{ratio - 1:+.1%} (median of turns), {min(seconds) / min(plain) - 1:+.1%} (best)"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
