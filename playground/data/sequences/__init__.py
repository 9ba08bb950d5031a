"""Sequences made on the spot by seed and formula, and pictures read as sequences."""

from playground.data.sequences.counted import COUNTED
from playground.data.sequences.grammars import GRAMMARS
from playground.data.sequences.remembered import REMEMBERED
from playground.data.sequences.rows import ROWS
from playground.data.sequences.spelled import SPELLED
from playground.data.sequences.streamed import STREAMED
from playground.data.sequences.waves import WAVES

SEQUENCES = (*COUNTED, *REMEMBERED, *SPELLED, *GRAMMARS, *WAVES, *ROWS)

__all__ = ["SEQUENCES", "STREAMED"]
