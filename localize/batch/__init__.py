"""Batch dubbing of a folder: one file after another or on several workers, with a report kept current on disk."""
