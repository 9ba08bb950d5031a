"""Verification sees every difference between what was exported and what was meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playground import export
from playground.document import Document, edits, example
from playground.engine.network import Network
from playground.errors import FileError


@pytest.fixture(scope="module")
def parameters() -> dict[str, np.ndarray]:
    return dict(Network(example("spiral"), seed=7).parameters)


@pytest.fixture(params=list(export.FORMATS))
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"net.{request.param}"


def test_a_sound_export_passes(path: Path, parameters: dict[str, np.ndarray]) -> None:
    export.write(path, parameters, example("spiral"))
    assert export.verify(example("spiral"), parameters, path) == export.Report(100, 0.0)


def test_a_small_test_part_is_filled_up(path: Path) -> None:
    weights = dict(Network(example("xor"), seed=7).parameters)
    export.write(path, weights)
    assert export.verify(example("xor"), weights, path) == export.Report(100, 0.0)


def test_the_samples_tell_networks_apart(path: Path, parameters: dict[str, np.ndarray]) -> None:
    export.write(path, dict(Network(example("spiral"), seed=8).parameters))
    report = export.verify(example("spiral"), parameters, path)
    assert report.max_difference > 0.1
    assert not report.passed
    assert "dense2/weight" in report.differing


def test_one_flipped_bit_fails(path: Path, parameters: dict[str, np.ndarray]) -> None:
    """Where the file still reads; npz also has a checksum and refuses outright."""
    export.write(path, parameters)
    content = bytearray(path.read_bytes())
    at = content.index(np.ascontiguousarray(parameters["dense2/weight"]).tobytes()) + 4 * 5 + 2
    content[at] ^= 0x40
    path.write_bytes(content)
    if path.suffix == ".npz":
        with pytest.raises(FileError, match="CRC"):
            export.verify(example("spiral"), parameters, path)
    else:
        report = export.verify(example("spiral"), parameters, path)
        assert report.differing == ("dense2/weight",)
        assert report.max_difference > 0
        assert not report.passed


@pytest.mark.parametrize("change", ["missing", "extra", "shape"])
def test_a_file_of_another_network_fails(path: Path, parameters: dict[str, np.ndarray], change: str) -> None:
    other = dict(parameters)
    if change == "missing":
        del other["dense1/bias"]
    elif change == "extra":
        other["dense9/bias"] = np.zeros(1, np.float32)
    else:
        other["dense1/bias"] = np.zeros(9, np.float32)
    export.write(path, other)
    report = export.verify(example("spiral"), parameters, path)
    assert report.max_difference == float("inf")
    assert not report.passed
    assert report.differing == (("dense9/bias",) if change == "extra" else ("dense1/bias",))


def test_without_data_the_samples_are_drawn(path: Path) -> None:
    document, last = edits.add_node(Document(), "Input", shape=(3,))
    for type, fields in (("Dense", {"units": 2}), ("Output", {})):
        document, node = edits.add_node(document, type, **fields)
        document = edits.connect(document, last, node)
        last = node
    parameters = dict(Network(document).parameters)
    export.write(path, parameters)
    assert export.verify(document, parameters, path, samples=10) == export.Report(10, 0.0)
    export.write(path, {name: array + 1 for name, array in parameters.items()})
    assert not export.verify(document, parameters, path).passed


def test_not_a_number_equals_itself(path: Path, parameters: dict[str, np.ndarray]) -> None:
    broken = {name: np.full_like(array, np.nan) for name, array in parameters.items()}
    export.write(path, broken)
    assert export.verify(example("spiral"), broken, path).passed
    report = export.verify(example("spiral"), parameters, path)
    assert report.max_difference == float("inf")
