"""What the system itself must offer before Qt may be touched: shared libraries and a screen. Standard library only.

Qt ends the whole process when its platform plugin finds no library or no display, so both are looked at first.
"""

from __future__ import annotations

import ctypes
import os
import shutil
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
}
"""The same for a window on an X display."""

CHINESE_FONT = "fonts-noto-cjk"
CHINESE_FILES = ("*CJK*", "*wqy*", "*DroidSansFallback*", "*uming*", "*ukai*", "*SourceHanSans*")
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
OFFSCREEN = ("offscreen", "minimal", "vnc")


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
    if not is_linux() or environment.get("QT_QPA_PLATFORM", "").split(":")[0] in OFFSCREEN:
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def display_answers(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the X server that DISPLAY names takes a connection. Asked only where Qt would connect to X."""
    platform = environment.get("QT_QPA_PLATFORM", "")
    wayland = environment.get("WAYLAND_DISPLAY") and not platform.startswith("xcb")
    if not is_linux() or wayland or platform.split(":")[0] in OFFSCREEN:
        return True
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(environment.get("DISPLAY", "").encode(), None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def install_line(packages: Iterable[str]) -> str:
    """The command that installs Debian ``packages``."""
    return "apt-get install -y --no-install-recommends " + " ".join(packages)


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
