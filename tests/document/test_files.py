"""Files: what goes in comes out, damage is refused in words, and a failed save leaves the old file."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from playground.document import Document, Project, example, example_names, examples, files, load, load_project, save, save_project
from playground.document.codec import decode, encode
from playground.errors import FileError
from tests.document.graphs import documents, mnist_mlp


def project() -> Project:
    rng = np.random.default_rng(0)
    weights = {"dense1/weight": rng.standard_normal((32, 784)).astype(np.float32), "dense1/bias": np.full(32, np.nan, np.float32)}
    return Project(
        mnist_mlp(),
        weights,
        {"dense1/weight/m": np.asarray(weights["dense1/weight"].T).copy()},
        {"step": 1240, "epoch": 3},
        {"curves": {"loss/train": [[1, 2], [0.5, 0.25]]}, "events": []},
        {"dense1/bias": np.zeros(32)},
        {100: {"dense1/bias": np.ones(32, np.float32)}, 20: {"dense1/bias": np.zeros(32, np.float32)}},
    )


def bits(arrays: Mapping[str, np.ndarray]) -> dict[str, tuple[object, ...]]:
    return {name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()}


def test_a_project_comes_back_to_the_bit(tmp_path: Path) -> None:
    path, given = tmp_path / "a.playground", project()
    save_project(given, path)
    back = load_project(path)
    assert (back.document, back.counters, back.history) == (given.document, given.counters, given.history)
    for mine, theirs in ((back.weights, given.weights), (back.optimizer_state, given.optimizer_state), (back.initial, given.initial)):
        assert bits(mine) == bits(theirs)
    assert {step: bits(arrays) for step, arrays in back.checkpoints.items()} == {s: bits(a) for s, a in given.checkpoints.items()}
    assert load(path) == given.document
    assert os.listdir(tmp_path) == ["a.playground"]
    first = path.read_bytes()
    save_project(given, path)
    assert path.read_bytes() == first


@settings(max_examples=50, deadline=None)
@given(documents())
def test_documents_round_trip(document: Document) -> None:
    assert decode(encode(document)) == document


def test_unknown_types_and_fields_survive(tmp_path: Path) -> None:
    raw = json.loads(encode(mnist_mlp()))
    raw["nodes"]["warp1"] = {"type": "Warp", "fields": {"deep": [1, {"x": None}], "rate": 0.5}, "position": [1.5, 2.0], "title": "w"}
    raw["nodes"]["dense1"]["fields"] |= {"glow": "green", "units": "lots"}
    raw["data"]["options"] |= {"later": True}
    document = decode(json.dumps(raw).encode())
    for name in ("b.json", "b.playground"):
        save(document, tmp_path / name)
        again = load(tmp_path / name)
        assert again == document
        assert again.nodes["warp1"].fields == raw["nodes"]["warp1"]["fields"]
        assert again.nodes["dense1"].fields["glow"] == "green"
        assert again.nodes["dense1"].fields["units"] == "lots"
        assert again.data.options["later"] is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"format": 99}', "has format 99; this version reads format 1"),
        (b"{", "not a document"),
        (b"\xff\xfe", "not a document"),
        (b'{"format": 1, "nodes": {"a": {"typ": "Dense"}}}', "not a document"),
        (b'{"format": 1, "surprise": 1}', "surprise"),
        (b'{"format": 1, "training": {"epochs": "many"}}', "training.epochs"),
        (b"[" * 100_000, "not a document"),
        (b'{"title": "no format"}', "format"),
        (b'{"format": 1, "wires": [{"source": "a", "target": "b", "to_port": 1000000000}]}', r"<= 255.*wires\[0\]\.to_port"),
        (b'{"format": 1, "wires": [{"source": "a", "target": "b", "from_port": -1}]}', "from_port"),
        (b'{"format": 1, "nodes": {"a/b": {"type": "Dense"}}}', "'a/b' cannot name a node"),
        (b'{"format": 1, "nodes": {"": {"type": "Dense"}}}', "'' cannot name a node"),
        (b'{"format": 1, "view": {"sample": 1000000000000}}', "view.sample"),
    ],
)
def test_bad_documents_are_refused(text: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words) as raised:
        decode(text)
    assert "untouched" in str(raised.value)


def test_a_node_that_stands_too_far_to_be_shown_comes_nearer() -> None:
    raw = json.loads(encode(mnist_mlp()))
    raw["nodes"]["dense1"]["position"] = [1e308, -1e308]
    assert decode(json.dumps(raw).encode()).nodes["dense1"].position == (1e7, -1e7)


@pytest.mark.parametrize("cut", [0, 10, 2000, -30])
def test_a_truncated_project_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.playground"
    save_project(project(), path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(FileError, match=r"damaged.*untouched"):
        load_project(path)


def test_flipped_bits_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.playground"
    save_project(project(), path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FileError, match="damaged"):
        load_project(path)


def test_a_zip_of_a_later_kind_is_refused(tmp_path: Path) -> None:
    """One changed byte in the directory says "needs version 14.9": zipfile raises NotImplementedError then, before any part is read."""
    path = tmp_path / "a.playground"
    save_project(project(), path)
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 6] = 149
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"damaged.*untouched"):
        load_project(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("weights.safetensors", b"\x08\0\0\0\0\0\0\0{}      junk"),
        ("history.json", b"[1, 2]"),
        ("history.json", b'{"counters": 5}'),
        ("history.json", b'{"counters": {"position": -1}}'),
        ("history.json", b'{"counters": {"step": 1' + b"0" * 30 + b"}}"),
        ("history.json", b'{"counters": {"step": 1.5}}'),
        ("checkpoints/first.safetensors", b""),
    ],
)
def test_damaged_parts_are_named(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "a.playground"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("document.json", encode(mnist_mlp()))
        archive.writestr(name, content)
    with pytest.raises(FileError):
        load_project(path)
    assert load(path) == mnist_mlp()


def test_a_zip_bomb_and_a_foreign_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.playground"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("document.json", b" " * (17 * 2**20))
    with pytest.raises(FileError, match="unpacks to more than"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", b"hello")
    with pytest.raises(FileError, match=r"no document\.json"):
        load(path)
    with pytest.raises(FileError, match="cannot read it"):
        load(tmp_path / "missing.playground")


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.playground"
    save(mnist_mlp(), path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"No space left.*untouched"):
        save(Document(), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.playground"]
    with pytest.raises(FileError, match="cannot write"):
        save(Document(), tmp_path / "nowhere" / "a.playground")


def test_checkpoints_are_thinned_to_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_CHECKPOINT_BYTES", 1000)
    path = tmp_path / "a.playground"
    save_project(Project(Document(), checkpoints={step: {"w": np.zeros(50, np.float32)} for step in range(0, 160, 10)}), path)
    kept = sorted(load_project(path).checkpoints)
    assert kept == [30, 70, 110, 150]


def test_examples_load_or_guess() -> None:
    assert set(examples()) == set(example_names())
    for name, document in examples().items():
        assert document.title, name
        assert document.promise is not None, name
    with pytest.raises(FileError, match=r"Did you mean spiral\?"):
        example("spirall")
