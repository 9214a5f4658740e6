"""Watermark the dialogue inaudibly as synthesized, and detect the mark in the delivered files.

The mark is added to the dialogue stem and by as much to the mix, only where the dub is heard; everything else stays as
it was, sample for sample. It is then looked for in the mix as encoded; where music drowns it, the mix itself is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Blob, Media, Mix
from ..engines import Watermarker, find, load, names
from ..errors import EngineMissing, MediaError
from ..media import FULL_SCALE, RATE, film_sound, loudness, open_media, read_block, to_int24, write_wav
from ..runtime.store import Store, step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..events import Run

    Samples = NDArray[np.float32]


MARKED = 0.5
"""Confidence from which sound counts as marked."""
HEARD_S = 10
BLOCK_S = 60
FRAME = RATE // 100


@dataclass(frozen=True, slots=True)
class Watermarked:
    """Dialogue stem and mix with the watermark."""

    dialogue: Blob
    full: Blob


def watermark_dialogue(run: Run, media: Media, mixed: Mix, watermarker: Watermarker | None) -> tuple[Mix, float | None]:
    """Watermark a mix and its dialogue.

    Args:
        run: store and listener.
        media: the source; its container says how the mix is encoded.
        mixed: the sound of one target.
        watermarker: the engine; None to leave it unmarked.

    Returns:
        the mix, and the confidence with which the mark is found after encoding; None without an engine.
    """
    if watermarker is None:
        return mixed, None
    with run.stage("watermark"):
        made = mark_dialogue(run.store, watermarker, mixed.dialogue, mixed.full, of_mix=False)
        found = _delivered_confidence(run, media, made, watermarker)
        if found < MARKED:
            made = mark_dialogue(run.store, watermarker, made.dialogue, made.full, of_mix=True)
            found = _delivered_confidence(run, media, made, watermarker)
        if found < MARKED:
            run.warn(
                "watermark", f"the watermark is weak (confidence {found:.2f}): little is spoken, or music drowns it"
            )
        measured = loudness(run.store, made.full, media.channel_layout)
        delivered = loudness(run.store, film_sound(run.store, media, made.full)) if media.has_picture else measured
        alone = tuple(
            (who, mark_dialogue(run.store, watermarker, blob, blob, of_mix=False).dialogue)
            for who, blob in mixed.speakers
        )
    return (
        replace(
            mixed,
            full=made.full,
            dialogue=made.dialogue,
            loudness_lufs=measured.integrated_lufs,
            true_peak_dbtp=measured.true_peak_dbtp,
            delivered_lufs=delivered.integrated_lufs,
            delivered_dbtp=delivered.true_peak_dbtp,
            speakers=alone,
        ),
        found,
    )


def watermark_detector(*, required: bool) -> Callable[[Path], float] | None:
    """The watermark detector for any file, or None where no engine is installed.

    Args:
        required: raise instead.

    Raises:
        EngineMissing: naming the command that installs one.
    """
    from ..models import Models

    for name in names("watermarker"):
        try:
            find("watermarker", name)
        except EngineMissing:
            if required:
                raise
            continue
        engine = load("watermarker", name, Models())
        return lambda path: _confidence(engine, path)
    return None


@step(version=1)
def detect_watermark(store: Store, watermarker: Watermarker, sound: Blob) -> float:
    """Confidence that a file is watermarked, 0…1."""
    return _confidence(watermarker, store.path(sound))


@step(version=1)
def mark_dialogue(store: Store, watermarker: Watermarker, dialogue: Blob, full: Blob, of_mix: bool) -> Watermarked:
    """Add the watermark to stem and mix alike, so that bed and dialogue still add up to the mix.

    Args:
        store: for what is made.
        watermarker: the engine.
        dialogue: the stem.
        full: the mix, as long and with as many channels.
        of_mix: shape the mark for the mix, not for the stem: stronger where music plays.
    """
    import numpy as np

    with (
        read_block(store, dialogue) as stem,
        read_block(store, full) as mix,
        store.writing(".wav") as new_stem,
        store.writing(".wav") as new_mix,
        write_wav(new_stem.path, stem.channels, stem.frames) as stem_out,
        write_wav(new_mix.path, mix.channels, mix.frames) as mix_out,
    ):
        for spoken, heard in _blocks(stem, mix):
            voice = np.abs(spoken).max(axis=0) > 0
            added = _mark_of_block(watermarker, spoken, heard, voice, of_mix=of_mix)
            for block, out in ((spoken, stem_out), (heard, mix_out)):
                out.write(to_int24(block / FULL_SCALE + added))
    return Watermarked(new_stem.blob, new_mix.blob)


def _mark_of_block(
    watermarker: Watermarker, spoken: NDArray[Any], heard: NDArray[Any], voice: NDArray[np.bool_], *, of_mix: bool
) -> NDArray[np.float64]:
    """The watermark signal for each channel of a block: in channels with dialogue, where there is dialogue."""
    import numpy as np

    if not voice.any():
        return np.zeros(spoken.shape)
    base = (heard if of_mix else spoken)[:, voice].mean(axis=1) / FULL_SCALE
    mono = base.astype(np.float32)
    new = np.where(_near_dialogue(spoken), watermarker.mark(mono, RATE) - mono, 0.0)
    # In whole 24-bit steps, so that the same is added to both files.
    return np.outer(np.round(new * 2**23) / 2**23, voice)


def _near_dialogue(spoken: NDArray[Any]) -> NDArray[np.bool_]:
    """The samples within 10 ms of dialogue."""
    import numpy as np

    active = np.flatnonzero(np.abs(spoken).max(axis=1))
    near = np.zeros(len(spoken) // FRAME + 1, bool)
    near[active // FRAME] = True
    sounding: NDArray[np.bool_] = np.repeat(near, FRAME)[: len(spoken)]
    return sounding


def _blocks(stem: Any, mix: Any) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Both files side by side, a minute at a time, as whole numbers; cut where nobody speaks if that can be."""
    import numpy as np

    while True:
        spoken = stem.read(BLOCK_S * RATE, dtype="int32", always_2d=True)
        if not len(spoken):
            return
        silent = np.flatnonzero(np.abs(spoken).max(axis=1) == 0)
        if len(spoken) == BLOCK_S * RATE and len(silent) and silent[-1] > RATE:
            stem.seek(silent[-1] + 1 - len(spoken), 1)
            spoken = spoken[: silent[-1] + 1]
        yield spoken, mix.read(len(spoken), dtype="int32", always_2d=True)


def _delivered_confidence(run: Run, media: Media, made: Watermarked, watermarker: Watermarker) -> float:
    """The confidence in what the film will carry; of sound alone, in the mix itself."""
    return detect_watermark(run.store, watermarker, film_sound(run.store, media, made.full))


def _confidence(watermarker: Watermarker, path: Path) -> float:
    """Upper quartile of the confidence over windows of 10 s with sound: undubbed windows bear no mark."""
    import numpy as np

    found = [watermarker.confidence(block, RATE) for block in _read_mono(path)]
    return round(float(np.percentile(found, 75)), 2) if found else 0.0


def _read_mono(path: Path) -> Iterator[Samples]:
    """The first audio stream of any file, mono, in blocks of 10 s."""
    import av
    import numpy as np

    try:
        with open_media(path) as container:
            if not container.streams.audio:
                return
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
            kept: list[Samples] = []
            for frame in container.decode(audio=0):
                kept += [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
                if sum(map(len, kept)) >= HEARD_S * RATE:
                    yield np.concatenate(kept)
                    kept = []
            if kept:
                yield np.concatenate(kept)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be read as sound: {error.strerror or error}", path=str(path)) from error
