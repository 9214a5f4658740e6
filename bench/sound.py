"""What bed, room, band, clicks and loudness of a dub are worth: `python bench/sound.py [PART ...]`, all without a name.

Mixes are built from real speech and real music, whose parts are known, so that what is left of each can be measured:
scale-invariant signal-to-distortion ratio (Le Roux et al. 2019) of the bed, stereo correlation, what is lost above
16 kHz, words of the original that a recogniser still hears under the dub, and samples that differ outside speech.
Without a name all parts run. Media of ../shared are needed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from scipy import signal

from localize import media
from localize.data import Clip, Media, Span, Take, Timeline
from localize.engines import load
from localize.events import Run
from localize.pipeline import open_run
from localize.signal.activity import voice_activity
from localize.signal.clicks import find_clicks
from localize.sound import acoustics, bandwidth, bed, loudness, mix
from localize.transcription.transcribe import recognise

SHARED = Path(__file__).parents[2] / "shared" / "media"
SAMPLE = Path(__file__).parents[1] / "samples" / "episode.mp4"
MUSIC = SHARED / "5_noise_multilang_odd" / "music" / "Kevin_MacLeod_Vibe_Ace.ogg"
RATE = media.RATE


def read(path: Path) -> Any:
    """Samples at 48 kHz, shape (n,)."""
    samples, rate = soundfile.read(path, always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate, RATE)


def speech() -> tuple[Any, list[Span]]:
    """Sentences of LJ Speech with pauses of 1.5 s, and where each is heard."""
    parts: list[Any] = [np.zeros(RATE)]
    spans, at = [], RATE
    for path in sorted((SHARED / "1_english" / "ljspeech").glob("LJ*.wav"))[:4]:
        samples = read(path)
        spans += [s.shifted(at // 48) for s in voice_activity(samples.astype(np.float32), RATE)]
        parts += [samples, np.zeros(RATE * 3 // 2)]
        at += len(samples) + RATE * 3 // 2
    return np.concatenate(parts), spans


def music(length: int) -> Any:
    """Stereo music with something above 16 kHz, which the recording lacks, shape (n, 2)."""
    mono = np.resize(read(MUSIC), length)
    wide = np.stack([mono, 0.7 * mono + 0.5 * np.roll(mono, 9 * RATE)], axis=1)
    noise = np.random.default_rng(1).normal(size=wide.shape) * wide.std() * 0.1
    return wide + signal.sosfilt(signal.butter(8, 16_000, "high", fs=RATE, output="sos"), noise, axis=0)


def si_sdr(estimate: Any, reference: Any) -> float:
    """Scale-invariant SDR in dB."""
    scaled = (estimate * reference).sum() / (reference**2).sum() * reference
    return float(10 * np.log10((scaled**2).sum() / ((estimate - scaled) ** 2).sum()))


def high(samples: Any) -> float:
    """Power above 16 kHz in dB."""
    sos = signal.butter(8, 16_000, "high", fs=RATE, output="sos")
    return float(10 * np.log10((signal.sosfilt(sos, samples, axis=0) ** 2).mean() + 1e-20))


def stored(run: Run, folder: Path, name: str, samples: Any) -> Media:
    """Samples as a source."""
    path = folder / f"{name}.wav"
    soundfile.write(path, np.clip(samples, -1, 1), RATE, "PCM_24")
    return media.ingest(run.store, path, stream=None, language=None)


def numbers(run: Run, blob: Any) -> Any:
    """A file's 24-bit numbers."""
    return soundfile.read(run.store.path(blob), dtype="int32", always_2d=True)[0]


def heard_words(run: Run, folder: Path, samples: Any, spans: list[Span]) -> int:
    """How many words a recogniser makes out."""
    path = folder / "heard.wav"
    soundfile.write(path, soxr.resample(samples.mean(axis=1), RATE, 16_000), 16_000, "PCM_16")
    with run.store.writing(".wav") as draft:
        draft.path.write_bytes(path.read_bytes())
    recogniser = load("recogniser", "faster_whisper", run.models)
    window = Span(spans[0].start_ms, spans[-1].end_ms)
    windows = tuple(Span(a, min(a + 25_000, window.end_ms)) for a in range(window.start_ms, window.end_ms, 25_000))
    return sum(len(u.words) for found in recognise(run.store, recogniser, draft.blob, windows, "en") for u in found)


def beds(run: Run, folder: Path) -> None:
    """Bed figures on stereo mixes, the voice in the middle, near it and at one side; and the bed's with every channel
    separated by itself.
    """
    voice, spans = speech()
    wide = music(len(voice))
    print(
        "voice   music   bed SI-SDR   each channel   correlation off   lost >16 kHz   words heard: source, bed   "
        "differ outside"
    )
    places_of = {"middle": (1, 1), "near": (1, 0.8), "left": (1, 0.2)}
    for (side, places), level in itertools.product(places_of.items(), (0, -10)):
        said = voice[:, None] * np.array(places)
        under = wide * np.sqrt((voice**2).mean() / (wide**2).mean()) * 10 ** (level / 20)
        scale = 0.7 / np.abs(said + under).max()
        film = stored(run, folder, f"{side}{level}", scale * (said + under))
        regions = bed.dubbed_regions(spans)
        made = bed.make_bed(run, film, spans)
        original, left = numbers(run, film.original), numbers(run, made.audio)
        inside = np.zeros(len(original), bool)
        for region in regions:
            inside[region.start_ms * 48 : region.end_ms * 48] = True
        samples = left / 2.0**31
        alone = numbers(run, bed.make_bed(run, replace(film, voices=None), spans).audio) / 2.0**31
        apart = np.corrcoef(samples[inside].T)[0, 1] - np.corrcoef(under[inside].T)[0, 1]
        words = [heard_words(run, folder, x, spans) for x in (original / 2.0**31, samples)]
        print(
            f"{side:6}  {level:>4} dB  {si_sdr(samples[inside], scale * under[inside]):>7.2f} dB  "
            f"{si_sdr(alone[inside], scale * under[inside]):>9.2f} dB  {apart:>+14.3f}  "
            f"{high(original / 2.0**31) - high(samples):>12.2f} dB  {words[0]:>18}, {words[1]:>3}  "
            f"{int((original[~inside] != left[~inside]).any(axis=1).sum()):>12}"
        )


def dub(source: Path, folder: Path, *flags: str) -> dict[str, Any]:
    """A dub by the command: its first target."""
    command = [sys.executable, "-m", "localize", "dub", str(source), "--from", "en", "--to", "es", "-q", "--json"]
    done = subprocess.run([*command, "-o", str(folder), *flags], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{source.name}: {done.stderr}")
    return dict(json.loads(done.stdout)["targets"][0])


def surround(run: Run, folder: Path) -> None:
    """Whole dubs in stereo and 5.1: what folding to mono costs, and which channels differ."""
    voice, _ = speech()
    wide = music(len(voice))
    under = wide * np.sqrt((voice**2).mean() / (wide**2).mean()) * 10 ** (-10 / 20)
    scale = 0.5 / np.abs(voice[:, None] + under).max()
    effects = np.roll(under[:, 0], 5 * RATE) * 0.5
    six = np.stack([under[:, 0], under[:, 1], voice + effects, 0 * voice, under[:, 1] / 2, under[:, 0] / 2], axis=1)
    for name, samples in (("stereo", scale * (voice[:, None] + under)), ("surround", scale * six)):
        film = stored(run, folder, name, samples)
        target = dub(folder / f"{name}.wav", folder / name)
        mixed = soundfile.read(target["audio"], dtype="int32", always_2d=True)[0]
        original = numbers(run, film.original)
        changed = [c for c in range(mixed.shape[1]) if not np.array_equal(mixed[:, c], original[:, c])]
        if name == "surround":
            print(f"5.1: channels that differ from the source: {changed} (the centre is 2)")
            continue
        folded = mixed.mean(axis=1) / 2.0**31
        loss = 10 * np.log10(((mixed / 2.0**31) ** 2).mean() / (folded**2).mean())
        own = 10 * np.log10(((original / 2.0**31) ** 2).mean() / ((original.mean(axis=1) / 2.0**31) ** 2).mean())
        spoken = soundfile.read(target["dialogue"], always_2d=True)[0]
        voices = 10 * np.log10((spoken**2).mean() / (spoken.mean(axis=1) ** 2).mean())
        print(f"stereo: folding to mono costs {loss:.2f} dB (the source {own:.2f}, the dialogue {voices:.2f})")


def rooms(run: Run, folder: Path) -> None:
    """Fade times heard in speech that was put into rooms of known fade time."""
    voice, spans = speech()
    print("room RT60   direct/tail   heard RT60   deep fades")
    for seconds, ratio in ((0.0, 60), (0.2, 6), (0.4, 6), (0.4, 0), (0.8, 6), (0.8, 0)):
        at = np.arange(int(RATE * max(1.1 * seconds, 0.02)))
        tail = np.random.default_rng(0).normal(size=len(at)) * 10 ** (-3 * at / RATE / max(seconds, 1e-3))
        tail[:240] = 0
        tail *= np.sqrt(10 ** (-ratio / 10) / (tail**2).sum())
        tail[0] = 1
        wet = signal.fftconvolve(voice, tail)[: len(voice)] + np.random.default_rng(2).normal(size=len(voice)) * 1e-4
        film = stored(run, folder, f"room{seconds}{ratio}", 0.5 * wet / np.abs(wet).max())
        lying = bed.make_bed(run, film, spans)
        found = acoustics.estimate_reverberation(run.store, film, lying, (tuple(spans),), ((),))[0]
        fades = list(acoustics.decay_times(soundfile.read(run.store.path(film.original))[0]))
        print(f"{seconds:>7.1f} s  {ratio:>8} dB  {found.rt60_ms / 1000:>8.2f} s  {len(fades):>10}")


def narrowed(samples: Any, how: str) -> Any:
    """Speech as a telephone, a radio or a file of 8 kHz has it."""
    if how == "8 kHz":
        return soxr.resample(soxr.resample(samples, RATE, 8000), 8000, RATE)[: len(samples)]
    poles = {"telephone": 6, "radio": 2}.get(how)
    return samples if poles is None else signal.sosfilt(
        signal.butter(poles, [300, 3400], "band", fs=RATE, output="sos"), samples
    )  # fmt: skip


def bands(run: Run, folder: Path) -> None:
    """What is missing of speech in lines of 3 s, and which of them are taken to be narrow."""
    paths = [*sorted((SHARED / "1_english" / "ljspeech").glob("LJ*.wav"))[:6]]
    paths += [SHARED / "1_english" / "sonnet" / "p001_sonnet1.mp3"]
    paths += sorted(p for p in (SHARED / "5_noise_multilang_odd" / "lang").iterdir() if p.suffix in (".wav", ".opus"))
    print("band        lines   highs missing (median)   lows missing   taken for narrow")
    for how in ("full", "radio", "telephone", "8 kHz"):
        missing, narrow = [], 0
        for path in paths:
            voice = read(path)
            heard = [voice[s.start_ms * 48 : s.end_ms * 48] for s in voice_activity(voice.astype(np.float32), RATE)]
            joined = narrowed(np.concatenate(heard), how)
            for at in range(0, len(joined) - 3 * RATE, 3 * RATE):
                line = joined[at : at + 3 * RATE]
                beyond = bandwidth.aligned_levels(line) - np.array(bandwidth.SPEECH_DB)
                missing.append([bandwidth.mean_level(beyond, edge) for edge in (bandwidth.HIGH_HZ, bandwidth.LOW_HZ)])
                narrow += bandwidth.voice_band(line, line) != bandwidth.FULL
        highs, lows = np.median(missing, axis=0)
        print(f"{how:10}{len(missing):>7}{highs:>20.0f} dB{lows:>15.0f} dB{narrow:>14}")


def lines(run: Run, folder: Path) -> None:
    """Lines of one film, each dubbed by its own voice at full band and one level: level and band of source and dub."""
    voice, spans = speech()
    kinds = (("full", 0.0), ("telephone", 0.0), ("full", -12.0), ("full", -25.0))
    source, clips = np.zeros(len(voice)), []
    for n, (how, decibels) in enumerate(kinds):
        inside = spans[n :: len(kinds)]
        for span in inside:
            a, b = span.start_ms * 48, span.end_ms * 48
            source[a:b] = narrowed(voice[a:b], how) * 10 ** (decibels / 20)
            with run.store.writing(".wav") as draft:
                soundfile.write(draft.path, 0.1 * voice[a:b] / np.sqrt((voice[a:b] ** 2).mean()), RATE, "PCM_24")
            take = Take(
                f"s{len(clips)}", "", draft.blob, span.length_ms, (Span(0, span.length_ms),), (), "v", "g", 0, "exact"
            )
            clips.append((n, Clip(take, span.start_ms, (span,), 1.0, "exact", span, (span,), "S1")))
    noise = np.random.default_rng(0).normal(0, 1e-4, len(source))
    film = stored(run, folder, "lines", 0.5 * source / np.abs(source).max() + noise)
    ordered = tuple(c for _, c in sorted(clips, key=lambda x: x[1].at_ms))
    made = mix.mix_dub(run, film, Timeline("es", film.duration_ms, ordered))
    heard = [numbers(run, blob)[:, 0] / 2.0**31 for blob in (film.original, made.dialogue)]
    print("line                    level of source, dub    over 5 kHz against 0.3 to 3 kHz: take, source, dub")
    for n, (how, decibels) in enumerate(kinds):
        at = np.concatenate([np.arange(c.at_ms * 48, c.phrases[0].end_ms * 48) for k, c in clips if k == n])
        level = [10 * np.log10((x[at] ** 2).mean()) for x in heard]
        over = [_over_5_khz(x[at]) for x in (voice, *heard)]
        print(
            f"{how:10} {decibels:>4.0f} dB{level[0]:>14.1f}, {level[1]:.1f} dB"
            f"{over[0]:>28.0f}, {over[1]:.0f}, {over[2]:.0f} dB"
        )


def _over_5_khz(samples: Any) -> float:
    hertz, power = signal.welch(samples, RATE, nperseg=4096)
    return float(10 * np.log10(power[hertz > 5000].sum() / power[(hertz > 300) & (hertz < 3000)].sum()))


def inputs(folder: Path) -> list[Path]:
    """Ten short and different sources."""
    cuts = [
        (SAMPLE, 0, 12),
        (SHARED / "4_video" / "sintel_trailer_480x204.mp4", 10, 15),
        (SHARED / "1_english" / "jfk.flac", 0, 11),
        (SHARED / "1_english" / "ljspeech" / "LJ001-0001.wav", 0, 10),
        (SHARED / "5_noise_multilang_odd" / "formats" / "p001.mp3", 0, 9),
    ]
    made = []
    for path, start, length in cuts:
        into = folder / f"{len(made)}{'.mp4' if path.suffix == '.mp4' else '.wav'}"
        media.run_ffmpeg(["-ss", str(start), "-t", str(length), "-i", media.url(path), media.url(into)], path.name)
        made.append(into)
    voice, _ = speech()
    voice, wide = voice[: 9 * RATE], music(9 * RATE)
    for name, samples in (
        ("loud", np.clip(8 * (voice[:, None] + wide), -1, 1)),
        ("quiet", 0.05 * voice[:, None]),
        ("music", voice[:, None] * 0.3 + wide),
        ("left", voice[:, None] * np.array([1, 0.0])),
        ("surround", np.stack([wide[:, 0], wide[:, 1], voice, 0 * voice, wide[:, 1], wide[:, 0]], axis=1) * 0.5),
    ):
        made.append(folder / f"{name}.wav")
        soundfile.write(made[-1], samples / max(1.0, np.abs(samples).max()), RATE, "PCM_24")
    return made


def clicks(run: Run, folder: Path) -> None:
    """The sample dubbed: clicks found in its lines as they are, and of those put into the middle of its voices; clicks
    found in recorded speech, which has none.
    """
    clips = sorted((SHARED / "1_english" / "ljspeech").glob("LJ*.wav"))
    found = [len(find_clicks(*soundfile.read(path, dtype="float32"))) for path in clips]
    print(f"recorded speech: {sum(found)} clicks found in {len(clips)} clips")
    count_clicks(Path(dub(SAMPLE, folder / "out", "--draft", "--deliver", "stems")["dialogue"]))


def count_clicks(dialogue: Path) -> None:
    """Put clicks as loud as the voice around them into a stem at forty places, and print how many are found."""
    voice = soxr.resample(read(dialogue), RATE, 24_000).astype(np.float32)
    print(f"{dialogue.name}: {len(find_clicks(voice, 24_000))} clicks found in {len(voice) // 24_000} s as it is")
    rng, found, places = np.random.default_rng(3), dict.fromkeys(("impulse", "burst of 5 ms", "hole of 2 ms"), 0), 0
    while places < 40:
        at = int(rng.integers(12_000, len(voice) - 12_000))
        around = voice[at - 12_000 : at + 12_000]
        near = [around[12_000 + 24 * ms : 12_000 + 24 * (ms + 30)].std() for ms in (-36, -15, 6)]
        if min(near) < 0.02 or max(near) > 3 * min(near):
            continue
        places += 1
        for kind in found:
            made, loudest = around.copy(), float(np.abs(around[11_640:12_360]).max())
            burst = rng.normal(size=120) * np.hanning(120)
            made[12_000:12_120] += np.float32(loudest / np.abs(burst).max()) * burst if kind.startswith("burst") else 0
            made[12_000] += loudest if kind == "impulse" else 0
            made[12_000:12_048] *= 0 if kind.startswith("hole") else 1
            found[kind] += any(abs(ms - 500) <= 8 for ms in find_clicks(made, 24_000))
    print(f"of {places} each: " + ", ".join(f"{kind} {count}" for kind, count in found.items()))


def levels(run: Run, folder: Path) -> None:
    """Ten inputs at every target: how far off, and the highest true peak, both after the encoder."""
    wanted = ("source", *loudness.TARGETS, "-20")
    print(f"{'input':14}" + "".join(f"{name:>22}" for name in wanted) + "   (LUFS off / dBTP)")
    missed = 0
    for path in inputs(folder):
        cells = []
        for name in wanted:
            target = dub(path, folder / path.stem, "--loudness", name)
            sound = json.loads(Path(target["report"]).read_text())["sound"]
            goal, summary = loudness.loudness_target(name), target["summary"]
            aim, tolerance = (goal.lufs, goal.tolerance_lu) if goal else (summary["source_loudness_lufs"], 1.0)
            heard = sound["dialogue_lufs"] if goal and goal.dialogue else sound["delivered"]["loudness_lufs"]
            peak = max(sound["delivered"]["true_peak_dbtp"], summary["true_peak_dbtp"])
            wrong = abs(heard - aim) > tolerance or bool(goal and peak > goal.peak_dbtp)
            missed += wrong
            cells.append(f"{heard - aim:+.1f} / {peak:.1f}{' !' if wrong else ''}")
        print(f"{path.stem:14}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
    print(f"outside the tolerance or over the peak: {missed} of {10 * len(wanted)}")


def speed(run: Run, folder: Path) -> None:
    """Separation against the separator alone, and its memory for 2 and 20 minutes of unbroken speech."""
    voice, _ = speech()
    for minutes in (2, 20):
        path = folder / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as out:
            for _ in range(minutes * 60 * RATE // len(voice) + 1):
                out.write(voice)
        script = (
            "import resource, sys, time; from pathlib import Path\n"
            "from localize import media; from localize.data import Span\n"
            "from localize.sound import bed; from localize.pipeline import open_run\n"
            "run = open_run(); film = media.ingest(run.store, Path(sys.argv[1]), stream=None, language=None)\n"
            "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024; began = time.monotonic()\n"
            "bed.make_bed(run, film, [Span(0, film.duration_ms)])\n"
            "print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, time.monotonic() - began)\n"
        )
        environment = {**os.environ, "LOCALIZE_STORE": str(folder / f"store{minutes}")}
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)], env=environment, capture_output=True, text=True, check=True
        )
        before, peak, seconds = map(float, done.stdout.split())
        print(f"{minutes:>2} min: peak {peak:.0f} MB (ingest {before:.0f}), {seconds / minutes:.1f} s a minute")
    began = time.monotonic()
    bed.Denoiser().process(voice.astype(np.float32), last=True)
    alone = (time.monotonic() - began) / (len(voice) / RATE / 60)
    print(f"the separator alone on one core: {alone:.1f} s a minute")


PARTS = {
    "bed": beds,
    "surround": surround,
    "room": rooms,
    "band": bands,
    "lines": lines,
    "clicks": clicks,
    "loudness": levels,
    "speed": speed,
}


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS])
    chosen = parser.parse_args().parts or list(PARTS)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LOCALIZE_STORE"] = os.environ.get("LOCALIZE_STORE") or str(Path(folder) / "store")
        run = open_run()
        for name in chosen:
            (Path(folder) / name).mkdir()
            PARTS[name](run, Path(folder) / name)


if __name__ == "__main__":
    main()
