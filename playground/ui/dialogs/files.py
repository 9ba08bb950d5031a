"""The dialog that chooses a file to open or to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QFileInfo
from PySide6.QtGui import QAbstractFileIconProvider, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QFileDialog, QFileIconProvider, QToolButton, QWidget

from playground.ui.icons import pixmap


class PlainIcons(QFileIconProvider):
    """A folder or a file, told by the folder's entry alone.

    Qt's own provider opens every file of the folder shown, in the window's thread, to find out its kind; the first pipe, or a
    name such as /proc/x typed letter by letter, made the window wait for ever.
    """

    def icon(self, what: QFileInfo | QAbstractFileIconProvider.IconType) -> QIcon:
        if isinstance(what, QFileInfo):
            kinds = QAbstractFileIconProvider.IconType
            what = kinds.Folder if what.isDir() else kinds.File
        return super().icon(what)

    def type(self, info: QFileInfo) -> str:
        translate = QCoreApplication.translate
        return translate("PlainIcons", "Folder") if info.isDir() else translate("PlainIcons", "File")


_icons: PlainIcons | None = None
SYMBOLS = {"backButton": "left", "forwardButton": "right", "toParentButton": "up", "newFolderButton": "folder_add"}
"""Qt's own pictures of these are black, which a dark window hides."""


def _tint(dialog: QFileDialog) -> None:
    """Draw the dialog's buttons in the colors of the words beside them. A system's own dialog has none of them."""
    groups, role = QPalette.ColorGroup, QPalette.ColorRole.WindowText
    inks = [(QIcon.Mode.Normal, groups.Active), (QIcon.Mode.Disabled, groups.Disabled)]
    for name, symbol in SYMBOLS.items():
        button = dialog.findChild(QToolButton, name)
        if button is not None:
            icon = QIcon()
            for mode, group in inks:
                icon.addPixmap(pixmap(symbol, QApplication.palette().color(group, role).name(), 16, dialog.devicePixelRatioF()), mode)
            button.setIcon(icon)


def choose(
    parent: QWidget,
    name: str,
    title: str,
    folder: str,
    kinds: list[tuple[str, str]],
    then: Callable[[Path], object],
    save_as: str = "",
    folders: bool = False,
) -> QFileDialog:
    """Show a dialog called ``name`` without blocking; ``then`` gets the path.

    ``kinds``: (words with the pattern, ending) of each format. With ``save_as``, a file to write: that name is proposed, and a
    name without an ending gets the chosen format's. Without, one that exists, or with ``folders`` a folder.
    """
    global _icons
    _icons = _icons or PlainIcons()  # made with the first dialog: it needs the application, and a dialog does not own it
    dialog = QFileDialog(parent, title, folder, ";;".join(words for words, _ in kinds))
    dialog.setObjectName(name)
    dialog.setIconProvider(_icons)
    _tint(dialog)
    if save_as:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kinds[0][1])
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(dict(kinds)[chosen]))
        dialog.selectFile(save_as)
    elif folders:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
