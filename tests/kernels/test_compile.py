"""The cache of compiled kernels, storage, lanes and instruction sets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from playground import kernels, paths
from playground.errors import EngineError
from playground.kernels import Target, compile, language
from playground.kernels.template import CHOSEN, KERNELS, source_of
from playground.kernels.types import VECTOR_BYTES, vector_width


def python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(paths.ROOT), **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_planning_does_not_import_numba() -> None:
    python(
        "import sys; from playground import kernels\n"
        "t = kernels.Target('float32', 16, 'avx2'); r = kernels.Region('arena', 0, 16, (1,))\n"
        "kernels.expand('map', {'x': r, 'y': r}, {'function': 'relu'}, t)\n"
        "assert 'numba' not in sys.modules and 'llvmlite' not in sys.modules"
    )


def test_any_edit_of_a_source_renames_the_folder(tmp_path: Path) -> None:
    copy = tmp_path / "kernels"
    shutil.copytree(Path(kernels.__file__).parent, copy)
    before = compile.source_key(copy)
    for path in copy.glob("*.py"):
        twin = tmp_path / path.stem
        shutil.copytree(copy, twin)
        (twin / path.name).write_text(path.read_text() + "\n")
        assert compile.source_key(twin) != before, path.name


def test_missing_kernels_compile_in_a_process_and_then_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    (tmp_path / "random.py").write_text("raise SystemExit('somebody's homework')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compile, "_loaded", {})
    names = ("clip", "add")
    assert compile.missing(names, "float32", "generic") == names
    seen: list[tuple[int, int]] = []
    compile.prepare(names, "float32", "generic", lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert compile.missing(names, "float32", "generic") == ()
    monkeypatch.setattr(compile, "_loaded", {})
    assert compile.missing(names, "float32", "generic") == ()
    assert not compile.folder_of("float32", "avx2").joinpath("k_add.py").exists()


def test_preparing_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(compile, "_loaded", {})

    def cancel(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compile.prepare(("clip", "add", "multiply"), "float32", "generic", cancel)


def test_a_failure_to_compile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    with pytest.raises(EngineError, match="no_such_kernel"):
        compile.prepare(("no_such_kernel",), "float32", "generic")


@pytest.mark.parametrize("isa", VECTOR_BYTES)
def test_every_kernel_has_a_source_for_every_width(isa: str) -> None:
    names = compile.all_names(isa)
    assert len(set(names)) == len(names)
    families = {
        name for name, family in KERNELS.items() if not family.function.__module__.endswith("peak")
    }  # peak measures, no net calls it
    assert {name.partition(":")[0] for name in names} == families
    for name in names:
        text = source_of(name, "float64", vector_width("float64", isa))
        assert "unroll" not in text
        assert "registers" not in text
        assert "WIDTH" not in text


def test_every_word_of_the_language_has_a_meaning() -> None:
    from playground.kernels.blocks import block_words
    from playground.kernels.simd import vocabulary

    declared = {
        name
        for name, thing in vars(language).items()
        if callable(thing) and not name.startswith("_") and thing.__module__ == language.__name__
    }
    meant = set(vocabulary("float32", 8)) | set(block_words("float32", 8, 2, 2))
    assert declared - {"unroll", "registers", *CHOSEN} <= meant


def test_storage_pads_rows_with_zeros() -> None:
    for shape in ((5,), (3, 17), (2, 3, 4), (1,), ()):
        array = np.random.default_rng(0).standard_normal(shape)
        storage = kernels.storage_of(shape)
        flat = np.full(storage.extent, 9.0)
        storage.pack(array, flat)
        assert storage.extent % kernels.ALIGNMENT == 0
        np.testing.assert_array_equal(storage.unpack(flat), array)
        assert np.count_nonzero(flat) == array.size


@pytest.mark.parametrize("isa", VECTOR_BYTES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_lanes_hold_the_batch(isa: str, dtype: kernels.types.Dtype) -> None:
    assert kernels.lanes_for(1, dtype, isa) == 1
    for batch in (2, 10, 16, 17, 32, 100, 128, 129, 1000):
        lanes = kernels.lanes_for(batch, dtype, isa)
        assert lanes == Target(dtype, lanes, isa).lanes <= 128
        repeats = -(-batch // lanes)
        assert repeats * lanes - batch < repeats * vector_width(dtype, isa)
    with pytest.raises(EngineError, match="lanes"):
        Target(dtype, 3, isa)


def test_the_instruction_set_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ISA", "generic")
    assert kernels.detect() == "generic"
    monkeypatch.setenv("PLAYGROUND_ISA", "mmx")
    with pytest.raises(EngineError, match="mmx"):
        kernels.detect()
    monkeypatch.delenv("PLAYGROUND_ISA")
    assert kernels.detect() in VECTOR_BYTES


def test_unknown_operation_is_refused() -> None:
    with pytest.raises(EngineError, match="fold"):
        kernels.expand("fold", {}, {}, Target("float32", 16, "avx512"))


def test_kernels_are_shared_out_among_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(compile, "_loaded", {})
    monkeypatch.setattr(compile, "helpers", lambda count: 2)
    names, seen = ("clip", "add", "multiply", "widen"), list[tuple[int, int]]()
    compile.prepare(names, "float32", "generic", lambda done, total: seen.append((done, total)))
    assert seen == [(done, 4) for done in range(5)]
    assert compile.missing(names, "float32", "generic") == ()
    with pytest.raises(EngineError, match="no_such_kernel"):  # one process fails, the other one's work is not waited for
        compile.prepare(("no_such_kernel", "mean_time", "last_step"), "float32", "generic")
    assert not [thread for thread in threading.enumerate() if thread.name == "playground-compiling"]


def test_few_kernels_take_one_process_and_many_no_more_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile.os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    assert [compile.helpers(count) for count in (1, 3, 6, 29, 500)] == [1, 1, 2, 4, 4]
    monkeypatch.setattr(compile.os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert compile.helpers(500) == 1
