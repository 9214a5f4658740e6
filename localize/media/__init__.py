"""The only package that knows ffmpeg and PyAV: probe, decode, measure, encode, mux."""

from .decode import Decoded, decode, ingest
from .ffmpeg import ffmpeg, reading, run_ffmpeg
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
from .opening import DEMUXERS, SAFE, opened, refuse_playlist, url
from .probe import CUT_MS, Probe, choose_audio, first_tick, identify, probe, told_stream, truncation
from .samples import BLOCK, FULL_SCALE, RATE, SPEECH_RATE, excerpts, read_block, whole_blocks, write_wav

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
    "told_stream",
    "truncation",
    "url",
    "whole_blocks",
    "write_wav",
]
