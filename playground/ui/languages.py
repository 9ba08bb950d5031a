"""Translations: ``resources/translations/playground_<language>.qm``, made by Qt's own tools."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from playground.paths import RESOURCES

FOLDER = RESOURCES / "translations"


def languages() -> tuple[str, ...]:
    """The languages there are beside English, by their codes."""
    return tuple(sorted(path.stem.removeprefix("playground_") for path in FOLDER.glob("playground_*.qm")))


def install(app: QApplication, language: str | None = None) -> str:
    """Speak ``language``, or the system's where a translation exists; return the code of the language now spoken."""
    wanted = language or QLocale.system().name().split("_")[0]
    match = next((code for code in languages() if code.split("_")[0] == wanted.split("_")[0]), "")
    if not match:
        return "en"
    for name, folder in (
        (f"playground_{match}", str(FOLDER)),
        (f"qtbase_{match}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
    ):
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)
    return match
