"""Early stopping: watch the validation loss, keep the best weights, stop when patience runs out."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.engine.program.arena import ParameterLayout

Array = NDArray[Any]
BEST = "best"


class EarlyStopping:
    """``patience`` epochs without a new lowest validation loss end the run."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.best_loss = float("inf")
        self._waited = 0
        self._best: Array | None = None

    def watch(self, loss: float, parameters: Array) -> bool:
        """Note an epoch's loss and, at a new best, a copy of the weights; whether it is time to stop."""
        if loss < self.best_loss:
            self.best_loss, self._waited, self._best = loss, 0, parameters.copy()
        else:
            self._waited += 1
        return self._waited >= self.patience

    def put_back(self, parameters: Array) -> None:
        """Write the best weights, if there are any, into the flat range ``parameters``."""
        if self._best is not None and self._best.shape == parameters.shape:
            parameters[:] = self._best

    # -- saving
    def counters(self) -> dict[str, int]:
        """The loss's bits and the epochs waited, as whole numbers."""
        if self._best is None:
            return {}
        return {"best_loss_bits": struct.unpack("<q", struct.pack("<d", self.best_loss))[0], "epochs_waited": self._waited}

    def arrays(self, layout: ParameterLayout) -> dict[str, Array]:
        """The best weights by ``"node id/parameter/best"``."""
        return {} if self._best is None else {f"{key}/{BEST}": array for key, array in layout.unpack(self._best).items()}

    def restore(self, counters: Mapping[str, int], arrays: Mapping[str, Array], layout: ParameterLayout, parameters: Array) -> None:
        """Take what :meth:`counters` and :meth:`arrays` gave; start afresh where there is nothing."""
        self.best_loss, self._waited, self._best = float("inf"), 0, None
        best = {key: arrays[f"{key}/{BEST}"] for key in layout.keys if f"{key}/{BEST}" in arrays}
        if "best_loss_bits" in counters and len(best) == len(layout.keys):
            self.best_loss = struct.unpack("<d", struct.pack("<q", counters["best_loss_bits"]))[0]
            self._waited = counters.get("epochs_waited", 0)
            self._best = np.zeros_like(parameters)
            layout.pack(best, self._best)
