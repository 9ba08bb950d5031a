"""The ways to data: sets that are fetched, files of the user's own, and what training does to pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.ui.actions import Actions
from playground.ui.dialogs.augmentation import AugmentationWindow
from playground.ui.fetching import Fetching
from playground.ui.jobs import Jobs
from playground.ui.own_files import OwnFiles
from playground.ui.workbench import Workbench

if TYPE_CHECKING:
    from playground.ui.window import Window


def open_doors(workbench: Workbench, actions: Actions, jobs: Jobs, window: Window) -> Fetching:
    """Connect their commands; what is returned fetches sets that do not ship."""
    own = OwnFiles(workbench, jobs, window, window.theme)
    actions.connect("own_data", own.open)
    actions.connect("augment", lambda: AugmentationWindow.open_for(workbench, window.theme, window))
    workbench.augmentation_wanted.connect(actions["augment"].trigger)
    return Fetching(workbench, jobs, window)
