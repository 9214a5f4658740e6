"""The sound of a dub: bed, acoustics, mix, loudness, watermark."""
