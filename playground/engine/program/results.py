"""What a call of a program hands back: plain records, to be had without a kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NOTHING = np.empty(0)
NOTHING.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where the numbers left the range: first ``node`` in pass order, ``what`` (``"output"``, ``"weight"``, ``"sum"`` ...).

    ``text`` tells it all, step and remedy included; ``short`` what happened and where, for who offers remedies to click. ``data`` says
    that a sample was at fault: no setting of the training helps.
    """

    step: int
    node: str
    what: str
    text: str
    data: bool = False
    short: str = ""
