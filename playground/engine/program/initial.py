"""Initial weights: each array drawn from (seed, node id, parameter name), so that an edit elsewhere changes nothing here."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from playground.engine.program.lowering import Lowered
from playground.layers import initializers
from playground.layers.spec import Parameter


def initial_parameter(parameter: Parameter, node: str, seed: int) -> NDArray[np.float64]:
    """The start values of one parameter in its public shape."""
    return initializers.initial(parameter, np.random.Generator(np.random.Philox(key=node_key(seed, node, parameter.name))))


def initial_parameters(lowered: Lowered, seed: int) -> dict[str, NDArray[np.float64]]:
    """The start values of all parameters, keyed ``"node id/name"``: those that the document gives, the others drawn."""
    return {p.key: initial_parameter(p.parameter, p.node, seed) if p.initial is None else p.initial for p in lowered.parameters}


def node_key(seed: int, node: str, purpose: str) -> int:
    """A 63-bit key for a node's own stream of random numbers."""
    digest = hashlib.blake2b(f"{seed}/{node}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
