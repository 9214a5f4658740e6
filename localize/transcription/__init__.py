"""Transcription: recognition, alignment, corrections, supplied words, shot changes, sound events, master.json."""
