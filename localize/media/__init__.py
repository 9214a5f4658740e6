"""Media files by ffmpeg and PyAV: probe, decode, measure, encode, mux. No other package imports either."""

from typing import TYPE_CHECKING

from ..deprecated import deprecated_names
from .burn import FontProbe, burn_subtitles, picture_shape, probe_fonts
from .clock import check_sound, describe_clock, describe_faults, measure_clock
from .decode import DecodedStream, decode, decode_on_clock, ingest
from .encoded import Packets, Track, packets_of, track_of
from .ffmpeg import ffmpeg, reading, run_ffmpeg
from .meter import Loudness, loudness, loudness_by_ffmpeg, spoken_loudness
from .mux import (
    FLAC_CHANNELS,
    KEEPS_CONTAINER,
    TRIAL_S,
    FilmPlan,
    describe_flac,
    describe_wav,
    dub_codec,
    encode,
    encode_for,
    film_sound,
    film_suffix,
    is_lossless,
    mux,
    mux_picture,
    plan_film,
    write_clip,
)
from .opening import DEMUXERS, SAFE, open_media, refuse_playlist, url
from .pieces import NOWHERE, Piece, Place, block_keys, digest_of, pieces_of, write_blocks
from .probe import (
    CUT_MS,
    Probe,
    choose_audio,
    describe_stream,
    describe_truncation,
    first_tick,
    identify,
    pixel_format,
    probe,
    require_unchanged,
)
from .samples import BLOCK, FULL_SCALE, RATE, SPEECH_RATE, excerpts, read_block, to_int24, write_wav
from .tracks import SUBTITLE_CODEC, FilmTracks, SubtitleTrack, describe_left_out

__all__ = [
    "BLOCK",
    "CUT_MS",
    "DEMUXERS",
    "FLAC_CHANNELS",
    "FULL_SCALE",
    "KEEPS_CONTAINER",
    "NOWHERE",
    "RATE",
    "SAFE",
    "SPEECH_RATE",
    "SUBTITLE_CODEC",
    "TRIAL_S",
    "DecodedStream",
    "FilmPlan",
    "FilmTracks",
    "FontProbe",
    "Loudness",
    "Packets",
    "Piece",
    "Place",
    "Probe",
    "SubtitleTrack",
    "Track",
    "block_keys",
    "burn_subtitles",
    "check_sound",
    "choose_audio",
    "decode",
    "decode_on_clock",
    "describe_clock",
    "describe_faults",
    "describe_flac",
    "describe_left_out",
    "describe_stream",
    "describe_truncation",
    "describe_wav",
    "digest_of",
    "dub_codec",
    "encode",
    "encode_for",
    "excerpts",
    "ffmpeg",
    "film_sound",
    "film_suffix",
    "first_tick",
    "identify",
    "ingest",
    "is_lossless",
    "loudness",
    "loudness_by_ffmpeg",
    "measure_clock",
    "mux",
    "mux_picture",
    "open_media",
    "packets_of",
    "picture_shape",
    "pieces_of",
    "pixel_format",
    "plan_film",
    "probe",
    "probe_fonts",
    "read_block",
    "reading",
    "refuse_playlist",
    "require_unchanged",
    "run_ffmpeg",
    "spoken_loudness",
    "to_int24",
    "track_of",
    "url",
    "write_blocks",
    "write_clip",
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
