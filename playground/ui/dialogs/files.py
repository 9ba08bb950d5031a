"""The dialog that chooses a file to open or to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, QFileInfo, QLocale, QSize
from PySide6.QtGui import QAbstractFileIconProvider, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QFileDialog, QFileIconProvider, QListView, QToolButton, QTreeView, QWidget

from playground.ui.dialogs.messages import Message
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


class FileDialog(QFileDialog):
    """Asks in the window's own words before a file is replaced; after Cancel the name can be typed anew. A system's own dialog asks by
    itself."""

    def accept(self) -> None:
        chosen = [QFileInfo(path) for path in self.selectedFiles()]
        found = next((one for one in chosen if one.exists() and not one.isDir()), None)
        if found is None or not self.testOption(QFileDialog.Option.DontConfirmOverwrite):
            super().accept()
            return
        box = Message(
            self,
            self.tr("Replace “{name}”?").format(name=found.fileName()),
            [
                self.tr("A file of this name is in “{folder}” already. If you replace it, what it holds is gone.").format(
                    folder=found.dir().dirName()
                )
            ],
            [("overwrite_cancel", self.tr("Cancel")), ("overwrite_replace", self.tr("Replace"))],
            name="overwrite_question",
        )
        box.ask(lambda answer: QFileDialog.accept(self) if answer == "overwrite_replace" else None)


_icons: PlainIcons | None = None
SYMBOLS = {"backButton": "left", "forwardButton": "right", "toParentButton": "up", "newFolderButton": "folder_add"}
"""Qt's own pictures of these are black, which a dark window hides."""


SIZE = QSize(760, 460)
DATE = 3
"""The column of the dates."""
SIDE_MOST, SPARE = 200, 12


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


def _widen(dialog: QFileDialog) -> None:
    """Give the folders at the side and the dates the room that their words take: Qt measures neither."""
    side, table = dialog.findChild(QListView, "sidebar"), dialog.findChild(QTreeView, "treeView")
    if side is None or table is None:
        return
    side.setMinimumWidth(min(side.sizeHintForColumn(0) + 2 * side.frameWidth() + SPARE, SIDE_MOST))
    date = QLocale().toString(QDateTime.currentDateTime(), QLocale.FormatType.ShortFormat)
    table.header().resizeSection(DATE, table.fontMetrics().horizontalAdvance(date) + 2 * SPARE)
    dialog.resize(SIZE)


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
    dialog = FileDialog(parent, title, folder, ";;".join(words for words, _ in kinds))
    dialog.setObjectName(name)
    dialog.setIconProvider(_icons)
    _tint(dialog)
    _widen(dialog)
    if save_as:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, dialog.layout() is not None)
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
