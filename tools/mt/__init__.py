"""Training of small translation models: `python -m tools.mt`."""
