"""One long sequence in windows: the formula in plain loops, and that windows lie right behind each other."""

from __future__ import annotations

import numpy as np
import pytest

from playground import data


@pytest.mark.parametrize(("gap", "signals"), [(40, 3), (7, 2), (2, 26)])
def test_the_last_signal(gap: int, signals: int) -> None:
    dataset = data.load("last-signal", samples=300, gap=gap, signals=signals, seed=3)
    assert [len(dataset.split(part)) for part in ("train", "validation", "test")] == [240, 30, 30]
    assert dataset.description.tokens[1:] == dataset.description.classes
    assert dataset.description.continued
    for part in (dataset.train, dataset.validation, dataset.test):
        x, y = part.x.reshape(-1), part.y.reshape(-1)
        assert x[0] > 0
        last, since = 0, 0
        for step, (token, answer) in enumerate(zip(x, y, strict=True)):
            if token:
                assert token != last
                assert step == 0 or max(1, gap // 2) <= since <= gap + gap // 2
                last, since = int(token), 0
            since += 1
            assert answer == last - 1
        assert set(np.unique(y)) == set(range(signals)) or gap == 40


@pytest.mark.parametrize("name", ["alice", "quatrains-5"])
def test_windows_of_a_text_continue_each_other_where_they_follow_at_their_length(name: str) -> None:
    for stride, continued in ((None, True), (32, True), (16, False), (40, False)):
        options = {"form": "windows", "length": 32, "stride": stride}
        about = data.describe(name, **options)
        assert about.continued == continued
        if stride in (None, 16):
            part = data.load(name, **options).validation if continued else data.load(name, **options).train
            follows = (part.x[1:, 0] == part.y[:-1, -1]) | (part.y[:-1, -1] < 0)
            assert follows.all() == continued
    assert not data.describe(name, form="whole").continued
    mended = {"form": "whole", **dict(data.describe(name, form="whole").to_continue)}
    assert data.describe(name, **mended).continued
