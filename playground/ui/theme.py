"""Colors, fonts and pens of the window: one frozen dataclass a theme, no color anywhere else in the code."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

import numpy as np
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette

from playground.anim import ramps

LATIN = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")
CHINESE = ("Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei")


@dataclass(frozen=True)
class Theme:
    """Tokens of the UI guide, by their names there; each value is ``"#RRGGBB"``. ``color(name)`` gives a QColor."""

    name: str
    canvas: str
    grid: str
    window: str
    panel: str
    card: str
    head: str
    field: str
    raised: str
    line: str
    line2: str
    line3: str
    text: str
    text2: str
    text3: str
    off: str
    wire: str
    accent: str
    accent_fill: str
    accent_soft: str
    on_accent: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    pos: str
    neg: str
    err: str
    err_neg: str
    upd: str
    s1: str
    s2: str
    s3: str
    s4: str
    nan_a: str
    nan_b: str
    plus_class: str = "#0B4A80"
    minus_class: str = "#7A3F00"
    rim: str = "#FFFFFF"

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """The token as a color, at an opacity of 0..1."""
        color = QColor(getattr(self, token))
        color.setAlphaF(alpha)
        return color

    def ramp(self, name: str) -> np.ndarray:
        """uint8 (256, 3) of the data ramp ``div``, ``seq``, ``err`` or ``gray``."""
        return ramps.table(self.name, name)

    @cached_property
    def _tables(self) -> dict[str, list[int]]:
        packed = {}
        for name in ramps.ANCHORS[self.name]:
            entries = self.ramp(name).astype(np.uint32)
            packed[name] = (0xFF000000 | entries[:, 0] << 16 | entries[:, 1] << 8 | entries[:, 2]).tolist()
        return packed

    def color_table(self, name: str) -> list[int]:
        """The ramp as the color table of an Indexed8 image."""
        return self._tables[name]

    @lru_cache(maxsize=4096)  # noqa: B019 - themes live as long as the program
    def ink(self, red: int, green: int, blue: int) -> QColor:
        """Black or white, whichever contrasts more with a data cell of this color."""
        return QColor("#000000" if _luminance(red, green, blue) > 0.179 else "#FFFFFF")

    def palette(self) -> QPalette:
        """The Qt palette, for what the style sheet does not reach."""
        palette = QPalette(self.color("raised"), self.color("panel"))
        roles = QPalette.ColorRole
        for role, token in (
            (roles.Window, "panel"),
            (roles.WindowText, "text"),
            (roles.Base, "field"),
            (roles.AlternateBase, "panel"),
            (roles.Text, "text"),
            (roles.Button, "raised"),
            (roles.ButtonText, "text"),
            (roles.ToolTipBase, "raised"),
            (roles.ToolTipText, "text"),
            (roles.PlaceholderText, "text3"),
            (roles.Highlight, "accent_fill"),
            (roles.HighlightedText, "on_accent"),
            (roles.Link, "accent"),
        ):
            palette.setColor(role, self.color(token))
        for role in (roles.WindowText, roles.Text, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("off"))
        return palette

    def tokens(self) -> dict[str, str]:
        """All tokens by name, to fill a style sheet with."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __hash__(self) -> int:
        return hash(self.name)


DARK = Theme(
    name="dark", canvas="#131417", grid="#1E2024", window="#18191D", panel="#1C1E22", card="#222429", head="#282B31",
    field="#141519", raised="#2F3239", line="#2B2E35", line2="#3B3F48", line3="#565C68", text="#E8E9EC", text2="#B0B5BF",
    text3="#979DA9", off="#5D636E", wire="#767D8A", accent="#A193FF", accent_fill="#6A58D6", accent_soft="#2A2743",
    on_accent="#FFFFFF", good="#5CC08B", good_soft="#1B3026", warn="#E9BE55", warn_soft="#352D1A", bad="#FF6B6B",
    bad_soft="#3A2023", pos="#4FA8F5", neg="#F59A3C", err="#F06BC0", err_neg="#C3CC4E", upd="#5FD0C5", s1="#E8E9EC",
    s2="#5FD0C5", s3="#E9BE55", s4="#A193FF", nan_a="#FFE45C", nan_b="#17181B",
)  # fmt: skip
LIGHT = Theme(
    name="light", canvas="#F6F6F4", grid="#E7E7E4", window="#ECECEA", panel="#FAFAF9", card="#FFFFFF", head="#F3F3F1",
    field="#FFFFFF", raised="#E6E6E3", line="#DFDFDB", line2="#C6C6C1", line3="#96969A", text="#1B1D22", text2="#4A4F59",
    text3="#5F6570", off="#A3A7AE", wire="#7B808A", accent="#5847CF", accent_fill="#5847CF", accent_soft="#ECE9FC",
    on_accent="#FFFFFF", good="#17794A", good_soft="#E4F3EA", warn="#8A5D00", warn_soft="#FBF1D9", bad="#C22F38",
    bad_soft="#FBE9E9", pos="#1766B5", neg="#A34F00", err="#B5177E", err_neg="#667000", upd="#0F766E", s1="#1B1D22",
    s2="#0F766E", s3="#8A5D00", s4="#5847CF", nan_a="#FFD400", nan_b="#1B1D22",
)  # fmt: skip
THEMES = {"dark": DARK, "light": LIGHT}
INK = "#010203"
"""What formulas are typeset in and kept in: no theme has this color, which the one that is asked for takes the place of."""


@lru_cache(maxsize=2048)
def _luminance(red: int, green: int, blue: int) -> float:
    """Of a color, 0..1. Kept: a picture asks it for the ink of each of its cells, whose colors are those of a ramp."""
    parts = np.array([red, green, blue]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def system_theme() -> Theme:
    """The theme that the system asks for; dark where it does not say."""
    palette = QGuiApplication.palette()
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme.name == "Light":
        return LIGHT
    if scheme.name == "Dark":
        return DARK
    return LIGHT if palette.color(QPalette.ColorRole.Window).lightness() > 160 and scheme.name != "Unknown" else DARK


def font(size: float = 12, weight: int = 400) -> QFont:
    """The UI font at ``size`` px with tabular figures; ``weight`` 400, 500 or 600."""
    made = QFont()
    made.setFamilies([*LATIN, *CHINESE])
    made.setPixelSize(max(1, round(size))) if size == int(size) else made.setPointSizeF(size * 0.75)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
