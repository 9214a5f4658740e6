"""`localize.subtitles.cues` of 0.1."""

from localize.deprecated import deprecated_names

__getattr__ = deprecated_names(
    __name__,
    {"Remark": "localize.timedtext.cues:Diagnostic", "joined": "localize.timedtext.cues:join_words"},
    "localize.timedtext.cues",
)
