"""Which streams of a source go into its dubbed film, and what players are told of each: flags, languages, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..data import Stream
from ..language.tags import canonical_language, iso639_2
from .clock import STEP_MS

SUBTITLE_CODEC = {"mp4": "mov_text", "mov": "mov_text", "matroska": "srt", "webm": "webvtt"}
MP4 = ("mp4", "mov")
"""Containers in which a track's name is its handler's, and where one subtitle track is always switched on."""
_CARRIED = {
    "matroska": frozenset("ass ssa srt subrip webvtt text pgssub hdmv_pgs_subtitle dvdsub dvd_subtitle dvbsub "
                          "dvb_subtitle hdmv_text_subtitle arib_caption libaribcaption libaribb24".split()),
    "webm": frozenset({"webvtt"}),
}  # fmt: skip
"""Subtitles a container holds as they are; MP4 is only made of MP4, whose own it holds."""
_REWRITTEN = frozenset({"mov_text", "srt", "subrip", "webvtt", "text", "ass", "ssa"})
"""Subtitles of text, which become the container's own kind where it does not hold them."""
_AS_FLAC = {"matroska": frozenset("pcm_bluray pcm_dvd pcm_s8 s302m nellymoser adpcm_swf".split())}
"""Sounds that a container has no name for, and which become FLAC with the samples they are decoded to."""
_HOLES_STAY = f"aresample=async=1:min_hard_comp={STEP_MS / 1000}"
"""An encoder would close a hole: it is made silence, as `SoundClock` has it."""
BEGINS_ANYWHERE = frozenset("gif mjpeg png ffv1 prores dnxhd huffyuv ffvhuff utvideo rawvideo v210 qtrle".split())
"""Codecs whose pictures a film can begin with, whether the container calls them complete or not."""


@dataclass(frozen=True, slots=True)
class SubtitleTrack:
    """One SRT file to be carried as a soft track."""

    path: str
    language: str


@dataclass(frozen=True, slots=True)
class FilmTracks:
    """The streams of a film with a dub: pictures, the dub, the original, other sounds, new subtitles, the source's.

    Args:
        container: ffmpeg's name of it.
        streams: of the source.
        original: index of the stream that is dubbed.
        added: the languages of new subtitle files, in order; the first is the dub's.
    """

    container: str
    streams: tuple[Stream, ...]
    original: int
    added: tuple[str, ...] = ()

    @property
    def sounds(self) -> tuple[Stream, ...]:
        """The source's sounds in the order of the film: the original first."""
        audio = [s for s in self.streams if s.kind == "audio"]
        return tuple(sorted(audio, key=lambda s: s.index != self.original))

    @property
    def pictures(self) -> tuple[Stream, ...]:
        """The source's pictures that are streams of the film: Matroska keeps covers as attachments."""
        return tuple(s for s in self.streams if s.kind == "video" and not (s.cover and self.container == "matroska"))

    @property
    def subtitles(self) -> tuple[Stream, ...]:
        """The source's subtitles that the container holds, as they are or rewritten."""
        return tuple(s for s in self.streams if s.kind == "subtitle" and self._subtitle_codec(s))

    @property
    def recoded(self) -> tuple[Stream, ...]:
        """The source's sounds that the container does not hold as they are."""
        return tuple(s for s in self.sounds if s.codec in _AS_FLAC.get(self.container, ()))

    @property
    def left_out(self) -> tuple[Stream, ...]:
        """What the film does not hold of the source."""
        held = {"video", "audio"} | ({"attachment"} if self.container == "matroska" else set())
        kept = {s.index for s in self.subtitles}
        return tuple(s for s in self.streams if s.kind not in held and s.index not in kept and not s.remade)

    @property
    def shown(self) -> tuple[bool, ...]:
        """Whether each subtitle track of the film is shown unasked: where one was, that of the dub's language is now;
        forced ones stay as they were.
        """
        texts = [s for s in self.streams if s.kind == "subtitle"]  # also those that the film does not hold
        was_on = any(s.default and "forced" not in s.flags for s in texts)
        new = [was_on and n == 0 for n in range(len(self.added))]
        own = [s.default and ("forced" in s.flags or (was_on and not self.added)) for s in self.subtitles]
        return (*new, *own)

    def maps(self) -> list[str]:
        """Arguments that choose the streams: input 0 is the source, 1 the dub, then one for each new subtitle file."""
        wanted = [f"0:{s.index}" for s in self.pictures]
        wanted += ["1:a:0", *(f"0:{s.index}" for s in self.sounds)]
        wanted += [f"{2 + n}:s:0" for n in range(len(self.added))] + [f"0:{s.index}" for s in self.subtitles]
        if self.container == "matroska":
            wanted.append("0:t?")
        command = [part for name in wanted for part in ("-map", name)] + ["-c", "copy"]
        # Without -copyinkf what comes before the first picture that says it is complete is left out without a word: all
        # of them where none says so, as GIF in Matroska. What needs pictures from before the cut cannot begin there.
        command += [f"-copyinkf:v:{n}" for n, s in enumerate(self.pictures) if s.codec in BEGINS_ANYWHERE]
        for n, stream in enumerate(self.sounds, 1):
            if stream in self.recoded:
                command += [f"-c:a:{n}", "flac", f"-sample_fmt:a:{n}", "s32", f"-filter:a:{n}", _HOLES_STAY]
        codecs = [SUBTITLE_CODEC[self.container]] * len(self.added) + [self._subtitle_codec(s) for s in self.subtitles]
        return command + [part for n, codec in enumerate(codecs) for part in (f"-c:s:{n}", codec)]

    def tags(self, languages: tuple[str, str]) -> list[str]:
        """Arguments for what players are told.

        Args:
            languages: of the dub and of the original.
        """
        dub, original = languages
        command = [] if self.container in MP4 else ["-metadata:s", "handler_name="]
        command += _track("a:0", iso639_2(dub), f"{dub} (AI dub)", ("default", "dub"), self.container)
        for n, stream in enumerate(self.sounds, 1):
            flags = tuple(f for f in stream.flags if f != "default")
            if n == 1:
                name, flags = stream.title or f"{original} (original)", (*flags, "original")
                command += _track("a:1", iso639_2(original), name, flags, self.container)
            else:
                command += _track(f"a:{n}", "", stream.title or stream.language or "", flags, self.container)
        for n, (language, shown) in enumerate(zip(self.added, self.shown)):
            command += _track(f"s:{n}", iso639_2(language), "", ("default",) if shown else (), self.container)
            if self.container in MP4:
                command += [f"-metadata:s:s:{n}", f"handler_name={canonical_language(language)}"]
        for n, (stream, shown) in enumerate(zip(self.subtitles, self.shown[len(self.added) :]), len(self.added)):
            flags = (*(("default",) if shown else ()), *(f for f in stream.flags if f != "default"))
            command += _track(f"s:{n}", "", stream.title or stream.language or "", flags, self.container)
        return command

    def _subtitle_codec(self, stream: Stream) -> str:
        """What a subtitle stream of the source becomes: "copy", another codec, or "" for what cannot be held."""
        carried = _CARRIED.get(self.container)
        if carried is None:
            return "copy" if stream.codec != "unknown" else ""
        if stream.codec in carried:
            return "copy"
        return SUBTITLE_CODEC[self.container] if stream.codec in _REWRITTEN else ""


def _track(name: str, language: str, title: str, flags: Sequence[str], container: str) -> list[str]:
    """Arguments for one stream of the output; "" leaves a language or a title as it was."""
    command = [f"-metadata:s:{name}", f"language={language}"] if language else []
    if title:
        command += [f"-metadata:s:{name}", f"title={title}"]
        command += [f"-metadata:s:{name}", f"handler_name={title}"] if container in MP4 else []
    return [*command, f"-disposition:{name}", "+".join(flags) or "0"]


def describe_recoded(tracks: FilmTracks) -> str:
    """Which sounds of its source a film holds in another coding, in words; "" where it holds all as they are."""
    return "; ".join(f"{s.index} ({s.codec})" for s in tracks.recoded)


def describe_left_out(tracks: FilmTracks) -> str:
    """What a film does not hold of its source, in words; "" where it holds all."""
    return "; ".join(
        f"{s.index} ({s.kind}, {s.codec}{', ' + s.language if s.language else ''})" for s in tracks.left_out
    )
