"""The records that pass between packages: frozen dataclasses, times in integer milliseconds, no I/O.

Over 400 lines: the records are one vocabulary, looked up in one place.

A field marked `content=False` (a path on this machine, say) takes no part in what a result is cached under.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Literal

Fit = Literal["exact", "stretched", "overflow"]
NOT_CONTENT = {"content": False}
_EDGES = ".,;:!?…¡¿\"'“”«»()"
"""Marks that are written at words without being of them."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open interval of time `[start_ms, end_ms)` on the source's clock."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long it lasts, in milliseconds."""
        return self.end_ms - self.start_ms

    def shifted(self, by_ms: int) -> Span:
        """The same stretch, `by_ms` later."""
        return Span(self.start_ms + by_ms, self.end_ms + by_ms)

    def overlap_ms(self, other: Span) -> int:
        """Milliseconds shared with `other`; 0 when they do not touch."""
        return max(0, min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms))


@dataclass(frozen=True, slots=True)
class Blob:
    """A file in the store, named by the SHA-256 of its bytes; `suffix` is its kind (".wav")."""

    sha256: str
    size: int
    suffix: str


@dataclass(frozen=True, slots=True)
class Source:
    """The user's file, identified by the hash of its bytes; its path is no content."""

    sha256: str
    size: int
    path: str = field(metadata=NOT_CONTENT)


# --- what was said ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a container, as probed.

    Args:
        index: its place in the container.
        kind: "video", "audio", "subtitle", "attachment" or "data".
        codec: ffmpeg's name of the codec.
        language: BCP 47 tag, or None where the container does not say.
        start_ms: when its first sample is shown, on the container's clock.
        channels: of an audio stream; 0 for the others.
        rate: samples a second of an audio stream; 0 for the others.
        cover: a still picture attached to the file, not a film.
        title: its name in the container, or "".
        default: whether players take it unasked.
        purpose: "description" or "commentary" where flags or title say that it is no plain dialogue, else "".
        stated_ms: how long it lasts by its own header or the container's; 0 where neither says.
        flags: what else players are told of it ("dub", "forced", "visual_impaired" …), "default" among them.
        remade: data that another part of the file says as well (chapters, a timecode), and that is made of that anew.
    """

    index: int
    kind: str
    codec: str
    language: str | None = None
    start_ms: int = 0
    channels: int = 0
    rate: int = 0
    cover: bool = False
    title: str = ""
    default: bool = False
    purpose: str = ""
    stated_ms: int = 0
    flags: tuple[str, ...] = ()
    remade: bool = False


@dataclass(frozen=True, slots=True)
class Jump:
    """A place where samples and timestamps part.

    Args:
        at: samples of the stream, at its own rate, that come before it.
        by: samples to insert there as silence, or, below 0, to leave out after it.
    """

    at: int
    by: int


@dataclass(frozen=True, slots=True)
class SoundClock:
    """The clock of one audio stream.

    Args:
        start_ms: when its first sample is heard, counted from the container's start.
        rate: samples a second.
        samples: that were decoded.
        jumps: where its timestamps do not follow from the count of samples.
        broken: whether the timestamps make so little sense that none is followed.
        errors: what the decoder could not make sound of, counted in packets.
    """

    start_ms: int = 0
    rate: int = 48_000
    samples: int = 0
    jumps: tuple[Jump, ...] = ()
    broken: bool = False
    errors: int = 0

    @property
    def holes(self) -> tuple[Span, ...]:
        """Where samples are missing, in ms from the first sample."""
        found, moved = [], 0
        for jump in self.jumps:
            if jump.by > 0:
                start = (jump.at + moved) * 1000 // self.rate
                found.append(Span(start, start + jump.by * 1000 // self.rate))
            moved += jump.by
        return tuple(found)

    @property
    def length_ms(self) -> int:
        """How long it sounds, holes included; 0 where nobody decoded it."""
        return (self.samples + sum(jump.by for jump in self.jumps)) * 1000 // self.rate

    @property
    def overlap_ms(self) -> int:
        """How much sound lies where other sound was already, and is left out."""
        return -sum(jump.by for jump in self.jumps if jump.by < 0) * 1000 // self.rate


@dataclass(frozen=True, slots=True)
class Media:
    """One source, probed and decoded.

    Args:
        source: the user's file.
        container: ffmpeg's short name of the container ("mov", "matroska", "wav" …).
        streams: all streams of the file.
        audio_index: the stream that is dubbed.
        duration_ms: length of that audio; every stem has it.
        samples: the same, in samples at 48 kHz.
        channels: channels of the mix.
        channel_layout: ffmpeg's name of their order ("mono", "stereo", "5.1" …).
        frame_rate: of the picture, as "24000/1001"; "24/1" where there is none.
        original: 48 kHz audio with the source's channels, 24-bit WAV.
        speech: the same for detectors and recognisers: 16 kHz mono WAV.
        offset_ms: when the audio starts on the picture's clock.
        fallback: what a person should know of the stream that was taken, or "".
        clock: when the audio starts, in samples at 48 kHz since midnight by the source's timecode; None without one.
        effects: a studio's music and effects, as the source's audio in rate, depth, channels and length.
        sound: the clock of that audio, its holes among it.
        voices: what `speech` was made of: the voices in the channels' mean, 48 kHz; None where it was not cleaned, or
            the sound has more than two channels.
    """

    source: Source
    container: str
    streams: tuple[Stream, ...]
    audio_index: int
    duration_ms: int
    samples: int
    channels: int
    channel_layout: str
    frame_rate: str
    original: Blob
    speech: Blob
    offset_ms: int = 0
    fallback: str = ""
    clock: int | None = None
    effects: Blob | None = None
    sound: SoundClock = SoundClock()
    voices: Blob | None = None

    @property
    def has_picture(self) -> bool:
        """Whether there is a film to copy (a cover picture is none)."""
        return any(s.kind == "video" and not s.cover for s in self.streams)


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its time and the recogniser's confidence (0…1)."""

    text: str
    span: Span
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """One utterance as a recogniser returned it, before diarization."""

    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one speaker; `speaker` is the diarizer's label."""

    span: Span
    speaker: str


@dataclass(frozen=True, slots=True)
class Voices:
    """Diarization: the turns in order of time, and the spans in which two speakers overlap."""

    turns: tuple[Turn, ...]
    overlaps: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of dialogue of one speaker; its id persists from end to end.

    Args:
        id: "s0001" …
        span: from the first to the last sound.
        speaker: "S1" …, in order of appearance.
        text: the words as written.
        words: the same with times; may be empty for a given transcript.
        phrases: where the speaker is heard; pauses of 200 ms or more part them.
        overlaps: where somebody else speaks at the same time, as far as that was heard.
        language: of these words, where it is not the transcript's; "" where it is.
    """

    id: str
    span: Span
    speaker: str
    text: str
    words: tuple[Word, ...] = ()
    phrases: tuple[Span, ...] = ()
    overlaps: tuple[Span, ...] = ()
    language: str = ""


Seen = Literal["on", "off", "unsure"]
"""Whether somebody is seen to say what is heard."""


SoundKind = Literal["laugh", "cry", "scream", "cough", "sneeze", "breath", "groan", "crowd", "unsure"]
"""What a voice does where it says no words."""


@dataclass(frozen=True, slots=True)
class VocalSound:
    """A sound of a voice without words, as the source has it.

    Args:
        span: where it is heard.
        kind: what it is.
        written: how the recogniser wrote it down, "[laughing]".
    """

    span: Span
    kind: SoundKind
    written: str = ""


@dataclass(frozen=True, slots=True)
class PhraseOnScreen:
    """Whether the one who says a phrase is seen to say it.

    Args:
        segment: id of the line it is of.
        span: of the phrase.
        seen: "on" where a mouth moves while it is heard; "off" where no face is seen, or only still mouths; else
            "unsure".
        faces: the most faces in one frame whose lips could be read.
        movement: of the liveliest mouth, the standard deviation of its opening in parts of its face's height.
    """

    segment: str
    span: Span
    seen: Seen
    faces: int
    movement: float


@dataclass(frozen=True, slots=True)
class PhraseProsody:
    """How the actor says one phrase, and how that lies to the same speaker's other phrases.

    Args:
        segment: id of the line it is of.
        span: of the phrase.
        pitch_hz: median of its voiced sound; 0 where too little of it is voiced, and then nothing else of pitch holds.
        range_st: from the 10th to the 90th percentile of its pitch, in semitones.
        level_db: RMS where it sounds, in dBFS.
        final_st: how far its end lies above what is before it, in semitones; below 0 it falls; None where its end has
            no pitch, as in a creak or a whisper.
        height_st: its pitch above the mean of the speaker's phrases, in semitones.
        louder_db: its level above the mean of the speaker's phrases.
        pitch_z: `height_st` in standard deviations of the speaker's phrases; as the following two 0 where the speaker
            says fewer than three.
        range_z: the same of the range.
        level_z: the same of the level.
        emphasis: which word of the segment stands out in it, counted from 0; -1 for none.
    """

    segment: str
    span: Span
    pitch_hz: float
    range_st: float
    level_db: float
    final_st: float | None
    height_st: float = 0.0
    louder_db: float = 0.0
    pitch_z: float = 0.0
    range_z: float = 0.0
    level_z: float = 0.0
    emphasis: int = -1


@dataclass(frozen=True, slots=True)
class Transcript:
    """All segments in order of time; `given` when a person supplied the text."""

    language: str
    segments: tuple[Segment, ...]
    given: bool = False


# --- what will be said -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """One wording of a line.

    Args:
        text: the words.
        score: log-probability a word, or less for a rewritten text; higher is closer to the meaning.
        rule: the rewriting rules that made it, joined by "+"; "" for the translator's own words.
        links: (word of the source, word of this text) that say the same, counted from 0 as spaces part them; none
            where the translator does not know.
    """

    text: str
    score: float
    rule: str = ""
    links: tuple[tuple[int, int], ...] = ()

    def reworded(self, text: str) -> Candidate:
        """The candidate with another text; words that stay keep their links, those that take the place of others get
        theirs.
        """
        if text == self.text:
            return self
        before, after = self.text.split(), text.split()
        if not self.links or len(before) == len(after):
            return replace(self, text=text)
        places = _followed(before, after)
        return replace(self, text=text, links=tuple((a, own) for a, b in self.links for own in places.get(b, ())))

    def of_source(self, asked: str, written: str) -> Candidate:
        """The candidate as the translation of a source of which it was given another form.

        Args:
            asked: the form that was translated.
            written: the source.
        """
        if not self.links or asked == written:
            return self
        before, after = asked.split(), written.split()
        if len(before) == len(after):
            return self
        places = _followed(before, after)
        return replace(self, links=tuple((own, b) for a, b in self.links for own in places.get(a, ())))


def _followed(before: Sequence[str], after: Sequence[str]) -> dict[int, range]:
    """For each word of a text where it stands in another form of it, of more or fewer words."""
    found: dict[int, range] = {}
    before, after = ([word.strip(_EDGES).casefold() for word in words] for words in (before, after))
    for _, start, end, since, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for at in range(start, end):
            last = at + 1 == end
            here = min(since + at - start, until)
            found[at] = range(here, until if last else min(here + 1, until))
    return found


@dataclass(frozen=True, slots=True)
class SceneLine:
    """A sentence to be translated, with the scene around it, for translators that read scenes.

    Args:
        text: the sentence.
        speaker: who says it ("S1"), "" where nobody said.
        before: (speaker, sentence) of what is said before it, in order of time.
        after: the same of what is said after it.
        terms: (source, target) of the glossary's terms that are in it.
        register: how its speaker addresses people ("usted"), "" for any.
        syllables: about how many there is time for, 0 where nobody knows.
        segment: id of the line it begins in, for messages.
    """

    text: str
    speaker: str = ""
    before: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    register: str = ""
    syllables: int = 0
    segment: str = field(default="", metadata=NOT_CONTENT)


@dataclass(frozen=True, slots=True)
class Line:
    """The translation of one segment; `edited` when a person wrote it, and then it is never changed."""

    segment: str
    candidates: tuple[Candidate, ...]
    edited: bool = False


@dataclass(frozen=True, slots=True)
class MemoryMatch:
    """A translation of a line, or of one like it, in a translation memory.

    Args:
        segment: the line it was found for.
        file: name of the memory.
        likeness: of both source texts, in %; 100 where they are the same.
        source: the text that the memory has.
        text: its translation.
        language: tag of the translation, as the memory has it.
        used: it is the line's translation; otherwise it is only offered.
        note: for people: how it was put together, or why it is only offered.
    """

    segment: str
    file: str
    likeness: int
    source: str
    text: str
    language: str
    used: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a style sheet had changed in a segment: a measurement before its translation, or a strong word in it."""

    segment: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Translation:
    """All lines in the order of the transcript.

    Args:
        language: of the lines.
        lines: one a segment.
        engine: what made them.
        memory: what translation memories have for them.
        converted: measurements that were converted, strong words that were softened.
    """

    language: str
    lines: tuple[Line, ...]
    engine: str = ""
    memory: tuple[MemoryMatch, ...] = ()
    converted: tuple[Conversion, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's correction of one segment; None leaves a thing as it is.

    Args:
        segment: id.
        source: what is said in it.
        translation: target language -> how it is said there.
        voice: that speaks it.
        start_ms: of its span.
        end_ms: of its span.
        heard: what the segment said when it was corrected, written by localize: a later run finds the line by it.
        voices: target language -> the voice that speaks it there, before `voice`.
        takes: target language -> SHA-256 of a recording of the line that a person made, heard in place of a synthesized
            one; whose it is stands in `voices`. Only a review has them.
        guides: target language -> SHA-256 of a reading of the line by a person, whose pauses and tune the synthesized
            voice follows. Only a review has them.
    """

    segment: str
    source: str | None = None
    translation: dict[str, str] = field(default_factory=dict)
    voice: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    heard: str | None = None
    voices: dict[str, str] = field(default_factory=dict)
    takes: dict[str, str] = field(default_factory=dict)
    guides: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineChange:
    """A person's change of which lines there are. It is made before the corrections of single lines.

    Args:
        kind: "split" parts a line in two; "merge" puts the next line of the same speaker to it.
        segment: id of the line; of a split that of its first part, too.
        other: id of a split's second part, or of the line that is taken in.
        at_ms: where a line is split.
        word: how many of its words the first part has.
        heard: what the segment said before, written by localize: a later run finds the line by it.
    """

    kind: Literal["split", "merge"]
    segment: str
    other: str
    at_ms: int | None = None
    word: int | None = None
    heard: str | None = None


@dataclass(frozen=True, slots=True)
class Edits:
    """All corrections of one run.

    Args:
        edits: of single lines.
        lines: changes of which lines there are, in order.
    """

    edits: tuple[Edit, ...] = ()
    lines: tuple[LineChange, ...] = ()


# --- how it is spoken ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice an engine can speak with; it is used only through a `Grant`.

    Args:
        id: as `--voice` takes it.
        name: of the person; two voices of one name are one person.
        languages: native ones.
        gender: "female", "male" or another word.
        engine: that speaks it.
        files: name and SHA-256 of its data.
        folder: where its card lies.
        parents: of a blend, the voices that it is made of and their shares, which add up to 1; their data are its data.
        pitch_st: semitones that a blend speaks higher than its data alone would.
        formants: factor by which a blend's formants lie higher: above 1 a shorter vocal tract is heard.
    """

    id: str
    name: str
    languages: tuple[str, ...]
    gender: str
    engine: str
    files: tuple[tuple[str, str], ...]
    folder: str = field(metadata=NOT_CONTENT)
    parents: tuple[tuple[str, float], ...] = ()
    pitch_st: float = 0.0
    formants: float = 1.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words spoken without a pause, and the span planned for them."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Manner:
    """How a phrase is to be said: what of the actor's performance is carried over to the voice's own reading.

    Args:
        strength: how much of the way from its own reading the voice goes, 0 to 1.
        height_st: pitch of the phrase above the voice's usual one, in semitones.
        range: of its pitch, as a factor of its own.
        effort: standard deviations louder than usual.
        level_db: how much louder it is than the other phrases of the line.
        final_st: how far its end lies above what is before it, in semitones; None for as the voice has it.
        emphasis: which of its spoken words stands out, counted from 0; -1 for none.
    """

    strength: float
    height_st: float = 0.0
    range: float = 1.0
    effort: float = 0.0
    level_db: float = 0.0
    final_st: float | None = None
    emphasis: int = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """The timing plan of one line, made before synthesis.

    Args:
        segment: whose line.
        chosen: index of the candidate.
        phrases: the text parted at the pauses, each with its place on the source's clock.
        natural_ms: predicted length of the words at the engine's own pace, pauses not counted.
        fit: "exact" where the engine keeps the plan, "stretched" where audio is stretched, "overflow" where none fits.
        reason: why this candidate, or what would mend an overflow.
    """

    segment: str
    chosen: int
    phrases: tuple[Phrase, ...]
    natural_ms: int
    fit: Fit
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LineToSpeak:
    """What is asked of a synthesizer for one line.

    Args:
        plan: of the line.
        text: its words as they are written.
        phrases: what the engine is given to say, and when, counted from the first sound.
        manners: how each phrase is to be said; none for the voice's own.
    """

    plan: Plan
    text: str
    phrases: tuple[Phrase, ...]
    manners: tuple[Manner, ...] = ()


@dataclass(frozen=True, slots=True)
class Take:
    """One line as it is spoken: synthesized, or recorded by a person.

    Args:
        segment: whose line.
        text: the words spoken.
        audio: mono WAV that starts with the first sound.
        duration_ms: from the first to the last sound.
        phrases: where it is heard, counted from the first sound.
        words: the times of its words, counted from the first sound.
        voice: the voice's id.
        grant: the id of the grant it was used under.
        natural_ms: length of the words at the engine's own pace, pauses as in `phrases`.
        fit: how the length was reached.
        spoken: what the synthesizer was given to say it; "" for a recording.
        recorded: SHA-256 of the recording as a person gave it; "" where the line is synthesized.
        guide: SHA-256 of the reading that its pauses and tune follow; "" for none.
    """

    segment: str
    text: str
    audio: Blob
    duration_ms: int
    phrases: tuple[Span, ...]
    words: tuple[Word, ...]
    voice: str
    grant: str
    natural_ms: int
    fit: Fit
    spoken: str = ""
    recorded: str = ""
    guide: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """All takes of a dub, with their plans."""

    language: str
    takes: tuple[Take, ...]
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """A take placed on the timeline.

    Args:
        take: the take.
        at_ms: when its first sound is heard.
        phrases: where it is heard, on the source's clock.
        rate: natural length / length used; 1.2 is 20 % faster than the engine's own pace.
        fit: "exact", "stretched" or "overflow".
        source: the span and phrases of the segment it replaces.
        speaker: who said it.
    """

    take: Take
    at_ms: int
    phrases: tuple[Span, ...]
    rate: float
    fit: Fit
    source: Span
    source_phrases: tuple[Span, ...]
    speaker: str

    @property
    def span(self) -> Span:
        """From the first to the last sound, on the source's clock."""
        return Span(self.at_ms, self.at_ms + self.take.duration_ms)


@dataclass(frozen=True, slots=True)
class Timeline:
    """All clips of a dub, with their times on the source's clock."""

    language: str
    duration_ms: int
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A speaker's acoustics: the reverberation of the source's recording, and the spectral difference of the dub to it.

    Args:
        eq_db: gain at each of the frequencies `sound/acoustics.py` names.
        rt60_ms: how long a sound takes to fade by 60 dB; 0 where that could not be heard, or is too short to matter.
    """

    eq_db: tuple[float, ...]
    rt60_ms: int


@dataclass(frozen=True, slots=True)
class Mix:
    """The sound files of one target, and their measurements.

    Args:
        full: the whole.
        dialogue: the dub alone.
        bed: what lies under it.
        loudness_lufs: of the whole, integrated (ITU-R BS.1770-4).
        true_peak_dbtp: of the whole.
        source_loudness_lufs: of the original.
        speakers: speaker -> this speaker's dialogue alone, where asked for.
        bed_made: how the bed came about.
        target: what the whole was to be as loud as.
        delivered_lufs: as `loudness_lufs`, measured after the film's encoder.
        delivered_dbtp: as `true_peak_dbtp`, measured after it.
        dialogue_lufs: after it, where dialogue is heard; None where nothing is.
        rooms: speaker, or speaker and scene -> the room the dub was put into.
    """

    full: Blob
    dialogue: Blob
    bed: Blob
    loudness_lufs: float
    true_peak_dbtp: float
    source_loudness_lufs: float
    speakers: tuple[tuple[str, Blob], ...] = ()
    bed_made: str = ""
    target: str = "source"
    delivered_lufs: float = 0.0
    delivered_dbtp: float = 0.0
    dialogue_lufs: float | None = None
    rooms: tuple[tuple[str, Room], ...] = ()


@dataclass(frozen=True, slots=True)
class SubtitleSource:
    """What the subtitles of a film are made from: transcript, duration, frame rate, shot changes, sound events.

    Args:
        transcript: what is said.
        duration_ms: of the audio.
        frame_rate: of the picture.
        offset_ms: when the audio starts on the picture's clock.
        shots: when the picture cuts, on the picture's clock; None where nobody looked.
        sounds: what is heard where nobody speaks, on the audio's clock.
        names: what the speakers are called, where a file says so.
    """

    transcript: Transcript
    duration_ms: int
    frame_rate: str
    offset_ms: int = 0
    shots: tuple[int, ...] | None = None
    sounds: tuple[SoundEvent, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetWords:
    """The timed words of one segment in a target language."""

    segment: str
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class TargetText:
    """One target language: what was chosen for each segment, when it is shown, and which segments must be read even
    by those who understand the target language, because they are heard in another.
    """

    translation: Translation
    words: tuple[TargetWords, ...]
    chosen: dict[str, int]
    forced: frozenset[str] = frozenset()

    @property
    def said(self) -> dict[str, str]:
        """Segment -> the wording that was chosen; segments without any are left out."""
        lines = (line for line in self.translation.lines if line.candidates)
        return {line.segment: line.candidates[self.chosen.get(line.segment, 0)].text for line in lines}


def phrases_of(given: Segment) -> tuple[Span, ...]:
    """The phrases of a segment; its whole span where none were aligned."""
    return given.phrases or (given.span,)


ORIGINAL = "original"
"""Instead of a voice: this speaker stays as recorded."""


@dataclass(frozen=True, slots=True)
class SoundEvent:
    """A non-speech event: "music" or "silence"."""

    span: Span
    kind: str
