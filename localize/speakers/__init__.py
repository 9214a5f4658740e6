"""Speakers and voices: diarization, cast files, voice casting, assignment under grants."""
