"""What it learns from: ``names()``, ``get(name)``, ``describe(name, **options)``, ``load(name, **options)``.

Those that do not ship: ``missing(name)``, ``fetch(name)``.
"""

from playground.data.fetching import fetch, missing
from playground.data.registry import describe, get, load, names
from playground.data.spec import Dataset, DatasetType, Description, Split

__all__ = ["Dataset", "DatasetType", "Description", "Split", "describe", "fetch", "get", "load", "missing", "names"]
