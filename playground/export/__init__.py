"""How it is taken away: ``write(path, parameters, document)``, ``read(path)``, ``verify(document, parameters, path)``."""

from playground.export.files import FORMATS, Format, read, read_document, write
from playground.export.verification import Report, verify

__all__ = ["FORMATS", "Format", "Report", "read", "read_document", "verify", "write"]
