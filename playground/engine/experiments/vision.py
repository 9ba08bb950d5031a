"""Networks that look at pictures: what the experiments on them share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset
from playground.engine import changes
from playground.errors import EngineError

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.network import Network
    from playground.engine.program.lowering import Lowered
    from playground.engine.run import Run


def copied(run: Run) -> Network:
    """A network of its own with the run's present weights."""
    from playground.engine.network import Network
    from playground.engine.program.lowering import lower

    trainer = run.trainer
    lowered = lower(changes.shaped(run.document, trainer.dataset))
    network = Network(run.document, "float32", trainer.seed, lowered=lowered)
    network.set_parameters(trainer.network.parameters)
    network.step = trainer.step_count
    return network


def shape_of(lowered: Lowered) -> tuple[int, int, int]:
    """(C, H, W) of the one Input; :class:`~playground.errors.EngineError` where it gives no picture."""
    shapes = {node: value.shape for node, value in lowered.inputs.items()}
    if len(shapes) == 1:
        ((_, shape),) = shapes.items()
        if len(shape) == 3:
            return shape
    raise EngineError(
        "these views are for networks that look at pictures.",
        where="Input",
        remedy="Choose a data set of pictures, such as MNIST.",
    )


def ends(dataset: Dataset) -> tuple[float, float]:
    """The lowest and the highest number that a pixel has, over the first training samples, as the network sees it: black and white."""
    x = seen(dataset, dataset.train.x[:1000])
    return float(x.min()), float(x.max())


def seen(dataset: Dataset, x: NDArray[Any]) -> NDArray[np.float32]:
    """Samples as the network sees them."""
    return (x.astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)).astype(np.float32)
