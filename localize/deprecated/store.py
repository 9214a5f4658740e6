"""`localize.store` of 0.1."""

from localize.deprecated import deprecated_names

_FILES = "sha256_of disk_errors replacing write_text write_json sweep_drafts fsync alive"

__getattr__ = deprecated_names(
    __name__, {name: f"localize.runtime.files:{name}" for name in _FILES.split()}, "localize.runtime.store"
)
