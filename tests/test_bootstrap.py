"""Set-up, without doing any: what is met, what is missing, what is said, and that it says it before Qt could abort."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from playground import bootstrap, cli, system

ROOT = Path(__file__).resolve().parents[1]


class OverError(Exception):
    """The process would have gone over into ``.venv``."""


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with all libraries and a screen, where nothing is set up and nothing can be run by accident."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "stamp")
    monkeypatch.setattr(bootstrap, "_has_pip", (tmp_path / ".venv" / "bin" / "python").exists)
    monkeypatch.setattr(system, "missing_packages", lambda libraries: [])
    monkeypatch.setattr(system, "display_answers", lambda: True)
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)

    def over(path: str, command: list[str]) -> None:
        raise OverError(*command[2:])

    monkeypatch.setattr(os, "execv", over)
    return tmp_path


def said(bare: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[list[str]]:
    """The commands that set-up would run for ``arguments``."""
    commands: list[list[str]] = []

    def run(command: list[str], failure: str) -> None:
        commands.append(command)
        (bare / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
        (bare / ".venv" / "bin" / "python").touch()

    monkeypatch.setattr(bootstrap, "_run", run)
    with pytest.raises(OverError):
        bootstrap.make_ready(arguments)
    return commands


# -- the ready environment
def test_an_environment_that_has_all_runs_at_once(bare: Path) -> None:
    bootstrap.make_ready(["test"])
    bootstrap.make_ready(["train", "xor"])
    assert not (bare / ".venv").exists()


@pytest.mark.parametrize(
    ("line", "met"),
    [
        ("numpy", True),
        ("numpy>=1.0", True),
        ("numpy>=99", False),
        ("numpy<1", False),
        ("pytest>=8.3,!=0.1.0,<99", True),
        ("surely-not-installed-anywhere>=1", False),
        ("numpy ~= 2", False),
    ],
)
def test_requirements_are_compared_with_what_is_installed(line: str, met: bool) -> None:
    assert (bootstrap.unmet([line]) == []) == met


def test_the_broken_qt_binding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = [line for line in bootstrap.requirements() if line.startswith("pyside6")]
    for version, met in (("6.11.3", True), ("6.12.0", False), ("6.8", True), ("6.7.3", False)):
        monkeypatch.setattr(bootstrap.importlib.metadata, "version", lambda name, version=version: version)
        assert (bootstrap.unmet([line]) == []) == met


# -- setting up
def test_a_bare_machine_is_set_up_once_then_used(bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bootstrap, "unmet", lambda lines: lines)
    commands = said(bare, monkeypatch, "test")
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"], ["-m", "playground.kernels"]]
    assert any(argument.startswith("pytest>=") for argument in commands[1])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert all(f"[{number}/4]" in shown.err for number in range(1, 5))
    assert said(bare, monkeypatch, "test") == []
    assert said(bare, monkeypatch) == []


def test_an_environment_that_was_broken_off_while_it_was_made_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(environment: Path) -> bool:
        monkeypatch.setattr(bootstrap, "VENV", environment)
        return bootstrap._has_pip()

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "half")], check=True)
    assert not whole(tmp_path / "half")
    assert not whole(tmp_path / "none")
    assert whole(Path(sys.prefix)) == (importlib.util.find_spec("pip") is not None)


def test_what_was_broken_off_goes_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "unmet", lambda lines: lines)
    monkeypatch.setattr(bootstrap, "_has_pip", lambda: False)
    (bare / ".venv" / "bin").mkdir(parents=True)
    (bare / ".venv" / "bin" / "python").touch()
    assert said(bare, monkeypatch)[0][1:] == ["-m", "venv", "--clear", str(bare / ".venv")]


def test_tests_need_more_than_the_app(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "unmet", lambda lines: lines)
    app = said(bare, monkeypatch, "train", "xor")
    assert not any(argument.startswith("pytest") for command in app for argument in command)
    assert [command[1:3] for command in said(bare, monkeypatch, "test")] == [["-m", "pip"], ["-m", "playground.kernels"]]


def test_changed_dependencies_are_installed_again(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "unmet", lambda lines: lines)
    said(bare, monkeypatch)
    lines = bootstrap.requirements()
    monkeypatch.setattr(bootstrap, "requirements", lambda extras=(): [*lines, "another>=1"])
    assert [command[2] for command in said(bare, monkeypatch)] == ["pip", "playground.kernels"]


# -- what is missing is said
def test_missing_libraries_that_cannot_be_installed_are_named_with_the_line(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "missing_packages", lambda libraries: ["libgl1"] if "libGL.so.1" in libraries else [])
    monkeypatch.setattr(system, "install", lambda packages: False)
    with pytest.raises(SystemExit) as ended:
        bootstrap.make_ready(["test"])
    assert ended.value.code == 2
    assert "apt-get install -y --no-install-recommends libgl1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("user", "sudo", "line"),
    [
        (0, None, "apt-get update && apt-get install -y --no-install-recommends libgl1"),
        (1, "/usr/bin/sudo", "sudo apt-get update && sudo apt-get install -y --no-install-recommends libgl1"),
        (1, None, 'su -c "apt-get update && apt-get install -y --no-install-recommends libgl1"'),
    ],
)
def test_the_line_to_type_is_right_for_who_types_it(monkeypatch: pytest.MonkeyPatch, user: int, sudo: str | None, line: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(system.shutil, "which", lambda name: sudo)
    assert system.line_to_type(["libgl1"]) == line
    bootstrap.make_ready(["train", "xor"])


def test_only_a_window_asks_for_the_screens_libraries(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[set[str]] = []

    def missing(libraries: dict[str, str]) -> list[str]:
        asked.append(set(libraries))
        return []

    monkeypatch.setattr(system, "missing_packages", missing)
    for arguments in (["summary", "xor"], ["screenshot", "xor", "a.png"], []):
        monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
        bootstrap.make_ready(arguments)
    assert asked == [set(), set(system.BASE), set(system.BASE) | set(system.SCREEN)]


def test_without_a_screen_the_window_says_so_and_offers_a_screenshot(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SystemExit) as ended:
        bootstrap.make_ready([])
    assert ended.value.code == 2
    assert "main.py screenshot" in capsys.readouterr().err
    bootstrap.make_ready(["screenshot", "xor", "a.png"])


def test_an_unknown_word_is_refused_before_any_set_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    bootstrap.make_ready(["trian"])
    assert cli.main(["trian"]) == 2
    assert "Did you mean train?" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "playground.document", None)  # as in an interpreter without the packages that it needs
    assert cli.main(["nosuch.playground"]) == 2
    assert "no command and no file 'nosuch.playground'" in capsys.readouterr().err


def test_what_set_up_runs_says_nothing_on_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    bootstrap._run([sys.executable, "-c", "print('compiled')"], "It failed.")
    assert capfd.readouterr() == ("", "compiled\n")


def test_a_display_that_does_not_answer_is_our_message_not_an_abort() -> None:
    if not system.is_linux() or system.missing_packages({"libxcb.so.1": "libxcb1", **system.BASE, **system.SCREEN}):
        pytest.skip("the screen's libraries are not here, and their absence is what would be said")
    environment = {**os.environ, "DISPLAY": ":9876"}
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
        environment.pop(name, None)
    done = subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert ":9876" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wayland_display_answers_where_its_socket_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "is_linux", lambda: True)
    wayland = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert not system.display_answers(wayland)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as compositor:
        compositor.bind(str(tmp_path / "wayland-0"))
        compositor.listen()
        assert system.display_answers(wayland)
        assert system.display_answers({"WAYLAND_DISPLAY": str(tmp_path / "wayland-0")})
        assert not system.display_answers({**wayland, "QT_QPA_PLATFORM": "xcb"})
        monkeypatch.setattr(system, "_x_answers", lambda display: False)
        assert system.display_answers({**wayland, "DISPLAY": ":0"})  # Qt takes the one that does
        assert not system.display_answers({**wayland, "DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"})
        assert system.screen_libraries({**wayland, "DISPLAY": ":0"}) == system.WAYLAND
    monkeypatch.setattr(system, "_x_answers", lambda display: True)
    assert system.display_answers({**wayland, "DISPLAY": ":0"})
    assert not system.display_answers({**wayland, "DISPLAY": ":0", "QT_QPA_PLATFORM": "wayland-egl"})
    assert system.screen_libraries({**wayland, "DISPLAY": ":0"}) == system.screen_libraries({"DISPLAY": ":0"}) == system.SCREEN
    assert system.screen_libraries(wayland) == system.WAYLAND


def test_a_platform_that_qt_lacks_is_tried_where_it_may_abort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "is_linux", lambda: True)
    tried: list[str] = []

    def run(command: list[str], env: dict[str, str], **_: object) -> subprocess.CompletedProcess[bytes]:
        tried.append(env["QT_QPA_PLATFORM"])
        return subprocess.CompletedProcess(command, -6)

    monkeypatch.setattr(system.subprocess, "run", run)
    environment = {"QT_QPA_PLATFORM": "bogus:a=b", "DISPLAY": ":0"}
    assert system.has_screen(environment)
    assert not system.display_answers(environment)
    assert tried == ["bogus"]
    assert system.display_answers({"QT_QPA_PLATFORM": "offscreen"})


def test_no_sudo_without_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system.sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    run: list[list[str]] = []
    monkeypatch.setattr(system.subprocess, "run", lambda command, **_: run.append(command) or subprocess.CompletedProcess(command, 0))
    monkeypatch.setattr("builtins.input", lambda question: "")
    assert not system.install(["libgl1"])
    assert run == []
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert system.install(["libgl1"])
    assert [command[:2] for command in run] == [["sudo", "apt-get"], ["sudo", "apt-get"]]
    assert run[1][-1] == "libgl1"


# -- standard library only
@pytest.mark.parametrize("file", ["main.py", "playground/__init__.py", "playground/bootstrap.py", "playground/system.py"])
def test_set_up_imports_nothing_that_set_up_installs(file: str) -> None:
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        for name in names:
            assert name.split(".")[0] in {*sys.stdlib_module_names, "playground"}, f"{file} imports {name}"
