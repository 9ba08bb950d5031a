"""What it learns from: ``names()``, ``get(name)``, ``describe(name, **options)``, ``load(name, **options)``.

Those that do not ship: ``missing(name)``, ``fetch(name)``. Those in files of the user's own: ``inspect(path)``.
"""

from playground.data.fetching import fetch, missing
from playground.data.own import Found, inspect
from playground.data.registry import describe, forget, get, load, load_watched, names
from playground.data.spec import Dataset, DatasetType, Description, Split

__all__ = [
    "Dataset",
    "DatasetType",
    "Description",
    "Found",
    "Split",
    "describe",
    "fetch",
    "forget",
    "get",
    "inspect",
    "load",
    "load_watched",
    "missing",
    "names",
]
