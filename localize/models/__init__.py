"""Model weights: the catalogue, what is installed, and the one command that downloads."""

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
