"""PyTorch's side of the benchmark: an eager training step at its best setting, one thread, denormals flushed."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from playground.engine.bench_workloads import Workload


def settings(workload: Workload) -> tuple[str, ...]:
    """The ways PyTorch is tried: its default, the fused optimizer, and for pictures also channels innermost."""
    return ("default", "fused", "channels_last", "channels_last+fused") if workload.stages else ("default", "fused")


def _model(workload: Workload) -> nn.Sequential:
    function: dict[str, Callable[[], Any]] = {"tanh": nn.Tanh, "relu": nn.ReLU}
    act = function[workload.activation]
    layers: list[Any] = []
    channels = workload.sample[0]
    for stage in workload.stages:
        layers += [nn.Conv2d(channels, stage.filters, stage.kernel, padding=stage.padding), act(), nn.MaxPool2d(2)]
        channels = stage.filters
    if workload.stages:
        layers.append(nn.Flatten())
    for before, after in pairwise(workload.sizes):
        layers += [nn.Linear(before, after), act()]
    return nn.Sequential(*layers[:-1])


def clock(workload: Workload, x: NDArray[np.float32], y: NDArray[np.int64], setting: str) -> Callable[[float], float]:
    """A function that trains for about so many seconds and gives the seconds a step."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    batch = workload.batch
    model: Any = _model(workload)  # Any: its call in channels_last is typed only where torch is installed, and it need not be
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, fused="fused" in setting)
    samples, targets = torch.from_numpy(x.copy()), torch.from_numpy(y.copy())
    if "channels_last" in setting:
        model.to(memory_format=torch.channels_last)
        samples = samples.to(memory_format=torch.channels_last)
    single = workload.sizes[-1] == 1
    loss_of: Any = nn.BCEWithLogitsLoss() if single else nn.CrossEntropyLoss()
    goals = targets.to(torch.float32)[:, None] if single else targets
    order = torch.randperm(len(samples))
    state: dict[str, Any] = {"at": 0, "order": order}
    loss_sum, right_sum = torch.zeros(()), torch.zeros((), dtype=torch.int64)

    def step() -> None:
        if state["at"] + batch > len(samples):
            state["at"], state["order"] = 0, torch.randperm(len(samples))
        picked = state["order"][state["at"] : state["at"] + batch]
        state["at"] += batch
        inputs, goal = samples[picked], goals[picked]
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = loss_of(outputs, goal)
        loss.backward()
        optimizer.step()
        right = ((outputs > 0) == (goal > 0.5)) if single else outputs.argmax(1) == goal
        loss_sum.add_(loss.detach())
        right_sum.add_(right.sum())

    def run(seconds: float) -> float:
        torch.set_flush_denormal(True)
        start, steps = time.perf_counter(), 0
        while (spent := time.perf_counter() - start) < seconds:
            for _ in range(4):
                step()
            steps += 4
        torch.set_flush_denormal(False)
        return spent / steps

    return run
