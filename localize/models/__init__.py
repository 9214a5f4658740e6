"""Model weights: the catalogue, what is installed, and the one command that downloads."""

from .catalogue import PIN_LIMIT, Model, ModelFile, Pin, catalogue
from .installed import Models, finish, listing

__all__ = ["PIN_LIMIT", "Model", "ModelFile", "Models", "Pin", "catalogue", "finish", "listing"]
