"""MaxPool2D: the largest number of each window of each map."""

from __future__ import annotations

from playground.layers import pooling
from playground.layers.spec import Fields


class MaxPool2D(pooling.Pool):
    """(C, H, W) to (C, H', W'). Of equals the first in reading order wins; backward, the winner alone gets the error."""

    name = "MaxPool2D"
    summary = "Keeps the largest number of each window: smaller maps, and small shifts matter less."
    icon = "maxpool"
    fields = pooling.fields("pair", 2)
    operation = "max_pool"

    def formula(self, fields: Fields) -> str:
        return rf"a_{{k,r,c}} = \max_{{u,v}}\, {self.covered(fields)}"
