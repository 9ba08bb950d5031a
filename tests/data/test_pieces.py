"""Files of the user's own are gone through in pieces, so that no call of a library keeps the interpreter from the window: same result."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from playground.data import files
from playground.data.series import columns
from playground.data.text import symbols
from playground.errors import DataError


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 1 << 20])
def test_text_is_the_same_in_whatever_pieces_it_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(files, "PIECE", piece)
    path = tmp_path / "text"
    path.write_bytes("aé漢𝄞\r\nb\rc\n".encode())
    stream = files.read_text(path, 100, "Mend it.")
    assert list(stream) == ["aé漢𝄞\n", "b\n", "c\n"]
    stream.seek(0)
    assert stream.read() == "aé漢𝄞\nb\nc\n"
    path.write_bytes(b"")
    assert files.read_text(path, 100, "Mend it.").read() == ""


@pytest.mark.parametrize("piece", [1, 2, 3, 4, 1 << 20])
@pytest.mark.parametrize(("content", "byte"), [(b"ab\xffcd", 2), ("漢字".encode()[:-1], 3), ("é漢".encode() + b"\xe6\xbc" + b"x", 5)])
def test_the_byte_that_is_no_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, content: bytes, byte: int) -> None:
    monkeypatch.setattr(files, "PIECE", piece)
    path = tmp_path / "text"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"but byte {byte} is none"):
        files.read_text(path, 100, "Mend it.")


def test_a_table_has_its_rows_and_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b,c\n1,2,3\n\n4,5,6\n7,8,9\n")
    values, line = columns.read(path, ("a", "c"))
    assert (values.tolist(), values.dtype, line) == ([[1, 3], [4, 6], [7, 9]], np.float64, 2)
    monkeypatch.setattr(columns, "MOST_ROWS", 2)
    with pytest.raises(DataError, match="at most 2 rows"):
        columns.read(path, ("a", "c"))


@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
def test_a_vocabulary_is_the_same_in_whatever_pieces_it_is_counted(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(symbols, "PIECE", piece)
    text = "The cat, the dog and\tthe 漢字 of the cat.\n" * 3
    characters = symbols.split(text, symbols.CHARACTERS)
    assert "".join(characters) == text.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥")
    assert symbols.vocabulary(characters) == (*symbols.MARKS, *sorted(set(characters)))
    words = symbols.split(text, symbols.WORDS)
    assert words[:8] == ["The", "cat", ",", "the", "dog", "and", "the", "漢"]
    most = [word for word, _ in Counter(words).most_common(4)]
    assert symbols.vocabulary(words, 4) == (*symbols.MARKS, *sorted(most))
