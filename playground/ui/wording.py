"""Sentences about nodes, as the window says them: by the titles that the cards show."""

from __future__ import annotations

import re

from playground.document import Document


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
