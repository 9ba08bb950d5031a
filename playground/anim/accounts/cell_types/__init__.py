"""Formulas of recurrent cells, one file a type. One without a row here trains, steps and unrolls: its numbers are told as they are."""

from __future__ import annotations

from playground.anim.accounts.cell_types.formulas import Formulas
from playground.anim.accounts.cell_types.gru import GRUFormulas
from playground.anim.accounts.cell_types.lstm import LSTMFormulas
from playground.anim.accounts.cell_types.simple_rnn import SimpleRNNFormulas

_ROWS: dict[str, Formulas] = {"SimpleRNN": SimpleRNNFormulas(), "GRU": GRUFormulas(), "LSTM": LSTMFormulas()}


def find(type: str) -> Formulas | None:
    """The formulas of a layer type by its name."""
    return _ROWS.get(type)
