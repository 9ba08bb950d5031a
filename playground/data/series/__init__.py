"""Values in the order of time: those that ship, the user's own, and forecasts to compare with."""

from playground.data.series.shipped import SERIES

__all__ = ["SERIES"]
