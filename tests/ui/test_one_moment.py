"""While a network trains, cards and Explain tell of one moment: the numbers of a sample on the canvas are those in the formulas."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playground.engine.trace import Trace
from playground.ui.canvas.lens import map_lens
from tests.ui.shell_support import running_window


def test_explain_tells_of_what_the_canvas_shows(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench, seen = window.workbench, list[tuple[int, bool]]()

        def look() -> None:  # whenever the loop rests, as an eye that may look at any time
            shown, told = window.canvas.scene_.snapshot, window.explain._shown
            if shown.phase == "training" and shown.trace is not None and bench.snapshot.trace is not shown.trace:
                seen.append((shown.serial, told is shown.trace))

        bench.snapshot_changed.connect(look)
        bench.train()
        qtbot.waitUntil(lambda: len({serial for serial, _ in seen}) >= 5, timeout=20_000)
        bench.pause()
        behind = [same for _, same in seen]
        assert sum(behind) > 0.8 * len(behind), "Explain runs ahead of the canvas, or behind it"


def test_the_lens_tells_of_that_moment_too(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Trace | None]()
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        qtbot.waitUntil(lambda: bench.snapshot.trace is not None)
        monkeypatch.setattr(map_lens, "position", lambda account, trace, *rest: asked.append(trace))
        bench.pictured = replace(bench.snapshot, phase="training")
        bench.snapshot = replace(bench.pictured, trace=None)
        window.map_lens.follow()
        assert asked == [bench.pictured.trace]
