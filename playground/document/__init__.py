"""What the user made: frozen documents, pure edits, one check, files.

``edits`` is the module of edits; ``check`` the function that lists all problems.
"""

from playground.document import edits
from playground.document.checks import can_connect, check
from playground.document.examples import chapter, damaged_examples, example, example_names, examples
from playground.document.files import SUFFIX, Project, load, load_project, save, save_project
from playground.document.graph import (
    another,
    fields_of,
    incoming,
    multiply_adds,
    order,
    parameter_counts,
    port_count,
    shapes,
    sources,
    survey,
)
from playground.document.model import Augmentation, DataSettings, Document, Node, Promise, Training, View, Wire
from playground.document.paths import get_path, set_path
from playground.document.problem import Problem
from playground.document.settings import AUGMENTATION_FIELDS, TRAINING_FIELDS

__all__ = [
    "AUGMENTATION_FIELDS",
    "SUFFIX",
    "TRAINING_FIELDS",
    "Augmentation",
    "DataSettings",
    "Document",
    "Node",
    "Problem",
    "Project",
    "Promise",
    "Training",
    "View",
    "Wire",
    "another",
    "can_connect",
    "chapter",
    "check",
    "damaged_examples",
    "edits",
    "example",
    "example_names",
    "examples",
    "fields_of",
    "get_path",
    "incoming",
    "load",
    "load_project",
    "multiply_adds",
    "order",
    "parameter_counts",
    "port_count",
    "save",
    "save_project",
    "set_path",
    "shapes",
    "sources",
    "survey",
]
