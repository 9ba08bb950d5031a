"""Ctrl+C in the terminal closes the window."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROGRAM = """
    import os, signal, sys
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QDialog
    from playground.ui import app
    from playground.ui.window import Window

    def window():
        return next(one for one in QApplication.topLevelWidgets() if isinstance(one, Window))

    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)

    def look():
        if window().findChild(QDialog, "unsaved_question") is not None:
            print("asked", flush=True)
            interrupt()
        elif not UNSAVED or window().workbench.document.nodes:
            interrupt()

    app.application()
    timer = QTimer()
    timer.setInterval(300)
    timer.timeout.connect(look)
    timer.start()
    if UNSAVED:
        QTimer.singleShot(600, lambda: window().workbench.edit("add", app_edit(window().workbench.document)))
    sys.exit(app.main())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("unsaved", [False, True])
def test_an_interrupt_closes_the_window(tmp_path: Path, unsaved: bool) -> None:
    """One asks about what is not saved; another one, while the question stands, asks no more."""
    program = textwrap.dedent(PROGRAM).replace("UNSAVED", str(unsaved))
    program = "from playground.document import edits\napp_edit = lambda one: edits.add_node(one, 'Dense')[0]\n" + program
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PLAYGROUND_STATE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert ("asked" in done.stdout) == unsaved
