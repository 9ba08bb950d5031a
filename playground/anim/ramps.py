"""Color ramps for data: anchors interpolated in OKLab to 256 entries, once.

Diverging ramps put zero in the middle (between entries 127 and 128), sequential ones at entry 0. OKLab: Björn Ottosson,
"A perceptual color space for image processing" (2020).
"""

from __future__ import annotations

from functools import cache

import numpy as np

ENTRIES = 256

ANCHORS = {
    "dark": {
        "div": ("#FFB766", "#E98A2B", "#8C5619", "#2E3138", "#1E5888", "#3F97EA", "#86C6FF"),
        "seq": ("#1B1E22", "#1D443F", "#2A7763", "#6DB36F", "#CFDC7E", "#FBF8CF"),
        "err": ("#EEF5A0", "#C3CC4E", "#70762A", "#2E3138", "#8A2F6C", "#F06BC0", "#FFC2E8"),
        "gray": ("#0E0F12", "#F6F6F4"),
    },
    "light": {
        "div": ("#8A4300", "#C26A14", "#EBB67F", "#EFEFEC", "#8DBDE8", "#2574C4", "#0B4685"),
        "seq": ("#F3F4EE", "#CBE0B4", "#83BE92", "#3C9284", "#1C6069", "#0E2F45"),
        "err": ("#3F4500", "#667000", "#B6BE63", "#EFEFEC", "#E29AC9", "#B5177E", "#6B0448"),
        "gray": ("#FFFFFF", "#16181D"),
    },
}

_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(color: str) -> np.ndarray:
    """``"#RRGGBB"`` as three numbers in 0..1."""
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _linear(srgb: np.ndarray) -> np.ndarray:
    linear: np.ndarray = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear


def _srgb(linear: np.ndarray) -> np.ndarray:
    clipped = np.clip(linear, 0, 1)
    encoded: np.ndarray = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return encoded


def linear_of(lab: tuple[float, float, float]) -> np.ndarray:
    """An OKLab color as linear red, green and blue; outside 0..1 where no screen shows it."""
    linear: np.ndarray = np.linalg.inv(_LMS) @ (np.linalg.inv(_LAB) @ np.array(lab)) ** 3
    return linear


def encoded(linear: np.ndarray) -> np.ndarray:
    """Linear colors as sRGB, 0..1."""
    return _srgb(linear)


@cache
def table(theme: str, ramp: str) -> np.ndarray:
    """The ramp as uint8 (256, 3), read-only. ``theme`` is dark or light, ``ramp`` div, seq, err or gray."""
    lab = np.array([_LAB @ np.cbrt(_LMS @ _linear(rgb(anchor))) for anchor in ANCHORS[theme][ramp]])
    at = np.linspace(0, len(lab) - 1, ENTRIES)
    spread = np.stack([np.interp(at, np.arange(len(lab)), lab[:, k]) for k in range(3)], axis=1)
    linear = (np.linalg.inv(_LMS) @ (np.linalg.inv(_LAB) @ spread.T) ** 3).T
    out = np.round(_srgb(linear) * 255).astype(np.uint8)
    out.setflags(write=False)
    return out


def indices(values: np.ndarray, ramp: str, limit: float, stretch: bool = False) -> np.ndarray:
    """Entries of ``ramp`` for ``values`` on the scale ±``limit`` (0..``limit`` for seq and gray): uint8, same shape.

    ``stretch`` is the root stretch, position = |v / limit| ** 0.55. Not-a-number gives entry 0 of the ramp's middle or
    start: whoever draws it must mark it otherwise (``np.isfinite``).
    """
    scaled = np.asarray(values, np.float32) / np.float32(limit if limit > 0 else 1)
    scaled = np.where(scaled == scaled, scaled, np.float32(0))
    if ramp in ("seq", "gray"):
        position = np.clip(scaled, 0, 1)
        position = position**0.55 if stretch else position
    else:
        position = np.clip(scaled, -1, 1)
        position = (np.sign(position) * np.abs(position) ** 0.55 if stretch else position) / 2 + 0.5
    entries: np.ndarray = np.round(position * (ENTRIES - 1)).astype(np.uint8)
    return entries
