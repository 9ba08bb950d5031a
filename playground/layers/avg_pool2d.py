"""AvgPool2D: the mean of each window of each map."""

from __future__ import annotations

import math

from playground.layers import geometry, pooling
from playground.layers.spec import Fields


class AvgPool2D(pooling.Pool):
    """(C, H, W) to (C, H', W'). Padded cells do not count: a window at the edge divides by the cells it has (as Keras)."""

    name = "AvgPool2D"
    summary = "Takes the mean of each window: smaller, smoother maps."
    icon = "avgpool"
    fields = pooling.fields("pair", 2)
    operation = "mean_pool"

    def formula(self, fields: Fields) -> str:
        cells = "n" if fields["padding"] not in ("valid", 0) else str(math.prod(geometry.pair(fields["pool_size"])))
        return rf"a_{{k,r,c}} = \frac{{1}}{{{cells}}} \sum_{{u,v}} {self.covered(fields)}"
