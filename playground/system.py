"""What the system itself must offer before Qt may be touched: shared libraries and a screen. Standard library only.

Qt ends the whole process when its platform plugin finds no library or no display, so both are looked at first.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

BASE = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""Shared library -> Debian package, wherever Qt is imported."""

SCREEN = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-render.so.0": "libxcb-render0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
}
"""The same for a window on an X display: all that Qt's plugin for it is linked with."""

WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
"""The same for a window on a Wayland display, where there is no X display to fall back on."""

CHINESE_FONT = "fonts-noto-cjk"
CHINESE_FILES = ("*CJK*", "*wqy*", "*DroidSansFallback*", "*uming*", "*ukai*", "*SourceHanSans*")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
OFFSCREEN = ("offscreen", "minimal", "vnc")
SAY_WHERE = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""The variables that say where a window shows."""


def is_linux() -> bool:
    return sys.platform.startswith("linux")


def missing_packages(libraries: Mapping[str, str]) -> list[str]:
    """The Debian packages of those ``libraries`` that cannot be loaded; none on other systems, whose wheels bring all."""
    return [package for library, package in libraries.items() if not _loads(library)] if is_linux() else []


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_screen(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a window can be shown here, or Qt was told to draw elsewhere."""
    if not is_linux() or _platforms(environment) - {"xcb", "wayland"}:
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def screen_libraries(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a window needs beyond :data:`BASE` on the displays that Qt would try; where both answer, X's will do."""
    displays = _displays(environment)
    on_x = "xcb" in displays and ("wayland" not in displays or _x_answers(displays["xcb"]))
    return dict(WAYLAND) if "wayland" in displays and not on_x else dict(SCREEN)


def display_answers(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether one of the displays that Qt would try takes a connection: Qt takes the first that does, and aborts where none does."""
    if not is_linux() or _platforms(environment) & set(OFFSCREEN):
        return True
    if unusual := _platforms(environment) - {"xcb", "wayland"}:
        return _starts(";".join(unusual))
    displays = _displays(environment)
    x, wayland = displays.get("xcb"), displays.get("wayland")
    return (x is not None and _x_answers(x)) or (wayland is not None and _wayland_answers(wayland, environment))


def _platforms(environment: Mapping[str, str]) -> set[str]:
    """The kinds of display that Qt was told to take; none where it may choose. ``xcb:option`` is an xcb, ``wayland-egl`` a wayland."""
    asked = environment.get("QT_QPA_PLATFORM", "").split(";")
    names = {name.split(":")[0] for name in asked} - {""}
    return {"wayland" if name.startswith("wayland") else name for name in names}


def _displays(environment: Mapping[str, str]) -> dict[str, str]:
    """The displays that Qt would try, by kind."""
    named = {"xcb": environment.get("DISPLAY", ""), "wayland": environment.get("WAYLAND_DISPLAY", "")}
    asked = _platforms(environment) or named.keys()
    return {kind: name for kind, name in named.items() if name and kind in asked}


def _x_answers(display: str) -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland_answers(display: str, environment: Mapping[str, str]) -> bool:
    """Whether the socket of that name takes a connection (``wl_display_connect``: a name is one in XDG_RUNTIME_DIR)."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
        try:
            connection.connect(os.path.join(environment.get("XDG_RUNTIME_DIR", ""), display))
        except OSError:
            return False
    return True


def _starts(platform: str) -> bool:
    """Whether Qt comes up on a platform that is neither X nor Wayland: tried in a process of its own, which may abort."""
    code = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
    tried = subprocess.run([sys.executable, "-c", code], env={**os.environ, "QT_QPA_PLATFORM": platform}, capture_output=True, check=False)
    return tried.returncode == 0


def install_line(packages: Iterable[str]) -> str:
    """The command that installs Debian ``packages``."""
    return "apt-get install -y --no-install-recommends " + " ".join(packages)


def line_to_type(packages: Iterable[str]) -> str:
    """The line that whoever runs this types to install Debian ``packages``, on a system that has never looked what there is, too."""
    line = f"apt-get update && {install_line(packages)}"
    if os.geteuid() == 0:
        return line
    return line.replace("apt-get", "sudo apt-get") if shutil.which("sudo") else f'su -c "{line}"'


def install(packages: list[str]) -> bool:
    """Install Debian ``packages``: as root at once, with sudo after asking on a terminal. ``False`` where neither can be."""
    if not shutil.which("apt-get"):
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or not sys.stdin.isatty():
            return False
        print(f"These system packages are missing: {', '.join(packages)}.", flush=True)
        if input(f"Install them now with `sudo {install_line(packages)}`? [y/N] ").strip().lower() not in ("y", "yes"):
            return False
        prefix = ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update -qq", install_line(packages).replace("apt-get", "apt-get -qq", 1)):
        print(f"    {command}", flush=True)
        done = subprocess.run([*prefix, *command.split()], env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0 and "install" in command:
            return False
    return True


def lacks_chinese_font() -> bool:
    """Whether a Linux system has no font with Chinese characters, which would then be drawn as boxes."""
    if not is_linux():
        return False
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return not any(next(folder.rglob(pattern), None) for folder in folders if folder.is_dir() for pattern in CHINESE_FILES)
