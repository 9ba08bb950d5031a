"""The paces of the slider: one scale from every single stage to full speed. The three segments are presets on it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from playground.anim.clock import CELL_SECONDS


@dataclass(frozen=True, slots=True)
class Pace:
    """``name`` is the worker's pace. ``speed`` multiplies the times of *explain*, ``steps_per_pass`` is how many steps each
    shown pass of *watch* stands for, ``epochs`` how many go by at most between two pictures of *fast* (0: no bound)."""

    name: str
    speed: float = 1.0
    steps_per_pass: int = 1
    epochs: int = 0

    def words(self, grain: str = "node") -> str:
        """What the position means, for a reader who steps by ``grain``."""
        if self.name == "explain":
            if grain == "cell":
                text = QCoreApplication.translate("Pace", "× {speed} · {seconds} s a cell")
                return text.format(speed=f"{self.speed:g}", seconds=f"{CELL_SECONDS / self.speed:.2g}")
            text = QCoreApplication.translate("Pace", "× {speed} · {seconds} s a stage")
            return text.format(speed=f"{self.speed:g}", seconds=f"{1 / self.speed:g}")
        if self.name == "watch":
            if self.steps_per_pass == 1:
                return QCoreApplication.translate("Pace", "1 step a pass")
            return QCoreApplication.translate("Pace", "{steps:,} steps a pass").format(steps=self.steps_per_pass)
        if self.epochs == 1:
            return QCoreApplication.translate("Pace", "1 epoch a picture")
        if self.epochs:
            return QCoreApplication.translate("Pace", "{epochs} epochs a picture").format(epochs=self.epochs)
        return QCoreApplication.translate("Pace", "full speed")


SCALE: tuple[Pace, ...] = (
    Pace("explain", 0.25),
    Pace("explain", 0.5),
    Pace("explain", 1.0),
    Pace("explain", 2.0),
    Pace("explain", 4.0),
    Pace("watch", steps_per_pass=1),
    Pace("watch", steps_per_pass=10),
    Pace("watch", steps_per_pass=100),
    Pace("fast", epochs=1),
    Pace("fast", epochs=10),
    Pace("fast"),
)
PRESETS: dict[str, Pace] = {"explain": SCALE[2], "watch": SCALE[5], "fast": SCALE[8]}
NAMES = tuple(PRESETS)


def position(pace: Pace) -> int:
    """Where the slider stands for ``pace``: its own place, else that of its preset."""
    return SCALE.index(pace) if pace in SCALE else SCALE.index(PRESETS[pace.name])
