"""Files as users have them, made for tests: folders of pictures, npz archives, CIFAR's records and pickles, tar archives."""

from __future__ import annotations

import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")


def picture(path: Path, array: np.ndarray, **options: object) -> Path:
    """Write ``array`` (H, W) or (H, W, 3 or 4) in the format of the ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)
    return path


def pets(folder: Path, count: int = 10, endings: tuple[str, ...] = (".png", ".jpg", ".bmp", ".gif")) -> Path:
    """Two classes of color pictures of mixed sizes: cats are red, dogs are blue."""
    for label, channel in (("cat", 0), ("dog", 2)):
        for number in range(count):
            array = np.zeros((20 + 3 * number, 30 + number, 3), np.uint8)
            array[..., channel] = 200
            picture(folder / label / f"{number}{endings[number % len(endings)]}", array)
    return folder


def records(count: int, labels: int, seed: int = 0, classes: int = 10) -> tuple[np.ndarray, np.ndarray, bytes]:
    """Pictures, labels (N, labels) and the records of CIFAR's binary version."""
    random = np.random.default_rng(seed)
    y = (np.arange(count)[:, None] + np.arange(labels)) % classes
    x = random.integers(0, 256, (count, 3072)).astype(np.uint8)
    return x, y, np.concatenate([y.astype(np.uint8), x], axis=1).tobytes()


def cifar10(folder: Path, count: int = 20) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The six files of the binary version."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {}
    for number, name in enumerate(BATCHES):
        x, y, content = records(count, 1, number)
        (folder / f"{name}.bin").write_bytes(content)
        held[name] = x, y[:, 0]
    return held


def old_pickle(x: np.ndarray, y: list[int]) -> bytes:
    """As Python 2 wrote the batches: protocol 2, text as bytes, an array by ``_reconstruct``."""

    def text(word: bytes) -> bytes:
        return b"U" + bytes([len(word)]) + word

    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85q\x04" + text(b"b")
        + b"q\x05\x87q\x06Rq\x07"
        b"(K\x01M" + len(x).to_bytes(2, "little") + b"M\x00\x0c\x86q\x08cnumpy\ndtype\nq\x09" + text(b"u1")
        + b"q\x0aK\x00K\x01\x87q\x0bRq\x0c"
        b"(K\x03" + text(b"|") + b"q\x0dNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x0eb\x89"
        b"T" + x.size.to_bytes(4, "little") + x.tobytes() + b"q\x0ftq\x10b"
    )  # fmt: skip
    labels = b"]q\x11(" + b"".join(b"K" + bytes([label]) for label in y) + b"e"
    return b"\x80\x02}q\x01(" + text(b"data") + array + text(b"labels") + labels + b"u."


def new_pickle(x: np.ndarray, y: list[int]) -> bytes:
    return pickle.dumps({b"data": x, b"labels": y, b"batch_label": b"one", b"filenames": [b"a.png"] * len(y)}, protocol=2)


def archive(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode, format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path
