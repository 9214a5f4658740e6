"""Subtitles: cut, timed, set in lines, checked against a profile, rendered."""

from pathlib import Path

# `formats` and `cues` are rooms of their own now; their former names are found last.
__path__.append(str(Path(__file__).parents[1] / "deprecated" / "subtitles"))
