"""Which of many branches have a lane on the timeline just now: it grows by a few, then they are scrolled. Without Qt."""

from __future__ import annotations

from collections.abc import Sequence

from playground.ui.panels.branch_tracks import Track

LANE = 12
"""px that a further lane adds to the timeline's height."""
GROWTH = 2
"""So many lanes the timeline grows by; the canvas above it gives the room."""


class Lanes:
    """A window of :attr:`all` tracks, oldest branch first. ``roomy`` lanes fit the timeline as it is."""

    def __init__(self, roomy: int) -> None:
        self.roomy = roomy
        self.all: list[Track] = []
        self.first = 0
        self._led: tuple[int, int] | None = None

    @property
    def shown(self) -> list[Track]:
        return self.all[self.first : self.first + self.most]

    @property
    def most(self) -> int:
        return self.roomy + GROWTH

    @property
    def growth(self) -> int:
        """px beyond the timeline's first height."""
        return LANE * (min(max(len(self.all), self.roomy), self.most) - self.roomy)

    @property
    def above(self) -> int:
        """How many branches have no lane, older than those that have."""
        return self.first

    @property
    def below(self) -> int:
        return max(len(self.all) - self.first - self.most, 0)

    def take(self, tracks: Sequence[Track], present: int, on_show: int) -> None:
        """Follow the branches. Where the ``present`` one or the one ``on_show`` has become another, that gets a lane; what the user
        scrolled to stays otherwise."""
        self.all = list(tracks)
        if self._led != (present, on_show):
            self._led = present, on_show
            self.reveal(present)
            self.reveal(on_show)
        self.scroll(0)

    def scroll(self, by: int) -> None:
        """Newer branches (``by`` 1) or older ones, as far as there are any."""
        self.first = max(min(self.first + by, len(self.all) - self.most), 0)

    def reveal(self, run: int) -> None:
        """Scroll as little as gives branch ``run`` a lane."""
        row = next((row for row, track in enumerate(self.all) if track.run == run), None)
        if row is not None:
            self.first = max(min(self.first, row), row - self.most + 1)
