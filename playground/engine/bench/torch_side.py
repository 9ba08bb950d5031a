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

from playground.engine.bench.workloads import Course, Workload


def settings(workload: Workload) -> tuple[str, ...]:
    """The ways PyTorch is tried: its default, the fused optimizer, for pictures also channels innermost, for sequences steps outermost."""
    if isinstance(workload, Course):
        return ("default", "fused", "steps_first", "steps_first+fused")
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


class _Recurrent:
    """Embedding (where there are tokens), one recurrent layer, a linear one at each step or behind the last. No nn.Module: what that is
    would be typed only where torch is installed."""

    def __init__(self, course: Course, batch_first: bool) -> None:
        features, units, outputs = course.sizes
        cells: dict[str, Any] = {"SimpleRNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}
        self._embed: Any = nn.Embedding(course.tokens, features) if course.tokens else None
        self._cell: Any = cells[course.cell](features, units, batch_first=batch_first)
        self._linear: Any = nn.Linear(units, outputs)
        self._batch_first = batch_first

    def parameters(self) -> list[Any]:
        return [p for part in (self._embed, self._cell, self._linear) if part is not None for p in part.parameters()]

    def __call__(self, x: Any) -> Any:
        if self._embed is not None:
            return self._linear(self._cell(self._embed(x))[0]).flatten(0, 1)
        states = self._cell(x)[0]
        return self._linear(states[:, -1] if self._batch_first else states[-1])


def _parts(workload: Workload, x: NDArray[np.float32], y: NDArray[Any], setting: str) -> tuple[Any, Any, Any, Any, int]:
    """Model, samples, targets, loss, and the axis of both along which samples lie."""
    model: Any  # its call in channels_last is typed only where torch is installed, and it need not be
    if not isinstance(workload, Course):
        model = _model(workload)
        samples, goals = torch.from_numpy(x.copy()), torch.from_numpy(y.copy())
        if "channels_last" in setting:
            model.to(memory_format=torch.channels_last)
            samples = samples.to(memory_format=torch.channels_last)
        if workload.sizes[-1] == 1:
            return model, samples, goals.to(torch.float32)[:, None], nn.BCEWithLogitsLoss(), 0
        return model, samples, goals, nn.CrossEntropyLoss(), 0
    axis = int("steps_first" in setting)
    model = _Recurrent(workload, not axis)
    samples = torch.from_numpy(x.swapaxes(0, axis).copy())
    if not workload.tokens:
        return model, samples, torch.from_numpy(y.copy()), nn.MSELoss(), axis
    return model, samples.long(), torch.from_numpy(y.swapaxes(0, axis).copy()), nn.CrossEntropyLoss(), axis


def clock(workload: Workload, x: NDArray[np.float32], y: NDArray[Any], setting: str) -> Callable[[float], float]:
    """A function that trains for about so many seconds and gives the seconds a step."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    batch = workload.batch
    model, samples, goals, loss_of, axis = _parts(workload, x, y, setting)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, fused="fused" in setting)
    stepwise = isinstance(workload, Course) and bool(workload.tokens)
    told = isinstance(workload, Course) and not workload.tokens
    single = workload.sizes[-1] == 1
    order = torch.randperm(len(x))
    state: dict[str, Any] = {"at": 0, "order": order}
    loss_sum, right_sum = torch.zeros(()), torch.zeros((), dtype=torch.int64)

    def step() -> None:
        if state["at"] + batch > len(x):
            state["at"], state["order"] = 0, torch.randperm(len(x))
        picked = state["order"][state["at"] : state["at"] + batch]
        state["at"] += batch
        inputs = samples[:, picked] if axis else samples[picked]
        goal = (goals[:, picked] if axis and stepwise else goals[picked]).flatten(0, int(stepwise))
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = loss_of(outputs, goal)
        loss.backward()
        optimizer.step()
        loss_sum.add_(loss.detach())
        if not told:
            right = ((outputs > 0) == (goal > 0.5)) if single else outputs.argmax(1) == goal
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
