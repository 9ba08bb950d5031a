"""What a generated text, or sequences answered by sequences, say to the picture of symbols."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.data.text import symbols
from playground.engine.experiments.generated import Aligned, Generated, Stream
from playground.ui.lab.generate_bars import Bar, Choice
from playground.ui.lab.generate_layout import Block, Row
from playground.ui.lab.generate_matrix import Matrix
from playground.ui.lab.generate_symbols import Listed
from playground.ui.numbers import count, plain

BLANK = "_"
REMEMBERED = 24
"""Symbols that the title of a choice repeats."""
LONG = 16
"""Of an answer of more symbols a line of the list says how many are right."""


def tr(words: str) -> str:
    return QCoreApplication.translate("generate", words)


def named(numbers: Sequence[int] | np.ndarray, tokens: tuple[str, ...]) -> list[str]:
    """Symbols as they are shown, ``""`` for none."""
    return [tokens[number] if 0 <= number < len(tokens) else "" for number in np.asarray(numbers, np.int64).tolist()]


def text_of(found: Generated) -> str:
    """What was written, as plain text."""
    return joined(named(found.free.symbols, found.tokens), found.unit)


def joined(written: Sequence[str], unit: str) -> str:
    """Symbols as a text; those of no text side by side, with blanks where one has several letters."""
    if unit:
        return symbols.joined([symbol for symbol in written if symbol], unit)
    return ("" if all(len(symbol) <= 1 for symbol in written) else " ").join(written)


# -- a text
def blocks_of(found: Generated, before: Generated | None, forced: bool) -> tuple[Block, ...]:
    """The text, with what is left of the last one behind it while it is written; along a sample three rows, that one faint which is not
    looked at."""
    own = named(found.free.symbols, found.tokens)
    if found.truth is None or found.forced is None:
        rest: list[str] = []
        if found.state.running and before is not None and before.truth is None and before.tokens == found.tokens:
            rest = named(before.free.symbols[len(own) :], found.tokens)
        return (Block((Row("", own + rest, found.free.chances.tolist(), old=len(own) if rest else None),)),)
    truth, forced_chances = found.truth.tolist(), found.forced.chances.tolist()
    was_asked = [math.isfinite(chance) for chance in forced_chances]
    told = found.forced.symbols.tolist()
    rows = (
        Row(tr("the truth"), named(found.truth, found.tokens)),
        Row(
            tr("reads the truth"),
            [symbol if was else "" for symbol, was in zip(named(told, found.tokens), was_asked, strict=True)],
            forced_chances,
            [said == true if was else None for said, true, was in zip(told, truth, was_asked, strict=False)],
            faint=not forced,
        ),
        Row(
            tr("reads its own"),
            own,
            found.free.chances.tolist(),
            [None if at < found.given else said == truth[at] for at, said in enumerate(found.free.symbols.tolist())],
            faint=forced,
        ),
    )
    return (Block(rows),)


def choice_of(found: Generated, at: int, forced: bool) -> Choice | None:
    """What could have stood at place ``at``; ``None`` where the network was not asked."""
    stream: Stream = found.forced if forced and found.forced is not None else found.free
    if not 0 <= at < len(stream.symbols) or not np.isfinite(stream.chances[at]):
        return None
    read = found.truth if forced and found.truth is not None else found.free.symbols
    remembered = named(read[max(0, at - REMEMBERED) : at], found.tokens)
    text = joined(remembered, found.unit).replace("\n", symbols.SHOWN["\n"]).lstrip() or "".join(remembered)
    taken, true = int(stream.symbols[at]), -1 if found.truth is None else int(found.truth[at])
    warm = found.asked.temperature not in (0, 1)
    bars = []
    for number, chance, drawn in zip(stream.best[at].tolist(), stream.best_chances[at].tolist(), stream.drawn[at].tolist(), strict=True):
        if number >= 0:
            bars.append(Bar(found.tokens[number], chance, drawn if warm else math.nan, number == taken, number == true))
    kept = len(bars)
    for number, chance in ((true, float(stream.truth_chances[at])), (taken, float(stream.chances[at]))):
        if number >= 0 and number not in stream.best[at]:  # it takes the place of the least likely of the others
            kept -= 1
            bars[kept] = Bar(found.tokens[number], chance, math.nan, number == taken, number == true)
            if true == taken:
                break
    before = f"…{text}" if at > REMEMBERED else text
    return Choice(tr("Symbol {at}, after “{text}”").format(at=count(at + 1), text=before), tuple(bars))


# -- sequences
def aligned_blocks(found: Aligned) -> tuple[Block, ...]:
    """The sample asked for: its input, the truth and the answer."""
    row = row_of(found)
    given = inputs_of(found, row)
    truth, answers = found.truth[row].tolist(), found.answers[row].tolist()
    asked = [true >= 0 for true in truth]
    rows = (
        Row(tr("the truth"), named(truth, found.classes)),
        Row(
            tr("the answer"),
            [found.classes[said] if counts else "" for said, counts in zip(answers, asked, strict=True)],
            [chance if counts else math.nan for chance, counts in zip(found.best_chances[:, 0].tolist(), asked, strict=True)],
            [said == true if true >= 0 else None for said, true in zip(answers, truth, strict=True)],
        ),
    )
    first = Row(tr("the input"), given)
    return (Block((first, *rows)),) if found.same else (Block((first,), asked=False), Block(rows))


def aligned_choice(found: Aligned, at: int) -> Choice | None:
    """What the answer at step ``at`` could have been."""
    row = row_of(found)
    if not 0 <= at < found.truth.shape[1] or found.truth[row, at] < 0:
        return None
    taken, true = int(found.answers[row, at]), int(found.truth[row, at])
    bars = tuple(
        Bar(found.classes[number], chance, math.nan, number == taken, number == true)
        for number, chance in zip(found.best[at].tolist(), found.best_chances[at].tolist(), strict=True)
    )
    return Choice(tr("Step {at} of the answer").format(at=count(at + 1)), bars)


def listed(found: Aligned) -> tuple[Listed, ...]:
    """All samples that were answered, in a line each."""
    lines = []
    for row in range(len(found.samples)):
        counts = found.truth[row] >= 0
        said, true = (joined(named(of[row][counts], found.classes), "") for of in (found.answers, found.truth))
        good = int((found.answers[row][counts] == found.truth[row][counts]).sum())
        asked, right = int(counts.sum()), good == int(counts.sum())
        if asked > LONG:
            said, true = tr("{good} of {asked}").format(good=count(good), asked=count(asked)), ""
        given = joined(inputs_of(found, row), "")
        if not found.same and found.tokens[:1] == (BLANK,):
            given = given.strip(BLANK)  # a question shorter than others is filled up
        lines.append(Listed(given, said, true, right, row == row_of(found)))
    return tuple(lines)


def matrix_of(found: Aligned, title: str) -> Matrix | None:
    """The weights of the sample's attention, with the input's symbols above and the answer's at the side where they fit."""
    if found.attention is None:
        return None
    row, looks = row_of(found), found.attention
    given, answer = inputs_of(found, row), named(found.answers[row], found.classes)
    if len(answer) == len(looks):  # behind the end of the answer nothing is asked, and what it looks at there says nothing
        end = max(np.flatnonzero(found.truth[row] >= 0).tolist(), default=len(answer) - 1) + 1
        looks, answer = looks[:end], answer[:end]
    queries, keys = looks.shape
    return Matrix(title, looks, answer if len(answer) == queries else (), given if keys == found.inputs.shape[1] else ())


def row_of(found: Aligned) -> int:
    """Where the sample asked for is among those that were answered."""
    return found.asked.index - int(found.samples[0])


def inputs_of(found: Aligned, row: int) -> list[str]:
    """The real steps of a sample's input, as they are shown."""
    given = found.inputs[row][: int(found.lengths[row])]
    return named(given, found.tokens) if found.tokens else [plain(round(float(value), 2)) for value in given]
