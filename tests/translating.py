"""All that the window says and where it is collected from: what a translation in ``resources/translations`` must hold.

``python -m tests.translating LANGUAGE`` brings ``playground_LANGUAGE.ts`` up to date, keeps what is translated there, and makes the
``.qm`` of it that the program loads, once nothing in it is unfinished: a window half in one language is none. Texts of the window are
found by :func:`texts`; what rooms without Qt say stands in the context ``declared``: templates of ``say`` and messages, remedies and labels
in their sources (:func:`sentences`), names and help by asking the registries (:func:`declared`).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias, TypeGuard
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
Text: TypeAlias = tuple[str, str, str]
"""Context, words and comment."""


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
    found: list[str] = [*SPLITS, *SHORT.values()]
    found += [one.words for one in map(losses.get, losses.LOSSES)]
    for layer in registry.types():
        found += [layer.summary, layer.group, *_of_fields(layer.fields)]
    for name in data.names():
        kind = data.get(name)
        found += [kind.title, kind.summary, kind.group, *_of_fields(kind.fields)]
    for fields in (settings.TRAINING_FIELDS, settings.AUGMENTATION_FIELDS):
        found += _of_fields(tuple(fields))
    for function in FUNCTIONS.values():
        found += [function.title, function.written, function.help, function.non_differentiable]
    found += [optimizer.title for optimizer in optimizers.OPTIMIZERS.values()]
    for name in example_names():
        document = example(name)
        found += [document.title, document.summary, chapter(name)]
    return tuple(dict.fromkeys(words for words in found if any(letter.isalpha() for letter in words)))


def texts() -> Iterator[Text]:
    """What the files of ``ui`` have translated: by ``self.tr`` (the context is the class), by ``translate`` itself, or by a function of
    theirs that hands its argument on to it."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((HOUSE / "ui").rglob("*.py"))}
    helpers = {path: dict(helpers_of(tree)) for path, tree in trees.items()}
    shared = {name: context for found in helpers.values() for name, context in found.items() if not name.startswith("_")}
    for path, tree in trees.items():
        imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names}
        known = {name: context for name, context in shared.items() if name in imported} | helpers[path]
        yield from texts_of(tree, known)


def helpers_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Functions of a file that hand their argument on to ``translate``, with the context they do it in."""
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.args.args:
            for call in ast.walk(function):
                if _is_translate(call) and isinstance(call.args[1], ast.Name) and call.args[1].id == function.args.args[0].arg:
                    yield function.name, _literal(call.args[0])


def texts_of(tree: ast.Module, helpers: dict[str, str]) -> Iterator[Text]:
    """What one file has translated, some of it by ``helpers``."""
    left: list[tuple[ast.AST, str]] = [(tree, "")]
    while left:
        node, owner = left.pop()
        owner = node.name if isinstance(node, ast.ClassDef) else owner
        left += [(inner, owner) for inner in ast.iter_child_nodes(node)]
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called, comment = node.func, ""
        if _is_translate(node):
            context, given = _literal(node.args[0]), node.args[1]
            comment = _literal(node.args[2]) if len(node.args) > 2 else ""
        elif isinstance(called, ast.Attribute) and called.attr == "tr":
            context, given = owner, node.args[0]
        elif isinstance(called, ast.Name) and called.id in helpers:
            context, given = helpers[called.id], node.args[0]
        else:
            continue
        yield from ((context, words, comment) for words in map(_literal, leaves(given)) if words)


def _is_translate(node: ast.AST) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "translate":
        return False
    return isinstance(node.func.value, ast.Name) and node.func.value.id == "QCoreApplication"


def _literal(given: ast.expr) -> str:
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def wanted() -> dict[Text, None]:
    """All that a translation holds, in the order of the file."""
    of_rooms = (("declared", words, "") for words in (*sentences(), *declared()))
    return dict.fromkeys((*texts(), *of_rooms))


def read(path: Path) -> dict[Text, str]:
    """The translations in the source ``path``, by context, text and comment."""
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            told = message.find("translation")
            if told is not None and told.get("type") is None and told.text:
                key = (context.findtext("name") or "", message.findtext("source") or "", message.findtext("comment") or "")
                found[key] = told.text
    return found


def write(path: Path, language: str, known: Mapping[Text, str]) -> int:
    """Write the source ``path`` with all that is wanted, of which ``known`` is translated; the number of texts that are not."""
    root, contexts, left = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en"), {}, 0
    for name, words, comment in wanted():
        if name not in contexts:
            contexts[name] = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(contexts[name], "name").text = name
        message = ElementTree.SubElement(contexts[name], "message")
        ElementTree.SubElement(message, "source").text = words
        if comment:
            ElementTree.SubElement(message, "comment").text = comment
        told = ElementTree.SubElement(message, "translation")
        if (name, words, comment) in known:
            told.text = known[name, words, comment]
        else:
            told.set("type", "unfinished")
            left += 1
    ElementTree.indent(root, "  ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ElementTree.tostring(root, "unicode") + "\n", encoding="utf-8")
    return left


def release(path: Path) -> Path:
    """The file that the program loads, made of the source ``path``."""
    made = path.with_suffix(".qm")
    subprocess.run([str(Path(PySide6.__file__).parent / "lrelease"), "-silent", str(path), "-qm", str(made)], check=True)
    return made


def main(language: str) -> None:
    """Bring the source up to date, and make the file that the program loads once it is complete."""
    path = RESOURCES / "translations" / f"playground_{language}.ts"
    path.parent.mkdir(exist_ok=True)
    left = write(path, language, read(path) if path.exists() else {})
    print(f"{path}: {left} of {len(wanted())} texts are not translated")
    if not left:
        release(path)


if __name__ == "__main__":
    main(sys.argv[1])
