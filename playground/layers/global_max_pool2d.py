"""GlobalMaxPool2D: the largest number of each map."""

from __future__ import annotations

from playground.layers import pooling
from playground.layers.spec import Fields


class GlobalMaxPool2D(pooling.GlobalPool):
    """(C, H, W) to (C): whether what a map looks for is anywhere."""

    name = "GlobalMaxPool2D"
    summary = "One number for each map: its largest. Tells what is there, not where."
    icon = "globalmaxpool"
    operation = "max_pool"

    def formula(self, fields: Fields) -> str:
        return r"a_k = \max_{r,c}\, x_{k,r,c}"
