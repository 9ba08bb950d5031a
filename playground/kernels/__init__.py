"""How it is computed: logical operations become rows, rows call compiled kernels, one call runs many steps.

The engine's way through: ``target = Target(dtype, lanes_for(batch, dtype, isa), isa)``; lay out an arena with
``extent_of`` and ``storage_of``; ``expand`` each operation; ``check_rows``; ``compile.prepare(compile.kernel_names(rows), ...)``;
``Program(target, spaces, control, segments).run(steps)``. Importing this package does not import numba.
"""

from playground.kernels import (  # noqa: F401  (each registers its operations)
    affine,
    batch_norm,
    compile,
    conv,
    elementwise,
    isa,
    layer_norm,
    losses,
    pool,
    recurrent,
    recurrent_gru,
    recurrent_lstm,
    recurrent_weight,
    resample,
    samples,
    sequence,
    shuffle,
    steps,
    tokens,
    update,
)
from playground.kernels.control import Control
from playground.kernels.isa import detect
from playground.kernels.losses import LOSSES
from playground.kernels.operations import accumulates, expand, operation_names, scratch_for, writes_of
from playground.kernels.table import Program, Run, Segment
from playground.kernels.types import (
    ALIGNMENT,
    Access,
    Pointer,
    Region,
    Row,
    Storage,
    Target,
    check_rows,
    extent_of,
    lanes_for,
    padded,
    storage_of,
)
from playground.kernels.update import DEFAULTS, STATES

__all__ = [
    "ALIGNMENT",
    "DEFAULTS",
    "LOSSES",
    "STATES",
    "Access",
    "Control",
    "Pointer",
    "Program",
    "Region",
    "Row",
    "Run",
    "Segment",
    "Storage",
    "Target",
    "accumulates",
    "check_rows",
    "compile",
    "detect",
    "expand",
    "extent_of",
    "isa",
    "lanes_for",
    "operation_names",
    "padded",
    "scratch_for",
    "storage_of",
    "writes_of",
]
