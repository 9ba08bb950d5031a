"""Kernels compile one by one, when first needed, into a folder of the app's cache that an edit of any source renames.

Numba's own cache looks only at the file of the compiled function: an edited helper would go unseen. So the folder's name
is a hash of all sources of this package, of numba's and llvmlite's versions, and of the processor. What is missing there
is compiled by low-priority processes (``python -m playground.kernels``), so that no window stutters, and then
loaded in milliseconds.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib.metadata
import importlib.util
import itertools
import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from queue import Queue
from typing import Any

from playground import paths
from playground.errors import EngineError
from playground.kernels import isa as instruction_sets
from playground.kernels.template import KERNELS, parse_name, source_of
from playground.kernels.types import Row, vector_width
from playground.turns import give_way

Progress = Callable[[int, int], None]
MOST_HELPERS = 4
"""Processes that compile side by side; each takes some 150 MB."""
_loaded: dict[tuple[str, str, str], Any] = {}


def kernel_names(rows: Iterable[Row]) -> tuple[str, ...]:
    """The kernels that rows call, each once, in order, with the row loop."""
    return tuple(dict.fromkeys(["run_steps", *(row.kernel for row in rows)]))


@cache
def source_key(folder: Path) -> str:
    """Hash of every source file in ``folder``, of the compiler's versions and of this processor."""
    from llvmlite import binding

    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in ("numba", "llvmlite"):
        digest.update(f"{name} {importlib.metadata.version(name)}".encode())
    digest.update(f"{sys.version} {binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}".encode())
    digest.update(os.environ.get("NUMBA_CPU_NAME", "").encode())
    return digest.hexdigest()[:20]


def folder_of(dtype: str, isa: str) -> Path:
    """Where kernels of this type and instruction set lie."""
    folder = paths.cache_folder() / "kernels" / source_key(Path(__file__).resolve().parent) / f"{dtype}-{isa}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _file_stem(name: str) -> str:
    return "k_" + re.sub(r"\W+", "_", name)


def missing(names: Iterable[str], dtype: str, isa: str) -> tuple[str, ...]:
    """Those of ``names`` that are not compiled yet."""
    folder = folder_of(dtype, isa)
    return tuple(name for name in names if (name, dtype, isa) not in _loaded and not (folder / f"{_file_stem(name)}.done").exists())


def prepare(names: Sequence[str], dtype: str, isa: str, progress: Progress | None = None) -> None:
    """Compile what is missing of ``names`` in low-priority processes, then load all.

    ``progress(done, total)`` counts the missing ones; an exception it raises ends the compiling and comes through.
    Raises :class:`~playground.errors.EngineError` if compiling fails.
    """
    wanted = missing(names, dtype, isa)
    if wanted:
        _compile_apart(wanted, dtype, isa, progress)
    addresses(names, dtype, isa)


def all_names(isa: str) -> tuple[str, ...]:
    """Every kernel variant that ``expand`` can ask for, with the row loop and the shuffle; families of few variants first, as small
    nets need those."""
    families = sorted((family.names(isa) for family in KERNELS.values()), key=len)
    return tuple(itertools.chain.from_iterable(families))


def addresses(names: Iterable[str], dtype: str, isa: str) -> dict[str, int]:
    """The address of each kernel, loaded from the cache or compiled here and now. They stay valid until the process ends."""
    return {name: _load(name, dtype, isa).address for name in names}


def _load(name: str, dtype: str, isa: str) -> Any:
    key = (name, dtype, isa)
    if key not in _loaded:
        give_way()
        from numba import cfunc
        from numba.core import config

        from playground.kernels.simd import signature_of

        folder = folder_of(dtype, isa)
        path = folder / f"{_file_stem(name)}.py"
        if not path.exists():  # an existing file is left alone: numba takes a new time stamp for an edit
            text = source_of(name, dtype, vector_width(dtype, isa))
            draft = path.with_suffix(f".{os.getpid()}.draft")
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, path)
        spec = importlib.util.spec_from_file_location(f"playground_kernels_{dtype}_{isa}_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[module.__name__] = module  # numba's cache looks for it there
        spec.loader.exec_module(module)
        usual = config.OPT
        config.OPT = type(usual)(min(usual, _level(name)))
        try:
            _loaded[key] = cfunc(signature_of(dtype), cache=True, error_model="numpy")(module.kernel)
        finally:
            config.OPT = usual
        path.with_suffix(".done").touch()
    return _loaded[key]


def _level(name: str) -> int:
    """How hard the compiler tries, 3 at most. A block of registers is written out already: unrolled once more it took three times as long
    to compile and was no faster (a toy's step: 7 % slower)."""
    return 2 if {"ROWS", "VECTORS"} <= parse_name(name)[1].keys() else 3


def helpers(count: int) -> int:
    """How many processes compile ``count`` kernels: each takes most of a second to come up."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MOST_HELPERS, count // 3))


def _compile_apart(names: Sequence[str], dtype: str, isa: str, progress: Progress | None) -> None:
    """Share ``names`` out among processes, each its next one when it is done with the last, and tell how many are done."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(paths.ROOT), environment.get("PYTHONPATH")]))
    if progress:
        progress(0, len(names))
    waiting, told = deque(names), Queue[str | list[str]]()
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-P", "-m", "playground.kernels", "--dtype", dtype, "--isa", isa, "--follow"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
                )
            )
            for _ in range(helpers(len(names)))
        ]  # fmt: skip
        feeders = [threading.Thread(target=_feed, args=(process, waiting, told), name="playground-compiling") for process in processes]
        for feeder in feeders:
            feeder.start()
        done, ended = 0, 0
        try:
            while ended < len(processes):
                news = told.get()
                if isinstance(news, list):
                    ended += 1
                    if news:
                        raise EngineError(
                            "the kernels could not be compiled: " + "".join(news[-5:]).strip(),
                            remedy=f"If it persists, delete {paths.cache_folder() / 'kernels'}.",
                        )
                    continue
                done += 1
                if progress:
                    progress(done, len(names))
        finally:
            waiting.clear()
            if ended < len(processes):
                for process in processes:
                    process.kill()
            for feeder in feeders:
                feeder.join()


def _feed(process: subprocess.Popen[str], waiting: deque[str], told: Queue[str | list[str]]) -> None:
    """Give ``process`` one name after another. Each that is compiled is ``told``, and at the end what the process said where it failed."""
    assert process.stdin is not None
    assert process.stdout is not None
    said: list[str] = []
    with contextlib.suppress(OSError):  # it died: its last words say why
        with contextlib.suppress(IndexError):  # another one took the last name
            while waiting:
                name = waiting.popleft()
                process.stdin.write(name + "\n")
                process.stdin.flush()
                for line in process.stdout:
                    if line == f"compiled {name}\n":
                        told.put(name)
                        break
                    said.append(line)
                else:
                    break
        process.stdin.close()
    said += process.stdout.readlines()
    told.put([*said, f"it ended with {process.returncode}"] if process.wait() else [])


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile the kernels named (or all) into the cache, a line of progress each."""
    parser = argparse.ArgumentParser(prog="python -m playground.kernels", description=main.__doc__)
    parser.add_argument("--all", action="store_true", help="every kernel a float32 network can need")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float64"))
    parser.add_argument("--isa", default=None, help="instruction set (this machine's)")
    parser.add_argument("--follow", action="store_true", help="take names from standard input, a line each, and compile them here")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args(arguments)
    isa = chosen.isa or instruction_sets.detect()
    if chosen.follow:
        if hasattr(os, "nice"):
            os.nice(10)
        for line in iter(sys.stdin.readline, ""):
            addresses([line.rstrip("\n")], chosen.dtype, isa)
            print(f"compiled {line}", end="", flush=True)
        return 0
    names = missing(all_names(isa) if chosen.all else chosen.names, chosen.dtype, isa)
    if names:
        _compile_apart(names, chosen.dtype, isa, lambda done, total: print(f"compiled {done} of {total}", flush=True))
    return 0
