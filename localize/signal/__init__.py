"""Signal analysis on plain samples: voice activity, enhancement, speaker embeddings."""
