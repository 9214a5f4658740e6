"""Model weights: the catalogue, the installed models, and their download (`models pull`)."""

from .installed import Models, ModelState, derive_files, list_models, verify_models
from .model import PIN_LIMIT, Model, ModelFile, Pin, catalogue

__all__ = [
    "PIN_LIMIT",
    "Model",
    "ModelFile",
    "ModelState",
    "Models",
    "Pin",
    "catalogue",
    "derive_files",
    "list_models",
    "verify_models",
]
