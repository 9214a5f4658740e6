"""Model weights: the catalogue, the installed models, and their download (`models pull`)."""

from .installed import Models, ModelState, finish, listing, verify_models
from .model import PIN_LIMIT, Model, ModelFile, Pin, catalogue

__all__ = [
    "PIN_LIMIT",
    "Model",
    "ModelFile",
    "ModelState",
    "Models",
    "Pin",
    "catalogue",
    "finish",
    "listing",
    "verify_models",
]
