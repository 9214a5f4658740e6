"""`localize.stages` of 0.1, as far as the samples of 0.1 used it."""
