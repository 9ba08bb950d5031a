"""``main.py test``: what goes to pytest as it is, what runs two at a time, and what a second try may and may not mend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from playground import cli, suite

CONFTEST = Path(__file__).with_name("conftest.py")
FAILS_ONCE = "from pathlib import Path\ndef test_it():\n    seen = Path('seen')\n    if not seen.exists():\n        seen.touch()\n        "


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite with this one's ``conftest.py`` and its folders."""
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    monkeypatch.setattr(suite, "FAILED", tmp_path / ".pytest_cache/v/cache/lastfailed")
    monkeypatch.setattr(suite, "cores", lambda: 2)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-q -p xdist")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    for folder in ("ui", "gui", "core"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
    (tmp_path / "tests/conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"))
    return tmp_path


def put(project: Path, name: str, content: str) -> None:
    (project / "tests" / f"{name}.py").write_text(content)


def test_arguments_go_to_pytest_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr(pytest, "main", lambda arguments: given.append(arguments) or 5)
    monkeypatch.setattr(suite, "_pytest", lambda *arguments: pytest.fail("a run of its own"))
    assert cli.main(["test", "-k", "nothing"]) == 5
    assert given == [["-k", "nothing"]]


def test_windows_share_one_process_and_what_fails_beside_another_is_tried_by_itself(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    noting = "import os, time\ndef test_{0}():\n    time.sleep(0.2)\n    open('order', 'a').write(f'{{os.getpid()}} {0}\\n')\n"
    for name in ("ui/test_a", "gui/test_b", "ui/test_c", "core/test_d"):
        put(project, name, noting.format(name[-1]))
    put(project, "core/test_once", FAILS_ONCE + "assert False")
    assert suite.run([]) == 0
    seen = [line.split() for line in (project / "order").read_text().splitlines()]
    windows = [(process, name) for process, name in seen if name != "d"]
    assert [name for _, name in windows] == ["b", "a", "c"]
    assert len({process for process, _ in windows}) == 1
    assert len({process for process, _ in seen}) == 2
    shown = capfd.readouterr().out
    assert "1 failed; again by themselves" in shown
    assert "tests/core/test_once.py::test_it PASSED" in shown


def test_a_process_that_dies_is_not_tried_again(project: Path) -> None:
    put(project, "core/test_once", FAILS_ONCE.replace("import Path", "import Path\nimport os") + "os._exit(3)")
    put(project, "ui/test_fine", "def test_it(): pass")
    assert suite.run([]) == pytest.ExitCode.INTERNAL_ERROR


@pytest.mark.parametrize("last", [0, suite.SOME_FAILED])
def test_the_last_try_decides(last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [last, suite.SOME_FAILED, suite.SOME_FAILED]
    monkeypatch.setattr(suite, "cores", lambda: 2)
    monkeypatch.setattr(suite, "_pytest", lambda *arguments: codes.pop())
    assert suite.run([]) == last
    assert not codes


def test_one_core_runs_one_at_a_time(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(suite, "cores", lambda: 1)
    monkeypatch.setattr(suite, "_pytest", lambda *arguments: ran.append(arguments) or suite.SOME_FAILED)
    assert suite.run([]) == suite.SOME_FAILED
    assert ran == [()]


def test_without_pytest_the_way_to_it_is_said() -> None:
    code = "import sys; sys.modules['pytest'] = None\nfrom playground import cli; sys.exit(cli.main(['test']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=CONFTEST.parents[1], check=False)
    assert done.returncode == 2
    assert "pip install -e" in done.stderr
