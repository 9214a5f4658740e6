"""Disclosure of synthetic voices: container tag, platform labels, on-screen or spoken notice.

Platforms ask for it in a field of their own when a film is uploaded; the report has the values. The tag in the file
and the manifest state the same for programs, the notice for people.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from .. import consent
from ..data import Phrase, Span, Take
from ..engines import Synthesizer
from ..events import Run
from ..isochrony.synthesize import natural_lengths, speak
from ..language.spoken import normalize_text, without_phonemes
from ..subtitles.caption import RenderedSubtitles
from ..timedtext.cues import Cue
from .notices import TEXTS
from .report import Disclosure

TAG = "Altered or synthetic content: the dialogue is spoken by synthesized voices"
"""What the container's `comment` says."""
LABELS: dict[str, dict[str, bool]] = {
    "youtube": {"status.containsSyntheticMedia": True},
    "tiktok": {"post_info.is_aigc": True},
}
"""Fields of the upload calls that label a film: YouTube Data API v3 `videos`, TikTok Content Posting API."""
SHOWN_MS = 3000
GAP_MS = 250
LATEST_MS = 120_000


def disclosure_labels(*, translated: bool) -> Disclosure:
    """What platforms and archives ask about a dub, for the report."""
    platforms = {name: dict(fields) for name, fields in LABELS.items()}
    return Disclosure(synthetic_voices=True, machine_translation=translated, tag=TAG, platforms=platforms)


def add_screen_notice(run: Run, captions: RenderedSubtitles) -> RenderedSubtitles:
    """Add the notice as a cue in the first gap of 3.5 s; warns where there is none."""
    cues = captions.document.cues
    spans = sorted(cue.span for cue in cues)
    ends = [0, *accumulate((span.end_ms + GAP_MS for span in spans), max)]
    starts = [*(span.start_ms - GAP_MS for span in spans), LATEST_MS + SHOWN_MS]
    place = next((a for a, b in zip(ends, starts) if b - a >= SHOWN_MS and a <= LATEST_MS), None)
    if place is None:
        run.warn("notice", "the subtitles leave no 3 s for the notice in the first two minutes: it is not shown")
        return captions
    notice = Cue("", Span(place, place + SHOWN_MS), (TEXTS[captions.language],))
    ordered = tuple(sorted((*cues, notice), key=lambda cue: cue.span))
    return replace(captions, document=replace(captions.document, cues=ordered))


def speak_notice(
    run: Run, title: str, purpose: str, language: str, synthesizer: Synthesizer
) -> tuple[Take, consent.Grant]:
    """Synthesize the spoken notice in a stock voice of the language, as a sound of its own to play before the film.

    Raises:
        ConsentError: no stock voice of the language may be used here.
    """
    stock = [c for c in consent.unrevoked(run.home) if c.stock and c.voice.engine == synthesizer.name]
    fitting = [c for c in stock if language in c.voice.languages] or stock
    wanted = consent.Request(fitting[0].voice.id if fitting else "", "notice", language, title, purpose)
    grant = consent.check(run.home, [wanted])["notice"]
    text = TEXTS[language]
    spoken = without_phonemes(normalize_text(text, language))
    length = SHOWN_MS
    if synthesizer.exact_duration:
        ((length,),) = natural_lengths(run.store, synthesizer, grant, language, ((spoken,),))
    sound = speak(run.store, synthesizer, grant, language, (Phrase(spoken, Span(0, length)),))
    made = (sound.audio, sound.duration_ms, sound.phrases, sound.words)
    take = Take(
        "notice", text, *made, voice=grant.voice.id, grant=grant.id, natural_ms=length, fit=sound.fit, spoken=spoken
    )
    consent.note_reused(run.home, title, language, (take,))
    return take, grant
