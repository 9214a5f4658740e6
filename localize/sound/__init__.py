"""Audio of a dub: voice separation, acoustics, mix, loudness, watermark."""
