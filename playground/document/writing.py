"""Files written whole or not at all: beside the target, flushed to the disk, then renamed over it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playground.errors import FileError
from playground.sentences import say

DEVICE = say("a device")
KINDS = {
    stat.S_IFDIR: say("a folder"),
    stat.S_IFIFO: say("a pipe"),
    stat.S_IFSOCK: say("a socket"),
    stat.S_IFCHR: DEVICE,
    stat.S_IFBLK: DEVICE,
}
PREFIX, SUFFIX = ".playground-", ".new"
ABANDONED_SECONDS = 3600
FULL = (errno.ENOSPC, errno.EDQUOT)
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


def path_of(path: str | os.PathLike[str]) -> Path:
    """``path`` as a path. Raises :class:`FileError` on what can be none."""
    try:
        found = Path(path)
    except TypeError as error:
        raise FileError(say("expected a path, got {path!r}.", path=path), remedy="Give a file's name as text or as a Path.") from error
    if "\0" in str(found):
        raise FileError(say("expected a path, got {path!r}: no file's name holds a null.", path=str(path)))
    return found


def regular(path: Path) -> None:
    """Raise :class:`FileError` where ``path`` is there and no file: a read from a pipe or a device may never end, and one
    renamed over is gone."""
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except OSError:  # missing or out of reach: whoever opens it says so
        return
    if kind != stat.S_IFREG:
        raise FileError(
            say("expected a file, but this is {kind}.", kind=KINDS.get(kind, say("something else"))),
            where=str(path),
            remedy="Choose another name or folder.",
        )


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path in ``path``'s folder; after the block it is flushed and takes ``path``'s place.

    Where ``path`` is a link, the file that it leads to is replaced and the link stays. Whatever the block raises leaves what was
    there as it was; an :class:`OSError` becomes a :class:`FileError` with a remedy.
    """
    regular(path)
    try:
        target = Path(os.path.realpath(path)) if path.is_symlink() else path
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, say("the file is write-protected"))
        handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=target.parent)
    except OSError as error:
        raise FileError(say("cannot write here: {error}.", error=_words(error)), where=str(path), remedy=_remedy(error)) from error
    os.close(handle)
    temporary = Path(name)
    _sweep(target.parent)
    try:
        yield temporary
        _flush(temporary)
        os.chmod(temporary, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        os.replace(temporary, target)
        if os.name == "posix":  # elsewhere a folder cannot be opened to be flushed
            _flush(target.parent)
    except OSError as error:
        remedy = say("The old file, if there was one, is untouched. {error}", error=_remedy(error))
        raise FileError(say("cannot write it: {error}.", error=_words(error)), where=str(path), remedy=remedy) from error
    finally:
        temporary.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Take away what killed programs left half written: temporary files into which nobody wrote for an hour."""
    with contextlib.suppress(OSError):
        for left in folder.glob(f"{PREFIX}*{SUFFIX}"):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _words(error: OSError) -> str:
    """What went wrong, in the system's words but where they mislead."""
    if error.errno == errno.ENOENT:
        return say("no such folder, or one that takes no files")
    return error.strerror or str(error)


def _remedy(error: OSError) -> str:
    if error.errno in FULL:
        return say("Free some space, or choose a folder on another disk.")
    if error.errno in REFUSED:
        return say("Choose a folder that you may write to.")
    if error.errno == errno.ENAMETOOLONG:
        return say("Choose a shorter name.")
    return say("Choose another folder.")


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
