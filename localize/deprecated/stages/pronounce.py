"""`localize.stages.pronounce` of 0.1."""

from localize.deprecated import deprecated_names

__getattr__ = deprecated_names(
    __name__, {"spoken": "localize.language.spoken:normalize_text"}, "localize.language.spoken"
)
