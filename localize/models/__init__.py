"""Model weights: the catalogue, the installed models, and their download (`models pull`)."""

from .catalogue import PIN_LIMIT, Model, ModelFile, Pin, catalogue
from .installed import Models, finish, listing

__all__ = ["PIN_LIMIT", "Model", "ModelFile", "Models", "Pin", "catalogue", "finish", "listing"]
