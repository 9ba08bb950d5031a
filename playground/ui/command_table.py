"""The table of the window's commands: name, words, keys, group. One function a group of the list under F1; a new command is a row here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication


@dataclass(frozen=True, slots=True)
class Command:
    """One row: its name in the code, what the user reads, the explanation, the keys, and the group it is listed in."""

    name: str
    text: str
    tip: str
    keys: tuple[str, ...] = ()
    group: str = ""
    plain: bool = False  # a bare key: it must not be taken from a text field


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


def table() -> tuple[Command, ...]:
    """Every command, in the order of the list under F1."""
    return (*running(), *files(), *editing(), *arranging(), *looking(), *lab(), *helping())


def running() -> tuple[Command, ...]:
    """Training, stepping, paces, and what is tried or asked beside the run."""
    run = _tr("Run")
    return (
        Command("train", _tr("Train or pause"), _tr("Train, or pause"), ("Space",), run, plain=True),
        Command("step_on", _tr("Step on"), _tr("One step on, as large as chosen beside Train"), ("Right",), run, plain=True),
        Command("step_back", _tr("Step back"), _tr("One such step back"), ("Left",), run, plain=True),
        Command("leap_on", _tr("Leap on"), _tr("A step of the next larger size on"), ("Shift+Right",), run, plain=True),
        Command("leap_back", _tr("Leap back"), _tr("A step of the next larger size back"), ("Shift+Left",), run, plain=True),
        Command("grain_cell", _tr("Step by cell"), _tr("A step is one number: a neuron's sum, a weight's update"), (), run),
        Command("grain_time", _tr("Step in time"), _tr("A step is one step in time of a recurrent layer"), (), run),
        Command("grain_node", _tr("Step by node"), _tr("A step is one node in one phase"), (), run),
        Command("grain_sample", _tr("Step by sample"), _tr("A step is one sample's pass"), (), run),
        Command("grain_batch", _tr("Step by batch"), _tr("A step is one batch, with its update"), (), run),
        Command("grain_epoch", _tr("Step by epoch"), _tr("A step goes to the end of the epoch"), (), run),
        Command(
            "explain_sample",
            _tr("Explain the shown sample"),
            _tr("Go through the shown sample slowly, each number explained; nothing is trained"),
            ("E",),
            run,
            plain=True,
        ),
        Command(
            "send_back",
            _tr("Send back the error"),
            _tr("Go back through the sample on show, error by error; no weight changes"),
            ("B",),
            run,
            plain=True,
        ),
        Command(
            "predict",
            _tr("Predict first"),
            _tr("Hide the result of the cell at hand and work it out yourself; again to leave"),
            ("P",),
            run,
            plain=True,
        ),
        Command("rewind", _tr("Rewind"), _tr("Back to step 0, with the same initial weights"), ("Ctrl+Home",), run),
        Command("new_start", _tr("New start"), _tr("Other initial weights, as a branch from step 0"), (), run),
        Command(
            "study",
            _tr("Random restarts…"),
            _tr("Train the same network from several other initial weights in the background, and keep the best"),
            ("Ctrl+T",),
            run,
        ),
        Command(
            "sweep",
            _tr("Sweep settings…"),
            _tr("Train with other values of one or two fields, over a grid or at random: curves, and a heat map of the scores"),
            ("Ctrl+Shift+T",),
            run,
        ),
        Command(
            "compare",
            _tr("Compare with…"),
            _tr("Show another branch or an earlier moment on a second canvas beside this one"),
            ("Ctrl+Shift+C",),
            run,
        ),
        Command("compare_end", _tr("Close the comparison"), _tr("One canvas again"), (), run),
        Command(
            "history_limit",
            _tr("Memory for earlier moments…"),
            _tr("How much memory the moments on the timeline may take; beyond it they are thinned evenly"),
            (),
            run,
        ),
        Command("explain", _tr("Pace: explain"), _tr("One stage at a time, every number shown"), ("Alt+1",), run),
        Command("watch", _tr("Pace: watch"), _tr("One pass at a time, as pulses along the wires"), ("Alt+2",), run),
        Command("fast", _tr("Pace: fast"), _tr("Full speed, without pulses"), ("Alt+3",), run),
        Command("slower", _tr("Slower"), _tr("One notch slower"), ("[",), run, plain=True),
        Command("faster", _tr("Faster"), _tr("One notch faster"), ("]",), run, plain=True),
        Command("sample_before", _tr("Sample before"), _tr("Follow the sample before this one"), (",",), run, plain=True),
        Command("sample_after", _tr("Sample after"), _tr("Follow the sample after this one"), (".",), run, plain=True),
        Command(
            "draw",
            _tr("Draw a digit"),
            _tr("Draw a picture, drop one or paste one, and see what every layer makes of it"),
            ("D",),
            run,
            plain=True,
        ),
        Command("try_text", _tr("Try a text"), _tr("Type a text, and see the answer and every gate at each letter"), (), run),
        Command("embedding", _tr("Embedding"), _tr("The samples as a layer sees them, in a plane, colored by class"), (), run),
        Command(
            "gradients",
            _tr("Check the gradients…"),
            _tr("Hold every gradient against finite differences, in 64 bits; plant a bug and see it found"),
            ("Ctrl+G",),
            run,
        ),
    )


def files() -> tuple[Command, ...]:
    """Projects, weights and data, in and out."""
    file = _tr("File")
    return (
        Command("new", _tr("New"), _tr("Start with an empty canvas"), ("Ctrl+N",), file),
        Command("open", _tr("Open…"), _tr("Open a project"), ("Ctrl+O",), file),
        Command("examples", _tr("Examples…"), _tr("All examples by chapter, with a search"), ("Ctrl+Shift+E",), file),
        Command("save", _tr("Save"), _tr("Save the project: network, weights, curves"), ("Ctrl+S",), file),
        Command("save_as", _tr("Save as…"), _tr("Save the project under another name"), ("Ctrl+Shift+S",), file),
        Command("export", _tr("Export weights…"), _tr("Take the trained weights away as .npz or .safetensors"), ("Ctrl+E",), file),
        Command(
            "load_weights",
            _tr("Load weights…"),
            _tr("Take weights from a project, an .npz or a .safetensors file into the layers that they fit"),
            ("Ctrl+Shift+O",),
            file,
        ),
        Command(
            "own_data",
            _tr("Own files…"),
            _tr("Learn from files of your own: folders of pictures, .npz and IDX files, CIFAR, series in .csv files, texts"),
            ("Ctrl+I",),
            file,
        ),
        Command(
            "augment",
            _tr("Augment pictures…"),
            _tr("Move, turn, bend, mirror or partly blank the training pictures at random, and see what that makes of one"),
            ("Ctrl+Shift+I",),
            file,
        ),
        Command(
            "fetch",
            _tr("Fashion-MNIST: download and use"),
            _tr("Fetch the data set Fashion-MNIST once, with a check of every byte, and train on it"),
            (),
            file,
        ),
        Command(
            "cancel",
            _tr("Cancel what is under way"),
            _tr("Break off what is being opened, saved, exported or fetched"),
            ("Esc",),
            file,
            plain=True,
        ),
        Command("quit", _tr("Quit"), _tr("Close the window"), ("Ctrl+Q",), file),
    )


def editing() -> tuple[Command, ...]:
    """Changes of the network, each undoable."""
    edit = _tr("Edit")
    return (
        Command("undo", _tr("Undo"), _tr("Take the last change back"), ("Ctrl+Z",), edit),
        Command("redo", _tr("Redo"), _tr("Make the change again"), ("Ctrl+Shift+Z", "Ctrl+Y"), edit),
        Command("cut", _tr("Cut"), _tr("Copy the selected nodes, then remove them"), ("Ctrl+X",), edit, plain=True),
        Command("copy", _tr("Copy"), _tr("Copy the selected nodes"), ("Ctrl+C",), edit, plain=True),
        Command("paste", _tr("Paste"), _tr("Paste the copied nodes"), ("Ctrl+V",), edit, plain=True),
        Command("duplicate", _tr("Duplicate"), _tr("Copy the selected nodes beside themselves"), ("Ctrl+D",), edit),
        Command("delete", _tr("Delete"), _tr("Remove what is selected"), ("Delete", "Backspace"), edit, plain=True),
        Command("select_all", _tr("Select all"), _tr("Select every node"), ("Ctrl+A",), edit, plain=True),
        Command("freeze", _tr("Freeze or let learn"), _tr("Keep the selected nodes' weights as they are, or free them"), (), edit),
        Command(
            "freeze_before",
            _tr("Freeze all before it"),
            _tr("Keep the weights of all layers before the selected one as they are, or free them"),
            (),
            edit,
        ),
        Command(
            "new_head",
            _tr("New head"),
            _tr("A fresh last layer with as many units as the data want; all other layers keep their weights"),
            (),
            edit,
        ),
        Command(
            "switch_off",
            _tr("Switch the neuron off or on"),
            _tr("Let the chosen neuron answer 0: it has no say in what comes after it"),
            ("X",),
            edit,
            plain=True,
        ),
    )


def arranging() -> tuple[Command, ...]:
    """Where the cards stand."""
    arrange = _tr("Arrange")
    return (
        Command("tidy", _tr("Tidy"), _tr("Lay the network out from left to right"), ("Ctrl+L",), arrange),
        Command("align", _tr("Middles in a row"), _tr("Align the selected nodes: one row"), ("Ctrl+Shift+L",), arrange),
        Command("align_top", _tr("Top edges"), _tr("Align the selected nodes' top edges"), (), arrange),
        Command("align_bottom", _tr("Bottom edges"), _tr("Align the selected nodes' bottom edges"), (), arrange),
        Command("align_center", _tr("Centers in a column"), _tr("Align the selected nodes: one column"), (), arrange),
        Command("align_left", _tr("Left edges"), _tr("Align the selected nodes' left edges"), (), arrange),
        Command("align_right", _tr("Right edges"), _tr("Align the selected nodes' right edges"), (), arrange),
        Command("gaps_across", _tr("Equal gaps across"), _tr("Distribute the selected nodes from left to right"), (), arrange),
        Command("gaps_down", _tr("Equal gaps down"), _tr("Distribute the selected nodes from top to bottom"), (), arrange),
    )


def looking() -> tuple[Command, ...]:
    """What is seen of it, and how."""
    view = _tr("View")
    return (
        Command(
            "search",
            _tr("Search layers"),
            _tr("Search layers, data and examples; Enter adds after the selection"),
            ("/",),
            view,
            plain=True,
        ),
        Command("fit", _tr("Fit all"), _tr("Show the whole network"), ("F",), view, plain=True),
        Command(
            "fit_selection",
            _tr("Fit the selection"),
            _tr("Show the selected nodes as large as they fit"),
            ("Shift+F",),
            view,
            plain=True,
        ),
        Command(
            "unroll",
            _tr("Fold or unroll"),
            _tr("Open the selected recurrent layer into its steps in time, or fold it again"),
            ("U",),
            view,
            plain=True,
        ),
        Command("zoom_100", _tr("100 %"), _tr("Actual size"), ("Ctrl+0",), view),
        Command("zoom_in", _tr("Zoom in"), _tr("Larger"), ("Ctrl++", "Ctrl+="), view),
        Command("zoom_out", _tr("Zoom out"), _tr("Smaller"), ("Ctrl+-",), view),
        Command("palette", _tr("Fold the palette"), _tr("Fold the palette to a rail of icons, or open it"), ("Ctrl+B",), view),
        Command("theme_dark", _tr("Dark"), _tr("Dark theme"), (), view),
        Command("theme_light", _tr("Light"), _tr("Light theme"), (), view),
        Command("theme_system", _tr("As the system"), _tr("Theme as the system's"), (), view),
        Command("motion", _tr("Reduced motion"), _tr("Nothing travels: each stage shows its end state"), (), view),
        Command("reset_layout", _tr("Reset the window's layout"), _tr("Give every panel its first size"), (), view),
    )


def lab() -> tuple[Command, ...]:
    """A page of the lab each."""
    lab = _tr("Lab")
    return (
        Command(
            "lab_surface",
            _tr("Loss surface and descents…"),
            _tr("The loss over any two weights, with the paths of full batches, mini-batches, single samples and momentum"),
            (),
            lab,
        ),
        Command(
            "lab_values",
            _tr("Activation functions…"),
            _tr("Each function with its derivative, and where the selected node's values lie on it"),
            (),
            lab,
        ),
        Command("lab_penalties", _tr("L1 against L2…"), _tr("What the penalties do to the weights, from the same start"), (), lab),
        Command("lab_masks", _tr("Dropout masks…"), _tr("Which units the last steps dropped"), (), lab),
        Command(
            "lab_rates",
            _tr("Find a learning rate…"),
            _tr("The loss while the rate is raised step by step, and the rate that suits"),
            (),
            lab,
        ),
        Command(
            "lab_why",
            _tr("Why this answer…"),
            _tr("Which pixels the followed picture's answer hangs on: saliency, Grad-CAM, occlusion"),
            (),
            lab,
        ),
        Command(
            "lab_looks",
            _tr("What it looks for…"),
            _tr("The picture that a filter, a neuron or a class answers most to, and the strongest samples"),
            (),
            lab,
        ),
        Command(
            "lab_generate",
            _tr("Generate…"),
            _tr("Let the network write on, draw a series on or answer sequences, while it trains and at any moment"),
            (),
            lab,
        ),
    )


def helping() -> tuple[Command, ...]:
    """How to find what there is."""
    help_ = _tr("Help")
    return (
        Command("commands", _tr("All commands"), _tr("Find any command by its name"), ("Ctrl+K",), help_),
        Command("help", _tr("Explain this"), _tr("Explain the thing in focus, and list the keys"), ("F1",), help_),
    )
