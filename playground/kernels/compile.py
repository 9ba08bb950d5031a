"""Kernels compile one by one, when first needed, into a folder of the app's cache that an edit of any source renames.

Numba's own cache looks only at the file of the compiled function: an edited helper would go unseen. So the folder's name
is a hash of all sources of this package, of numba's and llvmlite's versions, and of the processor. What is missing there
is compiled by a low-priority process (``python -m playground.kernels``), so that no window stutters, and then
loaded in milliseconds.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playground import paths
from playground.errors import EngineError
from playground.kernels import isa as instruction_sets
from playground.kernels.template import KERNELS, source_of
from playground.kernels.types import Row, vector_width

Progress = Callable[[int, int], None]
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
    """Compile what is missing of ``names`` in a low-priority process, then load all.

    ``progress(done, total)`` counts the missing ones; an exception it raises ends the compiling process and comes through.
    Raises :class:`~playground.errors.EngineError` if compiling fails.
    """
    wanted = missing(names, dtype, isa)
    if wanted:
        _compile_apart(["--dtype", dtype, "--isa", isa, *wanted], len(wanted), progress)
    addresses(names, dtype, isa)


def warm_all(progress: Progress | None = None) -> None:
    """Compile every kernel a float32 network can need on this machine, for set-up."""
    total = len(missing(all_names(instruction_sets.detect()), "float32", instruction_sets.detect()))
    if total:
        _compile_apart(["--all"], total, progress)


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
        from numba import cfunc

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
        _loaded[key] = cfunc(signature_of(dtype), cache=True, error_model="numpy")(module.kernel)
        path.with_suffix(".done").touch()
    return _loaded[key]


def _compile_apart(arguments: list[str], total: int, progress: Progress | None) -> None:
    """Run this module as a process and pass its progress lines on."""
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(paths.ROOT), environment.get("PYTHONPATH")]))
    if progress:
        progress(0, total)
    with subprocess.Popen(
        [sys.executable, "-m", "playground.kernels", *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said: list[str] = []
        try:
            for line in process.stdout:
                match = re.match(r"compiled (\d+) of (\d+)", line)
                if match and progress:
                    progress(int(match[1]), int(match[2]))
                elif not match:
                    said.append(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise EngineError(
            "the kernels could not be compiled: " + "".join(said[-5:]).strip(),
            remedy=f"If it persists, delete {paths.cache_folder() / 'kernels'}.",
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile the kernels named (or all) into the cache, a line of progress each."""
    parser = argparse.ArgumentParser(prog="python -m playground.kernels", description=main.__doc__)
    parser.add_argument("--all", action="store_true", help="every kernel a float32 network can need")
    parser.add_argument("--dtype", default="float32", choices=("float32", "float64"))
    parser.add_argument("--isa", default=None, help="instruction set (this machine's)")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args(arguments)
    if hasattr(os, "nice"):
        os.nice(10)
    isa = chosen.isa or instruction_sets.detect()
    names = missing(all_names(isa) if chosen.all else chosen.names, chosen.dtype, isa)
    for done, name in enumerate(names, 1):
        addresses([name], chosen.dtype, isa)
        print(f"compiled {done} of {len(names)}: {name}", flush=True)
    return 0
