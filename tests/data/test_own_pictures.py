"""Folders of pictures of the user's own: what is found, what is made of it, what is said of files that are not what they should be."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playground import data
from playground.data import decoding, folders, sharing
from playground.errors import DataError
from tests.data.own_files import pets, picture

pytestmark = pytest.mark.filterwarnings("ignore:Image size")


def options(found: data.Found, **more: object) -> dict[str, object]:
    return {**found.options, **more}


def test_a_folder_becomes_a_data_set_of_its_classes(tmp_path: Path) -> None:
    found = data.inspect(pets(tmp_path))
    assert (found.name, found.counts) == ("pictures", {"cat": 10, "dog": 10})
    assert found.options["classes"] == ("cat", "dog")
    seen: list[tuple[int, int]] = []
    dataset = data.load_watched("pictures", options(found, size=16), lambda done, total: seen.append((done, total)))
    assert dataset.description == data.describe("pictures", **options(found, size=16))
    assert dataset.description.input_shape == (3, 16, 16)
    assert [len(dataset.train), len(dataset.validation), len(dataset.test)] == [14, 3, 3]
    assert seen[-1] == (20, 20)
    for split in (dataset.train, dataset.validation, dataset.test):
        means = split.x.mean(axis=(2, 3))
        assert ((means[:, 0] > means[:, 2]) == (split.y == 0)).all()  # red is cat
        assert split.x.dtype == np.uint8
    again = data.get("pictures").loader({field.name: field.default for field in folders.FIELDS} | options(found, size=16))
    np.testing.assert_array_equal(again.train.x, dataset.train.x)


def test_a_document_describes_it_without_the_files(tmp_path: Path) -> None:
    about = data.describe("pictures", path=str(tmp_path / "gone"), classes=("a", "b", "c"), size=8, color=False)
    assert (about.input_shape, about.outputs, about.classes) == ((1, 8, 8), 3, ("a", "b", "c"))
    with pytest.raises(DataError, match="the folder is missing") as caught:
        data.load("pictures", path=str(tmp_path / "gone"), classes=("a", "b"), size=8)
    assert caught.value.where == str(tmp_path / "gone")
    assert "choose it" in caught.value.remedy


def test_size_and_gray_are_proposed_from_the_pictures(tmp_path: Path) -> None:
    for label in "ab":
        for number in range(4):
            picture(tmp_path / label / f"{number}.png", np.full((24, 24), 9, np.uint8))
    found = data.inspect(tmp_path)
    assert (found.options["size"], found.options["color"], found.sizes[0]) == (24, False, (24, 24))


def test_the_files_own_parts_are_kept(tmp_path: Path) -> None:
    pets(tmp_path / "train", 8)
    pets(tmp_path / "val", 2)
    pets(tmp_path / "test", 3)
    found = data.inspect(tmp_path)
    dataset = data.load("pictures", **found.options)
    assert [len(dataset.train), len(dataset.validation), len(dataset.test)] == [16, 4, 6]
    picture(tmp_path / "test" / "fox" / "1.png", np.zeros((4, 4), np.uint8))
    with pytest.raises(DataError, match="expected the classes of the training part alone, got 'fox'"):
        data.inspect(tmp_path)


@pytest.mark.parametrize(("fit", "left", "right"), [("crop", 255, 255), ("pad", 0, 0), ("stretch", 100, 255)])
def test_how_a_long_picture_becomes_square(tmp_path: Path, fit: str, left: int, right: int) -> None:
    """Tall: three bands of 100, 255 and 255, of which the middle one is what a crop keeps."""
    array = np.repeat(np.array([100, 255, 255], np.uint8), 20)[:, None].repeat(20, axis=1)
    path = picture(tmp_path / "tall.png", array)
    small = decoding.decoded(path, 12, False, fit)[0]
    assert small.shape == (12, 12)
    assert abs(int(small[0, 0]) - left) < 30
    assert abs(int(small[-1, -1]) - right) < 2
    assert small[6, 6] == 255


def test_depth_palette_transparency_and_turned_pictures(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    np.testing.assert_allclose(decoding.decoded(tmp_path / "deep.png", 8, False, "crop")[0], deep // 257, atol=1)
    clear = np.zeros((8, 8, 4), np.uint8)
    clear[:4] = (255, 0, 0, 255)
    picture(tmp_path / "clear.png", clear)
    small = decoding.decoded(tmp_path / "clear.png", 8, True, "crop")
    assert small[:, 0, 0].tolist() == [255, 0, 0]
    assert small[:, 7, 7].tolist() == [255, 255, 255]
    Image.fromarray(np.tile(np.arange(8, dtype=np.uint8) * 30, (8, 1))).convert("P").save(tmp_path / "palette.gif")
    assert decoding.decoded(tmp_path / "palette.gif", 8, True, "crop").shape == (3, 8, 8)
    upright = np.zeros((16, 16), np.uint8)
    upright[:8] = 255
    turned = Image.fromarray(upright).rotate(90)  # as a camera held on its side stores it
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    small = decoding.decoded(tmp_path / "turned.jpg", 16, False, "crop")[0]
    assert small[2].mean() > 240
    assert small[13].mean() < 15


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def huge_png(path: Path, side: int) -> Path:
    """A few bytes whose head says ``side`` x ``side``."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b""))
    return path


@pytest.mark.parametrize("side", [8000, 12_000, 60_000, 2**31 - 1])
def test_a_huge_head_is_refused_before_anything_is_set_aside(tmp_path: Path, side: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(DataError, match=r"expected at most 50,000,000 pixels|damaged|cannot be read"):
            decoding.decoded(huge_png(tmp_path / "bomb.png", side), 8, False, "crop")


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"not a picture", b"%!PS-Adobe-3.0 EPSF-3.0\n(ls) system\n", b"BM" + bytes(60)])
def test_what_is_no_picture_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        decoding.decoded(path, 8, True, "crop")
    assert caught.value.where == str(path)
    assert caught.value.remedy


def test_a_truncated_picture_and_a_pipe_are_refused(tmp_path: Path) -> None:
    path = picture(tmp_path / "cut.png", np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8))
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(DataError, match=r"cannot be read|damaged"):
        decoding.decoded(path, 8, False, "crop")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DataError, match="no file"):
        decoding.decoded(tmp_path / "pipe.png", 8, False, "crop")


def test_a_few_bad_pictures_are_left_out_and_told_of(tmp_path: Path) -> None:
    pets(tmp_path, 30)
    (tmp_path / "cat" / "0.png").write_bytes(b"oops")
    found = data.inspect(tmp_path)
    dataset = data.load("pictures", **found.options)
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == 59
    assert "1 of 60 pictures cannot be read and are left out" in dataset.notes[0]
    assert "0.png" in dataset.notes[0]
    for number in range(1, 9):
        next((tmp_path / "dog").glob(f"{number}.*")).write_bytes(b"oops")
    data.forget("pictures")
    with pytest.raises(DataError, match="9 of 60 pictures cannot be read"):
        data.load("pictures", **found.options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda top: None, "expected at least two folders, one a class, got none"),
        (lambda top: pets(top).joinpath("dog").rename(top.parent / "away"), "got one, 'cat'"),
        (lambda top: (pets(top), (top / "empty").mkdir()), "expected pictures, got none that can be read"),
        (lambda top: (pets(top), (top / "text").mkdir(), (top / "text" / "a.txt").write_text("x")), "expected pictures, got none"),
    ],
)
def test_folders_that_are_no_data_set(tmp_path: Path, make: object, message: str) -> None:
    top = tmp_path / "top"
    top.mkdir()
    make(top)  # type: ignore[operator]
    with pytest.raises(DataError, match=message) as caught:
        data.inspect(top)
    assert str(top) in caught.value.where


def test_links_in_a_circle_end_and_a_linked_class_counts_once(tmp_path: Path) -> None:
    top = pets(tmp_path / "top", 4)
    (top / "cat" / "again").symlink_to(top / "cat", target_is_directory=True)
    (top / "cat" / "self").symlink_to(top / "cat" / "self")
    (top / "dog" / "up").symlink_to(top, target_is_directory=True)
    found = folders.walk(top)
    assert len([1 for _, label in found.files["train"] if label == 0]) == 4
    assert len([1 for _, label in found.files["train"] if label == 1]) == 8  # its own, and the cats that the link puts there


def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    top = pets(tmp_path / "top", 4)
    (top / "cat").chmod(0)
    try:
        with pytest.raises(DataError, match="the folder cannot be read"):
            data.inspect(top)
    finally:
        (top / "cat").chmod(0o755)


def test_classes_that_changed_since_and_too_much_for_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = data.inspect(pets(tmp_path, 4))
    picture(tmp_path / "fox" / "1.png", np.zeros((4, 4), np.uint8))
    with pytest.raises(DataError, match="was made with the classes cat, dog; now there are cat, dog, fox"):
        data.load("pictures", **found.options)
    monkeypatch.setattr(sharing, "LARGEST", 8000)
    with pytest.raises(DataError, match=r"9 pictures of 3 x 32 x 32 take 27,648 bytes; at most 8,000 are read") as caught:
        data.load("pictures", **data.inspect(tmp_path).options)
    assert "smaller size" in caught.value.remedy


def test_most_a_class_and_a_cancel(tmp_path: Path) -> None:
    found = data.inspect(pets(tmp_path, 12))
    dataset = data.load("pictures", **options(found, most=5))
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == 10

    class StoppedError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        data.load_watched("pictures", options(found, size=9), stop)
    assert len(data.load("pictures", **options(found, size=9)).train) == 16  # nothing of the broken-off work is kept
