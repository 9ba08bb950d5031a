"""What this core can do: multiply-adds on registers alone. The benchmark measures all else against it."""

from __future__ import annotations

from typing import Any

from playground.kernels.language import WIDTH, fma, load, splat, store, unroll
from playground.kernels.template import kernel

CHAINS = 12
"""Independent sums: more than the product of a fused multiply-add's latency (4 cycles) and the units (2), fewer than registers."""


@kernel(lambda r: ([(r.x, 2 * WIDTH)], [(r.y, CHAINS * WIDTH)]), variants=lambda isa: ())
def multiply_adds(memory: Any, count: int, x: int, y: int) -> None:
    """for _ in range(count): s[i] = s[i] * x[0] + x[1], for CHAINS vectors s that stay in registers"""
    a = load(memory, x)
    b = load(memory, x + WIDTH)
    for i in unroll(CHAINS):
        s[i] = splat(float(i))  # noqa: F821  a register each
    for _ in range(count):
        for i in unroll(CHAINS):
            s[i] = fma(s[i], a, b)  # noqa: F821
    for i in unroll(CHAINS):
        store(memory, y + i * WIDTH, s[i])  # noqa: F821


def operations(count: int, width: int) -> int:
    """Floating-point operations of one row: a multiply and an add for each element of each chain."""
    return 2 * count * CHAINS * width
