"""The only package that knows ffmpeg and PyAV: probe, decode, measure, encode, mux."""

from .decode import CUT_MS, Decoded, decode, ingest, told_stream, truncation
from .ffmpeg import ffmpeg, reading, run_ffmpeg, url
from .meter import Loudness, loudness
from .mux import (
    KEEPS_CONTAINER,
    SUBTITLE_CODEC,
    SubtitleTrack,
    burn_subtitles,
    encode,
    film_sound,
    film_suffix,
    mux,
    mux_picture,
    set_timecode,
)
from .probe import Probe, choose_audio, first_tick, identify, probe
from .samples import BLOCK, FULL_SCALE, RATE, SPEECH_RATE, excerpts, read_block, whole_blocks, write_wav

__all__ = [
    "BLOCK",
    "CUT_MS",
    "FULL_SCALE",
    "KEEPS_CONTAINER",
    "RATE",
    "SPEECH_RATE",
    "SUBTITLE_CODEC",
    "Decoded",
    "Loudness",
    "Probe",
    "SubtitleTrack",
    "burn_subtitles",
    "choose_audio",
    "decode",
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
    "probe",
    "read_block",
    "reading",
    "run_ffmpeg",
    "set_timecode",
    "told_stream",
    "truncation",
    "url",
    "whole_blocks",
    "write_wav",
]
