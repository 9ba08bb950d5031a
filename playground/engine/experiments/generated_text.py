"""Writing on: each symbol drawn from the network's chances for it, and read again.

At temperature t the chances are softmax(log p / t) of the network's own p; at 0 the likeliest symbol is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground import data, fields
from playground.data.spec import Split
from playground.data.text import symbols
from playground.document.model import Document
from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.generated import GenerateAsked, Generated, Stream
from playground.engine.experiments.generation import GenerationExperiment, lost
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run

BEST = 8
"""Of so many symbols the chances are kept at each step."""
NAMED = 5
Chances = NDArray[np.float64]


class TextExperiment(GenerationExperiment):
    """A language model writes. Along a sample two texts are read side by side: the true one, and its own."""

    def __init__(self, run: Run, asked: GenerateAsked, progress: ProgressReport, before: Experiment | None) -> None:
        super().__init__(run, asked, progress, before)
        lowered, tokens = self.network.lowered, self.dataset.description.tokens
        if lowered.loss.target != "class" or lowered.prediction.shape[-1] != len(tokens):
            raise EngineError(
                "to draw a symbol takes a chance for each of them, which this loss does not give.",
                where=lowered.output,
                remedy="Choose the loss softmax cross-entropy, with a unit a symbol before it.",
            )
        if not 0 <= asked.temperature < np.inf:
            raise EngineError(
                say("expected a temperature of 0 or more, got {temperature}.", temperature=asked.temperature), where="temperature"
            )
        if asked.seed < 0:
            raise EngineError(say("expected a seed of 0 or more, got {seed}.", seed=asked.seed), where="seed")
        self._tokens, self._unit = tokens, unit_of(self.document)
        self._context = int(lowered.prediction.shape[0])
        self._end = end_of(self.dataset.train)
        self._truth: NDArray[np.int32] | None = None
        self._first = 0
        if asked.along:
            self._truth, self._first = self._true_text()
            wanted = len(self._truth) // 4 if asked.seen is None else asked.seen
            self._start = self._truth[: min(max(wanted, self._first), len(self._truth) - 1)]
            length = len(self._truth)
        else:
            self._start = self._beginning()
            length = len(self._start) + asked.count
        self._given_steps = len(self._start)
        self.total = length - (self._first if asked.along else self._given_steps)
        self._length = length
        self._begin()

    def work(self) -> Iterator[bool]:
        self.prepare(1 if self._truth is None else 2, True)
        yield True
        rng = np.random.default_rng(self.asked.seed)
        lucks = rng.random(self._length)  # one a place, so that the same seed differs only where the chances do
        self._begin()
        if self._truth is None:
            while self._free.count < self._length and not self._ended:
                self._write(self._free, self.chances([self._free.symbols[: self._free.count]])[0], lucks[self._free.count], -1)
                self.done += 1
                yield True
            self.total = self.done
            return
        for at in range(self._first, self._length):
            truth, free = int(self._truth[at]), at >= self._given_steps and not self._ended
            both = self.chances([self._truth[:at], self._free.symbols[:at]] if free else [self._truth[:at]])
            self._write(self._forced, both[0], lucks[at], truth)
            if free:
                self._write(self._free, both[1], lucks[at], truth)
            self.done += 1
            yield True

    def _begin(self) -> None:
        """Nothing but what is given is written."""
        self._free, self._forced, self.done = _Written(self._length), _Written(self._length), 0
        for number in self._start:
            self._free.give(int(number))
        if self._truth is not None:
            for number in self._truth[: self._first]:
                self._forced.give(int(number))

    def chances(self, texts: Sequence[NDArray[np.int32]]) -> Chances:
        """What comes next after each of ``texts``, float64 (n, symbols): the network reads as many of the last symbols as it can."""
        x = np.zeros((len(texts), self._context), np.float32)
        lengths = np.zeros(len(texts), np.int64)
        for row, text in enumerate(texts):
            read = text[-self._context :]
            lengths[row] = len(read)
            x[row, : len(read)] = read
        predicted = self.network.forward(x, lengths=lengths)[np.arange(len(texts)), lengths - 1].astype(np.float64)
        if not np.isfinite(predicted).all():
            raise lost(self.network.lowered.output)
        return predicted

    @property
    def _ended(self) -> bool:
        free = self._free
        return free.count > self._given_steps and self._end is not None and int(free.symbols[free.count - 1]) == self._end

    def _write(self, written: _Written, chances: Chances, luck: float, truth: int) -> None:
        drawn = tempered(chances, self.asked.temperature)
        number = int(np.argmax(chances)) if self.asked.temperature == 0 else chosen(drawn, luck)
        written.write(number, chances, drawn, truth)

    def found(self) -> Generated:
        return Generated(
            state=self.state,
            asked=self.asked,
            of=len(self.dataset.split(self.asked.split)),
            tokens=self._tokens,
            unit=self._unit,
            given=self._given_steps,
            free=self._free.stream(),
            forced=None if self._truth is None else self._forced.stream(),
            truth=None if self._truth is None else fixed(self._truth),
            ended=self._ended,
            context=self._context,
            seconds=self.seconds,
        )

    def _true_text(self) -> tuple[NDArray[np.int32], int]:
        """The sample's symbols and, where it is known, the one after them; and which is the first that is asked for."""
        x, y, length = self.sample()
        last = [int(y[length - 1])] if y[length - 1] >= 0 else []
        text = np.concatenate([x[:length], last]).astype(np.int32)
        first = int((y[:length] >= 0).argmax()) + 1
        if len(text) <= first:
            raise EngineError("the sample asks for no symbol: there is nothing to be told.", where="sample", remedy="Choose another one.")
        return text, first

    def _beginning(self) -> NDArray[np.int32]:
        """The start text by number, behind the mark that every sample of training begins with, if there is one; without a text the
        beginning of a sample, drawn by the seed, up to the first symbol whose follower is asked for: mostly that is the mark alone."""
        numbers = numbers_of(self.asked.start, self._tokens, self._unit, unknown=bool((self.dataset.train.x == 0).any()))
        train = self.dataset.train
        firsts = np.unique(train.x[:, 0].astype(np.int32))
        if not len(numbers):
            row = int(np.random.default_rng([self.asked.seed, 1]).integers(len(train.x), size=1)[0])
            return train.x[row, : int((train.y[row] >= 0).argmax()) + 1].astype(np.int32)
        if len(firsts) == 1 and numbers[0] != firsts[0]:
            return np.concatenate([firsts, numbers]).astype(np.int32)
        return numbers


class _Written:
    """A text as it grows, with the chances at each place."""

    def __init__(self, length: int) -> None:
        self.count = 0
        self.symbols = np.full(length, -1, np.int32)
        self._best = np.full((length, BEST), -1, np.int32)
        self._chances, self._truth_chances = (np.full(length, np.nan, np.float32) for _ in range(2))
        self._best_chances, self._drawn = (np.full((length, BEST), np.nan, np.float32) for _ in range(2))

    def give(self, number: int) -> None:
        """A symbol that the network was not asked for."""
        self.symbols[self.count] = number
        self.count += 1

    def write(self, number: int, chances: Chances, drawn: Chances, truth: int) -> None:
        at, best = self.count, likeliest(chances)
        self.give(number)
        self._chances[at] = chances[number]
        self._best[at, : len(best)], self._best_chances[at, : len(best)], self._drawn[at, : len(best)] = best, chances[best], drawn[best]
        if truth >= 0:
            self._truth_chances[at] = chances[truth]

    def stream(self) -> Stream:
        there = slice(0, self.count)
        kept = (self.symbols, self._chances, self._best, self._best_chances, self._drawn, self._truth_chances)
        return Stream(*(fixed(array[there]) for array in kept))


def tempered(chances: NDArray[Any], temperature: float) -> Chances:
    """softmax(log p / t) of chances p (n,); at t = 0 all on the likeliest, the first of equals."""
    if temperature == 0:
        sharp: Chances = (np.arange(len(chances)) == np.argmax(chances)).astype(np.float64)
        return sharp
    with np.errstate(divide="ignore"):
        powers = np.log(chances.astype(np.float64)) / temperature
    powers = np.exp(powers - powers.max())
    found: Chances = powers / powers.sum()
    return found


def chosen(chances: Chances, luck: float) -> int:
    """Which of the symbols ``luck`` in [0, 1) falls on when they lie side by side, as wide as their chances."""
    edges = np.cumsum(chances)
    return int(np.searchsorted(edges, luck * edges[-1], side="right").clip(max=len(chances) - 1))


def likeliest(chances: NDArray[Any]) -> NDArray[np.int64]:
    """The :data:`BEST` symbols, the likeliest first, of equals the one with the lower number."""
    return np.argsort(-chances, kind="stable")[:BEST]


def end_of(train: Split) -> int | None:
    """The symbol that ends a text: the last target of every sample, where no sample ever reads it."""
    steps = train.y.shape[1]
    lengths = np.full(len(train.y), steps) if train.lengths is None else train.lengths
    lasts = np.unique(train.y[np.arange(len(train.y)), lengths - 1])
    real = np.arange(steps) < lengths[:, None]
    if len(lasts) != 1 or lasts[0] < 0 or (train.x[real] == lasts[0]).any():
        return None
    return int(lasts[0])


def unit_of(document: Document) -> str:
    """What a step of the document's text is, ``"characters"`` or ``"words"``; empty where its data are no text."""
    kind = data.get(document.data.name)
    if all(field.name != "unit" for field in kind.fields):
        return ""
    return str(fields.complete(kind.fields, document.data.options, kind.name)["unit"])


def numbers_of(text: str, tokens: tuple[str, ...], unit: str, unknown: bool = False) -> NDArray[np.int32]:
    """A text of the user's as numbers of ``tokens``. Symbols that are none of a text (``unit`` empty) may be parted by blanks or commas.
    Where ``unknown`` words were trained on, those not known are the unknown one; else they raise an
    :class:`~playground.errors.EngineError` that names them."""
    if unit:
        said = symbols.split(text, unit)
    else:
        said = text.replace(",", " ").split()
        if all(len(token) == 1 for token in tokens):
            said = list(symbols.SHOWN[" "].join(said) if symbols.SHOWN[" "] in tokens else "".join(said))
    numbers = symbols.numbers_of(tokens)
    strange = list(dict.fromkeys(one for one in said if one not in numbers))
    if strange and not (unknown and unit == symbols.WORDS):
        named: str = ", ".join(f"“{one}”" for one in strange[:NAMED])
        if len(strange) > NAMED:
            named = say("{parts} and {count} more", parts=named, count=len(strange) - NAMED)
        few = say(": {tokens}", tokens=" ".join(tokens)) if len(tokens) <= 30 else ""
        raise EngineError(
            say("{named} did not occur in training.", named=named),
            where="start text",
            remedy=say("Take symbols of the {tokens:,} that it knows{few}.", tokens=len(tokens), few=few),
        )
    return symbols.numbered(said, numbers).astype(np.int32)
