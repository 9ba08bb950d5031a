"""GlobalAvgPool2D: the mean of each map (Lin, Chen & Yan 2013, "Network in Network")."""

from __future__ import annotations

from playground.layers import pooling
from playground.layers.spec import Fields


class GlobalAvgPool2D(pooling.GlobalPool):
    """(C, H, W) to (C): how much of what each map looks for there is in all."""

    name = "GlobalAvgPool2D"
    summary = "One number for each map: its mean. A picture of any size becomes a row of numbers."
    icon = "globalavgpool"
    operation = "mean_pool"

    def formula(self, fields: Fields) -> str:
        return r"a_k = \frac{1}{H W} \sum_{r,c} x_{k,r,c}"
