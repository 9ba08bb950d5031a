"""Choosing data of the user's own: a folder or a file, what was found there, how it is to be read. Nothing is read on this thread."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from playground import data
from playground.data import Found
from playground.errors import PlaygroundError
from playground.ui.dialogs.files import choose
from playground.ui.jobs import Jobs, Work
from playground.ui.numbers import count
from playground.ui.panels import editors
from playground.ui.panels.controls import Elided, label
from playground.ui.panels.name_editors import NameEditor, NamesEditor
from playground.ui.style import look, refresh
from playground.ui.theme import Theme
from playground.ui.wording import declared

WIDTH, LABELS, MOST_NAMED = 520, 132, 12


class OwnData(QDialog):
    """``wanted(name, options)`` when the user has chosen; what is being looked through is broken off when it is closed."""

    wanted = Signal(str, object)

    def __init__(
        self,
        jobs: Jobs,
        theme: Theme,
        parent: QWidget,
        path: str = "",
        options: Mapping[str, Any] | None = None,
        error: Exception | None = None,
    ) -> None:
        """``path``: what is looked at first; ``options``: how it was read before; ``error``: why that failed."""
        super().__init__(parent)
        self.setObjectName("own_data")
        self.setWindowTitle(self.tr("Own files"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self._jobs, self._theme, self._before = jobs, theme, dict(options or {})
        self._work: Work | None = None
        self._found: Found | None = None
        self._path: Path | None = None
        self._editors: dict[str, editors.Editor] = {}
        self._values: dict[str, Any] = {}
        self._blamed = error.options if isinstance(error, PlaygroundError) else ()
        self._folder = str(Path(path).parent) if path else str(Path.home())
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(self.tr("Own files"), "document"))
        column.addWidget(
            self._sentence(
                self.tr(
                    "A folder with one folder of pictures for each class; an .npz file with x and y; IDX files as MNIST has them;"
                    " CIFAR-10 or CIFAR-100 as downloaded; a series of numbers in a .csv file; or a text. The files stay where they are."
                )
            )
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        self.of_folder = self._button(
            "own_folder", self.tr("Choose a folder…"), self.tr("Pictures: one folder inside it for each class"), self._choose_folder
        )
        self.of_file = self._button(
            "own_file", self.tr("Choose a file…"), self.tr("Arrays, IDX files, CIFAR, a series or a text"), self._choose_file
        )
        for button in (self.of_folder, self.of_file):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.where = Elided("caption")
        self.where.setObjectName("own_where")
        column.addWidget(self.where)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        column.addWidget(self.progress)
        self.told = self._sentence("")
        self.told.setObjectName("own_told")
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.told)
        self.wrong = label("", "bad")
        self.wrong.setObjectName("own_wrong")
        self.wrong.setWordWrap(True)
        column.addWidget(self.wrong)
        self._form = QWidget()
        QVBoxLayout(self._form)
        column.addWidget(self._form)
        column.addStretch(1)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self._button("own_cancel", self.tr("Cancel"), self.tr("Leave network and data as they are"), self.reject))
        self.use = self._button("own_use", self.tr("Read and use"), self.tr("Read all of it, and learn from it from now on"), self._use)
        look(self.use, "primary")
        self.use.setDefault(True)
        ends.addWidget(self.use)
        column.addLayout(ends)
        jobs.changed.connect(self._count)
        self._show_state()
        if path:
            self.look_at(Path(path))
        if error is not None:  # of the way it was read, or else of the file
            self._suspect(not self._blamed)
            safe = self.tr("It could not be read. Your network and its data are as they were.")
            self._complain(f"{self._said(error)}\n{safe}")

    def _button(self, name: str, text: str, tip: str, call: Any) -> QPushButton:
        made = QPushButton(text)
        made.setToolTip(tip)
        made.setObjectName(name)
        made.setAutoDefault(False)
        made.clicked.connect(lambda *_: call())
        return made

    @staticmethod
    def _sentence(text: str) -> QLabel:
        made = label(text, "sentence")
        made.setWordWrap(True)
        return made

    # -- looking
    def _choose_folder(self) -> None:
        choose(self, "own_folder_dialog", self.tr("Choose a folder"), self._folder, [], self.look_at, folders=True)

    def _choose_file(self) -> None:
        known = self.tr(
            "Arrays, IDX files, archives, series, texts (*.npz *ubyte *ubyte.gz *.idx* *.bin *.gz *.tar *.csv *.tsv *.txt *.md)"
        )
        kinds = [(known, ""), (self.tr("All files (*)"), "")]
        choose(self, "own_file_dialog", self.tr("Choose a file"), self._folder, kinds, self.look_at)

    def look_at(self, path: Path) -> None:
        """Look through ``path`` in the background, and show what was found."""
        self._stop()
        self._before |= self._values  # chosen already: it holds for other files too
        if self._path is not None:  # another file: it is not the one that failed
            self._blamed = ()
        self._folder, self._path, self._found = str(path.parent), path, None
        self._suspect(False)
        self.where.set_text(str(path))
        self.wrong.setText("")
        work = self._work = Work(self.tr("looking through {name}").format(name=path.name))
        call = lambda: data.inspect(path, work.report)  # noqa: E731
        self._jobs.run_apart(call, lambda found: self._show(work, found), lambda error: self._fail(work, error), work)
        self._show_state()

    def _stop(self) -> None:
        if self._work is not None:
            self._jobs.cancel_work(self._work)
            self._work = None

    def _count(self) -> None:
        if self._work is not None and self._work.progress is not None:
            self.told.setText(self.tr("{files} files so far.").format(files=count(self._work.progress[0])))
            self.told.show()

    def _fail(self, work: Work, error: Exception) -> None:
        if work is self._work:
            self._work = None
            self._suspect(True)
            self._complain(self._said(error))

    def _said(self, error: Exception) -> str:
        """Where it is wrong (a file, a line), what was expected, what came, what to do. The path stands above already."""
        if not isinstance(error, PlaygroundError):
            return self.tr("The program met something it did not expect: {error}").format(error=error)
        words = declared(str(error))
        return words.replace(str(self._path), self._path.name) if self._path is not None else words

    def _suspect(self, file: bool) -> None:
        """Mark the file's name: it is the file that is wrong."""
        look(self.where, "bad" if file else "caption")
        refresh(self.where)

    def _complain(self, words: str) -> None:
        self.wrong.setText(words)
        self._show_state()

    def _show(self, work: Work, found: Found) -> None:
        if work is not self._work:
            return
        self._work, self._found = None, found
        self.told.setText(self._words(found))
        kind = data.get(found.name)
        known = {field.name for field in kind.fields}
        kept = {name: value for name, value in self._before.items() if name in known and name not in found.options}
        self._values = kept | found.options
        self._make_form()
        self._show_state()

    def _words(self, found: Found) -> str:
        about = data.describe(found.name, **found.options)
        title = data.get(found.name).title
        if found.counts:
            classes = [f"{name} ({count(number)})" for name, number in found.counts.items()]
            more = self.tr(" and {count} more").format(count=len(classes) - MOST_NAMED) if len(classes) > MOST_NAMED else ""
            words = self.tr("{total} pictures of {classes} classes: {names}").format(
                total=count(sum(found.counts.values())), classes=len(classes), names=", ".join(classes[:MOST_NAMED]) + more + "."
            )
            sizes = sorted(set(found.sizes), key=lambda size: size[0] * size[1])
            if len(sizes) == 1:
                words += " " + self.tr("Their size is {wide} × {high}.").format(wide=sizes[0][0], high=sizes[0][1])
            elif sizes:
                (w0, h0), (w1, h1) = sizes[0], sizes[-1]
                words += " " + self.tr("Their sizes go from {w0} × {h0} to {w1} × {h1}.").format(w0=w0, h0=h0, w1=w1, h1=h1)
            return words
        if "columns" in found.options:
            return self.tr("{title}: columns of numbers {names}.").format(
                title=title, names=", ".join(found.options["columns"][:MOST_NAMED])
            )
        if about.tokens:
            words = self.tr("{title}: {characters} different characters, {words} words.")
            return words.format(title=title, characters=count(len(found.options["characters"])), words=count(len(found.options["words"])))
        shape = " × ".join(map(str, about.input_shape))
        if not about.classes:
            words = self.tr("{title}: samples of {shape}, {outputs} numbers to predict.")
            return words.format(title=title, shape=shape, outputs=about.outputs)
        return self.tr("{title}: samples of {shape}, {classes} classes.").format(title=title, shape=shape, classes=len(about.classes))

    # -- how it is read
    def _make_form(self) -> None:
        assert self._found is not None
        layout = self._form.layout()
        assert layout is not None
        for editor in self._editors.values():
            layout.removeWidget(editor)
            editor.hide()
            editor.deleteLater()
        self._editors = {}
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for field in data.get(self._found.name).fields:
            if not field.found:
                editor = editors.make(field, "own", self._theme, LABELS)
                if isinstance(editor, NameEditor | NamesEditor):
                    editor.show_names(self._values.get(field.of, ()))
                editor.show_value(self._values.setdefault(field.name, field.default))
                editor.committed.connect(lambda value, _, name=field.name: self._change(name, value))
                layout.addWidget(editor)
                self._editors[field.name] = editor
        self._hide_idle()
        self._mark(self._blamed)

    def _mark(self, blamed: tuple[str, ...]) -> None:
        """Mark the fields that reading failed for, until one of them is changed; what was wrong is said below already."""
        for name, editor in self._editors.items():
            if name in self._blamed or name in blamed:
                editor.mark(name in blamed)
        self._blamed = blamed

    def _change(self, name: str, value: Any) -> None:
        self._values[name] = value
        if name in self._blamed:
            self._mark(())
        self._editors[name].show_value(value)
        self._hide_idle()

    def _hide_idle(self) -> None:
        for editor in self._editors.values():
            condition = editor.field.shown_when
            editor.setVisible(condition is None or self._values.get(condition[0]) in condition[1])

    def _show_state(self) -> None:
        self.progress.setVisible(self._work is not None)
        self.told.setVisible(self._found is not None)
        self.wrong.setVisible(bool(self.wrong.text()))
        self.where.setVisible(bool(self.where.full_text()))
        self._form.setVisible(self._found is not None)
        self.use.setEnabled(self._found is not None)
        self.adjustSize()

    def _use(self) -> None:
        if self._found is not None:
            self.setFocus()  # what is being typed counts
            wrong = next((editor for editor in self._editors.values() if not editor.isHidden() and not editor.complaint.isHidden()), None)
            if wrong is not None:  # it says itself what is wrong
                wrong.widget.setFocus()
                return
            self.wanted.emit(self._found.name, dict(self._values))
            self.accept()

    def done(self, result: int) -> None:
        """Closed, by Escape too."""
        self._stop()
        super().done(result)
