"""Text to be continued: that ships, and the user's own."""

from playground.data.text.corpora import GROUP, TEXTS

__all__ = ["GROUP", "TEXTS"]
