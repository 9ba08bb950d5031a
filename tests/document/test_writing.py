"""Places that cannot be written or read end in a clear error at once; what was there stays."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from pathlib import Path

import pytest

from playground import export
from playground.document import Document, Project, load, load_project, save, save_project
from playground.document.writing import replacing, write_atomically
from playground.errors import FileError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and links are POSIX's")


def odd(tmp_path: Path, kind: str) -> Path:
    """Something called like a project that is none."""
    path = tmp_path / "odd.playground"
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    elif kind == "a device":
        path.symlink_to("/dev/null")
    return path


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a socket", "a device"])
def test_what_is_no_file_is_neither_replaced_nor_read(tmp_path: Path, kind: str) -> None:
    path = odd(tmp_path, kind)
    before = path.lstat()
    for attempt in (
        lambda: save(Document(), path),
        lambda: save_project(Project(Document()), path),
        lambda: load(path),
        lambda: load_project(path),
        lambda: export.write(path, {}, format="npz"),
        lambda: export.read(path, "npz"),
    ):
        with pytest.raises(FileError, match=rf"odd\.playground: expected a file, but this is {kind}\. Choose another name or folder\."):
            attempt()
    assert (path.lstat().st_mode, path.lstat().st_ino) == (before.st_mode, before.st_ino)
    assert os.listdir(tmp_path) == ["odd.playground"]


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "mine.playground"
    link.symlink_to(tmp_path / "there" / "real.playground")
    for _ in range(2):  # the file that it leads to is made, then replaced
        save(Document(), link)
        assert link.is_symlink()
        assert load(tmp_path / "there" / "real.playground") == Document()


def test_a_folder_that_is_none_or_gone_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "none" / "x.playground", tmp_path / "file" / "x.playground", Path("/proc/x.playground")):
        with pytest.raises(FileError, match=rf"{path}: cannot write here: .*Choose another folder"):
            save(Document(), path)


def test_a_folder_that_vanishes_meanwhile_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "going"
    folder.mkdir()
    with pytest.raises(FileError, match="cannot write it"), replacing(folder / "x"):
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "Free some space"), (errno.EACCES, "that you may write to"), (errno.EROFS, "that you may write to")],
)
def test_the_remedy_fits_the_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str) -> None:
    path = tmp_path / "x.playground"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, refuse)
            with pytest.raises(FileError, match=rf"{os.strerror(number)}.*untouched.*{remedy}"):
                write_atomically(path, b"new")
    with monkeypatch.context() as patch:
        patch.setattr("tempfile.mkstemp", lambda **_: refuse())
        with pytest.raises(FileError, match=rf"cannot write here: {os.strerror(number)}.*{remedy}"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.playground"]


def test_a_write_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.playground"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(FileError, match=r"write-protected.*that you may write to"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_names_of_every_length_are_written_or_refused(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("a" * 255), b"1")
    with pytest.raises(FileError, match="Choose a shorter name"):
        write_atomically(tmp_path / ("a" * 256), b"1")


def test_what_a_killed_program_left_half_written_goes_with_the_next_save(tmp_path: Path) -> None:
    old, new, other = tmp_path / ".playground-old.new", tmp_path / ".playground-young.new", tmp_path / "old.new"
    for left in (old, new, other):
        left.write_bytes(b"half")
    for left in (old, other):
        os.utime(left, (0, 0))
    write_atomically(tmp_path / "a.json", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [new.name, "a.json", "old.new"]
