"""Colors for classes: hues evenly round OKLCh, neighbors told apart by lightness as well. Never the only channel: names stand beside."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from playground.anim import ramps

LIGHTNESS = {"dark": (0.82, 0.68), "light": (0.56, 0.43)}
"""Of every other class: both contrast with panel and canvas by 3 to 1 at least."""
CHROMA, FIRST = 0.15, 25.0


@cache
def class_color(theme: str, at: int, classes: int) -> tuple[int, int, int]:
    """Red, green, blue (0 to 255) of class ``at`` of so many; ``theme`` is dark or light."""
    hue = math.radians(FIRST + 360 * at / max(classes, 1))
    lightness, chroma = LIGHTNESS[theme][at % 2], CHROMA
    while True:  # as colorful as the screen can show at this lightness
        linear = ramps.linear_of((lightness, chroma * math.cos(hue), chroma * math.sin(hue)))
        if chroma <= 0 or (linear.min() >= -1e-6 and linear.max() <= 1 + 1e-6):
            break
        chroma -= 0.005
    red, green, blue = (int(part) for part in np.round(ramps.encoded(linear) * 255))
    return red, green, blue
