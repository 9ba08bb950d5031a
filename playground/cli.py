"""The command line. Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.

Exit codes: 0 done, 1 a check failed, 2 bad input or a missing part. With ``--json`` standard output holds one JSON object and
nothing else; progress and errors go to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from playground.errors import PlaygroundError

BAD = 2
SPLITS = ("train", "validation", "test")
FORMATS = ("npz", "safetensors")
THEMES, LANGUAGES = ("dark", "light"), ("en", "zh")
DESCRIPTION = "A visual neural-network playground. Without a command the window opens; with a FILE.playground it opens that project."
SOURCE = "the name of an example (see `examples`), or a FILE.playground or FILE.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (by default the process's) name; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _write_what_fits()
    try:
        if given[:1] == ["test"]:
            from playground import suite

            return suite.run(given[1:])
        parser, commands = _parsers()
        if not given or (given[0] not in commands and given[0] not in ("-h", "--help")):
            return _window(given, tuple(commands))
        options = parser.parse_args(given)
        run: Callable[[argparse.Namespace], int] = options.run
        code = run(options)
        if sys.stdout is not None:  # as it is under `>&-` and pythonw
            sys.stdout.flush()  # here, where a full disk or a reader that has gone is still told of
        return code
    except PlaygroundError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "playground":
            raise
        print(f"error: the package {error.name} is missing. Run `python3 main.py` once to set up, or pip install it.", file=sys.stderr)
        return BAD
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        _forget_output()
        return 0
    except OSError as error:  # a disk that is full, a folder that may not be written to: nothing that a traceback would explain
        print(f"error: {error.filename or 'the output'}: {error.strerror or error}.", file=sys.stderr)
        _forget_output()
        return BAD


def _write_what_fits() -> None:
    """Letters that a terminal's encoding lacks become question marks, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _forget_output() -> None:
    """Let Python's own last flush, which would fail as this one did and say so, find nothing to write to."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stdout.close()


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    parser = argparse.ArgumentParser(prog="main.py", description=DESCRIPTION, allow_abbrev=False)
    _window_options(parser)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    commands: dict[str, argparse.ArgumentParser] = {}

    def command(name: str, run: Callable[[argparse.Namespace], int], help: str, json: bool = True) -> argparse.ArgumentParser:
        added = commands[name] = subparsers.add_parser(name, help=help, description=help, allow_abbrev=False)
        added.set_defaults(run=run)
        if json:
            added.add_argument("--json", action="store_true", help="print one JSON object")
        return added

    command("examples", _listing("examples"), "list the examples")
    datasets = command("datasets", _listing("datasets"), "list the data sets, or fetch one that does not ship")
    datasets.add_argument("--fetch", metavar="NAME", help="download the files of this data set: fashion-mnist")
    command("layers", _listing("layers"), "list the layer types and their fields")

    summary = command("summary", _listing("summary"), "a table of nodes: type, output shape, parameters, multiply-adds")
    summary.add_argument("source", metavar="NAME|FILE", help=SOURCE)

    train = command("train", _running("train"), "train a network and print its scores")
    train.add_argument("source", metavar="NAME|FILE", help=f"{SOURCE}: a new run, which begins with the project's weights")
    length = train.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=_count, metavar="N", help="train for N epochs")
    length.add_argument("--steps", type=_count, metavar="N", help="train for N steps")
    train.add_argument("--seed", type=_seed, metavar="S", help="the seed of all chance; the same seed repeats the run to the bit")
    train.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="changes", help="such as training.learning_rate=0.5"
    )
    train.add_argument("--weights", metavar="FILE", help="begin with the weights of a project, .npz or .safetensors where they fit")
    train.add_argument("--save", metavar="FILE", help="write the trained project to FILE.playground")

    evaluate = command("evaluate", _running("evaluate"), "score a trained project on a split of its data")
    evaluate.add_argument("source", metavar="FILE", help="a trained FILE.playground")
    evaluate.add_argument("--split", choices=SPLITS, default="test", help="default: test")

    gradients = command("check-gradients", _running("check_gradients"), "hold every gradient against finite differences, in float64")
    gradients.add_argument("source", metavar="NAME|FILE", help=SOURCE)

    export = command("export", _running("export"), "write trained weights for other programs", json=False)
    export.add_argument("source", metavar="FILE", help="a trained FILE.playground")
    export.add_argument("out", metavar="OUT", help="the file to write")
    export.add_argument("--format", choices=FORMATS, help="default: by OUT's ending")
    export.add_argument("--verify", action="store_true", help="load the export again and compare predictions on 100 samples")

    screenshot = command("screenshot", _running("screenshot"), "a picture of the window; works without a screen", json=False)
    screenshot.add_argument("source", metavar="NAME|FILE", help=SOURCE)
    screenshot.add_argument("out", metavar="OUT.png", help="the picture to write")
    screenshot.add_argument("--steps", type=_whole, metavar="N", help="train N steps first")
    screenshot.add_argument("--fork", type=_whole, metavar="STEP", help="then fork a branch at STEP and train it to step N as well")
    screenshot.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        dest="changes",
        help="what the branch changes: training.learning_rate=0.5",
    )
    screenshot.add_argument("--at", metavar="STAGE", help="the stage of the pass to show: phase:node[:cell], such as backward:dense2:3")
    screenshot.add_argument("--unroll", metavar="NODE", help="the recurrent layer to show step by step in time")
    screenshot.add_argument("--size", type=_size, default=(1600, 1000), metavar="WxH", help="default: 1600x1000")
    _window_options(screenshot)

    bench = command("bench", _running("bench"), "time training steps")
    bench.add_argument("--against", choices=("torch",), help="compare with PyTorch, alternating in one run")

    subparsers.add_parser("test", help="run the tests; all that follows goes to pytest", add_help=False)
    return parser, commands


def _window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", choices=THEMES, help="default: the system's")
    parser.add_argument("--language", choices=LANGUAGES, help="default: the system's")


def _listing(name: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        from playground import cli_lists

        function: Callable[[argparse.Namespace], int] = getattr(cli_lists, name)
        return function(options)

    return run


def _running(name: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        from playground import cli_runs

        function: Callable[[argparse.Namespace], int] = getattr(cli_runs, name)
        return function(options)

    return run


def _window(given: Sequence[str], commands: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="main.py", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("file", nargs="?", metavar="FILE.playground")
    _window_options(parser)
    options, more = parser.parse_known_args(given)
    if options.file is not None:
        from pathlib import Path

        if not Path(options.file).is_file():
            _refuse_word(options.file, (*commands, "test"))
    if more:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    from playground.cli_lists import warn_of_damaged
    from playground.ui import app

    warn_of_damaged()
    return int(app.main(options.file, theme=options.theme, language=options.language))


def _refuse_word(word: str, commands: Sequence[str]) -> NoReturn:
    names: Sequence[str] = ()
    with contextlib.suppress(ModuleNotFoundError):  # an interpreter without the packages may say so too: a slip needs no set-up
        from playground.document import example_names

        names = example_names()
    close = difflib.get_close_matches(word, commands, n=1)
    guess = f"Did you mean {close[0]}? " if close else ""
    if word in names:
        guess = f"It is an example: `train {word}` trains it, `screenshot {word} OUT.png` draws it, the window opens it by a click. "
    raise PlaygroundError(f"there is no command and no file {word!r}.", remedy=f"{guess}Commands: {', '.join(commands)}.")


def _integer(text: str, least: int, most: int | None = None) -> int:
    expected = f"a whole number from {least} to {most}" if most is not None else f"a whole number of at least {least}"
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least or (most is not None and number > most):
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return number


def _count(text: str) -> int:
    return _integer(text, 1)


def _whole(text: str) -> int:
    return _integer(text, 0)


def _seed(text: str) -> int:
    return _integer(text, 0, 2**31 - 1)


def _size(text: str) -> tuple[int, int]:
    parts: Any = text.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.isdecimal() and 200 <= int(part) <= 8192 for part in parts):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT, each from 200 to 8192, such as 1600x1000, got {text!r}")
    return int(parts[0]), int(parts[1])
