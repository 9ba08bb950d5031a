"""What the window's commands do on the canvas: each by its name in :mod:`playground.ui.actions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView


def calls(canvas: CanvasView) -> Mapping[str, Callable[[], object]]:
    """Edits of the selection, ways to lay it out, and where to look."""
    editor, camera = canvas.editor, canvas.camera
    return {
        "cut": editor.cut,
        "copy": editor.copy,
        "paste": editor.paste,
        "duplicate": editor.duplicate,
        "delete": editor.remove,
        "select_all": editor.select_all,
        "freeze": editor.freeze,
        "switch_off": editor.switch_off,
        "tidy": editor.tidy,
        "align": lambda: editor.align("middle"),
        "align_top": lambda: editor.align("top"),
        "align_bottom": lambda: editor.align("bottom"),
        "align_center": lambda: editor.align("center"),
        "align_left": lambda: editor.align("left"),
        "align_right": lambda: editor.align("right"),
        "gaps_across": lambda: editor.distribute("x"),
        "gaps_down": lambda: editor.distribute("y"),
        "fit": canvas.fit_all,
        "fit_selection": canvas.fit_selection,
        "unroll": canvas.overlays.toggle_unrolled,
        "zoom_100": camera.actual,
        "zoom_in": lambda: camera.step(1),
        "zoom_out": lambda: camera.step(-1),
    }
