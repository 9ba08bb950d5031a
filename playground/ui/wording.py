"""Words that other rooms declare, as the window says them: in its language, nodes by the titles that the cards show."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from playground.document import Document
from playground.sentences import Sentence


def declared(words: str) -> str:
    """``words`` of a room without Qt in the window's language: names and help of fields, layers, data sets and examples as they are,
    a :class:`~playground.sentences.Sentence` by its template, with the sentences in it. A signal that takes a ``str`` hands on no
    sentence: what is emitted is declared first."""
    if isinstance(words, Sentence):
        return words.told(_translated)
    return _translated(words) if words else words


def _translated(words: str) -> str:
    return QCoreApplication.translate("declared", words)


def with_titles(words: str, document: Document) -> str:
    """``words`` in the window's language, with the title of each node in the place of its id, and a capital letter at the start."""
    words = declared(words)
    titles = {id: node.title for id, node in document.nodes.items() if node.title and node.title != id}
    if titles:
        named = "|".join(re.escape(id) for id in sorted(titles, key=len, reverse=True))
        words = re.sub(rf"\b(?:{named})\b", lambda found: titles[found.group()], words, flags=re.ASCII)  # Chinese needs no blanks
    starts_with_node = any(words.startswith(node.title or id) for id, node in document.nodes.items())
    return words if starts_with_node else words[:1].upper() + words[1:]


def sentence_case(words: str) -> str:
    """``words`` with a capital letter at the start."""
    return words[:1].upper() + words[1:]
