"""Is this machine ready, and does every engine do its work."""
