"""torch.optim's update rules, one number at a time, from its documentation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Optimizer:
    """``step(weights, gradients)`` returns the new weights. ``l1`` and ``l2`` are added to the gradient, as weight_decay is."""

    name: str
    rate: float
    l1: float = 0.0
    l2: float = 0.0
    momentum: float = 0.9
    alpha: float = 0.99
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01
    t: int = 0
    first: dict[int, float] = field(default_factory=dict)
    second: dict[int, float] = field(default_factory=dict)

    def step(self, weights: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        self.t += 1
        new = [self._one(i, float(w), float(g)) for i, (w, g) in enumerate(zip(weights.ravel(), gradients.ravel(), strict=True))]
        return np.array(new).reshape(weights.shape)

    def _one(self, i: int, w: float, g: float) -> float:
        g += self.l2 * w + self.l1 * ((w > 0) - (w < 0))
        if self.name == "sgd":
            return w - self.rate * g
        if self.name in ("momentum", "nesterov"):
            self.first[i] = self.momentum * self.first.get(i, 0.0) + g
            return w - self.rate * (self.first[i] if self.name == "momentum" else g + self.momentum * self.first[i])
        if self.name == "rmsprop":
            self.first[i] = self.alpha * self.first.get(i, 0.0) + (1 - self.alpha) * g * g
            return w - self.rate * g / (math.sqrt(self.first[i]) + self.epsilon)
        if self.name == "adamw":
            w -= self.rate * self.weight_decay * w
        self.first[i] = self.beta1 * self.first.get(i, 0.0) + (1 - self.beta1) * g
        self.second[i] = self.beta2 * self.second.get(i, 0.0) + (1 - self.beta2) * g * g
        m = self.first[i] / (1 - self.beta1**self.t)
        v = self.second[i] / (1 - self.beta2**self.t)
        return w - self.rate * m / (math.sqrt(v) + self.epsilon)


def clipped(gradients: list[np.ndarray], most: float) -> list[np.ndarray]:
    """torch.nn.utils.clip_grad_norm_: all gradients scaled so that their common norm is at most ``most``."""
    norm = math.sqrt(sum(float(g) ** 2 for array in gradients for g in array.ravel()))
    return [array * min(1.0, most / (norm + 1e-6)) for array in gradients]
