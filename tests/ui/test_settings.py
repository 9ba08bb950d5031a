"""What the window remembers: the same after a restart, and no slow disk holds up whoever changes it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from playground.document.writing import write_atomically
from playground.paths import state_folder
from playground.ui import settings as settings_file
from playground.ui.settings import RECENT, Settings
from tests.patience import patient
from tests.ui.shell_support import state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def until(test) -> None:
    end = time.monotonic() + patient(10)
    while not test():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_all_that_is_put_comes_back_and_what_is_forgotten_does_not(qapp) -> None:
    first = Settings()
    first.put("theme", "light")
    first.put("motion", True)
    first.put("layout/small/middle", [52, 700, 0])
    first.put("layout/small/folded", True)
    first.put("layouts", "another")
    first.put("geometry", QByteArray(bytes(range(256))))
    first.put("odd", "a, b; “c” = \\ \n 漢")
    first.close()
    second = Settings()
    assert (second.text("theme"), second.flag("motion"), second.numbers("layout/small/middle")) == ("light", True, [52, 700, 0])
    assert bytes(second.raw("geometry").data()) == bytes(range(256))
    assert second.text("odd") == "a, b; “c” = \\ \n 漢"
    second.forget("layout")
    assert second.numbers("layout/small/middle") == []
    second.close()
    third = Settings()
    assert (third.text("layout/small/folded"), third.text("layouts"), third.text("theme")) == ("", "another", "light")
    third.close()


def test_a_disk_that_stands_still_holds_up_nobody_and_all_is_written_once_it_goes_on(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    going, writing = threading.Event(), threading.Event()

    def slow(path: Path, content: bytes) -> None:
        writing.set()
        assert going.wait(patient(10))
        write_atomically(path, content)

    kept = Settings()
    monkeypatch.setattr(settings_file, "write_atomically", slow)
    kept.put("theme", "dark")
    assert writing.wait(patient(10))
    kept.put("theme", "light")
    kept.put("motion", True)
    assert kept.text("theme") == "light"
    going.set()
    kept.close()
    again = Settings()
    assert (again.text("theme"), again.flag("motion")) == ("light", True)
    again.put("theme", "dark")
    again.close()
    again.put("theme", "system")  # after the end: nothing breaks


def test_what_another_window_wrote_stays_and_a_damaged_file_is_begun_anew(qapp) -> None:
    one, other = Settings(), Settings()
    one.put("theme", "light")
    one.close()
    other.put("motion", True)
    other.close()
    both = Settings()
    assert (both.text("theme"), both.flag("motion")) == ("light", True)
    both.close()
    for damage in (b'{"theme": "li', b"[1]", b'{"theme": 1}', b'{"theme": "d\xff"}', b"\xff\xfe", b""):
        (state_folder() / "window.json").write_bytes(damage)
        anew = Settings()
        assert anew.text("theme", "none") == "none"
        anew.put("theme", "dark")
        anew.close()
        again = Settings()
        assert again.text("theme") == "dark"
        again.close()


def test_a_file_that_breaks_while_the_window_is_open_loses_nothing(qapp) -> None:
    kept = Settings()
    kept.put("theme", "light")
    kept.close()
    again = Settings()
    (state_folder() / "window.json").write_bytes(b"")
    again.put("motion", True)
    again.close()
    third = Settings()
    assert (third.text("theme"), third.flag("motion")) == ("light", True)
    third.close()


def test_a_name_that_is_no_text_is_kept_and_so_is_what_comes_after_it(qapp) -> None:
    kept = Settings()
    kept.add_recent(Path(os.fsdecode(b"/tmp/caf\xe9.playground")))
    until(lambda: (state_folder() / "window.json").exists())
    kept.put("theme", "light")
    kept.close()
    again = Settings()
    assert again.text("theme") == "light"
    assert again.text("recent") == os.fsdecode(b"/tmp/caf\xe9.playground")
    again.close()


WRITER = """
import sys
from playground.ui.settings import Settings
kept = Settings()
print("ready", flush=True)
sys.stdin.readline()
for at in range(20):
    kept.put(f"{sys.argv[1]}/{at}", "there")
kept.close()
"""


def test_two_windows_that_write_at_once_lose_nothing(qapp) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], **pipes) for name in ("a", "b")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=patient(30))
        assert writer.returncode == 0
    both = Settings()
    assert [both.text(f"{name}/{at}") for name in ("a", "b") for at in range(20)] == ["there"] * 40
    both.close()


def test_nothing_is_told_where_nothing_can_be_written(qapp) -> None:
    (state_folder() / "window.json").mkdir()
    kept = Settings()
    kept.put("theme", "light")
    kept.close()
    assert kept.text("theme") == "light"


def test_recent_files_are_the_last_few_and_those_that_are_gone_drop_out(qapp, tmp_path: Path) -> None:
    kept = Settings()
    files = [tmp_path / f"{at}.playground" for at in range(RECENT + 2)]
    for file in files:
        file.touch()
        kept.add_recent(file)
    kept.add_recent(files[5])
    assert kept.recent() == [files[5], files[9], files[8], files[7], files[6], files[4], files[3], files[2]]
    files[8].unlink()
    until(lambda: files[8] not in kept.recent())
    files[8].touch()
    kept.add_recent(files[8])
    assert kept.recent()[0] == files[8]
    kept.forget_recent(files[8])
    assert files[8] not in kept.recent()
    kept.close()
