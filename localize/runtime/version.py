"""The version of this package, below every module that needs it."""

__version__ = "0.1.0"
