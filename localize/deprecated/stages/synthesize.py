"""`localize.stages.synthesize` of 0.1."""

from localize.deprecated import deprecated_names

__getattr__ = deprecated_names(
    __name__,
    {
        "Sound": "localize.isochrony.synthesize:SynthesizedLine",
        "pace": "localize.isochrony.synthesize:natural_lengths",
        "placed": "localize.isochrony.synthesize:trim_to_spans",
        "sounds": "localize.signal.activity:voice_activity",
        "stretched": "localize.isochrony.synthesize:stretch_to",
    },
    "localize.isochrony.synthesize",
)
