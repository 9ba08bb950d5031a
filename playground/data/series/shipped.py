"""Series that ship: sunspots by year and by month, airline passengers, carbon dioxide in the air."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from playground import paths
from playground.data.series import columns
from playground.data.series.cutting import DIFFERENCE, LOG, PLAIN, Cut, Series, cut, dataset, described, fields
from playground.data.spec import Dataset, DatasetType, Description, Options
from playground.errors import DataError
from playground.fields import Field

GROUP = "Series"


@dataclass(frozen=True, slots=True)
class Known:
    """A file that ships, its one column, and the steps of its season."""

    file: str
    column: str
    season: int
    unit: str

    def read(self) -> Series:
        """The series. Raises :class:`DataError` where the file is missing or damaged."""
        path = paths.RESOURCES / "datasets" / "series" / self.file
        try:
            values, line = columns.read(path, (self.column,))
            times = columns.times(path, self.column)
        except DataError as error:
            raise DataError(error.message, where=error.where, remedy="It ships with the program: take it from a fresh copy.") from None
        return Series((self.column,), values, season=self.season, where=str(path), first_line=line, times=times, unit=self.unit)

    def cut(self, options: Options) -> Cut:
        return cut(self.read(), options, options["validation"], options["test"])


def _describe(known: Known, options: Options) -> Description:
    return described((known.column,), known.column, options)


def _load(known: Known, options: Options) -> Dataset:
    return dataset(_describe(known, options), known.cut(options))


def _values(name: str, default: int, help: str) -> Field:
    return Field(name, "int", default, help, unit="values", minimum=12 if name == "test" else 0, maximum=1500)


def _type(name: str, title: str, summary: str, known: Known, window: int, transform: str, validation: int, test: int) -> DatasetType:
    own = (
        *fields(window, transform),
        _values("validation", validation, "So many values before the test's are for validation; with 0 it is the training part itself."),
        _values("test", test, "The last so many values are for the test."),
    )
    return DatasetType(name, title, summary, GROUP, "regression", partial(_describe, known), partial(_load, known), own)


KNOWN = {
    "sunspots": Known("sunspots_yearly.csv", "sunspots", 11, ""),
    "sunspots-monthly": Known("sunspots_monthly.csv", "sunspots", 132, ""),
    "airline": Known("airline_passengers.csv", "passengers", 12, "thousands"),
    "co2": Known("co2_monthly.csv", "co2_ppm", 12, "ppm"),
}
"""The season of sunspots is eleven years, about."""

SERIES = (
    _type("sunspots", "Sunspots", "The mean number of sunspots of each year from 1700 to 2008.", KNOWN["sunspots"], 11, PLAIN, 30, 78),
    _type(
        "sunspots-monthly",
        "Sunspots by month",
        "The same by months, 1749 to 2009: longer, and rough.",
        KNOWN["sunspots-monthly"],
        24,
        PLAIN,
        300,
        600,
    ),
    _type(
        "airline",
        "Airline passengers",
        "Passengers a month, 1949 to 1960, in thousands: a season that grows with the trend.",
        KNOWN["airline"],
        12,
        LOG,
        12,
        48,
    ),
    _type(
        "co2",
        "CO2 in the air",
        "Parts per million on Mauna Loa by months, 1958 to 2001: a season on a trend.",
        KNOWN["co2"],
        12,
        DIFFERENCE,
        48,
        106,
    ),
)
