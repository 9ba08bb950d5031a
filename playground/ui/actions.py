"""Every command of the window: one QAction each, with its shortcut. Menu, keys, buttons and the command list all use these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from playground.anim.walk import GRAINS
from playground.ui import pace as paces
from playground.ui.workbench import Workbench


class Files(Protocol):
    """What the actions need of the projects: the name to print, and whether there is something to save."""

    def title(self) -> str: ...

    def unsaved(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Command:
    """One row: its name in the code, what the user reads, the explanation, the keys, and the group it is listed in."""

    name: str
    text: str
    tip: str
    keys: tuple[str, ...] = ()
    group: str = ""
    plain: bool = False  # a bare key: it must not be taken from a text field


class Actions(QObject):
    """The actions by name. ``changed`` is emitted when the document's name or its saved state may have changed."""

    changed = Signal()

    def __init__(self, workbench: Workbench, files: Files, window: QWidget) -> None:
        super().__init__(window)
        self._workbench, self._files, self._window = workbench, files, window
        self._actions: dict[str, QAction] = {}
        self._commands: dict[str, Command] = {}
        for command in self._table():
            action = QAction(command.text, window)
            action.setObjectName(f"action_{command.name}")
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            keys = f" ({self.keys_of(command)})" if command.keys else ""
            action.setToolTip(command.tip + keys)
            action.setStatusTip(command.tip)
            window.addAction(action)
            self._actions[command.name], self._commands[command.name] = action, command
        self._wire_workbench()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[tuple[Command, QAction]]:
        """Commands that do something now, with their actions, in the order of the list under F1."""
        return ((command, self._actions[name]) for name, command in self._commands.items() if self._actions[name].isVisible())

    def connect(self, name: str, call: Callable[[], object]) -> None:
        """Let action ``name`` do ``call``."""
        self._actions[name].triggered.connect(lambda *_: call())

    def hide(self, name: str) -> None:
        """Take a command away that nothing stands behind."""
        self._actions[name].setVisible(False)
        self._actions[name].setEnabled(False)

    def document_title(self) -> str:
        return self._files.title()

    def unsaved(self) -> bool:
        return self._files.unsaved()

    @staticmethod
    def keys_of(command: Command) -> str:
        """The first shortcut as a reader knows it."""
        text = QKeySequence(command.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.keys else ""
        return {"Right": "→", "Left": "←", "Shift+Right": "Shift+→", "Shift+Left": "Shift+←"}.get(text, text)

    def release_plain_keys(self, focus: QWidget | None) -> None:
        """Bare keys (Space, letters, digits) belong to a text field or an open list while it has the focus."""
        typing = isinstance(focus, QLineEdit | QPlainTextEdit | QComboBox) or (
            isinstance(focus, QAbstractItemView) and focus.window() is not self._window
        )
        for name, command in self._commands.items():
            if command.plain:
                self._actions[name].setShortcuts([] if typing else [QKeySequence(key) for key in command.keys])

    def _wire_workbench(self) -> None:
        workbench, stack = self._workbench, self._workbench.undo_stack
        self.connect("train", workbench.toggle)
        for name, by, larger in (("step_on", 1, False), ("step_back", -1, False), ("leap_on", 1, True), ("leap_back", -1, True)):
            self.connect(name, lambda by=by, larger=larger: workbench.step(by=by, larger=larger))
        for grain in GRAINS:
            self.connect(f"grain_{grain}", lambda grain=grain: workbench.set_grain(grain))
        self.connect("rewind", workbench.rewind)
        self.connect("undo", stack.undo)
        self.connect("redo", stack.redo)
        for name in paces.NAMES:
            self.connect(name, lambda name=name: workbench.set_pace(name))
        self.connect("slower", lambda: self._shift_pace(-1))
        self.connect("faster", lambda: self._shift_pace(+1))
        self.connect("sample_before", lambda: self._shift_sample(-1))
        self.connect("sample_after", lambda: self._shift_sample(+1))
        stack.canUndoChanged.connect(self._actions["undo"].setEnabled)
        stack.canRedoChanged.connect(self._actions["redo"].setEnabled)
        stack.undoTextChanged.connect(self._name_undo)  # bound, so that they end with this object
        stack.redoTextChanged.connect(self._name_redo)
        self._actions["undo"].setEnabled(False)
        self._actions["redo"].setEnabled(False)
        self._actions["compare_end"].setEnabled(False)
        self._actions["cancel"].setEnabled(False)  # while it is, Esc belongs to what has the focus
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def _focus_moved(self, _: QWidget | None, now: QWidget | None) -> None:
        self.release_plain_keys(now)

    def _name_undo(self, text: str) -> None:
        self._name_step("undo", text)

    def _name_redo(self, text: str) -> None:
        self._name_step("redo", text)

    def _name_step(self, name: str, text: str) -> None:
        command = self._commands[name]
        self._actions[name].setToolTip(
            f"{command.text}: {text} ({self.keys_of(command)})" if text else f"{command.tip} ({self.keys_of(command)})"
        )

    def _shift_pace(self, by: int) -> None:
        place = min(max(paces.position(self._workbench.pace_setting) + by, 0), len(paces.SCALE) - 1)
        self._workbench.set_pace(paces.SCALE[place])

    def _shift_sample(self, by: int) -> None:
        split, index = self._workbench.sample
        self._workbench.follow(split, max(index + by, 0))

    def _table(self) -> tuple[Command, ...]:
        run, file, edit, view, help_ = self.tr("Run"), self.tr("File"), self.tr("Edit"), self.tr("View"), self.tr("Help")
        arrange, lab = self.tr("Arrange"), self.tr("Lab")
        return (
            Command("train", self.tr("Train or pause"), self.tr("Train, or pause"), ("Space",), run, plain=True),
            Command("step_on", self.tr("Step on"), self.tr("One step on, as large as chosen beside Train"), ("Right",), run, plain=True),
            Command("step_back", self.tr("Step back"), self.tr("One such step back"), ("Left",), run, plain=True),
            Command("leap_on", self.tr("Leap on"), self.tr("A step of the next larger size on"), ("Shift+Right",), run, plain=True),
            Command("leap_back", self.tr("Leap back"), self.tr("A step of the next larger size back"), ("Shift+Left",), run, plain=True),
            Command("grain_cell", self.tr("Step by cell"), self.tr("A step is one number: a neuron's sum, a weight's update"), (), run),
            Command("grain_time", self.tr("Step in time"), self.tr("A step is one step in time of a recurrent layer"), (), run),
            Command("grain_node", self.tr("Step by node"), self.tr("A step is one node in one phase"), (), run),
            Command("grain_sample", self.tr("Step by sample"), self.tr("A step is one sample's pass"), (), run),
            Command("grain_batch", self.tr("Step by batch"), self.tr("A step is one batch, with its update"), (), run),
            Command("grain_epoch", self.tr("Step by epoch"), self.tr("A step goes to the end of the epoch"), (), run),
            Command(
                "predict",
                self.tr("Predict first"),
                self.tr("Hide the result of the cell at hand and work it out yourself; again to leave"),
                ("P",),
                run,
                plain=True,
            ),
            Command("rewind", self.tr("Rewind"), self.tr("Back to step 0, with the same initial weights"), ("Ctrl+Home",), run),
            Command("new_start", self.tr("New start"), self.tr("Other initial weights, as a branch from step 0"), (), run),
            Command(
                "study",
                self.tr("Random restarts..."),
                self.tr("Train the same network from several other initial weights in the background, and keep the best"),
                ("Ctrl+T",),
                run,
            ),
            Command(
                "sweep",
                self.tr("Sweep settings..."),
                self.tr("Train with other values of one or two fields, over a grid or at random: curves, and a heat map of the scores"),
                ("Ctrl+Shift+T",),
                run,
            ),
            Command(
                "compare",
                self.tr("Compare with..."),
                self.tr("Show another branch or an earlier moment on a second canvas beside this one"),
                ("Ctrl+Shift+C",),
                run,
            ),
            Command("compare_end", self.tr("Close the comparison"), self.tr("One canvas again"), (), run),
            Command(
                "history_limit",
                self.tr("Memory for earlier moments..."),
                self.tr("How much memory the moments on the timeline may take; beyond it they are thinned evenly"),
                (),
                run,
            ),
            Command("explain", self.tr("Pace: explain"), self.tr("One stage at a time, every number shown"), ("Alt+1",), run),
            Command("watch", self.tr("Pace: watch"), self.tr("One pass at a time, as pulses along the wires"), ("Alt+2",), run),
            Command("fast", self.tr("Pace: fast"), self.tr("Full speed, without pulses"), ("Alt+3",), run),
            Command("slower", self.tr("Slower"), self.tr("One notch slower"), ("[",), run, plain=True),
            Command("faster", self.tr("Faster"), self.tr("One notch faster"), ("]",), run, plain=True),
            Command("sample_before", self.tr("Sample before"), self.tr("Follow the sample before this one"), (",",), run, plain=True),
            Command("sample_after", self.tr("Sample after"), self.tr("Follow the sample after this one"), (".",), run, plain=True),
            Command(
                "draw",
                self.tr("Draw a digit"),
                self.tr("Draw a picture, drop one or paste one, and see what every layer makes of it"),
                ("D",),
                run,
                plain=True,
            ),
            Command("try_text", self.tr("Try a text"), self.tr("Type a text, and see the answer and every gate at each letter"), (), run),
            Command("embedding", self.tr("Embedding"), self.tr("The samples as a layer sees them, in a plane, colored by class"), (), run),
            Command(
                "gradients",
                self.tr("Check the gradients..."),
                self.tr("Hold every gradient against finite differences, in 64 bits; plant a bug and see it found"),
                ("Ctrl+G",),
                run,
            ),
            Command("new", self.tr("New"), self.tr("Start with an empty canvas"), ("Ctrl+N",), file),
            Command("open", self.tr("Open..."), self.tr("Open a project"), ("Ctrl+O",), file),
            Command("save", self.tr("Save"), self.tr("Save the project: network, weights, curves"), ("Ctrl+S",), file),
            Command("save_as", self.tr("Save as..."), self.tr("Save the project under another name"), ("Ctrl+Shift+S",), file),
            Command(
                "export", self.tr("Export weights..."), self.tr("Take the trained weights away as .npz or .safetensors"), ("Ctrl+E",), file
            ),
            Command(
                "load_weights",
                self.tr("Load weights..."),
                self.tr("Take weights from a project, an .npz or a .safetensors file into the layers that they fit"),
                ("Ctrl+Shift+O",),
                file,
            ),
            Command(
                "own_data",
                self.tr("Own files..."),
                self.tr("Learn from files of your own: folders of pictures, .npz and IDX files, CIFAR, series in .csv files, texts"),
                ("Ctrl+I",),
                file,
            ),
            Command(
                "augment",
                self.tr("Augment pictures..."),
                self.tr("Move, turn, bend, mirror or partly blank the training pictures at random, and see what that makes of one"),
                ("Ctrl+Shift+I",),
                file,
            ),
            Command(
                "fetch",
                self.tr("Fashion-MNIST: download and use"),
                self.tr("Fetch the data set Fashion-MNIST once, with a check of every byte, and train on it"),
                (),
                file,
            ),
            Command(
                "cancel",
                self.tr("Cancel what is under way"),
                self.tr("Break off what is being opened, saved, exported or fetched"),
                ("Esc",),
                file,
                plain=True,
            ),
            Command("quit", self.tr("Quit"), self.tr("Close the window"), ("Ctrl+Q",), file),
            Command("undo", self.tr("Undo"), self.tr("Take the last change back"), ("Ctrl+Z",), edit),
            Command("redo", self.tr("Redo"), self.tr("Make the change again"), ("Ctrl+Shift+Z", "Ctrl+Y"), edit),
            Command("cut", self.tr("Cut"), self.tr("Copy the selected nodes, then remove them"), ("Ctrl+X",), edit, plain=True),
            Command("copy", self.tr("Copy"), self.tr("Copy the selected nodes"), ("Ctrl+C",), edit, plain=True),
            Command("paste", self.tr("Paste"), self.tr("Paste the copied nodes"), ("Ctrl+V",), edit, plain=True),
            Command("duplicate", self.tr("Duplicate"), self.tr("Copy the selected nodes beside themselves"), ("Ctrl+D",), edit),
            Command("delete", self.tr("Delete"), self.tr("Remove what is selected"), ("Delete", "Backspace"), edit, plain=True),
            Command("select_all", self.tr("Select all"), self.tr("Select every node"), ("Ctrl+A",), edit, plain=True),
            Command(
                "freeze", self.tr("Freeze or let learn"), self.tr("Keep the selected nodes' weights as they are, or free them"), (), edit
            ),
            Command(
                "freeze_before",
                self.tr("Freeze all before it"),
                self.tr("Keep the weights of all layers before the selected one as they are, or free them"),
                (),
                edit,
            ),
            Command(
                "new_head",
                self.tr("New head"),
                self.tr("A fresh last layer with as many units as the data want; all other layers keep their weights"),
                (),
                edit,
            ),
            Command(
                "switch_off",
                self.tr("Switch the neuron off or on"),
                self.tr("Let the chosen neuron answer 0: it has no say and learns nothing"),
                ("X",),
                edit,
                plain=True,
            ),
            Command("tidy", self.tr("Tidy"), self.tr("Lay the network out from left to right"), ("Ctrl+L",), arrange),
            Command("align", self.tr("Middles in a row"), self.tr("Align the selected nodes: one row"), ("Ctrl+Shift+L",), arrange),
            Command("align_top", self.tr("Top edges"), self.tr("Align the selected nodes' top edges"), (), arrange),
            Command("align_bottom", self.tr("Bottom edges"), self.tr("Align the selected nodes' bottom edges"), (), arrange),
            Command("align_center", self.tr("Centers in a column"), self.tr("Align the selected nodes: one column"), (), arrange),
            Command("align_left", self.tr("Left edges"), self.tr("Align the selected nodes' left edges"), (), arrange),
            Command("align_right", self.tr("Right edges"), self.tr("Align the selected nodes' right edges"), (), arrange),
            Command("gaps_across", self.tr("Equal gaps across"), self.tr("Distribute the selected nodes from left to right"), (), arrange),
            Command("gaps_down", self.tr("Equal gaps down"), self.tr("Distribute the selected nodes from top to bottom"), (), arrange),
            Command(
                "search",
                self.tr("Search layers"),
                self.tr("Search layers, data and examples; Enter adds after the selection"),
                ("/",),
                view,
                plain=True,
            ),
            Command("fit", self.tr("Fit all"), self.tr("Show the whole network"), ("F",), view, plain=True),
            Command(
                "fit_selection",
                self.tr("Fit the selection"),
                self.tr("Show the selected nodes as large as they fit"),
                ("Shift+F",),
                view,
                plain=True,
            ),
            Command(
                "unroll",
                self.tr("Fold or unroll"),
                self.tr("Open the selected recurrent layer into its steps in time, or fold it again"),
                ("U",),
                view,
                plain=True,
            ),
            Command("zoom_100", self.tr("100 %"), self.tr("Actual size"), ("Ctrl+0",), view),
            Command("zoom_in", self.tr("Zoom in"), self.tr("Larger"), ("Ctrl++", "Ctrl+="), view),
            Command("zoom_out", self.tr("Zoom out"), self.tr("Smaller"), ("Ctrl+-",), view),
            Command("palette", self.tr("Fold the palette"), self.tr("Fold the palette to a rail of icons, or open it"), ("Ctrl+B",), view),
            Command("theme_dark", self.tr("Dark"), self.tr("Dark theme"), (), view),
            Command("theme_light", self.tr("Light"), self.tr("Light theme"), (), view),
            Command("theme_system", self.tr("As the system"), self.tr("Theme as the system's"), (), view),
            Command("motion", self.tr("Reduced motion"), self.tr("Nothing travels: each stage shows its end state"), (), view),
            Command("reset_layout", self.tr("Reset the window's layout"), self.tr("Give every panel its first size"), (), view),
            Command(
                "lab_surface",
                self.tr("Loss surface and descents..."),
                self.tr("The loss over any two weights, with the paths of full batches, mini-batches, single samples and momentum"),
                (),
                lab,
            ),
            Command(
                "lab_values",
                self.tr("Activation functions..."),
                self.tr("Each function with its derivative, and where the selected node's values lie on it"),
                (),
                lab,
            ),
            Command(
                "lab_penalties", self.tr("L1 against L2..."), self.tr("What the penalties do to the weights, from the same start"), (), lab
            ),
            Command("lab_masks", self.tr("Dropout masks..."), self.tr("Which units the last steps dropped"), (), lab),
            Command(
                "lab_rates",
                self.tr("Find a learning rate..."),
                self.tr("The loss while the rate is raised step by step, and the rate that suits"),
                (),
                lab,
            ),
            Command(
                "lab_why",
                self.tr("Why this answer..."),
                self.tr("Which pixels the followed picture's answer hangs on: saliency, Grad-CAM, occlusion"),
                (),
                lab,
            ),
            Command(
                "lab_looks",
                self.tr("What it looks for..."),
                self.tr("The picture that a filter, a neuron or a class answers most to, and the strongest samples"),
                (),
                lab,
            ),
            Command(
                "lab_generate",
                self.tr("Generate..."),
                self.tr("Let the network write on, draw a series on or answer sequences, while it trains and at any moment"),
                (),
                lab,
            ),
            Command("commands", self.tr("All commands"), self.tr("Find any command by its name"), ("Ctrl+K",), help_),
            Command("help", self.tr("Explain this"), self.tr("Explain the thing in focus, and list the keys"), ("F1",), help_),
        )
