"""The only package that knows ffmpeg and PyAV: probe, decode, measure, encode, mux."""

from .decode import DEMUXERS, SAFE, Decoded, decode, ingest, opened, refuse_playlist
from .ffmpeg import ffmpeg, reading, run_ffmpeg, url
from .meter import Loudness, loudness
from .mux import (
    KEEPS_CONTAINER,
    SUBTITLE_CODEC,
    TRIAL_S,
    FilmPlan,
    SubtitleTrack,
    burn_subtitles,
    encode,
    film_sound,
    film_suffix,
    mux,
    mux_picture,
    plan_film,
    set_timecode,
)
from .probe import Probe, choose_audio, first_tick, identify, probe
from .samples import BLOCK, FULL_SCALE, RATE, SPEECH_RATE, excerpts, read_block, whole_blocks, write_wav

__all__ = [
    "BLOCK",
    "DEMUXERS",
    "FULL_SCALE",
    "KEEPS_CONTAINER",
    "RATE",
    "SAFE",
    "SPEECH_RATE",
    "SUBTITLE_CODEC",
    "TRIAL_S",
    "Decoded",
    "FilmPlan",
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
    "opened",
    "plan_film",
    "probe",
    "read_block",
    "reading",
    "refuse_playlist",
    "run_ffmpeg",
    "set_timecode",
    "url",
    "whole_blocks",
    "write_wav",
]
