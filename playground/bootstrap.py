"""Set-up on the first run, nothing on later ones. Used by ``main.py`` alone; standard library only.

In an interpreter that already has the dependencies nothing is made. Otherwise a ``.venv`` beside ``main.py`` is made and filled,
the kernels are compiled once, and the command goes on in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from playground import system

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "network-playground.stamp"
BAD, INTERRUPTED = 2, 130
WITHOUT_WINDOW = ("examples", "datasets", "layers", "summary", "train", "evaluate", "check-gradients", "export", "bench", "-h", "--help")
REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)\s*(.*)$")
STEPS = 4
STANDARD_ERROR = 2
"""The stream's number: what programs called here say is no output of the command."""


def make_ready(arguments: Sequence[str]) -> None:
    """Return when the command in ``arguments`` can run in this interpreter; go over into ``.venv`` where it cannot here.

    Ends the process with exit code 2 and a message that says what to type where something cannot be done.
    """
    command = arguments[0] if arguments else ""
    testing, drawing = command == "test", command not in WITHOUT_WINDOW
    windowed = drawing and command not in ("test", "screenshot")
    if windowed and command and not command.startswith("-") and not Path(command).is_file():
        return  # neither a command nor a file: the command line refuses it, which takes no environment
    if windowed and not system.has_screen():
        _stop(
            "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window cannot open.\n"
            "To see the app without one:  python3 main.py screenshot spiral picture.png --steps 2000\n"
            "To train without one:        python3 main.py train mnist-mlp --epochs 3"
        )
    if drawing and not windowed:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    offscreen = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in system.OFFSCREEN
    extras = ("test",) if testing else ()
    ready = not unmet(requirements(extras))
    here = Path(sys.prefix) == VENV
    made = ready or (not here and _stamped(extras))
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output is the command's own: with --json one object and nothing else
            if made:
                _system_libraries(drawing, windowed and not offscreen, needs_venv=False)
            else:
                _set_up(drawing, windowed and not offscreen, extras)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    if not ready:
        _go_over(arguments)
    if windowed and not system.display_answers():
        asked = [f"{name}={os.environ[name]}" for name in system.SAY_WHERE if os.environ.get(name)]
        _stop(
            f"No display answers ({', '.join(asked)}), so the window cannot open. Check these variables, or see the app without a screen:  "
            "python3 main.py screenshot spiral picture.png"
        )


def requirements(extras: Sequence[str] = ()) -> list[str]:
    """The requirement lines of ``pyproject.toml``, with those of ``extras``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]


def unmet(lines: Sequence[str]) -> list[str]:
    """Those requirement ``lines`` that this interpreter's packages do not meet."""
    return [line for line in lines if not _met(line)]


def _met(line: str) -> bool:
    match = REQUIREMENT.match(line)
    if match is None:
        return False
    name, bounds = match.groups()
    try:
        version = _numbers(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False
    checks = {">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "!=": lambda a, b: a != b, "==": lambda a, b: a == b}
    for bound in filter(None, bounds.split(",")):
        parts = re.match(r"\s*(>=|<|!=|==)\s*(\S+)", bound)
        if parts is None or not checks[parts[1]](version, _numbers(parts[2])):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """Release numbers alone, padded so that 6.8 and 6.8.0 are one: enough for the bounds we write."""
    found = [int(part) for part in re.findall(r"\d+", version.split("+")[0])[:4]]
    return tuple(found + [0] * (4 - len(found)))


# -- the steps
def _set_up(drawing: bool, on_screen: bool, extras: Sequence[str]) -> None:
    started, made = time.monotonic(), _has_pip()
    if made:
        print("Going on with the set-up of Network Playground: what is missing.", flush=True)
    else:
        print("Setting up Network Playground: once, one to some minutes: downloads (about 180 MB), then compiling.", flush=True)
    _step(1, "system libraries")
    _system_libraries(drawing, on_screen, needs_venv=not made)
    _step(2, f"Python environment {VENV.name}")
    if not made:
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)], "Could not make the Python environment.")
    _step(3, "Python packages")
    install = [str(_python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "on"]
    _run([*install, *requirements(extras)], "Could not install the Python packages; is the network there? Running again goes on from here.")
    _step(4, "compiling the engine's kernels for this processor")
    _run([str(_python()), "-m", "playground.kernels", "--all"], "Could not compile the kernels.")
    STAMP.write_text(_stamp(extras), encoding="utf-8")
    if system.lacks_chinese_font():
        print(f"No Chinese font was found: for Chinese text, {system.line_to_type([system.CHINESE_FONT])}", flush=True)
    print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)


def _system_libraries(drawing: bool, on_screen: bool, needs_venv: bool) -> None:
    wanted = {**(system.BASE if drawing else {}), **(system.screen_libraries() if on_screen else {})}
    packages = system.missing_packages(wanted)
    if needs_venv and system.is_linux() and importlib.util.find_spec("ensurepip") is None:
        packages.append("python3-venv")
    if packages and not system.install(packages):
        _stop(f"System packages are missing. Install them, then run the same command again:\n    {system.line_to_type(packages)}")
    left = system.missing_packages(wanted) if packages else []
    if left:
        _stop(f"These system packages are still missing after installing: {', '.join(left)}. Look at apt-get's messages above.")


def _step(number: int, words: str) -> None:
    print(f"[{number}/{STEPS}] {words}", flush=True)


def _run(command: Sequence[str], failure: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if subprocess.run(command, cwd=ROOT, env=environment, stdout=STANDARD_ERROR, check=False).returncode != 0:
        _stop(failure)


def _has_pip() -> bool:
    """Whether there is a ``.venv`` that can be gone on with: one that was broken off while it was made has a Python, but no whole pip."""
    tried = [str(_python()), "-m", "pip", "install", "--help"]
    with contextlib.suppress(OSError):
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    return False


def _python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _stamp(extras: Sequence[str]) -> str:
    """What ``.venv`` was filled with: a line for the app, one for each extra."""
    return "\n".join(_digest(requirements((extra,) if extra else ())) for extra in ("", *sorted({*extras, *_extras_stamped()})))


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _extras_stamped() -> tuple[str, ...]:
    return ("test",) if STAMP.exists() and _digest(requirements(("test",))) in STAMP.read_text(encoding="utf-8") else ()


def _stamped(extras: Sequence[str]) -> bool:
    """Whether ``.venv`` was filled, to the end, with what ``pyproject.toml`` asks for now."""
    if not (STAMP.exists() and _python().exists()):
        return False
    text = STAMP.read_text(encoding="utf-8")
    return all(_digest(requirements((extra,) if extra else ())) in text for extra in ("", *extras))


def _go_over(arguments: Sequence[str]) -> NoReturn:
    """Go on in ``.venv``: the same process where the system can do that."""
    command = [str(_python()), str(ROOT / "main.py"), *arguments]
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)


def _stop(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(BAD)
