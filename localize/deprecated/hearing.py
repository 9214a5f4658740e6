"""`localize.hearing` of 0.1."""

from localize.deprecated import deprecated_names

__getattr__ = deprecated_names(
    __name__,
    {
        "PRINTER": "localize.signal.embeddings:EMBEDDING_MODEL",
        "PRINT_HZ": "localize.signal.embeddings:EMBEDDING_HZ",
        "PRINT_MS": "localize.signal.embeddings:EMBEDDING_WINDOW_MS",
        "LOUD_SPEECH": "localize.signal.embeddings:LOUD_SPEECH",
        "sounds": "localize.signal.activity:voice_activity",
        "voice_print": "localize.signal.embeddings:speaker_embedding",
        "d_vectors": "localize.signal.embeddings:window_embeddings",
        "speech_gain": "localize.signal.embeddings:reference_gain",
    },
)
