"""Model weights: the catalogue, the installed models, and their download (`models pull`)."""

from .installed import Models, finish, listing
from .model import PIN_LIMIT, Model, ModelFile, Pin, catalogue

__all__ = ["PIN_LIMIT", "Model", "ModelFile", "Models", "Pin", "catalogue", "finish", "listing"]
