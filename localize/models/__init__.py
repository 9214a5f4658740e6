"""Model weights: the catalogue, what is installed, and the one command that downloads."""

from .catalogue import PIN_LIMIT, Model, ModelFile, Pin, catalogue
from .installed import Models, ModelState, finish, listing, verify_models

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
