"""`localize.store` of 0.1."""

from localize.deprecated import deprecated_names

_FILES = "sha256_of disk_errors write_text write_json sweep_drafts fsync"
_RENAMED = {"replacing": "localize.runtime.files:atomic_write", "alive": "localize.runtime.files:is_process_alive"}

__getattr__ = deprecated_names(
    __name__,
    {name: f"localize.runtime.files:{name}" for name in _FILES.split()} | _RENAMED,
    "localize.runtime.store",
)
