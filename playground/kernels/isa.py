"""Which instruction set the kernels are made for."""

from __future__ import annotations

import os
from functools import cache

from playground.errors import EngineError
from playground.kernels.types import VECTOR_BYTES


def detect() -> str:
    """``"avx512"``, ``"avx2"`` or ``"generic"``: the widest that this processor has; ``PLAYGROUND_ISA`` overrides it."""
    forced = os.environ.get("PLAYGROUND_ISA")
    if forced:
        if forced not in VECTOR_BYTES:
            raise EngineError(
                f"unknown instruction set '{forced}'.", where="PLAYGROUND_ISA", remedy=f"Use one of {', '.join(VECTOR_BYTES)}, or unset it."
            )
        return forced
    return _of_this_machine()


@cache
def _of_this_machine() -> str:
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    if all(features.get(name) for name in ("avx512f", "avx512vl", "avx512dq", "avx512bw")):
        return "avx512"
    return "avx2" if features.get("avx2") and features.get("fma") else "generic"
