"""``main.py test``: what goes to pytest as it is, what runs beside what, and what a second try may and may not mend."""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatch
from itertools import permutations, product
from pathlib import Path

import pytest

from playground import cli, suite

CONFTEST = Path(__file__).with_name("conftest.py")
FAILS_ONCE = "from pathlib import Path\ndef test_it():\n    seen = Path('seen')\n    if not seen.exists():\n        seen.touch()\n        "
WINDOW = "import pytest\npytestmark = pytest.mark.window\n"
DIES = FAILS_ONCE.replace("import Path", "import Path\nimport os")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite with this one's ``conftest.py`` and its folders, in each of which a test passes."""
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    monkeypatch.setattr(suite, "cores", lambda: 2)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-q")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\nmarkers =\n    slow\n    gui\n    window\n")
    for folder in ("ui", "gui", "core"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
        put(tmp_path, f"{folder}/test_fine_{folder}", WINDOW * (folder == "gui") + "def test_fine(): pass")
    put(tmp_path, "ui/test_very_fine", "def test_fine(): pass")
    (tmp_path / "tests/conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"))
    return tmp_path


def put(project: Path, name: str, content: str) -> None:
    (project / "tests" / f"{name}.py").write_text(content)


def test_arguments_go_to_pytest_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr(pytest, "main", lambda arguments: given.append(arguments) or 5)
    monkeypatch.setattr(suite, "_begun", lambda *arguments, **_: pytest.fail("a run of its own"))
    assert cli.main(["test", "-k", "nothing"]) == 5
    assert given == [["-k", "nothing"]]


def test_windows_share_one_process_and_what_fails_beside_another_is_tried_by_itself(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    noting = "import os, time\ndef test_{0}():\n    time.sleep(0.2)\n    open('order', 'a').write(f'{{os.getpid()}} {0}\\n')\n"
    for name in ("ui/test_a", "gui/test_b", "ui/test_c"):
        put(project, name, WINDOW + noting.format(name[-1]))
    for name in ("core/test_d", "test_e", "ui/test_f", "ui/test_m"):
        put(project, name, noting.format(name[-1]))
    put(project, "core/test_once", FAILS_ONCE + "assert False")
    assert suite.run([]) == 0
    seen = [line.split() for line in (project / "order").read_text().splitlines()]
    windows, core, views, others = ([(process, name) for process, name in seen if name in wanted] for wanted in ("abc", "de", "f", "m"))
    assert [name for _, name in windows] == ["b", "a", "c"]
    assert sorted(name for _, name in core) == ["d", "e"]
    assert [len(views), len(others)] == [1, 1]
    assert [len({process for process, _ in part}) for part in (windows, core, seen)] == [1, 1, 4]
    shown = capfd.readouterr().out
    assert "core: 1 failed; again by themselves" in shown
    assert "tests/core/test_once.py::test_it PASSED" in shown
    assert re.findall(r"(\d) passed", shown)[:4] == ["4", "3", "2", "2"]


def test_the_parts_run_at_a_time(project: Path) -> None:
    waiting = "import time\nfrom pathlib import Path\ndef test_it():\n    Path('{0}').touch()\n    end = time.time() + 60\n"
    waiting += "    while not Path('{1}').exists():\n        assert time.time() < end\n        time.sleep(0.01)\n"
    put(project, "ui/test_one", WINDOW + waiting.format("one", "other"))
    put(project, "core/test_other", waiting.format("other", "one"))
    assert suite.run([]) == 0


def test_the_core_cannot_import_qt_and_the_windows_can(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suite, "TURNS_ALONE", 0)
    put(project, "core/test_it", "def test_it():\n    import PySide6")
    put(project, "ui/test_it", "def test_it():\n    import PySide6")
    assert suite.run([]) == suite.SOME_FAILED
    shown = capfd.readouterr().out
    assert "FAILED tests/core/test_it.py::test_it - ModuleNotFoundError" in shown
    assert "tests/ui/test_it.py" not in shown


@pytest.mark.parametrize(("place", "end"), [("core", "os._exit(0)"), ("ui", "os._exit(1)"), ("ui", "os.abort()")])
def test_a_process_that_dies_is_not_tried_again(project: Path, place: str, end: str) -> None:
    put(project, f"{place}/test_once", DIES + end)
    assert suite.run([]) == suite.DIED


@pytest.mark.parametrize("last", [suite.PASSED, suite.SOME_FAILED])
def test_the_last_try_decides(last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [suite.SOME_FAILED, last]
    monkeypatch.setattr(suite, "cores", lambda: 2)
    monkeypatch.setattr(suite, "_beside", lambda: [suite.PASSED, suite.SOME_FAILED, suite.PASSED, suite.PASSED])
    monkeypatch.setattr(suite, "_begun", lambda part, *arguments: arguments)
    monkeypatch.setattr(suite, "_ended", lambda part, begun: codes.pop(0))
    assert suite.run([]) == last
    assert not codes


def test_one_core_runs_one_at_a_time_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, str]] = []
    monkeypatch.setattr(suite, "cores", lambda: 1)
    monkeypatch.setattr(suite, "_begun", lambda part, *arguments: ran.append(("begun", part.name)))
    monkeypatch.setattr(suite, "_ended", lambda part, begun: ran.append(("ended", part.name)) or suite.SOME_FAILED)
    assert suite.run([]) == suite.SOME_FAILED
    assert ran == [(what, part.name) for part in suite.PARTS for what in ("begun", "ended")]


def test_a_part_that_did_not_end_counts_more_than_one_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "cores", lambda: 2)
    monkeypatch.setattr(suite, "_begun", lambda *arguments: pytest.fail("tried again"))
    for codes in permutations((suite.INTERRUPTED, suite.SOME_FAILED, suite.PASSED, suite.PASSED)):
        monkeypatch.setattr(suite, "_beside", lambda codes=codes: list(codes))
        assert suite.run([]) == suite.INTERRUPTED


def test_every_test_is_in_one_part() -> None:
    windows, core, *views = (part.arguments for part in suite.PARTS)
    assert core[:3] == ("tests", *(f"--ignore={folder}" for folder in suite.FOLDERS))
    assert windows[:-2] == suite.FOLDERS
    for marks in product((False, True), repeat=3):
        named = dict(zip(("slow", "gui", "window"), marks, strict=True))
        taken = [eval(marked, {}, named) for marked in (windows[-1], suite.VIEWS)]
        assert taken == ([False, False] if named["slow"] else [named["gui"] or named["window"], not (named["gui"] or named["window"])])
    a_to_l, m_to_z = (part[:-1] for part in views)
    assert a_to_l == (*suite.FOLDERS, "-m", suite.VIEWS)
    assert m_to_z == ("tests/ui", "-m", suite.VIEWS)
    ignored = [part[-1].removeprefix("--ignore-glob=") for part in views]
    for path in [str(path.relative_to(suite.ROOT)) for folder in suite.FOLDERS for path in (suite.ROOT / folder).rglob("test_*.py")]:
        halves = [
            path.startswith(folders) and not fnmatch(path, glob) for folders, glob in zip((suite.FOLDERS, "tests/ui"), ignored, strict=True)
        ]
        assert sum(halves) == 1, path
    assert all((suite.ROOT / folder).is_dir() for folder in suite.FOLDERS)


def test_without_pytest_the_way_to_it_is_said() -> None:
    code = "import sys; sys.modules['pytest'] = None\nfrom playground import cli; sys.exit(cli.main(['test']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=CONFTEST.parents[1], check=False)
    assert done.returncode == 2
    assert "pip install -e" in done.stderr
