"""Model weights: the catalogue, what is installed, and the one command that downloads."""

from .installed import Models, finish, listing
from .model import PIN_LIMIT, Model, ModelFile, Pin, catalogue

__all__ = ["PIN_LIMIT", "Model", "ModelFile", "Models", "Pin", "catalogue", "finish", "listing"]
