"""Sentences for the user from rooms without a window: English to all who read them, and still to be said in another language.

A :class:`Sentence` is its English text, so messages, logs and comparisons take it for the ``str`` it is. Beside that it remembers the
template and the values that it was made of: the window looks the template up in its language and fills it anew (``ui/wording.py``).
Templates stand in calls of :func:`say`, where the translation source is collected from (``tests/translating.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from string import Formatter
from types import MappingProxyType
from typing import Any


class Sentence(str):
    """English text, with the ``template`` and the ``values`` (by name: text, or a sentence again) it was made of.

    What makes text of text (``+``, ``join``, an f-string with more in it) gives an ordinary ``str``, which stays English.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, values: Mapping[str, str]) -> Sentence:
        made = super().__new__(cls, _filled(template, values))
        made.template, made.values = template, MappingProxyType(dict(values))
        return made

    def __str__(self) -> Sentence:
        """Itself: ``str(error)`` of an error that tells a sentence is that sentence."""
        return self

    @property
    def english(self) -> str:
        """The text alone, for what takes no more than a ``str``: files."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.template, dict(self.values))

    def told(self, translate: Callable[[str], str]) -> str:
        """The sentence in the language of ``translate``, which is given a template and returns that language's, or the same."""
        values = {name: value.told(translate) if isinstance(value, Sentence) else value for name, value in self.values.items()}
        return _filled(translate(self.template), values)


def say(template: str, **values: object) -> Sentence:
    """``template`` filled as by ``str.format``. Each name of it stands once; how a number is written is decided here, for all languages."""
    filled = {
        name: _written(values[name], conversion, spec or "")
        for _, name, spec, conversion in Formatter().parse(template)
        if name is not None
    }
    return Sentence(template, filled)


def sentence(words: str) -> Sentence:
    """``words`` as a sentence without values: to be translated as they stand."""
    return words if isinstance(words, Sentence) else Sentence(words.replace("{", "{{").replace("}", "}}"), {})


def listed(parts: Iterable[object], between: str = ", ") -> Sentence:
    """``parts`` one after the other, ``between`` between them; those that are sentences stay so."""
    values = {f"part{place}": _written(part, None, "") for place, part in enumerate(parts)}
    return Sentence("{between}".join(f"{{{name}}}" for name in values), values | {"between": between})


def _written(value: object, conversion: str | None, spec: str) -> str:
    if isinstance(value, Sentence) and not conversion and not spec:
        return value
    if conversion == "r":
        value = repr(value)
    written = format(value, spec)
    return written if isinstance(written, Sentence) else str(written)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """``template`` with ``values`` in their places, as they are: what a format says behind a name was done when they were written."""
    parts = []
    for before, name, _, _ in Formatter().parse(template):
        parts.append(before)
        if name is not None:
            parts.append(values[name])
    return "".join(parts)
