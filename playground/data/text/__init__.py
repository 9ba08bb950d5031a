"""Text to be continued: that ships, and the user's own."""

from playground.data.text.corpora import TEXTS

__all__ = ["TEXTS"]
