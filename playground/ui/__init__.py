"""What the user sees: the only package that imports Qt."""

import os

os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
"""Qt's painting else hands every fill of 96 spans and more to threads and waits for them: for a core, beside training. Sixty round boxes
and pictures on a large widget so took 12 ms, and 321 at most beside four busy programs; without, 7 and 55 (measured). Set before the
first fill, as Qt asks once:
https://github.com/qt/qtbase/blob/v6.11.2/src/gui/kernel/qguiapplication.cpp#L4613"""
