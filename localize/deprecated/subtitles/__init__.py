"""Modules of `localize.subtitles` in 0.1."""
