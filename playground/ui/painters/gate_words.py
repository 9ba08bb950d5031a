"""What the gates and states of recurrent cells are, in words: a cell with a gate of a new letter has its row here."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("gates", text)


def gate_words(gate: str) -> str:
    """Of a letter without a row, that letter."""
    names = {
        "i": _tr("input gate"),
        "f": _tr("forget gate"),
        "g": _tr("candidate"),
        "o": _tr("output gate"),
        "c": _tr("cell state"),
        "h": _tr("state"),
        "z": _tr("update gate"),
        "r": _tr("reset gate"),
        "n": _tr("candidate"),
    }
    return names.get(gate, gate)
