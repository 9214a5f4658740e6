"""Who speaks, and with which voice: diarization, cast files, casting, assignment."""
