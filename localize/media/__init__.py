"""Media files by ffmpeg and PyAV: probe, decode, measure, encode, mux. No other package imports either."""

from typing import TYPE_CHECKING

from ..deprecated import deprecated_names
from .burn import FontProbe, burn_subtitles, picture_shape, probe_fonts
from .decode import DecodedStream, decode, ingest
from .ffmpeg import ffmpeg, reading, run_ffmpeg
from .meter import Loudness, loudness
from .mux import (
    KEEPS_CONTAINER,
    SUBTITLE_CODEC,
    TRIAL_S,
    FilmPlan,
    SubtitleTrack,
    describe_wav,
    encode,
    film_sound,
    film_suffix,
    mux,
    mux_picture,
    plan_film,
)
from .opening import DEMUXERS, SAFE, open_media, refuse_playlist, url
from .probe import (
    CUT_MS,
    Probe,
    choose_audio,
    describe_stream,
    describe_truncation,
    first_tick,
    identify,
    probe,
    require_unchanged,
)
from .samples import BLOCK, FULL_SCALE, RATE, SPEECH_RATE, excerpts, read_block, to_int24, write_wav

__all__ = [
    "BLOCK",
    "CUT_MS",
    "DEMUXERS",
    "FULL_SCALE",
    "KEEPS_CONTAINER",
    "RATE",
    "SAFE",
    "SPEECH_RATE",
    "SUBTITLE_CODEC",
    "TRIAL_S",
    "DecodedStream",
    "FilmPlan",
    "FontProbe",
    "Loudness",
    "Probe",
    "SubtitleTrack",
    "burn_subtitles",
    "choose_audio",
    "decode",
    "describe_stream",
    "describe_truncation",
    "describe_wav",
    "encode",
    "excerpts",
    "ffmpeg",
    "film_sound",
    "film_suffix",
    "first_tick",
    "identify",
    "ingest",
    "loudness",
    "mux",
    "mux_picture",
    "open_media",
    "picture_shape",
    "plan_film",
    "probe",
    "probe_fonts",
    "read_block",
    "reading",
    "refuse_playlist",
    "require_unchanged",
    "run_ffmpeg",
    "to_int24",
    "url",
    "write_wav",
]


if not TYPE_CHECKING:  # no type checker shall take every name for granted
    __getattr__ = deprecated_names(
        __name__,
        {
            "canonical_language": "localize.language.tags:canonical_language",
            "region_of": "localize.language.tags:region_of",
            "iso639_2": "localize.language.tags:iso639_2",
            "whole": "localize.media.samples:to_int24",
            "sound": "localize.media.samples:read_block",
            "wav": "localize.media.samples:write_wav",
            "with_picture": "localize.media.mux:mux_picture",
        },
    )
