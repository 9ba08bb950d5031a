"""All that the window says and where it is collected from: what ``resources/translations`` must hold of each language.

``python -m tests.translating LANGUAGE`` brings ``playground_LANGUAGE.ts`` up to date and, when nothing in it is unfinished, makes the
``.qm`` that the program loads; both are committed. Texts of the window (``self.tr``) are found by Qt's own lupdate; what rooms without Qt
say stands in the context ``declared``: templates of ``say`` and messages, remedies and labels in their sources (:func:`sentences`), names
and help by asking the registries (:func:`declared`).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import PySide6

from playground import data
from playground.data.spec import SPLITS
from playground.document import optimizers, settings
from playground.document.examples import chapter, example, example_names
from playground.engine.wording import SHORT
from playground.fields import Field
from playground.layers import losses, registry
from playground.layers.functions import FUNCTIONS
from playground.paths import RESOURCES

ROOMS = ("document", "layers", "data", "engine", "export")
FILES = ("fields.py", "errors.py")
NOT_SHOWN = ("engine/bench",)  # of the command line alone
CALLS = re.compile(r"\b(?:say|Problem|Fix|\w+Error)\(")
HOUSE = Path(__file__).parent.parent / "playground"
TOOLS = Path(PySide6.__file__).parent


def sources() -> Iterator[Path]:
    """The files whose sentences reach the window."""
    for room in ROOMS:
        yield from (path for path in sorted((HOUSE / room).rglob("*.py")) if not any(part in path.as_posix() for part in NOT_SHOWN))
    yield from (HOUSE / name for name in FILES)


def shown(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that a user reads: a sentence, or a name that holds one."""
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
    ours = {"FieldError", "ShapeError", "DocumentError", "DataError", "FileError", "EngineError", "PlaygroundError"}
    if name in {"say", "Problem"} | ours:
        yield from call.args[:1]
    if name == "Fix":
        yield from call.args[1:2]
    if name in {"Problem"} | ours:
        yield from (given.value for given in call.keywords if given.arg in ("message", "remedy") or (given.arg == "where" and name in ours))


def leaves(given: ast.expr) -> Iterator[ast.expr]:
    """The values that an expression may have."""
    if isinstance(given, ast.IfExp):
        yield from leaves(given.body)
        yield from leaves(given.orelse)
    elif isinstance(given, ast.BoolOp):
        for value in given.values:
            yield from leaves(value)
    else:
        yield given


@cache
def given() -> tuple[tuple[Path, ast.expr], ...]:
    """Every expression that a user may read the value of, with the file where it stands."""
    found = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if CALLS.search(text):
            calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
            found += [(path, leaf) for call in calls for argument in shown(call) for leaf in leaves(argument)]
    return tuple(found)


@cache
def sentences() -> tuple[str, ...]:
    """Templates and whole sentences in the sources of rooms without Qt."""
    found = (one.value for _, one in given() if isinstance(one, ast.Constant) and isinstance(one.value, str))
    return tuple(dict.fromkeys(words for words in found if any(letter.isalpha() for letter in words)))


def _of_fields(fields: tuple[Field, ...]) -> Iterator[str]:
    for field in fields:
        yield from (field.title, field.help, field.unit)
        yield from (_lower(field.title), field.name.replace("_", " "))
        if field.optional or field.of:
            yield field.empty
        yield from (choice.replace("_", " ") for choice in field.choices)


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


@cache
def declared() -> tuple[str, ...]:
    """Names, help and choices that the registries know; titles, summaries and chapters of examples."""
    from playground.ui.panels.editors import NAMES

    found: list[str] = [*NAMES.values(), *SPLITS, *SHORT.values()]
    found += [one.words for one in map(losses.get, losses.LOSSES)]
    for layer in registry.types():
        found += [layer.summary, layer.group, *_of_fields(layer.fields)]
    for name in data.names():
        kind = data.get(name)
        found += [kind.title, kind.summary, kind.group, *_of_fields(kind.fields)]
    for fields in (settings.TRAINING_FIELDS, settings.AUGMENTATION_FIELDS):
        found += _of_fields(tuple(fields))
    for function in FUNCTIONS.values():
        found += [function.title, function.help, function.non_differentiable]
    found += [optimizer.title for optimizer in optimizers.OPTIMIZERS.values()]
    for name in example_names():
        document = example(name)
        found += [document.title, document.summary, chapter(name)]
    return tuple(dict.fromkeys(words for words in found if any(letter.isalpha() for letter in words)))


def path_of(language: str) -> Path:
    """The translation source of ``language``."""
    return RESOURCES / "translations" / f"playground_{language}.ts"


def read(path: Path) -> dict[tuple[str, str, str], str]:
    """Finished translations by context, source and comment."""
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            told = message.find("translation")
            if told is not None and told.get("type") is None and told.text:
                key = (context.findtext("name") or "", message.findtext("source") or "", message.findtext("comment") or "")
                found[key] = told.text
    return found


def main(language: str) -> None:
    """Bring the source up to date, what is translated kept, and make the file that the program loads."""
    path = path_of(language)
    path.parent.mkdir(exist_ok=True)
    files = [str(one) for one in sorted((HOUSE / "ui").rglob("*.py"))]
    before = read(path) if path.exists() else {}
    options = ["-silent", "-locations", "none", "-no-obsolete", "-target-language", language, "-source-language", "en"]
    subprocess.run([str(TOOLS / "lupdate"), *options, *files, "-ts", str(path)], check=True)
    tree = ElementTree.parse(path)
    root = tree.getroot()
    for context in [one for one in root.iter("context") if one.findtext("name") == "declared"]:
        root.remove(context)
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = "declared"
    for words in dict.fromkeys((*sentences(), *declared())):
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "source").text = words
        told = ElementTree.SubElement(message, "translation")
        if ("declared", words, "") in before:
            told.text = before["declared", words, ""]
        else:
            told.set("type", "unfinished")
    ElementTree.indent(tree, "  ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ElementTree.tostring(root, "unicode") + "\n", encoding="utf-8")
    subprocess.run([str(TOOLS / "lrelease"), "-silent", str(path), "-qm", str(path.with_suffix(".qm"))], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
