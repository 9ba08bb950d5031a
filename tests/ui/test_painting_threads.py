"""Qt paints on the window's thread alone."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

SHOWN = """
    import os
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from playground.ui import theme
    from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
    app = QGuiApplication([])
    before = len(os.listdir("/proc/self/task"))
    image = QImage(2000, 2000, QImage.Format.Format_ARGB32)
    with QPainter(image) as painter:
        painter.setBrush(QColor(255, 0, 0, 100))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawEllipse(0, 0, 2000, 2000)
    print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
@pytest.mark.parametrize("pooled", [False, True])
def test_a_large_fill_waits_for_no_thread(pooled: bool) -> None:
    """Qt's pool is off; without our package the same fill is seen to start threads."""
    program = textwrap.dedent(SHOWN)
    if pooled:
        program = program.replace("from playground.ui import theme", "", 1)
    environment = {name: value for name, value in os.environ.items() if name != "QT_NO_GUI_THREADPOOL"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60, env=environment)
    assert (int(done.stdout) > 0) == pooled
