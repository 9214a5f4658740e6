"""Timed text: one model, one class a format."""
