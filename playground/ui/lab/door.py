"""The way into the lab: its commands, and the lab itself once one of them is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.ui.actions import Actions
from playground.ui.workbench import Workbench

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from playground.ui.lab.window import Lab
    from playground.ui.window import Window

COMMANDS = {
    "lab_surface": "surface",
    "lab_values": "values",
    "lab_penalties": "penalties",
    "lab_masks": "masks",
    "lab_rates": "rates",
    "lab_why": "attribution",
    "lab_looks": "strongest",
    "lab_generate": "generate",
}
"""The page that each command opens."""


class Door:
    """Connects the commands; ``lab`` is made at the first of them."""

    def __init__(self, workbench: Workbench, actions: Actions, window: Window) -> None:
        self._workbench, self._window = workbench, window
        self.lab: Lab | None = None
        for name, kind in COMMANDS.items():
            actions.connect(name, lambda kind=kind: self.open(kind))

    def open(self, kind: str) -> Lab:
        """Show this page of the lab."""
        if self.lab is None:
            from playground.ui.lab.window import Lab

            self.lab = Lab(self._workbench, self._window.theme, self._window.explain.formulas, self._window, self._canvases)
        self.lab.open_page(kind)
        return self.lab

    def _canvases(self) -> list[QWidget]:
        return [self._window.canvas.viewport()]
