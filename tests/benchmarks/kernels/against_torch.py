"""Time of a whole training step, ours over PyTorch's eager best: ``python -m tests.benchmarks.kernels.against_torch``.

Both sides gather a shuffled batch from one resident array, compute loss and accuracy, and update. One thread each, alternated;
denormals are flushed on both. A figure is the median of the ratios of neighboring runs.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import itertools
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from tests.benchmarks.kernels.mlp import Mlp

# name: (sizes, batch, activation, loss, optimizer, goal)
WORKLOADS = {
    "toy b10": ((2, 8, 8, 1), 10, "tanh", "binary_cross_entropy", "sgd", 0.005),
    "toy b32": ((2, 8, 8, 1), 32, "tanh", "binary_cross_entropy", "sgd", 0.005),
    "784-64-32-10 b32": ((784, 64, 32, 10), 32, "relu", "softmax_cross_entropy", "sgd", 0.25),
    "784-300-10 b1": ((784, 300, 10), 1, "relu", "softmax_cross_entropy", "sgd", 0.30),
    "784-300-10 b32": ((784, 300, 10), 32, "relu", "softmax_cross_entropy", "sgd", 0.40),
    "784-300-10 b128": ((784, 300, 10), 128, "relu", "softmax_cross_entropy", "sgd", 0.70),
    "784-512-512-10 b128": ((784, 512, 512, 10), 128, "relu", "softmax_cross_entropy", "sgd", 0.90),
}
ACTIVATIONS = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}


def torch_side(
    sizes: tuple[int, ...], batch: int, activation: str, loss: str, optimizer: str, data: np.ndarray, targets: np.ndarray, fused: bool
) -> Callable[[int], float]:
    """A function that trains for n steps."""
    layers: list[torch.nn.Module] = []
    for i, (a, b) in enumerate(itertools.pairwise(sizes)):
        layers += ([ACTIVATIONS[activation]()] if i else []) + [torch.nn.Linear(a, b)]
    net = torch.nn.Sequential(*layers)
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    step = kind(net.parameters(), lr=0.01 if optimizer == "sgd" else 1e-3, fused=fused)
    classes = loss == "softmax_cross_entropy"
    criterion = torch.nn.CrossEntropyLoss() if classes else torch.nn.BCEWithLogitsLoss()
    x_all = torch.from_numpy(data)
    y_all = torch.from_numpy(targets).long().ravel() if classes else torch.from_numpy(targets).float()
    order = torch.randperm(len(data))
    place = 0

    def run(steps: int) -> float:
        nonlocal place
        right = torch.zeros(())
        for _ in range(steps):
            if place >= len(data):
                place = 0
            chosen = order[place : place + batch]
            place += batch
            x = x_all[chosen]
            x = x.float() * (1 / 255) if x.dtype == torch.uint8 else x
            y = y_all[chosen]
            step.zero_grad()
            out = net(x)
            value = criterion(out, y)
            value.backward()
            step.step()
            right += (out.argmax(1) == y).sum() if classes else ((out > 0) == (y > 0.5)).sum()
        return float(value.detach())

    return run


def timed(run: Callable[[int], float], steps: int) -> float:
    start = time.process_time()
    run(steps)
    return (time.process_time() - start) / steps


def measure(name: str, rounds: int, optimizer: str | None = None) -> None:
    sizes, batch, activation, loss, default, goal = WORKLOADS[name]
    optimizer = optimizer or default
    random = np.random.default_rng(0)
    if sizes[0] == 2:
        data = random.standard_normal((512, 2)).astype(np.float32)
        targets = (data[:, :1] * data[:, 1:] > 0).astype(np.float32)
    else:
        data = random.integers(0, 255, (4096, sizes[0])).astype(np.uint8)
        targets = random.integers(0, 10, (4096, 1)).astype(np.float32)
    ours = Mlp(
        sizes,
        batch,
        activation,
        loss,
        optimizer,
        data,
        targets,
        scale=1 / 255 if data.dtype == np.uint8 else 1.0,
        rate=0.01 if optimizer == "sgd" else 1e-3,
    )
    theirs = [torch_side(sizes, batch, activation, loss, optimizer, data, targets, fused) for fused in (False, True)]
    for run in (ours.train, *theirs):
        run(20)
    ours_steps = max(10, int(0.05 / timed(ours.train, 20)))
    theirs_steps = max(5, int(0.1 / timed(theirs[0], 10)))
    ratios, mine, best = [], [], []
    for _ in range(rounds):
        a = timed(ours.train, ours_steps)
        b = min(timed(run, theirs_steps) for run in theirs)
        ratios.append(a / b)
        mine.append(a)
        best.append(b)
    ratio, mine_us, best_us = statistics.median(ratios), 1e6 * statistics.median(mine), 1e6 * statistics.median(best)
    print(
        f"{name:20} {optimizer:5} ours {mine_us:8.2f} us  torch {best_us:8.1f} us  "
        f"ratio {ratio:.4f} ({min(ratios):.4f} - {max(ratios):.4f})  goal {goal}  {'ok' if ratio <= goal else 'MISSED'}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--optimizer", choices=("sgd", "adam"), default=None)
    parser.add_argument("names", nargs="*", default=[])
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    for name in chosen.names or WORKLOADS:
        measure(name, chosen.rounds, chosen.optimizer)


if __name__ == "__main__":
    main()
