"""Export files: what goes in comes out, nothing half-written, every damage is a clear error."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from playground import export
from playground.document import example
from playground.errors import FileError

PARAMETERS = {
    "dense2/weight": np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::-1],  # not contiguous
    "dense1/weight": np.array([[np.nan, -0.0], [np.inf, 1e-40]], np.float32),
    "dense1/bias": np.array([1.5, -2.5], np.float64),
}


@pytest.fixture(params=list(export.FORMATS))
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"net.{request.param}"


def assert_same(got: dict[str, np.ndarray]) -> None:
    assert set(got) == set(PARAMETERS)
    for name, array in PARAMETERS.items():
        assert got[name].dtype == array.dtype
        assert got[name].shape == array.shape
        assert got[name].tobytes() == np.ascontiguousarray(array).tobytes()


def test_what_goes_in_comes_out_to_the_bit(path: Path) -> None:
    export.write(path, PARAMETERS, example("xor"))
    assert_same(export.read(path))


def test_the_same_parameters_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    other = tmp_path / f"other{path.suffix}"
    export.write(path, PARAMETERS, example("xor"))
    export.write(other, dict(reversed(PARAMETERS.items())), example("xor"))
    assert path.read_bytes() == other.read_bytes()


def test_other_programs_read_them(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    export.write(tmp_path / "net.npz", PARAMETERS)
    export.write(tmp_path / "net.safetensors", PARAMETERS)
    with np.load(tmp_path / "net.npz") as archive:
        assert_same(dict(archive.items()))
    assert_same(load_file(tmp_path / "net.safetensors"))


def test_safetensors_keeps_the_document(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    export.write(path, PARAMETERS, example("spiral"))
    assert export.read_document(path) == example("spiral")
    export.write(path, PARAMETERS)
    assert export.read_document(path) is None


def test_npz_has_no_place_for_the_document(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    export.write(path, PARAMETERS, example("spiral"))
    assert export.read_document(path) is None
    assert sorted(zipfile.ZipFile(path).namelist()) == ["dense1/bias.npy", "dense1/weight.npy", "dense2/weight.npy"]


def test_the_format_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    export.write(path, PARAMETERS, format="npz")
    assert_same(export.read(path, format="npz"))


@pytest.mark.parametrize(("name", "format"), [("net.h5", None), ("net", None), ("net.npz", "onnxx")])
def test_unknown_formats_are_refused(tmp_path: Path, name: str, format: str | None) -> None:
    with pytest.raises(FileError, match="expected one of the formats npz, safetensors, got"):
        export.write(tmp_path / name, PARAMETERS, format=format)
    assert not (tmp_path / name).exists()


def test_a_write_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export.write(path, PARAMETERS)
    before = path.read_bytes()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(FileError, match="No space left"):
        export.write(path, {"dense1/weight": np.zeros(3, np.float32)})
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("keep", [0, 5, 60, -20])
def test_truncated_files_are_named(path: Path, keep: int) -> None:
    export.write(path, PARAMETERS)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FileError, match=rf"net{path.suffix}: expected (a sound|an) .*Export it again\."):
        export.read(path)


def test_missing_file_and_pickles_are_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot read it: No such file"):
        export.read(path)
    np.savez(tmp_path / "evil.npz", a=np.array([{}], object))
    with pytest.raises(FileError, match="expected a sound npz archive"):
        export.read(tmp_path / "evil.npz")
    np.save(tmp_path / "single.npy", np.zeros(3))
    with pytest.raises(FileError, match="expected an npz archive, got: something else"):
        export.read(tmp_path / "single.npy", format="npz")


def test_a_damaged_document_is_named(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"a": np.zeros(2, np.float32)}, tmp_path / "net.safetensors", {"document": "{"})
    with pytest.raises(FileError, match="metadata"):
        export.read_document(tmp_path / "net.safetensors")


def test_an_archive_that_says_it_holds_more_than_there_is_memory_for_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "forged.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("dense1/weight.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "<f4", "fortran_order": False, "shape": (10**8, 10**6)})
    with pytest.raises(FileError, match="forged"):
        export.read(path)


@pytest.mark.parametrize(
    "head",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000000000000000000000,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (True,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,",
        "[" * 300,
    ],
)
def test_an_npz_with_a_senseless_head_is_no_sound_one(tmp_path: Path, head: str) -> None:
    """NumPy reads it as Python, with whatever errors that brings."""
    text = head.encode() + b"\n"
    with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
    with pytest.raises(FileError, match="npz archive"):
        export.read(tmp_path / "odd.npz")
