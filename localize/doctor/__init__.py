"""Checks of the installation: programs, packages, models, folders, and a self-test of every engine."""
