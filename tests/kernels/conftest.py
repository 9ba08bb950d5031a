"""Targets that kernel tests run on: every vector width works on any machine."""

from __future__ import annotations

import pytest

from playground.kernels import Target

TARGETS = [Target("float32", lanes, "avx512") for lanes in (1, 16, 32, 128)]
TARGETS += [Target("float32", 8, "avx2"), Target("float32", 24, "avx2"), Target("float32", 4, "generic"), Target("float32", 1, "generic")]
TARGETS += [Target("float64", 8, "avx512"), Target("float64", 1, "avx512"), Target("float64", 4, "avx2"), Target("float64", 6, "generic")]


def name_of(target: Target) -> str:
    return f"{target.dtype}-{target.isa}-{target.lanes}"


@pytest.fixture(params=TARGETS, ids=name_of)
def target(request: pytest.FixtureRequest) -> Target:
    return request.param
