"""A text as it is typed, as symbols of a set's vocabulary."""

from __future__ import annotations

from playground.data.text.symbols import CHARACTERS, UNKNOWN, WORDS, numbers_of, shown, split


def typed(text: str, tokens: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """Numbers of the symbols of ``text``, and those pieces that are none. Capitals stand for small letters, and these for capitals,
    where the set has no others; a blank that is no symbol is left out; other unknown pieces are the set's unknown symbol, where it has
    one, or left out."""
    numbers, blank = numbers_of(tokens), shown(" ")
    words = any(len(token) > 1 and not token.startswith("\\") for token in tokens)
    found, strange = [], []
    for piece in split(text, WORDS if words else CHARACTERS):
        number = next((numbers[form] for form in (piece, piece.lower(), piece.upper()) if form in numbers), None)
        if number is None and piece == blank:
            continue
        if number is None:
            strange.append(piece)
            number = numbers.get(UNKNOWN)
        if number is not None:
            found.append(number)
    return found, strange
