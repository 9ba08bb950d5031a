"""Words that other rooms declare, as the window says them: in its language, nodes by the titles that the cards show."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from playground.document import Document


def declared(words: str) -> str:
    """``words`` in the window's language: names and help of fields, layers, data sets and examples come from rooms without Qt."""
    return QCoreApplication.translate("declared", words) if words else words


def with_titles(words: str, document: Document) -> str:
    """``words`` with the title of each node in the place of its id, and a capital letter at the start."""
    titles = {id: node.title for id, node in document.nodes.items() if node.title and node.title != id}
    if titles:
        named = "|".join(re.escape(id) for id in sorted(titles, key=len, reverse=True))
        words = re.sub(rf"\b(?:{named})\b", lambda found: titles[found.group()], words)
    starts_with_node = any(words.startswith(node.title or id) for id, node in document.nodes.items())
    return words if starts_with_node else words[:1].upper() + words[1:]


def sentence_case(words: str) -> str:
    """``words`` with a capital letter at the start."""
    return words[:1].upper() + words[1:]
